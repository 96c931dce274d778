"""The same task over many inputs: one after the other, or in several processes.

Later engines (a Dask cluster) have the same one method; callers pass a ``Runner`` and
never learn which one it is. Results come back in the order of the inputs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TypeVar

Input = TypeVar("Input")
Output = TypeVar("Output")


@dataclass(frozen=True, slots=True)
class Runner:
    """``workers`` = 1 runs in this process; more start that many others (spawned, never forked)."""

    workers: int = 1

    def map(self, task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        """``task`` of each input, in order; the first error ends the run and is raised here.

        With more than one worker, ``task`` and inputs must be picklable and ``task`` a module-level function.
        """
        if self.workers <= 1:
            yield from map(task, inputs)
            return
        with ProcessPoolExecutor(self.workers, mp_context=get_context("spawn")) as pool:
            yield from pool.map(task, inputs)

    @classmethod
    def here(cls) -> Runner:
        """One worker for each processor this process may use."""
        return cls(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
