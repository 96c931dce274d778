"""The search in machine code: greedy, interchange and shaken restarts on sparse lists.

Everything here minimises one thing, the capped weighted p-median

    sum_j  w_j * min(cap_j, min over open i of c_ij)  +  sum over open i of fee_i

over lists ``starts, columns, costs`` (rows sorted by cost, entries under the cap only). Sites may
have prices that a purse must pay. ``number`` is the exact count to open, or -1 where only the
purse binds; ``shut`` sites are never opened. Results depend on nothing but the arguments.

Source
------
Interchange: Teitz & Bart (1968), Oper. Res. 16:955-961, taken eagerly with the gain and loss
tables of Whitaker (1983), INFOR 21:95-108, on sparse lists as in Resende & Werneck (2007),
EJOR 174:54-68. Lazy greedy: Minoux (1978). Restarts: iterated local search.
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.lists import LISTS, total_cost, two_nearest

_RULES = (types.B1, types.F8, types.F8, types.float64, types.int64)  # shut, fees, prices, purse, number
NEVER = 1e300
# A swap must gain this share of the gain it weighs: sums of floats are not exact.
EPSILON = 1e-10


@kernel(types.float64(types.I8, types.F8, types.B1, types.B1, types.int64, types.int64), work=turns_of)
def cheapest_rest(by_price: Longs, prices: Floats, is_open: Bools, shut: Bools, but: int, count: int) -> float:
    """What the ``count`` cheapest sites that are still closed would cost, ``but`` left out."""
    total = 0.0
    for at in range(len(by_price)):
        if count <= 0:
            break
        i = by_price[at]
        if not is_open[i] and not shut[i] and i != but:
            total += prices[i]
            count -= 1
    return total if count <= 0 else NEVER


@kernel(
    types.boolean(*LISTS, types.F8, types.F8, types.OUT_B1, *_RULES, types.boolean),
    work=lambda *a: len(a[0]) ** 2 + len(a[1]),
    compiles_in=4.0,
    allocates=True,
)
def greedy(
    site_starts: Longs,
    demand: Ints,
    site_costs: Floats,
    cap: Floats,
    weights: Floats,
    is_open: Bools,
    shut: Bools,
    fees: Floats,
    prices: Floats,
    purse: float,
    number: int,
    by_ratio: bool,
) -> bool:
    """Open the site that gains most over its fee (or most per money), again and again; fills ``is_open`` in place.

    False when ``number`` could not be reached within the purse. Without a number it stops
    where nothing more can be gained. Ties go to the lower index.
    """
    sites = len(site_starts) - 1
    now = cap.copy()
    opened = 0
    left = purse
    for i in range(sites):
        if is_open[i]:
            opened += 1
            left -= prices[i]
            for k in range(np.uint64(site_starts[i]), np.uint64(site_starts[i + 1])):
                j = np.uint32(demand[k])
                now[j] = min(now[j], site_costs[k])
    pays = purse < NEVER
    by_price = np.argsort(prices) if pays else np.zeros(0, np.int64)
    score = np.full(sites, NEVER)
    gain = np.zeros(sites)
    seen = np.full(sites, -1)
    while number < 0 or opened < number:
        best = -1
        while True:
            best = -1
            for i in range(sites):
                if is_open[i] or shut[i] or (best >= 0 and score[i] <= score[best]):
                    continue
                if pays and prices[i] > left:
                    continue
                if (
                    pays
                    and number >= 0
                    and prices[i] + cheapest_rest(by_price, prices, is_open, shut, i, number - opened - 1) > left
                ):
                    continue
                best = i
            if best < 0 or seen[best] == opened:
                break
            total = -fees[best]
            for k in range(np.uint64(site_starts[best]), np.uint64(site_starts[best + 1])):
                j = np.uint32(demand[k])
                saved = now[j] - site_costs[k]
                if saved > 0:
                    total += weights[j] * saved
            gain[best] = total
            score[best] = total / max(prices[best], 1e-12) if by_ratio else total
            seen[best] = opened
        if best < 0 or (number < 0 and gain[best] <= 0):
            break
        is_open[best] = True
        opened += 1
        left -= prices[best]
        for k in range(np.uint64(site_starts[best]), np.uint64(site_starts[best + 1])):
            j = np.uint32(demand[k])
            now[j] = min(now[j], site_costs[k])
    return number < 0 or opened == number


@kernel(
    types.float64(*LISTS, *LISTS, types.F8, types.F8, types.OUT_B1, *_RULES, types.int64, types.int64),
    work=lambda *a: a[15] * (len(a[1]) + len(a[3]) ** 2),
    compiles_in=2.0,
    allocates=True,
)
def interchange(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    site_starts: Longs,
    demand: Ints,
    site_costs: Floats,
    cap: Floats,
    weights: Floats,
    is_open: Bools,
    shut: Bools,
    fees: Floats,
    prices: Floats,
    purse: float,
    number: int,
    first: int,
    passes: int,
) -> float:
    """Swap one site in and one out while that gains, starting the round at ``first``; value reached.

    Without a number a site is also added where the money left pays for it, and closed where it does not earn
    its fee. Changes ``is_open``; the value includes the fees.
    """
    n, sites = len(starts) - 1, len(site_starts) - 1
    near = np.empty(n, np.int32)
    one, two = np.empty(n), np.empty(n)
    loss, change = np.zeros(sites), np.zeros(sites)
    value = 0.0
    for j in range(n):
        near[j], one[j], two[j] = two_nearest(j, starts, columns, costs, cap, is_open)
        value += weights[j] * one[j]
        if near[j] >= 0:
            loss[near[j]] += weights[j] * (two[j] - one[j])
    opened = np.empty(sites + 1, np.int32)
    count = 0
    left = purse
    for i in range(sites):
        if is_open[i]:
            opened[count] = i
            count += 1
            left -= prices[i]
            value += fees[i]
    since, looked, i = 0, 0, first
    while since < sites and looked < passes * sites:
        i = i + 1 if i + 1 < sites else 0
        since += 1
        looked += 1
        out, at, least, gain = -1, -1, NEVER, 0.0
        if is_open[i]:
            if number >= 0 or not loss[i] - fees[i] < -EPSILON * (1.0 + abs(value)):
                continue
            out, least = i, loss[i] - fees[i]
            for o in range(count):
                if opened[o] == i:
                    at = o
        elif shut[i]:
            continue
        else:
            gain = -fees[i]
            for k in range(np.uint64(site_starts[i]), np.uint64(site_starts[i + 1])):
                at_place, cost = np.uint32(demand[k]), site_costs[k]
                if cost < two[at_place]:
                    nearest = near[at_place]
                    if cost < one[at_place]:
                        gain += weights[at_place] * (one[at_place] - cost)
                        if nearest >= 0:
                            change[np.uint32(nearest)] -= weights[at_place] * (two[at_place] - one[at_place])
                    elif nearest >= 0:
                        change[np.uint32(nearest)] -= weights[at_place] * (two[at_place] - cost)
            if number < 0 and prices[i] <= left:
                least = 0.0
            for o in range(count):
                r = opened[o]
                if prices[i] - prices[r] <= left and loss[r] + change[r] - fees[r] < least:
                    out, at, least = r, o, loss[r] + change[r] - fees[r]
            for o in range(count):
                change[opened[o]] = 0.0
            if not least - gain < -EPSILON * (1.0 + abs(value)):
                continue
        since = 0
        goes_in = not is_open[i]
        if goes_in:
            is_open[i] = True
            loss[i] = 0.0
            left -= prices[i]
            value += fees[i]
        if out >= 0:
            is_open[out] = False
            left += prices[out]
            value -= fees[out]
            if goes_in:
                opened[at] = i
            else:
                count -= 1
                opened[at] = opened[count]
        else:
            opened[count] = i
            count += 1
        for half in range(2):
            site = out if half == 0 else i
            if site < 0 or (half == 1 and not goes_in):
                continue
            for k in range(site_starts[site], site_starts[site + 1]):
                j = demand[k]
                if site_costs[k] > two[j]:
                    continue
                if near[j] >= 0:
                    loss[near[j]] -= weights[j] * (two[j] - one[j])
                value -= weights[j] * one[j]
                near[j], one[j], two[j] = two_nearest(j, starts, columns, costs, cap, is_open)
                value += weights[j] * one[j]
                if near[j] >= 0:
                    loss[near[j]] += weights[j] * (two[j] - one[j])
        if out >= 0:
            loss[out] = 0.0
    value = float(total_cost(starts, columns, costs, cap, weights, is_open))
    for i in range(sites):
        if is_open[i]:
            value += fees[i]
    return value


@kernel(
    types.float64(
        *LISTS,
        *LISTS,
        types.F8,
        types.F8,
        types.OUT_B1,
        *_RULES,
        types.float64,
        types.Array(types.float64, 2, readonly=True),
    ),
    work=lambda *a: 60 * len(a[15]) * (len(a[1]) + len(a[3]) ** 2),
    compiles_in=3.0,
    allocates=True,
)
def shake(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    site_starts: Longs,
    demand: Ints,
    site_costs: Floats,
    cap: Floats,
    weights: Floats,
    is_open: Bools,
    shut: Bools,
    fees: Floats,
    prices: Floats,
    purse: float,
    number: int,
    value: float,
    luck: Floats,
) -> float:
    """Counted rounds of: close a few sites, open others by lot, interchange, keep if better.

    ``luck`` is (rounds, 18) numbers in [0, 1): how many to close, where to start, then which out
    and which in. ``is_open`` holds the best choice so far, before and after; returns its value.
    """
    sites = len(site_starts) - 1
    pool = np.empty(sites, np.int32)
    for r in range(len(luck)):
        trial = is_open.copy()
        count, left = 0, purse
        for i in range(sites):
            if trial[i]:
                pool[count] = i
                count += 1
                left -= prices[i]
        if count == 0:
            return value
        closing = 1 + int(luck[r, 0] * min(8, max(1, count // 3 + 1)))
        for turn in range(min(closing, count)):
            at = int(luck[r, 2 + turn] * count)
            trial[pool[at]] = False
            left += prices[pool[at]]
            count -= 1
            pool[at] = pool[count]
        others = 0
        for i in range(sites):
            if not trial[i] and not shut[i]:
                pool[others] = i
                others += 1
        wanted = closing if purse >= NEVER else 1
        for turn in range(min(wanted, others)):
            at = int(luck[r, 10 + turn] * others)
            if prices[pool[at]] <= left and (number < 0 or count < number):
                trial[pool[at]] = True
                left -= prices[pool[at]]
                count += 1
            others -= 1
            pool[at] = pool[others]
        if (number < 0 or count < number) and not greedy(
            site_starts, demand, site_costs, cap, weights, trial, shut, fees, prices, purse, number, False
        ):
            continue
        reached = interchange(
            starts,
            columns,
            costs,
            site_starts,
            demand,
            site_costs,
            cap,
            weights,
            trial,
            shut,
            fees,
            prices,
            purse,
            number,
            int(luck[r, 1] * sites),
            50,
        )
        if reached < value - EPSILON * (1.0 + abs(value)):
            value = reached
            is_open[:] = trial
    return value
