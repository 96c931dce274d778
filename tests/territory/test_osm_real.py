"""São Paulo's centre and Porto as OpenStreetMap has them, against counts and programs of other hands."""

from __future__ import annotations

import time
from array import array
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import pyproj
import pytest

from tests.shared_data import shared_data
from utopias.domain.streets import Streets
from utopias.territory.ledger import Ledger, Note
from utopias.territory.osm import read_osm
from utopias.territory.osm_tags import is_closed_door, why_closed

pytestmark = pytest.mark.real_data

SAO_PAULO = ("sao_paulo", "spo_osm.pbf"), "EPSG:32723"
PORTO = ("streets", "porto_portugal.osm.pbf"), "EPSG:32629"
# Of the data pack's own README: highway ways, their nodes, and their segments, before any rule of walking.
COUNTED = {"sao_paulo": (6_000, 22_044, 25_432), "streets": (51_349, 347_182, 375_612)}


@dataclass(frozen=True)
class City:
    """A file read by us, and the same file read by osmium and networkx alone."""

    path: Path
    crs: pyproj.CRS
    streets: Streets
    notes: dict[str, Note]
    seconds: float
    highways: list[list[int]]
    walked: list[list[int]]
    witness: nx.Graph


@pytest.fixture(scope="module", params=[SAO_PAULO, PORTO], ids=["sao-paulo", "porto"])
def city(request: pytest.FixtureRequest) -> City:
    parts, crs = request.param
    path, ledger, system = shared_data(*parts), Ledger(), pyproj.CRS(crs)
    before = time.process_time()
    streets = read_osm(path, system, ledger).streets
    seconds = time.process_time() - before
    ways = osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))
    read = [([node.ref for node in way.nodes], why_closed(dict(way.tags))) for way in ways]
    walked = [nodes for nodes, reason in read if not reason]
    witness: nx.Graph = nx.Graph(pair for nodes in walked for pair in pairwise(nodes))
    return City(
        path,
        system,
        streets,
        {note.code: note for note in ledger.notes},
        seconds,
        [nodes for nodes, _ in read],
        walked,
        witness,
    )


def test_the_highways_of_the_file_are_those_that_the_pack_counted(city: City) -> None:
    ways, nodes, segments = COUNTED[city.path.parent.name]
    assert len(city.highways) == ways
    assert len({node for way in city.highways for node in way}) == nodes
    assert sum(len(way) - 1 for way in city.highways) == segments


def test_every_highway_is_walked_or_counted_with_its_reason(city: City) -> None:
    closed = city.notes["osm-closed"]
    assert len(city.walked) + closed.count == len(city.highways)
    assert sum(closed.values.values()) == closed.count


def test_the_network_hangs_together_as_networkx_says(city: City) -> None:
    ours: nx.Graph = nx.Graph(zip(city.streets.tail.tolist(), city.streets.head.tolist(), strict=True))
    pieces = city.notes["osm-pieces"].count
    assert pieces == nx.number_connected_components(ours)
    parted = pieces - nx.number_connected_components(city.witness)
    assert 0 <= parted <= 3 * city.notes["osm-doors"].count, "only closed gates part what shares a node"


def test_every_junction_has_the_degree_of_its_node(city: City) -> None:
    ids, lon, lat = array("q"), array("d"), array("d")
    for node in osmium.FileProcessor(str(city.path), osmium.osm.NODE):
        ids.append(node.id)
        lon.append(node.location.lon)
        lat.append(node.location.lat)
    x, y = pyproj.Transformer.from_crs("OGC:CRS84", city.crs, always_xy=True).transform(lon, lat)
    spots = np.rint(np.column_stack([x, y]) * 100)
    _, number, alone = np.unique(spots, axis=0, return_inverse=True, return_counts=True)
    steps = np.array([pair for way in city.walked for pair in pairwise(way) if pair[0] != pair[1]]).ravel()
    degree = np.bincount(np.searchsorted(ids, steps), minlength=len(ids))
    ends = np.bincount(np.concatenate([city.streets.tail, city.streets.head]), minlength=len(city.streets.x))
    place = {
        tuple(spot): at for at, spot in enumerate(np.rint(np.column_stack([city.streets.x, city.streets.y]) * 100))
    }
    shut = doors(city.path)
    checked = 0
    for at in np.flatnonzero((degree > 0) & (alone[number] == 1)):
        if ids[at] in shut:
            continue
        junction = place.get(tuple(spots[at]))
        assert degree[at] == (2 if junction is None else ends[junction]), f"node {ids[at]}"
        checked += junction is not None
    assert checked > 0.99 * len(ends)


def doors(path: Path) -> set[int]:
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(osmium.filter.KeyFilter("barrier"))
    return {node.id for node in nodes if is_closed_door(dict(node.tags))}


def test_lengths_are_those_on_the_ellipsoid_within_a_thousandth(city: City) -> None:
    crs, streets = city.crs, city.streets
    longitude, latitude = pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True).transform(
        *streets.lines.coords.T
    )
    earth = pyproj.Geod(ellps="WGS84")
    _, _, step = earth.inv(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:])
    along = np.concatenate([[0.0], np.cumsum(step)])
    truth = along[streets.lines.starts[1:] - 1] - along[streets.lines.starts[:-1]]
    assert np.abs(streets.length - truth).max() <= max(1e-3 * truth.max(), 0.01)
    long = truth > 1.0
    assert np.abs(streets.length[long] / truth[long] - 1.0).max() < 1e-3
    assert streets.length.sum() == pytest.approx(truth.sum(), rel=1e-3)


def test_every_stretch_between_two_nodes_is_walked_in_exactly_one_edge(city: City) -> None:
    stretches = sum(a != b for way in city.walked for a, b in pairwise(way))
    assert int((np.diff(city.streets.lines.starts) - 1).sum()) == stretches


def test_it_is_read_in_seconds(city: City) -> None:
    assert city.seconds < 15, f"{city.path.name}: {city.seconds:.1f} s of processor time; the promise for Porto is 15 s"
