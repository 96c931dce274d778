"""What every single swap would cost where places fill up: each valued by the exact split of people."""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import Bools
from utopias.siting.kernels import NEVER
from utopias.siting.median.swaps import Swaps
from utopias.siting.rooms.rooms import Rooms
from utopias.siting.rooms.transport import transport

# Swaps tried for each open site: those that the costs alone, as if there were room for all, find best come first.
TRIED = 6


def room_swaps(rooms: Rooms, chosen: Bools, *, stays: Bools | None = None) -> Swaps:
    """All losses without a site, and for each open site the best of ``TRIED`` stand-ins; the other swaps are inf.

    Places where each goes to one site are valued as if they could be split: their losses are then the least there are.
    """
    opened = np.flatnonzero(chosen)
    others = np.flatnonzero(rooms.free & ~chosen)
    now = _lost(rooms, chosen)
    without = np.zeros(len(opened))
    swapped = np.full((len(rooms.free), len(opened)), np.inf)
    added = np.full(len(rooms.free), np.inf)
    left = rooms.purse - float(rooms.prices[chosen].sum()) if rooms.purse < NEVER else NEVER
    gain = {int(i): _room_gained(rooms, int(i)) for i in others}
    for at, site in enumerate(opened.tolist()):
        trial = chosen.copy()
        trial[site] = False
        without[at] = _lost(rooms, trial) - now
        if stays is not None and stays[site]:
            continue
        near = sorted((i for i in gain if rooms.prices[i] - rooms.prices[site] <= left), key=lambda i: (-gain[i], i))
        for other in near[:TRIED]:
            trial[other] = True
            swapped[other, at] = _lost(rooms, trial) - now
            trial[other] = False
    if rooms.number < 0:
        for other in others.tolist():
            if rooms.prices[other] <= left:
                trial = chosen.copy()
                trial[other] = True
                added[other] = _lost(rooms, trial) - now
    return Swaps(opened, without, swapped, added)


def _lost(rooms: Rooms, chosen: Bools) -> float:
    """What a choice loses; inf where it leaves somebody who must be served."""
    cost, _, left = transport(
        *rooms.rows, rooms.cap, rooms.loads, rooms.room, (chosen & rooms.free) | rooms.given, NEVER
    )
    if rooms.leaves(float(left.sum())):
        return np.inf
    return float(cost) + float(rooms.fees[chosen].sum())


def _room_gained(rooms: Rooms, site: int) -> float:
    """What a site would save by itself: whom it reaches, as far as it has room, at what they are spared at most."""
    starts, demand, costs = rooms.by_site
    here = slice(int(starts[site]), int(starts[site + 1]))
    spared = rooms.cap[demand[here]] - costs[here]
    order = np.argsort(-spared, kind="stable")
    loads = rooms.loads[demand[here]][order]
    taken = np.clip(rooms.room[site] - (np.cumsum(loads) - loads), 0.0, loads)
    return float(np.dot(taken, spared[order]) - rooms.fees[site])
