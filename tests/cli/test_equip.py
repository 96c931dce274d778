"""``utopias equip``: what it shows in three languages, its JSON, its folder, and its exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.prompt import Prompt
from tests.toy import toy_town
from utopias.territory.town_folder import write_town


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write_town(toy_town(), tmp_path / "town")


ASKED = ("--open", "1", "--services", "pool, day house")


def test_the_screen_tells_sites_services_money_and_what_was_assumed(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    said = prompt("equip", town, *ASKED, "--why", "--out", tmp_path / "plan").must(0).out
    assert "today 300, with the plan 1,140" in said
    assert "Once 59 million Mexican pesos; a year 14.2 million Mexican pesos." in said
    assert "Lote B (b): Pool and Day house." in said
    assert [line.split()[3:5] for line in said.splitlines() if line.startswith("Lote B (b)  ")] == [["1,368", "/"]]
    assert "Assumed: 35% of each plot is built or laid out." in said
    assert "Pool 10% and Day house 5%" in said
    assert "Lote B (b): without this unit 840 served persons are lost" in said
    for language, words in (("es", "hoy 300, con el plan 1,140"), ("fr", "aujourd'hui 300, avec le plan 1")):
        assert words in prompt("equip", town, *ASKED, "--out", tmp_path / language, language=language).must(0).out


def test_prices_of_mexico_read_in_another_currency_are_said(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    assert "Beware" not in prompt("equip", town, *ASKED, "--out", tmp_path / "pesos").must(0).out
    reais = write_town(replace(toy_town(), currency="BRL"), tmp_path / "reais")
    said = prompt("equip", reais, *ASKED, "--out", tmp_path / "plan").must(0).out
    assert "they are read as BRL as they stand, with no exchange" in said


def test_the_folder_can_be_verified_and_a_touched_one_fails(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    prompt("equip", town, *ASKED, "--out", plan).must(0)
    assert "Recounted: 1,140 persons served" in prompt("verify", plan).must(0).out
    assert json.loads(prompt("verify", plan, "--json").must(0).out)["holds"] is True
    prompt("verify", plan, "--deep", town).must(1, "[deep-of-services]")
    (plan / "equip.json").write_text((plan / "equip.json").read_text().replace('"seed": 7', '"seed": 8'))
    assert "FAILED" in prompt("verify", plan).must(1).out.upper()
    prompt("equip", town, *ASKED, "--out", plan).must(1, "[already-there]")


def test_json_holds_every_number(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    said = json.loads(prompt("equip", town, *ASKED, "--out", tmp_path / "plan", "--why", "--json").must(0).out)
    assert (said["before"], said["value"], said["proven"]) == (300.0, 1140.0, True)
    (site,) = said["sites"]
    assert site["services"] == ["pool", "day house"]
    assert site["persons"] == {"pool": pytest.approx(700.0), "day house": pytest.approx(140.0)}
    assert [one["new_sites"] for one in said["services"]] == [1, 1]
    assert said["why"][0]["loss"] == pytest.approx(840.0)


def test_exit_codes_say_what_kind_of_trouble_it_is(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "plan")
    prompt("equip", town, *ASKED, "--budget", "1000", *out).must(3, "[budget-below-cheapest-service]")
    prompt(
        "equip", town, "--open", "1", "--buildable", "0.05", "--services", "pool,day house", "--must-have", "pool", *out
    ).must(3, "[must-have-too-large]")
    prompt("equip", town, "--open", "1", "--services", "sauna", *out).must(2, "[unknown-service]")
    prompt("equip", town, *ASKED, "--importance", "pool", *out).must(2, "[bad-service-pair]")
    prompt("equip", town, *ASKED, "--importance", "pool=much", *out).must(2, "[bad-service-pair]")
    prompt("equip", town, *ASKED, "--standard", "pool=9", *out).must(2, "[unknown-quantity]")
    assert not (tmp_path / "plan").exists()


def test_a_walk_longer_than_usual_is_walked(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    line = ("equip", town, "--open", "1", "--services", "pool", "--standard", "pool=50 min", "--no-places", "--json")
    said = json.loads(prompt(*line, "--out", tmp_path / "plan").must(0).out)
    assert said["value"] == 1100.0  # all of the street that is planned
