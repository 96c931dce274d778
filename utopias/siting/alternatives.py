"""Other plans that are nearly as good: the choice among near-equals belongs to people, not to a solver."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from numbers import Real

import numpy as np

from utopias.domain.arrays import Bools
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Length
from utopias.domain.sentences import Sentence
from utopias.siting.aims import Put
from utopias.siting.by_median import plans_of
from utopias.siting.kept import merged_of
from utopias.siting.problem import Problem
from utopias.siting.replay import loss_of, mask, put_again
from utopias.siting.swaps import swaps
from utopias.siting.ties import EQUAL, Fairness

# Plans looked at for each one asked for, and swaps followed from each: more would be slower than the solve.
LOOKED_AT, FOLLOWED = 3, 24
# Plans found for each one told after which no more are looked for.
ENOUGH = 5


def alternatives(
    problem: Problem, plan: Plan, *, within: float = 0.005, count: int = 10, near: str | Length = "400 m"
) -> list[Plan]:
    """Up to ``count`` other admissible plans whose value is within a share ``within`` of the plan's.

    Found by single swaps from the plan, then from what they lead to, best first; of all found, each next
    one told is that which shares fewest sites with those told before, then the better one, then the fairer one
    (``ties``). Not every such plan is found; none is told that is worse. Each carries the certificate of its own
    recount and the bound of ``plan``, which holds for all.

    near : for a town, a plan is another one only where at least one of its sites lies farther than this from every
        site of ``plan``: the lot across the street is no choice to put before people. Bare costs know no places.

    Raises
    ------
    ProblemError : a share or count that makes no sense. MisalignedError : the plan is not of this problem.
    """
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
    asked = put_again(problem, plan)
    elsewhere = _elsewhere(problem, plan, Length.of(near).metres)
    found = _near(asked, plan, within, count, elsewhere)
    own = tuple(np.flatnonzero(mask(asked, plan)).tolist())
    limit = asked.limit if plan.within is None else float(plan.within.deciseconds)
    chosen = _unlike(found, own, count, lambda: Fairness(problem, limit))
    every = [tuple(sorted((*sites, *problem.forced))) for sites in chosen]
    others = plans_of(problem, asked, every, np.array(plan.multipliers), within=plan.within)
    return [other.with_(bound=plan.bound, seed=plan.seed) for other in others]


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


def _near(asked: Put, plan: Plan, within: float, count: int, elsewhere: Bools) -> dict[tuple[int, ...], float]:
    """Choices under the line with a site of ``elsewhere``, and what each loses; the plan's own is not among them."""
    start = mask(asked, plan)
    own = loss_of(asked, start)
    worst = plan.value + within * abs(plan.value) * (-1 if asked.aim.more_is_better else 1)
    line = max(own, asked.loss(worst))
    line = min(line, asked.served_under) * (1 + 1e-12)
    median = merged_of(asked.within_reach(2 * line)).median
    first = tuple(np.flatnonzero(start).tolist())
    seen, found = {first}, dict[tuple[int, ...], float]()
    queue = [(own, first)]
    for _ in range(LOOKED_AT * count):
        if not queue or len(found) >= ENOUGH * count:
            break
        loss, sites = heappop(queue)
        chosen = np.zeros(len(median.free), dtype=bool)
        chosen[list(sites)] = True
        table = swaps(median, chosen)
        under = np.flatnonzero(loss + table.swapped <= line)
        order = under[np.argsort(table.swapped.ravel()[under], kind="stable")]
        followed = 0
        for site, at in zip(*np.unravel_index(order, table.swapped.shape), strict=True):
            swapped = tuple(sorted({*sites, int(site)} - {int(table.opened[at])}))
            if swapped in seen:
                continue
            seen.add(swapped)
            reached = loss + float(table.swapped[site, at])
            heappush(queue, (reached, swapped))
            if elsewhere[list(swapped)].any():
                found[swapped] = reached
            followed += 1
            if followed >= FOLLOWED:
                break
    return found


def _unlike(
    found: dict[tuple[int, ...], float], own: tuple[int, ...], count: int, measured: Callable[[], Fairness]
) -> list[tuple[int, ...]]:
    """The choices told: each next one least like those before (and the plan), ties to the better, the fairer, the lower sites.

    measured : makes the measure of fairness, which only equals need.
    """
    fairness: Fairness | None = None
    told: list[tuple[int, ...]] = []
    shared = {sites: len(set(sites) & set(own)) for sites in found}
    unfair: dict[tuple[int, ...], tuple[float, float]] = {}
    while shared and len(told) < count:
        fewest = min(shared.values())
        least = min(found[sites] for sites in shared if shared[sites] == fewest)
        equal = [s for s in shared if shared[s] == fewest and found[s] - least <= EQUAL * max(1.0, abs(least))]
        if len(equal) > 1 and fairness is None:
            fairness = measured()
        for sites in equal if len(equal) > 1 else []:
            assert fairness is not None
            if sites not in unfair:
                unfair[sites] = fairness.of(sites)
        best = min(equal, key=lambda sites: (unfair.get(sites, (0.0, 0.0)), sites))
        told.append(best)
        del shared[best]
        for sites in shared:
            shared[sites] = max(shared[sites], len(set(sites) & set(best)))
    return told
