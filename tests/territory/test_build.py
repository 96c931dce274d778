"""A town from small files: joined, checked together, spread, and every fault of every file in one error."""

from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pytest
import shapely

from utopias.domain.errors import TableError
from utopias.domain.quantities import Minutes
from utopias.domain.town import Town
from utopias.territory.build import build_town
from utopias.territory.column_file import parse_column_file
from utopias.territory.ledger import Note
from utopias.territory.town_folder import read_town, write_town

X, Y = 493_000.0, 2_139_000.0  # in Iztapalapa, EPSG:32614
DEGREES = 'crs = "EPSG:4326"\n'


def blocks_file(
    folder: Path, count: int = 4, side: float = 100.0, name: str = "blocks.gpkg", first: int = 0, **columns
) -> Path:
    """Square blocks in a row, ids 0900A0, 0900A1, ...; 100 people each."""
    boxes = [shapely.box(X + side * (first + i), Y, X + side * (first + i + 1), Y + side) for i in range(count)]
    made = {"block_id": [f"0900A{first + i}" for i in range(count)], "people": [100.0] * count} | columns
    gpd.GeoDataFrame(made, geometry=boxes, crs="EPSG:32614").to_file(folder / name)
    return folder / name


def places_file(folder: Path, name: str, text: str = "place_id,x,y\nu1,493050,2139050\n") -> Path:
    (folder / name).write_text(text)
    return folder / name


def build(folder: Path, *, notes: list[Note] | None = None, **said) -> Town:
    said = {"blocks": blocks_file(folder)} | said if "blocks" not in said else said
    said = {
        key: parse_column_file(v) if key.endswith("_columns") and isinstance(v, str) else v for key, v in said.items()
    }
    given = {"name": "Toy", "crs": "EPSG:32614", "zone": "America/Mexico_City", "currency": "MXN"} | said
    return build_town(**given, tell=notes.append if notes is not None else None)


def codes(folder: Path, **said) -> tuple[str, ...]:
    with pytest.raises(TableError) as error:
        build(folder, **said)
    return error.value.codes


def test_small_blocks_stay_as_they_are(tmp_path):
    town = build(tmp_path)
    assert town.blocks.ids.tolist() == ["0900A0", "0900A1", "0900A2", "0900A3"]
    assert town.blocks.area_id.tolist() == town.blocks.ids.tolist()
    assert town.blocks.x.tolist() == [X + 50, X + 150, X + 250, X + 350]
    assert town.planned_people == 400
    assert town.blocks.planned.all()
    assert town.crs == "EPSG:32614"
    assert len(town.units) == len(town.sites) == len(town.providers) == len(town.modules) == 0
    assert not town.made_up


def test_a_large_area_is_spread_and_keeps_its_people_groups_and_rates(tmp_path):
    file = blocks_file(tmp_path, 2, 1000.0, women=[60.0, 30.0], need=[0.2, 0.9], colonia=["A", "B"])
    notes: list[Note] = []
    town = build(
        tmp_path, notes=notes, blocks=file, blocks_columns='[groups]\nwomen = "women"\n[indicators]\n"low" = "need"'
    )
    blocks = town.blocks
    assert len(blocks) >= 80
    assert set(blocks.area_id.tolist()) == {"0900A0", "0900A1"}
    assert blocks.ids[0] == "0900A0-01"
    second = blocks.area_id == "0900A1"
    assert blocks.people[second].sum() == pytest.approx(100, abs=1e-9)
    assert blocks.groups["women"][second].sum() == pytest.approx(30, abs=1e-9)
    assert set(blocks.indicators["low"][second].tolist()) == {0.9}
    assert set(blocks.colonia[second].tolist()) == {"B"}
    assert blocks.shapes is not None
    assert "spread" in [note.code for note in notes]


def test_a_table_without_shapes_is_joined_by_its_key(tmp_path):
    shapes = blocks_file(tmp_path, 5)
    (tmp_path / "people.csv").write_text("CVEGEO,POBTOT\n0900A1,7\n0900A3,9\n")
    notes: list[Note] = []
    town = build(tmp_path, notes=notes, blocks=tmp_path / "people.csv", shapes=shapes, key="block_id")
    assert town.blocks.x.tolist() == [X + 150, X + 350]
    assert town.blocks.people.tolist() == [7, 9]
    assert "unused-shapes" in [note.code for note in notes]


def test_coordinates_beside_the_key_do_not_matter_where_shapes_are_given(tmp_path):
    (tmp_path / "people.csv").write_text('CVEGEO,POBTOT,LONGITUD,LATITUD\n0900A1,7,"99°03\'01"" W",\n0900A3,9,,\n')
    town = build(tmp_path, blocks=tmp_path / "people.csv", shapes=blocks_file(tmp_path, 5), key="block_id")
    assert town.blocks.x.tolist() == [X + 150, X + 350]


def test_rows_without_a_shape_are_a_fault_that_knows_of_lost_zeros(tmp_path):
    shapes = blocks_file(tmp_path, 2, block_id=["0010", "0011"])
    (tmp_path / "people.csv").write_text("block_id,people\n10,7\n11,9\n12,9\n")
    with pytest.raises(TableError) as error:
        build(tmp_path, blocks=tmp_path / "people.csv", shapes=shapes, key="block_id")
    fault = error.value.faults[0]
    assert (fault.code, fault.count, fault.first) == ("unmatched-keys", 3, "row 1: '10'")
    assert "pad = { block_id = 4 }" in fault.mend
    said = {"blocks": tmp_path / "people.csv", "shapes": shapes, "key": "block_id"}
    with pytest.raises(TableError) as error:
        build(tmp_path, **said, blocks_columns="pad = { block_id = 4 }")
    assert (error.value.faults[0].count, error.value.faults[0].first) == (1, "row 3: '0012'")
    town = build(tmp_path, **said, blocks_columns='pad = { block_id = 4 }\n[leave_out]\nblock_id = "12"')
    assert town.planned_people == 16


def test_a_key_that_is_not_there_and_shapes_that_repeat_one_are_told(tmp_path):
    (tmp_path / "people.csv").write_text("block_id,people\n0010,7\n")
    shapes = blocks_file(tmp_path, 2, block_id=["0010", "0010"])
    assert codes(tmp_path, blocks=tmp_path / "people.csv", shapes=shapes, key="block_id") == ("duplicate-key",)
    other = blocks_file(tmp_path, 1, name="o.gpkg", block_id=["0010"])
    frame = gpd.read_file(other).rename(columns={"block_id": "who"})
    frame.to_file(other)
    assert codes(tmp_path, blocks=tmp_path / "people.csv", shapes=other, key="CVEGEO") == ("no-key",)
    assert build(tmp_path, blocks=tmp_path / "people.csv", shapes=other, key="who").planned_people == 7


def test_blocks_without_any_place_are_told_how_to_get_one(tmp_path):
    (tmp_path / "people.csv").write_text("block_id,people\n0010,7\n")
    with pytest.raises(TableError) as error:
        build(tmp_path, blocks=tmp_path / "people.csv")
    assert error.value.codes == ("no-place",)
    assert "--shapes" in error.value.faults[0].mend


def test_faults_of_all_tables_come_in_one_error(tmp_path):
    found = codes(
        tmp_path,
        blocks=blocks_file(tmp_path, people=[1.0, np.nan, -5.0, 3.0], block_id=["a", "a", "c", "d"]),
        units=places_file(tmp_path, "units.csv", "place_id,x,y,opening_status\nu1,493050,2139050,ajar\n"),
        sites=tmp_path / "nowhere.csv",
        providers=places_file(tmp_path, "providers.csv", "place_id,lon,lat\np,-99,19\n"),
        streets=places_file(tmp_path, "streets.gpkg", "no database"),
        surroundings_columns=places_file(tmp_path, "around.toml", "[colums]"),
        surroundings=blocks_file(tmp_path, 1, name="around.gpkg", first=7),
    )
    assert set(found) == {
        "missing-people", "duplicate-key", "too-small", "unknown-choice", "no-such-file", "no-crs", "wrong-format", "unknown-key",
    }  # fmt: skip


def test_faults_speak_of_the_users_column_and_row(tmp_path):
    (tmp_path / "b.csv").write_text(
        "CVE,POB,lon,lat,alc\n1,5,-99.06,19.35,B\n2,5,-99.06,19.35,A\n3,-5,-99.06,19.35,A\n"
    )
    columns = DEGREES + '[columns]\nblock_id = "CVE"\npeople = "POB"\n[only]\nalc = "A"'
    with pytest.raises(TableError) as error:
        build(tmp_path, blocks=tmp_path / "b.csv", blocks_columns=columns)
    fault = error.value.faults[0]
    assert (fault.code, fault.where, fault.first) == ("too-small", "column POB (people) of b.csv", "row 3: -5.0")


def test_a_town_where_nobody_lives_is_refused(tmp_path):
    assert codes(tmp_path, blocks=blocks_file(tmp_path, people=[0.0] * 4)) == ("no-people",)


def test_a_group_larger_than_its_block_is_refused(tmp_path):
    file = blocks_file(tmp_path, women=[50.0, 101.0, 5.0, 5.0])
    with pytest.raises(TableError) as error:
        build(tmp_path, blocks=file, blocks_columns='[groups]\nwomen = "women"')
    assert error.value.codes == ("group-over-people",)
    assert error.value.faults[0].first == "row 2: 101 of 100"


def test_a_unit_in_the_sea_is_refused(tmp_path):
    text = "place_id,lon,lat\nu1,-99.066,19.345\nu2,-109.066,19.345\n"
    with pytest.raises(TableError) as error:
        build(tmp_path, units=places_file(tmp_path, "u.csv", text), units_columns=DEGREES)
    fault = error.value.faults[0]
    assert (fault.code, fault.count, fault.first) == ("far-from-blocks", 1, "row 2: 'u2'")


def test_a_block_at_the_other_end_of_the_world_is_refused(tmp_path):
    (tmp_path / "b.csv").write_text("block_id,people,lon,lat\n1,5,-99.06,19.35\n2,5,-99.07,19.35\n3,5,-89.07,19.35\n")
    found = codes(tmp_path, blocks=tmp_path / "b.csv", blocks_columns=DEGREES, crs=None)
    assert found == ("outside-crs",)
    (tmp_path / "b.csv").write_text("block_id,people,lon,lat\n1,5,-99.06,19.35\n2,5,-99.07,19.35\n3,5,-95.07,19.35\n")
    assert codes(tmp_path, blocks=tmp_path / "b.csv", blocks_columns=DEGREES, crs=None) == ("far-block",)


def test_the_towns_system_must_measure_in_metres_and_fit_the_place(tmp_path):
    assert codes(tmp_path, crs="EPSG:4326") == ("crs-not-in-metres",)
    assert codes(tmp_path, crs="EPSG:9999999") == ("unknown-crs",)
    assert codes(tmp_path, crs="EPSG:25830") == ("outside-crs",)


def test_without_a_system_the_utm_zone_is_chosen_and_told(tmp_path):
    notes: list[Note] = []
    town = build(tmp_path, notes=notes, crs=None)
    assert town.crs == "EPSG:32614"
    assert "EPSG:32614" in next(note.what for note in notes if note.code == "chosen-crs")


def test_surroundings_are_there_but_not_planned(tmp_path):
    town = build(tmp_path, surroundings=blocks_file(tmp_path, 2, name="around.gpkg", first=4))
    assert town.blocks.planned.tolist() == [True] * 4 + [False] * 2
    assert town.planned_people == 400


def test_the_ground_is_known_farther_with_surroundings(tmp_path):
    file, around = blocks_file(tmp_path, 1, 1000.0), blocks_file(tmp_path, 1, 1000.0, name="around.gpkg", first=1)
    alone, among = build(tmp_path, blocks=file), build(tmp_path, blocks=file, surroundings=around)
    east = (alone.blocks.x > X + 900) & (abs(alone.blocks.y - Y - 500) < 200)
    assert alone.blocks.known_to[east].max() < 105
    assert among.blocks.known_to[among.blocks.planned][east].min() > 295


def test_one_file_may_hold_both_and_say_which_is_planned(tmp_path):
    file = blocks_file(tmp_path, inside=[True, True, False, False])
    town = build(tmp_path, blocks=file, blocks_columns='[columns]\nplanned = "inside"')
    assert town.blocks.planned.tolist() == [True, True, False, False]
    nobody = blocks_file(tmp_path, inside=[False] * 4)
    assert codes(tmp_path, blocks=nobody, blocks_columns='[columns]\nplanned = "inside"') == ("no-planned-block",)


def test_a_block_that_does_not_say_whether_it_is_planned_is_a_fault(tmp_path):
    (tmp_path / "b.csv").write_text("block_id,people,x,y,planned\n1,5,493050,2139050,true\n2,7,493250,2139050,\n")
    assert codes(tmp_path, blocks=tmp_path / "b.csv") == ("missing-value",)


def test_a_block_in_both_files_and_a_group_in_one_are_refused(tmp_path):
    assert codes(tmp_path, surroundings=blocks_file(tmp_path, 2, name="around.gpkg")) == ("block-in-both",)
    inside = blocks_file(tmp_path, women=[5.0] * 4)
    around = blocks_file(tmp_path, 2, name="around.gpkg", first=9)
    said = {"blocks": inside, "blocks_columns": '[groups]\nwomen = "women"', "surroundings": around}
    assert codes(tmp_path, **said, surroundings_columns="") == ("missing-group",)


def test_the_cut_grows_towards_the_end_of_the_known_ground(tmp_path):
    town = build(tmp_path, blocks=blocks_file(tmp_path, 40))
    known = town.blocks.known_to
    assert known == pytest.approx([50] * 40, abs=4)
    assert town.blocks.is_cut(Minutes(15), 4.8 / 3.6).all()
    ground = gpd.GeoDataFrame(geometry=[shapely.box(X - 3000, Y - 3000, X + 7000, Y + 3000)], crs="EPSG:32614")
    ground.to_crs(4326).to_file(tmp_path / "known.geojson")
    wide = build(tmp_path, blocks=blocks_file(tmp_path, 40), known_area=tmp_path / "known.geojson")
    assert wide.blocks.known_to.min() > 2900
    assert not wide.blocks.is_cut(Minutes(15), 4.8 / 3.6).any()


def test_people_live_where_the_weight_surface_says(tmp_path):
    file = blocks_file(tmp_path, 1, 2000.0)
    surface = gpd.GeoDataFrame(
        {"block_id": ["w", "e"], "people": [0.0, 30.0]},
        geometry=[shapely.box(X, Y, X + 1000, Y + 2000), shapely.box(X + 1000, Y, X + 2000, Y + 2000)],
        crs="EPSG:32614",
    )
    surface.to_crs(4326).to_file(tmp_path / "surface.gpkg")
    town = build(tmp_path, blocks=file, weight_surface=tmp_path / "surface.gpkg")
    assert town.blocks.people[town.blocks.x < X + 900].sum() == 0
    assert town.planned_people == pytest.approx(100, abs=1e-9)


def test_h3_cells_are_blocks(tmp_path):
    cells = sorted(h3.grid_disk(h3.latlng_to_cell(19.35, -99.06, 9), 2))
    (tmp_path / "b.csv").write_text("hex_id,people\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    town = build(tmp_path, blocks=tmp_path / "b.csv", crs=None)
    assert town.crs == "EPSG:32614"
    assert town.planned_people == pytest.approx(sum(range(19)), abs=1e-9)
    assert (np.unique(town.blocks.area_id, return_counts=True)[1] >= 20).all()


def test_points_are_blocks_without_outlines(tmp_path):
    (tmp_path / "b.csv").write_text("block_id,people,x,y\n1,5,493050,2139050\n2,7,493250,2139050\n")
    town = build(tmp_path, blocks=tmp_path / "b.csv")
    assert town.blocks.shapes is None
    assert town.blocks.x.tolist() == [493_050, 493_250]
    assert town.blocks.people.tolist() == [5, 7]


def test_places_come_with_their_words_and_services(tmp_path):
    providers = places_file(
        tmp_path, "p.csv", "CLAVE,nombre,lon,lat,estado,da\n007,Sol,-99.066,19.345,EN OBRA,taller;alberca\n"
    )
    columns = (
        DEGREES
        + """
        [columns]
        place_id = "CLAVE"
        project_status = "estado"
        service = "da"
        [fixed]
        kind = "community centre"
        substitution = 0.5
        [values.project_status]
        "EN OBRA" = "under construction"
        """
    )
    town = build(tmp_path, providers=providers, providers_columns=columns, units=places_file(tmp_path, "u.csv"))
    assert town.providers.ids.tolist() == ["007"]
    assert town.providers.names.tolist() == ["Sol"]
    assert town.providers.role.tolist() == ["provider"]
    assert town.providers.table["project_status"].tolist() == ["under construction"]
    assert town.providers.is_fixed.tolist() == [True]
    assert town.modules["service"].tolist() == ["taller", "alberca"]
    assert town.modules["place_id"].tolist() == ["007", "007"]
    assert town.modules["substitution"].tolist() == [0.5, 0.5]
    assert np.hypot(town.providers.x - (X + 50), town.providers.y - Y).max() < 500


def test_unknown_words_of_a_status_are_listed_with_the_way_to_translate_them(tmp_path):
    file = places_file(tmp_path, "u.csv", "place_id,x,y,estado\nu1,493050,2139050,lista\nu2,493050,2139050,en obra\n")
    with pytest.raises(TableError) as error:
        build(tmp_path, units=file, units_columns='[columns]\nproject_status = "estado"')
    assert '[values.project_status] "en obra" = "...", "lista" = "..."' in error.value.faults[0].mend


def test_a_table_of_services_belongs_to_places_of_the_town(tmp_path):
    units = places_file(tmp_path, "u.csv")
    modules = places_file(tmp_path, "m.csv", "place_id,service,capacity,per\nu1,pool,24,hour\nu1,gym,,\n")
    town = build(tmp_path, units=units, modules=modules)
    assert town.modules["service"].tolist() == ["pool", "gym"]
    assert town.modules["capacity"].tolist()[0] == 24
    assert np.isnan(town.modules["capacity"][1])
    assert town.modules["substitution"].tolist() == [1.0, 1.0]
    stray = places_file(tmp_path, "s.csv", "place_id,service,capacity,per\nu9,pool,-1,year\n")
    assert set(codes(tmp_path, units=units, modules=stray)) == {"service-of-nobody", "too-small", "unknown-choice"}


def test_one_capacity_for_several_services_is_refused(tmp_path):
    units = places_file(tmp_path, "u.csv", "place_id,x,y,service,capacity\nu1,493050,2139050,pool; gym,20\n")
    assert codes(tmp_path, units=units) == ("capacity-of-several",)


def test_an_id_among_units_and_sites_is_refused_until_prefixed(tmp_path):
    units, sites = places_file(tmp_path, "u.csv"), places_file(tmp_path, "s.csv")
    assert codes(tmp_path, units=units, sites=sites) == ("duplicate-key",)
    town = build(tmp_path, units=units, sites=sites, sites_columns='prefix = "lot-"')
    assert town.sites.ids.tolist() == ["lot-u1"]


def test_a_site_drawn_as_a_polygon_is_taken_inside_it_and_told(tmp_path):
    ell = shapely.Polygon([(X, Y), (X + 90, Y), (X + 90, Y + 5), (X + 5, Y + 5), (X + 5, Y + 90), (X, Y + 90)])
    gpd.GeoDataFrame({"place_id": ["lot"]}, geometry=[ell], crs="EPSG:32614").to_file(tmp_path / "s.gpkg")
    notes: list[Note] = []
    town = build(tmp_path, notes=notes, sites=tmp_path / "s.gpkg")
    assert ell.contains(shapely.Point(town.sites.x[0], town.sites.y[0]))
    assert "place-inside-outline" in [note.code for note in notes]


def test_streets_come_along(tmp_path):
    lines = [shapely.LineString([(X, Y), (X + 400, Y)]), shapely.LineString([(X + 400, Y), (X + 400, Y + 100)])]
    gpd.GeoDataFrame({"highway": ["residential", "steps"]}, geometry=lines, crs="EPSG:32614").to_file(
        tmp_path / "st.gpkg"
    )
    town = build(tmp_path, streets=tmp_path / "st.gpkg")
    assert town.streets is not None
    assert len(town.streets) == 2
    assert town.streets.lines.crs == town.crs


def test_every_file_stands_among_the_sources(tmp_path):
    town = build(
        tmp_path,
        blocks_columns='[source]\nname = "Censo 2020"\nlicence = "libre"',
        units=places_file(tmp_path, "u.csv"),
    )
    assert [(source.name, source.licence) for source in town.sources] == [("Censo 2020", "libre"), ("u.csv", "")]


def test_a_built_town_is_written_and_read_back_the_same(tmp_path):
    file = blocks_file(tmp_path, 2, 500.0, women=[60.0, 30.0], need=[0.2, 0.9])
    lines = [shapely.LineString([(X, Y), (X + 400, Y)])]
    gpd.GeoDataFrame({"name": ["Ermita"]}, geometry=lines, crs="EPSG:32614").to_file(tmp_path / "st.gpkg")
    said = {"blocks": file, "blocks_columns": '[groups]\nwomen = "women"\n[indicators]\n"low" = "need"', "crs": None}
    units = places_file(tmp_path, "u.csv", "place_id,x,y,service\nu1,493050,2139050,pool\n")
    town = build(tmp_path, **said | {"crs": "EPSG:32614"}, units=units, streets=tmp_path / "st.gpkg")
    back = read_town(write_town(town, tmp_path / "town"))
    assert back.blocks.ids.tolist() == town.blocks.ids.tolist()
    assert (back.blocks.people == town.blocks.people).all()
    assert (back.blocks.groups["women"] == town.blocks.groups["women"]).all()
    assert back.modules["service"].tolist() == ["pool"]
    assert back.units.ids.tolist() == ["u1"]


def test_the_same_files_give_the_same_town(tmp_path):
    file = blocks_file(tmp_path, 3, 700.0)
    assert build(tmp_path, blocks=file).hash == build(tmp_path, blocks=file).hash
    other = blocks_file(tmp_path, 3, 700.0, people=[100.0, 100.0, 101.0])
    assert build(tmp_path, blocks=other).hash != build(tmp_path, blocks=blocks_file(tmp_path, 3, 700.0)).hash


def test_shapes_that_no_table_asks_for_are_refused_and_not_ignored(tmp_path: Path) -> None:
    square = shapely.box(493_000, 2_140_000, 493_100, 2_140_100)
    for name in ("own.gpkg", "cut.gpkg"):
        gpd.GeoDataFrame({"CVEGEO": ["a"], "people": [10]}, geometry=[square], crs="EPSG:32614").to_file(
            tmp_path / name
        )
    said = "[columns]\nblock_id = 'CVEGEO'\npeople = 'people'"
    (tmp_path / "b.toml").write_text(said, encoding="utf-8")
    with pytest.raises(TableError) as error:
        build_town(
            blocks=tmp_path / "own.gpkg", blocks_columns=tmp_path / "b.toml", shapes=tmp_path / "cut.gpkg", key="CVEGEO",
            name="x", crs="EPSG:32614", zone="America/Mexico_City", currency="MXN",
        )  # fmt: skip
    assert "shapes-not-used" in error.value.codes
    assert "own.gpkg" in str(error.value)
    assert "cut.gpkg" in str(error.value)
