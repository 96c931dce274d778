"""The questions of every node: people within, rows of scattered sites, nearest places; tables and edits.

Each function makes a contest on one ground: our method of ``StreetNetwork``, the peer's own call, and the check that
both gave the same. ``tests/benchmarks`` hands in a falsified network and sees each check catch it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.access import equality, peers
from benchmarks.access.graphs import DECIMETRES, Graph
from benchmarks.access.peers import Pandana
from benchmarks.rounds import Bar, Contest, Peer, repeated
from utopias.domain.arrays import AnyArray, Ints, Longs

WARM_PIECE = 60  # nodes of the small network that compiles our kernels


class Ground:
    """One graph, and everybody's index of it, made when first asked for and shared by the rows that run on it.

    made : what making each index took, processor seconds. part : the same city in fewer copies, by their number.
    """

    def __init__(self, graph: Graph, clock: Any, part: Callable[[int], Graph] | None = None) -> None:
        self.graph = graph
        self.clock = clock
        self.made: dict[str, float] = {}
        self._part = part
        self._parts: dict[int, Ground] = {}

    def fewer_copies(self, copies: int) -> Ground:
        """The ground of fewer copies; kept, so that its indexes are made once."""
        if copies not in self._parts:
            assert self._part is not None
            self._parts[copies] = Ground(self._part(copies), self.clock)
            self._parts[copies].made = self.made  # told together
        return self._parts[copies]

    @cached_property
    def ours(self) -> Any:
        _little()  # compiled before the clock runs
        return self._made("our network", self.graph.ours)

    @cached_property
    def pandana(self) -> Pandana:
        return self._made("pandana's network", lambda: Pandana(self.graph))

    @cached_property
    def matrix(self) -> sparse.csr_array:
        return self.graph.matrix()

    @cached_property
    def main_piece(self) -> Longs:
        """The nodes of the largest piece that hangs together, rising."""
        _, of = sparse.csgraph.connected_components(self.matrix, directed=False)
        return np.flatnonzero(of == np.bincount(of).argmax())

    def on_main(self, count: int, *, seed: int) -> Longs:
        """Scattered nodes, rising, with a way between any two: pandana spends seconds on listing pairs without one."""
        count = min(count, len(self.main_piece))
        return np.sort(np.random.default_rng(seed).choice(self.main_piece, count, replace=False))

    def sites(self, count: int, *, seed: int) -> Longs:
        return self.graph.sites(min(count, len(self.graph) // 3), seed=seed)

    @property
    def size(self) -> str:
        return f"{len(self.graph):,} nodes, {len(self.graph.tail):,} edges"

    def _made(self, name: str, make: Any) -> Any:
        made, taken = repeated(make, 1, self.clock)
        self.made[f"{name} for {len(self.graph):,} nodes"] = taken[0]
        return made


def sums(ground: Ground, *, metres: int, bar: Bar) -> Contest:
    """People within ``metres`` of every node."""
    limit = metres * DECIMETRES
    net, other, values = ground.ours, ground.pandana, ground.graph.people
    return Contest(
        ours=lambda: net.sums(values, limit),
        peers={"pandana aggregate": Peer(lambda: other.sums(limit), equality.sums_differ, bar)},
        warm=lambda: _little().sums(np.ones(WARM_PIECE, dtype=values.dtype), limit),
        size=ground.size,
    )


def tiled_sums(ground: Ground, *, metres: int, copies: int, bar: Bar) -> Contest:
    """The same on a graph too large for pandana's contraction: its seconds a node are those of fewer copies.

    Its sums there must equal ours there, all of them; and ours on the whole must equal those for the first copy, whose
    neighbours to the right and above are the same ones in both.
    """
    limit = metres * DECIMETRES
    net, values = ground.ours, ground.graph.people
    part = ground.fewer_copies(copies)
    other, one = part.pandana, len(part.graph) // copies
    share = len(part.graph) / len(ground.graph)

    def differ(mine: AnyArray, theirs: AnyArray) -> str:
        ours_there = np.asarray(part.ours.sums(part.graph.people, limit))
        said = equality.sums_differ(ours_there, theirs)
        return said or equality.sums_differ(np.asarray(mine)[:one], ours_there[:one])

    return Contest(
        ours=lambda: net.sums(values, limit),
        peers={
            "pandana aggregate": Peer(
                lambda: other.sums(limit),
                differ,
                bar,
                share=share,
                once=metres > 1000,
                note=f"pandana's seconds are those of {len(part.graph):,} nodes over {share:.2f}: its network of all "
                "of them was not made in eight minutes",
            )
        },
        warm=lambda: _little().sums(np.ones(WARM_PIECE, dtype=values.dtype), limit),
        size=ground.size,
    )


def rows(ground: Ground, *, metres: int, sites: int, bar: Bar) -> Contest:
    """Every node within ``metres`` of each of scattered sites, with its cost."""
    limit = metres * DECIMETRES
    chosen = ground.sites(sites, seed=1)
    net, other = ground.ours, ground.pandana
    return Contest(
        ours=lambda: net.rows(chosen, limit),
        peers={
            "pandana nodes_in_range": Peer(
                lambda: other.rows(chosen, limit), lambda mine, theirs: equality.rows_differ(mine, theirs, chosen), bar
            )
        },
        warm=lambda: _little().rows(np.arange(3), limit),
        size=f"{len(chosen):,} sites on {ground.size}",
    )


def nearest(ground: Ground, *, places: int, k: int, metres: int, bar: Bar) -> Contest:
    """The ``k`` nearest of scattered places for every node, with their ids, within ``metres``."""
    limit = metres * DECIMETRES
    chosen = ground.sites(places, seed=2)
    net, other = ground.ours, ground.pandana
    other.know_places(chosen, limit, k)
    return Contest(
        ours=lambda: net.nearest(chosen, k, limit),
        peers={
            "pandana nearest_pois": Peer(
                lambda: other.nearest(limit, k), lambda mine, theirs: equality.nearest_differ(mine, theirs, k), bar
            )
        },
        warm=lambda: _little().nearest(np.arange(5), k, limit),
        size=f"{len(chosen):,} places within {metres / 1000:g} km, {ground.size}",
    )


@dataclass(frozen=True, slots=True)
class Square:
    """The ends of a full table, and how many of its rows scipy is asked for: each costs it a search of the whole."""

    sources: Longs
    targets: Longs
    sampled: int

    @classmethod
    def on(cls, ground: Ground, side: int, *, sampled: int) -> Square:
        sources, targets = ground.on_main(side, seed=3), ground.on_main(side, seed=4)
        order = np.random.default_rng(5).permutation(len(sources))  # so that the first rows are drawn from all
        return cls(sources[order], targets, min(sampled, len(sources)))

    @property
    def share(self) -> float:
        return self.sampled / len(self.sources)

    def scipys(self, matrix: sparse.csr_array, bar: Bar | None) -> Peer:
        return Peer(
            lambda: peers.scipy_table(matrix, self.sources[: self.sampled], self.targets),
            lambda mine, theirs: equality.table_differs(mine[: self.sampled], theirs),
            bar,
            share=self.share,
            note=f"scipy asked for {self.sampled:,} of {len(self.sources):,} rows" if self.share < 1 else "",
        )


def table(ground: Ground, *, side: int, scipy_bar: Bar, pandana_bar: Bar, sampled: int = 100) -> Contest:
    """Every cost between scattered sources and targets, without a limit."""
    square = Square.on(ground, side, sampled=sampled)
    net, other = ground.ours, ground.pandana
    return Contest(
        ours=lambda: net.table(square.sources, square.targets),
        peers={
            "scipy dijkstra": square.scipys(ground.matrix, scipy_bar),
            "pandana shortest_path_lengths": Peer(
                lambda: other.table(square.sources, square.targets), equality.table_differs, pandana_bar
            ),
        },
        warm=lambda: net.table(square.sources[:2], square.targets[:2]),
        once="our order of the network and its first use",
        size=f"{len(square.sources):,} x {len(square.targets):,} on {ground.size}",
    )


def edit(ground: Ground, *, side: int, bar: Bar) -> Contest:
    """A street closed over many edges and another made slow, then the same table; pandana is built anew."""
    graph, net = ground.graph, ground.ours
    square = Square.on(ground, side, sampled=min(20, side))
    edges, costs = edited(graph)
    changed = changed_costs(graph, edges, costs)
    after = Graph(graph.name, graph.x, graph.y, graph.tail, graph.head, changed, graph.people)
    return Contest(
        ours=lambda: net.reweigh(edges, costs).table(square.sources, square.targets),
        peers={
            "pandana rebuilt": Peer(
                lambda: Pandana(after).table(square.sources, square.targets), equality.table_differs, bar
            ),
            "scipy dijkstra": square.scipys(after.matrix(), None),
        },
        warm=lambda: net.reweigh(edges[:1], costs[:1]).table(square.sources[:2], square.targets[:2]),
        size=f"{len(edges):,} edges, then {len(square.sources):,} x {len(square.targets):,} on {ground.size}",
    )


def edited(graph: Graph) -> tuple[Longs, Ints]:
    """The edges across a line through the middle become a detour of 50 km, those of one quarter three times as slow."""
    east, north = (graph.x[graph.tail] + graph.x[graph.head]) / 2, (graph.y[graph.tail] + graph.y[graph.head]) / 2
    middle = np.median(graph.x)
    across = (graph.x[graph.tail] < middle) != (graph.x[graph.head] < middle)
    slow = (np.hypot(east - np.median(east), north - np.quantile(north, 0.25)) < 300) & ~across
    edges = np.flatnonzero(across | slow)
    costs = np.where(across[edges], 500_000, 3 * graph.cost[edges]).astype(np.int32)
    return edges, costs


def changed_costs(graph: Graph, edges: Longs, costs: Ints) -> Ints:
    changed = graph.cost.copy()
    changed[edges] = costs
    return changed


def _little() -> Any:
    """A street of so many nodes, on which a kernel is compiled before the clock runs."""
    from utopias.network.street_network import StreetNetwork

    number = np.arange(WARM_PIECE)
    ends = np.concatenate([number[:-1], [0]]), np.concatenate([number[1:], [WARM_PIECE // 2]])
    cost = np.full(len(ends[0]), 100, dtype=np.int32)
    return StreetNetwork.from_edges(number * 10.0, number % 7 * 1.0, *ends, cost)
