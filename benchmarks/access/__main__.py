"""``make bench-access``: access on foot, row by row, beside its peers; what it prints stands in manual/measured.md.

    python -m benchmarks access [ROW ...] [--list] [--rounds 3] [--little] [--json FILE] [--into PAGE]

Ends with 0 where every bar is kept, 1 where one is missed or a row could not run, 2 where an answer was not equal to
the peer's (its seconds are then not printed) or a row broke. Ratios: processor seconds, one thread and one core each,
medians of interleaved rounds. Absolute seconds: wall, two cores.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.access import told
from benchmarks.access.process import results
from benchmarks.access.rounds import ROUNDS
from benchmarks.access.rows import ROWS, Row, named

MOST_MINUTES = 45


def main(arguments: list[str]) -> int:
    """Run the rows named, or all, and print each as it ends."""
    options = argparse.ArgumentParser(prog="python -m benchmarks access", description=(__doc__ or "").splitlines()[0])
    options.add_argument("rows", nargs="*", metavar="ROW", help="rows by name; none: all")
    options.add_argument("--list", action="store_true", help="print the rows and end")
    options.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds of a ratio")
    options.add_argument("--little", action="store_true", help="a small graph: equality alone, no seconds")
    options.add_argument("--json", type=Path, help="write every round here too")
    options.add_argument("--into", type=Path, help="write what is printed between the marks of this page")
    asked = options.parse_args(arguments)
    if asked.list:
        for row in ROWS:
            print(f"{row.name:<16} {row.what}")
        return 0
    rows = named(asked.rows)
    if asked.little:
        rows = [row for row in rows if row.ground]
    started = time.perf_counter()
    printed: list[str] = []

    def say(line: str) -> None:
        print(line, flush=True)
        printed.append(line)

    say(told.header())
    worst, found = run(rows, say, rounds=1 if asked.little else asked.rounds, little=asked.little)
    minutes = (time.perf_counter() - started) / 60
    say(f"\n{len(rows)} rows in {minutes:.1f} of at most {MOST_MINUTES} minutes.")
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    if asked.into is not None:
        told.write_into(asked.into, printed)
    return worst


def run(rows: list[Row], say, *, rounds: int, little: bool) -> tuple[int, list[dict]]:  # type: ignore[no-untyped-def,type-arg]
    """Print section by section; the worst exit code and every result."""
    worst, section, kept, found = told.KEPT, "", [], []
    for row, result in results(rows, rounds=rounds, little=little):
        if row.section != section:
            _told_notes(kept, say)
            section = row.section
            say(told.section(section))
        for line in told.lines(row, result, little=little):
            say(line)
        kept += told.notes(row, result, little=little)
        worst = max(worst, told.code(result) if not little or told.trouble(result) else told.KEPT)
        found.append(result)
    _told_notes(kept, say)
    return worst, found


def _told_notes(kept: list[str], say) -> None:  # type: ignore[no-untyped-def]
    """The notes of a section stand under its table."""
    if kept:
        say("")
    for note in kept:
        say(note)
    kept.clear()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
