"""``utopias area``: the table, the files, people of a group, and every slip of the line at once."""

from __future__ import annotations

import io
import json
from pathlib import Path

import geopandas
import numpy as np
import pytest
from rich.console import Console

import utopias as u
from tests.cli.prompt import Prompt
from utopias.access.service_area import service_area
from utopias.cli.area_command import _show
from utopias.cli.speech import Speech
from utopias.domain.town import Town
from utopias.language.words import Words
from utopias.network.street_network import street_network


@pytest.fixture(scope="module")
def borough() -> Town:
    return u.synthetic_town()


def test_people_inside_are_those_who_reach_the_unit(prompt: Prompt, town: Path) -> None:
    """The toy street: 200 and 600 m are within 5 minutes of x = 200, 1,000 and 1,400 m within 15."""
    told = json.loads(prompt("area", town, "--unit", "uno", "--within", "5min,15min", "--json").must(0).out)
    assert [row["people"]["all"] for row in told["areas"]] == [200, 400]
    assert [row["people"]["older people"] for row in told["areas"]] == [40, 80]
    assert [row["within_minutes"] for row in told["areas"]] == [5, 15]


@pytest.mark.parametrize(("language", "says"), [("es", "huecos"), ("en", "holes"), ("fr", "trous")])
def test_the_table_speaks_the_readers_language(prompt: Prompt, town: Path, language: str, says: str) -> None:
    said = prompt("area", town, "--all", "--within", "10min", language=language).must(0).out
    assert says in said
    assert "Uno" in said


def test_a_site_is_asked_as_a_unit_is_and_one_group_is_counted(prompt: Prompt, town: Path) -> None:
    said = prompt("area", town, "--unit", "b", "--within", "15min", "--for", "older people").must(0).out
    assert "Lote B" in said
    assert " 140 " in said  # from x = 1,400 to 3,800: seven blocks of 20


def test_one_line_writes_all_three_kinds_of_file(prompt: Prompt, town: Path) -> None:
    files = [prompt.folder / name for name in ("a.gpkg", "a.geojson", "a.parquet")]
    typed = [part for file in files for part in ("--to", file)]
    said = prompt("area", town, "--unit", "uno", "--unit", "a", *typed, language="es").must(0)
    assert said.out.count("Escrito:") == 3
    assert {len(geopandas.read_file(files[0], layer="areas")), len(geopandas.read_file(files[1]))} == {6}
    assert len(geopandas.read_parquet(files[2])) == 6


def test_to_and_from_are_told_apart(prompt: Prompt, town: Path) -> None:
    to = json.loads(prompt("area", town, "--unit", "uno", "--json").must(0).out)
    back = json.loads(prompt("area", town, "--unit", "uno", "--from-the-unit", "--json").must(0).out)
    assert (to["way"], back["way"]) == ("to", "from")


def test_every_slip_of_the_line_is_told_at_once(prompt: Prompt, town: Path) -> None:
    said = prompt(
        "area", town, "--unit", "ono", "--within", "0min,3h,soon", "--walker", "dog", "--for", "cats",
        "--to", prompt.folder / "a.shp", "--off-street", "400m",
    )  # fmt: skip
    said.must(
        1, "soon", "[bad-limit]", "up to 120 min", "'dog'", "'cats'", "a.shp", "[unknown-place]", "did you mean uno"
    )
    said.must(1, "400 m", "8 faults")
    assert not list(prompt.folder.glob("a.*"))


@pytest.mark.parametrize("typed", [[], ["--all", "--unit", "uno"]])
def test_whose_area_must_be_said_in_one_way(prompt: Prompt, town: Path, typed: list[str]) -> None:
    prompt("area", town, *typed).must(2, "--unit", "--all")


def test_a_key_that_is_a_name_is_answered_with_the_key(prompt: Prompt, town: Path) -> None:
    prompt("area", town, "--unit", "Lote C", language="es").must(1, "¿quiso decir c")


def test_a_town_without_streets_is_refused_and_told_what_to_do(prompt: Prompt) -> None:
    prompt.build(without=("streets",)).must(0)
    prompt("area", prompt.town, "--unit", "uno").must(1, "[no-streets]", "--streets")


def test_no_ground_but_streets(prompt: Prompt, town: Path) -> None:
    told = json.loads(
        prompt("area", town, "--unit", "uno", "--off-street", "0m", "--within", "5min", "--json").must(0).out
    )
    (row,) = told["areas"]
    assert row["km2"] == 0
    assert row["street_km"] == pytest.approx(0.6)  # 400 m to the east, and the 200 m there are to the west


@pytest.mark.parametrize("language", ["es", "en", "fr"])
def test_eighty_columns_hold_the_whole_table(borough: Town, language: str) -> None:
    """The widest it gets: a long name, an estimated group with a long name, ten times the people of one area."""
    out = io.StringIO()
    screen = Console(file=out, width=80, soft_wrap=False, highlight=False)
    areas = service_area(
        street_network(borough), borough.units.take(np.array([4])), within=["7.5 min", "15 min"], town=borough
    )
    _show(areas, borough, "people in poverty", Speech(Words(language), screen, screen))
    words, lines = Words(language), out.getvalue().splitlines()
    head = next(line for line in lines if words.say("cli.head.km2") in line)
    for name in ("unit", "limit", "km2", "street-km", "people", "pieces", "holes"):
        assert words.say(f"cli.head.{name}") in head
    assert max(map(len, lines)) <= 80
    assert "…" not in out.getvalue()
    assert all(word in out.getvalue() for word in ("U005", "Quimera", words.number(7.5, 1)))


def test_titles_name_who_walks_and_how(prompt: Prompt, town: Path) -> None:
    how = ("--walker", "pram", "--speed", "3 km/h", "--after-dark", "2")
    said = "(person with a pram, at 3 km/h, after dark, factor 2)"
    assert said in prompt("area", town, "--unit", "uno", *how).must(0).out
    assert said in prompt("reach", town, *how).must(0).out
    assert "(adult" not in prompt("reach", town).must(0).out
    told = prompt("area", town, "--unit", "uno", *how, language="es").must(0).out
    assert "2 veces el tiempo" in " ".join(told.split())  # wherever the line is broken


@pytest.mark.parametrize("typed", ["7,5 min", "5, 10, 15 min"])
def test_a_list_of_times_is_refused_with_how_to_write_it(prompt: Prompt, town: Path, typed: str) -> None:
    prompt("area", town, "--unit", "uno", "--within", typed).must(2, "--within", "5min,7.5min,15min")
    prompt("area", town, "--unit", "uno", "--within", typed, language="es").must(2, "dé a cada tiempo su unidad")
