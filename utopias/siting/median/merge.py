"""Demand places that the same sites serve at the same costs are one place: exact, verified, and the biggest gain.

Ten million customers over a hundred sites are some three thousand places; the weights add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs
from utopias.siting.median.aims import Median
from utopias.siting.question.rows import grouped, hashes_of_lists, taken


@dataclass(frozen=True, eq=False)
class Merged:
    """A median with fewer rows, and where each old row went: ``row_of`` (n,), -1 where no site can help it.

    first : (r,) the first old row of each.
    """

    median: Median
    row_of: Longs
    first: Longs

    def spread(self, multipliers: Floats, before: Median) -> Floats:
        """Multipliers of the rows of ``before``: those of their merged row; the whole cap where none can help."""
        spread: Floats = np.where(
            self.row_of >= 0, multipliers[np.maximum(self.row_of, 0)] if len(multipliers) else 0.0, before.cap
        )
        return spread

    def gather(self, multipliers: Floats, weights: Floats) -> Floats:
        """Multipliers of the merged rows: the weighted mean of theirs, which is no worse, the bound being concave."""
        # One bin more for the rows that went nowhere, at -1.
        paid = np.bincount(self.row_of + 1, weights=weights * multipliers, minlength=len(self.median.weights) + 1)[1:]
        gathered: Floats = paid / np.maximum(self.median.weights, 1e-300)
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
    # Where no row went, the lists are these very ones.
    lists = taken(starts, columns, costs, kept) if len(kept) < len(length) else median.rows
    small = _with_rows(median, lists, median.cap[kept], weights, constant)
    return Merged(small, row_of, kept)


def hashes_of(median: Median) -> AnyArray:
    """(n,) a 64-bit number a row, the same for the same (site, cost) pairs in the same order and the same cap."""
    return hashes_of_lists(*median.rows, median.cap, len(median.free))


def restrict(median: Median, opened: Bools, closed: Bools) -> Median:
    """The median that remains when some sites are decided: those opened serve, those closed are gone."""
    *lists, cap = _restricted(*median.rows, median.cap, opened, closed)
    constant = median.constant + float(median.fees[opened].sum())
    smaller = _with_rows(median, lists, cap, median.weights, constant)
    spent = float(median.prices[opened].sum())
    return replace(
        smaller,
        free=median.free & ~opened & ~closed,
        number=median.number if median.number < 0 else median.number - int(opened.sum()),
        purse=median.purse - spent if spent else median.purse,
    )


def _with_rows(median: Median, lists: Sequence[AnyArray], cap: Floats, weights: Floats, constant: float) -> Median:
    starts, columns, costs = lists
    return replace(
        median, starts=starts, columns=columns, costs=costs, cap=cap, weights=weights, constant=constant, _turned=[]
    )


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
