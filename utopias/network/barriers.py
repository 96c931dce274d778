"""A wall, a fence, a closed road: lines that nobody walks across, put on a network without making it anew.

Every street edge that the line crosses is cut at that very point, so both its ends stay usable; and no
door is joined to a street on the other side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, frozen
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.network.chains import Cuts
from utopias.network.segments import OnLine, Segments

TOUCHING = 1e-6  # metres: rounding in coordinates of a city is a thousandth of it, no gap in a wall is so narrow


@dataclass(frozen=True, eq=False)
class Barrier:
    """(b,) straight pieces of lines that nobody crosses; metres."""

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats

    def __post_init__(self) -> None:
        for name in ("ax", "ay", "bx", "by"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.ax)

    def __add__(self, other: Barrier) -> Barrier:
        """Both."""
        return Barrier(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in ("ax", "ay", "bx", "by")))

    @classmethod
    def of(cls, line: object) -> Barrier:
        """The pieces of one line, given as its (k, 2) points in metres.

        Raises
        ------
        TableError : fewer than two points, or one that is not finite.
        """
        points = line_points(line, Sentence("barrier"))
        return cls(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])


NO_BARRIER = Barrier(*(np.zeros(0) for _ in range(4)))


def line_points(line: object, role: Sentence) -> Floats:
    """(k, 2) the points of a line that somebody drew.

    Raises
    ------
    TableError : no pairs of numbers, fewer than two points, a point that is not finite, or no length.
    """
    try:
        points: AnyArray = np.asarray(line, dtype=np.float64)
    except (TypeError, ValueError):
        points = np.zeros(0)
    what: Sentence | None = None
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2:
        what = Sentence("a {role} is no line of two or more points (x, y)", role=role)
    elif not np.isfinite(points).all():
        what = Sentence("a {role} has points that are not finite", role=role)
    elif not (np.diff(points, axis=0) != 0).any():
        what = Sentence("a {role} has no length", role=role)
    if what is not None:
        raise TableError(
            Fault("bad-line", what, mend="draw it as a line of points in metres of the town's reference system")
        )
    return points


def cuts_of(segments: Segments, barrier: Barrier) -> Cuts:
    """Where a barrier cuts the lines of a network; touching is crossing."""
    edges, shares = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    low_x, high_x = np.minimum(segments.ax, segments.bx), np.maximum(segments.ax, segments.bx)
    low_y, high_y = np.minimum(segments.ay, segments.by), np.maximum(segments.ay, segments.by)
    for ax, ay, bx, by in zip(barrier.ax, barrier.ay, barrier.bx, barrier.by, strict=True):
        near = np.flatnonzero(
            (low_x <= max(ax, bx) + TOUCHING)
            & (high_x >= min(ax, bx) - TOUCHING)
            & (low_y <= max(ay, by) + TOUCHING)
            & (high_y >= min(ay, by) - TOUCHING)
        )
        crossed, t = _crossings(
            segments.ax[near], segments.ay[near], segments.bx[near], segments.by[near], ax, ay, bx, by
        )
        edges.append(segments.line[near[crossed]])
        shares.append(segments.share(near[crossed], t[crossed]))
    edge, share = np.concatenate(edges), np.concatenate(shares)
    order = np.lexsort((share, edge))
    return Cuts(edge[order], share[order])


def _crossings(
    px: Floats, py: Floats, qx: Floats, qy: Floats, ax: Floats, ay: Floats, bx: Floats, by: Floats
) -> tuple[Bools, Floats]:
    """Whether the pieces p to q meet the pieces a to b, and how far along p to q, 0 to 1; one that lies along it, at its start."""
    dx, dy, ex, ey = qx - px, qy - py, bx - ax, by - ay
    turn = dx * ey - dy * ex
    gap_x, gap_y = ax - px, ay - py
    aligned = turn == 0
    t = np.divide(gap_x * ey - gap_y * ex, turn, out=np.zeros(np.shape(turn)), where=~aligned)
    s = np.divide(gap_x * dy - gap_y * dx, turn, out=np.zeros(np.shape(turn)), where=~aligned)
    # Streets that meet at a junction must all feel a wall through it, on whichever side of it rounding puts them.
    over, beside = (
        np.divide(TOUCHING, np.hypot(*d), out=np.zeros(np.shape(turn)), where=~aligned) for d in ((dx, dy), (ex, ey))
    )
    met = ~aligned & (t >= -over) & (t <= 1 + over) & (s >= -beside) & (s <= 1 + beside)
    t = np.clip(t, 0.0, 1.0)
    if aligned.any():
        # Parallel: they meet where they lie on one line and overlap; then the overlap's beginning is the cut.
        on_line = aligned & (gap_x * ey - gap_y * ex == 0) & (gap_x * dy - gap_y * dx == 0)
        squared = dx * dx + dy * dy
        length = np.where(squared > 0, squared, 1.0)
        from_a = (gap_x * dx + gap_y * dy) / length
        from_b = ((bx - px) * dx + (by - py) * dy) / length
        low, high = np.minimum(from_a, from_b), np.maximum(from_a, from_b)
        point = squared == 0  # a piece without length is on the barrier if it lies between its ends
        inside = (gap_x * (px - bx) <= 0) & (gap_y * (py - by) <= 0)
        along = on_line & np.where(point, inside, (low <= 1) & (high >= 0))
        met |= along
        t = np.where(along, np.clip(np.where(point, 0.0, low), 0.0, 1.0), t)
    return met, t


def legs_crossed(x: Floats, y: Floats, to_x: Floats, to_y: Floats, barrier: Barrier) -> Bools:
    """(k,) whether the straight leg from each point to its foot crosses the barrier."""
    crossed = np.zeros(len(x), dtype=bool)
    for ax, ay, bx, by in zip(barrier.ax, barrier.ay, barrier.bx, barrier.by, strict=True):
        crossed |= _crossings(x, y, to_x, to_y, ax, ay, bx, by)[0]
    return crossed


def join_on_this_side(
    segments: Segments, joined: OnLine, x: Floats, y: Floats, barrier: Barrier, *, large: Bools, at_most: float, extra: float
) -> OnLine:  # fmt: skip
    """Doors whose leg to the street crosses a barrier, joined to the nearest street that needs no crossing.

    Parameters
    ----------
    joined : (k,) as found without the barrier. x, y : (k,) the doors. large, at_most, extra : as ``Segments.nearest``.

    Returns
    -------
    OnLine (k,): -1 for a door that no street on its own side is near enough to.
    """
    found = np.flatnonzero(joined.line >= 0)
    foot_x, foot_y = np.full(len(x), np.nan), np.full(len(x), np.nan)
    foot_x[found], foot_y[found] = _feet(segments, joined.line[found], joined.share[found])
    doors = found[legs_crossed(x[found], y[found], foot_x[found], foot_y[found], barrier)]
    if len(doors) == 0:
        return joined
    west, east = x[doors].min() - at_most, x[doors].max() + at_most
    south, north = y[doors].min() - at_most, y[doors].max() + at_most
    near = np.flatnonzero(
        ~segments.doorless
        & (np.minimum(segments.ax, segments.bx) <= east) & (np.maximum(segments.ax, segments.bx) >= west)
        & (np.minimum(segments.ay, segments.by) <= north) & (np.maximum(segments.ay, segments.by) >= south)
    )  # fmt: skip
    piece, moved = np.full(len(x), -1, dtype=np.int64), joined.moved.copy()
    for door in doors:
        piece[door], moved[door] = _nearest_uncrossed(
            segments, near, x[door], y[door], barrier, large=large, at_most=at_most, extra=extra
        )
    again = segments.foot(x[doors], y[doors], piece[doors], moved[doors])
    line, share, gap = joined.line.copy(), joined.share.copy(), joined.gap.copy()
    line[doors], share[doors], gap[doors] = again.line, again.share, again.gap
    return OnLine(line, share, gap, moved)


def _nearest_uncrossed(
    segments: Segments, near: Longs, x: float, y: float, barrier: Barrier, *, large: Bools, at_most: float, extra: float
) -> tuple[int, bool]:
    """The nearest piece whose leg crosses nothing, or one of a large network a little farther; -1 for none."""
    at = np.full(len(near), x), np.full(len(near), y)
    to_x, to_y = segments.point(near, segments.along(near, *at))
    gap = np.hypot(to_x - x, to_y - y)
    close = gap <= at_most
    near, to_x, to_y, gap = near[close], to_x[close], to_y[close], gap[close]
    free = ~legs_crossed(np.full(len(near), x), np.full(len(near), y), to_x, to_y, barrier)
    near, gap = near[free], gap[free]
    if len(near) == 0:
        return -1, False
    first = int(np.lexsort((near, gap))[0])
    if large[segments.line[near[first]]]:
        return int(near[first]), False
    wide = np.flatnonzero(large[segments.line[near]] & (gap <= gap[first] + extra))
    if len(wide) == 0:
        return int(near[first]), False
    best = wide[np.lexsort((near[wide], gap[wide]))[0]]
    return int(near[best]), True


def _feet(segments: Segments, line: Longs, share: Floats) -> tuple[Floats, Floats]:
    """(k,) metres of the point at a share of each line's length."""
    start = segments.so_far[segments.lines[line]]
    at = start + share * (segments.so_far[segments.lines[line + 1]] - start)
    piece = np.clip(
        np.searchsorted(segments.so_far, at, side="right") - 1, segments.lines[line], segments.lines[line + 1] - 1
    )
    step = segments.so_far[piece + 1] - segments.so_far[piece]
    t = np.divide(at - segments.so_far[piece], step, out=np.zeros(len(line)), where=step > 0)
    return segments.point(piece, np.clip(t, 0.0, 1.0))
