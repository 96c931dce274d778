"""Withheld counts, shared out: what each area is said to have is what its rows have, within every bound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from utopias.territory.raking import bounds_within, rake

cells = st.tuples(st.floats(0, 50), st.integers(0, 3), st.floats(0, 5), st.floats(0, 5))


def arrays(drawn: list[tuple[float, int, float, float]]) -> tuple[np.ndarray, ...]:
    seed, part, low, room = (np.array(column, dtype=float) for column in zip(*drawn, strict=True))
    return seed, part.astype(np.int64), low, low + room


def test_a_total_is_shared_by_people() -> None:
    zero = np.zeros(3)
    part = np.array([0, 0, 1])
    made = rake(np.array([10.0, 30.0, 5.0]), part, np.array([1.0, 2.0]), zero, zero + 2)
    assert made == pytest.approx([0.25, 0.75, 2.0])


def test_what_one_cell_cannot_take_the_others_take() -> None:
    made = rake(
        np.array([100.0, 10.0, 10.0]), np.zeros(3, dtype=np.int64), np.array([4.0]), np.zeros(3), np.full(3, 2.0)
    )
    assert made == pytest.approx([2, 1, 1])


def test_a_cell_without_people_is_filled_last() -> None:
    part, zero = np.zeros(3, dtype=np.int64), np.zeros(3)
    assert rake(np.array([3.0, 0.0, 0.0]), part, np.array([2.0]), zero, zero + 2) == pytest.approx([2, 0, 0], abs=1e-6)
    assert rake(np.array([3.0, 0.0, 0.0]), part, np.array([3.0]), zero, zero + 2) == pytest.approx(
        [2, 0.5, 0.5], abs=1e-6
    )
    assert rake(zero, part, np.array([3.0]), zero, zero + 2) == pytest.approx([1, 1, 1])


def test_a_total_beyond_the_bounds_is_met_as_far_as_they_go() -> None:
    part, zero = np.zeros(2, dtype=np.int64), np.zeros(2)
    assert rake(zero + 1, part, np.array([9.0]), zero, zero + 2).tolist() == [2, 2]
    assert rake(zero + 1, part, np.array([0.0]), zero + 1, zero + 2).tolist() == [1, 1]
    assert rake(zero + 3, part, np.array([0.0]), zero, zero + 2).tolist() == [0, 0]
    assert len(rake(zero[:0], part[:0], np.zeros(3), zero[:0], zero[:0])) == 0


@given(st.lists(cells, min_size=1, max_size=30), st.floats(0, 1))
def test_every_part_comes_to_its_total_and_every_cell_keeps_its_bounds(drawn, share: float) -> None:
    seed, part, low, high = arrays(drawn)
    lows, highs = np.bincount(part, low, 4), np.bincount(part, high, 4)
    totals = lows + share * (highs - lows)
    made = rake(seed, part, totals, low, high)
    assert (made >= low).all()
    assert (made <= high).all()
    assert np.bincount(part, made, 4) == pytest.approx(totals, abs=1e-9)


@given(
    st.lists(st.tuples(st.floats(0.5, 50), st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=12),
    st.floats(0.01, 0.99),
)
def test_the_factor_is_the_one_a_root_finder_finds(drawn, share: float) -> None:
    seed, low, room = (np.array(column) for column in zip(*drawn, strict=True))
    high = low + room
    total = low.sum() + share * room.sum()

    def over(factor: float) -> float:
        return float(np.clip(factor * seed, low, high).sum() - total)

    factor = brentq(over, 0.0, float((high / seed).max()) + 1.0, xtol=1e-14)
    made = rake(seed, np.zeros(len(seed), dtype=np.int64), np.array([total]), low, high)
    assert made == pytest.approx(np.clip(factor * seed, low, high), abs=1e-5)


@given(st.lists(cells, min_size=1, max_size=12), st.floats(0, 1), st.floats(0, 1))
def test_bounds_are_never_wider_and_hold_whatever_is_raked(drawn, a: float, b: float) -> None:
    seed, part, low, high = arrays(drawn)
    lows, highs = np.bincount(part, low, 4), np.bincount(part, high, 4)
    least, most = (lows + share * (highs - lows) for share in sorted((a, b)))
    tight_low, tight_high = bounds_within(part, least, most, low, high)
    assert (tight_low >= low - 1e-9).all()
    assert (tight_high <= high + 1e-9).all()
    made = rake(seed, part, (least + most) / 2, low, high)
    assert (made >= tight_low - 1e-9).all()
    assert (made <= tight_high + 1e-9).all()


def test_with_one_gap_and_its_total_nothing_is_uncertain() -> None:
    one = np.array([0], dtype=np.int64)
    low, high = bounds_within(one, np.array([1.0]), np.array([1.0]), np.zeros(1), np.full(1, 2.0))
    assert (low.tolist(), high.tolist()) == ([1.0], [1.0])
