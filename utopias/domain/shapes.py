"""Outlines as ragged arrays with their reference system: polygons and lines.

The offsets are those of GeoArrow and of ``shapely.to_ragged_array``, so that a
reader can hand them over without a loop; nothing here knows shapely.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, frozen
from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.sentences import Sentence


@dataclass(frozen=True, eq=False)
class Shapes:
    """Multipolygons: (n,) shapes, each of parts, each of rings, each closed (first vertex = last).

    coords : (vertices, 2) metres in ``crs``.
    rings : (rings + 1,) offsets into ``coords``.
    parts : (parts + 1,) offsets into ``rings``; the first ring of a part is its outside.
    shapes : (n + 1,) offsets into ``parts``; a shape without parts is empty.
    """

    coords: Floats
    rings: Longs
    parts: Longs
    shapes: Longs
    crs: str

    def __post_init__(self) -> None:
        _must_chain("rings", self.rings, len(self.coords))
        _must_chain("parts", self.parts, len(self.rings) - 1)
        _must_chain("shapes", self.shapes, len(self.parts) - 1)
        for name in ("coords", "rings", "parts", "shapes"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.shapes) - 1

    def rings_of(self, index: int) -> Iterator[Floats]:
        """All rings of one shape, outsides and holes, as (k, 2) arrays."""
        for part in range(self.shapes[index], self.shapes[index + 1]):
            for ring in range(self.parts[part], self.parts[part + 1]):
                yield self.coords[self.rings[ring] : self.rings[ring + 1]]

    def ring_owner(self) -> Longs:
        """(rings,) which shape each ring belongs to."""
        part_owner = np.repeat(np.arange(len(self)), np.diff(self.shapes))
        owner: Longs = np.repeat(part_owner, np.diff(self.parts))
        return owner

    def take(self, keep: AnyArray) -> Shapes:
        """The shapes of a mask or of indices, in that order."""
        index = np.flatnonzero(keep) if keep.dtype == bool else keep
        parts_at, shapes = _gather(self.shapes, index)
        rings_at, parts = _gather(self.parts, parts_at)
        coords_at, rings = _gather(self.rings, rings_at)
        return Shapes(self.coords[coords_at], rings, parts, shapes, self.crs)


@dataclass(frozen=True, eq=False)
class Lines:
    """Polylines: (n,) lines of at least two vertices. coords (vertices, 2) metres in ``crs``; starts (n + 1,)."""

    coords: Floats
    starts: Longs
    crs: str

    def __post_init__(self) -> None:
        _must_chain("starts", self.starts, len(self.coords))
        for name in ("coords", "starts"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, keep: AnyArray) -> Lines:
        """The lines of a mask or of indices, in that order."""
        index = np.flatnonzero(keep) if keep.dtype == bool else keep
        at, starts = _gather(self.starts, index)
        return Lines(self.coords[at], starts, self.crs)

    def lengths(self) -> Floats:
        """(n,) metres along each line."""
        steps = np.hypot(*np.diff(self.coords, axis=0).T) if len(self.coords) > 1 else np.zeros(0)
        total = np.concatenate([[0.0], np.cumsum(steps)])
        ends: Floats = total[np.maximum(self.starts[1:] - 1, 0)] - total[np.minimum(self.starts[:-1], len(total) - 1)]
        return ends


@dataclass(frozen=True, eq=False)
class Basemap:
    """What a reader needs to find themselves on a map; never used in a computation.

    polygon_kind, line_kind : (n,) text: water, green, limit / rail, canal, road.
    labels : (k,) place names at (label_x, label_y).
    """

    polygons: Shapes
    polygon_kind: AnyArray
    lines: Lines
    line_kind: AnyArray
    labels: AnyArray
    label_x: Floats
    label_y: Floats


def no_shapes(crs: str) -> Shapes:
    """Zero shapes, for tables without outlines."""
    nought = np.zeros(1, dtype=np.int64)
    return Shapes(np.zeros((0, 2)), nought, nought, nought, crs)


def no_lines(crs: str) -> Lines:
    """Zero lines."""
    return Lines(np.zeros((0, 2)), np.zeros(1, dtype=np.int64), crs)


def inside(shapes: Shapes, index: int, x: Floats, y: Floats) -> Bools:
    """(k,) whether each point lies in one shape, by the even-odd rule over all its rings."""
    within = np.zeros(len(x), dtype=bool)
    for ring in shapes.rings_of(index):
        ax, ay, bx, by = ring[:-1, 0], ring[:-1, 1], ring[1:, 0], ring[1:, 1]
        for k in range(len(ax)):
            if ay[k] == by[k]:
                continue
            between = (ay[k] > y) != (by[k] > y)
            cross = ax[k] + (y - ay[k]) / (by[k] - ay[k]) * (bx[k] - ax[k])
            within ^= between & (x < cross)
    return within


def _gather(offsets: Longs, index: AnyArray) -> tuple[Longs, Longs]:
    """Positions of the children of ``index``, and their new offsets."""
    counts = (offsets[1:] - offsets[:-1])[index]
    new = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    at = np.repeat(offsets[:-1][index] - new[:-1], counts) + np.arange(new[-1])
    return at.astype(np.int64), new


def _must_chain(name: str, offsets: Longs, end: int) -> None:
    if len(offsets) < 1 or offsets[0] != 0 or offsets[-1] != end or (np.diff(offsets) < 0).any():
        raise MisalignedError(
            Fault("bad-offsets", Sentence("offsets {name!r} do not cover 0 to {end} in order", name=name, end=end))
        )
