"""How a search closes its gap: a tree on the ascent, the exact relaxation, branch and cut, and HiGHS.

Each is a generator of portions over the same state; whichever proves first ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import inf
from time import monotonic

import numpy as np

from utopias.domain.arrays import Bools
from utopias.siting.kernels import NEVER
from utopias.siting.median.aims import Median
from utopias.siting.median.apart import fallen_apart
from utopias.siting.median.bounds import Ascent
from utopias.siting.median.by_part import ByPart
from utopias.siting.median.cut_tree import CutTree
from utopias.siting.median.merge import Merged, merge
from utopias.siting.median.narrow import lean
from utopias.siting.median.polish import Polish
from utopias.siting.median.programme import LARGEST, relaxed, solved
from utopias.siting.median.state import State
from utopias.siting.median.tree import Node, Tree

# The same after the relaxation, where a restart is cheap.
STALE_AFTER = 200
# Counted work from which the programme is run too (as many nodes as rounds of work).
WORK_FOR_PROGRAMME = 100
# Nodes of the own tree, and the share of the time left, after which the programme is given its turn.
TREE_NODES, TREE_SHARE = 1_000, 0.3
# The share of the sites that the largest part may have for parts to be worked out by themselves, and their share of the time left.
LARGEST_PART, PART_SHARE = 0.5, 0.9
# A number times the sites it is shared out among, up to which that is soon done.
LARGEST_TABLE = 10_000_000
# Nodes after which the own tree goes on only where it gets through within so many in all, as far as it can tell.
FEW_NODES, NODES_A_TREE = 60, 2_000


@dataclass(eq=False)
class Closing(State):
    """The stages that come after ascent and restarts."""

    def _polish(self) -> Iterator[str]:
        """The exact relaxation where lists have several costs, and the plan that it points to."""
        if not self._follows or len(self.work.columns) > LARGEST:
            return
        assert self.ascent is not None
        work = self.work
        polish = Polish(work, self.ascent.best, cuts=self.cuts)
        for _ in polish.steps(monotonic() + min(self.clock.left, 1e9)):
            if self.ascent.offer(polish.multipliers):
                self.bound = max(self.bound, min(self.ascent.bound, self.upper - self.tolerance))
            self._say("bound")
            yield "bound"
            if self._done or (self.clock.work is not None and polish.rounds >= self.clock.work):
                break
        if polish.rounds:
            self.cuts = polish.binding()
        if not self.closed and polish.rounds:
            self.share = polish.share
            self._point(polish.share)
            self.room = inf
            self._narrow()
            yield "bound"
            yield from self._shake_until(STALE_AFTER)
        self.room = inf
        self._narrow()
        yield "bound"

    def _shake_until(self, most: int) -> Iterator[str]:
        """Restarts until ``most`` have gained nothing, or too little is left to decide."""
        stale = 0
        while stale < most and not self._done:
            before = self.upper
            rounds = int(min(20, max(1, 2_000_000 // max(len(self.work.columns), 1))))
            self._shake(rounds)
            yield "search"
            stale = stale + rounds if self.upper >= before else 0

    @property
    def _follows(self) -> bool:
        """Whether the dearer means may be tried: not where little work was asked for, and not when it is over."""
        asked = self.clock.work is None or self.clock.work >= WORK_FOR_PROGRAMME
        return self.ascent is not None and asked and not self._done

    def _grow(self) -> Iterator[str]:
        """The own tree: to its end where nothing else can follow, else while it gets on."""
        if not self._follows:
            return
        rest, opened, _ = self._rest()
        if not self.closed:
            large = len(rest.median.columns) > LARGEST
            yield from self._branch(rest, opened, None if large else TREE_NODES)

    def _programme(self) -> Iterator[str]:
        """HiGHS on all that is left, after its relaxation."""
        if not self._follows or self.cut_through or len(self.work.columns) > LARGEST:
            return
        rest, opened, before = self._rest()
        self._say("programme")
        if not (self.closed or self.levelled):
            duals = relaxed(rest.median, seconds=min(self.clock.left, 1e9))
            assert self.ascent is not None
            if duals is not None and self.ascent.offer(rest.spread(duals, before)):
                self.bound = max(self.bound, min(self.ascent.bound, self.upper - self.tolerance))
                rest, opened, before = self._rest()
            yield "programme"
        if not (self.closed or self.clock.out):
            self._close(rest.median, opened)
            yield "programme"

    def _by_part(self) -> Iterator[str]:
        """Part by part, where what is left falls apart and no part is the most of it."""
        small, left = self.small, self.work
        if not self._follows or left.number < 0 or left.purse < NEVER or len(left.columns) > LARGEST:
            return
        assert self.ascent is not None

        def take(chosen: Bools) -> float:
            self._offer(chosen)
            return self.upper

        until = monotonic() + PART_SHARE * min(self.clock.left, 1e9)
        parts: ByPart | None = None
        before = inf
        while self.upper < before and not self._done:
            before, known = self.upper, parts
            apart = fallen_apart(small, self.ascent.best, self.opened, self.upper, self.tolerance)
            sizes = [len(part.sites) for part in apart.parts]
            together = sum(sizes)
            if not 0 <= apart.number <= together or max(sizes, default=0) > LARGEST_PART * together:
                return
            if apart.number * together > LARGEST_TABLE:
                return
            parts = ByPart(apart, self.upper, self.tolerance, take, self.share, self.seed, self.clock.work)
            parts.offer(self.chosen)
            if known is None:
                parts.search(until)
            else:
                parts.learn(known)
            yield "search"
        if parts is None:
            return
        try:
            while not (parts.is_done or parts.is_stuck or monotonic() > until):
                if self.clock.work is not None and parts.asked >= self.clock.work:
                    break
                parts.step(until)
                self.bound = max(self.bound, min(parts.bound, self.upper - self.tolerance))
                self._say("tree")
                yield "tree"
        finally:
            self.bound = max(self.bound, min(parts.bound, self.upper - self.tolerance))

    def _cut(self) -> Iterator[str]:
        """Branch and cut on the median that is left, from the multipliers and cuts of the relaxation."""
        if not self._follows or len(self.work.columns) > LARGEST:
            return
        self.room = inf
        self._narrow()
        if self.closed:
            return
        assert self.ascent is not None
        until = monotonic() + min(self.clock.left, 1e9)
        polish = Polish(self.work, self.ascent.best, cuts=self.cuts)
        for _ in polish.steps(until):
            yield "tree"
            if self.clock.out:
                return
        opened = self.opened

        def take(chosen: Bools) -> float:
            self._offer(chosen | opened)
            return self.upper

        tree = CutTree(self.work, polish, self.bound, self.upper, self.tolerance, take)
        try:
            while not (tree.is_done or tree.is_stuck or self.clock.out):
                if self.clock.work is not None and tree.nodes >= self.clock.work:
                    break
                tree.step(until)
                self.bound = max(self.bound, min(tree.bound, self.upper - self.tolerance))
                self._say("tree")
                yield "tree"
        finally:
            self.bound = max(self.bound, min(tree.bound, self.upper - self.tolerance))
            self.cut_through = not tree.is_stuck

    def _close(self, small: Median, opened: Bools) -> None:
        """HiGHS on what remains beside the sites that are ``opened`` already."""
        inside = bool((self.chosen[opened]).all()) and not bool((self.chosen & ~small.free & ~opened).any())
        answer = solved(
            small,
            start=self.chosen & ~opened if inside else None,
            tolerance=self.tolerance,
            seconds=min(self.clock.left, 1e9),
            nodes=self.clock.work,
        )
        if answer.chosen is not None:
            found = answer.chosen | opened
            self._offer(found)
        self.finished = answer.finished
        # What fixing threw away loses ``upper - tolerance`` or more.
        self.bound = max(self.bound, min(answer.bound, self.upper - self.tolerance))

    def _branch(self, rest: Merged, opened: Bools, nodes: int | None) -> Iterator[str]:
        """A tree on what remains; where the programme can follow, for a share of the time and counted nodes."""
        if self.clock.work is not None:
            nodes = self.clock.work
        until = self.clock.left * (1.0 if nodes is None else TREE_SHARE)
        begun = self.clock.spent

        def take(chosen: Bools) -> float:
            self._offer(chosen)
            return self.upper

        assert self.ascent is not None
        root = Ascent.start(rest.median, self.chosen & rest.median.free)
        climbed = Ascent.at(rest.median, rest.gather(self.ascent.best, self.work.weights))
        best = max(root, climbed, key=lambda climb: climb.bound)
        # The whole lists are copied at every node, and hardly looked at beyond the multipliers.
        median = lean(rest.median, self.chosen, best.best)
        tree = Tree(
            Node(self.bound, median, opened, best.best, np.zeros(len(opened))), self.upper, self.tolerance, take
        )

        def in_time() -> bool:
            return self.clock.spent - begun <= until

        try:
            while tree.stack and (nodes is None or tree.nodes < nodes) and in_time():
                portion = tree.nodes + 16 if nodes is None else min(nodes, tree.nodes + 16)
                tree.grow(partial(_beyond, portion, in_time))
                if nodes is not None and tree.nodes > FEW_NODES + NODES_A_TREE * tree.done:
                    break
                self._say("tree")
                yield "tree"
        finally:
            self.bound = max(self.bound, min(tree.bound, self.upper - self.tolerance))

    def _rest(self) -> tuple[Merged, Bools, Median]:
        """The median left over after narrowing, merged again."""
        self._narrow()
        return merge(self.work), self.opened, self.work


def _beyond(portion: int, in_time: Callable[[], bool], done: int) -> bool:
    return done >= portion or not in_time()
