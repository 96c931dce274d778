"""Bridges and tunnels: which junctions lie off the ground, and their heights between where the deck lands.

A raster of the ground knows the valley, not the bridge over it. What hangs in the air, or runs below, takes
its height from its ends alone. Stairs and lifts are no deck: they lead to it, and it does not come down to
them. Reads no raster.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.streets import Streets

OFF_GROUND = frozenset(("bridge", "footbridge", "tunnel", "underpass", "elevator", "corridor"))  # classes of an edge
SHORTEST = 0.1  # metres: what two junctions on one spot are taken to be apart


def deck_of(streets: Streets, off_ground: Bools | None = None) -> Bools:
    """(e,) the edges that are deck: on a bridge or in a tunnel, and walked level; no stairs, no lift.

    off_ground : (e,) edges said to be off the ground, beside those whose class says so (``OFF_GROUND``).
    """
    off: Bools = np.isin(streets.kind, list(OFF_GROUND))
    if off_ground is not None:
        off = off | off_ground
    deck: Bools = off & ~climbs(streets)
    return deck


def climbs(streets: Streets) -> Bools:
    """(e,) stairs and lifts: they join two levels."""
    either: Bools = np.asarray(streets.steps, dtype=bool) | is_lift(streets)
    return either


def is_lift(streets: Streets) -> Bools:
    """(e,) lifts: nobody climbs them on foot."""
    lift: Bools = streets.kind == "elevator"
    return lift


def lifted_junctions(streets: Streets, deck: Bools) -> Bools:
    """(j,) junctions strictly on a deck: all their edges are deck, or at least two are and the others stairs or lifts.

    A junction where a street meets the deck is where it lands. So is the end of a deck that only stairs
    leave; and where a whole deck has no other landing, every stair of it.
    """
    junctions = len(streets.x)
    every = _met(streets, np.ones(len(streets), dtype=bool))
    by_deck, by_climb = _met(streets, deck), _met(streets, climbs(streets) & ~deck)
    only = (by_deck > 0) & (every == by_deck)
    lifted: Bools = only | ((by_deck >= 2) & (every == by_deck + by_climb))
    use = deck & (lifted[streets.tail] | lifted[streets.head])
    count, piece = connected_components(
        coo_array((np.ones(int(use.sum())), (streets.tail[use], streets.head[use])), shape=(junctions, junctions)),
        directed=False,
    )
    landed = np.zeros(count, dtype=bool)
    landed[piece[~lifted & (_met(streets, use) > 0)]] = True
    lifted &= ~((by_climb > 0) & ~landed[piece])
    return lifted


def spanned(height: Floats, lifted: Bools, deck: Bools, streets: Streets) -> Floats:
    """(j,) the heights, those of the lifted junctions on even slopes between where their deck lands.

    Each is the mean of its neighbours along the deck, weighed by one over the metres between: on a single
    deck a straight line by length, on one with several ends what a rope net would take. Without a landing
    whose height is known it is NaN.
    """
    tail, head = streets.tail, streets.head
    known = ~np.isnan(np.where(lifted, 0.0, height))
    use = deck & (lifted[tail] | lifted[head]) & known[tail] & known[head]
    a, b = np.concatenate([tail[use], head[use]]), np.concatenate([head[use], tail[use]])
    weight = 1.0 / np.maximum(np.tile(streets.length[use], 2), SHORTEST)
    _, piece = connected_components(coo_array((weight, (a, b)), shape=(len(height), len(height))), directed=False)
    landed = np.zeros(len(height), dtype=bool)
    landed[piece[~lifted & np.isin(np.arange(len(height)), a)]] = True
    solved = np.flatnonzero(lifted & landed[piece])
    made = np.where(lifted, np.nan, height)
    if not len(solved):
        return made
    place = np.full(len(height), -1)
    place[solved] = np.arange(len(solved))
    rows = place[a] >= 0
    a, b, weight = a[rows], b[rows], weight[rows]
    inner = place[b] >= 0
    own = np.bincount(place[a], weights=weight, minlength=len(solved))
    right = np.bincount(place[a[~inner]], weights=weight[~inner] * height[b[~inner]], minlength=len(solved))
    index = np.concatenate([place[a[inner]], np.arange(len(solved))])
    other = np.concatenate([place[b[inner]], np.arange(len(solved))])
    matrix = coo_array((np.concatenate([-weight[inner], own]), (index, other)), shape=(len(solved), len(solved)))
    made[solved] = spsolve(matrix.tocsc(), right)
    return made


def _met(streets: Streets, edges: Bools) -> Longs:
    """(j,) how many ends of these edges each junction has."""
    ends = np.concatenate([streets.tail[edges], streets.head[edges]])
    met: Longs = np.bincount(ends, minlength=len(streets.x)).astype(np.int64)
    return met
