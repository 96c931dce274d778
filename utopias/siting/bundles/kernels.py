"""Bundles in machine code: what an offer is worth at given prices, the best bundle of a plot, who is really served.

An *offer* is one service at one site. A *row* is demand that the same offers of one service can serve: ``demand``
persons, each worth ``worth``. Different services share no row, so their worth at a site simply adds up; what binds
them together is the plot, the purse and the upkeep.

Source
------
Fractional knapsack and its branch and bound: Dantzig (1957); Horowitz & Sahni (1974), J. ACM 21:277-292. Assignment
by augmenting paths: Ford & Fulkerson (1956); the servable amounts form a polymatroid, so that taking the rows in
order of worth is exact (Edmonds 1970).
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs

# A sum of people or of square metres that differs by less than this share differs by nothing.
HAIR = 1e-9


@kernel(
    types.float64(types.I8, types.I4, types.F8, types.F8, types.I8, types.F8, types.OUT_F8),
    work=turns_of,
    allocates=True,
)
def worth_of_offers(
    starts: Longs, columns: Ints, demand: Floats, gain: Floats, order: Longs, limits: Floats, rho: Floats
) -> float:
    """Fill ``rho`` (offers,): the most that each offer alone can gain, at ``gain`` a person and at most ``limits`` persons.

    ``order`` : rows by falling gain, so that a place that fills up takes the dearest first. Returns the persons of
    rows with a gain.
    """
    rho[:] = 0.0
    left = limits.copy()
    met = 0.0
    for at in range(len(order)):
        j = order[at]
        if gain[j] <= 0:
            break
        met += demand[j]
        for k in range(starts[j], starts[j + 1]):
            o = columns[k]
            take = min(demand[j], left[o])
            if take > 0:
                rho[o] += gain[j] * take
                left[o] -= take
    return met


@kernel(
    types.Tuple((types.float64, types.float64))(
        types.I8, types.int64, types.F8, types.F8, types.F8, types.F8, types.B1, types.float64, types.float64,
        types.float64, types.int64, types.OUT_B1,
    ),
    work=turns_of,
    allocates=True,
)  # fmt: skip
def best_bundle(
    items: Longs, count: int, profit: Floats, area: Floats, money: Floats, yearly: Floats, must: Bools,
    room: float, purse: float, upkeep: float, nodes: int, taken: Bools,
) -> tuple[float, float]:  # fmt: skip
    """The best set of the offers ``items[:count]`` within room, purse and upkeep; (a bound, the value found).

    Marks the found set in ``taken`` (offers,). Those that must be taken are, whatever they bring; where they do not fit
    both numbers are -inf. Exact unless more than ``nodes`` branches are needed: the bound then is that of the
    fractional knapsack over the ground, which no bundle passes.
    """
    ratio = np.empty(count)
    free = np.empty(count, np.int64)
    size, base = 0, 0.0
    for at in range(count):
        o = items[at]
        if must[o]:
            base += profit[o]
            room -= area[o]
            purse -= money[o]
            upkeep -= yearly[o]
            taken[o] = True
    if room < -1e-6 or purse < -1e-6 or upkeep < -1e-6:
        for at in range(count):
            taken[items[at]] = False
        return -np.inf, -np.inf
    for at in range(count):
        o = items[at]
        if not must[o] and profit[o] > 0 and area[o] <= room and money[o] <= purse and yearly[o] <= upkeep:
            free[size] = o
            ratio[size] = -profit[o] / max(area[o], 1e-9)
            size += 1
    order = np.argsort(ratio[:size], kind="mergesort")
    now = np.zeros(size, np.bool_)
    best = np.zeros(size, np.bool_)
    value, found, at, spent, first = 0.0, 0.0, 0, 0, 0.0
    while True:
        hopeless = False
        while at < size:
            spent += 1
            rest, bound = room, value
            for later in range(at, size):
                o = free[order[later]]
                if area[o] <= rest:
                    rest -= area[o]
                    bound += profit[o]
                else:
                    bound += profit[o] * rest / area[o]
                    break
            if spent == 1:
                first = bound
            if bound <= found + 1e-12 * max(abs(found), 1.0) or spent > nodes:
                hopeless = True
                break
            o = free[order[at]]
            if area[o] <= room and money[o] <= purse and yearly[o] <= upkeep:
                now[at] = True
                value += profit[o]
                room -= area[o]
                purse -= money[o]
                upkeep -= yearly[o]
            at += 1
        if not hopeless and value > found:
            found = value
            best[:] = now
        if spent > nodes:
            break
        back = at - 1
        while back >= 0 and not now[back]:
            back -= 1
        if back < 0:
            break
        o = free[order[back]]
        now[back] = False
        value -= profit[o]
        room += area[o]
        purse += money[o]
        upkeep += yearly[o]
        at = back + 1
    for at in range(size):
        if best[at]:
            taken[free[order[at]]] = True
    # what branching left out for less than a hair, and the digits of sums in another order, belong to the bound
    proven = found + 1e-11 * max(abs(found), 1.0)
    return base + (max(first, found) if spent > nodes else proven), base + found


@kernel(
    types.void(
        types.I8, types.I8, types.F8, types.F8, types.F8, types.F8, types.B1, types.B1, types.F8, types.F8,
        types.float64, types.float64, types.int64, types.OUT_F8, types.OUT_F8, types.OUT_B1,
    ),
    work=lambda *a: 30 * len(a[1]),
    allocates=True,
)  # fmt: skip
def best_bundles(
    site_starts: Longs, site_offers: Longs, profit: Floats, area: Floats, money: Floats, yearly: Floats, must: Bools,
    allowed: Bools, rooms: Floats, site_money: Floats, purse: float, upkeep: float, nodes: int,
    bounds: Floats, values: Floats, taken: Bools,
) -> None:  # fmt: skip
    """The best bundle of the allowed offers of every site, each as if it were alone; ``site_money`` goes off the purse."""
    taken[:] = False
    items = np.empty(len(site_offers), np.int64)
    for i in range(len(site_starts) - 1):
        count = 0
        for at in range(site_starts[i], site_starts[i + 1]):
            if allowed[site_offers[at]]:
                items[count] = site_offers[at]
                count += 1
        bounds[i], values[i] = best_bundle(
            items, count, profit, area, money, yearly, must, rooms[i], purse - site_money[i], upkeep, nodes, taken
        )


@kernel(
    types.Tuple((types.OUT_F8, types.OUT_F8))(
        types.I8, types.I4, types.F8, types.I8, types.F8, types.B1, types.I8, types.I8, types.I8
    ),
    work=turns_of,
    compiles_in=3.0,
    allocates=True,
)
def serve(
    starts: Longs, columns: Ints, demand: Floats, order: Longs, limits: Floats, chosen: Bools,
    offer_starts: Longs, offer_pairs: Longs, row_of_pair: Longs,
) -> tuple[Floats, Floats]:  # fmt: skip
    """The persons really served: (rows,) of each row, (pairs,) of each row by each chosen offer; ``order`` comes first.

    A row may be split among offers; no offer serves more than its limit. Exact: a full place passes people on to
    another that they reach too, along augmenting paths. ``offer_starts``, ``offer_pairs`` : the pairs by offer.
    """
    rows, offers = len(starts) - 1, len(limits)
    served, left = np.zeros(rows), limits.copy()
    flow = np.zeros(len(columns))
    dead = np.zeros(offers, np.bool_)  # no way leads from here to a place that is left
    seen_offer, seen_row = np.full(offers, -1, np.int64), np.full(rows, -1, np.int64)
    into, out = np.empty(offers, np.int64), np.empty(offers, np.int64)
    queue = np.empty(offers, np.int64)
    turn = 0
    for at in range(rows):
        j = order[at]
        need = demand[j]
        for k in range(starts[j], starts[j + 1]):
            o = columns[k]
            if chosen[o] and left[o] > 0 and need > 0:
                take = min(need, left[o])
                flow[k] += take
                left[o] -= take
                need -= take
        while need > HAIR * max(demand[j], 1.0):
            turn += 1
            head, tail, found = 0, 0, -1
            for k in range(starts[j], starts[j + 1]):
                o = columns[k]
                if chosen[o] and not dead[o] and seen_offer[o] != turn:
                    seen_offer[o] = turn
                    into[o], out[o] = k, -1
                    queue[tail] = o
                    tail += 1
            seen_row[j] = turn
            while head < tail and found < 0:
                o = queue[head]
                head += 1
                if left[o] > HAIR:
                    found = o
                    break
                for p in range(offer_starts[o], offer_starts[o + 1]):
                    pair = offer_pairs[p]
                    row = row_of_pair[pair]
                    if flow[pair] <= HAIR or seen_row[row] == turn:
                        continue
                    seen_row[row] = turn
                    for k in range(starts[row], starts[row + 1]):
                        other = columns[k]
                        if chosen[other] and not dead[other] and seen_offer[other] != turn:
                            seen_offer[other] = turn
                            into[other], out[other] = k, pair
                            queue[tail] = other
                            tail += 1
            if found < 0:
                for q in range(tail):
                    dead[queue[q]] = True
                break
            amount, o = min(need, left[found]), found
            while out[o] >= 0:
                amount = min(amount, flow[out[o]])
                o = columns[out[o]]
            left[found] -= amount
            o = found
            while out[o] >= 0:
                flow[into[o]] += amount
                flow[out[o]] -= amount
                o = columns[out[o]]
            flow[into[o]] += amount
            need -= amount
        served[j] = demand[j] - max(need, 0.0)
    return served, flow
