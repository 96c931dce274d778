"""Places shared among people: by hand, against dense formulas, against PySAL, and what must be conserved."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.access.test_measures import demand_of, table, tables
from utopias.access.catchment import METHODS, floating_catchment, served
from utopias.domain.errors import MisalignedError, ProblemError

counts = st.integers(0, 500).map(float)


@st.composite
def cases(draw):
    """A table, its demand (some of it around the planned area) and a capacity for every place."""
    times = draw(tables())
    n, m = times.shape
    persons = draw(st.lists(counts, min_size=n, max_size=n))
    planned = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    return times, demand_of(times, persons, planned), np.array(draw(st.lists(counts, min_size=m, max_size=m)))


def weights(times, minutes: float) -> np.ndarray:
    reach = np.zeros(times.shape)
    within = times.deciseconds <= minutes * 600
    reach[times.rows[within], times.columns[within]] = 1
    return reach


def shares(reach: np.ndarray, axis: int) -> np.ndarray:
    total = reach.sum(axis=axis, keepdims=True)
    return np.divide(reach, total, out=np.zeros_like(reach), where=total > 0)


@pytest.mark.parametrize("method", METHODS)
@given(case=cases(), minutes=st.integers(0, 40))
def test_access_is_that_of_the_dense_formulas(method, case, minutes):
    times, demand, capacity = case
    found = floating_catchment(times, demand, capacity, within=f"{minutes} min", method=method)
    w = weights(times, minutes)
    by_origin, by_place = shares(w, 1), shares(w, 0)
    first = w if method == "two-step" else by_origin
    second = {"balanced": by_place, "shared": by_origin, "two-step": w}[method]
    counted = demand.persons @ first
    level = np.divide(capacity, counted, out=np.zeros_like(counted), where=counted > 0)
    np.testing.assert_allclose(found.access, second @ level, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.counted, counted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@given(case=cases())
def test_what_a_method_says_it_keeps_is_kept(method, case):
    times, demand, capacity = case
    found = floating_catchment(times, demand, capacity, within="20 min", method=method)
    assert found.conserved
    for name, one, other in found.conserved:
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9), name


@given(case=cases())
def test_shared_access_times_people_is_the_capacity_that_somebody_reaches(case):
    times, demand, capacity = case
    found = floating_catchment(times, demand, capacity, within="20 min", method="shared")
    assert (found.access * demand.persons).sum() + found.unused == pytest.approx(capacity.sum())
    assert found.counted.sum() + float(found.unreached) == pytest.approx(demand.persons.sum())


def test_two_step_counts_twice_whom_two_places_reach_and_says_so():
    times = table([[5, 5], [5, None]])
    demand = demand_of(times, [100, 100])
    assert floating_catchment(times, demand, [10, 10], within="10 min", method="two-step").inflation == 1.5
    assert floating_catchment(times, demand, [10, 10], within="10 min", method="shared").inflation == 1.0


def test_a_balanced_catchment_by_hand():
    # Block 0 (100 people) reaches both places, block 1 (50) only the first: 50 + 50 and 50 are counted.
    times = table([[5, 5], [5, None]])
    found = floating_catchment(times, demand_of(times, [100, 50]), [20, 10], within="10 min")
    assert found.counted.tolist() == [100, 50]
    assert found.level.tolist() == [0.2, 0.2]
    assert found.access.tolist() == pytest.approx([0.3, 0.1])  # half of 0.2 and all of 0.2; half of 0.2
    assert found.method == "balanced"


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # PySAL's own, not ours
def test_two_step_is_that_of_pysal_access():
    pysal = pytest.importorskip("access")
    rng = np.random.default_rng(4)
    n, m = 40, 12
    minutes = rng.integers(1, 60, (n, m))
    times = table([[float(t) if t <= 50 else None for t in row] for row in minutes])
    persons, capacity = rng.integers(1, 500, n).astype(float), rng.integers(1, 50, m).astype(float)
    pairs = pd.DataFrame(
        [(f"b{i}", f"u{j}", minutes[i, j]) for i in range(n) for j in range(m) if minutes[i, j] <= 50],
        columns=["origin", "dest", "cost"],
    )
    other = pysal.Access(
        demand_df=pd.DataFrame({"id": times.origins, "people": persons}),
        demand_index="id",
        demand_value="people",
        supply_df=pd.DataFrame({"id": times.destinations, "places": capacity}),
        supply_index="id",
        supply_value="places",
        cost_df=pairs,
        cost_origin="origin",
        cost_dest="dest",
        cost_name="cost",
    ).two_stage_fca(name="fca", cost="cost", max_cost=25)
    found = floating_catchment(times, demand_of(times, persons.tolist()), capacity, within="25 min", method="two-step")
    expected = other["fca_places"].reindex(times.origins).fillna(0).to_numpy()
    np.testing.assert_allclose(found.access, expected, rtol=1e-12)


def test_an_unknown_method_is_refused_with_those_there_are():
    times = table([[5]])
    with pytest.raises(ProblemError, match="balanced, shared, two-step"):
        floating_catchment(times, demand_of(times, [1]), [1], within="5 min", method="3SFCA")


def test_capacities_for_other_places_are_refused():
    times = table([[5, 5]])
    with pytest.raises(MisalignedError):
        floating_catchment(times, demand_of(times, [1]), [1], within="5 min")


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
