"""The most people within reach of several open sites, so that one may close for a day (backup coverage).

After merging places that the same sites cover: greedy, swaps and restarts give the plan; prices on places (the relaxation,
or steps towards it where that is too large) give the bound that can be recounted; HiGHS closes what it can.

    max  sum w_j z_j     sum over the sites of j of y  >=  b_j z_j,   sum y = number,   prices . y <= purse,   y, z in {0, 1}

Source
------
Hogan & ReVelle (1986), Management Science 32:1434-1444 (BACOP2 without the first cover).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np

from utopias.compiled.kernel import prepare
from utopias.domain.aim import Aim
from utopias.domain.arrays import Bools, Longs
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.siting.covers.conflict import given_within
from utopias.siting.covers.cover_search import Effort
from utopias.siting.covers.reach import Reach, reach_of
from utopias.siting.covers.set_cover import kept
from utopias.siting.covers.set_cover_rows import Merged, merged_rows
from utopias.siting.full_cover.cover_plan import cover_plan
from utopias.siting.full_cover.twice_kernels import cover_more
from utopias.siting.full_cover.twice_search import TwiceSearch
from utopias.siting.lists import transpose
from utopias.siting.question.charging import limit_of
from utopias.siting.question.clock import Clock
from utopias.siting.question.faults import no_admissible_choice
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.siting.question.terms import times_of
from utopias.siting.question.watched import Begun, Moment, Work, begun_from


def cover_twice(problem: Problem, aim: Aim, within: str | Duration | float | None, rules: Rules) -> Plan:
    """The plan that brings the most weight within the limit of ``times`` open sites each, fixed and new together.

    Raises
    ------
    ProblemError : a term or a limit that makes no sense. InfeasibleError : number and budget do not go together.
    """
    return CoverTwice(problem, aim, within, rules).plan()


class CoverTwice(Work):
    """The search at work, from a start where one is given."""

    def __init__(
        self,
        problem: Problem,
        aim: Aim,
        within: str | Duration | float | None,
        rules: Rules,
        start: Sequence[int] | None = None,
    ) -> None:
        prepare((cover_more, transpose), 40 * len(problem.pairs.costs))
        self.problem, self.aim, self.within, self.rules = problem, aim, within, rules
        self.clock = rules.start()
        times = times_of(aim)
        self.limit = limit_of(problem, aim.name, within)
        radius = float(problem.pairs.costs.max(initial=0.0)) if self.limit is None else self.limit
        self.merged, self.reach, self.rows, sure = asked_twice(problem, times, radius)
        self.search = TwiceSearch(
            self.merged, self.reach, Effort(self.clock, rules.seed, rules.progress), rules.gap, sure
        )
        self.begun = self._completed(start)
        if self.begun.chosen is not None:
            self.search.start = self.begun.chosen[self.merged.cover.names]

    def portions(self) -> Iterator[object]:
        """The search."""
        yield from self.search.steps()
        self.stopped = self.search.stopped

    def of_start(self) -> Moment | None:
        """The weight that the start covers."""
        start = self.search.start
        return None if start is None else self._moment(start, self.search.weight_of(start), closed=False)

    def now(self) -> Moment | None:
        """The best choice so far."""
        search = self.search
        return None if search.value < 0 else self._moment(search.chosen, search.value, closed=search.closed)

    def plan_of(self, moment: Moment) -> Plan:
        """The plan with the prices that the search has by now."""
        problem, search = self.problem, self.search
        multipliers = np.zeros(len(problem.weights))
        places = self.reach.rows[self.rows]
        multipliers[places] = search.prices[self.merged.row_of] * np.asarray(problem.weights)[places]
        sites = tuple(sorted([*moment.chosen.tolist(), *problem.forced]))
        plan = cover_plan(problem, self.aim, sites, multipliers, within=self.within, limit=self.limit)
        self.rules.progress("plan", 1.0)
        return plan.with_(
            bound=plan.value if moment.closed else max(plan.value, min(plan.bound, search.bound + search.sure)),
            proven=moment.closed,
            seconds=self.clock.spent,
            stopped=self.ended(moment),
            seed=self.rules.seed,
        )

    def refuse(self) -> Exception:
        """Number and budget do not go together."""
        return no_admissible_choice()

    def _moment(self, local: Bools, gained: float, *, closed: bool) -> Moment:
        value = gained + self.search.sure
        bound = value if closed else max(value, self.search.bound + self.search.sure)
        return Moment(self.merged.cover.names[local], value, bound, closed)

    def _completed(self, start: Sequence[int] | None) -> Begun:
        search, names, m = self.search, self.merged.cover.names, len(self.reach.sites)
        prices = np.zeros(m)
        prices[names] = search.costs

        def complete(chosen: Bools) -> Bools | None:
            local = search.completed(chosen[names])
            if local is None:
                return None
            whole = np.zeros(m, dtype=bool)
            whole[names[local]] = True
            return whole

        return begun_from(
            start, self.reach.sites, self.problem.forced, number=self.reach.number, prices=prices, purse=search.purse,
            losses=lambda chosen: search.losses(chosen[names]), complete=complete,
        )  # fmt: skip


def asked_twice(problem: Problem, times: int, radius: float) -> tuple[Merged, Reach, Longs, float]:
    """(the covering question with equal places merged, its reach, whose places those are among the reach's, weight covered anyway)."""
    reach = reach_of(problem, beyond=None, given_count=False)
    served = given_within(problem, radius)[reach.rows]
    cover = reach.within(radius, times=times, count_given=served)
    weights = np.asarray(problem.weights)[reach.rows]
    rows = np.flatnonzero(served < times)
    able = np.diff(cover.starts) >= cover.need
    cover, rows = kept(cover, able, np.ones(len(cover.names), dtype=bool)), rows[able]
    return merged_rows(cover, weights[rows]), reach, rows, float(weights[served >= times].sum())


def best_there_could_be(merged: Merged, reach: Reach, steps: int) -> float:
    """The weight that no choice gains more than, beside what is covered anyway: by so many steps of prices, in no time of a clock."""
    search = TwiceSearch(merged, reach, Effort(Clock(inf, steps), 0), 0.0, 0.0)
    search.descend(steps)
    return search.bound
