"""Covering in machine code: a place counts whole or not at all, and that can be kept up to date swap by swap.

Lists are those of a median whose costs are all 0 and whose caps are all 1: ``starts, columns`` by demand place,
``site_starts, demand`` by site. How many open sites cover a place, and what each closed site would add, are kept
while sites open and close: one swap costs the places of two sites, not a pass over all pairs.

Source
------
Covering: Church & ReVelle (1974). Subgradient with averaged direction: Camerini, Fratta & Maffioli (1975),
Barahona & Anbil (2000, Math. Programming 87:385-399), Polyak's step. Drop and best add: Teitz & Bart (1968).
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.kernels import EPSILON

_LISTS = (types.I8, types.I4, types.I8, types.I4, types.F8)  # starts, columns, site_starts, demand, weights
# The new direction is this much the old one; the step is cut to that share after so many steps without a gain.
KEPT, CUT, PATIENCE = 0.97, 0.8, 15
# How often a site was chosen lately is told by some hundred steps: fewer sites are chosen in a step than share in the relaxation.
LATELY = 0.99


@kernel(types.void(types.int64, *_LISTS, types.OUT_I4, types.OUT_F8))
def opens(
    site: int,
    starts: Longs,
    columns: Ints,
    site_starts: Longs,
    demand: Ints,
    weights: Floats,
    count: Ints,
    gain: Floats,
) -> None:
    """Count ``site`` as open: (n,) ``count`` of open sites over each place, (m,) ``gain`` of places not covered yet."""
    for k in range(site_starts[site], site_starts[site + 1]):
        j = demand[k]
        count[j] += 1
        if count[j] == 1:
            for q in range(starts[j], starts[j + 1]):
                gain[columns[q]] -= weights[j]


@kernel(types.void(types.int64, *_LISTS, types.OUT_I4, types.OUT_F8))
def closes(
    site: int,
    starts: Longs,
    columns: Ints,
    site_starts: Longs,
    demand: Ints,
    weights: Floats,
    count: Ints,
    gain: Floats,
) -> None:
    """Count ``site`` as closed again; its gain is then what it alone covered."""
    for k in range(site_starts[site], site_starts[site + 1]):
        j = demand[k]
        count[j] -= 1
        if count[j] == 0:
            for q in range(starts[j], starts[j + 1]):
                gain[columns[q]] += weights[j]


@kernel(types.void(types.int64, types.I8, types.I4, types.I8, types.I4, types.OUT_B1))
def wakes(site: int, starts: Longs, columns: Ints, site_starts: Longs, demand: Ints, awake: Bools) -> None:
    """Mark every site that shares a place with ``site``, and itself."""
    for k in range(site_starts[site], site_starts[site + 1]):
        for q in range(starts[demand[k]], starts[demand[k] + 1]):
            awake[columns[q]] = True
    awake[site] = True


@kernel(
    types.float64(*_LISTS, types.OUT_B1, types.B1, types.Array(types.float64, 2, readonly=True)),
    work=lambda *a: turns_of(*a[:7]) + 8.0 * len(a[7]) * len(a[1]),
    compiles_in=4.0,
    allocates=True,
)
def cover_shake(
    starts: Longs,
    columns: Ints,
    site_starts: Longs,
    demand: Ints,
    weights: Floats,
    is_open: Bools,
    free: Bools,
    luck: Floats,
) -> float:
    """Counted rounds of: swap a few neighbouring sites by lot, then drop each that is near a change and add the best, keep if better.

    ``luck`` (rounds, 18) in [0, 1): how many, where to start, then which out and which in. ``is_open`` holds the best
    choice before and after; returns the weight it covers.
    """
    sites, n = len(site_starts) - 1, len(starts) - 1
    gain, count = np.zeros(sites), np.zeros(n, np.int32)
    for j in range(n):
        for q in range(starts[j], starts[j + 1]):
            gain[columns[q]] += weights[j]
    opened, candidates = np.flatnonzero(is_open), np.flatnonzero(free)
    number = len(opened)
    now = 0.0
    for a in range(number):
        now += gain[opened[a]]
        opens(opened[a], starts, columns, site_starts, demand, weights, count, gain)
    best, trial = opened.copy(), is_open.copy()
    awake = np.zeros(sites, np.bool_)  # near something that changed since it was last tried
    if number == 0 or len(candidates) <= number:
        return now
    covered = now
    for r in range(len(luck)):
        if r > 0:
            now = covered
            for a in range(number):
                if opened[a] != best[a]:
                    closes(opened[a], starts, columns, site_starts, demand, weights, count, gain)
                    trial[opened[a]] = False
            for a in range(number):
                if opened[a] != best[a]:
                    opens(best[a], starts, columns, site_starts, demand, weights, count, gain)
                    opened[a] = best[a]
                    trial[best[a]] = True
        swapped = 1 + int(luck[r, 0] * min(8, number // 3 + 1))
        first = -1
        for turn in range(swapped):
            a = int(luck[r, 2 + turn] * number)
            if first >= 0 and site_starts[first + 1] > site_starts[first]:
                # one that shares a place with the first, where there is one
                length = site_starts[first + 1] - site_starts[first]
                j = demand[site_starts[first] + int(luck[r, 2 + turn] * length)]
                for q in range(starts[j], starts[j + 1]):
                    if trial[columns[q]]:
                        for b in range(number):
                            if opened[b] == columns[q]:
                                a = b
                        break
            if turn == 0:
                first = opened[a]
            at = int(luck[r, 10 + turn] * len(candidates))
            while trial[candidates[at]]:
                at = at + 1 if at + 1 < len(candidates) else 0
            closes(opened[a], starts, columns, site_starts, demand, weights, count, gain)
            wakes(opened[a], starts, columns, site_starts, demand, awake)
            trial[opened[a]] = False
            now -= gain[opened[a]]
            opened[a] = candidates[at]
            now += gain[opened[a]]
            opens(opened[a], starts, columns, site_starts, demand, weights, count, gain)
            wakes(opened[a], starts, columns, site_starts, demand, awake)
            trial[opened[a]] = True
        since, a = 0, int(luck[r, 1] * number)
        while since < number:
            a = a + 1 if a + 1 < number else 0
            since += 1
            site = opened[a]
            if not awake[site]:
                continue
            awake[site] = False
            closes(site, starts, columns, site_starts, demand, weights, count, gain)
            trial[site] = False
            into, most = site, gain[site] + EPSILON * (1.0 + covered)
            for i in candidates:
                if gain[i] > most and not trial[i]:
                    into, most = i, gain[i]
            if into != site:
                since = 0
                now += gain[into] - gain[site]
                wakes(site, starts, columns, site_starts, demand, awake)
                wakes(into, starts, columns, site_starts, demand, awake)
            opens(into, starts, columns, site_starts, demand, weights, count, gain)
            trial[into] = True
            opened[a] = into
        if now > covered + EPSILON * (1.0 + covered):
            covered = now
            best[:] = opened
    is_open[:] = False
    is_open[best] = True
    return covered


@kernel(
    types.Tuple((types.float64, types.float64, types.float64, types.int64))(
        *_LISTS,
        types.B1,
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
        types.OUT_F8,
        types.OUT_B1,
    ),
    work=lambda *a: a[13] * (len(a[1]) + 4.0 * len(a[0]) + 10.0 * len(a[2])),
    compiles_in=4.0,
    allocates=True,
)
def cover_ascend(
    starts: Longs,
    columns: Ints,
    site_starts: Longs,
    demand: Ints,
    weights: Floats,
    free: Bools,
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
    often: Floats,
    found: Bools,
) -> tuple[float, float, float, int]:
    """``dual_kernels.ascend`` where costs are 0 and caps 1: the same results to hand, several times as fast a step.

    Who is covered is told by the lists of the chosen sites alone. The direction is a long average, and the
    climb goes on from where it stands, not from the best so far.
    """
    n, sites = len(starts) - 1, len(site_starts) - 1
    worth, chosen, count = np.zeros(sites), np.zeros(sites, np.bool_), np.zeros(n, np.int32)
    for _ in range(rounds):
        worth[:] = 0.0
        bound = 0.0
        for j in range(n):
            paid = weights[j] * multipliers[j]
            if paid > 0:
                bound += paid
                for q in range(starts[j], starts[j + 1]):
                    worth[columns[q]] += paid
        for i in range(sites):
            if not free[i]:
                worth[i] = -1.0
        order = np.argsort(-worth, kind="mergesort")
        chosen[:] = False
        for a in range(number):
            bound -= worth[order[a]]
            chosen[order[a]] = True
        if bound > best_bound + 1e-9 * abs(best_bound):
            if bound > best_bound + 1e-5 * abs(bound):
                bad = 0
            best_bound = bound
            best[:] = multipliers
        else:
            bad += 1
            if bad >= PATIENCE:
                step *= CUT
                bad = 0
        for i in range(sites):
            often[i] = LATELY * often[i] + ((1.0 - LATELY) if chosen[i] else 0.0)
        count[:] = 0
        for a in range(number):
            for k in range(site_starts[order[a]], site_starts[order[a] + 1]):
                count[demand[k]] += 1
        length, cost = 0.0, 0.0
        for j in range(n):
            slope = 1.0 - count[j]
            if count[j] == 0:
                cost += weights[j]
                if multipliers[j] >= 1.0:
                    slope = 0.0
            direction[j] = KEPT * direction[j] + (1.0 - KEPT) * slope
            length += weights[j] * direction[j] * direction[j]
        if cost < upper:
            upper = cost
            found[:] = chosen
        if best_bound > target or length < 1e-12 or step < 1e-4:
            break
        stride = step * max(upper - bound, 1e-9 * abs(upper)) / length
        for j in range(n):
            multipliers[j] = min(max(multipliers[j] + stride * direction[j], 0.0), 1.0)
    return best_bound, upper, step, bad
