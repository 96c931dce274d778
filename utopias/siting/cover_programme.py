"""Covering in HiGHS: the prices of the relaxation, and the whole-number programme that is left at the end.

min  prices . y     sum over the sites of row j of y  >=  need_j,   sum y = exactly,   side . y <= side_most
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.siting.programme import run_solver, says_its_value, silent_solver
from utopias.siting.set_cover import Cover

# Stored pairs up to which a programme is built; beyond, the search alone is quicker.
LARGEST = 600_000


@dataclass(frozen=True, eq=False)
class Answer:
    """What HiGHS said. chosen : local sites, or None. bound : on what a choice costs; inf where none is within the limit."""

    chosen: Longs | None
    bound: float
    finished: bool
    nodes: int


def relaxed_prices(cover: Cover, seconds: float) -> Floats | None:
    """(n,) duals of the rows; None where they were not found in time. Whoever uses them computes the bound anew."""
    solver = _built(cover, None, whole=False)
    if not run_solver(solver, seconds) or solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    duals: Floats = np.maximum(np.asarray(solver.getSolution().row_dual)[: len(cover.need)], 0.0)
    return duals


def solved_cover(cover: Cover, limit: float, enough: float, seconds: float, nodes: int | None) -> Answer:
    """The cheapest choice that costs at most ``limit``; the run ends at the first that costs ``enough`` or less."""
    solver = _built(cover, limit, whole=True)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.999 if cover.step else 1e-7)
    if np.isfinite(enough):
        solver.setOptionValue("objective_target", enough + (0.5 if cover.step else 0.0))
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", max(nodes, 1))
    run_solver(solver, seconds)
    status, info = solver.getModelStatus(), solver.getInfo()
    values = np.asarray(solver.getSolution().col_value)
    chosen = None
    if len(values) and info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        chosen = np.flatnonzero(values > 0.5)
    infeasible = status == highspy.HighsModelStatus.kInfeasible
    bound = np.inf if infeasible else float(info.mip_dual_bound)
    return Answer(
        chosen=chosen,
        bound=bound if bound > -1e300 else -np.inf,
        finished=infeasible or (status == highspy.HighsModelStatus.kOptimal and says_its_value(solver)),
        nodes=max(int(info.mip_node_count), 0),
    )


def _built(cover: Cover, limit: float | None, *, whole: bool) -> Any:
    n, m = len(cover.need), len(cover.names)
    everyone = np.arange(m, dtype=np.int32)
    starts, index, value = [cover.starts], [cover.columns], [np.ones(len(cover.columns))]
    lower, upper = [cover.need.astype(np.float64)], [np.full(n, highspy.kHighsInf)]
    least = -highspy.kHighsInf
    for amounts, low, most in (
        (None if limit is None or not np.isfinite(limit) else cover.prices, least, limit),
        (None if cover.exactly < 0 else np.ones(m), float(cover.exactly), float(cover.exactly)),
        (cover.side, least, cover.side_most),
    ):
        if amounts is None or most is None:
            continue
        unit = max(float(amounts.max(initial=0.0)), 1e-9)  # money counts in its largest price
        starts.append(np.array([starts[-1][-1] + m]))
        index.append(everyone)
        value.append(amounts / unit)
        lower.append(np.array([low if low == least else low / unit]))
        upper.append(np.array([most / unit]))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = m, n + len(starts) - 1
    model.col_cost_ = cover.prices.astype(np.float64)
    model.col_lower_ = np.zeros(m)
    # without an upper end the duals of single covering need no share of it: they are prices that any site can bear
    single = bool((cover.need == 1).all())
    model.col_upper_ = np.full(m, highspy.kHighsInf) if single and not whole else np.ones(m)
    model.row_lower_, model.row_upper_ = np.concatenate(lower), np.concatenate(upper)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate(starts).astype(np.int32)
    model.a_matrix_.index_ = np.concatenate(index).astype(np.int32)
    model.a_matrix_.value_ = np.concatenate(value)
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * m
    solver = silent_solver()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 0)
    solver.passModel(model)
    return solver
