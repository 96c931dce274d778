"""Schools come into a town as any list does: by their names, with every fault told, and back out of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

import utopias as u
from tests.cli.prompt import Prompt
from tests.toy import SOUTH, WEST

HEAD = "cct,nombre,nivel,matricula,x,y\n"


def rows(*told: str) -> str:
    return HEAD + "".join(f"{one},{WEST + 600},{SOUTH}\n" for one in told)


def written(prompt: Prompt, text: str, columns: str = "") -> list[object]:
    file, said = prompt.folder / "schools.csv", prompt.folder / "schools.toml"
    file.write_text(text, encoding="utf-8")
    said.write_text(columns, encoding="utf-8")
    return ["--schools", file, *(["--schools-columns", said] if columns else [])]


WORDS = '[values.level]\n"Preescolar" = "kindergarten"\n"Primaria" = "primary"\n'


def test_well_known_names_are_found_and_their_words_said(prompt: Prompt) -> None:
    given = written(prompt, rows("09DJN1,Uno,Preescolar,40", "09DPR1,Dos,Primaria,"), WORDS)
    said = prompt.build(*given).must(0)
    assert "2 schools." in said.out
    town = u.read_town(prompt.town)
    assert town.schools is not None
    assert town.schools.ids.tolist() == ["09DJN1", "09DPR1"]
    assert town.schools.table["level"].tolist() == ["kindergarten", "primary"]
    assert town.schools.table["pupils"].isna().tolist() == [False, True], "not known is not 0"
    assert town.schools.role.tolist() == ["school"] * 2
    prompt("check", prompt.town).must(0)
    assert "schools 2" in repr(town)


def test_a_town_built_without_schools_is_the_folder_it_always_was(prompt: Prompt) -> None:
    prompt.build().must(0)
    assert not (prompt.town / "schools.parquet").exists()
    assert u.read_town(prompt.town).schools is None


@pytest.mark.parametrize(
    ("text", "columns", "says"),
    [
        (rows("a,Uno,Preescolar,40"), "", '[values.level] "Preescolar" = "..."'),
        (rows("a,Uno,Primaria,-3"), WORDS, "values are under 0"),
        (rows("a,Uno,Primaria,4", "a,Dos,Primaria,5"), WORDS, "rows repeat a key"),
        (rows("uno,Uno,Primaria,4"), WORDS, "1 ids stand among the units and among the schools"),
        ("cct,nombre,nivel,matricula\na,Uno,Primaria,4\n", WORDS, "has no coordinates"),
        ("cct,nombre,matricula,x,y\na,Uno,4,500600,2140000\n", "", "no column 'level'"),
    ],
)
def test_a_list_of_schools_with_a_fault_is_refused(prompt: Prompt, text: str, columns: str, says: str) -> None:
    prompt.build(*written(prompt, text, columns)).must(1, says)
    assert not Path(prompt.town).exists()
