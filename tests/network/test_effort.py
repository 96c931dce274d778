"""What an edge costs, by hand."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.network.grids import streets_of
from utopias.domain.arrays import texts
from utopias.domain.errors import ProblemError, QuantityError, TableError
from utopias.domain.quantities import WALKERS
from utopias.domain.streets import ON_THE_FRONT, StreetFront, Streets
from utopias.network.effort import edge_costs, walking_speed
from utopias.network.profiles import PROFILES, ROUGH, SMOOTH, SOFT, Profile
from utopias.network.slopes import FASTEST, SLOPES, tobler
from utopias.territory import osm_front
from utopias.territory.street_front import SURFACES


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


# What profiles mind ---------------------------------------------------------------------------------------------------


def told(length: float = 80.0, *, surface: str = "", kind: str = "residential", steps: bool = False, rise: float = np.nan, **front: str):  # fmt: skip
    """One edge of which just this is known."""
    known = {name: texts([front.get(name, "")]) for name in ON_THE_FRONT}
    return replace(
        one_edge(length, rise, steps=[steps]), surface=texts([surface]), kind=texts([kind]), front=StreetFront(**known)
    )


def seconds(streets: Streets, walker: str | Profile = "adult", **how: Any) -> float:
    return int(edge_costs(streets, walker=walker, **how).onward[0]) / 10


def test_an_older_person_takes_three_times_as_long_on_a_flight_of_steps() -> None:
    # 80 m at 3.2 km/h are 90 s.
    assert seconds(told(), "older person") == 90.0
    assert seconds(told(steps=True), "older person") == 270.0
    assert seconds(told(steps=True), "adult") == seconds(told(), "adult") == 60.0


def test_on_steps_the_slower_of_slope_and_steps_counts_not_both() -> None:
    # Up 8 in 80 Tobler takes 90 / exp(-0.35) = 127.7 s, less than 270; up 40 in 80 it takes 90 / exp(-1.75) = 517.9 s.
    assert seconds(told(steps=True, rise=8.0), "older person") == 270.0
    assert seconds(told(steps=True, rise=-4.0), "older person") == 270.0
    assert seconds(told(steps=True, rise=40.0), "older person") == pytest.approx(90 / math.exp(-3.5 * 0.5), abs=0.05)


@pytest.mark.parametrize(
    ("known", "wheelchair", "pram", "older"),
    [
        ({"surface": "asphalt"}, 96.0, 80.0, 90.0),
        ({"surface": "cobblestone"}, 144.0, 100.0, 99.0),
        ({"surface": "unpaved"}, 192.0, 120.0, 112.5),
        ({"surface": "wood"}, 96.0, 80.0, 90.0),  # neither: not known
        ({"sidewalk": "no"}, 144.0, 100.0, 112.5),
        ({"sidewalk": "part"}, 96.0, 80.0, 90.0),  # on one side: one walks there
        ({"sidewalk": "no", "kind": "footway"}, 96.0, 80.0, 90.0),  # no cars: nothing lacks
        ({"ramps": "no"}, 192.0, 100.0, 99.0),
        ({"ramps": "part"}, 96.0, 80.0, 90.0),
        ({"sidewalk": "no", "ramps": "no"}, 192.0, 100.0, 112.5),  # the greater of the two
        ({"surface": "unpaved", "ramps": "no"}, 384.0, 150.0, 123.8),  # 90 * 1.25 * 1.1 = 123.75
        ({"lit": "no", "crossing": "no"}, 96.0, 80.0, 90.0),  # by daylight light costs nothing; crossings never do
    ],
)
def test_each_fact_costs_each_profile_what_is_declared(
    known: Any, wheelchair: float, pram: float, older: float
) -> None:
    # 80 m: 96 s at 3.0 km/h, 80 s at 3.6, 90 s at 3.2.
    streets = told(**known)
    assert [seconds(streets, walker) for walker in ("wheelchair", "pram", "older person")] == [wheelchair, pram, older]
    assert seconds(streets, "adult") == 60.0
    assert seconds(streets, "child") == 72.0


def test_what_cannot_be_passed_is_not_in_the_network_and_not_a_large_number() -> None:
    wheels = Profile("sports wheelchair", 1.0, steps=math.inf, no_ramps=math.inf)
    assert edge_costs(told(ramps="no"), walker=wheels).walkable.tolist() == [False]
    assert edge_costs(told(ramps="part"), walker=wheels).walkable.tolist() == [True]


def test_what_is_not_known_costs_nothing_and_is_counted() -> None:
    streets = streets_of([0, 100], [0, 0], [0] * 4, [1] * 4, length=[80] * 4, foot=[True, True, True, False])
    front = StreetFront(
        texts(["no", "", "", "no"]), texts(["", "", "", "no"]), texts(["yes", "no", "", "no"]), texts([""] * 4)
    )
    costs = edge_costs(replace(streets, surface=texts(["paved", "wood", "", "mud"]), front=front), walker="wheelchair")
    assert costs.onward.tolist() == [1440, 960, 960, 0]
    third = pytest.approx(1 / 3)
    assert costs.impedance.known == {"rise": 0.0, "surface": third, "sidewalk": third, "ramps": 0.0, "lit": pytest.approx(2 / 3)}  # fmt: skip
    assert (costs.impedance.edges, costs.impedance.dark) == (3, third)


# After dark -----------------------------------------------------------------------------------------------------------


def test_after_dark_what_is_unlit_or_unpaved_takes_the_factor_once_and_all_else_nothing() -> None:
    assert seconds(told(lit="no"), after_dark=2.0) == 120.0
    assert seconds(told(surface="dirt"), after_dark=2.0) == 120.0
    assert seconds(told(lit="no", surface="dirt"), after_dark=2.0) == 120.0
    for known in ({"lit": "yes"}, {"lit": "part"}, {"lit": ""}, {"surface": "sett"}):
        assert seconds(told(**known), after_dark=2.0) == 60.0
    assert seconds(told(lit="no", surface="dirt"), "wheelchair", after_dark=1.5) == 96 * 2 * 1.5


@pytest.mark.parametrize("factor", [0.99, 0.0, -2.0, math.nan, math.inf, True, "2", None])
def test_a_factor_after_dark_under_one_or_no_number_is_refused(factor: Any) -> None:
    with pytest.raises(ProblemError) as refusal:
        edge_costs(told(), after_dark=factor)
    assert refusal.value.codes == ("bad-after-dark",)


# Slopes ---------------------------------------------------------------------------------------------------------------


def test_naismith_adds_an_hour_for_two_thousand_feet_and_nothing_on_the_way_down() -> None:
    # Three miles that climb 2,000 feet take two hours, the same three miles down take one.
    three_miles, climbed = 3 * 1609.344, 2000 * 0.3048
    costs = edge_costs(told(three_miles, rise=climbed), speed="1.34112 m/s", slope="naismith")  # 3 mph
    assert (costs.onward.tolist(), costs.back.tolist()) == ([72_000], [36_000])
    assert costs.impedance.slope == "naismith"


@given(st.floats(-1, 1))
def test_no_rule_is_faster_than_the_fastest(slope: float) -> None:
    for rule in SLOPES.values():
        assert rule(slope) <= FASTEST * (1 + 1e-12)
        assert rule(0.0) == 1.0


def test_an_unknown_rule_is_refused_with_those_there_are() -> None:
    with pytest.raises(ProblemError, match="tobler, naismith") as refusal:
        edge_costs(told(), slope="campbell")
    assert refusal.value.codes == ("unknown-slope",)


# Profiles as data -----------------------------------------------------------------------------------------------------


def test_profiles_have_the_speeds_of_the_walkers() -> None:
    assert {name: profile.speed_m_s for name, profile in PROFILES.items()} == WALKERS


def test_every_surface_that_the_map_reads_as_hard_or_soft_is_known_here_too() -> None:
    assert SMOOTH | ROUGH == osm_front.HARD
    assert SOFT == osm_front.SOFT
    assert not SMOOTH & ROUGH
    assert set(SURFACES) <= SMOOTH | ROUGH | SOFT


def test_a_profile_of_ones_own_needs_a_name_of_its_own() -> None:
    slow = replace(PROFILES["older person"], name="older person, steps by two", steps=2.0)
    assert seconds(told(steps=True), slow) == 180.0
    with pytest.raises(ProblemError) as refusal:
        replace(PROFILES["older person"], steps=2.0)
    assert refusal.value.codes == ("taken-profile",)
    assert replace(PROFILES["pram"]) == PROFILES["pram"]


@pytest.mark.parametrize("numbers", [{"steps": 0.5}, {"soft": math.nan}, {"rough": "2"}, {"no_ramps": True}])
def test_a_factor_under_one_or_no_number_is_refused(numbers: Any) -> None:
    with pytest.raises(ProblemError, match=next(iter(numbers))) as refusal:
        Profile("mine", 1.0, **numbers)
    assert refusal.value.codes == ("bad-profile",)


def test_all_faults_of_a_profile_are_told_at_once() -> None:
    with pytest.raises(ProblemError) as refusal:
        Profile("mine", 0.0, steps=0.0, soft=-1.0)
    assert refusal.value.codes == ("bad-profile",) * 3


# Laws -----------------------------------------------------------------------------------------------------------------

WORDS = {
    "surface": ["", "asphalt", "sett", "gravel"],
    "sidewalk": ["", "yes", "part", "no"],
    "ramps": ["", "yes", "part", "no"],
    "lit": ["", "yes", "part", "no"],
    "kind": ["residential", "footway"],
}
KNOWN = st.fixed_dictionaries({name: st.sampled_from(words) for name, words in WORDS.items()})
WALKS = st.tuples(st.sampled_from(list(PROFILES)), st.sampled_from(list(SLOPES)), st.sampled_from([1.0, 1.5, 2.0, 3.0]))
WORST = {"surface": "gravel", "sidewalk": "no", "ramps": "no", "lit": "no", "kind": "residential"}


@given(KNOWN, st.sampled_from([*WORST, "steps"]), WALKS, st.floats(-0.9, 0.9))
def test_one_more_fact_against_you_never_makes_a_walk_shorter(known: dict[str, str], fact: str, walk: Any, climb: float) -> None:  # fmt: skip
    walker, slope, dark = walk
    worse = {**known, **({fact: WORST[fact]} if fact in WORST else {})}
    before = edge_costs(told(rise=80 * climb, **known), walker=walker, slope=slope, after_dark=dark)
    after = edge_costs(
        told(rise=80 * climb, steps=fact == "steps", **worse), walker=walker, slope=slope, after_dark=dark
    )
    assert before.walkable[0] or not after.walkable[0]
    if after.walkable[0]:
        assert after.onward[0] >= before.onward[0]
        assert after.back[0] >= before.back[0]


@given(KNOWN, WALKS, st.floats(-0.9, 0.9), st.booleans())
def test_turning_any_edge_round_swaps_onward_and_back_for_everybody(known: dict[str, str], walk: Any, climb: float, steps: bool) -> None:  # fmt: skip
    walker, slope, dark = walk
    up = edge_costs(told(rise=80 * climb, steps=steps, **known), walker=walker, slope=slope, after_dark=dark)
    down = edge_costs(told(rise=-80 * climb, steps=steps, **known), walker=walker, slope=slope, after_dark=dark)
    assert up.onward.tolist() == down.back.tolist()
    assert up.back.tolist() == down.onward.tolist()


@given(KNOWN, WALKS, st.floats(-0.9, 0.9))
def test_a_factor_of_one_is_daylight_and_a_greater_one_is_never_shorter(known: dict[str, str], walk: Any, climb: float) -> None:  # fmt: skip
    walker, slope, dark = walk
    streets = told(rise=80 * climb, **known)
    day = edge_costs(streets, walker=walker, slope=slope)
    one = edge_costs(streets, walker=walker, slope=slope, after_dark=1.0)
    night = edge_costs(streets, walker=walker, slope=slope, after_dark=dark)
    assert day.onward.tolist() == one.onward.tolist()
    assert night.onward[0] >= day.onward[0]
    assert night.walkable.tolist() == day.walkable.tolist()
    assert day.impedance.notes.keys() & {"after_dark", "dark"} == set()
