"""The loops that numpy cannot run: chains, the grid of segments, the bounded search.

Declared through ``utopias.compiled``: nothing is compiled, and numba is not loaded, before a call
needs it. Everything is integer or order independent, so results do not depend
on threads. Arrays are taken read-only wherever they are only read: the nouns are frozen.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="call-overload"
# The types of a kernel are those of its signature, which mypy cannot read.

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of

_I8x2 = types.Array(types.int64, 2, "C", readonly=True)

NEVER = 2147483647  # a distance no search reaches


@kernel(types.void(types.I4, types.I4, types.OUT_I8, types.OUT_I4), work=turns_of, compiles_in=0.3)
def halves_at(tail, head, starts, halves):
    """Sort the half-edges by the node they leave, those of one node in the order given; 2*edge leaves its tail.

    starts : (n + 1,) zeros; receives where those of each node begin. A counting sort: no room but the results.
    """
    for edge in range(len(tail)):
        starts[tail[edge]] += 1
        starts[head[edge]] += 1
    total = np.int64(0)
    for node in range(len(starts)):
        total += starts[node]
        starts[node] = total
    # Each place is filled from its end, so that at last every node's end is its beginning.
    for edge in range(len(tail) - 1, -1, -1):
        starts[head[edge]] -= 1
        halves[starts[head[edge]]] = 2 * edge + 1
        starts[tail[edge]] -= 1
        halves[starts[tail[edge]]] = 2 * edge


@kernel(
    types.int64(
        types.I8,
        types.I4,
        types.I4,
        types.I4,
        types.OUT_B1,
        types.OUT_I4,
        types.OUT_B1,
        types.OUT_I4,
        types.OUT_I4,
        types.OUT_I4,
    ),
    work=turns_of,
    compiles_in=0.5,
)
def follow_chains(starts, halves, tail, head, keep, chain, flipped, course, chain_tail, chain_head):
    """Walk from every kept node along each unvisited edge until the next kept node; returns how many chains.

    starts, halves: at each node the half-edges leaving it, 2*edge from the tail and 2*edge + 1 from the
    head. ``keep`` is true where a node has not exactly two of them. A ring without a kept node gets one.
    ``course`` receives the edges in the order of walking, chain after chain.
    """
    chains = 0
    walked = 0
    for around in range(2):
        for node in range(len(starts) - 1):
            if around == 0 and not keep[node]:
                continue
            if around == 1:
                if keep[node] or starts[node] == starts[node + 1] or chain[halves[starts[node]] >> 1] >= 0:
                    continue
                keep[node] = True
            for first in range(starts[node], starts[node + 1]):
                half = halves[first]
                if chain[half >> 1] >= 0:
                    continue
                while True:
                    edge = half >> 1
                    turned = (half & 1) == 1
                    chain[edge] = chains
                    flipped[edge] = turned
                    course[walked] = edge
                    walked += 1
                    far = tail[edge] if turned else head[edge]
                    if keep[far]:
                        break
                    arrived = half ^ 1
                    half = halves[starts[far]]
                    if half == arrived:
                        half = halves[starts[far] + 1]
                chain_tail[chains] = node
                chain_head[chains] = far
                chains += 1
    return chains


@kernel(
    types.void(
        types.F8, types.F8, types.F8, types.F8, types.float64, types.float64, types.float64, types.int64, types.int64,
        types.OUT_I8, types.OUT_I4, types.boolean,
    ),
    work=turns_of,
    compiles_in=0.6,
)  # fmt: skip
def lay_on_grid(ax, ay, bx, by, west, south, cell, columns, rows, cursor, members, fill):
    """Count (then, with ``fill``, write down) the segments that touch each cell, row of cells by row of cells."""
    slack = 1e-6 * cell  # a segment along a cell border is entered on both sides of it
    for s in range(len(ax)):
        low = min(ay[s], by[s]) - slack
        high = max(ay[s], by[s]) + slack
        first_row = max(np.int64(np.floor((low - south) / cell)), np.int64(0))
        last_row = min(np.int64(np.floor((high - south) / cell)), rows - 1)
        for row in range(first_row, last_row + 1):
            x0, x1 = ax[s], bx[s]
            if ay[s] != by[s] and last_row > first_row:
                # The part of the segment inside this row of cells.
                t0 = (south + row * cell - slack - ay[s]) / (by[s] - ay[s])
                t1 = (south + (row + 1) * cell + slack - ay[s]) / (by[s] - ay[s])
                x0 = ax[s] + min(max(t0, 0.0), 1.0) * (bx[s] - ax[s])
                x1 = ax[s] + min(max(t1, 0.0), 1.0) * (bx[s] - ax[s])
            first = max(np.int64(np.floor((min(x0, x1) - slack - west) / cell)), np.int64(0))
            last = min(np.int64(np.floor((max(x0, x1) + slack - west) / cell)), columns - 1)
            for column in range(first, last + 1):
                at = row * columns + column
                if fill:
                    members[cursor[at]] = s
                cursor[at] += 1


@kernel(
    types.void(
        types.F8, types.F8, types.F8, types.F8, types.F8, types.F8, types.B1, types.float64, types.float64, types.float64, types.int64, types.int64,
        types.I8, types.I4, types.float64, types.float64, types.OUT_I8, types.OUT_B1,
    ),
    work=lambda *a: len(a[0]) * (50 + 4 * (a[14] / a[9]) ** 2),  # cells within reach, at worst
    compiles_in=1.2,
)  # fmt: skip
def nearest_segments(
    px, py, ax, ay, bx, by, large, west, south, cell, columns, rows, starts, members, at_most, extra, chosen, moved
):
    """The nearest segment of each point, or -1; ties go to the lower number.

    Where it lies on a small island, the nearest segment that does not is taken instead if it is at
    most ``extra`` farther (and not over ``at_most``); such points are marked ``moved``.
    """
    for p in range(len(px)):
        home_column = np.int64(np.floor((px[p] - west) / cell))
        home_row = np.int64(np.floor((py[p] - south) / cell))
        any_d, any_s = np.inf, np.int64(-1)
        large_d, large_s = np.inf, np.int64(-1)
        ring = np.int64(0)
        while True:
            # Nothing in this ring is nearer than (ring - 1) cells; stop when no answer could change.
            enough = min(large_d, min(at_most, any_d + extra))
            if ring > 0 and (ring - 1) * cell > enough:
                break
            for row in range(max(home_row - ring, 0), min(home_row + ring, rows - 1) + 1):
                edge_row = row == home_row - ring or row == home_row + ring
                step = np.int64(1) if edge_row or ring == 0 else 2 * ring
                column = home_column - ring
                while column <= home_column + ring:
                    if 0 <= column < columns:
                        for k in range(starts[row * columns + column], starts[row * columns + column + 1]):
                            s = np.int64(members[k])
                            dx, dy = bx[s] - ax[s], by[s] - ay[s]
                            squared = dx * dx + dy * dy
                            t = 0.0
                            if squared > 0.0:
                                t = ((px[p] - ax[s]) * dx + (py[p] - ay[s]) * dy) / squared
                                t = min(max(t, 0.0), 1.0)
                            d = np.sqrt((ax[s] + t * dx - px[p]) ** 2 + (ay[s] + t * dy - py[p]) ** 2)
                            if d < any_d or (d == any_d and s < any_s):
                                any_d, any_s = d, s
                            if large[s] and (d < large_d or (d == large_d and s < large_s)):
                                large_d, large_s = d, s
                    column += step
            ring += 1
        chosen[p] = -1
        moved[p] = False
        if any_d <= at_most:
            chosen[p] = any_s
            if not large[any_s] and large_d <= at_most and large_d <= any_d + extra:
                chosen[p] = large_s
                moved[p] = True


@kernel(
    types.int64(
        types.I8, types.I4, types.I4, types.I8, types.I4, types.I8, types.I8, types.I4, types.I8, types.I8, _I8x2, types.I8, types.I4, _I8x2,
        types.int64, types.int64, types.int64,
        types.OUT_I4, types.OUT_B1, types.OUT_I4, types.OUT_I4, types.OUT_I4, types.OUT_I4, types.OUT_I4, types.OUT_I4,
        types.OUT_I8, types.OUT_I4, types.OUT_I4, types.int64,
    ),
    work=lambda *a: (a[15] - a[14]) * (2 * len(a[1]) + len(a[7]) + a[16]),  # all links and buckets, at worst
    compiles_in=2.0,
)  # fmt: skip
def bounded_search(
    starts, heads, costs,
    seed_starts, seed_node, seed_cost,
    hang_starts, hang_place, hang_cost,
    door_starts, doors,
    on_chain_starts, on_chain_place, on_chain,
    first, last, limit,
    distance, done, bucket, queued, under, settled, best, met,
    counts, places, times, pairs,
):  # fmt: skip
    """Least costs from each of the places ``first`` to ``last`` to every target place within ``limit``.

    starts, heads, costs : the junction graph, in the direction of the search.
    seed_* : by source place, junctions with the cost from the place's doors to them.
    hang_* : by junction, target places with the cost from the junction to their doors.
    door_starts, doors : by source place, doors as rows of (chain, u, v, snap, spot).
    on_chain_* : by chain, target places and their doors as rows of the same five.
    The direct way along a chain from door s to door t is max(v_t - v_s, u_s - u_t): one of the two
    is how far t lies ahead, the other how far it lies behind, and never are both over 0. Two doors
    at one spot are one door: no walk at all.
    The queue has one bucket a decisecond (Dial 1969, Comm. ACM 12:632-633): costs are whole and bounded, so
    every junction is spread once, in order, and no link is queued twice.
    distance to met : room to work in, see ``within``; left as it was found.
    counts : number of pairs of each source place. places, times : (pairs so far + more,) written from ``pairs`` on.

    Returns the number of pairs written in all; or -1 - s where those of source s found no room: nothing of
    s is written then, and the search may go on from it with more.
    """
    for source in range(first, last):
        reached = 0
        found = 0
        size = 0
        for k in range(seed_starts[source], seed_starts[source + 1]):
            node = seed_node[k]
            cost = seed_cost[k]
            if cost <= limit and cost < distance[node]:
                if distance[node] == NEVER:
                    settled[reached] = node
                    reached += 1
                distance[node] = cost
                queued[size] = node
                under[size] = bucket[cost]
                bucket[cost] = size
                size += 1
        so_far = np.int64(-1)
        waiting = size
        while waiting > 0:
            so_far += 1
            while bucket[so_far] >= 0:
                node = queued[bucket[so_far]]
                bucket[so_far] = under[bucket[so_far]]
                waiting -= 1
                if done[node]:  # an older, longer way to it, left in a later bucket
                    continue
                done[node] = True
                for k in range(starts[node], starts[node + 1]):
                    cost = so_far + np.int64(costs[k])
                    other = heads[k]
                    if cost <= limit and cost < distance[other]:
                        if distance[other] == NEVER:
                            settled[reached] = other
                            reached += 1
                        distance[other] = cost
                        queued[size] = other
                        under[size] = bucket[cost]
                        bucket[cost] = size
                        size += 1
                        waiting += 1
        for k in range(reached):
            node = settled[k]
            so_far = np.int64(distance[node])
            distance[node] = NEVER
            done[node] = False
            for h in range(hang_starts[node], hang_starts[node + 1]):
                cost = so_far + hang_cost[h]
                place = hang_place[h]
                if cost <= limit and cost < best[place]:
                    if best[place] == NEVER:
                        met[found] = place
                        found += 1
                    best[place] = cost
        for d in range(door_starts[source], door_starts[source + 1]):
            chain = doors[d, 0]
            for h in range(on_chain_starts[chain], on_chain_starts[chain + 1]):
                along = max(on_chain[h, 2] - doors[d, 2], doors[d, 1] - on_chain[h, 1])
                cost = along + doors[d, 3] + on_chain[h, 3]
                if doors[d, 4] == on_chain[h, 4]:
                    cost = np.int64(0)
                place = on_chain_place[h]
                if cost <= limit and cost < best[place]:
                    if best[place] == NEVER:
                        met[found] = place
                        found += 1
                    best[place] = cost
        fits = pairs + found <= len(places)
        for k in range(found):
            place = met[k]
            if fits:
                places[pairs] = place
                times[pairs] = best[place]
                pairs += 1
            best[place] = NEVER
        if not fits:
            return -1 - source
        counts[source] = found
    return pairs


def within(graph, seeds, hung, doors, on_chain, first, last, targets, limit, room):
    """Run ``bounded_search`` from places ``first`` to ``last``; its arguments by the groups of its heading.

    room : pairs the result may hold; a search that finds more stops there and returns that many.

    Returns the number of pairs of each source place, the target places, and the deciseconds.
    """
    junctions, links = len(graph[0]) - 1, len(graph[1])
    queue = links + len(seeds[1]) + 16
    scratch = (
        np.full(junctions, NEVER, np.int32), np.zeros(junctions, np.bool_), np.full(limit + 1, -1, np.int32),
        np.empty(queue, np.int32), np.empty(queue, np.int32), np.empty(junctions, np.int32),
        np.full(targets, NEVER, np.int32), np.empty(targets, np.int32),
    )  # fmt: skip
    counts = np.zeros(last, np.int64)
    places, times = np.empty(4096, np.int32), np.empty(4096, np.int32)
    pairs, source = 0, first
    while source < last and pairs <= room:
        found = bounded_search(
            *graph, *seeds, *hung, *doors, *on_chain, source, last, limit, *scratch, counts, places, times, pairs
        )
        if found >= 0:
            pairs = found
            break
        source = -1 - found
        pairs = int(counts[first:source].sum())
        size = max(2 * len(places), pairs + targets)  # no source finds more than all targets
        places, times = np.resize(places, size), np.resize(times, size)
    return counts[first:], places[:pairs], times[:pairs]
