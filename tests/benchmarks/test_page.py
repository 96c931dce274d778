"""The manual's tables are what the benches printed: every row, with the bars it has today."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import page as pages
from benchmarks import told
from benchmarks.access.rows import BENCH as ACCESS
from benchmarks.rounds import Bar
from benchmarks.rows import Bench, Row
from benchmarks.siting.rows import BENCH as SITING

PAGE = Path(__file__).parents[2] / "manual" / "measured.md"
BENCHES = (ACCESS, SITING)
each_bench = pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: bench.name)


def printed(bench: Bench) -> list[list[str]]:
    """The cells of each line of the tables between the marks; CI takes no skip for an answer."""
    block = pages.block(bench).search(PAGE.read_text(encoding="utf-8"))
    assert block is not None
    lines = [line for line in block[0].splitlines() if line.startswith("| ")]
    if not lines:
        pytest.skip(f"nothing printed yet: python -m benchmarks {bench.name} --into manual/measured.md")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@each_bench
def test_every_row_of_the_bench_stands_in_the_manual(bench: Bench) -> None:
    names = [cells[0].strip("`") for cells in printed(bench) if cells[0].startswith("`")]
    assert names == [row.name for row in bench.rows]


@each_bench
def test_no_row_of_the_manual_is_broken_or_unequal(bench: Bench) -> None:
    bad = ("EQUAL", "ERROR", "not run")
    assert not [cells for cells in printed(bench) if any(word in cells[-1] for word in bad)]


@pytest.mark.parametrize(
    ("bench", "row"), [pytest.param(bench, row, id=row.name) for bench in BENCHES for row in bench.rows]
)
def test_the_bars_of_the_manual_are_those_of_the_bench(bench: Bench, row: Row) -> None:
    lines, mine = printed(bench), False
    floor, aim = bench.columns.index("bar"), bench.columns.index("aim")
    found, waiting = set(), False
    for cells in lines:
        mine = cells[0] == f"`{row.name}`" or (mine and not cells[0])
        if mine and cells[floor]:
            found.add((number(cells[floor]), number(cells[aim])))
        waiting |= mine and cells[-1].startswith("not there yet")
    bars = [value for _, value in row.options if isinstance(value, Bar)]
    assert waiting or found == {
        (number(told.bar_shown(bar, "", "floor")), number(told.bar_shown(bar, "", "aim"))) for bar in bars
    }


def number(cell: str) -> str:
    """The number of a bar as it is printed; a dash where there is none."""
    return cell.split()[-1 if len(cell.split()) < 2 else 1].rstrip("x")


def test_what_is_printed_takes_the_place_of_what_stood_there(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    other = "<!-- make bench-siting -->\nkept\n<!-- end -->\n"
    page.write_text(f"before\n<!-- make bench-access -->\n\nold\n<!-- end -->\n{other}after\n", encoding="utf-8")
    pages.write_into(ACCESS, page, ["head", "", r"| 1 | \g<0> |"])
    assert page.read_text(encoding="utf-8") == (
        f"before\n<!-- make bench-access -->\n\nhead\n\n| 1 | \\g<0> |\n\n<!-- end -->\n{other}after\n"
    )


def test_rows_that_were_asked_alone_take_the_place_of_theirs_and_say_so(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    first, second, *_ = (row.name for row in SITING.rows)
    head = told.section(SITING, SITING.rows[0].section)
    stood = [
        f"| `{first}` | old |",
        "|  | more |",
        f"| `{second}` | kept |",
        "",
        f"- `{first}`: old.",
        f"- `{second}`: kept.",
    ]
    page.write_text("<!-- make bench-siting -->\n<!-- end -->\n", encoding="utf-8")
    pages.write_into(SITING, page, ["Python of then.", head, *stood, "", "2 rows."], only=())
    pages.write_into(
        SITING, page, ["Python.", head, f"| `{first}` | new |", "", f"- `{first}`: new.", "1 rows."], only=[first]
    )
    lines = page.read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if "old" in line or line == "|  | more |"]
    assert f"| `{first}` | new |" in lines
    assert f"| `{second}` | kept |" in lines
    assert lines.index(f"- `{first}`: new; measured again alone.") + 1 == lines.index(f"- `{second}`: kept.")
    assert "Python of then." in lines
    assert "2 rows." in lines
    assert "Python." not in lines


def test_a_page_without_a_place_for_it_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a page\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="no block"):
        pages.write_into(SITING, page, ["head"])
