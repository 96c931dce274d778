"""Plans against brute force, published optima and another program; and what a plan says of itself."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.brute_force import admissible, cases, optimum, problem, value
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.siting.covers.conflict import conflict
from utopias.siting.doubt.worlds import solve_worlds
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve

AIMS = ["cover-most", "least-walk"]


def passes(bound: float, best: float, aim: str) -> bool:
    """Whether a bound stands on the right side of a value, but for the last digits."""
    slack = 1e-7 * max(1.0, abs(best))
    return bound >= best - slack if aim == "cover-most" else bound <= best + slack


@pytest.mark.parametrize("aim", AIMS)
@settings(max_examples=150, deadline=None)
@given(case=cases())
def test_a_plan_is_the_best_of_all_admissible_choices(aim: str, case: dict[str, Any]) -> None:
    best = optimum(case, aim)
    plan = solve(problem(case), aim=aim, within=case["within"])
    assert plan.sites in {tuple(sorted(c)) for c in admissible(case)}
    assert plan.value == pytest.approx(value(case, plan.sites, aim))
    assert plan.value == pytest.approx(best)
    assert plan.proven
    assert passes(plan.bound, best, aim)
    assert passes(plan.root_bound, plan.bound, aim)
    assert plan.certificate is not None
    assert plan.certificate.holds


@pytest.mark.parametrize("aim", AIMS)
@settings(max_examples=60, deadline=None)
@given(case=cases(whole=False))
def test_persons_in_fractions_make_no_false_proof(aim: str, case: dict[str, Any]) -> None:
    best = optimum(case, aim)
    plan = solve(problem(case), aim=aim, within=case["within"])
    assert plan.value == pytest.approx(best, rel=1e-6)
    assert passes(plan.bound, best, aim)


@settings(max_examples=60, deadline=None)
@given(case=cases(must_reach=True))
def test_where_all_must_be_reached_the_plan_reaches_all_or_says_that_none_can(case: dict[str, Any]) -> None:
    best = optimum(case, "least-walk")
    if math.isinf(best):
        with pytest.raises(InfeasibleError) as caught:
            solve(problem(case), aim="least-walk")
        assert caught.value.codes[0] in ("never-reached", "not-everyone-reached")
    else:
        plan = solve(problem(case), aim="least-walk")
        assert plan.value == pytest.approx(best)
        assert plan.proven


@pytest.mark.parametrize("aim", AIMS)
@settings(max_examples=60, deadline=None)
@given(case=cases(), work=st.integers(1, 3))
def test_a_search_cut_short_still_tells_a_true_bound(aim: str, case: dict[str, Any], work: int) -> None:
    best = optimum(case, aim)
    plan = solve(problem(case), aim=aim, within=case["within"], work=work)
    assert passes(plan.bound, best, aim)
    assert passes(plan.bound, plan.value, aim)
    if plan.proven:
        assert plan.value == pytest.approx(best)
        assert plan.stopped == "proven"
    else:
        assert plan.stopped == "work"
        assert plan.gap > 0


@pytest.mark.parametrize("table", [np.ones((3, 2)), [[1.0, 2.0]], None, "a town"])
def test_what_is_no_problem_is_told_how_to_become_one(table: Any) -> None:
    for verb in (solve, conflict, partial(solve_worlds, worlds={"one": [1.0], "two": [2.0]})):
        with pytest.raises(ProblemError, match="not a Problem") as caught:
            verb(table)
        assert "Problem.from_costs(table, weights, open=5)" in str(caught.value)


def test_worlds_without_names_are_told_how_to_name_them() -> None:
    problem = Problem.from_costs([[1.0, 2.0]], [1.0], open=1)
    worlds: Any = [[1.0], [2.0]]
    with pytest.raises(ProblemError) as caught:
        solve_worlds(problem, worlds, judge="none")
    assert caught.value.codes == ("worlds-without-names", "unknown-judge")
