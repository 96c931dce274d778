"""On what people walk in a town: its streets, or straight lines where it has none."""

from __future__ import annotations

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.town import Town
from utopias.network.effort import DAYLIGHT, must_be_dark
from utopias.network.profiles import Profile
from utopias.network.slopes import slope_rule
from utopias.network.straight_lines import StraightLines, straight_lines
from utopias.network.street_network import StreetNetwork, street_network
from utopias.scenario.rules_told import USUAL_SLOPE


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
