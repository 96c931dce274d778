"""Before and after on ten blocks known by hand, and the laws for any plan."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenario.ten_blocks import PEOPLE, PLACES, PLANNED, A, B, C, plan_of, ten_blocks, times_of
from utopias.domain.comparison import COLUMNS
from utopias.domain.errors import MisalignedError, ProblemError
from utopias.scenario import compare

SITES = st.sets(st.sampled_from([A, B, C])).map(lambda chosen: tuple(sorted(chosen)))
WAYS = st.sampled_from(["need", "group", "area", "all"])


def rows(table):
    return {row["part"]: row for row in table.frame.to_dict(orient="records")}


def test_everybody_before_and_after_one_site():
    found = rows(compare(None, plan_of(ten_blocks(), A), by="all"))["all"]
    assert [found[name] for name in COLUMNS[1:7]] == [360, 100, 280, 180, 0, 80]
    # before: 0 5 10 15 20 25 30 minutes for 10 … 70 people, and 80 who reach nothing charged 30
    assert found["minutes_before"] == pytest.approx((100 + 300 + 600 + 1000 + 1500 + 2100 + 2400) / 360)
    assert found["minutes_after"] == pytest.approx((20 * 5 + 30 * 10 + 40 * 10 + 50 * 5 + 70 * 5 + 80 * 30) / 360)


def test_parts_by_need_in_order_each_as_counted_by_hand():
    table = compare(None, plan_of(ten_blocks(), C))
    assert table["part"].tolist() == ["1", "2", "3", "4", "5"]
    assert table["people"].tolist() == [10, 20, 30, 90, 210]
    assert table["gain"].tolist() == [0, 0, 0, 50, 60]
    assert table["still_out"].tolist() == [0, 0, 0, 0, 150]


def test_areas_are_colonias_by_name_and_those_without_one_stand_last():
    table = compare(None, plan_of(ten_blocks(), A), by="area")
    assert table["part"].tolist() == ["Abajo", "Medio", ""]
    assert table["people"].tolist() == [100, 110, 150]


def test_areas_are_census_areas_where_no_colonia_is_known():
    study = ten_blocks()
    study.blocks["colonia"] = ""
    table = compare(study, plan_of(study, A), by="area")
    assert table["part"].tolist() == ["area 0", "area 1"]
    assert table.noun == "area-key"
    assert compare(study, plan_of(study, A), by="need").noun == "need"
    assert compare(None, plan_of(ten_blocks(), A), by="area").noun == "area"


def test_groups_are_everybody_first_and_the_plans_own_from_its_own_persons():
    study = ten_blocks(group="older people", persons=np.full(10, 1.0))
    found = rows(compare(None, plan_of(study, A), by="group"))
    assert list(found) == ["all", "older people"]
    assert found["all"]["people"] == 360
    assert found["older people"]["people"] == 8
    assert found["older people"]["gain"] == 3


def test_the_surroundings_are_in_no_denominator():
    study = ten_blocks()
    away = ten_blocks()
    away.blocks.loc[~PLANNED, ["people", "persons"]] = 1e9
    for by in ("need", "group", "area", "all"):
        mine, theirs = (compare(s, plan_of(s, B), by=by).frame for s in (study, away))
        assert mine.equals(theirs)
        assert mine["people"].sum() <= 2 * PEOPLE[PLANNED].sum()


def test_plan_b_is_set_against_plan_a_with_gains_and_losses_apart():
    study = ten_blocks()
    found = rows(compare(None, plan_of(study, A), plan_of(study, C), by="all"))["all"]
    assert found["within_before"] == 280
    assert found["within_after"] == 210
    assert found["loss"] == 70
    assert found["gain"] == 0


def test_a_plan_against_itself_changes_nothing():
    plan = plan_of(ten_blocks(), A, C)
    table = compare(None, plan, plan)
    assert not table["gain"].any()
    assert not table["loss"].any()
    assert table["minutes_before"].equals(table["minutes_after"])


def test_a_different_demand_is_refused_with_both_hashes():
    first, second = ten_blocks(), ten_blocks(group="older people")
    with pytest.raises(MisalignedError) as error:
        compare(None, plan_of(first, A), plan_of(second, A))
    assert error.value.codes == ("different-demand",)
    said = str(error.value)
    assert said.count("(demand ") == 2
    hashes = [piece.split(")")[0] for piece in said.split("(demand ")[1:]]
    assert len(set(hashes)) == 2
    assert all(len(digest) == 12 for digest in hashes)


def test_the_demand_hash_sees_blocks_persons_and_what_is_planned():
    for column, value in (("block_id", "x"), ("persons", 11.0), ("planned", False)):
        other = ten_blocks()
        other.blocks.loc[0, column] = value
        with pytest.raises(MisalignedError, match="different-demand"):
            compare(None, plan_of(ten_blocks(), A), plan_of(other, A))


def test_two_limits_are_refused_unless_one_is_asked_for():
    study = ten_blocks()
    first, second = plan_of(study, A), plan_of(study, C, within=10.0)
    with pytest.raises(ProblemError, match="different-limit"):
        compare(None, first, second)
    found = rows(compare(None, first, second, by="all", within="10 min"))["all"]
    assert (found["within_before"], found["within_after"]) == (280, 150)


def test_two_tables_that_end_elsewhere_are_refused():
    first, second = ten_blocks(), ten_blocks()
    second = replace(second, times=times_of(PLACES, limit=25))
    with pytest.raises(ProblemError, match="different-table"):
        compare(None, plan_of(first, A), plan_of(second, A))


def test_a_plan_without_a_limit_is_told_at_the_promise_of_15_minutes():
    table = compare(None, plan_of(ten_blocks(), A, aim="least-walk", within=None), by="all")
    assert table.within.minutes == 15
    assert table["gain"].tolist() == [180]


def test_bad_questions_are_refused_by_name():
    plan = plan_of(ten_blocks(), A)
    with pytest.raises(ProblemError, match="unknown-part"):
        compare(None, plan, by="colour")
    with pytest.raises(ProblemError, match="no-study"):
        compare(None, plan.with_(study=None))
    with pytest.raises(ProblemError, match="limit-beyond-table"):
        compare(None, plan, within="31 min")


def test_nobody_makes_no_parts():
    study = ten_blocks(persons=np.zeros(10))
    assert len(compare(None, plan_of(study, A), by="need")) == 0
    assert len(compare(None, plan_of(study, A), by="all")) == 0


@given(SITES, SITES, WAYS, st.integers(0, 30))
def test_gain_minus_loss_is_after_minus_before_in_every_row(first, second, by, minutes):
    study = ten_blocks()
    frame = compare(None, plan_of(study, *first), plan_of(study, *second), by=by, within=f"{minutes} min").frame
    changed = (frame["within_after"] - frame["within_before"]).tolist()
    assert (frame["gain"] - frame["loss"]).tolist() == pytest.approx(changed)
    assert (frame["still_out"] + frame["within_after"]).tolist() == pytest.approx(frame["people"].tolist())


@given(SITES, st.sampled_from(["need", "area"]))
def test_parts_sum_to_everybody(sites, by):
    plan = plan_of(ten_blocks(), *sites)
    whole = compare(None, plan, by="all").frame.iloc[0]
    parts = compare(None, plan, by=by).frame
    for name in COLUMNS[1:7]:
        assert parts[name].sum() == pytest.approx(whole[name])
    for name in COLUMNS[7:]:
        assert (parts[name] * parts["people"]).sum() == pytest.approx(whole[name] * whole["people"])


@given(SITES, st.sampled_from([A, B, C]), WAYS)
def test_adding_a_site_never_raises_still_out_nor_lengthens_a_walk(sites, one_more, by):
    study = ten_blocks()
    few = compare(None, plan_of(study, *sites), by=by).frame
    more = compare(None, plan_of(study, *sorted({*sites, one_more})), by=by).frame
    assert (more["still_out"] <= few["still_out"]).all()
    assert (more["minutes_after"] <= few["minutes_after"]).all()
    assert not few["loss"].any()
