"""The graphs everybody is timed on: every vertex of the pedestrian map a node, whole decimetres an edge.

Real streets come through the project's own reader; larger ones are shifted copies of them, joined by seam edges. What
was read is kept in the temporary folder of the machine, never here. Nodes are numbered as they are met along the file's
ways, as a user of any of these libraries would have them.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

import utopias
from utopias.domain.arrays import AnyArray, Floats, Ints, Longs
from utopias.network.street_network import StreetNetwork

# What reads and tiles a city is imported where it is used, so that a process whose memory is measured holds none of it.
FILES = {
    "porto": (("streets", "porto_portugal.osm.pbf"), "EPSG:32629"),
    "sao-paulo": (("sao_paulo", "spo_osm.pbf"), "EPSG:31983"),
}
DECIMETRES = 10  # in a metre: the unit of every cost here
SEAM = 64  # edges between two neighbouring copies
GAP_M = 30.0  # between the frames of two copies
PEOPLE_A_NODE = 8  # mean of the whole numbers of made-up people at each node
KEPT = ("x", "y", "tail", "head", "cost", "people")
LAYOUT = 1  # raise it when what is kept in the temporary folder changes its meaning


@dataclass(frozen=True, eq=False)
class Graph:
    """(n,) nodes and (e,) edges walked both ways at the same cost; no loop, no two edges between the same nodes.

    x, y : (n,) metres. tail, head : (e,) node numbers. cost : (e,) whole decimetres, 1 or more. people : (n,) whole.
    """

    name: str
    x: Floats
    y: Floats
    tail: Ints
    head: Ints
    cost: Ints
    people: Longs

    def __len__(self) -> int:
        return len(self.x)

    def ours(self) -> StreetNetwork:
        return StreetNetwork.from_edges(self.x, self.y, self.tail, self.head, self.cost)

    def matrix(self) -> sparse.csr_array:
        """The same graph as scipy takes it, both directions."""
        ends = (np.concatenate([self.tail, self.head]), np.concatenate([self.head, self.tail]))
        return sparse.csr_array((np.tile(self.cost, 2).astype(np.float64), ends), shape=(len(self), len(self)))

    def sites(self, count: int, *, seed: int) -> Longs:
        """(count,) scattered nodes, rising, no two at the same spot (pandana looks places up by where they lie)."""
        _, first = np.unique(np.stack([self.x, self.y], 1), axis=0, return_index=True)
        alone = np.flatnonzero(np.isin(np.arange(len(self)), first) & ~self._shared())
        return np.sort(np.random.default_rng(seed).choice(alone, count, replace=False))

    def _shared(self) -> AnyArray:
        """(n,) whether another node lies at the same spot."""
        _, of, count = np.unique(np.stack([self.x, self.y], 1), axis=0, return_inverse=True, return_counts=True)
        shared: AnyArray = count[of.reshape(-1)] > 1
        return shared


def tiled(name: str, side: int) -> Graph:
    """A city of ``FILES``, islands and all, in ``side`` x ``side`` shifted copies, each joined to its right and upper one."""
    return load(file_of(name, side), _named(name, side))


def city(name: str) -> Graph:
    """One copy, as it is."""
    return tiled(name, 1)


def file_of(name: str, side: int) -> Path:
    """Where such a graph is kept in the temporary folder; made when it is not there. An unfinished write is never seen.

    Its name is of this version of the program and of the very file it was read from.
    """
    from cases.spoken import data_folder

    parts, crs = FILES[name]
    source = data_folder("en").joinpath(*parts)
    told = f"{LAYOUT} {utopias.__version__} {hashlib.sha256(source.read_bytes()).hexdigest()}"
    folder = Path(tempfile.gettempdir()) / f"utopias-bench-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{name}-{side * side}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.npz"
    if not file.exists():
        made = _read(name, source, crs) if side == 1 else tile(city(name), side)
        half = folder / f"{uuid.uuid4().hex}.npz"
        np.savez(half, **{key: getattr(made, key) for key in KEPT})
        half.replace(file)
    return file


def load(file: Path, name: str) -> Graph:
    """A graph from its file."""
    with np.load(file) as held:
        return Graph(name, *(held[key] for key in KEPT))


def _named(name: str, side: int) -> str:
    return name if side == 1 else f"{name} x {side * side}"


def little(side: int = 24, *, seed: int = 7) -> Graph:
    """A shaken grid with streets missing, an island and a dead end: seconds of work, for the checks alone."""
    rng = np.random.default_rng(seed)
    node = np.arange(side * side).reshape(side, side)
    across, up = np.meshgrid(np.arange(side), np.arange(side))
    x = np.append(across * 80 + rng.uniform(-20, 20, across.shape), [0.0, 60.0, -50.0])
    y = np.append(up * 80 + rng.uniform(-20, 20, up.shape), [-900.0, -900.0, 0.0])
    pairs = np.concatenate(
        [np.stack([node[:, :-1].ravel(), node[:, 1:].ravel()], 1), np.stack([node[:-1].ravel(), node[1:].ravel()], 1)]
    )
    pairs = pairs[rng.random(len(pairs)) >= 0.15]
    last = side * side
    return _graph("little", x, y, np.concatenate([pairs, [[last, last + 1], [0, last + 2]]]))


def tile(one: Graph, side: int) -> Graph:
    """See ``tiled``."""
    if side == 1:
        return one
    n, spot = len(one), np.stack([one.x, one.y], 1)
    step = spot.max(axis=0) - spot.min(axis=0) + GAP_M
    seams = {(1, 0): _seam(spot, np.array([step[0], 0.0])), (0, 1): _seam(spot, np.array([0.0, step[1]]))}
    xy, ends, costs = [], [], []
    for i in range(side):
        for j in range(side):
            here = (i * side + j) * n
            xy.append(spot + step * [i, j])
            ends.append(np.stack([one.tail, one.head], 1) + here)
            costs.append(one.cost)
            for (right, above), (low, high, cost) in seams.items():
                if i + right < side and j + above < side:
                    ends.append(np.stack([low + here, high + ((i + right) * side + j + above) * n], 1))
                    costs.append(cost)
    where, edges = np.concatenate(xy), np.concatenate(ends).astype(np.int32)
    people = np.tile(one.people, side * side)
    return Graph(_named(one.name, side), where[:, 0].copy(), where[:, 1].copy(), edges[:, 0].copy(), edges[:, 1].copy(),
                 np.concatenate(costs).astype(np.int32), people)  # fmt: skip


def _read(name: str, source: Path, crs: str) -> Graph:
    """Every vertex of every walkable line a node; vertices where edges meet are one."""
    import pyproj

    from utopias.territory.ledger import Ledger
    from utopias.territory.osm import read_osm

    streets = read_osm(source, pyproj.CRS(crs), Ledger()).streets
    lines = streets.lines
    number = np.arange(len(lines.coords)) + len(streets.x)
    number[lines.starts[:-1]], number[lines.starts[1:] - 1] = streets.tail, streets.head
    x = np.concatenate([streets.x, lines.coords[:, 0]])
    y = np.concatenate([streets.y, lines.coords[:, 1]])
    used, first = np.unique(number, return_index=True)
    used = used[np.argsort(first, kind="stable")]  # numbered as met along the ways
    new = np.full(len(x), -1, dtype=np.int64)
    new[used] = np.arange(len(used))
    inside = np.ones(len(number) - 1, dtype=bool)
    inside[lines.starts[1:-1] - 1] = False
    pairs = np.stack([new[number[:-1]], new[number[1:]]], 1)[inside]
    return _graph(name, x[used], y[used], pairs)


def _graph(name: str, x: Floats, y: Floats, pairs: AnyArray) -> Graph:
    """Loops out, of edges between the same nodes one (they are drawn straight, so they cost the same)."""
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    metres = np.hypot(x[pairs[:, 0]] - x[pairs[:, 1]], y[pairs[:, 0]] - y[pairs[:, 1]])
    cost = np.maximum(np.floor(10 * metres + 0.5), 1).astype(np.int32)
    people = np.random.default_rng(7).poisson(PEOPLE_A_NODE, len(x))
    ends = pairs.astype(np.int32)
    return Graph(name, x, y, ends[:, 0].copy(), ends[:, 1].copy(), cost, people.astype(np.int64))


def _seam(spot: Floats, shift: Floats) -> tuple[Longs, Longs, Ints]:
    """The ``SEAM`` shortest ways from the edge of one copy to the facing edge of the next."""
    from scipy import spatial

    axis = int(np.argmax(shift))
    order = np.argsort(spot[:, axis], kind="stable")
    low, high = order[-2000:], order[:2000]
    metres, nearest = spatial.cKDTree(spot[high] + shift).query(spot[low])
    best = np.argsort(metres, kind="stable")[:SEAM]
    cost = np.maximum(np.floor(10 * metres[best] + 0.5), 1).astype(np.int32)
    return low[best], high[nearest[best]], cost
