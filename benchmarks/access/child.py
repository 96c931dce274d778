"""One process of the bench: the rows of one ground, one after the other, on one core or on all of them.

Started by ``process``; each result is one line of JSON on the pipe that is named. The thread count stands in the
environment before anything is imported; the core is taken here, first of all.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import traceback
from dataclasses import asdict
from typing import Any

LITTLE = "little"


def main(arguments: list[str]) -> int:
    """Answer the rows named and write what was found; a row that breaks is told and the next one runs."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.access.child")
    options.add_argument("--pipe", type=int, required=True)
    options.add_argument("--rounds", type=int, required=True)
    options.add_argument("--ground", default="")
    options.add_argument("--core", type=int, default=None)
    options.add_argument("rows", nargs="+")
    asked = options.parse_args(arguments)
    if asked.core is not None:
        os.sched_setaffinity(0, {asked.core})

    from benchmarks.access.rows import named

    ground: Any = None
    with os.fdopen(asked.pipe, "w", encoding="utf-8") as pipe:
        for row in named(asked.rows):
            try:
                if asked.ground and ground is None:
                    ground = ground_of(asked.ground)
                told = result(row, ground, asked.rounds)
            except SystemExit as stopped:  # the data pack is not here
                told = {"row": row.name, "not_run": str(stopped)}
            except Exception as broken:
                traceback.print_exc()
                told = {"row": row.name, "error": f"{type(broken).__name__}: {broken}"}
            print(json.dumps(told), file=pipe, flush=True)
    return 0


def result(row: Any, ground: Any, rounds: int) -> dict[str, Any]:
    """The outcome of a row as plain values, with what the indexes took and the load and memory of the process."""
    from benchmarks.access.rows import answered

    found = answered(row, ground, rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "row": row.name,
        **asdict(found),
        "load": os.getloadavg()[0],
        "peak_mb": peak / 1024,
        "made": {**(ground.made if ground is not None else {}), **found.made},
    }


def ground_of(name: str) -> Any:
    """The ground of a name: a city of ``graphs``, "porto x 16" its tiles, or the little one of the checks."""
    import time

    from benchmarks.access import graphs
    from benchmarks.access.walking import Ground

    city, _, copies = name.partition(" x ")

    def of(count: int) -> graphs.Graph:
        side = round(count**0.5)
        return graphs.tile(graphs.little(), side) if city == LITTLE else graphs.tiled(city, side)

    return Ground(of(int(copies or 1)), time.process_time, of)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
