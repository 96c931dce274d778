"""A broken town folder: every fault is told at once, and says where and how to mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.toy import toy_town
from utopias.domain.errors import Fault, TableError
from utopias.domain.folders import seal, whole_folder
from utopias.domain.town import NeedIndicator
from utopias.territory.check import check_town
from utopias.territory.geoparquet import write_parquet
from utopias.territory.town_folder import read_town, write_town
from utopias.territory.town_tables import DECLARED, TownTables, tables_of
from utopias.territory.town_toml import write_words

Change = Callable[[TownTables], None]


def broken(folder: Path, *changes: Change) -> Path:
    """The toy town's folder with changed tables, sealed as if it were whole."""
    tables = tables_of(toy_town())
    for change in changes:
        change(tables)
    with whole_folder(folder) as beside:
        for name, frame in tables.frames.items():
            geometry = tables.geometry.get(name)
            table = DECLARED[name] if name not in ("blocks", "basemap") else ""
            write_parquet(beside / f"{name}.parquet", frame, table=table, geometry=geometry, crs="EPSG:32614")
        (beside / "town.toml").write_text(write_words(tables.words), encoding="utf-8")
    return folder


def put(table: str, column: str, row: int, value: object) -> Change:
    def change(tables: TownTables) -> None:
        frame = tables.frames[table].copy()
        frame[column] = [value if i == row else old for i, old in enumerate(frame[column].tolist())]
        tables.frames[table] = frame

    return change


def column(table: str, name: str, value: object) -> Change:
    def change(tables: TownTables) -> None:
        tables.frames[table] = tables.frames[table].assign(**{name: value})

    return change


def words(**changes: object) -> Change:
    def change(tables: TownTables) -> None:
        tables.words = replace(tables.words, **changes)  # type: ignore[arg-type]

    return change


CASES: dict[str, tuple[list[Change], str, str]] = {
    "a block of NaN people": ([put("blocks", "people", 2, np.nan)], "missing-value", "row 3"),
    "a block of fewer than no people": ([put("blocks", "people", 2, -1.0)], "too-small", "column people"),
    "two blocks of one key": ([put("blocks", "block_id", 1, "0000A")], "duplicate-key", "'0000A'"),
    "a block without a point": ([put("blocks", "x", 4, np.nan)], "missing-value", "column x of blocks"),
    "nobody in the planned area": ([column("blocks", "people", 0.0), column("blocks", "older people", 0.0)], "no-people", "nobody lives in any of the 12 planned blocks"),
    "no planned block": ([column("blocks", "planned", False)], "no-planned-block", "none of 13 blocks"),
    "a flag that says neither": ([put("blocks", "planned", 0, None)], "missing-value", "rows do not say planned"),
    "more older people than people": ([put("blocks", "older people", 0, 101.0)], "group-over-people", "1 of 13 blocks have more older people than people"),
    "a group of NaN": ([put("blocks", "older people", 3, np.nan)], "missing-value", "column older people"),
    "a group without words": ([column("blocks", "carers", 1.0)], "unknown-group", "columns carers are neither declared"),
    "words without a column": ([words(groups=(*toy_town().groups, replace(toy_town().groups[0], id="women")))], "missing-column", "women: no such column"),
    "an endless indicator": ([put("blocks", "no water", 0, np.inf)], "not-a-number", "column no water"),
    "an indicator from a group not counted": ([words(indicators=(NeedIndicator("no water", {}, from_group="carers"),))], "unknown-group", "'carers'"),
    "an indicator called as a column": ([words(indicators=(*toy_town().indicators, NeedIndicator("people", {})))], "duplicate-key", "rename the indicator"),
    "a system in degrees": ([words(crs="EPSG:4326")], "crs-not-in-metres", "measures in degree"),
    "a system in feet": ([words(crs="EPSG:2263")], "crs-not-in-metres", "US survey foot"),
    "no system at all": ([words(crs="EPSG:0")], "unknown-crs", "not a reference system"),
    "a unit in the sea": ([put("units", "x", 0, 100_000.0)], "far-from-blocks", "1 of 1 places are over 5 km from every block"),
    "a door in the sea": ([lambda t: add_door(t, "uno", 100_000.0)], "door-far-from-place", "'uno'"),
    "a site that is also a unit": ([put("sites", "place_id", 0, "uno")], "duplicate-key", "ids are also in units.parquet"),
    "a school that is also a unit": ([lambda t: add_school(t, "uno")], "duplicate-key", "column place_id of schools.parquet"),
    "a school of no level": ([lambda t: add_school(t, "e1", level="evening")], "unknown-choice", "kindergarten, primary, secondary, other"),
    "a school of fewer than no pupils": ([lambda t: add_school(t, "e1", pupils=-3.0)], "too-small", "column pupils of schools.parquet"),
    "a module of no place": ([put("modules", "place_id", 0, "dos")], "unknown-place", "column place_id of modules.parquet"),
    "a door of no place": ([lambda t: add_door(t, "dos", 500_000.0)], "unknown-place", "column place_id of entrances.parquet"),
    "a module of an unknown period": ([put("modules", "per", 0, "fortnight")], "unknown-choice", "hour, day, week"),
    "a share over one": ([put("modules", "substitution", 0, 2.0)], "too-large", "over 1"),
    "an edge to nowhere": ([put("edges", "head", 3, 99)], "unknown-junction", "1 of 12 edges end at a junction that does not exist"),
    "junctions in another order": ([put("junctions", "junction_id", 0, 5)], "out-of-order", "rows do not bear their own number"),
    "an edge of NaN length": ([put("edges", "length_m", 0, np.nan)], "missing-value", "column length_m"),
    "an edge drawn as a point": ([lambda t: as_point(t, "edges")], "other-geometry", "POINT"),
    "a block drawn as a point among outlines": ([lambda t: as_point(t, "blocks")], "other-geometry", "outlines"),
    "a map line that is a point": ([lambda t: add_map(t, "line")], "other-geometry", "the polygon, line or point that layer says"),
    "a map of unknown layers": ([lambda t: add_map(t, "hills")], "unknown-choice", "polygon, line, label"),
    "edges without junctions": ([lambda t: without(t, "junctions")], "missing-file", "junctions.parquet is missing"),
    "no table of facts": ([lambda t: without(t, "facts")], "missing-file", "facts.parquet is missing"),
    "sites without coordinates": ([lambda t: drop(t, "sites", "y")], "missing-column", "no column 'y'"),
}  # fmt: skip


def add_door(tables: TownTables, place: str, x: float) -> None:
    tables.frames["entrances"] = pd.DataFrame({"place_id": [place], "x": [x], "y": [2_140_000.0]})
    tables.geometry["entrances"] = tables.geometry["units"]


def add_school(tables: TownTables, place: str, level: str = "primary", pupils: float = 9.0) -> None:
    spot = {"place_id": [place], "x": [500_000.0], "y": [2_140_000.0]}
    tables.frames["schools"] = pd.DataFrame(spot | {"level": [level], "pupils": [pupils]})
    tables.geometry["schools"] = tables.geometry["units"]


def add_map(tables: TownTables, layer: str) -> None:
    tables.frames["basemap"] = pd.DataFrame({"layer": [layer], "kind": ["rail"], "name": [""]})
    tables.geometry["basemap"] = tables.geometry["units"]


def as_point(tables: TownTables, name: str) -> None:
    tables.geometry[name] = np.concatenate([tables.geometry["units"], tables.geometry[name][1:]])


def without(tables: TownTables, name: str) -> None:
    del tables.frames[name]


def drop(tables: TownTables, table: str, name: str) -> None:
    tables.frames[table] = tables.frames[table].drop(columns=name)


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_told_with_its_place_and_its_mend(case: str, tmp_path: Path) -> None:
    changes, code, says = CASES[case]
    faults = [fault for fault in check_town(broken(tmp_path / "town", *changes)) if fault.code == code]
    assert any(says in str(fault) for fault in faults), [str(fault) for fault in faults]
    assert all(fault.where or fault.mend for fault in faults)


def test_the_toy_town_has_no_fault(tmp_path: Path) -> None:
    assert check_town(broken(tmp_path / "town")) == []


def test_all_faults_of_all_tables_are_told_at_once(tmp_path: Path) -> None:
    changes = [change for changes, code, _ in CASES.values() if code in ("too-small", "unknown-place", "unknown-junction", "unknown-choice", "far-from-blocks") for change in changes]  # fmt: skip
    codes = {fault.code for fault in check_town(broken(tmp_path / "town", *changes))}
    assert {"too-small", "unknown-place", "unknown-junction", "unknown-choice", "far-from-blocks"} <= codes


def test_reading_refuses_what_no_town_can_live_with_and_names_all_of_it(tmp_path: Path) -> None:
    folder = broken(tmp_path / "town", put("blocks", "people", 2, -1.0), put("edges", "head", 3, 99))
    with pytest.raises(TableError) as caught:
        read_town(folder)
    assert set(caught.value.codes) == {"too-small", "unknown-junction"}


def test_a_unit_in_the_sea_is_told_but_the_town_is_read(tmp_path: Path) -> None:
    folder = broken(tmp_path / "town", put("units", "x", 0, 100_000.0))
    assert [fault.code for fault in check_town(folder)] == ["far-from-blocks"]
    assert float(read_town(folder).units.x[0]) == 100_000.0


def test_a_file_in_another_system_is_told(tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    blocks = geopandas.read_parquet(folder / "blocks.parquet")
    blocks.to_crs("EPSG:4326").to_parquet(folder / "blocks.parquet")
    assert {"two-crs", "file-changed"} <= codes_of(check_town(folder))


def test_a_file_cut_short_is_told_beside_the_faults_of_the_others(tmp_path: Path) -> None:
    folder = broken(tmp_path / "town", put("units", "x", 0, 100_000.0))
    path = folder / "edges.parquet"
    path.write_bytes(path.read_bytes()[:500])
    faults = check_town(folder)
    assert {"unreadable", "file-changed", "far-from-blocks"} <= codes_of(faults)
    assert "edges.parquet cannot be read as a parquet table" in "\n".join(map(str, faults))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"block_id,people\n1,2\n"])
def test_an_empty_or_foreign_file_is_told(content: bytes, tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    (folder / "blocks.parquet").write_bytes(content)
    assert "unreadable" in codes_of(check_town(folder))


def test_a_file_changed_after_it_was_sealed_is_told_and_refused(tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    facts = pd.read_parquet(folder / "facts.parquet")
    pd.concat([facts, pd.DataFrame({"place_id": ["uno"], "attribute": ["hours"], "value": ["9-18"]})]).to_parquet(
        folder / "facts.parquet"
    )
    with pytest.raises(TableError) as caught:
        read_town(folder)
    assert "facts.parquet has been changed since it was written" in str(caught.value)


def test_sealing_a_changed_folder_anew_does_not_hide_the_change(tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    pd.read_parquet(folder / "facts.parquet").assign(note="").to_parquet(folder / "facts.parquet")
    seal(folder)
    assert "the hash that town.toml says is not that of the MANIFEST" in "\n".join(map(str, check_town(folder)))


@pytest.mark.parametrize(
    ("said", "code", "says"),
    [
        ("name = ", "unreadable", "town.toml is no TOML"),
        ("format = 1\n", "missing-key", "crs is not said"),
        ('format = 1\nname = 3\ncrs = ""\nzone = ""\ncurrency = ""\nmade_up = false\n', "wrong-type", "name = 3"),
        ("format = 1\ngroups = 3\n", "wrong-type", "groups is not a list of tables"),
    ],
)
def test_words_that_cannot_be_read_are_told(said: str, code: str, says: str, tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    (folder / "town.toml").write_text(said, encoding="utf-8")
    assert any(fault.code == code and says in str(fault) for fault in check_town(folder))


@pytest.mark.parametrize("name", ["MANIFEST", "town.toml", "blocks.parquet", "modules.parquet", "edges.parquet"])
def test_a_folder_damaged_anywhere_is_told_as_faults_and_never_breaks_the_check(name: str, tmp_path: Path) -> None:
    folder = write_town(toy_town(), tmp_path / "town")
    path, rng = folder / name, np.random.default_rng(7)
    whole = path.read_bytes()
    for _ in range(8):
        damaged = bytearray(whole)
        for at in rng.integers(0, len(whole), 4):
            damaged[at] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(damaged))
        assert check_town(folder) != []
        with pytest.raises(TableError):
            read_town(folder)


def test_a_text_that_is_no_utf_8_inside_a_sealed_table_is_told(tmp_path: Path) -> None:
    folder = broken(tmp_path / "town")
    bad = pa.array([b"uno", b"\xff\xfe"], type=pa.binary()).view(pa.string())
    text = pa.array(["x", "y"])
    pq.write_table(pa.table({"place_id": bad, "attribute": text, "value": text}), folder / "facts.parquet")
    seal(folder)
    (fault,) = [fault for fault in check_town(folder) if fault.code == "unreadable"]
    assert "facts.parquet" in fault.what


def test_what_is_no_town_folder_says_so(tmp_path: Path) -> None:
    (fault,) = check_town(tmp_path / "nothing")
    assert fault.code == "no-town"
    with pytest.raises(TableError) as caught:
        read_town(tmp_path)
    assert "it has no town.toml" in str(caught.value)


def codes_of(faults: list[Fault]) -> set[str]:
    return {fault.code for fault in faults}
