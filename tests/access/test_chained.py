"""A unit between school and home: by hand, against every triple, and as laws on any streets."""

from __future__ import annotations

import tracemalloc
from time import process_time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.network.grids import small_places, small_streets
from utopias.access.chain_join import least_by_way
from utopias.access.chain_walks import ChainWalks, chain_walks
from utopias.access.chained import Chained, chained
from utopias.domain.arrays import texts
from utopias.domain.demand import Demand
from utopias.domain.errors import MisalignedError, ProblemError, TooLargeError
from utopias.domain.places import Places, places
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.travel_times import TravelTimes
from utopias.domain.trips import Trips
from utopias.network.straight_lines import straight_lines
from utopias.network.street_network import StreetNetwork, street_network

# One straight street, a node every 60 s of walking (600 ds). The school stands at minute 10, homes at minutes
# 0, 5, 10, 20 and 28, units at minutes 8 and 22.
#
#   home     0        5        8        10       20       22       28
#            A        B        uno      school,C D        dos      E
#
# straight home: A 10, B 5, C 0, D 10, E 18 min
# by uno:        A 2+8 = 10 (+0), B 2+3 = 5 (+0), C 2+2 = 4 (+4), D 2+12 = 14 (+4), E 2+20 = 22 (+4)
# by dos:        A 12+22 = 34, B 12+17 = 29, C 12+12 = 24 (+24), D 12+2 = 14 (+4), E 12+6 = 18 (+0)
HOMES = [0, 5, 10, 20, 28]


def street() -> StreetNetwork:
    at = np.arange(30)
    return StreetNetwork.from_edges(at * 80.0, at * 0.0, at[:-1], at[1:], np.full(29, 600))


def on_street(role: str, minutes: list[int]) -> Places:
    ids = [f"{role} {minute}" for minute in minutes]
    return places(ids, np.array(minutes) * 80.0, np.zeros(len(minutes)), role=role)


def walks(*, within: str = "60 min", home_within: str = "15 min", units: list[int] | None = None) -> ChainWalks:
    return chain_walks(
        street(),
        on_street("school", [10]),
        on_street("unit", [8, 22] if units is None else units),
        on_street("home", HOMES),
        within=within,
        home_within=home_within,
    )


def trips(persons: tuple[float, ...] = (1, 2, 4, 8, 16)) -> Trips:
    """Everybody goes to the one school."""
    return Trips(
        texts(["school 10"]), on_street("home", HOMES).ids, np.zeros(5, int), np.arange(5), np.array(persons, float)
    )


def carers(persons: tuple[float, ...] = (10, 20, 40, 80, 160), planned: tuple[bool, ...] = (True,) * 5) -> Demand:
    return Demand(on_street("home", HOMES).ids, np.array(persons, dtype=float), "carers", np.array(planned))


def asked(
    given: ChainWalks | None = None, flow: Trips | None = None, people: Demand | None = None, **how: str
) -> Chained:
    said = {"stay": "60 min", "window": "82 min", "extra": "3 min", "within": "5 min"} | how
    return chained(
        walks() if given is None else given,
        trips() if flow is None else flow,
        carers() if people is None else people,
        **said,
    )


def test_the_detour_is_the_way_by_the_unit_less_the_way_straight_home():
    found = asked(window="120 min")
    assert (found.direct / 600).tolist() == [10, 5, 0, 10, 18]
    assert (found.walk / 600).tolist() == [10, 5, 4, 14, 18]
    assert (found.extra / 600).tolist() == [0, 0, 4, 4, 0]
    assert found.unit.tolist() == [0, 0, 0, 0, 1], "of two equal detours the unit that stands first"


def test_the_window_holds_the_stay_and_the_walks_and_exactly_at_it_is_in_time():
    assert asked(window="78 min").in_window.tolist() == [True] * 5, "60 at the unit and 18 walked"
    assert asked(window="77.9 min").in_window.tolist() == [True, True, True, True, False]
    assert asked(window="60 min").in_window.tolist() == [False] * 5
    assert float(asked(window="77.9 min").home_too_late) == 160, "18 min straight home do not fit into 17.9"


def test_people_are_parted_by_a_unit_near_home_and_a_unit_on_the_way():
    # within 5 min of home: B (3 from uno), C (2), D (2 from dos); at most 3 min more: A, B, E.
    found = asked()
    parts = [float(p) for p in (found.both, found.only_from_home, found.only_on_the_way, found.neither)]
    assert parts == [20, 40 + 80, 10 + 160, 0]
    assert (float(found.from_home), float(found.by_chain), float(found.total)) == (140, 190, 310)
    assert found.by_unit.tolist() == [10 + 20, 160]
    assert found.extra_of_share(0.5) == Minutes(0)
    assert found.extra_of_share(0.7) == Minutes(4), "190 of 310 add nothing, the others 4 min"


def test_a_longer_detour_reaches_more_and_those_with_no_unit_near_home_are_told_apart():
    found = asked()
    assert [tuple(map(float, found.on_the_way_within(extra))) for extra in ("0 min", "3.9 min", "4 min")] == [
        (190, 170), (190, 170), (310, 170),
    ]  # fmt: skip


def test_people_around_the_planned_area_are_not_counted():
    found = asked(people=carers(planned=(True, True, True, True, False)))
    assert float(found.total) == 150
    assert found.by_unit.tolist() == [30, 0]


def test_where_no_child_goes_to_school_nobody_has_a_unit_on_the_way():
    flow = Trips(texts(["school 10"]), carers().origins, np.zeros(2, int), np.array([0, 4]), np.array([1.0, 0.0]))
    found = asked(flow=flow)
    assert float(found.without_trip) == 20 + 40 + 80 + 160, "a trip of nobody is no trip"
    assert float(found.by_chain) == 10
    assert float(found.from_home) == 140
    assert float(found.total) == 310


def test_the_people_of_a_home_are_shared_over_its_trips_as_its_children_are():
    two = chain_walks(
        street(), on_street("school", [10, 24]), on_street("unit", [8]), on_street("home", [5]), within="60 min"
    )
    flow = Trips(two.schools, two.homes, np.array([0, 1]), np.array([0, 0]), np.array([3.0, 1.0]))
    found = chained(
        two, flow, Demand(two.homes, np.array([100.0]), "carers", np.array([True])), stay="60 min", window="2 h"
    )
    assert found.persons.tolist() == [75.0, 25.0]


def test_with_no_stay_and_a_window_of_the_straight_way_only_units_on_the_way_are_left():
    found = asked(stay="0 min", window="10 min", extra="60 min")
    # A: uno lies on the way; D: both units are 4 min off it; C: 10 min leave time for 4.
    assert found.in_window.tolist() == [True, True, True, False, False]
    alone = asked(flow=Trips(texts(["school 10"]), carers().origins, np.zeros(1, int), np.array([3]), np.ones(1)),
                  stay="0 min", window="10 min")  # fmt: skip
    assert not alone.in_window.any()
    assert (alone.extra[0], alone.direct[0]) == (2400, 6000)


def test_one_leaves_a_unit_by_the_door_one_came_in_by():
    park = places(
        ["park"], [8 * 80.0], [0.0], role="unit",
        entrances=pd.DataFrame({"place_id": ["park", "park"], "x": [6 * 80.0, 22 * 80.0], "y": [0.0, 0.0]}),
    )  # fmt: skip
    found = asked(chain_walks(street(), on_street("school", [10]), park, on_street("home", HOMES), within="1 h"))
    # In by the door at minute 6 and out at 22, home D would lie 4 + 2 min away: less than the 10 straight home.
    assert (found.extra / 600).tolist() == [0, 0, 8, 4, 0]
    assert found.unit.tolist() == [0] * 5


def test_the_children_themselves_can_be_counted_at_home_and_at_school():
    flow = trips()
    at_home, at_school = (
        flow.from_home(np.array([True] * 4 + [False])),
        flow.from_school(np.array([True] * 4 + [False])),
    )
    assert (at_home.origin, float(at_home.total)) == ("home", 15)
    assert (at_school.origin, at_school.persons.tolist()) == ("school", [15.0])
    assert "from school: 15 persons" in repr(at_school)
    with pytest.raises(ProblemError) as refusal:
        asked(people=at_school)
    assert refusal.value.codes == ("other-origin",)


def test_without_schools_or_units_or_homes_nobody_has_a_unit_on_the_way():
    empty = np.zeros(0, dtype=int)
    for schools, units in (([], [8]), ([10], []), ([], [])):
        given_walks = chain_walks(
            street(), on_street("school", schools), on_street("unit", units), on_street("home", HOMES), within="1 h"
        )
        flow = Trips(given_walks.schools, given_walks.homes, empty, empty, np.zeros(0)) if not schools else trips()
        found = asked(given_walks, flow)
        assert float(found.by_chain) == 0
        assert float(found.total) == 310
        assert found.extra_of_share(0.5) is None
    none = chain_walks(street(), on_street("school", [10]), on_street("unit", [8]), on_street("home", []), within="1 h")
    nobody = Demand(none.homes, np.zeros(0), "carers", np.zeros(0, dtype=bool))
    found = chained(none, Trips(none.schools, none.homes, empty, empty, np.zeros(0)), nobody, stay="1 h", window="2 h")
    assert float(found.total) == 0


def test_a_home_without_a_way_is_never_in_time():
    edges = np.array([0, 1, 3]), np.array([1, 2, 4])
    apart = StreetNetwork.from_edges(np.arange(5) * 80.0, np.zeros(5), *edges, np.full(3, 600))
    far = chain_walks(
        apart, on_street("school", [0]), on_street("unit", [1]),
        places(["near", "isle"], [2 * 80.0, 3.4 * 80.0], [0.0, 0.0], role="home"), within="1 h",
    )  # fmt: skip
    flow = Trips(far.schools, far.homes, np.zeros(2, int), np.arange(2), np.ones(2))
    found = chained(far, flow, flow.from_home(np.ones(2, dtype=bool)), stay="0 min", window="1 h")
    assert found.direct.tolist() == [1200, -1]
    assert found.in_window.tolist() == [True, False]
    assert float(found.home_too_late) == 1


# Questions that cannot be answered.


def refused(kind: type[Exception] = ProblemError, **how: object) -> tuple[str, ...]:
    with pytest.raises(kind) as refusal:
        asked(**how)  # type: ignore[arg-type]
    return refusal.value.codes  # type: ignore[attr-defined, no-any-return]


def test_a_window_shorter_than_the_stay_is_refused():
    assert refused(window="59 min") == ("window-under-stay",)


def test_a_window_longer_than_the_walks_reach_is_refused():
    assert refused(given=walks(within="20 min"), window="81 min") == ("limit-beyond-table",)
    assert asked(walks(within="20 min"), window="80 min").in_window.all()
    assert refused(within="16 min") == ("limit-beyond-table",)


def test_a_table_straight_home_that_ends_too_early_is_told_and_one_long_enough_for_the_trips_is_not():
    short = chain_walks(
        street(), on_street("school", [10]), on_street("unit", [8, 22]), on_street("home", HOMES),
        within="60 min", school_within="12 min",
    )  # fmt: skip
    assert refused(given=short, window="120 min") == ("limit-beyond-table",)
    near = Trips(short.schools, short.homes, np.zeros(4, int), np.arange(4), np.ones(4))
    assert asked(short, near, window="120 min").in_window.all()


def test_tables_that_do_not_fit_together_are_refused_and_rounded_ones_are_taken_with_their_rounding_said():
    good = walks()
    slow = good.straight_home.deciseconds + np.int32(300)
    other = TravelTimes(**{**vars(good.straight_home), "deciseconds": slow})
    mixed = ChainWalks(good.to_door, good.from_door, other, good.from_home)
    assert refused(given=mixed) == ("not-shortest",)
    assert asked(mixed, rounding="30 s").extra.min() == 0


def test_other_places_or_another_order_are_refused():
    assert refused(MisalignedError, people=Demand(texts("abcde"), np.ones(5), "carers", np.ones(5, dtype=bool)))
    flow = Trips(texts(["other"]), carers().origins, np.zeros(1, int), np.zeros(1, int), np.ones(1))
    assert refused(MisalignedError, flow=flow) == ("different-places",)
    good = walks()
    with pytest.raises(MisalignedError):
        ChainWalks(good.to_door, good.from_door, good.straight_home, good.from_home.rows_of(np.arange(4)))


@pytest.mark.parametrize("bad", [np.nan, -1.0, np.inf])
def test_trips_of_no_number_of_children_are_refused(bad: float):
    with pytest.raises(ProblemError) as refusal:
        trips((1, 2, bad, 4, 5))
    assert refusal.value.faults[0].first == "trip 3"


def test_every_fault_of_trips_is_told_at_once():
    with pytest.raises(ProblemError) as refusal:
        Trips(texts("s"), texts("h"), np.array([0, 1]), np.array([-1, 0]), np.array([1.0, -2.0]), how="rumour")
    assert refusal.value.codes == ("unknown-way-of-trips", "unknown-id", "unknown-id", "bad-weight")


@pytest.mark.parametrize("origin", ["", "house", "School"])
def test_people_set_out_from_a_known_kind_of_place(origin: str):
    with pytest.raises(ProblemError) as refusal:
        Demand(texts("a"), np.ones(1), "carers", np.ones(1, dtype=bool), origin=origin)
    assert refusal.value.codes == ("unknown-origin",)


def test_a_job_that_would_not_fit_is_refused_with_its_size():
    given_walks = walks()
    with pytest.raises(
        TooLargeError, match=r"0\.00 GB are needed for about 5 trips by way of units; 0\.00 GB are free"
    ):
        chained(given_walks, trips(), carers(), stay="1 h", window="2 h", memory=100)


# Any town.


def brute_force(given_walks: ChainWalks, flow: Trips, leg: int) -> list[tuple[int, int]]:
    """(least walk, extra) of each trip by trying every door; -1 where there is none within ``leg``."""

    def cells(table: TravelTimes) -> dict[tuple[int, int], int]:
        return {
            (row, int(table.columns[k])): int(table.deciseconds[k])
            for row in range(len(table.origins))
            for k in range(table.starts[row], table.starts[row + 1])
        }

    there, back, straight = map(cells, (given_walks.to_door, given_walks.from_door, given_walks.straight_home))
    found = []
    for s, h in zip(flow.school.tolist(), flow.home.tolist(), strict=True):
        ways = [
            there[s, d] + back[d, h]
            for d in range(len(given_walks.to_door.destinations))
            if (s, d) in there and (d, h) in back
        ]
        least = min(ways, default=-1)
        least = least if 0 <= least <= leg else -1
        found.append((least, least - straight[s, h] if least >= 0 else -1))
    return found


@st.composite
def questions(draw: st.DrawFn, *, level: bool = False) -> tuple[ChainWalks, Trips]:
    streets = draw(small_streets(level=level))
    schools, units, homes = (draw(small_places(role)) for role in ("school", "unit", "home"))
    if level:  # one door each, as blocks have: through a home nobody walks on the way to another of its doors
        homes = places(homes.ids, homes.x, homes.y, role="home")
    walking = street_network(streets, walker="child") if draw(st.booleans()) else straight_lines(walker="child")
    made = chain_walks(walking, schools, units, homes, within="60 min", home_within="30 min")
    pairs = draw(
        st.lists(
            st.tuples(st.integers(0, len(schools) - 1), st.integers(0, len(homes) - 1), st.integers(0, 9)), max_size=8
        )
    )
    s, h, n = (np.array([pair[k] for pair in pairs], dtype=int) for k in range(3))
    return made, Trips(made.schools, made.homes, s, h, n.astype(float))


windows = st.integers(0, 36_000).map(Duration)


@settings(deadline=None, max_examples=150)
@given(questions(), windows)
def test_the_least_detour_is_that_of_every_triple(question: tuple[ChainWalks, Trips], window: Duration):
    made, flow = question
    planned = np.ones(len(made.homes), dtype=bool)
    found = chained(made, flow, flow.from_home(planned), stay="0 s", window=window, within="30 min")
    tried = brute_force(made, flow, window.deciseconds)
    assert np.where(found.in_window, found.walk, -1).tolist() == [walk for walk, _ in tried]
    extra = [extra for _, extra in tried]
    # Straight lines are rounded, so that a detour may come out a decisecond short; on streets never.
    least = -1 if made.estimated else 0
    assert all(one >= least for (walk, one) in tried if walk >= 0)
    assert np.where(found.in_window, found.extra, -1).tolist() == [
        max(one, 0) if walk >= 0 else -1 for (walk, _), one in zip(tried, extra, strict=True)
    ]
    assert float(found.total) == pytest.approx(float(flow.persons.sum()))


@settings(deadline=None, max_examples=60)
@given(questions(), windows, windows, st.integers(0, 9000), st.integers(0, 9000))
def test_more_time_or_a_longer_detour_never_helps_fewer(
    question: tuple[ChainWalks, Trips], a: Duration, b: Duration, c: int, d: int
):
    made, flow = question
    people = flow.from_home(np.ones(len(made.homes), dtype=bool))
    short, long = sorted((a, b))
    less, more = (Duration(x) for x in sorted((c, d)))
    one = chained(made, flow, people, stay="0 s", window=short, extra=less, within="30 min")
    other = chained(made, flow, people, stay="0 s", window=long, extra=more, within="30 min")
    assert not (one.in_window & ~other.in_window).any()
    assert not (one.on_the_way & ~other.on_the_way).any()


@settings(deadline=None, max_examples=60)
@given(questions(), windows)
def test_more_units_never_make_a_detour_longer(question: tuple[ChainWalks, Trips], window: Duration):
    made, flow = question
    people = flow.from_home(np.ones(len(made.homes), dtype=bool))
    first = np.flatnonzero(made.doors_unit < len(made.units) - 1)
    fewer = ChainWalks(
        made.to_door.select(first),
        made.from_door.rows_of(first),
        made.straight_home,
        made.from_home.select(np.arange(len(made.units) - 1)),
        made.doors_unit[first],
    )
    one, other = (chained(w, flow, people, stay="0 s", window=window, within="30 min") for w in (fewer, made))
    assert not (one.in_window & ~other.in_window).any()
    both = (one.extra >= 0) & (other.extra >= 0)
    assert (other.extra[both] <= one.extra[both]).all()
    assert float(other.by_chain) >= float(one.by_chain)


@settings(deadline=None, max_examples=60)
@given(questions(), windows)
def test_compiled_and_numpy_find_the_same_walk_and_the_same_door(question: tuple[ChainWalks, Trips], limit: Duration):
    made, flow = question
    one, other = (
        least_by_way(made.to_door, made.from_door, flow.school, flow.home, limit=limit.deciseconds, compiled=compiled)
        for compiled in (False, True)
    )
    assert one.deciseconds.tolist() == other.deciseconds.tolist()
    assert one.door.tolist() == other.door.tolist()


@settings(deadline=None, max_examples=60)
@given(questions(level=True), st.integers(0, 9000).map(Duration))
def test_a_unit_near_home_adds_at_most_the_walk_to_it_and_back(question: tuple[ChainWalks, Trips], near: Duration):
    made, flow = question
    people = flow.from_home(np.ones(len(made.homes), dtype=bool))
    there_and_back = Duration(2 * near.deciseconds + 1)  # straight lines are rounded, each way
    found = chained(made, flow, people, stay="0 s", window="1 h", extra=there_and_back, within=near)
    reached = found.near_trip & (found.direct >= 0) & (found.direct + there_and_back.deciseconds <= 36_000)
    assert not (reached & ~found.on_the_way).any()


def test_a_borough_of_half_a_million_trips_and_four_hundred_places_is_joined_in_under_a_second_of_work():
    rng = np.random.default_rng(5)
    schools, doors, homes, count = 500, 423, 25_000, 500_000

    def rows(n: int, m: int, each: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        columns = np.sort(rng.integers(0, m // each, (n, each)) + np.arange(each) * (m // each), axis=1)
        return np.arange(n + 1) * each, columns.ravel(), rng.integers(0, 36_000, n * each)

    def made(n: int, m: int, each: int, role: str) -> TravelTimes:
        starts, columns, cost = rows(n, m, each)
        return TravelTimes(
            texts(f"{role[0]}{i}" for i in range(n)), texts(f"{role[1]}{i}" for i in range(m)), starts,
            columns.astype(np.int32), cost.astype(np.int32), Minutes(60), np.zeros(n, np.int8), np.zeros(m, np.int8),
        )  # fmt: skip

    there, back = made(schools, doors, 100, "sd"), made(doors, homes, 2_500, "dh")
    school = rng.integers(0, schools, count).astype(np.int32)
    home = rng.integers(0, homes, count).astype(np.int32)
    least_by_way(there, back, school[:1], home[:1], limit=36_000, compiled=True)  # compiled once
    began = process_time()
    found = least_by_way(there, back, school, home, limit=36_000)
    assert process_time() - began < 1.0
    assert (found.door >= 0).mean() > 0.5
    some = slice(0, 500)
    same = least_by_way(there, back, school[some], home[some], limit=36_000, compiled=False)
    assert same.deciseconds.tolist() == found.deciseconds[some].tolist()


def test_the_memory_that_is_stated_is_not_less_than_what_is_taken():
    rng = np.random.default_rng(3)
    homes, count = 2_000, 200_000
    at = rng.integers(0, 3_000, homes)
    spots = places([f"h{i}" for i in range(homes)], at.astype(float), np.zeros(homes), role="home")
    made = chain_walks(street(), on_street("school", [10]), on_street("unit", [8, 22]), spots, within="60 min")
    flow = Trips(made.schools, made.homes, np.zeros(count, int), rng.integers(0, homes, count), np.ones(count))
    people = flow.from_home(np.ones(homes, dtype=bool))
    chained(made, flow, people, stay="0 s", window="1 h")  # whatever is loaded once is loaded
    tracemalloc.start()
    found = chained(made, flow, people, stay="0 s", window="1 h")
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken <= found.bytes_stated
    assert found.bytes_stated < 10 * taken, "a statement of ten times the need would refuse what fits"
