"""A barrier on a network is the network without what it crosses, and nobody's door opens through it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.network.grids import random_grid, scattered, streets_of
from utopias.access.on_foot import travel_times
from utopias.domain.errors import TableError
from utopias.domain.places import places
from utopias.domain.travel_times import Status
from utopias.network.attach import attach
from utopias.network.barriers import Barrier, cuts_of
from utopias.network.segments import Segments
from utopias.network.street_network import StreetNetwork, street_network

LONG = 10**6


def street(*, wall=((150.0, -10.0), (150.0, 10.0))):
    """A street of 300 m from west to east, walked at 80 m/min, with a wall across its middle."""
    network = street_network(streets_of([0, 300], [0, 0], [0], [1]))
    return network.behind(Barrier.of(wall)) if wall else network


def seconds(network, here, there, within="30 min"):
    times = travel_times(
        network, places(["a"], [here], [0.0], role="block"), places(["b"], [there], [0.0], role="unit"), within=within
    )
    return None if len(times.deciseconds) == 0 else times.deciseconds[0] / 10


def test_a_street_with_a_wall_across_is_still_walked_on_either_side():
    assert seconds(street(), 0, 100) == seconds(street(wall=None), 0, 100) == 75.0
    assert seconds(street(), 200, 300) == 75.0
    assert seconds(street(), 140, 160) is None
    assert seconds(street(wall=None), 140, 160) == 15.0


def test_two_walls_leave_the_ground_between_them_to_itself():
    network = street().behind(Barrier.of([(200.0, -5.0), (200.0, 5.0)]))
    assert seconds(network, 160, 190) == 22.5
    assert [seconds(network, 140, 160), seconds(network, 190, 210), seconds(network, 0, 300)] == [None] * 3


def test_a_way_around_the_wall_is_taken():
    ring = streets_of([0, 300, 300, 0], [0, 0, 100, 100], [0, 1, 2, 3], [1, 2, 3, 0])
    network = street_network(ring).behind(Barrier.of([(150.0, -10.0), (150.0, 10.0)]))
    assert seconds(network, 140, 160) == (140 + 100 + 300 + 100 + 140) / 80 * 60


def test_a_wall_drawn_through_or_up_to_a_corner_cuts_every_street_there():
    draw = np.random.default_rng(7)
    for _ in range(100):
        corner = np.array([484_000.0, 2_140_000.0]) + 100 * draw.random(2)
        ends, to = corner + 50 * (draw.random((3, 2)) - 0.5), 80 * (draw.random(2) - 0.5)
        x, y = np.vstack([corner, ends]).T
        network = StreetNetwork.from_edges(x, y, [1, 2, 3], [0, 0, 0], [5, 5, 5])
        for wall in ([corner - to, corner], [corner - to, corner + to], [corner - to, corner, corner + to]):
            assert network.behind(Barrier.of(wall)).table([1, 2, 3], [1, 2, 3]).tolist() == [
                [0, -1, -1],
                [-1, 0, -1],
                [-1, -1, 0],
            ]


def test_a_door_behind_the_wall_is_joined_to_the_street_on_its_own_side():
    two = street_network(streets_of([0, 300, 0, 300], [0, 0, 60, 60], [0, 2], [1, 3]))
    house = places(["house"], [150.0], [20.0], role="block")
    assert attach(two, house).edge.tolist() == [0]
    walled = two.behind(Barrier.of([(0.0, 10.0), (300.0, 10.0)]))
    assert attach(walled, house).edge.tolist() == [1]
    assert attach(walled, house).snap.tolist() == [300]
    shut_in = two.behind(Barrier.of([(140, 10), (160, 10), (160, 30), (140, 30), (140, 10)]))
    assert attach(shut_in, house).status.tolist() == [Status.NO_STREET]


def test_touching_is_crossing_and_lying_along_cuts_at_the_beginning():
    segments = Segments.of(streets_of([0, 100], [0, 0], [0], [1]).lines)
    assert cuts_of(segments, Barrier.of([(50, 5), (50, 0)])).share.tolist() == [0.5]
    assert cuts_of(segments, Barrier.of([(50, 5), (50, 1)])).share.tolist() == []
    assert cuts_of(segments, Barrier.of([(25, 0), (75, 0)])).share.tolist() == [0.25]
    assert cuts_of(segments, Barrier.of([(25, 1), (75, 1)])).share.tolist() == []
    assert cuts_of(segments, Barrier.of([(100, -1), (100, 1)])).share.tolist() == [1.0]


def test_a_bent_barrier_cuts_an_edge_as_often_as_it_crosses_it():
    segments = Segments.of(streets_of([0, 100], [0, 0], [0], [1]).lines)
    cuts = cuts_of(segments, Barrier.of([(80, 5), (80, -5), (20, -5), (20, 5)]))
    assert cuts.edge.tolist() == [0, 0]
    assert cuts.share.tolist() == [0.2, 0.8]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_nodes_behind_a_barrier_are_as_far_as_without_the_edges_it_crosses(seed):
    rng = np.random.default_rng(seed)
    streets = random_grid(6, 6, seed=seed)
    cost = np.ceil(streets.length).astype(np.int64)
    given_edges = (streets.x, streets.y, streets.tail, streets.head)
    wall = rng.uniform(-40, 440, (3, 2))
    walled = StreetNetwork.from_edges(*given_edges, cost).behind(Barrier.of(wall))
    crossed = np.unique(walled.edges.cuts.edge)
    without = np.setdiff1d(np.arange(len(cost)), crossed)
    assert sorted(crossed) == [
        e for e in range(len(cost)) if _meets(wall, *(np.array([streets.x[n], streets.y[n]]) for n in (streets.tail[e], streets.head[e])))
    ]  # fmt: skip
    bare = StreetNetwork.from_edges(*given_edges[:2], streets.tail[without], streets.head[without], cost[without])
    people = rng.integers(0, 50, len(streets.x))
    for limit in (100, 300, 2000):
        assert (walled.sums(people, limit) == bare.sums(people, limit)).all()


def _meets(wall, p, q):
    """By turns, one piece at a time: an independent crossing test (general position)."""

    def turn(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    return any(turn(a, b, p) * turn(a, b, q) < 0 and turn(p, q, a) * turn(p, q, b) < 0 for a, b in pairwise(wall))


def test_the_streets_before_the_barrier_are_as_they_were():
    streets = random_grid(8, 8, seed=3)
    network = street_network(streets)
    blocks, units = scattered(40, 560, 560, seed=1), scattered(5, 560, 560, seed=2, role="unit")
    before = travel_times(network, blocks, units, within="15 min")
    walled = network.behind(Barrier.of([(280.0, -50.0), (280.0, 600.0)]))
    across = travel_times(walled, blocks, units, within="15 min")
    again = travel_times(network, blocks, units, within="15 min")
    assert (before.deciseconds == again.deciseconds).all()
    west = blocks.x < 280
    assert len(across.deciseconds) < len(before.deciseconds)
    assert not [
        1 for row, column in zip(across.rows, across.columns, strict=True) if west[row] != (units.x[column] < 280)
    ]


@pytest.mark.parametrize(
    "line", [[(0, 0)], [(0, 0), (0, 0)], [(0, 0), (np.nan, 1)], "wall", [(0, 0, 0), (1, 1, 1)], None]
)
def test_a_line_that_is_none_is_refused(line):
    with pytest.raises(TableError) as refused:
        Barrier.of(line)
    assert refused.value.faults[0].code == "bad-line"
