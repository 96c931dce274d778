"""``utopias phase``: the table year by year in three languages, the folder, JSON, and every way to be refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.prompt import Prompt
from tests.toy import toy_town
from utopias.cli.__main__ import run
from utopias.domain.folders import manifest_faults
from utopias.domain.phases import Phases
from utopias.territory.town_folder import write_town


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy with a cost for each site: a 120, b 100 and c 90 million."""
    toy = toy_town()
    sites = replace(toy.sites, table=toy.sites.table.assign(cost=[120e6, 100e6, 90e6]))
    return write_town(replace(toy, sites=sites), tmp_path_factory.mktemp("priced") / "town")


@pytest.fixture(scope="module")
def two(priced: Path) -> Path:
    """Its plan of two sites: b, which adds 600 people, and c, which adds 100 more."""
    folder = priced.parent / "two"
    assert run(["site", str(priced), "--open", "2", "--draws", "0", "--out", str(folder)]) == 0
    return folder


def test_the_table_says_works_equipment_money_and_people_of_each_year(
    prompt: Prompt, two: Path, tmp_path: Path
) -> None:
    line = ("phase", two, "--years", "2026-2029", "--budget-a-year", "100M", "--works-a-year", "1", "--out")
    said = prompt(*line, tmp_path / "phased").must(0).out
    years = [row.split() for row in said.splitlines() if row[:4] in ("2026", "2027", "2028", "2029")]
    # b: 83.3 for works, 16.7 for equipment; c: 75 and 15.
    assert " ".join(years[0]) == "2026 1 MXN 83.3 M 0 MXN 0 MXN 16.7 M 0 400 34.8%"
    assert " ".join(years[1]) == "2027 1 MXN 75 M 1 MXN 16.7 M MXN 8.33 M 1 1,000 87.0%"
    assert " ".join(years[2]) == "2028 0 MXN 0 1 MXN 15 M MXN 85 M 2 1,100 95.7%"
    assert " ".join(years[3]) == "2029 0 MXN 0 0 MXN 0 MXN 100 M 2 1,100 95.7%"
    assert years[4:] == [["2026", "2027", "Lote", "B", "(b)"], ["2027", "2028", "Lote", "C", "(c)"]]
    assert "only their order was chosen" in said
    assert "3,600 person-years: proven within the model" in said
    assert "4,400 person-years. Waiting for budgets takes 800 person-years." in said
    assert "equipment is 16.7% of a site's cost" in said
    found = Phases.load(tmp_path / "phased")
    assert dict(zip(found.site_ids, found.works, strict=True)) == {"b": 2026, "c": 2027}
    assert found.people == found.by_year == (400.0, 1000.0, 1100.0, 1100.0)
    assert found.certificate is not None
    assert found.certificate.holds
    assert not manifest_faults(tmp_path / "phased")


def test_a_site_of_unknown_cost_takes_the_one_that_is_assumed_and_the_recount_knows(
    prompt: Prompt, town: Path, tmp_path: Path
) -> None:
    prompt("site", town, "--open", "2", "--draws", "0", "--out", tmp_path / "two").must(0)  # b, and c of unknown cost
    line = ("phase", tmp_path / "two", "--years", "2026-2029", "--budget-a-year", "100M", "--works-a-year", "1")
    prompt(*line, "--out", tmp_path / "no").must(1, "site-cost-not-known", "--cost-each 180M")
    said = prompt(*line, "--cost-each", "90M", "--out", tmp_path / "phased").must(0).out
    said = " ".join(said.split())
    assert "2027 1 MXN 75 M 1 MXN 16.7 M MXN 8.33 M" in said  # c at 90, b at its own 100
    assert "Assumed: a site of unknown cost costs MXN 90 M" in said
    assert Phases.load(tmp_path / "phased").budgets.cost_each == 90e6
    prompt("verify", tmp_path / "phased").must(0)
    prompt(*line, "--cost-each", "0", "--out", tmp_path / "nought").must(2, "bad-cost-each")


def test_a_folder_reads_back_as_it_was_written(prompt: Prompt, two: Path, tmp_path: Path) -> None:
    line = (
        "phase",
        two,
        "--years",
        "2026-2029",
        "--budget-a-year",
        "900M",
        "--carry-over",
        "--discount",
        "0.03",
        "--out",
    )
    prompt(*line, tmp_path / "one").must(0)
    first = Phases.load(tmp_path / "one")
    first.save(tmp_path / "other")
    second = Phases.load(tmp_path / "other")
    assert first.budgets == second.budgets
    assert first.budgets.carry_over
    assert (first.sites, first.works, first.value, first.regret) == (
        second.sites,
        second.works,
        second.value,
        second.regret,
    )
    assert first.table.equals(second.table)
    prompt(*line, tmp_path / "one").must(1, "already-there")
    prompt(*line, tmp_path / "one", "--replace").must(0)
    (tmp_path / "one" / "phases.json").write_text("{}")
    with pytest.raises(Exception, match=r"phases\.json has been changed"):
        Phases.load(tmp_path / "one")


def test_sites_can_be_chosen_too_and_json_holds_the_schedule(prompt: Prompt, priced: Path, tmp_path: Path) -> None:
    line = (
        "phase",
        "--town",
        priced,
        "--open",
        "2",
        "--years",
        "2026-2028",
        "--budget-a-year",
        "900M,900M,900M",
        "--out",
    )
    said = prompt(*line, tmp_path / "chosen", "--json").must(0).out
    told = json.loads(said)
    assert told["ordered_only"] is False
    assert len(told["schedule"]) == 2
    assert {row["opens"] - row["works"] for row in told["schedule"]} == {1}
    assert [row["year"] for row in told["years"]] == [2026, 2027, 2028]
    assert told["value"] <= told["bound"]
    assert told["regret"]["end"] <= told["regret"]["end_bound"]


def test_it_speaks_spanish_and_french(prompt: Prompt, two: Path, tmp_path: Path) -> None:
    line = ("phase", two, "--years", "2026-2029", "--budget-a-year", "900M", "--out")
    spanish = prompt(*line, tmp_path / "es", language="es").must(0).out
    assert "Año por año, a 15 minutos o menos" in spanish
    assert "personas-año: demostrado dentro del modelo" in spanish
    french = prompt(*line, tmp_path / "fr", language="fr").must(0).out
    assert "Année par année" in french
    assert "personnes-années" in french


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (["--budget-a-year", "1M"], 3, ["budget-below-cheapest-works"]),
        (["--budget-a-year", "900M,0,0,0"], 3, ["no-money-for-equipment", "2027"]),
        (["--budget-a-year", "900M", "--years", "2026-2028", "--works-a-year", "1"], 0, []),
        (["--budget-a-year", "900M", "--years", "2026-2027", "--works-a-year", "1"], 3, ["works-a-year-too-few"]),
        (["--budget-a-year", "lots"], 2, ["unknown-money"]),
        (["--budget-a-year", "900M", "--years", "2026"], 2, ["unknown-years"]),
        (["--budget-a-year", "900M", "--open", "2"], 2, ["plan-and-number"]),
        (["--budget-a-year", "900M", "--aim", "smallest-worst"], 2, ["aim-not-phased"]),
        (["--budget-a-year", "900M", "--equip-share", "2"], 2, ["bad-equip-share"]),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(
    prompt: Prompt, two: Path, tmp_path: Path, more: list[str], code: int, words: list[str]
) -> None:
    years = [] if "--years" in more else ["--years", "2026-2029"]
    prompt("phase", two, "--out", tmp_path / "phased", *years, *more).must(code, *words)
    assert (tmp_path / "phased").exists() == (code == 0)


def test_neither_plan_nor_town_or_both_is_refused(prompt: Prompt, two: Path, priced: Path, tmp_path: Path) -> None:
    line = ("phase", "--years", "2026-2029", "--budget-a-year", "900M", "--out", tmp_path / "phased")
    prompt(*line).must(2, "plan-or-town")
    prompt(*line, two, "--town", priced).must(2, "plan-or-town")
    prompt(*line, "--town", priced).must(2, "no-number")
