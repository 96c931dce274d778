"""Every line of a case is said in Spanish too, with the same values; no line is left that no case says."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter

import pytest

from cases.spoken import Taken, say, spanish
from utopias.domain.findings import Assumption
from utopias.domain.sentences import Sentence

CASES = Path(__file__).parents[2] / "cases"


def lines_in_the_code() -> set[str]:
    """The template of every ``Sentence`` that a case makes."""
    calls = [
        call
        for file in sorted(CASES.rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Sentence"
    ]
    assert all(isinstance(call.args[0], ast.Constant) for call in calls), "a template is a literal, so that it is found"
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_line_of_a_case_has_its_spanish_with_the_same_values() -> None:
    lines = lines_in_the_code()
    assert len(lines) > 20
    assert not sorted(lines - set(spanish()))
    assert not [line for line in lines if places(line) != places(spanish()[line])]


def test_no_spanish_line_is_left_that_no_case_says() -> None:
    words = {line for line in spanish() if places(line) or line.startswith(" ")}
    assert not sorted(words - lines_in_the_code())


def test_words_inside_a_line_and_what_was_taken_as_so_are_said_too() -> None:
    line = Sentence("  optimality, within the model: gap {gap:.3%}, {proven}", gap=0.0, proven="proven")
    assert say(line, "es") == "  optimalidad, dentro del modelo: brecha 0.000%, demostrada"
    assert say(line, "en") == str(line)
    taken = Taken(Assumption("built-osm-doors", {"where": "a.osm.pbf", "count": 28}))
    assert "28 gates" in say(Sentence("  {taken}", taken=taken), "en")
    assert "28 puertas o rejas" in say(Sentence("  {taken}", taken=taken), "es")


def test_a_line_without_spanish_words_is_refused() -> None:
    with pytest.raises(LookupError, match="nobody translated"):
        say(Sentence("a line that nobody translated"), "es")
