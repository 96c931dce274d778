"""Of the surroundings only what is near is kept, and what is not is told with its people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared_data import shared_data
from tests.territory.test_build import blocks_file, build
from utopias.territory.files import read_table
from utopias.territory.gather.shelf import shelf
from utopias.territory.ledger import Note


def kept(folder: Path, within: float) -> tuple[list[str], dict[str, Note]]:
    """Four planned blocks of 100 m end at 400 m; three around begin at 700, 800 and 900 m."""
    around = blocks_file(folder, count=3, name="around.gpkg", first=7)
    notes: list[Note] = []
    town = build(folder, blocks=blocks_file(folder), surroundings=around, surroundings_within=within, notes=notes)
    return town.blocks.ids[~town.blocks.planned].tolist(), {note.code: note for note in notes}


def test_a_block_exactly_so_far_away_is_near(tmp_path: Path) -> None:
    ids, notes = kept(tmp_path, 400.0)
    assert ids == ["0900A7", "0900A8"]
    assert notes["far-surroundings"].count == 1
    assert notes["far-surroundings"].values == {"rows": 3, "km": 0.4, "people": 100.0}


def test_where_all_are_near_nothing_is_told_and_where_none_is_the_town_has_no_surroundings(tmp_path: Path) -> None:
    ids, notes = kept(tmp_path, 500.0)
    assert len(ids) == 3
    assert "far-surroundings" not in notes
    ids, notes = kept(tmp_path, 299.0)
    assert ids == []
    assert notes["far-surroundings"].values["people"] == 300.0


@pytest.mark.real_data
def test_the_citys_list_of_pilares_is_read_with_the_recipes_column_file() -> None:
    table = read_table(shared_data("places/pilares_official_300.csv"), shelf() / "columns" / "pilares.toml", table="places")  # fmt: skip
    assert len(table) == 198  # of 300, those that operate
    assert set(table.frame["kind"]) == {"PILARES"}
