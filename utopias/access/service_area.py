"""The ground from which a place is reached on foot within a limit, and the stretches of street that are.

One rule, that of the travel times: ground belongs to an area when a door there would be joined to a
street (``attach``), no farther than a declared distance, and its walk is within the limit. So an area
does not leak over a river to a bank that is not reached, narrows towards its rim, keeps its holes
and its separate parts, and agrees with ``travel_times``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utopias.access.contours import Rings
from utopias.access.ground import Area, Ground
from utopias.access.on_foot import travel_times
from utopias.access.stretches import cut_lines, joined
from utopias.access.walk_clock import WalkClock
from utopias.domain.arrays import Bools, Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.places import Places
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration, Length
from utopias.domain.sentences import Sentence
from utopias.domain.service_areas import ServiceAreas
from utopias.domain.shapes import Shapes
from utopias.domain.town import Town
from utopias.network.attach import Snapping, attach
from utopias.network.street_network import StreetNetwork
from utopias.scale import Runner

STAGE = "service-areas"
LONGEST_AREA = Duration(2 * 36_000)  # two hours on foot; nobody plans a neighbourhood house beyond
_ALONE = Runner()


def service_area(
    network: StreetNetwork,
    places: Places,
    *,
    within: str | Duration | Sequence[str | Duration],
    from_place: bool = False,
    town: Town | None = None,
    reach_off_street: str | Length = "50 m",
    smallest_hole: float = 2500.0,
    cell: str | Length = "5 m",
    snapping: Snapping | None = None,
    progress: Progress = silent,
    runner: Runner = _ALONE,
) -> ServiceAreas:
    """Draw the service areas (isochrones) of places, for one or several limits.

    Parameters
    ----------
    network : the streets as one walker uses them. places : (m,), each with its entrances: the best counts.
    within : (k,) limits, over 0 and up to two hours; ground exactly at a limit is in.
    from_place : walked from the place; otherwise to it: who can come.
    town : where given, people of its planned area by group whose block is reached are counted, as ``people_within``.
    reach_off_street : how far from its street ground may lie; 0 draws no ground, only streets; at least two cells
        otherwise, and no farther than ``snapping`` joins a door.
    smallest_hole : square metres; a hole no larger, without a street in it, is filled: the middle of a block that
        is a few metres too far. What holds a street that is not reached stays a hole, however small.
    cell : of the grid; ground narrower than this may be missed, other outlines are right to a few centimetres.
    snapping : how a door is joined to its street, as for the travel times.
    runner : threads share the places; the result is the same with any number.

    Returns
    -------
    ServiceAreas, (m * k,). A place without a street has empty areas. The same place has the same area
    whatever other places are asked, and a shorter limit's area lies in the longer one's.

    Raises
    ------
    ProblemError : no place; a limit, a cell or a distance out of range; all that is wrong at once.
    TooLargeError : the grid of an area would have over 60 million nodes.
    """
    limits = _limits_of(within)
    rules = snapping or Snapping()
    off, size = Length.of(reach_off_street), Length.of(cell)
    faults = [*_faults_of_question(network, places), *faults_of_limits(limits)]
    faults += faults_of_ground(off, size, smallest_hole, rules)
    if faults:
        raise ProblemError(faults)
    progress(STAGE, 0.0)
    doors = attach(network, places, snapping=rules)
    large = network.is_large(rules.island_share)
    ground = Ground(network, large, rules, off.metres, size.metres, smallest_hole, limits)

    def one(index: int) -> Area:
        return ground.around(WalkClock.of(network, doors, index, limits[-1], from_place=from_place))

    areas = []
    for done, area in enumerate(runner.map(one, range(len(places))), 1):
        areas.append(area)
        progress(STAGE, 0.9 * done / len(places))
    people, cut = _people(network, places, limits, town, from_place, rules, runner)
    progress(STAGE, 1.0)
    streets, street_area = joined([one for area in areas for one in area.stretches])
    return ServiceAreas(
        places=places.ids,
        names=places.names,
        x=places.x,
        y=places.y,
        limits=limits,
        shapes=_shapes([rings for area in areas for rings in area.ground], network.lines.crs),
        streets=cut_lines(network.lines, streets),
        street_area=street_area,
        street_edge=network.edges.row[streets.edge],
        status=doors.status,
        from_place=from_place,
        walker=network.walker,
        speed_m_s=network.speed_m_s,
        reach_off_street=off,
        smallest_hole=smallest_hole,
        cell=size,
        people=people,
        estimated=frozenset() if town is None else frozenset(g.id for g in town.groups if g.estimated),
        notes={} if network.impedance is None else network.impedance.notes,
        cut=cut,
    )


def _shapes(areas: list[Rings], crs: str) -> Shapes:
    vertices = np.cumsum([0, *(len(area.coords) for area in areas)])
    rings = np.cumsum([0, *(len(area.rings) - 1 for area in areas)])
    parts = np.cumsum([0, *(len(area.parts) - 1 for area in areas)])
    nought = np.zeros(1, dtype=np.int64)
    return Shapes(
        coords=np.concatenate([np.zeros((0, 2)), *(area.coords for area in areas)]),
        rings=np.concatenate([nought, *(area.rings[1:] + at for area, at in zip(areas, vertices[:-1], strict=True))]),
        parts=np.concatenate([nought, *(area.parts[1:] + at for area, at in zip(areas, rings[:-1], strict=True))]),
        shapes=parts.astype(np.int64),
        crs=crs,
    )


def _people(
    network: StreetNetwork,
    places: Places,
    limits: tuple[Duration, ...],
    town: Town | None,
    from_place: bool,
    rules: Snapping,
    runner: Runner,
) -> tuple[dict[str, Floats], Bools]:
    """(a,) persons by group whose block is reached, as the table of times has it; (a,) whether an area may be cut."""
    rows = len(places) * len(limits)
    if town is None:
        return {}, np.zeros(rows, dtype=bool)
    homes = town.blocks.places
    ways = (places, homes) if from_place else (homes, places)
    times = travel_times(network, *ways, within=limits[-1], snapping=rules, runner=runner)
    block, place = (times.columns, times.rows) if from_place else (times.rows, times.columns)
    people: dict[str, Floats] = {}
    groups = ("all", *town.blocks.groups)
    pairs = [(place * len(limits) + j, times.deciseconds <= limit.deciseconds) for j, limit in enumerate(limits)]
    for group in groups:
        demand = town.demand(group)
        persons = np.where(demand.planned, demand.persons, 0.0)[block]
        people[group] = np.zeros(rows)
        for area, reached in pairs:
            people[group] += np.bincount(area[reached], weights=persons[reached], minlength=rows)
    cut = np.zeros(rows, dtype=bool)
    known_to = town.blocks.known_to[block]
    for (area, reached), limit in zip(pairs, limits, strict=True):
        left = (limit.deciseconds - times.deciseconds) / 10.0 * network.speed_m_s
        cut[area[reached & (known_to < left)]] = True  # NaN: known all around
    return people, cut


def _limits_of(within: str | Duration | Sequence[str | Duration]) -> tuple[Duration, ...]:
    given = [within] if isinstance(within, (str, Duration)) else list(within)
    return tuple(sorted({Duration.of(limit) for limit in given}))


def faults_of_limits(limits: Sequence[Duration]) -> list[Fault]:
    """What is wrong with the limits of areas; empty when nothing is."""
    if not limits:
        return [Fault("bad-limit", "no limit was given", mend='give one or more: "5 min", "10 min"')]
    return [
        Fault(
            "bad-limit",
            Sentence("an area of {limit} on foot cannot be drawn", limit=limit),
            mend=Sentence("give limits over 0 and up to {longest}", longest=LONGEST_AREA),
        )
        for limit in limits
        if not 0 < limit.deciseconds <= LONGEST_AREA.deciseconds
    ]


def faults_of_ground(off: Length, cell: Length, smallest_hole: float, rules: Snapping | None = None) -> list[Fault]:
    """What is wrong with how ground is looked at; empty when nothing is."""
    rules, faults = rules or Snapping(), []
    if not cell.decimetres:
        what = "a grid with cells of 0 m looks at no ground"
        faults.append(Fault("bad-length", what, mend='give a cell of 1 m or more: "5 m"'))
    if 0 < off.decimetres < 2 * cell.decimetres:
        faults.append(
            Fault(
                "bad-length",
                Sentence("a grid with cells of {cell} cannot show ground {off} from its street", cell=cell, off=off),
                mend="take a cell of half that distance or less, or a distance of 0: then only streets are given",
            )
        )
    if off > rules.at_most:
        faults.append(
            Fault(
                "bad-length",
                Sentence(
                    "ground {off} from its street was asked for; a door joins a street within {at_most}",
                    off=off,
                    at_most=rules.at_most,
                ),
                mend="ask for less, or let the snapping join doors from farther away",
            )
        )
    if not 0 <= smallest_hole < np.inf:
        faults.append(
            Fault(
                "bad-area",
                Sentence("{area} square metres is no size of a hole", area=smallest_hole),
                mend="give 0 or more; 0 fills none",
            )
        )
    return faults


def _faults_of_question(network: object, places: Places) -> list[Fault]:
    faults = []
    if not isinstance(network, StreetNetwork):
        faults.append(
            Fault(
                "no-streets",
                "areas are drawn along streets, and here there are none",
                mend="build the town with streets, and give street_network(town)",
            )
        )
    if not len(places):
        faults.append(Fault("no-places", "no place was given whose area could be drawn", mend="name one or more"))
    return faults
