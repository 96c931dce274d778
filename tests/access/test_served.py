"""Who could be served of those who want a place: by hand, and that no place is given twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.access.test_catchment import cases
from tests.access.test_measures import demand_of, table
from utopias.access.served import served
from utopias.domain.errors import ProblemError


def test_reaching_a_pool_is_not_being_served_by_it():
    times = table([[5], [5]])
    answer = served(times, demand_of(times, [1000, 1000]), [60], within="15 min", participation=0.10)
    assert answer.can_reach == 2000
    assert answer.wanting == 200
    assert float(answer.could_be_served) == pytest.approx(60)
    assert answer.places_per_wanting == pytest.approx(0.3)


def test_the_surroundings_compete_but_are_not_counted():
    times = table([[5], [5]])
    answer = served(times, demand_of(times, [1000, 3000], [True, False]), [100], within="15 min", participation=0.10)
    assert answer.can_reach == 1000
    assert answer.wanting == 100
    assert float(answer.could_be_served) == pytest.approx(25)


def test_a_unit_without_the_service_takes_no_share_of_those_who_want_it():
    times = table([[5, 5]])
    answer = served(times, demand_of(times, [100]), [50, 0], within="15 min", participation=0.5)
    assert float(answer.could_be_served) == 50
    assert answer.by_place.tolist() == [50, 0]


@given(case=cases(), participation=st.sampled_from([0.05, 0.1, 0.2, 1.0]))
def test_nobody_is_served_who_does_not_want_it_and_no_place_twice(case, participation):
    times, demand, capacity = case
    answer = served(times, demand, capacity, within="20 min", participation=participation)
    slack = 1 + 1e-12
    assert (answer.by_block <= demand.persons * participation * slack).all()
    assert (answer.by_place <= capacity * slack).all()
    assert answer.by_block.sum() == pytest.approx(answer.by_place.sum())
    assert float(answer.could_be_served) <= float(answer.wanting) * slack
    assert float(answer.could_be_served) <= float(answer.can_reach) * participation * slack


@given(case=cases())
def test_one_more_place_a_week_never_serves_fewer(case):
    times, demand, capacity = case
    offering = capacity > 0
    before = served(times, demand, capacity, within="20 min", participation=0.2)
    after = served(times, demand, capacity + offering, within="20 min", participation=0.2)
    assert float(after.could_be_served) >= float(before.could_be_served) * (1 - 1e-12)


@pytest.mark.parametrize("share", [0.0, 1.1, float("nan")])
def test_a_participation_outside_its_range_is_refused(share):
    times = table([[5]])
    with pytest.raises(ProblemError):
        served(times, demand_of(times, [1]), [1], within="5 min", participation=share)
