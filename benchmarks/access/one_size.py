"""One size of the growth, in a process of its own: what it loads is Python, numpy, the graph and our engine, no peer."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.access import graphs
from benchmarks.access.equality import unequal
from benchmarks.memory import forget_peak, peak
from benchmarks.rounds import repeated

METRES = 1200
ASKED = 12  # nodes whose sums scipy finds again


def one_size(file: Path, name: str) -> dict[str, Any]:
    """One size, in this process: seconds, peaks of memory, and scipy's answer for some nodes after the peaks were read."""
    people, made, building, sums, rounds, answering = _answered(graphs.load(file, name))
    nodes = len(people)
    own = max(building, answering)
    asked, theirs = scipys(graphs.load(file, name))
    return {
        "name": name,
        "nodes": nodes,
        "seconds": statistics.median(rounds),
        "rounds": rounds,
        "made": made[0],
        "reached": float(np.mean(sums)) / max(1e-9, float(people.mean())),
        "peak": own,
        "answering": answering,
        "differs": unequal("sums", np.asarray(sums, dtype=np.float64)[asked], theirs),
    }


def _answered(graph: graphs.Graph) -> tuple[Any, ...]:
    """People, seconds to make, peak until then, sums, seconds, peak while answering; the graph and network go."""
    few = graphs.little()
    few.ours().sums(few.people, METRES * graphs.DECIMETRES)  # compiled before the clock runs
    people, limit = graph.people, METRES * graphs.DECIMETRES
    net, made = repeated(graph.ours, 1, time.process_time)
    del graph
    building = peak()
    forget_peak()
    sums, rounds = repeated(lambda: net.sums(people, limit), 3 if len(people) < 1e6 else 2, time.process_time)
    return people, made, building, sums, rounds, peak()


def scipys(graph: graphs.Graph) -> tuple[Any, Any]:
    """Some nodes, and the people within 1.2 km of them as scipy finds it; one row at a time, each as long as the graph."""
    from scipy.sparse import csgraph

    matrix, limit = graph.matrix(), METRES * graphs.DECIMETRES
    asked = graph.sites(ASKED, seed=8)
    near = (csgraph.dijkstra(matrix, indices=node, limit=limit) <= limit for node in asked)
    return asked, np.array([float(graph.people[within].sum()) for within in near])


if __name__ == "__main__":
    print(json.dumps(one_size(Path(sys.argv[1]), sys.argv[2])))
