"""The page of sites and services shows what its command says, in each language, and its program runs.

After a change: ``python -m tests.cli.test_equip_manual`` writes the pages anew.
"""

from __future__ import annotations

import io
import re
import shlex
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

import utopias as u
from tests import manual_pages
from utopias.cli.__main__ import run

PAGE = "services.md"
SHOWN = re.compile(r"```\n(utopias equip [^\n]*)\n```\n\n```text\n(.*?)```", re.DOTALL)


def said(command: str, town: Path, language: str) -> str:
    """What the command of the page prints, with the made-up borough in ``town``."""
    with tempfile.TemporaryDirectory() as made:
        words = [str(town) if word == "demo/town" else word for word in shlex.split(command)[1:]]
        folder = words[-1]
        words[-1] = str(Path(made) / "plan")
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            assert run(["--language", language, *words]) == 0
        text = out.getvalue().replace(words[-1], folder)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("borough") / "town"
    u.write_town(u.synthetic_town(), folder)
    return folder


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_page_shows_what_its_command_says(borough: Path, language: str) -> None:
    ((command, output),) = SHOWN.findall(manual_pages.text(PAGE, language))
    assert said(command, borough, language) == output


def test_the_program_of_the_page_runs(borough: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = manual_pages.text(PAGE, "en").split("```python\n")[1].split("```")[0]
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "town").symlink_to(borough)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(program, names)
    plan = names["plan"]
    assert isinstance(plan, u.ModulePlan)
    assert plan.gap < 0.001


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        home = Path(made) / "town"
        u.write_town(u.synthetic_town(), home)
        manual_pages.rewrite(
            PAGE,
            lambda page, language: SHOWN.sub(
                lambda found: found[0].replace(
                    f"```text\n{found[2]}```", f"```text\n{said(found[1], home, language)}```"
                ),
                page,
            ),
        )
