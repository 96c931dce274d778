"""What leaves the program as tables, in the reader's language: meanings of columns, and the README beside them.

The English stands where the tables are written and is the ``msgid`` of ``tables.es.po`` and
``tables.fr.po``, and for declared columns of ``columns.es.po`` and ``columns.fr.po``; English is its own catalogue. A text that they do not hold (the name of a source, a
formula of a town) is shown as it came: it is the town's, not ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from babel.messages.pofile import read_po

from utopias.language.columns import column_words
from utopias.language.sentences import Templated, sentence


@dataclass(frozen=True)
class _Turned:
    """A template in another language, with the values of the English one."""

    template: str
    values: dict[str, Any]


@cache
def table_words(language: str) -> dict[str, str]:
    """Every English template of an export with that of ``language``; none for English."""
    if language == "en":
        return {}
    with resources.files("utopias.language").joinpath(f"tables.{language}.po").open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    own = {str(message.id): str(message.string) for message in read if message.id}
    return column_words(language, "table") | column_words(language) | own


def spoken(language: str) -> Callable[[str], str]:
    """What says the English of an export in ``language``: ``u.write_tables(plan, to="tablas", say=u.spoken("es"))``."""
    words = table_words(language)

    def say(text: str) -> str:
        template, values = (text.template, text.values) if isinstance(text, Templated) else (str(text), {})
        if template not in words:
            return sentence(text, language)
        return sentence(_Turned(words[template], values), language) if values else words[template]

    return say
