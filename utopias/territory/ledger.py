"""Faults and notes of everything that comes in, gathered so that they are told at once.

A fault stops the work; a note tells what was read otherwise than it was written (a column matched
by its name, a polygon mended, an area spread), so that nothing happens in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from utopias.domain.errors import Fault, TableError
from utopias.domain.findings import Assumption

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was done to a table and its reader should know. ``code`` is stable.

    ``what`` is said in English; ``values`` are what a sentence in any language needs beside ``count``
    and ``where``: plain numbers, texts, lists and tables of them.
    """

    code: str
    what: str
    where: str = ""
    count: int = 1
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"[{self.code}] {self.what}" + (f" ({self.where})" if self.where else "")


@dataclass(slots=True)
class Ledger:
    """What was found so far; ``settle`` raises it all, or lets the work go on."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def attempt(self, work: Callable[[], T]) -> T | None:
        """The result of ``work``, or None where it raised TableError: its faults are then in here."""
        try:
            return work()
        except TableError as error:
            self.faults += error.faults
            return None

    def add(self, other: Ledger) -> None:
        """All that ``other`` holds, after what is here."""
        self.faults += other.faults
        self.notes += other.notes

    def settle(self) -> None:
        """Raise every fault gathered, once.

        Raises
        ------
        TableError : there is at least one fault.
        """
        if self.faults:
            raise TableError(dict.fromkeys(self.faults))


def assumptions_of(notes: Iterable[Note]) -> tuple[Assumption, ...]:
    """The notes as a town keeps them and a report prints them: code ``built-<code>``, in their order.

    Notes that differ only in the column they speak of become one: their counts are added, and
    ``where`` names file and columns, ``blocks.csv (POBTOT, P_60YMAS)``, in no language. Notes on a whole
    file are never added up, as one file may give two tables; the same one twice is told once.
    """
    told: dict[str, _Told] = {}
    for note in notes:
        file, column = _place(note.where)
        matched = note.values.get("columns", {})
        rest = {key: value for key, value in note.values.items() if key != "columns"}
        by_column = bool(column or matched)
        key = repr((note.code, file, rest, None if by_column else note.count))
        one = told.setdefault(key, _Told(note.code, file, rest))
        one.count = one.count + note.count if by_column else note.count
        one.matched.update(matched)
        one.columns.update({column: None} if column else {})
    return tuple(one.assumption() for one in told.values())


@dataclass(slots=True)
class _Told:
    """Notes of one code about one file."""

    code: str
    file: str
    values: dict[str, Any]
    count: int = 0
    matched: dict[str, str] = field(default_factory=dict)
    columns: dict[str, None] = field(default_factory=dict)

    def assumption(self) -> Assumption:
        values = dict(self.values)
        if self.file:
            values["where"] = self.file + (f" ({', '.join(self.columns)})" if self.columns else "")
        if self.matched:
            values["columns"] = dict(self.matched)
        else:
            values["count"] = self.count
        return Assumption(f"built-{self.code}", values)


def _place(where: str) -> tuple[str, str]:
    """File and column of a note's ``where``; the column is empty where it speaks of the whole file."""
    said = re.fullmatch(r"column (.+) of (.+)", where)
    return (said[2], said[1]) if said else (where, "")
