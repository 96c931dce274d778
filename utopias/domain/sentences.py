"""A sentence that remembers how it was made, so that another language can say it too.

Rooms speak English with values in it; only ``language`` knows other words. A ``Sentence`` is the
English text as any ``str`` is, and keeps its template and values: what a catalogue needs to say
``{count:,} of {total:,} blocks have no population`` in Spanish.
"""

from __future__ import annotations

from typing import Any


class Sentence(str):
    """English text made of a template and its values: ``Sentence("{count:,} rows repeat a key", count=3)``.

    Parameters
    ----------
    template : as ``str.format`` takes it, with named places only: a literal, so that it can be found and translated; without values, as it is.
    values : numbers, texts, or further sentences, one for each place.

    Raises
    ------
    KeyError, IndexError : a place of the template has no value.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Sentence:
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = template, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.template,), self.values  # a fault that travels from another process stays translatable
