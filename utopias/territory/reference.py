"""Reference systems: read as written, never guessed, and checked against the coordinates themselves.

Degrees in a system of metres, longitude and latitude exchanged, a file in the neighbour's zone:
each looks like a place in the sea, and is a fault here rather than an empty map later.
"""

from __future__ import annotations

import math

import numpy as np
import pyproj
import shapely

from utopias.domain.arrays import AnyArray, Bools, Floats
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence

# Degrees around a system's official area within which it is still in honest use: half a UTM zone,
# as cities on a zone's edge keep one zone for all of their ground.
AREA_MARGIN = 3.0
MOST_DEGREES = 1_000.0  # a number over this is no degree, however wrong
MEND_CRS = 'say in the column file in which system they are written: crs = "EPSG:4326" (degrees), "EPSG:32614", ...'
MEND_PRJ = 'copy the .prj that came beside the .shp, or say it in the column file: crs = "EPSG:6372" (INEGI), "EPSG:4326" (degrees), ...'


def read_crs(text: object, where: str) -> pyproj.CRS:
    """A reference system from an EPSG code or WKT.

    Raises
    ------
    TableError : ``unknown-crs``.
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        raise TableError(
            Fault(
                "unknown-crs",
                Sentence("{text!r} is no reference system", text=text),
                where,
                'write its EPSG code: "EPSG:32614"',
            )
        ) from None


def metre_crs(text: object, where: str = "crs") -> pyproj.CRS:
    """A projected system in metres, as a town needs. Raises TableError: ``unknown-crs``, ``crs-not-in-metres``."""
    crs = read_crs(text, where)
    if not crs.is_projected or any(axis.unit_name not in ("metre", "meter") for axis in crs.axis_info[:2]):
        raise TableError(
            Fault(
                code="crs-not-in-metres",
                what=Sentence("{name_of} does not measure in metres", name_of=name_of(crs)),
                where=where,
                mend='name a projected system for the town: the UTM zone, e.g. crs = "EPSG:32614"',
            )
        )
    return crs


def utm_zone(longitude: float, latitude: float) -> pyproj.CRS:
    """The UTM zone (WGS 84) a point of the earth falls in; the regular six degrees, no northern exceptions."""
    zone = min(math.floor((longitude + 180.0) / 6.0) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)


def same_crs(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    """Whether two systems put the same numbers, x first, at the same spot; an EPSG code is not needed."""
    if one.equals(other, ignore_axis_order=True):
        return True
    codes = one.to_epsg(min_confidence=90), other.to_epsg(min_confidence=90)
    return codes[0] is not None and codes[0] == codes[1]


def name_of(crs: pyproj.CRS) -> str:
    """``EPSG:32614`` where the system has a code, else its own name."""
    code = crs.to_authority(min_confidence=100)
    return ":".join(code) if code else str(crs.name)


def reproject(geometry: AnyArray, source: pyproj.CRS, target: pyproj.CRS) -> AnyArray:
    """(n,) shapely geometries of ``source`` in ``target``, x first in both; None stays None."""
    if same_crs(source, target):
        return geometry
    change = pyproj.Transformer.from_crs(source, target, always_xy=True)
    moved: AnyArray = shapely.transform(geometry, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1])))
    return moved


def to_degrees(x: Floats, y: Floats, crs: pyproj.CRS) -> tuple[Floats, Floats]:
    """Longitude and latitude (WGS 84) of points in ``crs``; inf where the system cannot say."""
    change = pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
    longitude, latitude = change.transform(x, y)
    return np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)


def faults_of_coordinates(x: Floats, y: Floats, crs: pyproj.CRS, where: str) -> list[Fault]:
    """What the coordinates say against their own reference system; at most one fault, the plainest.

    Parameters
    ----------
    x, y : (n,) one point a row (of a polygon: any vertex); rows that are not finite are passed over.

    Codes: ``swapped-axes``, ``degrees-in-metres``, ``metres-in-degrees``, ``zero-coordinates``, ``outside-crs``.
    """
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return []
    rows = np.flatnonzero(known)
    east, north = x[known], y[known]
    name = name_of(crs)

    def fault(code: str, bad: Bools, what: str, mend: str) -> list[Fault]:
        at = int(np.flatnonzero(bad)[0])
        return [
            Fault(
                code=code,
                what=Sentence("{count:,} of {total:,} {what}", count=int(bad.sum()), total=len(rows), what=what),
                where=where,
                mend=mend,
                count=int(bad.sum()),
                first=Sentence("row {row}: {east:.6g}, {north:.6g}", row=rows[at] + 1, east=east[at], north=north[at]),
            )
        ]

    small = (np.abs(east) <= 180) & (np.abs(north) <= 180)
    nought = (east == 0) & (north == 0)
    if nought.any():
        return fault("zero-coordinates", nought, "points lie at 0, 0: not known, but written as a number",
                     "leave both cells empty, or find the coordinates")  # fmt: skip
    if crs.is_projected and small.any():
        return fault(
            "degrees-in-metres",
            small,
            Sentence("coordinates look like degrees, but {name} counts metres", name=name),
            MEND_CRS,
        )
    outside = _outside(east, north, crs)
    if not outside.any():
        return []
    if not _outside(north[outside], east[outside], crs).any():
        return fault("swapped-axes", outside, Sentence("coordinates lie outside {name} and would lie inside the other way round", name=name),
                     "exchange x and y in the column file: x is the longitude or easting, y the latitude or northing")  # fmt: skip
    far = (np.abs(east) > MOST_DEGREES) | (np.abs(north) > MOST_DEGREES)
    if crs.is_geographic and far[outside].all():
        return fault(
            "metres-in-degrees",
            outside,
            Sentence("coordinates are no degrees, but {name} counts degrees", name=name),
            MEND_CRS,
        )
    return fault("outside-crs", outside, Sentence("coordinates lie outside the area {name} is made for", name=name),
                 "mend the coordinates, or say another crs")  # fmt: skip


def _outside(x: Floats, y: Floats, crs: pyproj.CRS) -> Bools:
    """(n,) whether a point cannot be, or is far from where the system is meant for."""
    area = crs.area_of_use
    if area is None:  # a system without a code: its nearest relative with one knows the area
        code = crs.to_epsg(min_confidence=25)
        area = pyproj.CRS.from_epsg(code).area_of_use if code else None
    if crs.is_geographic:
        longitude, latitude = x, y
    else:
        longitude, latitude = to_degrees(x, y, crs)
    bad: Bools = ~((np.abs(longitude) <= 180) & (np.abs(latitude) <= 90))
    if area is not None:
        west, east = area.west - AREA_MARGIN, area.east + AREA_MARGIN
        with np.errstate(invalid="ignore"):  # a longitude of no number is bad already
            turned = (longitude - west) % 360.0  # areas over the date line have east < west
        bad |= turned > ((east - west) % 360.0 if east - west < 360 else 360.0)
        bad |= (latitude < area.south - AREA_MARGIN) | (latitude > area.north + AREA_MARGIN)
    return bad
