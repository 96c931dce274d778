"""The notebooks of the manual: they run from top to bottom, are stored without outputs, and say the same in both languages."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="the notebooks need nbclient and ipykernel: pip install -e '.[test]'")

FOLDER = Path(__file__).parents[1] / "manual" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SPANISH = [path for path in NOTEBOOKS if not path.stem.endswith(".en")]
SECONDS = 60  # each, on a machine that is busy


def cells(path: Path, kind: str) -> list[str]:
    read = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in read["cells"] if cell["cell_type"] == kind]


def run(path: Path, folder: Path) -> Any:
    """The notebook with its outputs, executed in ``folder``."""
    from nbclient import NotebookClient

    book = nbformat.read(path, as_version=4)
    NotebookClient(
        book, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    return book


def shown(book: Any) -> list[str]:
    """The HTML of every output that has some."""
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    return ["".join(output["data"]["text/html"]) for output in outputs if "text/html" in output.get("data", {})]


def test_there_are_notebooks() -> None:
    assert [path.name for path in SPANISH] == ["first-plan.ipynb", "your-own-table.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs_in_one_way_of_writing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    book = json.loads(text)
    nbformat.validate(nbformat.reads(text, as_version=4))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
        assert cell["metadata"] == {}
    assert text == json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert not re.search(r"(?<![\w.])/(work|root|home|tmp|Users)/", text)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_link_of_a_notebook_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", "\n".join(cells(path, "markdown")))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", SPANISH, ids=lambda path: path.stem)
def test_the_english_notebook_has_the_same_code(path: Path) -> None:
    spanish, english = cells(path, "code"), cells(path.with_name(f"{path.stem}.en.ipynb"), "code")
    without_words = [re.sub(r'"(comprobaciones; se cumplen todas|checks; all hold):"', '""', code) for code in spanish]
    in_english = [re.sub(r'"(comprobaciones; se cumplen todas|checks; all hold):"', '""', code) for code in english]
    assert [code.replace('"es"', '"en"').replace("LANGUAGE=es", "LANGUAGE=en") for code in without_words] == in_english
    assert len(cells(path, "markdown")) == len(cells(path.with_name(f"{path.stem}.en.ipynb"), "markdown"))


def test_the_first_plan_runs_and_shows_the_town_the_plan_and_what_went_out(tmp_path: Path) -> None:
    began = time.perf_counter()
    book = run(FOLDER / "first-plan.ipynb", tmp_path)
    assert time.perf_counter() - began < SECONDS
    cards = shown(book)
    assert len(cards) == 7
    assert all(
        "UTOPIAS" not in card and "http://" not in card.replace("http://www.w3.org/2000/svg", "") for card in cards
    )
    assert "Alcaldía imaginaria" in cards[0]
    assert "Demostrado dentro del modelo" in cards[4]
    assert "por quintil de necesidad" in cards[5]
    written = {path.name for path in (tmp_path / "salida").rglob("*") if path.is_file()}
    assert {"informe.pdf", "informe.html", "plan.gpkg", "columns.csv", "README.txt", "plan.json"} <= written


def test_your_own_table_runs_refuses_what_lacks_blocks_and_gives_geodataframes(tmp_path: Path) -> None:
    began = time.perf_counter()
    book = run(FOLDER / "your-own-table.ipynb", tmp_path)
    assert time.perf_counter() - began < SECONDS
    printed = "".join(
        output["text"] for cell in book.cells if cell.cell_type == "code" for output in cell.outputs if "text" in output
    )
    assert "[missing-place] 1 of" in printed
    assert "POINT" in shown(book)[-1]
    assert (tmp_path / "salida" / "manzanas.parquet").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path not in SPANISH], ids=lambda path: path.stem)
def test_the_english_notebooks_run_too(path: Path, tmp_path: Path) -> None:
    assert shown(run(path, tmp_path))
