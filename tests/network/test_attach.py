"""Places on the nearest street line, against brute force and against shapely."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.network.grids import random_grid, scattered, small_places, small_streets, streets_of, with_doors
from utopias.domain.errors import TableError
from utopias.domain.places import Places
from utopias.domain.quantities import Metres
from utopias.domain.travel_times import Status
from utopias.network.attach import Snapping, attach
from utopias.network.segments import Segments
from utopias.network.street_network import street_network


def brute_force(lines, x, y, large, at_most, extra):
    """The same rule, segment by segment, point by point, in plain numpy."""
    chosen, moved = [], []
    for px, py in zip(x, y, strict=True):
        best = np.full(len(lines), np.inf)
        for e in range(len(lines)):
            c = lines.coords[lines.starts[e] : lines.starts[e + 1]]
            for (ax, ay), (bx, by) in pairwise(c):
                dx, dy = bx - ax, by - ay
                squared = dx * dx + dy * dy
                t = min(max(((px - ax) * dx + (py - ay) * dy) / squared, 0.0), 1.0) if squared > 0 else 0.0
                best[e] = min(best[e], np.sqrt((ax + t * dx - px) ** 2 + (ay + t * dy - py) ** 2))
        nearest = int(np.argmin(best))
        main = np.where(large, best, np.inf)
        if best[nearest] > at_most:
            nearest, passed = -1, False
        else:
            other = int(np.argmin(main))
            passed = not large[nearest] and main[other] <= at_most and main[other] <= best[nearest] + extra
            nearest = other if passed else nearest
        chosen.append(nearest)
        moved.append(passed)
    return np.array(chosen), np.array(moved)


@settings(max_examples=120, deadline=None)
@given(small_streets(), small_places("a"), st.data())
def test_the_nearest_line_is_that_of_brute_force_ties_to_the_first_drawn(streets, places, data):
    large = np.array(data.draw(st.lists(st.booleans(), min_size=len(streets), max_size=len(streets))))
    at_most, extra = data.draw(st.sampled_from([0.0, 60.0, 300.0])), data.draw(st.sampled_from([0.0, 50.0, 100.0]))
    x, y = places.entrance_x, places.entrance_y
    edge, _, _, moved = Segments.of(streets.lines).nearest(x, y, large=large, at_most=at_most, extra=extra)
    expected, passed = brute_force(streets.lines, x, y, large, at_most, extra)
    assert edge.tolist() == expected.tolist()
    assert moved.tolist() == passed.tolist()


def test_the_nearest_line_is_found_many_cells_away():
    streets = random_grid(14, 14, seed=6)
    rng = np.random.default_rng(2)
    large = rng.random(len(streets)) < 0.15  # most lines loose, so that the preferred one is often far
    x, y = rng.uniform(-300, 1400, (2, 250))
    for at_most, extra in ((2000.0, 2000.0), (300.0, 150.0)):
        edge, _, _, moved = Segments.of(streets.lines).nearest(x, y, large=large, at_most=at_most, extra=extra)
        expected, passed = brute_force(streets.lines, x, y, large, at_most, extra)
        assert edge.tolist() == expected.tolist()
        assert moved.tolist() == passed.tolist()
        assert 0 < moved.sum() < 250


def test_distance_and_share_are_those_of_shapely_far_from_the_origin():
    streets = random_grid(20, 20, seed=4)
    west, south = 500_000.0, 2_140_000.0
    lines = type(streets.lines)(streets.lines.coords + np.array([west, south]), streets.lines.starts, streets.lines.crs)
    places = scattered(500, 1900, 1900, seed=8)
    x, y = places.x + west - 150, places.y + south - 150
    edge, share, gap, _ = Segments.of(lines).nearest(x, y, large=np.ones(len(lines), bool), at_most=1e4, extra=0)
    drawn = shapely.linestrings(lines.coords, indices=np.repeat(np.arange(len(lines)), np.diff(lines.starts)))
    points = shapely.points(x, y)
    _, distance = shapely.STRtree(drawn).query_nearest(points, return_distance=True, all_matches=False)
    np.testing.assert_allclose(gap, distance, atol=1e-6)
    np.testing.assert_allclose(shapely.distance(drawn[edge], points), distance, atol=1e-6)
    at = shapely.line_locate_point(drawn[edge], points, normalized=True)
    np.testing.assert_allclose(share, at, atol=1e-8)


def test_a_place_half_way_along_a_street_is_half_a_street_from_either_end():
    network = street_network(streets_of([0, 800], [0, 0], [0], [1]))
    joined = attach(network, with_doors("a", [[(400, 30)]]))
    assert (joined.share.tolist(), joined.ahead.tolist(), joined.behind.tolist()) == ([0.5], [3000], [3000])
    assert joined.snap.tolist() == [225]


def test_a_bent_street_is_measured_along_its_bends():
    network = street_network(streets_of([0, 300], [0, 0], [0], [1], bends=[[(0, 100), (300, 100)]]))
    joined = attach(network, with_doors("a", [[(150, 100)]]))
    assert joined.share.tolist() == [0.5]


def test_a_door_exactly_at_the_limit_is_joined_and_one_beyond_is_lost():
    network = street_network(streets_of([0, 800], [0, 0], [0], [1]))
    joined = attach(network, with_doors("a", [[(400, 300)], [(400, 300.1)]]))
    assert joined.place.tolist() == [0]
    assert joined.lost == 1
    assert joined.status.tolist() == [Status.ATTACHED, Status.NO_STREET]


def test_every_entrance_is_joined_and_the_best_gives_the_status():
    network = street_network(streets_of([0, 800], [0, 0], [0], [1]))
    joined = attach(network, with_doors("a", [[(0, 5), (800, 5), (400, 9000)]]))
    assert joined.place.tolist() == [0, 0]
    assert joined.status.tolist() == [Status.ATTACHED]


def park_and_street(gap: float):
    """A loose park path at y = 0, and ``gap`` metres north of it a street of ten edges."""
    k = np.arange(11)
    x = np.concatenate([[0, 100], 100.0 * k])
    y = np.concatenate([[0, 0], np.full(11, gap)])
    return street_network(streets_of(x, y, [0, *(k[:-1] + 2)], [1, *(k[1:] + 2)]))


def test_a_street_of_the_main_network_is_preferred_to_a_nearer_island_and_counted():
    rules = Snapping(Metres(300), Metres(100), 0.2)
    joined = attach(park_and_street(gap=80), with_doors("a", [[(50, 0)]]), snapping=rules)
    assert joined.status.tolist() == [Status.ATTACHED]
    assert joined.snap.tolist() == [600]
    assert joined.moved == 1


def test_a_main_street_too_much_farther_leaves_the_place_on_its_island():
    rules = Snapping(Metres(300), Metres(70), 0.2)
    joined = attach(park_and_street(gap=80), with_doors("a", [[(50, 0)]]), snapping=rules)
    assert joined.status.tolist() == [Status.ISLAND]
    assert joined.moved == 0


def test_one_door_on_the_main_network_is_enough():
    rules = Snapping(Metres(10), Metres(0), 0.2)
    joined = attach(park_and_street(gap=80), with_doors("a", [[(50, 80), (50, 0)]]), snapping=rules)
    assert joined.island.tolist() == [False, True]
    assert joined.status.tolist() == [Status.ATTACHED]


def test_a_second_piece_that_is_large_enough_is_no_island():
    rules = Snapping(Metres(300), Metres(100), 1 / 11)
    joined = attach(park_and_street(gap=80), with_doors("a", [[(50, 0)]]), snapping=rules)
    assert joined.status.tolist() == [Status.ATTACHED]
    assert joined.snap.tolist() == [0]


def test_doors_without_coordinates_are_refused_with_the_place_they_belong_to():
    whole = with_doors("a", [[(0, 0)], [(10, 0)]])
    broken = Places(
        whole.ids, whole.x, whole.y, whole.role, whole.table, whole.entrance_of, np.array([0, np.nan]), whole.entrance_y
    )
    with pytest.raises(TableError, match="a 1"):
        attach(street_network(streets_of([0, 800], [0, 0], [0], [1])), broken)
