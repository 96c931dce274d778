"""What each tag means to somebody on foot, rule by rule."""

from __future__ import annotations

import pytest

from utopias.territory.osm_tags import (
    CYCLEWAYS,
    FAST,
    FOOTWAYS,
    NOT_BUILT,
    REASONS,
    STREETS,
    area_kind,
    is_closed_door,
    is_crossing,
    is_off_ground,
    is_plaza,
    is_steps,
    line_kind,
    place_rank,
    why_closed,
)


def way(highway: str, **tags: str) -> dict[str, str]:
    return {"highway": highway} | {key.replace("__", ":"): value for key, value in tags.items()}


@pytest.mark.parametrize("kind", sorted(STREETS | FOOTWAYS))
def test_a_street_of_which_nothing_else_is_said_may_be_walked(kind: str) -> None:
    assert why_closed(way(kind)) == ""


@pytest.mark.parametrize("kind", sorted(FAST))
def test_nobody_walks_among_fast_traffic(kind: str) -> None:
    assert why_closed(way(kind)) == "fast-traffic"


def test_a_trunk_road_may_be_walked_unless_it_is_a_motor_road() -> None:
    assert why_closed(way("trunk")) == ""
    assert why_closed(way("trunk", motorroad="yes")) == "fast-traffic"
    assert why_closed(way("trunk", motorroad="no")) == ""


@pytest.mark.parametrize("kind", sorted(NOT_BUILT))
def test_what_is_not_built_or_gone_is_not_walked_even_where_feet_are_named(kind: str) -> None:
    assert why_closed(way(kind)) == "not-built"
    assert why_closed(way(kind, foot="yes")) == "not-built"


@pytest.mark.parametrize("kind", ["services", "bus_stop", "rest_area", "no", "yes", ""])
def test_a_highway_that_is_no_street_is_not_walked(kind: str) -> None:
    assert why_closed(way(kind)) == "no-street"


@pytest.mark.parametrize("kind", ["primary", "footway", "steps", "cycleway"])
def test_foot_no_closes_every_kind(kind: str) -> None:
    assert why_closed(way(kind, foot="no")) == "no-foot"
    assert why_closed(way(kind, foot="no", sidewalk="both")) == "no-foot"


@pytest.mark.parametrize("who", ["private", "residents", "permit"])
def test_a_private_way_is_closed_whether_foot_or_access_says_so(who: str) -> None:
    assert why_closed(way("service", foot=who)) == "private"
    assert why_closed(way("service", access=who)) == "private"
    assert why_closed(way("residential", access=who, sidewalk="both")) == "private"


@pytest.mark.parametrize("foot", ["yes", "designated", "permissive", "destination"])
@pytest.mark.parametrize("tags", [
    way("motorway"), way("trunk", motorroad="yes"), way("cycleway"), way("service", access="private"),
    way("service", access="no"), way("busway"), way("service", access="bus"),
])  # fmt: skip
def test_a_permission_for_feet_opens_what_stands(foot: str, tags: dict[str, str]) -> None:
    assert why_closed(tags) != ""
    assert why_closed(tags | {"foot": foot}) == ""


@pytest.mark.parametrize("access", ["no", "bus", "psv", "delivery"])
def test_a_way_for_certain_vehicles_is_walked_only_along_its_sidewalk(access: str) -> None:
    assert why_closed(way("service", access=access)) == "vehicles-only"
    assert why_closed(way("service", access=access, sidewalk="no")) == "vehicles-only"
    assert why_closed(way("service", access=access, sidewalk="right")) == ""
    assert why_closed(way("service", access=access, sidewalk__left="yes")) == ""


@pytest.mark.parametrize("access", ["yes", "permissive", "destination", "customers", "unknown"])
def test_an_access_that_lets_people_in_closes_nothing(access: str) -> None:
    assert why_closed(way("service", access=access)) == ""


def test_a_rule_for_vehicles_says_nothing_about_feet() -> None:
    assert why_closed(way("residential", oneway="yes")) == ""
    assert why_closed(way("residential", vehicle="no", motor_vehicle="private")) == ""
    assert why_closed(way("footway", bicycle="no", horse="no")) == ""


def test_a_cycleway_is_walked_where_it_names_walkers() -> None:
    assert why_closed(way("cycleway")) == "cycles-only"
    assert why_closed(way("cycleway", foot="designated")) == ""  # osmnx#1269: such crossings were lost
    assert why_closed(way("cycleway", segregated="yes")) == ""
    assert why_closed(way("cycleway", sidewalk="both")) == ""


def test_a_crossing_drawn_as_a_cycleway_is_kept() -> None:
    assert why_closed(way("cycleway", cycleway="crossing")) == ""
    assert why_closed(way("cycleway", crossing="marked")) == ""
    assert why_closed(way("path", path="crossing", foot="designated")) == ""
    assert is_crossing(way("footway", footway="crossing"))
    assert not is_crossing(way("footway", footway="sidewalk"))


def test_sidewalks_mapped_apart_are_kept_and_so_are_their_centrelines() -> None:
    assert why_closed(way("footway", footway="sidewalk")) == ""
    assert why_closed(way("primary", sidewalk="separate")) == ""  # osmnx#1253
    assert why_closed(way("primary", foot="use_sidepath")) == ""


def test_bridges_and_tunnels_are_walked() -> None:
    assert why_closed(way("footway", bridge="yes", layer="1")) == ""
    assert why_closed(way("pedestrian", tunnel="yes", layer="-1")) == ""


def test_a_ferry_is_never_walked() -> None:
    assert why_closed({"route": "ferry", "foot": "yes"}) == "ferry"
    assert why_closed(way("footway", route="ferry", foot="yes")) == "ferry"


def test_of_several_kinds_the_first_counts() -> None:
    assert why_closed(way("unclassified;tertiary")) == ""
    assert why_closed(way("construction; residential")) == "not-built"


def test_every_reason_that_is_given_is_one_of_the_list() -> None:
    given = {why_closed(way(kind, foot=foot, access=access)) for kind in STREETS | FOOTWAYS | CYCLEWAYS | FAST | NOT_BUILT
             for foot in ("", "no", "yes") for access in ("", "private", "bus")}  # fmt: skip
    assert given | {"ferry", "no-street"} == {"", *REASONS}


def test_a_flight_of_steps_is_one_unless_a_ramp_leads_along_it() -> None:
    assert is_steps(way("steps"))
    assert not is_steps(way("steps", ramp__wheelchair="yes"))
    assert is_steps(way("steps", ramp="yes"))
    assert not is_steps(way("footway"))


def test_a_surface_is_told_by_area_or_by_being_an_outline() -> None:
    assert is_plaza(way("pedestrian", area="yes"))
    assert is_plaza(way("pedestrian", type="multipolygon"))
    assert not is_plaza(way("pedestrian"))
    assert not is_plaza(way("residential", area="no"))


@pytest.mark.parametrize("tags", [{"access": "private"}, {"access": "no"}, {"foot": "no"}, {"access": "yes", "foot": "private"}])  # fmt: skip
def test_a_gate_closed_to_strangers_is_a_closed_door(tags: dict[str, str]) -> None:
    assert is_closed_door({"barrier": "gate"} | tags)
    assert not is_closed_door({"barrier": "bollard"} | tags), "a bollard stops wheels, not feet"
    assert not is_closed_door(tags), "nothing stands there"


@pytest.mark.parametrize("tags", [{}, {"access": "yes"}, {"access": "private", "foot": "yes"}, {"motor_vehicle": "private"}])  # fmt: skip
def test_a_gate_that_says_nothing_against_walkers_is_open(tags: dict[str, str]) -> None:
    assert not is_closed_door({"barrier": "gate"} | tags)


@pytest.mark.parametrize(("tags", "kind"), [
    ({"natural": "water"}, "water"), ({"landuse": "reservoir"}, "water"), ({"leisure": "park"}, "green"),
    ({"landuse": "forest"}, "green"), ({"natural": "wood"}, "green"), ({"landuse": "residential"}, ""), ({}, ""),
])  # fmt: skip
def test_an_outline_is_water_or_green(tags: dict[str, str], kind: str) -> None:
    assert area_kind(tags) == kind


@pytest.mark.parametrize(("tags", "kind"), [
    ({"railway": "rail"}, "rail"), ({"railway": "rail", "service": "yard"}, ""), ({"railway": "construction"}, ""),
    ({"railway": "subway", "tunnel": "yes"}, ""), ({"waterway": "river"}, "canal"), ({"waterway": "drain"}, ""),
    ({"highway": "primary"}, "road"), ({"highway": "motorway"}, "road"), ({"highway": "residential"}, ""),
    ({"railway": "rail", "tunnel": "no"}, "rail"),
])  # fmt: skip
def test_a_line_of_the_map_is_rail_canal_or_main_road_and_never_underground(tags: dict[str, str], kind: str) -> None:
    assert line_kind(tags) == kind


def test_larger_places_are_named_before_smaller_ones() -> None:
    ranks = [place_rank({"place": kind, "name": "Sé"}) for kind in ("city", "suburb", "neighbourhood")]
    assert ranks == sorted(ranks)
    assert ranks[0] >= 0
    assert place_rank({"place": "suburb"}) == -1
    assert place_rank({"place": "island", "name": "Sé"}) == -1


@pytest.mark.parametrize(
    ("tags", "off"),
    [
        (way("residential"), False),
        (way("residential", bridge="yes"), True),
        (way("primary", bridge="viaduct", layer="1"), True),
        (way("residential", bridge="no"), False),
        (way("track", bridge="low_water_crossing"), False),
        (way("footway", tunnel="yes", layer="-1"), True),
        (way("service", tunnel="building_passage"), False),
        (way("footway", layer="1"), True),
        (way("footway", layer="0"), False),
        (way("residential", layer="1"), False),
    ],
)
def test_bridges_and_tunnels_are_off_the_ground_and_a_bare_layer_only_on_footways(
    tags: dict[str, str], off: bool
) -> None:
    assert is_off_ground(tags) is off
