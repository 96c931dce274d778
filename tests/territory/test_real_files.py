"""The real, published files of Iztapalapa and São Paulo, with the faults they came with."""

import numpy as np
import pyproj
import pytest
import shapely

from tests.shared_data import shared_data
from utopias.domain.errors import TableError
from utopias.territory.build import build_town
from utopias.territory.column_file import parse_column_file
from utopias.territory.files import ReadTable, read_table
from utopias.territory.reference import reproject

pytestmark = pytest.mark.real_data
METRES = pyproj.CRS("EPSG:32614")
AGEBS = """
    [columns]
    block_id = "CVEGEO"
    people = "poblacion"
    planned = "in_iztapalapa"
    [source]
    name = "Censo 2010 por AGEB"
    """


def read(path, columns: str = "", table: str | None = "blocks") -> ReadTable:
    return read_table(path, parse_column_file(columns), table=table)


def codes(path, columns: str = "", table: str | None = "blocks") -> tuple[str, ...]:
    with pytest.raises(TableError) as error:
        read(path, columns, table)
    return error.value.codes


def test_iztapalapa_has_458_agebs_and_its_people_of_2010():
    town = build_town(
        blocks=shared_data("people", "iztapalapa_buffer3km_ageb.parquet"),
        blocks_columns=parse_column_file(AGEBS),
        units=shared_data("places", "utopias_locations.csv"),
        units_columns=parse_column_file('crs = "EPSG:4326"\n[columns]\nplace_id = "utopia_name"\n'),
        name="Iztapalapa",
        zone="America/Mexico_City",
        currency="MXN",
    )
    blocks = town.blocks
    assert len(set(blocks.area_id[blocks.planned].tolist())) == 458
    assert town.planned_people == pytest.approx(1_815_786, abs=1e-3)
    assert blocks.people.sum() == pytest.approx(3_213_083, abs=1e-3)
    assert len(town.units) == 13
    assert town.crs == "EPSG:32614"
    assert (shapely.area(reproject(np.array([shapely.box(*_bounds(blocks))]), METRES, METRES)) > 0).all()
    assert len(blocks) > 20 * 800
    sizes = np.bincount(np.unique(blocks.area_id, return_inverse=True)[1])
    assert (np.delete(sizes, np.flatnonzero(sizes == 1)) >= 20).all()
    cut = blocks.known_to < 1200
    assert (
        0.0 < blocks.people[cut & blocks.planned].sum() < 0.5 * town.planned_people
    )  # the State of Mexico is not known


def _bounds(blocks) -> tuple[float, float, float, float]:
    return float(blocks.x.min()), float(blocks.y.min()), float(blocks.x.max()), float(blocks.y.max())


def test_the_prj_of_inegi_without_a_code_puts_the_agebs_where_they_are():
    table = read(shared_data("people", "inegi_09a_ageb_polygons.zip"), table=None)
    assert len(table) == 2430
    assert table.crs.to_authority(min_confidence=100) is None
    here = dict(zip(table.frame["CVEGEO"], reproject(table.geometry, table.crs, METRES), strict=True))
    other = read(shared_data("people", "iztapalapa_buffer3km_ageb.parquet"), table=None)
    assert len(other) == 861
    for key, outline in zip(other.frame["CVEGEO"], other.geometry, strict=True):
        assert shapely.hausdorff_distance(here[key], outline) < 2.0
    assert any(key.endswith("A") for key in here)


def test_the_geopackage_of_mixed_systems_reads_each_layer_in_its_own():
    file = shared_data("people", "criminologia_capas.gpkg")
    assert codes(file, table=None) == ("several-layers",)
    assert codes(file, 'layer = "colonias"', None) == ("invalid-polygons",)
    colonias = read(file, 'layer = "colonias"\nrepair = true', None)
    alcaldias = read(file, 'layer = "alcaldias"', None)
    assert (len(colonias), len(alcaldias)) == (1813, 16)
    assert (colonias.crs.to_epsg(), alcaldias.crs.to_epsg()) == (4326, 32614)
    assert [(note.code, note.count) for note in colonias.notes] == [("mended-polygons", 9)]
    city = shapely.union_all(alcaldias.geometry)
    spots = shapely.point_on_surface(reproject(colonias.geometry, colonias.crs, METRES))
    assert shapely.contains(city, spots).mean() > 0.99


def test_the_sports_grounds_have_commas_for_points_and_lost_their_zeros():
    file = shared_data("places", "deportivos_publicos.csv")
    assert set(codes(file, "", "places")) == {"no-crs"}
    columns = """
        crs = "EPSG:4326"
        numbered = "court-"
        [format.pad]
        "Clave entidad" = 2
        "Clave municipio" = 3
        "Clave localidad" = 4
        "Área geoestadística básica" = 4
        [columns]
        owner = "Razón social"
        replaces = ["Clave entidad", "Clave municipio", "Clave localidad", "Área geoestadística básica"]
        """
    table = read(file, columns, "places")
    assert len(table) == 265
    assert shapely.get_x(table.geometry).max() < -98.9
    assert shapely.get_y(table.geometry).min() > 19.1
    assert table.frame["place_id"].tolist()[:2] == ["court-1", "court-2"]


def test_sao_paulo_comes_as_h3_cells():
    table = read(shared_data("sao_paulo", "spo_hexgrid.csv"))
    assert len(table) == 323
    assert table.frame["people"].sum() == 517_570
    frame = table.frame
    middle = shapely.points(frame["lon"].astype(float), frame["lat"].astype(float))
    assert shapely.contains(table.geometry, middle).all()


def test_the_cells_of_the_city_are_people_of_every_fraction():
    table = read(shared_data("people", "cdmx_h3_res9_population.csv.gz"))
    assert len(table) == 12_327
    assert table.frame["people"].sum() == pytest.approx(8_742_421, abs=1)


def test_a_byte_order_mark_and_missing_coordinates_of_the_pilares_are_told():
    file = shared_data("places", "pilares_official_300.csv")
    with pytest.raises(TableError) as error:
        read(file, 'crs = "EPSG:4326"\n[columns]\nplace_id = "CLAVE_ID"', "places")
    assert [(fault.code, fault.count) for fault in error.value.faults] == [("no-coordinates", 4)]
    said = 'crs = "EPSG:4326"\nwithout_coordinates = "leave out"\n[columns]\nplace_id = "CLAVE_ID"'
    assert len(read(file, said, "places")) == 296


def test_the_repeated_blocks_of_the_city_are_refused():
    file = shared_data("people", "cdmx_manzanas_denue_counts.csv.gz")
    with pytest.raises(TableError) as error:
        build_town(blocks=file, name="x", zone="America/Mexico_City", currency="MXN")
    found = {fault.code: fault.count for fault in error.value.faults}
    assert found["duplicate-key"] == 191
    assert {"missing-column", "no-place"} <= set(found)


def test_inegis_dictionary_is_read_below_its_title_lines():
    table = read(shared_data("people", "inegi_dictionary_ageb_manzana_cpv2020.csv"), "skip = 3", None)
    assert len(table) == 230
    assert (table.frame == "POBTOT").any().any()


def test_people_follow_the_finer_cells_within_their_ageb():
    town = build_town(
        blocks=shared_data("people", "iztapalapa_buffer3km_ageb.parquet"),
        blocks_columns=parse_column_file(AGEBS + "[only]\nin_iztapalapa = true"),
        weight_surface=shared_data("people", "cdmx_h3_res9_population.csv.gz"),
        name="Iztapalapa",
        zone="America/Mexico_City",
        currency="MXN",
    )
    assert town.planned_people == pytest.approx(1_815_786, abs=1e-3)
    assert np.isfinite(town.blocks.people).all()
