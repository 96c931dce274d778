"""The page of a planner's first hour runs from top to bottom, in both its languages, and says what the program says.

A fence ``text NAME`` is a file, a fence ``console`` holds commands after ``$`` and what they print (without
the progress lines, which carry seconds). ``python -m tests.cli.test_your_city`` writes the answers anew.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import manual_pages
from utopias.cli.__main__ import run
from utopias.language.words import Words

PAGE = "your-city.md"
FENCE = re.compile(r"^```(text [\w.]+|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRESS = re.compile(r"^ *\d+\.\d s  .*\n", re.MULTILINE)


def printed(page: str, folder: Path) -> str:
    """The page with every command's answer as the program gives it now, run in ``folder`` in order."""

    def fence(found: re.Match[str]) -> str:
        kind, body = found[1], found[2]
        if kind == "console":
            body = "".join(f"{line}\n{answer(line)}" for line in body.splitlines() if line.startswith("$ "))
        else:
            (folder / kind.removeprefix("text ")).write_text(body, encoding="utf-8")
        return f"```{kind}\n{body}```"

    before = os.environ.copy()
    try:
        with chdir(folder):
            return FENCE.sub(fence, page)
    finally:
        os.environ.clear()
        os.environ.update(before)


def answer(line: str) -> str:
    """What a command of the page prints: its remarks and faults, then its result."""
    program, *arguments = shlex.split(os.path.expandvars(line.removeprefix("$ ")))
    if program == "export":
        os.environ.update([arguments[0].split("=", 1)])
        return ""
    assert program == "utopias"
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        run(arguments)
    said = PROGRESS.sub("", err.getvalue()) + out.getvalue()
    return "".join(f"{row.rstrip()}\n" for row in said.splitlines())


@dataclass(frozen=True)
class Walked:
    """A page as it would be printed now, and the folder in which its commands ran."""

    language: str
    page: str
    folder: Path


@pytest.fixture(scope="module", params=manual_pages.LANGUAGES)
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    folder = tmp_path_factory.mktemp("city")
    return Walked(request.param, printed(manual_pages.text(PAGE, request.param), folder), folder)


def test_every_command_of_the_page_prints_what_the_page_shows(walked: Walked) -> None:
    shown = manual_pages.text(PAGE, walked.language)
    assert walked.page == shown, "run python -m tests.cli.test_your_city, and read what it wrote"


def test_the_page_shows_real_faults_and_then_a_town_without(walked: Walked) -> None:
    mend = Words(walked.language).say("cli.fault.mend")
    consoles = [body for kind, body in FENCE.findall(walked.page) if kind == "console"]
    faulty = [body for body in consoles if re.search(r"^\[[a-z-]+\]", body, re.MULTILINE)]
    assert faulty == consoles[1:2]
    assert all(re.search(rf"^    {mend} ", body, re.MULTILINE) for body in faulty)


ASSUMED = {
    "en": ("one", ["areas larger than a city block were cut into", "the source hides figures (1)"]),
    "es": ("uno", ["áreas más grandes que una manzana se cortaron en", "la fuente oculta cifras (1)"]),
}


def test_the_papers_of_the_page_are_there_and_say_what_was_assumed(walked: Walked) -> None:
    name, assumed = ASSUMED[walked.language]
    assert (walked.folder / f"{name}.pdf").read_bytes()[:5] == b"%PDF-"
    assert (walked.folder / f"{name}.gpkg").is_file()
    report = (walked.folder / f"{name}.html").read_text(encoding="utf-8")
    assert not [words for words in assumed if words not in report]


if __name__ == "__main__":

    def walked_anew(page: str, _: str) -> str:
        with tempfile.TemporaryDirectory() as made:
            return printed(page, Path(made))

    manual_pages.rewrite(PAGE, walked_anew)
