"""Fees that are charged to the value itself: facility location by the same engine, against every choice there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.test_bounds import choices, dense
from utopias.domain.progress import silent
from utopias.siting.kernels import NEVER
from utopias.siting.median.aims import Median
from utopias.siting.median.bounds import bound_at, settled
from utopias.siting.median.merge import merge, restrict
from utopias.siting.median.programme import relaxed, solved
from utopias.siting.median.search import Search
from utopias.siting.median.swaps import swaps
from utopias.siting.question.clock import Clock


def median_of(
    costs: np.ndarray,
    weights: np.ndarray,
    fees: np.ndarray,
    *,
    cap: float,
    number: int = -1,
    prices: np.ndarray | None = None,
    purse: float = NEVER,
) -> Median:
    """A median from a dense table; whole numbers throughout."""
    rows, columns = np.nonzero(costs < cap)
    order = np.lexsort((columns, costs[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    n, m = costs.shape
    return Median(
        starts=np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n))]).astype(np.int64),
        columns=columns.astype(np.int32),
        costs=costs[rows, columns].astype(float),
        cap=np.full(n, float(cap)),
        weights=weights.astype(float),
        free=np.ones(m, dtype=bool),
        number=number,
        prices=np.zeros(m) if prices is None else prices.astype(float),
        purse=purse,
        fees=fees.astype(float),
        step=1.0,
    )


@st.composite
def medians(draw: st.DrawFn) -> Median:
    """Fees alone, or with a number, a purse, or both; some sites cost nothing to open."""
    n, m = draw(st.integers(1, 10)), draw(st.integers(2, 6))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    number = draw(st.sampled_from([-1, -1, 1, 2]))
    prices = random.integers(1, 6, m)
    purse = NEVER
    if draw(st.booleans()):
        purse = float(np.sort(prices)[: max(number, 0)].sum() + draw(st.integers(0, 5)))
    dear = draw(st.sampled_from([0, 4, 15, 60]))
    return median_of(
        random.integers(0, 12, (n, m)),
        random.integers(1, 9, n),
        random.integers(0, dear + 1, m),
        cap=draw(st.integers(3, 14)),
        number=number,
        prices=prices,
        purse=purse,
    )


def value(median: Median, chosen: np.ndarray) -> float:
    """In plain numpy, from the dense table."""
    least = np.minimum(median.cap, dense(median)[:, chosen].min(axis=1, initial=np.inf))
    return float(median.weights @ least) + float(median.fees[chosen].sum()) + median.constant


@settings(max_examples=300, deadline=None)
@given(median=medians())
def test_a_search_with_fees_ends_at_the_best_of_all_choices(median: Median) -> None:
    best = min(value(median, mask) for mask in choices(median))
    search = Search(median, Clock(20.0), 7, silent)
    assert search.run() == "proven"
    assert search.upper == pytest.approx(best)
    assert value(median, search.chosen) == pytest.approx(best)
    assert search.bound <= best + 1e-9
    assert bound_at(median, search.multipliers)[0] <= best + 1e-9


@settings(max_examples=150, deadline=None)
@given(median=medians(), seed=st.integers(0, 1000))
def test_bound_fixing_merging_swaps_and_programme_count_fees(median: Median, seed: int) -> None:
    masks = choices(median)
    values = [value(median, mask) for mask in masks]
    u = np.random.default_rng(seed).random(len(median.cap)) * median.cap
    assert bound_at(median, u)[0] <= min(values) + 1e-9
    upper = max(values)
    opened, closed = settled(median, u, upper, 0.5)
    rest = restrict(median, opened, closed)
    small = merge(median).median
    for mask, worth in zip(masks, values, strict=True):
        assert median.value(mask) == pytest.approx(worth)
        assert small.value(mask) == pytest.approx(worth)
        if worth < upper - 0.5 - 1e-9:
            assert mask[opened].all()
            assert not mask[closed].any()
            assert rest.value(mask & ~opened) == pytest.approx(worth)
    table, chosen = swaps(median, masks[-1]), masks[-1]
    for at, out in enumerate(table.opened):
        less = chosen.copy()
        less[out] = False
        assert table.without[at] == pytest.approx(value(median, less) - values[-1])
        for i in np.flatnonzero(np.isfinite(table.swapped[:, at])):
            swapped = less.copy()
            swapped[i] = True
            assert table.swapped[i, at] == pytest.approx(value(median, swapped) - values[-1])
    for i in np.flatnonzero(np.isfinite(table.added)):
        more = chosen.copy()
        more[i] = True
        assert table.added[i] == pytest.approx(value(median, more) - values[-1])
    if len(small.weights):
        answer = solved(small, start=None, tolerance=0.5, seconds=20.0, nodes=None)
        assert answer.finished
        assert answer.chosen is not None
        assert value(median, answer.chosen) == pytest.approx(min(values))
        duals = relaxed(small, seconds=20.0)
        assert duals is not None
        assert bound_at(small, np.clip(duals, 0, small.cap))[0] <= min(values) + 1e-6


def test_a_site_is_opened_only_where_it_earns_its_fee() -> None:
    costs = np.array([[0, 9], [0, 9], [9, 0]])
    asked = median_of(costs, np.array([1, 1, 1]), np.array([15, 8]), cap=9)
    search = Search(asked, Clock(20.0), 7, silent)
    search.run()
    assert search.chosen.tolist() == [True, True]
    assert search.upper == 23.0  # by hand: both fees; opening none costs 27, one alone 24 or 26
    dearer = replace(asked, fees=np.array([15.0, 9.5]), step=0.0)
    search = Search(dearer, Clock(20.0), 7, silent)
    search.run()
    assert search.chosen.tolist() == [True, False]
    assert search.upper == 24.0


def test_without_fees_and_without_any_rule_every_useful_site_opens() -> None:
    costs = np.array([[1, 2, 5], [4, 3, 5]])
    search = Search(median_of(costs, np.array([1, 1]), np.zeros(3), cap=9), Clock(20.0), 7, silent)
    assert search.run() == "proven"
    assert search.upper == 4.0


def test_facility_location_of_forty_by_twenty_is_proven() -> None:
    random = np.random.default_rng(11)
    points, lots = random.random((40, 2)), random.random((20, 2))
    costs = np.floor(1000 * np.sqrt(((points[:, None] - lots) ** 2).sum(axis=2)))
    asked = median_of(costs, random.integers(1, 9, 40), random.integers(4000, 9000, 20), cap=5000)
    search = Search(asked, Clock(20.0), 7, silent)
    assert search.run() == "proven"
    few = [value(asked, np.isin(np.arange(20), c)) for size in (1, 2, 3, 4) for c in combinations(range(20), size)]
    if int(search.chosen.sum()) <= 4:
        assert search.upper == pytest.approx(min(few))
    else:
        assert search.upper <= min(few)
