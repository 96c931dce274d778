"""A large covering in regions: what they come to together bounds every plan, and never less tightly than the ascent."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.clusters import clustered
from tests.siting.test_bounds import choices, loss
from tests.siting.test_covering import medians
from utopias.siting.median import covering
from utopias.siting.median.aims import Median, put
from utopias.siting.median.bounds import bound_at
from utopias.siting.median.cover_regions import Regions, parted
from utopias.siting.median.covering import CoverAscent
from utopias.siting.median.merge import merge
from utopias.siting.median.region_kernels import most_together
from utopias.siting.median.region_tree import RegionTree
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve


def luck() -> np.random.Generator:
    return np.random.default_rng(3)


def in_regions(median: Median, multipliers: np.ndarray, often: np.ndarray, size: float = 6.0) -> Regions:
    return Regions(median, multipliers, often, luck(), size)


@settings(max_examples=60, deadline=None)
@given(
    median=medians(),
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([0.4, 1.0, 2.5]),
    turns=st.sampled_from([0, 1, 3, 60]),
)
def test_no_choice_passes_the_bound_of_the_regions_whatever_the_multipliers(
    median: Median, seed: int, size: float, turns: int
) -> None:
    random = np.random.default_rng(seed)
    multipliers, often = random.random(len(median.weights)), random.random(len(median.free))
    regions = in_regions(median, multipliers, often, size)
    first = regions.bound
    for _ in range(turns):
        regions.grow(3)
    best = min(loss(median, mask) for mask in choices(median))
    assert first <= regions.bound + 1e-9
    assert regions.bound <= best + 1e-6
    assert first >= bound_at(median, multipliers)[0] - 1e-6


@settings(max_examples=60, deadline=None)
@given(median=medians(), seed=st.integers(0, 2**32 - 1))
def test_regions_that_share_no_place_tell_the_optimum_at_their_end(median: Median, seed: int) -> None:
    multipliers = np.random.default_rng(seed).random(len(median.weights))
    regions = in_regions(median, multipliers, np.zeros(len(median.free)))
    while regions.grow(5):
        pass
    best = min(loss(median, mask) for mask in choices(median))
    assert (regions.worth == 1.0).all()  # there is room in one region for all that share anything
    assert regions.bound == pytest.approx(best, abs=1e-6)


@pytest.fixture(scope="module")
def two_towns() -> Median:
    """Two towns that no site covers together: places 0 to 59 and 60 to 119, ten sites each."""
    random = np.random.default_rng(11)
    table = np.zeros((120, 20), dtype=bool)
    table[:60, :10] = random.random((60, 10)) < 0.3
    table[60:, 10:] = random.random((60, 10)) < 0.3
    weights = random.integers(1, 20, 120).astype(float)
    return merge(put(Problem.from_coverage(table, weights, open=6), "cover-most", None).median).median


def test_towns_that_share_no_place_are_regions_and_together_tell_the_optimum(two_towns: Median) -> None:
    climb = CoverAscent.at(two_towns, np.full(len(two_towns.weights), 0.5))
    while not climb.spent:
        climb.climb(20, np.inf, np.inf)
    regions = in_regions(two_towns, climb.best, np.full(20, 0.3))
    assert len(set(regions.region_of[:10])) == len(set(regions.region_of[10:])) == 1
    assert regions.region_of[0] != regions.region_of[10]
    while regions.grow(10):
        pass
    best = min(loss(two_towns, mask) for mask in choices(two_towns))
    assert climb.bound < best - 1  # the relaxation alone does not tell it
    assert regions.bound == pytest.approx(best, abs=1e-5)


def test_a_region_holds_about_so_many_open_sites_and_every_site_has_one() -> None:
    costs, weights, radius = clustered(2_000, 150, density=0.04, seed=2)
    median = merge(put(Problem.from_coverage(costs <= radius, weights, open=24), "cover-most", None).median).median
    often = np.full(150, 24 / 150)
    region, count = parted(median, often, 5.0)
    assert count >= 5
    assert set(region[median.free]) <= set(range(count))
    assert np.bincount(region, weights=often).max() <= 5.0 + 1e-9


def test_a_tree_told_to_keep_no_multipliers_ends_at_the_same_proof(two_towns: Median) -> None:
    regions = in_regions(two_towns, np.full(len(two_towns.weights), 0.5), np.full(20, 0.3))
    ends = []
    for keep in (True, False):
        tree = RegionTree(regions.regions[0], 3, luck())
        while tree.heap:
            before = tree.bound
            tree.grow(4, keep=keep)
            assert tree.bound >= before
        assert tree.kept == 0 or keep
        ends.append(tree.upper)
    assert ends[0] == ends[1]


@settings(max_examples=60, deadline=None)
@given(table=st.lists(st.lists(st.integers(0, 9), min_size=5, max_size=5), min_size=1, max_size=4))
def test_the_numbers_that_do_best_together_are_those_of_all_ways_to_share(table: list[list[int]]) -> None:
    most = np.array(table, dtype=float)
    best, numbers = most_together(most)
    ways = (ks for ks in np.ndindex(*[5] * len(table)) if sum(ks) == 4)
    assert best == max(sum(most[c, k] for c, k in enumerate(ks)) for ks in ways)
    assert numbers.sum() == 4
    assert sum(most[c, k] for c, k in enumerate(numbers)) == best


@pytest.fixture(scope="module")
def wide() -> Problem:
    costs, weights, radius = clustered(1_200, 120, density=0.08, seed=2)
    return Problem.from_coverage(costs <= radius, weights, open=10)


def test_a_search_in_regions_never_rules_out_the_optimum_and_is_the_same_twice(
    wide: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = solve(wide, time_limit="60 s")
    monkeypatch.setattr(covering, "LARGEST", 0)
    one, other = (solve(wide, work=1_500) for _ in range(2))
    assert best.proven
    assert one.value <= best.value <= one.bound < one.root_bound
    assert (one.sites, one.value, one.bound) == (other.sites, other.value, other.bound)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_plans_found_in_regions_hold_beside_all_choices(seed: int) -> None:
    random = np.random.default_rng(seed)
    table, weights = random.random((60, 10)) < 0.2, random.integers(1, 20, 60).astype(float)
    best = max(weights[table[:, list(some)].any(axis=1)].sum() for some in combinations(range(10), 4))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(covering, "LARGEST", 0)
        patched.setattr(covering, "SITES_A_REGION", 2.0)
        plan = solve(Problem.from_coverage(table, weights, open=4), work=400)
    assert plan.value <= best <= plan.bound
    assert not plan.proven or plan.value == best
