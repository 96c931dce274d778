"""What an index does to the count, and what hangs on its weights."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from utopias.domain.errors import ProblemError
from utopias.domain.town import NeedIndicator
from utopias.equity import (
    RankChange,
    effective_persons,
    fault_of_group_in_index,
    need_index,
    quintiles_of_people,
    rank_changes,
)

FIVE = np.array([0.0, 0.25, 0.5, 0.75, 1.0])


def test_an_index_may_not_count_the_group_it_is_made_of():
    indicators = [NeedIndicator("over 60", {}, 1.0, "older people"), NeedIndicator("poor", {}, 1.0)]
    assert fault_of_group_in_index("all", indicators) is None
    fault = fault_of_group_in_index("older people", indicators)
    assert (fault.code, fault.count, fault.first) == ("group-in-index", 1, "over 60")
    assert "poor" not in str(fault)


def test_an_indicator_without_weight_counts_nobody_twice():
    assert fault_of_group_in_index("older people", [NeedIndicator("over 60", {}, 0.0, "older people")]) is None


def test_effective_persons_are_against_an_average_resident_of_one():
    persons = np.array([50.0, 50, 200, 100, 100])
    top, bottom = effective_persons(persons * (1 + FIVE), persons, FIVE)
    mean = (persons * (1 + FIVE)).sum() / 500
    assert top == pytest.approx(2 / mean)
    assert bottom == pytest.approx((50 * 1 + 50 * 1.25) / 100 / mean)


def test_without_an_index_a_resident_of_either_end_is_one_person():
    assert effective_persons(np.full(5, 40.0), np.full(5, 40.0), FIVE) == (1, 1)
    assert all(math.isnan(end) for end in effective_persons(np.zeros(5), np.zeros(5), FIVE))


def test_one_indicator_alone_can_change_no_rank():
    assert rank_changes({"poor": FIVE}, {"poor": 3.0}, np.ones(5)) == {"poor": RankChange(0, 0.0, 0.0, 1.0)}
    assert rank_changes({"poor": FIVE}, {"poor": 3.0}, np.ones(5), swing=1)["poor"].people == 0


def test_an_indicator_without_weight_is_not_moved():
    assert set(rank_changes({"poor": FIVE, "old": FIVE}, {"poor": 1, "old": 0}, np.ones(5))) == {"poor"}


def test_two_indicators_that_disagree_change_ranks_as_counted_one_by_one():
    columns = {"poor": np.array([0.0, 0.25, 0.5, 0.75, 1.0]), "old": np.array([1.0, 0.0, 0.0, 0.0, 0.0])}
    people = np.array([10.0, 20, 30, 40, 50])
    asked = need_index(columns, {"poor": 1, "old": 1})
    fifths = quintiles_of_people(asked, people)
    found = rank_changes(columns, {"poor": 1, "old": 1}, people)
    for name, trials in (("poor", [(0.5, 1), (1.5, 1)]), ("old", [(1, 0.5), (1, 1.5)])):
        tried = [need_index(columns, {"poor": a, "old": b}) for a, b in trials]
        moved = [quintiles_of_people(index, people) != fifths for index in tried]
        assert found[name].people == max(people[m].sum() for m in moved) > 0
        assert found[name].places == max(m.sum() for m in moved)
        assert found[name].share == pytest.approx(found[name].people / 150)
        assert found[name].spearman == pytest.approx(min(spearmanr(asked, index).statistic for index in tried))


def test_no_swing_changes_nothing():
    columns = {"poor": FIVE, "old": FIVE[::-1] ** 2}
    found = rank_changes(columns, {"poor": 1, "old": 1}, np.ones(5), swing=0)
    assert [(change.people, change.spearman) for change in found.values()] == [(0, pytest.approx(1))] * 2
    with pytest.raises(ProblemError, match="bad-swing"):
        rank_changes(columns, {"poor": 1, "old": 1}, np.ones(5), swing=2)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(0, 20)), min_size=1, max_size=15))
def test_people_who_change_are_never_more_than_there_are(rows):
    poor, old, people = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    for change in rank_changes({"poor": poor, "old": old}, {"poor": 2.0, "old": 1.0}, people).values():
        assert 0 <= change.people <= people.sum()
        assert 0 <= change.places <= (people > 0).sum()
        assert 0 <= change.share <= 1
        assert -1 - 1e-9 <= change.spearman <= 1


def test_where_equal_needs_leave_an_end_empty_the_nearest_lived_in_fifth_stands_for_it():
    need, persons = np.array([0.0, 0.5, 1.0]), np.array([10.0, 20.0, 70.0])
    assert quintiles_of_people(need, persons).tolist() == [1, 2, 4]
    top, bottom = effective_persons(persons * (1 + need), persons, need)
    mean = (persons * (1 + need)).sum() / 100
    assert top == pytest.approx(2 / mean)
    assert bottom == pytest.approx(1 / mean)


def test_nobody_stands_for_anything_where_no_need_is_known():
    assert all(math.isnan(end) for end in effective_persons(np.ones(2), np.ones(2), np.full(2, np.nan)))
