"""How long it takes to walk from every block to every place, exactly, within a limit.

Over streets: the best of both ends of the streets at either end, and the direct way where both
lie on one street, with the legs from door to street; over straight lines where there is no map.
All in whole deciseconds, compared with ``<=``, so the answer does not depend on order or threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from utopias.access.memory import less, must_fit, pairs_expected
from utopias.access.turned import turned
from utopias.domain.arrays import AnyArray, Ints, Longs
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.places import Places
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.town import Blocks
from utopias.domain.travel_times import TravelTimes
from utopias.network.attach import Attached, Snapping, attach
from utopias.network.kernels import within
from utopias.network.straight_lines import StraightLines
from utopias.network.street_network import StreetNetwork
from utopias.scale import Runner

STAGE = "travel-times"
LONGEST_LIMIT = Duration(24 * 36_000)  # a day; keeps every sum far inside int32
_ALONE = Runner()


def travel_times(
    walking: StreetNetwork | StraightLines,
    origins: Blocks | Places,
    destinations: Places,
    *,
    within: str | Duration,
    progress: Progress = silent,
    runner: Runner = _ALONE,
    snapping: Snapping | None = None,
    memory: int | None = None,
) -> TravelTimes:
    """Walk from every origin to every destination that is no farther than ``within``.

    Parameters
    ----------
    walking : streets, or straight lines (times then marked estimated).
    origins : (n,) blocks or places. destinations : (m,) places. Of several entrances the best counts, at
        either end. Two doors at the very same point are no walk at all.
    within : the limit, a pair exactly at it is in the table; over 0, at most a day.
    runner : ``workers`` threads share the work; the result is the same with any number.
    snapping : how far a place may lie from its street (300 m unless said otherwise).
    memory : bytes the job may take; None for what the machine has free now.

    Returns
    -------
    TravelTimes (n, m), columns rising in every row. A place on an island has times on its island.
    ``notes`` hold walker, speed_m_s, circuity or rise_known, the rules of snapping, doors moved from an
    island to the main network, doors without a street, and the bytes stated before the work began.

    Raises
    ------
    TooLargeError : the table would not fit; the fault states the size it would need, and the limit or the
        number of destinations that would fit.
    ProblemError : a limit of nothing or of more than a day.
    """
    limit = Duration.of(within)
    if not 0 < limit.deciseconds <= LONGEST_LIMIT.deciseconds:
        raise ProblemError(
            Fault(
                "bad-limit",
                Sentence("a walk of {limit} cannot be a limit", limit=limit),
                mend='give one over 0 and up to a day: "30 min"',
            )
        )
    starts = origins.places if isinstance(origins, Blocks) else origins
    if isinstance(walking, StraightLines):
        from utopias.access.straight import straight_times

        return straight_times(walking, starts, destinations, limit, progress=progress, memory=memory)
    return _street_times(walking, starts, destinations, limit, progress, runner, snapping, memory)


def _street_times(
    network: StreetNetwork,
    origins: Places,
    destinations: Places,
    limit: Duration,
    progress: Progress,
    runner: Runner,
    snapping: Snapping | None,
    memory: int | None,
) -> TravelTimes:
    progress(STAGE, 0.0)
    rules = snapping or Snapping()
    here = attach(network, origins, snapping=rules)
    there = attach(network, destinations, snapping=rules)
    # Search from the side with fewer doors: over the reversed graph when that is the destinations.
    backwards = len(there) <= len(here)
    sources, targets = (there, here) if backwards else (here, there)
    count, width = (len(destinations), len(origins)) if backwards else (len(origins), len(destinations))

    reach = limit.seconds * network.speed_m_s

    def expected(share: float) -> int:
        hilly = network.rise_known > 0
        return pairs_expected(sources.x, sources.y, targets.x, targets.y, share * reach, rise_known=hilly)

    pairs = expected(1.0)
    workers = max(1, min(runner.workers, count))
    queue = 2 * len(network.forward.heads) + 2 * len(network) + 2 * width + limit.deciseconds
    fixed = 4 * workers * queue + 120 * (len(here) + len(there))
    instead = less(expected, limit.minutes, len(destinations))
    stated, allowed = must_fit(pairs, fixed=fixed, memory=memory, mend=instead)

    search = _Search(network, sources, targets, count, width, limit, backwards=backwards)
    counts, columns, times = search.all(workers, progress, room=allowed)
    rows = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    rows, columns, times = turned(rows, columns, times, width)
    if not backwards:  # turned twice: rows are origins again, and their columns now rise
        rows, columns, times = turned(rows, columns, times, count)
    progress(STAGE, 1.0)
    return TravelTimes(
        origins=origins.ids,
        destinations=destinations.ids,
        starts=rows,
        columns=columns,
        deciseconds=times,
        limit=limit,
        origin_status=here.status,
        destination_status=there.status,
        notes={
            "walker": network.walker,
            "speed_m_s": network.speed_m_s,
            "rise_known": network.rise_known,
            "snap_at_most_m": rules.at_most.metres,
            "snap_extra_m": rules.extra.metres,
            "island_share": rules.island_share,
            "doors_moved_to_main": float(here.moved + there.moved),
            "doors_without_street": float(here.lost + there.lost),
            "bytes_stated": float(stated),
        },
    )


class _Search:
    """The arrays one bounded search needs, from either side, and the loop over chunks of sources."""

    def __init__(
        self,
        network: StreetNetwork,
        sources: Attached,
        targets: Attached,
        count: int,
        width: int,
        limit: Duration,
        *,
        backwards: bool,
    ) -> None:
        graph = network.reverse if backwards else network.forward
        self.graph = (graph.starts, graph.heads, graph.costs)
        self.count, self.width, self.limit = count, width, limit.deciseconds
        where = np.concatenate([sources.x, targets.x]) + 1j * np.concatenate([sources.y, targets.y])
        spot = np.unique(where, return_inverse=True)[1].reshape(-1).astype(np.int64)
        source = _ends(network, sources, backwards=backwards)
        target = _ends(network, targets, backwards=not backwards)
        # Costs from a source's doors to both ends of its chain; from both ends of a chain to a target's doors.
        self.seeds = _grouped(
            np.repeat(sources.place, 2), count, source.nodes.astype(np.int32), source.away + np.repeat(sources.snap, 2)
        )
        self.hung = _grouped(
            target.nodes, len(network), np.repeat(targets.place, 2).astype(np.int32),
            target.away + np.repeat(targets.snap, 2),
        )  # fmt: skip
        # v is how far along the direction of search a door lies, u the same ground against it.
        along = (sources.behind, sources.ahead, targets.behind, targets.ahead)
        su, sv, tu, tv = along if not backwards else (along[1], along[0], along[3], along[2])
        doors = np.stack([sources.chain, su, sv, sources.snap, spot[: len(sources)]], 1)
        self.doors = _grouped(sources.place, count, doors)
        on_chain = np.stack([targets.chain, tu, tv, targets.snap, spot[len(sources) :]], 1)
        self.on_chain = _grouped(targets.chain, len(network.chains), targets.place.astype(np.int32), on_chain)

    def all(self, workers: int, progress: Progress, *, room: int) -> tuple[Longs, Ints, Ints]:
        """Every source, in chunks shared by threads; a table over ``room`` pairs is refused as it grows."""
        size = max(1, min(64, -(-self.count // (4 * workers))))
        chunks = [(first, min(first + size, self.count)) for first in range(0, self.count, size)]
        counts, columns, times, pairs = [], [], [], 0
        for done, (n, c, t) in enumerate(self._chunks(chunks, workers, room), 1):
            pairs += len(c)
            if pairs > room:
                must_fit(pairs * self.count // max(1, chunks[done - 1][1]), fixed=0, memory=24 * room, grown=True)
            counts.append(n)
            columns.append(c)
            times.append(t)
            progress(STAGE, 0.95 * done / len(chunks))
        if not counts:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
        return np.concatenate(counts), np.concatenate(columns), np.concatenate(times)

    def _chunks(self, chunks: list[tuple[int, int]], workers: int, room: int) -> Iterator[tuple[Longs, Ints, Ints]]:
        search: Any = within

        def run(chunk: tuple[int, int]) -> tuple[Longs, Ints, Ints]:
            found: tuple[Longs, Ints, Ints] = search(
                self.graph, self.seeds, self.hung, self.doors, self.on_chain, *chunk, self.width, self.limit, room
            )
            return found

        if workers == 1:
            yield from map(run, chunks)
            return
        with ThreadPoolExecutor(workers) as pool:
            # A few chunks ahead, not all: so that a stop is heard soon.
            for wave in range(0, len(chunks), 2 * workers):
                yield from pool.map(run, chunks[wave : wave + 2 * workers])


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


def _grouped(key: AnyArray, groups: int, *columns: AnyArray) -> tuple[AnyArray, ...]:
    """Offsets (groups + 1,) and the columns, put in the order of ``key``."""
    order = np.argsort(key, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=groups))]).astype(np.int64)
    return (starts, *(np.ascontiguousarray(column[order]) for column in columns))
