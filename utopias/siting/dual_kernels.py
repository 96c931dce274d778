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


@kernel(
    types.float64(types.I8, types.I4, types.F8, types.F8, types.F8, types.F8, types.OUT_F8),
    work=turns_of,
)
def reduced(
    starts: Longs, columns: Ints, costs: Floats, weights: Floats, fees: Floats, multipliers: Floats, rho: Floats
) -> float:
    """Fill ``rho`` (sites,) and return sum_j w_j u_j."""
    for i in range(len(rho)):
        rho[i] = fees[i]
    total = 0.0
    for j in range(len(starts) - 1):
        u = multipliers[j]
        total += weights[j] * u
        for k in range(starts[j], starts[j + 1]):
            under = u - costs[k]
            if under <= 0:
                break
            rho[columns[k]] -= weights[j] * under
    return total


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
    by_number, last = -NEVER, 0.0
    if number >= 0:
        order = np.argsort(np.where(free, rho, NEVER), kind="mergesort")
        by_number = 0.0
        for at in range(number):
            by_number += rho[order[at]]
            last = rho[order[at]]
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
        chosen[:] = False
        for at in range(number):
            chosen[order[at]] = True
        return by_number, 0.0, last
    return by_money, rate, 0.0


@kernel(
    types.Tuple((types.float64, types.float64, types.float64, types.int64))(
        types.I8,
        types.I4,
        types.F8,
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
    work=lambda *a: 5 * a[16] * (len(a[1]) + len(a[0]) + len(a[5])),
    compiles_in=7.0,
    allocates=True,
)
def ascend(
    starts: Longs,
    columns: Ints,
    costs: Floats,
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
    stands in ``found``; ``often`` (sites,) is how often each was chosen lately, 0 to 1. The step is halved after ``patience`` bad steps in a row. Stops early where the bound
    passes ``target``.
    """
    n, sites = len(starts) - 1, len(free)
    rho = np.zeros(sites)
    chosen = np.zeros(sites, np.bool_)
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
        length, cost = 0.0, 0.0
        for i in range(sites):
            often[i] = 0.9 * often[i] + (0.1 if chosen[i] else 0.0)
            if chosen[i]:
                cost += fees[i]
        for j in range(n):
            u, served, count = multipliers[j], cap[j], 0
            for k in range(starts[j], starts[j + 1]):
                if costs[k] >= u and served < cap[j]:
                    break
                if chosen[columns[k]]:
                    served = min(served, costs[k])
                    if costs[k] < u:
                        count += 1
            cost += weights[j] * served
            slope = 1.0 - count
            if slope > 0 and u >= cap[j]:
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
