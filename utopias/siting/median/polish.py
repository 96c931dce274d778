"""The exact bound of the relaxation, by cuts in HiGHS that begin where the ascent came to rest.

For a row j and any threshold T, what j pays is at least ``T - sum over i under T of (T - c_ij) y_i`` (Benders cuts of
the p-median; Duran-Mateluna, Ales & Elloumi 2023, EJOR 308:84-96). With one cut a row, at its multiplier, the first
programme already has the ascent's bound; cuts are added where the mean of this solution and those before violates them.
The duals make multipliers again: their share of each threshold, whose bound is no worse, ``max(T - c, 0)`` being
convex in T. They need no trust: whoever takes them computes the bound from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import AnyArray, Floats, Ints, Longs
from utopias.siting.highs import Lines, Status, handed, run
from utopias.siting.lists import LISTS
from utopias.siting.median.aims import Median

# A cut is violated from this share of its row's value; the programme is exact where all of them together are under this.
VIOLATED, EXACT = 1e-7, 1e-8
# HiGHS takes no matrix with a number of 1e15 or more; sums of exponents of a great aversion come to that.
LARGEST_NUMBER = 1e14


@dataclass(eq=False)
class Polish:
    """A growing linear programme over ``median``; rows in which nothing is listed stay out of it.

    ``value`` : of the last programme, a bound for whole choices too. ``exact`` : no cut is missing.
    ``share`` : (m,) of each site in its solution. ``multipliers`` : (n,) from its duals. ``cuts`` : rows and thresholds
    to begin from, of a programme over the same rows; else one cut a row at the multipliers given.
    ``broken`` : the solver came to no answer, though in time.
    """

    median: Median
    multipliers: Floats
    value: float = -np.inf
    exact: bool = False
    rounds: int = 0
    broken: bool = False
    share: Floats = field(default_factory=lambda: np.zeros(0))
    cuts: tuple[Longs, Floats] | None = None

    def __post_init__(self) -> None:
        median = self.median
        listed = np.diff(median.starts) > 0
        self.rows: Longs = np.flatnonzero(listed)
        self.sites: Longs = np.flatnonzero(median.free)
        self.place: Ints = np.full(len(median.free), -1, dtype=np.int32)
        self.place[self.sites] = np.arange(len(self.sites), dtype=np.int32)
        self.position: Ints = np.full(len(median.weights), -1, dtype=np.int32)
        self.position[self.rows] = np.arange(len(self.rows), dtype=np.int32)
        self.least: Floats = np.array(median.cap)
        self.least[listed] = median.costs[median.starts[:-1][listed]]
        self.base = median.constant + float(np.dot(median.weights[~listed], median.cap[~listed]))
        self.cut_row: list[AnyArray] = [np.zeros(0, np.int64)]
        self.cut_at: list[AnyArray] = [np.zeros(0)]
        self.inner: Floats | None = None
        self.duals: AnyArray = np.zeros(0)
        self.solver = self._first()
        rows, at = self.rows, self.multipliers[self.rows]
        if self.cuts is not None:
            rows, at = self.cuts[0][listed[self.cuts[0]]], self.cuts[1][listed[self.cuts[0]]]
        at = np.minimum(at, median.cap[rows])
        over = at > self.least[rows] + 1e-12
        self._add(rows[over], at[over])

    def _first(self) -> Any:
        """Sites and what rows pay; the rules; no cuts yet."""
        median, sites, rows = self.median, self.sites, self.rows
        size = len(sites)
        self.scale = 1e5 / max(float(np.dot(median.weights, median.cap)), 1e-9)
        lines = Lines()
        lines.add_number(size, median.number)
        lines.add_purse(median.prices[sites], median.purse)
        self.rules = len(lines)
        solver = handed(
            lines,
            np.concatenate([median.fees[sites], median.weights[rows]]) * self.scale,
            least=np.concatenate([np.zeros(size), self.least[rows]]),
            most=np.concatenate([np.ones(size), np.full(len(rows), np.inf)]),
        )
        solver.setOptionValue("presolve", "off")  # it gains nothing here, and does not hear that it should stop
        return solver

    def steps(self, until: float) -> Iterator[float]:
        """Solve and cut in turns until nothing is violated or the monotonic clock says ``until``; yields each value."""
        while not self.exact and self.solve(until):
            yield self.value
            if self.exact or not self.separate():
                return

    def solve(self, until: float) -> bool:
        """Solve the programme of now; False where that was not finished in time."""
        ran, status = self._solved(until)
        if ran and status not in (Status.kOptimal, Status.kInfeasible):
            self.solver.clearSolver()  # numbers gone astray: once more, from no basis at all
            ran, status = self._solved(until)
        self.broken = ran and status not in (Status.kOptimal, Status.kInfeasible)
        if ran and status == Status.kInfeasible:
            self.value, self.exact = np.inf, True
            return True
        if not ran or status != Status.kOptimal:
            return False
        self.rounds += 1
        size, solution = len(self.sites), self.solver.getSolution()
        values = np.asarray(solution.col_value)
        self.value = self.solver.getInfo().objective_function_value / self.scale + self.base
        self.share = np.zeros(len(self.median.free))
        self.share[self.sites] = np.clip(values[:size], 0.0, 1.0)
        self.pays = np.zeros(len(self.median.weights))
        self.pays[self.rows] = values[size:]
        self._take_duals(np.asarray(solution.row_dual)[self.rules :])
        return True

    def _solved(self, until: float) -> tuple[bool, Any]:
        """Whether it ran to its end within time, and the status of that."""
        ran = run(self.solver, until - monotonic())
        status = self.solver.getModelStatus()
        return ran and status != Status.kTimeLimit, status

    def separate(self, *, inwards: bool = True) -> int:
        """Add the cuts that the solution, and the mean of it and those before, violate; how many."""
        true, rows, at = self._violated(self.share)
        self.exact = true + self.base - self.value <= EXACT * abs(self.value) + 1e-9
        if self.exact:
            return 0
        added = 0
        if inwards and self.inner is not None:
            self.inner = 0.5 * (self.share + self.inner)
            added = self._add(*self._violated(self.inner)[1:])
        else:
            self.inner = self.share
        # A cut at the solution itself too: without it the same solution could come again.
        return added + self._add(rows, at)

    def bind(self, least: Floats, most: Floats) -> None:
        """Hold the sites of the programme (in the order of ``sites``) between shares; what was exact is so no more."""
        self.exact = False
        size = len(self.sites)
        self.solver.changeColsBounds(size, np.arange(size, dtype=np.int32), least, most)

    def binding(self) -> tuple[Longs, Floats]:
        """The cuts, by row and threshold, that hold the present solution."""
        rows, at = np.concatenate(self.cut_row), np.concatenate(self.cut_at)
        held = np.flatnonzero(self.duals > 1e-9)
        return rows[held], at[held]

    def _violated(self, share: Floats) -> tuple[float, Longs, Floats]:
        at = np.full(len(self.median.weights), -1.0)
        paid = thresholds(*self.median.rows, self.median.cap, self.median.weights, share, self.pays, VIOLATED, at)
        rows = np.flatnonzero(at >= 0)
        return float(paid) + float(np.dot(self.median.fees, share)), rows, at[rows]

    def _add(self, rows: Longs, at: Floats) -> int:
        """Add the cuts of rows at thresholds; how many. Those whose numbers HiGHS refuses are left out, which loosens the programme."""
        told = at < LARGEST_NUMBER
        rows, at = rows[told], at[told]
        if not len(rows):
            return 0
        starts, index, value = cut_rows(*self.median.rows, rows, at, self.place, len(self.sites), self.position)
        self.cut_row.append(rows)
        self.cut_at.append(at)
        endless = np.full(len(rows), np.inf)
        self.solver.addRows(len(rows), at, endless, len(index), starts[:-1].astype(np.int32), index, value)
        return len(rows)

    def _take_duals(self, duals: AnyArray) -> None:
        rows, at = np.concatenate(self.cut_row), np.concatenate(self.cut_at)
        self.duals = duals
        n = len(self.median.weights)
        part = np.maximum(duals, 0.0) / self.scale / np.maximum(self.median.weights[rows], 1e-300)
        held = np.bincount(rows, weights=part, minlength=n)
        told = np.bincount(rows, weights=part * at, minlength=n)
        over = np.maximum(held, 1.0)
        self.multipliers = np.clip(told / over + np.maximum(1.0 - held, 0.0) * self.least, 0.0, self.median.cap)


@kernel(
    types.float64(*LISTS, types.F8, types.F8, types.F8, types.F8, types.float64, types.OUT_F8),
    work=turns_of,
)
def thresholds(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    cap: Floats,
    weights: Floats,
    share: Floats,
    pays: Floats,
    violated: float,
    at: Floats,
) -> float:
    """What rows pay at open shares of sites, listed rows only; fills ``at`` (n,) with the threshold of the cut that ``pays``
    violates, where it does: the cost at which the row is served in full."""
    total = 0.0
    for j in range(len(starts) - 1):
        if starts[j] == starts[j + 1]:
            continue
        left, paid, last = 1.0, 0.0, cap[j]
        for k in range(starts[j], starts[j + 1]):
            open_share = share[columns[k]]
            if open_share <= 0.0:
                continue
            if open_share >= left - 1e-9:
                paid += left * costs[k]
                left = 0.0
                last = costs[k]
                break
            paid += open_share * costs[k]
            left -= open_share
        if left > 0.0:
            paid += left * cap[j]
        total += weights[j] * paid
        if paid > pays[j] + violated * (1.0 + abs(paid)):
            at[j] = last
    return total


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I4, types.OUT_F8))(
        *LISTS, types.I8, types.F8, types.I4, types.int64, types.I4
    ),
    work=turns_of,
    allocates=True,
)
def cut_rows(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    rows: Longs,
    at: Floats,
    place: Ints,
    sites: int,
    position: Ints,
) -> tuple[Longs, Ints, Floats]:
    """The cuts of ``rows`` at thresholds ``at``: starts, columns of the programme, values."""
    cut_starts = np.zeros(len(rows) + 1, np.int64)
    for cut in range(len(rows)):
        j = rows[cut]
        entries = 1
        for k in range(starts[j], starts[j + 1]):
            if costs[k] >= at[cut]:
                break
            entries += 1
        cut_starts[cut + 1] = cut_starts[cut] + entries
    index, value = np.empty(cut_starts[-1], np.int32), np.empty(cut_starts[-1])
    for cut in range(len(rows)):
        j, to = rows[cut], cut_starts[cut]
        index[to] = sites + position[j]
        value[to] = 1.0
        for k in range(starts[j], starts[j + 1]):
            if costs[k] >= at[cut]:
                break
            to += 1
            index[to] = place[columns[k]]
            value[to] = at[cut] - costs[k]
    return cut_starts, index, value
