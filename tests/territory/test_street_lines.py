"""Lines become a junction graph: cut where they meet, whole where they only cross."""

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from utopias.domain.errors import TableError
from utopias.domain.streets import Streets
from utopias.territory.files import ReadTable, read_table
from utopias.territory.ledger import Ledger
from utopias.territory.street_lines import streets_of

METRES = pyproj.CRS("EPSG:32614")
X, Y = 493_000.0, 2_139_000.0


def street(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X + x, Y + y) for x, y in points])


def built(tmp_path, lines, crs="EPSG:32614", **columns) -> tuple[Streets, Ledger]:
    frame = gpd.GeoDataFrame(columns or {"ref": range(len(lines))}, geometry=lines, crs="EPSG:32614").to_crs(crs)
    frame.to_file(tmp_path / "s.gpkg")
    ledger = Ledger()
    return streets_of(read_table(tmp_path / "s.gpkg", table="edges"), METRES, ledger), ledger


def test_a_street_is_cut_where_another_ends_on_its_vertex(tmp_path):
    streets, _ = built(tmp_path, [street((0, 0), (50, 0), (100, 0)), street((50, 0), (50, 80))])
    assert (len(streets), len(streets.x)) == (3, 4)
    assert sorted(streets.length.tolist()) == pytest.approx([50, 50, 80])


def test_two_streets_that_share_a_vertex_meet_and_a_bridge_does_not(tmp_path):
    cross = [street((0, 0), (50, 0), (100, 0)), street((50, -50), (50, 0), (50, 50))]
    assert len(built(tmp_path, cross)[0]) == 4
    bridge = [street((0, 0), (100, 0)), street((50, -50), (50, 50))]
    streets, ledger = built(tmp_path, bridge)
    assert len(streets) == 2
    assert [note.code for note in ledger.notes] == ["streets-apart"]


def test_ends_in_the_same_decimetre_are_one_junction(tmp_path):
    assert len(built(tmp_path, [street((0, 0), (50, 0)), street((50.03, 0.02), (90, 0))])[0].x) == 3
    assert len(built(tmp_path, [street((0, 0), (50, 0)), street((50.3, 0), (90, 0))])[0].x) == 4


def test_a_line_starts_at_its_tail_and_ends_at_its_head(tmp_path):
    streets, _ = built(tmp_path, [street((0, 0), (30, 40), (60, 80)), street((30, 40), (90, 40))], crs="EPSG:4326")
    for edge in range(len(streets)):
        line = streets.lines.coords[streets.lines.starts[edge] : streets.lines.starts[edge + 1]]
        assert line[0].tolist() == [streets.x[streets.tail[edge]], streets.y[streets.tail[edge]]]
        assert line[-1].tolist() == [streets.x[streets.head[edge]], streets.y[streets.head[edge]]]


def test_words_and_rise_follow_each_piece_of_a_street(tmp_path):
    lines = [street((0, 0), (50, 0), (200, 0)), street((50, 0), (50, 80)), street((200, 0), (300, 0))]
    streets, ledger = built(
        tmp_path,
        lines,
        highway=["residential", "steps", "motorway"],
        name=["Ermita", "", "Anillo"],
        rise_m=[8.0, np.nan, 0.0],
    )
    of = {(kind, round(length)): i for i, (kind, length) in enumerate(zip(streets.kind, streets.length, strict=True))}
    short, long, stairs, fast = of["residential", 50], of["residential", 150], of["steps", 80], of["motorway", 100]
    assert (streets.rise[short], streets.rise[long]) == pytest.approx((2, 6))
    assert np.isnan(streets.rise[stairs])
    assert streets.name[long] == "Ermita"
    assert streets.steps[stairs]
    assert not streets.foot[fast]
    assert streets.foot[stairs]
    assert "no-walking" in [note.code for note in ledger.notes]


def test_a_loop_stays_and_a_line_without_length_is_left_out_and_told(tmp_path):
    lines = [street((0, 0), (50, 0), (50, 50), (0, 0)), street((0, 0), (0.01, 0))]
    streets, ledger = built(tmp_path, lines)
    assert streets.tail.tolist() == streets.head.tolist() == [0]
    assert [note.code for note in ledger.notes] == ["lines-without-length"]


def test_other_things_than_lines_are_refused(tmp_path):
    with pytest.raises(TableError) as error:
        built(tmp_path, [shapely.box(X, Y, X + 10, Y + 10)])
    assert error.value.codes == ("not-lines",)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=6), min_size=1, max_size=8)
)
def test_distances_are_those_of_the_lines_vertex_by_vertex(walks):
    """A witness in networkx joins every pair of neighbouring vertices; the junction graph must agree with it."""
    walks = [[p for i, p in enumerate(walk) if i == 0 or p != walk[i - 1]] for walk in walks]
    walks = [walk for walk in walks if len(walk) > 1]
    if not walks:
        return
    fine = nx.Graph()
    for walk in walks:
        for (ax, ay), (bx, by) in pairwise(walk):
            fine.add_edge((ax, ay), (bx, by), weight=100 * np.hypot(bx - ax, by - ay))
    lines = np.array([street(*[(100.0 * x, 100.0 * y) for x, y in walk]) for walk in walks], dtype=object)
    frame = pd.DataFrame(index=range(len(lines)))
    table = ReadTable(frame, lines, METRES, Path("s.gpkg"))
    streets = streets_of(table, METRES, Ledger())
    coarse = nx.MultiGraph()
    for tail, head, length in zip(streets.tail, streets.head, streets.length, strict=True):
        coarse.add_edge(int(tail), int(head), weight=float(length))
    name = [(round((x - X) / 100), round((y - Y) / 100)) for x, y in zip(streets.x, streets.y, strict=True)]
    assert len(set(name)) == len(name)
    for one, distances in nx.all_pairs_dijkstra_path_length(coarse):
        witness = nx.single_source_dijkstra_path_length(fine, name[one])
        assert {name[other]: round(d, 6) for other, d in distances.items()} == {
            spot: round(d, 6) for spot, d in witness.items() if spot in set(name)
        }
