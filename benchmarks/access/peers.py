"""How the peers are asked, and how their answers are compared with ours: to the last unit, none left out.

Their traps are met here, so that they lose no second by them: pandana is asked to give -1 where no place is found
(its default is the limit itself), is looked up by nodes that share their spot with no other, and is given the nodes in
the order of the file; scipy's absent ways are infinite. All are asked from Python, as their users ask them.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from benchmarks.access.graphs import Graph
from utopias.domain.arrays import AnyArray, Floats, Longs

NONE = -1
PANDANA_UNREACHABLE = 4_294_967.0  # shortest_path_lengths gives 4294967.295 where there is no way


class Pandana:
    """pandana's network of a graph; made once, since it contracts the whole graph."""

    def __init__(self, graph: Graph) -> None:
        import pandana

        number = np.arange(len(graph))
        ends = pd.Series(graph.tail.astype(np.int64)), pd.Series(graph.head.astype(np.int64))
        costs = pd.DataFrame({"cost": graph.cost.astype(np.float64)})
        self.graph = graph
        with silenced():
            self.network = pandana.Network(pd.Series(graph.x, number), pd.Series(graph.y, number), *ends, costs)
        self.network.set(pd.Series(number), variable=pd.Series(graph.people.astype(np.float64)), name="people")

    def sums(self, limit: int) -> Floats:
        """(n,) people within ``limit`` of every node."""
        found: Floats = self.network.aggregate(limit, type="sum", decay="flat", name="people").to_numpy()
        return found

    def rows(self, sources: Longs, limit: int) -> pd.DataFrame:
        """source, destination, cost: one line for each node within ``limit`` of each source."""
        found: pd.DataFrame = self.network.nodes_in_range(sources, limit)
        return found

    def know_places(self, places: Longs, limit: int, k: int) -> None:
        """Tell it where the places are; not timed, since it is done once for many questions."""
        x, y = pd.Series(self.graph.x[places]), pd.Series(self.graph.y[places])
        self.network.set_pois("places", limit, k, x, y)

    def nearest(self, limit: int, k: int) -> pd.DataFrame:
        """(n, 2k): costs, -1 for none, then ids."""
        found: pd.DataFrame = self.network.nearest_pois(
            limit, "places", num_pois=k, max_distance=NONE, include_poi_ids=True
        )
        return found

    def table(self, sources: Longs, targets: Longs) -> Floats:
        """(s, t) costs, from its pairs: the only table it has."""
        pairs = np.repeat(sources, len(targets)), np.tile(targets, len(sources))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it lists every pair without a way
            found = np.asarray(self.network.shortest_path_lengths(*pairs))
        costs: Floats = found.reshape(len(sources), len(targets))
        return costs


def scipy_table(matrix: sparse.csr_array, sources: Longs, targets: Longs) -> Floats:
    """(s, t) costs, infinite where there is no way."""
    far: Floats = csgraph.dijkstra(matrix, indices=sources)[:, targets]
    return far


def sums_differ(ours: AnyArray, theirs: AnyArray) -> str:
    """(n,) sums of whole numbers: equal to the last."""
    return unequal("sums", np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64))


def rows_differ(ours: Any, theirs: pd.DataFrame, sources: Longs) -> str:
    """Our (starts, nodes, cost) and pandana's lines: the same nodes at the same costs in every row."""
    starts, nodes, cost = (np.asarray(part, dtype=np.int64) for part in ours)
    position = np.searchsorted(sources, theirs["source"].to_numpy())
    mine = np.stack([np.repeat(np.arange(len(sources)), np.diff(starts)), nodes, cost], 1)
    other = np.stack([position, theirs["destination"].to_numpy(), np.rint(theirs["cost"].to_numpy())], 1)
    if len(mine) != len(other):
        return f"{len(mine):,} entries against {len(other):,}"
    return unequal("entries", _sorted(mine), _sorted(other.astype(np.int64)))


def nearest_differ(ours: Any, theirs: pd.DataFrame, k: int) -> str:
    """(n, k) costs exactly; ids where no other place is as near, at the last rank included.

    Which of several equally near places is named differs lawfully; the k-th may be tied with a (k+1)-th that
    neither names, so ids of a row's last distinct cost are compared only where one rank has it and k places were found
    with a farther one after: those of rank k are left out.
    """
    cost, which = (np.asarray(part, dtype=np.int64) for part in ours)
    their_cost = np.rint(theirs.iloc[:, :k].to_numpy()).astype(np.int64)
    said = unequal("costs", cost, their_cost)
    if said:
        return said
    their_which = theirs.iloc[:, k:].fillna(NONE).to_numpy().astype(np.int64)
    alone = np.ones(cost.shape, dtype=bool)
    alone[:, 1:] &= cost[:, 1:] != cost[:, :-1]
    alone[:, :-1] &= cost[:, :-1] != cost[:, 1:]
    alone[:, -1] &= cost[:, -1] == NONE
    alone |= cost == NONE
    return unequal("ids of untied places", which[alone], their_which[alone])


def table_differs(ours: AnyArray, theirs: AnyArray) -> str:
    """(s, t) costs: ours -1 where there is no way, pandana's very large, scipy's infinite."""
    none = ~np.isfinite(theirs) | (theirs >= PANDANA_UNREACHABLE)
    return unequal("costs", np.asarray(ours, dtype=np.int64), np.where(none, NONE, np.rint(theirs)).astype(np.int64))


def unequal(what: str, ours: AnyArray, theirs: AnyArray) -> str:
    """How many differ, and the first; "" where none does."""
    if ours.shape != theirs.shape:
        return f"{what} of shape {ours.shape} against {theirs.shape}"
    wrong = np.flatnonzero((ours != theirs).ravel())
    if not len(wrong):
        return ""
    first = int(wrong[0])
    return (
        f"{len(wrong):,} of {ours.size:,} {what} differ; the first, at {first}: "
        f"{ours.ravel()[first]:,} against {theirs.ravel()[first]:,}"
    )


def _sorted(lines: AnyArray) -> AnyArray:
    ordered: AnyArray = lines[np.lexsort((lines[:, 1], lines[:, 0]))]
    return ordered


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Close standard output and error to code that writes past Python."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            for number, before in zip((1, 2), kept, strict=True):
                os.dup2(before, number)
                os.close(before)
