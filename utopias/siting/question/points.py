"""Customers as points in the plane, gathered by which sites cover them; no table of all pairs is ever made.

The plane is laid out in cells. A circle that swallows a cell whole, or misses it, needs no test there; only
the circles whose edge crosses the cell do. Customers of one cell with the same outcome of those few tests are
one at once, and what is alike in several cells is merged by comparing the sets of sites themselves: nothing
is taken for equal because it hashes alike.

A customer at x, y is covered by the site at s, t when (x - s) * (x - s) + (y - t) * (y - t) <= R * R, in
float64 and in this order of operations: the edge belongs to the circle. No root is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import AnyArray, Floats, Ints, Longs
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.siting.question.faults import faults_of_weights
from utopias.siting.question.given import numbers
from utopias.siting.question.pairs import Pairs, as_numbers, no_table
from utopias.siting.question.rows import grouped, hashes_of_lists, taken

# Cells, and entries of (cell, site), at most: what is asked of a cell should stay near the processor.
MOST_CELLS, MOST_ENTRIES = 50_000, 6_000_000
# Squares of larger numbers are no numbers any more.
FARTHEST = 1e150
# How far rounding can carry a point out of its cell, and the edge of a circle, each generously: a share.
ROUNDED = 1e-10

_PLANE = types.Array(types.float64, 2, readonly=True)
_U8 = types.Array(types.uint64, 1, readonly=True)
_ONE, _WORD = np.uint64(1), 64


@dataclass(frozen=True, eq=False)
class Gathered:
    """Customers by the set of sites that covers them.

    pairs : (rows, sites), one row a set, also the empty one where there is one; costs 0. weights (rows,) the
    sums of theirs. row_of (customers,) the row of each.
    """

    pairs: Pairs
    weights: Floats
    row_of: Ints


def gathered(customers: Floats, weights: Floats, sites: Floats, radius: float) -> Gathered:
    """Gather ``customers`` (n, 2) with ``weights`` (n,) by which of ``sites`` (m, 2) stand within ``radius``.

    All finite, under ``FARTHEST``; at least one customer. Rows come in the order in which their cells' first customers do.
    """
    west, east, south, north = _extent(customers)
    across, up, width = _layout(len(customers), len(sites), radius, east - west, north - south)
    slack = ROUNDED * (max(east - west, north - south) + max(abs(v) for v in (west, east, south, north)))
    inside, swallowing, edge, cutting = _cells(sites, radius, west, south, width, slack, across, up)
    words = max(1, ceil(int(np.diff(edge).max(initial=0)) / _WORD))
    slot_of, cell_of, outcomes, sums = _slotted(
        customers, weights, sites, radius, west, south, width, across, up, edge, cutting, words
    )
    starts, columns = _sets(cell_of, outcomes, words, inside, swallowing, edge, cutting)
    costs, cap = np.zeros(len(columns)), np.ones(len(cell_of))
    row_of_slot, kept = grouped(starts, columns, costs, cap, hashes_of_lists(starts, columns, costs, cap, len(sites)))
    nowhere = row_of_slot < 0
    rows = len(kept) + int(nowhere.any())
    row_of_slot[nowhere] = len(kept)
    starts, columns, costs = taken(starts, columns, costs, kept)
    if rows > len(kept):
        starts = np.append(starts, starts[-1])
    summed: Floats = np.bincount(row_of_slot, weights=sums, minlength=rows).astype(np.float64)
    row_of: Ints = row_of_slot.astype(np.int32)[slot_of]
    return Gathered(Pairs(starts, columns, costs, len(sites)), summed, row_of)


def read(customers: Any, weights: Any, sites: Any, within: Any) -> tuple[Gathered, list[Fault]]:
    """Read and gather; every fault is told, and nothing is gathered where there is one."""
    where, faults = _points(customers, "customers")
    there, more = _points(sites, "sites")
    counted = numbers(weights, "weights", unread := list[Fault]())
    carried: Floats = np.ones(len(where)) if counted is None else np.ascontiguousarray(counted)
    told = len(where) > 0 or not faults
    faults += more + unread + _of_radius(within)
    if told:
        faults += faults_of_weights(carried, len(where))
    if not faults:
        return gathered(where, carried, there, float(within)), []
    nothing = Pairs(np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0), len(there))
    return Gathered(nothing, np.ones(1), np.zeros(len(where), np.int32)), faults


def _points(points: Any, what: str) -> tuple[Floats, list[Fault]]:
    """(n, 2) float64 and every fault of them; none is mended."""
    read = as_numbers(points)
    if read is None:
        return np.zeros((0, 2)), [no_table(what)]
    found = np.ascontiguousarray(read)
    if found.ndim != 2 or found.shape[1] != 2:
        return np.zeros((0, 2)), [
            Fault(
                "misaligned",
                Sentence("{what} has the shape {shape}, not one row x, y a point", what=what, shape=str(found.shape)),
                what,
                "give an array of two columns, in the same unit of a plane",
            )
        ]
    if not len(found) or max(map(abs, _extent(found))) < FARTHEST:
        return found, []
    bad = ~(np.abs(found) < FARTHEST).all(axis=1)
    fault = Fault(
        code="point-nowhere",
        what=Sentence(
            "{count:,} of {total:,} {what} have a coordinate that is no finite number, or too large a one",
            count=int(bad.sum()),
            total=len(found),
            what=what,
        ),
        where=what,
        mend="mend them at their source; coordinates are those of a plane, in metres or kilometres",
        count=int(bad.sum()),
        first=Sentence("row {row}", row=int(np.flatnonzero(bad)[0])),
    )
    return found, [fault]


def _of_radius(within: Any) -> list[Fault]:
    """What is wrong with a radius; empty where it is a number of 0 or more."""
    number = isinstance(within, (int, float, np.number)) and not isinstance(within, bool)
    if number and 0 <= within < FARTHEST:
        return []
    return [
        Fault(
            "bad-within",
            Sentence("the limit is {within}", within=str(within)),
            "within",
            "a number of 0 or more in the unit of the coordinates",
        )
    ]


def _layout(customers: int, sites: int, radius: float, wide: float, high: float) -> tuple[int, int, float]:
    """How many cells across and up, and how wide they are: no more than there are customers or room for."""
    span = max(wide, high)
    if span <= 0:
        return 1, 1, 1.0
    side = sqrt(min(MOST_CELLS, max(customers, 16)) * span / max(min(wide, high), span / 500))
    while True:
        width = span / max(int(side), 1)
        across, up = int(wide / width) + 1, int(high / width) + 1
        touched = min(across, 2 * radius / width + 2) * min(up, 2 * radius / width + 2)
        if side <= 1 or (across * up <= 2 * MOST_CELLS and touched * sites <= MOST_ENTRIES):
            return across, up, width
        side *= 0.8


@kernel(types.Tuple((types.float64, types.float64, types.float64, types.float64))(_PLANE), work=turns_of)
def _extent(points: Floats) -> tuple[float, float, float, float]:
    """West, east, south, north; endless where some coordinate is no finite number."""
    west, east, south, north = np.inf, -np.inf, np.inf, -np.inf
    sound = True
    for j in range(len(points)):
        x, y = points[j, 0], points[j, 1]
        sound &= np.isfinite(x) and np.isfinite(y)
        west, east, south, north = min(west, x), max(east, x), min(south, y), max(north, y)
    if not sound:
        return -np.inf, np.inf, -np.inf, np.inf
    return west, east, south, north


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I4, types.OUT_I8, types.OUT_I4))(
        _PLANE,
        types.float64,
        types.float64,
        types.float64,
        types.float64,
        types.float64,
        types.int64,
        types.int64,
    ),
    work=lambda *a: 2.0 * len(a[0]) * min(a[6], 2 * a[1] / a[4] + 2) * min(a[7], 2 * a[1] / a[4] + 2),
    compiles_in=2.0,
    allocates=True,
)
def _cells(
    sites: Floats, radius: float, west: float, south: float, width: float, slack: float, across: int, up: int
) -> tuple[Longs, Ints, Longs, Ints]:
    """By cell, sites ascending: (starts, those whose circle swallows it whole, starts, those whose edge crosses it)."""
    square = radius * radius
    inside, edge = np.zeros(across * up + 1, np.int64), np.zeros(across * up + 1, np.int64)
    swallowing, cutting = np.empty(0, np.int32), np.empty(0, np.int32)
    for fill in range(2):
        if fill == 1:
            for cell in range(across * up):
                inside[cell + 1] += inside[cell]
                edge[cell + 1] += edge[cell]
            swallowing, cutting = np.empty(inside[-1], np.int32), np.empty(edge[-1], np.int32)
            next_inside, next_edge = inside[:-1].copy(), edge[:-1].copy()
        for i in range(len(sites)):
            x, y = sites[i, 0], sites[i, 1]
            # The ends are cut off as floats: a circle may be far larger than any whole number.
            left = int(min(max((x - radius - slack - west) / width - 1, 0.0), across - 1.0))
            right = int(min(max((x + radius + slack - west) / width + 1, 0.0), across - 1.0))
            low = int(min(max((y - radius - slack - south) / width - 1, 0.0), up - 1.0))
            high = int(min(max((y + radius + slack - south) / width + 1, 0.0), up - 1.0))
            for a in range(left, right + 1):
                east_edge, west_edge = west + (a + 1) * width + slack - x, west + a * width - slack - x
                far_x = max(abs(east_edge), abs(west_edge))
                near_x = 0.0 if west_edge <= 0 <= east_edge else min(abs(east_edge), abs(west_edge))
                for b in range(low, high + 1):
                    north_edge, south_edge = south + (b + 1) * width + slack - y, south + b * width - slack - y
                    near_y = 0.0 if south_edge <= 0 <= north_edge else min(abs(north_edge), abs(south_edge))
                    if near_x * near_x + near_y * near_y > square * (1 + ROUNDED):
                        continue
                    far_y = max(abs(north_edge), abs(south_edge))
                    cell = a * up + b
                    if far_x * far_x + far_y * far_y <= square * (1 - ROUNDED):
                        if fill == 0:
                            inside[cell + 1] += 1
                        else:
                            swallowing[next_inside[cell]] = i
                            next_inside[cell] += 1
                    elif fill == 0:
                        edge[cell + 1] += 1
                    else:
                        cutting[next_edge[cell]] = i
                        next_edge[cell] += 1
    return inside, swallowing, edge, cutting


@kernel(
    types.Tuple((types.OUT_I4, types.OUT_I4, types.Array(types.uint64, 1), types.OUT_F8))(
        _PLANE,
        types.F8,
        _PLANE,
        types.float64,
        types.float64,
        types.float64,
        types.float64,
        types.int64,
        types.int64,
        types.I8,
        types.I4,
        types.int64,
    ),
    work=lambda *a: len(a[0]) * (4.0 + len(a[10]) / (len(a[9]) - 1)),
    compiles_in=2.5,
    allocates=True,
)
def _slotted(
    customers: Floats,
    weights: Floats,
    sites: Floats,
    radius: float,
    west: float,
    south: float,
    width: float,
    across: int,
    up: int,
    edge: Longs,
    cutting: Ints,
    words: int,
) -> tuple[Ints, Ints, AnyArray, Floats]:
    """The slot of each customer, one for each (cell, outcome of its tests) met; each slot's cell, outcome, weight.

    An outcome is ``words`` words of one bit a circle that cuts the cell, in their order.
    """
    square, cells_a_unit = radius * radius, 1.0 / width
    slot_of = np.empty(len(customers), np.int32)
    head = np.full(across * up, -1, np.int32)
    room, count = 1024, 0
    cell_of, following = np.empty(room, np.int32), np.empty(room, np.int32)
    outcomes, sums = np.zeros(room * words, np.uint64), np.zeros(room)
    outcome = np.zeros(words, np.uint64)
    for j in range(len(customers)):
        x, y = customers[j, 0], customers[j, 1]
        a = min(max(int((x - west) * cells_a_unit), 0), across - 1)
        b = min(max(int((y - south) * cells_a_unit), 0), up - 1)
        cell = a * up + b
        first, last = edge[cell], edge[cell + 1]
        outcome[:] = 0
        for k in range(first, last):
            dx, dy = x - sites[cutting[k], 0], y - sites[cutting[k], 1]
            if dx * dx + dy * dy <= square:
                outcome[(k - first) >> 6] |= _ONE << np.uint64((k - first) & 63)
        slot = head[cell]
        while slot >= 0:
            same = True
            for word in range(words):
                same &= outcomes[slot * words + word] == outcome[word]
            if same:
                break
            slot = following[slot]
        if slot < 0:
            if count == room:
                cell_of = np.concatenate((cell_of, np.empty(room, np.int32)))
                following = np.concatenate((following, np.empty(room, np.int32)))
                outcomes = np.concatenate((outcomes, np.zeros(room * words, np.uint64)))
                sums = np.concatenate((sums, np.zeros(room)))
                room *= 2
            slot = count
            count += 1
            cell_of[slot] = cell
            following[slot] = head[cell]
            head[cell] = slot
            outcomes[slot * words : (slot + 1) * words] = outcome
        sums[slot] += weights[j]
        slot_of[j] = slot
    return slot_of, cell_of[:count].copy(), outcomes[: count * words].copy(), sums[:count].copy()


@kernel(
    types.Tuple((types.OUT_I8, types.OUT_I4))(types.I4, _U8, types.int64, types.I8, types.I4, types.I8, types.I4),
    work=turns_of,
    compiles_in=1.5,
    allocates=True,
)
def _sets(
    cell_of: Ints, outcomes: AnyArray, words: int, inside: Longs, swallowing: Ints, edge: Longs, cutting: Ints
) -> tuple[Longs, Ints]:
    """The sites of each slot, ascending: those that swallow its cell, and those whose test it passed."""
    starts = np.zeros(len(cell_of) + 1, np.int64)
    columns = np.empty(0, np.int32)
    for fill in range(2):
        if fill == 1:
            columns = np.empty(starts[-1], np.int32)
        for slot in range(len(cell_of)):
            cell, at = cell_of[slot], starts[slot]
            k, end = inside[cell], inside[cell + 1]
            for bit in range(edge[cell + 1] - edge[cell]):
                if not (outcomes[slot * words + (bit >> 6)] >> np.uint64(bit & 63)) & _ONE:
                    continue
                site = cutting[edge[cell] + bit]
                while k < end and swallowing[k] < site:
                    if fill == 1:
                        columns[at] = swallowing[k]
                    at += 1
                    k += 1
                if fill == 1:
                    columns[at] = site
                at += 1
            while k < end:
                if fill == 1:
                    columns[at] = swallowing[k]
                at += 1
                k += 1
            starts[slot + 1] = at
    return starts, columns
