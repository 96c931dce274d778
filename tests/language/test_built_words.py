"""Everything that may be assumed while a town is built has words in every language, with what they need."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter

import pytest

from utopias.language.words import LANGUAGES, catalogue

TERRITORY = Path(__file__).parents[2] / "utopias" / "territory"


def notes_in_the_code() -> dict[str, set[str]]:
    """Every code given to ``Note(...)`` in the sources of territory, with the names of its values."""
    found: dict[str, set[str]] = {}
    for file in sorted(TERRITORY.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        said = {  # tables made just before the note
            node.targets[0].id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Note":
                values = {word.arg: word.value for word in call.keywords}.get("values")
                table = said.get(values.id) if isinstance(values, ast.Name) else values
                names = {str(key.value) for key in table.keys if isinstance(key, ast.Constant)} if isinstance(table, ast.Dict) else set()  # fmt: skip
                for code in _codes(call.args[0]):
                    found.setdefault(code, {"count", "where"}).update(names)
    return found


def _codes(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _codes(node.body) + _codes(node.orelse)
    assert isinstance(node, ast.Constant), "a code is written where the note is made, so that this test finds it"
    return [str(node.value)]


NOTES = notes_in_the_code()


def test_the_codes_are_found() -> None:
    assert {"spread", "spread-by-surface", "chosen-crs", "matched-column", "masked-counts"} <= set(NOTES)
    assert len(NOTES) >= 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_note_of_building_a_town_has_words_and_the_words_no_other(language: str) -> None:
    worded = {
        key.removeprefix("assumption.built-") for key in catalogue(language) if key.startswith("assumption.built-")
    }
    assert worded == set(NOTES)


@pytest.mark.parametrize("code", NOTES)
def test_a_sentence_asks_only_for_what_its_note_gives(code: str) -> None:
    text = catalogue("es")[f"assumption.built-{code}"][0]
    assert {name for _, name, _, _ in Formatter().parse(text) if name} <= NOTES[code]
