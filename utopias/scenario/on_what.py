"""On what people walk in a town, streets or straight lines, and by which rules: said of every table made so."""

from __future__ import annotations

from collections.abc import Mapping

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.findings import Assumption
from utopias.domain.town import Town
from utopias.network.effort import DAYLIGHT, must_be_dark
from utopias.network.profiles import Profile
from utopias.network.slopes import slope_rule
from utopias.network.straight_lines import StraightLines, straight_lines
from utopias.network.street_network import StreetNetwork, street_network

USUAL_SLOPE = "tobler"


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


def rules_told(notes: Mapping[str, str | float]) -> list[Assumption]:
    """What the notes of a table say of profile, rule of slopes and darkness, as assumptions; those usual go unsaid.

    Codes: ``profile`` (a walker who minds more than length and slope), ``slope-rule`` (another than Tobler's, where any
    rise is known), ``after-dark`` (how much is dark, and of how many stretches nobody knows).
    """
    found = []
    edges = float(notes.get("edges", 0.0))
    pays = {name.removeprefix("pays_"): value for name, value in notes.items() if name.startswith("pays_")}
    if pays:
        known = {name: notes[f"{name}_known"] for name in ("surface", "sidewalk", "ramps")}
        values: dict[str, object] = {"walker": str(notes.get("walker", "")), "factors": pays, "known_share": known}
        found.append(Assumption("profile", values))
    if "slope" in notes and notes["slope"] != USUAL_SLOPE and float(notes.get("rise_known", 0.0)) > 0:
        found.append(Assumption("slope-rule", {"rule": str(notes["slope"])}))
    if "after_dark" in notes:
        unknown = {name: round(edges * (1.0 - float(notes[f"{name}_known"]))) for name in ("lit", "surface")}
        dark = {
            "factor": notes["after_dark"],
            "dark_share": notes["dark"],
            "edges": int(edges),
            "lit_unknown": unknown["lit"],
            "surface_unknown": unknown["surface"],
        }
        found.append(Assumption("after-dark", dark))
    return found
