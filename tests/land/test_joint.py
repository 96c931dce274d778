"""Adjoining small plots: which form a site, and what the joint site is like."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.land.plots import row_of
from tests.toy import WEST
from utopias.domain.errors import ProblemError
from utopias.domain.land import EXCLUDED, FIT, LandRule, LandTest
from utopias.domain.quantities import Metres
from utopias.domain.town import Town
from utopias.land import joined_town, joint_sites, screen
from utopias.scenario.answer import answer
from utopias.scenario.question import Question
from utopias.territory.check import check_town
from utopias.territory.geoparquet import polygons
from utopias.territory.town_folder import read_town, write_town

NOTHING = [LandRule("mud", {"en": "mud"}, LandTest("flood", "equals", words=("high",)), EXCLUDED)]


def members(town: Town, gap: float | None = 20.0, least: float = 5000.0) -> list[tuple[str, ...]]:
    found = screen(town, NOTHING)
    made = joint_sites(town, found, gap=None if gap is None else Metres(gap), least_area=least)
    return [one.members for one in made]


def test_two_plots_that_share_an_edge_and_reach_the_area_form_a_site():
    (joint,) = joint_sites(row_of(0, 50), screen(row_of(0, 50), NOTHING), gap=Metres(0))
    assert (joint.id, joint.name, joint.members, joint.area_m2) == ("S0+S1", "Plot 0 + Plot 1", ("S0", "S1"), 5000.0)


@pytest.mark.parametrize(("second", "joins"), [(70.0, True), (70.1, False)])
def test_plots_exactly_the_gap_apart_adjoin(second: float, joins: bool):
    assert bool(members(row_of(0, second))) == joins


def test_the_fewest_plots_that_reach_the_area_are_taken_and_none_twice():
    assert members(row_of(0, 50, 100, 150)) == [("S0", "S1"), ("S2", "S3")]
    assert members(row_of(0, 50, 100), least=7500.0) == [("S0", "S1", "S2")]
    assert members(row_of(0, 50, 100, 150, 200), least=12_500.0) == []  # five plots are no longer one place
    assert members(row_of(0, 50), least=5000.1) == []


def test_a_plot_large_enough_by_itself_joins_nothing():
    assert members(row_of(0, 50, area_m2=[2500.0, 5000.0])) == []


def test_an_excluded_plot_joins_nothing_and_bridges_nothing():
    assert members(row_of(0, 50, 100, flood=["none", "high", "none"])) == []


def test_plots_known_as_points_join_by_the_towns_own_word_alone():
    town = replace(row_of(0, 3000, site_group=["parque", "parque"]), lots=None)
    assert members(town, None) == [("S0", "S1")]
    with pytest.raises(ProblemError) as refused:
        members(town, 20.0, least=-1)
    assert refused.value.codes == ("bad-area", "no-outlines")


def test_plots_that_would_displace_two_providers_are_not_joined():
    assert members(row_of(0, 50, replaces=["centro", "otro"])) == []
    assert members(row_of(0, 50, replaces=["centro", ""])) == [("S0", "S1")]


def joined(town: Town) -> Town:
    return joined_town(town, joint_sites(town, screen(town, NOTHING), gap=Metres(20)))


def test_a_joint_site_adds_up_what_is_known_and_takes_the_worst_danger():
    town = joined(
        row_of(
            0, 50, 3000,
            flood=["low", "medium", "none"],
            water=["reliable", "", "none"],
            cost=[10e6, 20e6, 5e6],
            present_users=[10.0, np.nan, 3.0],
            slope_percent=[2.0, 9.0, 1.0],
            tenure=["public", "communal", "private"],
        )
    )  # fmt: skip
    assert town.sites.ids.tolist() == ["S0+S1", "S2"]
    row = town.sites.table.iloc[0]
    assert (row["flood"], row["water"], row["tenure"]) == ("medium", "not known", "communal")
    assert (row["area_m2"], row["cost"], row["slope_percent"]) == (5000, 30e6, 9)
    assert np.isnan(row["present_users"])
    assert town.sites.table.iloc[1]["present_users"] == 3
    assert shapely.area(polygons(town.lots)).tolist() == [5000, 2500]
    assert len(shapely.get_parts(polygons(town.lots)[0])) == 1  # the common edge is gone


def test_a_cost_that_one_member_lacks_is_not_known():
    assert np.isnan(joined(row_of(0, 50, cost=[10e6, np.nan])).sites.table["cost"].iloc[0])


def test_every_door_of_a_member_is_a_door_of_the_joint_site():
    town = joined(row_of(0, 50))
    assert town.sites.entrance_x.tolist() == [WEST + 25, WEST + 75]
    assert town.sites.entrance_of.tolist() == [0, 0]


def test_a_service_of_both_is_given_once_with_the_larger_capacity():
    modules = joined(row_of(0, 50, 3000)).modules
    assert modules[["place_id", "capacity"]].to_numpy().tolist() == [["S0+S1", 10.0], ["S2", 20.0]]


def test_a_town_with_joint_sites_is_written_read_and_planned(tmp_path):
    town = read_town(write_town(joined(row_of(1000, 1050, 2600, 2650)), tmp_path / "town"))
    assert check_town(tmp_path / "town") == []
    assert town.sites.ids.tolist() == ["S0+S1", "S2+S3"]
    plan = answer(town, Question(open=1, draws=0, rules=tuple(NOTHING)))
    assert plan.site_ids == ["S2+S3"]
    assert "joint-sites" in [one.code for one in plan.findings.assumptions]
    assert [site.verdict for site in screen(town, NOTHING).sites] == [FIT, FIT]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 12), min_size=1, max_size=7, unique=True), st.sampled_from([5000.0, 7500.0]))
def test_joint_sites_are_connected_disjoint_large_enough_and_none_could_be_smaller(slots, least):
    lefts = sorted(slot * 50.0 for slot in slots)
    town = row_of(*lefts)
    made = members(town, 0.0, least)
    taken = [key for one in made for key in one]
    assert len(taken) == len(set(taken))
    size = int(least // 2500)
    for one in made:
        spots = sorted(lefts[int(key[1:])] for key in one)
        assert all(b - a == 50 for a, b in pairwise(spots))
        assert len(one) == size
    free = [left for i, left in enumerate(lefts) if f"S{i}" not in taken]
    runs, run = [], 0
    for k, left in enumerate(free):
        run = run + 1 if k and left - free[k - 1] == 50 else 1
        runs.append(run)
    assert max(runs, default=0) < size  # nothing that is left could still form a site
