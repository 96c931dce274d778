"""There and home again, by hand and against the single walks."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.network.grids import scattered, small_places, small_streets, streets_of, with_doors
from tests.toy import toy_town
from utopias.access.on_foot import travel_times
from utopias.access.there_and_back import ThereAndBack, people_there_and_back, there_and_back, way_home
from utopias.domain.arrays import texts
from utopias.domain.demand import Demand
from utopias.domain.errors import MisalignedError, ProblemError
from utopias.domain.places import Places
from utopias.domain.streets import StreetFront, Streets
from utopias.network.straight_lines import straight_lines
from utopias.network.street_network import street_network


def hill(**front: Any) -> Streets:
    """1,000 m due east, 100 m up; a unit at the top and a house at the foot."""
    return replace(streets_of([0, 1000], [0, 0], [0], [1], rise=[100.0]), **front)


FOOT, TOP = with_doors("house", [[(0, 0)]]), with_doors("unit", [[(1000, 0)]])
UP = math.floor(7500 / math.exp(-3.5 * 0.10) + 0.5)  # 17 min 44 s
DOWN = 7500  # -10 % is as fast as the flat: 12.5 min


def of(persons: list[float], homes: Places, planned: list[bool] | None = None) -> Demand:
    inside = np.array([True] * len(persons) if planned is None else planned, dtype=bool)
    return Demand(homes.ids, np.array(persons, dtype=float), "all", inside)


def test_who_climbs_there_goes_down_home() -> None:
    streets = street_network(hill())
    trips = there_and_back(streets, streets, FOOT, TOP, within="30 min")
    assert [part.tolist() for part in trips.pairs] == [[0], [0], [UP], [DOWN]]
    assert (trips.back.shape, trips.back.notes["way"]) == ((1, 1), "home")


def test_within_is_asked_of_each_way_alone_and_of_the_same_unit_both_ways() -> None:
    streets = street_network(hill())
    trips = there_and_back(streets, streets, FOOT, TOP, within="30 min")
    people = of([100.0], FOOT)
    assert people_there_and_back(trips, people, "15 min") == (0, 100, 0)
    assert people_there_and_back(trips, people, "18 min") == (100, 100, 100)


def test_one_unit_near_on_the_way_there_and_another_on_the_way_home_are_not_both_ways() -> None:
    # The house stands in the middle: one unit is at the foot, the other at the top of the hill.
    streets = street_network(streets_of([0, 1000, 2000], [0, 0, 0], [0, 1], [1, 2], rise=[100.0, 100.0]))
    house, units = with_doors("house", [[(1000, 0)]]), with_doors("unit", [[(0, 0)], [(2000, 0)]])
    trips = there_and_back(streets, streets, house, units, within="30 min")
    assert people_there_and_back(trips, of([40.0], house), "15 min") == (40, 40, 0)


def test_home_after_dark_takes_longer_only_where_it_is_known_to_be_unlit() -> None:
    def home(lit: str) -> int:
        front = StreetFront(texts([""]), texts([""]), texts([lit]), texts([""]))
        streets = hill(front=front)
        trips = there_and_back(
            street_network(streets), street_network(streets, after_dark=1.5), FOOT, TOP, within="60 min"
        )
        assert trips.there.deciseconds.tolist() == [UP]
        return int(trips.back.deciseconds[0])

    assert [home(lit) for lit in ("yes", "part", "", "no")] == [DOWN, DOWN, DOWN, DOWN * 3 // 2]


def test_a_pair_within_one_way_only_is_in_the_pairs_with_minus_one() -> None:
    streets = street_network(hill())
    trips = there_and_back(streets, streets, FOOT, TOP, within="15 min")
    assert [part.tolist() for part in trips.pairs] == [[0], [0], [-1], [DOWN]]


def test_the_surroundings_and_those_out_of_reach_do_not_count() -> None:
    streets = street_network(hill())
    homes = with_doors("house", [[(0, 0)], [(1000, 0)], [(0, 5000)]])
    trips = there_and_back(streets, streets, homes, TOP, within="30 min")
    assert people_there_and_back(trips, of([1.0, 10.0, 100.0], homes, [True, False, True]), "30 min") == (1, 1, 1)


def test_no_unit_at_all_and_no_home_at_all_are_nobody() -> None:
    streets = street_network(hill())
    none = with_doors("unit", [])
    trips = there_and_back(streets, streets, FOOT, none, within="30 min")
    assert people_there_and_back(trips, of([5.0], FOOT), "30 min") == (0, 0, 0)
    assert len(there_and_back(streets, streets, none, TOP, within="30 min").pairs.home) == 0


def test_straight_lines_are_as_long_home_as_there_and_marked_estimated() -> None:
    town = toy_town()
    trips = there_and_back(straight_lines(), straight_lines(), town.blocks, town.fixed, within="30 min")
    assert trips.there.deciseconds.tolist() == trips.back.deciseconds.tolist()
    assert trips.back.estimated


def test_tables_of_other_places_are_refused() -> None:
    streets = street_network(hill())
    there = travel_times(streets, FOOT, TOP, within="30 min")
    with pytest.raises(MisalignedError) as refusal:
        ThereAndBack(there, way_home(streets, TOP, FOOT, within="30 min"))
    assert refusal.value.codes == ("other-places",)


def test_a_limit_beyond_the_tables_is_refused() -> None:
    streets = street_network(hill())
    trips = there_and_back(streets, streets, FOOT, TOP, within="30 min")
    with pytest.raises(ProblemError, match="31 min"):
        people_there_and_back(trips, of([1.0], FOOT), "31 min")


@settings(deadline=None)
@given(small_streets(), small_places("house"), small_places("unit"))
def test_the_way_home_is_the_walk_from_the_unit_turned(streets: Streets, homes: Places, units: Places) -> None:
    network = street_network(streets)
    home = way_home(network, homes, units, within="60 min")
    out = travel_times(network, units, homes, within="60 min")
    expected = sorted(zip(out.columns.tolist(), out.rows.tolist(), out.deciseconds.tolist(), strict=True))
    assert list(zip(home.rows.tolist(), home.columns.tolist(), home.deciseconds.tolist(), strict=True)) == expected
    assert home.origin_status.tolist() == out.destination_status.tolist()


@settings(deadline=None)
@given(small_streets(level=True), small_places("house"), small_places("unit"))
def test_on_level_streets_the_way_home_is_the_way_there(streets: Streets, homes: Places, units: Places) -> None:
    network = street_network(streets)
    trips = there_and_back(network, network, homes, units, within="60 min")
    assert trips.there.deciseconds.tolist() == trips.back.deciseconds.tolist()


@settings(deadline=None)
@given(small_streets(), small_places("house"), small_places("unit"), st.integers(1, 60))
def test_both_ways_are_never_more_people_than_one(streets: Streets, homes: Places, units: Places, minutes: int) -> None:
    network = street_network(streets)
    trips = there_and_back(network, network, homes, units, within="60 min")
    found = people_there_and_back(trips, of([1.0] * len(homes), homes), f"{minutes} min")
    assert float(found.both) <= min(float(found.there), float(found.home))


def test_the_same_table_comes_from_either_side_of_the_search() -> None:
    # Few units are searched backwards, few homes forwards: the tables must not tell.
    rng = np.random.default_rng(3)
    x, y = (axis.ravel() * 90.0 for axis in np.meshgrid(np.arange(8), np.arange(8)))
    node = np.arange(64).reshape(8, 8)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    network = street_network(streets_of(x, y, tail, head, rise=rng.uniform(-9, 9, len(tail))))
    many, few = scattered(30, 630, 630, seed=1), scattered(3, 630, 630, seed=2, role="unit")
    one = way_home(network, many, few, within="40 min")
    for k in range(30):
        alone = way_home(network, many.take(np.array([k])), few, within="40 min")
        row = one.rows_of(np.array([k]))
        assert (alone.columns.tolist(), alone.deciseconds.tolist()) == (row.columns.tolist(), row.deciseconds.tolist())
