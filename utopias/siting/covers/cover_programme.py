"""Covering in HiGHS: the prices of the relaxation, and the whole-number programme that is left at the end.

min  prices . y     sum over the sites of row j of y  >=  need_j,   sum y = exactly,   side . y <= side_most
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.siting.covers.set_cover import Cover
from utopias.siting.highs import Lines, Status, branch_until, handed, run, says_its_value, solution

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
    if not run(solver, seconds) or solver.getModelStatus() != Status.kOptimal:
        return None
    duals: Floats = np.maximum(np.asarray(solver.getSolution().row_dual)[: len(cover.need)], 0.0)
    return duals


def solved_cover(cover: Cover, limit: float, enough: float, seconds: float, nodes: int | None) -> Answer:
    """The cheapest choice that costs at most ``limit``; the run ends at the first that costs ``enough`` or less."""
    solver = _built(cover, limit, whole=True)
    branch_until(solver, gap=0.999 if cover.step else 1e-7, nodes=nodes)
    if np.isfinite(enough):
        solver.setOptionValue("objective_target", enough + (0.5 if cover.step else 0.0))
    run(solver, seconds)
    status, info = solver.getModelStatus(), solver.getInfo()
    values = solution(solver)
    infeasible = status == Status.kInfeasible
    bound = np.inf if infeasible else float(info.mip_dual_bound)
    return Answer(
        chosen=None if values is None else np.flatnonzero(values > 0.5),
        bound=bound if bound > -1e300 else -np.inf,
        finished=infeasible or (status == Status.kOptimal and says_its_value(solver)),
        nodes=max(int(info.mip_node_count), 0),
    )


def _built(cover: Cover, limit: float | None, *, whole: bool) -> Any:
    n, m = len(cover.need), len(cover.names)
    lines = Lines()
    lines.add(
        cover.starts, cover.columns, np.ones(len(cover.columns)), cover.need.astype(np.float64), np.full(n, np.inf)
    )
    if limit is not None and np.isfinite(limit):
        lines.add_purse(cover.prices, limit)
    lines.add_number(m, cover.exactly)
    if cover.side is not None:
        lines.add_purse(cover.side, cover.side_most)
    # without an upper end the duals of single covering need no share of it: they are prices that any site can bear
    single = bool((cover.need == 1).all())
    most = np.full(m, np.inf) if single and not whole else np.ones(m)
    return handed(lines, cover.prices, most=most, whole=m if whole else 0)
