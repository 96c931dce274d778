"""Who walks how far to a set of open places: the ground of every before and after.

All persons counted here live in the planned area. The surroundings stand in the study and compete
for places (``supply``), but are in no denominator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.study import Study
from utopias.equity import charged

if TYPE_CHECKING:  # for the signature alone: comparing two saved plans needs no solver
    from utopias.siting.question.problem import Problem

PROMISE = Minutes(15)  # the programme's own standard: 15 minutes from home


@dataclass(frozen=True, eq=False)
class Walks:
    """(n,) the walk from every block to the nearest of some open places.

    minutes : NaN where none is reached in the table of times. within : at the limit or nearer. room : share of each block
    for whom there is a place, where that is counted in its stead.
    table_minutes : the end of the table; whoever reaches none walks at least so long.
    """

    minutes: Floats
    within: Bools
    table_minutes: float
    room: Floats | None = None

    @property
    def served(self) -> Floats:
        """(n,) the share of each block that is counted as served: all or nobody by the walk, ``room`` where places are counted."""
        by_walk: Floats = self.within.astype(np.float64)
        return by_walk if self.room is None else self.room

    @property
    def charged(self) -> Floats:
        """(n,) minutes, the end of the table where none is reached: a lower bound."""
        return charged(self.minutes, self.table_minutes)


def walks_to(study: Study, open_places: Sequence[int], limit: Duration) -> Walks:
    """The walks when the places at these positions are open; with none, nobody reaches anything.

    Raises
    ------
    ProblemError : ``limit`` is longer than the table of times.
    """
    study.times.must_reach(limit)
    nearest = study.times.select(np.asarray(sorted(open_places), dtype=np.int64)).shortest()
    minutes: Floats = np.where(nearest < 0, np.nan, nearest / 600.0)
    within: Bools = (nearest >= 0) & (nearest <= limit.deciseconds)
    return Walks(minutes, within, study.times.limit.minutes)


def study_of(question: Problem | Study | None, plan: Plan) -> Study:
    """The tables a plan speaks of: those of the question, else those the plan carries.

    Raises
    ------
    ProblemError : neither has any, so no person can be named.
    """
    if isinstance(question, Study):
        return question
    study = plan.study if question is None or question.study is None else question.study
    if study is None:
        raise ProblemError(
            Fault(
                code="no-study",
                what="the plan carries no tables of a town: nobody can say for whom it changes what",
                mend="make the problem with Problem.for_town, and solve that",
            )
        )
    return study


def limit_of(plan: Plan, study: Study, asked: Duration | str | None = None) -> tuple[Duration, bool]:
    """The limit that *within* means, and whether somebody chose it.

    What is asked, else the plan's own, else the programme's promise of 15 minutes, or the end of
    the table where that is shorter.
    """
    if asked is not None:
        return Duration.of(asked), True
    if plan.within is not None:
        return plan.within, True
    return min(PROMISE, study.times.limit), False


def planned_persons(study: Study, column: str = "persons") -> Floats:
    """(n,) persons of one column of the blocks in the planned area, 0 around it."""
    planned = study.blocks["planned"].to_numpy(dtype=bool)
    persons: Floats = np.where(planned, study.blocks[column].to_numpy(dtype=np.float64), 0.0)
    return persons


def cut_blocks(study: Study, limit: Duration) -> Bools:
    """(n,) planned blocks from which a walk of ``limit`` may leave the ground that the town knows."""
    known_to = study.blocks["known_to"].to_numpy(dtype=np.float64)
    planned = study.blocks["planned"].to_numpy(dtype=bool)
    cut: Bools = planned & (known_to < limit.seconds * study.times.walking_speed)  # NaN: known all around
    return cut
