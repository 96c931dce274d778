"""Published optima and another program as witnesses."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.siting.instances import optima, or_library, tsplib
from tests.shared_data import shared_data
from tests.siting.clusters import clustered
from utopias.siting.linear import linear_bound
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["pmed1", "pmed5", "pmed11", "pmed15", "pmed17", "pmed31"])
def test_or_library_medians_are_proven_at_their_published_optimum(name: str) -> None:
    published = optima(shared_data("siting", "pmed", "p_median_optima.txt"))
    costs, p = or_library(shared_data("siting", "pmed", f"{name}.txt"))
    plan = solve(Problem.from_costs(costs, np.ones(len(costs)), open=p), aim="least-walk", time_limit="30 s")
    assert plan.value == published[name]
    assert plan.proven
    assert plan.root_bound <= published[name] + 1e-6
    assert plan.certificate is not None
    assert plan.certificate.holds


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "p", "lower", "best"),
    [("rl1304", 300, 177318, 177326), ("fl1400", 100, 15961, 15962)],  # LB1 and optimum of Duran-Mateluna et al. (2023)
)
def test_tsplib_medians_reach_the_published_relaxation_and_are_proven(name: str, p: int, lower: int, best: int) -> None:
    costs = tsplib(shared_data("siting", "tsplib", f"{name}.tsp"))
    plan = solve(Problem.from_costs(costs, np.ones(len(costs)), open=p), aim="least-walk", work=2000)
    assert plan.value == best
    assert plan.proven
    linear = linear_bound(Problem.from_costs(costs, np.ones(len(costs)), open=p))
    assert (linear.exact, np.ceil(linear.value - 1e-6)) == (True, lower)
    assert plan.certificate is not None
    assert plan.certificate.holds


def test_spopt_covers_as_many() -> None:
    pulp = pytest.importorskip("pulp")
    locate = pytest.importorskip("spopt.locate")
    costs, weights, radius = clustered(120, 25, density=0.08)
    plan = solve(Problem.from_costs(costs, weights, open=4), aim="cover-most", within=radius)
    theirs = locate.MCLP.from_cost_matrix(costs, weights, radius, p_facilities=4)
    theirs.solve(pulp.HiGHS(msg=False))
    assert plan.value == pytest.approx(theirs.problem.objective.value())
    assert plan.proven


def test_a_clustered_city_of_5000_by_200_is_proven() -> None:
    costs, weights, radius = clustered(5000, 200)
    problem = Problem.from_costs(costs, weights, open=15)
    solve(problem, aim="cover-most", within=radius, work=1)  # kernels loaded
    plan = solve(problem, aim="cover-most", within=radius, time_limit="10 s")
    assert plan.proven
    assert plan.value == plan.bound
