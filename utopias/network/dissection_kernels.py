"""The loops that part a graph: nested dissection, each separator the least that a flow finds.

A flow is paths that share no node, as many as the smallest separator has nodes. A node is two states there,
before it (2v) and after it (2v + 1), and one path may pass between them. Paths run from the nodes of
side 1 to those of side 2, both included: a separator may take nodes of either. All but the last are
parts of it, compiled with it.

Source
------
George (1973), SIAM J. Numer. Anal. 10:345-363 (nested dissection); Schild & Sommer (2015), SEA,
LNCS 9125:246-256 (inertial flow); Menger (1927), Fund. Math. 10:96-115; Dinic (1970), Soviet
Math. Doklady 11:1277-1280 (flow by levels).
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="call-overload"
# The types of a kernel are those of its signature, which mypy cannot read.

from __future__ import annotations

import math

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel

NOBODY, SOURCE, SINK = -1, -2, -3  # who stands before or after a node on a path of the flow


@kernel()
def spread(starts, heads, side, before, level, queue):
    """Levels of the residual graph from the source, up to the first that touches the sink; returns it, or -1.

    before : each node's neighbour before it on the path through it. level, queue : (2n,) room for states.
    """
    count = len(side)
    level[: 2 * count] = -1
    tail = 0
    for v in range(count):
        if side[v] == 1:
            level[2 * v] = 0
            if before[v] != SOURCE:  # else its one path is taken: reached, and no way on
                queue[tail] = 2 * v
                tail += 1
    found = np.int64(-1)
    place = 0
    while place < tail:
        state = queue[place]
        place += 1
        deep = level[state] + 1
        if found >= 0 and deep > found:
            break
        v = state >> 1
        if state & 1 == 0:
            other = 2 * v + 1 if before[v] == NOBODY else 2 * before[v] + 1
            if before[v] != SOURCE and level[other] < 0:
                level[other] = deep
                queue[tail] = other
                tail += 1
                if side[other >> 1] == 2:
                    found = deep
        else:
            for e in range(starts[v], starts[v + 1]):
                other = 2 * heads[e]
                if level[other] < 0:
                    level[other] = deep
                    queue[tail] = other
                    tail += 1
            if before[v] != NOBODY and level[2 * v] < 0:
                level[2 * v] = deep
                queue[tail] = 2 * v
                tail += 1
    return found


@kernel()
def flow(starts, heads, side, enough, before, after, level, queue, cursor):
    """Most paths from side 1 to side 2 that share no node, or ``enough`` of them and more: then it stopped early."""
    count = len(side)
    before[:count] = NOBODY
    after[:count] = NOBODY
    total = np.int64(0)
    while total < enough:
        last = spread(starts, heads, side, before, level, queue)
        if last < 0:
            return total
        for v in range(count):
            cursor[v] = starts[v]
        for s in range(count):
            if side[s] != 1 or before[s] == SOURCE or level[2 * s] != 0:
                continue
            queue[0] = 2 * s
            deep = 0
            while deep >= 0:
                state = queue[deep]
                v = state >> 1
                if state & 1 == 1 and side[v] == 2:
                    break
                ahead = np.int32(-1)
                if deep < last:
                    if state & 1 == 0:
                        if before[v] != SOURCE:
                            other = 2 * v + 1 if before[v] == NOBODY else 2 * before[v] + 1
                            if level[other] == deep + 1:
                                ahead = np.int32(other)
                    else:
                        while cursor[v] < starts[v + 1]:
                            other = 2 * heads[cursor[v]]
                            if level[other] == deep + 1:
                                ahead = np.int32(other)
                                break
                            cursor[v] += 1
                        if ahead < 0 and before[v] != NOBODY and level[2 * v] == deep + 1:
                            ahead = np.int32(2 * v)
                if ahead >= 0:
                    deep += 1
                    queue[deep] = ahead
                else:
                    level[state] = -1  # leads nowhere in this phase
                    deep -= 1
            if deep < 0:
                continue
            # Each step of the way names who stands before and after; a step back over a path undoes it.
            before[s] = SOURCE
            for i in range(deep):
                here, then = queue[i], queue[i + 1]
                level[here] = -1
                if here & 1 == 1:
                    if here >> 1 == then >> 1:
                        before[here >> 1] = NOBODY
                        after[here >> 1] = NOBODY
                    else:
                        after[here >> 1] = then >> 1
                        before[then >> 1] = here >> 1
            level[queue[deep]] = -1
            after[queue[deep] >> 1] = SINK
            total += 1
    return total


@kernel()
def spread_back(starts, heads, side, before, after, level, queue):
    """Which states reach the sink in the residual graph of a greatest flow: level 0, the others -1."""
    count = len(side)
    level[: 2 * count] = -1
    tail = 0
    for v in range(count):
        if side[v] == 2:
            level[2 * v + 1] = 0
            queue[tail] = 2 * v + 1
            tail += 1
    place = 0
    while place < tail:
        state = queue[place]
        place += 1
        v = state >> 1
        if state & 1 == 1:
            other = np.int32(-1)
            if before[v] == NOBODY:
                other = np.int32(2 * v)
            elif after[v] >= 0:
                other = np.int32(2 * after[v])
            if other >= 0 and level[other] < 0:
                level[other] = 0
                queue[tail] = other
                tail += 1
        else:
            for e in range(starts[v], starts[v + 1]):
                other = 2 * heads[e] + 1
                if level[other] < 0:
                    level[other] = 0
                    queue[tail] = other
                    tail += 1
            if before[v] != NOBODY and level[2 * v + 1] < 0:
                level[2 * v + 1] = 0
                queue[tail] = 2 * v + 1
                tail += 1


@kernel()
def split_at(members, key, place):
    """Hoare's selection: members before ``place`` have keys no larger than those from it on."""
    low, high = np.int64(0), np.int64(len(members) - 1)
    while low < high:
        pivot = key[members[(low + high) >> 1]]
        i, j = low, high
        while i <= j:
            while key[members[i]] < pivot:
                i += 1
            while key[members[j]] > pivot:
                j -= 1
            if i <= j:
                members[i], members[j] = members[j], members[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            return


@kernel()
def fall_apart(starts, heads, seen, queue, ends):
    """Put the nodes into ``queue`` part by part, where nothing joins two parts; returns how many parts.

    ends : takes where each part ends in the queue. seen : (n,) room.
    """
    count = len(starts) - 1
    seen[:count] = 0
    found = np.int64(0)
    tail = 0
    for i in range(count):
        if seen[i] == 1:
            continue
        seen[i] = 1
        queue[tail] = i
        place = tail
        tail += 1
        while place < tail:
            v = queue[place]
            place += 1
            for e in range(starts[v], starts[v + 1]):
                if seen[heads[e]] == 0:
                    seen[heads[e]] = 1
                    queue[tail] = heads[e]
                    tail += 1
        ends[found] = tail
        found += 1
    return found


@kernel()
def separate(x, y, starts, heads, balance, directions, side, members, before, after, cursor, level, queue, chosen, key):
    """The separator of one connected piece: ``chosen`` 2 for its nodes, 0 and 1 for the two parts it parts.

    Of the smallest separators between the outer shares along each direction, the one nearest to either share,
    that with the fewest nodes for the smaller part. The last nine arrays are room.
    """
    count = len(starts) - 1
    share = max(np.int64(1), np.int64(count * balance))
    least = np.int64(count)
    best = np.inf
    for turn in range(directions):
        angle = math.pi * turn / directions
        east, north = math.cos(angle), math.sin(angle)  # of the C library both as Python and compiled
        for i in range(count):
            key[i] = x[i] * east + y[i] * north
            members[i] = i
            side[i] = 0
        split_at(members[:count], key, share)
        split_at(members[share:count], key, count - 2 * share)
        for i in range(share):
            side[members[i]] = 1
            side[members[count - 1 - i]] = 2
        width = flow(starts, heads, side, least + 1, before, after, level, queue, cursor)
        if width > least:
            continue
        least = width
        for back in range(2):
            if back == 1:
                spread_back(starts, heads, side, before, after, level, queue)
            # Seen from the sink, a node is entered from behind: the two states change places.
            outer = 1 - back
            part = np.int64(0)
            for i in range(count):
                if level[2 * i + outer] >= 0:
                    part += 1
            score = width / (min(part, count - part - width) + 0.5)
            if score < best:
                best = score
                for i in range(count):
                    if level[2 * i + outer] >= 0:
                        chosen[i] = 1
                    else:
                        chosen[i] = 2 if level[2 * i + 1 - outer] >= 0 else 0


def _flows(x, _y, _starts, heads, _balance, directions, _nodes):
    """Every level of parts, every direction: all links, as often as a flow has phases."""
    phases = 10.0
    return phases * directions * len(heads) * math.log2(len(x) + 2.0)


@kernel(
    types.void(types.F8, types.F8, types.I8, types.I4, types.float64, types.int64, types.OUT_I4),
    work=_flows,
    compiles_in=9.0,
    allocates=True,
)
def dissect(x, y, starts, heads, balance, directions, nodes):
    """Fill ``nodes`` with an order of nested dissection: every separator after the two parts it parts.

    x, y : (n,) where. starts, heads : undirected graph without loops or doubles.
    balance : the share of a piece, at either end along a direction, that the flow runs between.
    """
    count = len(x)
    nodes[:] = np.arange(count)
    piece = np.zeros(count, np.int32)  # only nodes of one piece are neighbours
    number = np.empty(count, np.int32)
    local, near = np.empty(count + 1, np.int32), np.empty(len(heads), np.int32)
    east, north, key = np.empty(count), np.empty(count), np.empty(count)
    side, members, chosen = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int32)
    before, after, cursor = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int32)
    level, queue = np.empty(2 * count, np.int32), np.empty(2 * count + 1, np.int32)
    stack = [(np.int64(0), np.int64(count), False)]
    pieces = np.int32(1)
    while len(stack) > 0:
        first, last, whole = stack.pop()
        size = last - first
        if size <= 2:
            continue
        mine = piece[nodes[first]]
        for i in range(size):
            v = nodes[first + i]
            number[v] = i
            east[i], north[i] = x[v], y[v]
        filled = np.int32(0)
        for i in range(size):
            v = nodes[first + i]
            local[i] = filled
            for e in range(starts[v], starts[v + 1]):
                if piece[heads[e]] == mine:
                    near[filled] = number[heads[e]]
                    filled += 1
        local[size] = filled
        if filled == size * (size - 1):  # everything touches everything
            continue
        graph, around = local[: size + 1], near[:filled]
        found = np.int64(1)
        if not whole:
            found = fall_apart(graph, around, side, queue, chosen)
        if found > 1:  # what nothing joins needs no separator
            for i in range(size):
                members[i] = nodes[first + queue[i]]
            begin = first
            for c in range(found):
                end = first + chosen[c]
                for i in range(begin, end):
                    piece[members[i - first]] = pieces
                pieces += 1
                stack.append((begin, end, True))
                begin = end
        else:
            separate(
                east[:size], north[:size], graph, around, balance, directions,
                side[:size], members, before, after, cursor, level, queue, chosen, key,
            )  # fmt: skip
            place = first
            for kind in range(3):
                begin = place
                for i in range(size):
                    if chosen[i] == kind:
                        members[place - first] = nodes[first + i]
                        piece[nodes[first + i]] = pieces
                        place += 1
                pieces += 1
                if kind < 2:
                    stack.append((begin, place, False))
        nodes[first:last] = members[:size]
