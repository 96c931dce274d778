"""The loops of the hierarchy: contract once, weigh in milliseconds.

Vertices are numbered by their place in the elimination
order, so that "later" and "higher up" are the same, and so that what lies below a vertex is a run
of numbers. All costs are int32 and stop at ``CLOSED``: two of them never overflow, and what is
CLOSED or more cannot be walked.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="call-overload"
# The types of a kernel are those of its signature, which mypy cannot read.

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of

CLOSED = 2**30 - 1  # twice this is the largest even int32


def _triangles(starts, *_):
    """Two arcs up from each vertex, and the one between their ends."""
    arcs = np.diff(starts).astype(np.float64)
    return float((arcs * (arcs + 1)).sum() / 2)


def _triangles_above(starts, heads, below_starts, _below, _tails, touched, *_):
    """The arcs that end at what was touched, each with as many beside it as arcs usually have."""
    arriving = float((below_starts[touched + 1] - below_starts[touched]).sum())
    return len(touched) + arriving * (1.0 + len(heads) / len(starts))


@kernel(types.int64(types.I8, types.OUT_I4, types.OUT_I4, types.OUT_I4), work=turns_of, compiles_in=1.5, allocates=True)
def strip(starts, heads, degree, order):
    """Take away nodes with at most two neighbours, joining the two, until none is left; returns how many.

    starts, heads, degree : the undirected graph without loops or doubles; ``heads`` and ``degree`` become
    those of what is left. order : (n,) takes those gone, in the order they went; neighbours never
    go in the same round, so that a long lane is halved each round and not eaten from one end.
    """
    count = len(degree)
    locked = np.full(count, -1, np.int32)
    waits = np.zeros(count, np.bool_)
    now = np.empty(count, np.int32)
    later = np.empty(count, np.int32)
    many = 0
    for v in range(count):
        if degree[v] <= 2:
            now[many] = v
            waits[v] = True
            many += 1
    out = np.int64(0)
    turn = np.int32(0)
    while many > 0:
        more = 0
        for i in range(many):
            v = now[i]
            if locked[v] == turn:
                later[more] = v
                more += 1
                continue
            order[out] = v
            out += 1
            for side in range(degree[v]):
                a = heads[starts[v] + side]
                other = heads[starts[v] + 1 - side] if degree[v] == 2 else np.int32(-1)
                place = starts[a]
                known = False
                for e in range(starts[a], starts[a] + degree[a]):
                    if heads[e] == v:
                        place = e
                    elif heads[e] == other:
                        known = True
                if other >= 0 and not known:
                    heads[place] = other
                else:
                    degree[a] -= 1
                    heads[place] = heads[starts[a] + degree[a]]
                locked[a] = turn
                if degree[a] <= 2 and not waits[a]:
                    waits[a] = True
                    later[more] = a
                    more += 1
            degree[v] = 0
        turn += 1
        now, later = later, now
        many = more
    return out


@kernel(
    types.Tuple((types.OUT_I4, types.OUT_I4, types.OUT_I4, types.OUT_I8, types.OUT_I4, types.int64))(
        types.I8, types.I4, types.I4
    ),
    work=turns_of,
    compiles_in=4.0,
    allocates=True,
)
def contract(starts, heads, order):
    """Add an upward arc between any two later neighbours of a vertex, vertex by vertex.

    starts, heads : undirected graph of nodes. order : (n,) nodes, first gone first.

    Returns rank (n,) of every node; then by rank parent (n,) in the elimination tree, -1 at a root, and
    first (n,), the lowest rank below it; the arcs, from each vertex up, heads rising; and how many
    vertices the longest way up the tree has.
    Ranks are the order given, turned so that the tree is walked children first: the same arcs.

    Source
    ------
    Liu (1990), SIAM J. Matrix Anal. Appl. 11:134-172, for the tree; Dibbelt, Strasser & Wagner (2016),
    ACM J. Exp. Algorithmics 21:1.5, for its use on streets.
    """
    count = len(order)
    turn = np.empty(count, np.int32)
    for i in range(count):
        turn[order[i]] = i
    parent = np.full(count, -1, np.int32)
    child = np.full(count, -1, np.int32)
    sibling = np.full(count, -1, np.int32)
    seen = np.full(count, -1, np.int32)
    rows = np.zeros(count + 1, np.int64)
    room = 4 * len(heads) + 16
    arcs = np.empty(room, np.int32)
    size = np.int64(0)
    for v in range(count):
        begin = size
        if size + count - v > room:
            room = 2 * room + count
            more = np.empty(room, np.int32)
            more[:size] = arcs[:size]
            arcs = more
        node = order[v]
        for e in range(starts[node], starts[node + 1]):
            w = turn[heads[e]]
            if w > v and seen[w] != v:
                seen[w] = v
                arcs[size] = w
                size += 1
        c = child[v]
        while c >= 0:
            for e in range(rows[c], rows[c + 1]):
                w = arcs[e]
                if w != v and seen[w] != v:
                    seen[w] = v
                    arcs[size] = w
                    size += 1
            c = sibling[c]
        arcs[begin:size].sort()
        rows[v + 1] = size
        if size > begin:
            p = arcs[begin]
            parent[v] = p
            sibling[v] = child[p]
            child[p] = v

    place = np.empty(count, np.int32)  # of each turn in the walk, children first
    first = np.empty(count, np.int32)
    stack = np.empty(count, np.int32)
    done = np.int32(0)
    deepest = np.int64(0)
    for root in range(count):
        if parent[root] >= 0:
            continue
        stack[0] = root
        height = 1
        first[root] = done
        while height > 0:
            deepest = max(deepest, np.int64(height))
            v = stack[height - 1]
            c = child[v]
            if c >= 0:
                child[v] = sibling[c]
                first[c] = done
                stack[height] = c
                height += 1
            else:
                place[v] = done
                done += 1
                height -= 1
    at = np.empty(count, np.int32)
    for v in range(count):
        at[place[v]] = v
    rank = np.empty(count, np.int32)
    above = np.full(count, -1, np.int32)
    lowest = np.empty(count, np.int32)
    up_starts = np.zeros(count + 1, np.int64)
    up_heads = np.empty(size, np.int32)
    filled = np.int64(0)
    for i in range(count):
        v = at[i]
        rank[order[v]] = i
        lowest[i] = first[v]
        if parent[v] >= 0:
            above[i] = place[parent[v]]
        for e in range(rows[v], rows[v + 1]):
            up_heads[filled] = place[arcs[e]]
            filled += 1
        up_starts[i + 1] = filled
    return rank, above, lowest, up_starts, up_heads, deepest


@kernel(types.void(types.I8, types.I4, types.OUT_I4, types.OUT_I4), work=_triangles, compiles_in=2.0, allocates=True)
def weigh(starts, heads, up, down):
    """Lower every arc to the least way over vertices below both its ends, in place.

    up, down : (a,) cost from the lower end to the upper, and back; at the call those of the streets.
    """
    widest = 0
    for v in range(len(starts) - 1):
        widest = max(widest, starts[v + 1] - starts[v])
    their_up, their_down = np.empty(widest, np.int32), np.empty(widest, np.int32)
    for v in range(len(starts) - 1):
        end = starts[v + 1]
        for i in range(starts[v], end):
            x = heads[i]
            out, back = up[i], down[i]
            a = starts[x]
            many = end - i - 1
            if starts[x + 1] - a == many:
                # The same ends above: no need to look for them, and eight or sixteen go at once.
                for k in range(many):
                    their_up[k] = up[i + 1 + k]
                    their_down[k] = down[i + 1 + k]
                ups, downs = up[a : a + many], down[a : a + many]
                for k in range(many):
                    ups[k] = min(ups[k], np.int32(back + their_up[k]))
                    downs[k] = min(downs[k], np.int32(out + their_down[k]))
            else:
                for j in range(i + 1, end):
                    y = heads[j]
                    while heads[a] != y:
                        a += 1
                    up[a] = min(up[a], np.int32(back + up[j]))
                    down[a] = min(down[a], np.int32(out + down[j]))


@kernel(types.void(types.I4, types.I4, types.OUT_I4, types.OUT_I4), work=turns_of, compiles_in=0.5)
def lay_costs(arc_of_link, costs, up, down):
    """Write the cost of every link on its arc: 2*arc upward, 2*arc + 1 downward, under 0 for a loop."""
    up[:] = CLOSED
    down[:] = CLOSED
    for link in range(len(costs)):
        half = arc_of_link[link]
        if half >= 0:
            lane = up if half & 1 == 0 else down
            lane[half >> 1] = min(lane[half >> 1], costs[link])


@kernel(types.OUT_I4(types.I4, types.I4), work=turns_of, compiles_in=0.7, allocates=True)
def upward_of(parent, vertices):
    """The vertices and everything above them in the tree, each once, rising."""
    reached = np.zeros(len(parent), np.bool_)
    many = 0
    for i in range(len(vertices)):
        v = vertices[i]
        while v >= 0 and not reached[v]:
            reached[v] = True
            many += 1
            v = parent[v]
    found = np.empty(many, np.int32)
    many = 0
    for v in range(len(parent)):
        if reached[v]:
            found[many] = v
            many += 1
    return found


@kernel(
    types.void(
        types.I8, types.I4, types.I8, types.I4, types.I4, types.I4, types.I4, types.I4, types.OUT_I4, types.OUT_I4
    ),
    work=_triangles_above,
    compiles_in=0.7,
)
def weigh_again(starts, heads, below_starts, below, tails, touched, street_up, street_down, up, down):
    """Weigh anew only the arcs that leave ``touched`` (rising, and closed under parents); the others are right.

    below_starts, below : by vertex, the arcs that end there. tails : (a,) where each arc begins.
    street_up, street_down : (a,) costs of the streets themselves.
    """
    for t in range(len(touched)):
        v = touched[t]
        for a in range(starts[v], starts[v + 1]):
            up[a] = street_up[a]
            down[a] = street_down[a]
        for b in range(below_starts[v], below_starts[v + 1]):
            i = np.int64(below[b])
            out, back = up[i], down[i]
            a = starts[v]
            for j in range(i + 1, starts[tails[i] + 1]):
                y = heads[j]
                while heads[a] != y:
                    a += 1
                up[a] = min(up[a], np.int32(back + up[j]))
                down[a] = min(down[a], np.int32(out + down[j]))
