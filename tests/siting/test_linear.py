"""The relaxation's bound lies between the ascent's and the best plan, and is scipy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from scipy.optimize import linprog

from tests.siting.brute_force import admissible, cases, optimum, problem
from utopias.domain.errors import ProblemError
from utopias.siting.linear import linear_bound
from utopias.siting.question.problem import Problem


@settings(max_examples=60, deadline=None)
@given(case=cases())
@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
def test_no_plan_passes_it(aim: str, case: dict[str, Any]) -> None:
    assume(admissible(case))
    found = linear_bound(problem(case), aim=aim, within=case["within"])
    best = optimum(case, aim)
    assert found.value >= best - 1e-6 if aim == "cover-most" else found.value <= best + 1e-6


@pytest.mark.parametrize("aim", ["smallest-worst", "worst-first", "cover-all", "cover-twice"])
def test_an_aim_that_is_no_sum_is_not_answered_with_the_bound_of_another(aim: str) -> None:
    asked = Problem.from_costs([[1.0, 5.0], [7.0, 2.0]], [1.0, 1.0], open=None if aim == "cover-all" else 1)
    with pytest.raises(ProblemError) as caught:
        linear_bound(asked, aim=aim, within=9.0)
    assert caught.value.codes == ("no-linear-bound",)


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_relaxation_that_scipy_solves(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, m, p = 9, 7, 3
    costs, weights = random.integers(1, 30, (n, m)).astype(float), random.integers(1, 9, n).astype(float)
    assigned = np.zeros((n, m + n * m))
    for j in range(n):
        assigned[j, m + j * m : m + (j + 1) * m] = 1
    strong = np.zeros((n * m, m + n * m))
    strong[np.arange(n * m), m + np.arange(n * m)] = 1
    strong[np.arange(n * m), np.tile(np.arange(m), n)] = -1
    number = np.concatenate([np.ones(m), np.zeros(n * m)])[None, :]
    theirs = linprog(
        np.concatenate([np.zeros(m), (weights[:, None] * costs).ravel()]),
        A_ub=strong,
        b_ub=np.zeros(n * m),
        A_eq=np.concatenate([assigned, number]),
        b_eq=np.append(np.ones(n), p),
        bounds=(0, 1),
    )
    found = linear_bound(Problem.from_costs(costs, weights, open=p))
    assert found.exact
    assert found.value == pytest.approx(theirs.fun, rel=1e-7)
