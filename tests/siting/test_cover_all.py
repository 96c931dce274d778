"""Everybody covered, once or several times, with the fewest sites or the least money; against brute force."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.clusters import clustered
from tests.siting.towns import clustered_town
from utopias.domain.aim import Aim
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.language.sentences import sentence
from utopias.siting.question.problem import Problem
from utopias.siting.solve import faults_of_aim, solve
from utopias.witness.covers import recount_covers


@st.composite
def covers(draw: st.DrawFn) -> dict[str, Any]:
    """A small covering question over bare coverage, with some of fixed, forced, forbidden and a budget."""
    n, m = draw(st.integers(1, 9)), draw(st.integers(3, 7))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    covered = random.random((n, m)) < draw(st.sampled_from([0.3, 0.5, 0.8]))
    weights = random.integers(0, 4, n).astype(float)
    weights[random.integers(n)] = 2.0
    roles = random.permutation(m).tolist()
    prices = random.integers(1, 6, m).astype(float)
    if draw(st.booleans()):
        prices = prices + np.round(random.random(m), 2)
    return {
        "covered": covered,
        "weights": weights,
        "fixed": roles[: draw(st.integers(0, 1))],
        "forced": roles[1 : 1 + draw(st.integers(0, 1))],
        "forbidden": roles[2 : 2 + draw(st.integers(0, 1))],
        "site_costs": prices,
        "budget": draw(st.sampled_from([None, None, 9.0, 14.0])),
    }


def asked(case: dict[str, Any]) -> Problem:
    rest = {key: value for key, value in case.items() if key not in ("covered", "weights")}
    return Problem.from_coverage(case["covered"], case["weights"], **rest)


def choices(case: dict[str, Any]) -> list[tuple[int, ...]]:
    candidates = [i for i in range(case["covered"].shape[1]) if i not in case["fixed"] + case["forbidden"]]
    every = [c for k in range(len(candidates) + 1) for c in combinations(candidates, k)]
    every = [c for c in every if set(case["forced"]) <= set(c)]
    if case["budget"] is not None:
        every = [c for c in every if sum(case["site_costs"][list(c)]) <= case["budget"] + 1e-9]
    return every


def least(case: dict[str, Any], times: int, count: str, due: np.ndarray) -> float:
    """The least count of a choice that serves ``due``; inf where none does."""
    best = np.inf
    for choice in choices(case):
        have = case["covered"][:, [*choice, *case["fixed"]]].sum(axis=1)
        if (have[due] >= times).all():
            best = min(best, float(len(choice)) if count == "sites" else float(case["site_costs"][list(choice)].sum()))
    return best


def coverable(case: dict[str, Any], times: int) -> np.ndarray:
    """Demands of weight that enough sites reach, those alone too dear for the budget left out."""
    usable = [i for i in range(case["covered"].shape[1]) if i not in case["forbidden"]]
    if case["budget"] is not None:
        left = case["budget"] - sum(case["site_costs"][case["forced"]])
        usable = [i for i in usable if i in case["fixed"] + case["forced"] or case["site_costs"][i] <= left + 1e-9]
    return (case["covered"][:, usable].sum(axis=1) >= times) & (case["weights"] > 0)


@settings(max_examples=250, deadline=None)
@given(case=covers(), times=st.integers(1, 3), count=st.sampled_from(["sites", "cost"]))
def test_no_choice_that_serves_all_who_can_be_served_counts_less(case: dict[str, Any], times: int, count: str) -> None:
    try:
        problem = asked(case)
    except InfeasibleError:
        return  # the budget does not even pay one site
    due = coverable(case, times)
    best = least(case, times, count, due)
    aim = Aim.of("cover-all", times=times, count=count, unreachable="leave-out")
    if np.isinf(best):
        with pytest.raises(InfeasibleError) as caught:
            solve(problem, aim=aim, within=None)
        assert caught.value.codes == ("cannot-all-be-met",)
        return
    plan = solve(problem, aim=aim, within=None)
    assert plan.value == pytest.approx(best)
    assert plan.proven
    assert plan.bound == plan.value
    assert plan.root_bound <= plan.value + 1e-9
    assert plan.terms["left_out_places"] == int(((case["weights"] > 0) & ~due).sum())
    assert plan.certificate is not None
    assert plan.certificate.holds
    have = case["covered"][:, [*plan.sites, *plan.fixed]].sum(axis=1)
    assert (have[due] >= times).all()


@settings(max_examples=150, deadline=None)
@given(case=covers(), times=st.integers(1, 2), numbers=st.lists(st.floats(-1, 9), min_size=9, max_size=9))
def test_no_numbers_whatever_make_a_false_bound(case: dict[str, Any], times: int, numbers: list[float]) -> None:
    case["budget"] = None
    best = least(case, times, "cost", coverable(case, times))
    problem = asked(case)
    found = recount_covers(
        aim="cover-all", starts=problem.pairs.starts, columns=problem.pairs.columns, costs=problem.pairs.costs,
        weights=problem.weights, sites=(), fixed=problem.fixed, open=None, budget=None,
        site_costs=problem.site_costs, within=None, multipliers=np.array(numbers[: len(problem.weights)]),
        times=times, count="cost", unreachable="leave-out", forbidden=problem.forbidden, forced=problem.forced,
    )  # fmt: skip
    assert found.bound <= best + 1e-9


def test_whom_no_site_reaches_is_an_error_with_a_count_unless_leaving_out_is_said() -> None:
    covered = np.array([[1, 0], [0, 1], [0, 0]], dtype=bool)
    problem = Problem.from_coverage(covered, [1.0, 2.0, 5.0])
    with pytest.raises(InfeasibleError, match="1 place with a weight of 5 has no site within") as caught:
        solve(problem, aim="cover-all", within=None)
    assert caught.value.codes == ("never-covered",)
    assert sentence(caught.value.faults[0].what, "es").startswith("1 lugar con un peso de 5 no tiene ningún sitio")
    assert sentence(caught.value.faults[0].what, "fr").startswith("1 lieu d'un poids de 5 n'a aucun site")
    with pytest.raises(InfeasibleError, match="3 places with a weight of 8 have fewer than 2 sites"):
        solve(problem, aim=Aim.of("cover-all", times=2), within=None)
    plan = solve(problem, aim=Aim.of("cover-all", unreachable="leave-out"), within=None)
    assert plan.value == 2.0
    assert plan.terms["left_out_places"] == 1
    assert plan.terms["left_out_weight"] == 5.0


def test_a_number_is_not_asked_for() -> None:
    problem = Problem.from_coverage(np.eye(3, dtype=bool), [1.0] * 3, open=2)
    with pytest.raises(ProblemError) as caught:
        solve(problem, aim="cover-all", within=None)
    assert caught.value.codes == ("number-not-asked",)


def test_a_budget_that_does_not_pay_for_everybody_names_whom() -> None:
    problem = Problem.from_coverage(np.eye(4, dtype=bool), [1.0] * 4, site_costs=[2.0, 2.0, 2.0, 1.0], budget=5.0)
    with pytest.raises(InfeasibleError, match="3 places cannot all be reached for the money there is") as caught:
        solve(problem, aim="cover-all", within=None)
    assert caught.value.codes == ("cannot-all-be-met",)


@pytest.mark.parametrize(
    "terms", [{"times": 0}, {"times": 1.5}, {"count": "people"}, {"unreachable": "forget"}, {"times": "twice"}]
)
def test_terms_that_make_no_sense_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(ProblemError) as caught:
        solve(Problem.from_coverage(np.eye(3, dtype=bool), [1.0] * 3), aim=Aim.of("cover-all", **terms), within=None)
    assert caught.value.codes == ("bad-term",)


def test_all_terms_that_make_no_sense_are_told_at_once_and_before_any_problem() -> None:
    asked = Aim.of("cover-all", times=float("nan"), count="people", unreachable="forget")
    assert [str(fault.what) for fault in faults_of_aim(asked)] == [
        "the term times is nan",
        "the term count is 'people'",
        "the term unreachable is 'forget'",
    ]


def test_a_count_of_numpy_is_a_count_and_its_plan_can_be_written() -> None:
    problem = Problem.from_coverage(np.ones((2, 3), dtype=bool), [1.0] * 2)
    plan = solve(problem, aim=Aim.of("cover-all", times=np.int64(2)), within=None)
    assert plan.value == 2
    assert json.loads(json.dumps(plan.terms))["times"] == 2


def test_the_cost_is_not_asked_for_where_nobody_knows_it() -> None:
    problem = Problem.from_coverage(np.eye(2, dtype=bool), [1.0] * 2, site_costs=[1.0, np.nan])
    with pytest.raises(ProblemError) as caught:
        solve(problem, aim=Aim.of("cover-all", count="cost"), within=None)
    assert caught.value.codes == ("site-cost-not-known",)


def test_a_clustered_city_of_5000_by_200_is_covered_by_a_proven_least_number_of_sites() -> None:
    costs, weights, _ = clustered(5000, 200)
    limit = float(costs.min(axis=1).max()) * 1.02
    plan = solve(Problem.from_costs(costs, weights), aim="cover-all", within=limit, time_limit="20 s")
    assert plan.proven
    assert (costs[:, list(plan.sites)].min(axis=1) <= limit).all()


@settings(max_examples=40, deadline=None)
@given(case=covers(), work=st.integers(1, 2))
def test_a_search_cut_short_still_tells_a_true_bound(case: dict[str, Any], work: int) -> None:
    case["budget"] = None
    best = least(case, 1, "sites", coverable(case, 1))
    plan = solve(asked(case), aim=Aim.of("cover-all", unreachable="leave-out"), within=None, work=work)
    assert plan.bound <= best <= plan.value
    assert plan.proven == (plan.stopped == "proven")


def test_ctrl_c_keeps_the_best_plan_so_far() -> None:
    def stop(stage: str, _share: float) -> None:
        if stage == "search":
            raise KeyboardInterrupt

    random = np.random.default_rng(2)
    problem = Problem.from_coverage(random.random((300, 90)) < 0.1, np.ones(300))
    plan = solve(problem, aim=Aim.of("cover-all", unreachable="leave-out"), within=None, progress=stop)
    assert plan.stopped == "user"
    assert plan.bound < plan.value
    assert plan.certificate is not None
    assert plan.certificate.holds


def test_a_town_is_covered_by_its_units_and_new_sites_together() -> None:
    town, times = clustered_town(300, 40)
    plan = solve(Problem.for_town(town, times), aim=Aim.of("cover-all", unreachable="leave-out"), within="20 min")
    assert plan.proven
    assert plan.value == len(plan.sites)
    assert plan.open is None
