"""Covering questions: the fast ascent and swaps keep their promises, and sites that others stand in for may go."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.brute_force import cases, problem
from tests.siting.clusters import clustered
from tests.siting.test_bounds import choices, loss
from utopias.siting.kernels import NEVER
from utopias.siting.median import covering
from utopias.siting.median.aims import Median, put
from utopias.siting.median.bounds import bound_at
from utopias.siting.median.cover_kernels import cover_shake
from utopias.siting.median.covering import CoverAscent, is_covering
from utopias.siting.median.dominance import dominated
from utopias.siting.median.merge import merge, restrict
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve


def covered_table(random: np.random.Generator, n: int, m: int, share: float) -> np.ndarray:
    return random.random((n, m)) < share


@st.composite
def medians(draw: st.DrawFn) -> Median:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, m = draw(st.integers(2, 14)), draw(st.integers(3, 8))
    table = covered_table(random, n, m, draw(st.sampled_from([0.15, 0.4, 0.7])))
    table[0, 0] = True
    weights = random.integers(1, 9, n).astype(float)
    question = Problem.from_coverage(table, weights, open=draw(st.integers(1, m - 1)))
    return merge(put(question, "cover-most", None).median).median


@settings(max_examples=80, deadline=None)
@given(median=medians(), steps=st.integers(1, 80))
def test_the_ascent_of_covering_tells_a_bound_that_its_multipliers_make_and_no_choice_passes(
    median: Median, steps: int
) -> None:
    assert is_covering(median)
    best = min(loss(median, mask) for mask in choices(median))
    climb = CoverAscent.at(median, np.full(len(median.cap), 0.5))
    met, found = climb.climb(steps, np.inf, np.inf)
    assert climb.bound == pytest.approx(bound_at(median, climb.best)[0])
    assert climb.bound <= best + 1e-9
    assert met == pytest.approx(loss(median, found))
    assert found.sum() == median.number


@settings(max_examples=60, deadline=None)
@given(median=medians(), seed=st.integers(0, 1000))
def test_shaken_swaps_keep_the_number_and_tell_what_is_covered(median: Median, seed: int) -> None:
    starts, demand, _ = median.by_site
    chosen = np.zeros(len(median.free), dtype=bool)
    chosen[np.flatnonzero(median.free)[: median.number]] = True
    before = loss(median, chosen)
    covered = cover_shake(
        median.starts, median.columns, starts, demand, median.weights, chosen, median.free,
        np.random.default_rng(seed).random((5, 18)),
    )  # fmt: skip
    assert chosen.sum() == median.number
    assert not (chosen & ~median.free).any()
    assert median.weights.sum() + median.constant - covered == pytest.approx(loss(median, chosen))
    assert loss(median, chosen) <= before


@settings(max_examples=120, deadline=None)
@given(case=cases(), aim=st.sampled_from(["cover-most", "least-walk"]))
def test_closing_the_sites_that_others_stand_in_for_loses_nothing(case: dict, aim: str) -> None:
    median = merge(put(problem(case), aim, case["within"]).median).median
    gone = dominated(median)
    assert not (gone & ~median.free).any()
    rest = restrict(median, np.zeros(len(gone), dtype=bool), gone)
    best = min(loss(median, mask) for mask in choices(median))
    assert min(loss(rest, mask) for mask in choices(rest)) == pytest.approx(best)


def test_a_site_inside_another_goes_and_of_two_alike_the_later() -> None:
    table = np.array([[1, 1, 0, 1], [1, 0, 0, 1], [0, 0, 1, 0]], dtype=bool)
    median = put(Problem.from_coverage(table, [1.0, 1.0, 1.0], open=1), "cover-most", None).median
    assert dominated(median).tolist() == [False, True, False, True]
    assert dominated(replace(median, number=3)).sum() == 1  # three must open: one may go, the smallest
    assert dominated(replace(median, number=3))[1]


def test_a_cheaper_site_inside_another_stays_where_money_counts() -> None:
    table = np.array([[1, 1], [1, 0]], dtype=bool)
    question = Problem.from_coverage(table, [1.0, 1.0], budget=5.0, site_costs=[4.0, 1.0])
    median = put(question, "cover-most", None).median
    assert not dominated(median).any()
    dear = replace(median, prices=np.array([4.0, 4.0]))
    assert dominated(dear).tolist() == [False, True]
    assert not dominated(replace(dear, number=1)).any()  # a number beside a purse


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.sampled_from([0.1, 0.3, 0.6]))
def test_a_covering_plan_is_the_best_of_all_choices(seed: int, share: float) -> None:
    random = np.random.default_rng(seed)
    table, weights = covered_table(random, 25, 8, share), random.integers(1, 20, 25).astype(float)
    best = max(weights[table[:, list(some)].any(axis=1)].sum() for some in combinations(range(8), 3))
    plan = solve(Problem.from_coverage(table, weights, open=3))
    assert plan.value == best == plan.bound
    assert plan.proven
    assert plan.certificate is not None
    assert plan.certificate.holds


def test_all_that_can_be_covered_is_covered_without_a_search() -> None:
    table = np.eye(6, 4, dtype=bool)  # two places nobody can cover
    plan = solve(Problem.from_coverage(table, np.arange(1.0, 7.0), open=4))
    assert (plan.value, plan.bound, plan.proven) == (10.0, 10.0, True)


@pytest.fixture(scope="module")
def hard() -> Problem:
    costs, weights, radius = clustered(900, 90, density=0.05, seed=4)
    return Problem.from_coverage(costs <= radius, weights, open=12)


def test_the_tree_and_the_programme_by_turns_end_at_the_proof(hard: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    values = []
    for nodes, seconds in ((1, 0.05), (5, 60.0)):
        monkeypatch.setattr(covering, "FIRST_NODES", nodes)
        monkeypatch.setattr(covering, "FIRST_SECONDS", seconds)
        plan = solve(hard, time_limit="60 s")
        assert plan.proven
        values.append(plan.value)
    assert values[0] == values[1]


@pytest.mark.parametrize("work", [1, 7, 150])
def test_counted_work_gives_the_same_plan_twice_and_a_bound_that_holds(hard: Problem, work: int) -> None:
    best = solve(hard, time_limit="60 s").value
    one, other = (solve(hard, work=work) for _ in range(2))
    assert (one.sites, one.value, one.bound) == (other.sites, other.value, other.bound)
    assert one.value <= best <= one.bound


def test_a_covering_search_stopped_early_has_a_plan_and_a_bound_that_holds() -> None:
    costs, weights, radius = clustered(6_000, 400, density=0.02, seed=2)
    question = Problem.from_costs(costs, weights, open=25)
    short = solve(question, within=radius, time_limit="1 s")
    longer = solve(question, within=radius, time_limit="4 s")
    assert short.value <= longer.bound
    assert longer.value <= short.bound
    assert short.seconds < 1.0 + 0.5


def test_pairs_that_all_cover_are_read_where_they_lie() -> None:
    table = np.array([[True, False, True], [True, True, False]])
    question = Problem.from_coverage(table, [2.0, 1.0], open=1)
    median = put(question, "cover-most", None).median
    assert np.shares_memory(median.columns, question.pairs.columns)
    assert not median.costs.any()


def test_only_a_number_of_whole_covers_is_covering() -> None:
    table = np.array([[True, False], [True, True]])
    median = put(Problem.from_coverage(table, [2.0, 1.0], open=1), "cover-most", None).median
    assert is_covering(median)
    assert not is_covering(replace(median, purse=3.0))
    assert not is_covering(replace(median, number=-1))
    assert not is_covering(replace(median, cap=np.array([1.0, 2.0])))
    assert not is_covering(replace(median, costs=median.costs + 0.5))
    assert median.purse >= NEVER
