"""Demand places that the same sites serve at the same costs are one place: exact, verified, and the biggest gain.

Ten million customers over a hundred sites are some three thousand places; the weights add up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs
from utopias.siting.aims import Median

_U8 = types.Array(types.uint64, 1, readonly=True)
_LEFT, _RIGHT, _LEFT_AGAIN = np.uint64(13), np.uint64(7), np.uint64(17)


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

    A hash only says where to look: two rows become one when they agree entry by entry.
    """
    starts, columns, costs = median.rows
    length = np.diff(starts)
    constant = median.constant + float(np.dot(median.weights[length == 0], median.cap[length == 0]))
    row_of, kept = grouped(starts, columns, costs, median.cap, hashes_of(median))
    inside = row_of >= 0
    weights: Floats = np.bincount(row_of[inside], weights=median.weights[inside], minlength=len(kept)).astype(
        np.float64
    )
    small = _with_rows(median, *taken(starts, columns, costs, kept), median.cap[kept], weights, constant)
    return Merged(small, row_of)


def hashes_of(median: Median) -> AnyArray:
    """(n,) a 64-bit number a row, the same for the same (site, cost) pairs in the same order and the same cap."""
    keys = np.random.default_rng(1).integers(1, 2**63, len(median.free), dtype=np.uint64)
    bits = [(np.asarray(values) + 0.0).view(np.uint64) for values in (median.costs, median.cap)]
    hashes: AnyArray = _hashed(median.starts, median.columns, *bits, keys)
    return hashes


def restrict(median: Median, opened: Bools, closed: Bools) -> Median:
    """The median that remains when some sites are decided: those opened serve, those closed are gone."""
    smaller = _with_rows(
        median,
        *_restricted(*median.rows, median.cap, opened, closed),
        median.weights,
        median.constant,
    )
    spent = float(median.prices[opened].sum())
    return replace(
        smaller,
        free=median.free & ~opened & ~closed,
        number=median.number if median.number < 0 else median.number - int(opened.sum()),
        purse=median.purse - spent if spent else median.purse,
    )


def _with_rows(
    median: Median, starts: Longs, columns: Ints, costs: Floats, cap: Floats, weights: Floats, constant: float
) -> Median:
    return replace(
        median, starts=starts, columns=columns, costs=costs, cap=cap, weights=weights, constant=constant, _turned=[]
    )


@kernel(types.Array(types.uint64, 1)(types.I8, types.I4, _U8, _U8, _U8), work=turns_of, allocates=True)
def _hashed(starts: Longs, columns: Ints, costs: AnyArray, cap: AnyArray, keys: AnyArray) -> AnyArray:
    """A shift register over the entries; nothing is multiplied, so nothing can overflow."""
    hashes = np.empty(len(starts) - 1, np.uint64)
    for j in range(len(starts) - 1):
        h = cap[j]
        for k in range(starts[j], starts[j + 1]):
            h ^= keys[columns[k]]
            h ^= h << _LEFT
            h ^= h >> _RIGHT
            h ^= h << _LEFT_AGAIN
            h ^= costs[k]
            h ^= h << _LEFT
            h ^= h >> _RIGHT
            h ^= h << _LEFT_AGAIN
        hashes[j] = h
    return hashes


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I8))(types.I8, types.I4, types.F8, types.F8, _U8),
    work=turns_of,
    compiles_in=1.5,
    allocates=True,
)
def grouped(starts: Longs, columns: Ints, costs: Floats, cap: Floats, hashes: AnyArray) -> tuple[Longs, Longs]:
    """(n,) the group of each row, -1 where it has no entry; and the first row of each group, ascending.

    Rows are of one group when their entries and caps are equal. The hashes decide only where a row is looked
    for: with all of them alike the answer is the same, and slower.
    """
    n = len(starts) - 1
    size = 4
    while size < 2 * n:
        size *= 2
    place = np.full(size, -1, np.int64)
    row_of, kept, groups = np.full(n, -1, np.int64), np.empty(n, np.int64), 0
    for j in range(n):
        first, length = starts[j], starts[j + 1] - starts[j]
        if length == 0:
            continue
        at = np.int64(hashes[j] & np.uint64(size - 1))
        while place[at] >= 0:
            other = kept[place[at]]
            same = hashes[other] == hashes[j] and starts[other + 1] - starts[other] == length and cap[other] == cap[j]
            if same:
                before = starts[other]
                for k in range(length):
                    if columns[before + k] != columns[first + k] or costs[before + k] != costs[first + k]:
                        same = False
                        break
            if same:
                break
            at = at + 1 if at + 1 < size else 0
        if place[at] < 0:
            place[at] = groups
            kept[groups] = j
            groups += 1
        row_of[j] = place[at]
    return row_of, kept[:groups].copy()


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I4, types.OUT_F8))(types.I8, types.I4, types.F8, types.I8),
    work=turns_of,
    allocates=True,
)
def taken(starts: Longs, columns: Ints, costs: Floats, rows: Longs) -> tuple[Longs, Ints, Floats]:
    """The lists of some rows, in their order."""
    new_starts = np.zeros(len(rows) + 1, np.int64)
    for at in range(len(rows)):
        new_starts[at + 1] = new_starts[at] + starts[rows[at] + 1] - starts[rows[at]]
    new_columns, new_costs = np.empty(new_starts[-1], np.int32), np.empty(new_starts[-1])
    for at in range(len(rows)):
        first = starts[rows[at]]
        for k in range(new_starts[at], new_starts[at + 1]):
            new_columns[k] = columns[first + k - new_starts[at]]
            new_costs[k] = costs[first + k - new_starts[at]]
    return new_starts, new_columns, new_costs


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I4, types.OUT_F8, types.OUT_F8))(
        types.I8, types.I4, types.F8, types.F8, types.B1, types.B1
    ),
    work=turns_of,
    allocates=True,
)
def _restricted(
    starts: Longs, columns: Ints, costs: Floats, cap: Floats, opened: Bools, closed: Bools
) -> tuple[Longs, Ints, Floats, Floats]:
    """Each row up to its first opened site, without those closed; and what it is charged from now on."""
    n = len(starts) - 1
    new_starts, new_cap = np.zeros(n + 1, np.int64), cap.copy()
    new_columns, new_costs, at = np.empty(len(columns), np.int32), np.empty(len(columns)), 0
    for j in range(n):
        for k in range(starts[j], starts[j + 1]):
            if opened[columns[k]]:
                new_cap[j] = min(cap[j], costs[k])
                break
        for k in range(starts[j], starts[j + 1]):
            if costs[k] >= new_cap[j]:
                break
            if not closed[columns[k]]:
                new_columns[at] = columns[k]
                new_costs[at] = costs[k]
                at += 1
        new_starts[j + 1] = at
    return new_starts, new_columns[:at].copy(), new_costs[:at].copy(), new_cap
