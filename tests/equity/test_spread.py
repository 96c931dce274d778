"""Measures of spread against brute force over pairs and persons, and the laws they must keep."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import logsumexp

from utopias.domain.errors import ProblemError
from utopias.equity import aversion_per_minute, concentration_index, equal_equivalent, gini, palma

ROWS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 6), st.sampled_from([0.0, 0.1, 0.25, 0.4, 0.9])),
    min_size=1,
    max_size=12,
)


def arrays_of(rows):
    return tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True))


def people_of(values, persons):
    return np.repeat(values, persons.astype(int))


# --- Gini ------------------------------------------------------------------------------------


def test_one_walks_everything_and_three_nothing_is_a_gini_of_three_quarters():
    assert gini(np.array([0.0, 12.0]), np.array([3.0, 1.0])) == pytest.approx(0.75)


@given(ROWS)
def test_gini_is_half_the_mean_difference_of_two_people_over_the_mean(rows):
    value, persons, _ = arrays_of(rows)
    each = people_of(value, persons)
    if not len(each) or not each.sum():
        assert math.isnan(gini(value, persons))
        return
    brute = np.abs(each[:, None] - each).mean() / 2 / each.mean()
    assert gini(value, persons) == pytest.approx(brute, abs=1e-12)


@given(ROWS, st.floats(0.01, 100))
def test_gini_does_not_know_the_unit(rows, factor):
    value, persons, _ = arrays_of(rows)
    assume((persons * value).sum() > 0)
    assert gini(value * factor, persons) == pytest.approx(gini(value, persons), abs=1e-9)


@given(ROWS, st.data())
def test_taking_from_the_shorter_walk_and_adding_to_the_longer_never_lowers_gini_or_the_equal_walk(rows, data):
    value, persons, _ = arrays_of(rows)
    order = np.argsort(value)
    assume(len(rows) > 1 and (persons * value).sum() > 0)
    low, high = order[0], order[-1]
    step = data.draw(st.floats(0, 1)) * value[low]
    worse, one = value.copy(), np.ones(len(value))
    worse[low] -= step
    worse[high] += step
    assert gini(worse, one) >= gini(value, one) - 1e-9
    assert equal_equivalent(worse, one, 0.1) >= equal_equivalent(value, one, 0.1) - 1e-9


# --- concentration ---------------------------------------------------------------------------


def test_reach_of_the_least_needy_only_is_over_0_and_of_the_neediest_only_is_under_0():
    need, one = np.array([0.9, 0.6, 0.3, 0.0]), np.ones(4)
    assert concentration_index(np.array([0.0, 0, 0, 1]), one, need) == pytest.approx(0.75)
    assert concentration_index(np.array([1.0, 0, 0, 0]), one, need) == pytest.approx(-0.75)
    assert concentration_index(np.ones(4), one, need) == pytest.approx(0)


def test_everybody_of_one_need_is_no_concentration():
    assert concentration_index(np.array([0.0, 5, 9]), np.array([3.0, 1, 2]), np.full(3, 0.4)) == pytest.approx(0)


@given(ROWS)
def test_concentration_is_the_covariance_with_the_rank_of_each_person(rows):
    value, persons, need = arrays_of(rows)
    each, rank_by = people_of(value, persons), -people_of(need, persons)
    if not len(each) or not each.sum():
        assert math.isnan(concentration_index(value, persons, need))
        return
    rank = np.array([(np.sum(rank_by < r) + np.sum(rank_by == r) / 2) / len(each) for r in rank_by])
    brute = 2 * np.cov(each, rank, bias=True)[0, 1] / each.mean()
    assert concentration_index(value, persons, need) == pytest.approx(brute, abs=1e-12)


@given(ROWS)
def test_ranked_by_the_value_itself_concentration_is_gini(rows):
    value, persons, _ = arrays_of(rows)
    assume((persons * value).sum() > 0)
    assert concentration_index(value, persons, -value) == pytest.approx(gini(value, persons), abs=1e-12)


def test_places_of_unknown_need_are_left_out():
    need = np.array([np.nan, 0.9, 0.0])
    found = concentration_index(np.array([99.0, 0, 1]), np.array([50.0, 1, 1]), need)
    assert found == pytest.approx(concentration_index(np.array([0.0, 1]), np.ones(2), need[1:]))


# --- Kolm-Pollak -----------------------------------------------------------------------------


def test_two_people_written_out():
    # kappa = ln 2 / 10: exp doubles every ten minutes, so the mean of 1 and 4 is 2.5 = 2 ** 1.32
    assert equal_equivalent(np.array([0.0, 20.0]), np.ones(2), math.log(2) / 10) == pytest.approx(10 * math.log2(2.5))


@given(ROWS, st.floats(1e-4, 2))
def test_it_is_the_formula_where_the_formula_does_not_overflow(rows, kappa):
    minutes, persons, _ = arrays_of(rows)
    assume(persons.sum() > 0)
    brute = logsumexp(kappa * minutes, b=persons / persons.sum()) / kappa
    assert equal_equivalent(minutes, persons, kappa) == pytest.approx(brute, rel=1e-6, abs=1e-6)


@given(ROWS, st.floats(0, 2), st.floats(0, 90))
def test_a_minute_more_for_all_adds_a_minute(rows, kappa, more):
    minutes, persons, _ = arrays_of(rows)
    assume(persons.sum() > 0)
    moved = equal_equivalent(minutes + more, persons, kappa)
    assert moved == pytest.approx(equal_equivalent(minutes, persons, kappa) + more, abs=1e-5)


@given(ROWS, st.floats(0, 2), st.floats(0, 2))
def test_it_lies_between_the_mean_and_the_longest_walk_and_rises_with_aversion(rows, first, second):
    minutes, persons, _ = arrays_of(rows)
    assume(persons.sum() > 0)
    low, high = (equal_equivalent(minutes, persons, kappa) for kappa in sorted((first, second)))
    mean = (persons * minutes).sum() / persons.sum()
    assert mean - 1e-5 <= low <= high + 1e-5
    assert high <= minutes[persons > 0].max() + 1e-9


def test_no_exponent_overflows():
    assert equal_equivalent(np.array([0.0, 1e6]), np.ones(2), 1e3) == pytest.approx(1e6, rel=1e-6)


def test_kappa_is_aversion_times_the_sum_over_the_sum_of_squares():
    assert aversion_per_minute(np.array([10.0, 20.0]), np.array([2.0, 1.0]), 1.5) == pytest.approx(1.5 * 40 / 600)
    assert aversion_per_minute(np.zeros(2), np.ones(2), 1) == 0


def test_a_negative_aversion_is_refused():
    with pytest.raises(ProblemError, match="bad-aversion"):
        equal_equivalent(np.ones(1), np.ones(1), -0.1)


# --- Palma -----------------------------------------------------------------------------------


def test_palma_of_ten_people():
    value = np.arange(1.0, 11.0)
    assert palma(value, np.ones(10)) == pytest.approx(10 / (1 + 2 + 3 + 4))


def test_palma_of_equal_walks_is_a_quarter_and_cuts_a_place_at_the_edge():
    assert palma(np.full(3, 7.0), np.array([1.0, 2, 4])) == pytest.approx(0.25)
    # one place of 100 people with 8 minutes, one of 100 with 2: the longest tenth is 20 people
    assert palma(np.array([8.0, 2.0]), np.full(2, 100.0)) == pytest.approx(20 * 8 / (80 * 2))


# --- edges -----------------------------------------------------------------------------------


def test_nobody_has_no_spread():
    nothing = np.zeros(2)
    found = [gini(nothing, nothing), palma(nothing, nothing), concentration_index(nothing, nothing, nothing)]
    assert all(math.isnan(value) for value in [*found, equal_equivalent(nothing, nothing, 1)])


def test_a_place_cut_in_two_changes_nothing():
    value, persons, need = np.array([3.0, 9.0]), np.array([4.0, 6.0]), np.array([0.2, 0.7])
    cut, parts, needs = np.array([3.0, 9, 9]), np.array([4.0, 1, 5]), np.array([0.2, 0.7, 0.7])
    assert gini(cut, parts) == pytest.approx(gini(value, persons))
    assert palma(cut, parts) == pytest.approx(palma(value, persons))
    assert concentration_index(cut, parts, needs) == pytest.approx(concentration_index(value, persons, need))
    assert equal_equivalent(cut, parts, 0.3) == pytest.approx(equal_equivalent(value, persons, 0.3))


def test_minutes_not_known_are_refused_rather_than_dropped():
    with pytest.raises(ProblemError) as error:
        gini(np.array([1.0, np.nan]), np.array([1.0, -1.0]))
    assert error.value.codes == ("bad-value", "bad-value")
    with pytest.raises(ProblemError, match="misaligned"):
        palma(np.ones(2), np.ones(3))
