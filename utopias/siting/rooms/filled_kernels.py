"""The bound where places fill up: each site takes whom it gains most by, to the last person it has room for.

For multipliers ``0 <= u_j <= cap_j`` every split of people costs at least

    L(u) = sum_j l_j u_j  +  least admissible sum over sites of  rho_i + fee_i,
    rho_i = least of sum_j x_j (c_ij - u_j)  over  0 <= x_j <= l_j,  sum_j x_j <= room_i,

and the inner minimum is Dantzig's: whoever gains most first. Without limits of room it is the bound of
``dual_kernels``. An independent recount: ``utopias.witness.recount_rooms``.

Source
------
Van Roy (1986), Oper. Res. 34:145-163; Cornuejols, Sridharan & Thizy (1991), EJOR 50:280-297 (the bound with
the assignment rows priced equals the linear programme with x_ij <= l_j y_i).
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.median.dual_kernels import cheapest_choice

_BY_SITE = (types.I8, types.I4, types.F8)


@kernel(
    types.float64(types.int64, *_BY_SITE, types.F8, types.F8, types.F8, types.OUT_F8, types.boolean),
    work=lambda *a: 20 * turns_of(*a),
    allocates=True,
)
def fill(
    i: int,
    site_starts: Longs,
    demand: Ints,
    site_costs: Floats,
    loads: Floats,
    room: Floats,
    multipliers: Floats,
    taken: Floats,
    keeps: bool,
) -> float:
    """What site ``i`` gains at these multipliers, 0 or less; with ``keeps`` adds whom it takes to ``taken`` (n,)."""
    first, end = site_starts[i], site_starts[i + 1]
    gain, wanted = 0.0, 0.0
    for k in range(first, end):
        under = site_costs[k] - multipliers[demand[k]]
        if under < 0.0:
            gain += loads[demand[k]] * under
            wanted += loads[demand[k]]
    if wanted <= room[i]:
        if keeps:
            for k in range(first, end):
                if site_costs[k] < multipliers[demand[k]]:
                    taken[demand[k]] += loads[demand[k]]
        return gain
    under_all = np.empty(end - first)
    for k in range(first, end):
        under_all[k - first] = site_costs[k] - multipliers[demand[k]]
    order = np.argsort(under_all, kind="mergesort")
    gain, left = 0.0, room[i]
    for at in order:
        if left <= 0.0 or under_all[at] >= 0.0:
            break
        j = demand[first + at]
        amount = min(left, loads[j])
        gain += amount * under_all[at]
        left -= amount
        if keeps:
            taken[j] += amount
    return gain


@kernel(
    types.float64(*_BY_SITE, types.F8, types.F8, types.F8, types.F8, types.OUT_F8),
    work=lambda *a: 20 * turns_of(*a),
    compiles_in=3.0,
    allocates=True,
)
def rooms_reduced(
    site_starts: Longs,
    demand: Ints,
    site_costs: Floats,
    loads: Floats,
    room: Floats,
    fees: Floats,
    multipliers: Floats,
    rho: Floats,
) -> float:
    """Fill ``rho`` (m,) with what each site gains, its fee added; returns sum_j l_j u_j."""
    for i in range(len(rho)):
        rho[i] = fees[i] + fill(i, site_starts, demand, site_costs, loads, room, multipliers, rho, False)
    total = 0.0
    for j in range(len(loads)):
        total += loads[j] * multipliers[j]
    return total


@kernel(
    types.Tuple((types.float64, types.float64, types.int64))(
        *_BY_SITE,
        types.F8,
        types.F8,
        types.F8,
        types.F8,
        types.B1,
        types.B1,
        types.F8,
        types.float64,
        types.int64,
        types.OUT_F8,
        types.OUT_F8,
        types.OUT_F8,
        types.float64,
        types.float64,
        types.int64,
        types.float64,
        types.int64,
        types.OUT_F8,
    ),
    work=lambda *a: 30 * a[17] * (len(a[1]) + len(a[0])),
    compiles_in=6.0,
    allocates=True,
)
def ascend_rooms(
    site_starts: Longs,
    demand: Ints,
    site_costs: Floats,
    cap: Floats,
    loads: Floats,
    room: Floats,
    fees: Floats,
    given: Bools,
    free: Bools,
    prices: Floats,
    purse: float,
    number: int,
    multipliers: Floats,
    direction: Floats,
    best: Floats,
    best_bound: float,
    upper: float,
    rounds: int,
    step: float,
    bad: int,
    often: Floats,
) -> tuple[float, float, int]:
    """Up to ``rounds`` steps up from ``multipliers`` (n,); returns (best bound, step, bad steps).

    ``given`` sites are open whatever happens. ``often`` (m,) : how often each was chosen lately, 0 to 1.
    """
    n, sites = len(loads), len(room)
    rho, taken = np.zeros(sites), np.zeros(n)
    chosen = np.zeros(sites, np.bool_)
    for _ in range(rounds):
        bound = rooms_reduced(site_starts, demand, site_costs, loads, room, fees, multipliers, rho)
        for i in range(sites):
            if given[i]:
                bound += rho[i]
        bound += cheapest_choice(rho, free, prices, purse, number, chosen)[0]
        if bound > best_bound + 1e-9 * abs(best_bound):
            if bound > best_bound + 1e-5 * abs(bound):
                bad = 0
            best_bound = bound
            best[:] = multipliers
        else:
            bad += 1
            if bad >= 20:
                step *= 0.5
                bad = 0
                multipliers[:] = best
                direction[:] = 0.0
        taken[:] = 0.0
        for i in range(sites):
            often[i] = 0.9 * often[i] + (0.1 if chosen[i] else 0.0)
            if chosen[i] or given[i]:
                fill(i, site_starts, demand, site_costs, loads, room, multipliers, taken, True)
        length = 0.0
        for j in range(n):
            slope = 1.0 - taken[j] / loads[j]
            if slope > 0 and multipliers[j] >= cap[j]:
                slope = 0.0
            direction[j] = 0.7 * direction[j] + 0.3 * slope
            length += loads[j] * direction[j] * direction[j]
        if length < 1e-12 or step < 1e-4 or best_bound >= upper:
            break
        stride = step * max(upper - bound, 1e-9 * abs(upper)) / length
        for j in range(n):
            multipliers[j] = min(max(multipliers[j] + stride * direction[j], 0.0), cap[j])
    return best_bound, step, bad
