"""Every declared column has its meaning in every language, also inside a fault; a change of the English one is seen."""

from __future__ import annotations

import pytest

from utopias.domain.sentences import Sentence
from utopias.domain.tables import TABLES, Column, columns, markdown_columns, own_columns
from utopias.language.columns import column_words, say_of_column
from utopias.language.sentences import sentence

DECLARED = {f"{table}.{column.name}": column for table in TABLES for column in columns(table)}
OTHERS = ["es", "fr"]


@pytest.mark.parametrize("language", OTHERS)
def test_every_declared_column_has_its_meaning_in_every_language(language: str) -> None:
    told = column_words(language)
    assert not [f"column.{key}: {column.meaning}" for key, column in DECLARED.items() if not told.get(column.meaning)]


@pytest.mark.parametrize("language", OTHERS)
def test_no_meaning_is_left_of_a_column_that_says_something_else_now(language: str) -> None:
    assert set(column_words(language)) <= {column.meaning for column in DECLARED.values()}


@pytest.mark.parametrize("language", OTHERS)
def test_a_meaning_names_the_same_choices_in_every_language(language: str) -> None:
    def named(column: Column, meaning: str) -> set[str]:
        return {choice for choice in column.choices if f"{choice}:" in meaning or f"{choice} :" in meaning}

    odd = [
        key
        for key, column in DECLARED.items()
        if named(column, column.meaning) != named(column, column_words(language)[column.meaning])
    ]
    assert not odd


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_columns_is_printed_whole_in_every_language(table: str, language: str) -> None:
    english = markdown_columns(table).splitlines()
    other = markdown_columns(table, lambda text: say_of_column(text, language)).splitlines()
    assert [row.split(" | ")[0] for row in other[2:]] == [row.split(" | ")[0] for row in english[2:]]
    assert any(" | yes | " in row for row in english) == any(column.required for column in own_columns(table))
    assert not [row for row in other if " | yes | " in row]


def test_a_text_without_words_is_refused_by_its_name() -> None:
    with pytest.raises(LookupError, match="depth of the well"):
        say_of_column("depth of the well", "es")
    assert say_of_column("depth of the well", "en") == "depth of the well"


def test_a_fault_says_the_meaning_of_a_column_in_the_readers_language() -> None:
    fault = Sentence("no column {name!r} ({meaning})", name="area_m2", meaning="area of the plot")
    assert "(superficie del predio)" in sentence(fault, "es")
    assert "(superficie du terrain)" in sentence(fault, "fr")
    assert "(area of the plot)" in sentence(fault, "en")
