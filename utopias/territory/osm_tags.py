"""What OpenStreetMap's tags mean to somebody on foot: may one walk here, and if not, why not.

The rules are those of law and custom, not of a router's taste: what is told to be closed to walkers is
closed, what is told to be open is open, and where nothing is told the kind of street decides. ``oneway``
binds wheels, not feet. A carriageway stays even where its sidewalk is mapped apart: at a crossing that
nobody drew it is the only way over. A ferry and a cable car are never walked.

Source: https://wiki.openstreetmap.org/wiki/OSM_tags_for_routing/Access_restrictions, read with care: access
for walkers is ``foot`` if it is said, else ``access``, else the kind of street.
"""

from __future__ import annotations

from collections.abc import Mapping

STREETS = frozenset({
    "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link",
    "unclassified", "residential", "living_street", "service", "road", "track",
})  # fmt: skip
FOOTWAYS = frozenset({"pedestrian", "footway", "path", "steps", "bridleway", "corridor", "elevator", "platform", "crossing"})  # fmt: skip
CYCLEWAYS = frozenset({"cycleway"})
FAST = frozenset({"motorway", "motorway_link", "raceway", "bus_guideway", "busway"})
NOT_BUILT = frozenset({
    "construction", "proposed", "planned", "abandoned", "disused", "razed", "demolished", "dismantled", "removed", "historic",
})  # fmt: skip

ON_FOOT = frozenset({"yes", "designated", "permissive", "destination", "official", "public", "customers"})
PRIVATE = frozenset({"private", "residents", "employees", "permit", "military", "restricted"})
# Words of ``access`` that leave out everybody on foot unless a sidewalk or ``foot`` says otherwise.
FOR_VEHICLES = frozenset({"no", "bus", "psv", "delivery", "emergency", "agricultural", "forestry"})
SIDEWALKS = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
WITH_SIDEWALK = frozenset({"yes", "both", "left", "right"})

# Barriers that close a way as a door does; a bollard or a kissing gate stops wheels only, whatever its ``access``.
DOORS = frozenset({
    "gate", "lift_gate", "swing_gate", "sliding_gate", "hampshire_gate", "wicket_gate", "full-height_turnstile",
    "chain", "fence", "wall", "yes",
})  # fmt: skip

REASONS = ("fast-traffic", "not-built", "no-foot", "private", "vehicles-only", "cycles-only", "ferry", "no-street")


def why_closed(tags: Mapping[str, str]) -> str:
    """Why nobody may walk along a way; empty where one may. One of ``REASONS``.

    fast-traffic : motorways, ``motorroad=yes``, race tracks, busways. not-built : under construction, planned, gone.
    no-foot : ``foot=no``. private : ``foot`` or ``access`` private, or for members only.
    vehicles-only : ``access=no``, ``bus``, ``delivery``, ... without a sidewalk. cycles-only : a cycleway that does not
    name walkers. ferry : ``route=ferry``. no-street : a highway of a kind that is no street (``services``, ``bus_stop``).

    A permission in ``foot`` opens everything that stands, motorways and private roads included.
    """
    kind = kind_of(tags)
    foot, access = tags.get("foot", ""), tags.get("access", "")
    if tags.get("route") == "ferry":
        return "ferry"
    if kind in NOT_BUILT:
        return "not-built"
    if kind not in STREETS | FOOTWAYS | CYCLEWAYS | FAST:
        return "no-street"
    if foot == "no":
        return "no-foot"
    if foot in PRIVATE:
        return "private"
    if foot in ON_FOOT:
        return ""
    if kind in FAST or tags.get("motorroad") == "yes":
        return "fast-traffic"
    if access in PRIVATE:
        return "private"
    beside = any(tags.get(key) in WITH_SIDEWALK for key in SIDEWALKS)
    if access in FOR_VEHICLES and not beside:
        return "vehicles-only"
    if kind in CYCLEWAYS and not (beside or "segregated" in tags or is_crossing(tags)):
        return "cycles-only"
    return ""


def kind_of(tags: Mapping[str, str]) -> str:
    """The kind of street; of several in one tag, the first."""
    return tags.get("highway", "").split(";")[0].strip()


def is_crossing(tags: Mapping[str, str]) -> bool:
    """Whether a way leads over a street, whatever it is drawn as."""
    return "crossing" in tags or "crossing" in (tags.get("footway"), tags.get("cycleway"), tags.get("path"))


def is_steps(tags: Mapping[str, str]) -> bool:
    """Whether a way is a flight of steps; a ramp for wheels beside them makes it none."""
    if tags.get("ramp:wheelchair") == "yes":
        return False
    return kind_of(tags) == "steps"


def is_off_ground(tags: Mapping[str, str]) -> bool:
    """Whether a way hangs over the ground or runs below it: on a bridge, in a tunnel, or a footway on another layer.

    A passage through a building and a ford are on the ground. A bare ``layer`` says which of two ways is on
    top; on a carriageway it is no bridge (https://wiki.openstreetmap.org/wiki/Key:layer).
    """
    if tags.get("bridge", "no") not in ("no", "low_water_crossing"):
        return True
    if tags.get("tunnel", "no") not in ("no", "building_passage"):
        return True
    return kind_of(tags) in FOOTWAYS and tags.get("layer", "0").strip() not in ("", "0")


def is_plaza(tags: Mapping[str, str]) -> bool:
    """Whether a closed way or an outline is a surface: one may walk all over it, and it is drawn by its edge."""
    return tags.get("area") == "yes" or tags.get("type") == "multipolygon"


def is_closed_door(tags: Mapping[str, str]) -> bool:
    """Whether a node on a way is a door that a stranger on foot finds closed."""
    if tags.get("barrier") not in DOORS:
        return False
    foot, access = tags.get("foot", ""), tags.get("access", "")
    if foot:
        return foot == "no" or foot in PRIVATE
    return access == "no" or access in PRIVATE


_WATER = {"natural": {"water"}, "waterway": {"riverbank", "dock"}, "landuse": {"reservoir", "basin"}}
_GREEN = {
    "leisure": {"park", "garden", "nature_reserve", "golf_course", "common"},
    "landuse": {"forest", "grass", "recreation_ground", "village_green", "meadow", "cemetery"},
    "natural": {"wood", "scrub", "grassland", "heath"},
}
_RAIL = frozenset({"rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail", "preserved"})
_MAIN = frozenset({"motorway", "trunk", "primary", "secondary"})
_PLACES = ("city", "borough", "town", "suburb", "quarter", "village", "neighbourhood", "hamlet")


def area_kind(tags: Mapping[str, str]) -> str:
    """``water``, ``green`` or nothing: what an outline is on a map."""
    for kind, rules in (("water", _WATER), ("green", _GREEN)):
        if any(tags.get(key) in values for key, values in rules.items()):
            return kind
    return ""


def line_kind(tags: Mapping[str, str]) -> str:
    """``rail``, ``canal``, ``road`` or nothing: what a line is on a map. What runs in a tunnel is not seen."""
    if tags.get("tunnel", "no") != "no":
        return ""
    if tags.get("railway") in _RAIL and "service" not in tags:
        return "rail"
    if tags.get("waterway") in ("canal", "river"):
        return "canal"
    return "road" if kind_of(tags) in _MAIN else ""


def place_rank(tags: Mapping[str, str]) -> int:
    """Place in the order in which names are written on a map, 0 first; -1 for what is no named place."""
    return _PLACES.index(tags["place"]) if tags.get("place") in _PLACES and tags.get("name") else -1
