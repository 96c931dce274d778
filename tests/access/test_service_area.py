"""Service areas: streets and ground reached, on shapes known by hand, as laws, and against the table of times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.network.grids import random_grid, scattered, small_places, small_streets, streets_of, with_doors
from tests.toy import SOUTH, WEST, toy_town
from utopias.access.measures import people_within
from utopias.access.on_foot import travel_times
from utopias.access.service_area import service_area
from utopias.domain.arrays import texts
from utopias.domain.errors import ProblemError, TooLargeError
from utopias.domain.places import Places, places
from utopias.domain.quantities import Duration
from utopias.domain.service_areas import ServiceAreas
from utopias.domain.streets import FOOTBRIDGE
from utopias.domain.travel_times import Status
from utopias.network.barriers import Barrier
from utopias.network.straight_lines import straight_lines
from utopias.network.street_network import StreetNetwork, street_network
from utopias.scale import Runner
from utopias.territory.geoparquet import polygons

# An adult walks 4/3 m a second: 5 minutes are 400 m, 100 m are 75 s.


def one(*doors: tuple[float, float]) -> Places:
    return with_doors("unit", [list(doors or [(0.0, 0.0)])])


def ground(areas: ServiceAreas, row: int = 0) -> shapely.MultiPolygon:
    made = polygons(areas.shapes)[row]
    assert shapely.is_valid(made)
    return made


def street(*points: tuple[float, float], **more) -> StreetNetwork:
    """One street through some points, each a junction."""
    x, y = zip(*points, strict=True)
    n = len(points)
    return street_network(streets_of(x, y, range(n - 1), range(1, n), **more))


def square_grid(side: int) -> StreetNetwork:
    """Streets every 100 m from -100 * side to 100 * side."""
    x, y = (a.ravel() for a in np.meshgrid(*[100.0 * np.arange(-side, side + 1)] * 2))
    node = np.arange(len(x)).reshape(2 * side + 1, -1)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    return street_network(streets_of(x, y, tail, head))


def test_in_a_grid_the_streets_reached_are_a_diamond() -> None:
    areas = service_area(square_grid(6), one(), within="5 min", reach_off_street="0 m")
    # On the middle street 800 m; 100 m off it 600 m, 200 m off 400 m, 300 m off 200 m, on both sides; both ways.
    assert areas.street_km[0] == pytest.approx(2 * (0.8 + 2 * (0.6 + 0.4 + 0.2)))
    corners = shapely.MultiPoint(areas.streets.coords).convex_hull
    assert corners.equals(shapely.Polygon([(400, 0), (0, 400), (-400, 0), (0, -400)]))
    assert areas.km2[0] == 0
    assert areas.pieces[0] == 0


def test_a_stretch_ends_in_the_middle_of_a_street() -> None:
    areas = service_area(street((-1000, 0), (0, 0), (1000, 0)), one(), within="1 min", reach_off_street="0 m")
    assert sorted(areas.streets.coords[:, 0].tolist()) == [-80, 0, 0, 80]


def test_a_street_is_reached_from_both_ends_and_not_in_its_middle() -> None:
    # A ring of 4 streets; the one across is drawn 200 m long and takes 1,000 m to walk.
    ring = street_network(
        streets_of([0, 0, 200, 200], [0, 200, 200, 0], [0, 1, 2, 3], [1, 2, 3, 0], length=[200, 1000, 200, 200])
    )
    areas = service_area(ring, one((100, 0)), within="5 min", reach_off_street="0 m")
    across = areas.streets.take(areas.streets.coords[areas.streets.starts[:-1], 1] == 200)
    spans = sorted(tuple(sorted(across.coords[2 * k : 2 * k + 2, 0])) for k in range(len(across)))
    spans = [span for span in spans if span[0] != span[1]]
    # 300 m to either corner leave 100 of the 1,000 m: a tenth of what is drawn.
    np.testing.assert_allclose(spans, [(0, 20), (180, 200)])


def test_ground_narrows_to_the_rim() -> None:
    areas = service_area(street((-1000, 0), (0, 0), (1000, 0)), one(), within="5 min")
    # 350 m with 50 m on both sides, then 50 m narrowing to nothing; to the left and to the right.
    assert areas.km2[0] * 1e6 == pytest.approx(2 * (350 * 100 + 50 * 50), rel=0.005)
    whole = ground(areas)
    # The corners are the last metres, cut by one cell; nothing is overstated by more than a decisecond of rounding.
    assert whole.within(
        shapely.Polygon([(400, 0), (350, 50), (-350, 50), (-400, 0), (-350, -50), (350, -50)]).buffer(0.1)
    )
    assert whole.bounds == pytest.approx((-400, -50, 400, 50), abs=5)


def test_a_ring_road_has_a_hole_that_none_can_cross() -> None:
    ring = street((0, 0), (400, 0), (400, 400), (0, 400), (0, 0))
    areas = service_area(ring, one(), within="60 min")
    assert (areas.pieces[0], areas.holes[0]) == (1, 1)
    (hole,) = ground(areas).geoms[0].interiors
    assert shapely.Polygon(hole).area == pytest.approx(300 * 300, rel=0.005)
    assert areas.km2[0] * 1e6 == pytest.approx(1600 * 50 + np.pi * 50**2 + 400**2 - 300**2, rel=0.005)


def test_a_small_hole_without_a_street_is_filled_and_one_with_a_street_is_not() -> None:
    ring = [(0, 0), (140, 0), (140, 140), (0, 140)]
    x, y = zip(*ring, strict=True)
    bare = street_network(streets_of(x, y, [0, 1, 2, 3], [1, 2, 3, 0]))
    kept = service_area(bare, one(), within="30 min", smallest_hole=0)
    assert kept.holes[0] == 1
    assert service_area(bare, one(), within="30 min").holes[0] == 0
    # A walled lane in the middle, of a network of its own (its other end is far away).
    lane = streets_of([*x, 60, 80, 80, 5000], [*y, 70, 70, 71, 71], [0, 1, 2, 3, 4, 5, 6], [1, 2, 3, 0, 5, 6, 7],
                      length=[140, 140, 140, 140, 20, 1, 5000], bends=[[], [], [], [], [], [], [(80, 71.1), (5000, 5000)]])  # fmt: skip
    assert service_area(street_network(lane), one(), within="30 min").holes[0] == 1


def test_a_river_with_one_bridge_is_not_leaked_over() -> None:
    """Banks 30 m apart; the bridge 1 km to the east."""
    x, y = [-500, 0, 1000, 1000, 0, -500], [0, 0, 0, 30, 30, 30]
    banks = street_network(streets_of(x, y, [0, 1, 2, 3, 4], [1, 2, 3, 4, 5]))
    areas = service_area(banks, one((0, -5)), within=["10 min", "15 min"])
    short, long = ground(areas, 0), ground(areas, 1)
    assert short.bounds[3] == pytest.approx(15, abs=0.05)  # the middle of the river, and no farther
    assert short.contains(shapely.Point(0, 14.9))
    assert not short.contains(shapely.Point(0, 15.1))
    # 1,200 m - 5 to the street - 1,000 to the bridge - 30 over it: 165 m of the other bank, seen from the bridge.
    assert long.contains(shapely.Point(840, 31))
    assert not long.contains(shapely.Point(830, 31))
    assert long.contains(shapely.Point(840, 70)) is False


def test_two_entrances_far_apart_give_two_pieces() -> None:
    areas = service_area(street((-5000, 0), (5000, 0)), one((-1000, 0), (1000, 0)), within="5 min")
    assert areas.pieces[0] == 2
    assert areas.street_km[0] == pytest.approx(1.6)


def test_a_place_on_an_island_has_the_island() -> None:
    x, y = [0, 1000, 5000, 5100], [0, 0, 0, 0]
    two = street_network(streets_of(x, y, [0, 2], [1, 3]))
    areas = service_area(two, one((5050, 10)), within="30 min")
    assert areas.street_km[0] == pytest.approx(0.1)
    assert ground(areas).bounds == pytest.approx((4950, -50, 5150, 50), abs=3)


def test_uphill_to_a_place_is_not_uphill_from_it() -> None:
    """A slope of one in ten that rises to the east: coming down from the east is quicker than going up there."""
    hill = street((-1000, 0), (0, 0), (1000, 0), rise=[100, 100])
    come = service_area(hill, one(), within="5 min", reach_off_street="0 m")
    go = service_area(hill, one(), within="5 min", reach_off_street="0 m", from_place=True)
    up, down = 400 * np.exp(-3.5 * 0.10), 400 * np.exp(-3.5 * (0.05 - 0.05))
    assert (come.streets.coords[:, 0].min(), come.streets.coords[:, 0].max()) == pytest.approx((-up, down), abs=0.2)
    assert (go.streets.coords[:, 0].min(), go.streets.coords[:, 0].max()) == pytest.approx((-down, up), abs=0.2)


def test_the_best_of_several_ways_along_one_street_counts() -> None:
    """A door in the middle of a dead end, joined at one end only."""
    areas = service_area(street((0, 0), (1000, 0)), one((500, 0)), within="5 min", reach_off_street="0 m")
    assert (areas.streets.coords[:, 0].min(), areas.streets.coords[:, 0].max()) == pytest.approx((100, 900), abs=0.2)


def test_a_place_without_a_street_has_empty_areas_and_says_so() -> None:
    far = with_doors("unit", [[(0.0, 301.0)], [(0.0, 0.0)]])
    areas = service_area(street((-1000, 0), (1000, 0)), far, within=["5 min", "10 min"])
    assert areas.status.tolist() == [Status.NO_STREET, Status.ATTACHED]
    assert areas.km2[:2].tolist() == [0, 0]
    assert (areas.km2[2:] > 0).all()
    assert ground(areas, 0).is_empty


def test_a_door_farther_than_the_limit_from_its_street_reaches_nothing() -> None:
    areas = service_area(street((-1000, 0), (1000, 0)), one((0, 200)), within="2 min")
    assert (areas.km2[0], areas.street_km[0]) == (0, 0)


def test_all_that_is_wrong_is_said_at_once() -> None:
    nobody = places([], [], [], role="unit")
    with pytest.raises(ProblemError) as refused:
        service_area(
            square_grid(1), nobody, within=["0 min", "15 min", "121 min"], reach_off_street="400 m", smallest_hole=-1
        )
    assert refused.value.codes == ("no-places", "bad-limit", "bad-limit", "bad-length", "bad-area")
    for bad in ({"cell": "0 m"}, {"cell": "5 m", "reach_off_street": "9 m"}, {"within": []}):
        with pytest.raises(ProblemError):
            service_area(square_grid(1), one(), **{"within": "5 min", **bad})


def test_straight_lines_are_no_streets_to_draw_along() -> None:
    with pytest.raises(ProblemError, match="along streets"):
        service_area(straight_lines(toy_town(), circuity=1.3), one(), within="5 min")  # type: ignore[arg-type]


def test_a_grid_that_would_not_fit_is_refused_before_it_is_made() -> None:
    with pytest.raises(TooLargeError, match="larger cell"):
        service_area(street((-9000, 0), (0, 0), (0, 9000)), one(), within="2 h", cell="0.5 m")


def test_people_inside_are_those_of_the_table_of_times() -> None:
    town = toy_town()
    net = street_network(town)
    areas = service_area(net, town.units, within=["5 min", "15 min"], town=town)
    times = travel_times(net, town.blocks, town.units, within="15 min")
    for group in ("all", "older people"):
        expected = [float(people_within(times, town.demand(group), limit)) for limit in ("5 min", "15 min")]
        assert areas.people[group].tolist() == expected
    assert areas.people["all"].tolist() == [200, 400]
    assert areas.cut.tolist() == [False, False]


def test_an_area_that_ends_where_the_map_ends_says_so() -> None:
    town = toy_town()
    east = places(["east"], [WEST + 4600], [SOUTH], role="unit")  # known ground ends 400 m farther on
    areas = service_area(street_network(town), east, within=["4 min", "15 min"], town=town)
    assert areas.cut.tolist() == [False, True]


def test_the_same_whatever_else_is_asked_and_with_any_number_of_threads() -> None:
    net = street_network(random_grid(12, 12, seed=3))
    three = scattered(3, 900, 900, seed=4, role="unit")
    alone = service_area(net, three.take(np.array([1])), within="8 min")
    together = service_area(net, three, within=["4 min", "8 min"], runner=Runner(3))
    np.testing.assert_array_equal(polygons(alone.shapes)[0].wkb, polygons(together.shapes)[3].wkb)
    again = service_area(net, three, within=["8 min", "4 min", "8 min"])
    assert again.shapes.coords.tobytes() == together.shapes.coords.tobytes()
    assert again.streets.coords.tobytes() == together.streets.coords.tobytes()


def test_a_wall_cuts_a_street_and_no_ground_is_joined_across_it() -> None:
    """A wall at x = 100 across the street of y = 0, from y = -30 to 30: beyond it nothing is reached."""
    walled = street((-1000, 0), (0, 0), (1000, 0)).behind(Barrier.of([(100, -30), (100, 30)]))
    areas = service_area(walled, one(), within="5 min")
    assert (areas.streets.coords[:, 0].min(), areas.streets.coords[:, 0].max()) == pytest.approx((-400, 100))
    assert ground(areas).contains(shapely.Point(99, 20))
    assert not ground(areas).contains(shapely.Point(101, 20))
    both = service_area(walled, one((0, 0), (120, 0)), within="1 min", reach_off_street="0 m")
    assert both.street_km[0] == pytest.approx(0.080 + 0.080 + 0.020 + 0.080)
    assert len(both.streets) == 3  # two edges, one of them in two parts: before the wall and behind it


def test_ground_behind_a_wall_belongs_to_the_street_on_its_own_side() -> None:
    """A house 10 m north of a reached street, behind a wall: it leaves by its own street, which is not reached."""
    x, y = [-500, 500, -500, 500], [0, 0, 60, 60]
    apart = street_network(streets_of(x, y, [0, 2], [1, 3])).behind(Barrier.of([(-2000, 5), (2000, 5)]))
    areas = service_area(apart, one((0, -1)), within="5 min")
    assert ground(areas).bounds[3] == pytest.approx(5, abs=0.1)


def test_a_footbridge_is_reached_but_no_ground_hangs_on_it() -> None:
    x, y = [0, 0, 0, 300], [0, 100, 400, 400]
    bridged = streets_of(x, y, [0, 1, 2], [1, 2, 3])
    bridged = replace(bridged, kind=texts(["residential", FOOTBRIDGE, "residential"]))
    areas = service_area(street_network(bridged), one((0, 10)), within="6 min")
    assert areas.street_km[0] == pytest.approx(0.1 + 0.3 + 0.09, abs=0.001)
    assert ground(areas).contains(shapely.Point(20, 390))
    assert not ground(areas).contains(shapely.Point(0, 250))


@pytest.mark.parametrize("from_place", [False, True])
@pytest.mark.parametrize("walls", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_a_point_is_inside_exactly_when_the_table_of_times_has_it(seed: int, walls: bool, from_place: bool) -> None:
    """Random hillside streets, random points: both ways of asking agree, but for what is narrower than a cell."""
    net = street_network(random_grid(11, 11, seed=seed, dropped=0.3))
    if walls:
        net = net.behind(Barrier.of([(333, -50), (340, 610), (120, 730)]))
    unit = scattered(1, 800, 800, seed=seed + 50, role="unit")
    limit = Duration.of("9 min")
    areas = service_area(net, unit, within=limit, from_place=from_place, smallest_hole=0)
    points = scattered(4000, 900, 900, seed=seed + 99)
    truth = _within(net, points.x, points.y, unit, limit, from_place)
    drawn = shapely.contains_xy(ground(areas), points.x, points.y)
    assert 0.03 < truth.mean() < 0.95
    wrong = np.flatnonzero(drawn != truth)
    assert len(wrong) < 0.005 * len(points)
    # Where they differ, the answer changes within a cell of 5 m.
    turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    for reach in (1.0, 3.0, 5.0):
        x, y = points.x[wrong, None] + reach * np.cos(turn), points.y[wrong, None] + reach * np.sin(turn)
        around = _within(net, x.ravel(), y.ravel(), unit, limit, from_place).reshape(-1, len(turn))
        wrong = wrong[(around == truth[wrong, None]).all(axis=1)]
    assert len(wrong) == 0


def _within(net: StreetNetwork, x, y, unit: Places, limit: Duration, from_place: bool) -> np.ndarray:
    """Whether a door at each point is within the limit by the table of times, and 50 m of its street."""
    if not len(x):
        return np.zeros(0, dtype=bool)
    from utopias.network.attach import attach

    doors = places([str(k) for k in range(len(x))], x, y, role="block")
    ways = (unit, doors) if from_place else (doors, unit)
    times = travel_times(net, *ways, within=limit)
    found = np.zeros(len(x), dtype=bool)
    found[times.columns if from_place else times.rows] = True
    joined = attach(net, doors)
    near = np.zeros(len(x), dtype=bool)
    at = net.lines.take(joined.edge)
    lines = [shapely.LineString(at.coords[a:b]) for a, b in zip(at.starts[:-1], at.starts[1:], strict=True)]
    near[joined.place] = shapely.distance(lines, shapely.points(joined.x, joined.y)) <= 50.0
    return found & near


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(small_streets(), small_places("unit"), st.booleans(), st.integers(1, 20), st.integers(1, 20))
def test_more_time_never_reaches_less(streets, units, from_place, a, b) -> None:
    net = street_network(streets)
    short, long = sorted((a, b))
    areas = service_area(net, units, within=[f"{short} min", f"{long} min"], from_place=from_place)
    k = len(areas.limits)
    shapes = polygons(areas.shapes)
    assert shapely.is_valid(shapes).all()
    np.testing.assert_allclose(areas.km2, shapely.area(shapes) / 1e6, atol=1e-9)
    for i in range(len(units)):
        assert shapes[i * k].difference(shapes[i * k + k - 1]).area < 1e-6
        assert areas.street_km[i * k] <= areas.street_km[i * k + k - 1] + 1e-12
