"""Sums, rows and the nearest: the same for any graph as by Floyd and Warshall, and the laws that hold without a witness."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph

from tests.network.any_graphs import LIMITS, any_graphs, big_graph, limits
from utopias.network import every_node
from utopias.network.barriers import NO_BARRIER
from utopias.network.chains import BLOCKED, Cuts
from utopias.network.street_network import StreetNetwork
from utopias.scale import Runner


def table_of(network, count, limit, **options):
    """(n, n) costs from the rows of all nodes; infinite where there is no entry, and each entry only once."""
    rows = network.rows(np.arange(count), limit, **options)
    far = np.full((count, count), np.inf)
    source = np.repeat(np.arange(count), np.diff(rows.starts))
    assert len(np.unique(source * count + rows.nodes)) == len(rows.nodes)
    far[source, rows.nodes] = rows.cost
    return far


def nearest_by_hand(far, nodes, k, limit):
    """(n, k) costs and positions, of which -1 is none: sorted by cost, then by position."""
    to = np.where(far[:, nodes] <= limit, far[:, nodes], np.inf)
    first = np.argsort(to, axis=1, kind="stable")[:, :k]
    cost = np.take_along_axis(to, first, axis=1)
    return np.where(np.isfinite(cost), cost, -1), np.where(np.isfinite(cost), first, -1)


cheaper = every_node._all_is_cheaper  # as it is, for the test that asks it


@pytest.fixture(autouse=True)
def the_nodes_asked_alone(monkeypatch):
    """On graphs as small as these, sums around a few nodes would be taken from those around all: only where it says so."""
    monkeypatch.setattr(every_node, "_all_is_cheaper", lambda *_: False)


def assert_all_as(network, far, limit, nodes, k, values):
    """Sums, rows and the nearest of a network are those of a table of distances."""
    within = far <= limit
    count = len(far)
    assert (table_of(network, count, limit) == np.where(within, far, np.inf)).all()
    assert (network.sums(values, limit) == within @ values).all()
    assert (network.sums(values, limit, nodes) == (within @ values)[nodes]).all()
    found = network.nearest(nodes, k, limit)
    cost, which = nearest_by_hand(far, nodes, k, limit)
    assert (found.cost == cost).all()
    assert (found.which == which).all()


@settings(max_examples=400, deadline=None)
@given(any_graphs(), limits(), st.data())
def test_any_graph_is_searched_as_by_hand(graph, limit, data):
    n = len(graph)
    nodes = np.array(data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=6)))
    k = data.draw(st.integers(1, len(nodes)))
    scale = data.draw(st.sampled_from([1, 0.25]))  # quarters add up exactly in any order, and are no integers
    values = np.array(data.draw(st.lists(st.integers(-9, 9), min_size=n, max_size=n))) * scale
    assert_all_as(graph.network(), graph.distances(), limit, nodes, k, values)


@settings(max_examples=100, deadline=None)
@given(any_graphs(), limits(), st.data())
def test_weighed_again_is_as_made_anew(graph, limit, data):
    network = graph.network()
    edges = np.array(data.draw(st.lists(st.integers(0, len(graph.tail) - 1), min_size=1, unique=True)))
    costs = st.lists(st.sampled_from([0, 3, 11, 500, BLOCKED]), min_size=len(edges), max_size=len(edges))
    onward, back = graph.onward.copy(), graph.back.copy()
    onward[edges], back[edges] = data.draw(costs), data.draw(costs)
    other = network.reweigh(edges, onward[edges], back[edges])
    anew = replace(graph, onward=onward, back=back)
    nodes = np.arange(len(graph))
    assert_all_as(other, anew.distances(), limit, nodes, min(3, len(nodes)), np.arange(len(graph)))
    rows, rebuilt = other.rows(nodes, limit), anew.network().rows(nodes, limit)
    assert all((getattr(rows, name) == getattr(rebuilt, name)).all() for name in ("starts", "nodes", "cost"))
    assert_all_as(network, graph.distances(), limit, nodes, 1, np.arange(len(graph)))  # the old one is as it was


@settings(max_examples=100, deadline=None)
@given(any_graphs(), limits(), st.data())
def test_an_edge_that_is_cut_is_no_way_and_both_its_ends_are_as_before(graph, limit, data):
    cut = np.array(sorted(data.draw(st.sets(st.integers(0, len(graph.tail) - 1), min_size=1, max_size=3))))
    network = graph.network()
    edges = network.edges
    walled = network._weighed(edges.onward, edges.back, Cuts(cut, np.full(len(cut), 0.5)), NO_BARRIER)
    kept = np.setdiff1d(np.arange(len(graph.tail)), cut)
    without = replace(
        graph, tail=graph.tail[kept], head=graph.head[kept], onward=graph.onward[kept], back=graph.back[kept]
    )
    assert_all_as(walled, without.distances(), limit, np.arange(len(graph)), 1, np.arange(len(graph)) + 0.5)
    if len(kept):
        assert_all_as(without.network(), without.distances(), limit, np.arange(len(graph)), 1, np.arange(len(graph)))


@settings(max_examples=100, deadline=None)
@given(any_graphs(), limits(), st.data())
def test_edges_in_pieces_change_no_distance(graph, limit, data):
    pieces = np.array(data.draw(st.lists(st.integers(1, 3), min_size=len(graph.tail), max_size=len(graph.tail))))
    tail, head, onward, back, more = [], [], [], [], len(graph)
    for k, cut in enumerate(pieces):
        stops = [graph.tail[k], *range(more, more + cut - 1), graph.head[k]]
        more += cut - 1
        tail += stops[:-1]
        head += stops[1:]
        for costs, whole in ((onward, graph.onward[k]), (back, graph.back[k])):
            costs += (
                [whole] + [0] * (cut - 1) if whole >= BLOCKED else np.diff(np.arange(cut + 1) * whole // cut).tolist()
            )
    x, y = np.zeros(more), np.arange(more)
    network = StreetNetwork.from_edges(x, y, np.array(tail), np.array(head), np.array(onward), np.array(back))
    far = table_of(network, more, limit)[: len(graph), : len(graph)]
    assert (far == table_of(graph.network(), len(graph), limit)).all()


@settings(max_examples=80, deadline=None)
@given(any_graphs(symmetric=True), limits())
def test_ways_are_as_long_back_where_all_edges_are(graph, limit):
    far = table_of(graph.network(), len(graph), limit)
    assert (far == far.T).all()


@settings(max_examples=80, deadline=None)
@given(any_graphs())
def test_no_detour_is_shorter(graph):
    far = table_of(graph.network(), len(graph), BLOCKED - 1)
    assert (np.diag(far) == 0).all()
    over = far[:, :, None] + far[None, :, :]
    assert (far[:, None, :] <= np.where(over < BLOCKED, over, np.inf)).all()


@settings(max_examples=80, deadline=None)
@given(any_graphs(), limits(), limits())
def test_a_longer_limit_never_reaches_less(graph, one, other):
    short, long = sorted((one, other))
    network, values = graph.network(), np.arange(len(graph))
    assert (network.sums(values, short) <= network.sums(values, long)).all()
    near, far = (table_of(network, len(graph), limit) for limit in (short, long))
    assert (near[np.isfinite(near)] == far[np.isfinite(near)]).all()
    assert (far[~np.isfinite(near)] > short).all()
    nodes = np.arange(len(graph))
    less, more = (network.nearest(nodes, len(nodes), limit) for limit in (short, long))
    assert ((less.cost == more.cost) | (less.cost == -1)).all()
    assert ((less.which == more.which) | (less.which == -1)).all()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limit", [0, 700, 4000, 32767, 32768, 10**6])
def test_waves_single_searches_and_scipy_agree(seed, limit):
    graph = big_graph(seed, longest=900 if limit < 10000 else 9000)
    n = len(graph)
    ends = (np.concatenate([graph.tail, graph.head]), np.concatenate([graph.head, graph.tail]))
    cost = np.concatenate([graph.onward, graph.back])
    cheapest = np.lexsort((cost, *ends))  # scipy adds parallel edges up
    first = np.unique(np.stack(ends)[:, cheapest], axis=1, return_index=True)[1]
    kept = cheapest[first]
    matrix = sparse.csr_array((cost[kept], (ends[0][kept], ends[1][kept])), shape=(n, n))
    far = csgraph.dijkstra(matrix)
    assert (far == graph.distances()).all()
    network, rng = graph.network(), np.random.default_rng(seed)
    nodes = rng.integers(0, n, 40)
    assert_all_as(network, far, limit, nodes, 5, rng.integers(0, 1000, n))
    assert_all_as(network, far, limit, nodes, 40, rng.integers(0, 1000, n) / 4)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("limit", [0, 900, 32767, 32768])
def test_it_does_not_matter_who_walks_together(together, limit, monkeypatch):
    graph = big_graph(11)
    network, n = graph.network(), len(graph)
    rng = np.random.default_rng(3)
    nodes, values = rng.integers(0, n, 150), rng.integers(-50, 50, n)
    monkeypatch.setattr(every_node, "waves", lambda at: np.full(-(-len(at) // every_node.WAVE), together))
    expected = (graph.distances() <= limit) @ values
    assert (network.sums(values, limit, nodes) == expected[nodes]).all()
    assert (network.sums(values / 4, limit, nodes) == expected[nodes] / 4).all()


def test_sums_around_very_many_nodes_are_those_around_all():
    from_scattered = every_node.ALONE
    assert not cheaper(np.arange(0, 100_000, 1000), 100_000)
    assert cheaper(np.arange(0, 100_000, from_scattered // 2), 100_000)
    assert not cheaper(np.arange(2_000), 100_000), "neighbours are no dearer for being some of many"
    assert not cheaper(np.zeros(0, dtype=np.int64), 5)


@pytest.mark.parametrize("shortcut", [False, True])
def test_it_does_not_matter_whether_all_are_asked(shortcut, monkeypatch):
    graph = big_graph(13)
    network, n = graph.network(), len(graph)
    rng = np.random.default_rng(4)
    nodes, values = rng.integers(0, n, 90), rng.integers(-50, 50, n)
    monkeypatch.setattr(every_node, "_all_is_cheaper", lambda *_: shortcut)
    assert (network.sums(values, 900, nodes) == ((graph.distances() <= 900) @ values)[nodes]).all()


def test_neighbours_walk_together_and_scattered_sources_alone():
    assert every_node.waves(np.arange(128)).tolist() == [True, True]
    assert every_node.waves(1000 * np.arange(64)).tolist() == [False]
    assert every_node.waves(np.concatenate([np.arange(64), 10**6 * np.arange(1, 65)])).tolist() == [True, False]
    assert every_node.waves(np.arange(5)).tolist() == [False]
    assert every_node.waves(np.zeros(0, dtype=np.int64)).tolist() == []


def test_two_workers_find_what_one_finds_in_the_same_order():
    graph = big_graph(5, side=30)
    network, n = graph.network(), len(graph)
    rng = np.random.default_rng(1)
    sources, values = rng.integers(0, n, 300), rng.random(n)
    for limit in (1500, 40000):
        one, two = (network.rows(sources, limit, runner=Runner(workers)) for workers in (1, 2))
        assert all((getattr(one, name) == getattr(two, name)).all() for name in ("starts", "nodes", "cost"))
        one, two = (network.nearest(sources, 7, limit, runner=Runner(workers)) for workers in (1, 3))
        assert (one.cost == two.cost).all()
        assert (one.which == two.which).all()
        for nodes in (None, sources):
            assert (network.sums(values, limit, nodes) == network.sums(values, limit, nodes, runner=Runner(2))).all()


def test_a_street_of_five_nodes_counted_by_hand():
    #  0 --3-- 1 --4-- 2 --5-- 3 --6-- 4, and one unit more to the other side
    k = np.arange(4)
    network = StreetNetwork.from_edges(80.0 * np.arange(5), np.zeros(5), k, k + 1, 3 + k, 4 + k)
    rows = network.rows([2, 0, 2], 9)
    assert [sorted(zip(*map(np.ndarray.tolist, rows.row(r)), strict=True)) for r in range(3)] == [
        [(0, 9), (1, 5), (2, 0), (3, 5)],
        [(0, 0), (1, 3), (2, 7)],
        [(0, 9), (1, 5), (2, 0), (3, 5)],
    ]
    assert network.sums([1, 10, 100, 1000, 10000], 9).tolist() == [111, 1111, 1111, 11110 - 10 - 0, 11000]
    found = network.nearest([3, 1, 1], 3, 9)
    assert found.which.tolist() == [[1, 2, -1], [1, 2, 0], [0, 1, 2], [0, -1, -1], [0, -1, -1]]
    assert found.cost.tolist() == [[3, 3, -1], [0, 0, 9], [5, 5, 5], [0, -1, -1], [7, -1, -1]]


def test_two_at_one_place_are_two_and_the_first_named_is_nearer():
    network = StreetNetwork.from_edges([0, 80, 160], [0, 0, 0], [0, 1], [1, 2], [0, 0])
    found = network.nearest([2, 0, 2, 1], 4)
    assert found.which.tolist() == [[0, 1, 2, 3]] * 3
    assert (found.cost == 0).all()
    assert network.nearest([2, 2], 1).which.tolist() == [[0]] * 3


def test_a_node_without_an_edge_reaches_itself():
    network = StreetNetwork.from_edges([0, 80, 500], [0, 0, 0], [0], [1], [600])
    assert network.sums([1, 2, 4], BLOCKED - 1).tolist() == [3, 3, 4]
    assert network.sums([1, 2, 4], BLOCKED - 1, [2, 0, 2]).tolist() == [4, 3, 4]
    assert [network.rows([2, 2], 10**6).row(r)[0].tolist() for r in (0, 1)] == [[2], [2]]
    found = network.nearest([2, 0, 2], 2)
    assert found.which.tolist() == [[1, -1], [1, -1], [0, 2]]
    assert found.cost.tolist() == [[0, -1], [600, -1], [0, 0]]


def test_one_node_with_a_loop_is_a_network():
    network = StreetNetwork.from_edges([0], [0], [0], [0], [5])
    assert network.sums([7.5], 0).tolist() == [7.5]
    assert network.rows([0], 9).cost.tolist() == [0]
    assert network.nearest([0]).which.tolist() == [[0]]


def test_what_lies_exactly_at_the_limit_is_within_on_both_sides_of_the_labels():
    for cost in (2**15 - 1, 2**15, 2**15 + 1):
        # An island beside it: what walks there never comes here, however its label is added to.
        ends = [0, 1, 1, 4], [1, 2, 3, 5]
        network = StreetNetwork.from_edges([0, 1, 2, 3, 4, 5], [0] * 6, *ends, [cost, 1, 1, 1])
        for limit in (cost - 1, cost, cost + 1):
            over, one_more = int(limit >= cost), int(limit >= cost + 1)
            expected = [1 + over + 2 * one_more, 3 + over, 3 + one_more, 3 + one_more, 2, 2]
            assert network.sums(np.ones(6), limit).tolist() == expected
            assert network.sums(np.ones(6), limit, [0, 2]).tolist() == [expected[0], expected[2]]
            assert np.diff(network.rows(np.arange(6), limit).starts).tolist() == expected


@pytest.mark.parametrize("limit", LIMITS)
def test_a_blocked_way_is_within_no_limit(limit):
    network = StreetNetwork.from_edges([0, 1, 2], [0] * 3, [0, 1], [1, 2], [BLOCKED, BLOCKED], [BLOCKED, 0])
    assert network.sums([1, 1, 1], limit).tolist() == [1, 1, 2]
    assert network.rows([0, 1, 2], limit).nodes.tolist() == [0, 1, *network.rows([2], limit).nodes.tolist()]
    assert network.nearest([0], 1, limit).cost.tolist() == [[0], [-1], [-1]]


def test_a_limit_may_be_a_time():
    network = StreetNetwork.from_edges([0, 80], [0, 0], [0], [1], [600])
    assert network.sums([1, 1], "1 min").tolist() == network.sums([1, 1], 600).tolist() == [2, 2]
    assert network.rows([0], "59.9 s").nodes.tolist() == [0]
    assert network.nearest([1], 1, "1 min").cost.tolist() == [[600], [0]]


def test_nobody_asked_for_gives_no_rows_and_no_sums():
    network = StreetNetwork.from_edges([0, 80], [0, 0], [0], [1], [600])
    assert [len(part) for part in network.rows([], 5)] == [1, 0, 0]
    assert network.sums([1, 1], 5, []).tolist() == []


def test_a_long_line_with_a_house_at_every_node_does_not_take_for_ever():
    n = 30_000
    k = np.arange(n - 1)
    network = StreetNetwork.from_edges(np.arange(n), np.zeros(n), k, k + 1, np.ones(n - 1, dtype=int))
    found = network.nearest(np.arange(n), 3)
    assert found.cost[1:-1].tolist() == [[0, 1, 1]] * (n - 2)
    assert found.which[1:-1, 1].tolist() == list(range(n - 2))
