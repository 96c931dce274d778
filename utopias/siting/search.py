"""A search that always has a plan and a bound in hand, and can be stopped at any moment.

Greedy and interchange give the plan; the ascent gives the bound; reduced costs decide single
sites; HiGHS closes what remains. Values here are those of the median: what is lost, less is better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil, inf

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.domain.progress import Progress
from utopias.siting.aims import Median
from utopias.siting.bounds import Ascent, settled
from utopias.siting.kernels import NEVER, greedy, interchange, shake
from utopias.siting.merge import Merged, merge, restrict
from utopias.siting.programme import LARGEST, relaxed, solved
from utopias.siting.rules import Clock
from utopias.siting.tree import Node, Tree

# Steps of the ascent after which it is taken as rested, and how many belong to one counted round of work.
MOST_STEPS, STEPS_A_ROUND = 1_500, 10
# Restarts that go with one pause of the ascent, and restarts without a gain before the programme is tried.
STALE = 60
# Counted work from which the programme is run too (as many nodes as rounds of work).
WORK_FOR_PROGRAMME = 100
# Without whole weights, a gap under this share of the value is none: sums of floats carry no more.
SAME = 1e-7
LUCK = 18
# Nodes of the own tree, and the share of the time left, after which the programme is given its turn.
TREE_NODES, TREE_SHARE = 1_000, 0.3


@dataclass(frozen=True, eq=False)
class Standing:
    """Where a search stands: what its best choice (m,) comes to, what none can come under, both as the median counts."""

    stage: str
    value: float
    bound: float
    gap: float
    seconds: float
    chosen: Bools


@dataclass(eq=False)
class Search:
    """The state of one search over ``median``: the best choice, what it loses, and the bound.

    ``chosen`` (m,), ``upper`` its value, ``bound`` for every admissible choice, ``ascent`` the root's multipliers.
    ``total`` : where the aim's value is ``total`` less what is lost. ``gap`` : relative gap that is near enough.
    ``start`` : (m,) a choice to begin from; taken where it keeps the rules, and never ended below.
    ``stopped`` : why the search ended, "" while it has not.
    """

    median: Median
    clock: Clock
    seed: int
    progress: Progress
    gap: float = 0.0
    total: float | None = None
    start: Bools | None = None

    def __post_init__(self) -> None:
        self.merged: Merged = merge(self.median)
        self.small = self.merged.median
        self.luck = np.random.default_rng(self.seed)
        self.chosen: Bools = np.zeros(len(self.median.free), dtype=bool)
        self.upper = inf
        self.bound = -inf
        self.ascent: Ascent | None = None
        self.shaken = 0
        self.admissible = True
        self.finished = False
        self.tolerance = 0.0
        self.stopped = ""

    def _judged(self) -> float:
        """The gap that counts as none, judged by the first plan and then kept: what was cut off under it stays cut off."""
        if self.small.step:
            return max(self.small.step * (1 - 1e-6), 1e-9 * abs(self.upper))
        return SAME * self._size

    @property
    def _size(self) -> float:
        """What a relative gap is measured by: the aim's own value."""
        value = self.upper if self.total is None else self.total - self.upper
        return max(abs(value), 1e-9) if np.isfinite(value) else 1e-9

    @property
    def closed(self) -> bool:
        return self.bound >= self.upper - self.tolerance * (1 + 1e-9)

    @property
    def multipliers(self) -> Floats:
        """(n,) of the root bound, one a demand place as they were before merging."""
        if self.ascent is None:
            return np.minimum(self.median.cap, 0.0)
        return self.merged.spread(self.ascent.best, self.median)

    def run(self) -> str:
        """Search until proven, near enough, out of time, out of work, or stopped by the user; says which."""
        for _ in self.steps():
            pass
        return self.stopped

    def steps(self) -> Iterator[Standing]:
        """The search in portions: where it stands after each, and at its end. Whoever stops asking, stops it."""
        try:
            for stage in self._stages():
                yield self.standing(stage)
        except KeyboardInterrupt:
            self.stopped = "proven" if self.closed else "user"
            yield self.standing("plan")
            return
        self._round_bound()
        if self.closed:
            self.stopped = "proven"
        elif self.finished or self._near:
            self.stopped = "gap"
        else:
            self.stopped = "clock" if self.clock.work is None else "work"
        yield self.standing("plan")

    def standing(self, stage: str) -> Standing:
        """Where it stands now."""
        bound = min(self.bound, self.upper)
        gap = (self.upper - bound) / self._size if np.isfinite(self.upper - bound) else inf
        return Standing(stage, self.upper, bound, gap, self.clock.spent, self.chosen.copy())

    def _stages(self) -> Iterator[str]:
        """Every stage in portions, by name."""
        self._first_plan()
        yield "plan"
        if not self.admissible:
            self.bound = self.upper  # nothing is better than nothing at all
            return
        yield from self._climb_and_shake()
        if not self._done:
            yield from self._programme()
        while not self._done:
            self._shake(10)
            yield "search"

    @property
    def _near(self) -> bool:
        return self.upper - self.bound <= self.gap * self._size

    @property
    def _done(self) -> bool:
        out = self.clock.left <= 0 if self.clock.work is None else self.shaken >= self.clock.work
        return self.closed or self.finished or (self.gap > 0 and self._near) or out

    def _first_plan(self) -> None:
        self.progress("plan", 0.0)
        small = self.small
        for by_ratio in (False, True) if small.purse < NEVER else (False,):
            trial = np.zeros(len(small.free), dtype=bool)
            if greedy(
                *small.by_site,
                small.cap,
                small.weights,
                trial,
                small.shut,
                small.fees,
                small.prices,
                small.purse,
                small.number,
                by_ratio,
            ):
                self._take(trial, self._value(trial))
        if self.start is not None and self._keeps_rules(self.start):
            self._take(self.start, self._value(self.start))
        self.admissible = self.upper < inf
        if self.admissible:
            self.ascent = Ascent.start(small, self.chosen)
            self.bound = self.ascent.bound
            self._descend(self.chosen)
            self.tolerance = self._judged()

    def _value(self, chosen: Bools) -> float:
        return self.small.value(chosen)

    def _take(self, chosen: Bools, value: float) -> bool:
        if not value < self.upper:
            return False
        self.upper, self.chosen = value, chosen.copy()
        return True

    def _descend(self, start: Bools) -> None:
        """Interchange from ``start``, one round over the sites at a time, until nothing gains or time is out."""
        small, trial, before = self.small, start.copy(), inf
        while True:
            value = interchange(
                *small.rows, *small.by_site, small.cap, small.weights, trial, small.shut,
                small.fees, small.prices, small.purse, small.number, 0, 1,
            ) + small.constant  # fmt: skip
            if not value < before or self.clock.left <= 0:
                break
            before = value
        self._take(trial, self._value(trial))

    def _shake(self, rounds: int) -> None:
        small = self.small
        if self.clock.work is not None:
            rounds = min(rounds, self.clock.work - self.shaken)
        trial = self.chosen.copy()
        value = shake(
            *small.rows, *small.by_site, small.cap, small.weights, trial, small.shut,
            small.fees, small.prices, small.purse, small.number,
            self.upper - small.constant, self.luck.random((rounds, LUCK)),
        ) + small.constant  # fmt: skip
        self.shaken += rounds
        self._take(trial, value)
        self._say("search")

    def _climb_and_shake(self) -> Iterator[str]:
        """Ascent and restarts by turns, in portions that depend on the size alone, never on the machine."""
        if self.ascent is None:
            return
        pairs = len(self.small.columns) + len(self.small.weights)
        steps = int(min(50, max(1, 20_000_000 // max(pairs, 1))))
        rounds = int(min(10, max(1, 2_000_000 // max(pairs, 1))))
        most = MOST_STEPS
        if self.clock.work is not None:
            most = min(most, STEPS_A_ROUND * self.clock.work)
        stale = 0
        while not self.closed and (self.ascent.rounds < most or stale < STALE):
            if self.ascent.rounds < most and not self.ascent.rested:
                value, found = self.ascent.climb(
                    min(steps, most - self.ascent.rounds), self.upper, self.upper - self.tolerance
                )
                if value < self.upper:
                    self._descend(found)
                self.bound = max(self.bound, self.ascent.bound)
                yield "bound"
                if self.closed:
                    return
            elif stale >= STALE:
                return
            if self._done:
                return
            before = self.upper
            if stale < STALE:
                self._shake(rounds)
                yield "search"
            stale = 0 if self.upper < before else stale + rounds

    def _programme(self) -> Iterator[str]:
        """Fix what the bound settles, tighten the bound by the relaxation, then let HiGHS close the rest."""
        if self.ascent is None or (self.clock.work is not None and self.clock.work < WORK_FOR_PROGRAMME):
            return
        rest, opened, before = self._rest()
        large = len(rest.median.columns) > LARGEST
        yield from self._branch(rest, opened, None if large else TREE_NODES)
        if self.closed or large or self.clock.left <= 0:
            return
        rest, opened, before = self._rest()
        self._say("programme")
        duals = relaxed(rest.median, seconds=min(self.clock.left, 1e9))
        if duals is not None and self.ascent.offer(rest.spread(duals, before)):
            self.bound = max(self.bound, self.ascent.bound)
            rest, opened, before = self._rest()
        yield "programme"
        if not (self.closed or self.clock.left <= 0):
            self._close(rest.median, opened)
            yield "programme"

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
            if self._keeps_rules(found):
                self._take(found, self._value(found))
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
            if self._keeps_rules(chosen):
                self._take(chosen, self._value(chosen))
            return self.upper

        assert self.ascent is not None
        root = Ascent.start(rest.median, self.chosen & rest.median.free)
        climbed = Ascent.at(rest.median, rest.gather(self.ascent.best, self.small.weights))
        best = max(root, climbed, key=lambda climb: climb.bound)
        tree = Tree(
            Node(self.bound, rest.median, opened, best.best, np.zeros(len(opened))), self.upper, self.tolerance, take
        )

        def in_time() -> bool:
            return self.clock.spent - begun <= until

        try:
            while tree.stack and (nodes is None or tree.nodes < nodes) and in_time():
                portion = tree.nodes + 16 if nodes is None else min(nodes, tree.nodes + 16)
                tree.grow(partial(_beyond, portion, in_time))
                self._say("tree")
                yield "tree"
        finally:
            self.bound = max(self.bound, min(tree.bound, self.upper - self.tolerance))

    def _rest(self) -> tuple[Merged, Bools, Median]:
        """The median left over after fixing by reduced cost at the best multipliers, merged again."""
        assert self.ascent is not None
        opened, closed = settled(self.small, self.ascent.best, self.upper, self.tolerance)
        before = restrict(self.small, opened, closed)
        return merge(before), opened, before

    def _keeps_rules(self, chosen: Bools) -> bool:
        small = self.small
        spent = float(small.prices[chosen].sum())
        return (
            not (chosen & ~small.free).any()
            and (small.number < 0 or int(chosen.sum()) == small.number)
            and (small.purse >= NEVER or spent <= small.purse)
        )

    def _round_bound(self) -> None:
        """Whole numbers lie on a grid: the bound may be raised to its next point."""
        if self.small.step and self.closed:
            self.bound = self.upper
        elif self.small.step and np.isfinite(self.bound):
            self.bound = min(self.upper, max(self.bound, ceil(self.bound - max(1e-6, 1e-9 * abs(self.bound)))))
        self.bound = min(self.bound, self.upper)

    def _say(self, stage: str) -> None:
        limit = self.clock.seconds if self.clock.work is None else self.clock.work
        spent = self.clock.spent if self.clock.work is None else self.shaken
        self.progress(stage, min(1.0, spent / max(limit, 1e-9)))


def _beyond(portion: int, in_time: Callable[[], bool], done: int) -> bool:
    return done >= portion or not in_time()
