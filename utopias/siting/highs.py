"""The one door to HiGHS: a programme is gathered row by row, handed over, run beside the clock, and its answer read.

What comes back is read honestly: the solver's own status, and a solution only where it says that it is one. Whoever asks
values it again with what is their own.
"""

from __future__ import annotations

import os
import sys
from time import monotonic
from typing import Any

import highspy
import numpy as np

from utopias.domain.arrays import AnyArray, Floats
from utopias.siting.kernels import NEVER

Status = highspy.HighsModelStatus


class Lines:
    """The rows ``least <= values . columns <= most`` of a programme, gathered in parts; inf or -inf where an end is open."""

    def __init__(self) -> None:
        self.starts: list[AnyArray] = [np.zeros(1, dtype=np.int64)]
        self.columns: list[AnyArray] = [np.zeros(0, dtype=np.int32)]
        self.values: list[AnyArray] = [np.zeros(0)]
        self.least: list[AnyArray] = [np.zeros(0)]
        self.most: list[AnyArray] = [np.zeros(0)]
        self._entries = 0

    def __len__(self) -> int:
        return sum(len(part) for part in self.least)

    def add(self, starts: AnyArray, columns: AnyArray, values: AnyArray, least: AnyArray, most: AnyArray) -> None:
        """Add rows, compressed: row k holds ``columns[starts[k] : starts[k + 1]]``. least, most : one each a row."""
        self.starts.append(self._entries + starts[1:])
        self._entries += len(columns)
        self.columns.append(columns)
        self.values.append(values)
        self.least.append(least)
        self.most.append(most)

    def add_one(self, columns: AnyArray, values: AnyArray, least: float, most: float) -> None:
        """Add a single row."""
        self.add(np.array([0, len(columns)]), columns, values, np.array([least]), np.array([most]))

    def add_number(self, sites: int, number: int) -> None:
        """Of the first columns, the sites, exactly ``number`` open; under 0 any may."""
        if number >= 0:
            self.add_one(np.arange(sites, dtype=np.int32), np.ones(sites), float(number), float(number))

    def add_purse(self, prices: Floats, purse: float) -> None:
        """Of the first columns, the sites, those open cost ``purse`` at most, counted in the largest of ``prices`` (sites,); NEVER: no limit."""
        if purse < NEVER:
            dearest = max(float(prices.max(initial=0.0)), 1e-9)
            self.add_one(np.arange(len(prices), dtype=np.int32), prices / dearest, -np.inf, purse / dearest)


def handed(
    lines: Lines,
    price: Floats,
    *,
    most: Floats,
    least: Floats | None = None,
    whole: int = 0,
    offset: float = 0.0,
    maximise: bool = False,
) -> Any:
    """A silent solver of one thread that holds a programme, not run yet.

    price, least, most : (columns,) in the sum that is to be least (``maximise``: most), and the ends of each; least None: 0.
    whole : how many of the first columns are whole numbers; with 0 it is a linear programme. offset : added to the sum.
    """
    columns = len(price)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, len(lines)
    model.offset_ = offset
    if maximise:
        model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.asarray(price, dtype=np.float64)
    model.col_lower_ = np.zeros(columns) if least is None else least
    model.col_upper_ = most
    model.row_lower_, model.row_upper_ = np.concatenate(lines.least), np.concatenate(lines.most)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate(lines.starts).astype(np.int32)
    model.a_matrix_.index_ = np.concatenate(lines.columns).astype(np.int32)
    model.a_matrix_.value_ = np.concatenate(lines.values).astype(np.float64)
    if whole:
        kinds = highspy.HighsVarType
        model.integrality_ = [kinds.kInteger] * whole + [kinds.kContinuous] * (columns - whole)
    solver = _silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 0)
    solver.passModel(model)
    return solver


def _silent() -> Any:
    """A solver that says nothing. Its first construction in a process prints a banner past Python, on
    the very stdout that carries our results: for that moment the descriptor leads nowhere."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
    return solver


def branch_until(solver: Any, *, gap: float, nodes: int | None, relative: float = 0.0) -> None:
    """When branch and bound may end: at an absolute ``gap`` in the programme's sum or a ``relative`` one, or after ``nodes``."""
    solver.setOptionValue("mip_rel_gap", relative)
    solver.setOptionValue("mip_abs_gap", gap)
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)


def start_from(solver: Any, values: AnyArray) -> None:
    """Give a solution to begin from, (columns,); without a mistake if it is none."""
    solution = highspy.HighsSolution()
    solution.col_value = np.asarray(values, dtype=np.float64)
    solver.setSolution(solution)


def run(solver: Any, seconds: float) -> bool:
    """Run beside this thread, so that the clock and Ctrl-C are heard; False where it had to be stopped."""
    if np.isfinite(seconds):
        # its clock goes on from run to run
        solver.setOptionValue("time_limit", solver.getRunTime() + max(seconds, 0.01))
    solver.HandleUserInterrupt = True
    end = monotonic() + seconds
    solver.startSolve()
    stopped = False
    try:
        while not solver.wait(0.05)[0]:
            if monotonic() > end and not stopped:
                solver.cancelSolve()
                stopped = True
    except KeyboardInterrupt:
        solver.cancelSolve()
        while not solver.wait(0.05)[0]:
            pass
        raise
    return not stopped


def solution(solver: Any) -> Floats | None:
    """(columns,) the solution it holds; None where it holds none that keeps the rows."""
    values: Floats = np.asarray(solver.getSolution().col_value)
    feasible = solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return values if len(values) and feasible else None


def says_its_value(solver: Any) -> bool:
    """Whether the solution handed out has the value that is told with it.

    Ended by an ``objective_target`` inside presolve, HiGHS (1.16) tells the value of the solution that reached the target
    and hands out the one it was given to start from.
    """
    lp, values = solver.getLp(), np.asarray(solver.getSolution().col_value)
    told = float(solver.getInfo().objective_function_value)
    if len(values) != len(lp.col_cost_):
        return False
    found = float(np.dot(lp.col_cost_, values)) + float(lp.offset_)
    return abs(found - told) <= 1e-6 * max(1.0, abs(told))
