"""The plan with the smallest longest walk (p-center), from the bisection over the radii to a plan with its certificate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.siting.covers.conflict import no_plan_meets_all
from utopias.siting.covers.cover_search import Effort, prepare_covers
from utopias.siting.covers.reach import Reach, reach_of
from utopias.siting.full_cover.bisection import Bisection, filled
from utopias.siting.full_cover.cover_plan import cover_plan
from utopias.siting.kernels import NEVER, greedy
from utopias.siting.lists import transpose
from utopias.siting.question.charging import limit_of
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.siting.question.watched import Begun, Moment, Work, begun_from

# Turns of the kernels for each pair in a whole search, at least.
TURNS_A_PAIR = 60
# How many times the dearest walk of all somebody counts as walking whom a start does not reach.
UNREACHED = 10.0


def smallest_worst(problem: Problem, aim: Aim, within: str | Duration | float | None, rules: Rules) -> Plan:
    """The plan with the smallest longest walk, with its bound.

    The value is the largest cost, over the places of weight, to the nearest open site, at most ``problem.beyond``
    (the unit of the costs; minutes for a town). ``within`` says nothing here beyond what a town's plan reports.

    Raises
    ------
    InfeasibleError : without ``beyond``, no plan reaches everybody (``cannot-all-be-met`` names a smallest set that
        no plan can reach together), or none was found in time.
    """
    return SmallestWorst(problem, aim, within, rules).plan()


class SmallestWorst(Work):
    """The bisection at work, from a start where one is given (positions of sites that may be chosen)."""

    def __init__(
        self,
        problem: Problem,
        aim: Aim,
        within: str | Duration | float | None,
        rules: Rules,
        start: Sequence[int] | None = None,
    ) -> None:
        prepare_covers(TURNS_A_PAIR * problem.pairs.count)
        self.problem, self.aim, self.within, self.rules = problem, aim, within, rules
        self.clock = rules.start()
        limit_of(problem, aim.name, within)
        self.reach = reach_of(problem, beyond=problem.beyond)
        self.begun = begun_by_walks(problem, self.reach, start)
        self.search = Bisection(
            self.reach, Effort(self.clock, rules.seed, rules.progress), rules.gap, start=self.begun.sites
        )
        self._full: tuple[Longs, Longs] | None = None  # the choice of the search, and the same with its full number

    def portions(self) -> Iterator[object]:
        """The radii asked for, one by one."""
        yield from self.search.steps()
        self.stopped = self.search.stopped

    def of_start(self) -> Moment | None:
        """The start's own worst walk, beside the distance that nobody can be nearer than."""
        chosen = self.begun.sites
        if chosen is None or not np.isfinite(worst := self._worst(chosen)):
            return None
        return Moment(chosen, worst, min(worst, self.search.bound / self.problem.unit), closed=False)

    def now(self) -> Moment | None:
        """The best choice, with as many sites as were asked for."""
        if self.search.chosen is None:
            return None
        if self._full is None or self._full[0] is not self.search.chosen:
            whole = filled(self.problem, self.reach, self.search.chosen, self.search.value)
            self._full = (self.search.chosen, whole)
        chosen = self._full[1]
        worst = self._worst(chosen)
        return Moment(chosen, worst, min(worst, self.search.bound / self.problem.unit), self.search.closed)

    def plan_of(self, moment: Moment) -> Plan:
        """The plan with the prices that the search has by now."""
        return self._plan(moment, {})

    def _plan(self, moment: Moment, terms: dict[str, Any]) -> Plan:
        multipliers = self._prices()
        sites = tuple(sorted([*moment.chosen.tolist(), *self.problem.forced]))
        plan = cover_plan(self.problem, self.aim, sites, multipliers, within=self.within, terms=terms)
        self.rules.progress("plan", 1.0)
        return plan.with_(
            bound=min(plan.value, max(plan.bound, self.search.bound / self.problem.unit)),
            proven=moment.closed,
            seconds=self.clock.spent,
            stopped=self.ended(moment),
            seed=self.rules.seed,
        )

    def refuse(self) -> Exception:
        """No plan reaches everybody, or none was found."""
        return no_plan_meets_all(
            self.problem, self.search.ruled_out, self.rules.seed, self.clock, prices=self._prices()
        )

    def _prices(self) -> Floats:
        """(n,) the multipliers that the search has by now."""
        prices: Floats = np.zeros(len(self.problem.weights))
        prices[self.reach.rows] = self.search.prices
        return prices

    def _worst(self, chosen: Longs) -> float:
        return float(self.reach.charged(chosen).max(initial=0.0)) / self.problem.unit


def begun_by_walks(problem: Problem, reach: Reach, start: Sequence[int] | None) -> Begun:
    """A start of an aim over the worst walk: sites go, and others come, by what they are to all walks together."""
    if start is None:
        return Begun()
    dearest = float(reach.costs.max(initial=0.0)) + 1.0
    cap = np.where(np.isfinite(reach.cap), reach.cap, UNREACHED * dearest)
    paid = reach.prices is not None
    none: Floats = np.zeros(len(reach.sites))
    prices = np.asarray(reach.prices, dtype=np.float64) if paid else none
    weights = np.asarray(problem.weights, dtype=np.float64)[reach.rows]
    purse = reach.purse if paid else NEVER
    by_site = transpose(reach.starts, reach.columns, reach.costs, len(reach.sites))

    def losses(chosen: Bools) -> Floats:
        walked = np.zeros(int(chosen.sum()))
        for at, site in enumerate(np.flatnonzero(chosen)):
            rest = np.flatnonzero(chosen)
            walked[at] = float(np.dot(weights, np.minimum(reach.charged(rest[rest != site]), cap)))
        return walked

    def complete(chosen: Bools) -> Bools | None:
        for by_ratio in (False, True) if purse < NEVER else (False,):
            trial = chosen.copy()
            if greedy(*by_site, cap, weights, trial, ~reach.sites, none, prices, purse, reach.number, by_ratio):
                return trial
        return None

    return begun_from(
        start, reach.sites, problem.forced, number=reach.number, prices=prices, purse=purse,
        losses=losses, complete=complete,
    )  # fmt: skip
