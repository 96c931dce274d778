"""The streets as one pedestrian walks them: a frozen graph of integers, made once and asked often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, frozen
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.memory import must_fit
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Lines
from utopias.domain.streets import FOOTBRIDGE, Streets
from utopias.domain.town import Town
from utopias.network.barriers import NO_BARRIER, Barrier, cuts_of
from utopias.network.chains import Chains, Cuts, DrawnEdges, JunctionGraph, Links, weigh
from utopias.network.effort import DAYLIGHT, Impedance, edge_costs, walking_speed
from utopias.network.given_edges import Straight, check_edges, check_reweighing
from utopias.network.hierarchy import Hierarchy, Weights, hierarchy_of, weights_of
from utopias.network.nearest import NearestNodes
from utopias.network.order import hilbert_order
from utopias.network.profiles import Profile
from utopias.network.rows import Rows
from utopias.network.segments import Segments
from utopias.network.shape import find_shape
from utopias.scale import Runner

Made = TypeVar("Made")

# Bytes at the worst moment of building. Measured, both together, of an edge: 159 on a grid of 1 million edges and on the
# borough, 103 on Porto, whose streets bend at most nodes, 245 where no two edges meet.
BYTES_AN_EDGE, BYTES_A_NODE = 140, 60


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """(j,) nodes, (n,) junctions and the ways between them, for one walker. All costs are whole deciseconds.

    x, y : (n,) metres of the junctions, which stand in Hilbert order: only nodes where a walker has a choice (or none).
    graph : the junction graph from each junction and to it, the chains that make it, and the (e,) walkable edges.
    order : (j,) the nodes as they were given, in Hilbert order: node k of ``graph.shape`` is ``order[k]``.
    drawn : (e,) the courses of the edges, or the nodes between which they run straight.
    walker, speed_m_s : who walks, and how fast on the flat (also the snap leg).
    rise_known : share of the edges whose rise is known; the others are walked as if flat.
    doorless : (e,) edges that no door opens on; None for no edge.
    barrier : lines that nobody crosses, neither on a street nor from a door to its street.
    impedance : by which rules they were weighed, and how much was known; None where the costs were found elsewhere.
    """

    x: Floats
    y: Floats
    graph: JunctionGraph
    order: Ints
    drawn: Lines | Straight
    walker: str
    speed_m_s: float
    rise_known: float
    doorless: Bools | None = None
    barrier: Barrier = NO_BARRIER
    _once: dict[str, Any] = field(default_factory=dict, repr=False)
    _weighed_before: Weights | None = field(default=None, repr=False)
    impedance: Impedance | None = None

    def __post_init__(self) -> None:
        for name in ("x", "y", "order"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __repr__(self) -> str:
        largest = self.component_share[0] if len(self.component_share) else 0.0
        return (
            f"<StreetNetwork for {self.walker}: {len(self.x):,} junctions, {len(self.component_share):,} pieces, "
            f"{largest:.1%} of the edges in the largest>"
        )

    def __len__(self) -> int:
        return len(self.x)

    @property
    def forward(self) -> Links:
        """The graph from each junction."""
        return self.graph.forward

    @property
    def reverse(self) -> Links:
        """The graph to each junction."""
        return self.graph.reverse

    @property
    def chains(self) -> Chains:
        """(c,) what joins two junctions."""
        return self.graph.chains

    @property
    def edges(self) -> DrawnEdges:
        """(e,) the walkable edges as drawn, and where each lies on its chain."""
        return self.graph.edges

    @property
    def component_share(self) -> Floats:
        """(k,) share of the walkable edges in each connected piece, largest first."""
        return self.graph.shape.component_share

    @property
    def lines(self) -> Lines:
        """(e,) the courses of the edges, to which places are attached."""
        drawn = self.drawn
        return self._made_once("lines", drawn.lines) if isinstance(drawn, Straight) else drawn

    @property
    def segments(self) -> Segments:
        """The straight pieces of ``lines``, on a grid."""
        return self._made_once("segments", lambda: Segments.of(self.lines, doorless=self.doorless))

    @property
    def number(self) -> Ints:
        """(j,) where each node given stands in Hilbert order."""

        def turned() -> Ints:
            number = np.empty(len(self.order), dtype=np.int32)
            number[self.order] = np.arange(len(self.order), dtype=np.int32)
            return number

        return self._made_once("number", turned)

    @property
    def hierarchy(self) -> Hierarchy:
        """The order in which tables are read off, whatever the costs."""
        return self._made_once("hierarchy", lambda: hierarchy_of(self.x, self.y, self.forward))

    @cached_property
    def weights(self) -> Weights:
        """The costs as the hierarchy carries them; only what lies above changed streets is weighed again."""
        return weights_of(self.hierarchy, self.forward, before=self._weighed_before)

    def _made_once(self, name: str, make: Callable[[], Made]) -> Made:
        """What does not depend on costs is made when first asked for, and shared by every network reweighed from this."""
        if name not in self._once:
            self._once[name] = make()
        made: Made = self._once[name]
        return made

    @property
    def edge_component(self) -> Ints:
        """(e,) the connected piece each walkable edge belongs to; 0 is the main one."""
        component: Ints = self.chains.component[self.edges.chain]
        return component

    def is_large(self, island_share: float) -> Bools:
        """(e,) whether each edge is in the main piece or in one with at least ``island_share`` of all edges."""
        large = self.component_share >= island_share
        large[:1] = True
        of_edge: Bools = large[self.edge_component]
        return of_edge

    @classmethod
    def from_edges(
        cls,
        x: object,
        y: object,
        tail: object,
        head: object,
        cost: object,
        cost_back: object | None = None,
        *,
        walker: str = "adult",
        speed: str | None = None,
    ) -> StreetNetwork:
        """Make a network from nodes, edges and whole costs found elsewhere; edges are drawn straight.

        Parameters
        ----------
        x, y : (j,) metres. tail, head : (e,) node numbers from 0.
        cost, cost_back : (e,) integer deciseconds from tail to head and back; one way's cost serves both
            where ``cost_back`` is None. 0 is allowed.
        walker, speed : for the leg from a place to its street only.

        Raises
        ------
        TableError : lengths differ, an edge ends nowhere, a coordinate is not finite, or a cost is not a
            whole number of 0 or more.
        """
        east, north = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        there, back = np.asarray(cost), np.asarray(cost if cost_back is None else cost_back)
        start, end = np.asarray(tail), np.asarray(head)
        check_edges(east, north, start, end, there, back)
        start, end, onward = start.astype(np.int32), end.astype(np.int32), there.astype(np.int32)
        homeward = onward if cost_back is None else back.astype(np.int32)
        return _network(
            east, north, start, end, onward, homeward, row=np.arange(len(start), dtype=np.int32),
            drawn=Straight(east, north, start, end), walker=walker, speed_m_s=walking_speed(walker, speed), rise_known=0.0,
        )  # fmt: skip

    def reweigh(self, edges: object, cost: object, cost_back: object | None = None) -> StreetNetwork:
        """The same streets with other costs on some edges: nothing is searched or sorted again.

        Parameters
        ----------
        edges : (k,) positions among the walkable edges (for ``from_edges``: the edges as given), each once.
        cost, cost_back : (k,) whole deciseconds from tail to head and back; one way's cost serves both
            where ``cost_back`` is None. ``BLOCKED`` (2**30) closes a way.

        Raises
        ------
        TableError : lengths differ, an edge is not there or named twice, a cost is no whole number of 0 or more.
        """
        there, back = np.asarray(cost), np.asarray(cost if cost_back is None else cost_back)
        at = np.asarray(edges)
        at = at.astype(np.int64) if at.size == 0 else at
        check_reweighing(len(self.edges), at, there, back)
        onward, homeward = self.edges.onward.copy(), self.edges.back.copy()
        onward[at], homeward[at] = there, back
        return self._weighed(onward, homeward, self.edges.cuts, self.barrier)

    def behind(self, barrier: Barrier, *, spared: Bools | None = None) -> StreetNetwork:
        """The same streets with one barrier more: every edge it crosses is cut there, no door is joined across it.

        spared : (e,) edges that lead over it; None for none.
        """
        cuts = self.edges.cuts.and_those(cuts_of(self.segments, barrier), spared)
        return self._weighed(self.edges.onward, self.edges.back, cuts, self.barrier + barrier)

    def _weighed(self, onward: Ints, back: Ints, cuts: Cuts, barrier: Barrier) -> StreetNetwork:
        graph = weigh(self.graph.shape, onward, back, row=self.edges.row, cuts=cuts)
        before = self.__dict__.get("weights", self._weighed_before)
        return replace(self, graph=graph, barrier=barrier, _weighed_before=before)

    def sums(
        self, values: object, limit: int | str | Duration, nodes: object | None = None, *, runner: Runner | None = None
    ) -> Floats:
        """Add up what lies within ``limit`` of every node, or of ``nodes``: see ``every_node.sums_within``."""
        from utopias.network.every_node import sums_within

        return sums_within(self.graph, self.order, self.number, values, limit, nodes, runner=runner or Runner())

    def table(self, sources: object, targets: object, *, runner: Runner | None = None) -> Ints:
        """The least cost from each source to each target, however far: (s, t), -1 where no way leads.

        Parameters
        ----------
        sources, targets : (s,) and (t,) nodes as given to the network. The first table of a network orders its
            junctions (about ten seconds a million); after ``reweigh`` that is not done again.

        Raises
        ------
        ProblemError : numbers of no node. TooLargeError : the table would not fit; how many rows would is said.

        Source
        ------
        Customizable contraction hierarchies, see ``hierarchy`` and ``tables``.
        """
        from utopias.network.tables import asked_nodes, must_hold, node_table

        here, there = asked_nodes(sources, targets, len(self.order))  # before minutes go into an order
        alone = runner or Runner()
        must_hold(self.hierarchy, len(here), len(there), workers=alone.workers)
        return node_table(self.hierarchy, self.weights, self.graph, self.number, here, there, runner=alone)

    def rows(
        self, sources: object, limit: int | str | Duration, *, runner: Runner | None = None, memory: int | None = None
    ) -> Rows:
        """Every node within ``limit`` of each source, with the cost of the way there: see ``rows.rows_within``."""
        from utopias.network.rows import rows_within

        return rows_within(
            self.graph, self.order, self.number, sources, limit, runner=runner or Runner(), memory=memory
        )

    def nearest(
        self,
        nodes: object,
        k: int = 1,
        limit: int | str | Duration | None = None,
        *,
        runner: Runner | None = None,
        memory: int | None = None,
    ) -> NearestNodes:
        """The ``k`` nearest of ``nodes`` from every node, with their positions: see ``nearest.nearest_within``."""
        from utopias.network.nearest import nearest_within

        return nearest_within(
            self.graph, self.order, self.number, nodes, k, limit, runner=runner or Runner(), memory=memory
        )


def street_network(
    town_or_streets: Town | Streets,
    *,
    walker: str | Profile = "adult",
    speed: str | None = None,
    slope: str = "tobler",
    after_dark: float = DAYLIGHT,
) -> StreetNetwork:
    """The streets of a town as ``walker`` uses them.

    Parameters
    ----------
    town_or_streets : a town with streets, or its streets alone.
    walker : adult, child, older person, wheelchair or pram, or a Profile. speed : on the flat, with its unit
        ("4.3 km/h", "1.2 m/s"); None for the profile's own.
    slope : tobler or naismith. after_dark : how many times as long what is known to be unlit or unpaved takes, 1
        or more; a matter of surroundings (see ``edge_costs``).

    Returns
    -------
    StreetNetwork. Edges this walker may not or cannot use are not in it, so what only they
    join falls apart into components.

    Raises
    ------
    ProblemError : the town has no streets, or none of them is walkable for this walker; unknown walker or slope;
        a factor after dark under 1.
    TableError : see ``edge_costs``.
    """
    streets = town_or_streets.streets if isinstance(town_or_streets, Town) else town_or_streets
    if streets is None:
        raise ProblemError(
            Fault(
                code="no-streets",
                what="the town was built without streets",
                mend="build it with streets, or use straight_lines(town, circuity=1.3), whose times are marked estimated",
            )
        )
    costs = edge_costs(streets, walker=walker, speed=speed, slope=slope, after_dark=after_dark)
    row = np.flatnonzero(costs.walkable)
    if len(row) == 0:
        raise ProblemError(
            Fault(
                code="no-walkable-street",
                what=Sentence(
                    "none of {count:,} edges can be walked by {walker!r}", count=len(streets), walker=costs.walker
                ),
                where="foot and steps in edges",
                mend="mend the flags, or choose another walker",
            )
        )
    return _network(
        streets.x, streets.y, streets.tail[row], streets.head[row], costs.onward[row], costs.back[row],
        row=row, drawn=streets.lines.take(row), walker=costs.walker, speed_m_s=costs.speed_m_s, rise_known=costs.rise_known,
        doorless=streets.kind[row] == FOOTBRIDGE, impedance=costs.impedance,
    )  # fmt: skip


def _network(
    x: Floats,
    y: Floats,
    tail: Ints,
    head: Ints,
    onward: Ints,
    back: Ints,
    *,
    row: AnyArray,
    drawn: Lines | Straight,
    walker: str,
    speed_m_s: float,
    rise_known: float,
    doorless: Bools | None = None,
    impedance: Impedance | None = None,
) -> StreetNetwork:
    must_fit(
        len(tail),
        each=BYTES_AN_EDGE,
        of=Sentence("ways"),
        where=Sentence("the network of streets"),
        fixed=BYTES_A_NODE * len(x),
        mend=lambda _: Sentence("take a smaller area, or a larger machine"),
        code="too-many-ways",
    )
    order = hilbert_order(x, y).astype(np.int32)
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    tail, head = number[tail], number[head]
    del number
    shape = find_shape(len(x), tail, head)
    del tail, head
    at = order[shape.nodes]
    return StreetNetwork(
        x=x[at],
        y=y[at],
        graph=weigh(shape, onward, back, row=row),
        order=order,
        drawn=drawn,
        walker=walker,
        speed_m_s=speed_m_s,
        rise_known=rise_known,
        doorless=doorless,
        impedance=impedance,
    )
