"""Walking times built again from raw streets: other tools, other graph, the same rules.

The rules are those the travel times are documented to follow, written here anew from their sources:

* An edge of L metres costs floor(10 L / (v t) + 1/2) deciseconds each way, v the walker's speed on the flat and
  t = exp(-3.5 (|s + 0.05| - 0.05)), Tobler's (1993, NCGIA 93-1) walking function over its value on the flat, s the
  slope in that direction; where the rise is not known, t = 1. Other rules, and what else slows whom: ``pace``.
* A door is joined to the nearest street it may walk on, at most 300 m away, at the nearest point of the drawn line; a
  street of a main piece of network is preferred to one of a small island (under 1 % of the edges) if at most 100 m
  farther. Where the times were made with other distances their notes say so (``Joining``).
* That point cuts the edge's cost: floor(share * cost + 1/2) on the side of the tail, the rest on the other.
* The leg from the door to the street is walked at v, rounded half up. Of several doors the best counts.

The times are then Dijkstra's on the whole drawn graph (scipy), with the doors split into their edges: nothing is
contracted, no search is bounded by hand, and nothing of the access engine is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.witness.pace import Paces, cost, passable
from utopias.witness.town_files import RawStreets

TIE = 1e-6  # metres; two streets equally near to a thousandth of a millimetre are equally right
# Every arc carries one more than its cost so scaled: scipy takes an arc of 0 for no arc.
SCALE = 2.0**20
CHUNK = 32  # searches at a time: a row of answers a search, as long as the graph
ATTACHED, ON_ISLAND, NO_STREET = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Joining:
    """How a door finds its street: metres at most, metres more for a main street, share of edges of an island."""

    at_most: float = 300.0
    extra: float = 100.0
    island_share: float = 0.01


@dataclass(frozen=True, eq=False)
class WalkableStreets:
    """(e,) the edges one walker can use, with whole costs both ways; ``large``: of no small island."""

    tail: Longs
    head: Longs
    onward: Longs
    back: Longs
    lines: AnyArray
    large: Bools
    junctions: int
    speed: float
    joining: Joining


@dataclass(frozen=True, slots=True)
class Foot:
    """Where one door steps onto a street: the edge, the share of it from the tail, deciseconds from the door."""

    edge: int
    share: float
    leg: int


def walkable(streets: RawStreets, *, paces: Paces, speed: float, joining: Joining | None = None) -> WalkableStreets:
    """The streets of one walker, at ``speed`` metres a second on the flat."""
    rules = joining or Joining()
    may, flight, rest = passable(streets, paces)
    flight, rest = flight[may], rest[may]
    length, rise = streets.length[may], streets.rise[may]
    slope = np.divide(rise, length, out=np.zeros(len(length)), where=(length > 0) & ~np.isnan(rise))
    tail, head = streets.tail[may], streets.head[may]
    graph = sparse.coo_array((np.ones(len(tail)), (tail, head)), shape=(streets.junctions, streets.junctions))
    _, piece = csgraph.connected_components(graph, directed=False)
    edges_of = np.bincount(piece[tail], minlength=1)
    big = edges_of >= rules.island_share * len(tail)
    big[np.argmax(edges_of)] = True
    return WalkableStreets(
        tail=tail,
        head=head,
        onward=cost(length, slope, flight, rest, speed, paces.slope),
        back=cost(length, -slope, flight, rest, speed, paces.slope),
        lines=streets.lines[may],
        large=big[piece[tail]],
        junctions=streets.junctions,
        speed=speed,
        joining=rules,
    )


def feet(streets: WalkableStreets, doors: Floats) -> list[list[Foot]]:
    """For each of (d, 2) doors the street it steps onto; several where they are equally near, none where there is none."""
    points = shapely.points(doors)
    everywhere = shapely.STRtree(streets.lines)
    distance, preferred = _to_street(streets, points)
    found: list[list[Foot]] = [[] for _ in range(len(points))]
    near = np.flatnonzero(distance <= streets.joining.at_most)
    asked, edges = everywhere.query(points[near], predicate="dwithin", distance=distance[near] + TIE)
    order = np.lexsort((edges, asked))
    taken: list[set[tuple[str, int]]] = [set() for _ in range(len(points))]
    for at, edge in zip(near[asked[order]], edges[order], strict=True):
        if preferred[at] and not streets.large[edge]:
            continue
        share = float(shapely.line_locate_point(streets.lines[edge], points[at], normalized=True))
        share = min(max(share, 0.0), 1.0) if np.isfinite(share) else 0.0
        ends = {0.0: streets.tail[edge], 1.0: streets.head[edge]}
        spot = ("junction", int(ends[share])) if share in ends else ("edge", int(edge))
        if spot in taken[at]:
            continue
        taken[at].add(spot)
        gap = float(shapely.distance(streets.lines[edge], points[at]))
        found[at].append(Foot(int(edge), share, int(np.floor(gap * 10.0 / streets.speed + 0.5))))
    return found


def statuses(streets: WalkableStreets, doors: Floats) -> Longs:
    """(d,) 0 attached to a main piece of network, 1 to an island, 2 no street near enough."""
    distance, on_main = _to_street(streets, shapely.points(doors))
    near = distance <= streets.joining.at_most
    status: Longs = np.where(on_main, ATTACHED, np.where(near, ON_ISLAND, NO_STREET))
    return status


def walking_times(
    streets: WalkableStreets, origins: Sequence[Floats], targets: Sequence[Floats], *, at_most: int
) -> list[set[int]]:
    """Deciseconds from each of (k,) origins to the target at the same position, each given by its doors (d, 2).

    Returns a set of right answers for each pair: one number, or several where a door has two streets equally near;
    empty where there is no way of at most ``at_most``. Two doors at the same point are no walk at all.
    """
    places = [*origins, *targets]
    if not places:
        return []
    owner = np.repeat(np.arange(len(places)), [len(doors) for doors in places])
    graph, node = _graph(streets, feet(streets, np.concatenate(places)))
    choices = [_choices(np.flatnonzero(owner == place), node) for place in range(len(places))]
    answers: list[set[int]] = []
    for first in range(0, len(origins), CHUNK):
        chunk = range(first, min(first + CHUNK, len(origins)))
        sources = sorted({n for pair in chunk for choice in choices[pair] for n in choice})
        way, row = _ways(graph, sources, at_most), {n: k for k, n in enumerate(sources)}
        for pair in chunk:
            if bool((origins[pair][:, None] == targets[pair][None]).all(axis=2).any()):
                answers.append({0})
                continue
            lengths = {
                way[np.ix_([row[n] for n in here], there)].min()
                for here in choices[pair]
                for there in choices[len(origins) + pair]
                if here and there
            }
            answers.append({int(length) for length in lengths if length <= at_most})
    return answers


def _choices(doors: Longs, node: list[list[int]]) -> list[tuple[int, ...]]:
    """Sets of nodes of one place: every joined door by its first foot; then each door once by each other foot."""
    joined = [node[door] for door in doors if node[door]]
    first = tuple(options[0] for options in joined)
    others = [(*first[:k], option, *first[k + 1 :]) for k, options in enumerate(joined) for option in options[1:]]
    return [first, *others]


def _ways(graph: sparse.csr_array, sources: list[int], at_most: int) -> Floats:
    if not sources:
        return np.zeros((0, graph.shape[0]))
    raw = csgraph.dijkstra(graph, directed=True, indices=sources, limit=(at_most + 1) * SCALE)
    ways: Floats = np.where(np.isfinite(raw), np.floor(raw / SCALE), np.inf)
    return ways


def _graph(streets: WalkableStreets, options: list[list[Foot]]) -> tuple[sparse.csr_array, list[list[int]]]:
    """All edges, those with doors cut at them, and a node for every option of every door."""
    on_edge: dict[int, list[tuple[float, int]]] = {}
    arcs: list[tuple[int, int, int]] = []
    nodes: list[list[int]] = []
    count = streets.junctions
    for feet_of_door in options:
        nodes.append([])
        for foot in feet_of_door:
            door, cut = count, count + 1
            count += 2
            arcs += [(door, cut, foot.leg), (cut, door, foot.leg)]
            on_edge.setdefault(foot.edge, []).append((foot.share, cut))
            nodes[-1].append(door)
    for edge, cuts in on_edge.items():
        onward, back = int(streets.onward[edge]), int(streets.back[edge])
        stops = [(0, 0, int(streets.tail[edge]))]
        stops += [(_part(share, onward), _part(share, back), cut) for share, cut in sorted(cuts)]
        stops.append((onward, back, int(streets.head[edge])))
        for (ahead, behind, one), (next_ahead, next_behind, other) in pairwise(stops):
            arcs += [(one, other, next_ahead - ahead), (other, one, next_behind - behind)]
    whole = np.ones(len(streets.tail), dtype=bool)
    whole[list(on_edge)] = False
    cut_arcs = np.array(arcs, dtype=np.int64).reshape(-1, 3)
    start = np.concatenate([streets.tail[whole], streets.head[whole], cut_arcs[:, 0]])
    end = np.concatenate([streets.head[whole], streets.tail[whole], cut_arcs[:, 1]])
    cost = np.concatenate([streets.onward[whole], streets.back[whole], cut_arcs[:, 2]])
    # Of parallel arcs the cheapest: a sparse matrix would add them up.
    order = np.lexsort((cost, end, start))
    start, end, cost = start[order], end[order], cost[order]
    first = np.ones(len(start), dtype=bool)
    first[1:] = (np.diff(start) != 0) | (np.diff(end) != 0)
    kept = first & (start != end)
    graph = sparse.csr_array((cost[kept] * SCALE + 1.0, (start[kept], end[kept])), shape=(count, count))
    return graph, nodes


def _part(share: float, cost: int) -> int:
    return int(np.floor(share * cost + 0.5))


def _to_street(streets: WalkableStreets, points: AnyArray) -> tuple[Floats, Bools]:
    """(k,) metres to the street each point takes, and whether that is one of a main piece of network."""
    nearest = _nearest(streets.lines, points)
    of_main = _nearest(streets.lines[np.flatnonzero(streets.large)], points)
    on_main: Bools = of_main <= np.minimum(streets.joining.at_most, nearest + streets.joining.extra)
    return np.where(on_main, of_main, nearest), on_main


def _nearest(lines: AnyArray, points: AnyArray) -> Floats:
    """(k,) metres from each point to the nearest of the lines; inf where there is no line."""
    distance: Floats = np.full(len(points), np.inf)
    if len(lines):
        (asked, _), metres = shapely.STRtree(lines).query_nearest(points, return_distance=True, all_matches=False)
        distance[asked] = metres
    return distance
