"""Where the known ground of a made-up town ends, and how far every block lies from there."""

from __future__ import annotations

import numpy as np
import shapely

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.territory.borough.districts import Districts
from utopias.territory.borough.ground import Ground
from utopias.territory.borough.pieces import beside, between

GRAIN = 40.0  # plan metres, at most, between two vertices of the edge


def known_to(ground: Ground, town: Districts, x: Floats, y: Floats) -> Floats:
    """(n,) metres from each map point to the nearest unknown ground, to the centimetre."""
    edge = shapely.multilinestrings(known_edge(ground, town))
    shapely.prepare(edge)
    away: Floats = np.round(shapely.distance(edge, shapely.points(x, y)), 2)
    return away


def known_edge(ground: Ground, town: Districts) -> AnyArray:
    """Map lines along every stretch of a district's side that has a known district on one side only.

    The gaps for the railway and the canals are known ground: districts are taken up to the middle.
    """
    which = np.arange(len(town), dtype=np.int64)
    columns = town.boundaries.shape[1]
    under, over = town.row * columns + town.column, (town.row + 1) * columns + town.column
    line, a, b = between(
        np.concatenate([under, under, over, over]), np.tile(np.concatenate([town.left, town.right]), 2)
    )
    alone = _alone(
        beside(line, a, b, under, town.left, town.right, which), beside(line, a, b, over, town.left, town.right, which)
    )
    at = town.boundaries.ravel()[line[alone]]
    across = _drawn(ground, a[alone], at, b[alone], at)

    sides = np.concatenate([town.left, town.right])
    names, number = np.unique(sides, return_inverse=True)
    west, east = np.split(number.astype(np.int64), 2)
    line, a, b = between(np.concatenate([west, west, east, east]), np.tile(np.concatenate([town.low, town.high]), 2))
    alone = _alone(
        beside(line, a, b, west, town.low, town.high, which), beside(line, a, b, east, town.low, town.high, which)
    )
    at = names[line[alone]]
    return np.concatenate([across, _drawn(ground, at, a[alone], at, b[alone])])


def _alone(one: Longs, other: Longs) -> Bools:
    alone: Bools = (one >= 0) != (other >= 0)
    return alone


def _drawn(ground: Ground, ua: Longs, va: Longs, ub: Longs, vb: Longs) -> AnyArray:
    """Straight stretches of the plan as bent map lines."""
    if len(ua) == 0:
        return np.zeros(0, dtype=object)
    size = int(np.ceil(float((np.abs(ub - ua) + np.abs(vb - va)).max()) / GRAIN)) + 1
    share = np.arange(size) / (size - 1)
    u = ua[:, None] + share * (ub - ua)[:, None]
    v = va[:, None] + share * (vb - va)[:, None]
    x, y = ground.to_map(u.ravel(), v.ravel())
    lines: AnyArray = shapely.linestrings(np.stack([x, y], axis=1).reshape(len(ua), size, 2))
    return lines
