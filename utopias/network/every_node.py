"""What lies around the nodes of a network: around every one of them, or around those asked for."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs
from utopias.domain.errors import Fault
from utopias.domain.memory import must_fit
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.network.chains import JunctionGraph
from utopias.network.given_nodes import asked, closed, mean_link, node_faults
from utopias.scale import Runner

NARROW_LIMIT = 2**15 - 1  # units up to which 16 bits hold a label: 54 minutes in deciseconds, 3.2 km in decimetres
WHOLE_MOST = 2**31 - 1  # sums of whole values up to here are made of integers
BUCKET_SHARE = 0.25  # of the mean link, the width of a bucket; measured: half or twice as much costs some per cent
ALONE_SHARE = 0.125  # the same for a search from one source
WAVE = 64  # sources that walk together
# Bytes of all that stands beside the network while sums are made: measured on Porto, 25 of whole values and 32 of
# others where uphill and downhill differ, and 8 of values that are no floats yet; the labels of a wave are small.
A_NODE, A_NODE_OF_FLOATS = 28, 44
TOGETHER = 2**16  # values looked at at a time

# A wave costs nearly the same for one source as for 64, and more the farther apart they are. Measured in Porto
# (324,503 nodes, one thread), 64 sources along the Hilbert curve, one in so many nodes, CPU us a source alone / in a wave:
#             1 in 4      1 in 32     1 in 64     1 in 128    1 in 256
#   400 m     1.2 / 0.6   1.9 / 1.8   4.1 / 4.5   3.9 / 6.0   5.0 / 8.8
#   1,200 m   87 / 11     16 / 8.2    25 / 15     18 / 18     22 / 27
#   2,400 m   24 / 3.4    32 / 12     27 / 16     32 / 29     35 / 44
#   4,800 m   619 / 51    62 / 22     310 / 147   409 / 259   318 / 316
# and a full wave of direct neighbours costs as much as 11 alone (1,200 m).
APART = 2  # times the sources of a wave: the mean distance between them, in nodes, up to which it pays
FEWEST = 12  # sources of a wave that pays
IN_A_WAVE, ALONE = 7, 14  # a scattered source over one among direct neighbours, from the same table


def sums_within(
    graph: JunctionGraph,
    order: Ints,
    number: Ints,
    values: object,
    limit: int | str | Duration,
    nodes: object | None = None,
    *,
    runner: Runner,
) -> Floats:
    """Add up what lies within ``limit`` of every node, each node among them.

    Parameters
    ----------
    graph : the junctions. order : (j,) the nodes as given, in the order of ``graph.shape``;
        number : (j,) where each of them stands there.
    values : (j,) at the nodes as given to the network; finite. limit : in the unit of the costs, or written
        with a unit of time; 0 or more. A node exactly at the limit is within.
    nodes : (s,) around which to add up, as given; the same one may come again. None for all.
    runner : threads share the nodes; the result is the same with any number.

    Returns
    -------
    (j,) of the nodes as given, or (s,) of those asked for. Exact where the values are whole and all their sizes add
    up to less than 2**31, otherwise rounded as floats are. A node without an edge has its own value.

    Raises
    ------
    ProblemError : not one value a node, values that are not finite, nodes that are none, a limit under 0 or
    of ``BLOCKED`` or more. TooLargeError : there is no room for the sums.
    """
    given: AnyArray = np.asarray(values)
    wanted: AnyArray | None = None if nodes is None else np.asarray(nodes)
    faults = _value_faults(given, len(order))
    most = asked(faults + ([] if wanted is None else node_faults(wanted, len(order), "nodes")), limit)
    if wanted is not None and _all_is_cheaper(np.sort(number[wanted.astype(np.int64)].astype(np.int64)), len(order)):
        everywhere = sums_within(graph, order, number, given, most, runner=runner)
        return np.asarray(everywhere[wanted.astype(np.int64)])
    whole = _are_whole(given)
    kind = np.dtype(np.int32 if whole else np.float64)
    must_fit(
        len(order) if wanted is None else len(wanted),
        each=A_NODE if whole else A_NODE_OF_FLOATS,
        of=Sentence("nodes"),
        where=Sentence("sums around every node"),
        mend=lambda _: Sentence("take a smaller area, or a larger machine"),
        code="too-many-nodes",
    )
    shape, chains = graph.shape, graph.chains
    junction, place, standing = shape.junction, shape.place, None
    back: AnyArray = order
    if wanted is not None:
        at = number[wanted.astype(np.int64)].astype(np.int64)
        back = np.argsort(at, kind="stable")
        standing = at[back]
        junction, place = shape.junction[standing], shape.place[standing]
    arrays = tuple(
        closed(array)
        for array in (
            graph.forward.starts, graph.forward.heads, graph.forward.costs, junction, place,
            shape.around_starts, shape.around, chains.tail, chains.head, chains.onward, chains.back,
            shape.inside_starts, shape.inside_chain, *graph.inside,
            given[order[shape.nodes]].astype(kind), given[order[shape.inside]].astype(kind),
        )
    )  # fmt: skip
    found = np.zeros(len(back), dtype=kind)
    _search(arrays, standing, most, mean_link(graph.forward.costs, most), found, runner)
    lonely = np.flatnonzero((junction < 0) & (place < 0))
    found[lonely] = given[order[lonely if standing is None else standing[lonely]]]
    sums = np.empty(len(found))
    sums[back] = found
    return sums


def _all_is_cheaper(at: Longs, count: int) -> bool:
    """Whether sums around all ``count`` nodes take less than around these; at : (s,) where they stand, never falling."""
    first = np.arange(0, len(at), WAVE)
    size = np.minimum(WAVE, len(at) - first)
    apart = (at[first + size - 1] - at[first]) / size
    cost = np.where(apart < APART, 1, np.where(waves(at), IN_A_WAVE, ALONE))
    return bool((cost * size).sum() > count)


def waves(at: Longs) -> Bools:
    """(w,) whether each 64 sources that follow each other walk together; at : (s,) where they stand, never falling."""
    first = np.arange(0, len(at), WAVE)
    count = np.minimum(WAVE, len(at) - first)
    apart = (at[first + count - 1] - at[first]) / count
    pays: Bools = (count >= FEWEST) & (apart <= APART * count)
    return pays


def _search(
    arrays: tuple[AnyArray, ...], at: Longs | None, most: int, mean: float, found: AnyArray, runner: Runner
) -> None:
    """Fill ``found`` by waves where neighbours are many, by single searches elsewhere; at : None for every node."""
    from utopias.network.lanes import wave_for
    from utopias.network.rows_kernel import sums_for

    label = np.dtype(np.uint16 if most <= NARROW_LIMIT else np.uint32)
    nothing = closed(np.zeros(0, dtype=label))
    together = np.ones(-(-len(found) // WAVE), dtype=bool) if at is None else waves(at)
    wave = wave_for(label.name, found.dtype.name) if together.any() else None
    alone = sums_for(found.dtype.name) if not together.all() else None
    wide, narrow = max(1, int(BUCKET_SHARE * mean)), max(1, int(ALONE_SHARE * mean))

    def some(task: tuple[bool, int, int]) -> None:
        pays, first, last = task
        if pays and wave is not None:
            wave(*arrays, first, last, most, wide, nothing, found)
        elif alone is not None:
            alone(*arrays, first, last, most, narrow, found)

    # Whole waves to a task, so that the same 64 walk together with any number of workers.
    size = -(-len(together) // (1 if runner.workers == 1 else 8 * runner.workers))
    tasks: list[tuple[bool, int, int]] = []
    for pays, run in groupby(range(len(together)), key=lambda group: bool(together[group])):
        groups = list(run)
        for k in range(0, len(groups), max(size, 1)):
            part = groups[k : k + size]
            tasks.append((pays, part[0] * WAVE, min((part[-1] + 1) * WAVE, len(found))))
    for _ in runner.map(some, tasks):
        pass


def _are_whole(given: AnyArray) -> bool:
    """Whether all are whole numbers whose sizes add up to no more than ``WHOLE_MOST``; looked at some at a time."""
    size = 0.0
    for first in range(0, len(given), TOGETHER):
        some = given[first : first + TOGETHER].astype(np.float64)
        if (some != np.floor(some)).any():
            return False
        size += float(np.abs(some).sum())
    return size <= WHOLE_MOST


def _value_faults(values: AnyArray, count: int) -> list[Fault]:
    if values.shape != (count,):
        return [
            Fault(
                "misaligned", Sentence("values have shape {shape} for {count} nodes", shape=values.shape, count=count)
            )
        ]
    if not (np.issubdtype(values.dtype, np.number) or values.dtype == np.bool_) or np.iscomplexobj(values):
        return [Fault("not-a-number", "values are not numbers", where="values")]
    bad: Bools = ~np.isfinite(values)
    if not bad.any():
        return []
    return [
        Fault(
            code="bad-weight",
            what=Sentence("{count} of {total} values are not finite", count=int(bad.sum()), total=count),
            where="values",
            mend="give 0 where nothing is known to be there",
            count=int(bad.sum()),
            first=Sentence("node {first}", first=int(np.flatnonzero(bad)[0])),
        )
    ]
