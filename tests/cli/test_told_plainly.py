"""What a planner meets in the first hour: a list without keys, a town without need, a number changed by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.prompt import Prompt

BLOCKS = "id,x,y,people\nA,485000,2140000,300\nB,485400,2140000,500\nC,486800,2140000,900\n"
SITES = "id,name,x,y\nL1,Mercado,486700,2140000\n"
POINTS = 'crs = "EPSG:32614"\nx = "x"\ny = "y"\n'


def write(folder: Path, units: str) -> list[str]:
    for name, text in (("blocks.csv", BLOCKS), ("units.csv", units), ("sites.csv", SITES), ("points.toml", POINTS)):
        (folder / name).write_text(text, encoding="utf-8")
    typed = ["build", "--into", str(folder / "town"), "--blocks", str(folder / "blocks.csv"), "--columns", str(folder / "points.toml")]  # fmt: skip
    for role in ("units", "sites"):
        typed += [f"--{role}", str(folder / f"{role}.csv"), f"--{role}-columns", str(folder / "points.toml")]
    return typed


def test_a_list_of_places_without_keys_is_told_both_ways_to_give_them(prompt: Prompt) -> None:
    typed = write(prompt.folder, "name,x,y\nUno,485000,2140000\n")
    prompt(*typed).must(1, "[missing-column]", "place_id", "units.csv", 'place_id = "name"', 'numbered = "unit-"')


def test_the_table_of_people_given_as_units_is_told_as_that(prompt: Prompt) -> None:
    typed = write(prompt.folder, BLOCKS)
    prompt(*typed).must(1, "[units-are-blocks]", "all 3 units", "table of people")
    prompt(*write(prompt.folder, "id,x,y\nA,485000,2140000\n")).must(0)


def test_a_town_without_need_has_no_quintile_called_0(prompt: Prompt) -> None:
    folder = prompt.folder
    prompt(*write(folder, "id,x,y\nU,485000,2140000\n")).must(0)
    prompt("site", folder / "town", "--open", "1", "--draws", "0", "--out", folder / "plan").must(0)
    rows = prompt("compare", folder / "plan", "--by", "need").must(0).out.splitlines()
    assert rows[-1].startswith("need not known")
    assert not [row for row in rows if row.startswith("0 ")]


def test_a_number_changed_by_hand_is_shown_as_numbers_not_as_code(prompt: Prompt, plan: Path) -> None:
    edited = prompt.folder / "edited"
    shutil.copytree(plan, edited)
    said = json.loads((edited / "plan.json").read_text(encoding="utf-8"))
    said["certificate"]["value"] = 5000
    (edited / "plan.json").write_text(json.dumps(said), encoding="utf-8")
    told = prompt("verify", edited).must(1).out
    assert "plan.json has been changed since it was written" in told
    assert "None" not in told
    assert not set("{}[]") & set(told)
