"""Sites that another one stands in for: wherever they serve, it serves as cheaply, and it costs no more.

Some best choice does without them, so they may be closed before anything is searched. Never a forced or a
fixed site: those are no candidates of a median.
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.kernels import NEVER
from utopias.siting.median.aims import Median


def dominated(median: Median) -> Bools:
    """(m,) free sites that may be closed without loss; of two that are alike the higher index goes.

    With a number, as many stay as must open. With a number beside a purse or fees none goes: whoever takes the
    place of a site that was left out could be dearer.
    """
    gone = np.zeros(len(median.free), dtype=bool)
    fees = median.fees
    charges = fees if len(fees) else np.zeros(len(gone))
    if median.number >= 0 and (median.purse < NEVER or charges.any()):
        return gone
    starts, columns, costs = median.rows
    site_starts, demand, site_costs = median.by_site
    gone[:] = _dominated(starts, columns, costs, site_starts, demand, site_costs, median.free, median.prices, charges)
    spare = int(median.free.sum()) - max(median.number, 0)
    if gone.sum() > spare:
        # The number needs some all the same: those that serve most stay.
        served = np.diff(site_starts)
        listed = np.flatnonzero(gone)
        gone[listed[np.argsort(served[listed], kind="stable")][max(spare, 0) :]] = False
    return gone


@kernel(
    types.OUT_B1(types.I8, types.I4, types.F8, types.I8, types.I4, types.F8, types.B1, types.F8, types.F8),
    work=lambda *a: 8.0 * len(a[1]),
    compiles_in=2.0,
    allocates=True,
)
def _dominated(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    site_starts: Longs,
    demand: Ints,
    site_costs: Floats,
    free: Bools,
    prices: Floats,
    fees: Floats,
) -> Bools:
    """Each site against those of its shortest list, place by place until no candidate is left."""
    sites = len(site_starts) - 1
    gone = np.zeros(sites, np.bool_)
    rivals, met = np.empty(sites, np.int32), np.full(sites, -1, np.int64)
    turn = 0
    for i in range(sites):
        if not free[i]:
            continue
        first, end = site_starts[i], site_starts[i + 1]
        count = 0
        if first == end:
            for r in range(sites):
                if r != i and free[r]:
                    rivals[count] = r
                    count += 1
        else:
            shortest = first
            for k in range(first, end):
                j, least = demand[k], demand[shortest]
                if starts[j + 1] - starts[j] < starts[least + 1] - starts[least]:
                    shortest = k
            j = demand[shortest]
            for q in range(starts[j], starts[j + 1]):
                r = columns[q]
                if r != i and costs[q] <= site_costs[shortest] and free[r]:
                    rivals[count] = r
                    count += 1
        kept = 0
        for at in range(count):
            r = rivals[at]
            longer = site_starts[r + 1] - site_starts[r] >= end - first
            if longer and not gone[r] and prices[r] <= prices[i] and fees[r] <= fees[i]:
                rivals[kept] = r
                kept += 1
        count = kept
        for k in range(first, end):
            if count == 0:
                break
            j = demand[k]
            turn += 1
            for q in range(starts[j], starts[j + 1]):
                if costs[q] > site_costs[k]:
                    break
                met[columns[q]] = turn
            kept = 0
            for at in range(count):
                if met[rivals[at]] == turn:
                    rivals[kept] = rivals[at]
                    kept += 1
            count = kept
        for at in range(count):
            r = rivals[at]
            alike = site_starts[r + 1] - site_starts[r] == end - first and prices[r] == prices[i] and fees[r] == fees[i]
            if alike:
                for k in range(end - first):
                    if site_costs[first + k] != site_costs[site_starts[r] + k]:
                        alike = False
                        break
            if not alike or r < i:
                gone[i] = True
                break
    return gone
