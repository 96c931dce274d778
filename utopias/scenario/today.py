"""A town as it is walked today, laid out so that a change is answered at once: the ground every what-if stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from utopias.access.on_foot import travel_times
from utopias.access.search import Search
from utopias.domain.arrays import AnyArray, Floats, Ints, Longs, Texts, frozen
from utopias.domain.places import Places
from utopias.domain.quantities import Duration
from utopias.domain.town import Town
from utopias.network.attach import attach, nearest_street
from utopias.network.segments import OnLine
from utopias.network.straight_lines import StraightLines
from utopias.network.street_network import StreetNetwork
from utopias.scale import Runner
from utopias.scenario.on_what import walked

NEVER = 2**31 - 1  # deciseconds to a place that is not reached


class Pairs(NamedTuple):
    """Who reaches which place: block, place and deciseconds, place after place."""

    block: Ints
    place: Ints
    deciseconds: Ints


@dataclass(frozen=True, eq=False)
class Ground:
    """How people get about: streets with every block laid out on them, or straight lines.

    street : where the blocks' doors meet their streets, barriers apart. search : finds the blocks that reach a place.
    """

    walking: StreetNetwork | StraightLines
    town: Town
    street: OnLine | None = None
    search: Search | None = None

    def reach(self, places: Places, within: Duration, runner: Runner) -> tuple[Pairs, AnyArray]:
        """Who reaches each of ``places`` within the limit, and the status of each place."""
        if self.search is None or not isinstance(self.walking, StreetNetwork):
            times = travel_times(self.walking, self.town.blocks, places, within=within, runner=runner)
            order = np.argsort(times.columns, kind="stable")
            block = times.rows[order].astype(np.int32)
            return Pairs(block, times.columns[order], times.deciseconds[order]), times.destination_status
        doors = attach(self.walking, places)
        found = self.search.run(doors, len(places), within, runner=runner)
        place = np.repeat(np.arange(len(places), dtype=np.int32), found.counts)
        return Pairs(found.targets, place, found.deciseconds), doors.status


@dataclass(frozen=True, eq=False)
class Today:
    """(n,) blocks and their people by (g,) group, the (m,) open units, and who reaches them.

    people : (g, n) persons of each group in the planned area, 0 around it.
    pairs : who reaches which of them; status : (m,) how each is joined to the streets.
    best : (n,) deciseconds to the nearest open unit, ``NEVER`` where none is within.
    within_now : (g,) persons with a unit within.
    """

    town: Town
    ground: Ground
    within: Duration
    walking: Mapping[str, Any]
    groups: tuple[str, ...]
    estimated: tuple[bool, ...]
    people: Floats
    units: Places
    pairs: Pairs
    status: AnyArray
    best: Ints
    within_now: Floats

    def __post_init__(self) -> None:
        for name in ("people", "status", "best", "within_now"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def ids(self) -> Texts:
        """(m,) of the open units."""
        return self.units.ids


def ground_of(town: Town, walking: StreetNetwork | StraightLines, street: OnLine | None = None) -> Ground:
    """Lay out the blocks of a town on its streets, once; ``street``: where these very streets were laid out before."""
    if isinstance(walking, StraightLines):
        return Ground(walking, town)
    blocks = town.blocks.places
    street = nearest_street(walking, blocks) if street is None else street
    doors = attach(walking, blocks, street=street)
    return Ground(walking, town, street, Search(walking, doors, len(blocks), backwards=True))


def today_of(town: Town, *, within: Duration, circuity: float, walking: Mapping[str, Any]) -> Today:
    """The town as it is: see ``Today``."""
    ground = ground_of(town, walked(town, circuity=circuity, **walking))
    groups = ("all", *town.blocks.groups)
    demands = [town.demand(group) for group in groups]
    people = np.stack([np.where(demand.planned, demand.persons, 0.0) for demand in demands])
    pairs, status = ground.reach(town.fixed, within, Runner.here())
    best = best_of(pairs, len(town.blocks))
    return Today(
        town=town,
        ground=ground,
        within=within,
        walking=walking,
        groups=groups,
        estimated=tuple(demand.estimated for demand in demands),
        people=people,
        units=town.fixed,
        pairs=pairs,
        status=status,
        best=best,
        within_now=sums(people, np.flatnonzero(best < NEVER)),
    )


def best_of(pairs: Pairs, blocks: int) -> Ints:
    """(blocks,) the least time of each; ``NEVER`` where there is none."""
    best = np.full(blocks, NEVER, dtype=np.int32)
    np.minimum.at(best, pairs.block, pairs.deciseconds)
    return best


def sums(people: Floats, blocks: Longs) -> Floats:
    """(g,) persons of every group in some blocks."""
    total: Floats = people[:, blocks].sum(axis=1)
    return total
