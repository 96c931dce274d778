"""Streets as a graph of junctions: runs of edges without a side street become one link.

Nothing is lost by it. Every drawn edge keeps the chain it belongs to, its direction there, and
the exact cost from the chain's start to its own, so that a place on any edge still has the same
integer way to everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs, frozen
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.network.shape import Shape

BLOCKED = 2**30  # the cost of an edge nobody passes: over any limit, and one of them still fits in int32
_NONE = np.zeros(0)


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
class Cuts:
    """(k,) points at which edges cannot be passed: a wall across a street leaves both its ends usable.

    edge : (k,) positions of walkable edges, rising. share : (k,) of the edge's length from its tail, 0 to 1.
    """

    edge: Longs = field(default_factory=lambda: _NONE.astype(np.int64))
    share: Floats = field(default_factory=lambda: _NONE)

    def __post_init__(self) -> None:
        for name in ("edge", "share"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.edge)

    def and_those(self, more: Cuts, spared: Bools | None = None) -> Cuts:
        """These cuts and more, but none of the new ones on the edges (e,) that are spared."""
        new = slice(None) if spared is None else ~spared[more.edge]
        edge, share = np.concatenate([self.edge, more.edge[new]]), np.concatenate([self.share, more.share[new]])
        order = np.lexsort((share, edge))
        return Cuts(edge[order], share[order])

    def before(self, edge: AnyArray, share: Floats) -> Longs:
        """(k,) how many cuts lie between an edge's tail and a share of its length; one exactly there counts."""
        if len(self) == 0:
            return np.zeros(len(edge), dtype=np.int64)
        place = np.searchsorted(self.edge, edge)
        upto = np.searchsorted(self.edge, edge, side="right")
        found = np.zeros(len(edge), dtype=np.int64)
        for k in np.flatnonzero(upto > place):  # few: only places on a cut edge
            found[k] = int((self.share[place[k] : upto[k]] <= share[k]).sum())
        return found

    def on(self, edges: int) -> Longs:
        """(edges,) how many cuts each edge has."""
        return np.bincount(self.edge, minlength=edges)


@dataclass(frozen=True, eq=False)
class DrawnEdges:
    """(e,) the walkable edges as they came, and where each lies on its chain.

    row : (e,) number of the edge in the streets it was read from.
    onward, back : (e,) deciseconds from its own tail to its own head, and back; without its cuts.
    chain : (e,) its chain; flipped : (e,) the chain runs through it from head to tail.
    before_onward : (e,) deciseconds along the chain from the chain's tail to where it enters the edge.
    before_back : (e,) the same ground walked the other way; both int32 where no chain costs over ``BLOCKED``.
    cuts : where edges cannot be passed; each costs ``BLOCKED`` to whoever would.
    """

    row: AnyArray
    onward: Ints
    back: Ints
    chain: Ints
    flipped: Bools
    before_onward: AnyArray
    before_back: AnyArray
    cuts: Cuts = field(default_factory=Cuts)

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
        if len(self.cuts):
            passed, all_cuts = self.cuts.before(edge, share), self.cuts.on(len(self))[edge]
            from_tail += BLOCKED * passed
            to_tail += BLOCKED * passed
            onward += BLOCKED * all_cuts
            back += BLOCKED * all_cuts
        turned = self.flipped[edge]
        ahead = self.before_onward[edge] + np.where(turned, back - to_tail, from_tail)
        behind = self.before_back[edge] + np.where(turned, onward - from_tail, to_tail)
        return ahead, behind


@dataclass(frozen=True, eq=False)
class JunctionGraph:
    """A shape with its costs: the graph both ways, the chains, the edges."""

    shape: Shape
    forward: Links
    reverse: Links
    chains: Chains
    edges: DrawnEdges

    @cached_property
    def inside(self) -> tuple[Longs, Longs]:
        """(i,) from each chain's tail onward to each node inside it, and (i,) from the node back to its tail."""
        ahead, behind = self.inside_at(slice(None))
        return frozen(ahead), frozen(behind)

    def inside_at(self, places: AnyArray | slice) -> tuple[Longs, Longs]:
        """The same for some of the nodes inside chains."""
        edge, edges = self.shape.inside_edge[places], self.edges
        turned, extra = self.shape.flipped[edge], BLOCKED * edges.cuts.on(len(edges))[edge] if len(edges.cuts) else 0
        ahead = np.where(turned, edges.back[edge], edges.onward[edge]).astype(np.int64) + extra
        ahead += edges.before_onward[edge]
        if edges.back is edges.onward:
            return ahead, ahead
        behind = np.where(turned, edges.onward[edge], edges.back[edge]).astype(np.int64) + extra
        behind += edges.before_back[edge]
        return ahead, behind


def weigh(shape: Shape, onward: Ints, back: Ints, *, row: AnyArray, cuts: Cuts | None = None) -> JunctionGraph:
    """Put costs on a shape.

    Parameters
    ----------
    onward, back : (e,) deciseconds, 0 to ``BLOCKED``. row : (e,) number of each edge where it came from.
    cuts : where edges cannot be passed.

    Returns
    -------
    JunctionGraph, with the same least cost between any two junctions as over the edges, and from and to any place on
    any edge. A way over a blocked edge costs ``BLOCKED`` or more.

    Raises
    ------
    TableError : a chain takes more than three years to walk, without being blocked.
    """
    cuts = cuts or Cuts()
    same = np.array_equal(
        onward, back
    )  # a flat town: what was found for one way serves the other, and takes half the room
    if same:
        onward = back = frozen(onward)
    along: AnyArray = onward if same else np.where(shape.flipped, back, onward)
    against: AnyArray = along if same else np.where(shape.flipped, onward, back)
    if len(cuts):
        extra = BLOCKED * cuts.on(len(onward))
        along, against = along + extra, against + extra
    total_onward, before_onward = _summed(shape, along)
    total_back, before_back = (total_onward, before_onward) if same else _summed(shape, against)
    _must_fit(shape, along, against, total_onward, total_back)
    forward = _links(shape, total_onward, total_back)
    return JunctionGraph(
        shape=shape,
        forward=forward,
        reverse=forward if same else _links(shape, total_back, total_onward),
        chains=Chains(shape.tail, shape.head, total_onward, total_back, shape.component),
        edges=DrawnEdges(row, onward, back, shape.chain, shape.flipped, before_onward, before_back, cuts),
    )


def _summed(shape: Shape, cost: AnyArray) -> tuple[Longs, AnyArray]:
    """(c,) the cost of each chain, and (e,) what its edges cost before each."""
    chains = len(shape.tail)
    first = shape.inside_starts[:-1] + np.arange(chains)  # a chain has one edge more than nodes inside
    walked = cost[shape.course]
    total: Longs = np.add.reduceat(walked, first, dtype=np.int64) if chains else np.zeros(0, dtype=np.int64)
    # Sums over many chains may outgrow the narrow type and come round; what is left of them in one chain is right.
    kind = np.int32 if not chains or total.max() <= BLOCKED else np.int64
    upto: AnyArray = np.cumsum(walked, dtype=kind)
    np.subtract(upto, walked, out=upto, casting="same_kind")
    del walked
    np.subtract(upto, np.repeat(upto[first], np.diff(shape.inside_starts) + 1), out=upto)
    before = np.empty(len(cost), dtype=kind)
    before[shape.course] = upto
    return total, before


def _links(shape: Shape, onward: Longs, back: Longs) -> Links:
    """Both directions of every chain; of parallel chains the cheapest way in each."""
    cost = np.minimum(np.concatenate([onward, back]), BLOCKED).astype(np.int32)[shape.link_ways]
    cheapest = np.minimum.reduceat(cost, shape.link_first) if len(cost) else cost
    return Links(shape.link_rows, shape.link_heads, cheapest)


def _must_fit(shape: Shape, along: AnyArray, against: AnyArray, *totals: Longs) -> None:
    over = (totals[0] > BLOCKED) | (totals[1] > BLOCKED)
    if not over.any():
        return
    blocked = np.zeros(len(over), dtype=bool)
    blocked[shape.chain[(along >= BLOCKED) | (against >= BLOCKED)]] = True
    endless = int((over & ~blocked).sum())
    if endless:
        raise TableError(
            Fault(
                code="endless-edge",
                what=Sentence("{count:,} runs of edges take more than three years to walk", count=endless),
                where="length_m in edges",
                mend="is the length in metres? mend it at its source",
                count=endless,
            )
        )
