"""The rows in processes of their own: neither an import, nor a compiled kernel, nor memory of one is another's gain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.rows import LITTLE, Bench, Row

ROOT = Path(__file__).resolve().parents[1]
THREADS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def results(
    bench: Bench, rows: Sequence[Row], *, rounds: int, variant: str = ""
) -> Iterator[tuple[Row, dict[str, Any]]]:
    """What each row found, as soon as it is found; rows of one ground that follow one another share a process.

    Yields
    ------
    The row and its result (``child.result``), or one with ``error``, ``not_run`` or ``not_yet``, also where the process died.
    """
    for (cores, _), same in groupby(rows, key=lambda row: (row.cores, row.ground or row.name)):
        group = list(same)
        left = {row.name: row for row in group}
        ending = ""
        for told in _child(bench, group, cores, rounds, variant):
            if "ended" in told:
                ending = f"the process ended with {told['ended']}"
            elif told["row"] in left:
                yield left.pop(told["row"]), told
        for row in left.values():
            yield row, {"row": row.name, "error": ending or "the process ended without a word"}


def _child(bench: Bench, rows: Sequence[Row], cores: int, rounds: int, variant: str) -> Iterator[dict[str, Any]]:
    reading, writing = os.pipe()
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    core = [f"--core={allowed[-1]}"] if cores == 1 and allowed else []
    environment = dict(os.environ) | {name: str(cores) for name in THREADS}
    if rows[0].machine:  # a small question before the clock must load the machine code of the large one
        environment["UTOPIAS_KERNELS"] = "machine"
    command = [sys.executable, "-m", "benchmarks.child", f"--bench={bench.name}", f"--pipe={writing}", *core]
    command += [f"--rounds={rounds}", f"--variant={variant}", f"--ground={_ground(rows[0].ground, variant)}"]
    command += [row.name for row in rows]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=(writing,), stdout=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="utf-8") as pipe:
            for line in pipe:
                yield json.loads(line)
        yield {"ended": process.wait()}
    finally:
        if process.poll() is None:  # the reader stopped: so does the work
            process.terminate()
            process.wait()


def _ground(name: str, variant: str) -> str:
    """The ground of a name; in a little run the little one in the place of a city, in as many copies."""
    return LITTLE + name[len(name.partition(" x ")[0]) :] if name and variant == LITTLE else name
