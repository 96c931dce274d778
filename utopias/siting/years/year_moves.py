"""The search over years in machine code: schedules filled greedily, and bettered by moves between years.

The parts and the words are those of ``year_kernels``. Results depend on nothing but the arguments.
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.kernels import EPSILON, NEVER
from utopias.siting.years.year_kernels import affords, best_entry, change_of_swap, move, pay, prepare_state

_LISTS = (types.I8, types.I4, types.F8)
# works, equip (sites,), limits (years + 1,), carry, capacity a year
_MONEY = (types.F8, types.F8, types.F8, types.boolean, types.int64)


@kernel(
    types.boolean(
        *_LISTS, types.I8, types.I4, types.F8, types.F8, types.F8, types.B1, types.B1, *_MONEY, types.int64, types.boolean,
        types.float64, types.OUT_I4,
    ),
    work=lambda *a: a[15] * len(a[8]) * len(a[7]) + 20 * len(a[1]) * len(a[7]),
    compiles_in=5.0,
    allocates=True,
)  # fmt: skip
def fill(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    site_starts: Longs,
    demand: Ints,
    cap: Floats,
    weights: Floats,
    share: Floats,
    free: Bools,
    forced: Bools,
    works: Floats,
    equip: Floats,
    limits: Floats,
    carry: bool,
    capacity: int,
    number: int,
    year_by_year: bool,
    by_price: float,
    when: Ints,
) -> bool:
    """Add sites to ``when`` until there are ``number``, each time the one and the year that save most.

    year_by_year : every year by itself, the first one first, by what a site saves in that year alone: nobody looks
    ahead. False: by what it saves in all years from then on. Returns whether the number and all forced were reached.
    """
    years, sites = len(share), len(when)
    now, gain = np.empty((len(starts) - 1) * years), np.empty(sites * years)
    spent, begun, row = np.empty(years + 1), np.empty(years, np.int64), np.empty(years)
    prepare_state(starts, columns, costs, cap, weights, works, equip, share, when, now, gain, spent, begun, row)
    count, missing = 0, 0
    for i in range(sites):
        if when[i] < years:
            count += 1
        elif forced[i]:
            missing += 1
    counted = share.copy()
    t = 0
    while count < number:
        only_forced = count + missing >= number
        if year_by_year:
            if t >= years:
                break
            counted[:] = 0.0
            counted[t] = 1.0
        best, at, worth = -1, -1, -1.0
        first, last = (t, t + 1) if year_by_year else (0, years)
        if only_forced:
            for i in range(sites):
                if forced[i] and when[i] == years:
                    found, year, saved = best_entry(i, -1, first, last, by_price, free, works, equip, limits, carry, capacity, counted, when, gain, spent, begun)  # fmt: skip
                    if found >= 0 and saved > worth:
                        best, at, worth = found, year, saved
        else:
            best, at, worth = best_entry(-1, -1, first, last, by_price, free, works, equip, limits, carry, capacity, counted, when, gain, spent, begun)  # fmt: skip
        if best < 0:
            if not year_by_year:
                break
            t += 1
            continue
        pay(spent, begun, works[best], equip[best], at, 1)
        move(best, at, starts, columns, costs, site_starts, demand, cap, weights, share, when, now, gain, row)
        count += 1
        if forced[best]:
            missing -= 1
    return count == number and missing == 0


@kernel()
def _neighbour(
    site: int,
    lot: float,
    starts: Longs,
    columns: Ints,
    site_starts: Longs,
    demand: Ints,
    when: Ints,
    years: int,
) -> int:
    """A chosen site that could serve a place, taken by lot, which ``site`` could serve too; -1 where there is none."""
    places = site_starts[site + 1] - site_starts[site]
    if places == 0:
        return -1
    j = demand[site_starts[site] + int(lot * places)]
    found, met = -1, 0
    for k in range(starts[j], starts[j + 1]):
        if when[columns[k]] < years and columns[k] != site:
            met += 1
            if met == 1 or int(lot * 7919.0) % met == 0:
                found = columns[k]
    return found


@kernel(
    types.float64(
        *_LISTS, types.I8, types.I4, types.F8, types.F8, types.F8, types.B1, types.B1, *_MONEY, types.OUT_I4, types.OUT_I4,
        types.float64, types.Array(types.float64, 2, readonly=True),
    ),
    work=lambda *a: 30 * (1 + len(a[18])) * len(a[8]) * (len(a[8]) + len(a[1]) // 20) * len(a[7]),
    compiles_in=9.0,
    allocates=True,
)  # fmt: skip
def rearrange(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    site_starts: Longs,
    demand: Ints,
    cap: Floats,
    weights: Floats,
    share: Floats,
    free: Bools,
    forced: Bools,
    works: Floats,
    equip: Floats,
    limits: Floats,
    carry: bool,
    capacity: int,
    when: Ints,
    current: Ints,
    slack: float,
    luck: Floats,
) -> float:
    """Improve an admissible schedule: each site to a better year or for a better site, years of two sites exchanged.

    Then, for each row of ``luck`` (rounds, 18), a few sites of ``current`` are taken out, by lot or near one another,
    others put in, and the same is done again; it goes on from there where that is worse than the best by ``slack`` at
    most. ``when`` holds the best schedule, before and after; returns its value.
    """
    years, sites, n = len(share), len(when), len(starts) - 1
    now, gain = np.empty(n * years), np.empty(sites * years)
    spent, begun, row = np.empty(years + 1), np.empty(years, np.int64), np.empty(years)
    met, pool = np.full(n, -1, np.int32), np.empty(sites, np.int32)
    trial, fresh = when.copy(), np.ones(sites, np.bool_)  # fresh: moved since years were last exchanged in vain
    best_value = NEVER
    for r in range(-1, len(luck)):
        trial[:] = when if r < 0 else current
        value = prepare_state(starts, columns, costs, cap, weights, works, equip, share, trial, now, gain, spent, begun, row)  # fmt: skip
        if r < 0:
            best_value = value
        count = 0
        for i in range(sites):
            if trial[i] < years:
                pool[count] = i
                count += 1
        if r >= 0:
            fresh[:] = False
            closing = min(1 + int(luck[r, 0] * min(8, max(1, count // 3 + 1))), count)
            banned = -1
            for turn in range(closing):
                at = int(luck[r, 2 + turn] * count)
                if turn > 0 and luck[r, 10] < 0.3:
                    near = _neighbour(np.int64(pool[count]), luck[r, 2 + turn], starts, columns, site_starts, demand, trial, years)  # fmt: skip
                    for o in range(count):
                        if pool[o] == near:
                            at = o
                out = np.int64(pool[at])
                pay(spent, begun, works[out], equip[out], np.int64(trial[out]), -1)
                value += move(out, years, starts, columns, costs, site_starts, demand, cap, weights, share, trial, now, gain, row)  # fmt: skip
                count -= 1
                pool[at] = pool[count]
                pool[count] = out
                if turn == 0 and not forced[out]:
                    banned = out  # type: ignore[assignment]
            whole = True
            for turn in range(closing):
                entry, year, _ = -1, -1, 0.0
                for o in range(closing):  # forced ones come back first
                    if forced[pool[count + o]] and trial[pool[count + o]] == years:
                        entry, year, _ = best_entry(np.int64(pool[count + o]), -1, 0, years, 0.0, free, works, equip, limits, carry, capacity, share, trial, gain, spent, begun)  # fmt: skip
                        break
                if entry < 0 and luck[r, 10 + turn] < 0.15:  # now and then a site by lot
                    lot = int(luck[r, 10 + turn] / 0.15 * sites)
                    entry, year, _ = best_entry(lot, banned, 0, years, 0.0, free, works, equip, limits, carry, capacity, share, trial, gain, spent, begun)  # fmt: skip
                if entry < 0:
                    entry, year, _ = best_entry(-1, banned, 0, years, 0.0 if luck[r, 1] < 0.7 else 1.0, free, works, equip, limits, carry, capacity, share, trial, gain, spent, begun)  # fmt: skip
                if entry < 0:
                    whole = False
                    break
                fresh[entry] = True
                pay(spent, begun, works[entry], equip[entry], year, 1)
                value += move(entry, year, starts, columns, costs, site_starts, demand, cap, weights, share, trial, now, gain, row)  # fmt: skip
            for i in range(sites):
                whole = whole and not (forced[i] and trial[i] == years)
            if not whole:
                continue
            count = 0
            for i in range(sites):
                if trial[i] < years:
                    pool[count] = i
                    count += 1
        since, o = 0, 0 if r < 0 else int(luck[r, 1] * count)
        turns = 0
        while count > 0 and turns < 60 * count:
            if since >= count:  # no single move is left: exchange years of two
                swapped = False
                for a in range(count):
                    for b in range(a):
                        p, q = np.int64(pool[a]), np.int64(pool[b])
                        tp, tq = np.int64(trial[p]), np.int64(trial[q])
                        if tp == tq or not (fresh[p] or fresh[q]):
                            continue
                        pay(spent, begun, works[p], equip[p], tp, -1)
                        pay(spent, begun, works[q], equip[q], tq, -1)
                        fits = affords(spent, begun, limits, carry, capacity, works[p], equip[p], tq)
                        if fits:
                            pay(spent, begun, works[p], equip[p], tq, 1)
                            fits = affords(spent, begun, limits, carry, capacity, works[q], equip[q], tp)
                            pay(spent, begun, works[p], equip[p], tq, -1)
                        if fits:
                            change = change_of_swap(p, q, starts, columns, costs, site_starts, demand, cap, weights, share, trial, now, row, met)  # fmt: skip
                            fits = change < -EPSILON * (1.0 + abs(value))
                        if fits:
                            value += move(p, tq, starts, columns, costs, site_starts, demand, cap, weights, share, trial, now, gain, row)  # fmt: skip
                            value += move(q, tp, starts, columns, costs, site_starts, demand, cap, weights, share, trial, now, gain, row)  # fmt: skip
                            pay(spent, begun, works[p], equip[p], tq, 1)
                            pay(spent, begun, works[q], equip[q], tp, 1)
                            fresh[p], fresh[q] = True, True
                            swapped = True
                        else:
                            pay(spent, begun, works[p], equip[p], tp, 1)
                            pay(spent, begun, works[q], equip[q], tq, 1)
                if not swapped:
                    break
                since = 0
            o = o + 1 if o + 1 < count else 0
            turns += 1
            since += 1
            out = np.int64(pool[o])
            had = np.int64(trial[out])
            pay(spent, begun, works[out], equip[out], had, -1)
            lost = move(out, years, starts, columns, costs, site_starts, demand, cap, weights, share, trial, now, gain, row)  # fmt: skip
            entry, at, saved = best_entry(out if forced[out] else -1, -1, 0, years, 0.0, free, works, equip, limits, carry, capacity, share, trial, gain, spent, begun)  # fmt: skip
            if entry < 0 or not saved > lost + EPSILON * (1.0 + abs(value)):
                entry, at = out, had  # type: ignore[assignment]
            else:
                since = 0
                fresh[entry] = True
            pay(spent, begun, works[entry], equip[entry], at, 1)
            value += lost + move(entry, at, starts, columns, costs, site_starts, demand, cap, weights, share, trial, now, gain, row)  # fmt: skip
            pool[o] = entry
        if value < best_value - EPSILON * (1.0 + abs(best_value)) or r < 0:
            best_value = value
            when[:] = trial
        if value <= best_value + slack and r >= 0:
            current[:] = trial
    return best_value
