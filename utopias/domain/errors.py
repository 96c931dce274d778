"""What can go wrong, and how to mend it.

    UtopiasError
    ├── QuantityError        a number without its unit, or a unit we do not know      (ValueError)
    ├── TableError           faults in an input table or file, all of them at once    (ValueError)
    ├── MisalignedError      two nouns speak of different places                      (ValueError)
    ├── ProblemError         a planning question that makes no sense as put           (ValueError)
    │   └── InfeasibleError  a sensible question to which no plan can answer yes
    ├── VerificationError    a saved plan that does not say what its own files say    (ValueError)
    └── TooLargeError        a job that would not fit, refused before it starts       (MemoryError)

Every error carries its faults: what, where, how many, the first, how to mend.
Texts are English with a stable code; where values stand in them they are a ``Sentence``, which the command line
and the pages say in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault in one place, counted.

    ``code`` is stable and for programs; ``what``, ``where``, ``mend`` and ``first`` are for people.
    """

    code: str
    what: str
    where: str = ""
    mend: str = ""
    count: int = 1
    first: str = ""

    def __str__(self) -> str:
        lines = [f"[{self.code}] {self.what}"]
        if self.where:
            lines.append(f"    where: {self.where}" + (f" (first: {self.first})" if self.first else ""))
        elif self.first:
            lines.append(f"    first: {self.first}")
        if self.mend:
            lines.append(f"    mend:  {self.mend}")
        return "\n".join(lines)


class UtopiasError(Exception):
    """The root: carries one or more faults and prints all of them."""

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @property
    def codes(self) -> tuple[str, ...]:
        """The stable codes of all faults, in order."""
        return tuple(fault.code for fault in self.faults)


class QuantityError(UtopiasError, ValueError):
    """A number without a unit, or with one that is not known here."""


class TableError(UtopiasError, ValueError):
    """Faults in an input table or file; every one that could be found, not only the first."""


class MisalignedError(UtopiasError, ValueError):
    """Two nouns that should speak of the same places, in the same order, do not."""


class ProblemError(UtopiasError, ValueError):
    """A planning question that cannot be asked as put (p over the sites, NaN weights, ...)."""


class InfeasibleError(ProblemError):
    """A sensible question that no plan can meet; the fault names what cannot be met together."""


class VerificationError(UtopiasError, ValueError):
    """A saved plan whose numbers do not follow from its own files."""


class TooLargeError(UtopiasError, MemoryError):
    """A job refused before it starts; the fault states the size that would be needed."""
