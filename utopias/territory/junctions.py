"""Lines cut where they meet: what makes a drawing of streets a network.

Knows places by number only, whoever says which vertices are the same place: OpenStreetMap by its nodes, a file of
lines by its coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from utopias.domain.arrays import AnyArray, Floats, Ints, Longs
from utopias.domain.shapes import Lines


@dataclass(frozen=True, eq=False)
class Cut:
    """(j,) junctions at x, y, and (e,) edges from ``tail`` to ``head``, each a stretch of one line.

    line : (e,) which of the lines each edge is a stretch of. lines : (e,) their courses.
    """

    x: Floats
    y: Floats
    tail: Ints
    head: Ints
    line: Longs
    lines: Lines

    def __len__(self) -> int:
        return len(self.tail)


def cut_at_junctions(vertex: Longs, line: Longs, x: Floats, y: Floats, crs: str) -> Cut:
    """Cut lines where they end, and where they pass a place more than once.

    Parameters
    ----------
    vertex : (v,) place of each vertex, line by line, none twice in a row. line : (v,) its line, never falling.
    x, y : (p,) the places, in metres of ``crs``.

    A line of one vertex gives no edge, and its place is a junction where another line passes.
    """
    changes = line[1:] != line[:-1]
    starts, ends = np.concatenate([[True], changes]), np.concatenate([changes, [True]])
    junction = np.bincount(vertex, minlength=len(x)) > 1
    junction[vertex[(starts | ends)[: len(vertex)]]] = True
    stops = np.flatnonzero(junction[vertex])
    same = line[stops[:-1]] == line[stops[1:]]
    tail_at, head_at = stops[:-1][same], stops[1:][same]
    counts = head_at - tail_at + 1
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    at = vertex[np.repeat(tail_at - offsets[:-1], counts) + np.arange(offsets[-1])]
    used, number = np.unique(np.concatenate([vertex[tail_at], vertex[head_at]]), return_inverse=True)
    return Cut(
        x=x[used],
        y=y[used],
        tail=number[: len(tail_at)].astype(np.int32),
        head=number[len(tail_at) :].astype(np.int32),
        line=line[tail_at],
        lines=Lines(np.column_stack([x[at], y[at]]), offsets, crs),
    )


def pieces(tail: AnyArray, head: AnyArray, junctions: int) -> tuple[int, Ints]:
    """How many connected pieces (j,) junctions fall into, and the piece of each."""
    graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(junctions, junctions))
    count, of = connected_components(graph, directed=False)
    return int(count), of
