"""Nouns check themselves when made, and do not change afterwards."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utopias.domain.arrays import texts
from utopias.domain.demand import Demand
from utopias.domain.errors import MisalignedError, ProblemError
from utopias.domain.places import Places, places
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.shapes import Lines, Shapes, inside
from utopias.domain.travel_times import TravelTimes


def table(rows: list[dict[int, int]], columns: int, limit: str = "30 min") -> TravelTimes:
    """Times from a list of {column: deciseconds}."""
    return TravelTimes(
        origins=texts(f"b{i}" for i in range(len(rows))),
        destinations=texts(f"p{i}" for i in range(columns)),
        starts=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        columns=np.array([c for row in rows for c in row], dtype=np.int32),
        deciseconds=np.array([t for row in rows for t in row.values()], dtype=np.int32),
        limit=Duration.of(limit),
        origin_status=np.zeros(len(rows), dtype=np.int8),
        destination_status=np.zeros(columns, dtype=np.int8),
    )


def test_a_stored_zero_is_no_walk_and_an_absent_pair_is_not_reached() -> None:
    times = table([{0: 0}, {}], 1)
    assert times.within("0 s").any_unit().tolist() == [True, False]
    assert times.shortest().tolist() == [0, -1]


def test_a_place_exactly_at_the_limit_is_within() -> None:
    times = table([{0: 9000}, {0: 9001}], 1)
    assert times.within("15 min").any_unit().tolist() == [True, False]


def test_a_limit_longer_than_the_table_is_refused() -> None:
    with pytest.raises(ProblemError) as refusal:
        table([{0: 10}], 1, limit="10 min").within("15 min")
    assert refusal.value.codes == ("limit-beyond-table",)


def test_times_to_some_places_keep_their_order_and_zeros() -> None:
    times = table([{0: 5, 2: 0}, {1: 7}, {}], 3)
    some = times.to(places(["p2", "p0"], [0, 0], [0, 0], role="unit"))
    assert some.destinations.tolist() == ["p2", "p0"]
    assert dict(zip(some.columns[:2].tolist(), some.deciseconds[:2].tolist(), strict=True)) == {1: 5, 0: 0}
    assert some.starts.tolist() == [0, 2, 2, 2]
    with pytest.raises(MisalignedError):
        times.to(places(["elsewhere"], [0], [0], role="unit"))


def test_the_one_unit_that_only_reaches_a_block_is_named() -> None:
    times = table([{0: 5, 1: 6}, {1: 7}, {}], 2)
    assert times.within("15 min").only_by().tolist() == [-1, 1, -1]


@given(
    st.lists(st.dictionaries(st.integers(0, 4), st.integers(0, 18000), max_size=5), max_size=6),
    st.integers(0, 18000),
    st.integers(0, 18000),
)
def test_more_time_never_reaches_fewer(rows: list[dict[int, int]], a: int, b: int) -> None:
    times = table(rows, 5)
    short, long = sorted((Duration(a), Duration(b)))
    assert (times.within(short).count() <= times.within(long).count()).all()


def test_times_that_do_not_fit_their_table_are_refused() -> None:
    with pytest.raises(MisalignedError) as refusal:
        table([{3: 5}], 2)
    assert "bad-column" in refusal.value.codes
    with pytest.raises(MisalignedError) as refusal:
        table([{0: 18001}], 2)
    assert refusal.value.codes == ("time-out-of-range",)


def test_places_refuse_a_repeated_id_and_missing_coordinates_at_once() -> None:
    with pytest.raises(MisalignedError) as refusal:
        places(["a", "a"], [0, np.nan], [0, 0], role="unit")
    assert refusal.value.codes == ("duplicate-key", "no-coordinates")


def test_a_unit_and_a_site_may_not_share_an_id() -> None:
    units, sites = places(["a"], [0], [0], role="unit"), places(["a"], [1], [1], role="site")
    with pytest.raises(MisalignedError):
        units + sites


def test_a_place_is_entered_where_its_entrances_are() -> None:
    doors = pd.DataFrame({"place_id": ["b", "b"], "x": [5.0, 6.0], "y": [0.0, 0.0]})
    both = places(["a", "b"], [0.0, 10.0], [0.0, 0.0], role="unit", entrances=doors)
    assert both.entrance_of.tolist() == [0, 1, 1]
    assert both.entrance_x.tolist() == [0.0, 5.0, 6.0]
    assert both.take(np.array([1])).entrance_x.tolist() == [5.0, 6.0]
    with pytest.raises(MisalignedError):
        places(["a"], [0.0], [0.0], role="unit", entrances=doors)


def test_only_standing_units_are_fixed() -> None:
    rows = pd.DataFrame(
        {
            "project_status": ["finished", "under construction", "planned", "cancelled", "finished", ""],
            "operating_status": ["operating", "", "", "", "closed", "suspended"],
        }
    )
    units = places(list("abcdef"), range(6), range(6), role="unit", table=rows)
    assert units.is_fixed.tolist() == [True, True, False, False, False, True]


def test_the_surroundings_carry_no_weight_and_are_in_no_denominator() -> None:
    demand = Demand(texts(["a", "b"]), np.array([10.0, 99.0]), "all", np.array([True, False]))
    assert demand.total == 10
    assert demand.weights.tolist() == [10.0, 0.0]


@pytest.mark.parametrize("bad", [np.nan, -1.0, np.inf])
def test_a_count_that_is_no_count_is_refused_by_name(bad: float) -> None:
    with pytest.raises(ProblemError) as refusal:
        Demand(texts(["a", "b"]), np.array([10.0, bad]), "women", np.array([True, True]))
    assert refusal.value.faults[0].first == "b"


def test_a_noun_does_not_change_under_its_holder() -> None:
    one = places(["a"], [0.0], [0.0], role="unit")
    with pytest.raises(ValueError, match="read-only"):
        one.x[0] = 5.0


def two_squares() -> Shapes:
    """A 10 m square with a 2 m hole, and an empty shape, and a 1 m square."""
    outside = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
    hole = [[4, 4], [4, 6], [6, 6], [6, 4], [4, 4]]
    small = [[20, 0], [21, 0], [21, 1], [20, 1], [20, 0]]
    return Shapes(
        coords=np.array(outside + hole + small, dtype=float),
        rings=np.array([0, 5, 10, 15]),
        parts=np.array([0, 2, 3]),
        shapes=np.array([0, 1, 1, 2]),
        crs="EPSG:32614",
    )


def test_a_point_in_a_hole_is_outside() -> None:
    shapes = two_squares()
    within = inside(shapes, 0, np.array([1.0, 5.0, 11.0]), np.array([1.0, 5.0, 5.0]))
    assert within.tolist() == [True, False, False]


def test_taken_shapes_keep_their_rings() -> None:
    taken = two_squares().take(np.array([2, 0]))
    assert [len(list(taken.rings_of(i))) for i in range(2)] == [1, 2]
    assert taken.ring_owner().tolist() == [0, 1, 1]


def test_lines_know_their_lengths() -> None:
    lines = Lines(np.array([[0, 0], [3, 4], [3, 5], [0, 0], [1, 0]], dtype=float), np.array([0, 3, 5]), "EPSG:32614")
    assert lines.lengths().tolist() == [6.0, 1.0]
    assert lines.take(np.array([1])).lengths().tolist() == [1.0]


def test_offsets_that_do_not_chain_are_refused() -> None:
    with pytest.raises(MisalignedError):
        Lines(np.zeros((3, 2)), np.array([0, 2]), "EPSG:32614")


def test_minutes_are_a_view_of_the_integers() -> None:
    assert table([{0: 900}], 1).minutes.tolist() == [1.5]
    assert Minutes(1.5).deciseconds == 900


def test_places_add_their_doors() -> None:
    both: Places = places(["a"], [0.0], [0.0], role="unit") + places(["b"], [1.0], [1.0], role="site")
    assert both.entrance_of.tolist() == [0, 1]
    assert both.names.tolist() == ["a", "b"]
