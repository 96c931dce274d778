"""Any table of costs, dense or sparse, brought to one form: compressed rows, cheapest site first.

A stored entry is a pair that can be served, also when it holds 0; an absent one, or an infinite
cost, is a pair that cannot. Within a row equal costs stand in the order of their sites.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.siting.lists import two_nearest_of_all

# Costs of a dense table that are looked at in one go, where a mask of them all would be large.
AT_ONCE = 1_000_000
# The largest whole number of 16 bits. Rows looked at for equal costs, and the share of them with some over which all are sorted alike.
SHORT, SAMPLED, TIED = 65_535, 32, 0.3


@dataclass(frozen=True, eq=False)
class Pairs:
    """(n, m) pairs by rows: ``starts`` (n + 1,), ``columns`` and ``costs`` (pairs,), sorted by cost, then site."""

    starts: Longs
    columns: Ints
    costs: Floats
    sites: int

    @property
    def places(self) -> int:
        """How many demand places there are."""
        return len(self.starts) - 1

    @property
    def count(self) -> int:
        """How many pairs are stored."""
        return len(self.columns)

    @property
    def rows(self) -> Longs:
        """(pairs,) the demand place of each pair."""
        rows: Longs = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        return rows

    @property
    def largest(self) -> float:
        """The greatest cost of a pair; 0 without any."""
        return float(self.costs.max(initial=0.0))

    def near(self, limit: float) -> Pairs:
        """The pairs at ``limit`` or less."""
        kept = self.costs <= limit
        if kept.all():
            return self
        starts = np.concatenate([[0], np.cumsum(kept)])[self.starts]
        return Pairs(starts.astype(np.int64), self.columns[kept], self.costs[kept], self.sites)

    def opened(self, sites: Sequence[int]) -> Bools:
        """(m,) whether each site is one of ``sites``."""
        is_open = np.zeros(self.sites, dtype=bool)
        is_open[list(sites)] = True
        return is_open

    def nearest(self, is_open: Bools, *, beyond: float | None = None) -> Floats:
        """(n,) the cost to the nearest of the open sites (m,), ``beyond`` at most; inf where none is in the table and nothing stands for it."""
        most = np.full(self.places, np.inf if beyond is None else beyond)
        first, _ = two_nearest_of_all(self.starts, self.columns, self.costs, most, is_open)
        nearest: Floats = np.minimum(first, most)
        return nearest


class DensePairs(Pairs):
    """A dense table, put in order only when somebody asks for all of it: a covering question looks at the near pairs alone.

    ``table`` (n, m) is its own copy: costs of 0 or more, inf where a pair cannot be served.
    """

    def __init__(self, table: Floats) -> None:
        object.__setattr__(self, "table", table)

    @property
    def sites(self) -> int:
        return int(self._table.shape[1])

    @property
    def places(self) -> int:
        return int(self._table.shape[0])

    @cached_property
    def count(self) -> int:
        return int(np.isfinite(self._table).sum())

    @cached_property
    def starts(self) -> Longs:
        return self._sorted.starts

    @cached_property
    def columns(self) -> Ints:
        return self._sorted.columns

    @cached_property
    def costs(self) -> Floats:
        return self._sorted.costs

    @cached_property
    def largest(self) -> float:
        """A few rows at a time, so that no mask of the whole table is made."""
        whole = float(self._table.max(initial=0.0))
        if whole < np.inf:
            return whole
        step = max(1, AT_ONCE // self.sites)
        parts = (self._table[first : first + step] for first in range(0, self.places, step))
        return max(float(part.max(where=part < np.inf, initial=0.0)) for part in parts)

    def near(self, limit: float) -> Pairs:
        """As of any pairs; those of the last limit are kept, for a plan asks for them three times over."""
        last: tuple[float, Pairs] | None = self.__dict__.get("last")
        if last is None or last[0] != limit:
            at = np.flatnonzero(self._table.ravel() <= min(limit, np.finfo(float).max))
            rows, columns = np.divmod(at, max(self.sites, 1))
            last = limit, sorted_pairs(rows, columns, self._table.ravel()[at], self._table.shape)
            object.__setattr__(self, "last", last)
        return last[1]

    @cached_property
    def _sorted(self) -> Pairs:
        """Row by row, which is several times faster than sorting all pairs together."""
        order = _ordered(self._table)
        values = np.take_along_axis(self._table, order, axis=1)
        finite = values < np.inf
        starts = np.concatenate([[0], np.cumsum(finite.sum(axis=1))]).astype(np.int64)
        return Pairs(starts, order[finite].astype(np.int32), values[finite] + 0.0, self.sites)

    @property
    def _table(self) -> Floats:
        table: Floats = self.__dict__["table"]
        return table


def _ordered(table: Floats) -> Longs:
    """(n, m) the columns of each row by cost, then by column, as a stable sort has them: by whichever way is soonest."""
    if _is_short_whole(table):
        # numpy counts numbers of 16 bits out, ten times as fast as it compares floats; what is not served stays last.
        return np.argsort(np.minimum(table, SHORT).astype(np.uint16), axis=1, kind="stable")
    few = np.sort(table[:: max(1, len(table) // SAMPLED)], axis=1)
    if (few[:, 1:] == few[:, :-1]).any(axis=1).mean() > TIED:
        return np.argsort(table, axis=1, kind="stable")
    order = np.argsort(table, axis=1)  # three times as fast, but equals come in any order
    ascending = np.take_along_axis(table, order, axis=1)
    tied = (ascending[:, 1:] == ascending[:, :-1]).any(axis=1)
    if tied.any():
        order[tied] = np.argsort(table[tied], axis=1, kind="stable")
    return order


def _is_short_whole(table: Floats) -> bool:
    """Whether all costs that can be served are whole numbers under the largest of 16 bits."""
    for part in (table[:1], table):
        if not ((part < SHORT) | (part == np.inf)).all() or not (part == np.floor(part)).all():
            return False
    return True


def distinct(costs: Floats) -> Floats:
    """The different ones of these costs (k,), 0 or more, ascending; whole ones are counted out, not sorted."""
    if len(costs) and _is_short_whole(costs):
        counted = np.bincount(np.minimum(costs, SHORT).astype(np.int64))
        found = np.flatnonzero(counted).astype(np.float64)
        return np.where(found == SHORT, np.inf, found)
    return np.unique(costs)


def sorted_pairs(rows: AnyArray, columns: AnyArray, costs: AnyArray, shape: tuple[int, int]) -> Pairs:
    """The rows of (row, column, cost) triples in any order; infinite costs are left out."""
    cost = np.asarray(costs, dtype=np.float64)
    finite = np.isfinite(cost)
    if not finite.all():
        rows, columns, cost = rows[finite], columns[finite], cost[finite]
    starts, column, ascending = _laid_out(
        np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int32), cost, *shape
    )
    return Pairs(starts, column, ascending + 0.0, shape[1])


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I4, types.OUT_F8))(types.I8, types.I4, types.F8, types.int64, types.int64),
    work=turns_of,
    compiles_in=3.0,
    allocates=True,
)
def _laid_out(rows: Longs, columns: Ints, costs: Floats, n: int, sites: int) -> tuple[Longs, Ints, Floats]:
    """The triples counted out by site, then by row, then each row put in order of cost: ties stay by site.

    Several times as fast as one sort of all pairs by three keys.
    """
    site_starts, starts = np.zeros(sites + 1, np.int64), np.zeros(n + 1, np.int64)
    for k in range(len(rows)):
        site_starts[columns[k] + 1] += 1
        starts[rows[k] + 1] += 1
    site_starts, starts = np.cumsum(site_starts), np.cumsum(starts)
    by_site, at = np.empty(len(rows), np.int64), site_starts[:-1].copy()
    for k in range(len(rows)):
        by_site[at[columns[k]]] = k
        at[columns[k]] += 1
    laid, laid_costs, at = np.empty(len(rows), np.int32), np.empty(len(rows)), starts[:-1].copy()
    for pair in by_site:
        row = rows[pair]
        laid[at[row]] = columns[pair]
        laid_costs[at[row]] = costs[pair]
        at[row] += 1
    for j in range(n):
        first, end = starts[j], starts[j + 1]
        sorted_already = True
        for k in range(first + 1, end):
            sorted_already &= laid_costs[k] >= laid_costs[k - 1]
        if sorted_already:
            continue
        order = np.argsort(laid_costs[first:end], kind="mergesort")
        laid[first:end] = laid[first:end][order]
        laid_costs[first:end] = laid_costs[first:end][order]
    return starts, laid, laid_costs


def in_order(pairs: Pairs, costs: Floats) -> Pairs:
    """The same pairs at other ``costs`` (pairs,) that rise with theirs, inf where a pair is none any more; ties by site.

    A row whose costs still rise stays as it is; that is what makes it faster than laying all pairs out anew.
    """
    starts, columns, ascending = relaid(pairs.starts, pairs.columns, costs)
    return Pairs(starts, columns, ascending, pairs.sites)


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I4, types.OUT_F8))(types.I8, types.I4, types.F8),
    work=turns_of,
    compiles_in=3.0,
    allocates=True,
)
def relaid(starts: Longs, columns: Ints, costs: Floats) -> tuple[Longs, Ints, Floats]:
    """See ``in_order``."""
    n, at = len(starts) - 1, 0
    new_starts, laid, laid_costs = np.zeros(n + 1, np.int64), np.empty(len(columns), np.int32), np.empty(len(columns))
    for j in range(n):
        first, falls, tied = at, False, False
        for k in range(starts[j], starts[j + 1]):
            if costs[k] == np.inf:
                continue
            laid[at], laid_costs[at] = columns[k], costs[k] + 0.0
            if at > first:
                falls = falls or costs[k] < laid_costs[at - 1]
                tied = tied or costs[k] == laid_costs[at - 1]
            at += 1
        new_starts[j + 1] = at
        if falls:  # by a last digit: functions that rise do not always do so in floats
            order = np.argsort(laid_costs[first:at], kind="mergesort")
            laid[first:at] = laid[first:at][order]
            laid_costs[first:at] = laid_costs[first:at][order]
        run = first
        for k in range(first + 1, at + 1 if falls or tied else first):
            if k < at and laid_costs[k] == laid_costs[run]:
                continue
            if k - run > 1:
                laid[run:k] = np.sort(laid[run:k])
            run = k
    return new_starts, laid[:at].copy(), laid_costs[:at].copy()


def pairs_of_costs(costs: Any, what: str = "costs") -> tuple[Pairs, list[Fault]]:
    """Read a dense or scipy.sparse (demand, sites) table; every fault of it is told, none is mended."""
    import scipy.sparse as sp

    if not sp.issparse(costs):
        dense = as_numbers(costs)
        return (_none(), [no_table(what)]) if dense is None else _of_dense(dense, what)
    table, read = costs.tocoo(), as_numbers(costs.tocoo().data)
    if read is None or len(table.shape) != 2:
        return _none(), [no_table(what)]
    values, shape = read, (int(table.shape[0]), int(table.shape[1]))
    faults = _faults(table.row, table.col, values, what) + _twice(table.row, table.col, shape, what)
    return (_none(shape) if faults else sorted_pairs(table.row, table.col, values, shape)), faults


def _of_dense(dense: Floats, what: str) -> tuple[Pairs, list[Fault]]:
    if dense.ndim != 2:
        return _none(), [
            Fault(
                "misaligned",
                Sentence("{what} has {ndim} dimensions, not demand by sites", what=what, ndim=dense.ndim),
                mend="one row a demand place, one column a site",
            )
        ]
    if not (dense >= 0).all():
        rows, columns = np.nonzero(~(dense >= np.inf))
        return _none(dense.shape), _faults(rows, columns, dense[rows, columns], what)
    return DensePairs(np.array(dense, order="C")), []


def pairs_of_coverage(covered: Any) -> tuple[Pairs, list[Fault]]:
    """Read which sites cover whom: booleans, whole 0/1, numbers with inf for "not", or stored entries of a sparse table."""
    import scipy.sparse as sp

    if sp.issparse(covered):
        table = covered.tocoo()
        stored = sp.coo_array((np.zeros(len(table.row)), (table.row, table.col)), shape=table.shape)
        return pairs_of_costs(stored, "covered")
    if as_numbers(covered) is None:
        return _none(), [no_table("covered")]
    dense = np.asarray(covered) if not isinstance(covered, np.ma.MaskedArray) else as_numbers(covered)
    assert dense is not None
    if dense.dtype == bool or (np.issubdtype(dense.dtype, np.integer) and bool(np.isin(dense, (0, 1)).all())):
        return pairs_of_costs(np.where(dense.astype(bool), 0.0, np.inf), "covered")
    if not np.isinf(dense).any() and bool(np.isin(dense, (0, 1)).all()):
        return _none(), [
            Fault(
                code="ambiguous-coverage",
                what="covered holds the numbers 0.0 and 1.0: a 0 could mean no cost or no coverage",
                where="covered",
                mend="pass booleans, or costs with inf where a site does not cover",
            )
        ]
    pairs, faults = pairs_of_costs(dense, "covered")
    return Pairs(pairs.starts, pairs.columns, np.zeros(len(pairs.costs)), pairs.sites), faults


def _none(shape: tuple[int, ...] = (0, 0)) -> Pairs:
    """No pair at all, where a table of this shape has faults: what else is wrong with the question can still be told."""
    return Pairs(np.zeros(shape[0] + 1, np.int64), np.zeros(0, np.int32), np.zeros(0), shape[1])


def as_numbers(values: Any) -> Floats | None:
    """A table as floats, what is masked as not a number; None where it holds texts, rows of unequal length, complex numbers."""
    try:
        if np.iscomplexobj(values):
            return None
        if isinstance(values, np.ma.MaskedArray):
            values = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        return None


def no_table(what: str) -> Fault:
    return Fault(
        "no-numbers",
        Sentence("the {what} {said}", what=what, said=Sentence("are not a table of numbers")),
        what,
        "one row a demand place, one column a site, inf where a site cannot serve",
    )


def _faults(rows: AnyArray, columns: AnyArray, values: Floats, what: str) -> list[Fault]:
    faults = []
    for code, bad, said in (
        ("cost-not-a-number", np.isnan(values), Sentence("are not numbers")),
        ("negative-cost", values < 0, Sentence("are under 0")),
    ):
        if bad.any():
            first = int(np.flatnonzero(bad)[0])
            faults.append(
                Fault(
                    code=code,
                    what=Sentence(
                        "{count:,} of {total:,} {what} {said}",
                        count=int(bad.sum()),
                        total=len(values),
                        what=what,
                        said=said,
                    ),
                    where=what,
                    mend="a pair that cannot be served is inf or absent; every other cost is a number of 0 or more",
                    count=int(bad.sum()),
                    first=Sentence("demand {rows}, site {columns}", rows=int(rows[first]), columns=int(columns[first])),
                )
            )
    return faults


def _twice(rows: AnyArray, columns: AnyArray, shape: tuple[int, int], what: str) -> list[Fault]:
    key = np.sort(rows.astype(np.int64) * max(shape[1], 1) + columns)
    twice = int((np.diff(key) == 0).sum())
    if not twice:
        return []
    return [
        Fault(
            "duplicate-pair",
            Sentence("{count:,} pairs are stored twice", count=twice),
            what,
            "store each pair once",
            count=twice,
        )
    ]
