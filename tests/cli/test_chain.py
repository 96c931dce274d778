"""``utopias chain`` at the prompt: the made-up town's figures add up, and what cannot be answered is told plainly."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import utopias as u
from tests.cli.prompt import Prompt


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return u.write_town(u.synthetic_town("borough", people=20_000), tmp_path_factory.mktemp("chain") / "town")


def test_the_parts_add_up_and_are_those_of_the_rows_saved(prompt: Prompt, borough: Path, tmp_path: Path) -> None:
    to = tmp_path / "chains.csv"
    said = prompt(*f"chain {borough} --json --to {to}".split()).must(0)
    told = json.loads(said.out)
    assert told["people"] > 4_000
    parts = sum(told[key] for key in ("both", "only_from_home", "only_on_the_way", "neither"))
    assert parts == pytest.approx(told["people"])
    assert told["both"] + told["only_from_home"] == pytest.approx(told["from_home"])
    assert told["estimated"]
    assert told["trips"]["estimated"]
    rows = pd.read_csv(to)
    assert rows.loc[rows["on_the_way"], "persons"].sum() == pytest.approx(told["on_the_way"], abs=1e-2)
    both = rows["on_the_way"] & rows["unit_near_home"]
    assert rows.loc[both, "persons"].sum() == pytest.approx(told["both"], abs=1e-2)
    by_unit = rows[rows["on_the_way"]].groupby("unit_id")["persons"].sum()
    assert {one["unit"]: pytest.approx(one["people"], abs=1e-2) for one in told["by_unit"] if one["people"]} == {
        key: value for key, value in by_unit.items() if value
    }
    steps = [step["on_the_way"] for step in told["ladder"]]
    assert steps == sorted(steps)
    ten = next(step for step in told["ladder"] if step["extra_minutes"] == 10)
    assert ten["on_the_way"] == pytest.approx(told["on_the_way"])


def test_access_from_home_is_that_of_reach_at_the_same_pace(prompt: Prompt, borough: Path) -> None:
    chain = json.loads(prompt(*f"chain {borough} --json --walker pram".split()).must(0).out)
    reach = json.loads(prompt(*f"reach {borough} --json --walker pram".split()).must(0).out)
    carers = next(group for group in reach["groups"] if group["group"] == "carers")
    assert (chain["people"], chain["from_home"]) == (pytest.approx(carers["people"]), pytest.approx(carers["within"]))


def test_counted_trips_are_no_estimate_and_the_children_themselves_can_be_counted(
    prompt: Prompt, borough: Path, tmp_path: Path
) -> None:
    town = u.read_town(borough)
    assert town.schools is not None
    home = town.blocks.ids[(town.blocks.people > 0) & town.blocks.planned][0]
    counted = tmp_path / "trips.csv"
    counted.write_text(f"school_id,block_id,children\n{town.schools.ids[0]},{home},12\n", encoding="utf-8")
    told = json.loads(prompt(*f"chain {borough} --json --for trips --trips {counted}".split()).must(0).out)
    assert (told["group"], told["people"], told["trips"]["how"]) == ("children", 12.0, "declared")
    assert not told["estimated"]
    said = prompt(*f"chain {borough} --for trips --trips {counted}".split()).must(0)
    assert "children who are fetched" in said.out
    assert "Estimated trips" not in said.out


@pytest.mark.parametrize("language", ["es", "en", "fr"])
def test_it_says_in_each_language_that_trips_are_estimated_and_the_town_invented(
    prompt: Prompt, borough: Path, language: str
) -> None:
    said = prompt("chain", borough, language=language).must(0)
    for word in {
        "es": ("Viajes estimados: nadie ha contado", "DATOS INVENTADOS", "solo de paso"),
        "en": ("Estimated trips: nobody has counted", "MADE-UP DATA", "only on the way"),
        "fr": ("Trajets estimés : personne n'a compté".replace(" :", "\u00a0:"), "seulement en rentrant"),
    }[language]:
        assert word in said.out


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ("--window 30min", 2, "a window of 30 min does not hold a stay of 60 min"),
        ("--stay 60", 2, "is not a duration"),
        ("--walker toddler", 2, "nobody here walks as 'toddler'"),
        ("--for wizards", 2, "'wizards' names no group"),
        ("--level university", 2, "'university' is no level of school"),
        ("--how magic", 2, "children are not given to schools by 'magic'"),
        ("--decay 0min", 2, "leaves no school any pull"),
        ("--to chains.xlsx", 2, "ends in neither .parquet nor .csv"),
        ("--trips nowhere.csv", 1, "there is no file nowhere.csv"),
    ],
)
def test_what_cannot_be_answered_is_told(prompt: Prompt, borough: Path, options: str, code: int, says: str) -> None:
    prompt("chain", borough, *shlex.split(options)).must(code, says)


def test_a_town_without_schools_says_how_to_give_them(prompt: Prompt, town: Path) -> None:
    prompt(*f"chain {town} --for all".split()).must(1, "built without schools", "--schools FILE")


def test_a_town_with_a_table_of_no_school_has_nobody_on_the_way(prompt: Prompt, borough: Path, tmp_path: Path) -> None:
    full = u.read_town(borough)
    assert full.schools is not None
    none = replace(full, schools=full.schools.take(full.schools.x < 0))
    folder = u.write_town(none, tmp_path / "none")
    told = json.loads(prompt(*f"chain {folder} --json".split()).must(0).out)
    assert (told["schools"], told["on_the_way"], told["without_trip"]) == (0, 0.0, pytest.approx(told["people"]))
    assert told["half_extra_minutes"] is None


def test_a_stay_as_long_as_the_window_leaves_no_time_to_walk(prompt: Prompt, borough: Path) -> None:
    told = json.loads(prompt(*f"chain {borough} --json --stay 60min --window 60min".split()).must(0).out)
    assert told["on_the_way"] == 0.0


def test_a_circuity_under_one_is_refused_though_streets_make_it_idle(prompt: Prompt, borough: Path) -> None:
    prompt("chain", borough, "--circuity", "0.5").must(1, "[bad-circuity]")


def test_the_walker_is_named(prompt: Prompt, borough: Path) -> None:
    assert "person with a pram, 3.6 km/h" in prompt("chain", borough, "--walker", "pram").must(0).out
