"""Searches from one source at a time: for few sources, far from each other, that share no way.

The queue holds junctions in a ring of buckets and corrects labels until nothing improves, which is
exact in any order. What a search reaches is written down, or added up. A node inside a chain is as
far as the nearer end of its chain says, or as the straight way along it where the source is inside too.

Source
------
Meyer & Sanders (2003), Delta-stepping, J. Algorithms 49:114-152; the ring of buckets as in Dial (1969), Comm. ACM 12:632-633.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="call-overload"
# The types of a kernel are those of its signature, which mypy cannot read.

from __future__ import annotations

from typing import Any

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import Kernel, kernel, turns_of

NEVER = 2**30  # over every limit; with a link added it still fits in 32 bits, unsigned
RING = 1024  # buckets; what lies farther ahead waits in the last of them, and is corrected if it came too soon


def _many_turns(*args: Any) -> float:
    """At worst every source walks every link, and back."""
    return 2.0 * float(len(args[1]) * len(args[18]))


def _some_turns(*args: Any) -> float:
    return 2.0 * float(len(args[1]) * (args[18] - args[17]))


@kernel()
def spread(starts, heads, costs, seeds, seed_costs, limit, delta, far, waiting, under, ring, met):
    """Label every junction within ``limit`` of the seeds; the count of junctions written to ``met``.

    far : ``NEVER`` everywhere, waiting : false, ring : -1; the last two are left so, ``far`` is the caller's to clean.
    A junction waits once: if it improves, its label is corrected where it waits.
    """
    touched = np.int64(0)
    queued = np.int64(0)
    for k in range(len(seeds)):
        node, cost = seeds[k], seed_costs[k]
        if node < 0 or cost > limit or cost >= far[node]:
            continue
        if far[node] == NEVER:
            met[touched] = node
            touched += 1
        far[node] = cost
        if not waiting[node]:
            at = min(cost // delta, np.int64(RING - 1))
            waiting[node] = True
            under[node] = ring[at]
            ring[at] = node
            queued += 1
    now = np.int64(0)
    while queued > 0:
        slot = now & (RING - 1)
        while ring[slot] >= 0:
            node = np.int64(ring[slot])
            ring[slot] = under[node]
            waiting[node] = False
            queued -= 1
            here = np.int64(far[node])
            for e in range(starts[node], starts[node + 1]):
                other = np.int64(heads[e])
                cost = here + costs[e]
                if cost <= limit and cost < far[other]:
                    if far[other] == NEVER:
                        met[touched] = other
                        touched += 1
                    far[other] = cost
                    if not waiting[other]:
                        at = min(max(cost // delta, now), now + (RING - 1)) & (RING - 1)
                        waiting[other] = True
                        under[other] = ring[at]
                        ring[at] = other
                        queued += 1
        now += 1
    return touched


@kernel()
def begin(junction, inside, chain_tail, chain_head, chain_onward, inside_chain, ahead, behind, seeds, seed_costs):
    """Where a search begins: at a junction, or at both ends of the chain its source is inside; returns that chain or -1."""
    if inside < 0:
        seeds[0], seed_costs[0] = junction, 0
        seeds[1] = -1
        return np.int64(-1)
    chain = np.int64(inside_chain[inside])
    seeds[0], seed_costs[0] = chain_tail[chain], behind[inside]
    seeds[1], seed_costs[1] = chain_head[chain], chain_onward[chain] - ahead[inside]
    return chain


@kernel()
def grown(array, used, size):
    """A longer copy."""
    more = np.empty(size, array.dtype)
    more[:used] = array[:used]
    return more


@kernel(
    types.Tuple((types.int64, types.OUT_I8, types.OUT_I4, types.OUT_I4))(
        types.I8, types.I4, types.I4, types.I4, types.I4,
        types.I8, types.I4, types.I4, types.I4, types.I8, types.I8,
        types.I8, types.I4, types.I8, types.I8, types.I4, types.I4, types.I4,
        types.I8, types.int64, types.int64, types.int64,
    ),
    work=_many_turns,
    compiles_in=4.0,
    allocates=True,
)  # fmt: skip
def rows_of(
    starts, heads, costs, junction, place,
    around_starts, around, chain_tail, chain_head, chain_onward, chain_back,
    inside_starts, inside_chain, ahead, behind, nodes, inside, order,
    sources, limit, delta, most,
):  # fmt: skip
    """All nodes within ``limit`` of each source: how many sources were done, entries of each, their names and costs.

    starts, heads, costs : the junction graph, in the direction of the search.
    junction, place, around_*, chain_*, inside_*, nodes, inside : as in ``Shape`` and ``Chains``; ahead, behind : as
    ``JunctionGraph.inside``; order : what the nodes are called in the result. sources : positions in ``order``.
    most : entries; the search that finds more is the last one.
    """
    count = len(starts) - 1
    far = np.full(count, NEVER, np.int32)
    waiting = np.zeros(count, np.bool_)
    under = np.empty(count, np.int32)
    met = np.empty(count, np.int32)
    ring = np.full(RING, -1, np.int32)
    seeds, seed_costs = np.empty(2, np.int64), np.empty(2, np.int64)
    counts = np.zeros(len(sources), np.int64)
    room = np.int64(1 << 14)
    found, times = np.empty(room, np.int32), np.empty(room, np.int32)
    size = np.int64(0)
    for k in range(len(sources)):
        source = np.int64(place[sources[k]])
        own = begin(
            junction[sources[k]], source, chain_tail, chain_head, chain_onward, inside_chain, ahead, behind,
            seeds, seed_costs,
        )  # fmt: skip
        touched = spread(starts, heads, costs, seeds, seed_costs, limit, delta, far, waiting, under, ring, met)
        begun = size
        if source < 0 and touched == 0:  # a node without an edge is within reach of itself
            if size == room:
                room = 2 * room
                found, times = grown(found, size, room), grown(times, size, room)
            found[size], times[size] = order[sources[k]], 0
            size += 1
        if own >= 0:
            # The source's own chain also has the direct way.
            first, last = inside_starts[own], inside_starts[own + 1]
            if size + last - first > room:
                room = 2 * room + last - first
                found, times = grown(found, size, room), grown(times, size, room)
            tail, head = np.int64(far[chain_tail[own]]), np.int64(far[chain_head[own]]) + chain_back[own]
            for i in range(first, last):
                direct = ahead[i] - ahead[source] if i >= source else behind[source] - behind[i]
                cost = min(direct, min(tail + ahead[i], head - behind[i]))
                found[size] = order[inside[i]]
                times[size] = cost
                size += cost <= limit
        for m in range(touched):
            node = np.int64(met[m])
            need = np.int64(1)
            for c in range(around_starts[node], around_starts[node + 1]):
                need += inside_starts[around[c] + 1] - inside_starts[around[c]]
            if size + need > room:
                room = 2 * room + need
                found, times = grown(found, size, room), grown(times, size, room)
            found[size] = order[nodes[node]]
            times[size] = far[node]
            size += 1
            for c in range(around_starts[node], around_starts[node + 1]):
                chain = np.int64(around[c])
                tail = np.int64(far[chain_tail[chain]])
                if chain == own or (tail != NEVER and chain_tail[chain] != node):
                    continue  # its own, or met from its tail
                head = np.int64(far[chain_head[chain]]) + chain_back[chain]
                for i in range(inside_starts[chain], inside_starts[chain + 1]):
                    cost = min(tail + ahead[i], head - behind[i])
                    found[size] = order[inside[i]]
                    times[size] = cost
                    size += cost <= limit  # what is too far is overwritten by the next
        for m in range(touched):
            far[met[m]] = NEVER
        counts[k] = size - begun
        if size > most:
            return k + 1, counts, found[:size].copy(), times[:size].copy()
    return len(sources), counts, found[:size].copy(), times[:size].copy()


@kernel(
    types.void(types.I8, types.I8, types.I8, types.I4, types.I4, types.OUT_I4, types.OUT_I4),
    work=turns_of,
    compiles_in=0.5,
)
def lay(rows, counts, starts, found, times, nodes, costs):
    """Copy the entries of some ``rows``, one after the other, to where ``starts`` says they belong."""
    at = np.int64(0)
    for k in range(len(rows)):
        to = starts[rows[k]]
        for i in range(counts[k]):
            nodes[to + i] = found[at + i]
            costs[to + i] = times[at + i]
        at += counts[k]


def _sums_of(
    starts, heads, costs, junction, place,
    around_starts, around, chain_tail, chain_head, chain_onward, chain_back,
    inside_starts, inside_chain, ahead, behind, at_junction, at_inside,
    first, last, limit, delta, out,
):  # fmt: skip
    """Sums of what lies within ``limit`` of sources ``first`` to ``last``; arrays as in ``rows_of``.

    junction, place : by source; one without an edge is left out.
    at_junction, at_inside : what lies there."""
    count = len(starts) - 1
    far = np.full(count, NEVER, np.int32)
    waiting = np.zeros(count, np.bool_)
    under = np.empty(count, np.int32)
    met = np.empty(count, np.int32)
    ring = np.full(RING, -1, np.int32)
    seeds, seed_costs = np.empty(2, np.int64), np.empty(2, np.int64)
    nothing = out.dtype.type(0)
    for k in range(first, last):
        source = np.int64(place[k])
        if source < 0 and junction[k] < 0:
            continue
        own = begin(
            junction[k], source, chain_tail, chain_head, chain_onward, inside_chain, ahead, behind, seeds, seed_costs
        )
        touched = spread(starts, heads, costs, seeds, seed_costs, limit, delta, far, waiting, under, ring, met)
        total = nothing
        if own >= 0:
            tail, head = np.int64(far[chain_tail[own]]), np.int64(far[chain_head[own]]) + chain_back[own]
            for i in range(inside_starts[own], inside_starts[own + 1]):
                direct = ahead[i] - ahead[source] if i >= source else behind[source] - behind[i]
                near = min(direct, min(tail + ahead[i], head - behind[i])) <= limit
                total += at_inside[i] if near else nothing
        for m in range(touched):
            node = np.int64(met[m])
            total += at_junction[node]
            for c in range(around_starts[node], around_starts[node + 1]):
                chain = np.int64(around[c])
                tail = np.int64(far[chain_tail[chain]])
                if chain == own or (tail != NEVER and chain_tail[chain] != node):
                    continue
                head = np.int64(far[chain_head[chain]]) + chain_back[chain]
                for i in range(inside_starts[chain], inside_starts[chain + 1]):
                    total += at_inside[i] if min(tail + ahead[i], head - behind[i]) <= limit else nothing
        for m in range(touched):
            far[met[m]] = NEVER
        out[k] = total


def _sums_kernel(total: types.Scalar) -> Kernel:
    values = types.Array(total, 1, readonly=True)
    signature = types.void(
        types.I8, types.I4, types.I4, types.I4, types.I4, types.I8, types.I4, types.I4, types.I4, types.I8, types.I8,
        types.I8, types.I4, types.I8, types.I8, values, values,
        types.int64, types.int64, types.int64, types.int64, types.Array(total, 1),
    )  # fmt: skip
    return kernel(signature, work=_some_turns, compiles_in=3.0, allocates=True)(_sums_of)


_made = {total.name: _sums_kernel(total) for total in (types.int32, types.float64)}


def sums_for(total: str) -> Kernel:
    """The kernel for sums of one type (``int32``, ``float64``)."""
    return _made[total]
