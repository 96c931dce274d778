"""The page of budget years shows what its commands say, in each language, and its program runs.

After a change: ``python -m tests.cli.test_phase_manual`` writes the pages anew.
"""

from __future__ import annotations

import io
import re
import shlex
import shutil
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

import utopias as u
from tests import manual_pages
from utopias.cli.__main__ import run

PAGE = "phasing.md"
SHOWN = re.compile(r"(utopias phase [^\n]*)\n```\n\n```text\n(.*?)```", re.DOTALL)


def prepare(folder: Path) -> Path:
    """The made-up borough and its plan of five, as the page's first command makes it."""
    u.write_town(u.synthetic_town(), folder / "town")
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert run(["site", str(folder / "town"), "--open", "5", "--draws", "0", "--out", str(folder / "five")]) == 0
    return folder


def said(command: str, folder: Path, language: str) -> str:
    """What the command prints; its folders have the page's names."""
    words = shlex.split(command)[1:]
    written = words[words.index("--out") + 1]
    shutil.rmtree(folder / "written", ignore_errors=True)
    words[1], words[words.index("--out") + 1] = str(folder / "five"), str(folder / "written")
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        assert run(["--language", language, *words]) == 0
    text = out.getvalue().replace(str(folder / "written"), written)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("borough"))


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_page_shows_what_its_command_says(borough: Path, language: str) -> None:
    shown = SHOWN.findall(manual_pages.text(PAGE, language))
    assert len(shown) == 1
    assert said(shown[0][0], borough, language) == shown[0][1]


def test_the_program_of_the_page_runs(borough: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = manual_pages.text(PAGE, "en").split("```python\n")[1].split("```")[0]
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "five").symlink_to(borough / "five")
    monkeypatch.chdir(tmp_path)
    exec(program, {})
    assert u.Phases.load(tmp_path / "plans" / "by-hand").proven


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        home = prepare(Path(made))
        manual_pages.rewrite(
            PAGE,
            lambda page, language: SHOWN.sub(
                lambda found: found[0].replace(f"```text\n{found[2]}", f"```text\n{said(found[1], home, language)}"),
                page,
            ),
        )
