"""Which sites a question leaves to choose, how many of them, and for how much: read once, by whatever is solved with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.siting.kernels import NEVER
from utopias.siting.question.faults import most_spent
from utopias.siting.question.problem import Problem


@dataclass(frozen=True, eq=False)
class Allowed:
    """given : (m,) open whatever happens, fixed or forced. free : (m,) may be chosen, and alone does not cost too much.

    number : of free sites to choose, -1 where none is asked for. prices, purse : of the free sites, and what is left
    for them; all 0 and ``NEVER`` without a budget.
    """

    given: Bools
    free: Bools
    number: int
    prices: Floats
    purse: float


def allowed(problem: Problem) -> Allowed:
    """The sites, the number and the money of ``problem``, forced sites taken off all three."""
    m = problem.pairs.sites
    given = np.zeros(m, dtype=bool)
    given[list(problem.fixed + problem.forced)] = True
    free = np.zeros(m, dtype=bool)
    free[problem.candidates] = True
    free &= ~given
    number = -1 if problem.open is None else problem.open - len(problem.forced)
    prices, purse = np.zeros(m), NEVER
    if problem.budget is not None and problem.site_costs is not None:
        prices = np.where(free, np.nan_to_num(problem.site_costs), 0.0)
        purse = most_spent(problem.budget) - float(problem.site_costs[list(problem.forced)].sum())
        free &= prices <= purse
    return Allowed(given, free, number, prices, purse)
