"""Between choices of equal value the fairer one: two optima are not the same to those who walk farthest.

For a town the fairer choice leaves less access poverty among the neediest fifth (among all, where no need is
known); over bare costs it has the smaller worst cost. Choices as fair as each other stay in the order of
their sites, so that the same question gets the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.siting.lists import two_nearest_of_all
from utopias.siting.median.aims import Median
from utopias.siting.median.swaps import swaps
from utopias.siting.question.problem import Problem

# Values closer than this share are equal: sums of the same floats in another order. A share of the value, or where that
# is next to nothing of 1 or all that can be charged, whichever is less: in tiny units (people as shares, walks in thousands
# of kilometres) a plan twice as bad would else be an equal one.
EQUAL = 1e-12
# Steps from one equal choice to a fairer one; each costs a table of swaps.
STEPS = 3


class Fairness:
    """How unfair a choice of new sites is: two numbers, compared in order; less is fairer."""

    def __init__(self, problem: Problem, limit: float | None) -> None:
        pairs, study = problem.pairs, problem.study
        self.given = np.zeros(pairs.sites, dtype=bool)
        self.given[[*problem.fixed, *problem.forced]] = True
        persons: Floats = np.asarray(problem.weights, dtype=np.float64)
        self.line = limit
        self.end = np.inf
        if study is not None:
            counted = study.blocks["planned"].to_numpy(dtype=bool)
            persons = np.where(counted, study.blocks["persons"].to_numpy(dtype=np.float64), 0.0)
            neediest = study.blocks["quintile"].to_numpy() == 5
            if (persons[neediest] > 0).any():
                persons = np.where(neediest, persons, 0.0)
            self.end = float(study.times.limit.deciseconds)
        counts = persons > 0
        kept = np.repeat(counts, np.diff(pairs.starts))
        starts: Longs = np.concatenate([[0], np.cumsum(np.diff(pairs.starts)[counts])]).astype(np.int64)
        self.lists = starts, pairs.columns[kept], pairs.costs[kept]
        self.persons = persons[counts]

    def of(self, sites: Sequence[int]) -> tuple[float, float]:
        """Access poverty (0 over bare costs) and worst cost with these new sites."""
        chosen = self.given.copy()
        chosen[list(sites)] = True
        least, _ = two_nearest_of_all(*self.lists, np.full(len(self.persons), self.end), chosen)
        worst = float(least.max(initial=0.0))
        if self.line is None or not np.isfinite(self.end):
            return 0.0, worst
        short = np.maximum(least / max(self.line, 1e-9) - 1.0, 0.0)
        return float(np.dot(self.persons, short)), worst


def fairer(median: Median, chosen: Bools, loss: float, measured: Callable[[], Fairness]) -> tuple[Bools, int]:
    """The fairest of ``chosen`` and the choices of equal value that single swaps lead to; and how many of these were met.

    measured : makes the measure of fairness, which only equals need.
    """
    met = {tuple(np.flatnonzero(chosen).tolist())}
    same = EQUAL * max(min(1.0, float(np.dot(median.weights, median.cap))), abs(loss))
    here = min(met)
    now: tuple[float, float] | None = None
    fairness: Fairness | None = None
    for _ in range(STEPS):
        mask = np.zeros(len(chosen), dtype=bool)
        mask[list(here)] = True
        table = swaps(median, mask)
        equal = np.abs(table.swapped) <= same
        if not equal.any():
            break
        if fairness is None or now is None:
            fairness = measured()
            now = fairness.of(here)
        best = here
        for site, at in zip(*np.nonzero(equal), strict=True):
            other = tuple(sorted({*here, int(site)} - {int(table.opened[at])}))
            if other in met:
                continue
            met.add(other)
            fair = fairness.of(other)
            if fair < now:
                best, now = other, fair
        if best == here:
            break
        here = best
    result = np.zeros(len(chosen), dtype=bool)
    result[list(here)] = True
    return result, len(met) - 1
