"""What went wrong, in the reader's language: English sentences said again by their template.

Faults are written in English where they are found, and a reader of Spanish or French meets
the same sentence from ``faults.es.po`` or ``faults.fr.po``: its ``msgid`` is the English template
with its places. What a column means, inside such a sentence, comes from ``columns.es.po`` alike. There is no third file for English, which is its own catalogue. A sentence that
no catalogue holds (the text of another program) is shown as it came: a fault is never lost for want of words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from numbers import Real
from string import Formatter
from typing import Any, Protocol, runtime_checkable

from babel import Locale
from babel.messages.pofile import read_po

from utopias.language.columns import column_words

# How Python's own marks of a number, thousands and point, are written by each reader; Mexico writes them as Python does.
_MARKS: dict[str, dict[str, str]] = {"es": {}, "en": {}, "fr": {",": "\u202f", ".": ","}}


@runtime_checkable
class Templated(Protocol):
    """Text that knows its template and values, as ``domain.sentences.Sentence`` does."""

    @property
    def template(self) -> str: ...
    @property
    def values(self) -> dict[str, Any]: ...


@cache
def sentences(language: str) -> dict[str, tuple[str, ...]]:
    """Every English template with its sentence, or its singular and plural, in ``language``; none for English."""
    if language == "en":
        return {}
    with resources.files("utopias.language").joinpath(f"faults.{language}.po").open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    found = {}
    for message in read:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            text = message.string
            found[key] = (text,) if isinstance(text, str) else tuple(text or ())
    return found


def sentence(text: str | Templated, language: str) -> str:
    """``text`` in ``language``, with its values; as it came where no catalogue has it.

    Where the catalogue has a singular and a plural, the value called ``count`` decides.
    """
    template, values = (text.template, text.values) if isinstance(text, Templated) else (str(text), {})
    forms = sentences(language).get(template) or (column_words(language).get(template, template),)
    plural = len(forms) > 1 and Locale(language).plural_form(values.get("count", 2)) != "one"
    chosen = forms[-1] if plural else forms[0]
    return _Spoken(language).vformat(chosen, (), values) if values else str(chosen)


class _Spoken(Formatter):
    """Fills places as Python does, with numbers as the language writes them and inner sentences said too."""

    def __init__(self, language: str) -> None:
        self.language = language

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        value = super().get_value(key, args, kwargs)
        # A part of a sentence may be a plain literal ("are under 0"); one bare word may be somebody's name.
        spoken = isinstance(value, Templated) or (isinstance(value, str) and " " in value)
        return sentence(value, self.language) if spoken else value

    def format_field(self, value: Any, format_spec: str) -> str:
        written: str = super().format_field(value, format_spec)
        marks = _MARKS[self.language]
        if marks and isinstance(value, Real):
            return "".join(marks.get(sign, sign) for sign in written)
        return written
