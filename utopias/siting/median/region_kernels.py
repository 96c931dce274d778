"""Regions of a covering in machine code: which sites share places, a node's bound, and the numbers that do best together.

Lists are those of a covering, as in ``cover_kernels``: ``starts, columns`` by demand place, ``site_starts, demand`` by site.

Source
------
Subgradient with averaged direction: Barahona & Anbil (2000, Math. Programming 87:385-399), Polyak's step.
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs

_LISTS = (types.I8, types.I4, types.I8, types.I4, types.F8)  # starts, columns, site_starts, demand, weights
_TABLE = types.Array(types.float64, 2, readonly=True)
_OUT_TABLE = types.Array(types.float64, 2)
# At a node: the first step of Polyak's length, how much of the direction is the old one, and the cut after bad steps.
STEP, KEPT, CUT, PATIENCE = 0.3, 0.8, 0.6, 6


@kernel(_OUT_TABLE(types.I8, types.I4, types.F8, types.I4, types.int64), work=turns_of, allocates=True)
def overlaps(starts: Longs, columns: Ints, weights: Floats, place: Ints, count: int) -> Floats:
    """(count, count) weight of the places that two sites share; ``place`` (m,) where a site stands there, -1: nowhere."""
    shared = np.zeros((count, count))
    for j in range(len(starts) - 1):
        for k in range(starts[j], starts[j + 1]):
            a = place[columns[k]]
            if a >= 0:
                for q in range(starts[j], k):
                    b = place[columns[q]]
                    if b >= 0:
                        shared[a, b] += weights[j]
                        shared[b, a] += weights[j]
    return shared


@kernel(
    _OUT_TABLE(types.I8, types.I4, types.F8, types.F8, types.I4, types.int64),
    work=lambda *a: len(a[1]) + len(a[0]) * a[5],
    allocates=True,
)
def drawn_to(starts: Longs, columns: Ints, weights: Floats, share: Floats, region: Ints, count: int) -> Floats:
    """(m, count) how much of a site's weight lies under each region, each site counting for its ``share``; ``region`` -1: for none."""
    drawn, under = np.zeros((len(share), count)), np.zeros(count)
    for j in range(len(starts) - 1):
        under[:] = 0.0
        for k in range(starts[j], starts[j + 1]):
            if region[columns[k]] >= 0:
                under[region[columns[k]]] += weights[j] * share[columns[k]]
        for c in range(count):
            if under[c] > 0.0:
                for k in range(starts[j], starts[j + 1]):
                    drawn[columns[k], c] += under[c]
    return drawn


@kernel(
    types.Tuple((types.float64, types.OUT_I8))(_TABLE),
    work=lambda *a: 0.5 * a[0].shape[0] * a[0].shape[1] ** 2,
    allocates=True,
)
def most_together(most: Floats) -> tuple[float, Longs]:
    """The largest sum with p sites in all, of ``most`` (regions, p + 1), what each region covers with so many; the numbers of it."""
    count, all_sites = most.shape[0], most.shape[1] - 1
    best, before = np.full(all_sites + 1, -np.inf), np.full(all_sites + 1, -np.inf)
    taken = np.zeros((count, all_sites + 1), np.int64)
    best[0] = 0.0
    for c in range(count):
        before[:] = best
        for total in range(all_sites + 1):
            best[total] = -np.inf
            for k in range(total + 1):
                value = before[total - k] + most[c, k]
                if value > best[total]:
                    best[total], taken[c, total] = value, k
    numbers, left = np.zeros(count, np.int64), all_sites
    for c in range(count - 1, -1, -1):
        numbers[c] = taken[c, left]
        left -= numbers[c]
    return best[all_sites], numbers


@kernel(
    types.Tuple((types.float64, types.float64))(
        *_LISTS,
        types.B1,
        types.int64,
        types.float64,
        types.int64,
        types.OUT_F8,
        types.OUT_F8,
        types.OUT_F8,
        types.OUT_F8,
        types.OUT_B1,
    ),
    work=lambda *a: a[8] * (len(a[1]) + 4.0 * len(a[0]) + 10.0 * len(a[2])),
    compiles_in=4.0,
    allocates=True,
)
def climb_node(
    starts: Longs,
    columns: Ints,
    site_starts: Longs,
    demand: Ints,
    weights: Floats,
    free: Bools,
    number: int,
    upper: float,
    rounds: int,
    multipliers: Floats,
    best: Floats,
    worth: Floats,
    often: Floats,
    found: Bools,
) -> tuple[float, float]:
    """Up to ``rounds`` steps from ``multipliers``, ended where the bound comes to ``upper``: (bound on the loss, least loss met).

    weights : 0 where a place is covered already. number : of the ``free`` sites that open, 1 to their count.
    Filled in: ``best`` multipliers, the ``worth`` of each free site at them (-1: not free), how ``often`` each was
    chosen lately, and the choice ``found`` of the least loss.
    """
    n, sites = len(starts) - 1, len(site_starts) - 1
    now, chosen, count = np.zeros(sites), np.zeros(sites, np.bool_), np.zeros(n, np.int32)
    direction = np.zeros(n)
    reached, least, step, bad, mass = -np.inf, np.inf, STEP, 0, 0.0
    often[:] = 0.0
    for _ in range(rounds):
        now[:] = 0.0
        bound = 0.0
        for j in range(n):
            paid = weights[j] * multipliers[j]
            if paid > 0:
                bound += paid
                for q in range(starts[j], starts[j + 1]):
                    now[columns[q]] += paid
        for i in range(sites):
            if not free[i]:
                now[i] = -1.0
        order = np.argsort(-now, kind="mergesort")
        chosen[:] = False
        for a in range(number):
            bound -= now[order[a]]
            chosen[order[a]] = True
        if bound > reached + 1e-9 * abs(reached) or reached == -np.inf:
            if bound > reached + 1e-4 * (upper - bound):
                bad = 0
            reached = bound
            best[:] = multipliers
            worth[:] = now
        else:
            bad += 1
        if bad >= PATIENCE:
            step *= CUT
            bad = 0
        if reached >= upper:
            break
        count[:] = 0
        for a in range(number):
            for k in range(site_starts[order[a]], site_starts[order[a] + 1]):
                count[demand[k]] += 1
        mass = KEPT * mass + (1.0 - KEPT)
        for i in range(sites):
            often[i] = KEPT * often[i] + ((1.0 - KEPT) if chosen[i] else 0.0)
        length, lost = 0.0, 0.0
        for j in range(n):
            if weights[j] > 0:
                slope = 1.0 - count[j]
                if count[j] == 0:
                    lost += weights[j]
                    if multipliers[j] >= 1.0:
                        slope = 0.0
                direction[j] = KEPT * direction[j] + (1.0 - KEPT) * slope
                length += weights[j] * direction[j] * direction[j]
        if lost < least:
            least = lost
            found[:] = chosen
        if length < 1e-12:
            break
        stride = step * (upper - bound) * mass / length  # the first directions are short by ``mass``
        for j in range(n):
            if weights[j] > 0:
                multipliers[j] = min(max(multipliers[j] + stride * direction[j], 0.0), 1.0)
    if mass > 0:
        often /= mass
    return reached, least
