"""The blocks of a made-up town on the flat plan: rows, cuts and uses of the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.domain.shapes import Shapes
from utopias.territory.borough.chance import runs, stream
from utopias.territory.borough.districts import (
    CLOSED,
    HILLSIDE,
    LAKE,
    OLD,
    PARK,
    REGULAR,
    ROOM_FOR_SQUARE,
    ROOM_FOR_WIDE,
    STEP,
    WORKS,
    Districts,
)
from utopias.territory.borough.ground import Ground

HOMES, LOT, SQUARE, FIRMS, GREEN, HILL, WALLED, WATER = range(8)
STREETED = (HOMES, LOT, SQUARE, FIRMS)  # uses that have a street along every side

# Metres from the middle of a street to the house fronts, by what the side of the block lies on.
FRONT_THROUGH, FRONT_CUT, FRONT_INNER, FRONT_PATH = 12.0, 8.0, 5.5, 3.5


@dataclass(frozen=True, eq=False)
class Plots:
    """(n,) rectangles of the plan between streets, ordered by district, row, and from west to east.

    u0, u1, v0, v1 : plan metres. district, row : indices; row counts over the whole town.
    first_row, last_row, first, last : the plot lies on that side of its district.
    use : HOMES, LOT, ... x, y : local map metres of the middle.
    row_district, row_v0, row_v1 : (r,) of the rows of plots.
    """

    u0: Longs
    u1: Longs
    v0: Longs
    v1: Longs
    district: Longs
    row: Longs
    first_row: Bools
    last_row: Bools
    first: Bools
    last: Bools
    use: Ints
    x: Floats
    y: Floats
    row_district: Longs
    row_v0: Longs
    row_v1: Longs

    def __len__(self) -> int:
        return len(self.u0)


def plots(ground: Ground, town: Districts, seed: int) -> Plots:
    """Cut every district into rows and every row into plots, and say what each plot is used for.

    Every colonia keeps one larger and one usual plot of public ground (LOT, SQUARE): where units,
    sports grounds and candidate lots lie. Hill tops, parks, the prison and lakes have no houses.
    """
    chance = stream(seed, "plots")
    row_district, row_place = runs(town.rows)
    edge_district, edge_place = runs(town.rows + 1)
    inner = (edge_place > 0) & (edge_place < town.rows[edge_district])
    sway = 0.3 * (chance.random(len(edge_place)) - 0.5) * inner
    depth = (town.v1 - town.v0)[edge_district]
    bounds = town.v0[edge_district] + _snap((edge_place + sway) / town.rows[edge_district] * depth)
    low = bounds[np.arange(len(row_district)) + row_district]
    high = bounds[np.arange(len(row_district)) + row_district + 1]

    # One jitter for a cut and a district, so that streets run on; old quarters and hillsides stagger them.
    columns = town.columns
    _, cut_place = runs(columns + 1)
    cut_sway = 0.28 * (chance.random(len(cut_place)) - 0.5)
    cut_start = np.cumsum(columns + 1) - (columns + 1)
    staggered = np.isin(town.pattern, (OLD, HILLSIDE)) | ((chance.random(len(town)) < 0.3) & (town.pattern == REGULAR))
    stagger = np.where(staggered[row_district], 0.22 * (2 * (row_place % 2) - 1), 0.0)
    row, place = runs(columns[row_district] + 1)
    district = row_district[row]
    inside = (place > 0) & (place < columns[district])
    share = (place + inside * (stagger[row] + cut_sway[cut_start[district] + place])) / columns[district]
    cut = town.u0[district] + _snap(share * (town.u1 - town.u0)[district])
    lots = _lots(chance, town)
    keep = ~(np.isin(row, lots.wide_row) & (place == lots.wide_cut[district]))
    row, cut, place = row[keep], cut[keep], place[keep]

    west = np.flatnonzero(row[1:] == row[:-1])
    u0, u1, row = cut[west], cut[west + 1], row[west]
    district, first, last = row_district[row], place[west] == 0, place[west + 1] == columns[row_district[row]]
    x, y = ground.bend((u0 + u1) / 2.0, (low[row] + high[row]) / 2.0)
    steep = ground.steepness(x, y)
    wide = np.isin(row, lots.wide_row) & (place[west] == lots.wide_cut[district] - 1)
    second = np.isin(row, lots.second_row) & (place[west] == lots.second_place[district])
    first_row, last_row = row_place[row] == 0, row_place[row] == town.rows[district] - 1
    rim = first | last | first_row | last_row
    use = _uses(town.pattern[district], steep, wide, second, rim, chance.random(len(u0)))
    return Plots(
        u0=u0, u1=u1, v0=low[row], v1=high[row], district=district, row=row, first_row=first_row, last_row=last_row,
        first=first, last=last, use=use, x=x, y=y,
        row_district=row_district, row_v0=low, row_v1=high,
    )  # fmt: skip


def _snap(metres: Floats) -> Longs:
    return STEP * np.rint(metres / STEP).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Lots:
    """Where the public ground of each district lies: the row and the cut left out, the row and the plot kept."""

    wide_row: Longs
    wide_cut: Longs
    second_row: Longs
    second_place: Longs


def _lots(chance: np.random.Generator, town: Districts) -> _Lots:
    """One plot of double width and one of usual width a district, where the district has plots enough."""
    drawn = chance.random((4, len(town)))
    start = np.cumsum(town.rows) - town.rows
    size = town.rows * town.columns
    open_ground = np.isin(town.pattern, (PARK, CLOSED, LAKE, WORKS))
    wide = (size >= ROOM_FOR_WIDE) & (town.columns >= 3) & ~open_ground
    second = (size >= ROOM_FOR_SQUARE) & ~open_ground
    row = np.floor(drawn[0] * town.rows).astype(np.int64)
    cut = 1 + np.floor(drawn[1] * (town.columns - 1)).astype(np.int64)
    other = (row + 1 + np.floor(drawn[2] * np.maximum(town.rows - 1, 1)).astype(np.int64)) % town.rows
    place = np.floor(drawn[3] * town.columns).astype(np.int64)
    return _Lots(
        wide_row=(start + row)[wide],
        wide_cut=np.where(wide, cut, -9),
        second_row=(start + other)[second],
        second_place=np.where(second, place, -9),
    )


def _uses(pattern: Ints, steep: Floats, wide: Bools, second: Bools, rim: Bools, drawn: Floats) -> Ints:
    use = np.full(len(pattern), HOMES, dtype=np.int32)
    use[drawn < 0.012] = FIRMS
    use[second] = SQUARE
    use[wide] = LOT
    use[pattern == WORKS] = FIRMS
    use[pattern == PARK] = GREEN
    use[pattern == CLOSED] = WALLED
    use[(pattern == LAKE) & rim] = WATER
    use[(steep > 1.0) & ~np.isin(use, (WATER, WALLED))] = HILL
    return use


def fronts(town: Districts, plots: Plots) -> tuple[Floats, Floats, Floats, Floats]:
    """West, east, south and north set-back of each plot from the middle of its streets, metres."""
    pattern = town.pattern[plots.district]
    inner = np.where(pattern == HILLSIDE, FRONT_PATH + 0.5, FRONT_INNER)
    west_side = np.where(town.through_left, FRONT_THROUGH, FRONT_CUT)[plots.district]
    east_side = np.where(town.through_right, FRONT_THROUGH, FRONT_CUT)[plots.district]
    return (
        np.where(plots.first, west_side, inner),
        np.where(plots.last, east_side, inner),
        np.where(plots.first_row, FRONT_CUT + 1.0, inner),
        np.where(plots.last_row, FRONT_CUT + 1.0, inner),
    )


def outlines(ground: Ground, town: Districts, plots: Plots, which: Longs, crs: str) -> Shapes:
    """The outlines of some plots, set back from their streets: eight vertices each, bent with the ground."""
    west, east, south, north = (side[which] for side in fronts(town, plots))
    return rings(
        ground, plots.u0[which] + west, plots.u1[which] - east, plots.v0[which] + south, plots.v1[which] - north, crs
    )


def rings(ground: Ground, u0: Floats, u1: Floats, v0: Floats, v1: Floats, crs: str) -> Shapes:
    """Plan rectangles as closed map rings, counter-clockwise, with a vertex in the middle of each side."""
    um, vm = (u0 + u1) / 2.0, (v0 + v1) / 2.0
    u = np.stack([u0, um, u1, u1, u1, um, u0, u0, u0], axis=1)
    v = np.stack([v0, v0, v0, vm, v1, v1, v1, vm, v0], axis=1)
    x, y = ground.to_map(u.ravel(), v.ravel())
    each = np.arange(len(u0) + 1, dtype=np.int64)
    return Shapes(np.stack([x, y], axis=1), each * 9, each, each, crs)


def areas(shapes: Shapes) -> Floats:
    """(n,) square metres of shapes of nine-vertex rings, by the shoelace formula."""
    ring = shapes.coords.reshape(-1, 9, 2)
    ring = ring - ring[:, :1]
    cross = ring[:, :-1, 0] * ring[:, 1:, 1] - ring[:, 1:, 0] * ring[:, :-1, 1]
    area: Floats = np.abs(cross.sum(axis=1)) / 2.0
    return area
