"""Backup coverage against brute force; its bound counted again by the witness."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.brute_force import admissible, cases, problem
from tests.siting.clusters import clustered
from utopias.domain.aim import Aim
from utopias.domain.errors import ProblemError
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve
from utopias.witness.covers import recount_covers


def covered(case: dict[str, Any], sites: tuple[int, ...], times: int) -> float:
    near = case["costs"][:, [*sites, *case["fixed"]]] <= case["within"]
    return float(case["weights"][near.sum(axis=1) >= times].sum())


def most(case: dict[str, Any], times: int) -> float:
    return max(covered(case, choice, times) for choice in admissible(case))


@settings(max_examples=200, deadline=None)
@given(case=cases(), times=st.integers(1, 3))
def test_no_admissible_choice_covers_more_people_so_many_times(case: dict[str, Any], times: int) -> None:
    plan = solve(problem(case), aim=Aim.of("cover-twice", times=times), within=case["within"])
    assert plan.sites in {tuple(sorted(c)) for c in admissible(case)}
    assert plan.value == pytest.approx(covered(case, plan.sites, times))
    assert plan.value == pytest.approx(most(case, times))
    assert plan.proven
    assert plan.root_bound >= plan.value - 1e-9
    assert plan.certificate is not None
    assert plan.certificate.holds


@settings(max_examples=60, deadline=None)
@given(case=cases(whole=False))
def test_persons_in_fractions_make_no_false_proof(case: dict[str, Any]) -> None:
    plan = solve(problem(case), aim="cover-twice", within=case["within"])
    assert plan.value == pytest.approx(most(case, 2), rel=1e-6)
    assert plan.bound >= most(case, 2) - 1e-7


@settings(max_examples=150, deadline=None)
@given(case=cases(), times=st.integers(1, 3), numbers=st.lists(st.floats(-1, 9), min_size=12, max_size=12))
def test_no_numbers_whatever_make_a_false_bound(case: dict[str, Any], times: int, numbers: list[float]) -> None:
    asked = problem(case)
    found = recount_covers(
        aim="cover-twice", starts=asked.pairs.starts, columns=asked.pairs.columns, costs=asked.pairs.costs,
        weights=asked.weights, sites=admissible(case)[0], fixed=asked.fixed, open=asked.open, budget=asked.budget,
        site_costs=asked.site_costs, within=case["within"], multipliers=np.array(numbers[: len(asked.weights)]),
        times=times, forbidden=asked.forbidden, forced=asked.forced,
    )  # fmt: skip
    assert found.bound >= most(case, times) - 1e-9


@settings(max_examples=40, deadline=None)
@given(case=cases(), work=st.integers(1, 3))
def test_a_search_cut_short_still_tells_a_true_bound(case: dict[str, Any], work: int) -> None:
    plan = solve(problem(case), aim="cover-twice", within=case["within"], work=work)
    assert plan.bound >= most(case, 2) - 1e-9
    assert plan.proven == (plan.stopped == "proven")


def test_once_is_the_same_as_covering_most() -> None:
    costs, weights, radius = clustered(400, 40, density=0.06)
    asked = Problem.from_costs(costs, weights, open=5)
    once = solve(asked, aim=Aim.of("cover-twice", times=1), within=radius)
    assert once.value == solve(asked, aim="cover-most", within=radius).value


def test_the_same_seed_and_work_give_the_same_plan() -> None:
    costs, weights, radius = clustered(1500, 120, density=0.05)
    asked = Problem.from_costs(costs, weights, open=14)
    one, other = (solve(asked, aim="cover-twice", within=radius, work=8) for _ in range(2))
    assert (one.sites, one.bound) == (other.sites, other.bound)
    assert one.bound >= one.value


def test_times_must_be_a_whole_number() -> None:
    with pytest.raises(ProblemError) as caught:
        solve(
            Problem.from_coverage(np.eye(2, dtype=bool), [1.0, 1.0], open=1),
            aim=Aim.of("cover-twice", times=-1),
            within=None,
        )
    assert caught.value.codes == ("bad-term",)


def test_a_proven_plan_of_weights_that_are_not_whole_has_its_value_as_its_bound() -> None:
    """What the programme's gap leaves open is no gap: random questions small enough to be closed."""
    for seed in range(60):
        random = np.random.default_rng(seed)
        costs, weights = random.integers(0, 4, (8, 6)).astype(float), random.random(8) * 10.0 ** random.integers(-2, 6)
        plan = solve(Problem.from_costs(costs, weights, open=2), aim="cover-twice", within=1.0)
        assert plan.proven, seed
        assert plan.bound == plan.value, seed
