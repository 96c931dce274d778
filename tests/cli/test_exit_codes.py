"""Exit codes that scripts can trust, names that are taken, disks that are full: 0, 1, 2, 3, 130 and nothing lost."""

from __future__ import annotations

import ast
import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import utopias
from tests.cli.prompt import Prompt
from utopias.domain.folders import manifest_faults
from utopias.domain.plan import Plan
from utopias.language.words import LANGUAGES, Words


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_typed_shows_the_commands_and_is_a_wrong_command_line(prompt: Prompt) -> None:
    prompt().must(2, "Usage: utopias", "site", "verify")


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        (["plant"], "plant"),
        (["site", "town", "--opne", "5"], "--opne"),
        (["site", "town", "--open", "five", "--out", "x"], "--open"),
        (["site", "town", "--open", "1", "--draws", "-1", "--out", "x"], "--draws"),
        (["demo", "--people", "10"], "--people"),
        (["check"], "town"),
    ],
)
def test_a_wrong_command_line_is_two(typed: list[str], word: str, prompt: Prompt) -> None:
    prompt(*typed).must(2, word)


@pytest.mark.parametrize("typed", [["--help"], ["site", "--help"], ["--version"]])
def test_asking_for_help_is_zero(typed: list[str], prompt: Prompt) -> None:
    assert prompt(*typed).must(0).out


def test_a_language_we_do_not_speak_is_two_and_lists_those_we_do(prompt: Prompt, town: Path) -> None:
    prompt("check", town, language="xx").must(2, "'xx' is none of es, en, fr")


@pytest.mark.parametrize(("language", "word"), [("es", "sin faltas"), ("en", "no fault"), ("fr", "aucun")])
def test_the_language_may_stand_before_or_after_the_command(
    language: str, word: str, prompt: Prompt, town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from utopias.cli.__main__ import run

    before = prompt("check", town, language=language).must(0).out
    assert run(["check", str(town), f"--language={language}"]) == 0
    assert capsys.readouterr().out == before
    assert word in before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_count_of_faults_and_the_stages_are_in_the_readers_language(
    language: str, prompt: Prompt, town: Path
) -> None:
    words = Words(language)
    said = prompt("site", town, "--open", "9", "--out", prompt.folder / "plan", language=language)
    said.must(1, words.plural("cli.faults", 1), words.say("stage.reading"))


def stages() -> set[str]:
    """Every stage that some room of the package tells, as a text or as a choice of texts."""
    found = set()
    for file in Path(utopias.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                texts = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
                found |= {text for text in texts if name == "progress" and isinstance(text, str)}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stage_of_long_work_has_words(language: str) -> None:
    assert {"reading", "robustness", "plan"} <= stages()
    assert [stage for stage in sorted(stages()) if f"stage.{stage}" not in Words(language)] == []


def test_a_name_that_is_taken_is_refused_before_the_work_and_left_as_it_is(
    prompt: Prompt, town: Path, plan: Path
) -> None:
    before = everything(plan)
    said = prompt("site", town, "--open", "2", "--out", plan).must(1, "[already-there]", str(plan), "--replace")
    assert " s  read" not in said.err, "no stage of the work was begun"
    assert everything(plan) == before


def test_a_plan_is_replaced_when_asked(prompt: Prompt, town: Path) -> None:
    plan = prompt.folder / "plan"
    for number in ("1", "2"):
        prompt("site", town, "--open", number, "--draws", "3", "--out", plan, "--replace").must(0)
    assert len(Plan.load(plan).sites) == 2
    assert prompt.leavings() == ["plan"]


@pytest.mark.parametrize("typed", [[], ["--replace"]], ids=["plain", "replace"])
def test_somebodys_photos_are_never_touched(typed: list[str], prompt: Prompt, town: Path) -> None:
    photos = prompt.folder / "photos"
    photos.mkdir()
    (photos / "report.pdf").write_bytes(b"my own")
    code = "[not-ours]" if typed else "[already-there]"
    prompt("site", town, "--open", "1", "--out", photos, *typed).must(1, code, str(photos))
    prompt("build", "--blocks", "b.csv", "--into", photos, *typed).must(1, code, str(photos))
    prompt("demo", "--into", photos, "--people", "3000").must(1, "[not-ours]", "1 things", "report.pdf", "--into")
    assert everything(photos) == {"report.pdf": b"my own"}


def test_notes_put_into_a_plan_folder_keep_it_from_being_replaced(prompt: Prompt, town: Path) -> None:
    plan = prompt.folder / "plan"
    prompt("site", town, "--open", "1", "--draws", "0", "--out", plan).must(0)
    (plan / "acta.txt").write_text("lo que dijo la asamblea")
    prompt("site", town, "--open", "1", "--out", plan, "--replace").must(1, "[not-ours]", "acta.txt", "move them out")
    assert (plan / "acta.txt").read_text() == "lo que dijo la asamblea"


def test_a_folder_under_a_file_is_refused_before_the_work(prompt: Prompt, town: Path) -> None:
    (prompt.folder / "file").write_text("x")
    said = prompt("site", town, "--open", "1", "--out", prompt.folder / "file" / "plan")
    said.must(1, "[not-a-folder]", "is a file", "choose another name")


def test_a_folder_nobody_may_write_is_refused_before_the_work(
    prompt: Prompt, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access, closed = os.access, prompt.folder  # root may write anywhere, so bits of permission cannot be tried
    monkeypatch.setattr(os, "access", lambda path, *mode: path != closed and access(path, *mode))
    said = prompt("site", town, "--open", "1", "--out", prompt.folder / "plan")
    said.must(1, "[not-writable]", str(prompt.folder), "choose another folder")
    assert " s  read" not in said.err


FULL = OSError(errno.ENOSPC, "No space left on device", "plan.json")
DENIED = OSError(errno.EACCES, "Permission denied", "plan.json")


@pytest.mark.parametrize(
    ("error", "language", "word"),
    [
        (FULL, "es", "No queda espacio en el disco (plan.json: No space left on device)"),
        (FULL, "en", "The disk is full"),
        (FULL, "fr", "Le disque est plein"),
        (DENIED, "es", "Sin permiso para leer o escribir"),
    ],
)
def test_a_full_disk_is_said_in_words_and_leaves_nothing(
    error: OSError, language: str, word: str, prompt: Prompt, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", full)
    prompt("site", town, "--open", "1", "--out", prompt.folder / "plan", language=language).must(1, word)
    assert prompt.leavings() == []


def test_a_disk_that_fills_while_the_finished_plan_is_written_leaves_the_first(
    prompt: Prompt, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Plan.save

    def full(self: Plan, *typed: object, **options: bool) -> Path:
        if self.robustness is not None:
            raise FULL
        return save(self, *typed, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Plan, "save", full)
    plan = prompt.folder / "plan"
    prompt("site", town, "--open", "1", "--draws", "3", "--out", plan).must(1, "The disk is full", "still there")
    monkeypatch.undo()
    prompt("verify", plan).must(0)
    assert Plan.load(plan).robustness is None


def test_a_fault_of_ours_is_said_as_ours_and_its_trace_goes_to_a_file(
    prompt: Prompt, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    import utopias.scenario.answer as answer

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("two and two are five")

    monkeypatch.setattr(tempfile, "tempdir", str(prompt.folder))
    monkeypatch.setattr(answer, "solve", broken)
    said = prompt("site", town, "--open", "1", "--out", prompt.folder / "plan", language="es")
    said.must(1, "falla del programa, no de sus datos", "two and two are five")
    (trace,) = prompt.leavings()
    assert trace in said.err
    assert "Traceback" in (prompt.folder / trace).read_text()


def test_a_report_of_no_known_kind_is_refused_before_any_is_written(prompt: Prompt, plan: Path) -> None:
    good, bad = prompt.folder / "r.html", prompt.folder / "r.docx"
    said = prompt("report", plan, "--to", good, "--to", bad)
    said.must(2, "[unknown-report]", "1 of 2", ".pdf, .html, .gpkg", "r.docx")
    assert prompt.leavings() == []


def test_a_report_where_a_folder_stands_is_refused(prompt: Prompt, plan: Path) -> None:
    (prompt.folder / "r.html").mkdir()
    prompt("report", plan, "--to", prompt.folder / "r.html").must(1, "[not-a-file]", "name a file in it")


def test_a_report_makes_the_folder_it_is_to_stand_in(prompt: Prompt, plan: Path) -> None:
    to = prompt.folder / "for the council" / "november" / "r.html"
    prompt("report", plan, "--to", to).must(0)
    assert "Lote B" in to.read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_leaves_the_old_one(
    prompt: Prompt, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = prompt.folder / "r.html"
    to.write_text("the old report")

    def full(*_: object) -> None:
        raise FULL

    monkeypatch.setattr(os, "replace", full)
    prompt("report", plan, "--to", to).must(1, "The disk is full")
    assert to.read_text() == "the old report"
    assert prompt.leavings() == ["r.html"]


def test_reach_refuses_a_kind_of_table_it_cannot_write_before_the_walks(prompt: Prompt, town: Path) -> None:
    said = prompt("reach", town, "--to", prompt.folder / "t.xlsx").must(2, "[unknown-ending]", ".parquet nor .csv")
    assert "walking" not in said.err


@pytest.mark.parametrize("typed", [["--within", "0 min"], ["--within", "15"]])
def test_reach_refuses_a_limit_of_nothing_or_without_unit(typed: list[str], prompt: Prompt, town: Path) -> None:
    prompt("reach", town, *typed).must(2, "15 min")


def test_compare_by_what_nobody_knows_lists_the_ways(prompt: Prompt, plan: Path) -> None:
    prompt("compare", plan, "--by", "luck").must(2, "[unknown-part]", "need, group, area, all")


def test_the_demo_twice_into_one_folder_is_the_same_demo(prompt: Prompt) -> None:
    demo = prompt.folder / "demo"
    typed = ("demo", "--into", demo, "--people", "7000", "--draws", "5")
    first, second = prompt(*typed).must(0), prompt(*typed).must(0)
    assert [line for line in first.out.splitlines() if " s" not in line] == [
        line for line in second.out.splitlines() if " s" not in line
    ]
    assert {path.name for path in demo.iterdir()} == {
        "town", "plans", "curve", "report.pdf", "report.html", "map.png", "plan.gpkg",
    }  # fmt: skip
    assert manifest_faults(demo / "town") == manifest_faults(demo / "plans" / "more") == []


@pytest.mark.parametrize("typed", [["compare", "--by", "all"], ["verify"]])
def test_a_reader_who_leaves_early_changes_no_exit_code_and_sees_no_trace(typed: list[str], plan: Path) -> None:
    command = [sys.executable, "-m", "utopias.cli", typed[0], str(plan), *typed[1:]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        err = running.stderr.read()
        assert running.wait(60) == 0, err
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--after-dark", "0.5"], ("[bad-after-dark]", "1 is daylight")),
        (["--after-dark", "nan", "--way-home"], ("[bad-after-dark]",)),
        (["--slope", "steep"], ("[unknown-slope]", "tobler, naismith")),
        (["--walker", "horse"], ("[unknown-walker]", "older person")),
        (["--speed", "4"], ("[unknown-quantity]", "km/h")),
    ],
)
@pytest.mark.parametrize("command", ["reach", "site"])
def test_a_way_of_walking_that_is_none_is_refused(command: str, typed: list[str], said: tuple[str, ...], prompt: Prompt, town: Path) -> None:  # fmt: skip
    if command == "site":
        typed = [word for word in typed if word != "--way-home"] + ["--open", "1", "--out", str(prompt.folder / "none")]
    prompt(command, town, *typed).must(2, *said)
    assert not (prompt.folder / "none").exists()


def test_the_way_home_after_dark_is_told_with_its_sweep_and_what_is_not_known(prompt: Prompt, town: Path) -> None:
    said = prompt("reach", town, "--walker", "wheelchair", "--after-dark", "2", "--way-home").must(0).out
    assert "kerbs without ramps: 2" in said
    assert "Surroundings after dark" in said
    assert re.search(r"^× 1\.5 ", said, re.MULTILINE)
    assert "the light is not known" in said
    spanish = prompt("reach", town, "--after-dark", "2", language="es").must(0).out
    assert "Entorno después de oscurecer" in spanish
    assert not re.search("safe|segur", said + spanish, re.IGNORECASE)
