"""What a council asks after the first plan, on the real borough: the page shows what its commands print.

After a change: ``python -m tests.cases.test_iztapalapa_to_choose`` writes the excerpts of both pages anew.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import utopias as u
from cases.iztapalapa.__main__ import build, five_more, write_raw
from cases.iztapalapa.to_choose import COMMANDS, LATER, answer
from tests import manual_pages
from tests.cases.excerpts import anew, excerpts, not_said, other_figures
from tests.shared_data import shared_data
from utopias.domain.phases import Phases
from utopias.domain.plan import Plan
from utopias.scenario.later_people import read_world

PAGE = "iztapalapa.md"


def prepare(folder: Path) -> Path:
    """The town at its finest grain and the plan of five for all, as the case writes them, without draws."""
    data = shared_data("people").parent
    write_raw(data, folder / "raw")
    u.write_town(build("ageb", data, folder / "raw"), folder / "town")
    five_more(u.read_town(folder / "town"), "all", folder / "plans" / "five-more-all", draws=0)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("iztapalapa"))


@pytest.fixture(scope="module")
def said(folder: Path) -> dict[str, str]:
    """What every command prints in Spanish, run in the order of the page."""
    data = shared_data("people").parent
    return {command: answer(command, folder, data, "es") for command in COMMANDS}


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_page_asks_what_the_case_asks(language: str) -> None:
    assert [command for command, _ in excerpts(manual_pages.text(PAGE, language))] == list(COMMANDS)


@pytest.mark.real_data
def test_the_spanish_page_shows_what_its_commands_print(said: dict[str, str]) -> None:
    wrong = {
        command: lines
        for command, shown in excerpts(manual_pages.text(PAGE, "es"))
        if (lines := not_said(shown, said[command]))
    }
    assert not wrong, "run python -m tests.cases.test_iztapalapa_to_choose, and read what it wrote"


def test_the_english_page_shows_the_same_figures() -> None:
    english, spanish = (excerpts(manual_pages.text(PAGE, language)) for language in ("en", "es"))
    for (command, ours), (_, theirs) in zip(english, spanish, strict=True):
        assert not other_figures(ours, theirs), command


@pytest.mark.real_data
def test_the_plans_of_the_page_recount_and_the_curve_is_proven(said: dict[str, str], folder: Path) -> None:
    need = Plan.load(folder / "plans" / "need")
    assert need.proven
    assert need.weighted_by == "need"
    assert Phases.load(folder / "plans" / "phased").proven
    for name in ("need", "five-more-equipped", "phased"):
        assert "FALLA" not in answer(f"utopias verify iztapalapa/plans/{name}", folder, folder, "es")
    curve = next(text for command, text in said.items() if "trade-off" in command and "report" not in command)
    assert curve.count("lo mismo: demostrado") == 7
    page = (folder / "to-choose.html").read_text(encoding="utf-8")
    assert "figure-curve" in page
    assert "Los ejes no empiezan en cero" in page


@pytest.mark.real_data
def test_the_factors_of_2035_are_those_of_the_projection() -> None:
    """0 to 5 is the band 0-4 and a fifth of 5-9; 6 to 14 four fifths of 5-9 and the band 10-14."""
    table = pd.read_csv(shared_data("people", "conapo_pob_00_14_alcaldias_2024_2035.csv"), encoding="utf-8-sig")
    then, later = (
        table[(table["alcaldia"] == "Iztapalapa") & (table["anio"] == year)].iloc[0] for year in (2024, 2035)
    )

    def small(row: pd.Series) -> float:
        return float(row["pob_00_04"] + row["pob_05_09"] / 5)

    def older(row: pd.Series) -> float:
        return float(row["pob_05_09"] * 4 / 5 + row["pob_10_14"])

    name, factors = read_world(LATER)
    assert name == "2035"
    assert factors["children 0-5"] == pytest.approx(small(later) / small(then), abs=0.005)
    assert factors["children 6-14"] == pytest.approx(older(later) / older(then), abs=0.005)
    for page in (manual_pages.text(PAGE, language) for language in manual_pages.LANGUAGES):
        for value in (small(then), small(later), older(then), older(later)):
            assert f"{value:,.1f}" in page


def _languages(folder: Path) -> Iterator[None]:
    data = shared_data("people").parent
    prepare(folder)
    for language in manual_pages.LANGUAGES:
        page = manual_pages.text(PAGE, language)
        made = anew(page, lambda command, language=language: answer(command, folder, data, language))  # type: ignore[misc]
        manual_pages.path(PAGE, language).write_text(made, encoding="utf-8", newline="\n")
        yield


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        list(_languages(Path(where) / "iztapalapa"))
