"""The page of the manual that a bench writes: all of its block, or the lines of some rows among those that stand there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.rows import Bench
from benchmarks.told import section

ROW = re.compile(r"\| `([^`]+)` \|")
NOTE = re.compile(r"- `([^`]+)`: ")
AGAIN = "measured again alone"


def block(bench: Bench) -> re.Pattern[str]:
    """What stands between the marks of a bench on a page."""
    return re.compile(rf"(<!-- make bench-{bench.name} -->\n).*?(<!-- end -->)", re.DOTALL)


def write_into(bench: Bench, page: Path, printed: Sequence[str], *, only: Sequence[str] = ()) -> None:
    """Put what was printed between the marks of a manual page; of ``only`` these rows, where some were asked alone.

    Raises
    ------
    SystemExit : the page has no such marks.
    """
    text = page.read_text(encoding="utf-8")
    found = block(bench).search(text)
    if not found:
        raise SystemExit(f"{page.name} has no block between <!-- make bench-{bench.name} --> and <!-- end -->")
    stood = found[0].splitlines()[1:-1]
    lines = among(bench, stood, printed) if only and any(ROW.match(line) for line in stood) else printed
    body = "\n".join(lines).strip() + "\n"
    page.write_text(block(bench).sub(lambda marks: f"{marks[1]}\n{body}\n{marks[2]}", text), encoding="utf-8")


def among(bench: Bench, stood: Sequence[str], printed: Sequence[str]) -> list[str]:
    """Head and end as they stood; the rows that were printed now in the place of theirs, and told so."""
    (tables, notes), (new_tables, new_notes) = _parts(stood), _parts(printed)
    told = {name: f"{line.removesuffix('.')}; {AGAIN}." for name, line in new_notes.items()}
    kept = {name: line for name, line in notes.items() if name not in new_tables}
    tables, notes = tables | new_tables, kept | told
    filled = [line for line in stood if line.strip()]
    lines = [filled[0]]
    for name in bench.sections:
        rows = [row.name for row in bench.rows if row.section == name and row.name in tables]
        if rows:
            lines += [section(bench, name), *(line for row in rows for line in tables[row])]
            said = [notes[row] for row in rows if row in notes]
            lines += ["", *said] if said else []
    return [*lines, "", filled[-1]]


def _parts(lines: Sequence[str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Row -> its lines of a table, and row -> its note."""
    tables: dict[str, list[str]] = {}
    notes: dict[str, str] = {}
    last = ""
    for line in lines:
        if row := ROW.match(line):
            last = row[1]
            tables[last] = [line]
        elif last and line.startswith("|  |"):
            tables[last].append(line)
        else:
            last = ""
            if note := NOTE.match(line):
                notes[note[1]] = line
    return tables, notes
