"""The loops of tables: sources and targets climb the hierarchy, and meet at every vertex above both.

A way from s to t over the hierarchy goes up, then down. What lies below a vertex is a run of the places in
order, so climbing is one pass over rows of neighbouring places, and meeting at a vertex lowers one block
of the table: both without a queue, many costs an instruction. All are int32 and stop at ``CLOSED``.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="call-overload"
# The types of a kernel are those of its signature, which mypy cannot read.

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.network.hierarchy_kernels import CLOSED

_OUT_I4X2 = types.Array(types.int32, 2, "C")

TOGETHER = 8  # ancestors met in one pass over a row: each costs a read, the row itself one read and one write
HEIGHT = 4.0  # vertices above a junction, about, over the root of all junctions: of streets, whose separators are small
STRIP = 512  # columns at a time: eight strips and a row of the table stay in the first cache


def _climbing(_starts, _heads, parent, _weights, low, *_):
    """All vertices once, and every place with the arcs of what lies above it."""
    return len(parent) + 3.0 * HEIGHT * len(low) * len(parent) ** 0.5


def _meeting(parent, *more):
    """All vertices once, and the table at each vertex above both ends."""
    return len(parent) + more[-1].size * HEIGHT * len(parent) ** 0.5


@kernel(
    types.Tuple((types.OUT_I4, types.OUT_I4, types.OUT_I4, types.OUT_I8, types.OUT_I4))(
        types.I8, types.I4, types.I4, types.I4, types.I4, types.I4, types.I4, types.I4
    ),
    work=_climbing,
    compiles_in=3.0,
    allocates=True,
)
def climb(starts, heads, parent, weights, low, low_cost, high, high_cost):
    """Costs from places to all vertices above them, over upward arcs alone.

    low, high : (k,) the vertices a place leaves by, ``high`` the same as ``low`` or above it; low never falls.
    weights : (a,) upward, or downward for the costs from the vertices to the places.

    Returns slot (n,), where a vertex stands among those reached, or -1; then for those, rising: the first
    place below it, how many (they are a run), where its row of costs begins, and all rows in one.
    """
    count = len(parent)
    slot = np.full(count, -1, np.int32)
    marked = np.int32(0)
    for k in range(len(low)):
        v = low[k]
        while v >= 0 and slot[v] < 0:
            slot[v] = 0
            marked += 1
            v = parent[v]
    vertex = np.empty(marked, np.int32)
    begin, many = np.empty(marked, np.int32), np.zeros(marked, np.int32)
    rows = np.empty(marked, np.int64)
    marked = np.int32(0)
    for v in range(count):
        if slot[v] == 0:
            slot[v] = marked
            vertex[marked] = v
            marked += 1
    total = np.int64(0)
    passed = 0
    for i in range(marked):
        v = vertex[i]
        while passed < len(low) and low[passed] == v:
            many[i] += 1
            passed += 1
        begin[i] = passed - many[i]
        rows[i] = total
        total += many[i]
        if parent[v] >= 0:
            many[slot[parent[v]]] += many[i]
    costs = np.full(total, CLOSED, np.int32)
    for k in range(len(low)):
        for end in range(2):
            i, cost = (slot[low[k]], low_cost[k]) if end == 0 else (slot[high[k]], high_cost[k])
            at = rows[i] + k - begin[i]
            costs[at] = min(costs[at], cost)
    mine = np.empty(len(low), np.int32)
    for i in range(marked):
        v = vertex[i]
        width = many[i]
        mine[:width] = costs[rows[i] : rows[i] + width]
        for e in range(starts[v], starts[v + 1]):
            step = weights[e]
            if step >= CLOSED:
                continue
            above = slot[heads[e]]
            at = rows[above] + begin[i] - begin[above]
            theirs = costs[at : at + width]
            for k in range(width):
                theirs[k] = min(theirs[k], np.int32(mine[k] + step))
    return slot, begin, many, rows, costs


@kernel(
    types.void(
        types.I4, types.I4, types.I4, types.I4, types.I8, types.I4, types.I4, types.I4, types.I4, types.I8, types.I4, _OUT_I4X2
    ),
    work=_meeting,
    compiles_in=4.0,
    allocates=True,
)  # fmt: skip
def meet(parent, slot, begin, many, rows, costs, other_slot, other_begin, other_many, other_rows, other_costs, table):
    """Lower ``table`` (sources, targets) to the least cost over every vertex above both, all together.

    The first five are what ``climb`` gave for the sources, then the same for the targets. Below a vertex
    sources and targets are each a run, so that meeting there is a block of the table.
    """
    count = len(parent)
    done = np.zeros(count, np.bool_)
    ours, theirs = np.empty(TOGETHER, np.int64), np.empty(TOGETHER, np.int64)
    for bottom in range(count):
        a, b = slot[bottom], other_slot[bottom]
        if a < 0 or b < 0 or done[bottom]:
            continue
        top, left = begin[a], other_begin[b]
        tall, wide = many[a], other_many[b]
        met = 0
        v = bottom
        while v >= 0 and met < TOGETHER:
            a, b = slot[v], other_slot[v]
            if many[a] != tall or other_many[b] != wide:
                break
            done[v] = True
            ours[met], theirs[met] = rows[a], other_rows[b]
            met += 1
            v = parent[v]
        for k in range(met, TOGETHER):
            ours[k], theirs[k] = ours[0], theirs[0]
        for strip in range(0, wide, STRIP):
            length = min(STRIP, wide - strip)
            at = strip
            t0 = other_costs[theirs[0] + at : theirs[0] + at + length]
            t1 = other_costs[theirs[1] + at : theirs[1] + at + length]
            t2 = other_costs[theirs[2] + at : theirs[2] + at + length]
            t3 = other_costs[theirs[3] + at : theirs[3] + at + length]
            t4 = other_costs[theirs[4] + at : theirs[4] + at + length]
            t5 = other_costs[theirs[5] + at : theirs[5] + at + length]
            t6 = other_costs[theirs[6] + at : theirs[6] + at + length]
            t7 = other_costs[theirs[7] + at : theirs[7] + at + length]
            for i in range(tall):
                s0, s1, s2, s3 = costs[ours[0] + i], costs[ours[1] + i], costs[ours[2] + i], costs[ours[3] + i]
                s4, s5, s6, s7 = costs[ours[4] + i], costs[ours[5] + i], costs[ours[6] + i], costs[ours[7] + i]
                row = table[top + i, left + at : left + at + length]
                for j in range(length):
                    x = min(np.int32(s0 + t0[j]), np.int32(s1 + t1[j]))
                    y = min(np.int32(s2 + t2[j]), np.int32(s3 + t3[j]))
                    z = min(np.int32(s4 + t4[j]), np.int32(s5 + t5[j]))
                    w = min(np.int32(s6 + t6[j]), np.int32(s7 + t7[j]))
                    row[j] = min(row[j], min(min(x, y), min(z, w)))


@kernel(types.void(_OUT_I4X2, types.I8, types.I8, _OUT_I4X2), work=turns_of, compiles_in=0.5)
def lay_out(table, rows, columns, out):
    """Put a table back in the order asked for, with -1 where no way is open."""
    for i in range(len(rows)):
        row = out[rows[i]]
        for j in range(len(columns)):
            cost = table[i, j]
            row[columns[j]] = cost if cost < CLOSED else np.int32(-1)
