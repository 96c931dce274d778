"""Branch and cut on the programme of cuts: few nodes, each bounded exactly, where the ascent's tree needs thousands.

A node holds some sites open and some shut. Its programme starts from the one solved before, with all cuts found so far
(they hold everywhere); its duals give multipliers, whose bound over the node's own median is what is trusted, and what
reduced costs settle more sites by. Best bound first, but down into the more open side as long as that leads on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.siting.kernels import NEVER
from utopias.siting.median.aims import Median
from utopias.siting.median.bounds import Ascent, bound_at, settled
from utopias.siting.median.narrow import narrow
from utopias.siting.median.polish import Polish

# Programmes solved at a node at most, and the share of the gap that the next must have gained for another.
NODE_ROUNDS, GAINS = 30, 0.02
# Steps of the ascent before a node's programme, for each side of a site that might be branched on, and how many such.
CLIMB, PROBE, CANDIDATES = 30, 10, 8
CLIMB_STEP, CLIMB_PATIENCE = 0.3, 8


@dataclass(frozen=True, eq=False)
class Branch:
    """Sites held open and shut, over the median of the root; ``bound`` holds for all its choices."""

    bound: float
    opened: Bools
    closed: Bools
    multipliers: Floats


@dataclass(eq=False)
class CutTree:
    """``median`` : what is left to decide at the root. ``take`` values a choice of it and returns the least value known."""

    median: Median
    polish: Polish
    bound_of_root: float
    upper: float
    tolerance: float
    take: Callable[[Bools], float]
    nodes: int = 0
    heap: list[tuple[float, int, Branch]] = field(default_factory=list)

    def __post_init__(self) -> None:
        none = np.zeros(len(self.median.free), dtype=bool)
        self._count = 0
        self._next: list[Branch] = []
        self._push(Branch(self.bound_of_root, none, none, self.polish.multipliers))

    @property
    def bound(self) -> float:
        """Holds for every choice: the least of the open nodes, and of what was cut off as no better."""
        open_nodes = [self.heap[0][0]] if self.heap else []
        return min(open_nodes + [branch.bound for branch in self._next] + [self.upper - self.tolerance])

    @property
    def is_done(self) -> bool:
        return not self.heap and not self._next

    @property
    def is_stuck(self) -> bool:
        """The solver came to no answer at a node: it stays open, and no further ones are worth asking."""
        return self.polish.broken

    def step(self, until: float) -> bool:
        """Take one node; False where the clock cut it short (it stays open)."""
        branch = self._next.pop() if self._next else heappop(self.heap)[2]
        try:
            finished = self._expand(branch, until)
        except KeyboardInterrupt:
            self._push(branch)
            raise
        if not finished:
            self._push(branch)
        return finished

    def _push(self, branch: Branch) -> None:
        self._count += 1
        heappush(self.heap, (branch.bound, self._count, branch))

    def _expand(self, branch: Branch, until: float) -> bool:
        self.nodes += 1
        line = self.upper - self.tolerance
        if branch.bound >= line:
            return True
        polish, opened, closed = self.polish, branch.opened, branch.closed
        endless = np.full(len(self.median.weights), np.inf)
        node = narrow(self.median, opened, closed, endless)
        if not _possible(self.median, node):
            return True
        bound, multipliers = self._climbed(node, branch.multipliers, CLIMB)
        bound, before = max(bound, branch.bound), -np.inf
        for _ in range(NODE_ROUNDS):
            if bound >= line:
                return True
            more_open, more_closed = settled(node, multipliers, self.upper, self.tolerance)
            if more_open.any() or more_closed.any():
                opened, closed = opened | more_open, closed | more_closed
                node = narrow(node, more_open, more_closed, endless)
                if not _possible(self.median, node):
                    return True
            sites = polish.sites
            polish.bind(np.where(opened[sites], 1.0, 0.0), np.where(closed[sites], 0.0, 1.0))
            if not polish.solve(until):
                return False
            if np.isinf(
                polish.value
            ):  # the node can hold a choice (``_possible``), so numbers went astray: it stays open
                polish.broken = True
                return False
            multipliers = np.minimum(polish.multipliers, node.cap)
            bound = max(bound, bound_at(node, multipliers)[0])
            if bound >= line:
                return True
            self.upper = self.take(self._whole(polish.share, node, opened))
            line = self.upper - self.tolerance
            polish.separate(inwards=False)
            if polish.exact or polish.value - before < GAINS * (line - polish.value):
                break
            before = polish.value
        self._split(Branch(bound, opened, closed, multipliers), node)
        return True

    def _climbed(self, node: Median, multipliers: Floats, steps: int) -> tuple[float, Floats]:
        """The bound of a node after a few steps of the ascent, and its multipliers."""
        climb = Ascent.at(node, multipliers)
        climb.step, climb.patience = CLIMB_STEP, CLIMB_PATIENCE
        climb.climb(steps, self.upper, self.upper - self.tolerance)
        return climb.bound, climb.best

    def _split(self, branch: Branch, node: Median) -> None:
        """Branch on the site whose two sides both raise the bound most, of those most in doubt."""
        line = self.upper - self.tolerance
        if branch.bound >= line:
            return
        share = self.polish.share
        free = np.flatnonzero(node.free)
        if not len(free):
            self.upper = self.take(branch.opened)
            return
        doubt = np.minimum(share[free], 1.0 - share[free]) + 1e-6 * share[free]
        order = np.argsort(-doubt, kind="stable")
        tried = free[order[:CANDIDATES]]
        best, sides = -1.0, []
        for site in tried.tolist():
            one = np.zeros(len(share), dtype=bool)
            one[site] = True
            none = np.zeros(len(share), dtype=bool)
            two = []
            for opens, closes in ((one, none), (none, one)):
                side = narrow(node, opens, closes, np.full(len(self.median.weights), np.inf))
                bound, multipliers = np.inf, branch.multipliers
                if _possible(self.median, side):
                    bound, multipliers = self._climbed(side, branch.multipliers, PROBE)
                two.append(Branch(max(bound, branch.bound), branch.opened | opens, branch.closed | closes, multipliers))
            gains = [min(side.bound, line) - branch.bound + 1e-6 * (line - branch.bound) for side in two]
            if gains[0] * gains[1] > best:
                best, sides = gains[0] * gains[1], two
                at = site
        alive = [side for side in sides if side.bound < line]
        if len(alive) == 2:
            self._push(alive.pop(1 if share[at] >= 0.5 else 0))
        self._next += alive

    def _whole(self, share: Floats, node: Median, opened: Bools) -> Bools:
        """The choice nearest to the shares."""
        if node.number < 0:
            return share > 0.5
        chosen = opened.copy()
        order = np.argsort(-np.where(node.free, share, -1.0), kind="stable")[: node.number]
        chosen[order] = True
        return chosen


def _possible(root: Median, node: Median) -> bool:
    """Whether the node can still hold an admissible choice."""
    if root.number >= 0 and not 0 <= node.number <= int(node.free.sum()):
        return False
    if node.purse >= NEVER:
        return True
    cheapest = np.sort(node.prices[node.free])[: max(node.number, 0)]
    return float(cheapest.sum()) <= node.purse and node.purse >= 0
