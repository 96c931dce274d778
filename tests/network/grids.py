"""Random streets and places, and a witness that knows nothing of chains: the graph split at every door."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from utopias.domain.arrays import texts
from utopias.domain.places import Places
from utopias.domain.places import places as make_places
from utopias.domain.shapes import Lines
from utopias.domain.streets import Streets
from utopias.network.attach import Snapping, attach
from utopias.network.effort import edge_costs

CRS = "EPSG:32614"


def streets_of(x, y, tail, head, *, length=None, rise=None, steps=None, foot=None, bends=None) -> Streets:
    """Streets from junctions and edges; ``bends``: for each edge a list of points between its ends."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    tail, head = np.asarray(tail, dtype=np.int32), np.asarray(head, dtype=np.int32)
    e = len(tail)
    bends = bends or [[] for _ in range(e)]
    drawn = [[(x[a], y[a]), *between, (x[b], y[b])] for a, b, between in zip(tail, head, bends, strict=True)]
    coords = np.array([point for line in drawn for point in line], dtype=float).reshape(-1, 2)
    lines = Lines(coords, np.concatenate([[0], np.cumsum([len(line) for line in drawn])]).astype(np.int64), CRS)
    return Streets(
        x=x,
        y=y,
        tail=tail,
        head=head,
        length=lines.lengths() if length is None else np.asarray(length, dtype=float),
        rise=np.full(e, np.nan) if rise is None else np.asarray(rise, dtype=float),
        kind=texts(["residential"] * e),
        name=texts([""] * e),
        surface=texts([""] * e),
        steps=np.zeros(e, dtype=bool) if steps is None else np.asarray(steps, dtype=bool),
        foot=np.ones(e, dtype=bool) if foot is None else np.asarray(foot, dtype=bool),
        lines=lines,
    )


def random_grid(width: int, height: int, *, seed: int, step: float = 80.0, dropped: float = 0.15) -> Streets:
    """A shaken grid on a hillside with some streets missing, so that there are chains, dead ends and islands."""
    rng = np.random.default_rng(seed)
    across, up = np.meshgrid(np.arange(width), np.arange(height))
    x = (across * step + rng.uniform(-step / 4, step / 4, across.shape)).ravel()
    y = (up * step + rng.uniform(-step / 4, step / 4, up.shape)).ravel()
    node = np.arange(width * height).reshape(height, width)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    kept = rng.random(len(tail)) >= dropped
    tail, head = tail[kept], head[kept]
    height_m = 0.05 * x + 15 * np.sin(x / 400) * np.cos(y / 300)
    return streets_of(x, y, tail, head, rise=height_m[head] - height_m[tail])


def scattered(count: int, width: float, height: float, *, seed: int, role: str = "block") -> Places:
    """Places at random points, one door each."""
    rng = np.random.default_rng(seed)
    return make_places(
        [f"{role} {i}" for i in range(count)], rng.uniform(0, width, count), rng.uniform(0, height, count), role=role
    )


def with_doors(role: str, doors: list[list[tuple[float, float]]]) -> Places:
    """Places with the doors given; the first door is also the main point."""
    of = np.repeat(np.arange(len(doors)), [len(d) for d in doors]).astype(np.int64)
    points = np.array([p for d in doors for p in d], dtype=float).reshape(-1, 2)
    one = make_places(
        [f"{role} {i}" for i in range(len(doors))], [d[0][0] for d in doors], [d[0][1] for d in doors], role=role
    )
    return Places(one.ids, one.x, one.y, one.role, one.table, of, points[:, 0], points[:, 1])


_spot = st.integers(0, 12).map(lambda k: 50.0 * k)
_point = st.tuples(_spot, _spot)


@st.composite
def small_streets(draw, *, level: bool = False) -> Streets:
    """2 to 9 junctions, 1 to 14 edges: loops, parallel edges, edges of no length, slopes, steps, closed edges, islands."""
    n = draw(st.integers(2, 9))
    points = draw(st.lists(_point, min_size=n, max_size=n))
    ends = st.integers(0, n - 1)
    pairs = draw(st.lists(st.tuples(ends, ends), min_size=1, max_size=14))
    e = len(pairs)
    length = draw(st.lists(st.sampled_from([0.0, 0.1, 7.0, 33.3, 50.0, 100.0, 412.5]), min_size=e, max_size=e))
    slope = draw(st.lists(st.sampled_from([np.nan, 0.0, 0.08, -0.2, 0.5]), min_size=e, max_size=e))
    rise = [np.nan if level else s * run for s, run in zip(slope, length, strict=True)]
    closed = draw(st.lists(st.booleans(), min_size=e, max_size=e))
    foot = [not c or k == 0 for k, c in enumerate(closed)] if draw(st.booleans()) else [True] * e
    bends = draw(st.lists(st.lists(_point, max_size=2), min_size=e, max_size=e))
    x, y = zip(*points, strict=True)
    tail, head = zip(*pairs, strict=True)
    return streets_of(x, y, tail, head, length=length, rise=rise, foot=foot, bends=bends)


def small_places(role: str) -> st.SearchStrategy[Places]:
    """1 to 4 places with 1 to 3 doors each, some of them exactly on a street or on each other, some far from any."""
    near = st.tuples(st.integers(-1, 26).map(lambda k: 25.0 * k), st.integers(-1, 26).map(lambda k: 25.0 * k))
    far = st.tuples(st.just(2000.0), _spot)
    door = st.one_of(near, near, near, far)
    return st.lists(st.lists(door, min_size=1, max_size=3), min_size=1, max_size=4).map(
        lambda doors: with_doors(role, doors)
    )


class Weighed(NamedTuple):
    """Edges with whole costs both ways, as they were before any network was made of them."""

    row: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    onward: np.ndarray
    back: np.ndarray


def weighed(streets: Streets, walker: str = "adult") -> Weighed:
    """The edges ``walker`` can use. Their weights have tests of their own."""
    costs = edge_costs(streets, walker=walker)
    row = np.flatnonzero(costs.walkable)
    return Weighed(row, streets.tail[row], streets.head[row], costs.onward[row], costs.back[row])


def split_graph(edges: Weighed, network, origins: Places, destinations: Places, *, snapping=None) -> nx.DiGraph:
    """Every junction, every door and every place a node; integer costs; no chain in sight.

    Takes from the program under test only where each door meets its edge, which has tests of its own.
    """
    graph = nx.DiGraph()

    def link(a, b, cost: int) -> None:
        if not graph.has_edge(a, b) or graph[a][b]["cost"] > cost:
            graph.add_edge(a, b, cost=int(cost))

    on_edge: dict[int, list[tuple[float, tuple]]] = {}
    doors: dict[tuple[float, float], list] = {}
    for side, chosen in (("from", origins), ("to", destinations)):
        for i in range(len(chosen)):
            graph.add_node((side, i))
        joined = attach(network, chosen, snapping=snapping or Snapping())
        for d in range(len(joined)):
            point, place = ("door", side, d), (side, int(joined.place[d]))
            edge = int(network.edges.row[joined.edge[d]])
            on_edge.setdefault(edge, []).append((float(joined.share[d]), point))
            if side == "from":
                link(place, point, joined.snap[d])
            else:
                link(point, place, joined.snap[d])
            spot = (float(joined.x[d]), float(joined.y[d]))
            if side == "from":
                doors.setdefault(spot, []).append(place)
            else:
                for origin in doors.get(spot, []):
                    link(origin, place, 0)
    for row, tail, head, onward, back in zip(*(column.tolist() for column in edges), strict=True):
        stops = [(0.0, ("junction", tail))]
        stops += sorted(on_edge.get(row, []), key=lambda stop: stop[0])
        stops += [(1.0, ("junction", head))]
        for (a, from_point), (b, to_point) in pairwise(stops):
            link(from_point, to_point, _cut(b, onward) - _cut(a, onward))
            link(to_point, from_point, _cut(b, back) - _cut(a, back))
    return graph


def _cut(share: float, cost: int) -> int:
    return int(np.floor(share * cost + 0.5))
