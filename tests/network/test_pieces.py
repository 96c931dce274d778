"""Connected pieces against scipy, and numbered as promised."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph

from utopias.compiled.kernel import always
from utopias.network.pieces import connected_pieces


@st.composite
def graphs(draw):
    """Nodes and edges, with loops, doubles, islands and nodes on nothing."""
    nodes = draw(st.integers(1, 30))
    ends = draw(st.lists(st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)), max_size=40))
    pairs = np.array(ends, dtype=np.int32).reshape(-1, 2)
    return nodes, pairs[:, 0], pairs[:, 1]


def scipys(nodes, tail, head):
    matrix = sparse.coo_array((np.ones(len(tail)), (tail, head)), shape=(nodes, nodes))
    return csgraph.connected_components(matrix, directed=False)


def in_order_of_first_nodes(labels):
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


@pytest.mark.parametrize("way", ["python", "machine"])
@given(graph=graphs())
def test_pieces_are_those_of_scipy_in_order_of_their_first_nodes(way, graph):
    with always(way):
        count, piece = connected_pieces(*graph)
    theirs, labels = scipys(*graph)
    assert count == theirs
    assert piece.tolist() == in_order_of_first_nodes(labels).tolist()


def test_pieces_of_a_hundred_thousand_edges_in_any_order_are_those_of_scipy():
    random = np.random.default_rng(3)
    nodes = 120_000
    tail, head = random.integers(0, nodes, 70_000), random.integers(0, nodes, 70_000)
    count, piece = connected_pieces(nodes, tail, head)
    theirs, labels = scipys(nodes, tail, head)
    assert count == theirs
    assert (piece == in_order_of_first_nodes(labels)).all()


def test_a_long_street_named_from_its_far_end_is_one_piece():
    tail = np.arange(50_000, 0, -1)
    count, piece = connected_pieces(50_002, tail, tail - 1)
    assert count == 2
    assert piece[-1] == 1
    assert not piece[:-1].any()


def test_without_edges_every_node_is_a_piece_and_without_nodes_there_is_none():
    none = np.zeros(0, dtype=np.int64)
    assert connected_pieces(3, none, none)[1].tolist() == [0, 1, 2]
    assert connected_pieces(0, none, none)[0] == 0
