"""Access poverty against sums written out person by person."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utopias.domain.errors import ProblemError
from utopias.equity import access_poverty, difference, ratio, share

# Four places: within, exactly at the limit, beyond, and not reached in a table of 30 minutes.
MINUTES = np.array([5.0, 15.0, 22.5, np.nan])
PERSONS = np.array([10.0, 20.0, 30.0, 40.0])


def test_order_0_is_the_share_beyond_the_limit_and_a_walk_exactly_at_it_is_not_poor():
    assert access_poverty(MINUTES, PERSONS, 15, 0, table_minutes=30) == pytest.approx(70 / 100)


def test_order_1_is_the_mean_gap_in_limits_with_the_unreached_at_the_end_of_the_table():
    assert access_poverty(MINUTES, PERSONS, 15, 1, table_minutes=30) == pytest.approx((30 * 0.5 + 40 * 1) / 100)


def test_order_2_squares_the_gap():
    assert access_poverty(MINUTES, PERSONS, 15, 2, table_minutes=30) == pytest.approx((30 * 0.25 + 40 * 1) / 100)


def test_whoever_is_not_reached_is_poor_even_where_the_table_ends_at_the_limit():
    assert access_poverty(MINUTES[[0, 3]], PERSONS[[0, 3]], 15, 0, table_minutes=15) == 0.8
    assert access_poverty(MINUTES[[0, 3]], PERSONS[[0, 3]], 15, 1, table_minutes=15) == 0


def test_nobody_has_no_poverty_to_measure():
    assert math.isnan(access_poverty(MINUTES, np.zeros(4), 15, 0, table_minutes=30))
    assert math.isnan(share(np.zeros(2), np.ones(2)))


def test_all_faults_of_a_poverty_question_are_told_at_once():
    with pytest.raises(ProblemError) as error:
        access_poverty(MINUTES, PERSONS[:2], 40, 3, table_minutes=30)
    assert error.value.codes == ("unknown-order", "limit-beyond-table", "misaligned")
    assert "40 min was asked of a table that ends at 30 min" in str(error.value)
    with pytest.raises(ProblemError, match="limit-beyond-table"):
        access_poverty(MINUTES, PERSONS, 0, 0, table_minutes=30)


def test_a_ratio_over_nothing_says_nothing():
    assert ratio(0.4, 0.8) == 0.5
    assert difference(0.4, 0.8) == pytest.approx(-0.4)
    assert math.isnan(ratio(0.4, 0.0))


WALKS = st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 30)), st.integers(0, 9)), min_size=1, max_size=12)


@given(WALKS, st.integers(1, 30), st.sampled_from([0, 1, 2]))
def test_it_is_the_sum_over_persons_written_out(walks, limit, order):
    people = [t for t, count in walks for _ in range(count)]
    minutes = np.array([np.nan if t is None else float(t) for t, _ in walks])
    found = access_poverty(minutes, np.array([float(c) for _, c in walks]), limit, order, table_minutes=30)
    if not people:
        assert math.isnan(found)
        return
    total = 0.0
    for t in people:
        if t is None:
            total += 1.0 if order == 0 else ((30 - limit) / limit) ** order
        elif t > limit:
            total += 1.0 if order == 0 else ((t - limit) / limit) ** order
    assert found == pytest.approx(total / len(people))


@given(WALKS, st.integers(1, 30), st.sampled_from([0, 1, 2]), st.data())
def test_a_shorter_walk_for_somebody_never_raises_poverty(walks, limit, order, data):
    minutes = np.array([np.nan if t is None else float(t) for t, _ in walks])
    persons = np.array([float(c) + 1 for _, c in walks])
    at = data.draw(st.integers(0, len(walks) - 1))
    nearer = minutes.copy()
    nearer[at] = data.draw(st.floats(0, 30 if np.isnan(minutes[at]) else minutes[at]))
    before = access_poverty(minutes, persons, limit, order, table_minutes=30)
    assert access_poverty(nearer, persons, limit, order, table_minutes=30) <= before + 1e-12


def test_a_step_from_poor_to_poorer_weighs_more_in_order_2_than_two_small_ones():
    two_near, one_far = np.array([30.0, 30.0]), np.array([15.0, 45.0])
    one = np.ones(2)
    gap = [access_poverty(m, one, 15, 1, table_minutes=60) for m in (two_near, one_far)]
    squared = [access_poverty(m, one, 15, 2, table_minutes=60) for m in (two_near, one_far)]
    assert gap[0] == gap[1]
    assert squared[1] > squared[0]
