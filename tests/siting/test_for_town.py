"""A town's question: its units given, its sites to choose from, and everybody who has a way counted once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.siting.towns import clustered_town, straight_times
from tests.toy import toy_town
from utopias.domain.demand import Demand
from utopias.domain.errors import MisalignedError, ProblemError
from utopias.domain.places import places
from utopias.domain.plan import Plan
from utopias.domain.quantities import Minutes
from utopias.domain.town import NeedIndicator, Town
from utopias.domain.travel_times import Status, TravelTimes
from utopias.siting.choose.explain import explain
from utopias.siting.curve.trade_off import trade_off
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve


def toy() -> tuple[Town, TravelTimes]:
    """The toy with times along its street; the last block lies off any street and has no way at all."""
    town = toy_town()
    flat = replace(town, blocks=replace(town.blocks, y=np.full(13, town.sites.y[0])))
    times = straight_times(flat)
    rows, back = times.rows, times.deciseconds / 1.3  # the toy walks straight along the street
    keep = rows != 12
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows[keep], minlength=13))]).astype(np.int64)
    status = np.where(np.arange(13) == 12, int(Status.NO_STREET), int(Status.ATTACHED)).astype(np.int8)
    return town, replace(
        times,
        starts=starts,
        columns=times.columns[keep],
        deciseconds=np.floor(back[keep] + 0.5).astype(np.int32),
        origin_status=status,
        estimated=False,
        notes={},
    )


def test_the_toy_opens_b_and_counts_a_block_exactly_at_the_limit() -> None:
    town, times = toy()
    plan = solve(Problem.for_town(town, times, open=1), within="15 min")
    assert plan.site_ids == ["b"]
    assert plan.value == 1000  # 400 today by Uno, 600 more by B
    assert plan.proven
    assert plan.certificate is not None
    assert plan.certificate.holds


def test_the_surroundings_and_those_without_a_way_weigh_nothing_and_are_listed() -> None:
    town, times = toy()
    problem = Problem.for_town(town, times, open=1)
    assert problem.study is not None
    blocks = problem.study.blocks
    assert problem.weights[11] == 0  # planned is false
    assert problem.weights[12] == 0  # no street
    assert blocks["apart"].tolist() == [False] * 12 + [True]
    assert problem.weights.sum() == 1100


def test_the_study_has_the_columns_that_the_contract_names() -> None:
    town, times = toy()
    plan = solve(Problem.for_town(town, times, demand="older people", open=1))
    study = plan.study
    assert study is not None
    assert {
        "block_id", "area_id", "colonia", "planned", "x", "y", "people", "older people", "no water",
        "need", "quintile", "known_to", "apart", "persons", "weight",
    } <= set(study.blocks.columns)  # fmt: skip
    assert study.places["role"].tolist()[:4] == ["fixed", "candidate", "candidate", "candidate"]
    assert study.places["place_id"].tolist()[:4] == ["uno", "a", "b", "c"]
    assert study.blocks["persons"].sum() == 20 * 11 + 90 + 10
    assert set(study.blocks["quintile"]) <= {0, 1, 2, 3, 4, 5}
    assert study.town["group"] == "older people"
    assert study.town["weighted_by"] == ""
    assert study.town["made_up"] is True


def test_providers_come_last_and_only_where_the_times_know_them() -> None:
    town, times = toy()
    widened = replace(
        times, destinations=np.append(times.destinations, "centro"), destination_status=np.zeros(5, np.int8)
    )
    for known, roles in ((times, 4), (widened, 5)):
        problem = Problem.for_town(town, known, open=1)
        assert problem.study is not None
        assert len(problem.study.places) == roles
        assert problem.shape == (13, 4)


def test_least_walk_is_in_person_minutes_and_charges_the_tables_limit_where_nothing_is_reached() -> None:
    town, times = toy()
    plan = solve(Problem.for_town(town, times, open=1), aim="least-walk")
    nearest = np.minimum(abs(town.blocks.x[:11] - town.units.x[0]), abs(town.blocks.x[:11] - town.sites.x[1])) / 80
    assert plan.site_ids == ["b"]
    assert plan.value == pytest.approx(float((100 * np.minimum(nearest, 30)).sum()))
    assert plan.proven


def test_forced_and_forbidden_are_named_by_their_ids() -> None:
    town, times = toy()
    assert solve(Problem.for_town(town, times, open=1, forbidden=["b"])).site_ids == ["c"]
    assert solve(Problem.for_town(town, times, open=2, forced=["a"])).site_ids == ["a", "c"]
    with pytest.raises(ProblemError) as caught:
        Problem.for_town(town, times, open=1, forced=["nowhere"])
    assert caught.value.codes == ("unknown-site",)


def test_a_site_without_a_known_cost_stops_a_budget_and_is_named() -> None:
    town, times = toy()
    with pytest.raises(ProblemError) as caught:
        Problem.for_town(town, times, budget=130e6)
    assert caught.value.codes == ("site-cost-not-known",)
    assert caught.value.faults[0].first == "c"
    assert solve(Problem.for_town(town, times, budget=130e6, forbidden=["c"])).site_ids == ["b"]


def test_need_multiplies_persons_only_when_asked() -> None:
    town, times = toy()
    plain, weighed = Problem.for_town(town, times, open=1), Problem.for_town(town, times, open=1, weigh_by="need")
    need = np.linspace(0.0, 1.0, 13)
    assert np.allclose(weighed.weights[:11], 100 * need[:11])
    assert np.all(plain.weights[:11] == 100)
    assert weighed.study is not None
    assert weighed.study.town["weighted_by"] == "need"


def test_a_group_may_not_also_enter_the_index_that_weighs_it() -> None:
    town, times = clustered_town(60, 8)
    with pytest.raises(ProblemError, match="old") as caught:
        Problem.for_town(town, times, demand="older people", open=1, weigh_by="need")
    assert caught.value.codes == ("group-in-index",)
    Problem.for_town(town, times, demand="older people", open=1)  # without weighing there is nothing to refuse
    problem = Problem.for_town(town, times, demand="older people", open=1, weigh_by="need", index_weights={"old": 0.0})
    assert problem.study is not None
    assert [i["weight"] for i in problem.study.town["indicators"]] == [1.0, 0.0]


def test_all_faults_of_a_towns_question_come_at_once() -> None:
    town, times = toy()
    bare = replace(town, indicators=())
    with pytest.raises(ProblemError) as caught:
        Problem.for_town(bare, times, open=9, weigh_by="need", index_weights={"gold": 1.0}, forced=["x"])
    assert {"no-need-index", "unknown-indicator", "unknown-site", "open-over-sites"} <= set(caught.value.codes)


def test_a_group_that_nobody_counts_hides_no_other_fault() -> None:
    town, times = toy()
    with pytest.raises(ProblemError) as caught:
        Problem.for_town(town, times, demand="martians", open=99, forced=["nowhere"])
    assert set(caught.value.codes) == {"unknown-group", "unknown-site", "open-over-sites"}


def test_along_a_curve_of_money_a_site_without_a_known_cost_is_called_by_name() -> None:
    town, times = toy()
    with pytest.raises(ProblemError) as caught:
        trade_off(Problem.for_town(town, times, open=1), ("cover-most", "least-cost"), within="15 min")
    assert caught.value.codes == ("site-cost-not-known",)
    assert caught.value.faults[0].first == "c"


def test_an_indicator_without_a_column_is_a_fault_and_no_crash() -> None:
    town, times = toy()
    ghost = replace(town, indicators=(*town.indicators, NeedIndicator("ghost", {})))
    with pytest.raises(ProblemError) as caught:
        Problem.for_town(ghost, times, open=1)
    assert caught.value.codes == ("missing-indicator",)


def test_people_without_a_known_need_stop_weighing_by_it() -> None:
    town, times = toy()
    gap = np.where(np.arange(13) == 3, np.nan, town.blocks.indicators["no water"])
    holed = replace(town, blocks=replace(town.blocks, indicators={"no water": gap}))
    with pytest.raises(ProblemError) as caught:
        Problem.for_town(holed, times, open=1, weigh_by="need")
    assert caught.value.codes == ("need-not-known",)
    assert caught.value.faults[0].first == "0003A"


def test_times_of_another_town_are_refused() -> None:
    town, _ = toy()
    _, other = clustered_town(13, 3)
    with pytest.raises(MisalignedError):
        Problem.for_town(town, other, open=1)


def test_a_demand_of_ones_own_and_the_missing_group() -> None:
    town, times = toy()
    persons = np.where(np.arange(13) >= 8, 50.0, 0.0)
    own = Demand(town.blocks.ids, persons, "swimmers", town.blocks.planned)
    assert solve(Problem.for_town(town, times, demand=own, open=1)).site_ids == ["c"]
    with pytest.raises(ProblemError, match="older people"):
        Problem.for_town(town, times, demand="carers", open=1)


def test_a_limit_longer_than_the_table_is_refused() -> None:
    town, times = toy()
    with pytest.raises(ProblemError) as caught:
        solve(Problem.for_town(town, times, open=1), within="31 min")
    assert caught.value.codes == ("limit-beyond-table",)


def test_a_town_with_no_site_to_choose_from_is_told_so() -> None:
    town, times = toy()
    empty = replace(town, sites=places([], [], [], role="site", table=pd.DataFrame()))
    with pytest.raises(ProblemError) as caught:
        Problem.for_town(empty, times.to(town.fixed), open=1)
    assert "no-candidates" in caught.value.codes


def test_a_saved_plan_comes_back_as_it_was(tmp_path: object) -> None:
    town, times = toy()
    plan = solve(Problem.for_town(town, times, open=1, forced=["b"]))
    back = Plan.load(plan.save(f"{tmp_path}/plan"))
    assert (back.sites, back.forced, back.value, back.root_bound) == (plan.sites, (2,), plan.value, plan.root_bound)
    assert np.array_equal(back.multipliers, plan.multipliers)


@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
def test_a_plan_carries_enough_to_put_its_question_again(aim: str) -> None:
    town, times = clustered_town(300, 12)
    asked = Problem.for_town(town, times, budget=500e6, forced=["s0003"], forbidden=["s0001"], weigh_by="need")
    plan = solve(asked, aim=aim, work=20)
    assert plan.study is not None
    again = Problem.from_study(
        plan.study,
        open=plan.open,
        budget=plan.budget,
        forced=plan.forced,
        forbidden=plan.forbidden,
        beyond=plan.beyond,
    )
    assert solve(again, aim=aim, work=20).value == plan.value
    assert explain(again, plan) == explain(asked, plan)
    for name in ("open", "fixed", "forced", "forbidden", "budget", "beyond", "unit", "kind"):
        assert getattr(again, name) == getattr(asked, name)


def test_whoever_is_not_reached_is_charged_what_the_plan_says() -> None:
    town, times = toy()
    study = Problem.for_town(town, times, open=1).study
    assert study is not None
    ends, sooner = Problem.from_study(study, open=1), Problem.from_study(study, open=1, beyond=9000.0)
    assert ends.beyond == times.limit.deciseconds
    # Uno stands at block 0 and site a at block 2, blocks are five minutes apart, and no walk costs more than the charge.
    plan = Plan(
        "least-walk", (1,), (0,), np.full(13, -1), 0.0, 0.0, False, 0.0, "by hand", 7, Minutes(15), 1, None,
        np.zeros(0), 0.0, study=study,
    )  # fmt: skip
    walked = np.minimum(np.abs(np.arange(11) * 400 - 800) / 80, np.arange(11) * 5.0)
    for problem, charge in ((ends, 30.0), (sooner, 15.0)):
        before = np.minimum(np.arange(11) * 5.0, charge)
        after = np.minimum(walked, charge)
        assert explain(problem, plan).chosen[0].loss == pytest.approx(100 * float((before - after).sum()))


def test_a_demand_planned_elsewhere_than_the_town_is_refused() -> None:
    """Else the 300 people of the surroundings would weigh, and stand in no denominator."""
    town, times = toy()
    everybody = Demand(town.blocks.ids, town.blocks.people, "all", np.ones(13, dtype=bool))
    with pytest.raises(ProblemError) as caught:
        Problem.for_town(town, times, open=1, demand=everybody)
    assert caught.value.codes == ("other-planned-area",)
    assert caught.value.faults[0].first == "0011A"


def test_a_plan_is_for_people_where_they_live_not_where_they_come_from() -> None:
    town, times = toy()
    leaving = replace(town.demand("all"), origin="school")
    with pytest.raises(ProblemError) as refusal:
        Problem.for_town(town, times, demand=leaving, open=1)
    assert refusal.value.codes == ("other-origin",)
