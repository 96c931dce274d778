"""People of an area where they may live, not at its centre: a large area is cut into many small cells.

A distance from the middle of a census area of fifty hectares is nobody's distance. Here every area
over about a city block becomes a lattice of hexagons clipped to its outline, and its people are
shared among them: by area, or by a finer surface that says where they are. Totals stay as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.domain.errors import Fault, TooLargeError
from utopias.domain.sentences import Sentence

# A city block: 2.5 ha is a square of 158 m; whoever lives in it is at most 112 m, under a minute and
# a half on foot, from its point. Blocks of Iztapalapa have 0.75 ha on average, streets included.
BLOCK_M2 = 25_000.0
# A strip along a canal or railway may be small and still long: over this length it is cut as well.
BLOCK_LENGTH_M = 600.0
AT_LEAST = 20  # cells an area that is cut has at the least, whatever its size
MOST_CELLS = 4_000_000  # about 2 GB of outlines; a town of blocks over a whole country is a mistake
SPLINTER = 1e-7  # of a cell: what clipping leaves along an edge, too thin to hold a point inside it
AREAS_AT_ONCE = 2_000  # areas whose lattices are in memory together


@dataclass(frozen=True, eq=False)
class Pieces:
    """(k,) pieces of (n,) areas, in the order of the areas.

    area : (k,) which area each is a piece of; number : (k,) its number within the area, from 1.
    x, y : (k,) a point inside the piece. polygons : (k,) outlines.
    share : (k,) of the area's people; sums to 1 in every area.
    cut : (n,) the area was cut. flat : (n,) cut, and shared by area because the surface weighs nothing there.
    counts : each column of totals, shared.
    """

    area: Longs
    number: Longs
    x: Floats
    y: Floats
    polygons: AnyArray
    share: Floats
    cut: Bools
    flat: Bools
    counts: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.area)


def spread(
    polygons: AnyArray,
    totals: Mapping[str, Floats],
    *,
    at_least: int = AT_LEAST,
    small: float = BLOCK_M2,
    surface: tuple[AnyArray, Floats] | None = None,
) -> Pieces:
    """Cut areas over ``small`` into hexagonal cells and share their totals among them.

    Parameters
    ----------
    polygons : (n,) valid, not empty (multi)polygons in metres; a point stays as it is.
    totals : name -> (n,) counts to be shared (persons). Rates are not shared: take ``rate[pieces.area]``.
    at_least : cells of an area that is cut; more where cells would else be over ``small``.
    small : square metres; an area of this size or less, and not longer than 600 m, stays whole.
    surface : polygons in the same metres, and a weight of 0 or more for each (persons), taken as even
        within each polygon. Where it weighs nothing in an area, that area is shared evenly.

    Returns
    -------
    Pieces. Each total over an area's pieces is the area's total to within 1e-9 of it. The same input
    gives the same pieces, and an area's pieces do not depend on the other areas.

    Raises
    ------
    TooLargeError : over four million cells.

    Source
    ------
    Areal and dasymetric interpolation: Goodchild & Lam (1980), Geo-Processing 1:297-312; Mennis (2003),
    The Professional Geographer 55(1):31-42.
    """
    sizes: Floats = shapely.area(polygons)
    bounds = shapely.bounds(polygons).reshape(-1, 4)
    length = np.hypot(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    cut: Bools = (sizes > small) | (length > BLOCK_LENGTH_M)
    wanted = np.where(cut, np.maximum(at_least, np.ceil(sizes / small)), 1)
    if wanted.sum() > MOST_CELLS:
        raise TooLargeError(
            Fault(
                code="too-many-cells",
                what=Sentence(
                    "{value:,.0f} km2 of blocks would be cut into {sum:,.0f} cells or more",
                    value=sizes.sum() / 1000000.0,
                    sum=wanted.sum(),
                ),
                mend="are these the blocks of one town? leave out those that are not, or give smaller ones",
            )
        )
    areas, outlines = [np.flatnonzero(~cut)], [polygons[~cut]]
    large = np.flatnonzero(cut)
    for start in range(0, len(large), AREAS_AT_ONCE):
        some = large[start : start + AREAS_AT_ONCE]
        of, cells = _cells(polygons[some], bounds[some], sizes[some] / wanted[some])
        areas.append(some[of])
        outlines.append(cells)
    area = np.concatenate(areas).astype(np.int64)
    order = np.argsort(area, kind="stable")
    area, pieces = area[order], np.concatenate(outlines)[order]
    share, flat = _shares(area, pieces, len(polygons), surface)
    starts = np.searchsorted(area, np.arange(len(polygons)))
    x, y = interior_points(pieces)
    return Pieces(
        area=area,
        number=np.arange(len(area)) - starts[area] + 1,
        x=x,
        y=y,
        polygons=pieces,
        share=share,
        cut=cut,
        flat=flat & cut,
        counts={name: np.asarray(values, dtype=np.float64)[area] * share for name, values in totals.items()},
    )


def interior_points(polygons: AnyArray) -> tuple[Floats, Floats]:
    """A point inside each polygon: its middle where that lies inside, else a point on its surface.

    Only for pieces under a city block is this a place to measure a distance from (see ``spread``).
    """
    shapely.prepare(polygons)
    points = shapely.centroid(polygons)
    outside = ~shapely.contains_properly(polygons, points)
    points[outside] = shapely.point_on_surface(polygons[outside])
    return shapely.get_x(points), shapely.get_y(points)


def _cells(polygons: AnyArray, bounds: Floats, cell_m2: Floats) -> tuple[Longs, AnyArray]:
    """Hexagons of ``cell_m2`` clipped to each polygon, from its own south-west corner, row after row.

    Every cell is at most ``cell_m2``, so an area never has fewer than its size over it.
    """
    side = np.sqrt(cell_m2 / (1.5 * np.sqrt(3.0)))
    step_x, step_y = np.sqrt(3.0) * side, 1.5 * side
    across = np.ceil((bounds[:, 2] - bounds[:, 0]) / step_x).astype(np.int64) + 2
    up = np.ceil((bounds[:, 3] - bounds[:, 1]) / step_y).astype(np.int64) + 2
    of = np.repeat(np.arange(len(polygons)), across * up)
    number = np.arange(len(of)) - np.repeat(np.cumsum(across * up) - across * up, across * up)
    row, column = np.divmod(number, across[of])
    x = bounds[of, 0] + step_x[of] * (column - 0.5 * (row % 2))
    y = bounds[of, 1] + step_y[of] * row
    angle = np.pi / 6 + np.pi / 3 * np.arange(7)
    angle[6] = angle[0]
    ring = np.stack([x[:, None] + side[of, None] * np.cos(angle), y[:, None] + side[of, None] * np.sin(angle)], axis=-1)
    hexagons = shapely.polygons(ring)
    shapely.prepare(polygons)
    touches = shapely.intersects(polygons[of], hexagons)
    of, hexagons = of[touches], hexagons[touches]
    over_edge = ~shapely.contains_properly(polygons[of], hexagons)
    clipped = hexagons.copy()
    clipped[over_edge] = _polygonal(shapely.intersection(hexagons[over_edge], polygons[of[over_edge]]))
    real = shapely.area(clipped) > SPLINTER * cell_m2[of]
    return of[real], clipped[real]


def _polygonal(shapes: AnyArray) -> AnyArray:
    """The same shapes without the lines and points that clipping along an edge leaves."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == 7)
    for i in mixed:
        parts = shapely.get_parts(shapes[i])
        shapes[i] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return shapes


def _shares(area: Longs, pieces: AnyArray, count: int, surface: tuple[AnyArray, Floats] | None) -> tuple[Floats, Bools]:
    """(k,) each piece's share of its area, and (n,) whether the surface was of no help there."""
    size: Floats = shapely.area(pieces)
    size[size == 0] = 1.0  # a point has no area and stays whole
    flat = np.zeros(count, dtype=bool)
    weight = size
    if surface is not None:
        where, persons = surface
        tree = shapely.STRtree(where)
        piece, cell = tree.query(pieces, predicate="intersects")
        common = shapely.area(shapely.intersection(pieces[piece], where[cell]))
        density = np.asarray(persons, dtype=np.float64) / np.maximum(shapely.area(where), 1e-12)
        fine = np.bincount(piece, weights=common * density[cell], minlength=len(pieces))
        flat = np.bincount(area, weights=fine, minlength=count) <= 0
        weight = np.where(flat[area], size, fine)
    alone = np.bincount(area, minlength=count)[area] == 1
    weight = np.where(alone, 1.0, weight)  # whole as it came; a point has no area to share by
    total = np.bincount(area, weights=weight, minlength=count)
    share: Floats = weight / total[area]
    return share, flat
