"""Outlines of grids: rings, parts and holes, on small patterns and as laws."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from utopias.access.contours import crossings, filled, outline


def grid(*rows: str) -> np.ndarray:
    """A pattern as seen, north up, with a border of nothing."""
    return np.pad(np.array([[c == "#" for c in row] for row in rows[::-1]]), 1)


def drawn(inside: np.ndarray, at: float = 0.5) -> list[shapely.Polygon]:
    """The parts as polygons, each line crossed at ``at`` from its inner node."""
    found = crossings(inside)
    (ay, ax), (by, bx) = np.divmod(found.inner, inside.shape[1]), np.divmod(found.outer, inside.shape[1])
    made = outline(inside, found, ax + at * (bx - ax), ay + at * (by - ay))
    rings = [made.coords[a:b] for a, b in zip(made.rings[:-1], made.rings[1:], strict=True)]
    return [shapely.Polygon(rings[a], rings[a + 1 : b]) for a, b in zip(made.parts[:-1], made.parts[1:], strict=True)]


def test_one_node_is_a_small_square_on_its_point() -> None:
    (square,) = drawn(grid("#"))
    assert square.area == 0.5
    assert square.centroid.equals(shapely.Point(1, 1))
    assert shapely.is_ccw(square.exterior)


def test_nodes_that_touch_across_a_diagonal_stay_apart() -> None:
    assert [part.area for part in drawn(grid("#.", ".#"))] == [0.5, 0.5]


def test_a_ring_has_a_hole_and_an_island_in_it_is_a_part() -> None:
    parts = drawn(grid("#####", "#...#", "#.#.#", "#...#", "#####"))
    # 5 by 5 nodes: 4 * 4 and half a cell around, corners cut; the hole 3 by 3 likewise; the island one node.
    assert [(part.area, len(part.interiors)) for part in parts] == [(24.5 - 8.5, 1), (0.5, 0)]
    assert all(not shapely.is_ccw(hole) for part in parts for hole in part.interiors)


def test_nothing_inside_is_no_part() -> None:
    assert drawn(grid("..", "..")) == []


patterns = arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))).map(lambda a: np.pad(a, 1))


@given(patterns, st.sampled_from([0.02, 0.5, 0.98]))
def test_parts_and_holes_are_those_of_the_pattern_and_sound(inside: np.ndarray, at: float) -> None:
    parts = drawn(inside, at)
    assert len(parts) == ndimage.label(inside)[1]
    assert sum(len(part.interiors) for part in parts) == ndimage.label(~inside, np.ones((3, 3)))[1] - 1
    whole = shapely.MultiPolygon(parts)
    assert whole.is_valid
    y, x = np.indices(inside.shape)
    assert (shapely.contains_xy(whole, x, y) == inside).all()


@given(patterns, st.data(), st.sampled_from([(0.1, 0.1), (0.3, 0.9)]))
def test_growing_ground_gives_growing_outlines(inside: np.ndarray, data, at: tuple[float, float]) -> None:
    more = inside | np.pad(data.draw(arrays(bool, tuple(n - 2 for n in inside.shape))), 1)
    small, large = shapely.MultiPolygon(drawn(inside, at[0])), shapely.MultiPolygon(drawn(more, at[1]))
    assert small.difference(large).area < 1e-9


@pytest.mark.parametrize(("at_most", "left"), [(0, 2), (1, 1), (4, 0)])
def test_holes_are_filled_up_to_a_size(at_most: int, left: int) -> None:
    pattern = grid("#######", "#.##..#", "####..#", "#######")
    whole = filled(pattern, np.ones_like(pattern), at_most=at_most)
    assert ndimage.label(~whole, np.ones((3, 3)))[1] - 1 == left
    assert (whole >= pattern).all()


def test_a_hole_that_may_not_be_filled_stays_whole() -> None:
    pattern = grid("####", "#..#", "####")
    may = np.ones_like(pattern)
    may[2, 2] = False
    assert (filled(pattern, may, at_most=9) == pattern).all()


def test_a_bay_is_no_hole() -> None:
    pattern = grid("###", "#..", "###")
    assert (filled(pattern, np.ones_like(pattern), at_most=99) == pattern).all()
