"""The stretches of street that a walk reaches: an edge may be reached from both ends, and not in its middle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from utopias.access.walk_clock import FAR, WalkClock
from utopias.domain.arrays import AnyArray, Floats, Longs
from utopias.domain.shapes import Lines
from utopias.network.chains import BLOCKED, Cuts


class Stretches(NamedTuple):
    """(s,) parts of edges, apart from each other: the edge, rising, and the shares of its length between which each lies."""

    edge: Longs
    low: Floats
    high: Floats


class EdgeEnds(NamedTuple):
    """(e,) edges near a place, and deciseconds between the place and their tail, and their head."""

    edge: Longs
    at_tail: Longs
    at_head: Longs


def edge_ends(clock: WalkClock) -> EdgeEnds:
    """Of every edge that the walk may reach: those whose chain ends at a reached junction, or has a door."""
    chains = clock.network.chains
    near = (clock.junction[chains.tail] < FAR) | (clock.junction[chains.head] < FAR)
    near[clock.chain] = True
    edge = np.flatnonzero(near[clock.network.edges.chain])
    return EdgeEnds(edge, clock.at(edge, np.zeros(len(edge))), clock.at(edge, np.ones(len(edge))))


def reached_shares(clock: WalkClock, ends: EdgeEnds, limit: int) -> Stretches:
    """What is reached within ``limit`` deciseconds: from the tail, from the head, and around each door.

    Along an edge time passes evenly, so that shares are exact to half a decisecond of the walk.
    Points alone are no stretch.
    """
    edges = clock.network.edges
    onward, back = (cost.astype(np.float64) for cost in (edges.onward, edges.back))
    # What a whole edge costs on the way between a point on it and its tail; and its head.
    by_tail, by_head = (onward, back) if clock.from_place else (back, onward)
    from_tail = _share(limit - ends.at_tail, by_tail[ends.edge])
    from_head = _share(limit - ends.at_head, by_head[ends.edge])
    left = limit - clock.snap
    own = np.flatnonzero(left >= 0)
    door, share = clock.edge[own], clock.share[own]
    # A point before a door goes on to it as to the head; one behind it, as to the tail.
    before, behind = _share(left[own], by_head[door]), _share(left[own], by_tail[door])
    edge = np.concatenate([ends.edge, ends.edge, door])
    low = np.concatenate([np.zeros(len(ends.edge)), 1.0 - from_head, share - before])
    high = np.concatenate([from_tail, np.ones(len(ends.edge)), share + behind])
    around = np.concatenate([np.zeros(len(ends.edge)), np.ones(len(ends.edge)), share])
    first, last = _between_cuts(edges.cuts, edge, around)
    low, high = np.maximum(low, first), np.minimum(high, last)
    kept = high > low
    return _merged(edge[kept], low[kept], high[kept])


def _share(left: AnyArray, cost: Floats) -> Floats:
    """(k,) how much of an edge is walked in the deciseconds left, 0 to 1; all of one that costs nothing, none of one that is closed."""
    walked = np.divide(left, cost, out=np.where(left >= 0, 1.0, 0.0), where=cost > 0)
    share: Floats = np.where(cost < BLOCKED, np.clip(walked, 0.0, 1.0), 0.0)
    return share


def _between_cuts(cuts: Cuts, edge: Longs, share: Floats) -> tuple[Floats, Floats]:
    """(k,) shares of each edge between which one may walk from a point of it: its ends, or a cut on the way."""
    first, last = np.zeros(len(edge)), np.ones(len(edge))
    for k in np.flatnonzero(np.isin(edge, cuts.edge)):  # few: only edges that a barrier crosses
        own = cuts.share[cuts.edge == edge[k]]
        # As the clock has it: a point exactly at a cut is past it, seen from the tail.
        passed = own <= share[k]
        first[k] = own[passed].max(initial=0.0)
        last[k] = own[~passed].min(initial=1.0)
    return first, last


def _merged(edge: Longs, low: Floats, high: Floats) -> Stretches:
    """Intervals of one edge that meet become one."""
    if not len(edge):
        return Stretches(edge, low, high)
    order = np.lexsort((low, edge))
    edge, low, high = edge[order], low[order], high[order]
    so_far = np.maximum.accumulate(2.0 * edge + high) - 2.0 * edge  # the end of all intervals so far of this edge
    begins = np.ones(len(edge), dtype=bool)
    begins[1:] = (edge[1:] != edge[:-1]) | (low[1:] > so_far[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(edge)) - 1
    return Stretches(edge[first], low[first], so_far[last])


def joined(several: Sequence[Stretches]) -> tuple[Stretches, Longs]:
    """All of several areas one after the other, and which of them each is of."""
    area = np.repeat(np.arange(len(several)), [len(one.edge) for one in several])
    edge = np.concatenate([np.zeros(0, dtype=np.int64), *(one.edge for one in several)])
    low, high = (np.concatenate([np.zeros(0), *(one[k] for one in several)]) for k in (1, 2))
    return Stretches(edge, low, high), area


def cut_lines(lines: Lines, stretches: Stretches) -> Lines:
    """(s,) the course of each stretch. Those on lines without length are two vertices at one point."""
    coords, starts = lines.coords, lines.starts
    sizes = np.diff(starts)
    step = np.zeros(len(coords))
    step[1:] = np.hypot(*np.diff(coords, axis=0).T)
    # One measure over all lines, with a metre between one line and the next.
    step[starts[1:-1]] = 1.0
    measure = np.cumsum(step)
    begin, end = measure[starts[stretches.edge]], measure[starts[stretches.edge + 1] - 1]
    low, high = begin + stretches.low * (end - begin), begin + stretches.high * (end - begin)

    count = sizes[stretches.edge]
    of = np.repeat(np.arange(len(stretches.edge)), count)
    before = np.concatenate([[0], np.cumsum(count)])[:-1]
    vertex = starts[stretches.edge][of] + np.arange(len(of)) - before[of]
    between = (measure[vertex] > low[of]) & (measure[vertex] < high[of])
    of, vertex = of[between], vertex[between]
    s = len(low)
    owner = np.concatenate([np.arange(s), of, np.arange(s)])
    place = np.concatenate([low, measure[vertex], high])
    x = np.concatenate(
        [np.interp(low, measure, coords[:, 0]), coords[vertex, 0], np.interp(high, measure, coords[:, 0])]
    )
    y = np.concatenate(
        [np.interp(low, measure, coords[:, 1]), coords[vertex, 1], np.interp(high, measure, coords[:, 1])]
    )
    order = np.lexsort((place, owner))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=s))]).astype(np.int64)
    return Lines(np.stack([x, y], 1)[order], offsets, lines.crs)
