"""The search over a capped weighted median as work that can be watched, from a start that people began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Bools
from utopias.domain.errors import InfeasibleError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.siting.kernels import NEVER, greedy
from utopias.siting.median.aims import Median, put
from utopias.siting.median.by_median import must_have_answer, plan_of, plan_of_search, ready, tightened
from utopias.siting.median.search import Search
from utopias.siting.median.swaps import swaps
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.siting.question.watched import Begun, Moment, Work, begun_from


class MedianWork(Work):
    """One search; its end tells of equal plans the fairer, as ``by_median`` does."""

    def __init__(
        self,
        problem: Problem,
        aim: Aim,
        within: str | Duration | float | None,
        rules: Rules,
        start: Sequence[int] | None = None,
    ) -> None:
        ready(problem)
        self.problem, self.aim, self.within, self.rules = problem, aim, within, rules
        self.clock = rules.start()
        self.asked = put(problem, aim, within)
        self.begun = _begun(self.asked.median, problem, start)
        self.search = Search(
            tightened(self.asked), self.clock, rules.seed, rules.progress,
            gap=rules.gap, reading=self.asked.charge, start=self.begun.chosen,
        )  # fmt: skip
        self._standing_start: Moment | None = None

    def portions(self) -> Iterator[object]:
        """The search."""
        for standing in self.search.steps():
            self.stopped = self.search.stopped
            if self.stopped or not self.search.closed:  # what is proven is told once, by the fairer of equal plans
                yield standing

    def of_start(self) -> Moment | None:
        """What the start loses, beside what is lost where each place has its nearest site of all."""
        chosen, median = self.begun.chosen, self.asked.median
        if chosen is None or not (loss := median.value(chosen)) <= self.asked.served_under:
            return None
        least = min(loss, _least(median))
        self._standing_start = Moment(
            np.flatnonzero(chosen), self.asked.value(loss), self.asked.value(least), closed=False
        )
        return self._standing_start

    def now(self) -> Moment | None:
        """The best choice so far that leaves out nobody who must be reached."""
        search, asked = self.search, self.asked
        if not search.upper <= asked.served_under or not np.isfinite(search.upper):
            return None
        new = np.flatnonzero(search.chosen)
        if self.stopped:
            sites = set(plan_of_search(self.problem, self.aim, asked, search, self.stopped, within=self.within).sites)
            new = np.array(sorted(sites - set(self.problem.forced)), dtype=np.int64)
        bound = asked.value(min(search.bound, search.upper))
        return Moment(new, asked.value(search.upper), bound, search.closed)

    def plan_of(self, moment: Moment) -> Plan:
        """The plan with the multipliers that the search has by now."""
        search, stopped = self.search, self.ended(moment)
        if moment is not self._standing_start:
            return plan_of_search(self.problem, self.aim, self.asked, search, stopped, within=self.within)
        sites = tuple(sorted([*moment.chosen.tolist(), *self.problem.forced]))
        nothing = np.zeros(len(self.problem.weights))
        plan = plan_of(self.problem, self.asked, sites, nothing, within=self.within)
        worse = min if self.aim.more_is_better else max
        bound = worse(moment.bound, plan.root_bound)
        bound = max(bound, plan.value) if self.aim.more_is_better else min(bound, plan.value)
        return plan.with_(bound=bound, proven=False, seconds=self.clock.spent, stopped=stopped, seed=self.rules.seed)

    def refuse(self) -> Exception:
        """No choice keeps the rules, or none was found that reaches whom it must."""
        try:
            must_have_answer(self.problem, self.asked, self.search)
        except InfeasibleError as error:
            return error
        raise AssertionError("a search with an answer is not refused")


def _least(median: Median) -> float:
    """What is lost where each place is served by its nearest site of all: no choice loses less."""
    listed = np.diff(median.starts) > 0
    nearest = np.array(median.cap)
    nearest[listed] = np.minimum(nearest[listed], median.costs[median.starts[:-1][listed]])
    return float(np.dot(median.weights, nearest)) + median.constant


def _begun(median: Median, problem: Problem, start: Sequence[int] | None) -> Begun:
    """The start: those whose loss is least are dropped, those that gain most are added."""

    def complete(chosen: Bools) -> Bools | None:
        for by_ratio in (False, True) if median.purse < NEVER else (False,):
            trial = chosen.copy()
            if greedy(
                *median.by_site, median.cap, median.weights, trial, median.shut, median.fees,
                median.prices, median.purse, median.number, by_ratio,
            ):  # fmt: skip
                return trial
        return None

    return begun_from(
        start, median.free, problem.forced, number=median.number, prices=median.prices, purse=median.purse,
        losses=lambda chosen: swaps(median, chosen).without, complete=complete,
    )  # fmt: skip
