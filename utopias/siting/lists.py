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
    for column in columns:
        site_starts[np.uint32(column) + np.uint32(1)] += 1
    for site in range(sites):
        site_starts[site + 1] += site_starts[site]
    at = site_starts[:-1].copy()
    demand = np.empty(len(columns), np.int32)
    site_costs = np.empty(len(columns), np.float64)
    for j in range(len(starts) - 1):
        for k in range(np.uint64(starts[j]), np.uint64(starts[j + 1])):
            i = np.uint32(columns[k])
            to = np.uint64(at[i])
            demand[to] = j
            site_costs[to] = costs[k]
            at[i] += 1
    return site_starts, demand, site_costs


def listed_under(
    rows: tuple[Longs, Ints, Floats], cap: Floats, weights: Floats, given: Bools, free: Bools
) -> tuple[tuple[Longs, Ints, Floats], Floats]:
    """The lists of places of weight that say something under the cap, which the nearest site of ``given`` lowers; and that cap.

    given, free : (m,) sites that are open anyway; sites that may be chosen. Lists that stay as they are are not copied.
    """
    starts, columns, costs = rows
    lowered, ends, whole = ends_under(starts, columns, costs, cap, weights, given, free)
    if whole:
        return rows, lowered
    return listed_until(starts, columns, costs, ends, free), lowered


@kernel(
    types.Tuple((types.OUT_F8, types.OUT_I8, types.boolean))(*LISTS, types.F8, types.F8, types.B1, types.B1),
    work=turns_of,
    allocates=True,
)
def ends_under(
    starts: Longs, columns: Ints, costs: Floats, cap: Floats, weights: Floats, given: Bools, free: Bools
) -> tuple[Floats, Longs, bool]:
    """(n,) the cap, (n,) where each list comes to it, and whether all that is stored is listed."""
    n = len(starts) - 1
    lowered, ends, whole = cap.copy(), np.empty(n, np.int64), True
    for j in range(n):
        k = starts[j]
        while k < starts[j + 1] and costs[k] < lowered[j]:
            if given[columns[k]]:
                lowered[j] = costs[k]
                break
            whole = whole and free[columns[k]]
            k += 1
        # Sites at the very same cost as the given one, listed before it, serve no better.
        while k > starts[j] and costs[k - 1] >= lowered[j]:
            k -= 1
        ends[j] = k if weights[j] > 0 else starts[j]
        whole = whole and ends[j] == starts[j + 1]
    return lowered, ends, whole


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I4, types.OUT_F8))(*LISTS, types.I8, types.B1), work=turns_of, allocates=True
)
def listed_until(starts: Longs, columns: Ints, costs: Floats, ends: Longs, free: Bools) -> tuple[Longs, Ints, Floats]:
    """The lists up to ``ends`` (n,), free sites only."""
    n, count = len(starts) - 1, 0
    for j in range(n):
        count += ends[j] - starts[j]
    new_starts, new_columns, new_costs = np.zeros(n + 1, np.int64), np.empty(count, np.int32), np.empty(count)
    at = 0
    for j in range(n):
        for k in range(starts[j], ends[j]):
            if free[columns[k]]:
                new_columns[at] = columns[k]
                new_costs[at] = costs[k]
                at += 1
        new_starts[j + 1] = at
    return new_starts, new_columns[:at].copy(), new_costs[:at].copy()


@kernel(types.Tuple((types.int64, types.float64, types.float64))(types.int64, *LISTS, types.F8, types.B1))
def two_nearest(
    j: int, starts: Longs, columns: Ints, costs: Floats, cap: Floats, is_open: Bools
) -> tuple[int, float, float]:
    """The nearest open site of demand ``j`` (-1: none under the cap), its cost, and the cost of the second."""
    near, first, second = -1, cap[j], cap[j]
    for k in range(np.uint64(starts[j]), np.uint64(starts[j + 1])):  # unsigned: see ``dual_kernels.reduced``
        if is_open[np.uint32(columns[k])]:
            if near < 0:
                near, first = columns[k], costs[k]
            else:
                second = costs[k]
                break
    return near, first, second


@kernel(types.OUT_I4(types.I8, types.I4, types.B1), work=turns_of, allocates=True)
def first_open(starts: Longs, columns: Ints, is_open: Bools) -> Ints:
    """(n,) the first open site of each list, -1 where there is none."""
    first = np.full(len(starts) - 1, np.int32(-1), np.int32)
    for j in range(len(starts) - 1):
        for k in range(starts[j], starts[j + 1]):
            if is_open[columns[k]]:
                first[j] = columns[k]
                break
    return first


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
        for k in range(np.uint64(starts[j]), np.uint64(starts[j + 1])):
            if is_open[np.uint32(columns[k])]:
                cost = costs[k]
                break
        total += weights[j] * cost
    return total
