"""On what people walk in a town, its streets, or straight lines where it has none, and how long that takes them."""

from __future__ import annotations

import numpy as np

from utopias.access.on_foot import travel_times
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.network.effort import DAYLIGHT, must_be_dark
from utopias.network.profiles import Profile
from utopias.network.slopes import slope_rule
from utopias.network.straight_lines import StraightLines, straight_lines
from utopias.network.street_network import StreetNetwork, street_network
from utopias.scale import Runner
from utopias.scenario.rules_told import USUAL_SLOPE

# The table of times reaches at least this far, so that the draws of a longer limit (20 min) and a
# slower walk (15 %) still find their pairs, and a mean walk is not cut at the plan's own limit.
HORIZON = Minutes(30)
# Nobody walks longer to a unit and back in a day; the table of times reaches twice as far.
LONGEST = Minutes(12 * 60)


def walked(
    town: Town,
    *,
    walker: str | Profile = "adult",
    speed: str | None = None,
    slope: str = USUAL_SLOPE,
    after_dark: float = DAYLIGHT,
    circuity: float = 1.3,
) -> StreetNetwork | StraightLines:
    """The town's streets as ``walker`` uses them; without streets, lines times ``circuity`` at the walker's speed.

    Raises
    ------
    ProblemError : as ``street_network`` and ``straight_lines``; ``no-streets`` where a rule of slopes or a factor after
        dark was chosen and there is no street that could climb or be unlit.
    """
    if town.streets is not None:
        return street_network(town, walker=walker, speed=speed, slope=slope, after_dark=after_dark)
    slope_rule(slope)
    must_be_dark(after_dark)
    if slope != USUAL_SLOPE or after_dark != DAYLIGHT:
        raise ProblemError(
            Fault(
                code="no-streets",
                what="the town was built without streets: nothing in it climbs or is unlit",
                where="slope, after_dark",
                mend="leave both out, or build the town with streets",
            )
        )
    return straight_lines(town, circuity=circuity, walker=walker, speed=speed)


def walk(
    town: Town,
    *,
    walker: str | Profile = "adult",
    within: Duration = Minutes(15),
    speed: str | None = None,
    slope: str = "tobler",
    after_dark: float = 1.0,
    circuity: float = 1.3,
    progress: Progress = silent,
    runner: Runner | None = None,
) -> TravelTimes:
    """Times on foot from every block to fixed units, sites and providers.

    Along the streets where the town has some; else straight lines times ``circuity``, marked estimated: then of a
    walker only the speed counts, and a ``slope`` or ``after_dark`` that somebody chose is refused.
    The table reaches 30 minutes, or twice ``within`` where that is longer.

    Raises
    ------
    ProblemError : ``bad-limit``, ``unknown-walker``, ``unknown-slope``, ``bad-after-dark``, ``no-streets``.
    """
    if (wrong := fault_of_limit(within)) is not None:
        raise ProblemError(wrong)
    progress("streets", 0.0)
    walking = walked(town, walker=walker, speed=speed, slope=slope, after_dark=after_dark, circuity=circuity)
    horizon = horizon_of(within)
    places = town.fixed + town.sites + town.providers
    return travel_times(walking, town.blocks, places, within=horizon, progress=progress, runner=runner or Runner.here())


def no_walks(town: Town, within: Duration) -> TravelTimes:
    """A table of times before anybody has walked: every place stands, and reaches nothing yet."""
    places = town.fixed + town.sites
    return TravelTimes(
        origins=town.blocks.ids,
        destinations=places.ids,
        starts=np.zeros(len(town.blocks) + 1, dtype=np.int64),
        columns=np.zeros(0, dtype=np.int32),
        deciseconds=np.zeros(0, dtype=np.int32),
        limit=horizon_of(within),
        origin_status=np.zeros(len(town.blocks), dtype=np.int8),
        destination_status=np.zeros(len(places), dtype=np.int8),
    )


def horizon_of(within: Duration) -> Duration:
    return max(HORIZON, Duration(2 * within.deciseconds))


def fault_of_limit(within: Duration) -> Fault | None:
    if Minutes(0) < within <= LONGEST:
        return None
    what = Sentence("a walk of {within} is no limit to plan with", within=within)
    return Fault(
        "bad-limit", what, "within", Sentence('give one over 0 and up to {LONGEST}: "15 min"', LONGEST=LONGEST)
    )
