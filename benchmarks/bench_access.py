"""Walking times against scipy and pandana on one made-up street grid: same answers first, then seconds.

Run with ``python -m benchmarks.bench_access``. Processor seconds of the whole process (all threads),
medians of interleaved rounds, so that a busy machine shifts everybody alike. Ours includes joining
every place to its street, the table in rows by origin, and its checks; scipy and pandana start from
node numbers. Building their index (pandana's contraction) or our network is timed apart.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from utopias.access.on_foot import travel_times
from utopias.domain.arrays import texts
from utopias.domain.places import Places, places
from utopias.domain.quantities import Duration
from utopias.domain.shapes import Lines
from utopias.domain.streets import Streets
from utopias.network.attach import attach
from utopias.network.effort import edge_costs
from utopias.network.street_network import StreetNetwork, street_network
from utopias.scale import Runner

ROUNDS = 3
STEP, DROPPED = 80.0, 0.02
RIVALS_SIDE = 110  # 12,100 junctions, 23,500 edges: more, and pandana's contraction of a grid takes a minute
BOROUGH_SIDE = 183  # 33,500 junctions, 65,000 edges


def grid(side: int, seed: int = 7) -> Streets:
    """A shaken level grid with a few streets missing; level, because pandana has one cost for both directions."""
    rng = np.random.default_rng(seed)
    across, up = np.meshgrid(np.arange(side), np.arange(side))
    x = (across * STEP + rng.uniform(-20, 20, across.shape)).ravel()
    y = (up * STEP + rng.uniform(-20, 20, up.shape)).ravel()
    node = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    kept = rng.random(len(tail)) >= DROPPED
    tail, head = tail[kept].astype(np.int32), head[kept].astype(np.int32)
    ends = np.stack([np.stack([x[tail], y[tail]], 1), np.stack([x[head], y[head]], 1)], 1)
    lines = Lines(ends.reshape(-1, 2), 2 * np.arange(len(tail) + 1), "EPSG:32614")
    e = len(tail)
    no, yes, empty = np.zeros(e, dtype=bool), np.ones(e, dtype=bool), texts([""] * e)
    return Streets(x, y, tail, head, lines.lengths(), np.zeros(e), empty, empty, empty, no, yes, lines)


def at_nodes(streets: Streets, nodes: np.ndarray, role: str) -> Places:
    """Places exactly on junctions, so that every engine answers the same question."""
    return places([f"{role} {k}" for k in nodes], streets.x[nodes], streets.y[nodes], role=role)


def timed(work: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def main() -> None:
    street_network(grid(5))  # kernels warm
    against_rivals(RIVALS_SIDE, contract=True)
    against_rivals(BOROUGH_SIDE, contract=False)
    planners_job()


def against_rivals(side: int, *, contract: bool) -> None:
    streets = grid(side)
    costs = edge_costs(streets)
    n = len(streets.x)
    seconds, network = timed(lambda: street_network(streets))
    assert isinstance(network, StreetNetwork)
    print(f"\n{n:,} junctions, {len(streets):,} edges; our network made in {seconds:.2f} s")
    other = pandana_network(streets, costs.onward) if contract else None
    matrix = sparse.csr_array((costs.onward.astype(float), (streets.tail, streets.head)), shape=(n, n))
    chosen = np.sort(np.random.default_rng(1).choice(n, 260, replace=False))
    everywhere, sites = at_nodes(streets, np.arange(n), "node"), at_nodes(streets, chosen, "site")

    print(f"260 places to every junction, processor seconds (median of {ROUNDS} interleaved rounds)")
    print(f"{'limit':>8} {'pairs':>10} {'utopias':>9} {'scipy':>9} {'pandana':>9}  scipy/ours  pandana/ours  same")
    for minutes in (15, 30):
        compare(network, everywhere, sites, chosen, matrix, other, Duration(600 * minutes))
    joining = statistics.median(timed(lambda: attach(network, everywhere))[0] for _ in range(ROUNDS))
    print(f"of ours, joining {n:,} places to their streets, which scipy and pandana are spared: {joining:.3f} s")


def planners_job() -> None:
    streets = grid(BOROUGH_SIDE)
    network = street_network(streets)
    rng = np.random.default_rng(2)
    blocks, lots = (
        places([f"{role} {k}" for k in range(count)], *rng.uniform(0, BOROUGH_SIDE * STEP, (2, count)), role=role)
        for role, count in (("block", 15_000), ("lot", 260))
    )
    print(f"\nthe planner's job: 15,000 blocks x 260 places anywhere on {len(streets):,} edges, 30 min")
    for workers in (1, 2):
        start = time.perf_counter()
        times = travel_times(network, blocks, lots, within="30 min", runner=Runner(workers))
        print(f"  {workers} thread(s): {time.perf_counter() - start:.2f} s of wall clock, {len(times.columns):,} pairs")


def compare(
    network: StreetNetwork,
    everywhere: Places,
    sites: Places,
    chosen: np.ndarray,
    matrix: sparse.csr_array,
    other: object | None,
    limit: Duration,
) -> None:
    """One line of the table; every engine's answer is compared with ours before its seconds count."""
    rounds: dict[str, list[float]] = {"utopias": [], "scipy": [], "pandana": []}
    same = True
    for _ in range(ROUNDS):
        seconds, times = timed(lambda: travel_times(network, everywhere, sites, within=limit))
        rounds["utopias"].append(seconds)
        ours = np.full(times.shape[::-1], -1, dtype=np.int64)  # type: ignore[attr-defined]
        ours[times.columns, times.rows] = times.deciseconds  # type: ignore[attr-defined]
        seconds, far = timed(
            lambda: csgraph.dijkstra(matrix, directed=False, indices=chosen, limit=float(limit.deciseconds))
        )
        rounds["scipy"].append(seconds)
        same &= bool((np.where(np.isinf(far), -1, far) == ours).all())
        if other is not None:
            seconds, rows = timed(lambda: other.nodes_in_range(chosen, limit.deciseconds))  # type: ignore[attr-defined]
            rounds["pandana"].append(seconds)
            theirs = np.full_like(ours, -1)
            position = np.searchsorted(chosen, rows["source"])  # type: ignore[index]
            theirs[position, rows["destination"]] = rows["cost"].round()  # type: ignore[index]
            same &= bool((theirs == ours).all())
    middle = {name: statistics.median(taken) for name, taken in rounds.items() if taken}
    mine, scipy = middle["utopias"], middle["scipy"]
    pandana = middle.get("pandana")
    third, ratio = (f"{pandana:.3f}", f"{pandana / mine:.1f}") if pandana else ("-", "-")
    print(
        f"{limit!s:>8} {int((ours >= 0).sum()):>10,} {mine:>9.3f} {scipy:>9.3f} {third:>9}"
        f"  {scipy / mine:>10.1f}  {ratio:>12}  {'yes' if same else 'NO'}"
    )
    if not same:
        raise SystemExit("the engines disagree: the seconds above mean nothing")


def pandana_network(streets: Streets, cost: np.ndarray) -> object | None:
    """pandana's network of the same integer costs, or None where it is not installed."""
    try:
        import pandana
    except ImportError:
        print("pandana is not installed: its column stays empty")
        return None
    with silenced():
        seconds, made = timed(
            lambda: pandana.Network(
                pd.Series(streets.x),
                pd.Series(streets.y),
                pd.Series(streets.tail.astype(np.int64)),
                pd.Series(streets.head.astype(np.int64)),
                pd.DataFrame({"cost": cost.astype(float)}),
                twoway=True,
            )
        )
    print(f"pandana's contraction took {seconds:.2f} s")
    return made


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Close standard output to code that writes past Python."""
    sys.stdout.flush()
    kept = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)


if __name__ == "__main__":
    main()
