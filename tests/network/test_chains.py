"""Chains joined into links change no distance."""

import numpy as np
from hypothesis import given, settings
from scipy import sparse
from scipy.sparse import csgraph

from tests.network.grids import random_grid, small_streets, streets_of
from utopias.network.chains import Links, weigh
from utopias.network.effort import edge_costs
from utopias.network.shape import find_shape


def graph_of(streets):
    costs = edge_costs(streets)
    row = np.flatnonzero(costs.walkable)
    tail, head = streets.tail[row], streets.head[row]
    onward, back = costs.onward[row], costs.back[row]
    return weigh(find_shape(len(streets.x), tail, head), onward, back, row=row), (tail, head, onward, back)


def all_distances(count, tail, head, onward, back):
    """Floyd and Warshall by hand: parallel edges, loops and costs of 0 need no care."""
    far = np.full((count, count), np.inf)
    far[np.arange(count), np.arange(count)] = 0
    np.minimum.at(far, (tail, head), onward.astype(float))
    np.minimum.at(far, (head, tail), back.astype(float))
    for k in range(count):
        far = np.minimum(far, far[:, k : k + 1] + far[k : k + 1])
    return far


def links_as_edges(links: Links):
    return np.repeat(np.arange(len(links)), np.diff(links.starts)), links.heads, links.costs


@settings(max_examples=250, deadline=None)
@given(small_streets())
def test_collapse_changes_no_distance_between_junctions(streets):
    graph, edges = graph_of(streets)
    before = all_distances(len(streets.x), *edges)[np.ix_(graph.shape.nodes, graph.shape.nodes)]
    for links, turned in ((graph.forward, False), (graph.reverse, True)):
        start, end, cost = links_as_edges(links)
        after = all_distances(len(links), start, end, cost, np.full(len(cost), np.inf))
        assert (after == (before.T if turned else before)).all()


def test_collapse_changes_no_distance_on_a_grid_with_dead_ends():
    streets = random_grid(25, 25, seed=9, dropped=0.4)
    graph, (tail, head, onward, back) = graph_of(streets)
    assert len(graph.shape.nodes) < 0.8 * len(streets.x)
    n = len(streets.x)
    whole = sparse.csr_array(
        (np.concatenate([onward, back]), (np.concatenate([tail, head]), np.concatenate([head, tail]))), shape=(n, n)
    )
    some = np.arange(0, len(graph.shape.nodes), 10)
    before = csgraph.dijkstra(whole, indices=graph.shape.nodes[some])[:, graph.shape.nodes]
    links = graph.forward
    small = sparse.csr_array((links.costs, links.heads, links.starts), shape=(len(links), len(links)))
    assert (csgraph.dijkstra(small, indices=some) == before).all()


@settings(max_examples=100, deadline=None)
@given(small_streets())
def test_every_edge_lies_on_one_chain_at_its_exact_place(streets):
    graph, (_, _, onward, back) = graph_of(streets)
    edges, chains = graph.edges, graph.chains
    at_tail = edges.along(np.arange(len(edges)), np.zeros(len(edges)))
    at_head = edges.along(np.arange(len(edges)), np.ones(len(edges)))
    sign = np.where(edges.flipped, -1, 1)
    there, here = at_head[0] - at_tail[0], at_head[1] - at_tail[1]
    assert (np.where(edges.flipped, -there, there) == np.where(edges.flipped, back, onward)).all()
    assert (sign * here == np.where(edges.flipped, onward, back)).all()
    for chain in range(len(chains)):
        mine = edges.chain == chain
        ends = np.concatenate([at_tail[0][mine], at_head[0][mine]])
        assert (ends.min(), ends.max()) == (0, chains.onward[chain])


def test_a_street_of_ten_pieces_is_one_chain_between_its_two_ends():
    k = np.arange(11)
    graph, _ = graph_of(streets_of(80.0 * k, 0.0 * k, k[:-1], k[1:]))
    assert graph.shape.nodes.tolist() == [0, 10]
    assert graph.chains.onward.tolist() == [6000]
    assert graph.edges.before_onward.tolist() == [600 * i for i in range(10)]


def test_a_ring_without_a_junction_keeps_one_node():
    graph, _ = graph_of(streets_of([0, 80, 80], [0, 0, 80], [0, 1, 2], [1, 2, 0]))
    assert graph.shape.nodes.tolist() == [0]
    assert graph.chains.tail.tolist() == graph.chains.head.tolist() == [0]
    assert len(graph.forward.heads) == 0, "a loop is no way to anywhere else"


def test_nodes_without_an_edge_are_left_out():
    graph, _ = graph_of(streets_of([0, 5, 80], [0, 5, 0], [0], [2]))
    assert graph.shape.nodes.tolist() == [0, 2]


def test_of_parallel_ways_the_cheaper_is_the_link_in_each_direction():
    shape = find_shape(4, np.array([0, 0, 0, 1], dtype=np.int32), np.array([1, 1, 2, 3], dtype=np.int32))
    onward, back = np.array([50, 70, 1, 1], dtype=np.int32), np.array([90, 60, 1, 1], dtype=np.int32)
    graph = weigh(shape, onward, back, row=np.arange(4))
    start, end, cost = links_as_edges(graph.forward)
    costs = {(int(a), int(b)): int(c) for a, b, c in zip(start, end, cost, strict=True)}
    assert (costs[0, 1], costs[1, 0]) == (50, 60)


def test_components_are_numbered_by_their_edges_largest_first():
    graph, _ = graph_of(streets_of([0, 80, 500, 580, 660, 740], [0, 0, 0, 0, 0, 80], [0, 2, 3, 3], [1, 3, 4, 5]))
    assert graph.chains.component[graph.edges.chain].tolist() == [1, 0, 0, 0]
    assert graph.shape.component_share.tolist() == [0.75, 0.25]
