"""From a grid of yes and no to polygons: marching squares with rings, parts and holes told apart.

Every cell has its four corners; where two neighbours differ, the outline crosses the line between
them, at a point the caller has found as exactly as wanted. Two corners that touch only across a
diagonal stay apart, so no outline leaks between them. Rings never cross themselves or each other,
an outside runs anticlockwise, and growing ground gives growing polygons.

Source: marching squares after Lorensen & Cline (1987), SIGGRAPH Computer Graphics 21(4):163-169.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from utopias.domain.arrays import Bools, Floats, Longs


class Crossings(NamedTuple):
    """(c,) lines between neighbours of a grid that differ, in rising order of ``key``.

    key : (c,) number of the line: rows * columns of level ones, then the upright ones.
    inner, outer : (c,) the neighbour inside and the one outside, as row * columns + column.
    """

    key: Longs
    inner: Longs
    outer: Longs


class Rings(NamedTuple):
    """Parts of one multipolygon: vertices, offsets of rings into them, offsets of parts into the rings."""

    coords: Floats
    rings: Longs
    parts: Longs


def crossings(inside: Bools) -> Crossings:
    """Where the outline of ``inside``, (rows, columns), crosses between neighbours."""
    rows, columns = inside.shape
    node = np.arange(rows * columns).reshape(rows, columns)
    level = np.flatnonzero(np.pad(inside[:, :-1] != inside[:, 1:], ((0, 0), (0, 1))))
    upright = np.flatnonzero(inside[:-1] != inside[1:])
    near = np.concatenate([level, upright])
    far = np.concatenate([node.ravel()[level] + 1, upright + columns])
    first = inside.ravel()[near]
    key = np.concatenate([level, rows * columns + upright])
    return Crossings(key, np.where(first, near, far), np.where(first, far, near))


def filled(inside: Bools, may_fill: Bools, *, at_most: float) -> Bools:
    """``inside`` with its small holes filled.

    Parameters
    ----------
    may_fill : (rows, columns) a hole is filled only where this holds for all of it.
    at_most : nodes of the grid in a hole, at most.

    Returns
    -------
    (rows, columns). A hole is a patch outside, corners touching, that the border of the grid does not reach.
    """
    if at_most < 1:
        return inside
    patch, count = ndimage.label(~inside, structure=np.ones((3, 3), dtype=int))
    size = np.bincount(patch.ravel(), minlength=count + 1)
    fits = size <= at_most
    fits[patch[~inside & ~may_fill]] = False
    for border in (patch[0], patch[-1], patch[:, 0], patch[:, -1]):
        fits[border] = False
    fits[0] = False
    made: Bools = inside | fits[patch]
    return made


def outline(inside: Bools, found: Crossings, x: Floats, y: Floats) -> Rings:
    """The parts of ``inside``, each an outside and its holes.

    Parameters
    ----------
    inside : (rows, columns), false all along its border. found : its ``crossings``.
    x, y : (c,) the point of the outline on each of them, off both ends.

    Returns
    -------
    Rings: parts in the order of their first node, outsides anticlockwise, holes clockwise, all closed.
    """
    following = _following(inside, found.key)
    part_of_node, count = ndimage.label(inside)
    part_of = part_of_node.ravel()[found.inner]
    seen = bytearray(len(following))
    rings: list[list[int]] = []
    for start in range(len(following)):
        if seen[start]:
            continue
        ring = []
        at = start
        while not seen[at]:
            seen[at] = 1
            ring.append(at)
            at = following[at]
        ring.append(start)
        rings.append(ring)
    if not rings:
        return Rings(np.zeros((0, 2)), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    part = np.array([part_of[ring[0]] for ring in rings])
    hole = np.array([_turns_right(x[ring], y[ring]) for ring in rings])
    order = np.lexsort((np.arange(len(rings)), hole, part))
    vertices = np.concatenate([rings[k] for k in order])
    sizes = np.array([len(rings[k]) for k in order])
    return Rings(
        np.stack([x[vertices], y[vertices]], 1),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([[0], np.cumsum(np.bincount(part, minlength=count + 1)[1:])]).astype(np.int64),
    )


def _following(inside: Bools, key: Longs) -> list[int]:
    """(c,) after each crossing the next one, with the inside on the left."""
    rows, columns = inside.shape
    sw, se, nw, ne = inside[:-1, :-1], inside[:-1, 1:], inside[1:, :-1], inside[1:, 1:]
    kind = (sw + 2 * se + 4 * ne + 8 * nw).ravel()
    cells = np.flatnonzero((kind > 0) & (kind < 15))
    row, column = np.divmod(cells, columns - 1)
    south = row * columns + column
    west = rows * columns + south
    sides = np.stack([south, west + 1, south + columns, west])  # anticlockwise; side k lies between corners k and k + 1
    following = np.empty(len(key), dtype=np.int64)
    for value in range(1, 15):
        here = sides[:, kind[cells] == value]
        for leaves, enters in _RUNS[value]:
            following[np.searchsorted(key, here[leaves])] = np.searchsorted(key, here[enters])
    listed: list[int] = following.tolist()
    return listed


def _runs(kind: int) -> list[tuple[int, int]]:
    """For each run of inner corners of a cell, anticlockwise: the side after it and the side before it."""
    inner = [bool(kind >> corner & 1) for corner in range(4)]  # SW, SE, NE, NW
    found = []
    for corner in range(4):
        if inner[corner] and not inner[(corner + 1) % 4]:
            first = corner
            while inner[(first - 1) % 4]:
                first = (first - 1) % 4
            found.append((corner, (first - 1) % 4))  # side k lies between corners k and k + 1
    return found


_RUNS = [[] if kind in (0, 15) else _runs(kind) for kind in range(16)]


def _turns_right(x: Floats, y: Floats) -> bool:
    x, y = x - x[0], y - y[0]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) < 0.0
