"""Plans nearly as good over the worst walk or full coverage: against every chain of swaps, valued in plain numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.brute_force import ASKED, Case, admissible, cases, problem, value
from tests.siting.test_worst_first import levels_of
from tests.siting.towns import clustered_town
from utopias.domain.aim import Aim
from utopias.domain.errors import InfeasibleError, MisalignedError, ProblemError
from utopias.siting.choose.alternatives import alternatives
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve

AIMS = ("smallest-worst", "cover-all", "cover-twice")


def reached_by_swaps(case: Case, sites: tuple[int, ...], under: Any) -> set[tuple[int, ...]]:
    """Every choice that a chain of single swaps leads to, each of which ``under`` admits."""
    every = {tuple(sorted(choice)) for choice in admissible(case)}
    met, waiting = {sites}, [sites]
    while waiting:
        here = waiting.pop()
        for choice in every - met:
            one_swap = len(choice) == len(here) and len(set(choice) - set(here)) == 1
            if one_swap and under(choice):
                met.add(choice)
                waiting.append(choice)
    return met - {sites}


@pytest.mark.parametrize("aim", AIMS)
@settings(max_examples=120, deadline=None)
@given(case=cases(), within=st.sampled_from([0.0, 0.1, 0.5]))
def test_every_plan_that_swaps_lead_to_is_told_and_no_other(aim: str, case: Case, within: float) -> None:
    case = ASKED[aim](case)
    asked = problem(case)
    try:
        plan = solve(asked, aim=aim, within=case["within"])
    except InfeasibleError:
        return
    if aim == "smallest-worst" and plan.value >= (case["beyond"] or np.inf):
        with pytest.raises(ProblemError) as caught:
            alternatives(asked, plan, within=within)
        assert caught.value.codes == ("every-plan-as-good",)
        return
    sign = -1 if Aim.of(aim).more_is_better else 1
    line = sign * plan.value + within * abs(plan.value) + 1e-9

    def under(choice: tuple[int, ...]) -> bool:
        return sign * value(case, choice, aim) <= line

    told = alternatives(asked, plan, within=within, count=200)
    assert {other.sites for other in told} == reached_by_swaps(case, plan.sites, under)
    for other in told:
        assert other.value == pytest.approx(value(case, other.sites, aim))
        assert other.certificate is not None
        assert other.certificate.holds
        assert (other.bound, other.proven) == (plan.bound, False)


@settings(max_examples=120, deadline=None)
@given(case=cases(), within=st.sampled_from([0.0, 0.1, 0.5]), levels=st.sampled_from([1, 2, "all"]))
def test_of_worst_first_every_promise_is_kept_to_the_same_share(case: Case, within: float, levels: int | str) -> None:
    asked = problem(case)
    plan = solve(asked, aim=Aim.of("worst-first", levels=levels), within=None)
    own = levels_of(case, plan.sites)
    most = len(own) if levels == "all" else int(levels) + 1

    def under(choice: tuple[int, ...]) -> bool:
        theirs = levels_of(case, choice)
        for k, (distance, _) in enumerate(own[:most]):
            walk_longer = sum(weight for walk, weight in theirs if walk > distance * (1 + within) + 1e-9)
            if walk_longer > sum(weight for _, weight in own[:k]) * (1 + within) + 1e-7:
                return False
        return True

    told = alternatives(asked, plan, within=within, count=200)
    assert {other.sites for other in told} == reached_by_swaps(case, plan.sites, under)
    for other in told:
        assert other.terms["levels_found"] == levels_of(case, other.sites)[: None if levels == "all" else int(levels)]
        assert other.terms["certified"] == 0


def test_of_equal_worst_walks_the_one_that_fewer_people_walk_is_told_first() -> None:
    costs = np.array([[9.0, 9.0, 9.0, 0.0], [0.0, 9.0, 0.0, 9.0], [0.0, 0.0, 9.0, 9.0]])
    asked = Problem.from_costs(costs, [5.0, 2.0, 1.0], open=1)
    plan = solve(asked, aim="worst-first", within=None)
    assert plan.sites == (3,)  # three people walk 9; with site 0 they would be five, with 2 six, with 1 seven
    told = alternatives(asked, plan, within=1.0)  # twice as many may: six
    assert [other.sites for other in told] == [(0,), (2,)]
    assert told[0].terms["levels_found"] == [[9.0, 5.0], [0.0, 3.0]]


def test_a_place_that_only_one_site_serves_keeps_that_site_in_every_plan() -> None:
    covers = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]], dtype=bool)
    asked = Problem.from_coverage(covers, [1.0] * 3)
    plan = solve(asked, aim="cover-all", within=None)
    assert [other.sites for other in alternatives(asked, plan)] == [(1, 2)]


def test_who_was_left_out_stays_left_out_and_is_told_again() -> None:
    covers = np.array([[1, 1], [0, 0]], dtype=bool)
    asked = Problem.from_coverage(covers, [4.0, 3.0])
    plan = solve(asked, aim=Aim.of("cover-all", unreachable="leave-out"), within=None)
    (other,) = alternatives(asked, plan)
    assert other.terms["left_out_weight"] == plan.terms["left_out_weight"] == 3.0


@pytest.mark.parametrize("aim", ["smallest-worst", "worst-first", "cover-twice"])
def test_a_plan_of_another_problem_is_refused(aim: str) -> None:
    random = np.random.default_rng(3)
    costs, weights = random.integers(1, 90, (12, 6)).astype(float), np.ones(12)
    asked = Problem.from_costs(costs, weights, open=3)
    plan = solve(asked, aim=aim, within=40.0)
    with pytest.raises(MisalignedError):
        alternatives(Problem.from_costs(costs * 2 + 1, weights * 3, open=3), plan)


@pytest.mark.parametrize("aim", ["worst-first", "cover-twice", "cover-all"])
def test_an_alternative_of_a_town_has_a_site_elsewhere(aim: str) -> None:
    town, times = clustered_town(300, 60, units=2)
    asked = Problem.for_town(town, times, open=None if aim == "cover-all" else 12, budget=1e12)
    terms = {"unreachable": "leave-out"} if aim == "cover-all" else {}
    plan = solve(asked, aim=Aim.of(aim, **terms), within="20 min", work=5)
    at = asked.study.places[["x", "y"]].to_numpy(dtype=float)  # type: ignore[union-attr]
    told = alternatives(asked, plan, within=0.05)
    assert told
    for other in told:
        assert max(float(np.hypot(*(at[list(plan.sites)] - at[i]).T).min()) for i in other.sites) > 400
