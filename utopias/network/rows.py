"""What lies within a limit of a few nodes: one row for each, of nodes and costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Ints, Longs, frozen
from utopias.domain.memory import must_fit
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.network.chains import JunctionGraph
from utopias.network.given_nodes import asked, closed, mean_link, node_faults
from utopias.scale import Runner

BYTES_AN_ENTRY = 24  # node and cost: as found, in the buffer that grows, and in the result
SAMPLE = 64  # sources that are tried first where all nodes in every row would not fit
CHUNK = 2048  # sources a task at most, so that what they find is soon laid in its place
BUCKET_SHARE = 0.125  # of the mean link, the width of a bucket; measured: half or twice as much costs 3 %


@dataclass(frozen=True, eq=False)
class Rows:
    """(s,) rows of the nodes within a limit of a source.

    starts : (s + 1,) where each row begins. nodes : (m,) as given to the network. cost : (m,) from the source to each.
    A row begins with the chain its source is inside, then goes on as the search met junctions and the chains at
    them: neither nodes nor costs rise. The order is the same at every run, with any number of workers.
    """

    starts: Longs
    nodes: Ints
    cost: Ints

    def __post_init__(self) -> None:
        for name in ("starts", "nodes", "cost"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __iter__(self) -> Iterator[AnyArray]:
        """To be taken apart: ``starts, nodes, cost = network.rows(...)``."""
        return iter((self.starts, self.nodes, self.cost))

    def __repr__(self) -> str:
        return f"<Rows: {len(self.nodes):,} nodes around {len(self.starts) - 1:,} sources>"

    def row(self, source: int) -> tuple[Ints, Ints]:
        """Nodes and costs around one source, by its position among the sources."""
        part = slice(self.starts[source], self.starts[source + 1])
        return self.nodes[part], self.cost[part]


def rows_within(
    graph: JunctionGraph,
    order: Ints,
    number: Ints,
    sources: object,
    limit: int | str | Duration,
    *,
    runner: Runner,
    memory: int | None = None,
) -> Rows:
    """Find every node within ``limit`` of each source, and what the way there costs.

    Parameters
    ----------
    graph : the junctions; costs are those of the way FROM the source. order : (j,) the nodes as given;
        number : (j,) where each of them stands in ``order``.
    sources : (s,) nodes as given to the network; the same one may come again, each time with its own row.
    limit : in the unit of the costs, or written with a unit of time; 0 or more. A node exactly at it is within.
    runner : threads share the sources; the result is the same with any number.
    memory : bytes the work may take, 24 an entry; None for what the machine has free.

    Returns
    -------
    Rows, as many as sources and in their order. Each has its source with cost 0; a node without an edge only that.

    Raises
    ------
    ProblemError : sources that are no nodes, a limit under 0 or of ``BLOCKED`` or more.
    TooLargeError : the rows would not fit; told after a few searches, or as soon as they outgrow what those foretold.
    """
    from utopias.network.rows_kernel import lay, rows_of

    nodes: AnyArray = np.asarray(sources)
    most = asked(node_faults(nodes, len(order), "sources"), limit)
    if len(nodes) == 0:
        return Rows(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32))
    shape, chains, links = graph.shape, graph.chains, graph.forward
    at = number[nodes].astype(np.int64)
    near_first = np.argsort(at, kind="stable")  # neighbours one after the other find their streets in the cache
    arrays = tuple(
        closed(array)
        for array in (
            links.starts, links.heads, links.costs, shape.junction, shape.place,
            shape.around_starts, shape.around, chains.tail, chains.head, chains.onward, chains.back,
            shape.inside_starts, shape.inside_chain, *graph.inside, shape.nodes, shape.inside, order,
        )
    )  # fmt: skip
    delta = max(1, int(BUCKET_SHARE * mean_link(links.costs, most)))
    room = _must_fit(0, memory)
    if len(nodes) > SAMPLE and len(nodes) * len(order) > room:
        some = near_first[np.linspace(0, len(nodes) - 1, SAMPLE).astype(np.int64)]
        done, counts, _, _ = rows_of(*arrays, closed(at[some]), most, delta, room)
        _must_fit(int(counts.sum()) * len(nodes) // int(done), memory)

    sizes = np.zeros(len(nodes), dtype=np.int64)
    so_far = 0

    def some_rows(rows: Longs) -> tuple[Longs, Ints, Ints]:
        done, counts, found, times = rows_of(*arrays, closed(at[rows]), most, delta, max(room - so_far, 0))
        if done < len(rows):
            _must_fit(max(so_far + len(found) * len(rows) // int(done), room + 1), memory)
        return counts, found, times

    tasks = 1 if runner.workers == 1 else 4 * runner.workers
    size = min(CHUNK, -(-len(nodes) // tasks))
    chunks = [near_first[k : k + size] for k in range(0, len(nodes), size)]
    parts = []
    for rows, (counts, found, times) in zip(chunks, runner.map(some_rows, chunks), strict=True):
        sizes[rows] = counts
        so_far += len(found)
        parts.append((rows, counts, found, times))
        if so_far > room:
            _must_fit(so_far, memory)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    all_nodes, cost = np.empty(so_far, dtype=np.int32), np.empty(so_far, dtype=np.int32)
    while parts:
        rows, counts, found, times = parts.pop()
        lay(closed(rows), closed(counts), closed(starts), closed(found), closed(times), all_nodes, cost)
    return Rows(starts, all_nodes, cost)


def _must_fit(entries: int, memory: int | None) -> int:
    """How many entries fit; refuses so many that do not."""
    return must_fit(
        entries,
        each=BYTES_AN_ENTRY,
        of=Sentence("entries"),
        where=Sentence("rows of nodes"),
        memory=memory,
    )[1]
