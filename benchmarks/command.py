"""What every bench of this folder does when it is asked: run rows by name, print one table a section, end with a code.

    python -m benchmarks NAME [ROW ...] [--list] [--rounds 3] [--little] [--peers-slow] [--json FILE] [--into PAGE]

Ends with 0 where every bar is kept, 1 where one is missed or a row could not run, 2 where an answer was not equal to
the peer's or the published one (its seconds are then not printed) or a row broke.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import page, told
from benchmarks.process import results
from benchmarks.rounds import ROUNDS
from benchmarks.rows import LITTLE, SLOW, Bench, Row

Say = Callable[[str], None]


def main(bench: Bench, arguments: Sequence[str]) -> int:
    """Run the rows named, or all, and print each as it ends."""
    options = argparse.ArgumentParser(prog=f"python -m benchmarks {bench.name}", description=f"make bench-{bench.name}")
    options.add_argument("rows", nargs="*", metavar="ROW", help="rows by name; none: all")
    options.add_argument("--list", action="store_true", help="print the rows and end")
    options.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds of a ratio")
    options.add_argument("--little", action="store_true", help="small instances: equality alone, no seconds")
    options.add_argument("--peers-slow", action="store_true", help="ask peers that need minutes, too")
    options.add_argument("--json", type=Path, help="write every round here too")
    options.add_argument(
        "--into",
        type=Path,
        help="write what is printed between the marks of this page; rows named alone take the place of theirs",
    )
    asked = options.parse_args(arguments)
    if asked.list:
        widest = max(len(row.name) for row in bench.rows)
        for row in bench.rows:
            print(f"{row.name:<{widest}} {row.what}")
        return 0
    rows = bench.named(asked.rows)
    if asked.little:
        rows = [row for row in rows if LITTLE in (row.variants or {})]
    started = time.perf_counter()
    printed: list[str] = []

    def say(line: str) -> None:
        print(line, flush=True)
        printed.append(line)

    say(told.header(bench))
    variant = LITTLE if asked.little else SLOW if asked.peers_slow else ""
    worst, found = run(bench, rows, say, rounds=1 if asked.little else asked.rounds, variant=variant)
    minutes = (time.perf_counter() - started) / 60
    say(f"\n{len(rows)} rows in {minutes:.1f} of at most {bench.minutes} minutes.")
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    if asked.into is not None:
        page.write_into(bench, asked.into, printed, only=asked.rows)
    return worst


def run(
    bench: Bench, rows: Sequence[Row], say: Say, *, rounds: int, variant: str = ""
) -> tuple[int, list[dict[str, Any]]]:
    """Print section by section; the worst exit code and every result."""
    little = variant == LITTLE
    worst, section = told.KEPT, ""
    kept: list[str] = []
    found: list[dict[str, Any]] = []
    for row, result in results(bench, rows, rounds=rounds, variant=variant):
        if row.section != section:
            _told_notes(kept, say)
            section = row.section
            say(told.section(bench, section))
        for line in told.lines(bench, row, result, little=little):
            say(line)
        kept += told.notes(bench, row, result, little=little)
        worst = max(worst, told.code(result, little=little))
        found.append(result)
    _told_notes(kept, say)
    return worst, found


def _told_notes(kept: list[str], say: Say) -> None:
    """The notes of a section stand under its table."""
    if kept:
        say("")
    for note in kept:
        say(note)
    kept.clear()
