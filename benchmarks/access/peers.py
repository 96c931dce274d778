"""How the peers are asked: as their users ask them, from Python.

Their traps are met here, so that they lose no second by them: pandana is asked to give -1 where no place is found
(its default is the limit itself), is looked up by nodes that share their spot with no other, and is given the nodes in
the order of the file; scipy's absent ways are infinite. ``equality`` compares.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from benchmarks.access.equality import NONE
from benchmarks.access.graphs import Graph
from utopias.domain.arrays import Floats, Longs


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
