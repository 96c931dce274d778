"""A tree for one region of a covering: how much so many of its sites cover at most, told better node by node.

The node with the least bound is taken first, so that the bound of all rises whenever the tree is stopped. A site that is
chosen about every second time is opened on one side and closed on the other; few sites open in a region, and a few hundred
nodes prove it. Values are losses, as a median counts them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.siting.median.aims import Median
from utopias.siting.median.cover_kernels import cover_shake
from utopias.siting.median.region_kernels import climb_node

# Steps of the ascent at the root and at a node; rounds of swaps for the first choice, and numbers of luck in each.
ROOT_STEPS, NODE_STEPS = 150, 30
FIRST_ROUNDS, LUCK = 30, 18


@dataclass(frozen=True, eq=False)
class Region:
    """Some sites, and the places that they cover, at what those weigh for this region.

    sites : (s,) which ones of all. median : a covering of these sites alone, equal rows merged; its number says nothing.
    begin : (n,) multipliers to begin from.
    """

    sites: Longs
    median: Median
    begin: Floats

    @property
    def lists(self) -> tuple[AnyArray, ...]:
        starts, columns, _ = self.median.rows
        site_starts, demand, _ = self.median.by_site
        return starts, columns, site_starts, demand

    @property
    def weight(self) -> float:
        """All that its sites cover together."""
        return float(self.median.weights.sum())

    def most_at(self, multipliers: Floats) -> Floats:
        """(s + 1,) what 0, 1, 2 ... sites cover at most, by these multipliers in [0, 1]."""
        starts, columns, _ = self.median.rows
        paid = self.median.weights * multipliers
        worth = np.bincount(columns, weights=np.repeat(paid, np.diff(starts)), minlength=len(self.sites))
        together = np.concatenate([[0.0], np.cumsum(np.sort(worth)[::-1])])
        most: Floats = np.minimum(together + (self.median.weights - paid).sum(), self.weight)
        most[0] = 0.0
        return most


@dataclass(frozen=True, eq=False, order=False)
class _Node:
    multipliers: AnyArray | None  # in half the digits; None where no more are kept
    opened: Bools
    closed: Bools
    site: int  # to be decided next


@dataclass(eq=False)
class RegionTree:
    """``number`` sites of a region, 1 to one less than it has. ``chosen`` (s,) loses ``upper``; no choice loses less than ``bound``."""

    region: Region
    number: int
    luck: np.random.Generator
    nodes: int = 0
    kept: int = 0  # multipliers kept in its open nodes
    root: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.heap: list[tuple[float, int, _Node]] = []
        self.chosen, self.upper = self._first()
        none = np.zeros(len(self.region.sites), dtype=bool)
        self.root = self.region.begin
        self._ask(self.region.begin, none, none, -np.inf, ROOT_STEPS, keep=True)

    @property
    def bound(self) -> float:
        return min(self.upper, self.heap[0][0]) if self.heap else self.upper

    @property
    def most(self) -> float:
        """What so many sites cover at most."""
        return self.region.weight - self.bound

    @property
    def room(self) -> float:
        return self.upper - self.bound

    def grow(self, nodes: int, *, keep: bool) -> None:
        """Decide at up to ``nodes`` more nodes; ``keep`` : whether their multipliers are kept, which take the memory."""
        until = self.nodes + nodes
        while self.heap and self.nodes < until:
            bound, _, node = heappop(self.heap)
            begin = self.root if node.multipliers is None else node.multipliers.astype(np.float64)
            self.kept -= 0 if node.multipliers is None else len(begin)
            if bound >= self.upper:
                continue
            one = np.zeros(len(node.opened), dtype=bool)
            one[node.site] = True
            self._ask(begin, node.opened | one, node.closed, bound, NODE_STEPS, keep=keep)
            self._ask(begin, node.opened, node.closed | one, bound, NODE_STEPS, keep=keep)

    def _first(self) -> tuple[Bools, float]:
        """A choice to begin from, and its loss."""
        starts, columns, site_starts, demand = self.region.lists
        weights = self.region.median.weights
        alone = np.bincount(columns, weights=np.repeat(weights, np.diff(starts)), minlength=len(self.region.sites))
        chosen = np.zeros(len(alone), dtype=bool)
        chosen[np.argsort(-alone, kind="stable")[: self.number]] = True
        free = np.ones(len(alone), dtype=bool)
        cover_shake(starts, columns, site_starts, demand, weights, chosen, free, self.luck.random((FIRST_ROUNDS, LUCK)))
        return chosen, self._loss(chosen)

    def _covered(self, chosen: Bools) -> Bools:
        _, _, site_starts, demand = self.region.lists
        covered = np.zeros(len(self.region.median.weights), dtype=bool)
        for i in np.flatnonzero(chosen):
            covered[demand[site_starts[i] : site_starts[i + 1]]] = True
        return covered

    def _loss(self, chosen: Bools) -> float:
        return float(self.region.median.weights[~self._covered(chosen)].sum())

    def _take(self, chosen: Bools) -> None:
        loss = self._loss(chosen)
        if loss < self.upper:
            self.chosen, self.upper = chosen.copy(), loss

    def _ask(self, begin: Floats, opened: Bools, closed: Bools, above: float, steps: int, *, keep: bool) -> None:
        """Bound what is left once these are decided, and keep it as an open node if it could still be better."""
        self.nodes += 1
        free, number = ~(opened | closed), self.number - int(opened.sum())
        spare = int(free.sum()) - number
        if number < 0 or spare < 0:
            return
        if number == 0 or spare == 0:
            self._take(opened if number == 0 else opened | free)
            return
        weights = np.where(self._covered(opened), 0.0, self.region.median.weights)
        sites = len(free)
        best, worth, often, found = begin.copy(), np.zeros(sites), np.zeros(sites), np.zeros(sites, dtype=bool)
        own, least = climb_node(
            *self.region.lists, weights, free, number, self.upper, steps, begin.copy(), best, worth, often, found
        )
        if least < self.upper:
            self._take(found | opened)
        if above == -np.inf:
            self.root = best
        bound = max(own, above)
        if bound >= self.upper:
            return
        order = np.argsort(-worth, kind="stable")
        inside = np.zeros(sites, dtype=bool)
        inside[order[:number]] = True
        # A choice that disagrees loses ``upper`` or more: by the bound of these very multipliers, not by that of the parent.
        room = self.upper - own
        closes = free & ~inside & (worth[order[number - 1]] - worth > room)
        opens = inside & (worth - worth[order[number]] > room)
        opened, closed = opened | opens, closed | closes
        left = np.flatnonzero(free & ~opens & ~closes)
        number -= int(opens.sum())
        if number == 0 or len(left) == number:
            every = opened.copy()
            every[left[:number]] = True
            self._take(every)
            return
        doubt = np.minimum(often[left], 1 - often[left]) + 1e-6 * often[left]
        self.kept += len(best) if keep else 0
        node = _Node(best.astype(np.float32) if keep else None, opened, closed, int(left[np.argmax(doubt)]))
        heappush(self.heap, (bound, self.nodes, node))
