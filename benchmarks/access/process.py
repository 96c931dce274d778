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

from benchmarks.access.child import LITTLE
from benchmarks.access.rows import Row

ROOT = Path(__file__).resolve().parents[2]
THREADS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def results(rows: Sequence[Row], *, rounds: int, little: bool = False) -> Iterator[tuple[Row, dict[str, Any]]]:
    """What each row found, as soon as it is found; rows of one ground that follow one another share a process.

    Yields
    ------
    The row and its result (``child.result``), or one with ``error`` or ``not_run``, also where the process died.
    """
    for (ground, cores, _), same in groupby(rows, key=lambda row: (row.ground, row.cores, row.ground or row.name)):
        group = list(same)
        left = {row.name: row for row in group}
        ending = ""
        for told in _child(group, _little(ground) if little else ground, cores, rounds):
            if "ended" in told:
                ending = f"the process ended with {told['ended']}"
            elif told["row"] in left:
                yield left.pop(told["row"]), told
        for row in left.values():
            yield row, {"row": row.name, "error": ending or "the process ended without a word"}


def _little(ground: str) -> str:
    """The little ground in the place of a city, in as many copies."""
    return LITTLE + ground[len(ground.partition(" x ")[0]) :]


def _child(rows: Sequence[Row], ground: str, cores: int, rounds: int) -> Iterator[dict[str, Any]]:
    reading, writing = os.pipe()
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    core = [f"--core={allowed[-1]}"] if cores == 1 and allowed else []
    environment = dict(os.environ) | {name: str(cores) for name in THREADS}
    if ground:  # a small question before the clock must load the machine code of the large one
        environment["UTOPIAS_KERNELS"] = "machine"
    command = [sys.executable, "-m", "benchmarks.access.child", f"--pipe={writing}", f"--rounds={rounds}", *core]
    command += [f"--ground={ground}", *(row.name for row in rows)]
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
