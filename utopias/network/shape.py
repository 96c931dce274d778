"""Which edges run together into chains, and where every node lies: what does not change with the costs.

Found once for a drawing of streets; a slope, a closed street or another walker only weighs it again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints, Longs, frozen
from utopias.network.pieces import connected_pieces


@dataclass(frozen=True, eq=False)
class Shape:
    """(j,) nodes, (e,) edges, (n,) junctions and (c,) chains of a network, without any cost.

    junction : (j,) the junction each node is; -1 for a node inside a chain, and for one without edges.
    nodes : (n,) the node of each junction, rising.
    chain : (e,) the chain of each edge; flipped : (e,) the chain runs through it from head to tail.
    course : (e,) the edges in the order of walking, chain after chain.
    tail, head : (c,) junctions at the ends of each chain (the same one, for a loop).
    inside : (i,) nodes inside chains, in the order of walking; inside_starts : (c + 1,) rows of each chain.
    inside_edge : (i,) the edge that the chain walks just before it meets the node; inside_chain : (i,) the chain.
    place : (j,) where each node stands in ``inside``; -1 for junctions and nodes without edges.
    around_starts : (n + 1,), around : at each junction, the chains with nodes inside that end there; a loop once.
    component : (c,) the connected piece of each chain, numbered by falling count of edges; 0 is the main one.
    component_share : (k,) of all edges, largest first; they sum to 1.
    link_rows : (n + 1,), link_heads : (l,) the links of each junction: one for each neighbour, loops left out.
    link_ways, link_first : the ways (chain, or chain + c against its course) that make each link, and where
        the ways of each begin.
    """

    junction: Ints
    nodes: Ints
    chain: Ints
    flipped: Bools
    course: Ints
    tail: Ints
    head: Ints
    inside: Ints
    inside_starts: Longs
    inside_edge: Ints
    inside_chain: Ints
    place: Ints
    around_starts: Longs
    around: Ints
    component: Ints
    component_share: Floats
    link_rows: Longs
    link_heads: Ints
    link_ways: Ints
    link_first: Longs

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, frozen(getattr(self, name)))


def find_shape(count: int, tail: Ints, head: Ints) -> Shape:
    """Join edges through every node that has exactly two of them.

    Parameters
    ----------
    count : nodes. tail, head : (e,) their numbers. Loops and several edges between two nodes are allowed.

    Returns
    -------
    Shape. Nodes without an edge are no junctions. A ring without a junction keeps its first node.
    """
    from utopias.network.kernels import follow_chains, halves_at

    tail, head = (np.ascontiguousarray(ends, dtype=np.int32) for ends in (tail, head))
    edges = len(tail)
    starts, halves = np.zeros(count + 1, dtype=np.int64), np.empty(2 * edges, dtype=np.int32)
    halves_at(tail, head, starts, halves)
    degree = np.diff(starts)
    apart = degree == 0
    kept = degree != 2  # a node without edges ends no chain and must not look like the middle of one
    del degree

    chain, flipped = np.full(edges, -1, dtype=np.int32), np.zeros(edges, dtype=bool)
    course, chain_tail, chain_head = (np.zeros(edges, dtype=np.int32) for _ in range(3))
    chains = follow_chains(starts, halves, tail, head, kept, chain, flipped, course, chain_tail, chain_head)
    del starts, halves  # of the largest arrays here, and no more needed
    nodes = np.flatnonzero(kept & ~apart).astype(np.int32)
    junction = np.full(count, -1, dtype=np.int32)
    junction[nodes] = np.arange(len(nodes), dtype=np.int32)
    chain_tail, chain_head = junction[chain_tail[:chains]], junction[chain_head[:chains]]

    met = np.where(flipped, tail, head)[course]  # the node at the end of each edge, as walked
    between = ~kept[met]
    inside, inside_edge = met[between], course[between]
    del met, between, tail, head
    inside_chain = chain[inside_edge]
    place = np.full(count, -1, dtype=np.int32)
    place[inside] = np.arange(len(inside), dtype=np.int32)
    component, share = _components(len(nodes), chain_tail, chain_head, chain)
    around_starts, around = _around(len(nodes), chain_tail, chain_head, inside_chain[_is_first(inside_chain)])
    return Shape(
        junction, nodes, chain, flipped, course, chain_tail, chain_head,
        inside, _offsets(np.bincount(inside_chain, minlength=chains)), inside_edge, inside_chain, place,
        around_starts, around, component, share, *_links(len(nodes), chain_tail, chain_head),
    )  # fmt: skip


def _around(count: int, tail: Ints, head: Ints, chain: Ints) -> tuple[Longs, Ints]:
    """The chains that end at each junction, of those named."""
    loop = tail[chain] == head[chain]
    at = np.concatenate([tail[chain], head[chain[~loop]]])
    order = np.argsort(at, kind="stable")
    return _offsets(np.bincount(at, minlength=count)), np.concatenate([chain, chain[~loop]])[order]


def _links(count: int, tail: Ints, head: Ints) -> tuple[Longs, Ints, Ints, Longs]:
    """The four arrays of links: of several ways to one neighbour, one link."""
    start, end = np.concatenate([tail, head]), np.concatenate([head, tail])
    way = np.flatnonzero(start != end).astype(np.int32)
    way = way[np.lexsort((end[way], start[way]))]
    start, end = start[way], end[way]
    first = np.flatnonzero(_is_first(start) | _is_first(end))
    return _offsets(np.bincount(start[first], minlength=count)), end[first], way, first


def _is_first(values: Ints) -> Bools:
    """(n,) whether each value differs from the one before it."""
    first = np.ones(len(values), dtype=bool)
    first[1:] = values[1:] != values[:-1]
    return first


def _components(count: int, tail: Ints, head: Ints, chain_of_edge: Ints) -> tuple[Ints, Floats]:
    """(c,) component of each chain, numbered by falling count of edges, and each component's share of all edges."""
    found, of_node = connected_pieces(count, tail, head)
    edges = np.bincount(of_node[tail[chain_of_edge]], minlength=found)
    rank = np.empty(found, dtype=np.int32)
    largest_first = np.argsort(-edges, kind="stable")
    rank[largest_first] = np.arange(found, dtype=np.int32)
    return rank[of_node[tail]], edges[largest_first] / max(len(chain_of_edge), 1)


def _offsets(counts: Longs) -> Longs:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
