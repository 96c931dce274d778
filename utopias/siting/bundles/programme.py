"""The integer programme of sites and services in HiGHS, for questions that are small enough: it closes the gap.

max  constant + sum of worth * served
x_o <= y_i   for each offer of a site, which has one at least;  must-haves: x_o = y_i
sum area x <= plot y,   sum money x + site money y <= purse,   sum yearly x <= upkeep,   sum y <= number
rows whose offers have no limit:     served_j <= demand_j * sum of x,  served_j <= demand_j
rows with places that may run out:   f_jo <= demand_j x_o,  sum over o of f_jo <= demand_j,  sum over j <= limit x_o
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from utopias.domain.arrays import Bools
from utopias.siting.bundles.flat import Flat
from utopias.siting.highs import Lines, Status, branch_until, handed, run, solution
from utopias.siting.kernels import NEVER

# Stored pairs up to which the programme is built; beyond, HiGHS does not end in time.
LARGEST = 60_000


@dataclass(frozen=True, eq=False)
class Answer:
    """What HiGHS said. ``bound`` holds for every choice among the sites left to it; ``chosen`` (offers,) or None."""

    bound: float
    chosen: Bools | None
    finished: bool
    infeasible: bool


class _Terms:
    """Rows of a programme as they are gathered."""

    def __init__(self) -> None:
        self.starts, self.index, self.value = [0], [], []  # type: ignore[var-annotated]
        self.lower: list[float] = []
        self.upper: list[float] = []

    def add(self, terms: list[tuple[int, float]], lower: float, upper: float) -> None:
        self.index += [at for at, _ in terms]
        self.value += [value for _, value in terms]
        self.starts.append(len(self.index))
        self.lower.append(lower)
        self.upper.append(upper)


def pairs_left(flat: Flat, closed: Bools) -> int:
    """Stored pairs of the sites that are not closed."""
    return int((~closed[flat.site][flat.columns]).sum())


def solved(
    flat: Flat, *, closed: Bools, start: Bools | None, tolerance: float, seconds: float, nodes: int | None
) -> Answer:
    """Branch and bound without the sites ``closed`` (m,), from ``start`` (offers,) if that is given."""
    sites = np.flatnonzero(flat.free & ~closed)
    y_of = {int(i): at for at, i in enumerate(sites)}
    new = [int(o) for o in flat.site_offers if int(flat.site[o]) in y_of]
    x_of = {o: len(sites) + at for at, o in enumerate(new)}
    whole = len(sites) + len(new)
    lines = _Terms()
    for i in sites:
        mine = flat.site_offers[flat.site_starts[i] : flat.site_starts[i + 1]].tolist()
        y = y_of[int(i)]
        lines.add([(y, -1.0)] + [(x_of[o], 1.0) for o in mine], 0.0, inf)
        for o in mine:
            lines.add([(x_of[o], 1.0), (y, -1.0)], 0.0 if flat.must[o] else -inf, 0.0)
        room = max(float(flat.rooms[i]), 1e-9)
        lines.add([(y, -1.0)] + [(x_of[o], float(flat.area[o]) / room) for o in mine], -inf, 0.0)
    lines.add([(y_of[int(i)], 1.0) for i in sites], -inf, float(flat.most))
    if flat.purse < NEVER:
        unit = max(flat.purse, 1.0)
        terms = [(x_of[o], float(flat.money[o]) / unit) for o in new]
        terms += [(y_of[int(i)], float(flat.site_money[i]) / unit) for i in sites]
        lines.add(terms, -inf, flat.purse / unit)
    if flat.upkeep < NEVER:
        unit = max(flat.upkeep, 1.0)
        lines.add([(x_of[o], float(flat.yearly[o]) / unit) for o in new], -inf, flat.upkeep / unit)
    price, upper = [0.0] * whole, [1.0] * whole
    scale = 1e5 / max(float(np.dot(flat.demand, flat.worth)), 1e-9)
    loads: dict[int, list[tuple[int, float]]] = {}
    for j in range(len(flat.demand)):
        mine = [o for o in flat.columns[flat.starts[j] : flat.starts[j + 1]].tolist() if flat.given[o] or o in x_of]
        if not mine:
            continue
        demand, worth = float(flat.demand[j]), float(flat.worth[j])
        if not np.isfinite(flat.limits[mine]).any():
            served = len(price)
            price.append(worth * demand * scale)
            upper.append(1.0)
            if not flat.given[mine].any():
                lines.add([(served, 1.0)] + [(x_of[o], -1.0) for o in mine], -inf, 0.0)
            continue
        parts = []
        for o in mine:
            part = len(price)
            price.append(worth * demand * scale)
            upper.append(1.0)
            parts.append((part, 1.0))
            if not flat.given[o]:
                lines.add([(part, 1.0), (x_of[o], -1.0)], -inf, 0.0)
            if np.isfinite(flat.limits[o]):
                loads.setdefault(o, []).append((part, demand))
        if len(parts) > 1:
            lines.add(parts, -inf, 1.0)
    for o, terms in loads.items():
        unit = max(float(flat.limits[o]), 1e-9)
        scaled = [(at, value / unit) for at, value in terms]
        if flat.given[o]:
            lines.add(scaled, -inf, float(flat.limits[o]) / unit)
        else:
            lines.add([*scaled, (x_of[o], -float(flat.limits[o]) / unit)], -inf, 0.0)
    lower = [0.0] * len(price)
    for i in np.flatnonzero(flat.forced):
        if int(i) not in y_of:
            return Answer(-np.inf, None, True, True)
        lower[y_of[int(i)]] = 1.0
    solver = _passed(lines, price, lower, upper, whole)
    branch_until(solver, gap=max(0.5 * tolerance * scale, 1e-7), nodes=nodes)
    if start is not None:
        is_open = np.zeros(len(flat.free), dtype=bool)
        is_open[flat.site[start]] = True
        known = np.concatenate([is_open[sites], start[new]]).astype(np.float64)
        solver.setSolution(whole, np.arange(whole, dtype=np.int32), known)
    ran = run(solver, seconds)
    status, info = solver.getModelStatus(), solver.getInfo()
    infeasible = status == Status.kInfeasible
    chosen = None
    if (values := solution(solver)) is not None:
        chosen = np.zeros(len(flat.limits), dtype=bool)
        chosen[new] = values[len(sites) : whole] > 0.5
    bound = info.mip_dual_bound / scale + flat.constant
    return Answer(
        bound=-np.inf if infeasible else bound if np.isfinite(bound) else np.inf,
        chosen=chosen,
        finished=ran and status == Status.kOptimal,
        infeasible=infeasible,
    )


def _passed(lines: _Terms, price: list[float], lower: list[float], upper: list[float], whole: int) -> Any:
    gathered = Lines()
    gathered.add(*(np.array(part) for part in (lines.starts, lines.index, lines.value, lines.lower, lines.upper)))
    return handed(gathered, np.array(price), least=np.array(lower), most=np.array(upper), whole=whole, maximise=True)
