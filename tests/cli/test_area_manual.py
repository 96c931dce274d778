"""The page of service areas shows what its commands say, in each language.

After a change: ``python -m tests.cli.test_area_manual`` writes the pages anew.
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
from tests.territory.test_manual import printed as with_columns
from utopias.cli.__main__ import run

PAGE = "service-area.md"
SHOWN = re.compile(r"```\n(utopias area [^\n]*)\n```\n\n```text\n(.*?)```", re.DOTALL)


def said(command: str, town: Path, language: str) -> str:
    """What a command of the page prints, with the made-up borough in ``town``."""
    words = [str(town) if word == "demo/town" else word for word in shlex.split(command)[1:]]
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        assert run(["--language", language, *words]) == 0
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("borough") / "town"
    u.write_town(u.synthetic_town(), folder)
    return folder


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_page_shows_what_its_commands_say(borough: Path, language: str) -> None:
    shown = SHOWN.findall(manual_pages.text(PAGE, language))
    assert len(shown) == 2
    assert [said(command, borough, language) for command, _ in shown] == [output for _, output in shown]


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_page_holds_the_declared_columns(language: str) -> None:
    page = manual_pages.text(PAGE, language)
    assert "| `street_km` |" in page
    assert with_columns(page, language) == page, "run python -m tests.cli.test_area_manual"


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_program_of_the_page_runs(
    borough: Path, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = manual_pages.text(PAGE, language).split("```python\n")[1].split("```")[0]
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "town").symlink_to(borough)
    monkeypatch.chdir(tmp_path)
    exec(program.replace(".plot()", ".area.sum()"), {})
    assert (tmp_path / "areas.gpkg").exists()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        home = Path(made) / "town"
        u.write_town(u.synthetic_town(), home)
        manual_pages.rewrite(
            PAGE,
            lambda page, language: SHOWN.sub(
                lambda found: found[0].replace(f"```text\n{found[2]}", f"```text\n{said(found[1], home, language)}"),
                with_columns(page, language),
            ),
        )
