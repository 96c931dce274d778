"""How much a person reaches: by hand, and laws for any table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utopias.access.measures import nearest, opportunities_within, people_within
from utopias.domain.arrays import texts
from utopias.domain.demand import Demand
from utopias.domain.errors import MisalignedError, ProblemError
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.travel_times import TravelTimes

HOUR = Minutes(60)


def table(rows: list[list[float | None]], limit: Duration = HOUR) -> TravelTimes:
    """Times from minutes; None is not reached."""
    n, m = len(rows), len(rows[0]) if rows else 0
    pairs = [(j, round(t * 600)) for row in rows for j, t in enumerate(row) if t is not None]
    starts = np.concatenate([[0], np.cumsum([sum(t is not None for t in row) for row in rows])]).astype(np.int64)
    return TravelTimes(
        origins=texts(f"b{i}" for i in range(n)),
        destinations=texts(f"u{j}" for j in range(m)),
        starts=starts,
        columns=np.array([j for j, _ in pairs], dtype=np.int32),
        deciseconds=np.array([t for _, t in pairs], dtype=np.int32),
        limit=limit,
        origin_status=np.zeros(n, dtype=np.int8),
        destination_status=np.zeros(m, dtype=np.int8),
    )


def demand_of(times: TravelTimes, persons: list[float], planned: list[bool] | None = None) -> Demand:
    inside = np.ones(len(persons), dtype=bool) if planned is None else np.array(planned)
    return Demand(times.origins, np.array(persons, dtype=float), "all", inside)


minutes = st.one_of(st.none(), st.integers(0, 40).map(float))


@st.composite
def tables(draw) -> TravelTimes:
    m = draw(st.integers(1, 5))
    return table(draw(st.lists(st.lists(minutes, min_size=m, max_size=m), min_size=1, max_size=8)))


def test_a_place_exactly_at_the_limit_is_within():
    times = table([[10], [15], [15.1]])
    assert people_within(times, demand_of(times, [100, 20, 5]), "15 min") == 120


def test_people_of_the_surroundings_are_not_counted():
    times = table([[1], [1]])
    assert people_within(times, demand_of(times, [100, 20], [True, False]), "15 min") == 100


def test_a_stored_zero_is_within_and_an_absent_pair_is_not():
    times = table([[0], [None]])
    assert people_within(times, demand_of(times, [7, 9]), "1 min") == 7


def test_no_destination_reaches_nobody():
    times = table([[], []])
    assert people_within(times, demand_of(times, [7, 9]), "1 min") == 0


def test_a_limit_beyond_the_table_is_refused():
    times = table([[1]], limit=Minutes(10))
    with pytest.raises(ProblemError) as refusal:
        people_within(times, demand_of(times, [1]), "11 min")
    assert refusal.value.codes == ("limit-beyond-table",)


def test_demand_of_other_places_is_refused():
    times = table([[1], [2]])
    with pytest.raises(MisalignedError):
        people_within(times, demand_of(table([[1]]), [1]), "5 min")


def test_opportunities_add_up_within_the_limit_and_count_the_zero_walk():
    times = table([[0, 10, 20], [None, 15, None]])
    assert opportunities_within(times, [5, 7, 11], "15 min").tolist() == [12, 7]


@pytest.mark.parametrize(
    ("capacity", "code"), [([1], "misaligned"), ([1, np.nan], "bad-capacity"), ([1, -2], "bad-capacity")]
)
def test_capacities_that_are_no_numbers_are_refused(capacity, code):
    with pytest.raises((MisalignedError, ProblemError)) as refusal:
        opportunities_within(table([[1, 2]]), capacity, "5 min")
    assert refusal.value.codes == (code,)


def test_the_nearest_come_first_and_ties_in_the_order_of_the_table():
    best = nearest(table([[9, 3, 3, None], [None] * 4]), k=3)
    assert best.destination.tolist() == [[1, 2, 0], [-1, -1, -1]]
    assert best.deciseconds.tolist() == [[1800, 1800, 5400], [-1, -1, -1]]


def test_more_nearest_than_there_are_leaves_the_rest_empty():
    assert nearest(table([[4]]), k=2).destination.tolist() == [[0, -1]]


def test_no_nearest_is_refused():
    with pytest.raises(ProblemError):
        nearest(table([[4]]), k=0)


@given(tables(), st.integers(1, 6))
def test_the_nearest_are_those_of_a_sorted_row(times, k):
    best = nearest(times, k=k)
    for i in range(times.shape[0]):
        row = slice(times.starts[i], times.starts[i + 1])
        ranked = sorted(zip(times.deciseconds[row].tolist(), times.columns[row].tolist(), strict=True))[:k]
        ranked += [(-1, -1)] * (k - len(ranked))
        assert list(zip(best.deciseconds[i].tolist(), best.destination[i].tolist(), strict=True)) == ranked


@given(tables())
def test_the_first_nearest_is_the_shortest_of_the_table(times):
    assert (nearest(times).deciseconds[:, 0] == times.shortest()).all()


@given(tables(), st.integers(0, 40), st.integers(0, 40))
def test_more_time_never_reaches_fewer_people_or_opportunities(times, a, b):
    short, long = (Minutes(limit) for limit in sorted((a, b)))
    demand = demand_of(times, list(range(1, times.shape[0] + 1)))
    assert float(people_within(times, demand, short)) <= float(people_within(times, demand, long))
    one = np.ones(times.shape[1])
    assert (opportunities_within(times, one, short) <= opportunities_within(times, one, long)).all()


@given(tables())
def test_opportunities_of_one_each_count_the_units_within(times):
    count = times.within("20 min").count()
    assert (opportunities_within(times, np.ones(times.shape[1]), "20 min") == count).all()
