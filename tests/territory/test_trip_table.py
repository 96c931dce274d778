"""Counted trips in, chains out: ids matched, every fault at once, what is written can be added up again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.toy import SOUTH, WEST, toy_town
from utopias.domain.errors import ProblemError, TableError
from utopias.domain.places import places
from utopias.domain.town import Town
from utopias.territory.column_file import parse_column_file
from utopias.territory.trip_table import read_trips, write_chains


def taught_town() -> Town:
    """The toy with two schools, at x = 600 and 3,800; the first of 40 pupils."""
    table = pd.DataFrame({"level": ["kindergarten", "primary"], "pupils": [40.0, 90.0]})
    schools = places(["007", "E2"], [WEST + 600, WEST + 3800], [SOUTH, SOUTH], role="school", table=table)
    return replace(toy_town(), schools=schools)


def file(tmp_path: Path, text: str, name: str = "trips.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_counted_trips_are_matched_by_their_ids_zeros_and_all(tmp_path: Path) -> None:
    town = taught_town()
    found = read_trips(file(tmp_path, "school_id,block_id,children\nE2,0003A,2.5\n007,0000A,4\n"), town)
    assert (found.school.tolist(), found.home.tolist(), found.persons.tolist()) == ([1, 0], [3, 0], [2.5, 4.0])
    assert (found.how, found.estimated) == ("declared", False)
    said = parse_column_file('[columns]\nschool_id = "cct"\nblock_id = "manzana"\nchildren = "alumnos"\n')
    other = read_trips(file(tmp_path, "cct,manzana,alumnos\n007,0000A,4\n", "other.csv"), town, columns_file=said)
    assert other.persons.tolist() == [4.0]


def test_every_fault_of_the_trips_is_told_at_once(tmp_path: Path) -> None:
    rows = "school_id,block_id,children\n7,0000A,1\n007,nowhere,1\n007,0001A,-2\n007,0002A,\n007,0003A,3\n007,0003A,4\n"
    with pytest.raises(TableError) as refusal:
        read_trips(file(tmp_path, rows), taught_town())
    told = {fault.code: fault for fault in refusal.value.faults}
    assert sorted(refusal.value.codes) == ["duplicate-pair", "missing-value", "too-small", "unknown-id", "unknown-id"]
    assert told["duplicate-pair"].first == "row 6: '007'"
    assert [fault.first for fault in refusal.value.faults if fault.code == "unknown-id"] == [
        "row 1: '7'",
        "row 2: 'nowhere'",
    ]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("school_id,block_id\n007,0000A\n", "missing-column"),
        ("school_id,block_id,children\n007,0000A,many\n", "not-a-number"),
        ("", "empty-file"),
    ],
)
def test_a_table_that_is_no_table_of_trips_is_refused(tmp_path: Path, rows: str, code: str) -> None:
    with pytest.raises(TableError) as refusal:
        read_trips(file(tmp_path, rows), taught_town())
    assert code in refusal.value.codes


def test_a_town_built_without_schools_has_no_trips_to_read(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as refusal:
        read_trips(file(tmp_path, "school_id,block_id,children\n007,0000A,4\n"), toy_town())
    assert refusal.value.codes == ("no-schools",)


def test_what_is_written_holds_each_trip_once_and_leaves_empty_what_is_not_known(tmp_path: Path) -> None:
    trips = read_trips(
        file(tmp_path, "school_id,block_id,children\n007,0000A,4\nE2,0003A,2\nE2,0004A,0\n"), taught_town()
    )
    three = np.array([True, False, True])
    for name in ("chains.csv", "chains.parquet"):
        to = write_chains(
            trips, unit=np.array(["uno", "", "uno"], dtype=object), persons=np.array([8.0, 3.0, 0.0]),
            direct=np.array([600, -1, 0]), walk=np.array([900, -1, 0]), extra=np.array([300, -1, 0]),
            home_in_time=three, on_the_way=three, unit_near_home=~three, to=tmp_path / name,
        )  # fmt: skip
        back = pd.read_csv(to, dtype={"school_id": str}) if to.suffix == ".csv" else pd.read_parquet(to)
        assert back["school_id"].tolist() == ["007", "E2"], "a trip of nobody is not a trip"
        assert back["extra_min"].iloc[0] == 0.5
        assert np.isnan(back["walk_min"].iloc[1])
        assert back["on_the_way"].tolist() == [True, False]
    with pytest.raises(TableError):
        write_chains(trips, unit=three, persons=three, direct=three, walk=three, extra=three, home_in_time=three, on_the_way=three, unit_near_home=three, to=tmp_path / "c.xlsx")  # fmt: skip
