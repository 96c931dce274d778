"""A footbridge, a stair, a gate in a wall: a new way on foot between two streets that are there.

Both streets are split where the new way meets them; the streets read from the map stay as they were.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, texts
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Lines
from utopias.domain.streets import FOOTBRIDGE, ON_THE_FRONT, StreetFront, Streets
from utopias.network.barriers import line_points
from utopias.network.segments import Segments

JOINED_WITHIN = 50.0  # metres from an end of the drawn line to the street it is meant to meet


def with_footbridge(streets: Streets, line: object, *, name: str = "", walkable: Bools | None = None) -> Streets:
    """The streets with one way more.

    Parameters
    ----------
    line : (k, 2) points in metres, both ends within 50 m of a street where one may walk. What lies between an
        end and its street is part of the way. name : of the new edge. walkable : (e,) edges that it may join, those
        of who walks; None for every edge where one may walk (a wheelchair's bridge must not end on a stair).

    Returns
    -------
    Streets. Edges that were split come as their parts, after the others; the new edge is the last, level, with no
    steps, and no door opens on it: a house under a bridge still leaves by its own street. Nodes are those there were, then those of the splits. Where the ends meet a street at its end, its
    node is used.

    Raises
    ------
    TableError : no line, or an end that is too far from every street.
    """
    points = line_points(line, Sentence("footbridge"))
    may = np.flatnonzero(streets.foot if walkable is None else walkable)
    segments = Segments.of(streets.lines.take(may))
    ends = points[[0, -1]]
    on = segments.nearest(ends[:, 0], ends[:, 1], large=np.ones(len(may), dtype=bool), at_most=JOINED_WITHIN, extra=0.0)
    lost = np.flatnonzero(on.line < 0)
    if len(lost):
        raise TableError(
            Fault(
                code="far-from-street",
                what=Sentence("{count} of 2 ends of the footbridge are over {far:g} m from every street", count=len(lost), far=JOINED_WITHIN),
                mend="draw it from street to street",
                count=len(lost),
                first=Sentence("x {x:.1f}, y {y:.1f}", x=ends[lost[0], 0], y=ends[lost[0], 1]),
            )
        )  # fmt: skip
    edges = may[on.line]
    whole = _split(streets, edges, on.share)
    start, end = whole.nodes
    middle = np.concatenate([_at(whole.streets, start), points, _at(whole.streets, end)])
    kept = np.ones(len(middle), dtype=bool)
    kept[1:] = (np.diff(middle, axis=0) != 0).any(axis=1)
    kept[0] = True
    course = middle[kept] if kept.sum() > 1 else middle[[0, -1]]
    return _appended(whole.streets, start, end, course, name)


class _Whole(NamedTuple):
    streets: Streets
    nodes: tuple[int, int]


def _split(streets: Streets, edges: Longs, shares: Floats) -> _Whole:
    """Streets whose edges have a node at each share of theirs, and the two nodes."""
    node = [int(streets.tail[e]) if s <= 0 else int(streets.head[e]) if s >= 1 else -1 for e, s in zip(edges, shares, strict=True)]  # fmt: skip
    x, y = list(streets.x), list(streets.y)
    cut: dict[int, list[tuple[float, int]]] = {}
    for k, (edge, share) in enumerate(zip(edges.tolist(), shares.tolist(), strict=True)):
        if node[k] >= 0:
            continue
        same = [there for at, there in cut.get(edge, []) if at == share]
        if same:
            node[k] = same[0]
            continue
        at = _point(streets.lines.coords[streets.lines.starts[edge] : streets.lines.starts[edge + 1]], share)
        node[k] = len(x)
        x.append(at[0])
        y.append(at[1])
        cut.setdefault(edge, []).append((share, node[k]))
    grown = replace(streets, x=np.array(x), y=np.array(y))
    return _Whole(_parted(grown, cut) if cut else grown, (node[0], node[1]))


def _parted(streets: Streets, cut: dict[int, list[tuple[float, int]]]) -> Streets:
    """Each cut edge as its parts, all other edges before them."""
    rest = np.setdiff1d(np.arange(len(streets)), np.array(sorted(cut)))
    of, tails, heads, shares, courses = [], [], [], [], []
    for edge in sorted(cut):
        line = streets.lines.coords[streets.lines.starts[edge] : streets.lines.starts[edge + 1]]
        stops = [(0.0, int(streets.tail[edge])), *sorted(cut[edge]), (1.0, int(streets.head[edge]))]
        for (low, tail), (high, head) in pairwise(stops):
            of.append(edge)
            tails.append(tail)
            heads.append(head)
            shares.append(high - low)
            courses.append(_course(line, low, high))
    row = np.concatenate([rest, np.array(of)])
    part = np.concatenate([np.ones(len(rest)), np.array(shares)])
    lines = streets.lines.take(rest)
    return Streets(
        streets.x, streets.y,
        np.concatenate([streets.tail[rest], tails]).astype(np.int32),
        np.concatenate([streets.head[rest], heads]).astype(np.int32),
        streets.length[row] * part, streets.rise[row] * part,
        streets.kind[row], streets.name[row], streets.surface[row], streets.steps[row], streets.foot[row],
        _joined(lines, courses), StreetFront(*(getattr(streets.front, name)[row] for name in ON_THE_FRONT)),
    )  # fmt: skip


def _appended(streets: Streets, start: int, end: int, course: Floats, name: str) -> Streets:
    """One edge more, level, paved, of which nothing else is known."""
    length = float(np.hypot(*np.diff(course, axis=0).T).sum())

    def and_then(column: AnyArray, value: object) -> AnyArray:
        more = texts([value]) if column.dtype == object else np.array([value], dtype=column.dtype)
        return np.concatenate([column, more])

    return Streets(
        streets.x, streets.y, and_then(streets.tail, start), and_then(streets.head, end),
        and_then(streets.length, length), and_then(streets.rise, 0.0), and_then(streets.kind, FOOTBRIDGE),
        and_then(streets.name, name), and_then(streets.surface, ""), and_then(streets.steps, False),
        and_then(streets.foot, True), _joined(streets.lines, [course]),
        StreetFront(*(and_then(getattr(streets.front, name), "") for name in ON_THE_FRONT)),
    )  # fmt: skip


def _joined(lines: Lines, courses: list[Floats]) -> Lines:
    ends = lines.starts[-1] + np.cumsum([len(course) for course in courses])
    return Lines(
        np.concatenate([lines.coords, *courses]), np.concatenate([lines.starts, ends]).astype(np.int64), lines.crs
    )


def _at(streets: Streets, node: int) -> Floats:
    return np.array([[streets.x[node], streets.y[node]]])


def _measured(line: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])


def _point(line: Floats, share: float) -> Floats:
    """(2,) the point at a share of a line's length."""
    so_far = _measured(line)
    at = share * so_far[-1]
    return np.array([np.interp(at, so_far, line[:, 0]), np.interp(at, so_far, line[:, 1])])


def _course(line: Floats, low: float, high: float) -> Floats:
    """The stretch of a line between two shares of its length."""
    so_far = _measured(line)
    between: Bools = (so_far > low * so_far[-1]) & (so_far < high * so_far[-1])
    return np.concatenate([_point(line, low)[None], line[between], _point(line, high)[None]])
