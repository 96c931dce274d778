"""What the declared columns mean, in the reader's language.

The English meaning stands in ``domain/columns/*.csv`` and nowhere else: it is the ``msgid`` of
``columns.es.po`` and ``columns.fr.po``. A meaning that is changed there is thus a meaning without words
here, which a test tells by its column. The words of a printed table itself (its heads, the kinds and
units of columns) stand in the same files under the context ``table``.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from babel.messages.pofile import read_po


@cache
def column_words(language: str, context: str | None = None) -> dict[str, str]:
    """English text to that of ``language``: meanings, or with context ``table`` the words of a printed table.

    None for English, which is its own catalogue.
    """
    if language == "en":
        return {}
    with resources.files("utopias.language").joinpath(f"columns.{language}.po").open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    return {str(message.id): str(message.string) for message in read if message.id and message.context == context}


def say_of_column(text: str, language: str) -> str:
    """A meaning, head, kind or unit of a column in ``language``.

    Raises
    ------
    LookupError : the catalogue does not hold it. A manual never prints half a table in another language.
    """
    if language == "en":
        return text
    for context in ("table", None):
        if text in column_words(language, context):
            return column_words(language, context)[text]
    raise LookupError(f"no words for {text!r} in columns.{language}.po: add it to columns.es.po and columns.fr.po")
