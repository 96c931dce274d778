"""Covering closed in its own way: places are covered or not, and the means of a general median are slow for that.

The search hands over after its first plan where all costs are 0, all caps 1 and only a number binds. Then a fast ascent
and swaps by turns; what the bound decides is taken out, what is left merged again, sites that another stands
in for closed; and the tree and HiGHS take turns on the rest, with growing slices, for each proves what the other cannot:
the tree where part of the weight is covered, HiGHS where nearly all is. In between, or
where the rest is too large for them, it is parted in regions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from utopias.domain.arrays import AnyArray, Bools
from utopias.siting.kernels import NEVER
from utopias.siting.median.aims import Median
from utopias.siting.median.bounds import Ascent, settled
from utopias.siting.median.cover_kernels import cover_ascend, cover_shake
from utopias.siting.median.cover_regions import LARGER, SITES_A_REGION, Regions
from utopias.siting.median.dominance import dominated
from utopias.siting.median.merge import Merged, merge, restrict
from utopias.siting.median.programme import LARGEST, relaxed, solved
from utopias.siting.median.tree import Node, Tree

# Steps of the ascent at most, and how many belong to one counted round of work.
MOST_STEPS, STEPS_A_ROUND = 4_000, 20
FIRST_STEP = 0.5
# Swap rounds without a gain before dearer means are tried, and after a turn of them; counted work from which they are tried at all.
STALE, STALE_AFTER, WORK_FOR_PROGRAMME = 300, 1_500, 100
# Numbers of luck a round. Nodes of the tree's first turn, seconds of HiGHS's at least, and how both grow.
LUCK, FIRST_NODES, FIRST_SECONDS, MORE_NODES, MORE_SECONDS = 18, 100, 2.0, 2, 4
# Nodes of a region's tree between two turns of swaps; and the share of sites that are swapped then, at least so many for each
# that opens: lists are a third as long, and 12 s of swaps come to what 40 s among all do.
NODES_A_TURN, LIKELY, MORE_THAN_OPEN = 10, 0.4, 8
# Seconds that must be left for each stored pair, or nothing is parted any more: parting alone takes a third of that. And the share of
# the time that regions may take where the tree and HiGHS have had one turn and go on after them.
PARTING, PARTED = 1e-6, 0.6
# Stored pairs up to which the relaxation is solved for its duals: beyond, the ascent is as good and far sooner.
RELAXED = 100_000


class Watch(Protocol):
    """When to stop: ``work`` rounds where those are counted, else when no seconds are ``left``."""

    work: int | None

    @property
    def left(self) -> float: ...


class Host(Protocol):
    """What a search keeps, and this changes: the best choice, its loss, and the bound."""

    small: Median
    chosen: Bools
    upper: float
    bound: float
    tolerance: float
    gap: float
    ascent: Ascent | None
    luck: np.random.Generator
    shaken: int
    finished: bool

    @property
    def closed(self) -> bool: ...

    @property
    def relative_gap(self) -> float: ...

    @property
    def clock(self) -> Watch: ...


def is_covering(median: Median) -> bool:
    """Whether places are covered or not, whole, and a number of sites is all that binds."""
    return (
        median.number > 0
        and median.purse >= NEVER
        and not median.fees.any()
        and len(median.costs) > 0
        and not median.costs.any()
        and bool((median.cap == 1.0).all())
    )


class CoverAscent(Ascent):
    """The ascent over lists that only say who covers whom."""

    @property
    def spent(self) -> bool:
        return self.rested or self.rounds >= MOST_STEPS

    def climb(self, rounds: int, upper: float, target: float) -> tuple[float, Bools]:
        """As ``Ascent.climb``."""
        median, found = self.median, np.zeros(len(self.median.free), dtype=bool)
        base = median.constant
        best, met, self.step, self.bad = cover_ascend(
            *_lists(median), median.free, median.number, self.multipliers, self.direction, self.best, self.bound - base,
            upper - base, target - base, rounds, self.step, self.bad, self.often, found,
        )  # fmt: skip
        self.bound = max(self.bound, best + base)
        self.rounds += rounds
        return (met + base, found) if found.any() else (np.inf, found)


@dataclass(eq=False)
class Covering:
    """One search over a covering median, from its first plan on. ``stages`` is asked until it ends or the clock does."""

    host: Host
    work: Merged = field(init=False)  # what a better choice could still be
    opened: Bools = field(init=False)
    before: Median = field(init=False)
    room: float = np.inf
    relaxed: bool = False

    def stages(self) -> Iterator[str]:
        """The search in portions, each told by its name."""
        host = self.host
        host.bound = max(host.bound, host.small.constant)  # nothing is lost but what no site covers
        if host.closed:
            return
        count = _covered_by(host.small, host.chosen)
        begin = np.where(count == 0, 0.9, np.where(count == 1, 0.6, 0.3))
        host.ascent = self.ascent = CoverAscent.at(host.small, begin)
        self.ascent.step = FIRST_STEP
        self._leave(np.zeros(len(host.chosen), dtype=bool), np.zeros(len(host.chosen), dtype=bool))
        yield from self._climb_and_shake()
        if not self._over and (host.clock.work is None or host.clock.work >= WORK_FOR_PROGRAMME):
            yield from self._close()
        while not self._over:
            self._shake(self._rounds)
            yield "search"

    @property
    def _over(self) -> bool:
        host = self.host
        out = host.clock.left <= 0 if host.clock.work is None else host.shaken >= host.clock.work
        near = host.gap > 0 and host.relative_gap <= host.gap
        return host.closed or host.finished or near or out

    @property
    def _large(self) -> bool:
        """Whether what is left is too much for the tree and for HiGHS, and is parted."""
        return len(self.work.median.columns) > LARGEST

    @property
    def _rounds(self) -> int:
        """Rounds of swaps that go with one portion: of the size alone, never of the machine."""
        rounds = int(min(20, max(1, 4_000_000 // max(len(self.work.median.columns), 1))))
        return rounds if self.host.clock.work is None else min(rounds, self.host.clock.work - self.host.shaken)

    def _climb_and_shake(self) -> Iterator[str]:
        host, ascent, stale = self.host, self.ascent, 0
        most = MOST_STEPS if host.clock.work is None else min(MOST_STEPS, STEPS_A_ROUND * host.clock.work)
        steps = int(min(100, max(1, 20_000_000 // len(host.small.columns))))
        while not self._over:
            climbs = not ascent.rested and ascent.rounds < most
            if climbs:
                value, found = ascent.climb(min(steps, most - ascent.rounds), host.upper, host.upper - host.tolerance)
                if value < host.upper:
                    self._take(found)
                host.bound = max(host.bound, ascent.bound)
                yield "bound"
                # The bound first: a swap is worth more where it is known which sites matter.
                if ascent.rounds < 3 * steps and host.clock.work is None:
                    continue
                self._narrow()
            if self._over or (not climbs and (stale >= STALE or self._large)):
                return
            if stale < STALE:
                before = host.upper
                rounds = self._rounds
                self._shake(rounds)
                stale = 0 if host.upper < before else stale + rounds
                yield "search"

    def _shake(self, rounds: int) -> None:
        host, median = self.host, self.work.median
        luck = host.luck.random((rounds, LUCK))
        host.shaken += rounds
        inside = host.chosen & median.free
        if int(inside.sum()) != median.number:  # fixing has left the best behind; what it left could only be better
            inside = np.zeros(len(inside), dtype=bool)
            inside[np.flatnonzero(median.free)[: median.number]] = True
        if median.number > 0:
            cover_shake(*_lists(median), inside, median.free, luck)
            self._take(inside | self.opened)

    def _take(self, chosen: Bools) -> float:
        """Keep a choice where it keeps the number and is better by the whole lists; the least loss known."""
        host = self.host
        if int(chosen.sum()) == host.small.number and not (chosen & ~host.small.free).any():
            count = _covered_by(host.small, chosen)
            value = host.small.constant + float(host.small.weights[count == 0].sum())
            if value < host.upper:
                host.upper, host.chosen = value, chosen.copy()
        return host.upper

    def _narrow(self) -> bool:
        """Fix what the bound decides and merge what is left, where the room has shrunk; False where nothing is left."""
        host = self.host
        room = host.upper - host.tolerance - self.ascent.bound
        if host.closed or room >= 0.8 * self.room:
            return True
        self.room = room
        opened, closed = settled(host.small, self.ascent.best, host.upper, host.tolerance)
        if not (opened.any() or closed.any()):
            return True
        if not 0 <= host.small.number - int(opened.sum()) <= int((host.small.free & ~opened & ~closed).sum()):
            self._raise(np.inf)
            return False
        self._leave(opened, closed)
        return True

    def _leave(self, opened: Bools, closed: Bools) -> None:
        """To work on: what is left once these are decided, without the sites that others stand in for, rows merged."""
        before = restrict(self.host.small, opened, closed)
        idle = dominated(before)
        if idle.any():
            before = restrict(before, np.zeros(len(idle), dtype=bool), idle)
        self.before, self.opened, self.work = before, opened, merge(before)

    def _raise(self, bound: float) -> None:
        """The bound of what is left is that of all, but for what was fixed away: that loses ``upper - tolerance`` or more."""
        host = self.host
        host.bound = max(host.bound, min(bound, host.upper - host.tolerance))

    def _close(self) -> Iterator[str]:
        """The tree and HiGHS by turns on what is left, until one proves it or nothing more can be asked of them."""
        host = self.host
        self.room = np.inf
        if not self._narrow():
            return
        tree: Tree | None = None
        nodes, seconds = FIRST_NODES, FIRST_SECONDS
        if host.clock.work is not None:
            nodes, seconds = host.clock.work, np.inf  # counted work knows no clock
        while not self._over:
            median = self.work.median
            if median.number in (0, int(median.free.sum())) or not len(median.columns):
                every = self.opened.copy()
                every[np.flatnonzero(median.free)[: median.number]] = True
                self._take(every)
                self._raise(np.inf)
                return
            if self._large:
                yield from self._part(0.0)
                return
            if tree is None:
                tree = self._tree()
            asked = tree.nodes + nodes
            yield from self._grow(tree, asked)
            if self._over:
                return
            yield "programme"
            if not self._narrow() or not self._programme(min(seconds, host.clock.left)):
                return
            yield "programme"
            if host.clock.work is not None:
                return
            stale = 0
            while stale < STALE_AFTER and not self._over:
                before = host.upper
                self._shake(self._rounds)
                stale = 0 if host.upper < before else stale + self._rounds
                yield "search"
            if nodes == FIRST_NODES and not self._over:
                yield from self._part((1 - PARTED) * host.clock.left)
            seconds, nodes = seconds * MORE_SECONDS, nodes * MORE_NODES

    def _part(self, until: float) -> Iterator[str]:
        """Regions and swaps by turns, larger regions when these are at their end; ``until`` so many seconds are left.

        One region of all sites only where nothing else follows: else the tree and HiGHS do that better.
        """
        host, median = self.host, self.work.median
        charged = self.work.gather(self.ascent.best, host.small.weights)
        begins, follows = max(until, PARTING * len(median.columns)), not self._large
        whole, self.work, size = self.work, self._likely(), SITES_A_REGION
        while not self._over and host.clock.left > begins and not (follows and size >= median.number):
            regions, grows = Regions(median, charged, self.ascent.often, host.luck, size), True
            while grows and not self._over and host.clock.left > until:
                grows = regions.grow(NODES_A_TURN)
                self._raise(regions.bound)
                yield "tree"
                if not self._over:
                    self._shake(self._rounds)
                    yield "search"
            if size >= median.number:
                break
            size *= LARGER
        self.work = whole

    def _likely(self) -> Merged:
        """To swap in: the sites that the ascent chose most often and those of the best choice, rows merged again."""
        median, often = self.before, self.ascent.often
        count = int(max(LIKELY * median.free.sum(), MORE_THAN_OPEN * median.number))
        kept = self.host.chosen.copy()
        kept[np.argsort(np.where(median.free, -often, np.inf), kind="stable")[:count]] = True
        return merge(restrict(median, np.zeros(len(kept), dtype=bool), median.free & ~kept))

    def _tree(self) -> Tree:
        host, median = self.host, self.work.median
        inside = host.chosen & median.free
        root = Ascent.start(median, inside)
        climbed = Ascent.at(median, self.work.gather(self.ascent.best, host.small.weights))
        best = max(root, climbed, key=lambda climb: climb.bound)
        return Tree(
            Node(host.bound, median, self.opened.copy(), best.best, np.zeros(len(inside))),
            host.upper,
            host.tolerance,
            self._take,
        )

    def _grow(self, tree: Tree, asked: int) -> Iterator[str]:
        """The tree's turn; what it cut off loses ``upper - tolerance`` or more, like what was fixed."""
        tree.upper = min(tree.upper, self.host.upper)
        while tree.stack and tree.nodes < asked and not self._over:
            until = min(asked, tree.nodes + 8)
            tree.grow(lambda nodes: nodes >= until or self.host.clock.left <= 0)  # noqa: B023  # called before it changes
            self._raise(tree.bound)
            yield "tree"

    def _programme(self, seconds: float) -> bool:
        """HiGHS's turn; False where nothing more is to be asked of it."""
        host = self.host
        if not self.relaxed and len(self.work.median.columns) <= RELAXED:
            self.relaxed = True
            duals = relaxed(self.work.median, seconds=min(max(seconds, 0.3 * host.clock.left), 1e9))
            if duals is not None and self.ascent.offer(self.work.spread(duals, self.before)):
                host.bound = max(host.bound, self.ascent.bound)
        if self._over:
            return False
        median = self.work.median
        inside = host.chosen & median.free
        answer = solved(
            median,
            start=inside if int(inside.sum()) == median.number else None,
            tolerance=host.tolerance,
            seconds=min(seconds, host.clock.left, 1e9),
            nodes=host.clock.work,
        )
        if answer.chosen is not None:
            self._take(answer.chosen | self.opened)
        self._raise(answer.bound)
        host.finished = answer.finished
        return not answer.finished


def _lists(median: Median) -> tuple[AnyArray, ...]:
    starts, columns, _ = median.rows
    site_starts, demand, _ = median.by_site
    return starts, columns, site_starts, demand, median.weights


def _covered_by(median: Median, chosen: Bools) -> AnyArray:
    """(n,) how many of the chosen sites cover each place."""
    starts, demand, _ = median.by_site
    over = [demand[starts[i] : starts[i + 1]] for i in np.flatnonzero(chosen)]
    count: AnyArray = np.bincount(np.concatenate(over) if over else np.zeros(0, int), minlength=len(median.weights))
    return count
