"""Faults and notes of everything that comes in, gathered so that they are told at once.

A fault stops the work; a note tells what was read otherwise than it was written (a column matched
by its name, a polygon mended, an area spread), so that nothing happens in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from utopias.domain.errors import Fault, TableError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was done to a table and its reader should know. ``code`` is stable."""

    code: str
    what: str
    where: str = ""
    count: int = 1

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

    def settle(self) -> None:
        """Raise every fault gathered, once.

        Raises
        ------
        TableError : there is at least one fault.
        """
        if self.faults:
            raise TableError(dict.fromkeys(self.faults))
