"""The bound over years in machine code: the assignment rows of every year priced, and the money of every year.

For multipliers ``0 <= u_jy <= cap_j`` and prices ``lambda >= 0`` of money and of places among a year's works, every
schedule that keeps the rules costs at least

    sum_y d_y sum_j w_j u_jy  -  lambda . limits
        +  least sum over ``number`` sites of  min over t of ( sum over y >= t of d_y rho_iy  +  price of (i, t) ),

    rho_iy = sum_j w_j min(0, c_ij - u_jy):

a site of works year t serves in all years y >= t, so the columns of the time-expanded problem are sums of those of the
single years, and are never stored. That all its rows hold at once makes it stronger than each year's own bound.
Derivation and an independent recount: ``utopias.witness.phases``.

Source
------
As ``dual_kernels``; that rows of money may be priced beside the others: Geoffrion (1974), Math. Prog. Study 2:82-114.
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.median.dual_kernels import reduced

_LISTS = (types.I8, types.I4, types.F8)


@kernel(
    types.float64(
        types.F8, types.F8, types.B1, types.B1, types.B1, types.F8, types.F8, types.F8, types.boolean, types.int64,
        types.int64, types.F8, types.OUT_I4,
    ),
    work=turns_of,
    allocates=True,
)  # fmt: skip
def cheapest_schedule(
    rho: Floats,
    share: Floats,
    free: Bools,
    forced: Bools,
    barred: Bools,
    works: Floats,
    equip: Floats,
    limits: Floats,
    carry: bool,
    capacity: int,
    number: int,
    prices: Floats,
    when: Ints,
) -> float:
    """The least priced sum over ``number`` sites, less what the limits are worth; fills ``when``.

    rho : (years * sites,) year by year. barred : (sites * years,) works years that no ledger can pay. prices :
    (years + 1 + years,) 0 or more: of each year's money, then of each year's works; under ``carry`` a price is of the
    money up to that year. inf where ``number`` sites cannot be had at all.
    """
    sites, years = len(free), len(share)
    money = prices[: years + 1].copy()
    worth, limit = 0.0, 0.0
    for t in range(years + 1):
        limit = limit + limits[t] if carry else limits[t]
        if prices[t] > 0:
            worth += prices[t] * limit
    if carry:
        for back in range(years):
            money[years - 1 - back] += money[years - back]
    for t in range(years):
        if prices[years + 1 + t] > 0:
            worth += prices[years + 1 + t] * capacity
    score, at = np.full(sites, np.inf), np.full(sites, years)
    for i in range(sites):
        if not free[i]:
            continue
        saved = 0.0
        for back in range(years):
            t = years - 1 - back
            saved += share[t] * rho[t * sites + i]
            if barred[i * years + t]:
                continue
            priced = saved + works[i] * money[t] + equip[i] * money[t + 1] + prices[years + 1 + t]
            if priced < score[i]:
                score[i], at[i] = priced, t
    when[:] = years
    total, left = -worth, number
    for i in range(sites):
        if forced[i]:
            total += score[i]
            when[i] = at[i]
            score[i] = np.inf
            left -= 1
    order = np.argsort(score, kind="mergesort")
    for o in range(left):
        i = order[o]
        total += score[i]
        when[i] = at[i]
    return total


@kernel(
    types.Tuple((types.float64, types.float64, types.int64))(
        *_LISTS, types.F8, types.F8, types.F8, types.B1, types.B1, types.B1, types.F8, types.F8, types.F8,
        types.boolean, types.int64, types.int64, types.OUT_F8, types.OUT_F8, types.OUT_F8, types.OUT_F8, types.OUT_F8,
        types.OUT_F8, types.float64, types.float64, types.float64, types.int64, types.float64, types.int64,
        types.int64, types.float64, types.OUT_F8,
    ),
    work=lambda *a: 5 * a[24] * (len(a[1]) + len(a[0]) + len(a[6])) * len(a[5]),
    compiles_in=8.0,
    allocates=True,
)  # fmt: skip
def ascend_years(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    cap: Floats,
    weights: Floats,
    share: Floats,
    free: Bools,
    forced: Bools,
    barred: Bools,
    works: Floats,
    equip: Floats,
    limits: Floats,
    carry: bool,
    capacity: int,
    number: int,
    multipliers: Floats,
    direction: Floats,
    best: Floats,
    prices: Floats,
    price_direction: Floats,
    best_prices: Floats,
    best_bound: float,
    upper: float,
    target: float,
    rounds: int,
    step: float,
    bad: int,
    patience: int,
    stake: float,
    often: Floats,
) -> tuple[float, float, int]:
    """Up to ``rounds`` steps up; returns (best bound, step, bad steps). All as ``dual_kernels.ascend``.

    multipliers, direction, best : (years * demand,) year by year. prices, price_direction, best_prices :
    (2 * years + 1,) as ``cheapest_schedule`` takes them. stake : what a year's whole money is worth, about, in units
    of weight: it sets how far prices go in one step. often : (sites * years,) how often each was chosen lately.
    """
    n, sites, years = len(starts) - 1, len(free), len(share)
    no_fees = np.zeros(sites)
    rho, used = np.zeros(years * sites), np.zeros(2 * years + 1)
    when = np.zeros(sites, np.int32)
    limit_of = np.zeros(2 * years + 1)
    running = 0.0
    for t in range(years + 1):
        running = running + limits[t] if carry else limits[t]
        limit_of[t] = running
    for t in range(years):
        limit_of[years + 1 + t] = capacity
    for _ in range(rounds):
        bound = 0.0
        for y in range(years):
            part = reduced(starts, columns, costs, weights, no_fees, multipliers[y * n : (y + 1) * n], rho[y * sites : (y + 1) * sites])  # fmt: skip
            bound += share[y] * part
        bound += cheapest_schedule(rho, share, free, forced, barred, works, equip, limits, carry, capacity, number, prices, when)  # fmt: skip
        if bound > best_bound + 1e-9 * abs(best_bound):
            if bound > best_bound + 1e-5 * abs(bound):
                bad = 0
            best_bound = bound
            best[:] = multipliers
            best_prices[:] = prices
        else:
            bad += 1
            if bad >= patience:
                step *= 0.5
                bad = 0
                multipliers[:] = best
                prices[:] = best_prices
                direction[:] = 0.0
                price_direction[:] = 0.0
        if best_bound > target:
            break
        used[:] = 0.0
        for k in range(len(often)):
            often[k] *= 0.9
        for i in range(sites):
            t = when[i]
            if t < years:
                often[i * years + t] += 0.1
                used[t] += works[i]
                used[t + 1] += equip[i]
                used[years + 1 + t] += 1.0
        if carry:
            for t in range(years):
                used[t + 1] += used[t]
        length = 0.0
        for y in range(years):
            for j in range(n):
                at = y * n + j
                u, count = multipliers[at], 0
                for k in range(starts[j], starts[j + 1]):
                    if costs[k] >= u:
                        break
                    if when[columns[k]] <= y:
                        count += 1
                slope = 1.0 - count
                if slope > 0 and u >= cap[j]:
                    slope = 0.0
                direction[at] = 0.7 * direction[at] + 0.3 * slope
                length += share[y] * weights[j] * direction[at] * direction[at]
        for r in range(2 * years + 1):
            slope = 0.0
            if limit_of[r] > 0:
                slope = used[r] / limit_of[r] - 1.0
                if slope < 0 and prices[r] <= 0:
                    slope = 0.0
            price_direction[r] = 0.7 * price_direction[r] + 0.3 * slope
            length += stake * price_direction[r] * price_direction[r]
        if length < 1e-12 or step < 1e-4:
            break
        stride = step * max(upper - bound, 1e-9 * abs(upper)) / length
        for y in range(years):
            for j in range(n):
                at = y * n + j
                multipliers[at] = min(max(multipliers[at] + stride * direction[at], 0.0), cap[j])
        for r in range(2 * years + 1):
            if limit_of[r] > 0:
                prices[r] = max(0.0, prices[r] + stride * stake * price_direction[r] / limit_of[r])
    return best_bound, step, bad
