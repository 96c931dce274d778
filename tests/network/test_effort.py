"""What an edge costs, by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.network.grids import streets_of
from utopias.domain.errors import ProblemError, QuantityError, TableError
from utopias.domain.quantities import WALKERS
from utopias.network.effort import FASTEST, edge_costs, tobler, walking_speed


def one_edge(length: float, rise: float = np.nan, **flags):
    return streets_of([0, 100], [0, 0], [0], [1], length=[length], rise=[rise], **flags)


def test_eighty_metres_on_the_flat_take_an_adult_a_minute():
    costs = edge_costs(one_edge(80.0))
    assert (costs.onward.tolist(), costs.back.tolist()) == ([600], [600])


def test_slower_walkers_take_longer():
    seconds = {walker: int(edge_costs(one_edge(1000.0), walker=walker).onward[0]) for walker in WALKERS}
    assert seconds == {"adult": 7500, "child": 9000, "older person": 11250, "wheelchair": 12000, "pram": 10000}


def test_a_cost_is_rounded_half_up_once():
    assert edge_costs(one_edge(0.25), speed="1 m/s").onward.tolist() == [3]  # 2.5 ds
    assert edge_costs(one_edge(0.24), speed="1 m/s").onward.tolist() == [2]


def test_slope_costs_by_tobler_and_by_direction():
    up, down = 600 / math.exp(-3.5 * 0.1), 600 / math.exp(-3.5 * 0.0)
    costs = edge_costs(one_edge(80.0, rise=8.0))
    assert (costs.onward.tolist(), costs.back.tolist()) == ([math.floor(up + 0.5)], [math.floor(down + 0.5)])


def test_tobler_is_one_on_the_flat_and_fastest_on_a_gentle_way_down():
    assert tobler(0.0) == 1.0
    assert tobler(-0.05) == pytest.approx(FASTEST)
    slopes = np.linspace(-1, 1, 2001)
    assert slopes[np.argmax(tobler(slopes))] == pytest.approx(-0.05)


def test_tobler_has_the_published_speeds():
    # 6 km/h exp(-3.5 |s + 0.05|): 5.04 on the flat, 6 at -5 %, about 3.55 at +10 %.
    flat = 6 * math.exp(-3.5 * 0.05)
    assert flat == pytest.approx(5.04, abs=0.005)
    assert flat * tobler(0.10) == pytest.approx(6 * math.exp(-3.5 * 0.15))
    assert flat * tobler(-0.30) == pytest.approx(6 * math.exp(-3.5 * 0.25))


@given(st.floats(1, 5000), st.floats(-1, 1))
def test_turning_an_edge_round_swaps_its_two_costs(length, slope):
    there = edge_costs(one_edge(length, rise=length * slope * 0.999))
    back = edge_costs(one_edge(length, rise=-length * slope * 0.999))
    assert there.onward.tolist() == back.back.tolist()
    assert there.back.tolist() == back.onward.tolist()


def test_an_unknown_rise_is_walked_as_flat_and_counted():
    streets = streets_of([0, 100], [0, 0], [0, 0], [1, 1], length=[80, 80], rise=[np.nan, 0.0])
    costs = edge_costs(streets)
    assert costs.onward.tolist() == [600, 600]
    assert costs.rise_known == 0.5


@pytest.mark.parametrize(
    ("walker", "passes"), [("adult", True), ("child", True), ("wheelchair", False), ("pram", False)]
)
def test_steps_stop_wheels_and_nobody_else(walker, passes):
    assert edge_costs(one_edge(20.0, steps=[True]), walker=walker).walkable.tolist() == [passes]


def test_an_edge_closed_to_walkers_is_not_walkable_whatever_its_numbers():
    costs = edge_costs(one_edge(1.0, rise=500.0, foot=[False]))
    assert costs.walkable.tolist() == [False]


def test_all_impossible_edges_are_told_at_once():
    streets = streets_of([0, 1], [0, 0], [0, 0, 0], [1, 1, 1], length=[5, 80, 1e10], rise=[6, 1, np.nan])
    with pytest.raises(TableError) as refusal:
        edge_costs(streets)
    assert refusal.value.codes == ("impossible-slope", "endless-edge")
    assert "edge 0: 6 m over 5 m" in str(refusal.value)


def test_an_unknown_walker_is_refused_with_those_there_are():
    with pytest.raises(ProblemError, match="older person"):
        walking_speed("horse")


@pytest.mark.parametrize("speed", ["fast", "4.8", "0 m/s", "5 mph"])
def test_a_speed_without_its_unit_or_of_nothing_is_refused(speed):
    with pytest.raises(QuantityError):
        walking_speed("adult", speed)


def test_a_bare_number_is_no_speed():
    with pytest.raises(QuantityError) as refusal:
        walking_speed("adult", 1.3)  # type: ignore[arg-type]
    assert refusal.value.codes == ("bare-number",)


def test_a_written_speed_takes_the_place_of_the_profile():
    assert walking_speed("adult", "3.6 km/h") == walking_speed("child", "1 m/s") == 1.0
