"""A search that always has a plan and a bound in hand, and can be stopped at any moment.

Greedy and interchange give the plan; the ascent gives the bound; reduced costs decide single
sites; HiGHS closes what remains. Values here are those of the median: what is lost, less is better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil, inf
from time import monotonic

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.progress import Progress
from utopias.siting.aims import Median
from utopias.siting.bounds import Ascent, bound_at, settled
from utopias.siting.clock import Clock, Standing
from utopias.siting.cut_tree import CutTree
from utopias.siting.kernels import NEVER, greedy, interchange, shake
from utopias.siting.merge import Merged, merge
from utopias.siting.narrow import narrow, served_at_most
from utopias.siting.polish import Polish
from utopias.siting.programme import LARGEST, relaxed, solved
from utopias.siting.tree import Node, Tree

# Steps of the ascent after which it is taken as rested, and how many belong to one counted round of work.
MOST_STEPS, STEPS_A_ROUND = 1_500, 10
# Restarts that go with one pause of the ascent, and restarts without a gain before the programme is tried.
STALE = 60
# The same after the relaxation, where a restart is cheap.
STALE_AFTER = 200
# Counted work from which the programme is run too (as many nodes as rounds of work).
WORK_FOR_PROGRAMME = 100
# Without whole weights, a gap under this share of the value is none: sums of floats carry no more.
SAME = 1e-7
LUCK = 18
# Nodes of the own tree, and the share of the time left, after which the programme is given its turn.
TREE_NODES, TREE_SHARE = 1_000, 0.3
# Nodes after which the own tree goes on only where it gets through within so many in all, as far as it can tell.
FEW_NODES, NODES_A_TREE = 200, 3_000
# The median is narrowed again where the gap is this share of what it was then; steps before the first restart.
NARROWER, FIRST_STEPS = 0.7, 100


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
        # What a better choice could still be: a narrowed ``small``, same rows, where the sites of ``opened`` serve.
        self.work: Median = self.small
        self.opened: Bools = np.zeros(len(self.median.free), dtype=bool)
        self.room = inf  # between bound and value when it was last narrowed
        self.ascent: Ascent | None = None
        self.root: Floats = np.minimum(self.small.cap, 0.0)
        self.root_bound = -inf
        self.cuts: tuple[Longs, Floats] | None = None
        self.cut_through = False
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
        self._keep_root()
        return self.merged.spread(self.root, self.median)

    def _keep_root(self) -> None:
        """Keep the multipliers of now where they are the best so far for the median before it was narrowed."""
        assert self.ascent is not None
        bound = bound_at(self.small, np.minimum(self.ascent.best, self.small.cap))[0]
        if bound > self.root_bound:
            self.root_bound, self.root = bound, self.ascent.best.copy()

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
        if self.levelled:
            yield from self._polish()
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
            self._descend(self.chosen, wide=True)
            self.tolerance = self._judged()

    def _value(self, chosen: Bools) -> float:
        return self.small.value(chosen)

    def _take(self, chosen: Bools, value: float) -> bool:
        if not value < self.upper:
            return False
        self.upper, self.chosen = value, chosen.copy()
        return True

    def _descend(self, start: Bools, *, wide: bool = False) -> None:
        """Interchange from ``start``, one round over the sites at a time, until nothing gains or time is out."""
        median = self.small if wide else self.work
        trial, before = start & median.free, inf
        while True:
            value = interchange(
                *median.rows, *median.by_site, median.cap, median.weights, trial, median.shut,
                median.fees, median.prices, median.purse, median.number, 0, 1,
            )  # fmt: skip
            if not value < before or self.clock.out:
                break
            before = value
        self._offer(trial if wide else trial | self.opened)

    def _offer(self, chosen: Bools) -> None:
        """Take a choice where it keeps the rules and is better by the full lists."""
        if self._keeps_rules(chosen):
            self._take(chosen, self._value(chosen))

    def _shake(self, rounds: int) -> None:
        work = self.work
        if self.clock.work is not None:
            rounds = min(rounds, self.clock.work - self.shaken)
        trial = self._inside()
        luck = self.luck.random((rounds, LUCK))
        self.shaken += rounds
        if trial is not None:
            shake(
                *work.rows, *work.by_site, work.cap, work.weights, trial, work.shut, work.fees, work.prices,
                work.purse, work.number, work.value(trial) - work.constant, luck,
            )  # fmt: skip
            self._offer(trial | self.opened)
        self._say("search")

    def _inside(self) -> Bools | None:
        """The best choice as one of the narrowed median; another, where fixing has left the best behind."""
        work = self.work
        trial: Bools = self.chosen & work.free
        if np.array_equal(trial | self.opened, self.chosen):
            return trial
        if work.number >= 0:
            spare = np.flatnonzero(trial)[work.number :]
            trial[spare] = False
        if work.purse < NEVER and float(work.prices[trial].sum()) > work.purse:
            trial[:] = False
        filled = greedy(
            *work.by_site, work.cap, work.weights, trial, work.shut, work.fees, work.prices,
            work.purse, work.number, False,
        )  # fmt: skip
        return trial if filled else None

    @property
    def levelled(self) -> bool:
        """Whether costs differ within lists, as they do not where a place is covered or not."""
        costs = self.small.costs
        return bool(len(costs)) and float(costs.min()) < float(costs.max())

    def _narrow(self) -> None:
        """Leave to the search only what a better choice could be, where the bound has come notably closer."""
        assert self.ascent is not None
        room = self.upper - self.tolerance - self.ascent.bound
        if self.closed or not room < NARROWER * self.room:
            return
        self._keep_root()
        self.room = room
        climb, work = self.ascent, self.work
        opened, closed = settled(work, climb.best, self.upper, self.tolerance)
        limit = served_at_most(work, climb.best, climb.bound, self.upper, self.tolerance)
        self.work = narrow(work, opened, closed, limit)
        self.opened |= opened
        if (opened & closed).any() or self._empty(self.work, work):
            self.bound = max(self.bound, self.upper - self.tolerance)
            return
        self.ascent = climb.within(self.work)
        self.bound = max(self.bound, min(self.ascent.bound, self.upper - self.tolerance))

    @staticmethod
    def _empty(now: Median, before: Median) -> bool:
        """Whether no admissible choice is left."""
        if before.number >= 0 and not 0 <= now.number <= int(now.free.sum()):
            return True
        return now.purse < 0

    def _climb_and_shake(self) -> Iterator[str]:
        """Ascent and restarts by turns, in portions that depend on the size alone, never on the machine."""
        if self.ascent is None:
            return
        most = MOST_STEPS
        if self.clock.work is not None:
            most = min(most, STEPS_A_ROUND * self.clock.work)
        stale = 0
        while not self.closed and (self.ascent.rounds < most or stale < STALE):
            pairs = len(self.work.columns) + len(self.work.weights)
            steps = int(min(50, max(1, 20_000_000 // max(pairs, 1))))
            rounds = int(min(10, max(1, 2_000_000 // max(pairs, 1))))
            climbs = self.ascent.rounds < most and not self.ascent.rested
            if climbs:
                value, found = self.ascent.climb(
                    min(steps, most - self.ascent.rounds), self.upper, self.upper - self.tolerance
                )
                if value < self.upper:
                    self._descend(found)
                self.bound = max(self.bound, min(self.ascent.bound, self.upper - self.tolerance))
                self._narrow()
                yield "bound"
            elif stale >= STALE:
                return
            if self._done:
                return
            before = self.upper
            if stale < STALE and not (climbs and self.ascent.rounds < FIRST_STEPS):
                self._shake(rounds)
                yield "search"
                stale = 0 if self.upper < before else stale + rounds

    def _polish(self) -> Iterator[str]:
        """The exact relaxation where lists have several costs, and the plan that it points to."""
        if not self._follows or len(self.work.columns) > LARGEST:
            return
        assert self.ascent is not None
        work = self.work
        polish = Polish(work, self.ascent.best)
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

    def _point(self, share: Floats) -> None:
        """Descend from the sites of which most is open, with what greedy adds."""
        work = self.work
        order = np.argsort(-share, kind="stable")
        trial = np.zeros(len(share), dtype=bool)
        if work.number >= 0:
            trial[order[: work.number]] = True
        else:
            trial[share > 0.5] = True
        trial &= work.free
        if work.purse < NEVER and float(work.prices[trial].sum()) > work.purse:
            trial = share > 1 - 1e-6
        if greedy(
            *work.by_site, work.cap, work.weights, trial, work.shut, work.fees, work.prices,
            work.purse, work.number, False,
        ):  # fmt: skip
            self._descend(trial)

    @property
    def _follows(self) -> bool:
        """Whether the dearer means may be tried: not where little work was asked for, and not when it is over."""
        asked = self.clock.work is None or self.clock.work >= WORK_FOR_PROGRAMME
        return self.ascent is not None and asked and not self._done

    def _programme(self) -> Iterator[str]:
        """Close the gap: by a tree while that gets on, then by cuts where lists have levels, else by HiGHS."""
        if not self._follows:
            return
        rest, opened, before = self._rest()
        if self.closed:
            return
        large = len(rest.median.columns) > LARGEST
        yield from self._branch(rest, opened, None if large else TREE_NODES)
        if self.closed or large or self.clock.out:
            return
        if self.levelled:
            yield from self._cut()
        if self.closed or self.clock.out or self.cut_through:
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

    def _cut(self) -> Iterator[str]:
        """Branch and cut on the median that is left, from the multipliers and cuts of the relaxation."""
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
        tree = Tree(
            Node(self.bound, rest.median, opened, best.best, np.zeros(len(opened))), self.upper, self.tolerance, take
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
