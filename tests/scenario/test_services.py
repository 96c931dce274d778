"""Could they be served: ten blocks, places a week and those who want one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.scenario.ten_blocks import A, B, C, U, plan_of, ten_blocks
from utopias.domain.catalogue import Module, Range
from utopias.domain.quantities import Minutes
from utopias.scenario import findings
from utopias.scenario.services import added_places, offer_of, supply

FIFTEEN = Minutes(15)
ONE = Range(1, 1, 1)
CATALOGUE = {"pool": Module("pool", "all", 30.0, 1.0, ONE, ONE, ONE, ONE, 2025, "invented")}


def served(study, sites, *, rates=(0.05, 0.10, 0.20), displaced=(), catalogue=CATALOGUE):
    offer = offer_of(study, catalogue)
    return supply(study, offer, FIFTEEN, today=[U], opened=[U, *sites], displaced=displaced, rates=rates)


def codes(assumed):
    return {one.code: one.values for one in assumed}


def test_those_who_reach_it_compete_wherever_they_live():
    (pool,), _ = served(ten_blocks(), [A])
    assert (pool.service, pool.group) == ("pool", "all")
    assert pool.target_before == 10 + 20 + 30 + 40
    # a is 15 minutes from block 8, which lies around the planned area and takes places all the same
    assert pool.target_after == 10 + 20 + 30 + 40 + 50 + 60 + 70 + 90


def test_the_gap_is_those_who_want_a_place_less_own_places_less_substitutes():
    (pool,), _ = served(ten_blocks(), [A], rates=(0.2,))
    assert pool.places_week_before == 12
    assert pool.places_week_after == 16
    assert pool.gap_before == pytest.approx(100 * 0.2 - 12)
    assert pool.gap_after == pytest.approx(370 * 0.2 - 16)
    assert pool.declared_rate


def test_a_sweep_shows_each_rate_and_the_gap_of_the_middle_one():
    (pool,), assumed = served(ten_blocks(), [A])
    assert [one.rate for one in pool.rates] == [0.05, 0.10, 0.20]
    assert [one.wanted_before for one in pool.rates] == pytest.approx([5, 10, 20])
    assert [one.served_before for one in pool.rates] == pytest.approx([1, 1, 0.6])
    assert [one.served_after for one in pool.rates] == pytest.approx([16 / 18.5, 16 / 37, 16 / 74])
    assert pool.gap_after == pytest.approx(37 - 16)
    assert not pool.declared_rate
    assert codes(assumed)["participation-swept"] == {"rates": [0.05, 0.10, 0.20], "rate": 0.10}


def workshops_at_a():
    study = ten_blocks()
    study.modules.loc[1, ["service", "capacity"]] = ["workshops", 8.0]
    return study


def test_other_providers_stand_in_as_far_as_they_declare():
    (_, workshops), assumed = served(workshops_at_a(), [A])
    assert workshops.service == "workshops"
    assert workshops.substitutes_week == 20 * 0.5 + 10 * 1
    assert workshops.places_week_before == 0
    assert workshops.target_before == 30 + 40 + 50 + 60 + 70 + 90 + 100
    assert codes(assumed)["substitution"] == {"low": 0.5, "high": 1.0, "providers": 2}


def test_a_provider_whose_use_is_taken_stands_in_no_more():
    study = workshops_at_a()
    provider = 4
    (_, workshops), _ = served(study, [A], displaced=[provider])
    assert workshops.substitutes_week == 20
    assert workshops.substitutes_week_after == 10
    assert workshops.gap_after == pytest.approx(max(440 * 0.1 - 8 - 10, 0))


def test_a_provider_that_declares_no_substitution_stands_in_for_nothing():
    study = workshops_at_a()
    study.modules.loc[4:, "substitution"] = np.nan
    (_, workshops), _ = served(study, [A])
    assert workshops.substitutes_week == 0
    assert workshops.target_before == 0
    assert [one.served_before for one in workshops.rates] == [0, 0, 0]


def test_a_site_that_tells_no_capacity_is_built_at_the_usual_one_and_said():
    (pool,), assumed = served(ten_blocks(), [B])
    assert pool.places_week_after == 12 + 30
    assert pool.unknown_after == 0
    assert codes(assumed)["capacity-usual"] == {"modules": 1, "services": ["pool"]}


def test_a_capacity_nobody_knows_counts_no_place_and_is_said():
    (pool,), assumed = served(ten_blocks(), [B], catalogue={})
    assert pool.places_week_after == 12
    assert codes(assumed)["capacity-not-known"] == {"modules": 1, "services": ["pool"]}
    assert added_places(offer_of(ten_blocks(), {}), [B]) is None
    assert added_places(offer_of(ten_blocks(), CATALOGUE), [B]) == 30


def test_a_capacity_a_day_or_an_hour_is_made_a_week_by_said_opening_hours():
    (day_house, _), assumed = served(ten_blocks(), [C])
    assert day_house.places_week_after == 6
    assert day_house.target_after == (10 + 20 + 30 + 40 + 50 + 60) / 5
    assert codes(assumed)["opening-hours"] == {"hours": 54.0, "days": 6.0, "modules": 1}


def test_a_group_the_town_does_not_count_leaves_its_service_out_and_is_said():
    study = ten_blocks()
    study.modules.loc[1, "group"] = "carers"
    study.modules.loc[1, "service"] = "laundry"
    found, assumed = served(study, [A])
    assert [one.service for one in found] == ["pool"]
    assert codes(assumed)["service-group-not-counted"] == {"groups": ["carers"]}


def test_no_modules_at_all_make_no_supply():
    study = ten_blocks()
    study = replace(study, modules=study.modules.iloc[:0])
    assert served(study, [A]) == ([], [])
    bare = findings(study, plan_of(study, A))
    assert bare.costs.unknown[-1] == "a"
    assert bare.costs.per_person is None


def test_modules_without_the_optional_columns_are_read():
    study = ten_blocks()
    bare = pd.DataFrame({"place_id": ["u"], "service": ["pool"]})
    offer = offer_of(replace(study, modules=bare), CATALOGUE)
    assert np.isnan(offer.week).tolist() == [True]
    assert offer.group.tolist() == ["all"]


def test_of_a_place_that_stands_nobody_knows_the_capacity_unless_it_is_told():
    study = workshops_at_a()
    study.modules.loc[[0, 4], "capacity"] = np.nan  # the unit's pool, and one of two providers of workshops
    (pool, workshops), assumed = served(study, [A], catalogue=CATALOGUE | {"workshops": CATALOGUE["pool"]})
    assert (pool.places_week_before, pool.unknown_before, pool.unknown_after) == (0, 1, 1)
    assert (workshops.places_week_after, workshops.unknown_after) == (8, 0)
    assert (workshops.substitutes_week, workshops.substitutes_unknown) == (10, 1)
    assert workshops.substitutes_unknown_after == 1
    assert codes(assumed)["capacity-not-known"] == {"modules": 2, "services": ["pool", "workshops"]}


def test_one_substitution_of_all_is_said_as_one():
    study = workshops_at_a()
    study.modules.loc[4:, "substitution"] = 0.5
    _, assumed = served(study, [A])
    assert codes(assumed)["substitution-same"] == {"share": 0.5, "providers": 2}
    assert "substitution" not in codes(assumed)
