"""Bad input as a user meets it: what is wrong, how much of it, how to mend it; nothing half written, nothing lost."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.prompt import Prompt, cell, text
from utopias.domain.folders import seal

Change = Callable[[Path], None]


def nothing(content: str) -> str:  # noqa: ARG001
    return ""


def header_only(content: str) -> str:
    return content.splitlines()[0] + "\n"


def with_mark(content: str) -> bytes:
    return b"\xef\xbb\xbf" + content.encode()


def from_a_spreadsheet(content: str) -> str:
    """As a spreadsheet in Spanish saves it: semicolons, decimal commas, and the mark at the start."""
    return "\ufeff" + content.replace(",", ";").replace(".", ",").replace("\n", "\r\n")


def of(*changes: Change) -> Change:
    def spoil(path: Path) -> None:
        for change in changes:
            change(path)

    return spoil


# file, its change, code, then what else is said: the number, the place, the mend
BUILDS: dict[str, tuple[str, Change, str, tuple[str, ...]]] = {
    "empty file": ("blocks", text(nothing), "empty-file", ("blocks.csv is empty", "export or fetch it again")),
    "header only": ("blocks", text(header_only), "no-rows", ("has a header and no rows", "with its rows")),
    "no sites in the file of sites": ("sites", text(header_only), "no-rows", ("sites.csv", "with its rows")),
    "a key twice": (
        "blocks",
        cell("block_id", "0000A", row=3),
        "duplicate-key",
        ("1 of 12 rows", "row 4: '0000A'", "keep one row for each key"),
    ),
    "people that are no number": (
        "blocks",
        cell("people", "NaN", row=3),
        "not-a-number",
        ("1 of 12 values", "column people", "row 4: 'NaN'", "mend them"),
    ),
    "people left blank": (
        "blocks",
        cell("people", "", row=3),
        "missing-people",
        ("1 of 12 blocks", "row 4", "fill the empty cells"),
    ),
    "people under zero": (
        "blocks",
        of(cell("people", "-5", row=3), cell("older people", "0", row=3)),
        "too-small",
        ("1 of 12 values are under 0", "row 4: -5", "mend them at their source"),
    ),
    "people masked": ("blocks", cell("people", "*", row=3), "missing-people", ("1 of 12 blocks", "masked = 1.5")),
    "nobody at all": (
        "blocks",
        of(cell("people", "0"), cell("older people", "0")),
        "no-people",
        ("nobody lives in the 12 blocks", "name the column"),
    ),
    "more older people than people": (
        "blocks",
        cell("older people", "101", row=0),
        "group-over-people",
        ("1 of 12 blocks", "row 1: 101 of 100", "mend the source"),
    ),
    "degrees declared as metres": (
        "blocks",
        of(cell("x", "-99.05"), cell("y", "19.35")),
        "degrees-in-metres",
        ("12 of 12 coordinates", "EPSG:32614 counts metres", "say in the column file"),
    ),
    "a unit at 0, 0": (
        "units",
        of(cell("x", "0"), cell("y", "0")),
        "zero-coordinates",
        ("1 of 1 points", "units.csv", "find the coordinates"),
    ),
    "a unit in the sea": (
        "units",
        cell("x", "3500000"),
        "outside-crs",
        ("1 of 1 coordinates", "units.csv", "mend the coordinates"),
    ),
    "a site in another state": (
        "sites",
        cell("x", "620000", row=0),
        "far-from-blocks",
        ("1 of 3 places are over 50 km", "row 1: 'a'", "exchanged or wrong coordinates"),
    ),
    "a site without a place": (
        "sites",
        cell("x", "", row=1),
        "no-coordinates",
        ("1 of 3 rows", "row 2", "without_coordinates"),
    ),
    "a status nobody knows": (
        "units",
        cell("operating_status", "weird"),
        "unknown-choice",
        ("operating, suspended, closed, not known", "'weird'", "values.operating_status"),
    ),
}


@pytest.mark.parametrize("case", BUILDS)
def test_a_bad_table_is_told_with_its_number_and_its_mend_and_no_town_is_left(case: str, prompt: Prompt) -> None:
    file, change, code, words = BUILDS[case]
    prompt.build(change={file: change}).must(1, f"[{code}]", *words)
    assert prompt.leavings() == []


@pytest.mark.parametrize("change", [with_mark, from_a_spreadsheet], ids=["byte order mark", "spreadsheet"])
def test_a_table_as_spreadsheets_save_it_gives_the_same_town(
    change: Callable[[str], str | bytes], prompt: Prompt, town: Path
) -> None:
    prompt.build(change={"blocks": text(change)}).must(0)
    mine, plain = (pd.read_parquet(folder / "blocks.parquet") for folder in (prompt.town, town))
    pd.testing.assert_frame_equal(mine, plain)


def test_all_faults_of_all_tables_come_at_once(prompt: Prompt) -> None:
    changes = {
        "blocks": cell("people", "", row=3),
        "sites": cell("x", "", row=1),
        "units": cell("operating_status", "weird"),
    }
    said = prompt.build(change=changes).must(1, "[missing-people]", "[no-coordinates]", "[unknown-choice]")
    assert said.err.rstrip().endswith("3 faults")


def test_keys_that_lost_their_zeros_do_not_join_and_the_mend_says_why(prompt: Prompt, tmp_path: Path) -> None:
    import geopandas
    import shapely

    ids = [f"{i:04d}" for i in range(13)]
    squares = [shapely.box(500_160 + 400 * i, 2_139_960, 500_240 + 400 * i, 2_140_040) for i in range(13)]
    geopandas.GeoDataFrame({"block_id": ids}, geometry=squares, crs="EPSG:32614").to_file(tmp_path / "raw-shapes.gpkg")

    def renamed(path: Path) -> None:
        frame = pd.read_csv(path, dtype=str).drop(columns=["x", "y"])
        frame["block_id"] = [str(i) for i in range(len(frame))]
        frame.to_csv(path, index=False)

    said = prompt.build(
        "--shapes", tmp_path / "raw-shapes.gpkg", "--key", "block_id", change={"blocks": renamed}, without=("surroundings",)
    )  # fmt: skip
    said.must(1, "of 12", "zeros", "block_id")
    assert prompt.leavings() == ["raw-shapes.gpkg"]


def test_coordinates_without_a_system_name_every_file_and_the_mend(prompt: Prompt) -> None:
    said = prompt.build(crs=None).must(1, "[no-crs]", "blocks.csv", "sites.csv", 'crs = "EPSG:4326"')
    assert said.err.count("[no-crs]") == 5
    assert prompt.leavings() == []


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        ("EPSG:4326", ("[crs-not-in-metres]", "EPSG:4326 does not measure in metres", "UTM zone", "1 fault")),
        ("EPSG:999999", ("[unknown-crs]", "'EPSG:999999' is no reference system", "EPSG code", "1 fault")),
    ],
)
def test_a_town_without_a_system_in_metres_is_told_that_and_nothing_else(
    crs: str, words: tuple[str, ...], prompt: Prompt
) -> None:
    prompt.build(crs=crs).must(1, *words)
    assert prompt.leavings() == []


def test_a_file_that_is_not_there_is_named(prompt: Prompt) -> None:
    said = prompt("build", "--blocks", prompt.folder / "nowhere.csv", "--into", prompt.town)
    said.must(1, "[no-such-file]", "nowhere.csv", "mend the path")
    assert prompt.leavings() == []


# what is typed after `site TOWN`, the exit code, and what is said
QUESTIONS: dict[str, tuple[list[str], int, tuple[str, ...]]] = {
    "more sites than there are": (
        ["--open", "9"],
        1,
        ("[open-over-sites]", "9 new sites were asked for, and there are 3", "ask for 3 or fewer"),
    ),
    "a number under zero": (["--open", "-1"], 2, ("[negative-open]", "open is -1", "0 or more", "1 fault")),
    "neither number nor budget": ([], 2, ("[no-limit]", "say open=5, budget=")),
    "a budget under the cheapest": (
        ["--budget", "1000", "--forbidden", "c"],
        3,
        ("[budget-below-cheapest]", "100,000,000", "1,000", "raise the budget"),
    ),
    "a budget too small for the number": (
        ["--open", "2", "--budget", "150000000", "--forbidden", "c"],
        3,
        ("[budget-below-number]", "2 sites cost at least 220,000,000", "open fewer sites"),
    ),
    "a budget where a cost is not known": (
        ["--budget", "1000000000"],
        1,
        ("[site-cost-not-known]", "1 of 3", "first: c", "or leave them out (--forbidden"),
    ),
    "a budget that is no number": (["--budget", "nan"], 2, ("[unknown-money]", "600M")),
    "a group the town does not count": (
        ["--open", "1", "--for", "martians"],
        2,
        ("[unknown-group]", "'martians'", "there are: all (Everybody), older people"),
    ),
    "an aim nobody knows": (
        ["--open", "1", "--aim", "make-happy"],
        2,
        ("[unknown-aim]", "'make-happy'", "cover-most (cover most people), least-walk"),
    ),
    "a number for an aim that finds how many": (
        ["--open", "1", "--aim", "cover-all"],
        2,
        ("[number-not-asked]", "open=1 was given", "leave open out"),
    ),
    "a limit without a unit": (["--open", "1", "--within", "15"], 2, ("[unknown-quantity]", "'15'", '"15 min"')),
    "a limit with a decimal comma": (["--open", "1", "--within", "7,5 min"], 2, ("[unknown-quantity]", "a point")),
    "a limit of nothing": (["--open", "1", "--within", "0 min"], 2, ("[bad-limit]", "0 min", "over 0")),
    "a limit of days": (["--open", "1", "--within", "30 h"], 2, ("[bad-limit]", "1800 min", "up to 720 min")),
    "a site forced and forbidden": (
        ["--open", "1", "--forced", "a", "--forbidden", "a"],
        2,
        ("[forced-and-forbidden]", "1 sites", "first: a", "one of the two"),
    ),
    "forced and forbidden among other faults": (
        [
            "--open",
            "9",
            "--forced",
            "a",
            "--forbidden",
            "a",
        ],
        1,
        ("[forced-and-forbidden]", "first: a", "[open-over-sites]", "there are 2", "2 faults"),
    ),
    "a forced site nobody knows": (
        ["--open", "1", "--forced", "zzz"],
        1,
        ("[unknown-site]", "1 forced sites", "first: zzz", "sites.parquet"),
    ),
    "every site forbidden": (
        ["--open", "1", "--forbidden", "a", "--forbidden", "b", "--forbidden", "c"],
        1,
        ("[no-candidates]", "lift a ban"),
    ),
    "more forced than open": (
        ["--open", "1", "--forced", "a", "--forced", "b"],
        1,
        ("[forced-over-open]", "2 sites are forced, and only 1", "open 2 or more"),
    ),
    "need where no indicator is": (["--open", "1", "--weigh-by", "need"], 1, ("[no-need-index]", "add indicators")),
    "a walker nobody knows": (["--open", "1", "--walker", "horse"], 2, ("[unknown-walker]", "wheelchair (", "pram (")),
    "a search time without a unit": (["--open", "1", "--time-limit", "2"], 2, ("[unknown-quantity]", "'2'")),
    "a table of times that is not there": (["--open", "1", "--times", "nowhere.csv"], 1, ("[no-file]", "nowhere.csv")),
}


@pytest.mark.parametrize("case", QUESTIONS)
def test_a_question_that_cannot_be_asked_is_told_and_nothing_is_written(case: str, prompt: Prompt, town: Path) -> None:
    typed, code, words = QUESTIONS[case]
    prompt("site", town, *typed, "--out", prompt.folder / "plan").must(code, *words)
    assert prompt.leavings() == []


@pytest.mark.parametrize("case", ["an aim nobody knows", "a limit of nothing", "more sites than there are"])
def test_a_question_is_refused_before_the_walks_not_after(case: str, prompt: Prompt, town: Path) -> None:
    typed, code, _ = QUESTIONS[case]
    said = prompt("site", town, *typed, "--out", prompt.folder / "plan").must(code)
    assert "walking times" not in said.err


def test_no_new_site_at_all_is_a_plan_of_today(prompt: Prompt, town: Path) -> None:
    said = prompt("site", town, "--open", "0", "--draws", "0", "--out", prompt.folder / "plan", "--json").must(0)
    answer = json.loads(said.out)
    assert (answer["sites"], answer["value"]) == ([], 400)


def test_a_group_may_not_weigh_twice(prompt: Prompt) -> None:
    columns = prompt.folder / "blocks.toml"
    columns.write_text(
        """
[groups."older people"]
formula = "'older people'"
source = "invented"
labels = { es = "mayores", en = "older", fr = "aînés" }
[indicators."old"]
formula = "'older people' / people"
from_group = "older people"
source = "invented"
labels = { es = "mayores", en = "older", fr = "aînés" }
""",
        encoding="utf-8",
    )
    prompt.build("--columns", columns).must(0)
    said = prompt("site", prompt.town, "--open", "1", "--for", "older people", "--weigh-by", "need", "--out", "p")
    said.must(1, "[group-in-index]", "'older people'", "plan for another group")


def test_a_town_without_sites_says_so(prompt: Prompt) -> None:
    prompt.build(without=("sites",)).must(0)
    said = prompt("site", prompt.town, "--open", "1", "--out", prompt.folder / "plan")
    said.must(1, "[no-candidates]", "add candidate sites")


def test_an_island_is_told_as_an_island(prompt: Prompt) -> None:
    far = cell("y", "2146000")
    prompt.build(change={"blocks": far, "surroundings": far}).must(0)
    said = prompt("site", prompt.town, "--open", "1", "--out", prompt.folder / "plan")
    said.must(1, "[all-apart]", "1,150 people", "12 blocks", "same ground")
    assert prompt.leavings() == ["town"]
    reached = json.loads(prompt("reach", prompt.town, "--json").must(0).out)
    assert reached["apart_people"] == 1150
    assert "1,150 personas viven en manzanas sin camino" in prompt("reach", prompt.town, language="es").must(0).out


def test_a_site_on_top_of_a_unit_gains_nothing_and_breaks_nothing(prompt: Prompt) -> None:
    prompt.build(change={"sites": cell("x", "500200", row=0)}).must(0)
    plan = prompt.folder / "plan"
    prompt("site", prompt.town, "--open", "1", "--forced", "a", "--draws", "3", "--out", plan).must(0)
    row = json.loads(prompt("compare", plan, "--by", "all", "--json").must(0).out)["rows"][0]
    assert (row["gain"], row["loss"]) == (0, 0)


def test_a_town_folder_that_is_none_is_told(prompt: Prompt) -> None:
    (prompt.folder / "photos").mkdir()
    for command in ("check", "reach"):
        for folder in (prompt.folder / "nowhere", prompt.folder / "photos"):
            prompt(command, folder).must(1, "[no-town]", str(folder), "town.toml", "utopias build")


def test_a_town_with_a_changed_byte_is_refused_by_name(prompt: Prompt, town: Path) -> None:
    shutil.copytree(town, prompt.town)
    table = prompt.town / "blocks.parquet"
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    for typed in (("check",), ("reach",), ("site", "--open", "1", "--out", prompt.folder / "plan")):
        said = prompt(typed[0], prompt.town, *typed[1:])
        said.must(1, "[file-changed]", "blocks.parquet has been changed", "take the original")
    assert prompt.leavings() == ["town"]


def test_a_town_with_a_missing_table_is_refused_by_name(prompt: Prompt, town: Path) -> None:
    shutil.copytree(town, prompt.town)
    (prompt.town / "sites.parquet").unlink()
    prompt("check", prompt.town).must(1, "[file-missing]", "sites.parquet is missing")
    prompt("reach", prompt.town).must(1, "[file-missing]", "sites.parquet is missing")
    faults = json.loads(prompt("check", prompt.town, "--json").must(1).out)["faults"]
    assert "file-missing" in {fault["code"] for fault in faults}


def test_an_edited_plan_fails_verify_and_is_shown_by_nobody(prompt: Prompt, plan: Path) -> None:
    edited = prompt.folder / "edited"
    shutil.copytree(plan, edited)
    said = json.loads((edited / "plan.json").read_text(encoding="utf-8"))
    (edited / "plan.json").write_text(json.dumps({**said, "value": 5000}), encoding="utf-8")
    checked = prompt("verify", edited).must(1)
    assert "plan.json" in checked.out
    assert "5000" in checked.out
    for typed in (("report", edited, "--to", prompt.folder / "r.html"), ("compare", edited), ("compare", plan, edited)):
        prompt(*typed).must(1, "[file-changed]", "plan.json has been changed", "take the original")
    assert not (prompt.folder / "r.html").exists()


@pytest.mark.parametrize(
    ("name", "content"), [("plan.json", "{"), ("plan.json", "{}"), ("findings.json", "[]"), ("times.parquet", "PAR1")]
)
def test_an_edited_plan_that_was_sealed_anew_breaks_no_command(
    prompt: Prompt, plan: Path, name: str, content: str
) -> None:
    edited = prompt.folder / "edited"
    shutil.copytree(plan, edited)
    (edited / name).write_text(content)
    seal(edited)
    prompt("verify", edited).must(1)
    prompt("compare", edited).must(1, "[malformed]", str(edited), "take the original folder")
    prompt("report", edited, "--to", prompt.folder / "r.html").must(1, "[malformed]")


def test_a_plan_folder_that_is_none_is_told(prompt: Prompt, plan: Path) -> None:
    nowhere = prompt.folder / "nowhere"
    for typed in (("verify", nowhere), ("compare", nowhere), ("compare", plan, nowhere)):
        prompt(*typed).must(1, "[no-plan]", str(nowhere), "--out")
    prompt("verify", plan, "--deep", nowhere).must(1, "[no-town]", str(nowhere))


def test_a_town_changed_after_the_plan_is_told_with_what_changed(prompt: Prompt, plan: Path) -> None:
    prompt.build(change={"blocks": cell("people", "130", row=3)}).must(0)
    prompt("verify", plan).must(0)
    assert "do not use it" in prompt("verify", plan, "--deep", prompt.town).must(1).out
    checks = json.loads(prompt("verify", plan, "--deep", prompt.town, "--json").must(1).out)["checks"]
    broken = {check["code"]: check for check in checks if not check["held"]}
    assert set(broken) == {"town-changed", "town-blocks"}
    assert "people" in broken["town-blocks"]["found"]


def test_a_town_edited_in_place_is_told_with_its_file(prompt: Prompt, plan: Path, town: Path) -> None:
    shutil.copytree(town, prompt.town)
    with (prompt.town / "town.toml").open("a", encoding="utf-8") as file:
        file.write("# a note\n")
    said = prompt("verify", plan, "--deep", prompt.town).must(1)
    assert "town.toml has been changed" in said.out


def test_plans_for_different_people_are_not_compared(prompt: Prompt, plan: Path, town: Path) -> None:
    other = prompt.folder / "older"
    prompt("site", town, "--open", "1", "--for", "older people", "--draws", "0", "--out", other).must(0)
    said = prompt("compare", plan, other).must(1, "[different-demand]", "'all'", "'older people'", "the same group")
    hashes = re.findall(r"demand ([0-9a-f]{12})", said.err)
    assert len(set(hashes)) == 2


def spoiled_times(column: str, change: Callable[[pd.Series], object]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.assign(**{column: change(frame[column])})


TIMES: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], list[str], tuple[str, ...]]] = {
    "an id nobody knows": (
        spoiled_times("from_id", lambda ids: ids.replace("0003A", "9999")),
        [],
        ("[unknown-id]", "1 ids are none of the town's blocks", "'9999'", "make the table from this town"),
    ),
    "ids without their zeros": (
        spoiled_times("from_id", lambda ids: ids.str.lstrip("0")),
        [],
        ("[unknown-id]", "13 ids", "differ only by zeros in front", "as text"),
    ),
    "minutes under zero": (
        spoiled_times("travel_time_s", lambda times: times.mask(np.arange(len(times)) == 2, "-4")),
        [],
        ("[negative-time]", "1 of ", "0000A to b: '-4'", "leave the cell empty"),
    ),
    "no unit": (
        lambda frame: frame.rename(columns={"travel_time_s": "time"}),
        [],
        ("[no-unit]", "minutes or seconds", 'say unit="minutes"'),
    ),
    "a unit nobody knows": (
        lambda frame: frame.rename(columns={"travel_time_s": "time"}),
        ["--times-unit", "moons"],
        ("[unknown-unit]", "'moons'", "minutes"),
    ),
    "a limit past the table": (lambda frame: frame, ["--within", "40 min"], ("[limit-beyond-table]", "ends at 30 min")),
}


@pytest.mark.parametrize("case", TIMES)
def test_a_bad_table_of_times_is_told(case: str, prompt: Prompt, town: Path) -> None:
    change, typed, words = TIMES[case]
    table = prompt.folder / "raw-times.csv"
    prompt("reach", town, "--to", table).must(0)
    change(pd.read_csv(table, dtype=str)).to_csv(table, index=False)
    said = prompt("site", town, "--open", "1", "--times", table, *typed, "--out", prompt.folder / "plan")
    assert said.code in (1, 2)
    said.must(said.code, *words)
    assert prompt.leavings() == ["raw-times.csv"]
