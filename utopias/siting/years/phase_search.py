"""A search over budget years that always has a schedule and a bound in hand, and can be stopped at any moment.

Schedules are filled greedily, inside the end state first, and bettered by moves; the ascent gives the bound, and what
it chooses often is one more start; HiGHS closes what is small. Values here are those of ``Yearly.loss``: less is better.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, inf

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints
from utopias.domain.progress import Progress
from utopias.siting.lists import two_nearest_of_all
from utopias.siting.median.dual_kernels import reduced
from utopias.siting.median.programme import relaxed, solved
from utopias.siting.median.state import LUCK, SAME, STALE, STEPS_A_ROUND
from utopias.siting.question.clock import Clock
from utopias.siting.years.ledger import choose
from utopias.siting.years.year_dual import ascend_years, cheapest_schedule
from utopias.siting.years.year_moves import fill, rearrange
from utopias.siting.years.yearly import Yearly

MOST_STEPS = 15_000
# Stored pairs times years up to which HiGHS is given the whole question, and its relaxation.
LARGEST_WHOLE, LARGEST_RELAXED = 40_000, 150_000
# A share of the value by which the search may go astray, and rounds without a gain after which it returns to the best.
SLACK, PATIENCE_OF_SHAKES = 1e-3, 400
# Share of the time that must be left for a second first schedule.
FIRST_SHARE = 0.8
# Bad steps in a row that halve the step: few for a bound at once, then many for a better one.
PATIENCE = (25, 250)


@dataclass(eq=False)
class PhaseSearch:
    """``when`` (m,) the best schedule, ``upper`` what it loses, ``bound`` for every schedule that keeps the rules.

    multipliers (years * n,), prices (2 years + 1,) : of ``root``, the bound that can be recounted from them.
    size : from a loss, what a relative gap is measured by.
    """

    yearly: Yearly
    clock: Clock
    seed: int
    progress: Progress
    gap: float = 0.0
    total: float | None = None
    when: Ints = field(init=False)

    def __post_init__(self) -> None:
        n, years = len(self.yearly.median.weights), self.yearly.years
        self.when = np.full(len(self.yearly.median.free), years, dtype=np.int32)
        self.upper, self.bound, self.root = inf, -inf, -inf
        self.multipliers, self.prices = np.zeros(years * n), np.zeros(2 * years + 1)
        self.best, self.best_prices = self.multipliers.copy(), self.prices.copy()
        self.often = np.zeros(len(self.yearly.barred))
        self.luck = np.random.default_rng(self.seed)
        self.shaken, self.steps, self.step, self.bad, self.climbs = 0, 0, 1.0, 0, 0
        self.finished, self.infeasible = False, False
        self.current, self.idle = self.when.copy(), 0
        self.tolerance = 0.0

    @property
    def _size(self) -> float:
        value = self.upper if self.total is None else self.total - self.upper
        return max(abs(value), 1e-9) if np.isfinite(value) else 1e-9

    @property
    def closed(self) -> bool:
        return self.bound >= self.upper - self.tolerance * (1 + 1e-9)

    @property
    def _whole(self) -> bool:
        """Whether every loss is a whole number."""
        share = self.yearly.share
        return bool(self.yearly.median.step) and bool((share == np.floor(share)).all())

    def run(self, end_state: Ints) -> str:
        """Search until proven, near enough, out of time, out of work, or stopped by the user; says which.

        end_state : sites that are good once all are open. ``infeasible`` is set where no schedule keeps the rules.
        """
        self._first_schedules(end_state)
        if not np.isfinite(self.upper):
            return "proven"
        self.tolerance = max(1 - 1e-6, 1e-9 * abs(self.upper)) if self._whole else SAME * self._size
        try:
            self._climb_and_shake()
            if not self._done:
                self._programmes()
            while not self._done:
                self._shake(10)
        except KeyboardInterrupt:
            return "proven" if self.closed else "user"
        self._round_bound()
        if self.closed:
            return "proven"
        if self.finished or self._near:
            return "gap"
        return "clock" if self.clock.work is None else "work"

    @property
    def _near(self) -> bool:
        return self.upper - self.bound <= self.gap * self._size

    @property
    def _done(self) -> bool:
        out = self.clock.left <= 0 if self.clock.work is None else self.shaken >= self.clock.work
        return self.closed or self.finished or (self.gap > 0 and self._near) or out

    def _first_schedules(self, end_state: Ints) -> None:
        """Inside the end state first, then over all sites, by people, by people for money, and by money."""
        self.progress("plan", 0.0)
        yearly = self.yearly
        inside = np.zeros(len(yearly.median.free), dtype=bool)
        inside[end_state] = True
        for among in (inside & yearly.median.free, yearly.median.free):
            if np.isfinite(self.upper) and self.clock.left < FIRST_SHARE * self.clock.seconds:
                break
            for by_price in (0.0, 1.0, 3.0):
                when = np.full(len(inside), yearly.years, dtype=np.int32)
                full = self.fill(when, among, by_price)
                if not full and among is not yearly.median.free:
                    full = self.fill(when, yearly.median.free, 1.0)
                if full:
                    self._better(when)
                    break
        if not np.isfinite(self.upper):
            self._by_ledger(np.zeros(len(yearly.barred)))

    def fill(self, when: Ints, among: Bools, by_price: float, year_by_year: bool = False) -> bool:
        yearly = self.yearly
        forced = yearly.forced & (yearly.median.free & (among | yearly.forced))
        return bool(
            fill(*yearly.lists, among | forced, forced, *yearly.money, yearly.number, year_by_year, by_price, when)
        )

    def _by_ledger(self, worth: Floats) -> None:
        """A schedule from the programme over the ledger; it decides whether there is any."""
        found = choose(self.yearly, worth, whole=True, seconds=min(max(self.clock.left, 5.0), 60.0))
        if found.when is not None and self.yearly.keeps_rules(found.when):
            self._better(found.when)
        elif found.infeasible:
            self.infeasible = True

    def _better(self, when: Ints, luck: Floats | None = None) -> None:
        """Better a schedule by moves, and take it where it is the best yet."""
        yearly = self.yearly
        rounds = np.zeros((0, LUCK)) if luck is None else luck
        rearrange(
            *yearly.lists, yearly.median.free, yearly.forced, *yearly.money, when, self.current, self._slack, rounds
        )
        value = yearly.loss(when)
        if value < self.upper and yearly.keeps_rules(when):
            self.upper, self.when = value, when.copy()
            if luck is None:
                self.current = when.copy()

    @property
    def _slack(self) -> float:
        """How much worse than the best a schedule may be from which the search goes on."""
        return SLACK * self._size if np.isfinite(self.upper) else 0.0

    def _shake(self, rounds: int) -> None:
        if self.clock.work is not None:
            rounds = min(rounds, self.clock.work - self.shaken)
        before = self.upper
        if self.idle >= PATIENCE_OF_SHAKES:
            self.current, self.idle = self.when.copy(), 0
        self._better(self.when.copy(), self.luck.random((rounds, LUCK)))
        self.shaken += rounds
        self.idle = 0 if self.upper < before else self.idle + rounds
        limit = self.clock.seconds if self.clock.work is None else self.clock.work
        spent = self.clock.spent if self.clock.work is None else self.shaken
        self.progress("search", min(1.0, spent / max(limit, 1e-9)))

    def bound_at(self, multipliers: Floats, prices: Floats) -> float:
        """The bound of multipliers within [0, cap] and prices of 0 or more."""
        base, rho = self._rho(multipliers)
        yearly = self.yearly
        when = np.zeros(len(yearly.median.free), dtype=np.int32)
        return base + float(
            cheapest_schedule(
                rho, yearly.share, yearly.median.free, yearly.forced, yearly.barred, *yearly.money, yearly.number,
                prices, when,
            )
        )  # fmt: skip

    def _rho(self, multipliers: Floats) -> tuple[float, Floats]:
        """(what all rows pay with the constant, (years * m,) what each site saves of it in each year)."""
        yearly, median = self.yearly, self.yearly.median
        n, m = len(median.weights), len(median.free)
        rho, base = np.zeros(yearly.years * m), 0.0
        for y in range(yearly.years):
            part = reduced(
                *median.rows, median.weights, median.fees, multipliers[y * n : (y + 1) * n], rho[y * m : (y + 1) * m]
            )
            base += float(yearly.share[y]) * (float(part) + median.constant)
        return base, rho

    def _worth(self, rho: Floats) -> Floats:
        """(m * years,) what each (site, works year) saves from then on."""
        by_year = self.yearly.share[:, None] * rho.reshape(self.yearly.years, -1)
        worth: Floats = np.cumsum(by_year[::-1], axis=0)[::-1].T.ravel()
        return worth

    def _climb_and_shake(self) -> None:
        """Ascent and restarts by turns, in portions that depend on the size; by the clock, each gets as long as the other."""
        yearly, median = self.yearly, self.yearly.median
        size = max(1, yearly.years * (len(median.columns) + len(median.weights)))
        steps, rounds = int(min(50, max(1, 20_000_000 // size))), int(min(10, max(1, 4_000_000 // size)))
        most = MOST_STEPS if self.clock.work is None else min(MOST_STEPS, STEPS_A_ROUND * self.clock.work)
        self._start_ascent()
        stale, offered, climbing, shaking = 0, 0, 0.0, 0.0
        while True:
            begun = self.clock.spent
            if self.step < 1e-4 and self.climbs + 1 < len(PATIENCE):
                self._climb_again()
            if self.steps < most and self.step >= 1e-4:
                self._climb(min(steps, most - self.steps))
                if self.steps >= 2 * offered + 200 and not self._done:
                    offered = self.steps
                    self._offer_often()
            elif stale >= STALE:
                return
            if self._done:
                return
            climbing += self.clock.spent - begun
            if stale >= STALE or (self.clock.work is None and climbing < shaking and self.step >= 1e-4):
                continue
            begun, before = self.clock.spent, self.upper
            self._shake(rounds)
            shaking += self.clock.spent - begun
            stale = 0 if self.upper < before else stale + rounds

    def _start_ascent(self) -> None:
        """Near what the schedule charges in each year, as ``bounds.Ascent`` starts."""
        yearly, median = self.yearly, self.yearly.median
        for y in range(yearly.years):
            first, second = two_nearest_of_all(*median.rows, median.cap, self.when <= y)
            n = len(median.weights)
            self.multipliers[y * n : (y + 1) * n] = np.clip(
                first + 0.3 * (np.minimum(second, 2 * first + 1) - first), 0.0, median.cap
            )
        self.best, self.best_prices = self.multipliers.copy(), self.prices.copy()
        self.direction, self.price_direction = np.zeros_like(self.multipliers), np.zeros_like(self.prices)
        self._raise(self.bound_at(self.best, self.best_prices))
        nothing = float(np.dot(median.weights, median.cap)) * float(yearly.share.sum())
        saved = nothing - (self.upper - median.constant * float(yearly.share.sum()))
        self.stake = max(saved, 1e-9) / yearly.years / max(float(median.cap.max(initial=0.0)), 1e-9)

    def _raise(self, root: float) -> None:
        self.root = max(self.root, root)
        self.bound = max(self.bound, root)

    def _climb(self, rounds: int) -> None:
        yearly, median = self.yearly, self.yearly.median
        base = median.constant * float(yearly.share.sum())
        best, self.step, self.bad = ascend_years(
            *median.rows, median.cap, median.weights, yearly.share, median.free, yearly.forced, yearly.barred,
            *yearly.money, yearly.number, self.multipliers, self.direction, self.best, self.prices,
            self.price_direction, self.best_prices, self.root - base, self.upper - base,
            self.upper - self.tolerance - base, rounds, self.step, self.bad, PATIENCE[self.climbs], self.stake, self.often,
        )  # fmt: skip
        self._raise(best + base)
        self.steps += rounds

    def _climb_again(self) -> None:
        """From the best multipliers, with longer steps and more patience."""
        self.climbs, self.step, self.bad = self.climbs + 1, 0.5, 0
        self.multipliers[:], self.prices[:] = self.best, self.best_prices
        self.direction[:], self.price_direction[:] = 0.0, 0.0

    def _offer_often(self) -> None:
        """A schedule from what the ascent chose lately: the most frequent first, as the ledger allows."""
        yearly = self.yearly
        years = yearly.years
        when = np.full(len(yearly.median.free), years, dtype=np.int32)
        left, places = yearly.limits.copy(), np.full(years, yearly.capacity)
        for at in np.argsort(-self.often, kind="stable")[: 4 * yearly.number]:
            i, t = int(at) // years, int(at) % years
            if self.often[at] < 0.05 or when[i] < years or places[t] < 1 or int((when < years).sum()) >= yearly.number:
                continue
            after = left.copy()
            after[t] -= yearly.works[i]
            after[t + 1] -= yearly.equip[i]
            if ((np.cumsum(after) if yearly.carry else after)[t:] < 0).any():
                continue
            left, when[i] = after, t
            places[t] -= 1
        if self.fill(when, yearly.median.free, 0.0) and yearly.keeps_rules(when):
            self._better(when)

    def _programmes(self) -> None:
        """Exact prices of money for the best multipliers; then, where the question is small, HiGHS on the whole of it."""
        yearly = self.yearly
        size = len(yearly.median.columns) * yearly.years
        if size <= LARGEST_RELAXED and self.clock.left > 0:
            wide, rules = yearly.expanded()
            duals = relaxed(wide, seconds=min(self.clock.left, 1e9), more=rules)
            if duals is not None:
                self._offer(np.clip(duals, 0.0, wide.cap))
        self._offer(self.best)
        if self.closed or self.clock.left <= 0:
            return
        self._whole_ledger()
        if self.closed or self.clock.left <= 0 or size > LARGEST_WHOLE:
            return
        wide, rules = yearly.expanded()
        answer = solved(
            wide, start=yearly.serving(self.when), tolerance=self.tolerance, seconds=min(self.clock.left, 1e9),
            nodes=self.clock.work, more=rules,
        )  # fmt: skip
        if answer.chosen is not None:
            when = yearly.when_of(answer.chosen)
            if yearly.keeps_rules(when) and yearly.loss(when) < self.upper:
                self.upper, self.when = yearly.loss(when), when
        self.finished = answer.finished
        self.bound = max(self.bound, answer.bound)

    def _offer(self, multipliers: Floats) -> None:
        """Take multipliers from elsewhere with their exact prices of money, where their bound is better."""
        _, rho = self._rho(multipliers)
        exact = choose(self.yearly, self._worth(rho), whole=False, seconds=min(max(self.clock.left, 1.0), 1e9))
        prices = self.best_prices if exact.prices is None else exact.prices
        bound = self.bound_at(multipliers, prices)
        if bound > self.root:
            self._raise(bound)
            self.best, self.best_prices = multipliers.copy(), prices.copy()

    def _whole_ledger(self) -> None:
        """The bound of the best multipliers with whole sites in the ledger, and one more schedule."""
        base, rho = self._rho(self.best)
        found = choose(self.yearly, self._worth(rho), whole=True, seconds=min(self.clock.left, 10.0))
        self.bound = max(self.bound, base + found.bound)
        if found.when is not None and self.yearly.keeps_rules(found.when):
            self._better(found.when)

    def _round_bound(self) -> None:
        """Whole numbers lie on a grid: the bound may be raised to its next point."""
        if self._whole and self.closed:
            self.bound = self.upper
        elif self._whole and np.isfinite(self.bound):
            self.bound = min(self.upper, max(self.bound, ceil(self.bound - max(1e-6, 1e-9 * abs(self.bound)))))
        self.bound = min(self.bound, self.upper)
