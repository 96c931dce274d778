"""Places of a service for people where they live: the toy town, by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.toy import toy_town
from utopias.domain.catalogue import Module
from utopias.domain.errors import ProblemError
from utopias.scenario.on_what import walk
from utopias.scenario.sharing import QUANTILES, giving_places, share_places

CATALOGUE = {"pool": Module("pool", "all", 60.0, 1.0, None, None, None, None, 2025, "invented")}


@pytest.fixture(scope="module")
def times():
    return walk(toy_town())


def with_modules(**columns):
    """The toy with other columns of its modules: uno, a, b, c give pools, centro workshops."""
    town = toy_town()
    return replace(town, modules=town.modules.assign(**columns))


def assumed(giving):
    return {one.code: one.values for one in giving.assumed}


def test_thirty_places_among_four_hundred_people_are_seventy_five_a_thousand(times):
    town = toy_town()
    giving = giving_places(town, "pool", CATALOGUE)
    shared = share_places(town, times, giving, within="15 min")
    assert giving.places.ids.tolist() == ["uno"]
    assert giving.week.tolist() == [30]
    assert shared.per_thousand.tolist() == pytest.approx([75] * 4 + [0] * 9)
    assert shared.catchment.crowding.tolist() == pytest.approx([400 / 30])
    assert shared.without == 1150 - 400
    assert shared.mean == pytest.approx(30 / 1150 * 1000)


def test_the_service_may_be_shared_among_another_group(times):
    town = toy_town()
    giving = giving_places(town, "pool", CATALOGUE)
    shared = share_places(town, times, giving, group="older people", within="15 min")
    assert shared.per_thousand[:4].tolist() == pytest.approx([375] * 4)  # 30 places, 80 older people


def test_a_site_to_be_added_shares_its_places_and_those_of_the_surroundings_compete(times):
    town = toy_town()
    giving = giving_places(town, "pool", CATALOGUE, add=["c"])
    shared = share_places(town, times, giving, within="15 min")
    # c has no declared capacity, so it would be built at the usual 60: 500 people there and 300 around.
    assert dict(zip(giving.places.ids, giving.week, strict=True)) == {"uno": 30, "c": 60}
    assert assumed(giving)["usual-size"] == {"modules": 1}
    assert shared.per_thousand[10] == pytest.approx(75)
    assert shared.catchment.allotted.tolist() == [400, 800]
    assert shared.without == 1150 - 400 - 500


def test_quantiles_are_of_the_people_of_the_planned_area_who_have_any(times):
    town = toy_town()
    giving = replace(giving_places(town, "pool", CATALOGUE, add=["c"]), week=np.array([30.0, 40.0]))
    shared = share_places(town, times, giving, within="15 min")  # 400 people at 75, 500 planned ones at 50
    assert shared.quantiles() == pytest.approx({0.1: 50, 0.25: 50, 0.5: 50, 0.75: 75, 0.9: 75})


def test_areas_stand_with_most_people_without_first(times):
    town = toy_town()
    shared = share_places(town, times, giving_places(town, "pool", CATALOGUE), within="15 min")
    table = shared.areas(town)
    assert table["area"].tolist() == ["Oriente", "Poniente"]
    assert table["people"].tolist() == [750, 400]  # the surroundings are not among them
    assert table["without"].tolist() == [750, 0]
    assert table["per_thousand"].tolist() == pytest.approx([0, 75])


def test_where_no_colonia_is_named_areas_are_those_of_the_census(times):
    town = toy_town()
    bare = replace(town, blocks=replace(town.blocks, colonia=np.full(13, "", dtype=object)))
    shared = share_places(bare, times, giving_places(bare, "pool", CATALOGUE), within="15 min")
    assert shared.areas(bare)["area"].tolist() == ["09007"]


def test_a_provider_counts_by_its_declared_substitution():
    giving = giving_places(toy_town(), "workshops", CATALOGUE)
    assert giving.week.tolist() == [20]  # 40 places, a half of one in a unit each
    assert assumed(giving)["substitution-same"] == {"share": 0.5, "providers": 1}


def test_a_provider_that_stands_in_for_nothing_gives_nothing():
    town = with_modules(substitution=[1.0, 1.0, 1.0, 1.0, 0.0])
    with pytest.raises(ProblemError) as refusal:
        giving_places(town, "workshops", CATALOGUE)
    assert refusal.value.codes == ("nobody-gives",)


def test_a_capacity_that_nobody_knows_is_left_out_and_told_never_assumed():
    town = with_modules(service=["pool"] * 5, capacity=[np.nan, 30.0, 30.0, np.nan, 40.0])
    giving = giving_places(town, "pool", CATALOGUE)
    assert giving.places.ids.tolist() == ["centro"]
    assert giving.unknown == ("Uno",)
    assert "usual-size" not in assumed(giving)


def test_who_asks_for_the_usual_size_gets_it_and_is_told():
    town = with_modules(capacity=[np.nan, 30.0, 30.0, np.nan, 40.0])
    giving = giving_places(town, "pool", CATALOGUE, assume_usual=True)
    assert giving.week.tolist() == [60]
    assert giving.unknown == ()
    assert assumed(giving)["usual-size"] == {"modules": 1}


def test_where_nobody_knows_any_capacity_there_is_no_answer():
    town = with_modules(capacity=[np.nan, 30.0, 30.0, np.nan, 40.0])
    with pytest.raises(ProblemError, match="--assume-usual") as refusal:
        giving_places(town, "pool", CATALOGUE)
    assert refusal.value.codes == ("capacity-not-known",)
    with pytest.raises(ProblemError):  # and the catalogue knows none either
        giving_places(town, "pool", {}, assume_usual=True)


def test_a_place_with_two_modules_one_of_them_unknown_is_not_half_known():
    town = toy_town()
    second = town.modules.iloc[[0]].assign(capacity=np.nan)
    town = replace(town, modules=pd.concat([town.modules, second], ignore_index=True))
    with pytest.raises(ProblemError) as refusal:
        giving_places(town, "pool", CATALOGUE)
    assert refusal.value.codes == ("capacity-not-known",)


def test_two_modules_of_one_place_add_up_and_a_day_makes_six_a_week():
    town = toy_town()
    second = town.modules.iloc[[0]].assign(capacity=5.0, per="day")
    giving = giving_places(
        replace(town, modules=pd.concat([town.modules, second], ignore_index=True)), "pool", CATALOGUE
    )
    assert giving.week.tolist() == [30 + 5 * 6]
    assert assumed(giving)["opening-hours"]["modules"] == 1


def test_places_that_do_not_agree_on_their_group_are_shared_among_everybody_and_it_is_told():
    town = with_modules(service=["pool"] * 5, group=["older people", "all", "all", "all", "all"])
    giving = giving_places(town, "pool", CATALOGUE)
    assert giving.group == "all"
    assert assumed(giving)["several-groups"] == {"groups": ["all", "older people"]}


def test_what_the_town_does_not_know_is_refused_all_at_once():
    with pytest.raises(ProblemError, match="use one of: pool, workshops") as refusal:
        giving_places(toy_town(), "swimming", CATALOGUE, add=["a", "zzz"])
    assert refusal.value.codes == ("unknown-site", "unknown-service")


def test_a_town_without_modules_says_what_is_missing():
    town = toy_town()
    with pytest.raises(ProblemError, match="table of modules"):
        giving_places(replace(town, modules=town.modules.iloc[:0]), "pool", CATALOGUE)


def test_with_nobody_of_the_group_there_is_nothing_to_share(times):
    town = toy_town()
    nobody = replace(town, blocks=replace(town.blocks, groups={"older people": np.zeros(13)}))
    giving = giving_places(nobody, "pool", CATALOGUE)
    shared = share_places(nobody, times, giving, group="older people", within="15 min")
    assert shared.mean is None
    assert shared.quantiles() == dict.fromkeys(QUANTILES)
    assert shared.catchment.unused == 30
    assert shared.areas(nobody)["per_thousand"].isna().all()


def test_a_block_has_its_row_with_what_it_has(times):
    town = toy_town()
    rows = share_places(town, times, giving_places(town, "pool", CATALOGUE), within="15 min").rows(town)
    assert list(rows) == ["block_id", "area_id", "colonia", "planned", "people", "places_per_1000"]
    assert rows["places_per_1000"].tolist() == pytest.approx([75] * 4 + [0] * 9)
