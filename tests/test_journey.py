"""The journey of one datum, the whole way, on the toy town whose right answers are known by hand (tests/toy.py).

A block with 100 people -> demand -> minutes on foot -> a lot -> chosen, with bound and gap, in n of the
draws -> before and after, for whom -> a plan folder, recounted by a program that knows no solver -> a report.
"""

import json
from pathlib import Path

import pytest

import utopias as u
from tests.toy import toy_town, write_toy_files
from utopias.cli.__main__ import run

WALK = "15 min"


def test_the_journey_as_typed_in_a_notebook(tmp_path: Path) -> None:
    town = toy_town()

    walking = u.street_network(town, walker="adult")
    times = u.travel_times(walking, town.blocks, town.units + town.sites + town.providers, within="30 min")
    today = u.people_within(times.to(town.units), town.demand("all"), WALK)
    assert today == 400, "x = 200, 600, 1,000 and the block at exactly 1,200 m"
    assert u.people_within(times.to(town.units), town.demand("older people"), WALK) == 80

    problem = u.Problem.for_town(town, times, demand="all", open=1)
    plan = u.solve(problem, aim="cover-most", within=WALK, seed=7)
    assert plan.site_ids == ["b"], "C reaches more people, but 300 of them live in the surroundings"
    assert (plan.value, plan.bound, plan.proven) == (1000.0, 1000.0, True)
    assert plan.certificate is not None
    assert plan.certificate.holds

    doubt = u.robustness(problem, plan, draws=20, seed=7)
    assert 0 <= doubt.chosen_in[0] <= doubt.kept_in[0] <= doubt.draws == 20

    table = u.compare(problem, plan, by="all")
    row = table.frame.iloc[0]
    assert row["people"] == 1150
    assert (row["within_before"], row["within_after"], row["gain"], row["loss"]) == (400, 1000, 600, 0)
    assert row["still_out"] == 150, "100 at x = 4,200 and 50 without any way"

    found = u.findings(problem, plan, robustness=doubt)
    assert found.headline.apart == 50
    assert found.sites[0].only_here == 600
    assert found.sites[0].displaced == "centro"
    older = next(part for part in found.groups if part.part == "older people")
    assert (older.people, older.within_before, older.within_after) == (230, 80, 200)

    whole = plan.with_(robustness=doubt, findings=found)
    folder = whole.save(tmp_path / "plans" / "one")
    assert u.verify(folder).holds
    u.write_report(u.Plan.load(folder), to=tmp_path / "one.html", language="es")
    assert "Lote B" in (tmp_path / "one.html").read_text(encoding="utf-8")
    u.write_report(plan, table, to=tmp_path / "at-once.html", language="es")  # its findings are found on the way
    assert "Lote B" in (tmp_path / "at-once.html").read_text(encoding="utf-8")


@pytest.fixture
def built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    files = write_toy_files(tmp_path / "raw")
    town = tmp_path / "town"
    arguments = ["build", "--into", str(town), "--name", "Pueblo de juguete", "--crs", "EPSG:32614"]
    for name, path in files.items():
        arguments += [f"--{name}", str(path)]
    assert run(arguments) == 0, capsys.readouterr().err
    return town


def test_the_journey_as_typed_at_a_prompt(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(built)]) == 0
    capsys.readouterr()

    assert run(["reach", str(built), "--on-foot", "--within", "15min", "--json"]) == 0
    groups = {row["group"]: row for row in json.loads(capsys.readouterr().out)["groups"]}
    assert (groups["all"]["people"], groups["all"]["within"]) == (1150, 400)

    plan = tmp_path / "plans" / "one-more"
    assert run(["site", str(built), "--open", "1", "--for", "all", "--draws", "10", "--out", str(plan), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["sites"], said["value"], said["proven"]) == (["b"], 1000, True)

    assert run(["verify", str(plan), "--deep", str(built)]) == 0, capsys.readouterr()
    capsys.readouterr()
    assert run(["compare", str(plan), "--by", "all", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0]["gain"] == 600

    report = tmp_path / "one-more.pdf"
    assert run(["report", str(plan), "--to", str(report), "--language", "es"]) == 0
    assert report.read_bytes()[:5] == b"%PDF-"
