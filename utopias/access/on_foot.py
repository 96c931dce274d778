"""How long it takes to walk from every block to every place, exactly, within a limit.

Over streets: the best of both ends of the streets at either end, and the direct way where both
lie on one street, with the legs from door to street; over straight lines where there is no map.
All in whole deciseconds, compared with ``<=``, so the answer does not depend on order or threads.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from utopias.access.memory import must_fit, pairs_expected
from utopias.access.search import STAGE, Search
from utopias.domain.arrays import Ints, Longs
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.places import Places
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.town import Blocks
from utopias.domain.travel_times import TravelTimes
from utopias.network.attach import Snapping, attach
from utopias.network.straight_lines import StraightLines
from utopias.network.street_network import StreetNetwork
from utopias.scale import Runner

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
    ``notes`` hold walker, speed_m_s, circuity or rise_known and ``Impedance.notes``, the rules of snapping, doors moved from an
    island to the main network, doors without a street, and the bytes stated before the work began.

    Raises
    ------
    TooLargeError : the table would not fit; the fault states the size it would need.
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
    pairs = pairs_expected(sources.x, sources.y, targets.x, targets.y, reach, rise_known=network.rise_known > 0)
    workers = max(1, min(runner.workers, count))
    queue = 2 * len(network.forward.heads) + 2 * len(network) + 2 * width + limit.deciseconds
    fixed = 4 * workers * queue + 120 * (len(here) + len(there))
    stated, allowed = must_fit(pairs, fixed=fixed, memory=memory)

    search = Search(network, targets, width, backwards=backwards)
    counts, columns, times = search.run(sources, count, limit, runner=runner, progress=progress, room=allowed)
    rows = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    rows, columns, times = _turned(rows, columns, times, width)
    if not backwards:  # turned twice: rows are origins again, and their columns now rise
        rows, columns, times = _turned(rows, columns, times, count)
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
            **({} if network.impedance is None else network.impedance.notes),
            "snap_at_most_m": rules.at_most.metres,
            "snap_extra_m": rules.extra.metres,
            "island_share": rules.island_share,
            "doors_moved_to_main": float(here.moved + there.moved),
            "doors_without_street": float(here.lost + there.lost),
            "bytes_stated": float(stated),
        },
    )


def _turned(rows: Longs, columns: Ints, times: Ints, width: int) -> tuple[Longs, Ints, Ints]:
    """The table with rows and columns exchanged; a counting sort, which keeps stored zeros."""
    table = sparse.csr_array((times, columns, rows), shape=(len(rows) - 1, width)).tocsc()
    return table.indptr.astype(np.int64), table.indices.astype(np.int32), table.data.astype(np.int32)
