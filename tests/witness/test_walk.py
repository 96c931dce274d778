"""Walking times from raw streets: by hand, and against the access engine, to the decisecond."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from utopias.access.on_foot import travel_times
from utopias.domain.arrays import texts
from utopias.domain.places import places
from utopias.domain.shapes import Lines
from utopias.domain.streets import StreetFront, Streets
from utopias.network.profiles import PROFILES, ROUGH, SOFT, WITHOUT_CARS, Profile
from utopias.network.slopes import SLOPES
from utopias.network.street_network import street_network
from utopias.witness.pace import DECLARED, EARTH, FOR_FEET, RULES, STONES, Paces, paces_of
from utopias.witness.town_files import RawStreets
from utopias.witness.walk import feet, statuses, walkable, walking_times

PACE = 10 / 8  # metres a second: 8 deciseconds a metre, exact in binary


def raw(lines: list[Any], ends: list[tuple[int, int]], **columns: Any) -> RawStreets:
    drawn = np.array([shapely.LineString(line) for line in lines], dtype=object)
    n = len(lines)
    usual: dict[str, Any] = {
        "junctions": int(np.max(ends)) + 1,
        "length": shapely.length(drawn),
        "rise": np.full(n, np.nan),
        "steps": np.zeros(n, dtype=bool),
        "foot": np.ones(n, dtype=bool),
        **{name: np.full(n, "", dtype=object) for name in ("kind", "surface", "sidewalk", "ramps", "lit")},
    }
    tail, head = np.array(ends, dtype=np.int64).T
    return RawStreets(tail=tail, head=head, lines=drawn, **{**usual, **columns})


def walk(streets: RawStreets, here: Any, there: Any, *, walker: str = "adult", at_most: int = 100_000) -> set[int]:
    doors = [np.array(place, dtype=float).reshape(-1, 2) for place in (here, there)]
    paces = paces_of({"walker": walker, "slope": "tobler"})
    return walking_times(walkable(streets, paces=paces, speed=PACE), doors[:1], doors[1:], at_most=at_most)[0]


CORNER = raw([[(0, 0), (100, 0)], [(100, 0), (100, 50)]], [(0, 1), (1, 2)])


def test_both_legs_and_both_parts_of_the_streets_are_walked() -> None:
    # 10 m to the street, 80 m to the corner, 30 m up, 5 m to the door: 125 m, 8 deciseconds each.
    assert walk(CORNER, (20, 10), (105, 30)) == {1000}


def test_on_one_street_nobody_goes_round_by_a_junction() -> None:
    assert walk(CORNER, (20, 10), (60, 10)) == {(10 + 40 + 10) * 8}


def test_two_doors_at_one_point_are_no_walk_at_all() -> None:
    assert walk(CORNER, (20, 10), (20, 10)) == {0}


def test_of_several_doors_the_best_counts() -> None:
    assert walk(CORNER, (20, 10), [(105, 30), (40, 1)]) == {(10 + 20 + 1) * 8}


def test_a_way_over_the_limit_is_no_way() -> None:
    assert walk(CORNER, (20, 10), (105, 30), at_most=999) == set()
    assert walk(CORNER, (20, 10), (105, 30), at_most=1000) == {1000}


def test_300_metres_to_a_street_are_walked_and_a_millimetre_more_are_not() -> None:
    assert walk(CORNER, (-300, 0), (100, 0)) == {400 * 8}
    assert walk(CORNER, (-300.001, 0), (100, 0)) == set()


def test_uphill_and_downhill_are_toblers() -> None:
    hill = raw([[(0, 0), (100, 0)]], [(0, 1)], rise=np.array([10.0]))
    up = math.floor(800 / math.exp(-3.5 * (0.15 - 0.05)) + 0.5)
    down = math.floor(800 / math.exp(-3.5 * (0.05 - 0.05)) + 0.5)
    assert (up, down) == (1135, 800)
    assert walk(hill, (0, 0), (100, 0)) == {up}
    assert walk(hill, (100, 0), (0, 0)) == {down}


def test_a_pram_takes_no_steps_and_nobody_a_forbidden_street() -> None:
    stairs = raw([[(0, 0), (100, 0)], [(0, 0), (50, 80), (100, 0)]], [(0, 1), (0, 1)], steps=np.array([True, False]))
    assert walk(stairs, (0, 0), (100, 0)) == {800}
    assert walk(stairs, (0, 0), (100, 0), walker="pram") == {math.floor(2 * math.hypot(50, 80) * 8 + 0.5)}
    closed = raw([[(0, 0), (100, 0)], [(0, 0), (50, 80), (100, 0)]], [(0, 1), (0, 1)], foot=np.array([False, True]))
    assert walk(closed, (0, 0), (100, 0)) == {math.floor(2 * math.hypot(50, 80) * 8 + 0.5)}


def test_a_street_of_no_length_is_a_way_of_nothing_not_no_way() -> None:
    joined = raw([[(0, 0), (10, 0)], [(10, 0), (10, 0)], [(10, 0), (20, 0)]], [(0, 1), (1, 2), (2, 3)])
    assert walk(joined, (0, 0), (20, 0)) == {160}


def test_two_streets_equally_near_are_two_right_answers() -> None:
    forked = raw([[(0, 0), (100, 0)], [(0, 20), (100, 20)], [(0, 0), (0, 20)]], [(0, 1), (2, 3), (0, 2)])
    assert walk(forked, (50, 10), (100, 0)) == {(10 + 50) * 8, (10 + 50 + 20 + 100) * 8}


def island() -> RawStreets:
    """A main street of 150 edges, and a loose path of one edge 30 m above it."""
    main = [[(10.0 * k, 0.0), (10.0 * (k + 1), 0.0)] for k in range(150)]
    return raw([*main, [(0, 30), (20, 30)]], [*((k, k + 1) for k in range(150)), (151, 152)])


def test_a_street_of_the_main_network_is_preferred_to_a_nearer_island() -> None:
    assert walk(island(), (10, 25), (10, 0)) == {25 * 8}


def test_far_from_the_main_network_a_place_is_on_the_island() -> None:
    network = walkable(island(), paces=Paces(), speed=PACE)
    doors = np.array([[10.0, 25.0], [10.0, 131.0], [-250.0, 290.0], [-400.0, 400.0]])
    # 131 m to the street, 101 m to the path: farther by 30; the third is over 300 m from the street alone.
    assert statuses(network, doors).tolist() == [0, 0, 2, 2]
    assert statuses(network, np.array([[10.0, 310.0]])).tolist() == [1]
    assert feet(network, np.array([[10.0, 310.0]]))[0][0].edge == 150


def crooked_town(seed: int) -> Streets:
    """A jittered grid with hills, bends, stairs, forbidden streets, a loop, double streets, and loose ends."""
    rng = np.random.default_rng(seed)
    size = 9
    x, y = (axis.ravel() + rng.uniform(-25, 25, size**2) for axis in np.meshgrid(*[np.arange(size) * 90.0] * 2))
    pairs = [(r * size + c, r * size + c + 1) for r in range(size) for c in range(size - 1)]
    pairs += [(r * size + c, r * size + c + size) for r in range(size - 1) for c in range(size)]
    pairs = [pair for pair in pairs if rng.random() < 0.8]
    pairs += [pairs[0], pairs[5], (7, 7)]
    lines, length = [], []
    for a, b in pairs:
        bend = (x[a] + x[b]) / 2 + rng.uniform(-20, 20), (y[a] + y[b]) / 2 + rng.uniform(-20, 20)
        lines.append(np.array([[x[a], y[a]], bend, [x[b], y[b]]]))
        length.append(shapely.LineString(lines[-1]).length * rng.uniform(1.0, 1.1))
    tail, head = np.array(pairs, dtype=np.int32).T
    metres = np.array(length)
    n = len(pairs)
    rise = np.where(rng.random(n) < 0.7, rng.uniform(-0.12, 0.12, n) * metres, np.nan)
    steps, foot = rng.random(n) < 0.1, rng.random(n) < 0.95
    said = [texts(rng.choice(["", "", "yes", "part", "no"], n)) for _ in range(4)]
    return Streets(
        x=x, y=y, tail=tail, head=head, length=metres, rise=rise, kind=texts(rng.choice(["residential", "footway"], n)),
        name=texts([""] * n), surface=texts(rng.choice(["", "wood", "asphalt", "sett", "gravel"], n)), steps=steps, foot=foot,
        lines=Lines(np.concatenate(lines), np.arange(0, 3 * n + 1, 3), "EPSG:32614"), front=StreetFront(*said),
    )  # fmt: skip


MINE = Profile("on crutches", 0.7, steps=2.5, rough=1.3, no_ramps=math.inf)


@pytest.mark.parametrize(
    ("walker", "slope", "dark"),
    [
        *((walker, "tobler", 1.0) for walker in PROFILES),
        ("adult", "naismith", 1.5),
        ("older person", "naismith", 2.0),
        (MINE, "tobler", 3.0),
    ],
    ids=str,
)
@pytest.mark.parametrize("seed", range(4))
def test_every_time_of_a_crooked_town_is_that_of_the_access_engine(seed: int, walker: Any, slope: str, dark: float) -> None:  # fmt: skip
    streets = crooked_town(seed)
    rng = np.random.default_rng(100 + seed)
    here = places(texts(range(40)), rng.uniform(-250, 950, 40), rng.uniform(-250, 950, 40), role="block")
    at_x, at_y = np.append(rng.uniform(0, 720, 11), here.x[0]), np.append(rng.uniform(0, 720, 11), here.y[0])
    doors = pd.DataFrame({"place_id": ["3", "3", "4"], "x": rng.uniform(0, 720, 3), "y": rng.uniform(0, 720, 3)})
    there = places(texts(range(12)), at_x, at_y, role="site", entrances=doors)
    network = street_network(streets, walker=walker, slope=slope, after_dark=dark)
    times = travel_times(network, here, there, within="30 min")
    table = np.full(times.shape, -1)
    table[times.rows, times.columns] = times.deciseconds

    files = RawStreets(
        len(streets.x), streets.tail.astype(np.int64), streets.head.astype(np.int64), streets.length, streets.rise,
        streets.steps, streets.foot,
        np.array([shapely.LineString(streets.lines.coords[3 * k : 3 * k + 3]) for k in range(len(streets))]),
        streets.kind, streets.surface, streets.front.sidewalk, streets.front.ramps, streets.front.lit,
    )  # fmt: skip
    mine = walkable(files, paces=paces_of(dict(times.notes)), speed=network.speed_m_s)
    rows, columns = (index.ravel() for index in np.indices(times.shape))
    doors_of = [np.column_stack([there.entrance_x, there.entrance_y])[there.entrance_of == j] for j in range(12)]
    found = walking_times(
        mine,
        [np.array([[here.x[i], here.y[i]]]) for i in rows],
        [doors_of[j] for j in columns],
        at_most=times.limit.deciseconds,
    )
    assert [min(answers, default=-1) for answers in found] == table[rows, columns].tolist()
    assert (table >= 0).sum() > (30 if walker is MINE else 100)  # kerbs that cannot be passed leave islands
    assert statuses(mine, np.column_stack([here.x, here.y])).tolist() == times.origin_status.tolist()


def test_the_witness_has_its_own_table_of_profiles_and_it_says_what_is_declared() -> None:
    assert {name: tuple(profile.factors.values()) for name, profile in PROFILES.items()} == DECLARED
    assert (set(STONES), set(EARTH), set(FOR_FEET)) == (ROUGH, SOFT, WITHOUT_CARS)
    assert set(RULES) == set(SLOPES)


def test_times_from_before_profiles_had_factors_are_recounted_as_they_were_made() -> None:
    assert paces_of({"walker": "older person"}).factors == (1.0,) * 5
    assert paces_of({"walker": "pram"}).factors == (math.inf, 1.0, 1.0, 1.0, 1.0)


def test_a_rule_that_the_witness_does_not_know_is_named() -> None:
    assert paces_of({"walker": "adult", "slope": "guessed"}).unknown == ("slope: guessed",)
