"""What a reader needs to find their way on the map of a made-up town. Drawn, never reckoned with."""

from __future__ import annotations

import numpy as np
import shapely

from utopias.domain.arrays import AnyArray, Floats, Longs, Texts, texts
from utopias.domain.shapes import Basemap, Lines, Shapes
from utopias.domain.streets import Streets
from utopias.territory.borough.blocks import GREEN, HILL, LOT, SQUARE, WATER, Plots, outlines
from utopias.territory.borough.districts import CLOSED, LAKE, OLD, PARK, Districts
from utopias.territory.borough.ground import ORIGIN, Ground

GRAIN = 40.0  # plan metres, at most, between two vertices of a district's outline
SEAM = 2.0  # metres by which neighbouring outlines are grown before they are joined, and shrunk after


def basemap(
    ground: Ground, town: Districts, plots: Plots, streets: Streets, taken: Longs, names: Texts, crs: str
) -> Basemap:
    """Water, green, the limit of the planned area; railway, canals, main roads; some fifteen names.

    taken : plots of units and sites, which are not shown as green squares.
    """
    squares = np.flatnonzero(np.isin(plots.use, (LOT, SQUARE)))
    squares = squares[~np.isin(squares, taken)]
    bare = _joined(_plot_rings(ground, plots, np.flatnonzero(np.isin(plots.use, (GREEN, HILL)))))
    lakes = _joined(_plot_rings(ground, plots, np.flatnonzero(plots.use == WATER)))
    limit = _joined(_district_rings(ground, town, np.flatnonzero(town.planned)))
    canals = _strips(ground, town, "canal")
    water = shapely.union_all(np.append(shapely.buffer(canals, 11.0, cap_style="flat"), lakes))
    green = [shape for shape in shapely.get_parts(bare) if not shape.is_empty]
    wet = [shape for shape in shapely.get_parts(water) if not shape.is_empty]
    kinds = ["limit"] + ["green"] * len(green) + ["water"] * len(wet) + ["green"] * len(squares)
    shapes = _with(_as_shapes([limit, *green, *wet], crs), outlines(ground, town, plots, squares, crs))

    rails = _strips(ground, town, "rail")
    main = np.flatnonzero(streets.kind == "primary")
    drawn = [_as_lines(rails, crs), _as_lines(canals, crs), streets.lines.take(main)]
    lines = Lines(
        np.concatenate([part.coords for part in drawn]),
        np.concatenate([[0], np.cumsum(np.concatenate([np.diff(part.starts) for part in drawn]))]).astype(np.int64),
        crs,
    )
    line_kinds = ["rail"] * len(rails) + ["canal"] * len(canals) + ["road"] * len(main)
    labels, label_x, label_y = _labels(ground, town, names)
    return Basemap(shapes, texts(kinds), lines, texts(line_kinds), labels, label_x, label_y)


def _district_rings(ground: Ground, town: Districts, which: Longs) -> AnyArray:
    """Outlines of districts without the gaps for railway and canals, bent with the ground."""
    return _rings(ground, town.left[which], town.right[which], town.low[which], town.high[which])


def _plot_rings(ground: Ground, plots: Plots, which: Longs) -> AnyArray:
    return _rings(ground, plots.u0[which], plots.u1[which], plots.v0[which], plots.v1[which])


def _rings(ground: Ground, u0: Longs, u1: Longs, v0: Longs, v1: Longs) -> AnyArray:
    """Plan rectangles as map polygons with a vertex at least every GRAIN metres."""
    if len(u0) == 0:
        return np.zeros(0, dtype=object)
    size = int(np.ceil(max((u1 - u0).max(), (v1 - v0).max()) / GRAIN))
    along = np.arange(size) / size
    zero, one = np.zeros(size), np.ones(size)
    share_u = np.concatenate([along, one, 1.0 - along, zero])
    share_v = np.concatenate([zero, along, one, 1.0 - along])
    u = u0[:, None] + share_u * (u1 - u0)[:, None]
    v = v0[:, None] + share_v * (v1 - v0)[:, None]
    x, y = ground.to_map(u.ravel(), v.ravel())
    rings: AnyArray = shapely.polygons(np.stack([x, y], axis=1).reshape(len(u0), 4 * size, 2))
    return rings


def _joined(rings: AnyArray) -> shapely.Geometry:
    """One shape of many that touch: grown a little, so that no sliver stays between them, and shrunk again."""
    grown = shapely.union_all(shapely.buffer(rings, SEAM, join_style="mitre"))
    return shapely.buffer(grown, -SEAM, join_style="mitre")


def _strips(ground: Ground, town: Districts, which: str) -> AnyArray:
    """The railway or the canals as map lines, one piece for each district that lies along them."""
    if which == "rail":
        at = np.flatnonzero(town.railway[town.row])
        u0, u1, v0, v1 = town.left[at], town.right[at], town.low[at], town.low[at]
    else:
        at = np.flatnonzero(town.canal_left)
        u0, u1, v0, v1 = town.left[at], town.left[at], town.low[at], town.high[at]
    share = np.arange(9) / 8.0
    u = u0[:, None] + share * (u1 - u0)[:, None]
    v = v0[:, None] + share * (v1 - v0)[:, None]
    x, y = ground.to_map(u.ravel(), v.ravel())
    lines: AnyArray = shapely.linestrings(np.stack([x, y], axis=1).reshape(len(at), 9, 2))
    return lines


def _as_shapes(polygons: list[shapely.Geometry], crs: str) -> Shapes:
    whole = [shapely.multipolygons(shapely.get_parts(polygon)) for polygon in polygons]
    _, coords, (rings, parts, shapes) = shapely.to_ragged_array(whole)
    return Shapes(np.round(coords, 2), rings.astype(np.int64), parts.astype(np.int64), shapes.astype(np.int64), crs)


def _with(first: Shapes, second: Shapes) -> Shapes:
    """The shapes of both, one after the other."""
    return Shapes(
        coords=np.concatenate([first.coords, second.coords]),
        rings=np.concatenate([first.rings, second.rings[1:] + len(first.coords)]),
        parts=np.concatenate([first.parts, second.parts[1:] + len(first.rings) - 1]),
        shapes=np.concatenate([first.shapes, second.shapes[1:] + len(first.parts) - 1]),
        crs=first.crs,
    )


def _as_lines(lines: AnyArray, crs: str) -> Lines:
    each = np.arange(len(lines) + 1, dtype=np.int64) * 9
    return Lines(shapely.get_coordinates(lines).reshape(-1, 2), each, crs)


def _labels(ground: Ground, town: Districts, names: Texts) -> tuple[Texts, Floats, Floats]:
    """The hills, the lake, the prison, the parks, the old centre, and colonias spread over the planned area."""
    found: list[tuple[str, float, float]] = []
    tallest = ground.cones[np.argsort(-ground.cones[:, 3], kind="stable")][:3]
    for number, (x, y, _, _) in enumerate(tallest):
        found.append((f"Cerro imaginario {'ABC'[number]}", float(x), float(y)))
    for kind, name, most in ((OLD, "", 2), (LAKE, "", 1), (CLOSED, "Reclusorio imaginario", 1), (PARK, "", 2)):
        for at in np.flatnonzero((town.pattern == kind) & town.planned)[:most].tolist():
            found.append((name or str(names[at]), float(town.x[at]), float(town.y[at])))
    usual = np.flatnonzero(town.planned & ~np.isin(town.pattern, (OLD, LAKE, CLOSED, PARK)))
    for at in usual[:: max(1, len(usual) // 6)][:6].tolist():
        found.append((str(names[at]), float(town.x[at]), float(town.y[at])))
    x = np.array([place[1] for place in found]) + ORIGIN[0]
    y = np.array([place[2] for place in found]) + ORIGIN[1]
    return texts(place[0] for place in found), np.round(x, 2), np.round(y, 2)
