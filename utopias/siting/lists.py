"""Lists of what each demand place pays at each site, read: turned round, the two nearest open sites, the value.

``starts, columns, costs`` are compressed rows, one a demand place, sorted by cost, entries under the cap only.
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs

LISTS = (types.I8, types.I4, types.F8)  # starts, columns, costs; or the same by site


@kernel(types.Tuple((types.OUT_I8, types.OUT_I4, types.OUT_F8))(*LISTS, types.int64), work=turns_of, allocates=True)
def transpose(starts: Longs, columns: Ints, costs: Floats, sites: int) -> tuple[Longs, Ints, Floats]:
    """The lists by site: (sites + 1,) starts, demand places ascending, costs."""
    site_starts = np.zeros(sites + 1, np.int64)
    for k in range(len(columns)):
        site_starts[columns[k] + 1] += 1
    for i in range(sites):
        site_starts[i + 1] += site_starts[i]
    at = site_starts[:-1].copy()
    demand = np.empty(len(columns), np.int32)
    site_costs = np.empty(len(columns), np.float64)
    for j in range(len(starts) - 1):
        for k in range(starts[j], starts[j + 1]):
            i = columns[k]
            demand[at[i]] = j
            site_costs[at[i]] = costs[k]
            at[i] += 1
    return site_starts, demand, site_costs


@kernel(types.Tuple((types.int64, types.float64, types.float64))(types.int64, *LISTS, types.F8, types.B1))
def two_nearest(
    j: int, starts: Longs, columns: Ints, costs: Floats, cap: Floats, is_open: Bools
) -> tuple[int, float, float]:
    """The nearest open site of demand ``j`` (-1: none under the cap), its cost, and the cost of the second."""
    near, first, second = -1, cap[j], cap[j]
    for k in range(starts[j], starts[j + 1]):
        if is_open[columns[k]]:
            if near < 0:
                near, first = columns[k], costs[k]
            else:
                second = costs[k]
                break
    return near, first, second


@kernel(types.Tuple((types.OUT_F8, types.OUT_F8))(*LISTS, types.F8, types.B1), work=turns_of, allocates=True)
def two_nearest_of_all(
    starts: Longs, columns: Ints, costs: Floats, cap: Floats, is_open: Bools
) -> tuple[Floats, Floats]:
    """(n,) cost of the nearest and of the second nearest open site, the cap where there is none."""
    n = len(starts) - 1
    first, second = np.empty(n), np.empty(n)
    for j in range(n):
        _, first[j], second[j] = two_nearest(j, starts, columns, costs, cap, is_open)
    return first, second


@kernel(types.float64(*LISTS, types.F8, types.F8, types.B1), work=turns_of)
def total_cost(starts: Longs, columns: Ints, costs: Floats, cap: Floats, weights: Floats, is_open: Bools) -> float:
    """The value of a choice of sites."""
    total = 0.0
    for j in range(len(starts) - 1):
        cost = cap[j]
        for k in range(starts[j], starts[j + 1]):
            if is_open[columns[k]]:
                cost = costs[k]
                break
        total += weights[j] * cost
    return total
