"""A plan's GeoPackage as QGIS itself opens it: styled, worded, with no feature left out of the map."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.territory.toy_plan import toy_plan
from utopias.language.legend import legend
from utopias.language.words import Words
from utopias.territory.export import write_geopackage

LOOK = Path(__file__).with_name("look_in_qgis.py")


@cache
def python_of_qgis() -> str | None:
    """The system's Python, where it has QGIS; this project's environment never has."""
    for name in ("/usr/bin/python3", shutil.which("python3") or ""):
        if name and Path(name).exists():
            asked = subprocess.run([name, "-c", "import qgis.core"], capture_output=True, check=False)
            if asked.returncode == 0:
                return name
    return None


pytestmark = [
    pytest.mark.qgis,
    pytest.mark.skipif(python_of_qgis() is None, reason="no QGIS here: apt-get install python3-qgis"),
]


@pytest.fixture(scope="module", params=["es", "fr"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What QGIS says of the toy plan's file, in two languages."""
    folder = tmp_path_factory.mktemp("qgis")
    package = write_geopackage(toy_plan(), to=folder / "plan.gpkg", labels=legend(Words(request.param)))
    python = python_of_qgis()
    assert python is not None
    ran = subprocess.run([python, str(LOOK), str(package), str(folder)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "may only be partially supported" not in ran.stderr, "a GeoPackage that older programs read too"
    said: dict[str, Any] = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return said | {"language": request.param, "folder": folder}


def test_qgis_takes_the_default_style_of_every_layer(told: dict[str, Any]) -> None:
    assert {row["layer"]: row["taken"] for row in told["defaults"]} == dict.fromkeys(("blocks", "providers", "sites", "units"), True)  # fmt: skip
    assert {row["layer"]: row["renderer"] for row in told["defaults"]}["blocks"] == "categorizedSymbol"


def test_no_feature_is_left_out_of_any_look(told: dict[str, Any]) -> None:
    assert len(told["styles"]) == 7
    assert [row for row in told["styles"] if row["without_class"] or not row["taken"]] == []


def test_the_legend_is_in_the_readers_language(told: dict[str, Any]) -> None:
    legends = {row["layer"]: row["legend"] for row in told["defaults"]}
    gain, site = {"es": ("Ganan con el plan", "Predio elegido"), "fr": ("Gagnent avec le plan", "Terrain choisi")}[told["language"]]  # fmt: skip
    assert legends["blocks"][0] == gain
    assert legends["sites"][0] == site
    assert all(words for words in legends.values())


def test_something_is_drawn_for_every_look(told: dict[str, Any]) -> None:
    assert len(told["drawn"]) == 5
    assert all(share > 0.0 for share in told["drawn"].values())
    assert all((told["folder"] / name).stat().st_size > 2_000 for name in told["drawn"])
