"""Service areas as files: what each holds, where it lies, how QGIS draws it; whole or absent."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

import utopias as u
from tests.network.grids import random_grid, scattered
from tests.toy import toy_town
from utopias.domain.errors import ProblemError, TableError
from utopias.domain.service_areas import ServiceAreas
from utopias.domain.tables import columns
from utopias.network.street_network import StreetNetwork, street_network
from utopias.territory.export import to_geodataframe
from utopias.territory.export_areas import write_service_areas


@pytest.fixture(scope="module")
def areas() -> ServiceAreas:
    net = street_network(random_grid(12, 12, seed=1))
    return u.service_area(net, scattered(2, 900, 900, seed=2, role="unit"), within=["3 min", "6 min"])


def test_the_geopackage_holds_areas_streets_places_and_what_they_were_made_with(
    areas: ServiceAreas, tmp_path: Path
) -> None:
    path = write_service_areas(areas, to=tmp_path / "a.gpkg", labels={"street reached": "Calle que se alcanza"})
    ground = geopandas.read_file(path, layer="areas")
    assert ground["minutes"].tolist() == [6, 6, 3, 3], "longest first, so that shorter ones are drawn over them"
    np.testing.assert_allclose(ground.area / 1e6, ground["km2"])
    streets = geopandas.read_file(path, layer="streets")
    np.testing.assert_allclose(streets.length, streets["length_m"])
    assert geopandas.read_file(path, layer="places")["place_id"].tolist() == areas.places.tolist()
    about = geopandas.read_file(path, layer="about").set_index("what")["value"]
    assert about["ground at most so far from its street"] == "50 m"
    styles = geopandas.read_file(path, layer="layer_styles")
    assert styles["f_table_name"].tolist() == ["areas", "streets", "places"]
    assert "Calle que se alcanza" in styles["styleQML"][1]


def test_the_geojson_lies_in_longitude_and_latitude_with_outsides_anticlockwise(
    areas: ServiceAreas, tmp_path: Path
) -> None:
    drawn = geopandas.read_file(write_service_areas(areas, to=tmp_path / "a.geojson"))
    back = drawn.to_crs(areas.crs)
    np.testing.assert_allclose(back.area / 1e6, drawn["km2"], rtol=1e-4, atol=5e-5)  # km2 has four decimals
    assert drawn.geometry.is_valid.all()
    assert all(shapely.is_ccw(part.exterior) for shape in drawn.geometry for part in shape.geoms)


def test_the_parquet_has_the_declared_columns_and_the_very_same_outlines(areas: ServiceAreas, tmp_path: Path) -> None:
    read = geopandas.read_parquet(write_service_areas(areas, to=tmp_path / "a.parquet"))
    ours = to_geodataframe(areas).iloc[[1, 3, 0, 2]]
    assert [shape.wkb for shape in read.geometry] == [shape.wkb for shape in ours.geometry]
    assert [c.name for c in columns("service_areas") if c.required] == [c for c in read.columns[:10] if c != "name"]


def test_people_by_group_are_columns_of_the_table() -> None:
    town = toy_town()
    table = u.service_area(street_network(town), town.units, within="15 min", town=town).table()
    assert list(table.columns) == [*(column.name for column in columns("service_areas")), "older people"]
    assert table[["people", "older people"]].to_numpy().tolist() == [[400, 80]]


def test_an_empty_area_is_written_as_one(tmp_path: Path) -> None:
    town = toy_town()
    lost = u.service_area(street_network(town), town.units.take(np.array([0])), within="5 min", reach_off_street="0 m")
    for ending in ("gpkg", "geojson", "parquet"):
        path = write_service_areas(lost, to=tmp_path / f"a.{ending}")
        layer = {"layer": "areas"} if ending == "gpkg" else {}
        read = geopandas.read_parquet(path) if ending == "parquet" else geopandas.read_file(path, **layer)
        assert pd.isna(read.geometry[0]) or read.geometry[0].is_empty
        assert read["km2"].tolist() == [0]


def test_a_name_of_another_kind_and_a_network_of_no_system_are_refused(areas: ServiceAreas, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"a\.shp"):
        write_service_areas(areas, to=tmp_path / "a.shp")
    bare = StreetNetwork.from_edges([0.0, 300.0], [0.0, 0.0], [0], [1], [600])
    with pytest.raises(TableError, match="reference system"):
        write_service_areas(u.service_area(bare, scattered(1, 100, 10, seed=1), within="5 min"), to=tmp_path / "a.gpkg")
    assert not list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_the_old_file(
    areas: ServiceAreas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    path.write_text("old")
    monkeypatch.setattr("utopias.territory.export_areas.os.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_service_areas(areas, to=path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.parquet"]
    assert path.read_text() == "old"


def test_a_geojson_bears_its_own_name_round_figures_and_the_rules_of_the_walk(tmp_path: Path) -> None:
    town = toy_town()
    net = street_network(town, after_dark=2.0)
    areas = u.service_area(net, town.units, within="15 min", town=town)
    told = json.loads(write_service_areas(areas, to=tmp_path / "u5.geojson").read_text(encoding="utf-8"))
    assert told.get("name", "u5") == "u5"
    row = told["features"][0]["properties"]
    assert (row["people"], row["older people"]) == (400, 80)
    assert row["km2"] == round(row["km2"], 4)
    assert row["after_dark"] == 2
    assert row["speed_m_s"] == round(areas.speed_m_s, 3)
    by_day = u.service_area(street_network(town), town.units, within="15 min", town=town)
    told = json.loads(write_service_areas(by_day, to=tmp_path / "u5.geojson").read_text(encoding="utf-8"))
    assert "after_dark" not in told["features"][0]["properties"]
