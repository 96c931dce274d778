"""How good any choice of sites and services can be: rows, money and upkeep priced, the best bundle at each site.

Each served person of a row is charged ``u``; the purse and the upkeep are charged by the peso. What is left falls
apart by site: an offer gains ``rho``, the most persons times (worth - u) that it can serve alone; a site takes the
best bundle its plot holds (a small knapsack, solved exactly), and the best sites open. For any prices of 0 or more

    L = sum_j d_j u_j  +  money * purse  +  yearly * upkeep  +  sum of rho of what stands  +  the best sites' bundles

is passed by no choice. The 2^k bundles of a site are never listed.

Source
------
Lagrangian relaxation: Geoffrion (1974), Mathematical Programming Study 2:82-114; deflected direction: Camerini,
Fratta & Maffioli (1975). Recounted in plain numpy by ``utopias.witness.modules``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.bundles.flat import Flat
from utopias.siting.bundles.kernels import best_bundles, worth_of_offers
from utopias.siting.kernels import NEVER

# Branches of one site's knapsack after which its fractional bound is taken instead.
NODES = 20_000
# Below this step length the descent has come to rest.
REST = 1e-4
PATIENCE = 15


@kernel(
    types.float64(
        types.B1,
        types.B1,
        types.I8,
        types.I8,
        types.F8,
        types.F8,
        types.int64,
        types.B1,
        types.OUT_B1,
        types.OUT_B1,
    ),
    work=lambda *a: 10 * len(a[0]) + len(a[7]),
    allocates=True,
)
def open_best(
    free: Bools, forced: Bools, site_starts: Longs, site_offers: Longs, bounds: Floats, gains: Floats, most: int,
    taken: Bools, is_open: Bools, chosen: Bools,
) -> float:  # fmt: skip
    """Open the forced sites and the best others with a gain, ``most`` in all; the sum of their bounds.

    Marks ``is_open`` (m,) and adds their ``taken`` offers to ``chosen`` (offers,). ``gains`` orders the sites.
    """
    is_open[:] = False
    total, count = 0.0, 0
    order = np.argsort(-gains, kind="mergesort")
    for part in range(2):
        for at in range(len(order)):
            i = order[at]
            if not free[i] or forced[i] != (part == 0) or (part == 1 and (count >= most or bounds[i] <= 0)):
                continue
            is_open[i] = True
            total += bounds[i]
            count += 1
            for k in range(site_starts[i], site_starts[i + 1]):
                if taken[site_offers[k]]:
                    chosen[site_offers[k]] = True
    return total


@kernel(
    types.Tuple((types.float64, types.float64, types.int64))(
        types.I8, types.I4, types.F8, types.F8, types.F8, types.F8, types.F8, types.F8, types.B1, types.B1,
        types.I8, types.I8, types.B1, types.B1, types.F8, types.F8, types.int64, types.float64, types.float64,
        types.OUT_F8, types.OUT_F8, types.OUT_F8, types.OUT_F8, types.OUT_F8, types.OUT_F8,
        types.float64, types.float64, types.float64, types.int64, types.float64, types.int64, types.int64,
        types.OUT_B1,
    ),
    work=lambda *a: 3 * a[28] * (len(a[1]) + 10 * len(a[0])),
    compiles_in=8.0,
    allocates=True,
)  # fmt: skip
def descend(
    starts: Longs, columns: Ints, demand: Floats, worth: Floats, limits: Floats, area: Floats, money: Floats,
    yearly: Floats, given: Bools, must: Bools, site_starts: Longs, site_offers: Longs, free: Bools, forced: Bools,
    rooms: Floats, site_money: Floats, most: int, purse: float, upkeep: float,
    u: Floats, prices: Floats, slopes: Floats, price_slopes: Floats, best_u: Floats, best_prices: Floats,
    best: float, value: float, size: float, rounds: int, step: float, bad: int, patience: int,
    found: Bools,
) -> tuple[float, float, int]:  # fmt: skip
    """Up to ``rounds`` steps down from ``u`` (rows,) and ``prices`` (2,: share of ``size`` for all the purse, the upkeep).

    Returns (best bound, step, bad steps); ``best_u`` and ``best_prices`` keep the multipliers of it, ``found`` (offers,)
    the choice that it was met with. ``value`` : of a choice in hand, what the steps aim at.
    """
    rows, offers, m = len(starts) - 1, len(limits), len(free)
    rho, profit, left = np.empty(offers), np.empty(offers), np.empty(offers)
    chosen, taken, allowed = np.zeros(offers, np.bool_), np.zeros(offers, np.bool_), np.ones(offers, np.bool_)
    is_open = np.zeros(m, np.bool_)
    bounds, values, no_money, gain = np.empty(m), np.empty(m), np.zeros(m), np.empty(rows)
    for _ in range(rounds):
        for j in range(rows):
            gain[j] = worth[j] - u[j]
        order = np.argsort(-gain, kind="mergesort")
        worth_of_offers(starts, columns, demand, gain, order, limits, rho)
        per_peso = prices[0] * size / purse if purse < NEVER and purse > 0 else 0.0
        per_year = prices[1] * size / upkeep if upkeep < NEVER and upkeep > 0 else 0.0
        bound = 0.0
        for j in range(rows):
            bound += demand[j] * u[j]
        bound += per_peso * purse if per_peso > 0 else 0.0
        bound += per_year * upkeep if per_year > 0 else 0.0
        for o in range(offers):
            chosen[o] = given[o]
            bound += rho[o] if given[o] else 0.0
            profit[o] = rho[o] - per_peso * money[o] - per_year * yearly[o]
        best_bundles(
            site_starts, site_offers, profit, area, money, yearly, must, allowed, rooms, no_money,
            NEVER, NEVER, NODES, bounds, values, taken,
        )  # fmt: skip
        for i in range(m):
            bounds[i] -= per_peso * site_money[i]
        bound += open_best(free, forced, site_starts, site_offers, bounds, bounds, most, taken, is_open, chosen)
        if bound < best - 1e-9 * abs(best):
            if bound < best - 1e-5 * abs(best):
                bad = 0
            best = bound
            best_u[:] = u
            best_prices[:] = prices
            found[:] = chosen
        else:
            bad += 1
            if bad >= patience:
                step *= 0.5
                bad = 0
                u[:] = best_u
                prices[:] = best_prices
                slopes[:] = 0.0
                price_slopes[:] = 0.0
        if step < REST or best <= value:
            break
        left[:] = limits
        length = 0.0
        for at in range(rows):
            j = order[at]
            met = 0.0
            if gain[j] > 0:
                for k in range(starts[j], starts[j + 1]):
                    o = columns[k]
                    if chosen[o]:
                        take = min(demand[j], left[o])
                        if take > 0:
                            met += take
                            left[o] -= take
            slope = 1.0 - met / demand[j]
            if (slope > 0 and u[j] <= 0) or (slope < 0 and u[j] >= worth[j]):
                slope = 0.0
            slopes[j] = 0.7 * slopes[j] + 0.3 * slope
            length += demand[j] * slopes[j] * slopes[j]
        spent, paid = 0.0, 0.0
        for o in range(offers):
            if chosen[o] and not given[o]:
                spent += money[o]
                paid += yearly[o]
        for i in range(m):
            if is_open[i]:
                spent += site_money[i]
        for way in range(2):
            limit = purse if way == 0 else upkeep
            if limit >= NEVER or limit <= 0:
                continue
            slope = 1.0 - (spent if way == 0 else paid) / limit
            if slope > 0 and prices[way] <= 0:
                slope = 0.0
            price_slopes[way] = 0.7 * price_slopes[way] + 0.3 * slope
            length += size * price_slopes[way] * price_slopes[way]
        if length < 1e-12:
            break
        stride = step * max(bound - value, 1e-9 * abs(bound)) / length
        for j in range(rows):
            u[j] = min(max(u[j] - stride * slopes[j], 0.0), worth[j])
        for way in range(2):
            prices[way] = max(prices[way] - stride * price_slopes[way], 0.0)
    return best, step, bad


@dataclass(eq=False)
class Descent:
    """A descent that can pause: multipliers, the best so far, and the state of the step.

    ``bound`` holds for every choice, with the flat's constant. ``prices`` (2,) are shares of ``size`` that all of the
    purse and all of the upkeep would cost. ``found`` : (offers,) the choice met with the best bound; it may break rules.
    """

    flat: Flat
    u: Floats
    prices: Floats
    size: float

    def __post_init__(self) -> None:
        rows = len(self.flat.demand)
        self.best_u, self.best_prices = self.u.copy(), self.prices.copy()
        self.slopes, self.price_slopes = np.zeros(rows), np.zeros(2)
        self.bound, self.step, self.bad, self.rounds = NEVER, 1.0, 0, 0
        self.found: Bools = np.zeros(len(self.flat.limits), dtype=bool)

    @classmethod
    def start(cls, flat: Flat, served: Floats, value: float) -> Descent:
        """Begin near what a good choice charges: half a person's worth where it serves them, little where it does not."""
        share = np.where(flat.demand > 0, served / np.maximum(flat.demand, 1e-300), 0.0)
        return cls(flat, flat.worth * (0.1 + 0.4 * share), np.full(2, 0.1), max(value, 1.0))

    @property
    def rested(self) -> bool:
        return self.step < REST

    @property
    def money_prices(self) -> tuple[float, float]:
        """Worth of a peso once, and of a peso a year, at the best bound; 0 where nothing limits them."""
        flat = self.flat
        return (
            float(self.best_prices[0]) * self.size / flat.purse if 0 < flat.purse < NEVER else 0.0,
            float(self.best_prices[1]) * self.size / flat.upkeep if 0 < flat.upkeep < NEVER else 0.0,
        )

    def go(self, rounds: int, value: float) -> None:
        """Up to ``rounds`` steps, aiming at ``value``, that of a choice in hand."""
        flat, base = self.flat, self.flat.constant
        best, self.step, self.bad = descend(
            flat.starts, flat.columns, flat.demand, flat.worth, flat.limits, flat.area, flat.money, flat.yearly,
            flat.given, flat.must, flat.site_starts, flat.site_offers, flat.free, flat.forced, flat.rooms,
            flat.site_money, flat.most, flat.purse, flat.upkeep,
            self.u, self.prices, self.slopes, self.price_slopes, self.best_u, self.best_prices,
            self.bound - base, value - base, self.size, rounds, self.step, self.bad, PATIENCE, self.found,
        )  # fmt: skip
        self.bound = best + base
        self.rounds += rounds


def site_bounds(flat: Flat, u: Floats, money_prices: tuple[float, float]) -> tuple[float, Floats]:
    """(bound, (m,) what each site adds to it at most) at any multipliers of 0 or more."""
    gain = flat.worth - u
    rho = np.zeros(len(flat.limits))
    worth_of_offers(
        flat.starts,
        flat.columns,
        flat.demand,
        gain,
        np.argsort(-gain, kind="stable").astype(np.int64),
        flat.limits,
        rho,
    )
    per_peso, per_year = money_prices
    m = len(flat.free)
    bounds, values, taken = np.zeros(m), np.zeros(m), np.zeros(len(rho), dtype=bool)
    best_bundles(
        flat.site_starts, flat.site_offers, rho - per_peso * flat.money - per_year * flat.yearly, flat.area, flat.money,
        flat.yearly, flat.must, np.ones(len(rho), dtype=bool), flat.rooms, np.zeros(m), NEVER, NEVER, NODES,
        bounds, values, taken,
    )  # fmt: skip
    bounds -= per_peso * flat.site_money
    total = flat.constant + float(np.dot(flat.demand, u)) + float(rho[flat.given].sum())
    total += per_peso * flat.purse if per_peso else 0.0
    total += per_year * flat.upkeep if per_year else 0.0
    chosen, is_open = np.zeros(len(rho), dtype=bool), np.zeros(m, dtype=bool)
    total += open_best(
        flat.free, flat.forced, flat.site_starts, flat.site_offers, bounds, bounds, flat.most, taken, is_open, chosen
    )
    return total, bounds


def settled_sites(flat: Flat, u: Floats, money_prices: tuple[float, float], value: float, tolerance: float) -> Bools:
    """(m,) sites that no choice better than ``value`` by more than ``tolerance`` opens, by what they add to the bound."""
    bound, bounds = site_bounds(flat, u, money_prices)
    free = flat.free & ~flat.forced
    left = flat.most - int(flat.forced.sum())
    order = np.sort(bounds[free])[::-1]
    if left <= 0:
        return free
    # opening one more puts out the last of the best, or nothing where there is room
    last = max(float(order[left - 1]), 0.0) if len(order) >= left else 0.0
    closed: Bools = free & (bound - last + bounds < value + tolerance - 1e-9 * abs(bound))
    return closed
