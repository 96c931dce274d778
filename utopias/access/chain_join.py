"""The least walk from a school to a home by way of a unit, for every trip: which door, how long.

Exact whole numbers. A large job runs compiled; a small one in numpy, so that nobody waits for a
compiler to count a village. Both give the same, to the door.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from utopias.access.chain_kernel import NEVER, least_over_doors
from utopias.access.memory import must_hold
from utopias.access.turned import turned
from utopias.domain.arrays import Ints, Longs
from utopias.domain.travel_times import TravelTimes

SMALL = 500_000  # door visits that numpy makes in less than a compiled kernel takes to make, within 25 MB
DENSE = 4_000_000  # cells of a full table of schools by doors that a small job may lay out
A_TRIP, A_WAY, A_DOOR = 160, 24, 8  # bytes: all that is reckoned of a trip; a stored walk while it is turned; a door


class Least(NamedTuple):
    """(t,) the least walk of each trip in deciseconds, and the door it leads by; -1 in both where there is none."""

    deciseconds: Longs
    door: Ints


def bytes_of(trips: int, walks: int, doors: int) -> int:
    """Bytes that joining ``trips`` takes at its height, beside the tables themselves: said before the work begins."""
    return A_TRIP * trips + A_WAY * walks + A_DOOR * doors


def least_by_way(
    to_door: TravelTimes, from_door: TravelTimes, school: Ints, home: Ints, *, limit: int, beside: int = 0,
    memory: int | None = None, compiled: bool | None = None,
) -> Least:  # fmt: skip
    """Find the least ``to_door`` + ``from_door`` of each trip.

    Parameters
    ----------
    to_door : (s, d). from_door : (d, h). school, home : (t,) positions.
    limit : deciseconds; a sum exactly at it counts, a longer one is none.
    beside : walks that the caller turns too. memory : bytes the job may take; None for what is free. compiled : None lets the size of the job decide.

    Of equal sums the door that stands first in the table is named.

    Raises
    ------
    TooLargeError : it would not fit; the fault states the size it needs.
    """
    doors, homes = len(to_door.destinations), len(from_door.destinations)
    t = len(school)
    must_hold(bytes_of(t, len(from_door.columns) + beside, doors), trips=t, memory=memory)
    starts, door, cost = turned(from_door.starts, from_door.columns, from_door.deciseconds, homes)
    visits = int(np.diff(starts)[home].sum())
    if compiled is None:
        compiled = visits > SMALL or len(to_door.origins) * doors > DENSE
    found = Least(np.full(t, -1, dtype=np.int64), np.full(t, -1, dtype=np.int32))
    if not visits:
        return found
    if not compiled:
        return _in_numpy(to_door, starts, door, cost, school, home, limit, found)
    order = np.argsort(school, kind="stable").astype(np.int64)
    spread = np.full(doors, NEVER, dtype=np.int64)
    plain = (to_door.starts, to_door.columns, to_door.deciseconds)
    least_over_doors(*plain, starts, door, cost, order, school, home, limit, spread, found.deciseconds, found.door)
    return found


def _in_numpy(
    to_door: TravelTimes, starts: Longs, door: Ints, cost: Ints, school: Ints, home: Ints, limit: int, found: Least
) -> Least:
    doors = len(to_door.destinations)
    never = np.int64(2**40)  # over any walk, and small enough that sum * doors + door is exact
    full = np.full((len(to_door.origins), doors), never, dtype=np.int64)
    full[to_door.rows, to_door.columns] = to_door.deciseconds
    counts = np.diff(starts)[home]
    asked = np.flatnonzero(counts)
    counts = counts[asked]
    ends = np.cumsum(counts)
    first = ends - counts
    at = np.repeat(starts[home[asked]] - first, counts) + np.arange(int(ends[-1]))
    way = full[np.repeat(school[asked], counts), door[at]] + cost[at]
    best = np.minimum.reduceat(way * doors + door[at], first)  # ties go to the first door
    least, where = best // doors, best % doors
    kept = least <= min(limit, int(never) - 1)
    found.deciseconds[asked[kept]] = least[kept]
    found.door[asked[kept]] = where[kept]
    return found
