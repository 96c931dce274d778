"""A map file opens with its legend in the reader's language."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.territory.toy_plan import toy_plan
from utopias.cli.__main__ import run
from utopias.language.legend import legend
from utopias.language.words import LANGUAGES, Words
from utopias.territory.qgis_style import plan_styles


def classes(qml: str) -> dict[str, str]:
    root = ElementTree.fromstring(qml)
    found = {str(c.get("value")): str(c.get("label")) for c in root.iter("category")}
    return found | {str(c.get("label")): str(c.get("label")) for c in root.iter("rule")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_class_of_the_map_file_has_words(language: str) -> None:
    said = legend(Words(language))
    for style in plan_styles({}):
        worded = {name for name in classes(style.qml) if not name.endswith(" min")}  # 5–10 min is said in numbers
        assert worded <= set(said)
        assert style.name in said or style.layer != "blocks"


def test_report_writes_the_legend_in_the_language_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = toy_plan().save(tmp_path / "plan")
    assert run(["report", str(plan), "--to", str(tmp_path / "plan.gpkg"), "--language", "fr"]) == 0, capsys.readouterr()
    with sqlite3.connect(tmp_path / "plan.gpkg") as connection:
        rows = connection.execute("SELECT styleQML FROM layer_styles WHERE useAsDefault = 1").fetchall()
    labels = {value: label for (qml,) in rows for value, label in classes(qml).items()}
    assert labels["gained"] == "Gagnent avec le plan"
    assert "Terrain non choisi" in labels
