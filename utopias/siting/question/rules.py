"""How long a search may take and what it may count on: told once, kept by every method of solving."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.question.clock import Clock
from utopias.siting.question.faults import fault_of_seed


@dataclass(frozen=True, slots=True)
class Rules:
    """seconds : the search ends at most half a second or 5 % after them. work : counted rounds instead of the clock.

    seed : of all chance. gap : relative gap that is near enough, 0 goes on to the proof. progress : told on the way.
    """

    seconds: float = 120.0
    work: int | None = None
    seed: int = 7
    gap: float = 0.0
    progress: Progress = silent

    @classmethod
    def of(
        cls, time_limit: str | Duration, work: int | None, seed: int, gap: float, progress: Progress = silent
    ) -> Rules:
        """Rules as a user gives them.

        Raises
        ------
        ProblemError : all that makes no sense, at once. QuantityError : a time without its unit.
        """
        _must_be_sound(time_limit, work, gap, seed)
        return cls(Duration.of(time_limit).seconds, work, seed, gap, progress)

    def start(self) -> Clock:
        """The clock of a search that begins now."""
        return Clock(self.seconds, self.work)


def _must_be_sound(time_limit: str | Duration, work: int | None, gap: float, seed: int) -> None:
    faults = []
    Duration.of(time_limit)
    if work is not None and (isinstance(work, bool) or not isinstance(work, (int, np.integer)) or work < 1):
        faults.append(
            Fault("bad-work", Sentence("work is {work!r}", work=work), "work", "a whole number of 1 or more, or None")
        )
    if (wrong := fault_of_seed(seed)) is not None:
        faults.append(wrong)
    if not (isinstance(gap, Real) and np.isfinite(gap) and gap >= 0):
        faults.append(Fault("bad-gap", Sentence("gap is {gap!r}", gap=gap), "gap", "a share of 0 or more, as 0.001"))
    if faults:
        raise ProblemError(faults)
