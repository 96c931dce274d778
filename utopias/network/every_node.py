"""What lies around every node of a network, all nodes at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.memory import must_fit
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.network.chains import BLOCKED, JunctionGraph
from utopias.scale import Runner

NARROW_LIMIT = 2**15 - 1  # units up to which 16 bits hold a label: 54 minutes in deciseconds, 3.2 km in decimetres
WHOLE_MOST = 2**31 - 1  # sums of whole values up to here are made of integers
BUCKET_SHARE = 0.25  # of the mean link, the width of a bucket; measured: half or twice as much costs some per cent
# Bytes of all that stands beside the network while sums are made: measured on Porto, 25 of whole values and 32 of
# others where uphill and downhill differ, and 8 of values that are no floats yet; the labels of a wave are small.
A_NODE, A_NODE_OF_FLOATS = 28, 44
TOGETHER = 2**16  # values looked at at a time
WAVE = 64  # sources that walk together


def sums_within(
    graph: JunctionGraph, order: Ints, values: object, limit: int | str | Duration, *, runner: Runner
) -> Floats:
    """Add up what lies within ``limit`` of every node, each node among them.

    Parameters
    ----------
    graph : the junctions. order : (j,) the nodes as given, in the order of ``graph.shape``.
    values : (j,) at the nodes as given to the network; finite. limit : in the unit of the costs, or written
        with a unit of time; 0 or more. A node exactly at the limit is within.
    runner : threads share the nodes; the result is the same with any number.

    Returns
    -------
    (j,) of the nodes as given. Exact where the values are whole and all their sizes add up to less than 2**31,
    otherwise rounded as floats are. A node without an edge has its own value.

    Raises
    ------
    MisalignedError : not one value a node. ProblemError : values that are not finite, a limit under 0 or
    of ``BLOCKED`` or more. TooLargeError : there is no room for the sums.
    """
    most = cost_limit(limit)
    given = _checked(values, len(order))
    whole = _are_whole(given)
    must_fit(
        len(order),
        each=A_NODE if whole else A_NODE_OF_FLOATS,
        of=Sentence("nodes"),
        where=Sentence("sums around every node"),
        mend=lambda _: Sentence("take a smaller area, or a larger machine"),
        code="too-many-nodes",
    )
    found = _walked(graph, order, given, most, np.dtype(np.int32 if whole else np.float64), runner)
    shape = graph.shape
    lonely = np.flatnonzero((shape.junction < 0) & (shape.place < 0))
    found[lonely] = given[order[lonely]]
    sums = np.empty(len(found))
    sums[order] = found
    return sums


def _walked(
    graph: JunctionGraph, order: Ints, given: AnyArray, most: int, kind: np.dtype[Any], runner: Runner
) -> AnyArray:
    """(j,) the sums in the order of the graph; 0 at nodes without an edge."""
    from utopias.network.lanes import wave_for

    label = np.dtype(np.uint16 if most <= NARROW_LIMIT else np.uint32)
    kernel = wave_for(label.name, kind.name)
    shape, chains = graph.shape, graph.chains
    arrays = tuple(
        _closed(array)
        for array in (
            graph.forward.starts, graph.forward.heads, graph.forward.costs, shape.junction, shape.place,
            shape.around_starts, shape.around, chains.tail, chains.head, chains.onward, chains.back,
            shape.inside_starts, shape.inside_chain, *graph.inside,
            given[order[shape.nodes]].astype(kind), given[order[shape.inside]].astype(kind),
        )
    )  # fmt: skip
    found = np.zeros(len(order), dtype=kind)
    nothing = _closed(np.zeros(0, dtype=label))

    bucket = max(1, int(BUCKET_SHARE * np.minimum(graph.forward.costs, most).sum() / max(1, len(graph.forward.costs))))

    def some(chunk: tuple[int, int]) -> None:
        kernel(*arrays, *chunk, most, bucket, nothing, found)

    size = WAVE * -(-len(order) // (WAVE * (1 if runner.workers == 1 else 8 * runner.workers)))
    for _ in runner.map(some, [(k, min(k + size, len(order))) for k in range(0, len(order), max(size, 1))]):
        pass
    return found


def cost_limit(limit: int | str | Duration) -> int:
    """A limit as a whole number of cost units.

    Raises
    ------
    ProblemError : under 0, or so large that a blocked way would lie within.
    """
    most = int(limit) if isinstance(limit, (int, np.integer)) else Duration.of(limit).deciseconds
    if not 0 <= most < BLOCKED:
        raise ProblemError(
            Fault(
                "bad-limit",
                Sentence("a limit of {limit} is under 0 or of {blocked:,} or more", limit=str(limit), blocked=BLOCKED),
                mend="give a whole number in the unit of the costs, or a time with its unit",
            )
        )
    return most


def _are_whole(given: AnyArray) -> bool:
    """Whether all are whole numbers whose sizes add up to no more than ``WHOLE_MOST``; looked at some at a time."""
    size = 0.0
    for first in range(0, len(given), TOGETHER):
        some = given[first : first + TOGETHER].astype(np.float64)
        if (some != np.floor(some)).any():
            return False
        size += float(np.abs(some).sum())
    return size <= WHOLE_MOST


def _checked(values: object, count: int) -> AnyArray:
    given: AnyArray = np.asarray(values)
    if given.dtype.kind not in "iu":  # whole numbers stay as they are given: no copy of a city
        given = given.astype(np.float64, copy=False)
    if given.shape != (count,):
        raise MisalignedError(
            Fault("misaligned", Sentence("values have shape {shape} for {count} nodes", shape=given.shape, count=count))
        )
    bad: Bools = ~np.isfinite(given)
    if bad.any():
        raise ProblemError(
            Fault(
                code="bad-weight",
                what=Sentence("{count} of {total} values are not finite", count=int(bad.sum()), total=count),
                where="values",
                mend="give 0 where nothing is known to be there",
                count=int(bad.sum()),
                first=Sentence("node {first}", first=int(np.flatnonzero(bad)[0])),
            )
        )
    return given


def _closed(array: AnyArray) -> AnyArray:
    """Contiguous and closed for writing, as the kernels' signatures say."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
