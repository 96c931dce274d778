"""Schedules and plans of services on paper: the figures of their folders, in every language, on screen and in print."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toy import toy_town
from utopias.cli.__main__ import run
from utopias.domain.budgets import Budgets
from utopias.domain.module_plan import ModulePlan
from utopias.domain.phases import Phases
from utopias.language.words import LANGUAGES, Words
from utopias.report.content import content
from utopias.report.document import write_document
from utopias.report.paper import Cards, Document, Figures, Paragraph, Points, Table
from utopias.report.services import services_document
from utopias.report.years import years_document
from utopias.scenario.answer import Question, answer
from utopias.scenario.equip import EquipQuestion, equip_town
from utopias.scenario.phasing import phase_saved


@pytest.fixture(scope="module")
def schedule() -> Phases:
    plan = answer(toy_town(), Question(open=2, draws=0))
    return phase_saved(plan, Budgets.of("2027-2030", "200M", cost_each="100M"))


@pytest.fixture(scope="module")
def equipped() -> ModulePlan:
    return equip_town(toy_town(), EquipQuestion(services=("pool", "workshops"), open=1, plot_area=20_000.0))


def block_of(document: Document, kind: type) -> object:
    return next(block for section in document.sections for block in section.blocks if isinstance(block, kind))


def test_a_year_is_a_row_with_the_people_of_the_folder(schedule: Phases) -> None:
    words = Words("en")
    table = block_of(years_document(schedule, words), Table)
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["2027", "2028", "2029", "2030"]
    assert schedule.people is not None
    assert [row[4] for row in table.rows] == [words.number(people) for people in schedule.people]


def test_the_drawing_says_each_year_in_words_and_in_figures(schedule: Phases) -> None:
    figures = block_of(years_document(schedule, Words("en")), Figures)
    assert isinstance(figures, Figures)
    (figure,) = figures.figures
    assert schedule.people is not None
    for year, people in zip(schedule.budgets.years, schedule.people, strict=True):
        assert f"{year}: {Words('en').number(people)}" in figure.alt
        assert f">{year}</text>" in figure.svg


def test_the_first_sentence_tells_what_the_years_bring(schedule: Phases) -> None:
    lead = block_of(years_document(schedule, Words("en")), Paragraph)
    document = years_document(schedule, Words("en"))
    said = [block.text for section in document.sections for block in section.blocks if isinstance(block, Paragraph)]
    assert isinstance(lead, Paragraph)
    assert schedule.people is not None
    assert any(Words("en").number(schedule.people[-1]) in text and "2030" in text for text in said)


def test_each_new_unit_is_a_card_with_what_it_offers_and_costs(equipped: ModulePlan) -> None:
    cards = block_of(services_document(equipped, Words("es")), Cards)
    assert isinstance(cards, Cards)
    assert len(cards.cards) == len(equipped.bundles) == 1
    said = dict(cards.cards[0].rows)
    assert "Alberca" in said["Ofrece"] or "Talleres" in said["Ofrece"]
    assert said["Atenciones"] == Words("es").number(float(equipped.persons[equipped.sites[0]].sum()))


def test_what_was_assumed_is_on_both(schedule: Phases, equipped: ModulePlan) -> None:
    for document in (years_document(schedule, Words("es")), services_document(equipped, Words("es"))):
        points = [block for section in document.sections for block in section.blocks if isinstance(block, Points)]
        assert any("Supuesto" in text or "Se supone" in text for block in points for _, text in block.rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_are_printed_and_shown_in_every_language(
    schedule: Phases, equipped: ModulePlan, language: str, tmp_path: Path
) -> None:
    for document in (years_document(schedule, Words(language)), services_document(equipped, Words(language))):
        for name in ("x.pdf", "x.html"):
            assert write_document(document, to=tmp_path / name).stat().st_size > 5_000
        page = (tmp_path / "x.html").read_text(encoding="utf-8")
        assert f'lang="{language}"' in page
        assert page.count("<caption") == page.count("<table")  # every table has its name
        assert page.count('role="img"') == page.count("<desc>")  # and every drawing its words


def test_the_command_takes_their_folders_and_refuses_a_map_of_them(
    schedule: Phases, equipped: ModulePlan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule.save(tmp_path / "years")
    equipped.save(tmp_path / "services")
    for name in ("years", "services"):
        assert run(["--language", "en", "report", str(tmp_path / name), "--to", str(tmp_path / f"{name}.html")]) == 0
        assert (tmp_path / f"{name}.html").exists()
        assert run(["--language", "en", "report", str(tmp_path / name), "--to", str(tmp_path / "m.gpkg")]) == 2
    assert "no map of their own" in capsys.readouterr().err


def test_a_plan_with_rooms_says_on_its_first_page_for_how_many_there_is_room() -> None:
    plan = answer(toy_town(), Question(open=1, draws=0, room_of="pool", participation=(0.5,)))
    first = content(plan, None, Words("es")).sections[0]
    assert plan.flows is not None
    room = Words("es").number(float(plan.flows.persons.sum()))
    said = " ".join(block.text for block in first.blocks if isinstance(block, Paragraph))
    assert f"Cupo de «Alberca»: alcanza para atender a {room} personas a su alcance, si 50% de ellas viene" in said
