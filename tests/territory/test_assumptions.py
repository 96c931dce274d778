"""What was assumed while a town was built stands in the town, in its folder, and in every plan of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.territory.test_build import DEGREES, blocks_file, build
from tests.toy import toy_town
from utopias.domain.errors import TableError
from utopias.domain.findings import Assumption
from utopias.territory.ledger import Note, assumptions_of
from utopias.territory.town_folder import read_town, write_town
from utopias.territory.town_toml import read_words


def test_a_town_keeps_every_note_it_told(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("CVEGEO,POBTOT,P_60YMAS\n0900A1,7,*\n0900A3,9,*\n")
    notes: list[Note] = []
    town = build(
        tmp_path, notes=notes, blocks=tmp_path / "people.csv", shapes=blocks_file(tmp_path, 5), key="block_id",
        blocks_columns='[format]\nmasked = { "*" = 1.5 }\n[groups]\n"older people" = "P_60YMAS"\n',
    )  # fmt: skip
    assert {f"built-{note.code}" for note in notes} == {one.code for one in town.assumptions}
    said = {one.code: one.values for one in town.assumptions}
    assert said["built-matched-column"] == {
        "where": "people.csv",
        "columns": {"block_id": "CVEGEO", "people": "POBTOT"},
    }
    assert said["built-masked-counts"] == {"where": "people.csv (P_60YMAS)", "count": 2, "marks": {"*": 1.5}}
    assert said["built-unused-shapes"] == {"where": "blocks.gpkg", "count": 3, "shapes": 5, "table": "people.csv"}
    folder = write_town(town, tmp_path / "town")
    assert read_town(folder).assumptions == town.assumptions


def test_what_the_column_file_says_was_assumed_is_told_in_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("block_id,people,lon,lat\na,5,-99.06,19.34\nb,6,-99.061,19.34\n")
    said = 'assumed = ["People of 2010.", "Shares of 2020."]\n' + DEGREES
    town = build(tmp_path, blocks=tmp_path / "points.csv", blocks_columns=said)
    told = [one.values for one in town.assumptions if one.code == "built-said"]
    assert [one["text"] for one in told] == ["People of 2010.", "Shares of 2020."]
    assert {one["where"] for one in told} == {"points.csv"}


def test_a_town_in_degrees_says_in_which_metres_it_is_measured(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("block_id,people,lon,lat\na,5,-99.06,19.34\nb,6,-99.061,19.34\n")
    town = build(tmp_path, crs=None, blocks=tmp_path / "points.csv", blocks_columns=DEGREES)
    chosen = next(one for one in town.assumptions if one.code == "built-chosen-crs")
    assert chosen.values == {"crs": "EPSG:32614", "name": "WGS 84 / UTM zone 14N", "count": 1}


def test_notes_of_many_columns_of_one_file_are_one_assumption() -> None:
    def masked(column: str, n: int) -> Note:
        return Note("masked-counts", "", f"column {column} of a.csv", n, {"marks": {"*": 1.5}})

    (one,) = assumptions_of([masked("P_0A2", 3), masked("Share of all", 4), masked("P_0A2", 1)])
    assert one.values == {"marks": {"*": 1.5}, "where": "a.csv (P_0A2, Share of all)", "count": 8}
    assert len(assumptions_of([Note("no-walking", "", "a.gpkg", 2), Note("no-walking", "", "b.gpkg", 3)])) == 2


def test_notes_on_a_file_that_gives_two_tables_are_not_added_up() -> None:
    """The hexagons of a city may be its units and its lots: 320 and 275 of 323 rows not taken are no 595."""
    units, lots = (Note("rows-not-kept", "", "hexagons.csv", n, {"rows": 323}) for n in (320, 275))
    assert [one.values["count"] for one in assumptions_of([units, lots, units])] == [320, 275]


def test_values_of_every_kind_come_back_from_the_folder(tmp_path: Path) -> None:
    values = {
        "n": 3,
        "x": 0.1,
        "yes": True,
        "text": 'a "b"\n',
        "list": ["a", 1],
        "table": {"a b": {"ñ": 1.5}},
        "no": {},
    }
    town = replace(toy_town(), assumptions=(Assumption("built-spread", values), Assumption("built-filled")))
    assert read_town(write_town(town, tmp_path / "town")).assumptions == town.assumptions


@pytest.mark.parametrize("values", ["2026-11-23", "{ day = 2026-11-23 }", "{ x = [nan] }", "3"])
def test_a_value_that_no_plan_could_carry_is_a_fault(values: str) -> None:
    text = 'format = 1\nname = ""\ncrs = ""\nzone = ""\ncurrency = ""\nmade_up = false\n[[assumptions]]\ncode = "built-x"\n'
    with pytest.raises(TableError) as error:
        read_words(text + f"values = {values}\n")
    assert error.value.codes == ("wrong-type",)


def test_a_shape_of_the_surroundings_is_not_unused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("CVEGEO,POBTOT\n0900A1,7\n0900A2,9\n")
    (tmp_path / "around.csv").write_text("CVEGEO,POBTOT\n0900A3,5\n")
    town = build(
        tmp_path, blocks=tmp_path / "people.csv", surroundings=tmp_path / "around.csv",
        shapes=blocks_file(tmp_path, 5), key="block_id",
    )  # fmt: skip
    unused = [one.values for one in town.assumptions if one.code == "built-unused-shapes"]
    assert unused == [{"where": "blocks.gpkg", "count": 2, "shapes": 5, "table": "people.csv, around.csv"}]
