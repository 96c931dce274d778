"""Rows of a covering question that the same sites serve, taken together: exact, and what makes a programme of them small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.siting.covers.set_cover import Cover, kept

# Places that are compared at a time.
PORTION = 4096


@dataclass(frozen=True, eq=False)
class Merged:
    """Rows that the same sites cover, with the same need, as one. weights : (rows,) together. row_of : (old rows,) where each went."""

    cover: Cover
    weights: Floats
    row_of: Longs


def merged_rows(cover: Cover, weights: Floats) -> Merged:
    """Equal rows found by their full list of sites, so that nothing hangs on a hash; prices are per unit of weight."""
    n, m = len(cover.need), len(cover.names)
    if not n:
        return Merged(cover, weights, np.zeros(0, dtype=np.int64))
    packed = np.zeros((n, -(-m // 8)), dtype=np.uint8)
    for begin in range(0, n, PORTION):
        end = min(begin + PORTION, n)
        covers = np.zeros((end - begin, m), dtype=bool)
        own = np.repeat(np.arange(end - begin), np.diff(cover.starts[begin : end + 1]))
        covers[own, cover.columns[cover.starts[begin] : cover.starts[end]]] = True
        packed[begin:end] = np.packbits(covers, axis=1)
    key = np.column_stack([packed, cover.need.astype("<u4").view(np.uint8).reshape(n, 4)])
    _, first, row_of = np.unique(key, axis=0, return_index=True, return_inverse=True)
    row_of = row_of.reshape(-1)
    inside = np.zeros(n, dtype=bool)
    inside[first] = True
    order = np.argsort(first, kind="stable")
    place = np.empty(len(first), dtype=np.int64)
    place[order] = np.arange(len(first))
    row_of = place[row_of]
    small = kept(cover, inside, np.ones(m, dtype=bool))
    together: Floats = np.bincount(row_of, weights=weights, minlength=len(first)).astype(np.float64)
    return Merged(small, together, row_of)
