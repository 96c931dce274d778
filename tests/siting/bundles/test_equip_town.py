"""The toy town asked for services: standing places, ground, the catalogue's walks and shares, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.siting.towns import clustered_town
from tests.toy import toy_town
from utopias.domain.catalogue import read_catalogue
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.scenario.equip import EquipQuestion, equip_town
from utopias.scenario.on_what import walk
from utopias.siting.bundles.problem import ModuleProblem
from utopias.siting.bundles.solve import equip


@pytest.fixture(scope="module")
def town() -> Town:
    return toy_town()


@pytest.fixture(scope="module")
def times(town: Town) -> TravelTimes:
    return walk(town)


def test_the_toy_by_hand(town: Town, times: TravelTimes) -> None:
    asked = ModuleProblem.for_town(town, times, services=["pool", "day house"], open=1)
    plan = equip(asked)
    # Uno has 30 places a week, a tenth of people want one: 300 of its 400 are served. B has room for all that reach it:
    # 1,400 to 3,800, seven blocks, of which Uno leaves it the one that both reach. The day house: seven blocks of 20.
    assert plan.by_name == {"b": ["pool", "day house"]}
    assert (plan.before, plan.value) == (300.0, 1000.0 + 140.0)
    assert plan.persons[0, 0] == pytest.approx(300.0)
    assert plan.proven
    assert asked.areas.tolist() == [0.0, 3500.0, 4200.0, 3150.0]  # 35 of 100 of each plot
    assert plan.spent == (43.9e6 + 8.78e6) + (5.25e6 + 1.05e6)
    assert plan.yearly == (10.88e6 + 1.22e6) + (1.3e6 + 0.82e6)


def test_places_need_not_bind(town: Town, times: TravelTimes) -> None:
    plan = equip(ModuleProblem.for_town(town, times, services=["pool"], open=1, places=False))
    assert (plan.before, plan.value) == (400.0, 1000.0)


def test_all_takes_what_can_be_measured_and_says_what_it_leaves_out(town: Town, times: TravelTimes) -> None:
    asked = ModuleProblem.for_town(town, times, open=1)
    left = asked.town["left_out"]
    assert left["olympic pool"] == "area"
    assert left["laundry"] == "group"  # the toy counts no carers
    assert {service.name for service in asked.services} | set(left) == set(read_catalogue())


def test_a_longer_walk_is_taken_from_the_catalogue_or_told(town: Town, times: TravelTimes) -> None:
    museum = ModuleProblem.for_town(town, times, services=["museum"], open=1)
    assert museum.services[0].limit == 30 * 600.0
    near = ModuleProblem.for_town(town, times, services=["museum"], standards={"museum": "5 min"}, open=1)
    assert equip(near).value == 300.0  # the blocks 400 m off, and the one of the site itself


def test_a_service_named_that_cannot_be_asked_is_refused_with_all_else(town: Town, times: TravelTimes) -> None:
    with pytest.raises(ProblemError) as refusal:
        ModuleProblem.for_town(
            town, times, services=["pool", "sauna", "laundry", "olympic pool"], open=1, must_have=["gym"],
            forced=["z"], importance={"spa": 2.0}, buildable=2.0, standards={"pool": "45 min"},
        )  # fmt: skip
    assert set(refusal.value.codes) == {
        "unknown-service", "service-group-unknown", "service-not-measured", "unknown-must-have", "unknown-site",
        "service-not-asked", "bad-buildable", "limit-beyond-table",
    }  # fmt: skip


def test_a_plot_of_unknown_area_is_refused_unless_one_is_assumed(town: Town, times: TravelTimes) -> None:
    table = town.sites.table.assign(area_m2=[np.nan, 12_000.0, np.nan])
    unknown = replace(town, sites=replace(town.sites, table=table))
    with pytest.raises(ProblemError) as refusal:
        ModuleProblem.for_town(unknown, times, services=["pool"], open=1)
    assert refusal.value.codes == ("area-not-known",)
    assert refusal.value.faults[0].count == 2
    asked = ModuleProblem.for_town(unknown, times, services=["pool"], open=1, plot_area=4_000.0)
    assert asked.areas.tolist() == [0.0, 1400.0, 4200.0, 1400.0]
    assert asked.town["assumed"]["plots"] == 2


def test_a_standing_module_of_unknown_capacity_is_of_the_usual_size_and_told(town: Town, times: TravelTimes) -> None:
    modules = town.modules.assign(capacity=[np.nan, 30.0, 30.0, np.nan, 40.0])
    asked = ModuleProblem.for_town(replace(town, modules=modules), times, services=["pool"], open=1)
    assert asked.places[0, 0] == 3000.0
    assert asked.town["assumed"]["usual"] == 1


def test_hours_of_a_capacity_are_counted_over_the_week(town: Town, times: TravelTimes) -> None:
    modules = town.modules.assign(per=["day", "week", "week", "week", "week"])
    asked = ModuleProblem.for_town(replace(town, modules=modules), times, services=["pool"], open=1)
    assert asked.places[0, 0] == 180.0


def test_need_weighs_people_and_still_counts_them(town: Town, times: TravelTimes) -> None:
    asked = ModuleProblem.for_town(town, times, services=["pool"], open=1, weigh_by="need")
    plan = equip(asked)
    assert plan.by_name == {"c": ["pool"]}, "the east, where need is, though fewer live there"
    assert plan.value < plan.served["persons"].sum()
    assert plan.certificate is not None
    assert plan.certificate.holds


def test_a_town_without_any_plot_large_enough_says_so(town: Town, times: TravelTimes) -> None:
    with pytest.raises(InfeasibleError) as refusal:
        ModuleProblem.for_town(town, times, services=["pool"], open=1, buildable=0.01)
    assert refusal.value.codes == ("nothing-fits",)


def test_a_clustered_town_is_answered_with_a_gap_told_and_a_recount_that_holds() -> None:
    town, times = clustered_town(400, 40)
    question = EquipQuestion(
        services=("pool", "day house", "workshops", "canteen", "library", "garden"), open=6, budget=300e6,
        upkeep=90e6, buildable=0.9,
    )  # fmt: skip
    plan = equip_town(town, replace(question, land=False), times=times)
    assert plan.certificate is not None
    assert plan.certificate.holds
    assert plan.gap <= 0.002, f"{plan!r}"
    assert plan.spent <= 300e6
    assert plan.yearly <= 90e6
