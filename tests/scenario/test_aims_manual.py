"""The page of aims shows the first lines that its commands say, in each language, and its program runs.

After a change: ``python -m tests.scenario.test_aims_manual`` writes the pages anew.
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

PAGE = "aims.md"
SHOWN = re.compile(r"```\n(utopias site [^\n]*)\n```\n\n```text\n(.*?)…\n```", re.DOTALL)
LINES = 7


def said(command: str, folder: Path, language: str) -> str:
    out = io.StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(io.StringIO()):
        assert run(["--language", language, *shlex.split(command)[1:], "--replace"]) == 0
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines()[:LINES])


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("borough")
    u.write_town(u.synthetic_town(), folder / "demo" / "town")
    return folder


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_page_shows_what_its_commands_say(borough: Path, language: str) -> None:
    shown = SHOWN.findall(manual_pages.text(PAGE, language))
    assert len(shown) == 4
    assert [said(command, borough, language) for command, _ in shown] == [output for _, output in shown]


def test_the_program_of_the_page_runs(borough: Path, capsys: pytest.CaptureFixture[str]) -> None:
    programs = [manual_pages.text(PAGE, k).split("```python\n")[1].split("```")[0] for k in manual_pages.LANGUAGES]
    assert programs[0] == programs[1]
    with chdir(borough):
        exec(programs[0], {})
    assert "'aversion': 2, 'kappa': " in capsys.readouterr().out


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_every_aim_of_the_prompt_stands_on_the_page(language: str) -> None:
    from utopias.domain.aim import SOLVED

    named = re.findall(r"^\| `([a-z-]+)` \|", manual_pages.text(PAGE, language), re.MULTILINE)
    assert sorted(named) == sorted(SOLVED)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        u.write_town(u.synthetic_town(), Path(made) / "demo" / "town")

        def printed(page: str, language: str) -> str:
            return SHOWN.sub(lambda m: f"```\n{m[1]}\n```\n\n```text\n{said(m[1], Path(made), language)}…\n```", page)

        manual_pages.rewrite(PAGE, printed)
