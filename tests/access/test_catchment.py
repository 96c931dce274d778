"""Places shared among people: by hand, against plain Python, against PySAL, and what must be conserved."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import manual_pages
from tests.access.test_measures import demand_of, table, tables
from utopias.access import pair_sums
from utopias.access.catchment import METHODS, Check, floating_catchment
from utopias.domain.errors import MisalignedError, ProblemError, TooLargeError

counts = st.integers(0, 500).map(float)
decays = st.sampled_from([None, "linear 25 min", "exponential 5 min", "steps 10 min:1, 20 min:0.3", "power 2"])
CURVES = {
    "linear 25 min": lambda t: max(0.0, 1 - t / 25),
    "exponential 5 min": lambda t: 2.718281828459045 ** (-t / 5),
    "steps 10 min:1, 20 min:0.3": lambda t: 1.0 if t <= 10 else 0.3 if t <= 20 else 0.0,
    "power 2": lambda t: max(t, 1.0) ** -2,
}


@st.composite
def cases(draw):
    """A table, its demand (some of it around the planned area) and a capacity for every place."""
    times = draw(tables())
    n, m = times.shape
    persons = draw(st.lists(counts, min_size=n, max_size=n))
    planned = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    return times, demand_of(times, persons, planned), np.array(draw(st.lists(counts, min_size=m, max_size=m)))


def share(times, demand, capacity, *, method, decay=None, within="20 min"):
    """The answer, without the decay where the method has none."""
    return floating_catchment(
        times, demand, capacity, within=within, method=method, decay=None if method == "2sfca" else decay
    )


def plain(times, persons, capacity, limit: float, method: str, decay):
    """Access and allotted people by loops over dicts, from the definitions alone; nothing of ours is called."""
    curve = CURVES.get(decay, lambda _: 1.0)
    if decay is None and method in ("e2sfca", "3sfca"):
        curve = lambda t: 1.0 if 3 * t <= limit else 0.68 if 3 * t <= 2 * limit else 0.22  # noqa: E731
    n, m = times.shape
    w = {}
    for i in range(n):
        for k in range(times.starts[i], times.starts[i + 1]):
            t, j = times.deciseconds[k] / 600, int(times.columns[k])
            if t <= limit and capacity[j] > 0 and curve(t) > 0:
                w[i, j] = curve(t)
    row = {i: sum(v for (a, _), v in w.items() if a == i) for i in range(n)}
    column = {j: sum(v for (_, b), v in w.items() if b == j) for j in range(m)}
    first = {
        (i, j): v * v / row[i] if method == "3sfca" else v / row[i] if "balanced" in method else v
        for (i, j), v in w.items()
    }
    second = {(i, j): v / column[j] for (i, j), v in w.items()} if method == "balanced-levels" else first
    allotted = [sum(persons[i] * v for (i, b), v in first.items() if b == j) for j in range(m)]
    level = [capacity[j] / allotted[j] if allotted[j] > 0 else 0.0 for j in range(m)]
    return [sum(level[j] * v for (a, j), v in second.items() if a == i) for i in range(n)], allotted


@pytest.mark.parametrize("method", METHODS)
@given(case=cases(), minutes=st.integers(1, 40), decay=decays)
def test_access_is_that_of_the_definitions_in_plain_python(method, case, minutes, decay):
    times, demand, capacity = case
    decay = None if method == "2sfca" else decay
    found = share(times, demand, capacity, method=method, decay=decay, within=f"{minutes} min")
    access, allotted = plain(times, demand.persons, capacity, minutes, method, decay)
    np.testing.assert_allclose(found.access, access, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found.allotted, allotted, rtol=1e-10, atol=1e-12)


@given(case=cases(), decay=decays, minutes=st.integers(1, 40))
def test_balanced_keeps_both_checks_for_any_table(case, decay, minutes):
    times, demand, capacity = case
    found = share(times, demand, capacity, method="balanced", decay=decay, within=f"{minutes} min")
    assert found.people.holds
    assert found.capacity.holds
    assert found.allotted.sum() + float(found.unreached) == pytest.approx(demand.persons.sum())
    assert (found.access * demand.persons).sum() + found.unused == pytest.approx(capacity.sum())


@pytest.mark.parametrize("method", ["2sfca", "e2sfca", "3sfca"])
@given(case=cases(), decay=decays)
def test_every_step_method_hands_out_the_capacity_there_is(method, case, decay):
    times, demand, capacity = case
    assert share(times, demand, capacity, method=method, decay=decay).capacity.holds


@given(case=cases(), decay=decays)
def test_balanced_levels_keeps_people_and_the_sum_of_levels(case, decay):
    times, demand, capacity = case
    found = share(times, demand, capacity, method="balanced-levels", decay=decay)
    assert found.people.holds
    assert found.access.sum() == pytest.approx(found.level.sum())


@pytest.mark.parametrize("method", METHODS)
@given(case=cases(), decay=decays, more=st.floats(1.0, 3.0), data=st.data())
def test_more_capacity_where_there_is_some_never_lowers_anybodys_access(method, case, decay, more, data):
    times, demand, capacity = case
    grown = capacity.copy()
    grown[data.draw(st.integers(0, len(capacity) - 1))] *= more
    before = share(times, demand, capacity, method=method, decay=decay)
    after = share(times, demand, grown, method=method, decay=decay)
    assert (after.access >= before.access * (1 - 1e-12)).all()


@pytest.mark.parametrize("method", METHODS)
@given(case=cases(), decay=decays)
def test_who_reaches_no_place_that_gives_anything_has_none(method, case, decay):
    times, demand, capacity = case
    found = share(times, demand, capacity, method=method, decay=decay)
    for i in range(times.shape[0]):
        row = slice(times.starts[i], times.starts[i + 1])
        near = times.columns[row][times.deciseconds[row] <= 20 * 600]
        if not (capacity[near] > 0).any():
            assert found.access[i] == 0
    assert np.isfinite(found.access).all()
    assert (found.allotted[capacity == 0] == 0).all()


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None)  # the first call compiles them
@given(case=cases(), decay=decays)
def test_the_kernels_give_the_sums_of_numpy_to_the_last_bit(method, case, decay):
    times, demand, capacity = case
    by_numpy = share(times, demand, capacity, method=method, decay=decay)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_sums, "SMALL", -1)
        by_kernel = share(times, demand, capacity, method=method, decay=decay)
    assert by_kernel.access.tolist() == by_numpy.access.tolist()
    assert by_kernel.allotted.tolist() == by_numpy.allotted.tolist()


def test_a_balanced_catchment_by_hand():
    # Block 0 (100 people) reaches both places, block 1 (50) only the first: 50 + 50 and 50 are allotted.
    times = table([[5, 5], [5, None]])
    found = floating_catchment(times, demand_of(times, [100, 50]), [20, 10], within="10 min")
    assert found.method == "balanced"
    assert found.allotted.tolist() == [100, 50]
    assert found.level.tolist() == [0.2, 0.2]
    assert found.access.tolist() == [0.2, 0.2]  # half of 0.2 and half of 0.2; all of 0.2
    assert found.people == Check(150, 150)
    assert found.capacity == Check(30, 30)
    assert found.crowding.tolist() == [5, 5]
    assert found.inflation == 1


def test_the_balanced_catchment_as_published_by_hand_fails_the_second_check():
    times = table([[5, 5], [5, None]])
    found = floating_catchment(times, demand_of(times, [100, 50]), [20, 10], within="10 min", method="balanced-levels")
    assert found.level.tolist() == [0.2, 0.2]
    assert found.access.tolist() == pytest.approx([0.3, 0.1])  # half of 0.2 and all of 0.2; half of 0.2
    assert found.people.holds
    assert found.capacity == pytest.approx((35, 30))
    assert not found.capacity.holds


def test_2sfca_counts_twice_whom_two_places_reach_and_says_so():
    times = table([[5, 5], [5, None]])
    demand = demand_of(times, [100, 100])
    found = floating_catchment(times, demand, [10, 10], within="10 min", method="2sfca")
    assert found.allotted.tolist() == [200, 100]
    assert found.inflation == 1.5
    assert found.people == Check(300, 200)
    assert not found.people.holds
    assert found.access.tolist() == pytest.approx([0.15, 0.05])


def test_e2sfca_weighs_by_thirds_of_the_limit_where_no_decay_is_said():
    times = table([[5], [6], [15]])
    found = floating_catchment(times, demand_of(times, [100, 100, 100]), [19], within="15 min", method="e2sfca")
    assert found.decay == "steps 5 min:1, 10 min:0.68, 15 min:0.22"
    assert found.allotted.tolist() == pytest.approx([190])  # 100 + 68 + 22
    assert found.access.tolist() == pytest.approx([0.1, 0.068, 0.022])
    assert found.inflation == pytest.approx(190 / 300)


def test_3sfca_by_hand_loses_people_whose_walk_is_long():
    # Weights 1 and 0.5: of 90 people 90 x 1 / 1.5 x 1 = 60 go to the near place and 90 x 0.5 / 1.5 x 0.5 = 15 to the far.
    times = table([[5, 10]])
    found = floating_catchment(
        times, demand_of(times, [90]), [6, 3], within="10 min", method="3sfca", decay="steps 5 min:1, 10 min:0.5"
    )
    assert found.allotted.tolist() == pytest.approx([60, 15])
    assert found.inflation == pytest.approx(75 / 90)
    assert found.access.tolist() == pytest.approx([0.1])  # 9 places among 90 people


def test_a_place_that_gives_nothing_takes_nobody_from_the_others():
    times = table([[5, 5]])
    found = floating_catchment(times, demand_of(times, [100]), [10, 0], within="10 min")
    assert found.allotted.tolist() == [100, 0]
    assert found.access.tolist() == [0.1]


def test_a_place_around_which_nobody_lives_is_unused_not_shared():
    times = table([[5, None], [None, 5], [None, None]])
    found = floating_catchment(times, demand_of(times, [0, 100, 7]), [10, 20], within="10 min")
    assert found.unused == 10
    assert found.capacity == Check(20, 20)
    assert float(found.unreached) == 7  # on an island


def test_with_nobody_or_with_no_place_there_is_no_inflation_to_tell():
    times = table([[5]])
    for persons, capacity in ((0, 10), (10, 0)):
        found = floating_catchment(times, demand_of(times, [persons]), [capacity], within="10 min")
        assert np.isnan(found.inflation)
        assert found.access.tolist() == [0]
        assert found.people.holds
        assert found.capacity.holds
    empty = table([[], []])
    assert floating_catchment(empty, demand_of(empty, [1, 2]), [], within="10 min").access.tolist() == [0, 0]


def test_counts_in_whole_numbers_and_a_table_of_other_kinds_are_shared_as_well(monkeypatch):
    times = table([[5, 5], [5, None]])
    wide = replace(times, columns=times.columns.astype(np.int64), deciseconds=times.deciseconds.astype(np.int64))
    whole = replace(demand_of(wide, [100, 50]), persons=np.array([100, 50]))
    for small in (pair_sums.SMALL, -1):
        monkeypatch.setattr(pair_sums, "SMALL", small)
        assert floating_catchment(wide, whole, [20, 10], within="10 min").access.tolist() == [0.2, 0.2]


def test_a_walk_that_weighs_nothing_is_no_access():
    times = table([[10]])
    found = floating_catchment(times, demand_of(times, [8]), [4], within="15 min", decay="linear 10 min")
    assert found.access.tolist() == [0]
    assert float(found.unreached) == 8


def test_the_checks_hold_to_a_billionth_on_a_big_table():
    rng = np.random.default_rng(1)
    n, m, each = 40_000, 30, 20
    columns = np.sort(np.argsort(rng.random((n, m)), axis=1)[:, :each], axis=1)
    walks = rng.integers(0, 9_001, (n, each))
    times = table([[15.0]])
    times = type(times)(
        origins=np.array([f"b{i}" for i in range(n)], dtype=object),
        destinations=np.array([f"u{j}" for j in range(m)], dtype=object),
        starts=np.arange(0, n * each + 1, each, dtype=np.int64),
        columns=columns.astype(np.int32).ravel(),
        deciseconds=walks.astype(np.int32).ravel(),
        limit=times.limit,
        origin_status=np.zeros(n, dtype=np.int8),
        destination_status=np.zeros(m, dtype=np.int8),
    )
    assert len(times.columns) > pair_sums.SMALL  # so that the kernels answer
    persons = rng.lognormal(3, 3, n)
    found = floating_catchment(
        times, demand_of(times, persons.tolist()), rng.lognormal(5, 3, m), within="15 min", decay="exponential 1 min"
    )
    for check in (found.people, found.capacity):
        assert abs(check.found - check.there) <= 1e-9 * check.there


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # PySAL's own, not ours
@pytest.mark.parametrize("method", ["2sfca", "e2sfca", "3sfca"])
def test_the_step_methods_are_those_of_pysal_access(method):
    pysal = pytest.importorskip("access")
    rng = np.random.default_rng(4)
    n, m = 40, 12
    minutes = rng.integers(1, 60, (n, m))
    times = table([[float(t) if t <= 50 else None for t in row] for row in minutes])
    persons, capacity = rng.integers(1, 500, n).astype(float), rng.integers(1, 50, m).astype(float)
    pairs = pd.DataFrame(
        [(f"b{i}", f"u{j}", minutes[i, j]) for i in range(n) for j in range(m) if minutes[i, j] <= 25],
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
    )
    weights = pysal.weights.step_fn({10: 1, 18: 0.6, 25: 0.2})
    expected = {
        "2sfca": lambda: other.two_stage_fca(name="fca", max_cost=25),
        "e2sfca": lambda: other.enhanced_two_stage_fca(name="fca", weight_fn=weights),
        "3sfca": lambda: other.three_stage_fca(name="fca", weight_fn=weights),
    }[method]()["fca_places"]
    found = share(
        times,
        demand_of(times, persons.tolist()),
        capacity,
        method=method,
        decay="steps 10 min:1, 18 min:0.6, 25 min:0.2",
        within="25 min",
    )
    assert 0 < (found.access > 0).sum() < n + 1
    np.testing.assert_allclose(found.access, expected.reindex(times.origins).fillna(0).to_numpy(), rtol=1e-12)


def test_an_unknown_method_is_refused_with_those_there_are():
    times = table([[5]])
    with pytest.raises(ProblemError, match="balanced, 2sfca, e2sfca, 3sfca, balanced-levels"):
        floating_catchment(times, demand_of(times, [1]), [1], within="5 min", method="two-step")


def test_2sfca_refuses_a_decay_and_names_the_method_that_has_one():
    times = table([[5]])
    with pytest.raises(ProblemError, match="e2sfca") as refusal:
        floating_catchment(times, demand_of(times, [1]), [1], within="5 min", method="2sfca", decay="linear 5 min")
    assert refusal.value.codes == ("bad-decay",)


def test_capacities_for_other_places_are_refused():
    times = table([[5, 5]])
    with pytest.raises(MisalignedError):
        floating_catchment(times, demand_of(times, [1]), [1], within="5 min")


def test_a_capacity_that_nobody_knows_is_refused_not_taken_as_none():
    times = table([[5, 5]])
    with pytest.raises(ProblemError) as refusal:
        floating_catchment(times, demand_of(times, [1]), [1, np.nan], within="5 min")
    assert refusal.value.codes == ("bad-capacity",)


def test_a_limit_beyond_the_table_is_refused():
    times = table([[5]])
    with pytest.raises(ProblemError) as refusal:
        floating_catchment(times, demand_of(times, [1]), [1], within="61 min")
    assert refusal.value.codes == ("limit-beyond-table",)


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
@pytest.mark.parametrize("method", METHODS)
def test_the_example_of_the_manual_is_what_comes_out(method, language):
    times = table([[5, 10], [10, None]])
    found = floating_catchment(times, demand_of(times, [100, 50]), [20, 10], within="15 min", method=method)
    allotted = ", ".join(f"{value:.1f}".removesuffix(".0") for value in found.allotted)
    checks = " | ".join(f"{check.found:.0f} / {check.there:.0f}" for check in (found.people, found.capacity))
    access = " | ".join(f"{1000 * value:.0f}" for value in found.access)
    row = f"| `{method}` | {allotted} | {access} | {checks} | {found.inflation:.2f} |"
    assert row in manual_pages.text("sharing.md", language).splitlines()


def test_a_catchment_that_would_not_fit_is_refused_with_its_size():
    times = table([[5.0, None], [7.0, 3.0]])
    demand = demand_of(times, [10.0, 20.0])
    needed = 64 * 4 + 16 * 3  # two blocks, two places, three pairs
    assert floating_catchment(times, demand, [1.0, 1.0], within="10 min", memory=needed).people.holds
    with pytest.raises(TooLargeError) as refusal:
        floating_catchment(times, demand, [1.0, 1.0], within="10 min", memory=needed - 1)
    assert refusal.value.codes == ("too-many-blocks",)
    assert "enough for 3" in refusal.value.faults[0].what
