"""What a council reads aloud: no "0 lose", no "the 1 units", no table where nothing is known, no sum that puzzles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.report.example import example_plan
from utopias.domain.findings import Source
from utopias.language.values import read_out, say_code
from utopias.language.words import LANGUAGES, Words, catalogue
from utopias.report.first_page import after_sentence, firmness, first_page
from utopias.report.for_whom import who_gains
from utopias.report.money import money
from utopias.report.paper import Paragraph, Table
from utopias.report.telling import Telling
from utopias.report.trust import ten_questions

PLAN = example_plan(side=12)


def spanish(**found: object) -> Telling:
    return Telling.of(PLAN.with_(findings=replace(PLAN.findings, **found)), Words("es"))  # type: ignore[arg-type]


def test_where_nobody_loses_it_is_said_so_and_a_loss_is_a_number() -> None:
    h = PLAN.findings.headline
    assert "nadie pierde" in after_sentence(spanish(headline=replace(h, loss=0.0)))
    assert "4,100 pierden" in after_sentence(spanish(headline=replace(h, loss=4_100.0)))


def test_no_firm_site_is_none_of_them_not_zero_of_them() -> None:
    robust = replace(PLAN.robustness, kept_in=[0] * len(PLAN.sites))  # type: ignore[type-var]
    said = firmness(Telling.of(PLAN.with_(robustness=robust), Words("es"))).lines[1]
    assert said.startswith(f"Ninguno de los {len(PLAN.sites)} sitios")


def test_of_one_site_its_own_draws_are_said() -> None:
    robust = replace(PLAN.robustness, kept_in=[32], draws=50)  # type: ignore[type-var]
    said = firmness(Telling.of(PLAN.with_(robustness=robust), Words("es"))).lines[1]
    assert said.endswith("en 32 de 50 sorteos.")


def test_one_of_a_thing_is_said_in_the_singular() -> None:
    for n, word in ((1, "espacio"), (2, "espacios")):
        said = say_code(Words("es"), "assumption.capacity-usual", {"modules": n, "services": ["pool"]})
        assert said.startswith(f"A {n} {word} que")


def test_one_unit_is_the_unit_in_the_singular() -> None:
    telling = Telling.of(PLAN.with_(fixed=PLAN.fixed[:1]), Words("es"))
    said = " ".join(b.text for s in (first_page(telling, None), who_gains(telling)) for b in s.blocks if isinstance(b, Paragraph))  # fmt: skip
    assert "la unidad que hoy opera" in said
    assert "1 unidades" not in said


def test_one_more_source_is_one() -> None:
    three = [Source(name) for name in ("a.csv", "b.csv", "c.csv")]
    assert "y 1 fuente más" in spanish(sources=three).credit("persons")
    assert "y 2 fuentes más" in spanish(sources=[*three, Source("d.csv")]).credit("persons")


def test_the_heaviest_site_is_named_with_its_number_once() -> None:
    rows = ten_questions(spanish()).blocks[1].rows  # type: ignore[union-attr]
    assert any(row.answer.startswith("El que más pesa es el sitio ") for row in rows)  # type: ignore[union-attr]


def test_costs_of_which_nothing_is_known_are_one_sentence_and_no_table() -> None:
    costs = PLAN.findings.costs
    assert costs is not None
    bare = replace(costs, build=None, equip=None, run=None, staff=None, annual=None, per_site={"L1": None})
    assert [type(b) for b in money(spanish(costs=bare)).blocks] == [Paragraph]
    assert any(isinstance(b, Table) for b in money(spanish(costs=replace(bare, build=costs.build))).blocks)


def test_a_row_that_rounding_puts_one_beside_its_sum_says_why() -> None:
    whole = replace(
        PLAN.findings.groups[0],
        people=1000.0,
        within_before=100.0,
        within_after=300.0,
        gain=200.0,
        loss=0.0,
        still_out=700.0,
    )
    halves = replace(whole, within_before=100.4, gain=200.4, within_after=300.8, still_out=699.2)
    notes = []
    for part in (whole, halves):
        table = next(b for b in who_gains(spanish(groups=[part])).blocks if isinstance(b, Table))
        notes.append(Words("es").say("parts.rounded-note") in table.note)
    assert notes == [False, True]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_and_its_figure_are_written_as_the_language_does(language: str) -> None:
    said = read_out(Words(language), "weights", {"agua": 1.0})
    assert said == ("agua\u00a0: 1" if language == "fr" else "agua: 1")


def test_no_french_line_begins_with_a_sign() -> None:
    forms = [form for entry in catalogue("fr").values() for form in entry]
    assert not [form for form in forms if any(f" {sign}" in form for sign in ":;?!»") or "« " in form]
