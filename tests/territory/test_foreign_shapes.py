"""Files with geometry: layers, parts, reference systems, invalid polygons, cells, and files cut short."""

import json
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pyproj
import pytest
import shapely

from utopias.domain.errors import TableError
from utopias.territory.column_file import parse_column_file
from utopias.territory.files import ReadTable, read_table
from utopias.territory.reference import faults_of_coordinates, reproject, same_crs, utm_zone

LONGITUDE, LATITUDE = -99.06, 19.35  # in Iztapalapa
BOW_TIE = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
ESRI_LCC = (  # Mexico ITRF2008 / LCC as ESRI writes it, without a code (EPSG:6372)
    'PROJCS["MEXICO_ITRF_2008_LCC",GEOGCS["GCS_ITRF_2008",DATUM["D_ITRF_2008",SPHEROID["GRS_1980",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],'
    'PARAMETER["False_Easting",2500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-102.0],'
    'PARAMETER["Standard_Parallel_1",17.5],PARAMETER["Standard_Parallel_2",29.5],PARAMETER["Latitude_Of_Origin",12.0],'
    'UNIT["Meter",1.0]]'
)


def squares(crs: str | None = "EPSG:32614", count: int = 3) -> gpd.GeoDataFrame:
    """Squares of 100 m side by side in Iztapalapa, in any system."""
    x0, y0 = pyproj.Transformer.from_crs(4326, 32614, always_xy=True).transform(LONGITUDE, LATITUDE)
    boxes = [shapely.box(x0 + 100 * i, y0, x0 + 100 * i + 100, y0 + 100) for i in range(count)]
    frame = gpd.GeoDataFrame(
        {"block_id": [f"0{i}A" for i in range(count)], "people": [10.0 * i for i in range(count)]},
        geometry=boxes,
        crs="EPSG:32614",
    )
    return frame if crs is None else frame.to_crs(crs)


def read(path: Path, columns: str = "", table: str | None = "blocks") -> ReadTable:
    return read_table(path, parse_column_file(columns), table=table)


def codes(path: Path, columns: str = "", table: str | None = "blocks") -> tuple[str, ...]:
    with pytest.raises(TableError) as error:
        read(path, columns, table)
    return error.value.codes


def in_metres(table: ReadTable) -> np.ndarray:
    return shapely.area(reproject(table.geometry, table.crs, pyproj.CRS(32614)))


@pytest.mark.parametrize("name", ["b.gpkg", "b.geojson", "b.shp", "b.parquet"])
def test_every_kind_of_file_gives_the_same_squares(tmp_path, name):
    file = tmp_path / name
    frame = squares("EPSG:4326")
    if name.endswith("parquet"):
        frame.to_parquet(file)
    else:
        frame.to_file(file)
    table = read(file)
    assert table.frame["block_id"].tolist() == ["00A", "01A", "02A"]
    assert table.frame["people"].tolist() == [0, 10, 20]
    assert in_metres(table) == pytest.approx([10_000] * 3, rel=1e-6)


def test_a_shapefile_is_read_from_its_folder_and_from_a_zip(tmp_path):
    folder = tmp_path / "shapes"
    folder.mkdir()
    squares().to_file(folder / "b.shp")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as pack:
        for part in folder.iterdir():
            pack.write(part, f"inner/{part.name}")
        pack.writestr("__MACOSX/inner/._b.shp", "x")
    assert len(read(folder)) == len(read(tmp_path / "b.zip")) == 3


def test_a_zip_without_a_shapefile_or_with_two_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "n.zip", "w") as pack:
        pack.writestr("a.txt", "x")
    assert codes(tmp_path / "n.zip") == ("no-shapefile",)
    for name in ("one", "two"):
        squares(count=2 if name == "two" else 1).to_file(tmp_path / f"{name}.shp")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as pack:
        for part in tmp_path.glob("*.*"):
            if part.suffix != ".zip":
                pack.write(part, part.name)
    assert codes(tmp_path / "b.zip") == ("several-layers",)
    assert len(read(tmp_path / "b.zip", 'layer = "two"')) == 2


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_without_one_of_its_parts_is_told(tmp_path, part):
    squares().to_file(tmp_path / "b.shp")
    (tmp_path / f"b{part}").unlink()
    assert codes(tmp_path / "b.shp") == ("missing-part",)


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_a_shapefile_cut_short_is_told(tmp_path, part):
    squares().to_file(tmp_path / "b.shp")
    whole = (tmp_path / f"b{part}").read_bytes()
    (tmp_path / f"b{part}").write_bytes(whole[:-12])
    assert codes(tmp_path / "b.shp") == ("truncated",)


def test_a_shapefile_without_a_prj_needs_a_system_said(tmp_path):
    squares().to_file(tmp_path / "b.shp")
    (tmp_path / "b.prj").unlink()
    assert codes(tmp_path / "b.shp") == ("no-crs",)
    assert in_metres(read(tmp_path / "b.shp", 'crs = "EPSG:32614"')) == pytest.approx([10_000] * 3)


def test_a_prj_without_a_code_is_read_by_its_words(tmp_path):
    squares("EPSG:6372").to_file(tmp_path / "b.shp")
    (tmp_path / "b.prj").write_text(ESRI_LCC)
    table = read(tmp_path / "b.shp")
    assert table.crs.to_authority(min_confidence=100) is None
    here = reproject(table.geometry, table.crs, pyproj.CRS(32614))
    apart = shapely.hausdorff_distance(here, squares().geometry.to_numpy()).max()
    assert apart < 1.0  # metres: the words name ITRF2008, which PROJ keeps 0.87 m apart from WGS 84; EPSG:6372 does not


def test_two_systems_in_one_geopackage_each_hold_for_their_layer(tmp_path):
    file = tmp_path / "b.gpkg"
    squares("EPSG:4326").to_file(file, layer="degrees")
    squares("EPSG:32614").to_file(file, layer="metres")
    with pytest.raises(TableError) as error:
        read(file)
    assert error.value.codes == ("several-layers",)
    assert "degrees, metres" in error.value.faults[0].what
    assert codes(file, 'layer = "feet"') == ("no-such-layer",)
    one, other = read(file, 'layer = "degrees"'), read(file, 'layer = "metres"')
    assert one.crs.to_epsg() == 4326
    assert other.crs.to_epsg() == 32614
    assert in_metres(one) == pytest.approx(in_metres(other), rel=1e-6)


def test_a_system_said_against_the_files_own_is_refused(tmp_path):
    squares().to_file(tmp_path / "b.gpkg")
    assert codes(tmp_path / "b.gpkg", 'crs = "EPSG:4326"') == ("two-crs",)
    assert codes(tmp_path / "b.gpkg", 'crs = "EPSG:nothing"') == ("unknown-crs",)
    assert len(read(tmp_path / "b.gpkg", 'crs = "EPSG:32614"')) == 3


def test_geojson_in_metres_without_a_word_about_it_is_refused_until_it_is_said(tmp_path):
    file = tmp_path / "b.geojson"
    features = [
        {"type": "Feature", "properties": {"block_id": "1", "people": 5}, "geometry": shapely.geometry.mapping(shape)}
        for shape in squares().geometry
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert codes(file) == ("metres-in-degrees",)
    assert in_metres(read(file, 'crs = "EPSG:32614"')) == pytest.approx([10_000] * 3)


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "parquet", "zip"])
def test_a_file_cut_short_is_told(tmp_path, kind):
    file = tmp_path / f"b.{kind}"
    frame = squares(count=200)
    if kind == "parquet":
        frame.to_parquet(file)
    elif kind == "zip":
        frame.to_file(tmp_path / "b.shp")
        with zipfile.ZipFile(file, "w") as pack:
            for part in tmp_path.glob("b.*"):
                if part != file:
                    pack.write(part, part.name)
    else:
        (frame.to_crs(4326) if kind == "geojson" else frame).to_file(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * 0.6)])
    assert codes(file) in [("truncated",), ("unreadable",)]


@pytest.mark.parametrize("name", ["b.gpkg", "b.geojson", "b.parquet", "b.zip"])
def test_a_file_with_the_extension_of_another_kind_is_told(tmp_path, name):
    (tmp_path / name).write_text("block_id,people\n1,5\n")
    assert codes(tmp_path / name) == ("wrong-format",)


def test_a_file_without_rows_is_told(tmp_path):
    (tmp_path / "b.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    assert codes(tmp_path / "b.geojson") == ("no-rows",)
    squares().iloc[:0].to_parquet(tmp_path / "b.parquet")
    assert codes(tmp_path / "b.parquet") == ("no-rows",)
    squares().iloc[:0].to_file(tmp_path / "b.gpkg")
    assert codes(tmp_path / "b.gpkg") == ("no-rows",)


def test_invalid_polygons_are_counted_and_refused_or_mended_and_told(tmp_path):
    frame = squares()
    frame.loc[1, "geometry"] = shapely.affinity.translate(BOW_TIE, 493_700, 2_139_500)
    frame.to_file(tmp_path / "b.gpkg")
    with pytest.raises(TableError) as error:
        read(tmp_path / "b.gpkg")
    found = error.value.faults[0]
    assert (found.code, found.count) == ("invalid-polygons", 1)
    assert found.first.startswith("row 2: Self-intersection")
    table = read(tmp_path / "b.gpkg", "repair = true")
    assert shapely.is_valid(table.geometry).all()
    assert shapely.area(table.geometry[1]) == pytest.approx(5_000)
    assert [note.code for note in table.notes] == ["mended-polygons"]


def test_rows_without_a_shape_are_refused_or_left_out_and_told(tmp_path):
    frame = squares()
    frame.loc[1, "geometry"] = None
    frame.to_file(tmp_path / "b.gpkg")
    assert codes(tmp_path / "b.gpkg") == ("no-coordinates",)
    table = read(tmp_path / "b.gpkg", 'without_coordinates = "leave out"')
    assert table.frame["block_id"].tolist() == ["00A", "02A"]
    assert table.rows.tolist() == [1, 3]
    assert [note.code for note in table.notes] == ["left-out"]


def test_points_without_coordinates_are_refused_with_their_row(tmp_path):
    (tmp_path / "p.csv").write_text("place_id,lon,lat\na,-99,19\nb,,\n")
    with pytest.raises(TableError) as error:
        read(tmp_path / "p.csv", 'crs = "EPSG:4326"', "places")
    assert (error.value.codes, error.value.faults[0].first) == (("no-coordinates",), "row 2")


def test_coordinates_without_a_system_are_refused(tmp_path):
    (tmp_path / "p.csv").write_text("place_id,lon,lat\na,-99,19\n")
    assert codes(tmp_path / "p.csv", "", "places") == ("no-crs",)
    assert len(read_table(tmp_path / "p.csv", table="places", crs="EPSG:4326")) == 1


def test_our_own_x_and_y_are_in_the_towns_metres(tmp_path):
    (tmp_path / "p.csv").write_text("place_id,x,y\na,493700,2139500\n")
    assert codes(tmp_path / "p.csv", "", "places") == ("no-crs",)
    assert read_table(tmp_path / "p.csv", table="places", town_crs="EPSG:32614").crs.to_epsg() == 32614


def test_h3_cells_become_hexagons_and_need_no_system(tmp_path):
    cells = [h3.latlng_to_cell(LATITUDE + d / 100, LONGITUDE, 9) for d in range(3)]
    (tmp_path / "b.csv").write_text("hexagon,people\n" + "".join(f"{cell},5\n" for cell in cells))
    for columns in ('h3 = "hexagon"\n[columns]\nblock_id = "hexagon"', ""):
        table = read(tmp_path / "b.csv", columns)
        assert table.frame["block_id"].tolist() == cells
        for cell, outline in zip(cells, table.geometry, strict=True):
            latitude, longitude = h3.cell_to_latlng(cell)
            assert outline.contains(shapely.Point(longitude, latitude))
    real = [h3.cell_area(cell, unit="m^2") for cell in cells]
    assert in_metres(table) == pytest.approx(real, rel=0.01)


def test_a_value_that_is_no_cell_is_told(tmp_path):
    (tmp_path / "b.csv").write_text("hexagon,block_id,people\n89499580057ffff,1,5\nnothing,2,5\n")
    with pytest.raises(TableError) as error:
        read(tmp_path / "b.csv", 'h3 = "hexagon"')
    assert error.value.codes == ("not-a-cell",)
    assert error.value.faults[0].first == "row 2: 'nothing'"
    assert codes(tmp_path / "b.csv", 'h3 = "hexagons"') == ("no-such-column",)


@pytest.mark.parametrize(
    ("crs", "x", "y", "code"),
    [
        (32614, [493_700.0, -99.06], [2_139_500.0, 19.35], "degrees-in-metres"),
        (4326, [-99.06, 493_700.0], [19.35, 2_139_500.0], "metres-in-degrees"),
        (4326, [-99.06, 19.35], [19.35, -99.06], "swapped-axes"),
        (32614, [493_700.0, 2_139_500.0], [2_139_500.0, 493_700.0], "swapped-axes"),
        (4326, [-99.06, 0.0], [19.35, 0.0], "zero-coordinates"),
        (6372, [2_800_000.0, 90_000_000.0], [820_000.0, 0.0], "outside-crs"),
        (4326, [-99.06, -199.06], [19.35, 19.35], "outside-crs"),
        (25830, [440_000.0, 440_000.0], [4_474_000.0, -4_474_000.0], "outside-crs"),
    ],
)
def test_coordinates_that_contradict_their_system_are_told(crs, x, y, code):
    faults = faults_of_coordinates(np.array(x), np.array(y), pyproj.CRS(crs), "f.csv")
    assert [fault.code for fault in faults] == [code]
    assert faults[0].count == 1
    assert faults[0].first.startswith("row 2")


def test_coordinates_in_their_system_are_no_fault_at_the_edge_of_a_zone_either():
    for longitude in (-102.5, -99.0, -95.5):
        x, y = pyproj.Transformer.from_crs(4326, 32614, always_xy=True).transform(longitude, 19.0)
        assert faults_of_coordinates(np.array([x]), np.array([y]), pyproj.CRS(32614), "f") == []


def test_a_whole_file_of_swapped_columns_is_told(tmp_path):
    (tmp_path / "p.csv").write_text("place_id,lon,lat\na,19.3,-99.1\nb,19.4,-99.0\n")
    assert codes(tmp_path / "p.csv", 'crs = "EPSG:4326"', "places") == ("swapped-axes",)


def test_the_utm_zone_is_that_of_the_place():
    assert utm_zone(LONGITUDE, LATITUDE).to_epsg() == 32614
    assert utm_zone(-46.6, -23.5).to_epsg() == 32723
    assert utm_zone(180.0, 10.0).to_epsg() == 32660
    assert same_crs(pyproj.CRS("OGC:CRS84"), pyproj.CRS(4326))
    assert not same_crs(pyproj.CRS(32614), pyproj.CRS(32613))


def test_a_folder_without_a_shapefile_is_told(tmp_path):
    (tmp_path / "f").mkdir()
    assert codes(tmp_path / "f") == ("no-shapefile",)
    shutil.rmtree(tmp_path / "f")
