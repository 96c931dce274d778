"""How much of the city a person can reach: people within, opportunities within, gravity, nearest.

Takes nouns from ``domain`` and returns numbers. Reads no file, draws nothing,
and does not know how the minutes were found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from utopias.access.pair_sums import onto_origins
from utopias.domain.arrays import AnyArray, Floats, Ints
from utopias.domain.decay import Decay
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.quantities import Duration, Persons
from utopias.domain.sentences import Sentence
from utopias.domain.travel_times import TravelTimes


class Nearest(NamedTuple):
    """(n, k) the k nearest destinations of every origin, nearest first; -1 in both where there are no more.

    deciseconds : (n, k). destination : (n, k) positions among the table's destinations.
    """

    deciseconds: Ints
    destination: Ints


def people_within(times: TravelTimes, demand: Demand, limit: str | Duration) -> Persons:
    """Count the people of the planned area who reach at least one destination within ``limit``.

    Parameters
    ----------
    times : (n, m), one way. demand : (n,) persons at the same places, in the same order.
    limit : with its unit, up to that of the table. A place exactly at the limit is within.

    Returns
    -------
    Persons, between 0 and ``demand.total``: the surroundings do not count. With no destination: 0.

    Raises
    ------
    MisalignedError : ``times`` and ``demand`` speak of different places.
    ProblemError : the limit is longer than that of the table.

    Source
    ------
    Coverage as in Church & ReVelle (1974), Papers Reg. Sci. Assoc. 32:101-118.
    """
    demand.must_match(times.origins)
    reached = times.within(limit).any_unit()
    return Persons(float(demand.persons[reached & demand.planned].sum()))


def opportunities_within(times: TravelTimes, capacity: object, limit: str | Duration) -> Floats:
    """Sum what is offered within ``limit`` of every origin.

    Parameters
    ----------
    times : (n, m). capacity : (m,) what each destination offers (places, square metres, 1 to count them),
        finite, 0 or more; whoever does not know a capacity must say what to assume.
    limit : up to that of the table; exactly at it is within.

    Returns
    -------
    (n,) in the unit of ``capacity``; 0 where nothing is within.

    Raises
    ------
    MisalignedError : not one capacity for each destination. ProblemError : a capacity that is no
    number of 0 or more, or a limit longer than that of the table.

    Source
    ------
    Cumulative opportunities: Wachs & Kumagai (1973), Socio-Economic Planning Sciences 7:437-456.
    """
    offered = checked_capacity(capacity, times)
    pairs = times.within(limit).pairs
    total: Floats = np.bincount(
        times.rows[pairs], weights=offered[times.columns[pairs]], minlength=len(times.origins)
    ).astype(np.float64)
    return total


def gravity(
    times: TravelTimes,
    capacity: object,
    decay: str | Decay | Callable[[Floats], AnyArray],
    *,
    within: str | Duration | None = None,
) -> Floats:
    """Sum what is offered around every origin, each destination the less the longer the walk to it.

    Parameters
    ----------
    times : (n, m). capacity : (m,) as ``opportunities_within``. decay : as ``Decay.of`` takes it:
        "exponential 10 min", "steps 5 min:1, 10 min:0.5", or a function from minutes to weights.
    within : nothing farther counts; None is the limit of the table, beyond which it knows nothing.

    Returns
    -------
    (n,) in the unit of ``capacity`` at the door (weight 1); 0 where nothing is within. With "flat" it is
    ``opportunities_within``. Nobody competes for it: for that, ``floating_catchment``.

    Raises
    ------
    MisalignedError, ProblemError : as ``opportunities_within``; a decay that makes no sense.

    Source
    ------
    Hansen (1959), Journal of the American Institute of Planners 25(2):73-76.
    """
    curve = Decay.of(decay)
    offered = checked_capacity(capacity, times)
    limit = times.limit if within is None else Duration.of(within)
    times.must_reach(limit)
    return onto_origins(times, curve.table(limit, times.limit), offered)


def nearest(times: TravelTimes, *, k: int = 1) -> Nearest:
    """Find the ``k`` nearest destinations of every origin.

    Parameters
    ----------
    times : (n, m). k : 1 or more; more than m leaves the rest empty.

    Returns
    -------
    Nearest: (n, k) deciseconds and positions, -1 for none. Equally near destinations stand in the
    order of the table.

    Raises
    ------
    ProblemError : k under 1.
    """
    if k < 1:
        raise ProblemError(
            Fault("bad-count", Sentence("{k} nearest places were asked for", k=k), mend="ask for 1 or more")
        )
    n = len(times.origins)
    best = Nearest(np.full((n, k), -1, dtype=np.int32), np.full((n, k), -1, dtype=np.int32))
    rows = times.rows
    order = np.lexsort((times.columns, times.deciseconds, rows))
    rank = np.arange(len(rows)) - times.starts[:-1][rows]  # sorted within rows, so rows stay where they were
    kept = rank < k
    best.deciseconds[rows[kept], rank[kept]] = times.deciseconds[order][kept]
    best.destination[rows[kept], rank[kept]] = times.columns[order][kept]
    return best


def checked_capacity(capacity: object, times: TravelTimes) -> Floats:
    """(m,) capacities as numbers, or every fault in them."""
    offered: AnyArray = np.asarray(capacity, dtype=np.float64)
    if offered.shape != (len(times.destinations),):
        raise MisalignedError(
            Fault(
                "misaligned",
                Sentence(
                    "capacity has shape {shape} for {count} destinations",
                    shape=offered.shape,
                    count=len(times.destinations),
                ),
            )
        )
    bad = ~np.isfinite(offered) | (offered < 0)
    if bad.any():
        raise ProblemError(
            Fault(
                code="bad-capacity",
                what=Sentence(
                    "{count} of {total} capacities are not numbers of 0 or more",
                    count=int(bad.sum()),
                    total=len(offered),
                ),
                where="capacity",
                mend="say what to assume where a capacity is not known, or leave the place out",
                count=int(bad.sum()),
                first=str(times.destinations[int(np.flatnonzero(bad)[0])]),
            )
        )
    return offered
