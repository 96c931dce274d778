"""Which of some nodes are the nearest, from everywhere at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Ints, Longs, frozen
from utopias.domain.errors import Fault
from utopias.domain.memory import must_fit
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.network.chains import BLOCKED, JunctionGraph
from utopias.network.given_nodes import asked, closed, mean_link, node_faults
from utopias.scale import Runner

NONE = -1  # where fewer than k are within the limit
BUCKET_SHARE = 0.25  # of the mean link, the width of a bucket

# How far a facility tells its neighbourhood at first, and how many times as far each time after. Porto (324,503 nodes),
# k = 5, one thread, CPU ms of the whole call, by (near, growth):
#   facilities, limit     4, 3   5, 5   4, 4   6, 4   3, 5
#   200, 2.4 km             20     20     23     19     23
#   1,000, 2.4 km           44     39     46     40     45
#   20, none                72     67     72     69     74
#   20,000, none            75     75     74     78     78
# For the junctions alone, a single round to the end took 280 ms (200, none) where these take 50, and one wave from all
# facilities at once 20 (200, 2.4 km; these 8), 40 (20, none; these 50 to 140) and 124 ms (20,000, none; these 50).
NEAR_LINKS = 5  # mean links
GROWTH = 5


@dataclass(frozen=True, eq=False)
class NearestNodes:
    """(j, k) the nearest of some nodes from every node, nearest first; -1 in both where there are fewer.

    cost : of the way from the node to the one found. which : its position among the nodes asked for.
    """

    cost: Ints
    which: Ints

    def __post_init__(self) -> None:
        for name in ("cost", "which"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __iter__(self) -> Iterator[Ints]:
        """To be taken apart: ``cost, which = network.nearest(...)``."""
        return iter((self.cost, self.which))

    def __repr__(self) -> str:
        return f"<NearestNodes: {self.cost.shape[1]} for each of {len(self.cost):,} nodes>"


def nearest_within(
    graph: JunctionGraph,
    order: Ints,
    number: Ints,
    nodes: object,
    k: int = 1,
    limit: int | str | Duration | None = None,
    *,
    runner: Runner,
    memory: int | None = None,
) -> NearestNodes:
    """Find from every node the ``k`` nearest of ``nodes``.

    Parameters
    ----------
    graph : the junctions; costs are those of the way TO the node found. order : (j,) the nodes as given;
        number : (j,) where each of them stands in ``order``.
    nodes : (f,) as given to the network; one that comes again is another one, as two clinics in one house.
    k : 1 to f. limit : in the unit of the costs, or written with a unit of time; a node exactly at it is within;
        None for all that can be come at without a blocked way.
    runner : threads share the nodes inside chains; the result is the same with any number.
    memory : bytes the work may take; None for what the machine has free.

    Returns
    -------
    NearestNodes, (j, k) by node as given. Of two at the same cost the one that comes first in ``nodes`` is nearer.

    Raises
    ------
    ProblemError : nodes that are none, k under 1 or over f, a limit under 0 or of ``BLOCKED`` or more.
    TooLargeError : the result would not fit.
    """
    from utopias.network.nearest_kernel import at_junctions, inside_chains, tell

    wanted: AnyArray = np.asarray(nodes)
    faults = node_faults(wanted, len(order), "nodes")
    faults += _count_faults(k, len(wanted) if wanted.ndim == 1 else None)
    most = asked(faults, BLOCKED - 1 if limit is None else limit)
    shape, chains, links = graph.shape, graph.chains, graph.reverse
    must_fit(
        k,
        each=8 * (len(shape.nodes) + len(order)),
        of=Sentence("nodes nearest to each"),
        where=Sentence("nearest nodes"),
        memory=memory,
        mend=lambda most: Sentence("take a k of {most:,} or less, or a larger machine", most=most),
    )

    stand = number[wanted].astype(np.int64)
    name = np.argsort(stand, kind="stable")  # neighbours one after the other find their streets in the cache
    stand = stand[name]
    seeds = _seeds(graph, stand)
    mean = mean_link(links.costs, most)
    labels = tell(
        closed(links.starts), closed(links.heads), closed(links.costs), *seeds, closed(name),
        k, most, max(1, int(BUCKET_SHARE * mean)), max(1, int(NEAR_LINKS * mean)), GROWTH,
    )  # fmt: skip

    cost, which = np.full((len(order), k), NONE, dtype=np.int32), np.full((len(order), k), NONE, dtype=np.int32)
    flat = cost.reshape(-1), which.reshape(-1)
    place = shape.place[stand]
    within = np.flatnonzero(place >= 0)
    within = within[np.argsort(place[within], kind="stable")]
    labels = closed(labels)
    on_chains = tuple(
        closed(array)
        for array in (
            labels, chains.tail, chains.head, chains.onward, shape.inside_starts, shape.inside, *graph.inside, order,
            place[within].astype(np.int64), name[within],
        )
    )  # fmt: skip

    def some(part: tuple[float, float]) -> None:
        first, last = (int(share * len(chains)) for share in part)
        inside_chains(*on_chains, first, last, k, most, *flat)
        first, last = (int(share * len(shape.nodes)) for share in part)
        at_junctions(labels, on_chains[8], closed(shape.nodes), first, last, k, *flat)

    tasks = 1 if runner.workers == 1 else 4 * runner.workers
    for _ in runner.map(some, [(t / tasks, (t + 1) / tasks) for t in range(tasks)]):
        pass
    _alone(shape.junction, shape.place, order, stand, name, cost, which)
    return NearestNodes(cost, which)


def _seeds(graph: JunctionGraph, number: Longs) -> tuple[Longs, Longs, Longs]:
    """Where the ways to each facility end: (f + 1,) starts, junctions, and the costs from there to it."""
    shape, chains = graph.shape, graph.chains
    ahead, behind = graph.inside
    place = shape.place[number].astype(np.int64)
    within = np.flatnonzero(place >= 0)
    place, chain = place[within], shape.inside_chain[place[within]]
    kept = np.flatnonzero(shape.junction[number] >= 0)
    of = np.concatenate([kept, within, within])
    node = np.concatenate([shape.junction[number[kept]], chains.tail[chain], chains.head[chain]]).astype(np.int64)
    cost = np.concatenate([np.zeros(len(kept), dtype=np.int64), ahead[place], chains.back[chain] - behind[place]])
    facility = np.argsort(of, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(of, minlength=len(number)))])
    return closed(starts), closed(node[facility]), closed(cost[facility])


def _alone(junction: Ints, place: Ints, order: Ints, number: Longs, name: Longs, cost: Ints, which: Ints) -> None:
    """A node without an edge has only what stands at itself."""
    found = np.flatnonzero((junction[number] < 0) & (place[number] < 0))
    found = found[np.lexsort((name[found], number[found]))]
    rank = np.arange(len(found)) - np.searchsorted(number[found], number[found])
    found, rank = found[rank < cost.shape[1]], rank[rank < cost.shape[1]]
    cost[order[number[found]], rank], which[order[number[found]], rank] = 0, name[found]


def _count_faults(k: int, nodes: int | None) -> list[Fault]:
    if not isinstance(k, (int, np.integer)) or isinstance(k, bool) or k < 1:
        return [Fault("bad-count", Sentence("k is {k}, not a whole number of 1 or more", k=str(k)), where="k")]
    if nodes is not None and k > nodes:
        return [
            Fault(
                "bad-count",
                Sentence("k is {k:,}, and only {count:,} nodes are given", k=int(k), count=nodes),
                where="k",
            )
        ]
    return []
