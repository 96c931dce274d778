"""The need index and the fifths of people it makes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from utopias.domain.errors import ProblemError
from utopias.equity import need_index, quintiles_of_people

NUMBERS = st.floats(0, 1, allow_nan=False)


def test_the_lowest_place_is_0_and_the_highest_is_1():
    assert need_index({"poor": np.array([10.0, 20.0, 30.0])}, {"poor": 2.0}).tolist() == [0, 0.5, 1]


def test_two_indicators_are_mixed_by_the_proportion_of_their_weights():
    columns = {"poor": np.array([0.0, 1.0]), "old": np.array([1.0, 0.0])}
    assert need_index(columns, {"poor": 3, "old": 1}).tolist() == [0.25, 0.75]
    assert need_index(columns, {"poor": 6, "old": 2}).tolist() == [0.25, 0.75]


def test_an_indicator_the_same_everywhere_adds_nothing():
    columns = {"flat": np.full(2, 7.0), "poor": np.array([0.0, 1.0])}
    assert need_index(columns, {"flat": 1, "poor": 1}).tolist() == [0, 0.5]


def test_need_is_unknown_where_a_weighted_indicator_is_unknown():
    columns = {"poor": np.array([0.0, np.nan, 1.0]), "old": np.array([np.nan, 0.0, 1.0])}
    assert np.isnan(need_index(columns, {"poor": 1, "old": 0})).tolist() == [False, True, False]


def test_all_faults_of_an_index_are_told_at_once():
    columns = {"poor": np.array([0.0, np.inf]), "old": np.array([1.0])}
    with pytest.raises(ProblemError) as error:
        need_index(columns, {"poor": -1.0, "young": 1.0})
    assert error.value.codes == ("unknown-indicator", "misaligned", "not-finite", "bad-weight")
    assert "old, young" in str(error.value)


def test_no_indicator_and_no_weight_are_refused():
    with pytest.raises(ProblemError, match="no-indicators"):
        need_index({}, {})
    with pytest.raises(ProblemError, match="no-weight"):
        need_index({"poor": np.array([0.0, 1.0])}, {"poor": 0.0})


@given(arrays(float, 6, elements=NUMBERS), arrays(float, 6, elements=NUMBERS), st.floats(0.1, 9), st.floats(0.1, 9))
def test_the_index_stays_between_0_and_1_and_rises_with_an_indicator(a, b, weight_a, weight_b):
    index = need_index({"a": a, "b": b}, {"a": weight_a, "b": weight_b})
    assert ((index >= 0) & (index <= 1)).all()
    both = (a[:, None] >= a) & (b[:, None] >= b)
    assert (index[:, None] >= index - 1e-12)[both].all()


def test_fifths_hold_people_not_places():
    # one full block and five empty-ish ones: the first place alone is two fifths of the people
    need = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    people = np.array([40.0, 12, 12, 12, 12, 12])
    assert quintiles_of_people(need, people).tolist() == [2, 3, 3, 4, 5, 5]


def test_five_equal_places_are_the_five_fifths():
    assert quintiles_of_people(np.array([0.9, 0.1, 0.5, 0.3, 0.7]), np.full(5, 100.0)).tolist() == [5, 1, 3, 2, 4]


def test_equal_need_stays_together():
    assert len(set(quintiles_of_people(np.full(7, 0.3), np.arange(7.0)).tolist())) == 1


def test_need_that_differs_by_rounding_only_is_equal():
    need = np.array([0.1 + 0.2, 0.3, 0.9])
    fifths = quintiles_of_people(need, np.ones(3))
    assert fifths[0] == fifths[1]


def test_unknown_need_has_no_fifth_and_is_not_counted():
    need = np.array([np.nan, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert quintiles_of_people(need, np.array([1e9, 1, 1, 1, 1, 1])).tolist() == [0, 1, 2, 3, 4, 5]


def test_nobody_makes_no_fifths():
    assert quintiles_of_people(np.array([0.1, 0.9]), np.zeros(2)).tolist() == [0, 0]
    assert quintiles_of_people(np.zeros(0), np.zeros(0)).tolist() == []


def test_places_without_counted_people_are_sorted_but_shift_nobody():
    need, people = np.array([0.1, 0.2, 0.3, 0.4, 0.5]), np.full(5, 10.0)
    with_surroundings = quintiles_of_people(np.append(need, [0.05, 0.45]), np.append(people, [0, 0]))
    assert with_surroundings[:5].tolist() == quintiles_of_people(need, people).tolist()
    assert with_surroundings[5:].tolist() == [1, 5]


def test_bad_people_are_refused():
    with pytest.raises(ProblemError) as error:
        quintiles_of_people(np.array([0.1]), np.array([1.0, np.nan, -1.0]))
    assert error.value.codes == ("misaligned", "bad-weight")
    assert error.value.faults[1].count == 2


@given(st.lists(st.tuples(NUMBERS, st.integers(0, 50)), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_fifths_follow_need_and_not_the_order_of_rows(rows, random):
    need, people = np.array([n for n, _ in rows]), np.array([float(p) for _, p in rows])
    fifths = quintiles_of_people(need, people)
    order = list(range(len(rows)))
    random.shuffle(order)
    assert quintiles_of_people(need[order], people[order]).tolist() == fifths[order].tolist()
    if people.sum():
        assert ((need[:, None] <= need) <= (fifths[:, None] <= fifths))[np.abs(need[:, None] - need) > 1e-9].all()
