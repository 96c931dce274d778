"""The search where places fill up: the ascent proposes sites, the exact split of people values them, swaps better them.

HiGHS closes what remains.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.siting.kernels import NEVER, greedy
from utopias.siting.lists import two_nearest_of_all
from utopias.siting.median.dual_kernels import cheapest_choice
from utopias.siting.question.clock import Clock
from utopias.siting.question.rules import Rules
from utopias.siting.rooms.filled_kernels import ascend_rooms, rooms_reduced
from utopias.siting.rooms.room_plan import filled
from utopias.siting.rooms.rooms import Rooms
from utopias.siting.rooms.rooms_programme import solve_rooms

# Pairs over which the programme is not built: HiGHS would not get past its first relaxation.
LARGEST = 400_000
STEPS, PORTION, SWAPS = 400, 20, 12
# Pairs gone through between two looks at the clock: a tenth of a second or so; the same on any machine, for counted work.
AT_ONCE = 2_000_000
# First step of a climb that begins near: 4,000 places by 250 sites are at 8 % in 10 s of CPU with it, at 39 % with 1.
NEAR_STEP = 0.1
SAME = 1e-7


@dataclass(eq=False)
class RoomSearch:
    """The state of one search: the best choice (m,), its flows (pairs,), what it loses, and the bound."""

    rooms: Rooms
    clock: Clock
    rules: Rules

    def __post_init__(self) -> None:
        rooms = self.rooms
        self.chosen: Bools = np.zeros(len(rooms.free), dtype=bool)
        self.served: Floats = np.zeros(len(rooms.columns))
        self.upper, self.left, self.bound = inf, inf, -inf
        self.best: Floats = np.minimum(rooms.cap, self._first_multipliers())
        self.multipliers, self.direction = self.best.copy(), np.zeros(len(rooms.cap))
        self.often: Floats = np.zeros(len(rooms.free))
        self.step, self.bad, self.climbed, self.work = 1.0, 0, 0, 0
        self.seen: set[bytes] = set()
        self.tried: set[tuple[bytes, int, int]] = set()
        self.infeasible = self.finished = False
        self.longest = 0.0  # seconds that one choice took to be valued
        self.stopped = ""
        self.luck = np.random.default_rng(self.rules.seed)
        self.bound = self._bound_at_best()

    @property
    def serves(self) -> bool:
        """Whether the best choice leaves out nobody who may not be."""
        return self.upper < inf and not self.rooms.leaves(self.left)

    @property
    def tolerance(self) -> float:
        if self.rooms.step:
            return self.rooms.step * (1 - 1e-6)
        return SAME * self._size

    @property
    def _size(self) -> float:
        value = self.upper if self.rooms.total is None else self.rooms.total - self.upper
        return max(abs(value), 1e-9) if np.isfinite(value) else 1e-9

    @property
    def closed(self) -> bool:
        return self.serves and self.bound >= self.upper - self.tolerance * (1 + 1e-9)

    @property
    def _done(self) -> bool:
        out = self.clock.left <= 0 if self.clock.work is None else self.work >= self.clock.work
        near = self.rules.gap > 0 and self.upper - self.bound <= self.rules.gap * self._size
        return self.closed or near or out or self.infeasible or self.finished

    @property
    def _late(self) -> bool:
        """Whether the clock would end before another choice is valued; never without a plan, nor where work is counted."""
        return self.upper < inf and self.clock.left < self.longest

    def start_from(self, multipliers: Floats) -> None:
        """Begin the climb at these (rows,) where they bound better than those at hand."""
        before, bound = self.best, self.bound
        self.best = multipliers
        found = self._bound_at_best()
        if found > bound:
            self.bound, self.multipliers = found, multipliers.copy()
        else:
            self.best = before

    def run(self) -> str:
        """Search until proven, near enough, out of time or of work, or stopped by the user; says which."""
        for _ in self.steps():
            pass
        return self.stopped

    def steps(self) -> Iterator[str]:
        """The same in portions; ``stopped`` says at the end why it ended."""
        try:
            self._first_plan()
            self._begin_near()
            yield "plan"
            yield from self._ascend_and_swap()
            if not self._done:
                self._programme()
                yield "programme"
            while not self._done and not self._late:
                self._shake()
                yield "search"
        except KeyboardInterrupt:
            self.stopped = "proven" if self.closed else "user"
            return
        if self.closed:
            self.bound = self.upper
            self.stopped = "proven"
        elif self.finished or (self.rules.gap > 0 and self.upper - self.bound <= self.rules.gap * self._size):
            self.stopped = "gap"
        else:
            self.stopped = "clock" if self.clock.work is None else "work"

    def _first_multipliers(self) -> Floats:
        """What a row pays at its dearest listed site: a fair beginning for a climb."""
        rooms = self.rooms
        last = np.maximum(rooms.starts[1:] - 1, 0)
        listed = np.diff(rooms.starts) > 0
        worst = np.where(listed, rooms.costs[last] if len(rooms.costs) else 0.0, 0.0)
        return np.where(rooms.must, worst + 1e-3 * (1 + worst), 0.9 * rooms.cap)

    def _first_plan(self) -> None:
        rooms = self.rooms
        for by_ratio in (False, True) if rooms.purse < NEVER else (False,):
            trial = np.zeros(len(rooms.free), dtype=bool)
            if greedy(
                *rooms.by_site, rooms.cap, rooms.loads, trial, ~rooms.free,
                rooms.fees, rooms.prices, rooms.purse, rooms.number, by_ratio,
            ):  # fmt: skip
                self.offer(trial)

    def _begin_near(self) -> None:
        """Where what the first plan charges, or the nearest site of all, gives a better bound, the climb begins there."""
        rooms = self.rooms
        nearest = np.minimum(
            rooms.cap,
            rooms.costs[np.minimum(rooms.starts[:-1], len(rooms.costs) - 1)] if len(rooms.costs) else rooms.cap,
        )
        one, two = two_nearest_of_all(*rooms.rows, rooms.cap, (self.chosen & rooms.free) | rooms.given)
        before, bound = self.best, self.bound
        for trial in (nearest, one, one + 0.3 * (np.minimum(two, 2 * one + 1) - one)):
            self.best = np.clip(np.where(np.diff(rooms.starts) > 0, trial, rooms.cap), 0.0, rooms.cap)
            if (found := self._bound_at_best()) > bound:
                before, bound, self.step = self.best, found, NEAR_STEP
        self.best, self.bound = before, bound
        self.multipliers = self.best.copy()

    def offer(self, chosen: Bools) -> bool:
        """Value a choice by the exact split, and keep it where it is better."""
        key = chosen.tobytes()
        if key in self.seen or not self._keeps(chosen):
            return False
        if self._late:
            return False
        self.seen.add(key)
        rooms, begun = self.rooms, self.clock.spent
        value, served, left = filled(rooms, chosen, most=self.upper if self.serves else inf)
        self.longest = max(self.longest, self.clock.spent - begun)
        return self._keep(value, chosen.copy(), served, float(left.sum()))

    def _keep(self, value: float, chosen: Bools, served: Floats, left: float) -> bool:
        """Keep a choice that is better: one that leaves out nobody who must be served, whatever it costs, before one that does."""
        serves, before = not self.rooms.leaves(left), self.serves
        if before and not serves:
            return False
        if before == serves and not value < self.upper - 1e-12 * abs(value):
            return False
        self.upper, self.chosen, self.served, self.left = value, chosen, served, left
        return True

    def _keeps(self, chosen: Bools) -> bool:
        rooms = self.rooms
        return (
            not (chosen & ~rooms.free).any()
            and (rooms.number < 0 or int(chosen.sum()) == rooms.number)
            and (rooms.purse >= NEVER or float(rooms.prices[chosen].sum()) <= rooms.purse)
        )

    def _ascend_and_swap(self) -> Iterator[str]:
        rooms, portion = self.rooms, max(1, min(PORTION, AT_ONCE // max(1, len(self.rooms.columns))))
        while self.climbed < STEPS and self.step > 1e-3 and not self._done:
            target = self.upper if self.upper < inf else float(np.dot(rooms.loads, rooms.cap)) + rooms.constant
            found, self.step, self.bad = ascend_rooms(
                *rooms.by_site, rooms.cap, rooms.loads, rooms.room, rooms.fees, rooms.given, rooms.free,
                rooms.prices, rooms.purse, rooms.number, self.multipliers, self.direction, self.best,
                self.bound - rooms.constant, target - rooms.constant, portion, self.step, self.bad, self.often,
            )  # fmt: skip
            self.bound = max(self.bound, found + rooms.constant)
            self.climbed += portion
            rho, cheapest = self._reduced()
            self.offer(cheapest)
            self._swap(rho, SWAPS)
            self.work += 1
            self.rules.progress("search", min(1.0, self.climbed / STEPS))
            yield "search"

    def _reduced(self) -> tuple[Floats, Bools]:
        """(rho of each site at the best multipliers, the cheapest whole choice by them)."""
        rooms = self.rooms
        rho, chosen = np.zeros(len(rooms.free)), np.zeros(len(rooms.free), dtype=bool)
        rooms_reduced(*rooms.by_site, rooms.loads, rooms.room, rooms.fees, self.best, rho)
        cheapest_choice(rho, rooms.free, rooms.prices, rooms.purse, rooms.number, chosen)
        return rho, chosen

    def _bound_at_best(self) -> float:
        rooms = self.rooms
        rho, chosen = np.zeros(len(rooms.free)), np.zeros(len(rooms.free), dtype=bool)
        base = rooms_reduced(*rooms.by_site, rooms.loads, rooms.room, rooms.fees, self.best, rho)
        least = cheapest_choice(rho, rooms.free, rooms.prices, rooms.purse, rooms.number, chosen)[0]
        return float(base + rho[rooms.given].sum() + least + rooms.constant)

    def _swap(self, rho: Floats, most: int) -> bool:
        """The swaps that the bound finds best, tried exactly; stops at the first that gains."""
        rooms, done = self.rooms, 0
        inside, outside = np.flatnonzero(self.chosen), np.flatnonzero(rooms.free & ~self.chosen)
        if not len(outside) or self.upper == inf:
            return False
        key = self.chosen.tobytes()
        score = rho[outside][:, None] - rho[inside][None, :] if len(inside) else np.zeros((len(outside), 0))
        for at in np.argsort(score, axis=None, kind="stable")[: 8 * most]:
            into, out = int(outside[at // len(inside)]), int(inside[at % len(inside)])
            if (key, into, out) in self.tried:
                continue
            self.tried.add((key, into, out))
            trial = self.chosen.copy()
            trial[out], trial[into] = False, True
            done += 1
            if self.offer(trial):
                return True
            if done >= most or self._late or self.clock.left <= 0:
                return False
        if rooms.number < 0:
            for site in np.argsort(rho, kind="stable"):
                if rooms.free[site] and (key, int(site), -1) not in self.tried:
                    self.tried.add((key, int(site), -1))
                    trial = self.chosen.copy()
                    trial[site] = not trial[site]
                    if self.offer(trial):
                        return True
                    if self._late or self.clock.left <= 0:
                        return False
        return False

    def _shake(self) -> None:
        """Swaps from the best choice on, and where none gains two sites by lot."""
        self.work += 1
        rho, _ = self._reduced()
        if self._swap(rho, 50):
            return
        inside, outside = np.flatnonzero(self.chosen), np.flatnonzero(self.rooms.free & ~self.chosen)
        count = min(2, len(inside), len(outside))
        trial = self.chosen.copy()
        trial[self.luck.choice(inside, count, replace=False)] = False
        trial[self.luck.choice(outside, count, replace=False)] = True
        self.offer(trial)

    def _programme(self) -> None:
        rooms = self.rooms
        if len(rooms.columns) > LARGEST or self.clock.left <= 0:
            return
        self.rules.progress("programme", 0.0)
        answer = solve_rooms(
            rooms,
            start=self.chosen if self.serves else None,
            served=self.served if self.serves else None,
            tolerance=self.tolerance if self.upper < inf else 0.0,
            seconds=min(self.clock.left, 1e9),
            nodes=self.clock.work,
        )
        self.infeasible = answer.infeasible
        if answer.chosen is not None and answer.served is not None and self._keeps(answer.chosen):
            if rooms.single_source:
                self.take(answer.chosen, answer.served)
            else:
                self.offer(answer.chosen)
        self.bound = max(self.bound, min(answer.bound, self.upper))
        self.finished = answer.finished

    def take(self, chosen: Bools, served: Floats) -> None:
        """A choice with its own flows, as the programme found them."""
        rooms = self.rooms
        rows = np.repeat(np.arange(len(rooms.loads)), np.diff(rooms.starts))
        left = np.maximum(rooms.loads - np.bincount(rows, weights=served, minlength=len(rooms.loads)), 0.0)
        value = float(np.dot(served, rooms.costs) + np.dot(left, rooms.cap) + rooms.fees[chosen].sum()) + rooms.constant
        self._keep(value, chosen, served, float(left.sum()))
