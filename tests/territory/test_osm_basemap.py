"""The map of an OpenStreetMap file: what is drawn, where it is cut, and that a gap in it harms nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.territory.osm_files import CORNER, UTM, Tags, write_osm
from utopias.domain.shapes import Basemap
from utopias.territory.ledger import Ledger
from utopias.territory.osm import Box, read_osm

FIELD = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (100.0, 100.0), 4: (0.0, 100.0), 5: (40.0, 40.0), 6: (60.0, 40.0),
         7: (60.0, 60.0), 8: (40.0, 60.0), 9: (500.0, 0.0)}  # fmt: skip
STREET = ([1, 9], {"highway": "residential"})
OUTSIDE = [1, 2, 3, 4, 1]


def drawn(
    folder: Path, *ways: tuple[list[int], Tags], nodes: dict[int, tuple[float, float]] = FIELD, box: Box | None = None, **more: object
) -> Basemap:  # fmt: skip
    path = write_osm(folder / "town.osm.pbf", nodes, [STREET, *ways], **more)  # type: ignore[arg-type]
    return read_osm(path, UTM, Ledger(), box=box).basemap


def area(base: Basemap, index: int) -> float:
    """Square metres of one outline, holes taken off, by the shoelace rule."""
    total = 0.0
    for ring in base.polygons.rings_of(index):
        x, y = ring.T
        total += float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
    return abs(total)


def test_a_park_and_a_lake_are_drawn_and_houses_are_not(tmp_path: Path) -> None:
    base = drawn(
        tmp_path, (OUTSIDE, {"leisure": "park"}), (OUTSIDE, {"natural": "water"}), (OUTSIDE, {"building": "yes"})
    )
    assert sorted(base.polygon_kind) == ["green", "water"]
    assert area(base, 0) == pytest.approx(10_000, rel=1e-3)


def test_an_outline_of_several_ways_has_its_hole(tmp_path: Path) -> None:
    ways = [([1, 2, 3], {}), ([3, 4, 1], {}), ([5, 6, 7, 8, 5], {})]
    lake = [([(2, "outer"), (3, "outer"), (4, "inner")], {"natural": "water"})]
    base = drawn(tmp_path, *ways, outlines=lake)  # type: ignore[arg-type]
    assert base.polygon_kind.tolist() == ["water"]
    assert area(base, 0) == pytest.approx(10_000 - 400, rel=1e-3)


def test_a_speck_is_not_drawn(tmp_path: Path) -> None:
    assert len(drawn(tmp_path, ([5, 6, 7, 8, 5], {"leisure": "garden"})).polygons) == 0


def test_railways_rivers_and_main_roads_are_lines_and_other_streets_are_not(tmp_path: Path) -> None:
    base = drawn(
        tmp_path, ([1, 3], {"railway": "rail"}), ([2, 4], {"waterway": "river"}), ([1, 2], {"highway": "primary"}),
        ([1, 4], {"highway": "motorway"}), ([3, 9], {"railway": "subway", "tunnel": "yes"}),
    )  # fmt: skip
    assert sorted(base.line_kind) == ["canal", "rail", "road"], "the two roads meet at node 1 and are one line"
    at = base.line_kind.tolist().index("rail")
    assert base.lines.lengths()[at] == pytest.approx(np.hypot(100, 100), rel=1e-3)


def test_a_railway_in_three_ways_is_one_line(tmp_path: Path) -> None:
    rail = {"railway": "rail"}
    base = drawn(tmp_path, ([1, 2], rail), ([3, 2], rail), ([3, 4], rail), ([1, 5], {"highway": "primary"}))
    assert sorted(zip(base.line_kind, np.round(base.lines.lengths()).tolist(), strict=True)) == [
        ("rail", 300.0),
        ("road", 57.0),
    ]


def test_names_stand_where_they_are_and_the_largest_place_comes_first(tmp_path: Path) -> None:
    tags = {
        7: {"place": "neighbourhood", "name": "Glicério"},
        3: {"place": "suburb", "name": "Sé"},
        4: {"place": "suburb"},
    }
    base = drawn(tmp_path, tags=tags)
    assert base.labels.tolist() == ["Sé", "Glicério"]
    assert base.label_x - CORNER[0] == pytest.approx([100, 60], abs=0.1)
    assert base.label_y - CORNER[1] == pytest.approx([100, 60], abs=0.1)


def test_what_lies_beyond_the_town_is_cut_off(tmp_path: Path) -> None:
    nodes = FIELD | {10: (9_000.0, 0.0), 11: (9_000.0, 100.0), 12: (8_900.0, 50.0)}
    box = Box(CORNER[0], CORNER[1], CORNER[0] + 100, CORNER[1] + 100)
    base = drawn(
        tmp_path, ([1, 10], {"railway": "rail"}), ([10, 11, 12, 10], {"leisure": "park"}), nodes=nodes, box=box,
        tags={10: {"place": "town", "name": "Far"}},
    )  # fmt: skip
    assert base.lines.lengths() == pytest.approx([3_100], rel=1e-3)
    assert len(base.polygons) == 0
    assert len(base.labels) == 0


def test_a_line_with_missing_points_is_drawn_through_those_there_are(tmp_path: Path) -> None:
    base = drawn(
        tmp_path,
        ([1, 77, 3], {"railway": "rail"}),
        ([78, 3], {"railway": "rail"}),
        ([1, 79, 3, 1], {"leisure": "park"}),
    )
    assert base.line_kind.tolist() == ["rail"]
    assert base.lines.lengths() == pytest.approx([np.hypot(100, 100)], rel=1e-3)


def test_a_file_with_streets_only_has_an_empty_map(tmp_path: Path) -> None:
    base = drawn(tmp_path)
    assert (len(base.polygons), len(base.lines), len(base.labels)) == (0, 0, 0)
