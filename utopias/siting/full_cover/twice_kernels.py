"""A search for covering several times over, in machine code: greedy, then single swaps, then shaken restarts."""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs

_SETS = (types.I8, types.I4)
# What a site is worth to the greedy start for a row that it brings nearer its need without meeting it.
HALFWAY = 0.4


@kernel(
    types.float64(
        *_SETS, *_SETS, types.I8, types.F8, types.OUT_B1, types.F8, types.float64, types.int64, types.int64, types.int64
    ),
    work=lambda *a: (2 + a[11]) * (turns_of(*a[:4]) + len(a[2]) ** 2),
    compiles_in=4.0,
    allocates=True,
)
def cover_more(
    starts: Longs,
    columns: Ints,
    site_starts: Longs,
    rows: Ints,
    need: Longs,
    weights: Floats,
    chosen: Bools,
    prices: Floats,
    purse: float,
    number: int,
    first: int,
    passes: int,
) -> float:
    """Fill ``chosen`` up by gain, then swap one site in and one out while that gains; the weight of rows with their need.

    ``number`` : exact, or -1 where only the purse binds. -1.0 is returned where the number cannot be paid.
    """
    n, sites = len(starts) - 1, len(site_starts) - 1
    have = np.zeros(n, np.int64)
    opened, left = 0, purse
    for i in range(sites):
        if chosen[i]:
            opened += 1
            left -= prices[i]
            for k in range(site_starts[i], site_starts[i + 1]):
                have[rows[k]] += 1
    by_price = np.argsort(prices, kind="mergesort")
    while number < 0 or opened < number:
        best, most = -1, -1.0 if number >= 0 else 0.0
        for i in range(sites):
            if chosen[i] or prices[i] > left:
                continue
            rest, lacking = 0.0, number - opened - 1
            for t in range(sites):
                if lacking <= 0:
                    break
                o = by_price[t]
                if not chosen[o] and o != i:
                    rest += prices[o]
                    lacking -= 1
            if number >= 0 and (lacking > 0 or prices[i] + rest > left):
                continue
            gain = 0.0
            for k in range(site_starts[i], site_starts[i + 1]):
                j = rows[k]
                if have[j] == need[j] - 1:
                    gain += weights[j]
                elif have[j] < need[j]:
                    gain += HALFWAY * weights[j] / (need[j] - have[j])
            if number < 0:
                gain /= max(prices[i], 1e-12)
            if gain > most:
                best, most = i, gain
        if best < 0:
            break
        chosen[best] = True
        opened += 1
        left -= prices[best]
        for k in range(site_starts[best], site_starts[best + 1]):
            have[rows[k]] += 1
    if number >= 0 and opened != number:
        return -1.0
    change = np.zeros(sites)
    since, looked, i = 0, 0, first
    while since < sites and looked < passes * sites:
        i = i + 1 if i + 1 < sites else 0
        since += 1
        looked += 1
        if chosen[i]:
            continue
        gain = 0.0
        for r in range(sites):
            change[r] = 0.0
        for k in range(site_starts[i], site_starts[i + 1]):
            j = rows[k]
            if have[j] == need[j] - 1:
                gain += weights[j]
                for q in range(starts[j], starts[j + 1]):
                    if chosen[columns[q]]:
                        change[columns[q]] -= weights[j]
            elif have[j] == need[j]:
                for q in range(starts[j], starts[j + 1]):
                    if chosen[columns[q]]:
                        change[columns[q]] += weights[j]
        out, most = -1, 1e-9 * (1.0 + gain)
        if number < 0 and prices[i] <= left and gain > most:
            most = gain
            out = sites
        for r in range(sites):
            if not chosen[r] or prices[i] - prices[r] > left or gain + change[r] <= most:
                continue
            lost = 0.0
            for k in range(site_starts[r], site_starts[r + 1]):
                if have[rows[k]] == need[rows[k]]:
                    lost += weights[rows[k]]
            if gain + change[r] - lost > most:
                out, most = r, gain + change[r] - lost
        if out < 0:
            continue
        since = 0
        chosen[i] = True
        left -= prices[i]
        for k in range(site_starts[i], site_starts[i + 1]):
            have[rows[k]] += 1
        if out < sites:
            chosen[out] = False
            left += prices[out]
            for k in range(site_starts[out], site_starts[out + 1]):
                have[rows[k]] -= 1
    value = 0.0
    for j in range(n):
        if have[j] >= need[j]:
            value += weights[j]
    return value
