"""The programme of one step of worst-first: how few people must walk over a radius, what was settled before being kept.

min  sum_j w_j z_j      z_j + sum over the sites of j within the radius of y  >=  1,
     everybody within the worst walk; for each tier (radius, most): the people over that radius are at most ``most``;
     sum y = number,    prices . y <= purse,    y whole, z >= 0
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Any

import highspy
import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.siting.programme import run_solver, says_its_value, silent_solver
from utopias.siting.reach import Reach
from utopias.siting.set_cover import kept
from utopias.siting.set_cover_kernels import superfluous
from utopias.siting.set_cover_rows import merged_rows

# Stored pairs up to which the programme is built.
LARGEST = 1_500_000


@dataclass(frozen=True, slots=True)
class Tier:
    """At most ``most`` weight may cost more than ``radius``."""

    radius: float
    most: float


@dataclass(frozen=True, eq=False)
class Step:
    """chosen : sites of the best choice met, or None. bound : no choice leaves less weight over the radius. finished : it is the best."""

    chosen: Longs | None
    bound: float
    finished: bool
    nodes: int


def least_over(
    reach: Reach,
    weights: Floats,
    worst: float,
    tiers: list[Tier],
    radius: float,
    *,
    start: Longs,
    enough: float,
    seconds: float,
    nodes: int | None,
) -> Step:
    """The least weight that costs more than ``radius``; the run ends at a choice of ``enough`` or less.

    weights : (r,) of the rows of ``reach``. worst : nobody may cost more. start : sites that keep all that.
    """
    model = _Model(reach, weights)
    model.all_within(worst)
    for tier in tiers:
        model.limit(model.over(tier.radius), tier.most)
    z = model.over(radius)
    if model.pairs > LARGEST:
        return Step(None, -inf, False, 0)
    solver = model.built(z)
    whole = bool((weights == np.floor(weights)).all())
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", (0.999 if whole else 1e-9 * float(weights.sum())) / model.unit)
    if np.isfinite(enough):
        slack = 0.5 if whole else 1e-9 * float(weights.sum())
        solver.setOptionValue("objective_target", (enough + slack) / model.unit)
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", max(nodes, 1))
    solution = highspy.HighsSolution()
    solution.col_value = model.values_of(start)
    solver.setSolution(solution)
    end = monotonic() + seconds
    run_solver(solver, seconds)
    if not says_its_value(solver) and (left := end - monotonic()) > 0:
        solver.clearSolver()
        solver.setOptionValue("objective_target", -highspy.kHighsInf)
        run_solver(solver, left)
    info, status = solver.getInfo(), solver.getModelStatus()
    values = np.asarray(solver.getSolution().col_value)
    chosen = None
    if len(values) and info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        chosen = model.names[values[: len(model.names)] > 0.5]
    bound = float(info.mip_dual_bound) * model.unit
    return Step(
        chosen=chosen,
        bound=bound if np.isfinite(bound) and abs(bound) < 1e300 else -inf,
        finished=status == highspy.HighsModelStatus.kOptimal,
        nodes=max(0, int(info.mip_node_count)),
    )


class _Model:
    """Columns: the sites, then one z for each group of places and radius."""

    def __init__(self, reach: Reach, weights: Floats) -> None:
        self.reach, self.weights = reach, weights
        self.names: Longs = np.flatnonzero(reach.sites).astype(np.int64)
        self.unit = max(float(weights.max(initial=0.0)) / 1000.0, 1e-12)  # so that tolerances mean something
        self.rows: list[tuple[Any, Any, float, float]] = []
        self.groups: list[tuple[float, Floats, Any]] = []
        self.columns, self.pairs = len(self.names), 0
        everyone = np.arange(len(self.names), dtype=np.int32)
        if reach.number >= 0:
            self.rows.append((everyone, np.ones(len(everyone)), float(reach.number), float(reach.number)))
        if reach.prices is not None:
            prices = np.asarray(reach.prices)[self.names]
            dearest = max(float(prices.max(initial=0.0)), 1e-9)
            self.rows.append((everyone, prices / dearest, -inf, reach.purse / dearest))

    def all_within(self, radius: float) -> None:
        cover = self.reach.within(radius)
        gone = superfluous(*cover.by_row, *cover.by_site, -cover.need.astype(np.float64), True)
        cover = kept(cover, ~gone, np.ones(len(cover.names), dtype=bool))
        self.pairs += len(cover.columns)
        for j in range(len(cover.need)):
            sites = cover.columns[cover.starts[j] : cover.starts[j + 1]]
            self.rows.append((sites, np.ones(len(sites)), 1.0, inf))

    def over(self, radius: float) -> tuple[Longs, Floats]:
        """The z of a radius: (their columns, their weights)."""
        cover = self.reach.within(radius)
        merged = merged_rows(cover, self.weights[self.reach.cap > radius])
        small = merged.cover
        z: Longs = np.arange(self.columns, self.columns + len(small.need), dtype=np.int64)
        self.columns += len(z)
        self.pairs += len(small.columns)
        for j in range(len(z)):
            sites = small.columns[small.starts[j] : small.starts[j + 1]]
            self.rows.append((np.append(sites, z[j]).astype(np.int32), np.ones(len(sites) + 1), 1.0, inf))
        self.groups.append((radius, merged.weights, small))
        return z, merged.weights

    def limit(self, of: tuple[Longs, Floats], most: float) -> None:
        z, weights = of
        slack = 1e-9 * max(1.0, float(self.weights.sum()))
        self.rows.append((z.astype(np.int32), weights / self.unit, -inf, (most + slack) / self.unit))

    def values_of(self, chosen: Longs) -> Floats:
        """A choice as a solution of the programme."""
        is_open = np.isin(self.names, chosen)
        parts = [is_open.astype(np.float64)]
        for _, weights, small in self.groups:
            of_row = np.repeat(np.arange(len(weights)), np.diff(small.starts))
            served = np.bincount(of_row[is_open[small.columns]], minlength=len(weights)) > 0
            parts.append((~served).astype(np.float64))
        values: Floats = np.concatenate(parts)
        return values

    def built(self, objective: tuple[Longs, Floats]) -> Any:
        z, weights = objective
        model = highspy.HighsLp()
        m = len(self.names)
        model.num_col_, model.num_row_ = self.columns, len(self.rows)
        costs = np.zeros(self.columns)
        costs[z] = weights / self.unit
        model.col_cost_ = costs
        model.col_lower_ = np.zeros(self.columns)
        model.col_upper_ = np.concatenate([np.ones(m), np.full(self.columns - m, highspy.kHighsInf)])
        model.row_lower_ = np.array([row[2] for row in self.rows])
        model.row_upper_ = np.array([row[3] for row in self.rows])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lengths = [len(row[0]) for row in self.rows]
        model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        model.a_matrix_.index_ = np.concatenate([row[0] for row in self.rows] or [np.zeros(0)]).astype(np.int32)
        model.a_matrix_.value_ = np.concatenate([row[1] for row in self.rows] or [np.zeros(0)])
        kinds = [highspy.HighsVarType.kInteger] * m
        model.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (self.columns - m)
        solver = silent_solver()
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("random_seed", 0)
        solver.passModel(model)
        return solver
