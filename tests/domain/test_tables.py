"""Declared columns, and all faults at once."""

import numpy as np
import pandas as pd

from utopias.domain.tables import TABLES, columns, faults_of


def test_every_declared_column_has_a_meaning_and_a_known_type() -> None:
    for table in TABLES:
        for column in columns(table):
            assert column.meaning, f"{table}.{column.name}"
            assert column.type in {"key", "reference", "text", "number", "integer", "share", "flag", "choice"}, (
                f"{table}.{column.name}"
            )


def test_a_clean_table_has_no_fault() -> None:
    frame = pd.DataFrame({"block_id": ["0012A", "0013"], "x": [1.0, 2.0], "y": [1.0, 2.0], "people": [3, 4.5]})
    assert faults_of(frame, "blocks", "blocks.csv") == []


def test_all_faults_of_a_table_are_told_at_once_with_count_and_first_row() -> None:
    frame = pd.DataFrame(
        {
            "block_id": ["a", "a", "", "d"],
            "y": [1.0, np.inf, 2.0, 3.0],
            "people": [3, -4, "seven", np.nan],
            "planned": [True, False, "perhaps", True],
            "older people": [1, 2, 3, -1],
        }
    )
    faults = {(f.code, f.where): f for f in faults_of(frame, "blocks", "blocks.csv", extra_counts=("older people",))}
    assert {code for code, _ in faults} == {
        "missing-column", "duplicate-key", "missing-value", "not-a-number", "too-small", "not-a-flag",
    }  # fmt: skip
    repeated = faults["duplicate-key", "column block_id of blocks.csv"]
    assert (repeated.count, repeated.first) == (1, "row 2: 'a'")
    assert faults["missing-value", "column people of blocks.csv"].count == 1
    assert faults["too-small", "column older people of blocks.csv"].first == "row 4: -1"


def test_an_unknown_status_lists_the_known_ones() -> None:
    frame = pd.DataFrame({"place_id": ["a"], "x": [0.0], "y": [0.0], "project_status": ["nearly"]})
    (fault,) = faults_of(frame, "places", "units.csv")
    assert fault.code == "unknown-choice"
    assert "under construction" in fault.what


def test_a_place_may_have_many_modules() -> None:
    frame = pd.DataFrame({"place_id": ["a", "a"], "service": ["pool", "gym"]})
    assert faults_of(frame, "modules", "modules of town") == []
