"""A search for sites and services that always has a choice and a bound in hand, and can be stopped at any moment.

The builder gives choices: whole bundles at whole sites, torn down in part and built again at the prices of the bound.
The descent gives the bound. HiGHS closes what remains where the question is small. More is better here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.domain.progress import Progress
from utopias.siting.bundles.build import Builder
from utopias.siting.bundles.dual import Descent, settled_sites
from utopias.siting.bundles.flat import Flat
from utopias.siting.bundles.programme import LARGEST, pairs_left, solved
from utopias.siting.question.clock import Clock

MOST_STEPS = 1_200  # of the descent, after which it is taken as rested
STEPS_A_ROUND = 10  # that go with one counted round of work
STALE = 40  # rounds without a gain before the programme is tried
SAME = 1e-7  # without whole numbers, a gap under this share of the value is none


@dataclass(eq=False)
class Search:
    """The state of one search: the best choice (offers,), what it is worth, and the bound. ``gap`` : near enough."""

    flat: Flat
    clock: Clock
    seed: int
    progress: Progress
    gap: float = 0.0

    def __post_init__(self) -> None:
        self.build = Builder(self.flat)
        self.luck = np.random.default_rng(self.seed)
        self.chosen: Bools = np.zeros(len(self.flat.limits), dtype=bool)
        self.value, self.bound = -np.inf, self.flat.upper
        self.descent: Descent | None = None
        self.rounds, self.finished, self.infeasible = 0, False, False

    @property
    def admissible(self) -> bool:
        return bool(np.isfinite(self.value))

    @property
    def tolerance(self) -> float:
        """The gap that counts as none."""
        size = max(abs(self.value), 1e-9) if self.admissible else 1e-9
        return max(self.flat.step * (1 - 1e-6), SAME * size) if self.flat.step else SAME * size

    @property
    def closed(self) -> bool:
        return self.admissible and self.bound <= self.value + self.tolerance * (1 + 1e-9)

    @property
    def multipliers(self) -> Floats:
        """(rows,) of the root bound."""
        return self.flat.worth.copy() if self.descent is None else self.descent.best_u

    @property
    def money_prices(self) -> tuple[float, float]:
        return (0.0, 0.0) if self.descent is None else self.descent.money_prices

    def run(self) -> str:
        """Search until proven, near enough, out of time, out of work, or stopped by the user; says which."""
        self.progress("plan", 0.0)
        least = self.build.least()
        if self.build.keeps_rules(least):
            self._take(least)
            self._take(self.build.fill(least, (0.0, 0.0)))
        try:
            if self.admissible and not self.closed:
                self._alternate()
            if not self._done:
                self._programme()
            while not self._done and self.admissible:
                self._round()
        except KeyboardInterrupt:
            return "proven" if self.closed else "user"
        if self.closed:
            self.bound = self.value if self.flat.step else max(self.bound, self.value)
            return "proven"
        if self.flat.step and self.admissible:  # whole numbers lie on a grid: the bound may sink to its next point
            self.bound = max(self.value, floor(self.bound + max(1e-7, 1e-9 * abs(self.bound))))
        if self.finished or self._near:
            return "gap"
        return "clock" if self.clock.work is None else "work"

    @property
    def _near(self) -> bool:
        return self.bound - self.value <= self.gap * max(abs(self.value), 1e-9)

    @property
    def _done(self) -> bool:
        out = self.clock.left <= 0 if self.clock.work is None else self.rounds >= self.clock.work
        return self.closed or self.finished or self.infeasible or (self.gap > 0 and self._near) or out

    def _take(self, chosen: Bools) -> bool:
        if not self.build.keeps_rules(chosen):
            return False
        value = self.build.value(chosen)
        better = value > self.value + 1e-9 * max(1.0, abs(self.value)) if self.admissible else True
        if better:
            self.value, self.chosen = value, chosen.copy()
        return better

    def _alternate(self) -> None:
        """Descent and rebuilding by turns, until the one rests and the other finds nothing more."""
        descent = self.descent = Descent.start(self.flat, self.build.served(self.chosen), self.value)
        stale = 0
        while not self._done and (not descent.rested or stale < STALE):
            if not descent.rested and descent.rounds < MOST_STEPS:
                descent.go(STEPS_A_ROUND, self.value)
                self.bound = min(self.bound, descent.bound)
                if self.closed:
                    return
            elif stale >= STALE:
                return
            stale = 0 if self._round() else stale + 1

    def _round(self) -> bool:
        """Tear down a part of the best choice and build it again; whether that gained."""
        self.rounds += 1
        build, flat, luck = self.build, self.flat, self.luck
        prices = self.money_prices
        opened = np.flatnonzero(build.is_open(self.chosen))
        barred = np.zeros(len(flat.free), dtype=bool)
        way = self.rounds % 4
        if way == 0 and self.descent is not None:  # what the bound itself would choose, made to keep the rules
            left = build.trimmed(self.descent.found)
        elif way == 1 or len(opened) == 0:  # one site in turn, or two, give way to others
            count = 1 if way == 1 and luck.random() < 0.7 else 2
            gone = luck.permutation(opened)[:count]
            barred[gone] = luck.random() < 0.5
            barred &= ~flat.forced
            left = build.without(self.chosen, gone)
        elif way == 2:  # one or two houses are furnished anew
            again = luck.permutation(opened)[: 1 + int(luck.random() < 0.5)]
            drop = np.isin(flat.site, again) & ~flat.must & (luck.random(len(flat.limits)) < 0.6)
            left = self.chosen & ~drop
            left = build.without(left, again[~build.is_open(left)[again]])
        else:  # a tenth to a half of all services, wherever they are
            drop = ~flat.must & (luck.random(len(flat.limits)) < 0.1 + 0.4 * luck.random())
            left = self.chosen & ~drop
            left |= build.least() & ~build.is_open(left)[flat.site]
        if not build.keeps_rules(left):
            return False
        spread = luck.random() if max(prices) > 0 else 0.0  # between no price and half as much again
        gained = self._take(build.fill(left, (1.5 * spread * prices[0], 1.5 * spread * prices[1]), barred=barred))
        limit = self.clock.seconds if self.clock.work is None else self.clock.work
        spent = self.clock.spent if self.clock.work is None else self.rounds
        self.progress("search", min(1.0, spent / max(limit, 1e-9)))
        return gained

    def _programme(self) -> None:
        """HiGHS over the sites that the bound does not settle, where that is small."""
        flat = self.flat
        closed = np.zeros(len(flat.free), dtype=bool)
        if self.descent is not None and self.admissible:
            closed = settled_sites(flat, self.multipliers, self.money_prices, self.value, self.tolerance)
        if pairs_left(flat, closed) > LARGEST and self.admissible:
            return
        self.progress("programme", 0.0)
        inside = self.admissible and not closed[self.build.is_open(self.chosen)].any()
        answer = solved(
            flat, closed=closed, start=self.chosen if inside else None, tolerance=self.tolerance,
            seconds=min(self.clock.left, 1e9), nodes=self.clock.work,
        )  # fmt: skip
        if answer.chosen is not None:
            self._take(answer.chosen)
        self.finished = answer.finished
        self.infeasible = answer.infeasible and not self.admissible
        if self.admissible:  # what was settled is worth less than a better choice would have to be
            self.bound = min(self.bound, max(answer.bound, self.value + self.tolerance))
