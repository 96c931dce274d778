"""The made-up town: exact totals, a town that holds together, and the same one everywhere."""

import ast
import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, dijkstra
from scipy.spatial import cKDTree
from scipy.stats import spearmanr

from utopias.domain.catalogue import read_catalogue
from utopias.domain.demand import GROUPS
from utopias.domain.errors import ProblemError, TooLargeError
from utopias.domain.quantities import half_up
from utopias.domain.tables import faults_of
from utopias.domain.town import Town
from utopias.land import screen
from utopias.land.joint import areas_of
from utopias.network.attach import Snapping, attach
from utopias.network.street_network import street_network
from utopias.territory.borough import people as published
from utopias.territory.borough.basemap import _district_rings
from utopias.territory.borough.chance import share_out
from utopias.territory.borough.districts import districts
from utopias.territory.borough.ground import ORIGIN, ground
from utopias.territory.synthetic import synthetic_town

TOWNS = [(7_000, 7), (7_000, 1), (50_000, 7), (50_000, 12), (300_000, 7)]
AGES = ("children 0-5", "children 6-14", "young people", "adults", "older people")
BOROUGH = 1_835_000

town_of = cache(lambda people, seed: synthetic_town("borough", people=people, seed=seed))


@pytest.fixture(params=TOWNS, ids=lambda asked: f"{asked[0]}-people-seed-{asked[1]}")
def town(request: pytest.FixtureRequest) -> Town:
    return town_of(*request.param)


@pytest.fixture
def borough() -> Town:
    return town_of(BOROUGH, 7)


def every_array(town: Town) -> dict[str, np.ndarray]:
    blocks, streets = town.blocks, town.streets
    arrays = {f"blocks.{name}": getattr(blocks, name) for name in ("ids", "x", "y", "people", "planned", "known_to")}
    arrays |= {"blocks.area_id": blocks.area_id, "blocks.colonia": blocks.colonia, "outlines": blocks.shapes.coords}
    arrays |= {f"group {name}": counts for name, counts in blocks.groups.items()}
    arrays |= {f"indicator {name}": values for name, values in blocks.indicators.items()}
    for name in ("x", "y", "tail", "head", "length", "rise", "kind", "name", "surface", "steps", "foot"):
        arrays[f"streets.{name}"] = getattr(streets, name)
    arrays["streets.lines"] = streets.lines.coords
    for role in ("units", "sites", "providers"):
        places = getattr(town, role)
        arrays |= {
            f"{role}.{name}": getattr(places, name) for name in ("ids", "entrance_of", "entrance_x", "entrance_y")
        }
        arrays |= {f"{role}.{name}": places.table[name].to_numpy() for name in places.table}
    arrays |= {f"modules.{name}": town.modules[name].to_numpy() for name in ("place_id", "service", "substitution")}
    return arrays


def fingerprint(town: Town) -> str:
    digest = hashlib.sha256()
    for name, array in sorted(every_array(town).items()):
        digest.update(name.encode())
        digest.update("\x1f".join(map(str, array.tolist())).encode() if array.dtype == object else array.tobytes())
    return digest.hexdigest()


def walkable(town: Town) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Component of every junction on foot, which component is the main one, and the junctions of each."""
    streets = town.streets
    n, on = len(streets.x), streets.foot
    graph = coo_array((np.ones(on.sum()), (streets.tail[on], streets.head[on])), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    return label, np.bincount(label).argmax(), np.bincount(label)


def street_lines(town: Town) -> np.ndarray:
    lines = town.streets.lines
    return shapely.linestrings(lines.coords, indices=np.repeat(np.arange(len(lines)), np.diff(lines.starts)))


def nearest_street(town: Town, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest walkable edge to each point, and metres to it."""
    on = np.flatnonzero(town.streets.foot)
    tree = shapely.STRtree(street_lines(town)[on])
    (point, edge), away = tree.query_nearest(shapely.points(x, y), return_distance=True, all_matches=False)
    assert (point == np.arange(len(x))).all()
    return on[edge], away


# --- the same town everywhere ---------------------------------------------------------------------


def test_the_same_seed_makes_the_same_arrays():
    first, second = (
        every_array(synthetic_town(people=20_000, seed=3)),
        every_array(synthetic_town(people=20_000, seed=3)),
    )
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name], err_msg=name)


def test_another_seed_makes_another_town():
    assert fingerprint(town_of(7_000, 7)) != fingerprint(town_of(7_000, 1))


def test_the_town_is_the_same_on_any_machine():
    """The constant was made elsewhere; whoever changes the made-up town on purpose writes the new one here."""
    assert fingerprint(town_of(7_000, 7)) == "a2e11b1f0d8609926428e78158d58f98f21c82539a2fff4ac2836c33708a61f7"


def test_only_exact_arithmetic_and_even_draws_are_used():
    """Sine, exponent and normal deviates differ in their last bit between processors."""
    exact = {"normal", "lognormal", "integers", "choice", "shuffle", "permutation", "gamma", "exponential", "poisson"}
    exact |= {"sin", "cos", "tan", "arctan2", "exp", "log", "power", "hypot", "dot", "einsum", "matmul"}
    room = Path(__file__).parents[2] / "utopias" / "territory"
    files = [room / "synthetic.py", *sorted((room / "borough").glob("*.py"))]
    assert len(files) > 10
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not used & exact, file.name
        assert not any(isinstance(node, (ast.Pow, ast.MatMult)) for node in ast.walk(tree)), file.name


def test_it_says_that_it_is_made_up(town):
    assert town.made_up
    assert "imaginaria (datos inventados" in town.name
    assert (town.crs, town.zone, town.currency) == ("EPSG:32614", "America/Mexico_City", "MXN")
    assert all("imaginari" in name for places in (town.units, town.sites, town.providers) for name in places.names)


# --- people --------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=12)
@given(st.integers(7_000, 30_000), st.integers(0, 2**63))
def test_the_planned_people_are_exactly_those_asked_for(people, seed):
    town = synthetic_town(people=people, seed=seed)
    assert town.planned_people == people
    assert town.blocks.planned.sum() == pytest.approx(people / 120, rel=0.2)


def test_every_count_is_whole_and_no_group_exceeds_its_block(town):
    blocks = town.blocks
    for counts in (blocks.people, *blocks.groups.values()):
        assert (counts == np.floor(counts)).all()
        assert (counts >= 0).all()
        assert (counts <= blocks.people).all()


def test_the_five_ages_make_up_everybody(town):
    np.testing.assert_array_equal(sum(town.blocks.groups[age] for age in AGES), town.blocks.people)


def test_groups_meet_the_published_totals(town):
    total = town.planned_people
    counted = {name: counts[town.blocks.planned].sum() for name, counts in town.blocks.groups.items()}
    assert counted["children 0-5"] == half_up(total * 122_389 / 1_835_000)
    assert counted["children 0-5"] + counted["children 6-14"] == pytest.approx(total * 337_038 / 1_835_000, abs=1)
    assert counted["young people"] == half_up(0.33 * total)
    assert counted["older people"] == half_up(0.16 * total)
    assert counted["people in poverty"] == half_up(total * 772_289 / 1_835_486)
    assert counted["women"] == half_up(0.515 * total)


def test_groups_are_those_of_the_house_labelled_and_marked_estimated(town):
    assert {group.id for group in town.groups} == set(GROUPS) - {"all"} == set(town.blocks.groups)
    for word in (*town.groups, *town.indicators):
        assert set(word.labels) == {"es", "en", "fr"}
        assert all(word.labels.values())
        assert word.source
    assert all(group.estimated and group.formula for group in town.groups)
    assert town.demand("carers").estimated


def test_poverty_is_high_on_hillsides_and_older_people_live_in_the_centre():
    town = town_of(300_000, 7)
    land, blocks = ground(300_000, 7), town.blocks
    x, y = blocks.x - ORIGIN[0], blocks.y - ORIGIN[1]
    lived = blocks.people > 20

    def share(group: str, where: np.ndarray) -> float:
        return blocks.groups[group][where].sum() / blocks.people[where].sum()

    hill, old = lived & (land.steepness(x, y) > 0.3), lived & (land.centrality(x, y) > 0.4)
    assert share("people in poverty", hill) > 1.4 * share("people in poverty", lived)
    assert share("people in poverty", old) < 0.8 * share("people in poverty", lived)
    assert share("older people", old) > 1.15 * share("older people", lived)
    assert share("children 6-14", old) < share("children 6-14", hill)


def test_indicators_rise_with_poverty_and_name_the_group_they_come_from(town):
    lived = town.blocks.people > 0
    poor = town.blocks.groups["people in poverty"][lived] / town.blocks.people[lived]
    for indicator in town.indicators:
        values = town.blocks.indicators[indicator.id]
        assert np.isfinite(values).all()
        if indicator.id != "dependency":
            assert spearmanr(values[lived], poor).statistic > 0.5
    assert {i.id: i.from_group for i in town.indicators if i.from_group} == {"poverty": "people in poverty"}


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=60),
    st.lists(st.floats(0.01, 9), min_size=60, max_size=60),
    st.floats(0, 1),
)
def test_shares_are_whole_add_up_and_never_exceed_the_most(most, weights, fullness):
    most = np.array(most)
    total = int(most.sum() * fullness)
    given_out = share_out(total, np.array(weights[: len(most)]), most)
    assert given_out.sum() == total
    assert ((given_out >= 0) & (given_out <= most)).all()


@given(st.integers(0, 10**8), st.lists(st.floats(0.01, 9), min_size=1, max_size=60))
def test_each_share_is_within_one_of_its_proportion(total, weights):
    weights = np.array(weights)
    assert np.abs(share_out(total, weights) - total * weights / weights.sum()).max() < 1.01


# --- ground and blocks ---------------------------------------------------------------------------


def test_blocks_are_valid_keep_apart_and_hold_their_point(town):
    outlines = shapely.polygons(town.blocks.shapes.coords.reshape(-1, 9, 2))
    assert shapely.is_valid(outlines).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(outlines)).all()
    assert shapely.contains(outlines, shapely.points(town.blocks.x, town.blocks.y)).all()
    tree = shapely.STRtree(outlines)
    one, other = tree.query(outlines, predicate="intersects")
    assert (one == other).all(), "blocks touch or overlap"


def test_keys_are_text_of_no_real_municipality(town):
    blocks = town.blocks
    assert len(set(blocks.ids)) == len(blocks)
    assert all(len(key) == 16 and key.startswith("09099") for key in blocks.ids)
    assert all(block[:13] == area for block, area in zip(blocks.ids, blocks.area_id, strict=True))
    if len(blocks) > 500:
        assert any(area.endswith("A") for area in blocks.area_id)


def test_a_census_area_or_colonia_is_planned_or_not_as_a_whole(town):
    for names in (town.blocks.area_id, town.blocks.colonia):
        assert not set(names[town.blocks.planned]) & set(names[~town.blocks.planned])


def test_known_ground_ends_where_a_witness_says(town):
    """The witness joins the outlines of all districts and measures to the rim of the whole."""
    people, seed = next(asked for asked in TOWNS if town_of(*asked) is town)
    land = ground(people, seed)
    laid = districts(land, people, seed)
    rings = shapely.buffer(_district_rings(land, laid, np.arange(len(laid))), 3.0, join_style="mitre")
    whole = shapely.buffer(shapely.union_all(rings), -3.0, join_style="mitre")
    some = np.random.default_rng(1).choice(len(town.blocks), 150, replace=False)
    points = shapely.points(town.blocks.x[some], town.blocks.y[some])
    assert shapely.contains(whole, points).all()
    np.testing.assert_allclose(town.blocks.known_to[some], shapely.distance(whole.boundary, points), atol=3.0)


def test_known_to_never_changes_faster_than_one_walks(town):
    blocks = town.blocks
    some = np.random.default_rng(2).choice(len(blocks), (2, 3_000))
    away = np.hypot(*(np.diff(column[some], axis=0)[0] for column in (blocks.x, blocks.y)))
    assert (np.abs(np.diff(blocks.known_to[some], axis=0)[0]) <= away + 0.02).all()


def test_surroundings_lie_on_most_sides_but_not_all():
    town = town_of(300_000, 7)
    blocks = town.blocks
    x, y = blocks.x - ORIGIN[0], blocks.y - ORIGIN[1]
    quarter = np.floor((np.arctan2(y, x) + np.pi) / (np.pi / 4)).astype(int) % 8
    around = np.bincount(quarter[~blocks.planned], minlength=8) / np.bincount(quarter, minlength=8)
    assert (around > 0.15).sum() >= 5
    assert around.min() < 0.02
    assert (blocks.known_to[blocks.planned] < 400).any()
    assert 0.03 < blocks.planned.mean() < 0.9


# --- streets -------------------------------------------------------------------------------------


def test_one_main_component_holds_the_town_together(town):
    label, main, sizes = walkable(town)
    assert sizes[main] > 0.98 * len(label)


def test_a_handful_of_inhabited_blocks_have_no_way(town):
    edge, _ = nearest_street(town, town.blocks.x, town.blocks.y)
    label, main, _ = walkable(town)
    apart = label[town.streets.tail[edge]] != main
    assert 2 <= apart.sum() <= 12
    assert town.blocks.people[apart & town.blocks.planned].sum() > 0
    assert len(set(town.blocks.colonia[apart])) == 1


def test_every_block_and_place_has_a_street_within_80_metres(town):
    places = town.units + town.sites + town.providers
    for x, y in ((town.blocks.x, town.blocks.y), (places.x, places.y), (places.entrance_x, places.entrance_y)):
        _, away = nearest_street(town, x, y)
        assert away.max() < 80


def test_streets_end_meet_and_cross_as_in_a_town(town):
    streets = town.streets
    degree = np.bincount(np.bincount(np.concatenate([streets.tail, streets.head]))) / len(streets.x)
    assert 0.03 < degree[1] < 0.12  # blind alleys
    assert degree[3] > 0.5  # T-junctions
    assert 0.05 < degree[4] < 0.4
    assert degree[5:].sum() == 0
    assert set(streets.kind) == {"primary", "secondary", "residential", "path", "steps"}
    assert (streets.kind[streets.steps] == "steps").all()


def test_lines_run_from_junction_to_junction_and_are_as_long_as_said(town):
    streets = town.streets
    starts = streets.lines.starts
    first, last = streets.lines.coords[starts[:-1]], streets.lines.coords[starts[1:] - 1]
    np.testing.assert_array_equal(first, np.stack([streets.x, streets.y], axis=1)[streets.tail])
    np.testing.assert_array_equal(last, np.stack([streets.x, streets.y], axis=1)[streets.head])
    np.testing.assert_allclose(streets.lines.lengths(), streets.length, atol=0.011)
    assert streets.length.min() > 5
    ends = np.sort(np.stack([streets.tail, streets.head]), axis=0)
    assert np.unique(ends, axis=1).shape[1] == len(streets), "two streets between the same junctions"


def test_no_two_walkable_streets_cross_without_a_junction(town):
    lines = street_lines(town)
    one, other = shapely.STRtree(lines).query(lines, predicate="crosses")
    assert len(one) == 0, f"{len(one) // 2} pairs, first {one[:1]} and {other[:1]}"


def test_rises_add_up_to_nothing_around_every_loop(town):
    """Heights found along one tree of streets explain the rise of all others."""
    streets = town.streets
    n, label = len(streets.x), walkable(town)
    weights = np.arange(1, len(streets) + 1)
    graph = coo_array((weights, (streets.tail, streets.head)), shape=(n, n)).tocsr()
    both = graph.maximum(graph.T)
    root = int(np.flatnonzero(label[0] == label[1])[0])
    order, before = breadth_first_order(both, root, directed=False)
    height = np.full(n, np.nan)
    height[root] = 0.0
    for node in order[1:]:
        edge = int(both[before[node], node]) - 1
        sign = 1 if streets.head[edge] == node else -1
        height[node] = height[before[node]] + sign * streets.rise[edge]
    seen = np.isfinite(height[streets.tail])
    np.testing.assert_allclose((height[streets.head] - height[streets.tail])[seen], streets.rise[seen], atol=1e-6)
    assert np.abs(streets.rise).max() > 3


def test_the_railway_makes_straight_lines_lie():
    """Across the railway, neighbours as the crow flies are far apart on foot; elsewhere they are not."""
    town = town_of(300_000, 7)
    streets, base = town.streets, town.basemap
    rails = [
        base.lines.coords[base.lines.starts[i] : base.lines.starts[i + 1]]
        for i in np.flatnonzero(base.line_kind == "rail")
    ]
    rail = shapely.union_all(shapely.linestrings(rails))
    over = shapely.intersects(street_lines(town)[streets.foot], rail)
    assert 1 <= over.sum() <= shapely.length(rail) / 300

    n, on = len(streets.x), streets.foot
    graph = coo_array((streets.length[on], (streets.tail[on], streets.head[on])), shape=(n, n)).tocsr()
    label, main, _ = walkable(town)
    near = np.flatnonzero((shapely.distance(rail, shapely.points(streets.x, streets.y)) < 60) & (label == main))
    start = near[:: max(1, len(near) // 40)]
    walk = dijkstra(graph, directed=False, indices=start)[:, near]
    crow = np.hypot(streets.x[start][:, None] - streets.x[near], streets.y[start][:, None] - streets.y[near])
    pair = (crow > 30) & (crow < 150)
    ways = np.stack(np.nonzero(pair), axis=1)
    direct = shapely.linestrings(
        [[(streets.x[start[i]], streets.y[start[i]]), (streets.x[near[j]], streets.y[near[j]])] for i, j in ways]
    )
    across = shapely.crosses(direct, rail)
    detour = (walk / np.maximum(crow, 1))[pair]
    assert np.median(detour[across]) > 3
    assert np.median(detour[~across]) < 1.4


# --- places --------------------------------------------------------------------------------------


def test_tables_have_no_fault_by_the_declared_columns(town):
    for role in ("units", "sites", "providers"):
        places = getattr(town, role)
        table = places.table.assign(place_id=places.ids, x=places.x, y=places.y)
        assert not faults_of(table, "places", role)
    assert not faults_of(town.modules, "modules", "modules")
    assert not faults_of(town.facts, "facts", "facts")


def test_modules_speak_of_places_and_services_that_exist(town):
    every = town.units + town.sites + town.providers
    assert set(town.modules["place_id"]) == set(every.ids)
    catalogue = read_catalogue()
    assert set(town.modules["service"]) <= set(catalogue)
    assert all(catalogue[s].group == g for s, g in zip(town.modules["service"], town.modules["group"], strict=True))
    assert town.modules["capacity"].isna().any()
    assert not town.modules.duplicated(["place_id", "service"]).any()
    own = town.modules["place_id"].isin(set(town.units.ids) | set(town.sites.ids))
    assert (town.modules["substitution"][own] == 1).all()
    assert (town.modules["substitution"][~own] < 1).all()


def test_a_lot_in_use_names_the_sports_ground_that_would_go(town):
    replaces = town.sites.table["replaces"].to_numpy()
    where = {key: i for i, key in enumerate(town.providers.ids)}
    assert (replaces != "").any()
    for site in np.flatnonzero(replaces != ""):
        provider = where[replaces[site]]
        assert town.providers.table["kind"].iloc[provider] == "sports ground"
        assert (town.providers.x[provider], town.providers.y[provider]) == (town.sites.x[site], town.sites.y[site])


def test_large_lots_have_several_doors_and_the_main_point_is_one_of_them(town):
    for places in (town.units, town.sites):
        doors = np.bincount(places.entrance_of)
        area = places.table["area_m2"].to_numpy()
        assert (doors[area >= 15_000] == 4).all()
        for i in range(len(places)):
            own = places.entrance_of == i
            assert ((places.entrance_x[own] == places.x[i]) & (places.entrance_y[own] == places.y[i])).any()


def test_units_and_lots_are_planned_and_others_also_lie_around(borough):
    limit = borough.basemap.polygons.take(np.flatnonzero(borough.basemap.polygon_kind == "limit"))
    area = shapely.union_all([shapely.polygons(ring) for ring in limit.rings_of(0)])
    for places, share in ((borough.units, 1.0), (borough.sites, 1.0)):
        assert shapely.contains(area, shapely.points(places.x, places.y)).mean() == share
    inside = shapely.contains(area, shapely.points(borough.providers.x, borough.providers.y)).mean()
    assert 0.6 < inside < 0.95
    blocks = shapely.contains(area, shapely.points(borough.blocks.x, borough.blocks.y))
    np.testing.assert_array_equal(blocks, borough.blocks.planned)


# --- the borough of 1.835 million ----------------------------------------------------------------


def test_the_borough_has_the_size_of_iztapalapa(borough):
    blocks = borough.blocks
    assert borough.planned_people == BOROUGH
    children = blocks.groups["children 0-5"] + blocks.groups["children 6-14"]
    assert children[blocks.planned].sum() == 337_038
    assert 14_700 < blocks.planned.sum() < 15_900
    assert len(borough.streets) >= 60_000
    assert 255 < len(set(blocks.colonia[blocks.planned])) < 325
    assert 420 < len(set(blocks.area_id[blocks.planned])) < 500
    limit = next(iter(borough.basemap.polygons.rings_of(0)))
    assert borough.basemap.polygon_kind[0] == "limit"
    assert shapely.area(shapely.polygons(limit)) == pytest.approx(113e6, rel=0.06)


def test_the_borough_has_units_lots_and_others_to_plan_with(borough):
    status = borough.units.table
    assert len(borough.units) == 13
    assert (status["project_status"] == "under construction").sum() == 1
    assert (status["operating_status"] == "suspended").sum() == 1
    assert len(borough.sites) >= 240
    assert 140 <= len(borough.providers) <= 160
    cost = borough.sites.table["cost"]
    assert 0 < cost.isna().sum() < 25
    assert 90e6 < cost.median() < 190e6
    assert 7_500 in set(borough.modules["capacity"][borough.modules["service"] == "pool"])
    poor = borough.blocks.groups["people in poverty"] / np.maximum(borough.blocks.people, 1)
    near = [
        np.argmin(np.hypot(borough.blocks.x - x, borough.blocks.y - y))
        for x, y in zip(borough.units.x, borough.units.y, strict=True)
    ]
    assert np.mean(poor[near]) < 0.42


def test_the_basemap_shows_water_green_rail_canals_roads_and_names(borough):
    base = borough.basemap
    assert set(base.polygon_kind) == {"limit", "green", "water"}
    assert set(base.line_kind) == {"rail", "canal", "road"}
    assert 10 <= len(base.labels) <= 20
    assert len(base.polygon_kind) == len(base.polygons)
    assert len(base.line_kind) == len(base.lines)


# --- refusals ------------------------------------------------------------------------------------


def test_senseless_wishes_are_refused_all_at_once():
    with pytest.raises(ProblemError) as refused:
        synthetic_town("village", people=6_999, seed=-1)
    assert refused.value.codes == ("unknown-kind", "too-few-people", "bad-seed")
    assert "use one of: borough" in str(refused.value)
    assert "7,000 or more" in str(refused.value)


@pytest.mark.parametrize("people", [9_000.5, True, "9000"])
def test_people_must_be_a_whole_number(people):
    with pytest.raises(ProblemError, match="give a whole number of persons"):
        synthetic_town(people=people)


def test_a_town_that_would_not_fit_is_refused_before_it_starts():
    with pytest.raises(TooLargeError, match="100,000,000 or fewer"):
        synthetic_town(people=100_000_001)
    assert published.BASE == BOROUGH


def test_its_lots_say_what_screening_asks_and_not_all_of_it(borough: Town) -> None:
    found = screen(borough)
    share = found.count("excluded") / len(borough.sites)
    assert 0.1 < share < 0.5
    assert found.count("fit") > 10
    assert {"injunction", "private", "flood", "subsidence", "rejected"} <= {rule.id for rule, broken, _ in found.by_rule() if broken}  # fmt: skip
    assert sum(unknown for _, _, unknown in found.by_rule()) > 20
    assert borough.lots is not None
    np.testing.assert_allclose(areas_of(replace(borough, sites=replace(borough.sites, table=borough.sites.table.drop(columns="area_m2")))), borough.sites.table["area_m2"], atol=0.5)  # fmt: skip


def test_the_schools_are_as_many_and_as_large_as_those_published(borough: Town) -> None:
    taught = borough.schools
    assert taught is not None
    nearest = cKDTree(np.column_stack([borough.blocks.x, borough.blocks.y])).query(
        np.column_stack([taught.x, taught.y])
    )
    planned = borough.blocks.planned[nearest[1]]
    counts = taught.table["level"][planned].value_counts().to_dict()
    for level, wanted in {"kindergarten": 144, "primary": 247, "secondary": 93}.items():
        assert counts[level] == pytest.approx(wanted, rel=0.05), (
            "a school at the edge may stand nearer to the other side"
        )
    means = taught.table.groupby("level")["pupils"].mean()
    assert means["primary"] == pytest.approx(531, rel=0.1)
    assert not set(taught.ids.tolist()) & set((borough.units + borough.sites + borough.providers).ids.tolist())
    assert attach(street_network(borough, walker="child"), taught, snapping=Snapping()).lost == 0


@pytest.mark.parametrize("people", [7_000, 50_000])
def test_the_smallest_town_has_a_school_of_each_usual_level(people: int) -> None:
    taught = town_of(people, 7).schools
    assert taught is not None
    assert set(taught.table["level"]) >= {"kindergarten", "primary", "secondary"}
    again = synthetic_town("borough", people=people, seed=7).schools
    assert again is not None
    assert again.table.equals(taught.table)
    assert (again.x == taught.x).all()
