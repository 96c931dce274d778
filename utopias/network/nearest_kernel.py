"""The k nearest of some nodes from everywhere: each node called a facility tells its neighbourhood, until k others are nearer.

Every junction keeps its k nearest facilities in rising order of cost, then of number, packed in 64 bits:
a facility whose label would be no better than the last of them goes no farther there, since who passes
through would find those k first. So any order of telling gives the same labels. Facilities tell one after
the other, which stays in the fast memory, first nearby and then farther, so that most of what is told is kept.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="call-overload, assignment"
# The types of a kernel are those of its signature, which mypy cannot read.

from __future__ import annotations

from typing import Any

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel

NONE = 2**62  # a label over every limit: cost 2**30 in the upper half, facility in the lower
NEVER = 2**30
UNMET, MET, WAITS = 0, 1, 2  # what a junction is to the search that goes on
_ZERO, _ONE = np.uint64(0), np.uint64(1)
RING = 1024  # buckets; what lies farther ahead waits in the last of them, and is corrected if it came too soon


def _tell_turns(*args: Any) -> float:
    """Every junction is told of k facilities, and some more that others push out again."""
    return 4.0 * float(args[7] * len(args[1]))


def _inside_turns(*args: Any) -> float:
    return 4.0 * float(args[13] * (args[4][args[12]] - args[4][args[11]]))


def _junction_turns(*args: Any) -> float:
    return float(args[5] * (args[4] - args[3]))


@kernel()
def put(labels, base, k, label):
    """Put a label among the k that begin at ``base``, in order, unless its facility has a better one there."""
    facility = label & np.int64(0xFFFFFFFF)
    end = base + k
    i = base
    while i < end and labels[i] < label:
        if labels[i] & np.int64(0xFFFFFFFF) == facility and labels[i] < NONE:
            return
        i += 1
    while i < end:
        old = labels[i]
        labels[i] = label
        if old & np.int64(0xFFFFFFFF) == facility and old < NONE:
            return
        label = old
        i += 1


@kernel(
    types.OUT_I8(
        types.I8, types.I4, types.I4, types.I8, types.I8, types.I8, types.I8,
        types.int64, types.int64, types.int64, types.int64, types.int64,
    ),
    work=_tell_turns,
    compiles_in=2.0,
    allocates=True,
)  # fmt: skip
def tell(starts, heads, costs, seed_starts, seed_node, seed_cost, names, k, limit, delta, near, growth):
    """(n * k,) labels of the k nearest facilities of each junction.

    starts, heads, costs : the graph TO each junction, so that costs are those of the way to the facility.
    seed_* : by facility, the junctions it tells first, with the costs from there. names : by facility, its number.
    delta : width of a bucket. near : how far facilities tell at first; ``growth`` times as far each time after.
    """
    count = len(starts) - 1
    labels = np.full(count * k, NONE, np.int64)
    bar = np.full(count, limit + 1, np.int32)  # what a cost must be under: that of the k-th known, or of this search
    state = np.zeros(count, np.uint8)
    under = np.empty(count, np.int32)
    met = np.empty(count, np.int32)
    ring = np.full(RING, -1, np.int32)
    unfinished = np.arange(len(names))
    upto = min(near, limit)
    while len(unfinished) > 0:
        left = np.int64(0)
        for u in range(len(unfinished)):
            facility = unfinished[u]
            touched = np.int64(0)
            queued = np.int64(0)
            cut = False
            for s in range(seed_starts[facility], seed_starts[facility + 1]):
                node, cost = seed_node[s], seed_cost[s]
                if cost >= bar[node]:
                    continue
                if cost > upto:
                    cut = True
                    continue
                if state[node] == UNMET:
                    met[touched] = node
                    touched += 1
                bar[node] = cost
                if state[node] != WAITS:
                    at = min(cost // delta, np.int64(RING - 1))
                    state[node] = WAITS
                    under[node] = ring[at]
                    ring[at] = node
                    queued += 1
            now = np.int64(0)
            while queued > 0:
                slot = now & (RING - 1)
                while ring[slot] >= 0:
                    node = np.int64(ring[slot])
                    ring[slot] = under[node]
                    state[node] = MET
                    queued -= 1
                    here = np.int64(bar[node])
                    for e in range(starts[node], starts[node + 1]):
                        other = np.int64(heads[e])
                        cost = here + costs[e]
                        if cost >= bar[other]:
                            continue
                        if cost > upto:
                            cut = True
                            continue
                        if state[other] == UNMET:
                            met[touched] = other
                            touched += 1
                        bar[other] = cost
                        if state[other] != WAITS:
                            at = min(max(cost // delta, now), now + (RING - 1)) & (RING - 1)
                            state[other] = WAITS
                            under[other] = ring[at]
                            ring[at] = other
                            queued += 1
                now += 1
            for m in range(touched):
                node = np.int64(met[m])
                put(labels, node * k, k, (np.int64(bar[node]) << 32) | names[facility])
                # One that costs as much as the k-th may pass, too: its number may be lower.
                bar[node] = min(labels[node * k + k - 1] >> 32, limit) + 1
                state[node] = UNMET
            if cut and upto < limit:
                unfinished[left] = facility
                left += 1
        unfinished = unfinished[:left]
        upto = min(limit, upto * growth)
    return labels


@kernel()
def union(labels, tail, head, k, from_tail, from_head, names):
    """The facilities known at either end of a chain, with their costs from each end; how many."""
    known = np.int64(0)
    for m in range(k):
        label = labels[tail + m]
        if label >= NONE:
            break
        from_tail[known], from_head[known], names[known] = label >> 32, NEVER, label & np.int64(0xFFFFFFFF)
        known += 1
    here = known
    for m in range(k):
        label = labels[head + m]
        if label >= NONE:
            break
        name = label & np.int64(0xFFFFFFFF)
        at = np.int64(0)
        while at < here and names[at] != name:
            at += 1
        if at == here:
            at = known
            from_tail[at], names[at] = NEVER, name
            known += 1
        from_head[at] = label >> 32
    return known


@kernel()
def carry(row, k, step, limit):
    """Labels one step farther along a chain."""
    for m in range(k):
        if row[m] >= NONE or step > limit or (row[m] >> 32) + step > limit:
            row[m] = NONE
        else:
            row[m] += step << 32


@kernel()
def write(labels, at, add, others, at_other, add_other, k, limit, row, cost, which):
    """The k best of two rows of labels, with ``add`` more to each, without naming a facility twice.

    add, add_other : more than ``limit`` where there is no way to that row.
    """
    i = np.int64(0) if add <= limit else k
    j = np.int64(0) if add_other <= limit else k
    add, add_other = add << 32, add_other << 32
    known = np.int64(0)
    while known < k:
        one = labels[at + i] + add if i < k else np.int64(NONE)
        two = others[at_other + j] + add_other if j < k else np.int64(NONE)
        first = one <= two
        label = one if first else two
        i += first
        j += not first
        if label >> 32 > limit:
            break
        facility = np.int32(label & np.int64(0xFFFFFFFF))
        again = False
        for m in range(known):
            again |= which[row + m] == facility
        if not again:
            cost[row + known] = label >> 32
            which[row + known] = facility
            known += 1


@kernel(
    types.void(
        types.I8, types.I4, types.I4, types.I8, types.I8, types.I4, types.I8, types.I8, types.I4, types.I8, types.I8,
        types.int64, types.int64, types.int64, types.int64, types.OUT_I4, types.OUT_I4,
    ),
    work=_inside_turns,
    compiles_in=4.0,
    allocates=True,
)  # fmt: skip
def inside_chains(
    labels, chain_tail, chain_head, chain_onward, inside_starts, inside, ahead, behind, order,
    at, names, first, last, k, limit, cost, which,
):  # fmt: skip
    """Write the k nearest facilities of the nodes inside chains ``first`` to ``last``.

    labels : of the junctions. chain_*, inside_* : as in ``Shape`` and ``Chains``; ahead, behind : as
    ``JunctionGraph.inside``. at, names : facilities inside chains, their places there, rising, and their numbers.
    cost, which : by node as given, k each; what is not found is left as it is.
    """
    f = np.searchsorted(at, inside_starts[first])
    row_of = np.empty(k, np.int64)
    width = np.uint64(k)  # unsigned, so that no index is tested for being negative
    from_tail, from_head = np.empty(2 * k, np.int64), np.empty(2 * k, np.int64)
    known_names, sorted_labels = np.empty(2 * k, np.int64), np.empty(2 * k, np.int64)
    for chain in range(first, last):
        begin, end = inside_starts[chain], inside_starts[chain + 1]
        if begin == end:
            continue
        tail, head = np.int64(chain_tail[chain]) * k, np.int64(chain_head[chain]) * k
        g = f
        while g < len(at) and at[g] < end:
            g += 1
        if f == g:
            known = np.uint64(union(labels, tail, head, k, from_tail, from_head, known_names))
            if known == _ZERO:
                continue
            for i in range(np.uint64(begin), np.uint64(end)):
                back, on = behind[i], chain_onward[chain] - ahead[i]
                # The order at one node is nearly that at the next, so sorting by insertion has little to do.
                for m in range(known):
                    one, two, name = from_tail[m], from_head[m], known_names[m]
                    label = (min(min(one + back, two + on), np.int64(NEVER)) << 32) | name
                    if m == _ZERO or sorted_labels[m - _ONE] <= label:
                        sorted_labels[m] = label
                        continue
                    place = m
                    while place > _ZERO and sorted_labels[place - _ONE] > label:
                        before = place - _ONE
                        sorted_labels[place], known_names[place] = sorted_labels[before], known_names[before]
                        from_tail[place], from_head[place] = from_tail[before], from_head[before]
                        place = before
                    sorted_labels[place], known_names[place] = label, name
                    from_tail[place], from_head[place] = one, two
                row = np.uint64(order[inside[i]]) * width
                for m in range(min(known, width)):
                    if sorted_labels[m] >> 32 > limit:
                        break
                    cost[row + m] = sorted_labels[m] >> 32
                    which[row + m] = known_names[m]
            continue
        # Facilities on this chain: walk it both ways, and carry along the k nearest of those passed.
        behind_each = np.empty((end - begin) * k, np.int64)
        row_of[:] = labels[tail : tail + k]
        for i in range(begin, end):
            carry(row_of, k, behind[i] - (behind[i - 1] if i > begin else np.int64(0)), limit)
            while f < g and at[f] == i:
                put(row_of, np.int64(0), k, names[f])
                f += 1
            behind_each[(i - begin) * k : (i - begin + 1) * k] = row_of
        row_of[:] = labels[head : head + k]
        h = g
        for i in range(end - 1, begin - 1, -1):
            carry(row_of, k, (ahead[i + 1] if i + 1 < end else chain_onward[chain]) - ahead[i], limit)
            while h > 0 and at[h - 1] == i:
                h -= 1
                put(row_of, np.int64(0), k, names[h])
            row = np.int64(order[inside[i]]) * k
            write(
                behind_each, (i - begin) * k, np.int64(0), row_of, np.int64(0), np.int64(0), k, limit, row, cost, which
            )


@kernel(
    types.void(
        types.I8, types.I4, types.I4, types.int64, types.int64, types.int64, types.OUT_I4, types.OUT_I4
    ),
    work=_junction_turns,
    compiles_in=0.5,
)  # fmt: skip
def at_junctions(labels, order, nodes, first, last, k, cost, which):
    """Write the labels of junctions ``first`` to ``last``."""
    for junction in range(first, last):
        row = np.int64(order[nodes[junction]]) * k
        for m in range(k):
            label = labels[junction * k + m]
            if label >= NONE:
                break
            cost[row + m] = label >> 32
            which[row + m] = np.int32(label & np.int64(0xFFFFFFFF))
