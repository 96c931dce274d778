"""The straight pieces of street lines, on a grid: which is nearest to a door, which does a wall cross.

Made once for a network and asked often, so that one more place is joined to its street in no time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs, frozen
from utopias.domain.shapes import Lines

SEGMENTS_A_CELL = 4  # of the grid, on average; few enough to scan, enough to keep the grid small


class OnLine(NamedTuple):
    """(k,) where points meet the nearest of some lines.

    line : which, or -1. share : of its length from its first vertex, 0 to 1 (0 on a line without length).
    gap : metres to it, NaN where none. moved : a nearer line that is not large was passed over.
    """

    line: Longs
    share: Floats
    gap: Floats
    moved: Bools


class _Grid(NamedTuple):
    west: float
    south: float
    cell: float
    columns: int
    rows: int
    starts: Longs
    members: Ints


@dataclass(frozen=True, eq=False)
class Segments:
    """(s,) straight pieces of (e,) lines, in the order of the lines.

    ax, ay, bx, by : (s,) metres of both ends. line : (s,) whose piece it is.
    lines : (e + 1,) the rows of each line. so_far : (s + 1,) metres of all pieces before each.
    doorless : (s,) pieces that no door opens on.
    """

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    line: Longs
    lines: Longs
    so_far: Floats
    doorless: Bools

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.line)

    @classmethod
    def of(cls, lines: Lines, *, doorless: Bools | None = None) -> Segments:
        """Cut every line at its vertices; the last vertex of a line begins no piece. doorless : (e,) lines, None: no line."""
        inner = np.ones(len(lines.coords), dtype=bool)
        inner[lines.starts[1:][np.diff(lines.starts) > 0] - 1] = False
        first = np.flatnonzero(inner)
        pieces = np.maximum(np.diff(lines.starts) - 1, 0)
        ax, ay = (np.ascontiguousarray(lines.coords[first, k]) for k in (0, 1))
        bx, by = (np.ascontiguousarray(lines.coords[first + 1, k]) for k in (0, 1))
        line = np.repeat(np.arange(len(lines)), pieces)
        return cls(
            ax, ay, bx, by,
            line=line,
            doorless=np.zeros(len(line), dtype=bool) if doorless is None else doorless[line],
            lines=np.concatenate([[0], np.cumsum(pieces)]).astype(np.int64),
            so_far=np.concatenate([[0.0], np.cumsum(np.hypot(bx - ax, by - ay))]),
        )  # fmt: skip

    @cached_property
    def grid(self) -> _Grid:
        """Which pieces with doors touch each cell of a grid over them."""
        from utopias.network.kernels import lay_on_grid

        lay: Any = lay_on_grid
        pieces = np.flatnonzero(~self.doorless)
        ends = tuple(axis[pieces] for axis in (self.ax, self.ay, self.bx, self.by))
        xs, ys = np.concatenate(ends[::2]), np.concatenate(ends[1::2])
        if len(pieces) == 0:
            return _Grid(0.0, 0.0, 1.0, 1, 1, np.zeros(2, dtype=np.int64), np.zeros(0, dtype=np.int32))
        west, south = float(xs.min()), float(ys.min())
        wide, high = float(xs.max()) - west, float(ys.max()) - south
        area = max(wide, 1.0) * max(high, 1.0)
        cell = max(float(np.sqrt(area * SEGMENTS_A_CELL / len(pieces))), 1.0)
        columns, rows = int(wide // cell) + 1, int(high // cell) + 1
        frame = (*ends, west, south, cell, columns, rows)
        counts = np.zeros(columns * rows + 1, dtype=np.int64)
        lay(*frame, counts, np.zeros(0, dtype=np.int32), False)
        starts = np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.int64)
        members = np.empty(int(starts[-1]), dtype=np.int32)
        lay(*frame, starts.copy(), members, True)
        return _Grid(west, south, cell, columns, rows, starts, pieces[members].astype(np.int32))

    def nearest(self, x: Floats, y: Floats, *, large: Bools, at_most: float, extra: float) -> OnLine:
        """The nearest line of each point.

        Parameters
        ----------
        x, y : (k,) metres. large : (e,) lines preferred within ``extra`` metres. at_most : metres.

        Returns
        -------
        OnLine. Of lines equally near, the one drawn first.
        """
        from utopias.network.kernels import nearest_segments

        x, y = np.ascontiguousarray(x, dtype=np.float64), np.ascontiguousarray(y, dtype=np.float64)
        chosen, moved = np.empty(len(x), dtype=np.int64), np.empty(len(x), dtype=bool)
        nearest_segments(
            x, y, self.ax, self.ay, self.bx, self.by, large[self.line], *self.grid, at_most, extra, chosen, moved
        )
        return self.foot(x, y, chosen, moved)

    def foot(self, x: Floats, y: Floats, piece: Longs, moved: Bools) -> OnLine:
        """Where each point meets the piece chosen for it (-1: none)."""
        line, share, gap = np.full(len(x), -1, dtype=np.int64), np.zeros(len(x)), np.full(len(x), np.nan)
        found = np.flatnonzero(piece >= 0)
        s = piece[found]
        t = self.along(s, x[found], y[found])
        at_x, at_y = self.point(s, t)
        line[found] = self.line[s]
        gap[found] = np.hypot(at_x - x[found], at_y - y[found])
        share[found] = self.share(s, t)
        return OnLine(line, share, gap, moved)

    def along(self, piece: AnyArray, x: Floats, y: Floats) -> Floats:
        """(k,) how far along its piece, 0 to 1, the point of it lies that is nearest to x, y."""
        dx, dy = self.bx[piece] - self.ax[piece], self.by[piece] - self.ay[piece]
        squared = dx * dx + dy * dy
        onto = (x - self.ax[piece]) * dx + (y - self.ay[piece]) * dy
        t: Floats = np.clip(np.divide(onto, squared, out=np.zeros(np.shape(onto)), where=squared > 0), 0.0, 1.0)
        return t

    def point(self, piece: AnyArray, t: Floats) -> tuple[Floats, Floats]:
        """(k,) metres of the point at ``t`` of each piece."""
        ax, ay = self.ax[piece], self.ay[piece]
        return ax + t * (self.bx[piece] - ax), ay + t * (self.by[piece] - ay)

    def share(self, piece: AnyArray, t: Floats) -> Floats:
        """(k,) share of its line's length at ``t`` of each piece; 0 on a line without length."""
        step = self.so_far[piece + 1] - self.so_far[piece]
        line = self.line[piece]
        start, end = self.so_far[self.lines[line]], self.so_far[self.lines[line + 1]]
        walked, whole = self.so_far[piece] + t * step - start, end - start
        share: Floats = np.clip(np.divide(walked, whole, out=np.zeros(len(walked)), where=whole > 0), 0.0, 1.0)
        return share
