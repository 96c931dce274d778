"""``utopias share``: places for people and people for places, on the screen in three languages, as JSON and as a table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.prompt import Prompt
from tests.toy import toy_town
from utopias.territory.town_folder import write_town


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """The toy with its pool at Uno: 30 places a week, 400 people within 15 minutes."""
    return write_town(toy_town(), tmp_path / "town")


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    """The toy where the community centre has a pool as well, of which nobody knows the places."""
    from dataclasses import replace

    toy = toy_town()
    modules = toy.modules.assign(service="pool", capacity=[30.0, 30.0, 30.0, np.nan, np.nan])
    return write_town(replace(toy, modules=modules), tmp_path / "unknown")


def test_the_screen_says_how_much_there_is_how_crowded_and_both_checks(prompt: Prompt, town: Path) -> None:
    said = prompt("share", town, "--service", "pool").must(0).out
    assert "34.8% have some place within 15 minutes" in said  # 400 of 1,150
    assert "26.1 places a week per 1,000" in said  # 30 over 1,150
    assert [line.split() for line in said.splitlines() if line.startswith("Uno")] == [["Uno", "30", "400", "13.3"]]
    assert "people with some access, surroundings too: 400 and 400. It holds." in said
    assert "somebody can use: 30 and 30. It holds." in said
    assert "is counted" not in said


def test_two_step_says_how_often_each_resident_is_counted(prompt: Prompt, town: Path) -> None:
    # Uno reaches 4 blocks, a 6 of them and 2 more: 400 + 600 counted of 600 people.
    line = ("share", town, "--service", "pool", "--add", "a", "--method", "2sfca")
    said = prompt(*line).must(0).out
    assert "1,000 and 600. It does not hold" in said
    assert "Each resident is counted 1.67 times (Páez, Higgins & Vivona 2019)" in said
    assert "Cada residente se cuenta 1.67 veces" in prompt(*line, language="es").must(0).out
    assert "est compté 1,67 fois" in prompt(*line, language="fr").must(0).out


def test_a_decay_that_loses_people_says_so(prompt: Prompt, town: Path) -> None:
    said = prompt("share", town, "--service", "pool", "--method", "e2sfca").must(0).out
    assert "Weight of a walk: steps 5 min:1, 10 min:0.68, 15 min:0.22." in said
    assert "part of the people vanish" in said


def test_an_index_is_called_one_and_gives_no_mean(prompt: Prompt, town: Path) -> None:
    said = prompt("share", town, "--service", "pool", "--method", "balanced-levels").must(0).out
    assert "These figures are an index" in said
    assert "over all of them" not in said


def test_what_is_not_known_is_named_and_left_out_unless_asked_for(prompt: Prompt, unknown: Path) -> None:
    said = prompt("share", unknown, "--service", "pool").must(0).out
    assert "1 place that gives it has no known capacity and is left out: Centro comunitario." in said
    said = prompt("share", unknown, "--service", "pool", "--assume-usual").must(0).out
    assert "left out" not in said
    assert "Assumed: 1 module without a known capacity was given the catalogue's usual one." in said
    assert any(line.startswith("Centro comunitario") for line in said.splitlines())


def test_json_holds_everything_the_screen_says(prompt: Prompt, town: Path) -> None:
    answer = json.loads(prompt("share", town, "--service", "pool", "--for", "older people", "--json").must(0).out)
    assert answer["group"] == "older people"
    assert answer["decay"] == "flat"
    assert answer["places_per_1000"]["at_50_of_100"] == pytest.approx(375)  # 30 places, 80 older people
    assert answer["places"] == [
        {
            "place_id": "uno",
            "name": "Uno",
            "role": "unit",
            "places_a_week": 30,
            "people": 80,
            "people_per_place": pytest.approx(80 / 30),
        }
    ]
    assert answer["checks"]["people"] == {"found": 80, "there": 80, "holds": True}
    assert answer["inflation"] == 1
    assert [area["without"] for area in answer["areas"]] == [150, 0]


def test_the_table_of_blocks_is_written_with_its_keys_as_text(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    prompt("share", town, "--service", "pool", "--to", tmp_path / "share.csv").must(0)
    rows = pd.read_csv(tmp_path / "share.csv", dtype={"block_id": str})
    assert rows["block_id"][0] == "0000A"
    assert rows["places_per_1000"].tolist() == pytest.approx([75.0] * 4 + [0.0] * 9)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--service", "swimming"], ["unknown-service", "there are: pool, gym"]),
        (["--service", "pool", "--method", "two-step"], ["unknown-method", "2sfca"]),
        (["--service", "pool", "--decay", "cubic 5 min"], ["unknown-decay", "exponential 10 min"]),
        (["--service", "pool", "--method", "2sfca", "--decay", "linear 5 min"], ["bad-decay", "e2sfca"]),
        (["--service", "pool", "--for", "giants"], ["unknown-group", "older people"]),
        (["--service", "pool", "--within", "15"], ["unknown-quantity"]),
        (["--service", "pool", "--add", "zzz"], ["unknown-site", "zzz"]),
        (["--service", "pool", "--to", "share.xlsx"], ["unknown-ending"]),
    ],
)
def test_what_cannot_be_asked_is_refused_with_how_to_ask_it(
    prompt: Prompt, town: Path, more: list[str], words: list[str]
) -> None:
    said = prompt("share", town, *more)
    assert said.code != 0
    said.must(said.code, *words)
    assert not said.out


def test_a_site_that_would_not_give_the_service_is_named(prompt: Prompt, tmp_path: Path) -> None:
    from dataclasses import replace

    toy = toy_town()
    kept = toy.modules[toy.modules["place_id"] != "a"]
    town = write_town(replace(toy, modules=kept), tmp_path / "idle")
    line = ("share", town, "--service", "pool", "--add", "a", "--add", "b")
    assert "a no daría" in prompt(*line, language="es").must(0).out
    assert json.loads(prompt(*line, "--json").must(0).out)["added_without_service"] == ["a"]
