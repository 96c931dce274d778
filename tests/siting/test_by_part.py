"""A median that falls apart: its parts, what they are worth by number, and the best way to share the number out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from time import monotonic

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.siting.test_bounds import choices
from tests.siting.test_fees import median_of, value
from utopias.domain.progress import silent
from utopias.siting.median.aims import Median
from utopias.siting.median.apart import Apart, fallen_apart
from utopias.siting.median.bounds import Ascent
from utopias.siting.median.by_part import ByPart
from utopias.siting.median.search import Search
from utopias.siting.median.worth import Worth, shared_out
from utopias.siting.question.clock import Clock

FAR = 10_000.0


def islands(sizes: list[tuple[int, int]], *, seed: int, number: int, alike: bool = False) -> Median:
    """Towns of (places, sites) each, whole ways within a town, ``FAR`` between them; ``alike``: all of one pattern."""
    random = np.random.default_rng(seed)
    costs = np.full((sum(n for n, _ in sizes), sum(m for _, m in sizes)), FAR)
    weights, row, column = [], 0, 0
    for n, m in sizes:
        drawn = np.random.default_rng(seed) if alike else random
        here, there = drawn.random((n, 2)), drawn.random((m, 2))
        costs[row : row + n, column : column + m] = np.floor(60 * np.hypot(*(here[:, None] - there).transpose(2, 0, 1)))
        weights.append(drawn.integers(1, 5, n))
        row, column = row + n, column + m
    return median_of(costs, np.concatenate(weights), np.zeros(column), cap=2 * FAR, number=number)


def grids(copies: int, high: int, wide: int, *, number: int) -> Median:
    """Grids of places that are lots too, four apart, ways rounded down: as in TSPLIB fl1400 the relaxation is not whole."""
    points = np.array([(4 * x, 4 * y) for x in range(wide) for y in range(high)], dtype=float)
    one = np.floor(np.hypot(*(points[:, None] - points).transpose(2, 0, 1)))
    costs = np.full((copies * len(points), copies * len(points)), FAR)
    for copy in range(copies):
        own = slice(copy * len(points), (copy + 1) * len(points))
        costs[own, own] = one
    return median_of(costs, np.ones(len(costs)), np.zeros(len(costs)), cap=2 * FAR, number=number)


def least_of(median: Median) -> float:
    return min(value(median, mask) for mask in choices(median))


def apart_of(median: Median, upper: float, steps: int = 60) -> Apart:
    climb = Ascent.start(median, choices(median)[0])
    climb.climb(steps, upper, np.inf)
    return fallen_apart(median, climb.best, np.zeros(len(median.free), dtype=bool), upper, 0.5)


def by_parts(median: Median, upper: float, steps: int = 60) -> tuple[ByPart, list[float]]:
    """The search over the parts, and the values it was told of."""
    known = [upper]

    def take(chosen: np.ndarray) -> float:
        assert int(chosen.sum()) == median.number
        known[0] = min(known[0], median.value(chosen))
        return known[0]

    return ByPart(apart_of(median, upper, steps), upper, 0.5, take, np.zeros(len(median.free)), 7), known


@settings(max_examples=200, deadline=None)
@given(
    values=st.lists(st.lists(st.integers(0, 9) | st.just(np.inf), min_size=1, max_size=4), min_size=1, max_size=4),
    number=st.integers(0, 8),
)
def test_a_number_is_shared_out_as_well_as_the_best_of_all_ways(values: list[list[float]], number: int) -> None:
    ways = [way for way in product(*(range(len(own)) for own in values)) if sum(way) == number]
    sums = [sum(own[k] for own, k in zip(values, way, strict=True)) for way in ways]
    total, given_ = shared_out([np.array(own, dtype=float) for own in values], number)
    assert total == min(sums, default=np.inf)
    if np.isfinite(total):
        assert int(given_.sum()) == number
        assert sum(own[k] for own, k in zip(values, given_.tolist(), strict=True)) == total


def test_of_ways_as_good_the_least_doubted_is_given() -> None:
    flat = [np.array([2.0, 1.0, 0.0])] * 2
    doubts = [np.array([0.0, 5.0, 1.0]), np.array([0.0, 5.0, 1.0])]
    assert sorted(shared_out(flat, 2, doubts)[1].tolist()) == [0, 2]


def test_towns_far_from_each_other_are_parts_and_those_of_one_pattern_say_the_same() -> None:
    median = islands([(6, 4)] * 3, seed=4, number=5, alike=True)
    apart = apart_of(median, least_of(median) + 1)
    assert len({part.says for part in apart.parts}) < len(apart.parts)
    town = np.repeat(np.arange(3), 4)
    assert all(len(set(town[part.sites])) == 1 for part in apart.parts)
    assert sorted(
        np.concatenate([part.sites for part in apart.parts]).tolist() + np.flatnonzero(apart.opened).tolist()
    ) <= list(range(12))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), number=st.integers(3, 8), steps=st.integers(0, 80), over=st.integers(0, 300))
def test_parts_add_up_to_every_better_choice_and_to_no_other_at_more(
    seed: int, number: int, steps: int, over: int
) -> None:
    median = islands([(5, 4), (4, 3), (3, 3)], seed=seed, number=number)
    upper = least_of(median) + 1.0 + over
    apart = apart_of(median, upper, steps)
    sites = np.concatenate([part.sites for part in apart.parts] or [np.zeros(0, int)])
    for mask in choices(median):
        worth = value(median, mask)
        inside = mask[apart.opened].all() and set(np.flatnonzero(mask & ~apart.opened)) <= set(sites.tolist())
        if worth < upper - 0.5:
            assert inside
        if inside:
            told = apart.constant + sum(part.median.value(mask[part.sites]) for part in apart.parts)
            assert told <= worth + 1e-9
            if worth < upper - 0.5:
                assert told == pytest.approx(worth)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(1, 6))
def test_few_sites_are_worked_out_choice_by_choice(seed: int, size: int) -> None:
    median = islands([(7, size)], seed=seed, number=-1)
    (part,) = fallen_apart(replace(median, number=0), np.zeros(7), np.zeros(size, dtype=bool), 1e9, 0.5).parts
    worth = Worth(part, [0])
    for count in range(size + 1):
        assert worth.least[count] == worth.most[count] == least_of(replace(median, number=count))


@settings(max_examples=40, deadline=None)
@example(seed=81, number=4, patience=0, alike=True)  # nothing is left to choose in what HiGHS would be asked
@given(seed=st.integers(0, 10**6), number=st.integers(2, 9), patience=st.integers(0, 4), alike=st.booleans())
def test_parts_end_at_the_optimum_and_cut_short_at_a_true_bound(
    seed: int,
    number: int,
    patience: int,
    alike: bool,
) -> None:
    median = islands([(8, 5), (8, 5), (3, 2)] if not alike else [(8, 5), (8, 5)], seed=seed, number=number, alike=alike)
    best = least_of(median)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("utopias.siting.median.worth.FEW", 1)  # so that HiGHS is asked
        search, known = by_parts(median, best + 40.0, steps=10)
        for _ in range(patience):
            if not search.is_done:
                search.step(monotonic() + 20)
        assert search.bound <= best
        while not search.is_done:
            assert not search.is_stuck
            search.step(monotonic() + 20)
    assert known[0] == best
    assert best - 0.5 - 1e-9 <= search.bound <= best


def test_a_search_by_parts_and_one_without_agree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    median = grids(3, 4, 9, number=25)
    monkeypatch.setattr(Search, "_grow", lambda _: iter(()))
    asked: list[int] = []
    monkeypatch.setattr("utopias.siting.median.closing.ByPart.step", _counted(ByPart.step, asked))
    by_part = Search(median, Clock(60.0), 7, silent)
    assert by_part.run() == "proven"
    monkeypatch.setattr(Search, "_by_part", lambda _: iter(()))
    whole = Search(median, Clock(60.0), 7, silent)
    assert whole.run() == "proven"
    assert by_part.upper == whole.upper
    assert asked  # else this says nothing of the parts


def test_counted_work_by_parts_gives_the_same_plan_and_bound_again(monkeypatch: pytest.MonkeyPatch) -> None:
    median = grids(3, 4, 9, number=25)
    monkeypatch.setattr(Search, "_grow", lambda _: iter(()))
    asked: list[int] = []
    monkeypatch.setattr("utopias.siting.median.closing.ByPart.step", _counted(ByPart.step, asked))
    ran = [Search(median, Clock(60.0, 3_000), 7, silent) for _ in range(2)]
    for search in ran:
        search.run()
    assert asked
    assert np.array_equal(ran[0].chosen, ran[1].chosen)
    assert ran[0].bound == ran[1].bound


def test_one_town_is_no_part_of_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("utopias.siting.median.closing.ByPart.step", lambda *_: pytest.fail("the whole is one part"))
    search = Search(islands([(60, 40)], seed=8, number=6), Clock(30.0), 7, silent)
    assert search.run() == "proven"


def _counted(step: Callable[[ByPart, float], None], asked: list[int]) -> Callable[[ByPart, float], None]:
    def told(self: ByPart, until: float) -> None:
        asked.append(1)
        step(self, until)

    return told
