"""A large covering in regions: each is solved by itself, and what they come to together bounds every plan.

The relaxation of a whole city is one to two percent off, and a tree over thousands of sites does not move it: what is
decided in one corner says nothing about the others. So the sites are parted into regions that share few places. A place that
sites of several regions cover is worth to each of them what the ascent charges for it (its multiplier), and
what is left of its weight counts as covered anyway; a place of one region is worth all of its weight there. Then no plan covers more than

    sum_j w_j (1 - u_j)  +  max { sum_r F_r(k_r) : sum_r k_r = p }

with u_j = 1 within a region, and F_r(k) the most that k sites of region r cover: never over the ascent's own bound, and under it by
what each region's relaxation was off. A tree a region and number bounds F_r(k) from above, always the one next whose
number is in the largest sum.

Source
------
Lagrangian decomposition: Guignard & Kim (1987), Math. Programming 39:215-228.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from utopias.domain.arrays import Floats, Ints
from utopias.siting.median.aims import Median
from utopias.siting.median.dominance import dominated
from utopias.siting.median.merge import merge
from utopias.siting.median.region_kernels import drawn_to, most_together, overlaps
from utopias.siting.median.region_tree import Region, RegionTree

# Open sites of a region at first, at most; and how much larger regions are when these are proven: larger ones share fewer places
# with others, and take longer. City of 66,000 x 3,000, p = 50: with 6 the bound is 0.96 % over a plan of 1,902,609 after 15 s of CPU,
# and at its end after 25 s (0.92 %); with 8 it is there after 35 s, and goes on.
SITES_A_REGION, LARGER = 6.0, 1.5
# Sites that are grouped by what they share, those chosen most often; the others go where they belong. One that is hardly ever chosen
# counts for so much of an open one, and links regions that share nothing else.
GROUPED, SELDOM = 800, 0.001
# Multipliers kept in open nodes, four bytes each.
MOST_KEPT = 40_000_000
# How fast a tree rises is told by its last turns, a newer one counting for so much; and what may be lost to rounding.
NEWER, ROUNDED = 0.3, 1e-9


def parted(median: Median, often: Floats, most: float) -> tuple[Ints, int]:
    """(m,) the region of each site, and how many there are: neighbours together, of so many open sites at most.

    often : (m,) how much of an open site each is.
    """
    listed = np.flatnonzero(median.free)
    listed = np.sort(listed[np.argsort(-often[listed], kind="stable")[:GROUPED]])
    region = np.full(len(median.free), -1, dtype=np.int32)
    if not len(listed):
        region[:] = 0
        return region, 1
    region[listed] = np.arange(len(listed), dtype=np.int32)
    size = np.maximum(often[listed], SELDOM)
    shared = overlaps(median.starts, median.columns, median.weights, region, len(listed)) * np.outer(size, size)
    group = np.arange(len(listed))
    pull = np.where(size[:, None] + size[None, :] <= most, shared / np.outer(size, size), 0.0)
    while True:  # the two that share most for their size become one, while any may
        a, b = np.unravel_index(int(np.argmax(pull)), pull.shape)
        if pull[a, b] <= 0:
            break
        shared[a] += shared[b]
        shared[:, a] += shared[:, b]
        shared[a, a] = 0.0
        size[a] += size[b]
        group[group == b] = a
        size[b] = np.inf
        pull[b] = pull[:, b] = 0.0
        pull[a] = pull[:, a] = np.where(size + size[a] <= most, shared[a] / (size * size[a]), 0.0)
    _, regions = np.unique(group, return_inverse=True)
    region[listed] = regions
    count = int(regions.max()) + 1
    drawn = drawn_to(median.starts, median.columns, median.weights, often, region, count)
    others = region < 0
    region[others] = np.argmax(drawn[others], axis=1)
    return region, count


@dataclass(eq=False)
class Regions:
    """All regions of a covering ``median``, and ``bound``: what every choice of its number loses at least."""

    median: Median
    multipliers: Floats  # (n,) of the ascent
    often: Floats  # (m,) how often it chose each site lately
    luck: np.random.Generator
    size: float = SITES_A_REGION  # open sites of a region, at most

    def __post_init__(self) -> None:
        median, p = self.median, self.median.number
        self.region_of, count = parted(median, self.often, self.size)
        rows = np.repeat(np.arange(len(median.weights)), np.diff(median.starts))
        regions = self.region_of[median.columns]
        lowest, highest = np.full(len(median.weights), count), np.full(len(median.weights), -1)
        np.minimum.at(lowest, rows, regions)
        np.maximum.at(highest, rows, regions)
        # Of each place, to each region that covers it.
        self.worth = np.where(lowest == highest, 1.0, np.clip(self.multipliers, 0.0, 1.0))
        self.anyway = float((median.weights * (1 - self.worth)).sum())
        self.regions = [self._region(c) for c in range(count)]
        self.most = np.full((count, p + 1), -np.inf)
        self.trees: dict[tuple[int, int], RegionTree] = {}
        self.pace: dict[tuple[int, int], float] = {}
        for c, region in enumerate(self.regions):
            self._tell(c, region.most_at(region.begin))

    @property
    def bound(self) -> float:
        """What every choice loses at least, the median's constant with it."""
        all_weight = float(self.median.weights.sum())
        together, _ = most_together(self.most)
        return float(self.median.constant + all_weight - (together + self.anyway) - ROUNDED * all_weight)

    def grow(self, nodes: int) -> bool:
        """About so many nodes, in the tree from which most is to be hoped, or one tree begun.

        False where none can tell more: each whose number is in the largest sum is at its end.
        """
        at = self._next()
        if at is None:
            return False
        c, number = at
        if at not in self.trees:
            tree = self.trees[at] = RegionTree(self.regions[c], number, self.luck)
            self._tell(c, self.regions[c].most_at(tree.root))
            self.pace[at] = np.inf
        else:
            tree, before = self.trees[at], self.trees[at].bound
            tree.grow(nodes, keep=sum(other.kept for other in self.trees.values()) < MOST_KEPT)
            work = float(nodes * len(tree.region.median.columns))
            # At the first turn it may still come to the end at once; and it never rises faster than that.
            hoped = min(self.pace[at], tree.room / work)
            self.pace[at] = (1 - NEWER) * hoped + NEWER * (tree.bound - before) / work
        self.most[c, number] = min(self.most[c, number], tree.most)
        return True

    def _next(self) -> tuple[int, int] | None:
        _, numbers = most_together(self.most)
        wanted = [(c, int(number)) for c, number in enumerate(numbers) if 0 < number < len(self.regions[c].sites)]
        fresh = [at for at in wanted if at not in self.trees]
        if fresh:
            return fresh[0]
        open_still = [at for at in wanted if self.trees[at].heap]
        return max(open_still, key=lambda at: self.pace[at], default=None)

    def _tell(self, c: int, most: Floats) -> None:
        """Lower what the region covers with 0, 1, 2 ... sites; what idle ones are left out for is no more than all."""
        count = min(len(most), self.most.shape[1])
        if not np.isfinite(self.most[c, 0]):
            sites = int((self.region_of[self.median.free] == c).sum())
            self.most[c, : sites + 1] = self.regions[c].weight
        self.most[c, :count] = np.minimum(self.most[c, :count], most[:count])

    def _region(self, c: int) -> Region:
        """The lists of its sites alone, rows merged, without the sites that others stand in for."""
        median = self.median
        weights = median.weights * self.worth
        kept = (self.region_of[median.columns] == c) & np.repeat(weights > 0, np.diff(median.starts))
        starts = np.concatenate([[0], np.cumsum(kept)])[median.starts].astype(np.int64)
        free = median.free & (self.region_of == c)
        alone = replace(
            median, starts=starts, columns=median.columns[kept], costs=median.costs[kept], weights=weights,
            free=free, number=0, step=0.0, constant=0.0, _turned=[],
        )  # fmt: skip
        idle = dominated(alone)
        sites = np.flatnonzero(free & ~idle)
        place = np.full(len(free), -1, dtype=np.int32)
        place[sites] = np.arange(len(sites), dtype=np.int32)
        stays = place[alone.columns] >= 0
        starts = np.concatenate([[0], np.cumsum(stays)])[alone.starts].astype(np.int64)
        every = np.ones(len(sites), dtype=bool)
        less = np.zeros(len(sites))
        alone = replace(
            alone, starts=starts, columns=place[alone.columns[stays]], costs=alone.costs[stays], free=every,
            prices=less, fees=less, _turned=[],
        )  # fmt: skip
        merged = merge(alone)
        # What the ascent charges, as a share of what a place is worth here.
        charged = np.minimum(self.multipliers / np.maximum(self.worth, 1e-12), 1.0)
        return Region(sites, merged.median, np.clip(merged.gather(charged, weights), 0.0, 1.0))
