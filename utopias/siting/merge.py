"""Demand places that the same sites serve at the same costs are one place: exact, verified, and the biggest gain.

Ten million customers over a hundred sites are some three thousand places; the weights add up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.siting.aims import Median

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)


@dataclass(frozen=True, eq=False)
class Merged:
    """A median with fewer rows, and where each old row went: ``row_of`` (n,), -1 where no site can help it."""

    median: Median
    row_of: Longs

    def spread(self, multipliers: Floats, before: Median) -> Floats:
        """Multipliers of the rows of ``before``: those of their merged row; the whole cap where none can help."""
        spread: Floats = np.where(
            self.row_of >= 0, multipliers[np.maximum(self.row_of, 0)] if len(multipliers) else 0.0, before.cap
        )
        return spread

    def gather(self, multipliers: Floats, weights: Floats) -> Floats:
        """Multipliers of the merged rows: the weighted mean of theirs, which is no worse, the bound being concave."""
        inside = self.row_of >= 0
        rows, count = self.row_of[inside], len(self.median.weights)
        paid = np.bincount(rows, weights=(weights * multipliers)[inside], minlength=count)
        gathered: Floats = paid / np.maximum(np.bincount(rows, weights=weights[inside], minlength=count), 1e-300)
        return gathered


def merge(median: Median) -> Merged:
    """Merge equal rows (same sites, same costs, same cap) and take out those that no choice can change.

    Rows are found equal by two 64-bit hashes and then compared entry by entry: a row that only
    hashes alike stays on its own.
    """
    starts, columns, costs = median.rows
    length = np.diff(starts)
    row_of = np.full(len(length), -1, dtype=np.int64)
    used = np.flatnonzero(length > 0)
    constant = median.constant + float(np.dot(median.weights[length == 0], median.cap[length == 0]))
    if not len(used):
        empty: Floats = np.zeros(0)
        small = _with_rows(median, np.zeros(1, np.int64), columns[:0], empty, empty, empty, constant)
        return Merged(small, row_of)
    hashes = [_hashes(median, used, seed) for seed in (1, 2)]
    order = np.lexsort((*hashes, length[used]))
    head = np.ones(len(used), dtype=bool)
    head[1:] = np.diff(length[used][order]) != 0
    for values in hashes:
        head[1:] |= values[order][1:] != values[order][:-1]
    first = used[order][np.flatnonzero(head)[np.cumsum(head) - 1]]  # the representative, row by row
    equal = _same_rows(median, used[order], first)
    head |= ~equal
    number = np.cumsum(head) - 1
    number[~head] = number[np.flatnonzero(head & equal)[np.cumsum(head & equal) - 1]][~head]
    row_of[used[order]] = number
    kept = used[order][head]
    counts = length[kept]
    new_starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    at = np.repeat(starts[kept] - new_starts[:-1], counts) + np.arange(new_starts[-1])
    weights: Floats = np.bincount(number, weights=median.weights[used[order]], minlength=len(kept)).astype(np.float64)
    small = _with_rows(median, new_starts, columns[at], costs[at], median.cap[kept], weights, constant)
    return Merged(small, row_of)


def restrict(median: Median, opened: Bools, closed: Bools) -> Median:
    """The median that remains when some sites are decided: those opened serve, those closed are gone."""
    starts, columns, costs = median.rows
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    cap = np.array(median.cap)
    served = opened[columns]
    np.minimum.at(cap, rows[served], costs[served])
    keep = ~served & ~closed[columns] & (costs < cap[rows])
    new_starts = np.concatenate([[0], np.cumsum(np.bincount(rows[keep], minlength=len(cap)))]).astype(np.int64)
    constant = median.constant + float(median.fees[opened].sum())
    smaller = _with_rows(median, new_starts, columns[keep], costs[keep], cap, median.weights, constant)
    spent = float(median.prices[opened].sum())
    return replace(
        smaller,
        free=median.free & ~opened & ~closed,
        number=median.number if median.number < 0 else median.number - int(opened.sum()),
        purse=median.purse - spent if spent else median.purse,
    )


def _with_rows(
    median: Median, starts: Longs, columns: AnyArray, costs: Floats, cap: Floats, weights: Floats, constant: float
) -> Median:
    return replace(
        median, starts=starts, columns=columns, costs=costs, cap=cap, weights=weights, constant=constant, _turned=[]
    )


def _hashes(median: Median, used: Longs, seed: int) -> AnyArray:
    """(used,) one 64-bit number a row, the same for the same set of (site, cost) and the same cap."""
    keys = np.random.default_rng(seed).integers(1, 2**63, len(median.free), dtype=np.uint64)
    entry = keys[median.columns] + (np.asarray(median.costs) + 0.0).view(np.uint64) * _ODD
    entry ^= entry >> np.uint64(33)
    entry *= _MIX
    entry ^= entry >> np.uint64(29)
    total = np.add.reduceat(entry, median.starts[:-1][used])
    mixed: AnyArray = total ^ ((median.cap[used] + 0.0).view(np.uint64) * _MIX)
    return mixed


def _same_rows(median: Median, rows: Longs, others: Longs) -> Bools:
    """(rows,) whether each row holds the same entries and cap as its other; lengths are equal already."""
    starts, columns, costs = median.rows
    counts = np.diff(starts)[rows]
    offsets = np.concatenate([[0], np.cumsum(counts)])[:-1]
    within = np.arange(int(counts.sum())) - np.repeat(offsets, counts)
    one, other = np.repeat(starts[rows], counts) + within, np.repeat(starts[others], counts) + within
    differs = (columns[one] != columns[other]) | (costs[one] != costs[other])
    same: Bools = np.add.reduceat(differs.astype(np.int64), offsets) == 0
    same &= median.cap[rows] == median.cap[others]
    return same
