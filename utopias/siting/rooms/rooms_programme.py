"""The integer programme of places that fill up, for HiGHS: split or single-source.

    min  constant + sum c_ij x_ij + sum cap_j z_j + fees . y
         sum_i x_ij + z_j = l_j                       everybody goes somewhere, or is left out
         sum_j x_ij <= room_i y_i                     a place takes so many, if it is open
         x_ij <= min(l_j, room_i) y_i                 the strong rows, without which the bound is of little use
         sum y = number,   prices . y <= purse,   y whole, 0 <= x, z

With single source ``x_ij`` is all of ``l_j`` or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from utopias.domain.arrays import Bools, Floats
from utopias.siting.highs import Lines, Status, branch_until, handed, run, solution, start_from
from utopias.siting.rooms.rooms import Rooms


@dataclass(frozen=True, eq=False)
class RoomsAnswer:
    """What HiGHS said. ``bound`` holds for the rooms given; ``chosen`` (m,) and ``served`` (pairs,) None without a choice."""

    bound: float
    chosen: Bools | None
    served: Floats | None
    finished: bool
    infeasible: bool


def solve_rooms(
    rooms: Rooms, *, start: Bools | None, served: Floats | None, tolerance: float, seconds: float, nodes: int | None
) -> RoomsAnswer:
    """Branch and bound for at most ``seconds`` or ``nodes``, from a choice and its flows where there is one."""
    solver, size, scale = _build(rooms)
    branch_until(solver, gap=max(0.5 * tolerance * scale, 1e-7), nodes=nodes)
    sites = np.flatnonzero(rooms.free)
    pairs = len(rooms.columns)
    if start is not None and served is not None:
        left = rooms.loads - np.bincount(_rows(rooms), weights=served, minlength=len(rooms.loads))
        amounts = served / rooms.loads[_rows(rooms)]
        start_from(solver, np.concatenate([start[sites], amounts, np.maximum(left, 0.0) / rooms.loads]))
    ran = run(solver, seconds)
    status, info = solver.getModelStatus(), solver.getInfo()
    infeasible = status == Status.kInfeasible
    bound = info.mip_dual_bound / scale + rooms.constant
    chosen, flows = None, None
    if (values := solution(solver)) is not None:
        chosen = np.zeros(len(rooms.free), dtype=bool)
        chosen[sites] = values[:size] > 0.5
        flows = np.clip(values[size : size + pairs], 0.0, 1.0)
        if rooms.single_source:
            flows = np.round(flows)
        flows = flows * rooms.loads[_rows(rooms)]
    return RoomsAnswer(
        bound if np.isfinite(bound) else (np.inf if infeasible else -np.inf),
        chosen,
        flows,
        ran and status == Status.kOptimal,
        infeasible,
    )


def _rows(rooms: Rooms) -> Any:
    return np.repeat(np.arange(len(rooms.loads)), np.diff(rooms.starts))


def _build(rooms: Rooms) -> tuple[Any, int, float]:
    """(solver, columns of y, scale): x and z are shares of a row's load."""
    n, pairs = len(rooms.loads), len(rooms.columns)
    sites = np.flatnonzero(rooms.free)
    size = len(sites)
    column_of = np.full(len(rooms.free), -1)
    column_of[sites] = np.arange(size)
    row = _rows(rooms)
    x, z = size + np.arange(pairs), size + pairs + np.arange(n)
    scale = 1e5 / max(
        float(np.dot(rooms.loads, rooms.cap)) if not rooms.must else float(np.dot(rooms.loads[row], rooms.costs)), 1e-9
    )
    entry_row, entry_column, entry_value = [row, np.arange(n)], [x, z], [np.ones(pairs), np.ones(n)]
    lower, upper = [np.ones(n)], [np.ones(n)]
    count = n
    limited = np.isfinite(rooms.room) & (
        np.bincount(rooms.columns, weights=rooms.loads[row], minlength=len(rooms.room)) > rooms.room
    )
    of_site = np.full(len(rooms.free), -1)
    of_site[limited] = count + np.arange(int(limited.sum()))
    # a room counts as one; a place without room in crowds, since HiGHS takes no matrix with numbers of 1e15
    unit = np.where(limited, np.maximum(rooms.room, 1e-4 * float(rooms.loads.max(initial=1e-9))), 1.0)
    full = limited[rooms.columns]
    entry_row.append(of_site[rooms.columns[full]])
    entry_column.append(x[full])
    entry_value.append(rooms.loads[row[full]] / unit[rooms.columns[full]])
    priced = np.flatnonzero(limited & rooms.free)
    entry_row.append(of_site[priced])
    entry_column.append(column_of[priced])
    entry_value.append(-np.minimum(rooms.room[priced] / unit[priced], 1.0))
    lower.append(np.full(int(limited.sum()), -np.inf))
    upper.append(np.where(rooms.given[limited], np.minimum(rooms.room[limited] / unit[limited], 1.0), 0.0))
    count += int(limited.sum())
    strong = np.flatnonzero(rooms.free[rooms.columns])
    entry_row += [count + np.arange(len(strong))] * 2
    entry_column += [x[strong], column_of[rooms.columns[strong]]]
    most = np.minimum(1.0, rooms.room[rooms.columns[strong]] / rooms.loads[row[strong]])
    entry_value += [np.ones(len(strong)), -most]
    lower.append(np.full(len(strong), -np.inf))
    upper.append(np.zeros(len(strong)))
    count += len(strong)
    table = csr_array(
        (np.concatenate(entry_value), (np.concatenate(entry_row), np.concatenate(entry_column))),
        shape=(count, size + pairs + n),
    )
    lines = Lines()
    lines.add(table.indptr, table.indices, table.data, np.concatenate(lower), np.concatenate(upper))
    lines.add_number(size, rooms.number)
    lines.add_purse(rooms.prices[sites], rooms.purse)
    left_out = np.zeros(n) if rooms.must else rooms.loads * rooms.cap
    solver = handed(
        lines,
        scale * np.concatenate([rooms.fees[sites], rooms.loads[row] * rooms.costs, left_out]),
        most=np.concatenate([np.ones(size + pairs), np.zeros(n) if rooms.must else np.ones(n)]),
        whole=size + pairs if rooms.single_source else size,
    )
    return solver, size, scale
