"""There for the start of an activity, and home after it: two walks, which may differ by slope and by light.

What climbs on the way there goes down on the way home, and whoever came by daylight may leave after dark. So the two
are found apart, each over its own streets, and a unit is within for both only if the same unit is within each way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from utopias.access.on_foot import travel_times
from utopias.access.turned import turned
from utopias.domain.arrays import Bools, Ints, Longs
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.places import Places
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration, Persons
from utopias.domain.town import Blocks
from utopias.domain.travel_times import TravelTimes
from utopias.network.attach import Snapping
from utopias.network.straight_lines import StraightLines
from utopias.network.street_network import StreetNetwork
from utopias.scale import Runner

_ALONE = Runner()


class Pairs(NamedTuple):
    """(p,) every pair that is within the table one way at least: home, unit, deciseconds each way, -1 for none."""

    home: Longs
    unit: Longs
    there: Ints
    back: Ints


class RoundTrip(NamedTuple):
    """Persons of the planned area with a unit within the limit: on the way there, on the way home, the same unit both ways."""

    there: Persons
    home: Persons
    both: Persons


@dataclass(frozen=True, eq=False)
class ThereAndBack:
    """Two tables of the same homes and units: ``there`` from home to unit, ``back`` from unit to home.

    Both are (n homes, m units): ``back`` is turned, so that a row is a home in either.

    Raises
    ------
    MisalignedError : the two speak of other places.
    """

    there: TravelTimes
    back: TravelTimes

    def __post_init__(self) -> None:
        same = all(
            np.array_equal(getattr(self.there, name), getattr(self.back, name)) for name in ("origins", "destinations")
        )
        if not same:
            raise MisalignedError(
                Fault(
                    "other-places",
                    "the way there and the way home speak of other places",
                    mend="find both for the same homes and units, in the same order",
                )
            )

    @property
    def pairs(self) -> Pairs:
        """Every pair that is within either table, by home and then by unit."""
        m = len(self.there.destinations)
        keys = [times.rows * m + times.columns for times in (self.there, self.back)]
        key = np.union1d(*keys)
        cost = np.full((2, len(key)), -1, dtype=np.int32)
        for way, times in enumerate((self.there, self.back)):
            cost[way, np.searchsorted(key, keys[way])] = times.deciseconds
        return Pairs(key // max(m, 1), key % max(m, 1), cost[0], cost[1])

    def within(self, limit: str | Duration) -> tuple[Bools, Bools, Bools]:
        """(n,) homes with a unit at most ``limit`` there, home, and the same unit both ways; exactly at it is within.

        Raises ProblemError where the limit is longer than a table.
        """
        asked = Duration.of(limit)
        there, home = (times.within(asked).any_unit() for times in (self.there, self.back))
        pairs = self.pairs
        good = (np.minimum(pairs.there, pairs.back) >= 0) & (np.maximum(pairs.there, pairs.back) <= asked.deciseconds)
        both: Bools = np.bincount(pairs.home[good], minlength=len(there)) > 0
        return there, home, both


def way_home(
    walking: StreetNetwork | StraightLines,
    homes: Blocks | Places,
    units: Places,
    *,
    within: str | Duration,
    progress: Progress = silent,
    runner: Runner = _ALONE,
    snapping: Snapping | None = None,
    memory: int | None = None,
) -> TravelTimes:
    """(n homes, m units) the walk from every unit to every home, over ``walking``: each street in the direction home.

    Parameters and errors are those of ``travel_times``; ``notes`` say ``way`` home.
    """
    places = homes.places if isinstance(homes, Blocks) else homes
    found = travel_times(
        walking, units, places, within=within, progress=progress, runner=runner, snapping=snapping, memory=memory
    )
    return replace(_turned(found), notes={**found.notes, "way": "home"})


def there_and_back(
    going: StreetNetwork | StraightLines,
    returning: StreetNetwork | StraightLines,
    homes: Blocks | Places,
    units: Places,
    *,
    within: str | Duration,
    progress: Progress = silent,
    runner: Runner = _ALONE,
    snapping: Snapping | None = None,
    memory: int | None = None,
) -> ThereAndBack:
    """Both walks of every pair: there over the streets of ``going``, home over those of ``returning``.

    Parameters
    ----------
    going, returning : the same network where nothing changes but the direction; ``returning`` with ``after_dark`` where
        the activity ends after dark. A wheelchair and an adult would be two profiles: nobody asks that here.
    homes : (n,) blocks or places. units : (m,) places. within : as for ``travel_times``, each way on its own.
    """
    there = travel_times(
        going, homes, units, within=within, progress=progress, runner=runner, snapping=snapping, memory=memory
    )
    back = way_home(
        returning, homes, units, within=within, progress=progress, runner=runner, snapping=snapping, memory=memory
    )
    return ThereAndBack(there, back)


def people_there_and_back(trips: ThereAndBack, demand: Demand, limit: str | Duration) -> RoundTrip:
    """Count the people who reach a unit within ``limit``, who get home from one, and who do both with the same unit.

    Parameters
    ----------
    trips : (n, m). demand : (n,) persons at the same homes, in the same order.
    limit : of each walk on its own, up to the end of the tables; exactly at it is within.

    Returns
    -------
    RoundTrip: ``both`` is at most the lesser of the other two. The surroundings do not count.

    Raises
    ------
    MisalignedError : other homes. ProblemError : a limit longer than the tables.
    """
    demand.must_match(trips.there.origins)
    masks = trips.within(limit)
    return RoundTrip(*(Persons(float(demand.persons[mask & demand.planned].sum())) for mask in masks))


def _turned(times: TravelTimes) -> TravelTimes:
    """The table with rows and columns exchanged."""
    starts, columns, deciseconds = turned(times.starts, times.columns, times.deciseconds, len(times.destinations))
    return replace(
        times,
        origins=times.destinations,
        destinations=times.origins,
        starts=starts,
        columns=columns,
        deciseconds=deciseconds,
        origin_status=times.destination_status,
        destination_status=times.origin_status,
    )
