"""What a search has in hand at any moment, and the moves that better it: descents, restarts, the ascent, narrowing.

Greedy and interchange give the plan; the ascent gives the bound; the two together leave out what no better
choice can be. Values here are those of the median: what is lost, less is better.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, inf

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.progress import Progress
from utopias.siting.kernels import NEVER, greedy, interchange, shake
from utopias.siting.median.aims import Median
from utopias.siting.median.bounds import Ascent, bound_at, settled
from utopias.siting.median.dual_kernels import entries_under
from utopias.siting.median.merge import Merged, merge
from utopias.siting.median.narrow import lean, narrow, served_at_most
from utopias.siting.question.charges import Charge, Equal
from utopias.siting.question.clock import Clock

# Steps of the ascent after which it is taken as rested, and how many belong to one counted round of work.
MOST_STEPS, STEPS_A_ROUND = 1_500, 10
# Restarts that go with one pause of the ascent, and restarts without a gain before the programme is tried.
STALE = 60
# The same where charges grow like exponents: few restarts gain there, and the ascent needs more bad steps before it halves its own.
STEEP_STALE, STEEP_PATIENCE = 20, 25
# The same where what the ascent chooses most often leads to the best choice by interchange.
STALE_AGREED = 10
# Among so many sites a short first step comes to rest too far under the relaxation (TSPLIB rl1304, p = 10: 0.43 % against 0.16 %).
MANY_SITES, MANY_STEP, MANY_PATIENCE = 1_000, 1.0, 25
# Without whole weights, a gap under this share of the value is none: sums of floats carry no more.
SAME = 1e-7
# A value under this is nothing, and no gap is a share of it.
NOTHING = 1e-9
LUCK = 18
# Entries of lists looked at in one portion; restarts may look at this share of what the ascent has looked at.
PORTION, SHAKE_SHARE = 10_000_000, 0.5
# Lists of so many entries in all are narrowed only where less than this share of sites and entries would stay.
LONG, KEPT = 1_000_000, 0.8
# The ascent looks at the first few entries of a list: where there are over so many times as many, lists are cut for it.
LEAN = 4
# Steps of the ascent after which the sites that it chose most often are descended from.
POINTED = 50
# The median is narrowed again where the gap is this share of what it was then; steps before the first restart.
NARROWER, FIRST_STEPS = 0.7, 100


@dataclass(eq=False)
class State:
    """One search over ``median``: the best choice, what it loses, and the bound.

    ``chosen`` (m,), ``upper`` its value, ``bound`` for every admissible choice, ``ascent`` the root's multipliers.
    ``reading`` : how the aim reads its value from what is lost; None: what is lost is the value. ``gap`` : relative
    gap of the aim's value that is near enough.
    ``start`` : (m,) a choice to begin from; taken where it keeps the rules, and never ended below.
    ``stopped`` : why the search ended, "" while it has not.
    """

    median: Median
    clock: Clock
    seed: int
    progress: Progress
    gap: float = 0.0
    reading: Charge | None = None
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
        self.share: Floats = np.zeros(len(self.median.free))  # of each site in the relaxation, where that was solved
        self.shaken = 0
        self.agreed = False
        self._near_by, self._near_by_for = self.small, (0, inf)
        self.admissible = True
        self.finished = False
        self.tolerance = 0.0
        self.stopped = ""

    def _judged(self) -> float:
        """The gap that counts as none, judged by the first plan and then kept: what was cut off under it stays cut off."""
        if self.small.step:
            return max(self.small.step * (1 - 1e-6), 1e-9 * abs(self.upper))
        if not np.isfinite(self.upper):
            return SAME * NOTHING
        value = self._read(self.upper)
        apart = SAME * max(abs(value), NOTHING)
        if self.reading is not None:  # a step of the value, as one of what is lost
            apart = abs(self.upper - self.reading.loss(value - apart if value >= apart else value + apart))
        return max(apart, SAME * NOTHING)

    @property
    def _steep(self) -> bool:
        return isinstance(self.reading, Equal)

    def _read(self, loss: float) -> float:
        """The aim's own value of what is lost."""
        return loss if self.reading is None else self.reading.value(loss)

    @property
    def relative_gap(self) -> float:
        """The relative gap, measured by the aim's own value."""
        if not np.isfinite(self.upper - self.bound):
            return inf
        value = self._read(self.upper)
        return abs(value - self._read(min(self.bound, self.upper))) / max(abs(value), NOTHING)

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

    @property
    def _near(self) -> bool:
        return self.relative_gap <= self.gap

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
            climb = Ascent.start(small, self.chosen)
            if self._steep:
                climb.patience = STEEP_PATIENCE
            elif int(small.free.sum()) > MANY_SITES:
                climb.step, climb.patience = MANY_STEP, MANY_PATIENCE
            self.bound = climb.bound
            self._descend(self.chosen)
            self.ascent = self._lean(climb)
            self.tolerance = self._judged()

    def _value(self, chosen: Bools) -> float:
        return self.small.value(chosen)

    def _take(self, chosen: Bools, value: float) -> bool:
        if not value < self.upper:
            return False
        self.upper, self.chosen = value, chosen.copy()
        return True

    def _descend(self, start: Bools) -> float:
        """Interchange from ``start``, one round over the sites at a time, until nothing gains or time is out; what it comes to."""
        median = self._close_by
        trial, before = start & median.free, inf
        while True:
            value = interchange(
                *median.rows, *median.by_site, median.cap, median.weights, trial, median.shut,
                median.fees, median.prices, median.purse, median.number, 0, 1,
            )  # fmt: skip
            if not value < before or self.clock.out:
                break
            before = value
        return self._offer(trial | self.opened)

    def _offer(self, chosen: Bools) -> float:
        """Take a choice where it keeps the rules and is better by the full lists; its value by these."""
        if not self._keeps_rules(chosen):
            return inf
        value = self._value(chosen)
        self._take(chosen, value)
        return value

    def _point(self, share: Floats) -> None:
        """Descend from the sites of which most is open, with what greedy adds; ``agreed`` where that leads to the best choice."""
        work = self._close_by
        order = np.argsort(-np.where(work.free, share, -1.0), kind="stable")
        trial = np.zeros(len(share), dtype=bool)
        if work.number >= 0:
            trial[order[: work.number]] = True
        else:
            trial[share > 0.5] = True
        trial &= work.free
        if work.purse < NEVER and float(work.prices[trial].sum()) > work.purse:
            trial = work.free & (share > 1 - 1e-6)
        if greedy(
            *work.by_site, work.cap, work.weights, trial, work.shut, work.fees, work.prices,
            work.purse, work.number, False,
        ):  # fmt: skip
            reached = self._descend(trial)
            self.agreed = reached <= self.upper + self.tolerance

    def _shake(self, rounds: int) -> None:
        work = self._close_by
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
        # The bound of these very multipliers: that of the climb may be older, and better.
        limit = served_at_most(work, climb.best, bound_at(work, climb.best)[0], self.upper, self.tolerance)
        if self._hardly(opened, closed, limit):
            return
        self.work = narrow(work, opened, closed, limit)
        self.opened |= opened
        if (opened & closed).any() or self._empty(self.work, work):
            self.bound = max(self.bound, self.upper - self.tolerance)
            return
        self.ascent = self._lean(climb.within(self.work))
        self.bound = max(self.bound, min(self.ascent.bound, self.upper - self.tolerance))

    def _hardly(self, opened: Bools, closed: Bools, limit: Floats) -> bool:
        """Whether so little would go that passing over long lists is not worth it; what is decided will be so again."""
        work = self.work
        if len(work.columns) < LONG or opened.any() or closed.sum() > (1 - KEPT) * work.free.sum():
            return False
        return bool(entries_under(work.starts, work.costs, limit) > KEPT * len(work.columns))

    @staticmethod
    def _empty(now: Median, before: Median) -> bool:
        """Whether no admissible choice is left."""
        if before.number >= 0 and not 0 <= now.number <= int(now.free.sum()):
            return True
        return now.purse < 0

    @property
    def _enough(self) -> int:
        """Restarts without a gain that are enough: few where the ascent itself leads to the best choice."""
        return STALE_AGREED if self.agreed else STEEP_STALE if self._steep else STALE

    def _climb_and_shake(self) -> Iterator[str]:
        """Ascent and restarts by turns, in portions that depend on the size alone, never on the machine."""
        if self.ascent is None:
            return
        most = MOST_STEPS
        if self.clock.work is not None:
            most = min(most, STEPS_A_ROUND * self.clock.work)
        stale, credit, pointed = 0, 0.0, POINTED
        while not self.closed and (self.ascent.rounds < most or stale < self._enough):
            # Entries looked at by a step of the ascent, and by a restart.
            a_step = 2.0 * self.ascent.entries + len(self.work.weights) + 1.0
            a_round = 2.0 * len(self._close_by.columns) + len(self.work.weights) + 1.0
            climbs = self.ascent.rounds < most and not self.ascent.rested
            if climbs:
                steps = min(int(min(50, max(1, PORTION // a_step))), most - self.ascent.rounds)
                value, found = self.ascent.climb(steps, self.upper, self.upper - self.tolerance)
                credit += SHAKE_SHARE * steps * a_step
                if value < self.upper:
                    self._descend(found)
                if not self.closed and self.ascent.rounds >= pointed:
                    pointed = self.ascent.rounds + POINTED
                    self._point(self.ascent.often)
                self.bound = max(self.bound, min(self.ascent.bound, self.upper - self.tolerance))
                self._narrow()
                yield "bound"
            elif stale >= self._enough:
                return
            if self._done:
                return
            rounds = int(min(10, max(1, PORTION // a_round), credit // a_round if climbs else 10))
            early = climbs and (self.agreed or (self.ascent.rounds < FIRST_STEPS and self.clock.work is None))
            if stale < self._enough and not early and rounds >= 1:
                before = self.upper
                credit -= rounds * a_round
                self._shake(rounds)
                yield "search"
                stale = 0 if self.upper < before else stale + rounds

    def _lean(self, climb: Ascent) -> Ascent:
        """The climb over ``work`` with its lists cut beyond what multipliers come to, so that what it looks at lies together."""
        work = self.work
        if len(work.columns) <= LEAN * climb.entries:
            return climb
        return climb.within(lean(work, self.chosen, np.maximum(climb.multipliers, climb.best)))

    @property
    def _close_by(self) -> Median:
        """The narrowed median with lists cut where the best choice's second nearest is left well behind: to search in, not to value by.

        Where nothing costs anything, as in covering, none is behind another.
        """
        if not self.work.costs.any():
            return self.work
        if self._near_by_for != (id(self.work), self.upper):
            self._near_by_for = (id(self.work), self.upper)
            self._near_by = lean(self.work, self.chosen, np.zeros(len(self.work.weights)))
        return self._near_by

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
