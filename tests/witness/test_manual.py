"""The page for whoever checks a plan without our program: its lines run, in each language, and say what we say."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests import manual_pages
from tests.witness.folders import edit_json, plan_by_hand
from utopias.domain.plan import Certificate
from utopias.witness.verify import verify

PAGE = "verify.md"
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", manual_pages.LANGUAGES)


def thirty_lines(folder: Path, tmp_path: Path, language: str) -> dict[str, tuple[float, float]]:
    """Run the page's own lines on a folder: what each printed line recounts, and what the plan says."""
    code = manual_pages.text(PAGE, language).split("```python\n")[1].split("```")[0]
    script = tmp_path / "recount.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script), str(folder)], capture_output=True, text=True, check=True)
    return {line.split()[0]: tuple(map(float, line.split()[1:])) for line in done.stdout.splitlines()}  # type: ignore[misc]


@IN_EACH_LANGUAGE
def test_the_lines_of_the_page_count_what_the_plan_says(tmp_path: Path, language: str) -> None:
    told = thirty_lines(plan_by_hand().save(tmp_path / "plan"), tmp_path, language)
    assert told == {
        "people": (1100.0, 1100.0),
        "before": (300.0, 300.0),
        "after": (930.0, 930.0),
        "gain": (630.0, 630.0),
        "value": (930.0, 930.0),
        "number": (2.0, 2.0),
        "bound": (930.0, 930.0),
    }


@IN_EACH_LANGUAGE
def test_the_lines_of_the_page_show_an_edit(tmp_path: Path, language: str) -> None:
    folder = plan_by_hand().save(tmp_path / "plan")
    edit_json(folder, "plan.json", "value", value=990.0)
    assert thirty_lines(folder, tmp_path, language)["value"] == (930.0, 990.0)


@IN_EACH_LANGUAGE
def test_without_multipliers_the_page_says_everybody(tmp_path: Path, language: str) -> None:
    plan = plan_by_hand(
        multipliers=np.zeros(0), bound=1060.0, root_bound=1060.0, proven=False, stopped="by hand",
        certificate=Certificate(930.0, 1060.0, {}),
    )  # fmt: skip
    assert thirty_lines(plan.save(tmp_path / "plan"), tmp_path, language)["bound"] == (1060.0, 1060.0)


@IN_EACH_LANGUAGE
def test_the_page_names_every_check_and_no_other(tmp_path: Path, language: str) -> None:
    head = {"en": "| check |", "es": "| comprobación |"}[language]
    table = manual_pages.text(PAGE, language).split(head)[1].split("\n\n")[0]
    named = {
        word for row in table.splitlines()[2:] for word in row.split("|")[1].replace("`", "").replace(",", " ").split()
    }
    run = {check.code for check in verify(plan_by_hand().save(tmp_path / "plan")).checks}
    deep = {"town-changed", "town-blocks", "town-places", "town-apart", "town-times", "malformed"}
    of_land = {"land"}  # where the plan screens its land
    assert named == run | deep | of_land


@pytest.mark.parametrize("words", ["not_recounted", "times-were-given", "proven-by-search", "proven-by-root-bound"])
@IN_EACH_LANGUAGE
def test_the_page_explains_each_reservation(words: str, language: str) -> None:
    assert words in manual_pages.text(PAGE, language)
