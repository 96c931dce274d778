"""Can reach beside could be served: how many of those who want a place find one, by a rule anybody can recount.

Reaching a pool is not being served by it. People of the surroundings compete for the same places, so they
are counted here, though never in a denominator of the town.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.access.measures import checked_capacity
from utopias.domain.arrays import AnyArray, Bools, Floats, frozen
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.quantities import Duration, Persons
from utopias.domain.sentences import Sentence
from utopias.domain.travel_times import TravelTimes


@dataclass(frozen=True, eq=False)
class Served:
    """Can reach beside could be served, for one service and one group.

    can_reach : persons of the planned area with a place of the service within the limit.
    wanting : of all planned persons, those who would come (persons x participation).
    could_be_served : of the wanting, those for whom there is a place. All three in the planned area.
    by_block : (n,) persons who could be served. by_place : (m,) persons each place would serve.
    places_per_wanting : places of the reached units over all who want one there, surroundings too; NaN for nobody.
    """

    can_reach: Persons
    wanting: Persons
    could_be_served: Persons
    by_block: Floats
    by_place: Floats
    places_per_wanting: float
    participation: float
    within: Duration

    def __post_init__(self) -> None:
        for name in ("by_block", "by_place"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def served(
    times: TravelTimes, demand: Demand, capacity: object, *, within: str | Duration, participation: float
) -> Served:
    """Count who could be served when ``participation`` of the group turns up.

    The rule, simple so that anybody can recount it: of everybody within reach of a unit that has the
    service, the share ``participation`` wants one place a week; they part equally among the units in
    reach; a unit serves up to its places, and everybody who came there has the same chance. Nobody
    turned away tries elsewhere, so the count is a lower bound of what could be arranged.

    Parameters
    ----------
    times : (n, m). demand : (n,) the target group; the surroundings compete. capacity : (m,) places a
        week of the service, 0 where a unit does not give it. within : the walking limit.
    participation : share of the group that wants a place, over 0 and up to 1. Where it is not known,
        sweep 0.05, 0.10 and 0.20 and show all three.

    Raises
    ------
    MisalignedError, ProblemError : as ``floating_catchment``; a participation outside its range.
    """
    if not 0 < participation <= 1:
        raise ProblemError(
            Fault(
                "bad-share",
                Sentence("a participation of {participation} is not over 0 and up to 1", participation=participation),
                where="participation",
            )
        )
    demand.must_match(times.origins)
    offered = checked_capacity(capacity, times)
    limit = Duration.of(within)
    pairs: Bools = times.within(limit).pairs & (offered[times.columns] > 0)
    rows, columns = times.rows[pairs], times.columns[pairs]
    n, m = times.shape
    wanting = demand.persons * participation
    choices = np.bincount(rows, minlength=n)
    coming = wanting[rows] / choices[rows]
    at_place = _sums(columns, coming, m)
    chance = np.divide(np.minimum(offered, at_place), at_place, out=np.zeros(m), where=at_place > 0)
    by_block = _sums(rows, coming * chance[columns], n)
    total = float(at_place.sum())
    planned = demand.planned
    return Served(
        can_reach=Persons(float(demand.persons[planned & (choices > 0)].sum())),
        wanting=Persons(float(wanting[planned].sum())),
        could_be_served=Persons(float(by_block[planned].sum())),
        by_block=by_block,
        by_place=at_place * chance,
        places_per_wanting=float(offered[at_place > 0].sum()) / total if total else float("nan"),
        participation=participation,
        within=limit,
    )


def _sums(group: AnyArray, values: Floats, groups: int) -> Floats:
    """(groups,) the values of each group added up, in the order given."""
    sums: Floats = np.bincount(group, weights=values, minlength=groups).astype(np.float64)
    return sums
