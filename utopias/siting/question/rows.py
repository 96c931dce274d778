"""Lists that say the same, entry by entry: found in one pass, compared where they are found."""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import AnyArray, Floats, Ints, Longs

_U8 = types.Array(types.uint64, 1, readonly=True)
_LEFT, _RIGHT, _LEFT_AGAIN = np.uint64(13), np.uint64(7), np.uint64(17)


def hashes_of_lists(starts: Longs, columns: Ints, costs: Floats, cap: Floats, sites: int) -> AnyArray:
    """(n,) a 64-bit number a row, the same for the same (site, cost) pairs in the same order and the same cap."""
    keys = np.random.default_rng(1).integers(1, 2**63, sites, dtype=np.uint64)
    bits = [(np.asarray(values) + 0.0).view(np.uint64) for values in (costs, cap)]
    hashes: AnyArray = _hashed(starts, columns, *bits, keys)
    return hashes


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
            at = at + np.int64(1) if at + 1 < size else np.int64(0)
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
