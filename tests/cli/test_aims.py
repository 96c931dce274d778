"""The prompt asks for an aim by its name and terms, tells its value in its own unit, and refuses what makes no sense."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.prompt import Prompt
from utopias.domain.plan import Plan
from utopias.language.words import Words
from utopias.report.first_page import optimality
from utopias.report.telling import Telling


@pytest.mark.parametrize(
    ("language", "unit", "terms"),
    [
        ("en", "equivalent minutes", "Aversion to inequality 2: κ = "),
        ("es", "minutos equivalentes", "Aversión a la desigualdad 2: κ = "),
        ("fr", "minutes équivalentes", "Aversion à l’inégalité 2"),
    ],
)
def test_a_fair_walk_says_its_value_and_terms_in_each_language(
    prompt: Prompt, town: Path, tmp_path: Path, language: str, unit: str, terms: str
) -> None:
    folder = tmp_path / "plan"
    asked = ("site", town, "--aim", "fair-walk", "--aversion", 2, "--open", 1, "--draws", 0, "--out", folder)
    said = prompt(*asked, language=language).must(0)
    assert unit in said.out
    assert terms in said.out
    plan = Plan.load(folder)
    assert plan.terms["aversion"] == 2
    told = optimality(Telling.of(plan, Words(language)))
    assert any(terms in line for line in told.lines)
    prompt("verify", folder, language=language).must(0)


def test_json_carries_the_terms(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    asked = ("site", town, "--aim", "least-poverty", "--severity", 1, "--open", 1, "--draws", 0)
    said = prompt(*asked, "--out", tmp_path / "plan", "--json").must(0)
    assert json.loads(said.out)["terms"] == {"severity": 1}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("--aim", "cover-most", "--severity", 1, "--open", 1), "[unknown-term]"),
        (("--aim", "fair-walk", "--decay", "flat", "--open", 1), "[unknown-term]"),
        (("--aim", "cover-gradually", "--cover-times", 2, "--open", 1), "[unknown-term]"),
        (("--aim", "least-poverty", "--severity", 4, "--open", 1), "[bad-severity]"),
        (("--aim", "cover-gradually", "--decay", "steep", "--open", 1), "[unknown-decay]"),
        (("--aim", "least-cost", "--forbidden", "c"), "[no-value-of-time]"),
        (("--aim", "fair-walk"), "[no-limit]"),
    ],
)
def test_terms_that_make_no_sense_are_refused_with_their_code(
    prompt: Prompt, town: Path, tmp_path: Path, typed: tuple[object, ...], code: str
) -> None:
    said = prompt("site", town, *typed, "--out", tmp_path / "plan").must(2, code)
    assert not (tmp_path / "plan").exists()
    assert said.out == ""
