"""The parts of the proof, each against plain arithmetic: merging, bound, fixing, swaps, programme."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.siting.brute_force import cases, problem, value
from utopias.siting.kernels import NEVER
from utopias.siting.median import bounds
from utopias.siting.median import merge as merging
from utopias.siting.median.aims import Median, put
from utopias.siting.median.bounds import Ascent, bound_at, settled
from utopias.siting.median.dual_kernels import cheapest_choice
from utopias.siting.median.merge import merge, restrict
from utopias.siting.median.programme import relaxed, solved
from utopias.siting.median.replay import loss_of
from utopias.siting.median.swaps import swaps
from utopias.siting.median.tree import Node, Tree
from utopias.siting.solve import solve

# A number and a purse at once, where most sites become too dear on the way: a reduced cost of the one rule was
# once laid over the bound of the other, and the only admissible choice was cut off.
TWO_RULES: dict[str, Any] = {
    "costs": np.array([[5.0, 6.0, 9.0, 11.0, 0.0], [1.0, 9.0, 11.0, 2.0, 3.0]]),
    "weights": np.array([1.0, 3.0]), "within": 0.0, "beyond": 3.0, "fixed": [], "forced": [], "forbidden": [],
    "open": 3, "budget": 5.0, "site_costs": np.array([2.0, 3.0, 2.0, 1.0, 4.0]),
}  # fmt: skip
AIMS = st.sampled_from(["cover-most", "least-walk"])


def choices(median: Median) -> list[np.ndarray]:
    """Every admissible choice of the median, as masks."""
    free = np.flatnonzero(median.free)
    sizes = range(len(free) + 1) if median.number < 0 else [median.number]
    masks = []
    for size in sizes:
        for chosen in combinations(free.tolist(), size):
            mask = np.zeros(len(median.free), dtype=bool)
            mask[list(chosen)] = True
            if median.purse >= NEVER or median.prices[mask].sum() <= median.purse:
                masks.append(mask)
    return masks


def loss(median: Median, chosen: np.ndarray) -> float:
    return median.value(chosen)


def dense(median: Median) -> np.ndarray:
    table = np.full((len(median.weights), len(median.free)), np.inf)
    table[np.repeat(np.arange(len(median.weights)), np.diff(median.starts)), median.columns] = median.costs
    return table


@settings(max_examples=100, deadline=None)
@given(case=cases(), aim=AIMS)
def test_the_median_loses_what_the_aim_misses(case: dict[str, Any], aim: str) -> None:
    asked = put(problem(case), aim, case["within"])
    for mask in choices(asked.median)[:50]:
        sites = tuple(sorted([*np.flatnonzero(mask).tolist(), *case["forced"]]))
        assert asked.value(loss_of(asked, mask)) == pytest.approx(value(case, sites, aim))


@settings(max_examples=100, deadline=None)
@given(case=cases(), aim=AIMS)
def test_merging_changes_no_value(case: dict[str, Any], aim: str) -> None:
    doubled = case | {"costs": np.repeat(case["costs"], 3, axis=0), "weights": np.repeat(case["weights"], 3)}
    median = put(problem(doubled), aim, case["within"]).median
    small = merge(median).median
    assert len(small.weights) <= len(case["weights"])
    for mask in choices(median)[:50]:
        assert loss(small, mask) == pytest.approx(loss(median, mask))


@settings(max_examples=50, deadline=None)
@given(case=cases(), aim=AIMS)
def test_rows_that_only_hash_alike_are_not_merged(case: dict[str, Any], aim: str) -> None:
    median = put(problem(case), aim, case["within"]).median
    honest = merging.hashes_of
    merging.hashes_of = lambda median: np.zeros(len(median.cap), dtype=np.uint64)  # every row hashes alike
    try:
        small = merge(median).median
    finally:
        merging.hashes_of = honest
    assert len(small.cap) == len(merge(median).median.cap)
    for mask in choices(median)[:50]:
        assert loss(small, mask) == pytest.approx(loss(median, mask))


@settings(max_examples=60, deadline=None)
@given(case=cases(), aim=AIMS)
def test_an_ascent_is_the_same_to_the_last_digit_with_lists_by_site_and_without(case: dict[str, Any], aim: str) -> None:
    median = put(problem(case), aim, case["within"]).median
    climbs = []
    for turned in (0, 10**9):
        climb = Ascent.at(replace(median, _turned=[]), np.minimum(1.0, median.cap))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bounds, "TURNED", turned)
            met, found = climb.climb(40, 1e6, 1e6)
        assert climb.median.is_turned == (turned == 0)
        climbs.append((met, found.tolist(), climb.bound, climb.best.tolist(), climb.often.tolist()))
    assert climbs[0] == climbs[1]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 1000), sites=st.integers(1, 12), number=st.integers(0, 12))
def test_the_cheapest_of_a_number_are_the_first_of_a_stable_sort(seed: int, sites: int, number: int) -> None:
    random = np.random.default_rng(seed)
    rho, free = -random.integers(0, 4, sites).astype(float), random.random(sites) < 0.8
    number = min(number, int(free.sum()))
    chosen = np.zeros(sites, dtype=bool)
    told = cheapest_choice(rho, free, np.zeros(sites), NEVER, number, chosen)
    first = np.argsort(np.where(free, rho, NEVER), kind="stable")[:number]
    assert np.flatnonzero(chosen).tolist() == sorted(first.tolist())
    assert told == (rho[first].sum(), 0.0, rho[first[-1]] if number else 0.0)


@settings(max_examples=100, deadline=None)
@given(case=cases(), aim=AIMS, seed=st.integers(0, 1000))
def test_the_bound_at_any_multipliers_is_that_of_plain_sums_and_no_choice_passes_it(
    case: dict[str, Any], aim: str, seed: int
) -> None:
    median = put(problem(case), aim, case["within"]).median
    u = np.random.default_rng(seed).random(len(median.cap)) * median.cap
    rho = (median.weights[:, None] * np.minimum(0.0, dense(median) - u[:, None])).sum(axis=0)
    bound, found, _, _ = bound_at(median, u)
    assert np.allclose(found, rho)
    if median.purse >= NEVER:
        least = np.sort(rho[median.free])[: median.number].sum()
        assert bound == pytest.approx(float(median.weights @ u + least) + median.constant)
    for mask in choices(median):
        assert bound <= loss(median, mask) + 1e-9


@settings(max_examples=100, deadline=None)
@given(case=cases(), aim=AIMS, steps=st.integers(0, 60))
def test_what_the_bound_settles_holds_in_every_better_choice(case: dict[str, Any], aim: str, steps: int) -> None:
    median = put(problem(case), aim, case["within"]).median
    masks = choices(median)
    upper = max(loss(median, mask) for mask in masks)  # a poor plan, so that there is something better
    climb = Ascent.start(median, masks[0])
    climb.climb(steps, upper, np.inf)
    assert climb.bound == pytest.approx(bound_at(median, climb.best)[0])
    opened, closed = settled(median, climb.best, upper, 0.5)
    rest = restrict(median, opened, closed)
    for mask in masks:
        if loss(median, mask) < upper - 0.5 - 1e-9:
            assert mask[opened].all()
            assert not mask[closed].any()
            assert loss(rest, mask & ~opened) == pytest.approx(loss(median, mask))


@settings(max_examples=80, deadline=None)
@given(case=cases(), aim=AIMS)
def test_the_programme_finds_the_optimum_and_its_duals_make_a_bound(case: dict[str, Any], aim: str) -> None:
    small = merge(put(problem(case), aim, case["within"]).median).median
    if not len(small.weights) or not small.free.any():
        return
    best = min(loss(small, mask) for mask in choices(small))
    answer = solved(small, start=None, tolerance=0.5, seconds=20.0, nodes=None)
    assert answer.finished
    assert answer.chosen is not None
    assert loss(small, answer.chosen) == pytest.approx(best)
    assert answer.bound <= best + 1e-5
    multipliers = relaxed(small, seconds=20.0)
    assert multipliers is not None
    assert bound_at(small, np.clip(multipliers, 0, small.cap))[0] <= best + 1e-6


@settings(max_examples=80, deadline=None)
@given(case=cases(), aim=AIMS, patience=st.integers(0, 3))
@example(case=TWO_RULES, aim="cover-most", patience=0)
def test_a_tree_ends_at_the_optimum_and_one_cut_short_at_a_true_bound(
    case: dict[str, Any], aim: str, patience: int
) -> None:
    small = merge(put(problem(case), aim, case["within"]).median).median
    masks = choices(small)
    best, known = min(loss(small, mask) for mask in masks), [max(loss(small, mask) for mask in masks) + 1]

    def take(chosen: np.ndarray) -> float:
        assert any(np.array_equal(chosen, mask) for mask in masks)
        known[0] = min(known[0], loss(small, chosen))
        return known[0]

    size = len(small.free)
    root = Node(-np.inf, small, np.zeros(size, dtype=bool), small.cap.copy(), np.zeros(size))
    tree = Tree(root, known[0], 0.5, take)
    tree.grow(lambda nodes: nodes >= patience)
    assert tree.bound <= best
    tree.grow(lambda _: False)
    assert known[0] == pytest.approx(best)
    assert best - 0.5 - 1e-9 <= tree.bound <= best


def test_the_duals_of_the_relaxation_reach_its_value() -> None:
    random = np.random.default_rng(3)
    case = {
        "costs": random.integers(1, 60, (40, 12)).astype(float),
        "weights": random.integers(1, 9, 40).astype(float),
        "open": 3, "fixed": [], "forced": [], "forbidden": [], "site_costs": None, "budget": None, "beyond": None,
    }  # fmt: skip
    small = merge(put(problem(case), "least-walk", None).median).median
    climbed = Ascent.start(small, np.arange(12) < 3)
    climbed.climb(1500, np.inf, np.inf)
    multipliers = relaxed(small, seconds=20.0)
    assert multipliers is not None
    assert bound_at(small, multipliers)[0] >= climbed.bound - 1e-6


@settings(max_examples=80, deadline=None)
@given(case=cases(), aim=AIMS)
def test_a_table_of_swaps_tells_what_each_swap_costs(case: dict[str, Any], aim: str) -> None:
    median = put(problem(case), aim, case["within"]).median
    chosen = choices(median)[-1]
    table, now = swaps(median, chosen), loss(median, chosen)
    for at, out in enumerate(table.opened):
        less = chosen.copy()
        less[out] = False
        assert table.without[at] == pytest.approx(loss(median, less) - now)
        for i in np.flatnonzero(np.isfinite(table.swapped[:, at])):
            swapped = less.copy()
            swapped[i] = True
            assert table.swapped[i, at] == pytest.approx(loss(median, swapped) - now)
            assert median.purse >= NEVER or median.prices[swapped].sum() <= median.purse


@settings(max_examples=80, deadline=None)
@given(case=cases(), aim=AIMS)
def test_no_single_swap_betters_a_plan(case: dict[str, Any], aim: str) -> None:
    asked = put(problem(case), aim, case["within"])
    plan = solve(problem(case), aim=aim, within=case["within"])
    chosen = np.zeros(len(asked.median.free), dtype=bool)
    chosen[[i for i in plan.sites if i not in case["forced"]]] = True
    table = swaps(asked.median, chosen)
    assert not (table.swapped < -1e-9).any()
    assert not (table.added < -1e-9).any()


def test_a_choice_under_both_number_and_purse_has_the_larger_of_two_bounds() -> None:
    median = _three_sites()
    both = bound_at(median, median.cap)[0]
    number = bound_at(replace(median, purse=NEVER), median.cap)[0]
    money = bound_at(replace(median, number=-1), median.cap)[0]
    assert both == max(number, money)
    assert number != money


def _three_sites() -> Median:
    return Median(
        starts=np.arange(4, dtype=np.int64),
        columns=np.arange(3, dtype=np.int32),
        costs=np.zeros(3),
        cap=np.ones(3),
        weights=np.array([6.0, 5.0, 4.0]),
        free=np.ones(3, dtype=bool),
        number=2,
        prices=np.array([4.0, 2.0, 2.0]),
        purse=4.0,
    )
