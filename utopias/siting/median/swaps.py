"""What every single swap would cost: one site of a plan out, one other in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.kernels import NEVER
from utopias.siting.lists import two_nearest
from utopias.siting.median.aims import Median


@dataclass(frozen=True, eq=False)
class Swaps:
    """Changes of the median's value, from the choice ``opened`` (k,), ascending. More is worse.

    without : (k,) what leaving each one out costs.
    swapped : (m, k) what it costs to take site i in and r out; inf where the purse does not pay for it,
        where i may not be chosen or is open already, and where r must stay.
    added : (m,) the same for taking i in and none out; inf where the number or the purse forbids it.
    """

    opened: Longs
    without: Floats
    swapped: Floats
    added: Floats


def swaps(median: Median, chosen: Bools, *, stays: Bools | None = None) -> Swaps:
    """All single swaps from ``chosen``; sites of ``stays`` are never swapped out."""
    opened = np.flatnonzero(chosen)
    without, gain, change = swap_table(*median.rows, *median.by_site, median.cap, median.weights, chosen, opened)
    without -= median.fees[opened]
    gain -= median.fees
    swapped = without[None, :] + change - gain[:, None]
    added = -gain
    closed = median.free & ~chosen
    swapped[~closed] = np.inf
    added[~closed | (median.number >= 0)] = np.inf
    if stays is not None:
        swapped[:, stays[opened]] = np.inf
    if median.purse < NEVER:
        left = median.purse - float(median.prices[chosen].sum())
        swapped[median.prices[:, None] - median.prices[None, opened] > left] = np.inf
        added[median.prices > left] = np.inf
    return Swaps(opened, without, swapped, added)


@kernel(
    types.Tuple((types.OUT_F8, types.OUT_F8, types.Array(types.float64, 2)))(
        types.I8, types.I4, types.F8, types.I8, types.I4, types.F8, types.F8, types.F8, types.B1, types.I8
    ),
    work=lambda *a: turns_of(*a) + len(a[3]) * len(a[9]),
    allocates=True,
)
def swap_table(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    site_starts: Longs,
    demand: Ints,
    site_costs: Floats,
    cap: Floats,
    weights: Floats,
    is_open: Bools,
    opened: Longs,
) -> tuple[Floats, Floats, Floats]:
    """(loss of each open site, gain of each other site, correction (m, k) of a swap of the two)."""
    n, sites = len(starts) - 1, len(site_starts) - 1
    position = np.full(sites, -1)
    for o in range(len(opened)):
        position[opened[o]] = o
    near = np.full(n, -1)
    one, two = np.empty(n), np.empty(n)
    loss, gain, change = np.zeros(len(opened)), np.zeros(sites), np.zeros((sites, len(opened)))
    for j in range(n):
        site, one[j], two[j] = two_nearest(j, starts, columns, costs, cap, is_open)
        if site >= 0:
            near[j] = position[site]
            loss[near[j]] += weights[j] * (two[j] - one[j])
    for i in range(sites):
        if is_open[i]:
            continue
        for k in range(site_starts[i], site_starts[i + 1]):
            j, cost = demand[k], site_costs[k]
            if cost < one[j]:
                gain[i] += weights[j] * (one[j] - cost)
            if cost < two[j] and near[j] >= 0:
                change[i, near[j]] -= weights[j] * (two[j] - max(one[j], cost))
    return loss, gain, change
