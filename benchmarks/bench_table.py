"""Tables of 1,000 x 1,000 against scipy and pandana, and the same after an edit: same answers first, then seconds.

    OMP_NUM_THREADS=1 python -m benchmarks.bench_table [porto|sao-paulo]

Every vertex of the pedestrian map is a node, whole decimetres an edge, both ways at one cost (pandana has one). Processor
seconds of the whole process, medians of interleaved rounds; the peers are asked for a part of the table each round and its
seconds scaled to the whole, which favours neither: both search source by source. Ours starts from the node numbers
too. pandana contracts once: a network takes it minutes.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from scipy import sparse
from scipy.sparse import csgraph

from benchmarks.bench_access import silenced
from cases.spoken import data_folder
from utopias.domain.arrays import AnyArray, Floats, Ints
from utopias.network.chains import BLOCKED
from utopias.network.street_network import StreetNetwork
from utopias.territory.ledger import Ledger
from utopias.territory.osm import read_osm

CITIES = {
    "porto": (("streets", "porto_portugal.osm.pbf"), "EPSG:32629"),
    "sao-paulo": (("sao_paulo", "spo_osm.pbf"), "EPSG:31983"),
}
ROUNDS = 5
SIDE = 1000
SCIPY_ROWS, PANDANA_ROWS = 20, 20  # of the table, asked in one round
EDITED = 10  # edges a barrier closes


@dataclass(frozen=True, eq=False)
class Vertices:
    """(n,) nodes and (e,) edges of a city; x, y in metres, cost in whole decimetres, 1 or more, the same both ways."""

    x: Floats
    y: Floats
    tail: Ints
    head: Ints
    cost: Ints

    def matrix(self, cost: AnyArray) -> sparse.csr_array:
        """As scipy takes it; a closed edge is left out."""
        open_ = cost < BLOCKED
        tail, head = self.tail[open_], self.head[open_]
        ends = np.concatenate([tail, head]), np.concatenate([head, tail])
        return sparse.csr_array((np.tile(cost[open_], 2).astype(float), ends), shape=(len(self.x),) * 2)

    def pandana(self, cost: AnyArray) -> Any:
        """As pandana takes it: contracted."""
        import pandana
        import pandas as pd

        open_ = cost < BLOCKED
        ends = (pd.Series(end[open_].astype(np.int64)) for end in (self.tail, self.head))
        with silenced():
            return pandana.Network(
                pd.Series(self.x),
                pd.Series(self.y),
                *ends,
                pd.DataFrame({"cost": cost[open_].astype(float)}),
                twoway=True,
            )


def vertices(city: str) -> Vertices:
    """Every vertex of a city's walkable lines, without loops and doubles."""
    parts, crs = CITIES[city]
    streets = read_osm(Path(data_folder("en")).joinpath(*parts), pyproj.CRS(crs), Ledger()).streets
    lines = streets.lines
    number = np.arange(len(lines.coords)) + len(streets.x)
    number[lines.starts[:-1]], number[lines.starts[1:] - 1] = streets.tail, streets.head
    used, new = np.unique(number, return_inverse=True)
    x = np.concatenate([streets.x, lines.coords[:, 0]])[used]
    y = np.concatenate([streets.y, lines.coords[:, 1]])[used]
    inside = np.ones(len(number) - 1, dtype=bool)
    inside[lines.starts[1:-1] - 1] = False
    pairs = np.sort(np.stack([new[:-1], new[1:]], 1)[inside], axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    cost = np.floor(10 * np.hypot(*(axis[pairs[:, 0]] - axis[pairs[:, 1]] for axis in (x, y))) + 0.5)
    return Vertices(x, y, *pairs.T.astype(np.int32).copy(), np.maximum(cost, 1).astype(np.int32))


def table_row(graph: Vertices, *, rounds: int = ROUNDS, contracted: Any = None) -> dict[str, Any]:
    """Our whole table against parts of it by scipy and by pandana (left out where ``contracted`` is None).

    Returns
    -------
    equal, and processor seconds of the whole table by ours, scipy and pandana, and their ratios to ours; seconds of
    making our network, ordering its hierarchy and weighing it once, which the table itself does not pay.
    """
    made, network = timed(lambda: StreetNetwork.from_edges(graph.x, graph.y, graph.tail, graph.head, graph.cost))
    StreetNetwork.from_edges([0, 1], [0, 0], [0], [1], [1]).table([0], [1])  # kernels warm
    ordered, _ = timed(lambda: network.hierarchy)
    weighed, _ = timed(lambda: network.weights)
    sources, targets = asked(graph)
    figures = compare(
        lambda: network.table(sources, targets), graph.matrix(graph.cost), contracted, sources, targets, rounds
    )
    return {"network_s": made, "order_s": ordered, "weigh_s": weighed, **figures}


def edit_row(graph: Vertices, *, rounds: int = ROUNDS, rebuild: bool = True) -> dict[str, Any]:
    """Ten edges closed, then the whole table: ours against contracting pandana anew (once) and its table."""
    before = StreetNetwork.from_edges(graph.x, graph.y, graph.tail, graph.head, graph.cost)
    sources, targets = asked(graph)
    unlike = before.table(sources, targets)
    at = np.random.default_rng(3).choice(len(graph.tail), EDITED, replace=False)
    cost = graph.cost.copy()
    cost[at] = BLOCKED
    rebuilding, contracted = timed(lambda: graph.pandana(cost)) if rebuild else (0.0, None)

    def edited() -> Ints:
        return before.reweigh(at, cost[at]).table(sources, targets)

    figures = compare(edited, graph.matrix(cost), contracted, sources, targets, rounds)
    figures["changed_pairs"] = int((edited() != unlike).sum())
    if rebuild:
        figures["pandana_rebuild_s"] = rebuilding
        figures["rebuilt_pandana_over_ours"] = (rebuilding + figures["pandana_s"]) / figures["ours_s"]
    return figures


def asked(graph: Vertices) -> tuple[AnyArray, AnyArray]:
    draw = np.random.default_rng(2)
    side = min(SIDE, len(graph.x) // 2)
    return draw.choice(len(graph.x), side, replace=False), draw.choice(len(graph.x), side, replace=False)


def compare(
    ours: Callable[[], Ints],
    matrix: sparse.csr_array,
    contracted: Any,
    sources: AnyArray,
    targets: AnyArray,
    rounds: int,
) -> dict[str, Any]:
    """Interleaved rounds; each asks the peers for other rows of the table, which must be ours."""
    taken: dict[str, list[float]] = {"ours": [], "scipy": [], "pandana": []}
    equal, compared = True, 0
    for turn in range(rounds):
        seconds, table = timed(ours)
        taken["ours"].append(seconds)
        rows = (np.arange(SCIPY_ROWS) + turn * SCIPY_ROWS) % len(sources)
        seconds, far = timed(lambda rows=rows: csgraph.dijkstra(matrix, indices=sources[rows])[:, targets])
        taken["scipy"].append(seconds * len(sources) / len(rows))
        equal &= bool((np.where(np.isinf(far), -1, far) == table[rows]).all())
        compared += far.size
        if contracted is not None:
            rows = rows[:PANDANA_ROWS]
            pairs = np.repeat(sources[rows], len(targets)), np.tile(targets, len(rows))
            with silenced(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it lists every pair without a way
                seconds, paths = timed(lambda pairs=pairs: np.array(contracted.shortest_path_lengths(*pairs)))
            taken["pandana"].append(seconds * len(sources) / len(rows))
            paths = np.where(paths > 4_294_967, -1, np.rint(paths)).reshape(len(rows), -1)
            equal &= bool((paths == table[rows]).all())
    middle = {f"{name}_s": statistics.median(seconds) for name, seconds in taken.items() if seconds}
    ratios = {
        f"{name}_over_ours": middle[f"{name}_s"] / middle["ours_s"] for name in taken if name != "ours" and taken[name]
    }
    return {"equal": equal, "pairs_compared": compared, **middle, **ratios, "rounds": rounds}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds of the whole process, and what came of it."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def main(city: str = "porto") -> int:
    graph = vertices(city)
    print(f"{city}: {len(graph.x):,} nodes, {len(graph.tail):,} edges, {ROUNDS} rounds, load {os.getloadavg()[0]:.1f}")
    contracting, contracted = timed(lambda: graph.pandana(graph.cost))
    print(f"pandana's contraction: {contracting:.1f} s")
    wrong = 0
    for name, row in (
        (f"table of {SIDE:,} x {SIDE:,}", table_row(graph, contracted=contracted)),
        (f"{EDITED} edges closed, then the same table", edit_row(graph)),
    ):
        print(f"\n{name}")
        for key, value in row.items():
            print(f"  {key:>26} {value:.4g}" if isinstance(value, float) else f"  {key:>26} {value}")
        wrong += not row["equal"]
    print(f"\nload {os.getloadavg()[0]:.1f}")
    return wrong


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
