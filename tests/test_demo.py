"""The demo, whole: the same figures on screen, in print, on the page, in the plan, and in the manual."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pymupdf
import pytest

import utopias as u
from tests import manual_pages
from utopias.cli.__main__ import run
from utopias.cli.plan_screen import show_plan
from utopias.cli.speech import Speech
from utopias.domain.folders import manifest_faults
from utopias.language.words import Words
from utopias.scenario.choosing import question_of

PAGE = "ten-minutes.md"
SHARING = "sharing.md"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder the demo wrote, and what it said on the screen."""
    into = tmp_path_factory.mktemp("demo") / "demo"
    command = [sys.executable, "-m", "utopias.cli.__main__", "--language", "en", "demo", "--into", str(into)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "120"})
    assert done.returncode == 0, done.stderr
    return into, done.stdout


def squeezed(text: str) -> str:
    """Text without white space and soft hyphens, so that a line break hides nothing."""
    return re.sub(r"[\s\u00ad]+", "", text)


def on_the_screen(folder: Path, language: str) -> list[str]:
    """The demo's plan as its last lines show it in a language, without running the demo once more."""
    out = io.StringIO()
    with redirect_stdout(out):
        show_plan(u.Plan.load(folder / "plans" / "more"), Speech(Words(language)))
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_manual_shows_what_the_demo_says(demo: tuple[Path, str], language: str) -> None:
    shown = manual_pages.text(PAGE, language).split("```text\n")[1].split("\n```")[0]
    assert on_the_screen(demo[0], language) == shown.splitlines()


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_manual_shows_how_places_are_shared_out(demo: tuple[Path, str], language: str) -> None:
    fences = re.findall(r"```console\n\$ utopias (share .*)\n((?s:.)*?)\n```", manual_pages.text(SHARING, language))
    assert len(fences) == 2
    for command, shown in fences:
        out, typed = io.StringIO(), shlex.split(command.replace("demo/town", str(demo[0] / "town")))
        with redirect_stdout(out):
            assert run(["--language", language, *typed]) == 0
        # A line of … stands for any number of lines.
        pattern = "\n".join(".*" if line == "…" else re.escape(line) for line in shown.splitlines())
        said = "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines())
        assert re.fullmatch(pattern, said, re.DOTALL), said


def test_the_plan_on_the_screen_is_what_the_demo_ended_with(demo: tuple[Path, str]) -> None:
    said = [line.rstrip() for line in demo[1].splitlines() if not line.startswith("Done in")]
    assert said == on_the_screen(demo[0], "en")


def test_the_demo_ends_with_where_the_manual_goes_on_in_the_readers_language() -> None:
    for language, folder in manual_pages.FOLDERS.items():
        done = Words(language).say("cli.demo.done", seconds="1", folder="demo")
        page = re.search(r"manual/\S+\.md", done)
        assert page is not None
        assert manual_pages.MANUAL.parent / page[0] == folder / "your-city.md"


def test_it_is_the_size_that_was_promised(demo: tuple[Path, str]) -> None:
    from utopias.territory.town_folder import read_town

    town = read_town(demo[0] / "town")
    assert town.planned_people == 1_835_000
    assert 14_000 <= town.blocks.planned.sum() <= 16_000
    assert town.streets is not None
    assert len(town.streets) >= 60_000
    assert len(town.sites) >= 200
    assert town.made_up


def test_screen_print_page_and_plan_hold_the_same_figures(demo: tuple[Path, str]) -> None:
    folder, screen = demo
    words = Words("en")
    found = json.loads((folder / "plans" / "more" / "findings.json").read_text(encoding="utf-8"))
    with pymupdf.open(folder / "report.pdf") as pdf:
        printed = squeezed("".join(page.get_text() for page in pdf))
    page = squeezed((folder / "report.html").read_text(encoding="utf-8"))
    head = found["headline"]
    figures = [head[key] for key in ("people", "before", "after", "gain", "cut_people", "after_low", "after_high")]
    figures += [head["people"] - head["after"]]
    figures += [
        part[key]
        for part in found["groups"]
        for key in ("people", "within_before", "within_after", "gain", "still_out")
    ]
    figures += [site["only_here"] for site in found["sites"]]
    assert len(figures) > 50
    for figure in figures:
        text = words.number(figure)
        assert text in screen, text
        assert text in printed, text
        assert text in page, text


def test_it_verifies_down_to_the_raw_streets(demo: tuple[Path, str]) -> None:
    folder = demo[0]
    found = u.verify(folder / "plans" / "more", deep=folder / "town")
    assert found.holds, [check for check in found.checks if not check.held]
    assert found["town-times"].found["exact"] == 200
    assert manifest_faults(folder / "town") == []


def test_its_gap_is_a_thousandth_at_most_and_robustness_stands_beside(demo: tuple[Path, str]) -> None:
    plan = u.Plan.load(demo[0] / "plans" / "more")
    assert plan.gap <= 0.001
    assert plan.robustness is not None
    assert plan.robustness.draws == 100
    with pymupdf.open(demo[0] / "report.pdf") as pdf:
        first = pdf[0].get_text()
    assert "Optimality" in first
    assert "Robustness" in first


def test_the_questions_that_the_manual_asks_next_are_answered(
    demo: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from utopias.cli.__main__ import run

    asked = manual_pages.text(PAGE, "en").split("## Ask something else")[1].split("```")[1].strip().splitlines()
    assert len(asked) >= 4
    monkeypatch.chdir(demo[0].parent)
    for line in asked:
        words = shlex.split(line.removeprefix(".venv/bin/utopias"))
        quick = ["--draws", "5"] if words[0] == "site" else []  # the command as printed, with fewer draws
        assert run(["--language", "en", *words, *quick]) == 0, capsys.readouterr().err
    assert {"three-more", "four-hundred-million"} <= {path.name for path in demo[0].parent.iterdir()}


@pytest.mark.parametrize("page", ["README.md", "README.es.md"])
def test_the_first_screen_quotes_the_demo(demo: tuple[Path, str], page: str) -> None:
    found = json.loads((demo[0] / "plans" / "more" / "findings.json").read_text(encoding="utf-8"))
    head = found["headline"]
    text = (manual_pages.MANUAL.parent / page).read_text(encoding="utf-8")
    assert Words("en").number(head["people"] - head["before"]) in text
    assert f"{Words('en').of_hundred(head['before'] / head['people'])} " in text


def test_the_manual_says_how_many_sites_are_in_or_out_by_proof(demo: tuple[Path, str]) -> None:
    plan = u.Plan.load(demo[0] / "plans" / "more")
    told = u.explain(question_of(plan), plan)
    inside, outside = sum(one.proven_in for one in told.chosen), sum(one.proven_out for one in told.refused)
    assert (inside, outside) == (len(told.chosen), len(told.refused))
    assert f"all {inside} chosen sites are in and\nall {outside} refused ones" in manual_pages.text("choose.md", "en")
    assert f"los {inside} elegidos están dentro y\nlos {outside} no elegidos" in manual_pages.text("choose.md", "es")


def test_the_report_of_the_demo_has_a_page_to_choose_from_with_the_plan_on_the_curve(demo: tuple[Path, str]) -> None:
    curve = u.TradeOff.load(demo[0] / "curve")
    assert all(point.proven and point.certified for point in curve.points)
    assert curve.points[0].ids == tuple(u.Plan.load(demo[0] / "plans" / "more").site_ids)
    page = (demo[0] / "report.html").read_text(encoding="utf-8")
    assert 'id="figure-curve"' in page
    assert "1 (this plan)" in page
