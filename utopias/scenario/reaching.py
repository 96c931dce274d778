"""Who reaches a unit today, and who gets home from it, as one pedestrian walks by day or after dark.

The question behind ``utopias reach``; nothing is planned here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from utopias.access.measures import people_within
from utopias.access.on_foot import travel_times
from utopias.access.there_and_back import ThereAndBack, people_there_and_back, way_home
from utopias.domain.errors import Fault
from utopias.domain.findings import Assumption
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.streets import Streets
from utopias.domain.town import Town
from utopias.domain.travel_times import Status, TravelTimes
from utopias.network.after_dark import SWEPT, as_if_unlit, sweep_after_dark
from utopias.network.effort import DAYLIGHT
from utopias.network.profiles import Profile
from utopias.network.street_network import StreetNetwork
from utopias.scale import Runner
from utopias.scenario.on_what import walk, walked
from utopias.scenario.question import Question, faults_of_line
from utopias.scenario.rules_told import USUAL_SLOPE, rules_told


@dataclass(frozen=True, slots=True)
class Walk:
    """Who walks, for how long at most, and how.

    after_dark : None asks nothing about it; else the factor, and the sweep beside it. way_home : ask for it too; then
    it alone is after dark, and the way there is by daylight.
    """

    walker: str | Profile = "adult"
    within: Duration = Minutes(15)
    speed: str | None = None
    slope: str = USUAL_SLOPE
    after_dark: float | None = None
    way_home: bool = False

    @property
    def dark(self) -> float:
        return DAYLIGHT if self.after_dark is None else self.after_dark


@dataclass(frozen=True, slots=True)
class GroupReach:
    """Persons of one group in the planned area: all, and those with a unit within the limit. None: not asked.

    within : on the way there. home : on the way home. both : the same unit both ways.
    """

    group: str
    estimated: bool
    people: float
    within: float
    home: float | None = None
    both: float | None = None


@dataclass(frozen=True, eq=False)
class Reached:
    """What was asked. ``times`` : there, to all places. ``told`` : by which rules, as assumptions.

    known : share of the streets of which each fact is known; None where there are no streets.
    swept : factor -> groups, where after dark was asked. at_worst : the same if all light that is not known were none. cut, apart : persons at the edge of the map, or with no way.
    """

    times: TravelTimes
    groups: tuple[GroupReach, ...]
    told: tuple[Assumption, ...]
    known: dict[str, float] | None
    swept: dict[float, tuple[GroupReach, ...]]
    at_worst: dict[float, tuple[GroupReach, ...]]
    cut: float
    apart: float


def faults_of_walk(asked: Walk, known: Sequence[Fault] = ()) -> list[Fault]:
    """What is wrong with a walk whatever the town; a fault of a code in ``known`` is not told twice."""
    question = Question(
        within=asked.within,
        walker=asked.walker if isinstance(asked.walker, str) else asked.walker.name,
        speed=asked.speed,
        slope=asked.slope,
        after_dark=asked.dark,
        open=1,
    )
    return faults_of_line(question, known)


def reached(town: Town, asked: Walk, *, progress: Progress = silent, runner: Runner | None = None) -> Reached:
    """Walk from every block to the units that stand, and home again if asked.

    Raises
    ------
    ProblemError : as ``walk``; ``no-streets`` where after dark is asked of a town without any.
    """
    runner = runner or Runner.here()
    homing = None
    if asked.way_home:
        homing = walked(town, walker=asked.walker, speed=asked.speed, slope=asked.slope, after_dark=asked.dark)
    times = walk(
        town, walker=asked.walker, within=asked.within, speed=asked.speed, slope=asked.slope,
        after_dark=DAYLIGHT if asked.way_home else asked.dark, progress=progress, runner=runner,
    )  # fmt: skip
    there, back = times.to(town.fixed), None
    if homing is not None:
        back = way_home(homing, town.blocks, town.fixed, within=asked.within, progress=progress, runner=runner)

    def again(streets: StreetNetwork) -> tuple[GroupReach, ...]:
        found = way_home if asked.way_home else travel_times
        there_or_home = found(streets, town.blocks, town.fixed, within=asked.within, runner=runner)
        return _groups(town, asked.within, *((there, there_or_home) if asked.way_home else (there_or_home, None)))

    def sweep(on: Town | Streets) -> dict[float, tuple[GroupReach, ...]]:
        return sweep_after_dark(
            on, again, factors={*SWEPT, asked.dark}, walker=asked.walker, speed=asked.speed, slope=asked.slope
        )

    swept, at_worst = {}, {}
    if asked.after_dark is not None:
        progress("after-dark", 0.0)
        swept = sweep(town)
        assert town.streets is not None  # else the sweep refused
        at_worst = sweep(as_if_unlit(town.streets))
    planned, people = town.blocks.planned, town.blocks.people
    cut = town.blocks.is_cut(asked.within, times.walking_speed) & planned
    apart = (np.asarray(times.origin_status) != Status.ATTACHED) & planned
    return Reached(
        times, _groups(town, asked.within, there, back), tuple(rules_told(times.notes if back is None else back.notes)), _known(times), swept, at_worst,
        float(people[cut].sum()), float(people[apart].sum()),
    )  # fmt: skip


def _groups(town: Town, limit: Duration, there: TravelTimes, back: TravelTimes | None) -> tuple[GroupReach, ...]:
    trips = None if back is None else ThereAndBack(there, back)
    found = []
    for group in ("all", *town.blocks.groups):
        demand = town.demand(group)
        row = GroupReach(group, demand.estimated, float(demand.total), float(people_within(there, demand, limit)))
        if trips is not None:
            both = people_there_and_back(trips, demand, limit)
            row = replace(row, home=float(both.home), both=float(both.both))
        found.append(row)
    return tuple(found)


def _known(times: TravelTimes) -> dict[str, float] | None:
    if times.estimated:
        return None
    names = ("rise", "surface", "sidewalk", "ramps", "lit")
    return {name: float(times.notes[f"{name}_known"]) for name in names if f"{name}_known" in times.notes}
