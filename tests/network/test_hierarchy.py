"""The hierarchy and its tables: the same distances as any search, whatever the order it was made in."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph

from tests.network.grids import random_grid, scattered
from tests.shared_data import shared_data
from tests.toy import toy_town
from utopias.access.on_foot import travel_times
from utopias.domain.errors import ProblemError, TableError
from utopias.network import hierarchy as hierarchies
from utopias.network import tables
from utopias.network.attach import attach
from utopias.network.barriers import Barrier
from utopias.network.chains import BLOCKED, Links
from utopias.network.hierarchy import hierarchy_of, weights_of
from utopias.network.street_network import StreetNetwork, street_network
from utopias.network.tables import Spots, table, table_bytes
from utopias.scale import Runner

LARGE = 2**29  # three of them are closed, two are not


def made(network):
    hierarchy = hierarchy_of(network.x, network.y, network.forward)
    return hierarchy, weights_of(hierarchy, network.forward)


def all_pairs(count, tail, head, onward, back):
    """Floyd and Warshall in Python's own integers, without any of the program's arrays."""
    far = [[0 if a == b else None for b in range(count)] for a in range(count)]
    for a, b, there, home in zip(tail, head, onward, back, strict=True):
        for start, end, cost in ((a, b, there), (b, a, home)):
            if far[start][end] is None or cost < far[start][end]:
                far[start][end] = cost
    for k in range(count):
        for a in range(count):
            for b in range(count):
                if far[a][k] is not None and far[k][b] is not None:
                    cost = far[a][k] + far[k][b]
                    if far[a][b] is None or cost < far[a][b]:
                        far[a][b] = cost
    return [[-1 if cost is None or cost >= BLOCKED - 1 else cost for cost in row] for row in far]


@st.composite
def edges(draw):
    """2 to 12 nodes, 1 to 22 edges with two costs: loops, doubles, zeros, one-way and closed streets, islands."""
    count = draw(st.integers(2, 12))
    ends = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(ends, ends), min_size=1, max_size=22))
    cost = st.sampled_from([0, 0, 1, 2, 3, 7, 20, 300, LARGE, BLOCKED])
    both = draw(st.lists(st.tuples(cost, cost), min_size=len(pairs), max_size=len(pairs)))
    points = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=count, max_size=count))
    x, y = np.array(points, dtype=float).T
    tail, head = np.array(pairs).T
    onward, back = np.array(both).T
    return x, y, tail, head, onward, back


def network_or_none(drawn):
    try:
        return StreetNetwork.from_edges(*drawn)
    except TableError:  # a run of streets too long to be walked, which has a test of its own
        return None


@settings(max_examples=300, suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(edges())
def test_every_node_is_as_far_from_every_other_as_over_the_edges(drawn):
    network = network_or_none(drawn)
    if network is None:
        return
    nodes = np.arange(len(drawn[0]))
    assert network.table(nodes, nodes).tolist() == all_pairs(len(nodes), *(a.tolist() for a in drawn[2:]))


@settings(max_examples=150, deadline=None)
@given(edges(), st.data())
def test_weighing_again_after_a_change_is_weighing_anew(drawn, data):
    network = network_or_none(drawn)
    if network is None:
        return
    hierarchy, before = made(network)
    links = network.forward
    costs = links.costs.copy()
    for k in data.draw(st.lists(st.integers(0, max(len(costs) - 1, 0)), max_size=3)) if len(costs) else []:
        costs[k] = data.draw(st.sampled_from([0, 1, 5, 400, BLOCKED]))
    changed = Links(links.starts, links.heads, costs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hierarchies, "WORTH_ALL", 2.0)  # also where nearly everything is touched
        again = weights_of(hierarchy, changed, before=before)
    anew = weights_of(hierarchy, changed)
    assert again.up.tolist() == anew.up.tolist()
    assert again.down.tolist() == anew.down.tolist()


def test_weighing_again_on_a_grid_touches_few_and_is_the_same():
    network = street_network(random_grid(30, 30, seed=3, dropped=0.1))
    hierarchy, before = made(network)
    costs = network.forward.costs.copy()
    costs[100:104] = BLOCKED
    changed = Links(network.forward.starts, network.forward.heads, costs)
    again, anew = weights_of(hierarchy, changed, before=before), weights_of(hierarchy, changed)
    assert (again.up == anew.up).all()
    assert (again.down == anew.down).all()
    assert (again.up != before.up).any()
    assert weights_of(hierarchy, changed, before=again) is again


def test_a_street_open_one_way_is_walked_around_the_other_way():
    #  0 --10--> 1     and back only over 2: 20 + 30
    network = StreetNetwork.from_edges([0, 10, 5], [0, 0, 9], [0, 1, 2], [1, 2, 0], [10, 20, 30], [BLOCKED, 21, 31])
    assert network.table([0, 1, 2], [0, 1, 2]).tolist() == [[0, 10, 30], [50, 0, 20], [30, 21, 0]]


def test_a_node_without_a_street_reaches_only_itself():
    network = StreetNetwork.from_edges([0, 10, 5], [0, 0, 9], [0], [2], [10])
    assert network.table([1, 0], [2, 1, 0]).tolist() == [[-1, 0, -1], [10, -1, 0]]


def test_a_street_closed_by_reweighing_is_closed_in_the_table():
    drawn = ([0, 10, 20, 10], [0, 0, 0, 10], [0, 1, 0, 3], [1, 2, 3, 2], [10, 10, 30, 30])
    network = StreetNetwork.from_edges(*drawn)
    assert network.table([0, 3], [2]).tolist() == [[20], [30]]
    closed = network.reweigh([1], [BLOCKED])
    assert closed.hierarchy is network.hierarchy
    assert closed.table([0, 3, 1], [2]).tolist() == [[60], [30], [70]]
    again = closed.reweigh([0, 1], [5, 5])
    assert again.table([0, 3, 1], [2]).tolist() == [[10], [30], [5]]
    assert network.table([0, 3], [2]).tolist() == [[20], [30]], "the first network is as it was"


def test_the_table_of_a_grid_is_scipys_with_slopes_dead_ends_and_islands():
    network = street_network(random_grid(40, 40, seed=5, dropped=0.35))
    assert len(network.component_share) > 5
    some = np.arange(0, len(network), 7)
    ours = table(*made(network), network.chains, Spots.at(some), Spots.at(some[::-1]))
    links = network.forward
    matrix = sparse.csr_array((links.costs.astype(float), links.heads, links.starts), shape=(len(links),) * 2)
    theirs = csgraph.dijkstra(matrix, indices=some)[:, some[::-1]]
    assert (ours == np.where(np.isinf(theirs), -1, theirs)).all()
    assert (ours != ours[::-1, ::-1].T).any(), "uphill is not downhill"


def test_doors_anywhere_on_the_streets_are_as_far_as_the_bounded_search_says():
    network = street_network(random_grid(9, 9, seed=6, dropped=0.3))
    blocks = scattered(150, 700, 700, seed=1)
    sites = scattered(90, 700, 700, seed=2, role="site")
    here, there = attach(network, blocks), attach(network, sites)
    assert (here.lost, there.lost) == (0, 0)
    spots = [Spots.along(a.chain, a.ahead, a.behind, a.snap) for a in (here, there)]
    ours = table(*made(network), network.chains, *spots)
    times = travel_times(network, blocks, sites, within="23 h")
    theirs = np.full(ours.shape, -1)
    theirs[times.rows, times.columns] = times.deciseconds
    assert (ours == theirs).all()
    shared = np.isin(here.chain, there.chain)
    assert shared.any(), "some pair must lie on one chain"


def test_doors_of_one_street_cut_between_them_walk_around():
    streets = random_grid(6, 6, seed=1, dropped=0.0)
    network = street_network(streets)
    e = int(network.edges.row[10])
    x, y = streets.x[[streets.tail[e], streets.head[e]]], streets.y[[streets.tail[e], streets.head[e]]]
    chain, ahead, behind = (
        network.edges.chain[[10, 10]], *network.edges.along(np.array([10, 10]), np.array([0.25, 0.75]))
    )  # fmt: skip
    straight = table(*made(network), network.chains, *[Spots.along(chain, ahead, behind)] * 2)
    assert straight[0, 1] == max(ahead[1] - ahead[0], behind[0] - behind[1])
    middle, across = np.array([x.mean(), y.mean()]), np.array([-(y[1] - y[0]), x[1] - x[0]]) / 50
    walled = network.behind(Barrier.of([middle - across, middle + across]))
    ahead, behind = walled.edges.along(np.array([10, 10]), np.array([0.25, 0.75]))
    around = table(*made(walled), walled.chains, *[Spots.along(chain, ahead, behind)] * 2)
    assert around[0, 1] > straight[0, 1]
    assert around[0, 0] == around[1, 1] == 0


def test_tiles_and_threads_change_nothing(monkeypatch):
    network = street_network(random_grid(20, 20, seed=8, dropped=0.2))
    nodes = np.random.default_rng(0).choice(400, 60)
    whole = network.table(nodes, nodes[:41])
    monkeypatch.setattr(tables, "TILE", 7)
    assert (network.table(nodes, nodes[:41]) == whole).all()
    assert (network.table(nodes, nodes[:41], runner=Runner(2)) == whole).all()


def test_tables_of_nothing_are_empty():
    network = street_network(random_grid(4, 4, seed=8))
    assert network.table([], [1, 2]).shape == (0, 2)
    assert network.table([1, 2], []).shape == (2, 0)


def test_the_toy_town_has_one_street():
    network = street_network(toy_town())
    nodes = np.arange(len(network.order))
    found = network.table(nodes, nodes)
    assert (found == found.T).all()
    assert found.max() == network.chains.onward.sum()


def test_an_order_by_separators_is_shallow_and_adds_few_arcs():
    network = street_network(random_grid(60, 60, seed=4))
    hierarchy = hierarchy_of(network.x, network.y, network.forward)
    assert sorted(hierarchy.rank.tolist()) == list(range(len(network)))
    assert hierarchy.deepest < 6 * 60, "as many rows as the grid has sides: separators were found"
    assert len(hierarchy.heads) < 12 * len(network)
    assert (hierarchy.parent > np.arange(len(network)))[hierarchy.parent >= 0].all()


def test_the_order_does_not_depend_on_costs():
    network = street_network(random_grid(12, 12, seed=4))
    links = network.forward
    other = Links(links.starts, links.heads, np.arange(len(links.costs), dtype=np.int32))
    one, two = (hierarchy_of(network.x, network.y, some) for some in (links, other))
    assert (one.rank == two.rank).all()
    assert (one.heads == two.heads).all()


def test_costs_of_other_streets_are_refused():
    network, other = (street_network(random_grid(side, 5, seed=4)) for side in (5, 6))
    with pytest.raises(ProblemError) as refusal:
        weights_of(hierarchy_of(network.x, network.y, network.forward), other.forward)
    assert refusal.value.codes == ("other-streets",)


def test_places_that_are_not_of_the_network_are_refused():
    network = street_network(random_grid(5, 5, seed=4))
    asked = (([0, 25], "spot-nowhere"), ([-1], "spot-nowhere"), ([0.5], "not-whole"), ([[1, 2]], "misaligned"))
    for nodes, code in asked:
        with pytest.raises(ProblemError) as refusal:
            network.table(nodes, [-2])
        assert refusal.value.codes == (code, "spot-nowhere"), "sources and targets, both at once"
    wrong = Spots.along([len(network.chains)], [0], [0])
    with pytest.raises(ProblemError) as refusal:
        table(*made(network), network.chains, wrong, Spots.at([len(network)]))
    assert refusal.value.codes == ("spot-nowhere",)


def test_the_memory_stated_holds_what_is_made():
    network = street_network(random_grid(30, 30, seed=4))
    hierarchy, weights = made(network)
    nodes = np.arange(700)
    spots = Spots.of_nodes(network.graph, network.number, nodes)
    ends = tables._Ends.of(hierarchy, network.chains, spots, leaving=True)
    climbed = sum(array.nbytes for array in ends.climb(hierarchy, weights.up))
    stated = table_bytes(hierarchy, 700, 700)
    assert stated >= 2 * 4 * 700 * 700 + 2 * climbed
    assert stated < 3 * (2 * 4 * 700 * 700 + 2 * climbed)


VECTORIZED = """
import platform, re, sys
from numba import njit
from utopias.compiled.types import to_numba
from utopias.network.{room} import {kernel}
if platform.machine() not in ("x86_64", "AMD64"):
    print("skip"); sys.exit()
fresh = njit(to_numba({kernel}.signature), nogil=True)({kernel}.py_func)
print(len(re.findall(r"vpminsd.*%[yz]mm", fresh.inspect_asm(fresh.signatures[0]))))
"""


@pytest.mark.parametrize(
    ("room", "kernel"), [("table_kernels", "meet"), ("table_kernels", "climb"), ("hierarchy_kernels", "weigh")]
)
def test_the_wide_loops_take_eight_or_more_costs_an_instruction(room, kernel):
    """A changed integer type costs four times the seconds, and nobody would see it."""
    flags = Path("/proc/cpuinfo").read_text() if sys.platform == "linux" else ""
    if "avx2" not in flags:
        pytest.skip("this processor has no AVX2, or does not say so")
    made = subprocess.run(
        [sys.executable, "-c", VECTORIZED.format(room=room, kernel=kernel)], capture_output=True, text=True, check=True
    )
    if made.stdout.strip() == "skip":
        pytest.skip("another instruction set")
    assert int(made.stdout) >= 1


@pytest.mark.real_data
def test_sao_paulos_table_is_scipys():
    from pyproj import CRS

    from utopias.territory.ledger import Ledger
    from utopias.territory.osm import read_osm

    streets = read_osm(shared_data("sao_paulo", "spo_osm.pbf"), CRS("EPSG:31983"), Ledger()).streets
    network = street_network(streets)
    n = len(streets.x)
    chosen = np.random.default_rng(1).choice(n, 300, replace=False)
    ours = network.table(chosen[:150], chosen[150:])
    row = network.edges.row
    far = sparse.coo_array(
        (
            np.concatenate([network.edges.onward, network.edges.back]).astype(float),
            (
                np.concatenate([streets.tail[row], streets.head[row]]),
                np.concatenate([streets.head[row], streets.tail[row]]),
            ),
        ),
        shape=(n, n),
    )
    order = np.lexsort((far.data, far.col, far.row))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(far.row[order]) != 0) | (np.diff(far.col[order]) != 0)
    keep = order[first]  # scipy would add parallel streets up
    least = sparse.csr_array((far.data[keep], (far.row[keep], far.col[keep])), shape=(n, n))
    theirs = csgraph.dijkstra(least, indices=chosen[:150])[:, chosen[150:]]
    assert (ours == np.where(np.isinf(theirs), -1, theirs)).all()
    assert (ours < 0).any()
