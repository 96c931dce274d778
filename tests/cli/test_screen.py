"""``utopias screen``: counts, rules and plots on the screen, in three languages; faults of a rules file at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.prompt import Prompt
from tests.land.plots import row_of
from tests.toy import toy_town
from utopias.territory.town_folder import read_town, write_town

LAND = {
    "tenure": ["public", "private", "public"],
    "legal_status": ["clear", "clear", ""],
    "consultation": ["none"] * 3,
    "flood": ["low", "low", "medium"],
    "fracture": ["none"] * 3,
    "water": ["reliable"] * 3,
    "slope_percent": [3.0, 15.0, 2.0],
    "subsidence_cm_year": [25.0, 1.0, 1.0],
    "present_users": [0.0, 10.0, 0.0],
}


@pytest.fixture
def land(tmp_path: Path) -> Path:
    """The toy town with land facts: A is fit, B is private, C is of a flood plain."""
    town = toy_town()
    table = town.sites.table.assign(**LAND)
    return write_town(replace(town, sites=replace(town.sites, table=table)), tmp_path / "land")


def test_each_plot_stands_with_its_verdict_and_the_rule_that_decided(prompt: Prompt, land: Path) -> None:
    said = prompt("screen", land).must(0).out
    rows = [line for line in said.splitlines() if line.startswith("Lote ")]
    assert [row.split()[1] for row in rows] == ["B", "C", "A"]  # the worst first
    assert "excluded" in rows[0]
    assert "it is private" in rows[0]
    assert "conditional" in rows[1]
    assert "the danger of flooding is medium" in rows[1]
    assert rows[2].rstrip().endswith("fit")


@pytest.mark.parametrize(("language", "word"), [("es", "descartado"), ("fr", "écarté")])
def test_it_speaks_the_languages_of_its_readers(prompt: Prompt, land: Path, language: str, word: str) -> None:
    assert word in prompt("screen", land, language=language).must(0).out


def test_json_holds_counts_rules_and_every_reason(prompt: Prompt, land: Path) -> None:
    said = json.loads(prompt("screen", land, "--json").must(0).out)
    assert said["counts"] == {"excluded": 1, "conditional": 1, "fit": 1}
    assert said["sites"][1]["decided_by"] == {"rule": "private", "result": "excluded", "found": "private"}
    assert [reason["rule"] for reason in said["sites"][2]["reasons"]] == ["injunction", "dispute", "not-regularised", "flood-medium"]  # fmt: skip


def test_a_city_brings_its_own_rules(prompt: Prompt, land: Path, tmp_path: Path) -> None:
    rules = tmp_path / "mine.toml"
    rules.write_text('[[rule]]\nid = "steep"\nlabel = "empinado"\ncolumn = "slope_percent"\nover = 2.5\nresult = "excluded"\nsource = "ours"\n')  # fmt: skip
    said = json.loads(prompt("screen", land, "--rules", rules, "--json").must(0).out)
    assert said["counts"] == {"excluded": 2, "conditional": 0, "fit": 1}


def test_a_bad_file_of_rules_is_told_whole_and_in_spanish(prompt: Prompt, land: Path, tmp_path: Path) -> None:
    rules = tmp_path / "bad.toml"
    rules.write_text('[[rule]]\nid = "x"\nlabel = "x"\ncolumn = "floods"\nover = 1\nresult = "no"\nsource = "y"\n')
    prompt("screen", land, "--rules", rules).must(1, "[unknown-column]", "[bad-value]", "bad.toml")
    prompt("screen", land, "--rules", rules, language="es").must(1, "no es columna de sites.parquet", "regla 1 (x) de bad.toml")  # fmt: skip
    prompt("screen", land, "--rules", tmp_path / "no.toml").must(1, "[no-such-file]")


def test_a_town_that_says_nothing_of_its_land_is_told_so(prompt: Prompt, town: Path) -> None:
    said = prompt("screen", town).must(0).out
    assert "says nothing about the land" in said
    assert "not known" not in said  # the same row for every plot would tell nobody anything


def test_a_plan_says_what_was_excluded_its_conditions_and_what_a_waiver_gains(prompt: Prompt, land: Path) -> None:
    said = prompt("site", land, "--open", "1", "--draws", "0", "--out", prompt.folder / "plan").must(0).out
    assert "Land of the 3 plots: 1 excluded, 1 conditional, 1 fit." in said
    assert "Lote C, conditional: the danger of flooding is medium; not known: a judge has stopped works here" in said
    row = next(line for line in said.splitlines() if "(rule private)" in line)
    assert row.split()[-2:] == ["1", "+100"]
    prompt("verify", prompt.folder / "plan").must(0)


def test_a_waiver_by_hand_is_told_and_no_land_looks_at_none(prompt: Prompt, land: Path) -> None:
    waived = prompt("site", land, "--open", "1", "--draws", "0", "--waive", "b", "--out", prompt.folder / "w").must(0)
    assert "Bans lifted by hand: Lote B (b)." in waived.out
    bare = prompt("site", land, "--open", "1", "--draws", "0", "--no-land", "--out", prompt.folder / "n").must(0)
    assert "plots" not in bare.out
    refused = prompt("site", land, "--open", "1", "--forced", "b", "--out", prompt.folder / "f", language="es")
    refused.must(1, "[forced-and-excluded]", "--waive b")
    prompt("site", land, "--open", "1", "--waive", "x", "--out", prompt.folder / "f").must(1, "[unknown-waiver]")


def test_joint_sites_are_told_and_written_as_a_town(prompt: Prompt, tmp_path: Path) -> None:
    town = write_town(row_of(1000, 1050, 2600), tmp_path / "plots")
    said = prompt("screen", town, "--join", "20 m", "--into", prompt.folder / "joined").must(0).out
    assert next(line for line in said.splitlines() if line.startswith("Plot 0 + Plot 1")).split()[-2:] == ["2", "5,000"]
    assert "replaces its plots" in said
    assert read_town(prompt.folder / "joined").sites.ids.tolist() == ["S0+S1", "S2"]
    told = json.loads(prompt("screen", town, "--join", "20 m", "--json").must(0).out)
    assert told["joint"] == [{"id": "S0+S1", "name": "Plot 0 + Plot 1", "members": ["S0", "S1"], "area_m2": 5000.0, "declared": False, "verdict": "conditional"}]  # fmt: skip
    prompt("screen", town, "--into", prompt.folder / "none").must(1, "[nothing-to-join]", "--join")
    prompt("screen", town, "--join", "20", "--into", prompt.folder / "none").must(2, "[unknown-quantity]")
    prompt("screen", town, "--join", "20 m", "--into", prompt.folder / "joined").must(1, "[already-there]")
    assert "No group of adjoining plots" in prompt("screen", town, "--join", "20 m", "--least-area", "9000").must(0).out
