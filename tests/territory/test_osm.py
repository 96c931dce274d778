"""Streets from OpenStreetMap: junctions where ways share a node, and every number from small drawn towns."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.territory.osm_files import CORNER, UTM, Tags, write_osm
from utopias.domain.errors import TableError
from utopias.domain.streets import Streets
from utopias.territory.ledger import Ledger, Note
from utopias.territory.osm import Box, read_osm
from utopias.territory.osm_file import is_osm

STREET = {"highway": "residential"}
# Two streets that cross at 3, one of them bent at 2:   1-2-3-4  and  5-3-6.
CROSS = {1: (0.0, 0.0), 2: (30.0, 40.0), 3: (100.0, 40.0), 4: (200.0, 40.0), 5: (100.0, 0.0), 6: (100.0, 90.0)}


def read(
    folder: Path,
    nodes: dict[int, tuple[float, float]],
    *ways: tuple[list[int], Tags],
    box: Box | None = None,
    **more: object,
) -> tuple[Streets, dict[str, Note]]:
    ledger = Ledger()
    path = write_osm(folder / "town.osm.pbf", nodes, ways, **more)  # type: ignore[arg-type]
    streets = read_osm(path, UTM, ledger, box=box).streets
    ledger.settle()
    return streets, {note.code: note for note in ledger.notes}


def corners(streets: Streets, edge: int) -> list[tuple[int, int]]:
    """The vertices of one edge, in whole metres from the corner."""
    course = streets.lines.coords[streets.lines.starts[edge] : streets.lines.starts[edge + 1]]
    return [(round(x - CORNER[0]), round(y - CORNER[1])) for x, y in course]


def test_ways_are_cut_where_they_share_a_node_and_nowhere_else(tmp_path: Path) -> None:
    streets, _ = read(tmp_path, CROSS, ([1, 2, 3, 4], STREET), ([5, 3, 6], STREET))
    assert len(streets.x) == 5, "the bend at node 2 is no junction"
    assert sorted(corners(streets, edge) for edge in range(4)) == [
        [(0, 0), (30, 40), (100, 40)], [(100, 0), (100, 40)], [(100, 40), (100, 90)], [(100, 40), (200, 40)],
    ]  # fmt: skip
    assert sorted(np.round(streets.length, 1)) == [40.0, 50.0, 100.0, 120.0]


def test_lines_that_cross_without_a_shared_node_do_not_meet(tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (50.0, -50.0), 4: (50.0, 50.0)}
    streets, notes = read(tmp_path, nodes, ([1, 2], STREET), ([3, 4], {"highway": "footway", "bridge": "yes"}))
    assert (len(streets.x), len(streets)) == (4, 2)
    assert notes["osm-pieces"].count == 2


def test_an_edge_runs_from_its_tail_to_its_head(tmp_path: Path) -> None:
    streets, _ = read(tmp_path, CROSS, ([1, 2, 3, 4], STREET), ([5, 3, 6], STREET))
    first, last = streets.lines.coords[streets.lines.starts[:-1]], streets.lines.coords[streets.lines.starts[1:] - 1]
    ends = np.column_stack([streets.x, streets.y])
    assert np.array_equal(first, ends[streets.tail])
    assert np.array_equal(last, ends[streets.head])


def test_an_edge_carries_the_words_of_its_way(tmp_path: Path) -> None:
    stairs = {"highway": "steps", "name": "Ladeira Porto Geral", "surface": "sett"}
    streets, _ = read(tmp_path, CROSS, ([1, 2, 3, 4], STREET | {"name": "Rua Direita"}), ([5, 3], stairs))
    told = sorted(zip(streets.kind, streets.name, streets.surface, streets.steps.tolist(), strict=True))
    assert told == [
        ("residential", "Rua Direita", "", False), ("residential", "Rua Direita", "", False),
        ("steps", "Ladeira Porto Geral", "sett", True),
    ]  # fmt: skip
    assert streets.foot.all()
    assert np.isnan(streets.rise).all()


def test_what_may_not_be_walked_is_left_out_counted_by_reason_and_joins_nothing(tmp_path: Path) -> None:
    streets, notes = read(
        tmp_path, CROSS, ([1, 2, 3, 4], STREET), ([5, 3], {"highway": "motorway"}), ([3, 6], {"highway": "construction"}),
        ([5, 6], {"highway": "footway", "foot": "no"}), ([1, 5], {"highway": "service", "access": "private"}),
        ([1, 6], {"route": "ferry", "foot": "yes"}), ([4, 6], {"highway": "cycleway"}), ([4, 5], {"highway": "rest_area"}),
        ([2, 6], {"highway": "service", "access": "bus"}),
    )  # fmt: skip
    assert len(streets) == 1, "node 3 is a junction of streets that nobody walks"
    assert notes["osm-closed"].count == 8
    assert notes["osm-closed"].values == {
        "fast": 1, "unbuilt": 1, "forbidden": 1, "private": 1, "vehicles": 1, "cycles": 1, "ferries": 1, "others": 1,
    }  # fmt: skip


def test_a_one_way_street_is_walked_both_ways(tmp_path: Path) -> None:
    there, _ = read(tmp_path, CROSS, ([1, 2, 3, 4], STREET | {"oneway": "yes"}))
    back, _ = read(tmp_path, CROSS, ([1, 2, 3, 4], STREET))
    assert np.array_equal(there.length, back.length)


def test_a_loop_with_one_way_in_is_one_edge_from_its_junction_to_itself(tmp_path: Path) -> None:
    streets, _ = read(tmp_path, CROSS, ([3, 4, 6, 3], STREET), ([5, 3], STREET))
    loop = int(np.flatnonzero(streets.tail == streets.head)[0])
    assert corners(streets, loop) == [(100, 40), (200, 40), (100, 90), (100, 40)]


def test_a_square_is_walked_along_its_edge_and_told(tmp_path: Path) -> None:
    square = {"highway": "pedestrian", "area": "yes", "name": "Praça da Sé"}
    streets, notes = read(tmp_path, CROSS, ([3, 4, 6, 3], square), ([5, 3], STREET))
    assert notes["osm-plazas"].count == 1
    assert streets.length[streets.kind == "pedestrian"].sum() == pytest.approx(100 + np.hypot(100, 50) + 50, rel=1e-3)


def test_a_square_drawn_as_a_relation_is_walked_along_its_outside_and_its_holes(tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (90.0, 0.0), 3: (90.0, 90.0), 4: (0.0, 90.0), 5: (30.0, 30.0), 6: (60.0, 30.0),
             7: (60.0, 60.0), 8: (200.0, 0.0)}  # fmt: skip
    rings = [([1, 2, 3], {}), ([3, 4, 1], {}), ([5, 6, 7, 5], {}), ([2, 8], STREET)]
    outline = [([(1, "outer"), (2, "outer"), (3, "inner")], {"highway": "pedestrian"})]
    streets, notes = read(tmp_path, nodes, *rings, outlines=outline)  # type: ignore[arg-type]
    assert notes["osm-plazas"].count == 1
    edge_of_square = streets.length[streets.kind == "pedestrian"].sum()
    assert edge_of_square == pytest.approx(360 + 60 + np.hypot(30, 30), rel=1e-3)
    assert notes["osm-pieces"].count == 2, "the street joins the outside; the hole stands apart"


def test_nobody_passes_a_private_gate_and_both_sides_reach_it(tmp_path: Path) -> None:
    gate = {3: {"barrier": "gate", "access": "private"}}
    streets, notes = read(tmp_path, CROSS, ([1, 2, 3, 4], STREET), ([5, 3, 6], STREET), tags=gate)
    assert notes["osm-doors"].count == 1
    assert notes["osm-pieces"].count == 4, "four arms end at the gate, and none goes on"
    assert sorted(np.round(streets.length, 1)) == [40.0, 50.0, 100.0, 120.0]


def test_an_open_gate_lets_everybody_through(tmp_path: Path) -> None:
    streets, notes = read(tmp_path, CROSS, ([1, 2, 3, 4], STREET), ([5, 3, 6], STREET), tags={3: {"barrier": "gate"}})
    assert notes["osm-pieces"].count == 1
    assert len(streets) == 4
    assert "osm-doors" not in notes


def test_a_way_ends_where_the_extract_does_not_hold_its_nodes(tmp_path: Path) -> None:
    streets, notes = read(tmp_path, CROSS, ([1, 2, 99, 3, 4], STREET), ([98, 5], STREET))
    assert sorted(corners(streets, edge) for edge in range(len(streets))) == [
        [(0, 0), (30, 40)],
        [(100, 40), (200, 40)],
    ]
    assert notes["osm-unknown-nodes"].count == 2


def test_a_node_named_twice_in_a_row_is_one(tmp_path: Path) -> None:
    streets, _ = read(tmp_path, CROSS, ([1, 1, 2, 3, 3, 4, 4], STREET))
    assert [corners(streets, edge) for edge in range(len(streets))] == [[(0, 0), (30, 40), (100, 40), (200, 40)]]


def test_two_nodes_at_one_spot_still_join_their_ways(tmp_path: Path) -> None:
    nodes = CROSS | {7: CROSS[4]}
    streets, notes = read(tmp_path, nodes, ([3, 4], STREET), ([4, 7], STREET), ([7, 6], STREET))
    assert notes["osm-pieces"].count == 1
    assert streets.length.min() == 0.0


def test_streets_far_from_every_block_are_left_out_and_told(tmp_path: Path) -> None:
    nodes = CROSS | {7: (3_300.0, 0.0), 8: (3_400.0, 0.0), 9: (-2_900.0, 0.0), 10: (-3_500.0, 0.0)}
    west, south = CORNER
    streets, notes = read(
        tmp_path, nodes, ([1, 2, 3, 4], STREET), ([7, 8], STREET), ([9, 10], STREET),
        box=Box(west, south, west + 200, south + 90),
    )  # fmt: skip
    assert len(streets) == 2, "what begins within 3 km is kept whole"
    assert (notes["osm-far"].count, notes["osm-far"].values["ways"]) == (1, 3)


def test_pieces_are_told_by_their_length_and_how_many_are_long(tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (6_000.0, 0.0), 3: (0.0, 50.0), 4: (3_000.0, 50.0), 5: (0.0, 90.0), 6: (990.0, 90.0)}
    _, notes = read(tmp_path, nodes, ([1, 2], STREET), ([3, 4], STREET), ([5, 6], STREET))
    pieces = notes["osm-pieces"]
    assert pieces.count == 3
    assert pieces.values["largest_share"] == pytest.approx(6_000 / 9_990, rel=1e-3)
    assert pieces.values["long"] == 1, "of the two that are cut off, one is longer than 1 km"
    assert pieces.values["kilometres"] == 10.0, "told to the tenth"


@pytest.mark.parametrize("suffix", [".osm", ".osm.pbf", ".pbf", ".osm.gz", ".osm.bz2"])
def test_xml_and_pbf_say_the_same(tmp_path: Path, suffix: str) -> None:
    assert is_osm(f"town{suffix.upper()}")
    path = write_osm(tmp_path / f"town{suffix}", CROSS, [([1, 2, 3, 4], STREET), ([5, 3, 6], STREET)])
    assert len(read_osm(path, UTM, Ledger()).streets) == 4


def fault_of(path: Path, box: Box | None = None) -> str:
    with pytest.raises(TableError) as error:
        read_osm(path, UTM, Ledger(), box=box)
    assert len(error.value.faults) == 1
    assert error.value.faults[0].mend
    return f"{error.value.codes[0]}: {error.value.faults[0].what}"


def test_a_file_cut_in_half_is_one_fault(tmp_path: Path) -> None:
    nodes = {n: (float(n % 60), float(n // 60)) for n in range(1, 4_000)}
    for suffix in (".osm.pbf", ".osm"):
        path = write_osm(tmp_path / f"whole{suffix}", nodes, [([n, n + 1], STREET) for n in range(1, 3_900)])
        half = tmp_path / f"half{suffix}"
        half.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert fault_of(half).startswith(f"broken-osm: half{suffix} is cut short, or is no OpenStreetMap file")


@pytest.mark.parametrize("name", ["roads.gpkg", "people.csv", "map.osm.zip", "pbf"])
def test_what_is_no_openstreetmap_by_its_name_is_left_to_other_readers(name: str) -> None:
    assert not is_osm(name)


@pytest.mark.parametrize("name", ["letter.osm.pbf", "letter.osm"])
def test_a_file_of_another_kind_is_one_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Dear town hall,\n" * 40)
    assert fault_of(tmp_path / name).startswith("broken-osm")


def test_an_empty_file_and_no_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.osm.pbf").touch()
    assert fault_of(tmp_path / "a.osm.pbf") == "empty-file: a.osm.pbf is empty"
    assert fault_of(tmp_path / "b.osm.pbf") == "no-such-file: there is no file b.osm.pbf"


def test_a_file_without_anything_to_walk_on_is_one_fault(tmp_path: Path) -> None:
    path = write_osm(
        tmp_path / "rail.osm.pbf", CROSS, [([1, 2], {"railway": "rail"}), ([1, 3], {"highway": "motorway"})]
    )
    assert fault_of(path) == "no-streets: rail.osm.pbf holds no way that may be walked"
    lost = write_osm(tmp_path / "lost.osm.pbf", CROSS, [([91, 92, 1], STREET)])
    assert fault_of(lost).startswith("no-streets")


def test_drafts_of_an_editor_are_refused_with_the_way_to_number_them(tmp_path: Path) -> None:
    (tmp_path / "draft.osm").write_text(
        '<osm version="0.6"><node id="-1" lat="1" lon="1"/><node id="2" lat="1.01" lon="1" version="1"/>'
        '<way id="-7"><nd ref="-1"/><nd ref="2"/><tag k="highway" v="footway"/></way></osm>'
    )
    assert fault_of(tmp_path / "draft.osm").startswith("draft-osm: 1 nodes of streets in draft.osm are drafts")


def test_a_file_of_another_city_says_where_both_lie(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "far.osm.pbf", CROSS, [([1, 2], STREET)])
    west, south = CORNER
    said = fault_of(path, Box(west + 90_000, south, west + 91_000, south + 1_000))
    assert said.startswith(
        "streets-elsewhere: no street of far.osm.pbf lies within 3 km of the blocks: it spans longitude -46.6"
    )


@pytest.mark.parametrize("longitude", [45, 133])  # a quarter and half around the earth: no number, and a wrong one
def test_streets_that_the_town_s_system_cannot_place_are_one_fault(tmp_path: Path, longitude: int) -> None:
    (tmp_path / "far.osm").write_text(
        f'<osm version="0.6"><node id="1" lat="0" lon="{longitude}"/><node id="2" lat="0.01" lon="{longitude}"/>'
        '<way id="7"><nd ref="1"/><nd ref="2"/><tag k="highway" v="footway"/></way></osm>'
    )
    assert fault_of(tmp_path / "far.osm").startswith(
        "streets-elsewhere: 2 of 2 nodes of far.osm lie outside the area EPSG:32723"
    )


@st.composite
def drawn(draw: st.DrawFn) -> list[list[int]]:
    """Ways over a grid of 30 nodes, with revisits, loops and shared stretches."""
    way = st.lists(st.integers(1, 30), min_size=2, max_size=9).filter(lambda nodes: len(set(nodes)) > 1)
    return draw(st.lists(way, min_size=1, max_size=8))


@settings(max_examples=60, deadline=None)
@given(drawn())
def test_any_drawing_keeps_its_length_its_ends_and_its_pieces(ways: list[list[int]]) -> None:
    nodes = {n: (float(n % 6) * 50, float(n // 6) * 50) for n in range(1, 31)}
    with TemporaryDirectory() as folder:
        streets, notes = read(Path(folder), nodes, *((way, STREET) for way in ways))
    steps = [(a, b) for way in ways for a, b in pairwise(way) if a != b]
    witness: nx.MultiGraph = nx.MultiGraph(steps)
    whole = sum(np.hypot(nodes[a][0] - nodes[b][0], nodes[a][1] - nodes[b][1]) for a, b in steps)
    assert streets.length.sum() == pytest.approx(whole, rel=1e-3)
    assert notes["osm-pieces"].count == nx.number_connected_components(witness)
    drawn_vertices = sum(len(corners(streets, edge)) - 1 for edge in range(len(streets)))
    assert drawn_vertices == len(steps), "every stretch between two nodes is in exactly one edge"
    degree = Counter(np.concatenate([streets.tail, streets.head]).tolist())
    kept = {(round(x - CORNER[0]), round(y - CORNER[1])): degree[at] for at, (x, y) in enumerate(zip(streets.x, streets.y, strict=True))}  # fmt: skip
    for node, ways_here in witness.degree():
        spot = (round(nodes[node][0]), round(nodes[node][1]))
        assert kept.get(spot, 2) == ways_here, "a junction has the degree of its node; a node that is none has two"


def test_what_is_far_in_a_countrys_file_is_passed_over_and_still_counted(tmp_path: Path) -> None:
    far = {20: (90_000.0, 0.0), 21: (90_100.0, 0.0), 22: (-90_000.0, 0.0), 23: (90_000.0, 90_000.0)}
    west, south = CORNER
    box = Box(west, south, west + 200, south + 90)
    ways = (([1, 2, 3, 4], STREET), ([20, 21], STREET), ([23, 20], STREET))
    alone, _ = read(tmp_path, CROSS, ([1, 2, 3, 4], STREET), box=box)
    streets, notes = read(tmp_path, CROSS | far, *ways, box=box)
    assert (streets.length == alone.length).all()
    assert (notes["osm-far"].count, notes["osm-far"].values["ways"]) == (2, 3)


def test_a_way_that_passes_the_town_from_one_far_end_to_the_other_is_kept(tmp_path: Path) -> None:
    far = {20: (90_000.0, 0.0), 22: (-90_000.0, 0.0)}
    west, south = CORNER
    streets, _ = read(tmp_path, CROSS | far, ([22, 1, 2, 20], STREET), box=Box(west, south, west + 200, south + 90))
    assert streets.length.sum() > 170_000
