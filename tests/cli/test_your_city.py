"""The page of a planner's first hour runs from top to bottom, and says what the program says.

A fence ``text NAME`` is a file, a fence ``console`` holds commands after ``$`` and what they print (without
the progress lines, which carry seconds). ``python tests/cli/test_your_city.py`` writes the answers anew.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from utopias.cli.__main__ import run

PAGE = Path(__file__).parents[2] / "manual" / "your-city.md"
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


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The page as it would be printed now, and the folder in which its commands ran."""
    folder = tmp_path_factory.mktemp("city")
    return printed(PAGE.read_text(encoding="utf-8"), folder), folder


def test_every_command_of_the_page_prints_what_the_page_shows(walked: tuple[str, Path]) -> None:
    shown, now = PAGE.read_text(encoding="utf-8"), walked[0]
    assert now == shown, "run python tests/cli/test_your_city.py, and read what it wrote"


def test_the_page_shows_real_faults_and_then_a_town_without(walked: tuple[str, Path]) -> None:
    consoles = [body for kind, body in FENCE.findall(walked[0]) if kind == "console"]
    faulty = [body for body in consoles if re.search(r"^\[[a-z-]+\]", body, re.MULTILINE)]
    assert faulty == consoles[1:2]
    assert all(re.search(r"^    mend: ", body, re.MULTILINE) for body in faulty)


def test_the_papers_of_the_page_are_there_and_say_what_was_assumed(walked: tuple[str, Path]) -> None:
    folder = walked[1]
    assert (folder / "one.pdf").read_bytes()[:5] == b"%PDF-"
    assert (folder / "one.gpkg").is_file()
    report = (folder / "one.html").read_text(encoding="utf-8")
    assert "areas larger than a city block were cut into" in report
    assert "the source hides figures (1)" in report


def test_every_other_page_it_names_is_there() -> None:
    links = re.findall(r"\]\(([\w-]+\.md)\)", PAGE.read_text(encoding="utf-8"))
    assert not [link for link in links if not (PAGE.parent / link).is_file()]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        PAGE.write_text(printed(PAGE.read_text(encoding="utf-8"), Path(made)), encoding="utf-8", newline="\n")
