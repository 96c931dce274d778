"""Sums over the pairs of a table of times: from people to places and back, small tables in numpy, large in a kernel.

Both ways add the same numbers in the same order and give the same sums to the last bit, so which one ran
is never seen; only that a small job does not wait for a compiler.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from utopias.access.kernels import gather, gather_in_zones, spread, spread_in_zones
from utopias.domain.arrays import AnyArray, Floats, Ints, Longs
from utopias.domain.travel_times import TravelTimes

# Pairs up to which numpy answers in some milliseconds, where a kernel would first be made (half a second).
SMALL = 500_000
MOST_ZONES = 256  # of which one byte tells them apart


def onto_places(times: TravelTimes, weight: Floats, amount: Floats) -> Floats:
    """(m,) at each place the ``amount`` (n,) of every origin times the weight of the pair.

    weight : (limit of the table + 1,) by whole deciseconds. All terms being 0 or more, the sum of k of them is
    off by at most k x 1.1e-16 of itself: 6e-10 for five million blocks around one place.
    """
    if len(times.columns) > SMALL:
        total = np.zeros(len(times.destinations))
        zoned = _zones(weight)
        if zoned is None:
            spread(*_pairs(times), weight, _floats(amount), total)
        else:
            spread_in_zones(*_pairs(times), *zoned, _floats(amount), total)
        return total
    parts = amount[times.rows] * weight[times.deciseconds]
    return _sums(times.columns, parts, len(times.destinations))


def onto_origins(times: TravelTimes, weight: Floats, amount: Floats) -> Floats:
    """(n,) at each origin the ``amount`` (m,) of every place times the weight of the pair."""
    if len(times.columns) > SMALL:
        total = np.empty(len(times.origins))
        zoned = _zones(weight)
        if zoned is None:
            gather(*_pairs(times), weight, _floats(amount), total)
        else:
            gather_in_zones(*_pairs(times), *zoned, _floats(amount), total)
        return total
    parts = amount[times.columns] * weight[times.deciseconds]
    return _sums(times.rows, parts, len(times.origins))


def _zones(weight: Floats) -> tuple[AnyArray, Floats] | None:
    """(limit + 1,) the stretch of equal weights each decisecond lies in, and the weight of each; None for over 256."""
    new = np.concatenate([[True], np.diff(weight) != 0])
    if np.count_nonzero(new) > MOST_ZONES:
        return None
    return (np.cumsum(new) - 1).astype(np.uint8), weight[new]


def _pairs(times: TravelTimes) -> tuple[Longs, Ints, Ints]:
    """The pairs in the kinds of array a kernel takes: no copy of a table that this program made."""
    return (
        np.ascontiguousarray(times.starts, dtype=np.int64),
        np.ascontiguousarray(times.columns, dtype=np.int32),
        np.ascontiguousarray(times.deciseconds, dtype=np.int32),
    )


def _floats(amount: AnyArray) -> Floats:
    return np.ascontiguousarray(amount, dtype=np.float64)


def _sums(group: Any, values: Floats, groups: int) -> Floats:
    sums: Floats = np.bincount(group, weights=values, minlength=groups).astype(np.float64)
    return sums
