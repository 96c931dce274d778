"""How ours grows from a quarter to a megacity: seconds and memory a node, and from how many sources on every node is cheaper.

Each size is a process of its own, so that its peak of memory is its own: interpreter, graph, network and answer together.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.access import graphs
from benchmarks.access.equality import unequal
from benchmarks.access.one_size import ASKED, METRES
from benchmarks.access.walking import Ground
from benchmarks.rounds import Bar, Figure, Outcome, repeated

ROOT = Path(__file__).resolve().parents[2]
SIZES = (("sao-paulo", 1), ("porto", 1), ("porto", 4))  # a city, and copies along a side
SCATTERED = (64, 256, 1024, 4096, 16_384, 65_536)


def scaling(*, bar: Bar, bytes_bar: Bar) -> Outcome:
    """People within 1.2 km of every node, three sizes: the exponent of processor seconds, bytes a node at the top."""
    found = []
    for city, side in SIZES:
        file = graphs.file_of(city, side)  # made here, so that making it is in nobody's memory
        command = [
            sys.executable,
            "-m",
            "benchmarks.access.one_size",
            str(file),
            city if side == 1 else f"{city} x {side * side}",
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{city} x {side * side}: {done.stderr.strip()[-400:]}")
        found.append(json.loads(done.stdout.splitlines()[-1]))
    wrong = [f"{one['name']}: {one['differs']}" for one in found if one["differs"]]
    size = ", ".join(f"{one['nodes']:,}" for one in found) + " nodes"
    if wrong:
        return Outcome(wrong=wrong, size=size)
    top = found[-1]
    each = [
        Figure(
            f"{one['nodes']:,} nodes",
            1e6 * one["seconds"] / one["nodes"],
            "µs a node",
            ours=one["seconds"],
            note=f"{one['name']}: {one['reached']:,.0f} nodes within reach of a node, network made in "
            f"{one['made']:.1f} s, {one['peak'] / 1e6:,.0f} MB at the peak, {one['answering'] / 1e6:,.0f} while answering",
        )
        for one in found
    ]
    figures = [
        Figure("exponent", exponent([(one["nodes"], one["seconds"]) for one in found]), "", bar),
        Figure("peak memory at the top", top["peak"] / top["nodes"], "bytes a node", bytes_bar),
        *each,
    ]
    rounds = {one["name"]: one["rounds"] for one in found}
    return Outcome(figures, size=size, rounds=rounds, equal=(f"scipy at {ASKED} nodes of each",))


def exponent(points: list[tuple[float, float]]) -> float:
    """The slope of log seconds over log size, least squares."""
    x, y = (np.log([point[k] for point in points]) for k in (0, 1))
    return float(np.polyfit(x, y, 1)[0])


def dispatch(ground: Ground) -> Outcome:
    """Scattered sources by the bounded search, one after the other, against the waves for every node."""
    limit, graph, net = METRES * graphs.DECIMETRES, ground.graph, ground.ours
    net.rows(np.arange(3), limit)
    net.sums(graph.people, limit)
    every, all_taken = repeated(lambda: net.sums(graph.people, limit), 3, time.process_time)
    taken, counts = {}, [count for count in SCATTERED if count <= len(graph) // 3]
    wrong = []
    for count in counts:
        chosen = graph.sites(count, seed=6)
        (starts, nodes, _), seconds = repeated(lambda: net.rows(chosen, limit), 3, time.process_time)  # noqa: B023
        sums = np.add.reduceat(graph.people[nodes], starts[:-1])
        said = unequal("sums", sums.astype(np.float64), np.asarray(every)[chosen])
        wrong += [f"{count:,} sources: {said}"] if said else []
        taken[count] = seconds
    if wrong:
        return Outcome(wrong=wrong, size=ground.size)
    all_of_them = statistics.median(all_taken)
    middle = [(count, statistics.median(seconds)) for count, seconds in taken.items()]
    figures = [
        Figure(f"{count:,} sources", 1e6 * seconds / count, "µs a source", ours=seconds) for count, seconds in middle
    ]
    figures.append(Figure("every node", 1e6 * all_of_them / len(graph), "µs a source", ours=all_of_them))
    figures.append(
        Figure("every node is cheaper from", crossover(middle, all_of_them), "sources", note="rows hold costs too")
    )
    return Outcome(figures, size=ground.size, rounds={f"{count}": taken[count] for count in counts},
                   equal=("the sums for every node",))  # fmt: skip


def crossover(points: list[tuple[int, float]], level: float) -> float:
    """Where seconds that grow with the count meet a level, along a straight line between two measured counts.

    NaN where they stay under it.
    """
    for (low, under), (high, over) in zip([(0, 0.0), *points], points, strict=False):
        if under <= level <= over:
            return float(low + (high - low) * (level - under) / (over - under))
    return math.nan
