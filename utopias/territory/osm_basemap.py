"""The base map of an OpenStreetMap file: water, green, railways, main roads and names, for finding one's way.

Drawn, never reckoned with: outlines are made simpler than the page can show, and the smallest left out. The
sea is not in it: OpenStreetMap draws coasts as lines without an inside.
"""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

from utopias.domain.arrays import AnyArray, Texts, texts
from utopias.domain.shapes import Basemap, Lines, Shapes, no_lines, no_shapes
from utopias.territory.osm_file import UNKNOWN, OsmFile, degrees

TOLERANCE_M = 5.0  # a map of ten kilometres on paper shows no less
LEAST_M2 = 2_000.0  # an outline smaller than this is a speck
MOST_LABELS = 200

Frame = tuple[float, float, float, float]


def basemap_of(read: OsmFile, crs: pyproj.CRS, frame: Frame | None) -> Basemap:
    """What ``read`` holds for a map, in the town's metres, cut at ``frame`` (west, south, east, north) if there is one."""
    change = pyproj.Transformer.from_crs("OGC:CRS84", crs, always_xy=True)

    def moved(shapes: AnyArray) -> AnyArray:
        there: AnyArray = shapely.transform(shapes, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1])))
        return shapely.clip_by_rect(there, *frame) if frame is not None else there

    areas = shapely.simplify(moved(read.outlines()), TOLERANCE_M)
    areas, area_kind = _sound_areas(areas, texts(read.area_kinds))
    lines, line_kind = _joined(moved(_courses(read)), texts(word for (word,) in read.drawn.words))
    named = sorted(read.labels)
    x, y = change.transform([one[2] for one in named], [one[3] for one in named])
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    seen = np.isfinite(x) & np.isfinite(y)
    if frame is not None:
        seen &= (x >= frame[0]) & (x <= frame[2]) & (y >= frame[1]) & (y <= frame[3])
    kept = np.flatnonzero(seen)[:MOST_LABELS]
    return Basemap(
        polygons=_shapes(areas, crs.to_string()),
        polygon_kind=area_kind,
        lines=_lines(lines, crs.to_string()),
        line_kind=line_kind,
        labels=texts(named[at][1] for at in kept),
        label_x=x[kept],
        label_y=y[kept],
    )


def _courses(read: OsmFile) -> AnyArray:
    """(w,) the lines of the map in degrees; vertices that the file does not hold are passed over."""
    _, east, north, ends = read.drawn.arrays()
    way = np.repeat(np.arange(len(read.drawn)), np.diff(ends))
    known = (east != UNKNOWN) & (north != UNKNOWN)
    courses = np.full(len(read.drawn), shapely.LineString(), dtype=object)
    enough = np.bincount(way[known], minlength=len(courses)) > 1
    drawn = known & enough[way]
    if drawn.any():
        _, number = np.unique(way[drawn], return_inverse=True)
        points = np.column_stack([degrees(east[drawn]), degrees(north[drawn])])
        courses[enough] = shapely.linestrings(points, indices=number)
    return courses


def _joined(courses: AnyArray, kind: Texts) -> tuple[AnyArray, Texts]:
    """The lines of each kind, run together where two meet end to end: ways are cut for reasons no map shows."""
    parts, kinds = _parts(courses, kind, 1)
    found = sorted(set(kinds.tolist()))
    whole = [shapely.line_merge(shapely.multilinestrings(parts[kinds == one])) for one in found]
    return _parts(shapely.simplify(np.array(whole, dtype=object), TOLERANCE_M), texts(found), 1)


def _sound_areas(areas: AnyArray, kind: Texts) -> tuple[AnyArray, Texts]:
    """The outlines large enough to see, as multipolygons."""
    parts, kinds = _parts(areas, kind, 3)
    large = shapely.area(parts) >= LEAST_M2
    return shapely.multipolygons(parts[large], indices=np.arange(int(large.sum()))), kinds[large]


def _parts(shapes: AnyArray, kind: Texts, type_id: int) -> tuple[AnyArray, Texts]:
    """The single lines (1) or polygons (3) in ``shapes``, and the kind of each; empty ones are none."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    right = (shapely.get_type_id(parts) == type_id) & ~shapely.is_empty(parts)
    return parts[right], kind[of[right]]


def _shapes(areas: AnyArray, crs: str) -> Shapes:
    if not len(areas):
        return no_shapes(crs)
    _, coords, (rings, parts, shapes) = shapely.to_ragged_array(areas)
    return Shapes(coords[:, :2], rings.astype(np.int64), parts.astype(np.int64), shapes.astype(np.int64), crs)


def _lines(lines: AnyArray, crs: str) -> Lines:
    if not len(lines):
        return no_lines(crs)
    _, coords, (starts,) = shapely.to_ragged_array(lines)
    return Lines(coords[:, :2], starts.astype(np.int64), crs)
