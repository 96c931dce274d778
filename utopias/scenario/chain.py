"""Access on the way from school, asked of a whole town: walk, find the trips, join them, cross them with access from home."""

from __future__ import annotations

from dataclasses import dataclass

from utopias.access.chain_walks import ChainWalks, chain_walks
from utopias.access.chained import Chained, chained
from utopias.access.school_trips import FETCHED, school_trips
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.domain.trips import Trips
from utopias.network.straight_lines import straight_lines
from utopias.network.street_network import street_network
from utopias.scale import Runner

TRIPS = "trips"  # not a group of the town: whoever is fetched, by the trips themselves


@dataclass(frozen=True, slots=True)
class ChainQuestion:
    """What is asked of a day: whose, how long at the unit, home by when, how far out of the way.

    group : the people who are counted, each taken to fetch a child; "trips": the fetched children themselves.
    walker : the slowest who walks along.
    stay, window, extra, within : as of ``chained``. levels, how, decay : how trips are worked out where nobody
    counted them. school_within : how far a child walks to school at all; for trips worked out only.
    """

    group: str = "carers"
    stay: Duration = Minutes(60)
    window: Duration = Minutes(120)
    extra: Duration = Minutes(10)
    within: Duration = Minutes(15)
    walker: str = "child"
    circuity: float = 1.3
    levels: tuple[str, ...] = FETCHED
    how: str = "gravity"
    decay: Duration = Minutes(5)
    school_within: Duration = Minutes(30)


@dataclass(frozen=True, eq=False)
class ChainAnswer:
    """The answer with what it was made of: the walks, the trips, and what came of them."""

    walks: ChainWalks
    trips: Trips
    found: Chained


def chain(
    town: Town,
    question: ChainQuestion,
    *,
    trips: Trips | None = None,
    progress: Progress = silent,
    runner: Runner | None = None,
) -> ChainAnswer:
    """Answer ``question`` for the units that stand (as ``town.fixed``), from the schools of ``town``.

    trips : as counted; None: worked out, and then estimated.

    Raises
    ------
    ProblemError : the town knows no schools, does not count the group or the children; a window shorter than
        the stay; an unknown walker. TooLargeError : it would not fit.
    """
    straight_lines(circuity=question.circuity)  # refused even where streets make it idle: a slip is never swallowed
    schools = town.must_know_schools()
    people = None if question.group == TRIPS else town.demand(question.group)
    if question.window < question.stay:
        raise ProblemError(
            Fault(
                "window-under-stay",
                Sentence("a window of {window} does not hold a stay of {stay}", window=question.window, stay=question.stay),
                "window",
                "the window is the time between leaving school and being home: the stay and all walks",
            )
        )  # fmt: skip
    leg = Duration(max(question.window.deciseconds - question.stay.deciseconds, 1))  # a table reaches somewhere
    progress("streets", 0.0)
    walking = (
        straight_lines(town, circuity=question.circuity, walker=question.walker)
        if town.streets is None
        else street_network(town, walker=question.walker)
    )
    walks = chain_walks(
        walking,
        schools,
        town.fixed,
        town.blocks,
        within=leg,
        school_within=question.school_within if trips is None else leg,
        home_within=question.within,
        progress=progress,
        runner=runner or Runner.here(),
    )
    progress("trips", 0.0)
    if trips is None:
        trips = school_trips(
            walks.straight_home,
            schools,
            town.blocks,
            levels=question.levels,
            how=question.how,
            decay=question.decay,
        )
    found = chained(
        walks,
        trips,
        trips.from_home(town.blocks.planned) if people is None else people,
        stay=question.stay,
        window=question.window,
        extra=question.extra,
        within=question.within,
    )
    return ChainAnswer(walks, trips, found)
