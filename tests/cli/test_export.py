"""``utopias export``: a folder, a map, a parquet file, in the language asked for; a wrong name is told before work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.territory.toy_plan import toy_plan
from utopias.cli.__main__ import run


@pytest.fixture
def plan(tmp_path: Path) -> str:
    return str(toy_plan().save(tmp_path / "plan"))


def test_all_three_ways_out_at_once_in_spanish(plan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [tmp_path / "tablas", tmp_path / "plan.gpkg", tmp_path / "manzanas.parquet"]
    arguments = [part for name in names for part in ("--to", str(name))]
    assert run(["export", plan, *arguments, "--language", "es"]) == 0
    assert all(name.exists() for name in names)
    assert "Tablas de un plan" in (names[0] / "README.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.splitlines() == [f"Escrito: {name}" for name in names]


@pytest.mark.parametrize(
    ("language", "first"), [("es", "\ufeffblock_id,"), ("en", "\ufeffblock_id,"), ("fr", "\ufeffblock_id;")]
)
def test_excel_takes_the_signs_of_the_language(plan: str, tmp_path: Path, language: str, first: str) -> None:
    assert run(["export", plan, "--to", str(tmp_path / "x"), "--excel", "--language", language]) == 0
    assert (tmp_path / "x" / "blocks.csv").read_text(encoding="utf-8").startswith(first)


def test_a_name_that_is_neither_is_refused_before_anything_is_written(
    plan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(["export", plan, "--to", str(tmp_path / "good"), "--to", str(tmp_path / "plan.xlsx"), "--language", "es"])
        == 2
    )
    said = capsys.readouterr().err
    assert "plan.xlsx" in said
    assert "dé el nombre de una carpeta" in said
    assert not (tmp_path / "good").exists()


def test_a_folder_that_is_there_is_kept_without_replace(plan: str, tmp_path: Path) -> None:
    assert run(["export", plan, "--to", str(tmp_path / "x")]) == 0
    assert run(["export", plan, "--to", str(tmp_path / "x")]) == 1
    assert run(["export", plan, "--to", str(tmp_path / "x"), "--replace"]) == 0
