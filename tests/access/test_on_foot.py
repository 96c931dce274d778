"""Travel times on foot against two programs that know no chains, to the decisecond."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph

from tests.network.grids import (
    Weighed,
    random_grid,
    scattered,
    small_places,
    small_streets,
    split_graph,
    streets_of,
    weighed,
    with_doors,
)
from tests.toy import toy_town
from utopias.access.on_foot import travel_times
from utopias.domain import memory
from utopias.domain.errors import ProblemError, TooLargeError
from utopias.domain.quantities import Duration, Metres, Minutes
from utopias.domain.travel_times import Status, TravelTimes
from utopias.network.attach import Snapping
from utopias.network.straight_lines import straight_lines
from utopias.network.street_network import StreetNetwork, street_network
from utopias.scale import Runner


def dense(times: TravelTimes) -> np.ndarray:
    """(n, m) deciseconds, -1 where not reached."""
    table = np.full(times.shape, -1, dtype=np.int64)
    table[times.rows, times.columns] = times.deciseconds
    return table


def witness(edges, network, origins, destinations, limit: Duration, **how) -> np.ndarray:
    graph = split_graph(edges, network, origins, destinations, **how)
    table = np.full((len(origins), len(destinations)), -1, dtype=np.int64)
    for i in range(len(origins)):
        reached = nx.single_source_dijkstra_path_length(graph, ("from", i), cutoff=limit.deciseconds, weight="cost")
        for node, cost in reached.items():
            if node[0] == "to":
                table[i, node[1]] = cost
    return table


@settings(max_examples=250, deadline=None)
@given(small_streets(), small_places("from"), small_places("to"), st.integers(1, 9000), st.booleans())
def test_times_are_those_of_networkx_on_the_split_graph(streets, origins, destinations, limit, few):
    network = street_network(streets)
    snapping = Snapping(Metres(120), Metres(40), 0.3) if few else Snapping()
    times = travel_times(network, origins, destinations, within=Duration(limit), snapping=snapping)
    expected = witness(weighed(streets), network, origins, destinations, Duration(limit), snapping=snapping)
    assert (dense(times) == expected).all()
    assert len(times.columns) == (expected >= 0).sum(), "a pair is stored once"


@st.composite
def lopsided_edges(draw) -> tuple[np.ndarray, np.ndarray, Weighed]:
    """Nodes and edges with tiny costs, often 0, that differ by direction: every tie there is."""
    n = draw(st.integers(2, 8))
    x, y = (np.array(draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))) * 100.0 for _ in range(2))
    ends, cost = st.integers(0, n - 1), st.sampled_from([0, 0, 1, 2, 3, 7])
    rows = draw(st.lists(st.tuples(ends, ends, cost, cost), min_size=1, max_size=12))
    return x, y, Weighed(np.arange(len(rows)), *(np.array(column) for column in zip(*rows, strict=True)))


@settings(max_examples=250, deadline=None)
@given(lopsided_edges(), small_places("from"), small_places("to"), st.integers(1, 12))
def test_costs_of_nothing_and_costs_that_differ_by_direction_are_walked_exactly(made, origins, destinations, limit):
    x, y, edges = made
    # A speed at which no leg to the street costs anything, so that sums fall on the limit often.
    network = StreetNetwork.from_edges(x, y, *edges[1:], speed="100000 m/s")
    times = travel_times(network, origins, destinations, within=Duration(limit))
    assert (dense(times) == witness(edges, network, origins, destinations, Duration(limit))).all()


@pytest.mark.parametrize(("origins", "destinations"), [(900, 40), (40, 900)])
def test_times_are_those_of_scipy_on_a_large_hilly_grid(origins, destinations):
    streets = random_grid(30, 30, seed=3)
    network = street_network(streets)
    here, there = scattered(origins, 2400, 2400, seed=1), scattered(destinations, 2400, 2400, seed=2, role="site")
    times = travel_times(network, here, there, within="25 min")
    graph = split_graph(weighed(streets), network, here, there)
    number = {node: k for k, node in enumerate(graph)}
    edges = [(number[a], number[b], cost) for a, b, cost in graph.edges(data="cost")]
    start, end, cost = (np.array(column) for column in zip(*edges, strict=True))
    matrix = sparse.csr_array((cost.astype(float), (start, end)), shape=(len(number), len(number)))
    assert matrix.nnz == len(edges), "zero costs must stay in the witness"
    rows = [number[("from", i)] for i in range(origins)]
    columns = [number[("to", j)] for j in range(destinations)]
    far = csgraph.dijkstra(matrix, indices=rows, limit=15_000)[:, columns]
    assert (dense(times) == np.where(np.isinf(far), -1, far)).all()
    assert (dense(times) >= 0).any()
    assert (dense(times) < 0).any()


@settings(max_examples=60, deadline=None)
@given(small_streets(level=True), small_places("a"), small_places("b"))
def test_on_level_streets_there_and_back_take_the_same(streets, one, other):
    network = street_network(streets)
    there = dense(travel_times(network, one, other, within="20 min"))
    back = dense(travel_times(network, other, one, within="20 min"))
    assert (there == back.T).all()


@settings(max_examples=60, deadline=None)
@given(small_streets(), small_places("a"), small_places("b"), st.integers(1, 9000), st.integers(1, 9000))
def test_a_longer_limit_keeps_every_time_and_only_adds(streets, origins, destinations, a, b):
    network = street_network(streets)
    short, long = (
        dense(travel_times(network, origins, destinations, within=Duration(limit))) for limit in sorted((a, b))
    )
    kept = short >= 0
    assert (long[kept] == short[kept]).all()
    assert (long[~kept & (long >= 0)] > min(a, b)).all()


@settings(max_examples=40, deadline=None)
@given(small_streets(), small_places("a"), small_places("b"), small_places("c"))
def test_one_more_place_never_makes_the_nearest_farther(streets, origins, some, more):
    network = street_network(streets)
    before = travel_times(network, origins, some, within="15 min").shortest()
    after = travel_times(network, origins, some + more, within="15 min").shortest()
    reached = before >= 0
    assert (after[reached] >= 0).all()
    assert (after[reached] <= before[reached]).all()


def test_any_number_of_workers_gives_the_same_table():
    streets = random_grid(25, 25, seed=5)
    network = street_network(streets)
    here, there = scattered(300, 2000, 2000, seed=1), scattered(70, 2000, 2000, seed=2, role="site")
    one = travel_times(network, here, there, within="20 min")
    two = travel_times(network, here, there, within="20 min", runner=Runner(3))
    for name in ("starts", "columns", "deciseconds"):
        assert (getattr(one, name) == getattr(two, name)).all()


def test_columns_rise_in_every_row_from_either_side():
    network = street_network(random_grid(12, 12, seed=5))
    for n, m in ((80, 20), (20, 80)):
        here, there = scattered(n, 900, 900, seed=1), scattered(m, 900, 900, seed=2, role="site")
        times = travel_times(network, here, there, within="20 min")
        same_row = np.diff(times.rows) == 0
        assert (np.diff(times.columns)[same_row] > 0).all()


def test_the_toy_street_is_walked_at_eighty_metres_a_minute():
    town = toy_town()
    times = travel_times(street_network(town), town.blocks, town.units + town.sites, within="15 min")
    table = dense(times)
    assert table[:5, 0].tolist() == [0, 3000, 6000, 9000, -1]  # 0, 400, 800, 1,200 m; 1,600 m is beyond
    assert table[2, 1] == 0, "a unit at the block's own point is no walk at all"
    assert table[11].tolist() == [-1, -1, -1, 6000]
    assert times.origin_status.tolist() == [Status.ATTACHED] * 12 + [Status.NO_STREET]
    assert (table[12] == -1).all()


def test_two_places_on_one_street_walk_the_direct_way():
    streets = streets_of([0, 1000], [0, 0], [0], [1])
    times = travel_times(
        street_network(streets), with_doors("a", [[(400, 0)]]), with_doors("b", [[(480, 0)]]), within="5 min"
    )
    assert times.deciseconds.tolist() == [600]


def test_uphill_takes_longer_than_downhill():
    streets = streets_of([0, 800], [0, 0], [0], [1], rise=[80.0])
    network = street_network(streets)
    low, high = with_doors("low", [[(0, 0)]]), with_doors("high", [[(800, 0)]])
    up = travel_times(network, low, high, within="30 min").deciseconds[0]
    down = travel_times(network, high, low, within="30 min").deciseconds[0]
    assert up == round(6000 / np.exp(-0.35))  # Tobler: 10 % up is walked at 70 % of the speed on the flat
    assert down == round(6000 / np.exp(-0.0))  # and 10 % down at the speed on the flat
    assert up > down


def test_the_legs_between_door_and_street_are_walked_too():
    streets = streets_of([0, 1000], [0, 0], [0], [1])
    times = travel_times(
        street_network(streets), with_doors("a", [[(100, 80)]]), with_doors("b", [[(260, -40)]]), within="5 min"
    )
    assert times.deciseconds.tolist() == [600 + 1200 + 300]


def test_the_best_of_several_entrances_counts_at_either_end():
    streets = streets_of([0, 2000], [0, 0], [0], [1])
    network = street_network(streets)
    home = with_doors("home", [[(0, 0), (800, 0)]])
    unit = with_doors("unit", [[(2000, 0), (960, 0)]])
    assert travel_times(network, home, unit, within="9 min").deciseconds.tolist() == [1200]


def test_a_place_exactly_at_the_limit_is_within_and_a_decisecond_more_is_not():
    network = street_network(streets_of([0, 1000], [0, 0], [0], [1]))
    here, there = with_doors("a", [[(0, 0)]]), with_doors("b", [[(800, 0)]])
    assert len(travel_times(network, here, there, within="10 min").columns) == 1
    assert len(travel_times(network, here, there, within=Duration(5999)).columns) == 0


def test_a_junction_exactly_at_the_limit_is_within():
    # Both places stand on a corner and belong to the side street there, so only the junction's own time counts.
    x, y = [0, 800, 0, 800, -300, 1100], [0, 0, 300, 300, 0, 0]
    network = street_network(streets_of(x, y, [0, 1, 0, 0, 1], [2, 3, 1, 4, 5]))
    here, there = with_doors("a", [[(0, 0)]]), with_doors("b", [[(800, 0)]])
    assert travel_times(network, here, there, within="10 min").deciseconds.tolist() == [6000]
    assert len(travel_times(network, here, there, within=Duration(5999)).columns) == 0


def test_an_island_says_so_and_keeps_the_ways_on_itself():
    streets = streets_of([0, 3000, 0, 100], [0, 0, 1000, 1000], [0, 2], [1, 3])
    network = street_network(streets)
    rules = Snapping(Metres(300), Metres(0), 0.6)
    homes = with_doors("home", [[(0, 0)], [(0, 1000)], [(0, 5000)]])
    units = with_doors("unit", [[(80, 0)], [(80, 1000)]])
    times = travel_times(network, homes, units, within="30 min", snapping=rules)
    assert times.origin_status.tolist() == [Status.ATTACHED, Status.ISLAND, Status.NO_STREET]
    assert dense(times).tolist() == [[600, -1], [-1, 600], [-1, -1]]


def test_a_link_cost_of_nothing_is_a_time_not_a_gap():
    network = StreetNetwork.from_edges([0, 100, 200], [0, 0, 0], [0, 1], [1, 2], [0, 0])
    times = travel_times(network, with_doors("a", [[(0, 0)]]), with_doors("b", [[(200, 0)]]), within="1 min")
    assert times.deciseconds.tolist() == [0]


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (0, 0)])
def test_no_origins_or_no_destinations_make_an_empty_table(n, m):
    network = street_network(random_grid(4, 4, seed=1))
    for walking in (network, straight_lines()):
        here, there = scattered(n, 300, 300, seed=1), scattered(m, 300, 300, seed=2, role="site")
        times = travel_times(walking, here, there, within="10 min")
        assert times.shape == (n, m)
        assert len(times.columns) == 0


def test_a_table_that_would_not_fit_is_refused_with_the_size_it_needs():
    network = street_network(random_grid(12, 12, seed=5))
    here, there = scattered(400, 900, 900, seed=1), scattered(200, 900, 900, seed=2, role="site")
    for walking in (network, straight_lines()):
        with pytest.raises(TooLargeError) as refusal:
            travel_times(walking, here, there, within="30 min", memory=100_000)
        assert refusal.value.codes == ("too-many-pairs",)
        assert "GB" in str(refusal.value)


@pytest.mark.parametrize("streets", [True, False])
def test_the_limit_and_the_number_of_destinations_that_a_refusal_names_do_fit(streets):
    walking = street_network(random_grid(30, 30, seed=5)) if streets else straight_lines()
    here, there = scattered(400, 2400, 2400, seed=1), scattered(200, 2400, 2400, seed=2, role="site")
    memory = 1_200_000
    with pytest.raises(TooLargeError) as refusal:
        travel_times(walking, here, there, within="30 min", memory=memory)
    told = refusal.value.faults[0].mend.values
    assert 0 < told["limit"] < 30
    assert 0 < told["places"] < 200
    travel_times(walking, here, there, within=f"{told['limit']} min", memory=memory)
    with pytest.raises(TooLargeError):
        travel_times(walking, here, there, within=f"{told['limit'] + 2} min", memory=memory)
    few = there.take(np.arange(int(0.9 * told["places"])))
    travel_times(walking, here, few, within="30 min", memory=memory)


def test_where_nothing_fits_the_refusal_says_so():
    here, there = scattered(40, 900, 900, seed=1), scattered(20, 900, 900, seed=2, role="site")
    with pytest.raises(TooLargeError) as refusal:
        travel_times(straight_lines(), here, there, within="30 min", memory=1)
    assert "not even" in refusal.value.faults[0].mend


def test_a_network_that_would_not_fit_is_refused_before_it_is_built(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 140 * 100 + 60 * 144)
    assert len(street_network(random_grid(5, 5, seed=5)))
    with pytest.raises(TooLargeError) as refusal:
        street_network(random_grid(12, 12, seed=5))
    assert refusal.value.codes == ("too-many-ways",)
    assert "enough for 100" in refusal.value.faults[0].what


def test_a_table_that_outgrows_its_forecast_is_stopped():
    # Costs of 1 ds on edges of a kilometre: the forecast, made in metres, sees no pair; the search finds all.
    k = np.arange(60)
    network = StreetNetwork.from_edges(1000.0 * k, 0.0 * k, k[:-1], k[1:], np.ones(59, dtype=int))
    here = with_doors("a", [[(1000.0 * i, 0)] for i in k])
    there = with_doors("b", [[(1000.0 * i, 1)] for i in k])
    assert len(travel_times(network, here, there, within="1 min").columns) == 3600
    with pytest.raises(TooLargeError):
        travel_times(network, here, there, within="1 min", memory=60_000)


def test_memory_is_stated_before_the_work_and_enough():
    network = street_network(random_grid(12, 12, seed=5))
    here, there = scattered(400, 900, 900, seed=1), scattered(200, 900, 900, seed=2, role="site")
    times = travel_times(network, here, there, within="5 min")
    assert times.notes["bytes_stated"] >= 24 * len(times.columns)


def test_progress_rises_to_one():
    told = []
    network = street_network(random_grid(6, 6, seed=5))
    here, there = scattered(40, 400, 400, seed=1), scattered(20, 400, 400, seed=2, role="site")
    travel_times(network, here, there, within="5 min", progress=lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert {stage for stage, _ in told} == {"travel-times"}


@pytest.mark.parametrize("limit", ["0 min", "25 h"])
def test_a_limit_of_nothing_or_of_more_than_a_day_is_refused(limit):
    network = street_network(random_grid(3, 3, seed=1))
    here = scattered(2, 200, 200, seed=1)
    with pytest.raises(ProblemError) as refusal:
        travel_times(network, here, here, within=limit)
    assert refusal.value.codes == ("bad-limit",)


def test_straight_lines_are_marked_estimated_and_carry_their_circuity():
    here, there = with_doors("a", [[(0, 0)]]), with_doors("b", [[(800, 0)]])
    times = travel_times(straight_lines(circuity=1.5), here, there, within="15 min")
    assert times.deciseconds.tolist() == [9000]
    assert times.estimated
    assert times.notes["circuity"] == 1.5


@settings(max_examples=100, deadline=None)
@given(small_places("a"), small_places("b"), st.integers(1, 20_000), st.sampled_from([1.0, 1.3, 1.47]))
def test_straight_lines_are_those_of_brute_force(origins, destinations, limit, circuity):
    walking = straight_lines(circuity=circuity, walker="older person")
    times = travel_times(walking, origins, destinations, within=Duration(limit))
    expected = np.full(times.shape, -1, dtype=np.int64)
    for a, i in enumerate(origins.entrance_of):
        for b, j in enumerate(destinations.entrance_of):
            gap = np.hypot(
                origins.entrance_x[a] - destinations.entrance_x[b], origins.entrance_y[a] - destinations.entrance_y[b]
            )
            walk = int(np.floor(gap * (10 * circuity / (3.2 / 3.6)) + 0.5))
            if walk <= limit and (expected[i, j] < 0 or walk < expected[i, j]):
                expected[i, j] = walk
    assert (dense(times) == expected).all()


def test_straight_lines_over_many_chunks_are_those_of_brute_force():
    here, there = scattered(5000, 5000, 5000, seed=1), scattered(30, 5000, 5000, seed=2, role="site")
    times = travel_times(straight_lines(), here, there, within=Minutes(15))
    gap = np.hypot(here.x[:, None] - there.x, here.y[:, None] - there.y)
    walk = np.floor(gap * (13 / (4.8 / 3.6)) + 0.5)
    assert (dense(times) == np.where(walk <= 9000, walk, -1)).all()


def test_the_way_round_a_loop_is_taken_where_it_is_shorter():
    # Along the loop the two doors are 1,340 m apart, through its junction 160 m.
    streets = streets_of([0, 400], [0, 0], [0, 0], [1, 0], bends=[[], [(0, 300), (-300, 300), (-300, 0)]])
    network = street_network(streets)
    assert len(network.chains) == 2
    here, there = with_doors("a", [[(0, 80)]]), with_doors("b", [[(-80, 0)]])
    assert travel_times(network, here, there, within="30 min").deciseconds.tolist() == [1200]
