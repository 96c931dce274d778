"""Chance that falls the same way on every machine: streams, smooth fields, whole shares.

Only ``Generator.random`` of PCG64 is drawn, and only + - * / and the square root are applied to
it: IEEE 754 fixes all of these to the last bit, while sine, logarithm and normal deviates differ
between processors and libraries. A made-up town is therefore the same array everywhere.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs

SIDE = 64  # values along one side of a field's table; the field repeats after SIDE spans
UNIT = 1 << 20  # parts of a person in which shares are reckoned, so that sums are whole numbers


def stream(seed: int, name: str) -> np.random.Generator:
    """The random stream called ``name`` of ``seed``: drawing from one never moves another."""
    child = np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()),))
    return np.random.Generator(np.random.PCG64(child))


def bell(chance: np.random.Generator, count: int) -> Floats:
    """(count,) draws of mean 0 and deviation 1, within -3.5 and 3.5 (sum of four even draws)."""
    drawn: Floats = (chance.random((4, count)).sum(axis=0) - 2.0) * 1.7320508075688772
    return drawn


def smooth(share: Floats) -> Floats:
    """0 at 0, 1 at 1, level at both ends; outside it stays at the nearer end."""
    held = np.clip(share, 0.0, 1.0)
    eased: Floats = held * held * (3.0 - 2.0 * held)
    return eased


@dataclass(frozen=True, eq=False)
class Field:
    """A smooth random landscape between -1 and 1, known everywhere; ``span`` metres between two values."""

    table: Floats
    span: float

    def at(self, x: Floats, y: Floats) -> Floats:
        """(n,) the field at each point, by eased interpolation between the four values around it."""
        across, up = x / self.span, y / self.span
        west, south = np.floor(across), np.floor(up)
        right, above = smooth(across - west), smooth(up - south)
        i, j = west.astype(np.int64) % SIDE, south.astype(np.int64) % SIDE
        i1, j1 = (i + 1) % SIDE, (j + 1) % SIDE
        low = self.table[i, j] * (1.0 - right) + self.table[i1, j] * right
        high = self.table[i, j1] * (1.0 - right) + self.table[i1, j1] * right
        value: Floats = low * (1.0 - above) + high * above
        return value


def field(seed: int, name: str, span: float) -> Field:
    """The landscape called ``name`` of ``seed``."""
    return Field(stream(seed, name).random((SIDE, SIDE)) * 2.0 - 1.0, span)


def share_out(total: int, weights: Floats, most: Longs | None = None) -> Longs:
    """(n,) whole numbers that add up to ``total`` exactly, each within one of its proportional share.

    Parameters
    ----------
    weights : (n,) 0 or more, some over 0 unless ``total`` is 0.
    most : (n,) the most each may get; what is cut off is shared out among the others.

    Systematic rounding: the running sum of the shares is cut at whole numbers, so neighbouring
    blocks make up for each other's rounding. Reckoned in 2^-20 parts, hence exact.

    Source
    ------
    Madow (1949), Annals of Mathematical Statistics 20:333-354, systematic sampling with unequal shares.
    """
    if total == 0 or len(weights) == 0:
        return np.zeros(len(weights), dtype=np.int64)
    full = np.zeros(len(weights), dtype=bool)
    shares = weights * (total / weights.sum())
    while most is not None:
        over = (shares > most) & ~full
        if not over.any():
            break
        full |= over
        left = float(total) - float(most[full].sum())
        shares = np.where(full, most, weights * (left / max(weights[~full].sum(), 1e-300)))
    parts = np.floor(shares * UNIT).astype(np.int64)
    short = total * UNIT - int(parts.sum())
    open_ones = np.flatnonzero(~full & (weights > 0))
    if len(open_ones):
        each, rest = divmod(short, len(open_ones))
        parts[open_ones] += each
        parts[open_ones[:rest]] += 1
    running = np.concatenate([[0], np.cumsum(parts)]) + UNIT // 2
    counts: Longs = np.diff(running // UNIT)
    return counts


def pick(chance: np.random.Generator, weights: Floats, count: int) -> Longs:
    """``count`` different indices, likely as they weigh, in random order; fewer where fewer weigh over 0."""
    edges = np.cumsum(weights)
    drawn = np.searchsorted(edges, chance.random(3 * count + 16) * (edges[-1] if len(edges) else 0.0), side="right")
    # Indices drawn twice count once; what then is missing is made up by the rest, heavier ones first.
    rest = np.argsort(-(chance.random(len(weights)) * weights), kind="stable")
    order = np.concatenate([drawn, rest[: int((weights > 0).sum())]]).astype(np.int64)
    _, first = np.unique(order, return_index=True)
    chosen: Longs = order[np.sort(first)][:count]
    return chosen


def best_in_each(square: Longs, worth: Floats, allowed: Bools) -> Longs:
    """The index of the worthiest allowed item of every square, worthiest square first: a spread-out choice."""
    items = np.flatnonzero(allowed)
    order = items[np.lexsort((items, -worth[items], square[items]))]
    first = np.ones(len(order), dtype=bool)
    first[1:] = square[order][1:] != square[order][:-1]
    chosen = order[first]
    ranked: Longs = chosen[np.argsort(-worth[chosen], kind="stable")]
    return ranked


def runs(counts: AnyArray) -> tuple[Longs, Longs]:
    """For ragged rows of ``counts`` items: (sum,) the row of each item, and its place in the row."""
    row = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    starts = np.cumsum(counts) - counts
    place: Longs = np.arange(len(row), dtype=np.int64) - np.repeat(starts, counts)
    return row, place
