"""Who is served in each year, in machine code: costs, gains and the ledger of a schedule, kept through single moves.

A site whose works are in budget year ``t`` is equipped in ``t + 1`` and serves from then on. Serving years are
numbered from 0, the year after the first budget: a site of works year ``t`` serves the serving years ``y >= t``.
``when`` (sites,) holds the works year, ``years`` where a site is not chosen. Minimised is

    sum over y of  d_y  sum_j w_j min(cap_j, min over i with when_i <= y of c_ij)

on the same cost-sorted lists as ``kernels``; the years are never written out. Every choice keeps the ledger: works in
their year, equipment in the year after, within each year's money (``carry``: what is left is added to the next).

Source
------
Interchange with tables of gains as in ``kernels``; the dynamic covering of which this is the money-bound case:
Schilling (1980), Geographical Analysis 12:297-316 ("dynamic location modeling for public-sector facilities").
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs

_LISTS = (types.I8, types.I4, types.F8)


@kernel()
def row_by_year(
    j: int, starts: Longs, columns: Ints, costs: Floats, cap: Floats, when: Ints, years: int, row: Floats
) -> None:
    """Fill ``row`` (years,) with what demand ``j`` costs in each serving year."""
    for y in range(years):
        row[y] = cap[j]
    until = years
    for k in range(starts[j], starts[j + 1]):
        t = when[columns[k]]
        if t < until:
            for y in range(t, until):
                row[y] = costs[k]
            until = t
            if until == 0:
                break


@kernel()
def affords(
    spent: Floats, begun: Longs, limits: Floats, carry: bool, capacity: int, works: float, equip: float, t: int
) -> bool:
    """Whether works in year ``t`` and equipment in the next can still be paid."""
    if begun[t] >= capacity:
        return False
    if not carry:
        return bool(spent[t] + works <= limits[t] and spent[t + 1] + equip <= limits[t + 1])
    left = 0.0
    for y in range(len(limits)):
        left += limits[y] - spent[y]
        if y == t:
            left -= works
        elif y == t + 1:
            left -= equip
        if y >= t and left < 0:
            return False
    return True


@kernel()
def pay(spent: Floats, begun: Longs, works: float, equip: float, t: int, sign: int) -> None:
    """Write works and equipment of a site into the ledger, or take them out (``sign`` -1)."""
    spent[t] += sign * works
    spent[t + 1] += sign * equip
    begun[t] += sign


@kernel()
def move(
    site: int,
    to: int,
    starts: Longs,
    columns: Ints,
    costs: Floats,
    site_starts: Longs,
    demand: Ints,
    cap: Floats,
    weights: Floats,
    share: Floats,
    when: Ints,
    now: Floats,
    gain: Floats,
    row: Floats,
) -> float:
    """Put ``site`` into works year ``to``; keeps costs ``now`` and the table of gains; returns the change of the value.

    now : (demand * years,) what each place costs in each serving year. gain : (sites * years,) what each site would
    save if it served in that year too.
    """
    years = len(share)
    when[site] = to
    change = 0.0
    for k in range(site_starts[site], site_starts[site + 1]):
        j = demand[k]
        row_by_year(j, starts, columns, costs, cap, when, years, row)
        for y in range(years):
            before, after = now[j * years + y], row[y]
            if before == after:
                continue
            now[j * years + y] = after
            change += share[y] * weights[j] * (after - before)
            most = max(before, after)
            for e in range(starts[j], starts[j + 1]):
                if costs[e] >= most:
                    break
                gain[columns[e] * years + y] += weights[j] * (max(0.0, after - costs[e]) - max(0.0, before - costs[e]))
    return change


@kernel()
def change_of_swap(
    one: int,
    other: int,
    starts: Longs,
    columns: Ints,
    costs: Floats,
    site_starts: Longs,
    demand: Ints,
    cap: Floats,
    weights: Floats,
    share: Floats,
    when: Ints,
    now: Floats,
    row: Floats,
    met: Ints,
) -> float:
    """How the value changes where two sites change their years; ``met`` (demand,) is scratch, back at -1 after."""
    years = len(share)
    when[one], when[other] = when[other], when[one]
    change = 0.0
    for half in range(2):
        site = one if half == 0 else other
        for k in range(site_starts[site], site_starts[site + 1]):
            j = demand[k]
            if half == 1 and met[j] == one:
                continue
            met[j] = one
            row_by_year(j, starts, columns, costs, cap, when, years, row)
            for y in range(years):
                change += share[y] * weights[j] * (row[y] - now[j * years + y])
    for half in range(2):
        site = one if half == 0 else other
        for k in range(site_starts[site], site_starts[site + 1]):
            met[demand[k]] = -1
    when[one], when[other] = when[other], when[one]
    return change


@kernel()
def best_entry(
    only: int,
    but: int,
    first: int,
    last: int,
    by_price: float,
    free: Bools,
    works: Floats,
    equip: Floats,
    limits: Floats,
    carry: bool,
    capacity: int,
    share: Floats,
    when: Ints,
    gain: Floats,
    spent: Floats,
    begun: Longs,
) -> tuple[int, int, float]:
    """The affordable (site, works year) that saves most, by money to the power ``by_price``; (-1, -1, -1.0): none.

    only : this site alone, -1 any. but : not this one. first, last : works years, ``last`` not included.
    """
    years = len(share)
    found, at, best, worth = -1, -1, -1.0, -1.0
    for i in range(len(when)):
        if (only >= 0 and i != only) or i == but or not free[i] or when[i] < years:
            continue
        price = 1.0
        if by_price > 0:
            price = max(works[i] + equip[i], 1e-9)
            if by_price > 1.5:
                price = price * price * price
        saved = 0.0
        for back in range(years):
            t = years - 1 - back
            saved += share[t] * gain[i * years + t]
            if t < first or t >= last:
                continue
            if (saved + 1e-9) / price <= best:
                continue
            if affords(spent, begun, limits, carry, capacity, works[i], equip[i], t):
                found, at, best, worth = i, t, (saved + 1e-9) / price, saved
    return found, at, worth


@kernel()
def prepare_state(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    cap: Floats,
    weights: Floats,
    works: Floats,
    equip: Floats,
    share: Floats,
    when: Ints,
    now: Floats,
    gain: Floats,
    spent: Floats,
    begun: Longs,
    row: Floats,
) -> float:
    """Costs, gains and ledger of a schedule from nothing; returns its value."""
    years = len(share)
    gain[:] = 0.0
    spent[:] = 0.0
    begun[:] = 0
    value = 0.0
    for j in range(len(starts) - 1):
        row_by_year(j, starts, columns, costs, cap, when, years, row)
        for y in range(years):
            now[j * years + y] = row[y]
            value += share[y] * weights[j] * row[y]
            for e in range(starts[j], starts[j + 1]):
                if costs[e] >= row[y]:
                    break
                gain[columns[e] * years + y] += weights[j] * (row[y] - costs[e])
    for i in range(len(when)):
        if when[i] < years:
            pay(spent, begun, works[i], equip[i], np.int64(when[i]), 1)
    return value


@kernel(types.void(*_LISTS, types.F8, types.F8, types.OUT_I4, types.OUT_F8), work=turns_of, allocates=True)
def losses_by_year(
    starts: Longs, columns: Ints, costs: Floats, cap: Floats, weights: Floats, when: Ints, losses: Floats
) -> None:
    """Fill ``losses`` (years,) with what a schedule loses in each serving year."""
    years = len(losses)
    row = np.empty(years)
    losses[:] = 0.0
    for j in range(len(starts) - 1):
        row_by_year(j, starts, columns, costs, cap, when, years, row)
        for y in range(years):
            losses[y] += weights[j] * row[y]
