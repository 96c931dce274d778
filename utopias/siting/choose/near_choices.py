"""The choices a few swaps away from a plan and under a line, and which of them are unlike enough to be told.

Knows no aim: what a swap costs comes in as a table, what else a choice must keep as a test, and what is fair as a measure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Protocol, TypeAlias

import numpy as np

from utopias.domain.arrays import Bools
from utopias.siting.median.swaps import Swaps
from utopias.siting.median.ties import EQUAL

# New sites of a plan by index, ascending.
Choice: TypeAlias = tuple[int, ...]
# Plans looked at for each one asked for, and swaps followed from each: more would be slower than the solve.
LOOKED_AT, FOLLOWED = 3, 24
# Swaps put to the test from each plan looked at, where an aim has one beside its table.
TESTED = 10 * FOLLOWED
# Plans found for each one told after which no more are looked for.
ENOUGH = 5


class Measure(Protocol):
    """What decides between choices that are equally good: compared in order, less is told first."""

    def of(self, sites: Sequence[int]) -> tuple[float, ...]:
        """The numbers of one choice."""


@dataclass(frozen=True, eq=False)
class Near:
    """A plan's choice and the question of what lies near it. Losses are in the unit of the table; more is worse.

    first : the plan's own choice, without forced sites where the table does not know them. own : what it loses. line :
    the most that another may lose. table : all single swaps of a choice, which keeps the rules by inf. kept : whether a
    choice keeps what the table does not tell.
    """

    first: Choice
    own: float
    line: float
    table: Callable[[Choice], Swaps]
    kept: Callable[[Choice], bool] | None = None


def near_choices(near: Near, count: int, elsewhere: Bools) -> dict[Choice, float]:
    """Choices under the line with a site of ``elsewhere`` (m,), and what each loses; the plan's own is not among them.

    The best are followed first; of equally good ones those that share fewest sites with the plan, and from each of them
    the sites of the choice give way in turn, so that a plateau is crossed and not searched from one corner.
    """
    own = set(near.first)
    seen, found = {near.first}, dict[Choice, float]()
    queue = [(near.own, len(own), near.first)]
    for _ in range(LOOKED_AT * count):
        if not queue or len(found) >= ENOUGH * count:
            break
        loss, _, sites = heappop(queue)
        table = near.table(sites)
        followed = tested = 0
        for site, at in _in_turn(table, near.line - loss):
            swapped = tuple(sorted({*sites, site} - {int(table.opened[at])}))
            if swapped in seen:
                continue
            seen.add(swapped)
            tested += 1
            if near.kept is None or near.kept(swapped):
                reached = loss + float(table.swapped[site, at])
                heappush(queue, (reached, len(own.intersection(swapped)), swapped))
                if elsewhere[list(swapped)].any():
                    found[swapped] = reached
                followed += 1
            if followed >= FOLLOWED or tested >= TESTED:
                break
    return found


def _in_turn(table: Swaps, most: float) -> list[tuple[int, int]]:
    """(site in, position of the site out) of the swaps that cost ``most`` or less, cheapest first; ties by turns of who goes out."""
    site, at = np.nonzero(table.swapped <= most)
    cost = table.swapped[site, at]
    order = np.lexsort((site, cost, at))
    site, at, cost = site[order], at[order], cost[order]
    turn = np.arange(len(at)) - np.searchsorted(at, at)
    order = np.lexsort((at, turn, cost))
    return list(zip(site[order].tolist(), at[order].tolist(), strict=True))


def unlike(found: dict[Choice, float], own: Choice, count: int, measured: Callable[[], Measure]) -> list[Choice]:
    """The choices told: each next one least like those before (and the plan), ties to the better, the fairer, the lower sites.

    measured : makes the measure of what is fair, which only equals need.
    """
    fairness: Measure | None = None
    told: list[Choice] = []
    shared = {sites: len(set(sites) & set(own)) for sites in found}
    unfair: dict[Choice, tuple[float, ...]] = {}
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
        best = min(equal, key=lambda sites: (unfair.get(sites, (0.0,)), sites))
        told.append(best)
        del shared[best]
        for sites in shared:
            shared[sites] = max(shared[sites], len(set(sites) & set(best)))
    return told
