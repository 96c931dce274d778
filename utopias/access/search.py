"""The bounded search from some places to others, with one side laid out on the network once.

Whoever asks again (one more unit, one more draw) lays out only what is new.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from utopias.access.memory import must_fit
from utopias.domain.arrays import AnyArray, Ints, Longs
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.network.attach import Attached
from utopias.network.street_network import StreetNetwork
from utopias.scale import Runner

STAGE = "travel-times"
_ALONE = Runner()
_NO_LIMIT = 2**62


class Found(NamedTuple):
    """Sparse rows, one a source: how many targets each has, which, and the deciseconds."""

    counts: Longs
    targets: Ints
    deciseconds: Ints


class Search:
    """(width,) targets laid out on a network, to be found from any sources, or (``backwards``) to find them.

    backwards : times run from the targets to the sources, over the reversed graph.
    """

    def __init__(self, network: StreetNetwork, targets: Attached, width: int, *, backwards: bool) -> None:
        self.network, self.width, self.backwards = network, width, backwards
        graph = network.reverse if backwards else network.forward
        self.graph = (graph.starts, graph.heads, graph.costs)
        target = _ends(network, targets, backwards=not backwards)
        self.hung = _grouped(
            target.nodes, len(network), np.repeat(targets.place, 2).astype(np.int32),
            target.away + np.repeat(targets.snap, 2),
        )  # fmt: skip
        self.spots, spot = np.unique(_where(targets), return_inverse=True)
        self.on_chain = _grouped(
            targets.chain, len(network.chains), targets.place.astype(np.int32), self._doors(targets, spot.reshape(-1))
        )

    def _doors(self, doors: Attached, spot: AnyArray) -> Longs:
        # v is how far along the direction of search a door lies, u the same ground against it.
        u, v = (doors.ahead, doors.behind) if self.backwards else (doors.behind, doors.ahead)
        return np.stack([doors.chain, u, v, doors.snap, spot], 1)

    def run(
        self,
        sources: Attached,
        count: int,
        limit: Duration,
        *,
        runner: Runner = _ALONE,
        progress: Progress = silent,
        room: int = _NO_LIMIT,
    ) -> Found:
        """Every one of ``count`` sources, in chunks shared by threads; a table over ``room`` pairs is refused as it grows."""
        workers = max(1, min(runner.workers, count))
        size = max(1, min(64, -(-count // (4 * workers))))
        chunks = [(first, min(first + size, count)) for first in range(0, count, size)]
        found, pairs = [], 0
        for done, part in enumerate(self._chunks(sources, count, limit, chunks, Runner(workers), room), 1):
            pairs += len(part.targets)
            if pairs > room:
                must_fit(pairs * count // max(1, chunks[done - 1][1]), fixed=0, memory=24 * room, grown=True)
            found.append(part)
            progress(STAGE, 0.95 * done / len(chunks))
        if not found:
            return Found(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32))
        return Found(*(np.concatenate(column) for column in zip(*found, strict=True)))

    def _chunks(
        self, sources: Attached, count: int, limit: Duration, chunks: list[tuple[int, int]], runner: Runner, room: int
    ) -> Iterator[Found]:
        from utopias.network.kernels import bounded_search

        search: Any = bounded_search
        source = _ends(self.network, sources, backwards=self.backwards)
        seeds = _grouped(
            np.repeat(sources.place, 2), count, source.nodes.astype(np.int32), source.away + np.repeat(sources.snap, 2)
        )
        doors = _grouped(sources.place, count, self._doors(sources, self._spot(sources)))

        def run(chunk: tuple[int, int]) -> Found:
            return Found(
                *search(
                    *self.graph, *seeds, *self.hung, *doors, *self.on_chain, *chunk, self.width, limit.deciseconds, room
                )
            )

        return runner.map(run, chunks)

    def _spot(self, sources: Attached) -> Longs:
        """(d,) which of the targets' points each door stands exactly on; -1 for none."""
        where = _where(sources)
        if len(self.spots) == 0:
            return np.full(len(where), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.spots, where), len(self.spots) - 1)
        return np.where(self.spots[at] == where, at, -1).astype(np.int64)


class _Ends(NamedTuple):
    """(2d,) both ends of the chain of every door (tail, head, tail, head, ...), and the cost between it and the door."""

    nodes: Ints
    away: Longs


def _ends(network: StreetNetwork, doors: Attached, *, backwards: bool) -> _Ends:
    """The costs from doors to the ends of their chains; ``backwards``: from the ends to the doors."""
    chains = network.chains
    onward, back = chains.onward[doors.chain], chains.back[doors.chain]
    if backwards:
        at_tail, at_head = doors.ahead, back - doors.behind
    else:
        at_tail, at_head = doors.behind, onward - doors.ahead
    nodes = np.stack([chains.tail[doors.chain], chains.head[doors.chain]], 1).ravel()
    return _Ends(nodes, np.stack([at_tail, at_head], 1).ravel())


def _where(doors: Attached) -> AnyArray:
    return doors.x + 1j * doors.y


def _grouped(key: AnyArray, groups: int, *columns: AnyArray) -> tuple[AnyArray, ...]:
    """Offsets (groups + 1,) and the columns, put in the order of ``key``."""
    order = np.argsort(key, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=groups))]).astype(np.int64)
    return (starts, *(np.ascontiguousarray(column[order]) for column in columns))
