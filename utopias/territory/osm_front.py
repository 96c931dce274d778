"""What OpenStreetMap says of a street's sidewalk, ramps, light and crossing: only what is tagged on the way itself.

A tag that is not there is not known; it is never a no. Points on a way (a lamp, a lowered kerb, a crossing drawn
as a point) are not read.

Source: https://wiki.openstreetmap.org/wiki/Key:lit, Key:sidewalk, Key:kerb, Key:crossing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from utopias.territory.osm_tags import is_crossing

LIT = frozenset({"yes", "24/7", "automatic", "sunset-sunrise", "dusk-dawn", "operating_times"})
UNLIT = frozenset({"no", "disused"})
ON_BOTH, ON_ONE, ON_NONE = (
    frozenset({"both", "yes", "separate"}),
    frozenset({"left", "right"}),
    frozenset({"no", "none"}),
)
LOWERED, RAISED = frozenset({"lowered", "flush", "no", "rolled"}), frozenset({"raised", "yes"})
MARKED = frozenset({"marked", "zebra", "uncontrolled", "traffic_signals", "island"})

# Surfaces by what a wheel makes of them; any other word is neither.
HARD = frozenset({
    "paved", "asphalt", "chipseal", "concrete", "concrete:lanes", "concrete:plates", "paving_stones", "bricks", "sett",
    "unhewn_cobblestone", "cobblestone", "metal", "tiles",
})  # fmt: skip
SOFT = frozenset({
    "unpaved", "compacted", "fine_gravel", "gravel", "pebblestone", "ground", "dirt", "earth", "mud", "sand", "grass",
    "rock",
})  # fmt: skip


class Told(NamedTuple):
    """What a way says of itself, each a word of ``domain.streets.SAID``."""

    sidewalk: str
    ramps: str
    lit: str
    crossing: str


def front_of(tags: Mapping[str, str]) -> Told:
    """Sidewalk, ramps, light and crossing of a way, by its own tags."""
    return Told(_sidewalk(tags), _ramps(tags), _light(tags), _crossing(tags))


def _sidewalk(tags: Mapping[str, str]) -> str:
    """Of both sides together; a footway that is itself a sidewalk has one."""
    if tags.get("footway") == "sidewalk":
        return "yes"
    whole = tags.get("sidewalk", tags.get("sidewalk:both", ""))
    if whole:
        return "yes" if whole in ON_BOTH else "part" if whole in ON_ONE else "no" if whole in ON_NONE else ""
    sides = [tags.get(f"sidewalk:{side}", "") for side in ("left", "right")]
    there = [True if side in ON_BOTH else False if side in ON_NONE else None for side in sides]
    if there == [True, True]:
        return "yes"
    if there == [False, False]:
        return "no"
    return "part" if True in there else ""


def _ramps(tags: Mapping[str, str]) -> str:
    kerb = tags.get("kerb", "")
    return "yes" if kerb in LOWERED else "no" if kerb in RAISED else ""


def _light(tags: Mapping[str, str]) -> str:
    lit = tags.get("lit", "")
    return "yes" if lit in LIT else "no" if lit in UNLIT else ""


def _crossing(tags: Mapping[str, str]) -> str:
    """Whether a way that is a crossing is marked; a street that is none does not say."""
    if not is_crossing(tags):
        return ""
    if tags.get("crossing") in ("no", "unmarked") or tags.get("crossing:markings") == "no":
        return "no"
    return "yes" if tags.get("crossing") in MARKED or tags.get("crossing:markings", "") else ""
