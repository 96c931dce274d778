"""When a search must stop, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from time import monotonic

from utopias.domain.arrays import Bools


@dataclass(eq=False)
class Clock:
    """When to stop: by seconds, or by counted work and then by no clock at all.

    ``reserve`` : seconds kept back for what comes after the search.
    """

    seconds: float
    work: int | None = None
    reserve: float = 0.0

    def __post_init__(self) -> None:
        self.began = monotonic()

    @property
    def spent(self) -> float:
        return monotonic() - self.began

    @property
    def left(self) -> float:
        return inf if self.work is not None else self.seconds - self.reserve - self.spent

    @property
    def out(self) -> bool:
        """No time is left; never where work is counted."""
        return self.left <= 0


@dataclass(frozen=True, eq=False)
class Standing:
    """Where a search stands: what its best choice (m,) comes to, what none can come under, both as the median counts."""

    stage: str
    value: float
    bound: float
    gap: float
    seconds: float
    chosen: Bools
