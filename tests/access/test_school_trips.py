"""Who goes to which school where nobody has counted: by hand, and what it may never do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.access.test_measures import table
from utopias.access.school_trips import school_trips
from utopias.domain.arrays import texts
from utopias.domain.errors import MisalignedError, ProblemError
from utopias.domain.places import Places, places
from utopias.domain.town import Blocks
from utopias.domain.travel_times import TravelTimes
from utopias.domain.trips import Trips


def blocks(young: list[float], older: list[float] | None = None) -> Blocks:
    n = len(young)
    none = texts([""] * n)
    groups = {"children 0-5": np.array(young, dtype=float)}
    if older is not None:
        groups["children 6-14"] = np.array(older, dtype=float)
    ids = texts(f"u{i}" for i in range(n))  # as the columns of ``table``
    zero = np.zeros(n)
    return Blocks(ids, zero, zero, zero + 1000, groups, np.ones(n, bool), none, none, zero)


def schools(levels: list[str], pupils: list[float] | None = None) -> Places:
    rows = pd.DataFrame({"level": levels})
    if pupils is not None:
        rows["pupils"] = pupils
    return places(
        [f"b{i}" for i in range(len(levels))], [0.0] * len(levels), [0.0] * len(levels), role="school", table=rows
    )


def by_pair(found: Trips) -> dict[tuple[int, int], float]:
    return dict(zip(zip(found.school.tolist(), found.home.tolist(), strict=True), found.persons.tolist(), strict=True))


TWO = table([[5, 10], [10, 5]])  # two schools, two homes
KINDER = ("kindergarten",)


def test_all_go_to_the_nearest_school_and_of_equally_near_ones_to_the_first():
    made = school_trips(TWO, schools(["kindergarten"] * 2), blocks([20, 8]), levels=KINDER, how="nearest")
    assert by_pair(made) == {(0, 0): 10.0, (1, 1): 4.0}, "three years of six of the children aged 0 to 5"
    tie = school_trips(
        table([[7, 10], [7, 5]]), schools(["kindergarten"] * 2), blocks([20, 8]), levels=KINDER, how="nearest"
    )
    assert by_pair(tie) == {(0, 0): 10.0, (1, 1): 4.0}
    assert (made.how, made.estimated) == ("nearest", True)


def test_a_school_pulls_as_its_pupils_and_less_with_the_walk():
    made = school_trips(
        TWO, schools(["kindergarten"] * 2, [100, 100 * np.e]), blocks([20, 0]), levels=KINDER, decay="5 min"
    )
    assert by_pair(made) == {(0, 0): pytest.approx(5.0), (1, 0): pytest.approx(5.0)}


def test_children_of_each_age_go_to_schools_of_their_level_only():
    made = school_trips(
        TWO, schools(["primary", "kindergarten"], [1, 1]), blocks([60, 0], [90, 0]), levels=("kindergarten", "primary")
    )
    assert by_pair(made) == {(1, 0): 30.0, (0, 0): 60.0}
    third = school_trips(TWO, schools(["secondary", "other"], [1, 1]), blocks([60, 0], [90, 0]), levels=("secondary",))
    assert by_pair(third) == {(0, 0): 30.0}


def test_children_without_a_school_within_the_table_are_told_and_not_given_another():
    made = school_trips(table([[5, None]]), schools(["kindergarten"], [9]), blocks([20, 8]), levels=KINDER)
    assert by_pair(made) == {(0, 0): 10.0}
    assert (made.notes["children"], made.notes["without_school"]) == (14.0, 4.0)


def test_a_school_without_pupils_gets_nobody():
    made = school_trips(TWO, schools(["kindergarten"] * 2, [0, 50]), blocks([20, 8]), levels=KINDER)
    assert by_pair(made) == {(1, 0): 10.0, (1, 1): 4.0}
    nobody = school_trips(TWO, schools(["kindergarten"] * 2, [0, 0]), blocks([20, 8]), levels=KINDER)
    assert len(nobody) == 0
    assert nobody.notes["without_school"] == 14.0


def test_a_town_without_schools_has_no_trips():
    none = TravelTimes(
        texts([]), texts(["u0", "u1"]), np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32),
        TWO.limit, np.zeros(0, np.int8), np.zeros(2, np.int8),
    )  # fmt: skip
    made = school_trips(none, places([], [], [], role="school"), blocks([20, 8]), levels=KINDER)
    assert len(made) == 0


def test_every_fault_of_the_question_is_told_at_once():
    with pytest.raises(ProblemError) as refusal:
        school_trips(
            TWO, schools(["primary"] * 2), blocks([1, 1]), levels=("primary", "university"), how="lots", decay="0 s"
        )
    assert refusal.value.codes == ("unknown-way-of-trips", "bad-decay", "unknown-level", "unknown-group")


def test_schools_that_do_not_say_their_pupils_are_refused_by_gravity_and_taken_by_nearness():
    with pytest.raises(ProblemError) as refusal:
        school_trips(TWO, schools(["kindergarten"] * 2, [10, np.nan]), blocks([1, 1]), levels=KINDER)
    assert refusal.value.codes == ("pupils-not-known",)
    assert refusal.value.faults[0].first == "b1"
    assert len(school_trips(TWO, schools(["kindergarten", "other"], [10, np.nan]), blocks([1, 1]), levels=KINDER)) == 2
    assert len(school_trips(TWO, schools(["kindergarten"] * 2), blocks([1, 1]), levels=KINDER, how="nearest")) == 2
    levelless = places(["b0", "b1"], [0.0, 0.0], [0.0, 0.0], role="school")
    with pytest.raises(ProblemError, match="do not say their level"):
        school_trips(TWO, levelless, blocks([1, 1]), levels=KINDER, how="nearest")


def test_other_schools_or_homes_than_the_walks_know_are_refused():
    with pytest.raises(MisalignedError):
        school_trips(TWO, schools(["kindergarten"]), blocks([1, 1]), levels=KINDER)
    with pytest.raises(MisalignedError):
        school_trips(TWO, schools(["kindergarten"] * 2), blocks([1, 1, 1]), levels=KINDER)


walks = st.one_of(st.none(), st.integers(0, 40).map(float))


@given(
    st.integers(1, 4).flatmap(
        lambda m: st.tuples(
            st.lists(st.lists(walks, min_size=m, max_size=m), min_size=1, max_size=4),
            st.lists(st.integers(0, 50), min_size=m, max_size=m),
        )
    ),
    st.sampled_from(["gravity", "nearest"]),
)
def test_every_child_goes_to_one_school_or_is_told_to_have_none(given_town, how: str):
    rows, children = given_town
    times = table(rows)
    made = school_trips(
        times, schools(["kindergarten"] * len(rows), [30.0] * len(rows)), blocks(children), levels=KINDER, how=how
    )
    served = np.bincount(times.columns, minlength=len(children)) > 0
    np.testing.assert_allclose(made.by_home, np.where(served, np.array(children) / 2, 0.0))
    assert made.notes["without_school"] == pytest.approx(sum(children) / 2 - made.persons.sum())
