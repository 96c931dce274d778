"""Who goes where when places fill up: the exact least-cost split of people among open sites.

Everybody starts at the cheapest open site, as if there were room for all. What is too much at a site
then moves on, person by person along the chain of moves that costs least, to where room is left (or
home): the successive shortest path method, on a graph of the few open sites instead of the many people.

Source
------
Ahuja, Magnanti & Orlin (1993), Network Flows, ch. 9; the graph of sites is that of Tokuyama & Nakano
(1995), SIAM J. Computing 24:563-578, for transport from many origins to few places.
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.kernels import NEVER

# Less than this share of the largest load is nobody: sums of floats are not exact.
NOBODY = 1e-12


@kernel(
    types.Tuple((types.float64, types.OUT_F8, types.OUT_F8))(
        types.I8, types.I4, types.F8, types.F8, types.F8, types.F8, types.B1, types.float64
    ),
    work=lambda *a: 20 * turns_of(*a),
    compiles_in=5.0,
    allocates=True,
)
def transport(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    cap: Floats,
    loads: Floats,
    room: Floats,
    is_open: Bools,
    most_cost: float,
) -> tuple[float, Floats, Floats]:
    """Least cost of serving ``loads`` from the open sites within their ``room``; (cost, (pairs,) served, (n,) left out).

    starts, columns, costs : (n + 1,), (pairs,), (pairs,) rows sorted by cost. cap : (n,) cost of one person left
    out. loads : (n,) persons. room : (m,) persons a site can serve, inf for no limit. is_open : (m,).
    most_cost : a split that costs more is of no use: as soon as that is known the cost told is ``NEVER``. Whoever moves
    on pays as much or more, so that the cost on the way is never over that of the end.
    """
    n, sites = len(starts) - 1, len(room)
    served, left_out = np.zeros(len(columns)), np.zeros(n)
    opened = np.flatnonzero(is_open)
    home = len(opened)  # staying at home: a last place with room for all
    place_of = np.full(sites, -1)
    for o in range(home):
        place_of[opened[o]] = o
    most = 0.0
    for j in range(n):
        most = max(most, loads[j])
    least = NOBODY * most
    # by place: the pairs that lead to open places, side by side in memory, for they are few of all that are listed
    first = np.zeros(home + 2, np.int64)
    for k in range(len(columns)):
        if place_of[columns[k]] >= 0:
            first[place_of[columns[k]] + 1] += 1
    for o in range(home):
        first[o + 1] += first[o]
    at = first[: home + 1].copy()
    pair, row = np.empty(first[home], np.int64), np.empty(first[home], np.int64)
    cost, held = np.empty(first[home]), np.zeros(first[home])
    # by row: the same pairs, and where each leads
    begins, by, goes = np.zeros(n + 1, np.int64), np.empty(first[home], np.int64), np.empty(first[home], np.int64)
    used = np.zeros(home + 1)
    for j in range(n):
        chosen = False
        begins[j + 1] = begins[j]
        for k in range(starts[j], starts[j + 1]):
            o = place_of[columns[k]]
            if o < 0:
                continue
            p = at[o]
            pair[p], row[p], cost[p] = k, j, costs[k]
            by[begins[j + 1]], goes[begins[j + 1]] = p, o
            at[o] += 1
            begins[j + 1] += 1
            if not chosen and costs[k] <= cap[j]:
                chosen = True
                held[p] = loads[j]
                used[o] += loads[j]
        if not chosen:
            left_out[j] = loads[j]
    # arc (o, q): the cheapest move of somebody from place o to place q, and the pairs it leaves and takes
    arc = np.full((home, home + 1), NEVER)
    leaves, takes = np.full((home, home + 1), -1), np.full((home, home + 1), -1)
    stale = np.ones(home, np.bool_)
    far, back = np.empty(home + 1), np.empty(home + 1, np.int64)
    so_far = 0.0
    for j in range(n):
        so_far += left_out[j] * cap[j]
    for p in range(first[home]):
        so_far += held[p] * cost[p]
    while True:
        if so_far > most_cost + 1e-9 * max(1.0, abs(most_cost)):
            return NEVER, served, left_out
        over = False
        for o in range(home):
            over = over or used[o] > room[opened[o]] + least
        if not over:
            break
        for o in range(home):
            if not stale[o]:
                continue
            stale[o] = False
            arc[o, :] = NEVER
            for p in range(first[o], first[o + 1]):
                if held[p] <= least:
                    continue
                j, now = row[p], cost[p]
                if cap[j] - now < arc[o, home]:
                    arc[o, home], leaves[o, home], takes[o, home] = cap[j] - now, p, j
                for listed in range(begins[j], begins[j + 1]):
                    q, other = goes[listed], by[listed]
                    if q != o and cost[other] - now < arc[o, q]:
                        arc[o, q], leaves[o, q], takes[o, q] = cost[other] - now, p, other
        # shortest ways from every full place at once; arcs may save money, circles never do
        for o in range(home + 1):
            far[o], back[o] = NEVER, -1
        for o in range(home):
            if used[o] > room[opened[o]] + least:
                far[o] = 0.0
        for _ in range(home + 1):
            moved = False
            for o in range(home):
                if far[o] >= NEVER:
                    continue
                for q in range(home + 1):
                    if arc[o, q] < NEVER and far[o] + arc[o, q] < far[q] - 1e-12 * (1.0 + abs(far[q])):
                        far[q], back[q] = far[o] + arc[o, q], o
                        moved = True
            if not moved:
                break
        end = home
        for o in range(home):
            if far[o] < far[end] and used[o] < room[opened[o]] - least:
                end = o
        amount = NEVER if end == home else room[opened[end]] - used[end]
        q, steps = end, 0
        while back[q] >= 0 and steps <= home:
            o = back[q]
            amount = min(amount, held[leaves[o, q]])
            q, steps = o, steps + 1
        amount = min(amount, used[q] - room[opened[q]])
        so_far += amount * far[end]
        used[q] -= amount
        if end < home:
            used[end] += amount
        q, steps = end, 0
        while back[q] >= 0 and steps <= home:
            o = back[q]
            held[leaves[o, q]] -= amount
            if q == home:
                left_out[takes[o, q]] += amount
            else:
                held[takes[o, q]] += amount
                stale[q] = True
            stale[o] = True
            q, steps = o, steps + 1
    total = 0.0
    for j in range(n):
        total += left_out[j] * cap[j]
        for listed in range(begins[j], begins[j + 1]):
            total += held[by[listed]] * cost[by[listed]]
    for p in range(first[home]):
        served[pair[p]] = held[p]
    return total, served, left_out
