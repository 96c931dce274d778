"""Pieces of street on the plan of a made-up town: between two neighbouring corners of a line lies one piece.

Every line carries the corners of the plots on both of its sides, so that lanes meet avenues in
T-junctions wherever the two sides do not agree. Whole arrays only, no loop over streets.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs
from utopias.territory.borough.blocks import FIRMS, HOMES, Plots
from utopias.territory.borough.districts import AVENUE, HILLSIDE, OLD, STEP, TOWERS, Districts

PRIMARY, SECONDARY, RESIDENTIAL, PATH, STEPS = range(5)
NO_CROSSING, CROSSING, VEHICLES_ONLY, IF_NEEDED = range(4)

RAIL_OPEN, CANAL_OPEN = 0.2, 0.4  # share of the possible crossings that exist
VEHICLES = 0.12  # share of the possible crossings that exist for vehicles only
_HALF = 1 << 20  # steps of the plan on either side of its middle that a key can hold: 16,000 km
_WIDE = 1 << 21


@dataclass(frozen=True, eq=False)
class Pieces:
    """(p,) straight pieces of the plan from (ua, va) to (ub, vb).

    kind : PRIMARY, ... line : the street the piece is part of. side, other : plots along it, -1 for none.
    spare : may be taken out at random. crossing : whether it spans the railway or a canal.
    """

    ua: Longs
    va: Longs
    ub: Longs
    vb: Longs
    kind: Ints
    line: Longs
    side: Longs
    other: Longs
    spare: Bools
    crossing: Ints

    def __len__(self) -> int:
        return len(self.ua)

    def take(self, keep: AnyArray) -> Pieces:
        """The pieces of a mask or of indices."""
        return Pieces(*(getattr(self, field.name)[keep] for field in fields(self)))


def pieces(town: Districts, plots: Plots, chance: np.random.Generator) -> Pieces:
    """Every piece that could be: along rows, along district sides, between plots, blind alleys, crossings."""
    alleys = _alleys(town, plots, chance)
    parts = [
        _along_rows(town, plots, alleys),
        _along_sides(town, plots, chance),
        _lanes(town, plots, chance),
        alleys,
        _over_railway(town, chance),
        _over_canals(town, chance),
    ]
    joined = Pieces(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Pieces)))
    # Six families of lines number themselves; a family apart, each keeps its own names.
    family = np.repeat(np.arange(len(parts), dtype=np.int64), [len(part) for part in parts])
    joined.line[:] = joined.line * len(parts) + family
    return joined


def corner_key(u: Longs, v: Longs) -> Longs:
    """(n,) one number for each point of the plan."""
    return (u // STEP + _HALF) * _WIDE + (v // STEP + _HALF)


def _steps(position: Longs) -> Longs:
    return position // STEP + _HALF


def corner_of(key: Longs) -> tuple[Longs, Longs]:
    """The point of each key."""
    return (key // _WIDE - _HALF) * STEP, (key % _WIDE - _HALF) * STEP


def _pieces(ua: Longs, va: Longs, ub: Longs, vb: Longs, *, line: Longs, side: Longs, other: Longs) -> Pieces:
    """Residential pieces that cross nothing and stay."""
    n = len(ua)
    kind, crossing = np.full(n, RESIDENTIAL, dtype=np.int32), np.zeros(n, dtype=np.int32)
    return Pieces(ua, va, ub, vb, kind, line, side, other, np.zeros(n, dtype=bool), crossing)


def between(line: Longs, position: Longs) -> tuple[Longs, Longs, Longs]:
    """Pieces between neighbouring points of the same line: line, from, to."""
    keys = np.unique(line * _WIDE + position // STEP + _HALF)
    of, at = keys // _WIDE, (keys % _WIDE - _HALF) * STEP
    same = np.flatnonzero(of[1:] == of[:-1])
    return of[same], at[same], at[same + 1]


def beside(line: Longs, low: Longs, high: Longs, of: Longs, start: Longs, end: Longs, plot: Longs) -> Longs:
    """Which of the plots that lie from ``start`` to ``end`` along line ``of`` covers each piece; -1 for none."""
    keys = of * _WIDE + start // STEP + _HALF
    order = np.argsort(keys, kind="stable")
    at = np.searchsorted(keys[order], line * _WIDE + low // STEP + _HALF, side="right") - 1
    found = order[np.maximum(at, 0)]
    fits = (at >= 0) & (of[found] == line) & (end[found] >= high)
    return np.where(fits, plot[found], -1)


def _row_lines(town: Districts, plots: Plots) -> tuple[Longs, Longs, Longs]:
    """The line under and over each plot, and where every line lies.

    Lines 2k and 2k + 1 lie on the k-th boundary of a strip in a column: where the railway runs there,
    the first is its north side and the second its south. The lines inside districts come after.
    """
    strip, column = town.row[plots.district], town.column[plots.district]
    columns = town.boundaries.shape[1]
    first_inner = 2 * town.boundaries.size
    under = np.where(plots.first_row, 2 * (strip * columns + column), first_inner + plots.row)
    over = 2 * ((strip + 1) * columns + column) + town.railway[strip + 1]
    over = np.where(plots.last_row, over, first_inner + plots.row + 1)
    gap = np.repeat(STEP * town.railway, columns)
    at = np.zeros(first_inner + len(plots.row_v0) + 1, dtype=np.int64)
    at[0:first_inner:2] = town.boundaries.ravel() + gap
    at[1:first_inner:2] = town.boundaries.ravel() - gap
    at[first_inner:-1] = plots.row_v0
    return under, over, at


def _alleys(town: Districts, plots: Plots, chance: np.random.Generator) -> Pieces:
    """Blind alleys from halfway along the low side into plots too deep for the street, and into some others."""
    width, depth = plots.u1 - plots.u0, plots.v1 - plots.v0
    pattern = town.pattern[plots.district]
    often = np.where(np.isin(pattern, (OLD, HILLSIDE)), 0.17, 0.11)
    deep = (np.minimum(width, depth) > 84) | (np.maximum(width, depth) > 144) | (chance.random(len(plots)) < often)
    into = np.flatnonzero(deep & np.isin(plots.use, (HOMES, FIRMS)) & (width >= 4 * STEP) & (depth >= 3 * STEP))
    u = plots.u0[into] + STEP * (width[into] // (2 * STEP))
    end = plots.v0[into] + STEP * (depth[into] // (2 * STEP))
    alleys = _pieces(u, plots.v0[into], u, end, line=into, side=into, other=into)
    alleys.kind[np.isin(pattern[into], (HILLSIDE, TOWERS))] = PATH
    return alleys


def _along_rows(town: Districts, plots: Plots, alleys: Pieces) -> Pieces:
    """Pieces along the boundaries between strips, and along the rows of plots inside a district."""
    under, over, at = _row_lines(town, plots)
    rail, crossing_u = _rail_points(town)
    line, ua, ub = between(
        np.concatenate([under, under, over, over, under[alleys.side], 2 * rail, 2 * rail + 1]),
        np.concatenate([plots.u0, plots.u1, plots.u0, plots.u1, alleys.ua, crossing_u, crossing_u]),
    )
    every = np.arange(len(plots), dtype=np.int64)
    above = beside(line, ua, ub, under, plots.u0, plots.u1, every)
    below = beside(line, ua, ub, over, plots.u0, plots.u1, every)
    along = _pieces(ua, at[line], ub, at[line], line=line, side=above, other=below)
    columns = town.boundaries.shape[1]
    inside = line >= 2 * town.boundaries.size
    avenue = ~inside & (line // 2 // columns % 3 == AVENUE)
    along.kind[~inside] = SECONDARY
    along.kind[avenue] = PRIMARY
    along.line[avenue] = (line // 2 // columns)[avenue]  # an avenue is one street through all columns
    hillside = (above >= 0) & (town.pattern[plots.district[above]] == HILLSIDE)
    along.kind[inside & hillside & (line % 6 == 0)] = PATH
    mouths = corner_key(alleys.ua, alleys.va)
    at_mouth = np.isin(corner_key(ua, at[line]), mouths) | np.isin(corner_key(ub, at[line]), mouths)
    along.spare[:] = inside & (above >= 0) & (below >= 0) & ~at_mouth
    return along


def _rail_points(town: Districts) -> tuple[Longs, Longs]:
    """Where the railway could be crossed: the boundary, and both ends of each district north of it."""
    at = np.flatnonzero(town.railway[town.row])
    boundary = town.row[at] * town.boundaries.shape[1] + town.column[at]
    keys = np.unique(np.concatenate([boundary, boundary]) * _WIDE + _steps(np.concatenate([town.u0[at], town.u1[at]])))
    return keys // _WIDE, (keys % _WIDE - _HALF) * STEP


def _over_railway(town: Districts, chance: np.random.Generator) -> Pieces:
    """The crossings of the railway, from its south side to its north side."""
    boundary, u = _rail_points(town)
    _, once = np.unique(corner_key(u, town.boundaries.ravel()[boundary]), return_index=True)
    boundary, u = boundary[once], u[once]  # where two columns meet, both name the same crossing
    none = np.full(len(u), -1, dtype=np.int64)
    middle = town.boundaries.ravel()[boundary]
    over = _pieces(u, middle - STEP, u, middle + STEP, line=boundary, side=none, other=none)
    return _with_crossings(over, RAIL_OPEN, chance)


def _over_canals(town: Districts, chance: np.random.Generator) -> Pieces:
    """The bridges over canals, along the boundaries between strips; where a canal ends, the street runs past it."""
    strip = town.row * town.boundaries.shape[1] + town.column
    ended = strip[town.through_right & ~town.canal_right] + town.boundaries.shape[1]
    west = np.flatnonzero(town.canal_right & ~np.isin(strip, ended) & ~town.railway[town.row])
    u, v = town.right[west], town.low[west]
    none = np.full(len(u), -1, dtype=np.int64)
    over = _pieces(u - STEP, v, u + STEP, v, line=town.row[west], side=none, other=none)
    return _with_crossings(over, CANAL_OPEN, chance)


def _with_crossings(over: Pieces, share: float, chance: np.random.Generator) -> Pieces:
    drawn = chance.random(len(over))
    closed = np.where(drawn < share + VEHICLES, VEHICLES_ONLY, IF_NEEDED)
    over.crossing[:] = np.where(drawn < share, CROSSING, closed)
    over.kind[:] = np.where(over.crossing == VEHICLES_ONLY, PRIMARY, np.where(drawn < 0.4 * share, PATH, SECONDARY))
    return over


def _along_sides(town: Districts, plots: Plots, chance: np.random.Generator) -> Pieces:
    """Pieces along the western and eastern sides of districts."""
    strip = town.row[plots.district]
    west, east = np.flatnonzero(plots.first), np.flatnonzero(plots.last)
    # A column through the whole town is one line from strip to strip; other sides end with their strip.
    through_west, through_east = town.through_left[plots.district[west]], town.through_right[plots.district[east]]
    west_key = corner_key(plots.u0[west], np.where(through_west, -1, strip[west]) * STEP)
    east_key = corner_key(plots.u1[east], np.where(through_east, -1, strip[east]) * STEP)
    keys, number = np.unique(np.concatenate([west_key, east_key]), return_inverse=True)
    west_line, east_line = number[: len(west)].astype(np.int64), number[len(west) :].astype(np.int64)
    line, va, vb = between(
        np.concatenate([west_line, west_line, east_line, east_line]),
        np.concatenate([plots.v0[west], plots.v1[west], plots.v0[east], plots.v1[east]]),
    )
    right = beside(line, va, vb, west_line, plots.v0[west], plots.v1[west], west)
    left = beside(line, va, vb, east_line, plots.v0[east], plots.v1[east], east)
    through = np.zeros(len(keys), dtype=bool)
    through[west_line] |= through_west
    through[east_line] |= through_east
    u, _ = corner_of(keys[line])
    along = _pieces(u, va, u, vb, line=line, side=right, other=left)
    minor = np.where(chance.random(len(keys)) < 0.45, SECONDARY, RESIDENTIAL)
    along.kind[:] = np.where(through, PRIMARY, minor)[line]
    return along


def _lanes(town: Districts, plots: Plots, chance: np.random.Generator) -> Pieces:
    """The streets between two neighbouring plots of a row; one that runs on through a district is one street."""
    west = np.flatnonzero(~plots.last)
    district = plots.district[west]
    place = (plots.u1[west] - town.u0[district]) // STEP
    u, v0, v1 = plots.u1[west], plots.v0[west], plots.v1[west]
    lanes = _pieces(u, v0, u, v1, line=district * 1024 + place, side=west, other=west + 1)
    footway = chance.random(len(town))[district] * 0.5 + 0.5 * (lanes.line % 7) / 7.0
    pattern = town.pattern[district]
    often = np.where(pattern == HILLSIDE, 0.45, np.where(pattern == TOWERS, 0.6, 0.02))
    lanes.kind[footway < often] = PATH
    lanes.spare[:] = True
    return lanes


def lengths(pieces: Pieces) -> Floats:
    """(p,) metres on the plan."""
    length: Floats = (np.abs(pieces.ub - pieces.ua) + np.abs(pieces.vb - pieces.va)).astype(np.float64)
    return length
