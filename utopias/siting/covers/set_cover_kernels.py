"""Set covering in machine code: what is superfluous, a search by weights and swaps, a bound by prices, a small tree.

A covering question is rows (places) over columns (sites): ``starts, columns`` by row and ``site_starts, rows`` by
site; row j wants ``need_j`` of its sites chosen; site i costs ``prices_i``. Results depend on nothing but the arguments.

Source
------
Dominance: Toregas & ReVelle (1973), Papers Reg. Sci. Assoc. 30:133-144. Search: weights on rows that stay short and one
swap at a time, after Gao, Weise & Li (2015), Eng. Appl. Artif. Intell. 43:1-15. Bound: Lagrangian with the rows priced,
subgradient steps as in Caprara, Fischetti & Toth (1999), Oper. Res. 47:730-743.
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs

_SETS = (types.I8, types.I4)
# A sum of prices on rows passes a limit when it does so by more than the last digits.
SURE = 1e-9


@kernel(
    types.OUT_B1(*_SETS, *_SETS, types.F8, types.boolean),
    work=lambda *a: 20 * turns_of(*a[:4]),
    compiles_in=3.0,
    allocates=True,
)
def superfluous(starts: Longs, members: Ints, other_starts: Longs, others: Ints, rank: Floats, larger: bool) -> Bools:
    """Which sets another makes superfluous, given sets by element and elements by set (``other_starts, others``).

    ``larger`` : a set goes that contains another of the same rank or less (rows: who serves the smaller serves it).
    Otherwise a set goes that another of the same rank or less contains (sites: the larger covers as much for no
    more). Of equal sets of equal rank the first stays. Empty sets go where the smaller do.
    """
    n, elements = len(starts) - 1, len(other_starts) - 1
    words = elements // 64 + 1
    bits = np.zeros((n, words), np.uint64)
    for s in range(n):
        for k in range(starts[s], starts[s + 1]):
            bits[s, members[k] // 64] |= np.uint64(1) << np.uint64(members[k] % 64)
    gone = np.zeros(n, np.bool_)
    order = np.argsort(starts[1:] - starts[:-1], kind="mergesort")
    for at in range(n):
        s = order[at]
        if gone[s]:
            continue
        size = starts[s + 1] - starts[s]
        if size == 0:
            gone[s] = not larger
            continue
        rarest = members[starts[s]]
        for k in range(starts[s], starts[s + 1]):
            e = members[k]
            if other_starts[e + 1] - other_starts[e] < other_starts[rarest + 1] - other_starts[rarest]:
                rarest = e
        for k in range(other_starts[rarest], other_starts[rarest + 1]):
            t = others[k]
            if t == s or gone[t]:
                continue
            length = starts[t + 1] - starts[t]
            keeper, goer = (s, t) if larger else (t, s)
            if length < size or rank[keeper] > rank[goer]:
                continue
            if length == size and rank[keeper] == rank[goer] and keeper > goer:
                continue
            inside = True
            for w in range(words):
                if bits[s, w] & ~bits[t, w]:
                    inside = False
                    break
            if inside:
                gone[goer] = True
                if goer == s:
                    break
    return gone


@kernel(
    types.boolean(*_SETS, *_SETS, types.I8, types.F8, types.OUT_B1, types.int64, types.float64, types.F8),
    work=lambda *a: turns_of(*a[:4]) + 40 * len(a[9]) + len(a[9]) * len(a[2]),
    compiles_in=4.0,
    allocates=True,
)
def swap_cover(
    starts: Longs,
    columns: Ints,
    site_starts: Longs,
    rows: Ints,
    need: Longs,
    prices: Floats,
    chosen: Bools,
    number: int,
    purse: float,
    luck: Floats,
) -> bool:
    """Find a choice of at most ``number`` sites (-1: any) for at most ``purse`` that gives every row its need.

    Starts from ``chosen``, fills up by gain per price, then for each number of ``luck`` (one to draw a short row)
    takes one site out and another in. True: ``chosen`` is such a choice; False: not found, ``chosen`` is of no use.
    """
    n, sites = len(starts) - 1, len(site_starts) - 1
    count, weight = np.zeros(n, np.int64), np.ones(n)
    score = np.zeros(sites)  # of a chosen site what leaving it out loses, of another what it gains
    since = np.zeros(sites, np.int64)
    place = np.full(n, -1)  # of a row among the short ones
    short = np.empty(n, np.int64)
    shorts = 0
    opened, spent = 0, 0.0
    for i in range(sites):
        if chosen[i]:
            opened += 1
            spent += prices[i]
            for k in range(site_starts[i], site_starts[i + 1]):
                count[rows[k]] += 1
    for j in range(n):
        if count[j] < need[j]:
            place[j] = shorts
            short[shorts] = j
            shorts += 1
    for i in range(sites):
        for k in range(site_starts[i], site_starts[i + 1]):
            j = rows[k]
            if (chosen[i] and count[j] <= need[j]) or (not chosen[i] and count[j] < need[j]):
                score[i] += weight[j]
    last_in, step, draws, greedy = -1, 0, len(luck), True
    while shorts > 0:
        gone = -1
        if not greedy:
            if step >= draws:
                return False
            step += 1
            least = np.inf
            for i in range(sites):
                if chosen[i] and i != last_in:
                    lost = score[i] / max(prices[i], 1e-12)
                    if lost < least or (lost == least and since[i] < since[gone]):
                        least, gone = lost, i
            if gone < 0:  # one site alone: it is the one to go
                gone = last_in
            if gone < 0 or not chosen[gone]:
                return False
            chosen[gone] = False
            since[gone] = step
            opened -= 1
            spent -= prices[gone]
            score[gone] = 0.0
            for k in range(site_starts[gone], site_starts[gone + 1]):
                j = rows[k]
                count[j] -= 1
                if count[j] < need[j]:
                    score[gone] += weight[j]
                if count[j] == need[j] - 1:
                    place[j] = shorts
                    short[shorts] = j
                    shorts += 1
                    for q in range(starts[j], starts[j + 1]):
                        if not chosen[columns[q]] and columns[q] != gone:
                            score[columns[q]] += weight[j]
                elif count[j] == need[j]:
                    for q in range(starts[j], starts[j + 1]):
                        if chosen[columns[q]]:
                            score[columns[q]] += weight[j]
        added = False
        while shorts > 0 and (number < 0 or opened < number):
            best, most = -1, 0.0
            if greedy:
                for i in range(sites):
                    if not chosen[i] and spent + prices[i] <= purse:
                        gained = score[i] / max(prices[i], 1e-12)
                        if gained > most:
                            most, best = gained, i
            else:
                j = short[int(luck[step - 1] * shorts)]
                for q in range(starts[j], starts[j + 1]):
                    i = columns[q]
                    if chosen[i] or i == gone or spent + prices[i] > purse:
                        continue
                    gained = score[i] / max(prices[i], 1e-12)
                    if gained > most or (gained == most and best >= 0 and since[i] < since[best]):
                        most, best = gained, i
            if best < 0:
                break
            chosen[best] = True
            added = True
            last_in = best
            since[best] = step
            opened += 1
            spent += prices[best]
            score[best] = 0.0
            for k in range(site_starts[best], site_starts[best + 1]):
                j = rows[k]
                count[j] += 1
                if count[j] <= need[j]:
                    score[best] += weight[j]
                if count[j] == need[j]:
                    shorts -= 1
                    moved = short[shorts]
                    short[place[j]] = moved
                    place[moved] = place[j]
                    place[j] = -1
                    for q in range(starts[j], starts[j + 1]):
                        if not chosen[columns[q]]:
                            score[columns[q]] -= weight[j]
                elif count[j] == need[j] + 1:
                    for q in range(starts[j], starts[j + 1]):
                        if chosen[columns[q]] and columns[q] != best:
                            score[columns[q]] -= weight[j]
        if not added:
            last_in = -1
        for at in range(shorts):
            j = short[at]
            weight[j] += 1.0
            for q in range(starts[j], starts[j + 1]):
                score[columns[q]] += 1.0
        greedy = False
    return True


@kernel(
    types.float64(*_SETS, types.I8, types.F8, types.OUT_F8, types.float64, types.int64),
    work=lambda *a: a[6] * turns_of(*a[:2]),
    compiles_in=2.0,
    allocates=True,
)
def price_rows(
    site_starts: Longs,
    rows: Ints,
    need: Longs,
    prices: Floats,
    multipliers: Floats,
    target: float,
    rounds: int,
) -> float:
    """The best bound met on what any choice costs, L(v) = sum need v + sum_i min(0, prices_i - sum over its rows of v).

    ``multipliers`` (n,) v >= 0, where the climb starts and, afterwards, where the best bound was met. Ends once
    the bound is over ``target``.
    """
    n, sites = len(need), len(site_starts) - 1
    v, best = multipliers.copy(), -np.inf
    direction, slack, grade = np.zeros(n), np.empty(sites), np.empty(n)
    pace, stale = 1.0, 0
    for _ in range(rounds):
        bound = 0.0
        for j in range(n):
            grade[j] = need[j]
            bound += need[j] * v[j]
        for i in range(sites):
            slack[i] = prices[i]
            for k in range(site_starts[i], site_starts[i + 1]):
                slack[i] -= v[rows[k]]
            if slack[i] < 0.0:
                bound += slack[i]
                for k in range(site_starts[i], site_starts[i + 1]):
                    grade[rows[k]] -= 1.0
        if bound > best + 1e-7 * abs(best):
            stale = 0
        else:
            stale += 1
        if bound > best:
            best = bound
            multipliers[:] = v
        if best > target:
            break
        if stale >= 15:
            pace *= 0.6
            stale = 0
            v[:] = multipliers
            direction[:] = 0.0
            if pace < 1e-3:
                break
            continue
        size = 0.0
        for j in range(n):
            if v[j] <= 0.0 and grade[j] < 0.0:
                grade[j] = 0.0
            direction[j] = 0.5 * direction[j] + grade[j]
            size += direction[j] * direction[j]
        if size <= 0.0:
            break
        length = pace * max(1.02 * target - bound, 0.01 * abs(target)) / size
        for j in range(n):
            v[j] = max(0.0, v[j] + length * direction[j])
    return best
