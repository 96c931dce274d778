"""The same task over many inputs: one after the other, in threads, or in processes.

Later engines (a Dask cluster) have the same one method; callers pass a ``Runner`` and
never learn which one it is. Results come back in the order of the inputs.

Threads are the default for more than one worker: our kernels let go of Python's lock, nothing is
copied, and a notebook or a script read from a pipe works as it is. Processes start fresh
interpreters, which read the calling script again: it then needs ``if __name__ == "__main__":``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeVar

Input = TypeVar("Input")
Output = TypeVar("Output")


@dataclass(frozen=True, slots=True)
class Runner:
    """``workers`` = 1 runs in this thread; more start that many threads, or spawned processes."""

    workers: int = 1
    engine: Literal["threads", "processes"] = "threads"

    def map(self, task: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
        """``task`` of each input, in order; the first error ends the run and is raised here.

        At most two tasks a worker wait at a time, so a stop is heard soon and inputs may be endless.
        With processes, ``task`` and inputs must be picklable and ``task`` a module-level function.
        """
        if self.workers <= 1:
            yield from map(task, inputs)
            return
        waiting = iter(inputs)
        with self._pool() as pool:
            try:
                ahead = [pool.submit(task, one) for one in islice(waiting, 2 * self.workers)]
                while ahead:
                    yield ahead.pop(0).result()
                    ahead += [pool.submit(task, one) for one in islice(waiting, 1)]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _pool(self) -> Executor:
        if self.engine == "processes":
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import get_context

            return ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"))
        return ThreadPoolExecutor(self.workers)

    @classmethod
    def here(cls) -> Runner:
        """One thread for each processor this process may use."""
        return cls(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
