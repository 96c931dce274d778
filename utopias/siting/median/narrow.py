"""A median narrowed to what a better choice could still be: fewer sites, shorter lists, lower caps. Exact.

A place that is served at ``c`` or more, ``c`` over its multiplier ``u_j``, costs any choice ``w_j (c - u_j)`` over the
bound, since no chosen site is then under ``u_j`` (``utopias.witness.recount``, the second inequality, holds with that much
to spare). Beyond ``u_j + (upper - tolerance - bound) / w_j`` no better choice is served; the first cost beyond is the
new cap, so that a choice is never counted dearer than it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.lists import LISTS, two_nearest_of_all
from utopias.siting.median.aims import Median

# Beyond a limit by less than this share, a cost is not beyond it: sums of floats are not exact.
ROUNDING = 1e-9
# Lean lists are cut beyond so many times the cost of the second nearest site, no nearer than so much over the multipliers.
FARTHER, OVER = 1.5, 1.05


def served_at_most(median: Median, multipliers: Floats, bound: float, upper: float, tolerance: float) -> Floats:
    """(n,) the most that a choice under ``upper - tolerance`` is served at; ``bound`` is that of the multipliers."""
    room = max(upper - tolerance - bound, 0.0) + ROUNDING * abs(upper)
    weights = np.maximum(median.weights, 1e-300)
    most: Floats = (multipliers + room / weights) * (1 + ROUNDING)
    return most


def narrow(median: Median, opened: Bools, closed: Bools, limit: Floats) -> Median:
    """The median that remains: sites of ``opened`` serve, those of ``closed`` are gone, and no list goes beyond ``limit``.

    opened, closed : (m,). limit : (n,) no choice of interest serves j at more; inf: no limit. Rows keep their places.
    """
    starts, columns, costs, cap = narrowed_lists(*median.rows, median.cap, opened, closed, limit)
    spent = float(median.prices[opened].sum())
    return replace(
        median,
        starts=starts,
        columns=columns,
        costs=costs,
        cap=cap,
        free=median.free & ~opened & ~closed,
        number=median.number if median.number < 0 else median.number - int(opened.sum()),
        purse=median.purse - spent if spent else median.purse,
        constant=median.constant + float(median.fees[opened].sum()),
        _turned=[],
    )


def lean(median: Median, chosen: Bools, multipliers: Floats) -> Median:
    """The median with lists cut where the second nearest of a good choice, and multipliers (n,), are left well behind.

    A lower cap is a relaxation: its bounds hold, and are the very same while multipliers stay under the new caps; what a
    choice comes to must be valued by the whole lists.
    """
    _, second = two_nearest_of_all(*median.rows, median.cap, chosen & median.free)
    none = np.zeros(len(median.free), dtype=bool)
    return narrow(median, none, none, np.maximum(FARTHER * second, OVER * multipliers))


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I4, types.OUT_F8, types.OUT_F8))(
        *LISTS, types.F8, types.B1, types.B1, types.F8
    ),
    work=turns_of,
    allocates=True,
)
def narrowed_lists(
    starts: Longs, columns: Ints, costs: Floats, cap: Floats, opened: Bools, closed: Bools, limit: Floats
) -> tuple[Longs, Ints, Floats, Floats]:
    """The lists up to the first site that is opened or beyond the limit, whose cost is the new cap; closed ones left out."""
    n = len(starts) - 1
    new_starts, new_cap = np.zeros(n + 1, np.int64), np.empty(n)
    new_columns, new_costs = np.empty(len(columns), np.int32), np.empty(len(columns), np.float64)
    at = 0
    for j in range(n):
        new_cap[j] = cap[j]
        for k in range(starts[j], starts[j + 1]):
            if costs[k] >= new_cap[j]:
                break
            if closed[columns[k]]:
                continue
            if opened[columns[k]] or costs[k] > limit[j]:
                new_cap[j] = costs[k]
                # Sites at the very same cost, listed before, serve no better than the cap.
                while at > new_starts[j] and new_costs[at - 1] >= costs[k]:
                    at -= 1
                break
            new_columns[at] = columns[k]
            new_costs[at] = costs[k]
            at += 1
        new_starts[j + 1] = at
    return new_starts, new_columns[:at].copy(), new_costs[:at].copy(), new_cap
