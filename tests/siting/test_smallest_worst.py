"""The smallest longest walk against brute force and published optima, with its bound counted again by the witness."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import shared_data
from tests.siting.brute_force import admissible, cases, problem
from tests.siting.clusters import clustered
from tests.siting.test_published import optima, or_library
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.domain.plan import Plan
from utopias.siting.covers.cover_search import Effort
from utopias.siting.covers.reach import reach_of
from utopias.siting.full_cover.bisection import Bisection, filled
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.siting.solve import solve
from utopias.witness.worst import recount_worst


def worst(case: dict[str, Any], sites: tuple[int, ...]) -> float:
    """The worst cost of one choice, in plain numpy."""
    open_sites = [*sites, *case["fixed"]]
    nearest = case["costs"][:, open_sites].min(axis=1) if open_sites else np.full(len(case["weights"]), np.inf)
    if case["beyond"] is not None:
        nearest = np.minimum(nearest, case["beyond"])
    return float(nearest[case["weights"] > 0].max())


def smallest(case: dict[str, Any]) -> float:
    return min(worst(case, choice) for choice in admissible(case))


@settings(max_examples=200, deadline=None)
@given(case=cases())
def test_no_admissible_choice_has_a_smaller_worst_walk(case: dict[str, Any]) -> None:
    plan = solve(problem(case), aim="smallest-worst", within=None)
    assert plan.sites in {tuple(sorted(c)) for c in admissible(case)}
    assert plan.value == worst(case, plan.sites) == smallest(case)
    assert plan.proven
    assert plan.bound == plan.value
    assert plan.root_bound <= plan.value
    assert plan.certificate is not None
    assert plan.certificate.holds


@settings(max_examples=100, deadline=None)
@given(case=cases(), data=st.data())
def test_a_search_from_any_admissible_choice_ends_at_the_same_walk(case: dict[str, Any], data: st.DataObject) -> None:
    """As the curve of two aims asks it: from the best plan of the first."""
    asked = problem(case)
    reach = reach_of(asked, beyond=case["beyond"])
    known = data.draw(st.sampled_from(admissible(case)))
    start = np.array(sorted(set(known) - set(case["forced"])), dtype=np.int64)
    search = Bisection(reach, Effort(Rules(seconds=30.0).start(), 7), start=start)
    assert search.value <= worst(case, known)
    search.run(certify=False)
    assert search.value == search.bound == smallest(case)
    assert search.chosen is not None
    assert len(filled(asked, reach, search.chosen, search.value)) == len(start) or case["open"] is None


@settings(max_examples=150, deadline=None)
@given(case=cases(must_reach=True))
def test_where_all_must_be_reached_the_plan_reaches_all_or_says_that_none_can(case: dict[str, Any]) -> None:
    best = smallest(case)
    if math.isinf(best):
        with pytest.raises(InfeasibleError) as caught:
            solve(problem(case), aim="smallest-worst", within=None)
        assert caught.value.codes[0] in ("never-reached", "cannot-all-be-met")
    else:
        plan = solve(problem(case), aim="smallest-worst", within=None)
        assert plan.value == best
        assert plan.proven


@settings(max_examples=100, deadline=None)
@given(case=cases(), numbers=st.lists(st.floats(-1, 5), min_size=12, max_size=12))
def test_no_numbers_whatever_make_a_false_bound(case: dict[str, Any], numbers: list[float]) -> None:
    asked = problem(case)
    found = recount_worst(
        starts=asked.pairs.starts, columns=asked.pairs.columns, costs=asked.pairs.costs, weights=asked.weights,
        sites=admissible(case)[0], fixed=asked.fixed, open=asked.open, budget=asked.budget,
        site_costs=asked.site_costs, beyond=asked.beyond, multipliers=np.array(numbers[: len(asked.weights)]),
        forbidden=asked.forbidden, forced=asked.forced, site_count=asked.pairs.sites,
    )  # fmt: skip
    assert found.bound <= smallest(case)


@settings(max_examples=60, deadline=None)
@given(case=cases(), work=st.integers(1, 3))
def test_a_search_cut_short_still_tells_a_true_bound(case: dict[str, Any], work: int) -> None:
    best = smallest(case)
    plan = solve(problem(case), aim="smallest-worst", within=None, work=work)
    assert plan.root_bound <= plan.bound <= best <= plan.value
    assert plan.proven == (plan.stopped == "proven")
    if plan.proven:
        assert plan.value == best


def hard() -> Problem:
    costs, weights, _ = clustered(1500, 250, seed=5)
    return Problem.from_costs(costs, weights, open=25)


def test_the_same_seed_and_work_give_the_same_plan() -> None:
    one, other = (solve(hard(), aim="smallest-worst", within=None, work=6) for _ in range(2))
    assert (one.sites, one.bound, one.stopped) == (other.sites, other.bound, other.stopped)
    assert np.array_equal(one.multipliers, other.multipliers)
    assert one.stopped in ("work", "proven")


def test_ctrl_c_keeps_the_best_plan_so_far() -> None:
    def stop(stage: str, _share: float) -> None:
        if stage == "search":
            raise KeyboardInterrupt

    costs, weights, _ = clustered(1500, 250, seed=5)
    plan = solve(
        Problem.from_costs(costs, weights, open=25, beyond=40.0), aim="smallest-worst", within=None, progress=stop
    )
    assert plan.stopped == "user"
    assert plan.bound < plan.value
    assert len(plan.sites) == 25


def test_a_gap_that_is_asked_for_is_enough() -> None:
    plan = solve(hard(), aim="smallest-worst", within=None, gap=0.3)
    assert plan.gap <= 0.3
    assert plan.stopped in ("gap", "proven")


@pytest.mark.real_data
@pytest.mark.parametrize("number", range(1, 41, 2))
def test_or_library_centres_are_proven_at_their_published_optimum(number: int) -> None:
    name = f"pmed{number}"
    published = optima(shared_data("siting", "pmed", "p_center_optima.txt"))
    costs, p = or_library(shared_data("siting", "pmed", f"{name}.txt"))
    plan = solve(
        Problem.from_costs(costs, np.ones(len(costs)), open=p), aim="smallest-worst", within=None, time_limit="30 s"
    )
    assert plan.value == published[name]
    assert plan.proven
    assert plan.root_bound <= published[name]
    assert plan.certificate is not None
    assert plan.certificate.holds


def test_places_without_weight_do_not_count_and_ties_are_no_trouble() -> None:
    costs = np.array([[1.0, 3.0], [3.0, 1.0], [9.0, 9.0]])
    plan = solve(Problem.from_costs(costs, [1.0, 1.0, 0.0], open=1), aim="smallest-worst", within=None)
    assert plan.value == 3.0
    assert plan.proven


def test_as_many_sites_open_as_were_asked_also_where_fewer_would_do() -> None:
    costs = np.array([[1.0, 2.0, 5.0], [1.0, 2.0, 0.0]])
    plan = solve(Problem.from_costs(costs, [1.0, 4.0], open=2), aim="smallest-worst", within=None)
    assert plan.value == 1.0
    assert plan.sites == (0, 2)  # the second shortens what is walked at the same worst walk


def test_who_is_never_reached_is_charged_what_the_question_says() -> None:
    costs = np.array([[1.0, 2.0], [np.inf, np.inf]])
    plan = solve(Problem.from_costs(costs, [1.0, 1.0], open=1, beyond=7.0), aim="smallest-worst", within=None)
    assert plan.value == plan.bound == plan.root_bound == 7.0


def test_only_coverage_has_no_worst_walk() -> None:
    with pytest.raises(ProblemError) as caught:
        solve(Problem.from_coverage(np.eye(3, dtype=bool), [1.0] * 3, open=1), aim="smallest-worst", within=None)
    assert caught.value.codes == ("no-costs",)


def test_a_town_is_told_in_minutes_and_the_plan_comes_back_from_its_folder(tmp_path: object) -> None:
    from tests.siting.towns import clustered_town

    town, times = clustered_town(200, 15)
    plan = solve(Problem.for_town(town, times, open=3), aim="smallest-worst")
    back = Plan.load(plan.save(f"{tmp_path}/plan"))
    assert back.value == plan.value <= 30.0
    assert plan.proven
