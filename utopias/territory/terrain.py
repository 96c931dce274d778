"""The relief of the ground: heights of junctions from a raster, and what each street climbs.

A raster of heights is read where the streets are, in whatever reference system it has. What it
does not know stays not known: such a street counts as flat, and how many there are is told.
A bridge or a tunnel takes its height from where it lands (see ``bridges``); heights within a street (a hump
between two junctions) are not seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from utopias.domain.arrays import Bools, Floats, Ints
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.domain.streets import Streets
from utopias.territory.bridges import climbs, deck_of, is_lift, lifted_junctions, spanned
from utopias.territory.file_kinds import refuse_disguised
from utopias.territory.ledger import Ledger, Note
from utopias.territory.reference import read_crs, same_crs, to_degrees

STRIP = 1024  # rows of the raster held at once
LOWEST, HIGHEST = (
    -500.0,
    9_000.0,
)  # metres; the shore of the Dead Sea is at -430, Everest at 8,849: all else marks "no data"
STEEPEST = 1.0  # rise over length that a street may have: 45 degrees, as network/effort has it
SHORT_OF = 0.999  # of the steepest, so that rounding in a file does not pass it
ROUNDS = 500  # of smoothing; a street that is still too steep after them is cut to the steepest
SMALLEST = 1e-6  # metres of a slope too much that are none
METRES = ("", "m", "metre", "metres", "meter", "meters")


@dataclass(frozen=True, eq=False)
class Heights:
    """(n,) metres at points, NaN where not known, and why: outside the raster, no data there, or at the limit of its type."""

    metres: Floats
    outside: Bools
    empty: Bools
    saturated: Bools


def with_heights(
    streets: Streets, raster: str | Path, crs: pyproj.CRS, ledger: Ledger, *, off_ground: Bools | None = None
) -> Streets:
    """The same streets with ``rise`` from the heights of a raster, where it was not known.

    Parameters
    ----------
    raster : one band of heights in metres (GeoTIFF or what else GDAL reads), with a reference system.
    crs : of the streets, in metres.
    off_ground : (e,) edges on bridges and in tunnels, beside those whose class says so. A junction strictly on
        such a deck has its height from where the deck lands, not from the ground below. A lift has no rise;
        stairs to a deck are never the reason to move its heights, and climb at most 45 degrees.

    Notes: ``terrain`` (edges with heights), ``terrain-partial``, ``terrain-nodata``, ``terrain-saturated`` (junctions without),
    ``terrain-bridges``, ``terrain-smoothed`` (edges that would have climbed more than 45 degrees).

    Raises
    ------
    TableError : ``no-such-file``, ``not-a-raster``, ``no-crs``, ``not-heights``, ``terrain-elsewhere``, ``terrain-empty``,
        ``terrain-saturated``.
    """
    path = Path(raster)
    found = _read(path, streets.x, streets.y, crs)
    deck = deck_of(streets, off_ground)
    lifted = lifted_junctions(streets, deck)
    height = spanned(found.metres, lifted, deck, streets)
    wanted = np.isnan(streets.rise) & ~is_lift(streets)
    to_deck = climbs(streets) & (lifted[streets.tail] | lifted[streets.head])
    height, steep = smoothed(height, streets.tail, streets.head, streets.length, wanted & ~to_deck)
    climb = height[streets.head] - height[streets.tail]
    known = wanted & ~np.isnan(climb)
    limit = STEEPEST * SHORT_OF * streets.length
    steep |= known & to_deck & (np.abs(climb) > limit)
    _tell(found, lifted, known, steep, path.name, ledger)
    return replace(streets, rise=np.where(known, np.clip(climb, -limit, limit), streets.rise))


def smoothed(height: Floats, tail: Ints, head: Ints, length: Floats, wanted: Bools) -> tuple[Floats, Bools]:
    """Heights between which no wanted edge climbs more than 45 degrees, and (e,) the edges that did.

    A street two metres long across the edge of a cell can climb five: its ends are moved towards each
    other by what is too much, in equal parts, at every junction by the mean of what its edges ask; again,
    until none asks. Junctions of other edges stay where they are. NaN stays NaN.

    Source
    ------
    Simultaneous projections onto convex sets (Cimmino 1938, La Ricerca Scientifica 9:326-333).
    """
    height = height.copy()
    most = STEEPEST * SHORT_OF * length
    steep = np.zeros(len(tail), dtype=bool)
    near = np.flatnonzero(wanted & ~np.isnan(height[tail]) & ~np.isnan(height[head]) & (tail != head))
    for turn in range(ROUNDS):
        climb = height[head[near]] - height[tail[near]]
        excess = np.sign(climb) * np.maximum(np.abs(climb) - most[near], 0.0)
        over = np.abs(excess) > SMALLEST
        if turn == 0:
            steep[near[over]] = True
        if not over.any():
            break
        low, high, half = tail[near[over]], head[near[over]], excess[over] / 2
        asked = np.bincount(np.concatenate([low, high]), minlength=len(height))
        moved = np.bincount(np.concatenate([low, high]), weights=np.concatenate([half, -half]), minlength=len(height))
        height += np.divide(moved, asked, out=np.zeros(len(height)), where=asked > 0)
    return height, steep


def _read(path: Path, x: Floats, y: Floats, crs: pyproj.CRS) -> Heights:
    """The heights of a file at points. Raises as ``with_heights`` does."""
    import rasterio  # 0.1 s, and only who has a raster pays for it

    where = str(path)
    with _opened(path) as data:
        own = _must_be_heights(data, path)
        points = _moved(x, y, crs, own)
        try:
            found = heights_at(data, *points)
        except rasterio.errors.RasterioError:
            mend = "the file is cut or damaged: fetch it again"
            raise TableError(
                Fault("not-a-raster", Sentence("{file} ends inside its heights", file=path.name), where, mend)
            ) from None
        if found.outside.all():
            raise TableError(_elsewhere(data, own, x, y, crs, path))
    if np.isnan(found.metres).all():
        code, what = "terrain-empty", Sentence("{file} has no height at any junction", file=path.name)
        if found.saturated.any():
            code, what = (
                "terrain-saturated",
                Sentence("every height of {file} is the largest its type can hold", file=path.name),
            )
        raise TableError(Fault(code, what, where, "give heights in metres, stored as int16 or float32"))
    return found


def must_be_heights(raster: str | Path) -> None:
    """What is wrong with a raster by itself, where no street asks for its heights: raises as ``with_heights`` does.

    Its last row is read: a file cut short ends before it.
    """
    import rasterio

    path = Path(raster)
    with _opened(path) as data:
        _must_be_heights(data, path)
        try:
            data.read(1, window=((data.height - 1, data.height), (0, data.width)))
        except rasterio.errors.RasterioError:
            mend = "the file is cut or damaged: fetch it again"
            raise TableError(
                Fault("not-a-raster", Sentence("{file} ends inside its heights", file=path.name), str(path), mend)
            ) from None


def _opened(path: Path) -> Any:
    """The raster, open. Raises TableError: ``no-such-file``, ``spreadsheet``, ``web-page``, ``not-a-raster``."""
    import rasterio

    where = str(path)
    if not path.exists():
        raise TableError(
            Fault("no-such-file", Sentence("there is no file {file}", file=path.name), where, "mend the path")
        )
    if path.is_file():
        refuse_disguised(path)
    try:
        return rasterio.open(path)
    except rasterio.errors.RasterioError:
        mend = "give a GeoTIFF, or another raster that GDAL reads; fetch it again if it is cut"
        raise TableError(
            Fault("not-a-raster", Sentence("{file} cannot be read as a raster", file=path.name), where, mend)
        ) from None


def _must_be_heights(data: Any, path: Path) -> pyproj.CRS:
    """The raster's system; every fault of what it is at once."""
    faults = []
    if data.count >= 3:
        mend = "give one band of heights in metres"
        faults.append(
            Fault(
                "not-heights",
                Sentence("{file} has {count} bands, like a picture", file=path.name, count=data.count),
                str(path),
                mend,
            )
        )
    unit = (data.units[0] or "").lower()
    if unit not in METRES:
        faults.append(
            Fault(
                "not-heights",
                Sentence("the heights of {file} are in {units!r}", file=path.name, units=data.units[0]),
                str(path),
                "bring them to metres",
            )
        )
    if data.crs is None:
        mend = "write it into the file: gdal_edit.py -a_srs EPSG:32614 FILE"
        faults.append(
            Fault(
                "no-crs",
                Sentence("{file} does not say in which reference system it is", file=path.name),
                str(path),
                mend,
            )
        )
    if faults:
        raise TableError(faults)
    return read_crs(data.crs.to_wkt(), path.name)


def heights_at(data: Any, x: Floats, y: Floats) -> Heights:
    """Heights of an open raster at points in its own system, bilinear between the middles of four cells.

    Where some of the four have no data, the others are weighed alone, if they weigh at least half. A cell
    at the largest value of its whole-number type is no height (saturated); nor is one that no place on Earth has.
    """
    back = ~data.transform
    column, row = back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f
    inside = (column >= 0) & (column <= data.width) & (row >= 0) & (row <= data.height)  # not-finite is outside
    metres = np.full(len(x), np.nan)
    empty, full = np.zeros(len(x), dtype=bool), np.zeros(len(x), dtype=bool)
    column, row = column - 0.5, row - 0.5  # of the middles of cells
    top = np.full(len(x), -1)
    top[inside] = np.clip(np.floor(row[inside]), 0, data.height - 1).astype(np.int64)
    for start in range(0, data.height, STRIP):
        here = np.flatnonzero(inside & (top >= start) & (top < start + STRIP))
        if len(here):
            cells, saturated = _strip(data, start, min(start + STRIP + 1, data.height))
            metres[here], full[here] = _between(cells, saturated, column[here], row[here] - start)
    empty = inside & np.isnan(metres) & ~full
    return Heights(metres, ~inside, empty, full)


def _strip(data: Any, start: int, stop: int) -> tuple[Floats, Bools]:
    """Rows ``start`` to ``stop`` in metres, NaN where nothing is known, and which cells are at their type's limit."""
    raw = data.read(1, window=((start, stop), (0, data.width)), masked=True)
    mask = np.ma.getmaskarray(raw)
    stored = raw.data
    full = np.zeros(stored.shape, dtype=bool)
    if stored.dtype.kind in "iu":
        full = ~mask & (stored == np.iinfo(stored.dtype).max)
    cells = stored.astype(np.float64) * data.scales[0] + data.offsets[0]
    cells[mask | full | ~(cells >= LOWEST) | ~(cells <= HIGHEST)] = np.nan
    return cells, full


def _between(cells: Floats, full: Bools, column: Floats, row: Floats) -> tuple[Floats, Bools]:
    """Bilinear between four cells; whether what is missing there is missing for being at the limit."""
    left, top = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
    right_share, low_share = column - left, row - top
    total, weight, limit = np.zeros(len(column)), np.zeros(len(column)), np.zeros(len(column), dtype=bool)
    for down, by_row in ((0, 1 - low_share), (1, low_share)):
        for along, by_column in ((0, 1 - right_share), (1, right_share)):
            at = (np.clip(top + down, 0, cells.shape[0] - 1), np.clip(left + along, 0, cells.shape[1] - 1))
            share, value = by_row * by_column, cells[at]
            there = ~np.isnan(value)
            total += np.where(there, value, 0.0) * share
            weight += np.where(there, share, 0.0)
            limit |= full[at] & (share > 0)
    known = weight >= 0.5
    metres = np.divide(total, weight, out=np.full(len(column), np.nan), where=known)
    return metres, limit & ~known


def _moved(x: Floats, y: Floats, source: pyproj.CRS, target: pyproj.CRS) -> tuple[Floats, Floats]:
    if same_crs(source, target):
        return x, y
    moved = pyproj.Transformer.from_crs(source, target, always_xy=True).transform(x, y)
    return np.asarray(moved[0], dtype=np.float64), np.asarray(moved[1], dtype=np.float64)


def _elsewhere(data: Any, own: pyproj.CRS, x: Floats, y: Floats, crs: pyproj.CRS, path: Path) -> Fault:
    """A raster that lies where no street is: both middles, in degrees."""
    box = data.bounds
    there = to_degrees(np.array([(box.left + box.right) / 2]), np.array([(box.bottom + box.top) / 2]), own)
    here = to_degrees(np.array([np.median(x)]), np.array([np.median(y)]), crs)
    spots = [f"{float(lat[0]):.2f}, {float(lon[0]):.2f}" for lon, lat in (there, here)]
    return Fault(
        code="terrain-elsewhere",
        what=Sentence(
            "{file} lies around {spots} (latitude, longitude), the streets around {spots_2}",
            file=path.name,
            spots=spots[0],
            spots_2=spots[1],
        ),
        where=str(path),
        mend="give the raster of the town, or mend its reference system",
    )


def _tell(found: Heights, lifted: Bools, known: Bools, steep: Bools, where: str, ledger: Ledger) -> None:
    """What was found, and at how many junctions nothing was, for which reason."""
    junctions = {"junctions": len(found.metres)}
    edges = {"edges": len(known)}
    count = int(known.sum())
    told = [Note("terrain", f"{count:,} of {len(known):,} edges have heights", where, count, values=edges)]
    count = int(found.outside.sum())
    told.append(Note("terrain-partial", f"{count:,} junctions lie outside", where, count, values=junctions))
    count = int(found.empty.sum())
    told.append(Note("terrain-nodata", f"{count:,} junctions lie where it has no data", where, count, values=junctions))
    count = int(found.saturated.sum())
    told.append(Note("terrain-saturated", f"{count:,} junctions lie at the limit of its type", where, count, values=junctions))  # fmt: skip
    count = int(lifted.sum())
    told.append(
        Note("terrain-bridges", f"{count:,} junctions on bridges or in tunnels, between their ends", where, count)
    )
    count = int((steep & known).sum())
    told.append(Note("terrain-smoothed", f"{count:,} edges climbed more than 45 degrees", where, count, values=edges))
    ledger.notes += [note for note in told if note.count or note.code == "terrain"]
