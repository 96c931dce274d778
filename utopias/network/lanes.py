"""Sums around every node at once: the searches of 64 neighbours walk the graph together, as lanes of one wave.

Neighbours reach nearly the same junctions over the same links, so one read of a link serves all of
them, and a link is relaxed for all lanes by a few wide instructions. Labels are corrected until
nothing improves, bucket by bucket, which is exact in any order. Only junctions carry labels: a node
inside a chain is within the limit where either end of its chain is near enough.

Source
------
Meyer & Sanders (2003), Delta-stepping, J. Algorithms 49:114-152; many sources in one sweep as in
Then et al. (2014), The more the merrier, PVLDB 8:449-460.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="call-overload, assignment"
# The types of a kernel are those of its signature, which mypy cannot read.

from __future__ import annotations

from typing import Any

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import Kernel, kernel

LANES = 64  # measured: 32 take 20 % longer a source; 16 the compiler unrolls and does not vectorise
RING = 1024  # buckets at a time, however large the limit; a power of 2
_WIDTH = np.uint64(LANES)  # unsigned, so that no index is tested for being negative


def _in(kind: Any) -> Any:
    return types.Array(kind, 1, "C", readonly=True)


def _out(kind: Any) -> Any:
    return types.Array(kind, 1, "C")


@kernel()
def relax(far, there, here, cost, never):
    """Improve the labels at ``there`` by those of ``here`` and a link; the least improved one, or ``never``."""
    narrow = far.dtype.type  # without it a sum of two 16-bit labels would be 64 bits wide, and so every instruction
    least = never
    for lane in range(LANES):
        new = narrow(here[lane] + cost)
        old = far[there + np.uint64(lane)]
        improved = new if new < old else never
        far[there + np.uint64(lane)] = new if new < old else old
        least = improved if improved < least else least
    return least


@kernel()
def add_near(far, row, near, value, reached):
    """Add ``value`` to the lanes whose label in this row is ``near`` or less."""
    nothing = reached.dtype.type(0)
    for lane in range(LANES):
        reached[lane] += value if far[row + np.uint64(lane)] <= near else nothing


@kernel()
def add_near_either(far, row, near, other_row, other_near, value, reached):
    """The same for what can be come at from two ends."""
    nothing = reached.dtype.type(0)
    for lane in range(LANES):
        one = far[row + np.uint64(lane)] <= near
        two = far[other_row + np.uint64(lane)] <= other_near
        reached[lane] += value if one | two else nothing


def _wave(
    starts, heads, costs,
    junction, place,
    around_starts, around, chain_tail, chain_head, chain_onward, chain_back,
    inside_starts, inside_chain, ahead, behind, at_junction, at_inside,
    first, last, limit, delta, label, out,
):  # fmt: skip
    """Sums of what lies within ``limit`` of sources ``first`` to ``last``, 64 at a time.

    starts, heads, costs : the junction graph, in the direction of the search.
    junction, place : by source, the junction it is, or its place inside a chain; -1 in both: it has no edge.
    around_*, chain_*, inside_* : as in ``Shape`` and ``Chains``; ahead, behind : as ``JunctionGraph.inside``.
    at_junction, at_inside : what lies there. label : an array of the unsigned type the labels shall have.
    """
    narrow = label.dtype.type
    nothing = out.dtype.type(0)
    never = narrow(limit + 1)
    top = narrow(limit)
    slot = np.full(len(starts) - 1, -1, np.int32)  # where the labels of a junction are, in this wave
    room = np.int64(4096)
    node_of = np.empty(room, np.int32)
    waiting = np.empty(room, np.bool_)
    under = np.empty(room, np.int32)
    far = np.empty(room * LANES, label.dtype)
    ring = np.full(RING, -1, np.int32)  # of buckets; what lies farther ahead waits in the last of them
    here = np.empty(LANES, label.dtype)
    reached = np.empty(LANES, out.dtype)
    for begin in range(first, last, LANES):
        count = min(np.int64(LANES), last - begin)
        touched = np.int64(0)
        queued = np.int64(0)
        for seed in range(2 * count):
            # A junction is its own beginning; a node inside a chain begins at both its ends.
            lane = seed >> 1
            inside = np.int64(place[begin + lane])
            node, cost = np.int64(junction[begin + lane]), np.int64(0)
            if inside >= 0:
                chain = inside_chain[inside]
                node = np.int64(chain_tail[chain] if seed & 1 == 0 else chain_head[chain])
                cost = behind[inside] if seed & 1 == 0 else chain_onward[chain] - ahead[inside]
            if node < 0 or cost > limit:
                continue
            if slot[node] < 0:
                slot[node] = touched
                node_of[touched] = node
                waiting[touched] = False
                far[touched * LANES : (touched + 1) * LANES] = never
                touched += 1
            s = np.int64(slot[node])
            if cost < far[s * LANES + lane]:
                far[s * LANES + lane] = narrow(cost)
            if not waiting[s]:
                at = min(cost // delta, np.int64(RING - 1))
                waiting[s] = True
                under[s] = ring[at]
                ring[at] = s
                queued += 1
        now = np.int64(0)
        while queued > 0:
            at = now & (RING - 1)
            now += 1
            while ring[at] >= 0:
                s = np.int64(ring[at])
                ring[at] = under[s]
                waiting[s] = False
                queued -= 1
                node = np.int64(node_of[s])
                if touched + starts[node + 1] - starts[node] > room:
                    more = np.int64(2 * room + starts[node + 1] - starts[node])
                    node_of = np.concatenate((node_of, np.empty(more - room, np.int32)))
                    waiting = np.concatenate((waiting, np.empty(more - room, np.bool_)))
                    under = np.concatenate((under, np.empty(more - room, np.int32)))
                    far = np.concatenate((far, np.empty((more - room) * LANES, label.dtype)))
                    room = more
                row = np.uint64(s) * _WIDTH
                for lane in range(LANES):
                    here[lane] = far[row + np.uint64(lane)]
                for e in range(starts[node], starts[node + 1]):
                    if costs[e] > limit:
                        continue
                    other = np.int64(slot[heads[e]])
                    if other < 0:
                        other = touched
                        slot[heads[e]] = other
                        node_of[other] = heads[e]
                        waiting[other] = False
                        far[other * LANES : (other + 1) * LANES] = never
                        touched += 1
                    least = relax(far, np.uint64(other) * _WIDTH, here, narrow(costs[e]), never)
                    if least < never and not waiting[other]:
                        # A junction that waits in a later bucket stays there: its label is corrected then.
                        bucket = min(max(np.int64(least) // delta, now - 1), now + (RING - 2)) & (RING - 1)
                        waiting[other] = True
                        under[other] = ring[bucket]
                        ring[bucket] = other
                        queued += 1

        reached[:] = nothing
        for s in range(touched):
            node = np.int64(node_of[s])
            row = np.uint64(s) * _WIDTH
            add_near(far, row, top, at_junction[node], reached)
            for c in range(around_starts[node], around_starts[node + 1]):
                chain = around[c]
                tail, head = np.int64(slot[chain_tail[chain]]), np.int64(slot[chain_head[chain]])
                if tail >= 0 and head >= 0 and tail != s:
                    continue  # met from its tail
                for i in range(inside_starts[chain], inside_starts[chain + 1]):
                    # How near an end must be for the node inside to be within; -1: even at the end it is not.
                    near_tail = limit - ahead[i] if tail >= 0 else np.int64(-1)
                    near_head = limit - (chain_back[chain] - behind[i]) if head >= 0 else np.int64(-1)
                    if near_tail >= 0 and near_head >= 0:
                        add_near_either(
                            far, np.uint64(tail) * _WIDTH, narrow(near_tail),
                            np.uint64(head) * _WIDTH, narrow(near_head), at_inside[i], reached,
                        )  # fmt: skip
                    elif near_tail >= 0:
                        add_near(far, np.uint64(tail) * _WIDTH, narrow(near_tail), at_inside[i], reached)
                    elif near_head >= 0:
                        add_near(far, np.uint64(head) * _WIDTH, narrow(near_head), at_inside[i], reached)
        for lane in range(count):
            out[begin + lane] = reached[lane]
            source = np.int64(place[begin + lane])
            if source < 0:
                continue
            # The direct way along the source's own chain, to what was not reached over its ends.
            chain = inside_chain[source]
            tail, head = np.int64(slot[chain_tail[chain]]), np.int64(slot[chain_head[chain]])
            for i in range(inside_starts[chain], inside_starts[chain + 1]):
                direct = ahead[i] - ahead[source] if i >= source else behind[source] - behind[i]
                if direct > limit:
                    continue
                over = np.int64(never)
                if tail >= 0:
                    over = min(over, np.int64(far[tail * LANES + lane]) + ahead[i])
                if head >= 0:
                    over = min(over, np.int64(far[head * LANES + lane]) + chain_back[chain] - behind[i])
                if over > limit:
                    out[begin + lane] += at_inside[i]
        for s in range(touched):
            slot[node_of[s]] = -1


def _signature(label: Any, total: Any) -> Any:
    i4, i8 = _in(types.int32), _in(types.int64)
    return types.void(
        i8, i4, i4, i4, i4, i8, i4, i4, i4, i8, i8, i8, i4, i8, i8, _in(total), _in(total),
        types.int64, types.int64, types.int64, types.int64, _in(label), _out(total),
    )  # fmt: skip


def _turns(*args: Any) -> float:
    """At worst every wave walks every link, lane by lane, and back."""
    links, first, last = len(args[1]), args[17], args[18]
    return 2.0 * float(links * max(LANES, last - first))


_made = {
    (label, total): kernel(
        _signature(getattr(types, label), getattr(types, total)), work=_turns, compiles_in=4.0, allocates=True
    )(_wave)
    for label in ("uint16", "uint32")
    for total in ("int32", "float64")
}


def wave_for(label: str, total: str) -> Kernel:
    """The kernel for labels of one type (``uint16``, ``uint32``) and sums of another (``int32``, ``float64``)."""
    return _made[label, total]
