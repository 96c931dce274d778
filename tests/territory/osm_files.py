"""Small OpenStreetMap files for tests: nodes in metres from a corner of São Paulo, written by osmium itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import osmium
import pyproj
from osmium.osm.mutable import Node, Relation, Way

UTM = pyproj.CRS("EPSG:32723")
CORNER = (330_000.0, 7_390_000.0)
_BACK = pyproj.Transformer.from_crs(UTM, "OGC:CRS84", always_xy=True)

Tags = Mapping[str, str]


def degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a point so many metres east and north of the corner."""
    longitude, latitude = _BACK.transform(CORNER[0] + x, CORNER[1] + y)
    return longitude, latitude


def write_osm(
    path: Path,
    nodes: Mapping[int, tuple[float, float]],
    ways: Sequence[tuple[Sequence[int], Tags]],
    *,
    tags: Mapping[int, Tags] | None = None,
    outlines: Sequence[tuple[Sequence[tuple[int, str]], Tags]] = (),
) -> Path:
    """Write nodes (metres from the corner), ways (numbered from 1) and multipolygons of ways.

    A way may name nodes that are not among ``nodes``: that is how an extract looks at its edge.
    """
    writer = osmium.SimpleWriter(str(path), overwrite=True)
    for number, (x, y) in sorted(nodes.items()):
        writer.add_node(Node(id=number, location=degrees(x, y), tags=(tags or {}).get(number, {})))
    for number, (course, words) in enumerate(ways, 1):
        writer.add_way(Way(id=number, nodes=list(course), tags=dict(words)))
    for number, (members, words) in enumerate(outlines, 1):
        listed = [("w", way, role) for way, role in members]
        writer.add_relation(Relation(id=number, members=listed, tags={"type": "multipolygon", **words}))
    writer.close()
    return path
