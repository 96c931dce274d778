"""Branch and bound on the Lagrangian bound: no linear programme is ever built.

At each node the ascent climbs a little from its parent's multipliers, reduced costs decide what they
can, and the site that was chosen about every second time is opened on one side and closed on the
other. Depth first, the open side first. Strong where the root bound is close and rows are
dense (p-median); HiGHS is stronger where rows are sparse and nearly everything is covered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.siting.kernels import NEVER
from utopias.siting.median.aims import Median
from utopias.siting.median.bounds import Ascent, settled
from utopias.siting.median.merge import restrict

# Steps of the ascent at a node, its first step length, and bad steps before that is halved.
NODE_STEPS, NODE_STEP, NODE_PATIENCE = 60, 0.3, 10


@dataclass(frozen=True, eq=False)
class Node:
    """What is left to decide: a median in which the sites of ``opened`` serve already."""

    bound: float
    median: Median
    opened: Bools
    multipliers: Floats
    often: Floats
    depth: int = 0


@dataclass(eq=False)
class Tree:
    """An open tree. ``take`` values and keeps a choice and returns the least value known; ``stop`` is asked at every node.

    ``done`` : the share of the tree that is behind, each node holding half of its parent's.
    """

    root: Node
    upper: float
    tolerance: float
    take: Callable[[Bools], float]
    nodes: int = 0
    done: float = 0.0

    def __post_init__(self) -> None:
        self.stack = [self.root]

    @property
    def bound(self) -> float:
        """Holds for every choice: the least of the open nodes, and of what was cut off as no better."""
        return min([node.bound for node in self.stack] + [self.upper - self.tolerance])

    def grow(self, stop: Callable[[int], bool]) -> None:
        """Take nodes until none is left or ``stop(nodes)`` says so; an interrupted node stays open."""
        while self.stack and not stop(self.nodes):
            node = self.stack[-1]
            children = self._children(node)
            self.stack.pop()
            self.stack += children
            if not children:
                self.done += 0.5**node.depth
            self.nodes += 1

    def _children(self, node: Node) -> list[Node]:
        if node.bound >= self.upper - self.tolerance:
            return []
        median = node.median
        climb = Ascent.at(median, node.multipliers)
        climb.step, climb.patience, climb.often = NODE_STEP, NODE_PATIENCE, node.often.copy()
        _, found = climb.climb(NODE_STEPS, self.upper, self.upper - self.tolerance)
        if found.any():
            self.upper = self.take(found | node.opened)
        bound = max(node.bound, climb.bound)
        if bound >= self.upper - self.tolerance:
            return []
        opened, closed = settled(median, climb.best, self.upper, self.tolerance)
        if 0 <= median.number < int(opened.sum()):
            return []  # each of two rules opens some; together they are too many
        if opened.any() or closed.any():
            median = restrict(median, opened, closed)
        decided = node.opened | opened
        free = np.flatnonzero(median.free)
        if (opened & closed).any() or median.purse < 0 or median.number > len(free):
            return []
        if not len(free) or median.number == 0 or median.number == len(free):
            every = decided | median.free if median.number > 0 else decided
            if median.number <= 0 or median.purse >= NEVER or median.prices[free].sum() <= median.purse:
                self.upper = self.take(every)
            return []
        doubt = np.minimum(climb.often[free], 1 - climb.often[free])
        site = int(free[np.argmax(doubt + 1e-6 * climb.often[free])])
        one = np.zeros(len(median.free), dtype=bool)
        one[site] = True
        none = np.zeros(len(median.free), dtype=bool)
        sides = []
        for opens, closes in ((none, one), (one, none)):
            side = restrict(median, opens, closes)
            sides.append(
                Node(bound, side, decided | opens, np.minimum(climb.best, side.cap), climb.often, node.depth + 1)
            )
        return sides
