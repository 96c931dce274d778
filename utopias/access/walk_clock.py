"""How long the walk between one place and any point of any street takes, by the rules of the travel times.

Least costs are found once for the junctions; a point on a street between them takes the better of its
two ends, or the direct way to a door on the same street. In whole deciseconds, as ``travel_times``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from utopias.domain.arrays import AnyArray, Floats, Longs
from utopias.domain.quantities import Duration
from utopias.network.attach import Attached
from utopias.network.kernels import within
from utopias.network.street_network import StreetNetwork

FAR = 2**40  # deciseconds of a walk that is beyond the limit, or has no way


@dataclass(frozen=True, eq=False)
class WalkClock:
    """One place on a network.

    junction : (n,) deciseconds between each junction and the place, FAR beyond the limit.
    edge, share, chain, ahead, behind, snap : (d,) its doors, as in ``Attached``.
    from_place : walked from the place; otherwise to it.
    """

    network: StreetNetwork
    junction: Longs
    edge: Longs
    share: Floats
    chain: Longs
    ahead: Longs
    behind: Longs
    snap: Longs
    from_place: bool

    @classmethod
    def of(cls, network: StreetNetwork, doors: Attached, place: int, limit: Duration, *, from_place: bool) -> WalkClock:
        """The clock of one of the places that ``doors`` belong to, good up to ``limit``."""
        own = doors.place == place
        edge, share, chain, ahead, behind, snap = (
            column[own] for column in (doors.edge, doors.share, doors.chain, doors.ahead, doors.behind, doors.snap)
        )
        chains = network.chains
        at_tail, at_head = (
            (behind, chains.onward[chain] - ahead) if from_place else (ahead, chains.back[chain] - behind)
        )
        nodes = np.concatenate([chains.tail[chain], chains.head[chain]])
        costs = np.concatenate([at_tail + snap, at_head + snap])
        junction = _junction_times(network, nodes, costs, limit, from_place=from_place)
        return cls(network, junction, edge, share, chain, ahead, behind, snap, from_place)

    def at(self, edge: AnyArray, share: Floats) -> Longs:
        """(k,) deciseconds between points on edges, at shares of their lengths, and the place; FAR or more for none."""
        chains = self.network.chains
        ahead, behind = self.network.edges.along(edge, share)
        chain = self.network.edges.chain[edge]
        tail, head = self.junction[chains.tail[chain]], self.junction[chains.head[chain]]
        if self.from_place:
            best: Longs = np.minimum(tail + ahead, head + chains.back[chain] - behind)
        else:
            best = np.minimum(tail + behind, head + chains.onward[chain] - ahead)
        for d in range(len(self.chain)):
            same = np.flatnonzero(chain == self.chain[d])
            # One of the two is how far one lies ahead of the other, and never are both over 0.
            there, back = self.ahead[d] - ahead[same], behind[same] - self.behind[d]
            direct = np.maximum(-there, -back) if self.from_place else np.maximum(there, back)
            best[same] = np.minimum(best[same], direct + self.snap[d])
        return best


def _junction_times(
    network: StreetNetwork, nodes: AnyArray, costs: Longs, limit: Duration, *, from_place: bool
) -> Longs:
    """(n,) deciseconds between every junction and a place, whose doors are ``costs`` away from ``nodes``; FAR beyond ``limit``."""
    search: Any = within
    graph, n = network.forward if from_place else network.reverse, len(network)
    each = np.arange(n + 1, dtype=np.int64)  # every junction is a target of its own, and none lies along a chain
    doors, nobody = np.zeros((0, 5), dtype=np.int64), np.zeros(0, dtype=np.int32)
    _, found, times = search(
        (graph.starts, graph.heads, graph.costs),
        (np.array([0, len(nodes)]), nodes.astype(np.int32), costs.astype(np.int64)),
        (each, each[:-1].astype(np.int32), np.zeros(n, dtype=np.int64)),
        (np.zeros(2, dtype=np.int64), doors),
        (np.zeros(len(network.chains) + 1, dtype=np.int64), nobody, doors),
        0, 1, n, limit.deciseconds, n + 1,
    )  # fmt: skip
    junction: Longs = np.full(n, FAR, dtype=np.int64)
    junction[found] = times
    return junction
