"""Streets as a graph of junctions: runs of edges without a side street become one link.

Nothing is lost by it. Every drawn edge keeps the chain it belongs to, its direction there, and
the exact cost from the chain's start to its own, so that a place on any edge still has the same
integer way to everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs, frozen
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.network.pieces import connected_pieces


@dataclass(frozen=True, eq=False)
class Links:
    """A directed graph as compressed rows: from junction i to ``heads[starts[i]:starts[i+1]]``, deciseconds."""

    starts: Longs
    heads: Ints
    costs: Ints

    def __post_init__(self) -> None:
        for name in ("starts", "heads", "costs"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.starts) - 1


@dataclass(frozen=True, eq=False)
class Chains:
    """(c,) runs of edges between two kept junctions (the same one, for a loop).

    tail, head : (c,) junctions. onward, back : (c,) deciseconds tail to head, head to tail.
    component : (c,) which connected piece of the network; 0 is the main one.
    """

    tail: Ints
    head: Ints
    onward: Longs
    back: Longs
    component: Ints

    def __post_init__(self) -> None:
        for name in ("tail", "head", "onward", "back", "component"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.tail)


@dataclass(frozen=True, eq=False)
class DrawnEdges:
    """(e,) the walkable edges as they came, and where each lies on its chain.

    row : (e,) number of the edge in the streets it was read from.
    onward, back : (e,) deciseconds from its own tail to its own head, and back.
    chain : (e,) its chain; flipped : (e,) the chain runs through it from head to tail.
    before_onward : (e,) deciseconds along the chain from the chain's tail to where it enters the edge.
    before_back : (e,) the same ground walked the other way.
    """

    row: Longs
    onward: Ints
    back: Ints
    chain: Ints
    flipped: Bools
    before_onward: Longs
    before_back: Longs

    def __post_init__(self) -> None:
        for name in ("row", "onward", "back", "chain", "flipped", "before_onward", "before_back"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.row)

    def along(self, edge: AnyArray, share: Floats) -> tuple[Longs, Longs]:
        """Where places lie on their chains, in deciseconds.

        Parameters
        ----------
        edge : (k,) positions here. share : (k,) of the edge's length from its tail, 0 to 1.

        Returns
        -------
        (k,) from the chain's tail onward to the place, and (k,) from the place back to the chain's
        tail. The place cuts its edge in two whole parts: the part at the tail is rounded half up,
        the part at the head is the rest, so that both together cost what the edge costs.
        """
        onward, back = self.onward[edge].astype(np.int64), self.back[edge].astype(np.int64)
        from_tail = np.floor(share * onward + 0.5).astype(np.int64)
        to_tail = np.floor(share * back + 0.5).astype(np.int64)
        turned = self.flipped[edge]
        ahead = self.before_onward[edge] + np.where(turned, back - to_tail, from_tail)
        behind = self.before_back[edge] + np.where(turned, onward - from_tail, to_tail)
        return ahead, behind


@dataclass(frozen=True, eq=False)
class JunctionGraph:
    """Everything ``collapse`` finds: the kept nodes, the graph both ways, chains, edges, components.

    nodes : (n,) numbers of the kept nodes among those given, in the order given.
    component_share : (k,) of all walkable edges, largest first; they sum to 1.
    """

    nodes: Longs
    forward: Links
    reverse: Links
    chains: Chains
    edges: DrawnEdges
    component_share: Floats


def collapse(count: int, tail: Ints, head: Ints, onward: Ints, back: Ints, *, row: Longs) -> JunctionGraph:
    """Join edges through every node that has exactly two of them.

    Parameters
    ----------
    count : nodes. tail, head : (e,) their numbers. onward, back : (e,) deciseconds, 0 or more.
        Loops, several edges between two nodes, and edges of cost 0 are all allowed.
    row : (e,) number of each edge where it came from.

    Returns
    -------
    JunctionGraph, with the same least cost between any two kept nodes, and from and to any place on
    any edge. Nodes without an edge are not in it. A ring without a junction keeps its first node.

    Raises
    ------
    TableError : a chain takes more than three years to walk.
    """
    from utopias.network.kernels import follow_chains

    tail, head, onward, back = (np.ascontiguousarray(a, dtype=np.int32) for a in (tail, head, onward, back))
    edges = len(tail)
    ends = np.stack([tail, head], axis=1).ravel()  # half-edge 2k leaves the tail of edge k, 2k + 1 its head
    halves = np.argsort(ends, kind="stable").astype(np.int64)
    degree = np.bincount(ends, minlength=count)
    starts = np.concatenate([[0], np.cumsum(degree)]).astype(np.int64)
    keep = (degree != 2) & (degree > 0)
    apart = degree == 0

    chain, flipped = np.full(edges, -1, dtype=np.int32), np.zeros(edges, dtype=bool)
    before = np.zeros((2, edges), dtype=np.int64)
    chain_ends = np.zeros((2, edges), dtype=np.int32)
    kept = keep | apart  # a node without edges ends no chain and must not look like the middle of one
    chains = follow_chains(
        starts, halves, tail, head, onward, back, kept, chain, flipped, before[0], before[1], chain_ends[0], chain_ends[1]
    )  # fmt: skip
    nodes = np.flatnonzero(kept & ~apart)
    number = np.full(count, -1, dtype=np.int32)
    number[nodes] = np.arange(len(nodes), dtype=np.int32)

    along = np.where(flipped, back, onward).astype(np.int64)
    against = np.where(flipped, onward, back).astype(np.int64)
    total_onward, total_back = np.zeros(chains, dtype=np.int64), np.zeros(chains, dtype=np.int64)
    np.add.at(total_onward, chain, along)
    np.add.at(total_back, chain, against)
    _must_fit(total_onward, total_back)

    chain_tail, chain_head = number[chain_ends[0, :chains]], number[chain_ends[1, :chains]]
    component, shares = _components(len(nodes), chain_tail, chain_head, chain)
    return JunctionGraph(
        nodes=nodes,
        forward=_links(len(nodes), chain_tail, chain_head, total_onward, total_back),
        reverse=_links(len(nodes), chain_tail, chain_head, total_back, total_onward),
        chains=Chains(chain_tail, chain_head, total_onward, total_back, component),
        edges=DrawnEdges(row, onward, back, chain, flipped, before[0], before[1]),
        component_share=shares,
    )


def _links(count: int, tail: Ints, head: Ints, onward: Longs, back: Longs) -> Links:
    """Compressed rows of both directions; of parallel links the cheapest, loops left out: no search needs them."""
    start = np.concatenate([tail, head])
    end = np.concatenate([head, tail])
    cost = np.concatenate([onward, back])
    other = start != end
    start, end, cost = start[other], end[other], cost[other]
    order = np.lexsort((cost, end, start))
    start, end, cost = start[order], end[order], cost[order]
    cheapest = np.ones(len(start), dtype=bool)
    cheapest[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    start, end, cost = start[cheapest], end[cheapest], cost[cheapest]
    rows = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=count))]).astype(np.int64)
    return Links(rows, end.astype(np.int32), cost.astype(np.int32))


def _components(count: int, tail: Ints, head: Ints, chain_of_edge: Ints) -> tuple[Ints, Floats]:
    """(c,) component of each chain, numbered by falling count of edges, and each component's share of all edges."""
    found, of_node = connected_pieces(count, tail, head)
    edges = np.bincount(of_node[tail[chain_of_edge]], minlength=found)
    rank = np.empty(found, dtype=np.int32)
    largest_first = np.argsort(-edges, kind="stable")
    rank[largest_first] = np.arange(found, dtype=np.int32)
    return rank[of_node[tail]], edges[largest_first] / max(len(chain_of_edge), 1)


def _must_fit(*totals: Longs) -> None:
    over = [int((total > 2**30).sum()) for total in totals]
    if sum(over):
        raise TableError(
            Fault(
                code="endless-edge",
                what=Sentence("{count:,} runs of edges take more than three years to walk", count=max(over)),
                where="length_m in edges",
                mend="is the length in metres? mend it at its source",
                count=max(over),
            )
        )
