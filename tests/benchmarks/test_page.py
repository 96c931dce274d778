"""The manual's tables are what the bench printed: every row, with the bars it has today."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.access import told
from benchmarks.access.rounds import Bar
from benchmarks.access.rows import ROWS

PAGE = Path(__file__).parents[2] / "manual" / "measured.md"


def printed() -> list[list[str]]:
    """The cells of each line of the tables between the marks; CI takes no skip for an answer."""
    block = told.BLOCK.search(PAGE.read_text(encoding="utf-8"))
    assert block is not None
    lines = [line for line in block[0].splitlines() if line.startswith("| ")]
    if not lines:
        pytest.skip("nothing printed yet: python -m benchmarks access --into manual/measured.md")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_row_of_the_bench_stands_in_the_manual() -> None:
    names = [cells[0].strip("`") for cells in printed() if cells[0].startswith("`")]
    assert names == [row.name for row in ROWS]


def test_no_row_of_the_manual_is_broken_or_unequal() -> None:
    assert not [cells for cells in printed() if any(word in cells[-1] for word in ("EQUAL", "ERROR", "not run"))]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_bars_of_the_manual_are_those_of_the_bench(row) -> None:  # type: ignore[no-untyped-def]
    lines, mine = printed(), False
    found = set()
    for cells in lines:
        mine = cells[0] == f"`{row.name}`" or (mine and not cells[0])
        if mine and cells[5]:
            found.add((cells[5].split()[1].rstrip("x"), cells[6].split()[1].rstrip("x")))
    bars = [value for _, value in row.options if isinstance(value, Bar)]
    assert found == {(f"{bar.floor:g}", f"{bar.aim:g}") for bar in bars}


def test_what_is_printed_takes_the_place_of_what_stood_there(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- make bench-access -->\n\nold\n<!-- end -->\nafter\n", encoding="utf-8")
    told.write_into(page, ["head", "", r"| 1 | \g<0> |"])
    assert page.read_text(encoding="utf-8") == (
        "before\n<!-- make bench-access -->\n\nhead\n\n| 1 | \\g<0> |\n\n<!-- end -->\nafter\n"
    )


def test_a_page_without_a_place_for_it_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a page\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="no block"):
        told.write_into(page, ["head"])
