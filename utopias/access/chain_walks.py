"""The four tables of walks that a carer's afternoon is made of: to the unit, home from it, straight home, and from home.

One leaves a unit by the door one came in by: crossing it is a walk nobody has measured, and counted
as none it would make a detour shorter than the way itself. So between school and home every door is a
place of its own, and the triangle inequality holds to the decisecond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.access.on_foot import travel_times
from utopias.domain.arrays import Longs, Texts, frozen, texts
from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.places import Places
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.town import Blocks
from utopias.domain.travel_times import TravelTimes
from utopias.network.straight_lines import StraightLines
from utopias.network.street_network import StreetNetwork
from utopias.scale import Runner

_ALONE = Runner()


@dataclass(frozen=True, eq=False)
class ChainWalks:
    """Walks between (s,) schools, (d,) doors of (m,) units, and (h,) homes, at the pace of the slowest who walks along.

    to_door : (s, d) school to door. from_door : (d, h) door to home. straight_home : (s, h) school to home.
    from_home : (h, m) home to unit, for those who set out from home.
    unit_of : (d,) the unit of each door; None where to_door's destinations are the units themselves.
    """

    to_door: TravelTimes
    from_door: TravelTimes
    straight_home: TravelTimes
    from_home: TravelTimes
    unit_of: Longs | None = None

    def __post_init__(self) -> None:
        if self.unit_of is None:
            object.__setattr__(self, "unit_of", np.arange(len(self.to_door.destinations), dtype=np.int64))
        faults = []
        for one, other, of in (
            (self.to_door.origins, self.straight_home.origins, Sentence("schools")),
            (self.to_door.destinations, self.from_door.origins, Sentence("doors of units")),
            (self.from_door.destinations, self.straight_home.destinations, Sentence("homes")),
            (self.from_door.destinations, self.from_home.origins, Sentence("homes")),
        ):
            if len(one) != len(other) or not bool((one == other).all()):
                faults.append(
                    Fault(
                        "different-places",
                        Sentence("two tables of walks do not speak of the same {of} in the same order", of=of),
                        mend="make all of them from the same places, or select them in one order",
                    )
                )
        unit = self.doors_unit
        if len(unit) != len(self.to_door.destinations) or (
            len(unit) and not 0 <= unit.min() <= unit.max() < len(self.units)
        ):
            faults.append(Fault("misaligned", "every door needs one of the units of the walks from home"))
        if faults:
            raise MisalignedError(list(dict.fromkeys(faults)))
        object.__setattr__(self, "unit_of", frozen(unit))

    def __repr__(self) -> str:
        return (
            f"<ChainWalks{', estimated' if self.estimated else ''}: {len(self.schools):,} schools, "
            f"{len(self.units):,} units with {len(self.to_door.destinations):,} doors, {len(self.homes):,} homes>"
        )

    @property
    def schools(self) -> Texts:
        return self.to_door.origins

    @property
    def units(self) -> Texts:
        return self.from_home.destinations

    @property
    def homes(self) -> Texts:
        return self.from_door.destinations

    @property
    def doors_unit(self) -> Longs:
        """(d,) the unit of each door."""
        assert self.unit_of is not None
        return self.unit_of

    @property
    def estimated(self) -> bool:
        """Whether any of the walks is no measurement of streets."""
        return any(one.estimated for one in (self.to_door, self.from_door, self.straight_home, self.from_home))


def chain_walks(
    walking: StreetNetwork | StraightLines,
    schools: Places,
    units: Places,
    homes: Blocks | Places,
    *,
    within: str | Duration,
    school_within: str | Duration | None = None,
    home_within: str | Duration = "15 min",
    progress: Progress = silent,
    runner: Runner = _ALONE,
    memory: int | None = None,
) -> ChainWalks:
    """Walk from schools by way of units to homes, and straight home, and from home to the units.

    Parameters
    ----------
    walking : streets or straight lines of whoever is slowest (``walker="child"``, ``"pram"``): all walk at that pace.
    schools : (s,). units : (m,). homes : (h,).
    within : how long each leg of a chain may be: the window less the stay. school_within : how far straight
        home is looked at; ``within`` unless said. home_within : from home to a unit.
    runner, memory : as of ``travel_times``, for each of the four tables.

    Raises
    ------
    TooLargeError, ProblemError : as ``travel_times``.
    """
    leg = Duration.of(within)
    direct = leg if school_within is None else Duration.of(school_within)
    ends = homes.places if isinstance(homes, Blocks) else homes
    doors, unit_of = _doors(units)

    def walk(start: Places, end: Places, limit: Duration) -> TravelTimes:
        return travel_times(walking, start, end, within=limit, progress=progress, runner=runner, memory=memory)

    return ChainWalks(
        to_door=walk(schools, doors, leg),
        from_door=walk(doors, ends, leg),
        straight_home=walk(schools, ends, direct),
        from_home=walk(ends, units, Duration.of(home_within)),
        unit_of=unit_of,
    )


def _doors(units: Places) -> tuple[Places, Longs]:
    """Each door as a place of its own, and the unit it is a door of. A place with one door keeps its id."""
    of = units.entrance_of
    d = len(of)
    single = np.bincount(of, minlength=len(units))[of] == 1 if d else np.zeros(0, dtype=bool)
    first = np.searchsorted(np.sort(of), of) if d else np.zeros(0, dtype=np.int64)
    rank = np.empty(d, dtype=np.int64)
    rank[np.argsort(of, kind="stable")] = np.arange(d)
    ids = texts(
        units.ids[k] if alone else f"{units.ids[k]} · {number + 1}"
        for k, alone, number in zip(of.tolist(), single.tolist(), (rank - first).tolist(), strict=True)
    )
    return (
        Places(
            ids=ids,
            x=units.entrance_x,
            y=units.entrance_y,
            role=units.role[of],
            table=units.table.iloc[of].reset_index(drop=True),
            entrance_of=np.arange(d, dtype=np.int64),
            entrance_x=units.entrance_x,
            entrance_y=units.entrance_y,
        ),
        of.astype(np.int64),
    )
