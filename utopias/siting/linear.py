"""The bound of the linear relaxation, solved to its end: what no plan passes even if sites could open in parts.

A search stops as soon as it has proven its plan, often long before this bound is reached; who compares bounds with
those of papers asks for it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.kernels import greedy, interchange
from utopias.siting.median.aims import put
from utopias.siting.median.bounds import Ascent
from utopias.siting.median.by_median import by_median
from utopias.siting.median.merge import merge
from utopias.siting.median.polish import Polish
from utopias.siting.question.problem import Problem, must_be_a_problem
from utopias.siting.question.rules import Rules
from utopias.siting.solve import METHODS, fault_of_limits, faults_of_aim

# Steps of the ascent before the first programme: with good multipliers it begins with few cuts too many.
STEPS = 600


@dataclass(frozen=True, slots=True)
class LinearBound:
    """value : of the aim, a bound for every plan. exact : it is the relaxation's own, to a hundred-millionth."""

    value: float
    exact: bool
    seconds: float


def linear_bound(
    problem: Problem,
    *,
    aim: str | Aim = "least-walk",
    within: str | Duration | float | None = None,
    time_limit: str | Duration = "2 min",
) -> LinearBound:
    """The relaxation's bound of an aim that is a capped weighted median, recomputed from its multipliers.

    Where the time is out before it is exact the best bound so far is told, which holds as well.

    Parameters
    ----------
    aim : one of cover-most, least-walk, least-cost, fair-walk, least-poverty, cover-gradually; "least-walk" is the p-median.
    within, time_limit : as for ``solve``; the time is of the wall clock.

    Returns
    -------
    LinearBound, in the unit of the aim's value: no plan is better, and no multipliers give a better bound where
    ``exact``. No site need be whole in it.

    Raises
    ------
    ProblemError, InfeasibleError : as ``solve``.
    """
    must_be_a_problem(problem)
    clock = Rules.of(time_limit, None, 7, 0.0).start()
    if unknown := faults_of_aim(aim):
        raise ProblemError(unknown)
    faults = (fault_of_sum(Aim.of(aim).name), fault_of_limits(aim, problem.open, problem.budget))
    if wrong := [fault for fault in faults if fault is not None]:
        raise ProblemError(wrong)
    asked = put(problem, aim, within)
    median = merge(asked.median).median
    chosen = np.zeros(len(median.free), dtype=bool)
    rules = (median.shut, median.fees, median.prices, median.purse, median.number)
    greedy(*median.by_site, median.cap, median.weights, chosen, *rules, False)
    interchange(*median.rows, *median.by_site, median.cap, median.weights, chosen, *rules, 0, 5)
    ascent = Ascent.start(median, chosen)
    upper = median.value(chosen)
    while not ascent.rested and ascent.rounds < STEPS and not clock.out:
        ascent.climb(20, upper, upper)
    polish = Polish(median, ascent.best)
    for _ in polish.steps(monotonic() + clock.left):
        ascent.offer(polish.multipliers)
    return LinearBound(asked.value(ascent.bound), polish.exact, clock.spent)


def fault_of_sum(aim: str) -> Fault | None:
    """Why an aim has no linear bound here: it is no sum over the places, and the median put for it would be another aim's."""
    sums = [name for name, method in METHODS.items() if method is by_median]
    if aim in sums:
        return None
    return Fault(
        "no-linear-bound",
        Sentence("the aim {aim!r} is no sum over the places: it has no linear bound here", aim=aim),
        "aim",
        Sentence("use one of: {listed}", listed=", ".join(sums)),
    )
