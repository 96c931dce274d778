"""Edges and costs that come from elsewhere, looked over before a network is made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Lines
from utopias.network.effort import LONGEST


@dataclass(frozen=True, eq=False)
class Straight:
    """(e,) edges that run straight between (j,) nodes; drawn as lines only when a place is to be attached."""

    x: Floats
    y: Floats
    tail: Ints
    head: Ints

    def lines(self) -> Lines:
        """(e,) two points each."""
        coords = np.empty((len(self.tail), 2, 2))
        for column, axis in enumerate((self.x, self.y)):
            coords[:, 0, column], coords[:, 1, column] = axis[self.tail], axis[self.head]
        return Lines(coords.reshape(-1, 2), 2 * np.arange(len(self.tail) + 1, dtype=np.int64), "")


def check_reweighing(edges: int, at: AnyArray, cost: AnyArray, cost_back: AnyArray) -> None:
    """Raise every fault in costs that are to replace those of some edges."""
    faults = []
    if at.ndim != 1 or cost.shape != at.shape or cost_back.shape != at.shape:
        shapes = ", ".join(str(a.shape) for a in (at, cost, cost_back))
        faults.append(Fault("misaligned", Sentence("edges, cost and cost_back have shapes {shapes}", shapes=shapes)))
    elif len(at):
        if not all(np.issubdtype(a.dtype, np.integer) for a in (at, cost, cost_back)):
            faults.append(
                Fault(
                    code="not-whole",
                    what="edges and costs must be whole numbers",
                    where="edges",
                    mend="round costs to deciseconds once, half up, before they come here",
                )
            )
        again = np.zeros(len(at), dtype=bool)
        again[np.setdiff1d(np.arange(len(at)), np.unique(at, return_index=True)[1])] = True
        found = (
            ("edge-of-nothing", (at < 0) | (at >= edges), Sentence("edges are not in the network")),
            ("duplicate-key", again, Sentence("edges are named a second time")),
            ("bad-cost", _bad(cost) | _bad(cost_back), Sentence("edges have a cost under 0 or over {longest:,} deciseconds", longest=LONGEST)),
        )  # fmt: skip
        faults += [_counted(code, rows, what) for code, rows, what in found if rows.any()]
    if faults:
        raise TableError(faults)


def check_edges(x: AnyArray, y: AnyArray, tail: AnyArray, head: AnyArray, cost: AnyArray, cost_back: AnyArray) -> None:
    """Raise every fault in nodes and edges of which a network is to be made."""
    faults = []
    if x.shape != y.shape or x.ndim != 1:
        faults.append(Fault("misaligned", Sentence("x has shape {shape}, y {shape_2}", shape=x.shape, shape_2=y.shape)))
    elif not (np.isfinite(x).all() and np.isfinite(y).all()):
        faults.append(Fault("no-coordinates", "some nodes have no finite coordinates", where="x and y"))
    if tail.ndim != 1 or any(other.shape != tail.shape for other in (head, cost, cost_back)):
        shapes = ", ".join(str(a.shape) for a in (tail, head, cost, cost_back))
        faults.append(
            Fault("misaligned", Sentence("tail, head, cost and cost_back have shapes {shapes}", shapes=shapes))
        )
    elif len(tail) == 0:
        faults.append(Fault("no-walkable-street", "there is no edge at all"))
    else:
        if not all(np.issubdtype(a.dtype, np.integer) for a in (tail, head, cost, cost_back)):
            faults.append(
                Fault(
                    code="not-whole",
                    what="tail, head and costs must be whole numbers",
                    where="edges",
                    mend="round costs to deciseconds once, half up, before they come here",
                )
            )
        lost = (np.minimum(tail, head) < 0) | (np.maximum(tail, head) >= len(x))
        found = (
            ("edge-of-nothing", lost, Sentence("edges end at a node that does not exist")),
            ("bad-cost", _bad(cost) | _bad(cost_back), Sentence("edges have a cost under 0 or over {longest:,} deciseconds", longest=LONGEST)),
        )  # fmt: skip
        faults += [_counted(code, rows, what) for code, rows, what in found if rows.any()]
    if faults:
        raise TableError(faults)


def _bad(cost: AnyArray) -> Bools:
    """Which costs are no number from 0 to ``LONGEST``."""
    bad: Bools = ~((cost >= 0) & (cost <= LONGEST))
    return bad


def _counted(code: str, rows: Bools, what: Sentence) -> Fault:
    return Fault(
        code,
        Sentence("{count:,} of {total:,} {what}", count=int(rows.sum()), total=len(rows), what=what),
        count=int(rows.sum()),
        first=Sentence("edge {first}", first=int(np.flatnonzero(rows)[0])),
    )
