"""People of a large area are in its cells: totals stay, points lie inside, and the same input gives the same cells."""

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from utopias.domain.errors import TooLargeError
from utopias.territory.known import known_ground, known_to
from utopias.territory.spread import AT_LEAST, BLOCK_M2, interior_points, spread

L_SHAPE = shapely.Polygon([(0, 0), (1000, 0), (1000, 50), (50, 50), (50, 1000), (0, 1000)])
RING = shapely.Point(0, 0).buffer(500).difference(shapely.Point(0, 0).buffer(400))
TWO_PARTS = shapely.MultiPolygon([shapely.box(0, 0, 200, 200), shapely.box(900, 0, 1000, 100)])


def as_array(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


@st.composite
def areas(draw):
    """Stars of three to nine corners, from 10 m to 2 km wide: convex or not, anywhere."""
    corners = draw(st.integers(3, 9))
    size = draw(st.floats(10, 2000))
    radii = draw(st.lists(st.floats(0.15, 1), min_size=corners, max_size=corners))
    x, y = draw(st.floats(-1e5, 1e6)), draw(st.floats(0, 3e6))
    angles = 2 * np.pi * np.arange(corners) / corners
    ring = np.column_stack([x + size * np.array(radii) * np.cos(angles), y + size * np.array(radii) * np.sin(angles)])
    return shapely.Polygon(ring)


@settings(max_examples=60, deadline=None)
@given(st.lists(areas(), min_size=1, max_size=4), st.floats(0, 1e5))
def test_nobody_is_lost_or_made_and_every_point_is_inside_its_piece(shapes, people):
    polygons = as_array(*shapes)
    totals = people * (1 + np.arange(len(shapes)))
    pieces = spread(polygons, {"people": totals})
    back = np.bincount(pieces.area, weights=pieces.counts["people"], minlength=len(shapes))
    assert np.abs(back - totals).max() <= 1e-9 * max(totals.max(), 1)
    sizes = np.bincount(pieces.area, weights=shapely.area(pieces.polygons))
    assert np.allclose(sizes, shapely.area(polygons), rtol=1e-6)
    assert shapely.contains_properly(pieces.polygons, shapely.points(pieces.x, pieces.y)).all()
    assert shapely.contains_properly(polygons[pieces.area], shapely.points(pieces.x, pieces.y)).all()
    counts = np.bincount(pieces.area)
    assert (counts[pieces.cut] >= AT_LEAST).all()
    assert (counts[~pieces.cut] == 1).all()
    assert (shapely.area(pieces.polygons) <= BLOCK_M2 * (1 + 1e-9)).all()


@pytest.mark.parametrize("shape", [L_SHAPE, RING, TWO_PARTS], ids=["corner", "ring", "two parts"])
def test_an_area_whose_centre_lies_outside_it_has_all_its_points_inside(shape):
    pieces = spread(as_array(shape), {})
    assert not shape.contains(shape.centroid)
    assert shapely.contains_properly(shape, shapely.points(pieces.x, pieces.y)).all()
    assert shapely.area(shapely.union_all(pieces.polygons)) == pytest.approx(shape.area)


def test_a_city_block_stays_whole_and_one_just_over_is_cut():
    block = shapely.box(0, 0, 158, 158)
    assert block.area < BLOCK_M2
    pieces = spread(as_array(block, shapely.box(0, 0, 159, 159)), {})
    assert pieces.cut.tolist() == [False, True]
    assert (pieces.x[0], pieces.y[0]) == (79, 79)


def test_a_long_strip_is_cut_though_it_is_small():
    assert spread(as_array(shapely.box(0, 0, 2000, 8)), {}).cut.tolist() == [True]


def test_people_are_where_the_finer_surface_has_them():
    area = shapely.box(0, 0, 1000, 1000)
    west, east = shapely.box(-10, -10, 500, 1010), shapely.box(500, -10, 1010, 1010)
    pieces = spread(
        as_array(area), {"people": np.array([900.0])}, surface=(as_array(west, east), np.array([0.0, 70.0]))
    )
    people = pieces.counts["people"]
    assert people.sum() == pytest.approx(900, abs=1e-9)
    assert people[shapely.area(shapely.intersection(pieces.polygons, east)) == 0].sum() == 0
    inside = shapely.contains(east, pieces.polygons)
    density = people[inside] / shapely.area(pieces.polygons[inside])
    assert density == pytest.approx(900 / 500_000, rel=1e-9)


def test_an_area_where_the_surface_has_nobody_is_shared_by_area_and_told():
    area = as_array(shapely.box(0, 0, 1000, 1000), shapely.box(5000, 0, 6000, 1000))
    surface = as_array(shapely.box(0, 0, 500, 500)), np.array([10.0])
    pieces = spread(area, {"people": np.array([100.0, 100.0])}, surface=surface)
    assert pieces.flat.tolist() == [False, True]
    assert np.bincount(pieces.area, pieces.counts["people"]) == pytest.approx([100, 100], abs=1e-9)


def test_the_cells_of_an_area_do_not_depend_on_the_others():
    alone = spread(as_array(L_SHAPE), {})
    among = spread(as_array(RING, L_SHAPE, TWO_PARTS), {})
    mine = among.area == 1
    assert (among.x[mine] == alone.x).all()
    assert (among.share[mine] == alone.share).all()
    assert among.number[mine].tolist() == list(range(1, len(alone) + 1))


def test_a_country_as_one_block_is_refused_before_any_work():
    with pytest.raises(TooLargeError) as error:
        spread(as_array(shapely.box(0, 0, 1e6, 1e6)), {})
    assert error.value.codes == ("too-many-cells",)


def test_a_thousand_areas_take_seconds():
    chance = np.random.default_rng(7)
    corners = 40
    angles = 2 * np.pi * np.arange(corners) / corners
    shapes = [
        shapely.Polygon(np.column_stack([1000 * (i % 32) + r * np.cos(angles), 1000 * (i // 32) + r * np.sin(angles)]))
        for i, r in enumerate(chance.uniform(150, 450, (1000, corners)))
    ]
    start = time.perf_counter()
    pieces = spread(np.array(shapes, dtype=object), {})
    assert time.perf_counter() - start < 12  # 0.9 s alone; the margin is for a crowded machine
    assert len(pieces) > 20_000


def test_a_middle_that_lies_outside_is_replaced_by_a_point_inside():
    x, y = interior_points(as_array(L_SHAPE, shapely.box(0, 0, 2, 2)))
    assert L_SHAPE.contains(shapely.Point(x[0], y[0]))
    assert (x[1], y[1]) == (1, 1)


def test_known_ground_reaches_across_streets_and_ends_at_the_outer_blocks():
    blocks = [shapely.box(x, y, x + 80, y + 80) for x in range(0, 1000, 100) for y in range(0, 1000, 100)]
    ground = known_ground(np.array(blocks, dtype=object))
    assert len(ground) == 1
    assert shapely.area(ground)[0] == pytest.approx(980 * 980, rel=0.01)
    distance = known_to(np.array([490.0, 40.0, 2000.0]), np.array([490.0, 490.0, 490.0]), ground)
    assert distance == pytest.approx([490, 40, 0], abs=4)


def test_a_gap_narrower_than_300_m_is_closed_and_a_wider_one_is_not():
    left = shapely.box(0, 0, 1000, 2000)
    near = known_ground(as_array(left, shapely.box(1250, 0, 2250, 2000)))
    apart = known_ground(as_array(left, shapely.box(1350, 0, 2350, 2000)))
    assert (len(near), len(apart)) == (1, 2)
    assert known_to(np.array([990.0]), np.array([1000.0]), near)[0] > 900
    assert known_to(np.array([990.0]), np.array([1000.0]), apart)[0] == pytest.approx(10, abs=4)


def test_a_hill_in_the_middle_is_no_end_of_the_known_ground():
    town = shapely.box(0, 0, 5000, 5000).difference(shapely.box(1500, 1500, 3500, 3500))
    ground = known_ground(as_array(town))
    assert known_to(np.array([1490.0]), np.array([2500.0]), ground)[0] == pytest.approx(1490, abs=5)


def test_points_stand_for_discs_where_no_outline_is_known():
    grid = [shapely.Point(x, y) for x in range(0, 2001, 200) for y in range(0, 2001, 200)]
    ground = known_ground(np.array(grid, dtype=object))
    assert len(ground) == 1
    assert 1000 < known_to(np.array([1000.0]), np.array([1000.0]), ground)[0] < 1200


@settings(max_examples=40, deadline=None)
@given(st.lists(areas(), min_size=1, max_size=3), st.floats(-1, 1), st.floats(-1, 1))
def test_known_to_is_the_distance_to_the_boundary(shapes, dx, dy):
    ground = shapely.get_parts(shapely.union_all(shapes))
    west, south, east, north = shapely.total_bounds(ground)
    x, y = (west + east) / 2 + dx * (east - west), (south + north) / 2 + dy * (north - south)
    spot = shapely.Point(x, y)
    whole = shapely.MultiPolygon(list(ground))
    expected = whole.boundary.distance(spot) if whole.intersects(spot) else 0.0
    assert known_to(np.array([x]), np.array([y]), ground)[0] == pytest.approx(expected, abs=1e-6)
