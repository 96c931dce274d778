"""One pass through an OpenStreetMap file: the ways one may walk, and what a map shows. Nothing is measured here.

Python sees each way once and puts its vertices into flat arrays; everything after that is numpy's.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

from utopias.domain.arrays import AnyArray, Floats, Ints, Longs
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.territory.file_kinds import refuse_disguised
from utopias.territory.osm_front import Told, front_of
from utopias.territory.osm_tags import (
    area_kind,
    is_closed_door,
    is_off_ground,
    is_plaza,
    is_steps,
    kind_of,
    line_kind,
    place_rank,
    why_closed,
)

SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
GRAIN = 1e-7  # degrees: OpenStreetMap keeps whole numbers of it
WAY_MARGIN, AREA_MARGIN = 0.25, 1.0  # degrees: 28 and 111 km from north to south
UNKNOWN = 2**31 - 1  # what osmium gives for the place of a node that the file does not hold
_KEYS = ("highway", "railway", "waterway", "natural", "landuse", "leisure", "place", "barrier", "route")


def is_osm(path: str | Path) -> bool:
    """Whether a file is OpenStreetMap's, by its name: ``.osm.pbf``, ``.pbf``, ``.osm``, also packed with gz or bz2."""
    return Path(path).name.lower().endswith(SUFFIXES)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a town lies, in degrees: of a country's file the rest is passed over while it is read.

    A way is far where its first and its last vertex lie on one and the same side, more than ``WAY_MARGIN``
    beyond the frame: it would have to be a detour of over 50 km to come near, as no street is. A surface is
    far where the first vertex of each of its outlines lies more than ``AREA_MARGIN`` beyond.
    """

    west: float
    south: float
    east: float
    north: float

    def widened(self, margin: float) -> tuple[int, int, int, int]:
        """West, south, east, north with so many degrees around, in whole GRAIN."""
        west, south, east, north = self.west - margin, self.south - margin, self.east + margin, self.north + margin
        return round(west / GRAIN), round(south / GRAIN), round(east / GRAIN), round(north / GRAIN)


@dataclass(slots=True)
class Ways:
    """(w,) ways as they are drawn: node, longitude and latitude of each vertex in turn, one tuple of words a way."""

    nodes: array[int] = field(default_factory=lambda: array("q"))
    east: array[int] = field(default_factory=lambda: array("i"))
    north: array[int] = field(default_factory=lambda: array("i"))
    ends: array[int] = field(default_factory=lambda: array("q", [0]))
    words: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, nodes: Iterable[Any], words: tuple[Any, ...]) -> None:
        """One more way; ``nodes`` are osmium's, valid only now."""
        for node in nodes:
            self.nodes.append(node.ref)
            self.east.append(node.x)
            self.north.append(node.y)
        self.ends.append(len(self.nodes))
        self.words.append(words)

    def __len__(self) -> int:
        return len(self.words)

    def arrays(self) -> tuple[Longs, Ints, Ints, Longs]:
        """Nodes, longitudes and latitudes (whole GRAIN) of all vertices; (w + 1,) where each way starts."""
        return (
            np.array(self.nodes, dtype=np.int64),
            np.array(self.east, dtype=np.int32),
            np.array(self.north, dtype=np.int32),
            np.array(self.ends, dtype=np.int64),
        )


@dataclass(slots=True)
class OsmFile:
    """What a file holds for us, in degrees.

    walks : ways one may walk; words are (kind, name, surface, steps, off the ground,
        and what ``osm_front`` reads).
    closed : how many highways were left out, by reason. plazas : how many of ``walks`` are surfaces.
    doors : nodes that are closed doors. drawn : lines for the map; words are (kind,).
    areas, area_kinds : outlines for the map. labels : (rank, name, longitude, latitude).
    date : of the data, ISO 8601, where the file says it.
    far : how many highways were passed over, as no street of the town; far_frame : where they begin, in degrees.
    """

    walks: Ways = field(default_factory=Ways)
    closed: Counter[str] = field(default_factory=Counter)
    plazas: int = 0
    doors: array[int] = field(default_factory=lambda: array("q"))
    drawn: Ways = field(default_factory=Ways)
    areas: list[Any] = field(default_factory=list)
    area_kinds: list[str] = field(default_factory=list)
    labels: list[tuple[int, str, float, float]] = field(default_factory=list)
    date: str = ""
    far: int = 0
    far_frame: tuple[float, float, float, float] = (math.inf, math.inf, -math.inf, -math.inf)

    def count_far(self, lon: float, lat: float) -> None:
        """One more highway that begins here and is passed over."""
        self.far += 1
        west, south, east, north = self.far_frame
        self.far_frame = min(west, lon), min(south, lat), max(east, lon), max(north, lat)

    def outlines(self) -> AnyArray:
        """(a,) multipolygons in degrees."""
        shapes: AnyArray = np.asarray(shapely.from_wkb(self.areas), dtype=object)
        return shapes


def read_osm_file(path: str | Path, frame: Frame | None = None) -> OsmFile:
    """Read the walkable ways, and what a map shows, of a file that ``is_osm``.

    frame : where the town lies; what is far from it is passed over. None reads everything.

    Raises
    ------
    TableError : ``no-such-file``, ``empty-file``; ``broken-osm``: it is cut short, or no OpenStreetMap file.
    """
    file = Path(path)
    if not file.is_file():
        raise TableError(
            Fault("no-such-file", Sentence("there is no file {file}", file=file.name), str(file), "mend the path")
        )
    refuse_disguised(file)
    if file.stat().st_size == 0:
        raise TableError(
            Fault("empty-file", Sentence("{file} is empty", file=file.name), str(file), "export or fetch it again")
        )
    read = OsmFile()
    try:
        _read(file, read, frame)
    except RuntimeError as error:
        raise TableError(
            Fault(
                code="broken-osm",
                what=Sentence("{file} is cut short, or is no OpenStreetMap file: {error}", file=file.name, error=error),
                where=str(file),
                mend="fetch it again and compare its size; its name must end in .osm.pbf, .pbf or .osm as its content does",
            )
        ) from None
    return read


def _read(file: Path, read: OsmFile, frame: Frame | None) -> None:
    wanted = osmium.filter.KeyFilter(*_KEYS)
    surfaces = osmium.filter.KeyFilter("highway", "natural", "waterway", "landuse", "leisure")
    shapes = osmium.geom.WKBFactory()
    through = osmium.FileProcessor(str(file)).with_locations().with_areas(surfaces).with_filter(wanted)
    read.date = through.header.get("osmosis_replication_timestamp") or through.header.get("timestamp") or ""
    sieve = None if frame is None else _Sieve(frame, read)
    for thing in through:
        if sieve is not None and sieve.passes_over(thing):
            continue
        tags = dict(thing.tags)
        if isinstance(thing, osmium.osm.Way):
            _way(thing, tags, read)
        elif isinstance(thing, osmium.osm.Area):
            _area(thing, tags, read, shapes)
        elif isinstance(thing, osmium.osm.Node):
            _node(thing, tags, read)


class _Sieve:
    """Tells a way, a surface or a node far outside the frame, and counts the highways that are."""

    def __init__(self, frame: Frame, read: OsmFile) -> None:
        self.read = read
        self.lines, self.areas = frame.widened(WAY_MARGIN), frame.widened(AREA_MARGIN)

    def passes_over(self, thing: Any) -> bool:
        if isinstance(thing, osmium.osm.Way):
            nodes = thing.nodes
            if not len(nodes):
                return False
            first, last = nodes[0], nodes[-1]
            if not _both_beyond(first.x, first.y, last.x, last.y, self.lines):
                return False
            if "highway" in thing.tags:
                self.read.count_far(first.x * GRAIN, first.y * GRAIN)
            return True
        if isinstance(thing, osmium.osm.Area):
            starts = [(ring[0].x, ring[0].y) for ring in thing.outer_rings() if len(ring)]
            return bool(starts) and all(_both_beyond(x, y, x, y, self.areas) for x, y in starts)
        if isinstance(thing, osmium.osm.Node):
            x, y = thing.location.x, thing.location.y
            return _both_beyond(x, y, x, y, self.lines)
        return False


def _both_beyond(x: int, y: int, x2: int, y2: int, frame: tuple[int, int, int, int]) -> bool:
    """Whether two places lie on one and the same side of a frame; a place that is not known lies nowhere."""
    west, south, east, north = frame
    if (x < west and x2 < west) or (y < south and y2 < south):
        return True
    return ((x > east and x2 > east) or (y > north and y2 > north)) and UNKNOWN not in (x, x2)


def _way(way: Any, tags: Mapping[str, str], read: OsmFile) -> None:
    if "highway" in tags or tags.get("route") == "ferry":
        reason = why_closed(tags)
        if reason:
            read.closed[reason] += 1
        else:
            read.walks.add(way.nodes, _words(tags))
            read.plazas += is_plaza(tags) and way.is_closed()
    kind = line_kind(tags)
    if kind:
        read.drawn.add(way.nodes, (kind,))


def _area(area: Any, tags: Mapping[str, str], read: OsmFile, shapes: Any) -> None:
    kind = area_kind(tags)
    if kind:
        try:
            read.areas.append(bytes.fromhex(shapes.create_multipolygon(area)))
        except RuntimeError:  # an outline without a place; the map lacks it, no distance does
            return
        read.area_kinds.append(kind)
    if "highway" in tags and not area.from_way() and not why_closed(tags):
        for outer in area.outer_rings():
            read.walks.add(outer, _words(tags))
            for inner in area.inner_rings(outer):
                read.walks.add(inner, _words(tags))
        read.plazas += 1


def _node(node: Any, tags: Mapping[str, str], read: OsmFile) -> None:
    if is_closed_door(tags):
        read.doors.append(node.id)
    rank = place_rank(tags)
    if rank >= 0:
        read.labels.append((rank, tags["name"], node.lon, node.lat))


def _words(tags: Mapping[str, str]) -> tuple[str, str, str, bool, bool, Told]:
    return (
        kind_of(tags),
        tags.get("name", ""),
        tags.get("surface", ""),
        is_steps(tags),
        is_off_ground(tags),
        front_of(tags),
    )


def degrees(whole: Ints) -> Floats:
    """Longitudes or latitudes from whole numbers of GRAIN."""
    read: Floats = whole.astype(np.float64) * GRAIN
    return read
