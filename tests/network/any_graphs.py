"""Small graphs of every kind for the engine, and a witness that knows neither junctions nor chains."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from tests.network.test_chains import all_distances
from utopias.network.chains import BLOCKED
from utopias.network.street_network import StreetNetwork

LIMITS = (0, 1, 7, 60, 400, 2**15 - 1, 2**15, 2**16 - 1, 2**16, 2**17, BLOCKED - 1)


@dataclass(frozen=True)
class Graph:
    """Nodes at random points, edges with whole costs both ways."""

    x: np.ndarray
    y: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    onward: np.ndarray
    back: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def network(self) -> StreetNetwork:
        return StreetNetwork.from_edges(self.x, self.y, self.tail, self.head, self.onward, self.back)

    def distances(self) -> np.ndarray:
        """(n, n) least costs; infinite where there is no way without a blocked edge."""
        far = all_distances(len(self), self.tail, self.head, self.onward, self.back)
        return np.where(far < BLOCKED, far, np.inf)


_cost = st.one_of(
    st.integers(0, 12),
    st.integers(0, 12),
    st.sampled_from([0, 0, 1, 50, 399, 400, 16384, 32767, 32768, 70000, BLOCKED]),
)


@st.composite
def any_graphs(draw, *, symmetric: bool = False) -> Graph:
    """1 to 12 nodes, 1 to 16 edges: chains, loops, rings, several edges between two, costs of 0, islands, lonely nodes, blocked edges."""
    n = draw(st.integers(1, 12))
    ends = st.integers(0, n - 1)
    if draw(st.booleans()):
        # Mostly one long chain, walked through in any order of numbers, with a few edges more.
        way = draw(st.permutations(range(n)))
        pairs = list(pairwise(way)) + draw(st.lists(st.tuples(ends, ends), max_size=3))
        pairs = pairs or [(0, 0)]
    else:
        pairs = draw(st.lists(st.tuples(ends, ends), min_size=1, max_size=16))
    e = len(pairs)
    onward = np.array(draw(st.lists(_cost, min_size=e, max_size=e)), dtype=np.int64)
    back = onward if symmetric else np.array(draw(st.lists(_cost, min_size=e, max_size=e)), dtype=np.int64)
    points = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=n, max_size=n))
    x, y = (np.array(axis, dtype=float) for axis in zip(*points, strict=True))
    tail, head = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    return Graph(x, y, tail, head, onward, back)


def limits() -> st.SearchStrategy[int]:
    return st.one_of(st.sampled_from(LIMITS), st.integers(0, 80))


def big_graph(seed: int, *, side: int = 14, longest: int = 900) -> Graph:
    """A shaken grid with holes, side streets in pieces, doubled edges, loops, an island and lonely nodes."""
    rng = np.random.default_rng(seed)
    node = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    kept = rng.random(len(tail)) < 0.62
    tail, head = tail[kept], head[kept]
    again = rng.integers(0, len(tail), 9)
    loops = rng.integers(0, side * side, 4)
    island = side * side + np.arange(6)
    tail = np.concatenate([tail, tail[again], loops, island[:-1]])
    head = np.concatenate([head, head[again], loops, island[1:]])
    n = side * side + 9
    x, y = np.arange(n) % side + rng.random(n), np.arange(n) // side + rng.random(n)
    onward, back = rng.integers(1, longest, (2, len(tail)))
    return Graph(x, y, tail, head, onward, back)
