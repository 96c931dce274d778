"""The way out: what a planner opens in QGIS or a spreadsheet says what the plan says."""

from __future__ import annotations

import re
import sqlite3
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest

from tests.territory.toy_plan import toy_plan
from tests.toy import toy_town
from utopias.domain.arrays import texts
from utopias.domain.comparison import COLUMNS as COMPARED
from utopias.domain.comparison import Comparison
from utopias.domain.errors import ProblemError, TableError
from utopias.domain.quantities import Minutes
from utopias.domain.shapes import Basemap, Lines, Shapes
from utopias.domain.study import Study
from utopias.domain.tables import columns
from utopias.report import palette
from utopias.territory.export import to_geodataframe, write_geopackage
from utopias.territory.plan_layers import blocks_table, places_table
from utopias.territory.qgis_style import REACH, minutes


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy plan's GeoPackage, written once for all who only read it."""
    frame = pd.DataFrame([["1", 500.0, 100.0, 300.0, 200.0, 0.0, 200.0, 20.0, 9.0]], columns=list(COMPARED))
    more = Comparison("need", Minutes(15), frame)
    return write_geopackage(
        toy_plan(), more, to=tmp_path_factory.mktemp("out") / "plan.gpkg", labels={"gained": "ganan <acceso>"}
    )


def test_the_blocks_say_who_gains_and_who_is_still_out() -> None:
    blocks = blocks_table(toy_plan())
    assert blocks["reach"].tolist() == ["reached"] * 4 + ["gained"] * 6 + ["out"] + ["around", "no way"]
    assert blocks["gain"].sum() == 600.0
    assert blocks["loss"].sum() == 0.0
    assert blocks["minutes_after"].tolist()[:5] == [0.0, 5.0, 10.0, 15.0, 10.0]
    assert np.isnan(blocks["minutes_before"].tolist()[12])


def test_a_block_exactly_at_the_limit_is_within() -> None:
    blocks = blocks_table(toy_plan().with_(findings=None))
    exact = blocks[blocks["minutes_after"] == 15.0]
    assert exact["block_id"].tolist() == ["0003A", "0009A"]  # 1,200 m from the unit, and 1,200 m from B
    assert exact["within_after"].all()


def test_the_places_carry_what_was_found_of_them() -> None:
    places = places_table(toy_plan()).set_index("place_id")
    assert places["state"].tolist() == ["fixed", "not chosen", "chosen", "not chosen", "provider"]
    assert places["number"].dropna().to_dict() == {"b": 1}
    assert places.loc["b", "reached"] == 600.0
    assert places.loc["b", "kept_in"] == 95
    assert places.loc["a", "lost_if_taken"] == 400.0
    assert np.isnan(places.loc["a", "reached"])
    assert places.loc["uno", "services"] == "pool (30 a week)"
    assert places.loc["c", "services"] == "pool"


def test_the_tables_have_the_declared_columns_and_no_others() -> None:
    places, blocks = places_table(toy_plan()), blocks_table(toy_plan())
    assert list(places.columns) == [column.name for column in columns("plan_places")]
    own = [name for name in blocks.columns if name not in ("older people", "no water")]
    assert own == [column.name for column in columns("plan_blocks")]


def test_a_geopackage_holds_every_layer_in_the_towns_system(package: Path) -> None:
    layers = {name: geopandas.read_file(package, layer=name) for name in ("blocks", "units", "sites", "providers")}
    assert {name: len(layer) for name, layer in layers.items()} == {"blocks": 13, "units": 1, "sites": 3, "providers": 1}  # fmt: skip
    assert {layer.crs.to_epsg() for layer in layers.values()} == {32614}
    assert layers["blocks"].geometry.area.tolist() == pytest.approx([6400.0] * 13)
    assert layers["blocks"]["gain"].sum() == 600.0
    assert layers["sites"].set_index("place_id")["state"].to_dict() == {"a": "not chosen", "b": "chosen", "c": "not chosen"}  # fmt: skip
    assert "reached" not in layers["providers"].columns
    about = geopandas.read_file(package, layer="about").set_index("what")["value"]
    assert about["made up"] == "True"
    assert about["within"] == "15 min"
    assert "Apache-2.0" in about["source: invented for the tests"]
    assert list(package.parent.iterdir()) == [package]


def test_the_comparison_of_the_findings_and_one_more_are_in_the_geopackage(package: Path) -> None:
    rows = geopandas.read_file(package, layer="comparison")
    assert rows[["by", "part", "gain"]].to_numpy().tolist() == [["group", "all", 600.0], ["need", "1", 200.0]]


def test_qgis_finds_one_default_style_a_layer_that_names_real_columns_and_values(package: Path) -> None:
    with sqlite3.connect(package) as connection:
        styles = pd.read_sql("SELECT * FROM layer_styles", connection)
        geometry = dict(connection.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
    assert styles[styles["useAsDefault"] == 1]["f_table_name"].tolist() == ["blocks", "units", "sites", "providers"]
    assert (styles["f_table_schema"] == "").all()
    for style in styles.to_dict("records"):
        assert geometry[style["f_table_name"]] == style["f_geometry_column"]
        layer = geopandas.read_file(package, layer=style["f_table_name"])
        root = ET.fromstring(style["styleQML"])
        renderer = root.find("renderer-v2")
        symbols = {symbol.get("name") for symbol in root.iter("symbol")}
        classes = [*root.iter("category"), *root.iter("rule")]
        assert renderer is not None
        assert {c.get("symbol") for c in classes} == symbols
        if renderer.get("type") == "categorizedSymbol":
            found = set(layer[renderer.get("attr")].astype(str))
            assert found <= {c.get("value") for c in classes}
        named = {name for c in classes for name in re.findall(r'"(\w+)"', str(c.get("filter", "")))}
        assert named <= set(layer.columns)
        kind = {symbol.get("type") for symbol in root.iter("symbol")}
        assert kind == ({"fill"} if style["f_table_name"] == "blocks" else {"marker"})
    assert "ganan &lt;acceso&gt;" in styles["styleQML"][0]


@pytest.mark.parametrize(("limit", "edges"), [(15.0, [5, 10, 15, 30]), (20.0, [6.7, 13.3, 20, 40])])
def test_every_minute_has_one_class_and_the_limit_is_the_border_of_blue(limit: float, edges: list[float]) -> None:
    plain = {name: name for name in ("over", "not reached", "around")}
    rules = minutes("m", limit, 60.0, plain)
    assert [rule.label for rule in rules] == [
        *(f"{low:g}–{high:g} min" for low, high in pairwise([0, *edges])), f"over {edges[-1]:g} min", "not reached", "around",
    ]  # fmt: skip
    for walk in (0.0, *edges, edges[-1] + 0.1, limit / 2):
        held = [rule for rule in rules if rule.rows != "ELSE" and _holds(rule.rows, walk)]
        assert len(held) == 1
        assert (held[0].symbol.colour in ("#1c4f8f", "#5786bf", "#8db6dd")) == (walk <= limit)


def _holds(rows: str, walk: float) -> bool:
    """The rule's expression, read as SQLite reads it: the same words mean the same there."""
    with sqlite3.connect(":memory:") as connection:
        return bool(connection.execute(f"SELECT {rows} FROM (SELECT ? AS m, 1 AS planned)", [walk]).fetchone()[0])


def test_a_table_that_ends_where_the_classes_end_has_no_class_beyond() -> None:
    assert [rule.label for rule in minutes("m", 15.0, 30.0, {"not reached": "far", "around": "around"})][-2:] == ["far", "around"]  # fmt: skip


def test_only_classes_that_occur_stand_in_the_legend(package: Path) -> None:
    with sqlite3.connect(package) as connection:
        (qml,) = connection.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'blocks' AND useAsDefault").fetchone()  # fmt: skip
    assert {c.get("value") for c in ET.fromstring(qml).iter("category")} == {"reached", "gained", "out", "around", "no way"}  # fmt: skip


def test_the_map_file_has_the_colours_of_the_report() -> None:
    same = {"gained": palette.GAINED, "reached": palette.REACHED, "out": palette.OUT, "lost": palette.LOST}
    same |= {"no way": palette.NO_WAY, "empty": palette.EMPTY, "around": palette.AROUND}
    assert same == REACH


def test_the_styles_have_every_column_that_qgis_asks_for(package: Path) -> None:
    asked = "f_table_catalog f_table_schema f_table_name f_geometry_column styleName styleQML styleSLD useAsDefault description owner ui update_time"
    with sqlite3.connect(package) as connection:
        found = {row[1]: row[2] for row in connection.execute("PRAGMA table_info(layer_styles)")}
    assert set(asked.split()) <= set(found)
    assert found["update_time"] == "DATETIME", "QGIS orders by it to find the default"


def test_a_plan_without_outlines_is_drawn_as_points(tmp_path: Path) -> None:
    plan = toy_plan()
    study = plan.study
    assert study is not None
    bare = Study(study.blocks, study.places, study.times, study.modules, None, None, study.town)
    path = write_geopackage(plan.with_(study=bare), to=tmp_path / "plan.gpkg")
    assert set(geopandas.read_file(path, layer="blocks").geom_type) == {"Point"}
    with sqlite3.connect(path) as connection:
        looks = connection.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'blocks'").fetchall()
    kinds = {symbol.get("type") for (qml,) in looks for symbol in ET.fromstring(qml).iter("symbol")}
    assert kinds == {"marker"}, "a fill is not drawn on a point"


def test_a_plan_of_bare_numbers_cannot_be_drawn_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        write_geopackage(toy_plan().with_(study=None), to=tmp_path / "plan.gpkg")
    assert caught.value.codes == ("no-study",)
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_the_old_file_and_no_half_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_geopackage(toy_plan(), to=tmp_path / "plan.gpkg")
    before = path.read_bytes()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("utopias.territory.export.os.replace", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_geopackage(toy_plan().with_(value=1.0), to=path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_nouns_become_geodataframes_in_their_system() -> None:
    town = toy_town()
    assert town.streets is not None
    assert to_geodataframe(town.blocks).crs.to_epsg() == 32614
    assert to_geodataframe(town.streets).geometry.length.sum() == 4800.0
    square = Shapes(
        np.array([[0, 0], [9, 0], [9, 9], [0, 0]], float), *(np.array([0, k]) for k in (4, 1, 1)), "EPSG:32614"
    )
    line = Lines(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([0, 2]), "EPSG:32614")
    base = Basemap(square, texts(["green"]), line, texts(["rail"]), texts(["Cerro"]), np.array([1.0]), np.array([2.0]))
    drawn = to_geodataframe(base)
    assert drawn[["layer", "kind", "name"]].to_numpy().tolist() == [["polygon", "green", ""], ["line", "rail", ""], ["label", "", "Cerro"]]  # fmt: skip
    assert drawn.geometry.length.tolist()[1] == 5.0
    units = to_geodataframe(town.units, town.crs)
    assert units[["place_id", "name"]].to_numpy().tolist() == [["uno", "Uno"]]
    with pytest.raises(TableError) as caught:
        to_geodataframe(town.units)
    assert caught.value.codes == ("no-crs",)
