"""The integer programme that remains of a median after merging and fixing, and its relaxation.

For each row, ``z_k = 1`` says that no chosen site serves it at its k-th distinct cost or less
(Elloumi 2010, J. Comb. Optim. 19:69-83; for one cost it is the covering model of Church & ReVelle):

    min  constant + sum_j w_j ( c_j1 + sum_k (c_j,k+1 - c_jk) z_jk ) + fees . y
         z_j1 + sum over sites at c_j1 of y  >= 1
         z_jk + sum over sites at c_jk of y  >= z_j,k-1
         sum y = number,   prices . y <= purse,   y whole, 0 <= z
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs
from utopias.siting.highs import Lines, Status, branch_until, handed, run, solution, start_from
from utopias.siting.median.aims import Median

# Stored pairs after fixing up to which the programme is built; beyond, HiGHS is slower than the search.
LARGEST = 600_000


@dataclass(frozen=True, eq=False)
class Answer:
    """What HiGHS said. ``bound`` holds for the median it was given; ``chosen`` is None where it found no choice."""

    bound: float
    chosen: Bools | None
    finished: bool
    infeasible: bool
    nodes: int


@dataclass(frozen=True, eq=False)
class Rows:
    """Further rules on the sites of a median: ``lower <= matrix . y <= upper``, y (m,) 1 where a site is open.

    matrix : (rules, m) scipy.sparse, by row.
    """

    matrix: Any
    lower: Floats
    upper: Floats


@dataclass(frozen=True, eq=False)
class _Built:
    sites: Longs
    level_of: Longs  # (n,) first level of each row
    levels: int
    scale: float
    solver: Any


def relaxed(median: Median, *, seconds: float, more: Rows | None = None) -> Floats | None:
    """(n,) multipliers from the relaxation's duals; None where it was not finished in time.

    They need no trust: whoever uses them computes the bound from them.
    """
    built = _build(median, whole=False, more=more)
    if not run(built.solver, seconds) or built.solver.getModelStatus() != Status.kOptimal:
        return None
    duals = np.asarray(built.solver.getSolution().row_dual)[: built.levels]
    first = np.where(
        np.diff(median.starts) > 0, median.costs[np.minimum(median.starts[:-1], len(median.costs) - 1)], 0.0
    )
    paid = np.maximum(duals[built.level_of], 0.0) / built.scale / np.maximum(median.weights, 1e-300)
    multipliers: Floats = np.minimum(first + paid, median.cap)
    return multipliers


def solved(
    median: Median,
    *,
    start: Bools | None,
    tolerance: float,
    seconds: float,
    nodes: int | None,
    more: Rows | None = None,
) -> Answer:
    """Branch and bound on the programme, from ``start`` if that is admissible, for at most ``seconds`` or ``nodes``.

    ``more`` : rules beside those of the median. ``tolerance`` : absolute gap that counts as none. A KeyboardInterrupt ends the run and is raised again.
    """
    built = _build(median, whole=True, more=more)
    solver = built.solver
    branch_until(solver, gap=max(0.5 * tolerance * built.scale, 1e-7), nodes=nodes)
    if start is not None:
        start_from(solver, np.concatenate([start[built.sites], _unserved(median, start, built.levels)]))
    ran = run(solver, seconds)
    status, info = solver.getModelStatus(), solver.getInfo()
    infeasible = status == Status.kInfeasible
    bound = info.mip_dual_bound / built.scale + median.constant
    chosen = None
    if (values := solution(solver)) is not None:
        chosen = np.zeros(len(median.free), dtype=bool)
        chosen[built.sites] = values[: len(built.sites)] > 0.5
    return Answer(
        bound=bound if np.isfinite(bound) else (np.inf if infeasible else -np.inf),
        chosen=chosen,
        finished=ran and status == Status.kOptimal,
        infeasible=infeasible,
        nodes=int(info.mip_node_count),
    )


def _build(median: Median, *, whole: bool, more: Rows | None = None) -> _Built:
    starts, columns, costs = median.rows
    sites = np.flatnonzero(median.free)
    column_of = np.full(len(median.free), -1, dtype=np.int32)
    column_of[sites] = np.arange(len(sites), dtype=np.int32)
    level_of, levels = _levels(starts, costs)
    size = len(sites)
    row_starts, index, value, price, lower = _entries(
        starts, columns, costs, median.cap, median.weights, column_of, size, levels
    )
    scale = 1e5 / max(float(np.dot(median.weights, median.cap)), 1e-9)
    lines = Lines()
    lines.add(row_starts, index, value, lower, np.full(levels, np.inf))
    lines.add_number(size, median.number)
    lines.add_purse(median.prices[sites], median.purse)
    if more is not None:
        rules = more.matrix.tocsr()[:, sites]
        lines.add(rules.indptr, rules.indices, rules.data, more.lower, more.upper)
    solver = handed(
        lines,
        np.concatenate([median.fees[sites] * scale, price * scale]),
        # no upper end on z: it is implied, and would take a share of the duals that the multipliers are made of
        most=np.concatenate([np.ones(size), np.full(levels, np.inf)]),
        whole=size if whole else 0,
        offset=float(_floor_cost(median)) * scale,
    )
    return _Built(sites, level_of[:-1], levels, scale, solver)


def _floor_cost(median: Median) -> float:
    """What every row costs at least: its first cost, or its cap where no site is listed."""
    listed = np.diff(median.starts) > 0
    first = np.where(listed, 0.0, median.cap)
    first[listed] = median.costs[median.starts[:-1][listed]]
    return float(np.dot(median.weights, first))


def _unserved(median: Median, chosen: Bools, levels: int) -> AnyArray:
    """(levels,) z of a choice: 1 up to the level that serves the row."""
    unserved: Floats = _levels_unserved(*median.rows, chosen, levels)
    return unserved


@kernel(
    types.Tuple((types.OUT_I8, types.int64))(types.I8, types.F8),
    work=turns_of,
    allocates=True,
)
def _levels(starts: Longs, costs: Floats) -> tuple[Longs, int]:
    """(n + 1,) first level of each row, one level for each distinct cost; and how many in all."""
    first = np.zeros(len(starts), np.int64)
    count = 0
    for j in range(len(starts) - 1):
        first[j] = count
        for k in range(starts[j], starts[j + 1]):
            if k == starts[j] or costs[k] != costs[k - 1]:
                count += 1
    first[-1] = count
    return first, count


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I4, types.OUT_F8, types.OUT_F8, types.OUT_F8))(
        types.I8, types.I4, types.F8, types.F8, types.F8, types.I4, types.int64, types.int64
    ),
    work=turns_of,
    allocates=True,
)
def _entries(
    starts: Longs,
    columns: Ints,
    costs: Floats,
    cap: Floats,
    weights: Floats,
    column_of: Ints,
    size: int,
    levels: int,
) -> tuple[Longs, Ints, Floats, Floats, Floats]:
    """The level rows: starts, column indices, values, price of each z, least value of each row."""
    most = len(columns) + 2 * levels
    row_starts = np.zeros(levels + 1, np.int64)
    index, value = np.empty(most, np.int32), np.ones(most)
    price, lower = np.zeros(levels), np.zeros(levels)
    at, level = 0, -1
    for j in range(len(starts) - 1):
        for k in range(starts[j], starts[j + 1]):
            opens = k == starts[j] or costs[k] != costs[k - 1]
            if opens:
                level += 1
                row_starts[level] = at
                index[at] = size + level
                at += 1
                if k == starts[j]:
                    lower[level] = 1.0
                else:
                    index[at] = size + level - 1
                    value[at] = -1.0
                    at += 1
                    price[level - 1] = weights[j] * (costs[k] - costs[k - 1])
            index[at] = column_of[columns[k]]
            at += 1
            if k == starts[j + 1] - 1:
                price[level] = weights[j] * (cap[j] - costs[k])
    row_starts[levels] = at
    return row_starts, index[:at].copy(), value[:at].copy(), price, lower


@kernel(
    types.OUT_F8(types.I8, types.I4, types.F8, types.B1, types.int64),
    work=turns_of,
    allocates=True,
)
def _levels_unserved(starts: Longs, columns: Ints, costs: Floats, chosen: Bools, levels: int) -> Floats:
    unserved = np.zeros(levels)
    level = -1
    for j in range(len(starts) - 1):
        served = False
        for k in range(starts[j], starts[j + 1]):
            if k == starts[j] or costs[k] != costs[k - 1]:
                if level >= 0 and k != starts[j] and not served:
                    unserved[level] = 1.0
                level += 1
            served = served or chosen[columns[k]]
        if starts[j + 1] > starts[j] and not served:
            unserved[level] = 1.0
    return unserved
