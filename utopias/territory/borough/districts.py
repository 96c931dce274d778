"""The districts of a made-up town: strips between avenues, cut into colonias that each have their own pattern.

On the flat plan the town is rows of districts. Some row boundaries and columns run through the whole
town; the other cuts are staggered, so that most avenues end at another. A railway follows one row
boundary and canals follow columns: there the plan is split by a gap that only crossings bridge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.territory.borough.chance import field, runs, stream
from utopias.territory.borough.ground import Ground

STEP = 16  # metres: every line of the plan lies on a multiple, so corners on both sides of an avenue can meet
ROOM_FOR_WIDE, ROOM_FOR_SQUARE = 12, 3  # plots a district needs to keep public ground of each size
PEOPLE_A_BLOCK = 120  # mean of Iztapalapa: 1,835,486 people in 15,199 urban blocks

AVENUE = 1  # every third boundary between strips, counted from this one, is an avenue

OLD, REGULAR, HILLSIDE, TOWERS, WORKS, PARK, CLOSED, LAKE = range(8)
LIVED_IN = (OLD, REGULAR, HILLSIDE, TOWERS)

# Usual depth and width of a block in metres, by pattern; a district bends them by up to a quarter.
GRAIN = np.array([[66, 78], [60, 104], [50, 84], [132, 158], [150, 210], [200, 200], [9_999, 9_999], [126, 126]])


@dataclass(frozen=True, eq=False)
class Districts:
    """(c,) districts, ordered by row and then from west to east.

    u0, u1, v0, v1 : plan metres inside any gap. left, right, low, high : the same without the gap,
        so that neighbours touch. row, column : strip from the south, column between through streets from the west.
    through_left, through_right : whether that side is a column through the whole town.
    rows, columns : blocks one way and the other. planned : inside the planned area; the others are its surroundings.
    boundaries : (strips + 1, columns) where each strip begins. railway : (strips + 1,) whether it runs there.
    canal : (columns + 1,) whether a canal runs there; it ends at the foot of the sierra.
    """

    u0: Longs
    u1: Longs
    v0: Longs
    v1: Longs
    left: Longs
    right: Longs
    low: Longs
    high: Longs
    row: Longs
    column: Longs
    through_left: Bools
    through_right: Bools
    x: Floats
    y: Floats
    pattern: Ints
    rows: Longs
    columns: Longs
    planned: Bools
    boundaries: Longs
    railway: Bools
    canal: Bools
    canal_left: Bools
    canal_right: Bools

    def __len__(self) -> int:
        return len(self.u0)


def districts(ground: Ground, people: int, seed: int) -> Districts:
    """Lay the plan out, give each district its pattern, and choose the planned area and its surroundings.

    The planned area takes districts from the middle outwards until they hold one block for every
    120 people. Around it the town is known for about ``ground.ring`` metres, except on one side.
    """
    side = ground.district
    reach = 1.45 * ground.radius + 1.3 * ground.ring + 2.0 * side
    v = _lines(seed, "rows", reach, 0.78 * side, 1.1 * side)
    through = _lines(seed, "columns", reach, 3.2 * side, 5.0 * side)
    railway = np.isin(np.arange(len(v)), _every(v, 0.24 * ground.radius, 9_000.0))
    canal = np.isin(np.arange(len(through)), _every(through, -0.42 * ground.radius, 14_000.0))

    # Avenues, the railway and whatever meets a canal run straight through; other boundaries shift by column.
    chance = stream(seed, "districts")
    shift = (chance.random((len(v), len(through) - 1)) - 0.5) * 0.44 * side
    shift[np.arange(len(v)) % 3 == AVENUE] = 0.0
    shift[railway] = 0.0
    shift[:, canal[:-1] | canal[1:]] = 0.0
    boundaries = v[:, None] + STEP * np.rint(shift / STEP).astype(np.int64)
    row, column, left, right, first, last = _cuts(chance, through, len(v) - 1, side)
    low, high = boundaries[row, column], boundaries[row + 1, column]
    mid_x, mid_y = ground.bend((left + right) / 2.0, (low + high) / 2.0)
    canal_left = first & canal[column] & _flat(ground, left, low, high)
    canal_right = last & canal[column + 1] & _flat(ground, right, low, high)
    u0, u1 = left + STEP * canal_left, right - STEP * canal_right
    v0, v1 = low + STEP * railway[row], high - STEP * railway[row + 1]

    level = ground.level(mid_x, mid_y)
    hill, bare = _hills(ground, left, right, low, high)
    pattern = _patterns(ground, mid_x, mid_y, hill, bare, level, seed)
    rows, columns = _grain(u1 - u0, v1 - v0, pattern, seed, large=ground.district > 300.0)
    lived = np.isin(pattern, LIVED_IN) * (rows * columns - lots_of(rows, columns)) * (1.0 - bare)
    homes = np.where(pattern == LAKE, (rows - 2) * (columns - 2), lived)
    planned = _planned(level, homes, people / PEOPLE_A_BLOCK)
    known = planned | _around(ground, mid_x, mid_y, planned, seed)
    keep = np.flatnonzero(known)
    take = {
        "u0": u0, "u1": u1, "v0": v0, "v1": v1, "left": left, "right": right, "low": low, "high": high, "row": row, "column": column,
        "through_left": first, "through_right": last, "x": mid_x, "y": mid_y, "pattern": pattern, "rows": rows,
        "columns": columns, "planned": planned, "canal_left": canal_left, "canal_right": canal_right,
    }  # fmt: skip
    return Districts(
        boundaries=boundaries, railway=railway, canal=canal, **{name: values[keep] for name, values in take.items()}
    )


def _lines(seed: int, name: str, reach: float, least: float, most: float) -> Longs:
    """Positions from -reach to reach, at even chance between ``least`` and ``most`` metres apart."""
    count = int(np.ceil(2.0 * reach / least)) + 2
    gaps = least + (most - least) * stream(seed, name).random(count)
    at: Longs = STEP * np.rint((np.cumsum(gaps) - gaps[0] - reach) / STEP).astype(np.int64)
    return at[: int(np.searchsorted(at, reach)) + 1]


def _cuts(
    chance: np.random.Generator, through: Longs, strips: int, side: float
) -> tuple[Longs, Longs, Longs, Longs, Bools, Bools]:
    """Cut every strip between two through columns into districts of about ``side`` metres, each strip for itself.

    Returns row, column, western and eastern side of each district, and whether it is its column's first, last.
    """
    columns = len(through) - 1
    width = np.tile(np.diff(through), strips)
    count = np.maximum(1, np.rint(width / side * (0.8 + 0.35 * chance.random(len(width))))).astype(np.int64)
    owner, at = runs(count + 1)
    sway = 0.5 * (chance.random(len(owner)) - 0.5) * ((at > 0) & (at < count[owner]))
    west = np.tile(through[:-1], strips)[owner]
    cuts = west + STEP * np.rint((at + sway) / count[owner] * width[owner] / STEP).astype(np.int64)
    stretch, place = runs(count)
    here = (np.cumsum(count + 1) - (count + 1))[stretch] + place
    return (
        stretch // columns,
        stretch % columns,
        cuts[here],
        cuts[here + 1],
        place == 0,
        place == count[stretch] - 1,
    )


def _every(lines: Longs, start: float, spacing: float) -> Longs:
    """Indices of the lines nearest to start, start +- spacing, ...; for the railway and the canals."""
    steps = np.arange(np.ceil((lines[0] - start) / spacing), np.floor((lines[-1] - start) / spacing) + 1)
    nearest = np.abs(lines[None, :] - (start + steps[:, None] * spacing)).argmin(axis=1)
    return np.unique(nearest).astype(np.int64)


def _flat(ground: Ground, u: Longs, low: Longs, high: Longs) -> Bools:
    """Where a canal can run: north of the sierra and over no hill. Both banks ask at the same point."""
    x, y = ground.bend(u.astype(np.float64), (low + high) / 2.0)
    flat: Bools = (y > -0.45 * ground.radius) & (ground.steepness(x, y) < 0.05)
    return flat


def _hills(ground: Ground, left: Longs, right: Longs, low: Longs, high: Longs) -> tuple[Floats, Floats]:
    """Mean steepness of each district, and the share of it too high for houses, from 25 points."""
    rises = []
    for a in (0.1, 0.3, 0.5, 0.7, 0.9):
        for b in (0.1, 0.3, 0.5, 0.7, 0.9):
            rises.append(ground.steepness(*ground.bend(left + a * (right - left), low + b * (high - low))))
    sampled = np.stack(rises)
    return sampled.sum(axis=0) / 25.0, (sampled > 1.0).sum(axis=0) / 25.0


def _patterns(ground: Ground, x: Floats, y: Floats, hill: Floats, bare: Floats, level: Floats, seed: int) -> Ints:
    """What each district is: old, regular, hillside, towers, works, park, closed, or a lake with an island."""
    drawn = stream(seed, "patterns").random(len(x))
    pattern = np.full(len(x), REGULAR, dtype=np.int32)
    pattern[(drawn < 0.07) & (hill < 0.04)] = TOWERS
    pattern[(drawn > 0.975) & (hill < 0.04)] = WORKS
    pattern[(drawn > 0.955) & (drawn <= 0.975) & (hill < 0.04)] = PARK
    pattern[ground.centrality(x, y) > 0.22] = OLD
    pattern[hill > 0.085] = HILLSIDE
    inner = (level < 0.9) & (bare == 0.0) & (hill < 0.085)
    for kind, to_x, to_y in ((LAKE, -0.3, -0.42), (PARK, 0.12, 0.1), (CLOSED, 0.28, -0.12)):
        if kind == CLOSED and ground.district < 300.0:
            continue  # a small town has no prison
        away = np.where(inner & (pattern != LAKE), _apart(x / ground.radius - to_x, y / ground.radius - to_y), np.inf)
        spot = int(np.argmin(away))
        if np.isfinite(away[spot]):
            pattern[spot] = kind
            inner[spot] = False
    # Larger towns have a lake with an island and a walled ground for every million or so people.
    more = inner & np.isin(pattern, (REGULAR, OLD)) & (level > 0.3)
    far = _apart(x, y) > 7_000.0
    pattern[more & far & (drawn > 0.5) & (drawn < 0.504)] = LAKE
    pattern[more & far & (drawn > 0.6) & (drawn < 0.604)] = CLOSED
    return pattern


def _apart(dx: Floats, dy: Floats) -> Floats:
    away: Floats = np.sqrt(dx * dx + dy * dy)
    return away


def _grain(width: Longs, depth: Longs, pattern: Ints, seed: int, *, large: bool) -> tuple[Longs, Longs]:
    """Rows and columns of blocks in each district; some districts turn their blocks by a right angle."""
    chance = stream(seed, "grain")
    size = GRAIN[pattern] * (0.85 + 0.35 * chance.random((len(width), 2)))
    turned = chance.random(len(width)) < 0.45
    size[turned] = size[turned][:, ::-1]
    rows = np.maximum(1, np.rint(depth / size[:, 0])).astype(np.int64)
    columns = np.maximum(1, np.rint(width / size[:, 1])).astype(np.int64)
    lake = pattern == LAKE
    least = np.where(lake, 2 * STEP, 3 * STEP)
    most_rows, most_columns = np.maximum(1, depth // least), np.maximum(1, width // least)
    rows[lake] = 5 if large else 4
    columns[lake] = 5 if large else 3
    return np.minimum(rows, most_rows), np.minimum(columns, most_columns)


def lots_of(rows: Longs, columns: Longs) -> Longs:
    """(c,) plots that the public ground of each district takes from its houses: see ``borough.blocks``."""
    size = rows * columns
    lots: Longs = 2 * ((size >= ROOM_FOR_WIDE) & (columns >= 3)) + 1 * (size >= ROOM_FOR_SQUARE)
    return lots


def _planned(level: Floats, homes: Floats, wanted: float) -> Bools:
    """The innermost districts that together hold the wanted number of blocks."""
    order = np.argsort(level, kind="stable")
    count = int(np.searchsorted(np.cumsum(homes[order]), wanted)) + 1
    planned = np.zeros(len(level), dtype=bool)
    planned[order[:count]] = True
    return planned


def _around(ground: Ground, x: Floats, y: Floats, planned: Bools, seed: int) -> Bools:
    """The surroundings: within the ring's wavering depth of the planned area, but not on the eastern side."""
    tree = cKDTree(np.stack([x[planned], y[planned]], axis=1))
    away, _ = tree.query(np.stack([x, y], axis=1))
    waver = field(seed, "ring", 0.7 * ground.radius).at(x, y)
    depth = ground.ring * (1.05 + 0.3 * waver) + 0.5 * ground.district
    side = (12.0 * x + 5.0 * y) / 13.0  # metres towards the unknown side, a little north of east on the plan
    near: Bools = (away <= depth) & (side < (0.52 + 0.1 * waver) * ground.radius)
    return near
