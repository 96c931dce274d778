"""Other plans that are nearly as good: the choice among near-equals belongs to people, not to a solver."""

from __future__ import annotations

from numbers import Real

import numpy as np

from utopias.domain.arrays import Bools
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Length
from utopias.domain.sentences import Sentence
from utopias.siting.choose.cover_swaps import SWAPPED
from utopias.siting.choose.near_choices import Choice, Near, near_choices, unlike
from utopias.siting.choose.near_covers import cover_plans, measure_of, near_cover
from utopias.siting.choose.near_rooms import near_with_rooms, plans_with_rooms
from utopias.siting.median.aims import Put
from utopias.siting.median.by_median import plans_of
from utopias.siting.median.kept import merged_of
from utopias.siting.median.replay import limit_again, loss_of, mask, put_again
from utopias.siting.median.swaps import Swaps, swaps
from utopias.siting.median.ties import Fairness
from utopias.siting.question.charging import limit_of
from utopias.siting.question.problem import Problem, must_be_a_problem


def alternatives(
    problem: Problem, plan: Plan, *, within: float = 0.005, count: int = 10, near: str | Length = "400 m"
) -> list[Plan]:
    """Up to ``count`` other admissible plans whose value is within a share ``within`` of the plan's.

    Found by single swaps from the plan, then from what they lead to, best first; of all found, each next
    one told is that which shares fewest sites with those told before, then the better one, then the fairer one
    (``ties``). Not every such plan is found; none is told that is worse. Each carries the certificate of its own
    recount and the bound of ``plan``, which holds for all.

    Of cover-all the value is how many sites there are (or their cost), and each plan told leaves nobody short whom
    this one serves. Of worst-first each plan told keeps every promise of this one to the same share: the longest walk,
    how many walk longer than the next distance, and so on for as many levels as were asked. Where places fill up every
    plan carries who goes where in it, and keeps the rooms; of the swaps of each site the likeliest ten are valued.

    near : for a town, a plan is another one only where at least one of its sites lies farther than this from every
        site of ``plan``: the lot across the street is no choice to put before people. Bare costs know no places.

    Raises
    ------
    ProblemError : a share or count that makes no sense; ``every-plan-as-good``, a plan of smallest-worst some of whose
        people reach no site whatever. MisalignedError : the plan is not of this problem.
    """
    must_be_a_problem(problem)
    faults = []
    if not (isinstance(within, Real) and np.isfinite(within) and within >= 0):
        faults.append(
            Fault(
                "bad-within",
                Sentence("within is {within!r}", within=within),
                "within",
                "a share of 0 or more, as 0.005",
            )
        )
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
        faults.append(
            Fault("bad-count", Sentence("count is {count!r}", count=count), "count", "a whole number of 1 or more")
        )
    if faults:
        raise ProblemError(faults)
    elsewhere = _elsewhere(problem, plan, Length.of(near).metres)
    if problem.capacities is not None:
        others = _with_rooms(problem, plan, within, count, elsewhere)
    elif plan.aim in SWAPPED:
        question = near_cover(problem, plan, within)
        found = near_choices(question, count, elsewhere)
        chosen = unlike(found, question.first, count, lambda: measure_of(problem, plan))
        others = cover_plans(problem, plan, chosen)
    else:
        others = _of_median(problem, plan, within, count, elsewhere)
    return [other.with_(bound=plan.bound, seed=plan.seed) for other in others]


def _of_median(problem: Problem, plan: Plan, within: float, count: int, elsewhere: Bools) -> list[Plan]:
    """The same of an aim that sums walks."""
    asked = put_again(problem, plan)
    question = _near(asked, plan, within)
    found = near_choices(question, count, elsewhere)
    limit = asked.limit if plan.within is None else float(plan.within.deciseconds)
    chosen = unlike(found, question.first, count, lambda: Fairness(problem, limit))
    every = [tuple(sorted((*sites, *problem.forced))) for sites in chosen]
    return plans_of(problem, asked, every, np.array(plan.multipliers), within=plan.within)


def _with_rooms(problem: Problem, plan: Plan, within: float, count: int, elsewhere: Bools) -> list[Plan]:
    """The same where places fill up."""
    question = near_with_rooms(problem, plan, within, elsewhere)
    found = near_choices(question, count, elsewhere)
    limit = limit_of(problem, plan.aim, limit_again(problem, plan))
    line = limit if plan.within is None else float(plan.within.deciseconds)
    chosen = unlike(found, question.first, count, lambda: Fairness(problem, line))
    return plans_with_rooms(problem, plan, chosen)


def _elsewhere(problem: Problem, plan: Plan, metres: float) -> Bools:
    """(m,) sites farther than ``metres`` from every site of the plan; without a study all that are not its own."""
    other = np.ones(problem.pairs.sites, dtype=bool)
    other[list(plan.sites)] = False
    if problem.study is None or not plan.sites:
        return other
    places = problem.study.places
    x, y = (places[name].to_numpy(dtype=float)[: problem.pairs.sites] for name in ("x", "y"))
    own = list(plan.sites)
    apart: Bools = (np.hypot(x[own, None] - x[None, :], y[own, None] - y[None, :]) > metres).all(axis=0)
    return other & apart


def _near(asked: Put, plan: Plan, within: float) -> Near:
    start = mask(asked, plan)
    own = loss_of(asked, start)
    worst = plan.value + within * abs(plan.value) * (-1 if asked.aim.more_is_better else 1)
    line = max(own, asked.loss(worst))
    line = min(line, asked.served_under) * (1 + 1e-12)
    median = merged_of(asked.within_reach(2 * line)).median

    def table(sites: Choice) -> Swaps:
        chosen = np.zeros(len(median.free), dtype=bool)
        chosen[list(sites)] = True
        return swaps(median, chosen)

    return Near(tuple(np.flatnonzero(start).tolist()), own, line, table)
