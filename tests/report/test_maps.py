"""Maps: few paths, every block in the right class, marks that do not cover each other."""

from __future__ import annotations

import re
import time
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.report.example import example_plan
from utopias.domain.arrays import texts
from utopias.domain.errors import ProblemError
from utopias.domain.shapes import Shapes
from utopias.report import palette
from utopias.report.map_marks import site_marks
from utopias.report.map_paths import WIDTH, area_paths, frame_around, square_paths
from utopias.report.maps import block_definitions, block_kinds, map_svg, prepare

PLAN = example_plan(side=24)
INK = prepare(PLAN)


def drawn(view: str = "after", **more: object) -> str:
    return map_svg(INK, view, title="Map & title", description="said <so>", north="N", kilometres="km", **more)  # type: ignore[arg-type]


def vertices(d: str) -> list[tuple[int, int]]:
    """Every vertex of a path written as M x y l dx dy …, absolute."""
    found = []
    for part in re.findall(r"M([^Mz]*)", d):
        numbers = [int(n) for n in re.findall(r"-?\d+", part)]
        x, y = numbers[:2]
        found.append((x, y))
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            x, y = x + dx, y + dy
            found.append((x, y))
    return found


def squares(*corners: tuple[float, float], side: float = 100.0, more: int = 0) -> Shapes:
    """Closed squares; ``more`` needless vertices on each side."""
    t = np.linspace(0, 1, more + 2)[:-1]
    edge = np.concatenate([[(a, 0) for a in t], [(1, a) for a in t], [(1 - a, 1) for a in t], [(0, 1 - a) for a in t]])
    ring = np.concatenate([edge, edge[:1]]) * side
    coords = np.concatenate([ring + c for c in corners])
    ones = np.arange(len(corners) + 1)
    return Shapes(coords, ones * len(ring), ones, ones, "EPSG:32614")


def test_a_map_is_well_formed_and_says_its_title_and_description() -> None:
    root = ElementTree.fromstring(drawn())
    said = {child.tag.rpartition("}")[2]: child.text for child in root}
    assert said["title"] == "Map & title"
    assert said["desc"] == "said <so>"
    assert root.get("role") == "img"


def test_a_map_of_many_blocks_has_few_paths() -> None:
    assert drawn().count("<path") < 30


def test_every_block_is_drawn_once_and_in_its_class() -> None:
    kinds = block_kinds(PLAN)
    for kind in INK.blocks:
        rings = INK.blocks[kind].count("M")
        assert rings <= (kinds == kind).sum()
        if kind != "around":  # the surroundings beyond the window are not drawn
            assert rings == (kinds == kind).sum()


def test_classes_say_what_the_findings_say() -> None:
    h, persons, kinds = PLAN.findings.headline, PLAN.study.blocks["persons"].to_numpy(), block_kinds(PLAN)
    assert persons[kinds == "gained"].sum() == h.gain
    assert persons[kinds == "reached"].sum() + persons[kinds == "lost"].sum() == h.before
    assert persons[(kinds == "out") | (kinds == "no way")].sum() == h.people - h.after


def test_gains_show_only_in_the_map_after() -> None:
    assert palette.GAINED in drawn("after")
    assert palette.GAINED not in drawn("before")


def test_corners_land_where_they_stand_north_up() -> None:
    frame = frame_around(np.array([0.0, 1000.0]), np.array([0.0, 1000.0]))
    path = area_paths(squares((0, 0)), texts(["a"]), frame)["a"]
    assert sorted(vertices(path)) == sorted(
        map(tuple, frame.grid(np.array([[0, 0], [100, 0], [100, 100], [0, 100.0]])).tolist())
    )
    south, north = frame.grid(np.array([[0.0, 0.0], [0.0, 1000.0]]))
    assert south[1] > north[1]


def test_needless_vertices_go_and_corners_stay() -> None:
    frame = frame_around(np.array([0.0, 1000.0]), np.array([0.0, 1000.0]))
    plain = area_paths(squares((0, 0), (300, 300)), texts(["a", "a"]), frame)["a"]
    rich = area_paths(squares((0, 0), (300, 300), more=7), texts(["a", "a"]), frame)["a"]
    assert set(vertices(plain)) <= set(vertices(rich))
    assert len(vertices(rich)) < 2 * 32 / 2


def test_the_smallest_block_is_still_drawn() -> None:
    frame = frame_around(np.array([0.0, 100_000.0]), np.array([0.0, 100_000.0]))
    path = area_paths(squares((5_000, 5_000), side=1.0), texts(["a"]), frame)["a"]
    assert len(vertices(path)) >= 3


def test_a_shape_outside_the_window_is_left_out_and_an_empty_class_too() -> None:
    frame = frame_around(np.array([0.0, 1000.0]), np.array([0.0, 1000.0]))
    shapes = squares((0, 0), (90_000, 0), (500, 500))
    assert area_paths(shapes, texts(["a", "b", ""]), frame).keys() == {"a"}


def test_a_town_known_only_by_points_is_drawn_as_squares() -> None:
    from dataclasses import replace

    bare = PLAN.with_(study=replace(PLAN.study, outlines=None, basemap=None))
    ink = prepare(bare)
    assert ink.blocks.keys() == INK.blocks.keys()
    assert "h" in ink.blocks["out"]
    frame = frame_around(np.array([0.0, 1000.0]), np.array([0.0, 1000.0]))
    assert square_paths(np.array([500.0]), np.array([500.0]), 50.0, texts(["a"]), frame)["a"].count("M") == 1


def test_a_town_of_one_point_has_a_window() -> None:
    frame = frame_around(np.array([5.0]), np.array([7.0]))
    assert frame.height > 0
    assert frame.metres > 0


def test_sites_on_one_spot_are_fanned_out_and_tied_to_it() -> None:
    marks = site_marks([(2000, 2000)] * 4, 112, WIDTH)
    at = [tuple(map(int, m)) for m in re.findall(r'<circle cx="(\d+)" cy="(\d+)" r="81', "".join(marks))]
    assert len(at) == 4
    assert min(np.hypot(a[0] - b[0], a[1] - b[1]) for i, a in enumerate(at) for b in at[:i]) > 150
    assert sum("M2000 2000L" in m for m in marks) >= 3


def test_names_do_not_cover_each_other() -> None:
    said = re.findall(r'<text class="place" x="(\d+)" y="(\d+)"[^>]*>([^<]*)<', drawn(named=True))
    assert len(said) > 5
    boxes = [(int(x), int(y), len(name)) for x, y, name in said]
    for i, (x, y, n) in enumerate(boxes):
        for a, b, m in boxes[:i]:
            assert abs(x - a) >= (n + m) * 72 * 0.28 or abs(y - b) >= 72


def test_maps_of_one_page_share_their_blocks() -> None:
    shared = block_definitions(INK, "b")
    used = drawn(share="b")
    wanted = set(re.findall(r'href="#([^"]*)"', used))
    assert wanted == set(re.findall(r'id="([^"]*)"', shared))
    assert len(used) < len(drawn()) / 2


def test_a_plan_without_tables_has_no_map_and_says_so() -> None:
    with pytest.raises(ProblemError) as caught:
        prepare(PLAN.with_(study=None))
    assert caught.value.codes == ("no-study",)


def test_fifteen_thousand_blocks_take_half_a_second_and_less_than_a_megabyte_and_a_half() -> None:
    plan = example_plan(side=122)
    started = time.process_time()
    svg = map_svg(prepare(plan), "after", title="t", description="d", north="N", kilometres="km", named=True)
    assert time.process_time() - started < 0.5
    assert len(plan.study.blocks) > 15_000
    assert len(svg) < 1_500_000


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("GAINED", "LOST"),
        ("LOST", "REACHED"),
        ("REACHED", "OUT"),
        ("GAINED", "OUT"),
        ("OUT", "EMPTY"),
        ("REACHED", "EMPTY"),
    ],
)
def test_classes_of_the_map_are_told_apart_in_grey(first: str, second: str) -> None:
    assert abs(palette.lightness(getattr(palette, first)) - palette.lightness(getattr(palette, second))) >= 10


def test_second_voice_is_read_on_paper() -> None:
    assert palette.contrast(palette.SOFT, palette.PAPER) >= 4.5
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21.0, abs=0.05)
