"""One process of a bench: the rows of one ground, one after the other, on one core or on all of them.

Started by ``process``; each result is one line of JSON on the pipe that is named. The thread count stands in the
environment before anything is imported; the core is taken here, first of all.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from dataclasses import asdict
from typing import Any


def main(arguments: list[str]) -> int:
    """Answer the rows named and write what was found; a row that breaks is told and the next one runs."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.child")
    options.add_argument("--bench", required=True)
    options.add_argument("--pipe", type=int, required=True)
    options.add_argument("--rounds", type=int, required=True)
    options.add_argument("--ground", default="")
    options.add_argument("--core", type=int, default=None)
    options.add_argument("--variant", default="")
    options.add_argument("rows", nargs="+")
    asked = options.parse_args(arguments)
    if asked.core is not None:
        os.sched_setaffinity(0, {asked.core})

    from benchmarks.rows import bench_of, missing

    bench = bench_of(asked.bench)
    ground: Any = None
    with os.fdopen(asked.pipe, "w", encoding="utf-8") as pipe:
        for row in bench.named(asked.rows):
            try:
                lacking = missing(row)
                if lacking:
                    told = {"row": row.name, "not_yet": ", ".join(lacking)}
                else:
                    if asked.ground and ground is None:
                        ground = bench.ground_of(asked.ground)
                    told = result(bench, row.as_asked(asked.variant), ground, asked.rounds)
            except SystemExit as stopped:  # the data pack is not here
                told = {"row": row.name, "not_run": str(stopped)}
            except Exception as broken:
                traceback.print_exc()
                told = {"row": row.name, "error": f"{type(broken).__name__}: {broken}"}
            print(json.dumps(told), file=pipe, flush=True)
    return 0


def result(bench: Any, row: Any, ground: Any, rounds: int) -> dict[str, Any]:
    """The outcome of a row as plain values, with what the indexes took and the load and memory of the process."""
    from benchmarks.memory import peak

    found = bench.answered(row, ground, rounds)
    return {
        "row": row.name,
        **asdict(found),
        "load": os.getloadavg()[0],
        "peak_mb": peak() / 2**20,
        "made": {**(ground.made if ground is not None else {}), **found.made},
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
