"""The column file: every word known or refused, and formulas that are arithmetic and nothing else."""

import re
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import manual_pages
from utopias.domain.errors import TableError
from utopias.territory.column_file import Format, parse_column_file, read_column_file
from utopias.territory.formula import formula
from utopias.territory.known import GAP_M
from utopias.territory.spread import AT_LEAST, BLOCK_LENGTH_M, BLOCK_M2


def codes(text: str) -> tuple[str, ...]:
    with pytest.raises(TableError) as error:
        parse_column_file(text)
    return error.value.codes


def test_a_column_file_says_everything_in_one_text():
    said = parse_column_file(
        """
        crs = "EPSG:4326"
        [format]
        decimal = ","
        masked = { "*" = 1.5, "**" = 0 }
        pad = { block_id = 13 }
        [columns]
        block_id = "CVEGEO"
        people = ["HOMBRES", "MUJERES"]
        [groups]
        "older people" = "P_60YMAS"
        [fixed]
        planned = true
        [source]
        name = "Censo"
        licence = "libre uso"
        """
    )
    assert said.format.crs == "EPSG:4326"
    assert said.format.decimal == ","
    assert said.format.masked == {"*": 1.5, "**": 0}
    assert said.columns == {"block_id": ("CVEGEO",), "people": ("HOMBRES", "MUJERES")}
    assert said.groups["older people"].formula.names == ("P_60YMAS",)
    assert said.fixed == {"planned": True}
    assert said.source is not None
    assert said.source.licence == "libre uso"


@pytest.mark.parametrize(
    "text",
    ["decimals = ','", "[colums]", "[columns]\npeoples = 'a'", "[format]\nseperator = ';'", "[fixed]\nkinds = 'a'",
     "[groups.women]\ncolumn = 'a'\nestimate = true", "[source]\nlicense = 'a'", "[groups]\nall = 'POBTOT'"],
)  # fmt: skip
def test_a_word_misspelt_is_a_fault_and_not_a_word_ignored(text):
    assert codes(text) == ("unknown-key",)


@pytest.mark.parametrize(
    "text",
    ["decimal = 'x'", "masked = -1", "masked = { '*' = 'few' }", "pad = { block_id = 0 }", "repair = 'yes'", "skip = true",
     "x = 'lon'", "without_coordinates = 'drop'", "separator = ';;'", "[columns]\npeople = 5", "[groups]\nwomen = {}",
     "[groups]\nwomen = { column = 'a', formula = 'b' }", "columns = 3", "[values]\nkind = 'a'", "assumed = 'text'",
     "assumed = ['']"],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_a_fault(text):
    assert codes(text) == ("bad-value",)


def test_all_faults_of_a_column_file_come_at_once():
    assert sorted(codes("decimal = 'x'\nwhat = 1\n[groups]\nwomen = { formula = 'f(a)' }")) == [
        "bad-formula",
        "bad-value",
        "unknown-key",
    ]


def test_the_same_thing_said_twice_is_a_fault():
    assert codes("crs = 'a'\n[format]\ncrs = 'b'") == ("said-twice",)
    assert codes("[columns]\nkind = 'a'\n[fixed]\nkind = 'b'") == ("said-twice",)


def test_a_missing_or_broken_column_file_is_told(tmp_path):
    with pytest.raises(TableError) as error:
        read_column_file(tmp_path / "none.toml")
    assert error.value.codes == ("no-such-file",)
    assert codes("people = ") == ("not-toml",)
    (tmp_path / "latin.toml").write_bytes("[columns]\npeople = 'Población'".encode("latin-1"))
    with pytest.raises(TableError) as error:
        read_column_file(tmp_path / "latin.toml")
    assert error.value.codes == ("not-utf-8",)


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "a.b", "a[0]", "a ** b", "lambda: a", "a if b else c", "a and b", "f(a)", "a < b", "3", "", "a +",
     "'a'.upper()", "[a]", "a := 3", "a // b", "True", "1j * a", "a" * 3000, "(" * 500 + "a" + ")" * 500],
)  # fmt: skip
def test_a_formula_that_is_no_arithmetic_on_columns_is_refused(text):
    with pytest.raises(TableError) as error:
        formula(text)
    assert error.value.codes == ("bad-formula",)


def test_a_column_with_blanks_goes_in_quotes():
    made = formula('0.5 * "Población total" + -b / 4')
    assert made.names == ("Población total", "b")
    columns = {"Población total": np.array([2.0, 4.0]), "b": np.array([4.0, 8.0])}
    assert made.value(columns.__getitem__).tolist() == [0.0, 0.0]


@given(
    st.recursive(
        st.sampled_from(["a", "b", "2", "0.25"]),
        lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        max_leaves=12,
    ).filter(lambda text: "a" in text or "b" in text),
    st.floats(-50, 50),
    st.floats(-50, 50),
)
def test_a_formula_is_worth_what_python_says(text, a, b):
    value = formula(text).value({"a": np.array([a]), "b": np.array([b])}.__getitem__)
    assert np.allclose(value, eval(text, {"a": a, "b": b}), rtol=1e-12, atol=1e-12)


IN_EACH_LANGUAGE = pytest.mark.parametrize("language", manual_pages.LANGUAGES)
CONSTANTS = {
    "en": ("over {ha:g} ha", "longer than {length:g} m", "at least {cells} hexagons", "gaps under {gap:g} m closed"),
    "es": (
        "más de {ha:g} ha",
        "más de {length:g} m de largo",
        "al menos {cells} hexágonos",
        "los huecos de menos de {gap:g} m cerrados",
    ),
}


@IN_EACH_LANGUAGE
def test_the_examples_of_the_manual_are_column_files(language: str):
    examples = re.findall(r"```toml\n(.*?)```", manual_pages.text("column-file.md", language), re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        assert parse_column_file(example).columns


@IN_EACH_LANGUAGE
def test_the_manual_names_every_key(language: str):
    page = manual_pages.text("column-file.md", language)
    keys = [*(field.name for field in fields(Format)), "groups", "indicators", "fixed", "values", "only", "leave_out"]
    assert [key for key in keys if not re.search(rf"`\[?{key}[`\].]", page)] == []


@IN_EACH_LANGUAGE
def test_the_constants_of_the_manual_are_those_of_the_code(language: str):
    page = " ".join(manual_pages.text("column-file.md", language).split())
    told = {"ha": BLOCK_M2 / 10_000, "length": BLOCK_LENGTH_M, "cells": AT_LEAST, "gap": GAP_M}
    assert [text for text in CONSTANTS[language] if text.format(**told) not in page] == []
