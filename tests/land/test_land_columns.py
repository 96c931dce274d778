"""What is known of a plot comes in from any table of plots, is checked with all its faults, and is kept to the bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from tests.toy import CRS, SOUTH, WEST, toy_town, write_toy_files
from utopias.domain.errors import MisalignedError
from utopias.domain.shapes import Shapes
from utopias.land import has_land_facts, screen
from utopias.territory.build import build_town
from utopias.territory.check import check_town
from utopias.territory.column_file import parse_column_file
from utopias.territory.geoparquet import shapes_of
from utopias.territory.town_folder import read_town, write_town

SQUARES = np.array([shapely.box(WEST + x, SOUTH, WEST + x + 80, SOUTH + 90) for x in (1000, 2600)], dtype=object)


def outlines() -> Shapes:
    """Outlines of the first two lots; the third is known as a point."""
    return shapes_of(np.append(SQUARES, shapely.MultiPolygon()), CRS)


def test_land_facts_and_outlines_come_back_as_they_were_written(tmp_path: Path) -> None:
    town = toy_town()
    table = town.sites.table.assign(
        flood=["high", "", "not known"], present_users=[0.0, 12.0, np.nan], tenure=["public", "private", ""]
    )
    land = replace(town, sites=replace(town.sites, table=table), lots=outlines())
    back = read_town(write_town(land, tmp_path / "town"))
    assert back.lots is not None
    assert np.array_equal(back.lots.coords, outlines().coords)
    assert back.lots.shapes.tolist() == [0, 1, 2, 2]
    assert back.sites.x.tolist() == town.sites.x.tolist()
    assert [site.verdict for site in screen(back).sites] == ["excluded", "excluded", "conditional"]
    assert check_town(tmp_path / "town") == []
    assert read_town(write_town(back, tmp_path / "again")).hash == back.hash


def test_a_town_without_outlines_has_none(tmp_path: Path) -> None:
    assert read_town(write_town(toy_town(), tmp_path / "town")).lots is None


def test_as_many_outlines_as_sites() -> None:
    with pytest.raises(MisalignedError, match="2 outlines of lots for 3 sites"):
        replace(toy_town(), lots=shapes_of(SQUARES, CRS))


def build(tmp_path: Path, columns: str) -> None:
    """The toy town, its lots from a GeoPackage in Spanish: one outline a row, and their own words."""
    files = write_toy_files(tmp_path / "raw")
    boxes = [*SQUARES, shapely.box(WEST + 3800, SOUTH, WEST + 3880, SOUTH + 90)]
    rows = {
        "clave": ["a", "b", "c"],
        "propiedad": ["del gobierno", "particular", "ejido"],
        "inunda": ["no", "mucho", ""],
        "hunde_cm": [3.0, 30.0, -2.0],
    }
    geopandas.GeoDataFrame(rows, geometry=boxes, crs=CRS).to_file(tmp_path / "plots.gpkg", driver="GPKG")
    town = build_town(
        blocks=files["blocks"],
        units=files["units"],
        sites=tmp_path / "plots.gpkg",
        sites_columns=parse_column_file(columns),
        streets=files["streets"],
        name="Juguete",
        crs=CRS,
        zone="America/Mexico_City",
        currency="MXN",
    )
    write_town(town, tmp_path / "town")


WORDS = """
[columns]
place_id = "clave"
tenure = "propiedad"
flood = "inunda"
[values.tenure]
"del gobierno" = "public"
"particular" = "private"
"ejido" = "communal"
[values.flood]
"no" = "none"
"mucho" = "high"
"""


def test_a_geopackage_of_plots_in_other_words_becomes_land_facts(tmp_path: Path) -> None:
    build(tmp_path, WORDS)
    town = read_town(tmp_path / "town")
    assert town.lots is not None
    assert shapely.area(SQUARES[0]) == 7200
    assert town.sites.table["tenure"].tolist() == ["public", "private", "communal"]
    assert has_land_facts(town)
    bans = {site.id: site.bans for site in screen(town).sites}
    assert bans == {"a": (), "b": ("private", "flood"), "c": ()}


def test_every_fault_of_the_land_columns_is_told_at_once(tmp_path: Path) -> None:
    bad = WORDS.replace('"mucho" = "high"\n', "").replace(
        'flood = "inunda"', 'flood = "inunda"\nsubsidence_cm_year = "hunde_cm"'
    )
    with pytest.raises(ValueError, match="hunde_cm") as refused:
        build(tmp_path, bad.replace('"ejido" = "communal"\n', ""))
    faults = {fault.code: fault for fault in refused.value.faults}  # type: ignore[attr-defined]
    assert sorted(fault.code for fault in refused.value.faults) == ["too-small", "unknown-choice", "unknown-choice"]  # type: ignore[attr-defined]
    assert "row 3" in faults["too-small"].first
    assert "[values." in faults["unknown-choice"].mend


def test_a_list_of_units_is_not_read_as_land(tmp_path: Path) -> None:
    files = write_toy_files(tmp_path / "raw")
    text = files["units"].read_text().replace("finished", "finished").replace("name,", "name,water,", 1)
    files["units"].write_text(text.replace("Uno,", "Uno,pozo,", 1))
    town = build_town(
        blocks=files["blocks"],
        units=files["units"],
        sites=files["sites"],
        streets=files["streets"],
        name="Juguete",
        crs=CRS,
        zone="America/Mexico_City",
        currency="MXN",
    )
    assert town.units.ids.tolist() == ["uno"]
    assert "water" not in town.units.table.columns
