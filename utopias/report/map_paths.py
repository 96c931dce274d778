"""Outlines into drawn paths: one compound path a class, whole numbers, no vertex the eye would miss.

A map of 15,000 blocks is a handful of ``<path>`` elements, not 15,000: printers, PDF readers
and phones draw the first at once and choke on the second.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.domain.shapes import Lines, Shapes

ACROSS = 250  # cells across a small map of many blocks
WIDTH = 4000  # grid steps across a map: at 18 cm in print, 560 dots an inch
# A vertex goes when the triangle with its neighbours is under this area, in grid steps squared:
# at full width a corner of less than a tenth of a millimetre.
TRIVIAL = 6.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The window of a map: metres in, grid steps out, north up.

    west, north : metres at the upper left corner. metres : metres a grid step. height : grid steps.
    """

    west: float
    north: float
    metres: float
    height: int

    def grid(self, coords: Floats) -> Longs:
        """(k, 2) metres -> (k, 2) grid steps, y downwards."""
        x = np.rint((coords[:, 0] - self.west) / self.metres)
        y = np.rint((self.north - coords[:, 1]) / self.metres)
        return np.stack([x, y], axis=1).astype(np.int64)

    def holds(self, grid: AnyArray) -> Bools:
        """(k,) whether a point lies in the window."""
        held: Bools = (grid[:, 0] >= 0) & (grid[:, 0] <= WIDTH) & (grid[:, 1] >= 0) & (grid[:, 1] <= self.height)
        return held


def frame_around(x: Floats, y: Floats, *, margin: float = 0.04) -> Frame:
    """The window that shows all points, and ``margin`` of the longer side around them.

    Very long territories get a window no narrower than 2 : 5 and no flatter than 5 : 3.
    """
    if len(x) == 0:
        return Frame(0.0, 1000.0, 1000.0 / WIDTH, WIDTH)
    wide, high = float(np.ptp(x)), float(np.ptp(y))
    around = max(wide, high, 100.0) * margin
    wide, high = wide + 2 * around, high + 2 * around
    wide, high = max(wide, high * 0.4), max(high, wide * 0.6)
    middle_x, middle_y = (float(x.max()) + float(x.min())) / 2, (float(y.max()) + float(y.min())) / 2
    metres = wide / WIDTH
    return Frame(middle_x - wide / 2, middle_y + high / 2, metres, math.ceil(high / metres))


def area_paths(shapes: Shapes, classes: AnyArray, frame: Frame) -> dict[str, str]:
    """One compound path (``d``) for every class; shapes outside the window are left out of the drawing.

    classes : (n,) text; an empty class is not drawn. Rings run as stored, filled even-odd.
    """
    owner = shapes.ring_owner()
    grid = frame.grid(shapes.coords)
    starts, length = shapes.rings[:-1], np.diff(shapes.rings)
    ring = np.repeat(np.arange(len(length)), length)
    open_end = np.ones(len(grid), dtype=bool)
    open_end[starts[length > 0] + length[length > 0] - 1] = False  # the last vertex repeats the first
    kept = open_end & _near(grid, ring, len(length), frame)
    grid, ring = _plainer(grid[kept], ring[kept])
    named = np.asarray(classes, dtype=object)[owner][ring] if len(ring) else np.zeros(0, dtype=object)
    return {str(name): _closed(grid[named == name], ring[named == name]) for name in sorted(set(named.tolist()) - {""})}


def square_paths(x: Floats, y: Floats, side: float, classes: AnyArray, frame: Frame) -> dict[str, str]:
    """The same for places known only as points: squares of ``side`` metres around them."""
    grid = frame.grid(np.stack([x, y], axis=1))
    step = max(2, round(side / frame.metres))
    seen = frame.holds(grid)
    named = np.where(seen, np.asarray(classes, dtype=object), "")
    drawn = {}
    for name in sorted(set(named.tolist()) - {""}):
        corners = (grid[named == name] - step // 2).tolist()
        drawn[str(name)] = "".join(f"M{a} {b}h{step}v{step}h-{step}z" for a, b in corners)
    return drawn


def cell_paths(
    x: Floats, y: Floats, kinds: AnyArray, frame: Frame, near: float, *, across: int = ACROSS
) -> dict[str, str]:
    """One path a kind, of cells that take the kind of the nearest block within ``near`` metres.

    Cells of one kind beside each other in a row are one rectangle.
    """
    step = WIDTH // across
    rows, columns = max(1, -(-frame.height // step)), across
    middle_x = frame.west + (np.arange(columns) + 0.5) * step * frame.metres
    middle_y = frame.north - (np.arange(rows) + 0.5) * step * frame.metres
    middles = np.stack(np.meshgrid(middle_x, middle_y), axis=-1).reshape(-1, 2)
    far, nearest = cKDTree(np.stack([x, y], axis=1)).query(middles, distance_upper_bound=near)
    names, code = np.unique(np.asarray(kinds, dtype=str), return_inverse=True)
    found = np.full(len(middles), -1)
    found[np.isfinite(far)] = code[nearest[np.isfinite(far)]]
    cell = found.reshape(rows, columns)
    begins = np.concatenate([np.ones((rows, 1), dtype=bool), cell[:, 1:] != cell[:, :-1]], axis=1)
    at = np.flatnonzero(begins)
    length = np.diff(np.append(at, rows * columns))
    drawn: dict[str, list[str]] = {}
    for place, run in zip(at.tolist(), length.tolist(), strict=True):
        row, column = divmod(place, columns)
        kind = int(cell[row, column])
        if kind >= 0:
            drawn.setdefault(str(names[kind]), []).append(f"M{column * step} {row * step}h{run * step}v{step}h-{run * step}z")  # fmt: skip
    return {kind: "".join(parts) for kind, parts in drawn.items()}


def line_paths(lines: Lines, kinds: AnyArray, frame: Frame) -> dict[str, str]:
    """One path for every kind of line."""
    grid = frame.grid(lines.coords)
    line = np.repeat(np.arange(len(lines)), np.diff(lines.starts))
    kept = _near(grid, line, len(lines), frame)
    grid, line = grid[kept], line[kept]
    if len(grid):
        again = np.concatenate([[False], (np.diff(grid, axis=0) == 0).all(axis=1) & (np.diff(line) == 0)])
        grid, line = grid[~again], line[~again]
    named = np.asarray(kinds, dtype=object)[line] if len(line) else np.zeros(0, dtype=object)
    return {str(kind): _strokes(grid[named == kind], line[named == kind], "") for kind in sorted(set(named.tolist()))}


def joined(paths: Mapping[str, str], *names: str) -> str:
    """The paths of several classes as one."""
    return "".join(paths.get(name, "") for name in names)


def _near(grid: Longs, part: Longs, parts: int, frame: Frame) -> Bools:
    """(vertices,) whether the ring or line they belong to touches the window at all."""
    if not len(grid):
        return np.zeros(0, dtype=bool)
    low = np.full((parts, 2), np.iinfo(np.int64).max)
    high = np.full((parts, 2), np.iinfo(np.int64).min)
    np.minimum.at(low, part, grid)
    np.maximum.at(high, part, grid)
    touches = (high >= 0).all(axis=1) & (low[:, 0] <= WIDTH) & (low[:, 1] <= frame.height)
    near: Bools = touches[part]
    return near


def _plainer(grid: Longs, ring: Longs) -> tuple[Longs, Longs]:
    """Fewer vertices: repeats go, then those that hardly bend the line, never two neighbours at once.

    A ring keeps at least three vertices, so that the smallest block is still drawn.
    """
    for sweep in range(4):
        if len(grid) < 4:
            return grid, ring
        first = np.concatenate([[True], ring[1:] != ring[:-1]])
        start = np.flatnonzero(first)
        count = np.diff(np.append(start, len(ring)))
        before, after = np.arange(len(grid)) - 1, np.arange(len(grid)) + 1
        before[start] = start + count - 1
        after[start + count - 1] = start
        a, b = grid[before] - grid, grid[after] - grid
        bend = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2.0
        place = np.arange(len(grid)) - np.repeat(start, count)
        spare = np.repeat(count, count) - 3
        trivial = (bend < TRIVIAL) & (place % 2 == sweep % 2) & (place < np.repeat(count, count) - (sweep % 2 == 0))
        rank = np.cumsum(trivial) - np.repeat((np.cumsum(trivial) - trivial)[start], count)
        goes = trivial & (rank <= spare)
        grid, ring = grid[~goes], ring[~goes]
    return grid, ring


def _closed(grid: Longs, ring: Longs) -> str:
    return _strokes(grid, ring, "z")


def _strokes(grid: Longs, part: Longs, end: str) -> str:
    """``Mx yldx dy …`` for every run of equal ``part``."""
    if not len(grid):
        return ""
    first = np.concatenate([[True], part[1:] != part[:-1]])
    step = np.concatenate([grid[:1], np.diff(grid, axis=0)])
    step[first] = grid[first]
    tokens = [
        f"{end}M{x} {y}l" if begins else f"{x} {y} "
        for begins, x, y in zip(first.tolist(), step[:, 0].tolist(), step[:, 1].tolist(), strict=True)
    ]
    drawn = "".join(tokens)[len(end) :] + end
    return drawn.replace(" -", "-")
