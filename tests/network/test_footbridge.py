"""A footbridge joins two streets where it meets them, and leaves everything else as it was."""

import numpy as np
import pytest

from tests.network.grids import random_grid, scattered, streets_of
from utopias.access.on_foot import travel_times
from utopias.domain.errors import TableError
from utopias.domain.places import places
from utopias.network.footbridge import with_footbridge
from utopias.network.street_network import street_network


def banks():
    """Two streets of 400 m, 100 m apart, joined at the west end by a bridge."""
    return streets_of([0, 400, 0, 400], [0, 0, 100, 100], [0, 2, 0], [1, 3, 2])


def minutes(streets, here, there):
    times = travel_times(
        street_network(streets), places(["a"], *np.transpose([here]), role="block"),
        places(["b"], *np.transpose([there]), role="unit"), within="30 min",
    )  # fmt: skip
    return times.minutes.tolist()


def test_a_footbridge_is_walked_from_where_it_meets_both_streets():
    before, after = banks(), with_footbridge(banks(), [(200, 0), (200, 100)])
    assert minutes(before, (300, 0), (300, 100)) == [700 / 80]
    assert minutes(after, (300, 0), (300, 100)) == [300 / 80]
    assert minutes(after, (0, 0), (0, 100)) == minutes(before, (0, 0), (0, 100))


def test_both_streets_are_split_and_keep_their_length():
    after = with_footbridge(banks(), [(200, 0), (150, 50), (100, 100)])
    assert len(after) == 3 + 2 + 1
    assert after.length.sum() == pytest.approx(900 + 100 * np.sqrt(2))
    assert after.lines.lengths() == pytest.approx(after.length)
    assert len(after.x) == 6


def test_ends_drawn_beside_the_street_are_led_to_it():
    after = with_footbridge(banks(), [(200, 10), (200, 80)])
    assert after.length[-1] == pytest.approx(100)


def test_an_end_at_a_node_makes_no_new_node():
    after = with_footbridge(banks(), [(400, 0), (400, 100)])
    assert (len(after), len(after.x)) == (4, 4)
    assert (after.tail[-1], after.head[-1]) == (1, 3)


def test_both_ends_on_one_street_make_a_short_cut():
    bow = streets_of([0, 200], [0, 0], [0], [1], bends=[[(0, 300), (200, 300)]])
    assert minutes(bow, (0, 50), (200, 50)) == [700 / 80]
    assert minutes(with_footbridge(bow, [(0, 100), (200, 100)]), (0, 50), (200, 50)) == [300 / 80]


def test_a_footbridge_makes_nobody_walk_longer_by_more_than_the_rounding_of_a_split():
    streets = random_grid(8, 8, seed=5)
    blocks, units = scattered(60, 560, 560, seed=1), scattered(6, 560, 560, seed=2, role="unit")
    before = travel_times(street_network(streets), blocks, units, within="30 min")
    after = travel_times(
        street_network(with_footbridge(streets, [(90, 90), (470, 470)])), blocks, units, within="30 min"
    )
    was = {(r, c): t for r, c, t in zip(before.rows, before.columns, before.deciseconds, strict=True)}
    now = {(r, c): t for r, c, t in zip(after.rows, after.columns, after.deciseconds, strict=True)}
    assert was.keys() <= now.keys()
    assert max(now[pair] - was[pair] for pair in was) <= 2
    assert min(now[pair] - was[pair] for pair in was) < -10, "somebody gains"


def test_a_footbridge_from_nowhere_is_refused_with_both_ends():
    with pytest.raises(TableError) as refused:
        with_footbridge(banks(), [(200, 300), (200, 900)])
    fault = refused.value.faults[0]
    assert (fault.code, fault.count) == ("far-from-street", 2)


def test_a_footbridge_ends_on_a_street_of_who_walks():
    flight = streets_of(
        [0, 400, 0, 400, 0, 400], [0, 0, 100, 100, 70, 70], [0, 2, 0, 4], [1, 3, 2, 5], steps=[0, 0, 0, 1]
    )
    wheels = ~flight.steps
    assert with_footbridge(flight, [(200, 0), (200, 80)]).length[-1] == pytest.approx(90)
    bridge = with_footbridge(flight, [(200, 0), (200, 80)], walkable=wheels)
    assert bridge.length[-1] == pytest.approx(100)
    assert bridge.y[bridge.head[-1]] == 100
