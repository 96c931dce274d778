"""The streets as one pedestrian walks them: a frozen graph of integers, made once and asked often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs, frozen
from utopias.domain.errors import Fault, ProblemError, TableError
from utopias.domain.memory import must_fit
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Lines
from utopias.domain.streets import Streets
from utopias.domain.town import Town
from utopias.network.chains import Chains, DrawnEdges, JunctionGraph, Links, collapse
from utopias.network.effort import LONGEST, edge_costs, walking_speed
from utopias.network.order import hilbert_order

BYTES_AN_EDGE = 320  # at the worst moment of building; measured: 294 on 1 million edges, 310 on the borough


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """(n,) junctions and the ways between them, for one walker. All costs are whole deciseconds.

    x, y : (n,) metres; junctions in Hilbert order, only those where a walker has a choice (or none).
    forward, reverse : the graph from each junction, and to it.
    chains : (c,) what joins two junctions. edges : (e,) the walkable edges as drawn, and where each lies
        on its chain. lines : (e,) their courses, to which places are attached.
    component_share : (k,) share of the walkable edges in each connected piece, largest first.
    walker, speed_m_s : who walks, and how fast on the flat (also the snap leg).
    rise_known : share of the edges whose rise is known; the others are walked as if flat.
    """

    x: Floats
    y: Floats
    forward: Links
    reverse: Links
    chains: Chains
    edges: DrawnEdges
    lines: Lines
    component_share: Floats
    walker: str
    speed_m_s: float
    rise_known: float

    def __post_init__(self) -> None:
        for name in ("x", "y", "component_share"):
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
        _check_edges(east, north, start, end, there, back)
        start, end = start.astype(np.int32), end.astype(np.int32)
        coords = np.stack([np.stack([east[start], north[start]], 1), np.stack([east[end], north[end]], 1)], 1)
        lines = Lines(coords.reshape(-1, 2), 2 * np.arange(len(start) + 1, dtype=np.int64), "")
        return _network(
            east, north, start, end, there.astype(np.int32), back.astype(np.int32),
            row=np.arange(len(start)), lines=lines, walker=walker, speed_m_s=walking_speed(walker, speed), rise_known=0.0,
        )  # fmt: skip


def street_network(
    town_or_streets: Town | Streets, *, walker: str = "adult", speed: str | None = None
) -> StreetNetwork:
    """The streets of a town as ``walker`` uses them.

    Parameters
    ----------
    town_or_streets : a town with streets, or its streets alone.
    walker : adult, child, older person, wheelchair or pram. speed : on the flat, with its unit
        ("4.3 km/h", "1.2 m/s"); None for the profile's own.

    Returns
    -------
    StreetNetwork. Edges this walker may not or cannot use are not in it, so what only they
    join falls apart into components.

    Raises
    ------
    ProblemError : the town has no streets, or none of them is walkable for this walker; unknown walker.
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
    costs = edge_costs(streets, walker=walker, speed=speed)
    row = np.flatnonzero(costs.walkable)
    if len(row) == 0:
        raise ProblemError(
            Fault(
                code="no-walkable-street",
                what=Sentence("none of {count:,} edges can be walked by {walker!r}", count=len(streets), walker=walker),
                where="foot and steps in edges",
                mend="mend the flags, or choose another walker",
            )
        )
    return _network(
        streets.x, streets.y, streets.tail[row], streets.head[row], costs.onward[row], costs.back[row],
        row=row, lines=streets.lines.take(row), walker=walker, speed_m_s=costs.speed_m_s, rise_known=costs.rise_known,
    )  # fmt: skip


def _network(
    x: Floats,
    y: Floats,
    tail: Ints,
    head: Ints,
    onward: Ints,
    back: Ints,
    *,
    row: Longs,
    lines: Lines,
    walker: str,
    speed_m_s: float,
    rise_known: float,
) -> StreetNetwork:
    must_fit(
        len(tail),
        each=BYTES_AN_EDGE,
        of=Sentence("ways"),
        where=Sentence("the network of streets"),
        mend=lambda _: Sentence("take a smaller area, or a larger machine"),
        code="too-many-ways",
    )
    order = hilbert_order(x, y)
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    graph: JunctionGraph = collapse(len(x), number[tail], number[head], onward, back, row=row)
    at = order[graph.nodes]
    return StreetNetwork(
        x=x[at],
        y=y[at],
        forward=graph.forward,
        reverse=graph.reverse,
        chains=graph.chains,
        edges=graph.edges,
        lines=lines,
        component_share=graph.component_share,
        walker=walker,
        speed_m_s=speed_m_s,
        rise_known=rise_known,
    )


def _check_edges(x: AnyArray, y: AnyArray, tail: AnyArray, head: AnyArray, cost: AnyArray, cost_back: AnyArray) -> None:
    faults = []
    if x.shape != y.shape or x.ndim != 1:
        faults.append(Fault("misaligned", Sentence("x has shape {shape}, y {shape_2}", shape=x.shape, shape_2=y.shape)))
    elif not (np.isfinite(x).all() and np.isfinite(y).all()):
        faults.append(Fault("no-coordinates", "some nodes have no finite coordinates", where="x and y"))
    if tail.ndim != 1 or any(other.shape != tail.shape for other in (head, cost, cost_back)):
        shapes = ", ".join(str(a.shape) for a in (tail, head, cost, cost_back))
        faults.append(
            Fault("misaligned", Sentence("tail, head, cost and cost_back have shapes {shapes}", shapes=shapes))
        )
    elif len(tail) == 0:
        faults.append(Fault("no-walkable-street", "there is no edge at all"))
    else:
        whole = all(np.issubdtype(a.dtype, np.integer) for a in (tail, head, cost, cost_back))
        if not whole:
            faults.append(
                Fault(
                    code="not-whole",
                    what="tail, head and costs must be whole numbers",
                    where="edges",
                    mend="round costs to deciseconds once, half up, before they come here",
                )
            )
        lost = (np.minimum(tail, head) < 0) | (np.maximum(tail, head) >= len(x))
        bad = ~((cost >= 0) & (cost <= LONGEST) & (cost_back >= 0) & (cost_back <= LONGEST))
        for code, rows, what in (
            ("edge-of-nothing", lost, Sentence("edges end at a node that does not exist")),
            ("bad-cost", bad, Sentence("edges have a cost under 0 or over {longest:,} deciseconds", longest=LONGEST)),
        ):
            if rows.any():
                first = int(np.flatnonzero(rows)[0])
                faults.append(
                    Fault(
                        code,
                        Sentence("{count:,} of {total:,} {what}", count=int(rows.sum()), total=len(tail), what=what),
                        count=int(rows.sum()),
                        first=Sentence("edge {first}", first=first),
                    )
                )
    if faults:
        raise TableError(faults)
