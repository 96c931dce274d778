"""Times along straight lines: what is said of a town without a street map."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from utopias.access.memory import less, must_fit, pairs_expected
from utopias.domain.arrays import Ints, Longs
from utopias.domain.errors import Fault, TableError
from utopias.domain.places import Places
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.travel_times import Status, TravelTimes
from utopias.network.straight_lines import StraightLines

STAGE = "travel-times"
CHUNK = 2048  # doors of origins at a time


def straight_times(
    lines: StraightLines,
    origins: Places,
    destinations: Places,
    limit: Duration,
    *,
    progress: Progress = silent,
    memory: int | None = None,
) -> TravelTimes:
    """Times from (n,) origins to (m,) destinations: metres * circuity / speed, half up to the decisecond.

    Of several entrances the best counts. Every place is ATTACHED: a straight line knows no street to miss.
    Marked estimated. Raises TooLargeError as ``must_fit``, TableError for a door without coordinates.
    """
    from scipy.spatial import cKDTree

    _must_be_finite(origins, destinations)
    progress(STAGE, 0.0)
    radius = (limit.deciseconds + 1) / lines.deciseconds_per_metre
    x, y = origins.entrance_x, origins.entrance_y

    def expected(share: float) -> int:
        return 2 * pairs_expected(x, y, destinations.entrance_x, destinations.entrance_y, share * radius)

    instead = less(expected, limit.minutes, len(destinations))
    fixed = 64 * (len(x) + len(destinations.entrance_x))
    stated, _ = must_fit(expected(1.0), fixed=fixed, memory=memory, mend=instead)

    n, m = len(origins), len(destinations)
    tree = cKDTree(np.stack([destinations.entrance_x, destinations.entrance_y], 1)) if m else None
    order = np.argsort(origins.entrance_of, kind="stable")
    of = origins.entrance_of[order]
    # Chunks end where a place ends, so that the best of its doors is found inside one chunk.
    cuts = (
        np.unique(np.concatenate([np.searchsorted(of, of[::CHUNK]), [len(of)]])) if len(of) else np.zeros(1, dtype=int)
    )
    counts = np.zeros(n, dtype=np.int64)
    columns: list[Ints] = []
    times: list[Ints] = []
    for first, last in pairwise(cuts.tolist()):
        doors = order[first:last]
        if tree is None:
            break
        near = tree.query_ball_point(np.stack([x[doors], y[doors]], 1), radius, return_sorted=False)
        sizes = np.fromiter((len(found) for found in near), dtype=np.int64, count=len(near))
        there = np.fromiter((k for found in near for k in found), dtype=np.int64, count=int(sizes.sum()))
        here = np.repeat(doors, sizes)
        metres = np.hypot(x[here] - destinations.entrance_x[there], y[here] - destinations.entrance_y[there])
        walk = np.floor(metres * lines.deciseconds_per_metre + 0.5).astype(np.int64)
        rows, cols, best = _best(origins.entrance_of[here], destinations.entrance_of[there], walk, limit)
        counts += np.bincount(rows, minlength=n)
        columns.append(cols.astype(np.int32))
        times.append(best.astype(np.int32))
        progress(STAGE, float(last) / len(of))
    progress(STAGE, 1.0)
    return TravelTimes(
        origins=origins.ids,
        destinations=destinations.ids,
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        columns=np.concatenate([np.zeros(0, dtype=np.int32), *columns]),
        deciseconds=np.concatenate([np.zeros(0, dtype=np.int32), *times]),
        limit=limit,
        origin_status=np.full(n, Status.ATTACHED, dtype=np.int8),
        destination_status=np.full(m, Status.ATTACHED, dtype=np.int8),
        estimated=True,
        notes={
            "walker": lines.walker,
            "speed_m_s": lines.speed_m_s,
            "circuity": lines.circuity,
            "bytes_stated": float(stated),
        },
    )


def _best(rows: Longs, columns: Longs, walk: Longs, limit: Duration) -> tuple[Longs, Longs, Longs]:
    """One pair of each origin and destination, the shortest, in rising order; none over the limit."""
    within = walk <= limit.deciseconds
    rows, columns, walk = rows[within], columns[within], walk[within]
    order = np.lexsort((walk, columns, rows))
    rows, columns, walk = rows[order], columns[order], walk[order]
    shortest = np.ones(len(rows), dtype=bool)
    shortest[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    return rows[shortest], columns[shortest], walk[shortest]


def _must_be_finite(*sides: Places) -> None:
    faults = []
    for side in sides:
        lost = ~(np.isfinite(side.entrance_x) & np.isfinite(side.entrance_y))
        if lost.any():
            first = int(np.flatnonzero(lost)[0])
            faults.append(
                Fault(
                    code="no-coordinates",
                    what=Sentence(
                        "{count} of {total} entrances have no finite coordinates",
                        count=int(lost.sum()),
                        total=len(lost),
                    ),
                    where="x and y in entrances",
                    mend="mend them, or leave the row out: the place's own point is then its door",
                    count=int(lost.sum()),
                    first=str(side.ids[side.entrance_of[first]]),
                )
            )
    if faults:
        raise TableError(faults)
