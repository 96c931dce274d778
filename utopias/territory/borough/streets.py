"""The streets of a made-up town: which pieces stay, what joins them, how they lie on the map.

A piece with no built ground on either side falls away; over the railway and the canals only
crossings remain, and always enough of them that one main component holds the town together.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from utopias.domain.arrays import Bools, Floats, Longs, texts
from utopias.domain.shapes import Lines
from utopias.domain.streets import Streets
from utopias.territory.borough.blocks import GREEN, HILL, HOMES, STREETED, WALLED, Plots
from utopias.territory.borough.chance import stream
from utopias.territory.borough.districts import HILLSIDE, LAKE, OLD, WORKS, Districts
from utopias.territory.borough.ground import ORIGIN, Ground
from utopias.territory.borough.pieces import (
    IF_NEEDED,
    NO_CROSSING,
    PATH,
    RESIDENTIAL,
    STEPS,
    VEHICLES_ONLY,
    Pieces,
    corner_key,
    corner_of,
    lengths,
    pieces,
)
from utopias.territory.borough.words import STREETS

KINDS = ("primary", "secondary", "residential", "path", "steps")
STEEP = 0.16  # rise over run from which a made-up lane is a flight of steps
CUT = 0.085  # share of the inner pieces taken out, so that streets end and blocks differ
TRAIL = 0.2  # share of the pieces over bare hills that are trodden
BENT = 64.0  # metres from which a piece gets a vertex in its middle


def streets(ground: Ground, town: Districts, plots: Plots, seed: int, crs: str) -> tuple[Streets, Bools]:
    """Draw the streets, and say which plots have one.

    Returns
    -------
    streets : one main component, and one component for each inhabited isle in a lake.
    served : (plots,) a street runs along the plot.
    """
    chance = stream(seed, "streets")
    every = pieces(town, plots, chance)
    every = every.take(_stays(every, plots, chance))
    keys, number = np.unique(
        np.concatenate([corner_key(every.ua, every.va), corner_key(every.ub, every.vb)]), return_inverse=True
    )
    tail, head = np.split(number.astype(np.int64), 2)
    # A crossing that no street reaches on one side leads nowhere.
    met = np.zeros(len(keys), dtype=bool)
    street = every.crossing == NO_CROSSING
    met[tail[street]] = met[head[street]] = True
    whole = street | (met[tail] & met[head])
    every, tail, head = every.take(whole), tail[whole], head[whole]
    keep = _holds_together(every, tail, head, len(keys), _on_isle(every, town, plots), chance)
    kept, tail, head = every.take(keep), tail[keep], head[keep]
    used, ends = np.unique(np.concatenate([tail, head]), return_inverse=True)
    tail, head = np.split(ends.astype(np.int64), 2)
    served = np.zeros(len(plots) + 1, dtype=bool)
    served[kept.side] = served[kept.other] = True
    drawn = _drawn(ground, town, plots, kept, tail, head, keys[used], chance, crs)
    return drawn, served[:-1]


def _stays(every: Pieces, plots: Plots, chance: np.random.Generator) -> Bools:
    """Pieces with built ground on a side, crossings, and the paths through parks and over bare hills."""
    use = np.append(plots.use, WALLED)  # the last stands for -1, no plot
    side, other = use[every.side], use[every.other]
    built = np.isin(side, STREETED) | np.isin(other, STREETED)
    in_park = (side == GREEN) & (other == GREEN)
    on_hill = (side == HILL) & (other == HILL) & (chance.random(len(every)) < TRAIL)
    trail = (in_park | on_hill) & ~built
    every.kind[trail] = PATH
    every.spare[trail] = False
    stays: Bools = built | trail | (every.crossing != NO_CROSSING)
    return stays


def _on_isle(every: Pieces, town: Districts, plots: Plots) -> Bools:
    """Pieces between or around the homes of an isle."""
    home = np.append((plots.use == HOMES) & (town.pattern[plots.district] == LAKE), False)
    on: Bools = home[every.side] | home[every.other]
    return on


def _holds_together(
    every: Pieces, tail: Longs, head: Longs, junctions: int, isle: Bools, chance: np.random.Generator
) -> Bools:
    """Take pieces out at random, put back what that tore apart, open the crossings needed, drop scraps.

    Crossings for vehicles only never hold the town together: nobody may walk on them.
    """
    firm = ~np.isin(every.crossing, (VEHICLES_ONLY, IF_NEEDED))
    out = every.spare & (chance.random(len(every)) < CUT)
    label = _labels(tail, head, firm & ~out, junctions)
    firm &= ~out | (label[tail] != label[head])
    label = _labels(tail, head, firm, junctions)
    low, high = np.minimum(label[tail], label[head]), np.maximum(label[tail], label[head])
    needed = np.flatnonzero((every.crossing == IF_NEEDED) & (low != high))
    _, first = np.unique(low[needed] * junctions + high[needed], return_index=True)
    firm[needed[first]] = True
    label = _labels(tail, head, firm, junctions)
    main = int(np.bincount(label).argmax()) if len(label) else 0
    apart = np.zeros(len(label) + 1, dtype=bool)
    apart[label[tail[isle]]] = True
    apart[main] = True
    cars = (every.crossing == VEHICLES_ONLY) & (label[tail] == main) & (label[head] == main)
    kept: Bools = (firm & apart[label[tail]]) | cars
    return kept


def _labels(tail: Longs, head: Longs, keep: Bools, junctions: int) -> Longs:
    """(junctions,) the component of each junction, counting the kept pieces only."""
    links = np.ones(int(keep.sum()), dtype=np.int8)
    graph = coo_array((links, (tail[keep], head[keep])), shape=(junctions, junctions))
    labels: Longs = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _drawn(
    ground: Ground,
    town: Districts,
    plots: Plots,
    kept: Pieces,
    tail: Longs,
    head: Longs,
    keys: Longs,
    chance: np.random.Generator,
    crs: str,
) -> Streets:
    """The pieces on the map, with heights, names and surfaces."""
    x, y = ground.to_map(*corner_of(keys))
    height = ground.height(x - ORIGIN[0], y - ORIGIN[1])
    bent = lengths(kept) >= BENT
    starts = np.concatenate([[0], np.cumsum(2 + bent)]).astype(np.int64)
    coords = np.empty((int(starts[-1]), 2))
    coords[starts[:-1], 0], coords[starts[:-1], 1] = x[tail], y[tail]
    coords[starts[1:] - 1, 0], coords[starts[1:] - 1, 1] = x[head], y[head]
    middle = ground.to_map((kept.ua + kept.ub)[bent] / 2.0, (kept.va + kept.vb)[bent] / 2.0)
    coords[starts[:-1][bent] + 1, 0], coords[starts[:-1][bent] + 1, 1] = middle
    second = starts[:-1] + 1
    first_leg = _distance(coords[second], coords[starts[:-1]])
    length = np.round(first_leg + _distance(coords[starts[1:] - 1], coords[second]), 2)
    rise = np.round(height[head] - height[tail], 1)

    beside = np.where(kept.side >= 0, kept.side, kept.other)
    pattern = np.where(beside >= 0, town.pattern[plots.district[beside]], -1)
    small = np.isin(kept.kind, (RESIDENTIAL, PATH))
    steps = small & (np.abs(rise) > STEEP * length)
    kind = np.where(steps, STEPS, kept.kind)
    drawn = chance.random(len(kept))
    unpaved = (kind == PATH) & (drawn < 0.55) | (pattern == HILLSIDE) & (kind == RESIDENTIAL) & (drawn < 0.12)
    unknown = np.isin(pattern, (WORKS, OLD)) & (drawn > 0.8)
    surface = np.where(unknown, 0, np.where(unpaved, 2, 1))
    names = np.array(STREETS, dtype=object)
    return Streets(
        x=x,
        y=y,
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        length=length,
        rise=rise,
        kind=texts(KINDS)[kind],
        name=names[kind, (kept.line * 31 + kept.line // 7) % names.shape[1]],
        surface=texts(("", "paved", "unpaved"))[surface],
        steps=steps,
        foot=kept.crossing != VEHICLES_ONLY,
        lines=Lines(coords, starts, crs),
    )


def _distance(a: Floats, b: Floats) -> Floats:
    step = a - b
    away: Floats = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])
    return away
