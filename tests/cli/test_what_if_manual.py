"""The page of what-ifs shows what its commands say, in each language.

After a change: ``python -m tests.cli.test_what_if_manual`` writes the pages anew.
"""

from __future__ import annotations

import io
import re
import shlex
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

import utopias as u
from tests import manual_pages
from utopias.cli.__main__ import run

PAGE = "what-if.md"
SHOWN = re.compile(r"```\n(utopias what-if [^\n]*)\n```\n\n```text\n(.*?)```", re.DOTALL)


def prepared(folder: Path) -> Path:
    """A folder with ``demo/town`` and the page's own file."""
    u.write_town(u.synthetic_town(), folder / "demo" / "town")
    drawn = manual_pages.text(PAGE, "en").split("```json\n")[1].split("```")[0]
    (folder / "bridge.geojson").write_text(drawn, encoding="utf-8")
    return folder


def said(command: str, folder: Path, language: str) -> str:
    out = io.StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(io.StringIO()):
        assert run(["--language", language, *shlex.split(command)[1:]]) == 0
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory.mktemp("borough"))


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_page_shows_what_its_commands_say(borough: Path, language: str) -> None:
    shown = SHOWN.findall(manual_pages.text(PAGE, language))
    assert len(shown) == 2
    assert [said(command, borough, language) for command, _ in shown] == [output for _, output in shown]


def test_the_program_of_the_page_runs(borough: Path, capsys: pytest.CaptureFixture[str]) -> None:
    programs = [manual_pages.text(PAGE, k).split("```python\n")[1].split("```")[0] for k in manual_pages.LANGUAGES]
    assert programs[0] == programs[1]
    with chdir(borough):
        exec(programs[0], {})
    assert "WhatIf within 15 min" in capsys.readouterr().out


def test_slips_are_refused_in_words(borough: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town = str(borough / "demo" / "town")
    assert run(["--language", "es", "what-if", town, "--add", "S9999", "--remove", "nadie"]) == 1
    told = capsys.readouterr().err
    assert told.count("[unknown-place]") == 2
    assert run(["--language", "es", "what-if", town, "--add", "k@1"]) == 1
    assert "no nombra ningún punto" in capsys.readouterr().err


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        home = prepared(Path(made))
        manual_pages.rewrite(
            PAGE,
            lambda page, language: SHOWN.sub(
                lambda found: found[0].replace(f"```text\n{found[2]}", f"```text\n{said(found[1], home, language)}"),
                page,
            ),
        )
