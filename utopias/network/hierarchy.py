"""A hierarchy over the junctions: made once for how streets hang together, weighed anew in milliseconds.

The order depends on no cost. Closing a street, a slope, another walker, a footbridge between two junctions
that a link already joins: all are new costs on the same hierarchy. From any two junctions the ways up it
meet at a vertex above both; a table is read off there (``tables``), without searching the streets.

Source
------
Dibbelt, Strasser & Wagner (2016), Customizable contraction hierarchies, ACM J. Exp. Algorithmics 21:1.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Floats, Ints, Longs, frozen
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.network.chains import Links

BALANCE = 0.25  # share of a part at either end that the flow runs between, as Schild & Sommer (2015) took it
DIRECTIONS = 4  # tried for each separator, also as theirs
WORTH_ALL = 0.05  # of the vertices touched: with more, weighing everything is quicker than picking


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """(n,) junctions in an order of nested dissection, and the arcs that contracting them in it leaves.

    rank : (n,) of each junction. By rank: parent (n,) in the elimination tree, -1 at a root; first (n,) the
        lowest rank below, so that ``first[v]`` to ``v`` is all that lies below v.
    starts, heads : arcs from each vertex to those above it, heads rising. tails : (a,) where an arc begins.
    below_starts, below : for each vertex, the arcs that end at it.
    arc_of_link : (m,) of each link of the graph it was made of, 2*arc if it leads up, 2*arc + 1 if down.
    deepest : vertices on the longest way up.
    """

    rank: Ints
    parent: Ints
    first: Ints
    starts: Longs
    heads: Ints
    tails: Ints
    below_starts: Longs
    below: Ints
    arc_of_link: Ints
    deepest: int

    def __post_init__(self) -> None:
        for name in ("rank", "parent", "first", "starts", "heads", "tails", "below_starts", "below", "arc_of_link"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.rank)

    def __repr__(self) -> str:
        return f"<Hierarchy of {len(self):,} junctions: {len(self.heads):,} arcs, at most {self.deepest} vertices high>"


@dataclass(frozen=True, eq=False)
class Weights:
    """(a,) least cost of every arc over vertices below both its ends: ``up`` from the lower end, ``down`` to it.

    costs : (m,) those of the links they come from. Costs of 2**30 - 1 deciseconds (3.4 years) or more are closed.
    """

    up: Ints
    down: Ints
    costs: Ints

    def __post_init__(self) -> None:
        for name in ("up", "down", "costs"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def hierarchy_of(x: Floats, y: Floats, links: Links) -> Hierarchy:
    """Order and contract a graph; its costs are not looked at.

    Parameters
    ----------
    x, y : (n,) metres, for the directions in which separators are sought. links : from every junction.
        A link without one back is a street both ways, closed in one. Loops and doubles are allowed.

    Returns
    -------
    Hierarchy, the same for the same graph. Porto (67,946 junctions): 0.7 s.
    """
    from utopias.network.hierarchy_kernels import contract

    count = len(links)
    tail = np.repeat(np.arange(count, dtype=np.int64), np.diff(links.starts))
    head = links.heads.astype(np.int64)
    other = tail != head
    pairs = np.unique(np.concatenate([tail[other] * count + head[other], head[other] * count + tail[other]]))
    around = (pairs % max(count, 1)).astype(np.int32)
    around_starts = _starts(pairs // max(count, 1), count)

    order = _order(x, y, around_starts, around)
    rank, parent, first, starts, heads, deepest = contract(around_starts, around, order)
    tails = np.repeat(np.arange(count, dtype=np.int32), np.diff(starts))
    low, high = np.minimum(rank[tail], rank[head]), np.maximum(rank[tail], rank[head])
    arc = np.searchsorted(tails.astype(np.int64) * count + heads, low.astype(np.int64) * count + high)
    arc_of_link = np.where(other, 2 * arc + (rank[tail] > rank[head]), -1)
    return Hierarchy(
        rank=rank,
        parent=parent,
        first=first,
        starts=starts,
        heads=heads,
        tails=tails,
        below_starts=_starts(heads, count),
        below=np.argsort(heads, kind="stable").astype(np.int32),
        arc_of_link=arc_of_link.astype(np.int32),
        deepest=int(deepest),
    )


def weights_of(hierarchy: Hierarchy, links: Links, *, before: Weights | None = None) -> Weights:
    """Put the costs of the links on the hierarchy.

    Parameters
    ----------
    links : those the hierarchy was made of, in the same order, with any costs of 0 or more.
    before : weights of the same hierarchy. Where few costs differ from theirs, only what lies above
        the changed links is weighed again; the result is the same, bit for bit.

    Returns
    -------
    Weights. ``before`` itself if no cost differs.

    Raises
    ------
    ProblemError : links of another graph.
    """
    from utopias.network.hierarchy_kernels import lay_costs, upward_of, weigh, weigh_again

    h = hierarchy
    if len(links.costs) != len(h.arc_of_link) or len(links) != len(h):
        raise ProblemError(
            Fault(
                code="other-streets",
                what=Sentence(
                    "the costs are for {count:,} links between {junctions:,} junctions, the hierarchy was made of {links:,} between {others:,}",
                    count=len(links.costs),
                    junctions=len(links),
                    links=len(h.arc_of_link),
                    others=len(h),
                ),
                mend="make a hierarchy of these streets, or reweigh the streets it was made of",
            )
        )
    touched = None
    if before is not None:
        changed = np.flatnonzero((links.costs != before.costs) & (h.arc_of_link >= 0))
        touched = upward_of(h.parent, h.tails[h.arc_of_link[changed] >> 1])
        if len(touched) == 0:
            return before
    street_up, street_down = np.empty(len(h.heads), dtype=np.int32), np.empty(len(h.heads), dtype=np.int32)
    lay_costs(h.arc_of_link, links.costs, street_up, street_down)
    if before is None or touched is None or len(touched) > WORTH_ALL * len(h):
        weigh(h.starts, h.heads, street_up, street_down)
        return Weights(street_up, street_down, links.costs)
    up, down = before.up.copy(), before.down.copy()
    weigh_again(h.starts, h.heads, h.below_starts, h.below, h.tails, touched, street_up, street_down, up, down)
    return Weights(up, down, links.costs)


def _order(x: Floats, y: Floats, starts: Longs, heads: Ints) -> Ints:
    """(n,) junctions, first contracted first: those of small degree, then by nested dissection of the rest."""
    from utopias.network.dissection_kernels import dissect
    from utopias.network.hierarchy_kernels import strip

    count = len(starts) - 1
    left, degree = heads.copy(), np.diff(starts).astype(np.int32)
    order = np.empty(count, dtype=np.int32)
    gone = strip(starts, left, degree, order)
    core = np.flatnonzero(degree > 0)
    number = np.empty(count, dtype=np.int32)
    number[core] = np.arange(len(core), dtype=np.int32)
    rows = np.concatenate([[0], np.cumsum(degree[core])]).astype(np.int64)
    taken = np.arange(rows[-1]) + np.repeat(starts[core] - rows[:-1], degree[core])
    nodes = np.empty(len(core), dtype=np.int32)
    dissect(x[core], y[core], rows, number[left[taken]], BALANCE, DIRECTIONS, nodes)
    order[gone:] = core[nodes]
    return order


def _starts(key: Longs | Ints, groups: int) -> Longs:
    """(groups + 1,) where each group begins among sorted keys."""
    return np.concatenate([[0], np.cumsum(np.bincount(key, minlength=groups))]).astype(np.int64)
