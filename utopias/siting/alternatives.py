"""Other plans that are nearly as good: the choice among near-equals belongs to people, not to a solver."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence
from utopias.siting.aims import Put
from utopias.siting.by_median import plan_of
from utopias.siting.problem import Problem
from utopias.siting.replay import loss_of, mask, put_again
from utopias.siting.swaps import swaps

# Plans looked at for each one asked for, and swaps followed from each: more would be slower than the solve.
LOOKED_AT, FOLLOWED = 6, 24


def alternatives(problem: Problem, plan: Plan, *, within: float = 0.005, count: int = 10) -> list[Plan]:
    """Up to ``count`` other admissible plans whose value is within a share ``within`` of the plan's.

    Found by single swaps from the plan, then from what they lead to, best first; of all found, each next
    one told is that which shares fewest sites with those told before, then the better one. Not every
    such plan is found; none is told that is worse. Each carries the certificate of its own recount
    and the bound of ``plan``, which holds for all.

    Raises
    ------
    ProblemError : a share or count that makes no sense. MisalignedError : the plan is not of this problem.
    """
    faults = []
    if not (np.isfinite(within) and within >= 0):
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
    found = _near(asked, plan, within, count)
    told = []
    for sites in _unlike(found, tuple(np.flatnonzero(mask(asked, plan)).tolist()), count):
        every = tuple(sorted((*sites, *problem.forced)))
        other = plan_of(problem, asked, every, np.array(plan.multipliers), within=plan.within)
        told.append(other.with_(bound=plan.bound, seed=plan.seed))
    return told


def _near(asked: Put, plan: Plan, within: float, count: int) -> dict[tuple[int, ...], float]:
    """Choices under the line, and what each loses; the plan's own is not among them."""
    start = mask(asked, plan)
    own = loss_of(asked, start)
    worst = plan.value + within * abs(plan.value) * (-1 if asked.aim.more_is_better else 1)
    line = max(own, asked.loss(worst))
    line = min(line, asked.served_under) * (1 + 1e-12)
    median = asked.within_reach(2 * line)
    first = tuple(np.flatnonzero(start).tolist())
    seen = {first: own}
    queue = [(own, first)]
    for _ in range(LOOKED_AT * count):
        if not queue:
            break
        loss, sites = heappop(queue)
        chosen = np.zeros(len(median.free), dtype=bool)
        chosen[list(sites)] = True
        table = swaps(median, chosen)
        if not table.swapped.size:
            break
        order = np.argsort(table.swapped, axis=None, kind="stable")[:FOLLOWED]
        for site, at in zip(*np.unravel_index(order, table.swapped.shape), strict=True):
            reached = loss + float(table.swapped[site, at])
            if not reached <= line:
                break
            swapped = tuple(sorted({*sites, int(site)} - {int(table.opened[at])}))
            if swapped not in seen:
                seen[swapped] = reached
                heappush(queue, (reached, swapped))
    del seen[first]
    return seen


def _unlike(found: dict[tuple[int, ...], float], own: tuple[int, ...], count: int) -> list[tuple[int, ...]]:
    """The choices told: each next one least like those before (and the plan), ties to the better, then the lower sites."""
    told: list[tuple[int, ...]] = []
    shared = {sites: len(set(sites) & set(own)) for sites in found}
    while shared and len(told) < count:
        best = min(shared, key=lambda sites: (shared[sites], found[sites], sites))
        told.append(best)
        del shared[best]
        for sites in shared:
            shared[sites] = max(shared[sites], len(set(sites) & set(best)))
    return told
