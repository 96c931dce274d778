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

import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.siting.covers.reach import Reach
from utopias.siting.covers.set_cover import kept
from utopias.siting.covers.set_cover_kernels import superfluous
from utopias.siting.covers.set_cover_rows import merged_rows
from utopias.siting.highs import Lines, Status, branch_until, handed, run, says_its_value, solution, start_from

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
    branch_until(solver, gap=(0.999 if whole else 1e-9 * float(weights.sum())) / model.unit, nodes=nodes)
    if np.isfinite(enough):
        slack = 0.5 if whole else 1e-9 * float(weights.sum())
        solver.setOptionValue("objective_target", (enough + slack) / model.unit)
    start_from(solver, model.values_of(start))
    end = monotonic() + seconds
    run(solver, seconds)
    if not says_its_value(solver) and (left := end - monotonic()) > 0:
        solver.clearSolver()
        solver.setOptionValue("objective_target", -inf)
        run(solver, left)
    info, status = solver.getInfo(), solver.getModelStatus()
    values = solution(solver)
    bound = float(info.mip_dual_bound) * model.unit
    return Step(
        chosen=None if values is None else model.names[values[: len(model.names)] > 0.5],
        bound=bound if np.isfinite(bound) and abs(bound) < 1e300 else -inf,
        finished=status == Status.kOptimal,
        nodes=max(0, int(info.mip_node_count)),
    )


class _Model:
    """Columns: the sites, then one z for each group of places and radius."""

    def __init__(self, reach: Reach, weights: Floats) -> None:
        self.reach, self.weights = reach, weights
        self.names: Longs = np.flatnonzero(reach.sites).astype(np.int64)
        self.unit = max(float(weights.max(initial=0.0)) / 1000.0, 1e-12)  # so that tolerances mean something
        self.lines = Lines()
        self.groups: list[tuple[float, Floats, Any]] = []
        self.columns, self.pairs = len(self.names), 0
        self.lines.add_number(len(self.names), reach.number)
        if reach.prices is not None:
            self.lines.add_purse(np.asarray(reach.prices)[self.names], reach.purse)

    def all_within(self, radius: float) -> None:
        cover = self.reach.within(radius)
        gone = superfluous(*cover.by_row, *cover.by_site, -cover.need.astype(np.float64), True)
        cover = kept(cover, ~gone, np.ones(len(cover.names), dtype=bool))
        self.pairs += len(cover.columns)
        n = len(cover.need)
        self.lines.add(cover.starts, cover.columns, np.ones(len(cover.columns)), np.ones(n), np.full(n, inf))

    def over(self, radius: float) -> tuple[Longs, Floats]:
        """The z of a radius: (their columns, their weights)."""
        cover = self.reach.within(radius)
        merged = merged_rows(cover, self.weights[self.reach.cap > radius])
        small = merged.cover
        z: Longs = np.arange(self.columns, self.columns + len(small.need), dtype=np.int64)
        self.columns += len(z)
        self.pairs += len(small.columns)
        n = len(z)
        columns = np.insert(small.columns, small.starts[1:], z)  # each z behind the sites of its row
        starts = small.starts + np.arange(n + 1)
        self.lines.add(starts, columns, np.ones(len(columns)), np.ones(n), np.full(n, inf))
        self.groups.append((radius, merged.weights, small))
        return z, merged.weights

    def limit(self, of: tuple[Longs, Floats], most: float) -> None:
        z, weights = of
        slack = 1e-9 * max(1.0, float(self.weights.sum()))
        self.lines.add_one(z, weights / self.unit, -inf, (most + slack) / self.unit)

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
        m = len(self.names)
        price = np.zeros(self.columns)
        price[z] = weights / self.unit
        most = np.concatenate([np.ones(m), np.full(self.columns - m, inf)])
        return handed(self.lines, price, most=most, whole=m)
