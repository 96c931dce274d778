"""``utopias build``: every option that ``build_town`` has, and everything that was assumed, said in words."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import typer

from tests.toy import write_toy_files
from utopias.cli.__main__ import run
from utopias.cli.app import build_app
from utopias.cli.speech import Speech
from utopias.language.words import Words
from utopias.territory.build import build_town
from utopias.territory.town_folder import read_town

CRS = ["--crs", "EPSG:32614"]


def test_the_command_has_every_option_of_the_function() -> None:
    command = typer.main.get_command(build_app(Speech(Words("en")))).commands["build"]  # type: ignore[attr-defined]
    options = {name for parameter in command.params for name in parameter.opts}
    wanted = set(inspect.signature(build_town).parameters) - {"tell", "sources"}
    flags = {"--" + name.replace("_", "-") for name in wanted} - {"--blocks-columns"} | {"--columns"}
    assert flags <= options


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "es",
            "· En lots.csv no se dijo qué columna es cuál; por su nombre se leyeron así: place_id: CLAVE; name: Nombre.",
        ),
        (
            "en",
            "· In lots.csv nobody said which column is which; by their names they were read as: place_id: CLAVE; name: Nombre.",
        ),
    ],
)
def test_what_was_assumed_is_told_beside_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, said: str
) -> None:
    files = write_toy_files(tmp_path / "raw")
    services = tmp_path / "services.csv"
    services.write_text("place_id,service,capacity,per\nuno,pool,30,week\n", encoding="utf-8")
    lots = files["sites"].read_text(encoding="utf-8").replace("place_id,x,y,name", "CLAVE,x,y,Nombre")
    files["sites"] = tmp_path / "lots.csv"
    files["sites"].write_text(lots, encoding="utf-8")
    arguments = ["--language", language, "build", "--into", str(tmp_path / "town"), *CRS, "--modules", str(services)]
    for name, path in files.items():
        arguments += [f"--{name}", str(path)]
    code = run(arguments)
    spoken = capsys.readouterr()
    assert code == 0, spoken.err
    assert said in spoken.err
    assert "·" not in spoken.out
    town = read_town(tmp_path / "town")
    assert [one.code for one in town.assumptions] == ["built-matched-column"], "our own names are no guess"
    assert town.modules.loc[town.modules["place_id"] == "uno", "capacity"].tolist() == [30]


def test_a_finer_layer_and_the_known_ground_come_in_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import geopandas as gpd
    import shapely

    area, west, all_around = shapely.box(0, 0, 900, 900), shapely.box(0, 0, 100, 900), shapely.box(-5e3, -5e3, 6e3, 6e3)
    x, y = 493_000.0, 2_139_000.0
    for name, shape, columns in (
        ("areas", area, {"block_id": ["A"], "people": [900.0]}),
        ("cells", west, {"block_id": ["w"], "people": [10.0]}),
        ("known", all_around, {}),
    ):
        gpd.GeoDataFrame(columns, geometry=[shapely.affinity.translate(shape, x, y)], crs="EPSG:32614").to_file(
            tmp_path / f"{name}.gpkg"
        )
    town = tmp_path / "town"
    arguments = ["--language", "en", "build", "--blocks", str(tmp_path / "areas.gpkg"), *CRS, "--into", str(town)]
    arguments += ["--weight-surface", str(tmp_path / "cells.gpkg"), "--known-area", str(tmp_path / "known.gpkg")]
    assert run(arguments) == 0, capsys.readouterr().err
    assert "shared by a finer layer of people" in capsys.readouterr().err
    blocks = read_town(town).blocks
    assert blocks.people[blocks.x < x + 300].sum() > 890, "a third of the ground, all of the people"
    assert blocks.known_to.min() > 5000
