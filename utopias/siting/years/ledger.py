"""Which sites in which year, when each (site, year) has a worth of its own: a small programme over the ledger alone.

Its relaxation gives the prices of money that belong to a bound; its whole solution a schedule that keeps every rule;
and where there is none, how much money is lacking in which year.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from scipy.sparse import coo_matrix

from utopias.domain.arrays import Floats, Ints
from utopias.siting.highs import Lines, Status, handed, run, solution
from utopias.siting.years.yearly import ANY_NUMBER, Yearly


@dataclass(frozen=True, eq=False)
class Choice:
    """What the programme said.

    bound : no schedule is worth less, as far as the run came. when : (m,) a schedule, or None. prices : (2 years + 1,) of
    money and of works, from the relaxation, or None. infeasible : proven that there is no schedule.
    """

    bound: float
    when: Ints | None
    prices: Floats | None
    infeasible: bool


def choose(yearly: Yearly, worth: Floats, *, whole: bool, seconds: float) -> Choice:
    """The schedule with the least sum of ``worth`` (m * years, by site)."""
    built = _Programme(yearly, worth, whole=whole)
    built.run(seconds)
    status = built.solver.getModelStatus()
    infeasible = status == Status.kInfeasible
    if whole:
        bound = built.solver.getInfo().mip_dual_bound / built.scale
        return Choice(bound if np.isfinite(bound) else -np.inf, built.when(), None, infeasible)
    if status != Status.kOptimal:
        return Choice(-np.inf, None, None, infeasible)
    duals = np.asarray(built.solver.getSolution().row_dual)[built.money_rows]
    prices = np.maximum(0.0, -duals) / built.scale / built.row_unit
    return Choice(built.solver.getInfo().objective_function_value / built.scale, None, prices, False)


def most_sites(yearly: Yearly, *, seconds: float) -> int:
    """How many sites the ledger can pay at most, as far as the run came; the number is left open."""
    built = _Programme(yearly, np.full(len(yearly.barred), -1.0), whole=True, number_open=True)
    built.run(seconds)
    when = built.when()
    return 0 if when is None else int((when < yearly.years).sum())


def lacking(yearly: Yearly, *, seconds: float) -> Floats | None:
    """(years + 1,) the least money that would have to be added in each budget year for the number; None: not found."""
    built = _Programme(yearly, np.zeros(len(yearly.barred)), whole=True, more_money=True)
    built.run(seconds)
    if built.when() is None:
        return None
    added: Floats = np.asarray(built.solver.getSolution().col_value)[built.size :] * built.unit
    return np.where(added > 1e-6 * built.unit, added, 0.0)


class _Programme:
    """x_it = 1 where the works of site i are in year t. Money counts in the dearest site, worth in the largest."""

    def __init__(
        self, yearly: Yearly, worth: Floats, *, whole: bool, number_open: bool = False, more_money: bool = False
    ) -> None:
        self.yearly, years, m = yearly, yearly.years, len(yearly.median.free)
        free = np.repeat(yearly.median.free, years)
        allowed = np.flatnonzero(free if more_money else ~yearly.barred)
        self.column, self.size = allowed, len(allowed)
        site, t = allowed // years, allowed % years
        self.unit = max(float((yearly.works + yearly.equip)[yearly.median.free].max(initial=0.0)), 1e-9)
        largest = float(np.abs(worth[allowed]).max(initial=0.0))
        self.scale = 1e4 / largest if largest > 0 else 1.0
        limits = np.cumsum(yearly.limits) if yearly.carry else yearly.limits
        at = np.arange(self.size)
        blocks = [(np.ones(self.size), site, at), (np.ones(self.size), np.full(self.size, m), at)]
        for factor, year in ((yearly.works[site], t), (yearly.equip[site], t + 1)):
            for later in range(years + 1) if yearly.carry else (0,):
                into = year + later
                kept = into <= years
                blocks.append((factor[kept] / self.unit, m + 1 + into[kept], at[kept]))
        blocks.append((np.ones(self.size), m + 2 + years + t, at))
        columns = self.size
        if more_money:
            for first in range(years + 1):
                into = np.arange(first, years + 1) if yearly.carry else np.array([first])
                blocks.append((-np.ones(len(into)), m + 1 + into, np.full(len(into), columns)))
                columns += 1
        forced = yearly.forced.astype(float)
        number = (0.0, inf) if number_open else (float(yearly.number), float(yearly.number))
        capacity = inf if yearly.capacity >= ANY_NUMBER else float(yearly.capacity)
        lower = np.concatenate([np.maximum(forced, 0.0), [number[0]], np.full(2 * years + 1, -inf)])
        upper = np.concatenate([np.ones(m), [number[1]], limits / self.unit, np.full(years, capacity)])
        values, rows, places = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        matrix = coo_matrix((values, (rows, places)), shape=(len(upper), columns)).tocsr()
        lines = Lines()
        lines.add(matrix.indptr, matrix.indices, matrix.data, lower, upper)
        price = np.concatenate([worth[allowed] * self.scale, np.ones(columns - self.size)])
        most = np.concatenate([np.ones(self.size), np.full(columns - self.size, inf)])
        self.solver = handed(lines, price, most=most, whole=self.size if whole else 0)
        self.money_rows = np.arange(m + 1, m + 2 + 2 * years)
        self.row_unit = np.concatenate([np.full(years + 1, self.unit), np.ones(years)])

    def run(self, seconds: float) -> None:
        run(self.solver, seconds)

    def when(self) -> Ints | None:
        """The schedule found, None where there is none or it is not whole."""
        values = solution(self.solver)
        if values is None:
            return None
        years = self.yearly.years
        when = np.full(len(self.yearly.median.free), years, dtype=np.int32)
        chosen = self.column[values[: self.size] > 0.5]
        when[chosen // years] = chosen % years
        return when
