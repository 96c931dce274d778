"""What closes a gap, each part against every choice there is: narrowing, the relaxation by cuts, branch and cut."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from time import monotonic

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.test_bounds import choices, dense
from tests.siting.test_fees import median_of, medians, value
from utopias.domain.aim import Aim
from utopias.domain.progress import silent
from utopias.siting.kernels import NEVER
from utopias.siting.median.aims import Median, put
from utopias.siting.median.bounds import Ascent, bound_at, settled
from utopias.siting.median.cut_tree import CutTree
from utopias.siting.median.narrow import narrow, served_at_most
from utopias.siting.median.polish import Polish
from utopias.siting.median.search import Search
from utopias.siting.question.clock import Clock
from utopias.siting.question.problem import Problem


def towns(n: int, m: int, *, seed: int, number: int) -> Median:
    """Points of a plane, whole distances, whose relaxation is not whole."""
    random = np.random.default_rng(seed)
    here, there = random.random((n, 2)), random.random((m, 2))
    costs = np.floor(300 * np.sqrt(((here[:, None] - there) ** 2).sum(axis=2)))
    return median_of(costs, random.integers(1, 9, n), np.zeros(m), cap=500, number=number)


@settings(max_examples=200, deadline=None)
@given(median=medians(), steps=st.integers(0, 40), better=st.floats(0.0, 1.0))
def test_a_narrowed_median_keeps_every_better_choice_and_counts_none_dearer(
    median: Median, steps: int, better: float
) -> None:
    masks = choices(median)
    values = np.array([value(median, mask) for mask in masks])
    upper = float(np.quantile(values, better))
    climb = Ascent.start(median, masks[0])
    climb.climb(steps, upper, np.inf)
    opened, closed = settled(median, climb.best, upper, 0.5)
    limit = served_at_most(median, climb.best, climb.bound, upper, 0.5)
    small = narrow(median, opened, closed, limit)
    inside = climb.within(small)
    for mask, worth in zip(masks, values, strict=True):
        if worth < upper - 0.5 - 1e-9:
            assert inside.bound <= worth + 1e-7
            assert mask[opened].all()
            assert not mask[closed].any()
            assert small.value(mask & ~opened) == pytest.approx(worth)
        elif mask[opened].all() and not mask[closed].any():
            assert small.value(mask & ~opened) <= worth + 1e-9
    assert inside.bound >= climb.bound


def relaxation(median: Median) -> float:
    """The value of the textbook programme with a variable a pair, in fractions."""
    table = np.minimum(dense(median), median.cap[:, None])
    n, m = table.shape
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    y = [solver.addVariable(0, 1, float(fee)) for fee in median.fees]
    for j in range(n):
        x = [solver.addVariable(0, 1, float(median.weights[j] * table[j, i])) for i in range(m)]
        none = solver.addVariable(0, 1, float(median.weights[j] * median.cap[j]))
        solver.addConstr(sum(x[1:], x[0]) + none == 1)
        for i in range(m):
            solver.addConstr(x[i] <= y[i])
    if median.number >= 0:
        solver.addConstr(sum(y[1:], y[0]) == median.number)
    if median.purse < NEVER:
        solver.addConstr(sum(float(p) * v for p, v in zip(median.prices, y, strict=True)) <= median.purse)
    solver.run()
    return float(solver.getInfo().objective_function_value) + median.constant


@settings(max_examples=40, deadline=None)
@given(median=medians(), steps=st.integers(0, 30))
def test_cuts_reach_the_value_of_the_textbook_relaxation(median: Median, steps: int) -> None:
    climb = Ascent.start(median, choices(median)[0])
    climb.climb(steps, np.inf, np.inf)
    polish = Polish(median, climb.best)
    told = list(polish.steps(monotonic() + 20))
    assert polish.exact
    assert told == sorted(told) or np.allclose(told, sorted(told))
    assert polish.value == pytest.approx(relaxation(median), abs=1e-6)
    bound = bound_at(median, polish.multipliers)[0]
    assert bound <= min(value(median, mask) for mask in choices(median)) + 1e-6
    if median.number < 0 or median.purse >= NEVER:  # with both rules the bound has only the better of the two
        assert bound >= polish.value - 1e-6  # more where a site is dearer than the purse


def test_the_bound_of_the_first_programme_is_that_of_the_ascent() -> None:
    median = towns(60, 30, seed=3, number=6)
    climb = Ascent.start(median, np.arange(30) < 6)
    climb.climb(80, np.inf, np.inf)
    polish = Polish(median, climb.best)
    first = next(polish.steps(monotonic() + 20))
    assert first >= climb.bound - 1e-6
    for _ in polish.steps(monotonic() + 20):
        pass
    again = Polish(median, polish.multipliers, cuts=polish.binding())
    assert next(again.steps(monotonic() + 20)) == pytest.approx(polish.value)


@settings(max_examples=60, deadline=None)
@given(median=medians(), patience=st.integers(0, 3))
def test_branch_and_cut_ends_at_the_optimum_and_cut_short_at_a_true_bound(median: Median, patience: int) -> None:
    masks = choices(median)
    best = min(value(median, mask) for mask in masks)
    known = [max(value(median, mask) for mask in masks) + 1]

    def take(chosen: np.ndarray) -> float:
        if any(np.array_equal(chosen, mask) for mask in masks):
            known[0] = min(known[0], value(median, chosen))
        return known[0]

    polish = Polish(median, median.cap)
    for _ in polish.steps(monotonic() + 20):
        pass
    tree = CutTree(median, polish, -np.inf, known[0], 0.5, take)
    while not tree.is_done and tree.nodes < patience:
        tree.step(monotonic() + 20)
    assert tree.bound <= best
    while not tree.is_done:
        assert tree.step(monotonic() + 20)
    assert known[0] == pytest.approx(best)
    assert best - 0.5 - 1e-9 <= tree.bound <= best


def test_a_node_that_the_clock_cuts_short_stays_open() -> None:
    median = towns(80, 40, seed=5, number=8)
    polish = Polish(median, median.cap)
    for _ in polish.steps(monotonic() + 20):
        pass
    tree = CutTree(median, polish, -np.inf, 1e9, 0.5, lambda _: 1e9)
    tree.step(monotonic() + 20)
    before = tree.bound
    assert not tree.is_done
    tree.step(monotonic() - 1)
    assert tree.bound <= before + 1e-9
    assert not tree.is_done


@pytest.mark.parametrize("seed", range(4))
def test_all_ways_to_close_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    median = towns(70, 35, seed=seed, number=5)
    found = []
    for left_out in ((), ("_grow",), ("_grow", "_cut"), ("_grow", "_polish", "_programme")):
        with monkeypatch.context() as patch:
            for name in left_out:
                patch.setattr(Search, name, lambda _: iter(()))
            search = Search(median, Clock(30.0), 7, silent)
            assert search.run() == "proven"
            found.append(search.upper)
    assert len(set(found)) == 1


def test_a_search_stopped_at_any_moment_has_a_bound_under_the_optimum() -> None:
    median = towns(90, 60, seed=9, number=7)
    whole = Search(median, Clock(60.0), 7, silent)
    assert whole.run() == "proven"
    for standing in Search(median, Clock(60.0), 11, silent).steps():
        assert standing.bound <= whole.upper <= standing.value
    for work in (1, 20, 150):
        counted = [Search(median, Clock(60.0, work), 7, silent) for _ in range(2)]
        for search in counted:
            search.run()
            assert search.bound <= whole.upper <= search.upper
        assert np.array_equal(counted[0].chosen, counted[1].chosen)
        assert counted[0].bound == counted[1].bound


def test_weights_in_fractions_are_proven_within_their_tolerance() -> None:
    whole = towns(60, 30, seed=2, number=4)
    median = replace(whole, weights=whole.weights * 0.37, step=0.0)
    exact, near = Search(whole, Clock(30.0), 7, silent), Search(median, Clock(30.0), 7, silent)
    assert exact.run() == near.run() == "proven"
    assert near.upper == pytest.approx(exact.upper * 0.37)


def test_cuts_with_numbers_that_the_solver_refuses_are_left_out_and_the_rest_still_bounds() -> None:
    """An aversion of 30 makes charges over 1e15 beside those under 1: HiGHS takes no row with them."""
    random = np.random.default_rng(27)
    question = Problem.from_costs(random.random((40, 12)) * 10, random.random(40), open=2)
    asked = put(question, Aim.of("fair-walk", aversion=30.0), None)
    assert asked.median.cap.max() > 1e15
    polish = Polish(asked.median, asked.median.cap.copy())
    for _ in polish.steps(monotonic() + 20.0):
        pass
    best = min(asked.median.value(np.isin(np.arange(12), pair)) for pair in combinations(range(12), 2))
    assert bound_at(asked.median, polish.multipliers)[0] <= best * (1 + 1e-9)
