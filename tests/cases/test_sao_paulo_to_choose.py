"""What a council asks after the first plan of São Paulo: the page shows what its commands print.

After a change: ``python -m tests.cases.test_sao_paulo_to_choose`` writes the excerpts of both pages anew.
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

from tests import manual_pages
from tests.cases.excerpts import anew, excerpts, not_said, other_figures
from tests.cli.test_your_city import PROGRESS
from tests.shared_data import shared_data
from utopias.cli.__main__ import run

PAGE = "sao-paulo.md"
ROOT = Path(__file__).parents[2]
FIRST = re.compile(r"^\$ (utopias (?:build|site) .*)$", re.MULTILINE)  # the town and its plan, as the page makes them


def answer(command: str) -> str:
    """What a command prints in the folder where one stands: its result, or its refusal."""
    words = shlex.split(command.replace("$DATA", str(shared_data("sao_paulo", "spo_osm.pbf").parent)))[1:]
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([*words, *(["--replace"] if "--out" in words else [])])
    return out.getvalue() if code == 0 else PROGRESS.sub("", err.getvalue())


def asked(language: str, folder: Path) -> dict[str, str]:
    """Every command of the page's excerpts with its answer, after the town and the plan that the page begins with."""
    page = manual_pages.text(PAGE, language)
    before = os.environ.get("UTOPIAS_LANGUAGE")
    os.environ["UTOPIAS_LANGUAGE"] = language
    try:
        (folder / "cases").symlink_to(ROOT / "cases")
        with chdir(folder):
            for command in FIRST.findall(page)[:2]:
                answer(command)
            return {command: answer(command) for command, _ in excerpts(page)}
    finally:
        del os.environ["UTOPIAS_LANGUAGE"]
        if before is not None:
            os.environ["UTOPIAS_LANGUAGE"] = before


@pytest.mark.real_data
def test_the_spanish_page_shows_what_its_commands_print(tmp_path: Path) -> None:
    said = asked("es", tmp_path)
    shown = excerpts(manual_pages.text(PAGE, "es"))
    assert len(shown) == 9
    wrong = {command: lines for command, those in shown if (lines := not_said(those, said[command]))}
    assert not wrong, "run python -m tests.cases.test_sao_paulo_to_choose, and read what it wrote"
    page = (tmp_path / "sao-paulo" / "to-choose.html").read_text(encoding="utf-8")
    assert "251 personas no tienen camino a ningún sitio" in page


def test_the_english_page_shows_the_same_figures() -> None:
    english, spanish = (excerpts(manual_pages.text(PAGE, language)) for language in ("en", "es"))
    for (command, ours), (_, theirs) in zip(english, spanish, strict=True):
        assert not other_figures(ours, theirs), command


if __name__ == "__main__":

    def made_anew(page: str, language: str) -> str:
        with tempfile.TemporaryDirectory() as where:
            said = asked(language, Path(where))
            return anew(page, said.__getitem__)

    manual_pages.rewrite(PAGE, made_anew)
