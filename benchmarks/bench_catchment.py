"""E2SFCA from a finished table of times against PySAL access: same answer first, then processor seconds.

Run with ``python -m benchmarks.bench_catchment``. A made-up strip of blocks, 2,000 sites, 45 of them around
every block: 6.75 million pairs. Processor seconds of the whole process, medians of interleaved rounds, so that a
busy machine shifts both alike; ours runs in one thread, as PySAL does. Both start from their own table in memory
(ours ``TravelTimes``, PySAL's a DataFrame and an ``Access``), and ours includes its checks of the input.
"""

from __future__ import annotations

import logging
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from utopias.access.catchment import FloatingCatchment, floating_catchment
from utopias.access.kernels import gather, spread
from utopias.domain.arrays import texts
from utopias.domain.demand import Demand
from utopias.domain.quantities import Minutes
from utopias.domain.travel_times import TravelTimes

BLOCKS, SITES, AROUND = 150_000, 2_000, 45
LIMIT = Minutes(30)
ZONES = {6_000: 1.0, 12_000: 0.68, 18_000: 0.22}  # deciseconds: the thirds of 30 minutes
WRITTEN = "steps 10 min:1, 20 min:0.68, 30 min:0.22"
ROUNDS = 3
SAME = 1e-12  # relative, of the access of any block
AT_LEAST, AIM = 200, 400


def table(blocks: int = BLOCKS, sites: int = SITES, around: int = AROUND, seed: int = 4) -> TravelTimes:
    """(blocks, sites) each block with times to ``around`` of the ``2 * around`` sites next to it along the strip."""
    rng = np.random.default_rng(seed)
    nearest = np.arange(blocks) * sites // blocks
    chosen = np.argsort(rng.random((blocks, 2 * around)), axis=1)[:, :around]
    columns = np.sort((nearest[:, None] + chosen) % sites, axis=1)
    return TravelTimes(
        origins=texts(f"b{k}" for k in range(blocks)),
        destinations=texts(f"s{k}" for k in range(sites)),
        starts=np.arange(0, blocks * around + 1, around, dtype=np.int64),
        columns=columns.astype(np.int32).ravel(),
        deciseconds=rng.integers(0, LIMIT.deciseconds + 1, blocks * around).astype(np.int32),
        limit=LIMIT,
        origin_status=np.zeros(blocks, dtype=np.int8),
        destination_status=np.zeros(sites, dtype=np.int8),
    )


def people_and_places(times: TravelTimes, seed: int = 5) -> tuple[Demand, np.ndarray]:
    rng = np.random.default_rng(seed)
    persons = rng.integers(0, 500, len(times.origins)).astype(np.float64)
    return (
        Demand(times.origins, persons, "all", np.ones(len(persons), dtype=bool)),
        rng.integers(50, 500, len(times.destinations)).astype(np.float64),
    )


def ours(times: TravelTimes, demand: Demand, capacity: np.ndarray) -> FloatingCatchment:
    return floating_catchment(times, demand, capacity, within=LIMIT, method="e2sfca", decay=WRITTEN)


def pysal(times: TravelTimes, demand: Demand, capacity: np.ndarray) -> Callable[[], np.ndarray]:
    """PySAL's own call, its tables already in its memory."""
    from access import Access, weights

    logging.disable(logging.INFO)  # it tells every answer
    n, m = times.shape
    cost = pd.DataFrame({"origin": times.rows, "dest": times.columns, "cost": times.deciseconds})
    # Sites by their own numbers, past those of the blocks, as PySAL wants one index of places.
    cost["dest"] += n
    other: Any = Access(
        demand_df=pd.DataFrame({"id": np.arange(n), "people": demand.persons}),
        demand_index="id",
        demand_value="people",
        supply_df=pd.DataFrame({"id": n + np.arange(m), "places": capacity}),
        supply_index="id",
        supply_value="places",
        cost_df=cost,
        cost_origin="origin",
        cost_dest="dest",
        cost_name="cost",
    )

    def run() -> np.ndarray:
        found = other.enhanced_two_stage_fca(name="fca", weight_fn=weights.step_fn(ZONES))
        access: np.ndarray = found["fca_places"].reindex(np.arange(n)).fillna(0).to_numpy()
        return access

    return run


def e2sfca(blocks: int = BLOCKS, sites: int = SITES, around: int = AROUND, rounds: int = ROUNDS) -> dict[str, float]:
    """One row: the largest relative difference of any block, processor seconds of both, their ratio.

    Memory is measured apart (``added_megabytes``), each engine in a process of its own.
    """
    warnings.simplefilter("ignore")
    times = table(blocks, sites, around)
    demand, capacity = people_and_places(times)
    theirs = pysal(times, demand, capacity)
    mine = ours(times, demand, capacity)  # the kernels warm, and the answer to compare
    other = theirs()
    apart = np.abs(mine.access - other) / np.maximum(np.maximum(mine.access, other), np.finfo(float).tiny)
    seconds: dict[str, list[float]] = {"ours": [], "pysal": []}
    for _ in range(rounds):
        seconds["pysal"].append(_processor(theirs))
        # Ten times in a row: ours is too short for the clock of the processor by itself.
        seconds["ours"].append(_processor(lambda: [ours(times, demand, capacity) for _ in range(10)]) / 10)
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    return {
        "pairs": float(len(times.columns)),
        "difference": float(apart.max()),
        "ours_s": medians["ours"],
        "pysal_s": medians["pysal"],
        "ratio": medians["pysal"] / medians["ours"],
    }


def added_megabytes(engine: str, blocks: int = BLOCKS, sites: int = SITES, around: int = AROUND) -> float:
    """Memory that one answer adds at its highest over what its process held before, its own table included."""
    code = f"from benchmarks.bench_catchment import memory_here; memory_here({engine!r}, {blocks}, {sites}, {around})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(said.stdout.split()[-1])


def memory_here(engine: str, blocks: int, sites: int, around: int) -> None:
    """Answer once in this process and print the megabytes that its highest point rose; Linux only."""
    warnings.simplefilter("ignore")
    times = table(blocks, sites, around)
    demand, capacity = people_and_places(times)
    run: Callable[[], object]
    if engine == "ours":
        small = table(2_000, 400, 45)
        ours(small, *people_and_places(small))
        for kernel in (gather, spread):
            kernel.make()  # the compiler is no part of the answer

        def run() -> object:
            return ours(times, demand, capacity)
    else:
        run = pysal(times, demand, capacity)
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # the highest point of memory starts again from here
    before = _kilobytes("VmRSS")
    run()
    print((_kilobytes("VmHWM") - before) / 1024)


def _kilobytes(name: str) -> int:
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))


def _processor(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def rows() -> list[dict[str, float]]:
    """The rows of this bench, for a table of several."""
    return [e2sfca()]


def main() -> int:
    """Print the row; 1 where the answers differ."""
    found = e2sfca()
    print(f"PySAL access {version('access')}, pandas {version('pandas')}, load {os.getloadavg()[0]:.1f}")
    print(f"E2SFCA, {found['pairs']:,.0f} pairs, {SITES:,} sites; processor seconds, median of {ROUNDS} rounds")
    print(f"  largest relative difference {found['difference']:.1e} (at most {SAME:.0e})")
    print(f"  ours {found['ours_s'] * 1e3:.1f} ms, PySAL {found['pysal_s']:.2f} s: {found['ratio']:.0f} times")
    print(f"  at least {AT_LEAST}, aim {AIM}")
    if sys.platform == "linux":
        mine, other = added_megabytes("ours"), added_megabytes("pysal")
        print(f"  memory added by the answer: ours {mine:.0f} MB, PySAL {other:.0f} MB")
    return int(found["difference"] > SAME or found["ratio"] < AT_LEAST)


if __name__ == "__main__":
    sys.exit(main())
