"""The bound in machine code: prices on demand, the cheapest admissible choice, and their ascent.

For multipliers ``0 <= u_j <= cap_j`` every choice of sites costs at least

    L(u) = sum_j w_j u_j  +  least admissible sum of  rho_i = fee_i + sum_j w_j min(0, c_ij - u_j).

Admissible is the exact number, or what the purse pays in fractions; with both, the larger of
the two minima; with neither, any. Derivation and an independent recount: ``utopias.witness.recount``.

Source
------
Cornuejols, Fisher & Nemhauser (1977), Management Science 23:789-810; subgradient with deflected
direction (Camerini, Fratta & Maffioli 1975) and Polyak's step.
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.kernels import NEVER
from utopias.siting.lists import LISTS


@kernel(
    types.float64(types.I8, types.I4, types.F8, types.F8, types.F8, types.F8, types.OUT_F8),
    work=turns_of,
)
def reduced(
    starts: Longs, columns: Ints, costs: Floats, weights: Floats, fees: Floats, multipliers: Floats, rho: Floats
) -> float:
    """Fill ``rho`` (sites,) and return sum_j w_j u_j.

    Positions without a sign, here and in all that is looked at most: one with a sign may count from the end, which
    machine code asks at every entry (900 rows of 14,000 entries: 11 us against 26).
    """
    for i in range(len(rho)):
        rho[i] = fees[i]
    total = 0.0
    for j in range(len(starts) - 1):
        u, weight = multipliers[j], weights[j]
        total += weight * u
        for k in range(np.uint64(starts[j]), np.uint64(starts[j + 1])):
            under = u - costs[k]
            if under <= 0:
                break
            rho[np.uint32(columns[k])] -= weight * under
    return total


@kernel(types.int64(types.I8, types.F8, types.F8), work=turns_of)
def entries_under(starts: Longs, costs: Floats, multipliers: Floats) -> int:
    """How many entries cost less than the multiplier of their row; rows are sorted by cost."""
    count = 0
    for j in range(len(starts) - 1):
        low, high = starts[j], starts[j + 1]
        while low < high:
            middle = (low + high) // 2
            if costs[middle] < multipliers[j]:
                low = middle + 1
            else:
                high = middle
        count += low - starts[j]
    return count


@kernel(
    types.Tuple((types.float64, types.float64, types.float64))(
        types.F8, types.B1, types.F8, types.float64, types.int64, types.OUT_B1
    ),
    work=turns_of,
    allocates=True,
)
def cheapest_choice(
    rho: Floats, free: Bools, prices: Floats, purse: float, number: int, chosen: Bools
) -> tuple[float, float, float]:
    """The least sum of rho; fills ``chosen`` (whole sites) and tells (sum, price of money, last rho taken).

    Price of money is how much rho the last peso buys where the purse binds, else 0; the last rho taken
    is that of the worst site of the number where the number binds, else 0. With neither number nor purse
    every site under 0 is chosen.
    """
    chosen[:] = False
    sites = len(rho)
    by_number, last, among = -NEVER, 0.0, 0
    if number >= 0:
        by_number = 0.0
    if number > 0:
        # The last of the number by a partition, which takes a fraction of a sort; of equals the lower index is chosen.
        last = np.partition(np.where(free, rho, NEVER), number - 1)[number - 1]
        among = number
        for i in range(sites):
            if free[i] and rho[i] < last:
                by_number += rho[i]
                among -= 1
        by_number += among * last
    by_money, rate = -NEVER, 0.0
    if number < 0 and purse >= NEVER:
        by_money = 0.0
        for i in range(sites):
            if free[i] and rho[i] < 0:
                by_money += rho[i]
                chosen[i] = True
        return by_money, 0.0, 0.0
    if purse < NEVER:
        ratio = np.full(sites, NEVER)
        for i in range(sites):
            if free[i] and rho[i] < 0 and prices[i] <= purse:
                ratio[i] = rho[i] / prices[i] if prices[i] > 0 else -NEVER
        order_money = np.argsort(ratio, kind="mergesort")
        by_money, left = 0.0, purse
        for at in range(sites):
            i = order_money[at]
            if ratio[i] >= 0:
                break
            if prices[i] <= left:
                by_money += rho[i]
                left -= prices[i]
                chosen[i] = True
            else:
                by_money += ratio[i] * left
                rate = ratio[i]
                break
    if by_number >= by_money:
        for i in range(sites):
            chosen[i] = number > 0 and free[i] and rho[i] < last
        for i in range(sites):
            if number > 0 and among > 0 and free[i] and rho[i] == last:
                chosen[i] = True
                among -= 1
        return by_number, 0.0, last
    return by_money, rate, 0.0


@kernel(
    types.Tuple((types.float64, types.float64, types.float64, types.int64))(
        *LISTS,
        *LISTS,
        types.F8,
        types.F8,
        types.B1,
        types.F8,
        types.F8,
        types.float64,
        types.int64,
        types.OUT_F8,
        types.OUT_F8,
        types.OUT_F8,
        types.float64,
        types.float64,
        types.float64,
        types.int64,
        types.float64,
        types.int64,
        types.int64,
        types.OUT_F8,
        types.OUT_B1,
    ),
    work=lambda *a: 5 * a[19] * (len(a[1]) + len(a[0]) + len(a[8])),
    compiles_in=7.0,
    allocates=True,
)
def ascend(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    site_starts: Longs,
    demand: Ints,
    site_costs: Floats,
    cap: Floats,
    weights: Floats,
    free: Bools,
    fees: Floats,
    prices: Floats,
    purse: float,
    number: int,
    multipliers: Floats,
    direction: Floats,
    best: Floats,
    best_bound: float,
    upper: float,
    target: float,
    rounds: int,
    step: float,
    bad: int,
    patience: int,
    often: Floats,
    found: Bools,
) -> tuple[float, float, float, int]:
    """Up to ``rounds`` steps up from ``multipliers``; returns (best bound, best cost seen, step, bad steps).

    ``best`` keeps the multipliers of the best bound. A cheaper admissible choice met on the way
    stands in ``found``; ``often`` (sites,) is how often each was chosen lately, 0 to 1. The step is halved after
    ``patience`` bad steps in a row. Stops early where the bound passes ``target``. Who serves whom is read from the lists of the chosen sites where those are the shorter ones to
    look at; empty lists by site: they are not at hand.
    """
    n, sites = len(starts) - 1, len(free)
    rho = np.zeros(sites)
    chosen = np.zeros(sites, np.bool_)
    served, nearer = np.empty(n), np.empty(n, np.int64)
    looked = n + entries_under(starts, costs, multipliers) if len(site_starts) > sites else -1
    for _ in range(rounds):
        bound = reduced(starts, columns, costs, weights, fees, multipliers, rho)
        bound += cheapest_choice(rho, free, prices, purse, number, chosen)[0]
        if bound > best_bound + 1e-9 * abs(best_bound):
            if bound > best_bound + 1e-5 * abs(bound):
                bad = 0
            best_bound = bound
            best[:] = multipliers
        else:
            bad += 1
            if bad >= patience:
                step *= 0.5
                bad = 0
                multipliers[:] = best
                direction[:] = 0.0
        length, cost, listed = 0.0, 0.0, 0
        for i in range(sites):
            often[i] = 0.9 * often[i] + (0.1 if chosen[i] else 0.0)
            if chosen[i]:
                cost += fees[i]
                listed += site_starts[i + 1] - site_starts[i] if looked >= 0 else 0
        served[:] = cap
        nearer[:] = 0
        if listed <= looked:
            for i in range(sites):
                if not chosen[i]:
                    continue
                for k in range(np.uint64(site_starts[i]), np.uint64(site_starts[i + 1])):
                    at, paid = np.uint32(demand[k]), site_costs[k]
                    served[at] = min(served[at], paid)
                    nearer[at] += 1 if paid < multipliers[at] else 0
        else:
            for j in range(n):
                for k in range(np.uint64(starts[j]), np.uint64(starts[j + 1])):
                    if costs[k] >= multipliers[j] and served[j] < cap[j]:
                        break
                    if chosen[np.uint32(columns[k])]:
                        served[j] = min(served[j], costs[k])
                        if costs[k] < multipliers[j]:
                            nearer[j] += 1
        for j in range(n):
            cost += weights[j] * served[j]
            slope = 1.0 - nearer[j]
            if slope > 0 and multipliers[j] >= cap[j]:
                slope = 0.0
            direction[j] = 0.7 * direction[j] + 0.3 * slope
            length += weights[j] * direction[j] * direction[j]
        if cost < upper and number_holds(chosen, prices, purse, number):
            upper = cost
            found[:] = chosen
        if best_bound > target or length < 1e-12 or step < 1e-4:
            break
        stride = step * max(upper - bound, 1e-9 * abs(upper)) / length
        for j in range(n):
            multipliers[j] = min(max(multipliers[j] + stride * direction[j], 0.0), cap[j])
    return best_bound, upper, step, bad


@kernel(
    types.boolean(types.B1, types.F8, types.float64, types.int64),
    work=turns_of,
)
def number_holds(chosen: Bools, prices: Floats, purse: float, number: int) -> bool:
    """Whether a whole choice keeps the number and the purse."""
    count, spent = 0, 0.0
    for i in range(len(chosen)):
        if chosen[i]:
            count += 1
            spent += prices[i]
    return (number < 0 or count == number) and (purse >= NEVER or spent <= purse)
