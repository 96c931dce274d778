"""How good any plan can be: the Lagrangian bound, its ascent, and what it settles about single sites."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.siting.kernels import NEVER
from utopias.siting.lists import two_nearest_of_all
from utopias.siting.median.aims import Median
from utopias.siting.median.dual_kernels import ascend, cheapest_choice, entries_under, reduced

# Below this step length the ascent has come to rest.
REST = 1e-4
# Length of the first step, and bad steps in a row before it is halved: from what a good plan charges, longer ones overshoot
# for dozens of steps (city of 5,000 x 200, 25 steps: 0.9 % off with this, 18.9 % with 1.0).
FIRST_STEP, PATIENCE = 0.3, 12
# Steps of a climb for which lists by site are worth being made; and none at all.
TURNED = 25
NONE = (np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0))
# A first bound so many times under the value leads nowhere; and the shares of its multipliers that are tried then.
ASTRAY, LOWER = 10.0, (0.5, 0.25, 0.1, 0.03, 0.01, 0.003, 0.0)


@dataclass(eq=False)
class Ascent:
    """A climb that can pause: multipliers (n,), the best so far, and the state of the step.

    ``often`` (sites,) : how often each site was in the cheapest choice lately, 0 to 1.

    ``bound`` holds for every admissible choice, at any moment; it includes the median's constant.
    """

    median: Median
    multipliers: Floats
    best: Floats
    direction: Floats
    bound: float
    step: float = 1.0
    bad: int = 0
    rounds: int = 0
    patience: int = 25
    often: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        if not len(self.often):
            self.often = np.zeros(len(self.median.free))

    @classmethod
    def start(cls, median: Median, is_open: Bools) -> Ascent:
        """Begin near what a good plan charges: its cost, and a little of the second nearest."""
        first, second = two_nearest_of_all(*median.rows, median.cap, is_open)
        begun = cls.at(median, first + 0.3 * (np.minimum(second, 2 * first + 1) - first))
        if not begun.bound > -ASTRAY * abs(float(median.weights @ first)):
            # Where costs grow like exponents a few sites answer for all of it, many times over: begin lower down.
            begun = max((cls.at(median, begun.best * share) for share in LOWER), key=lambda climb: climb.bound)
        begun.step, begun.patience = FIRST_STEP, PATIENCE
        return begun

    @classmethod
    def at(cls, median: Median, multipliers: Floats) -> Ascent:
        """Begin at given multipliers, brought into [0, cap]."""
        inside = np.clip(multipliers, 0.0, median.cap)
        bound = bound_at(median, inside)[0]
        return cls(median, inside, inside.copy(), np.zeros(len(inside)), bound)

    @property
    def rested(self) -> bool:
        return self.step < REST

    @property
    def entries(self) -> int:
        """How many list entries lie under the multipliers: what one step of the climb looks at, twice."""
        return int(entries_under(self.median.starts, self.median.costs, self.multipliers))

    def climb(self, rounds: int, upper: float, target: float) -> tuple[float, Bools]:
        """Up to ``rounds`` steps; returns the least value met on the way and its choice (inf: none under ``upper``)."""
        median, found = self.median, np.zeros(len(self.median.free), dtype=bool)
        base = median.constant
        best, met, self.step, self.bad = ascend(
            *median.rows,
            *(median.by_site if median.is_turned or rounds >= TURNED else NONE),
            median.cap,
            median.weights,
            median.free,
            median.fees,
            median.prices,
            median.purse,
            median.number,
            self.multipliers,
            self.direction,
            self.best,
            self.bound - base,
            upper - base,
            target - base,
            rounds,
            self.step,
            self.bad,
            self.patience,
            self.often,
            found,
        )
        self.bound = max(self.bound, best + base)
        self.rounds += rounds
        return (met + base, found) if found.any() else (np.inf, found)

    def within(self, narrowed: Median) -> Ascent:
        """The same climb over a median that was narrowed: the same rows, fewer sites, lower caps."""
        multipliers = np.minimum(self.multipliers, narrowed.cap)
        best = np.minimum(self.best, narrowed.cap)
        # What held before holds for all that is left; with two rules at once these multipliers may tell less there.
        bound = max(self.bound, bound_at(narrowed, best)[0])
        return replace(self, median=narrowed, multipliers=multipliers, best=best, bound=bound)

    def offer(self, multipliers: Floats) -> bool:
        """Take multipliers from elsewhere where their bound is better."""
        inside = np.clip(multipliers, 0.0, self.median.cap)
        bound = bound_at(self.median, inside)[0]
        if bound <= self.bound:
            return False
        self.bound = bound
        self.best[:] = inside
        self.multipliers[:] = inside
        return True


def bound_at(median: Median, multipliers: Floats) -> tuple[float, Floats, float, float]:
    """(bound, rho of each site with its fee, price of money, rho of the last chosen) at multipliers within [0, cap]."""
    rho = np.zeros(len(median.free))
    chosen = np.zeros(len(median.free), dtype=bool)
    base = reduced(*median.rows, median.weights, median.fees, multipliers, rho)
    least, rate, last = cheapest_choice(rho, median.free, median.prices, median.purse, median.number, chosen)
    return base + least + median.constant, rho, rate, last


def settled(median: Median, multipliers: Floats, upper: float, tolerance: float) -> tuple[Bools, Bools]:
    """Which sites every better choice opens, and which it leaves: (opened, closed), by reduced cost.

    A choice that disagrees costs ``upper - tolerance`` or more.
    """
    dear = median.free & (median.prices > median.purse)
    if dear.any():
        opened, closed = settled(replace(median, free=median.free & ~dear), multipliers, upper, tolerance)
        return opened, closed | dear
    if median.number >= 0 and median.purse < NEVER:
        # Two relaxations, each with its own bound: a reduced cost of one says nothing over the bound of the other.
        by_number = settled(replace(median, purse=NEVER), multipliers, upper, tolerance)
        by_money = settled(replace(median, number=-1), multipliers, upper, tolerance)
        return by_number[0] | by_money[0], by_number[1] | by_money[1]
    bound, rho, rate, last = bound_at(median, multipliers)
    room = upper - tolerance - bound
    free = median.free
    opened, closed = np.zeros(len(free), dtype=bool), np.zeros(len(free), dtype=bool)
    if room <= 0:
        return opened, closed
    if median.number < 0:
        lean = rho - rate * median.prices  # what a site saves over what its money would buy elsewhere
        return free & (lean < -room), free & (lean > room)
    if not 0 < median.number < int(free.sum()):
        return opened, closed
    order = np.argsort(np.where(free, rho, NEVER), kind="stable")
    following = rho[order[median.number]]
    inside = np.zeros(len(free), dtype=bool)
    inside[order[: median.number]] = True
    opened = free & inside & (following - rho > room)
    closed = free & ~inside & (rho - last > room)
    return opened, closed


def if_decided(median: Median, multipliers: Floats) -> tuple[Floats, Floats]:
    """(m,) the bound of every choice that opens each site, and of every choice that leaves it; inf where none may.

    The reduced costs of ``settled``, told as bounds: a site whose first is over the value of a plan is in no better
    one, one whose second is over it is in all of them.
    """
    if median.number >= 0 and median.purse < NEVER:
        # Two relaxations, each with its own bound; the larger holds.
        by_number = if_decided(replace(median, purse=NEVER), multipliers)
        by_money = if_decided(replace(median, number=-1), multipliers)
        return np.maximum(by_number[0], by_money[0]), np.maximum(by_number[1], by_money[1])
    free = median.free & (median.prices <= median.purse)
    within = replace(median, free=free)
    bound, rho, rate, _ = bound_at(within, np.clip(multipliers, 0.0, median.cap))
    taken, left = np.full(len(free), np.inf), np.full(len(free), bound)
    if median.number < 0:
        lean = rho - rate * median.prices
        taken[free] = bound + np.maximum(lean[free], 0.0)
        left[free] = bound + np.maximum(-lean[free], 0.0)
        return taken, left
    order = np.argsort(np.where(free, rho, NEVER), kind="stable")
    count = int(free.sum())
    inside = np.zeros(len(free), dtype=bool)
    inside[order[: median.number]] = True
    last = rho[order[median.number - 1]] if 0 < median.number <= count else np.inf
    following = rho[order[median.number]] if median.number < count else np.inf
    if median.number > 0:
        taken[free] = bound + np.maximum(rho[free] - last, 0.0)
    left[inside & free] = bound + following - rho[inside & free]
    return taken, left
