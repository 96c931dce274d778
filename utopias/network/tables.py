"""Tables of least costs between spots on the streets, without a limit, read off the hierarchy.

A spot is a junction, or lies on a chain between two: it leaves by both ends, and the way along a shared
chain counts too. Every pair is exact; a pair that no way joins is -1, never a large number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Ints, Longs, frozen
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.memory import must_fit
from utopias.domain.sentences import Sentence
from utopias.network.chains import Chains, JunctionGraph
from utopias.network.given_nodes import node_faults
from utopias.network.hierarchy import Hierarchy, Weights
from utopias.scale import Runner

TILE = 2048  # sources and targets at a time: 16 MB of table at most are worked on by one thread
_ALONE = Runner()


@dataclass(frozen=True, eq=False)
class Spots:
    """(k,) places on the network, each at a junction or on a chain, or on nothing: then nothing reaches it.

    junction : (k,) its number, -1 for a spot on a chain. chain : (k,) its number, -1 for one at a junction.
    ahead, behind : (k,) deciseconds from the chain's tail onward to the spot, and back; 0 at a junction.
    snap : (k,) deciseconds between a door and its spot, walked at either end of a way.
    """

    junction: Ints
    chain: Ints
    ahead: Longs
    behind: Longs
    snap: Longs

    def __post_init__(self) -> None:
        for name in ("junction", "chain", "ahead", "behind", "snap"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.junction)

    @classmethod
    def at(cls, junctions: AnyArray) -> Spots:
        """Spots at junctions."""
        number = np.asarray(junctions, dtype=np.int32)
        none = np.zeros(len(number), dtype=np.int64)
        return cls(number, np.full(len(number), -1, dtype=np.int32), none, none, none)

    @classmethod
    def along(cls, chain: AnyArray, ahead: AnyArray, behind: AnyArray, snap: AnyArray | None = None) -> Spots:
        """Spots on chains, as ``DrawnEdges.along`` and ``Attached`` tell where they lie."""
        number = np.asarray(chain, dtype=np.int32)
        long = [np.asarray(a, dtype=np.int64) for a in (ahead, behind, np.zeros(len(number)) if snap is None else snap)]
        return cls(np.full(len(number), -1, dtype=np.int32), number, *long)

    @classmethod
    def of_nodes(cls, graph: JunctionGraph, number: Ints, nodes: object) -> Spots:
        """Spots at nodes as given to the network, inside chains or not; ``number`` (j,) is where they stand in its order.

        Raises
        ------
        ProblemError : numbers of no node.
        """
        asked = np.asarray(nodes)
        if faults := node_faults(asked, len(number), "nodes"):
            raise ProblemError(faults)
        shape, at = graph.shape, number[asked.astype(np.int64)]
        place = shape.place[at]
        inner = place >= 0
        chain = np.full(len(at), -1, dtype=np.int32)
        before, after = np.zeros(len(at), dtype=np.int64), np.zeros(len(at), dtype=np.int64)
        chain[inner] = shape.inside_chain[place[inner]]
        before[inner], after[inner] = graph.inside_at(place[inner])
        return cls(shape.junction[at], chain, before, after, np.zeros(len(at), dtype=np.int64))


def table(
    hierarchy: Hierarchy,
    weights: Weights,
    chains: Chains,
    sources: Spots,
    targets: Spots,
    *,
    runner: Runner = _ALONE,
) -> Ints:
    """Least cost from every source to every target, however far.

    Parameters
    ----------
    chains : with the costs the weights were made of. sources, targets : (s,) and (t,) spots, in any order.
    runner : threads share the sources; the result is the same with any number. Processes are of no use.

    Returns
    -------
    (s, t) int32 deciseconds, -1 where no open way joins the two. Two spots at one junction, or at one point
    of a chain, are as far as their snaps. See ``table_bytes`` for the memory.

    Raises
    ------
    ProblemError : spots at junctions or on chains that are not of this network.

    Source
    ------
    Ways up the elimination tree as in Dibbelt, Strasser & Wagner (2016); sources and targets meet at
    buckets of vertices as in Knopp et al. (2007), ALENEX, here whole runs of places at a time. A sweep down to
    the targets (Delling et al. 2011, ALENEX) was tried beside it on Porto: 5.6 times as slow with 1,000 targets,
    as quick with 10,000, twice as quick with all 67,946 junctions; one way was kept.
    """
    out = np.full((len(sources), len(targets)), -1, dtype=np.int32)
    leave = _Ends.of(hierarchy, chains, sources, leaving=True)
    arrive = _Ends.of(hierarchy, chains, targets, leaving=False)
    size = TILE if runner.workers <= 1 else -(-len(leave.spot) // (4 * runner.workers))
    for columns in arrive.tiles(TILE):
        # The costs from vertices to these targets serve all sources.
        meeting = _Meeting(hierarchy, weights, columns, columns.climb(hierarchy, weights.down), out)
        for _ in runner.map(meeting.lower, leave.tiles(size)):
            pass
    _stay_on_chain(sources, targets, out)
    return out


def node_table(
    hierarchy: Hierarchy,
    weights: Weights,
    graph: JunctionGraph,
    number: Ints,
    sources: object,
    targets: object,
    *,
    runner: Runner = _ALONE,
) -> Ints:
    """(s, t) the table between nodes as given to the network; of a node to itself always 0."""
    start, end = np.asarray(sources), np.asarray(targets)
    here, there = (Spots.of_nodes(graph, number, nodes) for nodes in (start, end))
    out = table(hierarchy, weights, graph.chains, here, there, runner=runner)
    lonely = (here.junction < 0) & (here.chain < 0)
    for s in np.flatnonzero(lonely):
        out[s, end == start[s]] = 0
    return out


def asked_nodes(sources: object, targets: object, count: int) -> tuple[AnyArray, AnyArray]:
    """Both ends of a table as arrays of node numbers.

    Raises
    ------
    ProblemError : numbers of no node, in either.
    """
    here, there = np.asarray(sources), np.asarray(targets)
    if faults := node_faults(here, count, "sources") + node_faults(there, count, "targets"):
        raise ProblemError(faults)
    return here, there


def must_hold(hierarchy: Hierarchy, sources: int, targets: int, *, workers: int) -> None:
    """Raise TooLargeError where a table would not fit; how many of its rows would is said."""
    must_fit(
        sources,
        each=4 * max(targets, 1),
        of=Sentence("rows of a table"),
        where=Sentence("a table of least costs"),
        fixed=table_bytes(hierarchy, sources, targets, workers=workers) - 4 * sources * targets,
    )


def table_bytes(hierarchy: Hierarchy, sources: int, targets: int, *, workers: int = 1) -> int:
    """The most memory a table takes while it is made, the result included; the hierarchy itself is not.

    4 bytes a pair for the result; a tile of up to 2,048 by 2,048 for each worker; a cost for each vertex above
    each spot of a tile; and for each worker 24 bytes a junction to find its way.
    """
    tall, wide = min(sources, TILE), min(targets, TILE)
    climbing = 4 * hierarchy.deepest * (workers * tall + wide)
    finding = (workers + 1) * 24 * len(hierarchy)
    spots = 120 * (sources + targets)
    return 4 * sources * targets + workers * 4 * tall * wide + climbing + finding + spots


@dataclass(frozen=True, eq=False)
class _Ends:
    """(k,) spots by the lower of the two vertices they leave by (or are reached from), with the cost to each."""

    spot: Longs
    low: Ints
    low_cost: Ints
    high: Ints
    high_cost: Ints

    @classmethod
    def of(cls, hierarchy: Hierarchy, chains: Chains, spots: Spots, *, leaving: bool) -> _Ends:
        from utopias.network.hierarchy_kernels import CLOSED

        _must_be_here(hierarchy, chains, spots)
        here = np.flatnonzero((spots.junction >= 0) | (spots.chain >= 0))
        at_junction = spots.junction[here] >= 0
        chain, junction = np.where(at_junction, 0, spots.chain[here]), spots.junction[here]
        if len(chains):
            tail, head = chains.tail[chain], chains.head[chain]
            onward, back = chains.onward[chain] - spots.ahead[here], chains.back[chain] - spots.behind[here]
        else:
            tail, head, onward, back = junction, junction, spots.ahead[here], spots.behind[here]
        to_tail, to_head = (spots.behind[here], onward) if leaving else (spots.ahead[here], back)
        first = hierarchy.rank[np.where(at_junction, junction, tail)]
        second = hierarchy.rank[np.where(at_junction, junction, head)]
        cost = np.stack([np.where(at_junction, 0, to_tail), np.where(at_junction, 0, to_head)]) + spots.snap[here]
        cost = np.minimum(cost, CLOSED).astype(np.int32)
        turned = first > second
        low, high = np.where(turned, second, first), np.where(turned, first, second)
        low_cost, high_cost = np.where(turned, cost[::-1], cost)
        order = np.argsort(low, kind="stable")
        return cls(here[order], low[order], low_cost[order], high[order], high_cost[order])

    def tiles(self, at_most: int) -> Iterator[_Ends]:
        size = max(1, min(TILE, at_most))
        for first in range(0, len(self.spot), size):
            some = slice(first, first + size)
            yield _Ends(self.spot[some], self.low[some], self.low_cost[some], self.high[some], self.high_cost[some])

    def climb(self, hierarchy: Hierarchy, weights: Ints) -> tuple[AnyArray, ...]:
        from utopias.network.table_kernels import climb

        h = hierarchy
        found: tuple[AnyArray, ...] = climb(
            h.starts, h.heads, h.parent, weights, self.low, self.low_cost, self.high, self.high_cost
        )
        return found


@dataclass(frozen=True, eq=False)
class _Meeting:
    """Some of the targets with all that lies above them, and the table their columns belong to."""

    hierarchy: Hierarchy
    weights: Weights
    columns: _Ends
    climbed: tuple[AnyArray, ...]
    out: Ints

    def lower(self, rows: _Ends) -> None:
        """Fill the rows of some sources."""
        from utopias.network.hierarchy_kernels import CLOSED
        from utopias.network.table_kernels import lay_out, meet

        tile = np.full((len(rows.spot), len(self.columns.spot)), CLOSED, dtype=np.int32)
        meet(self.hierarchy.parent, *rows.climb(self.hierarchy, self.weights.up), *self.climbed, tile)
        lay_out(tile, rows.spot, self.columns.spot, self.out)


def _must_be_here(hierarchy: Hierarchy, chains: Chains, spots: Spots) -> None:
    faults = []
    for name, number, total in (("junction", spots.junction, len(hierarchy)), ("chain", spots.chain, len(chains))):
        lost = np.flatnonzero(number >= total)
        if len(lost):
            faults.append(
                Fault(
                    code="spot-nowhere",
                    what=Sentence(
                        "{count:,} of {total:,} spots are on no street of this network",
                        count=len(lost),
                        total=len(spots),
                    ),
                    where=Sentence("{name}, of which there are {there:,}", name=name, there=total),
                    mend="take the numbers from the network the table is asked of",
                    count=len(lost),
                    first=Sentence("spot {spot}: {number:,}", spot=int(lost[0]), number=int(number[lost[0]])),
                )
            )
    if faults:
        raise ProblemError(faults)


def _stay_on_chain(sources: Spots, targets: Spots, out: Ints) -> None:
    """Lower the pairs on one chain to the way along it: of t ahead of s and t behind s one is never over 0."""
    from utopias.network.hierarchy_kernels import CLOSED

    on_chain = np.flatnonzero(targets.chain >= 0)
    by_chain = on_chain[np.argsort(targets.chain[on_chain], kind="stable")]
    chain = targets.chain[by_chain]
    begin, end = (np.searchsorted(chain, sources.chain, side=side) for side in ("left", "right"))
    many = np.where(sources.chain >= 0, end - begin, 0)
    s = np.repeat(np.arange(len(sources)), many)
    t = by_chain[np.arange(len(s)) + np.repeat(begin - np.cumsum(many) + many, many)]
    along = np.maximum(targets.ahead[t] - sources.ahead[s], sources.behind[s] - targets.behind[t])
    cost = along + sources.snap[s] + targets.snap[t]
    found = out[s, t]
    shorter = (cost < CLOSED) & ((found < 0) | (cost < found))
    out[s[shorter], t[shorter]] = cost[shorter]
