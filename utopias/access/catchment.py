"""Whether there is room for those who can come: capacity shared out among the people around it.

Reaching a pool is not being served by it. People of the surroundings compete for the same
places, so they are counted here, though never in a denominator of the town.
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

METHODS = ("balanced", "shared", "two-step")


@dataclass(frozen=True, eq=False)
class FloatingCatchment:
    """What each place gives for each person who counts on it, and what that adds up to where people live.

    access : (n,) capacity per person; 0 where no place is within.
    level : (m,) capacity per person counted at each place; 0 where nobody is.
    counted : (m,) persons counted at each place, of the whole demand, surroundings too.
    inflation : persons counted at all places over persons who reach one; 1 where nobody is counted
        twice, NaN where nobody reaches any.
    unreached : persons with no place within. unused : capacity of places within nobody's reach.
    conserved : (name, one side, other side): sums that the method must keep equal.
    """

    access: Floats
    level: Floats
    counted: Floats
    method: str
    within: Duration
    inflation: float
    unreached: Persons
    unused: float
    conserved: tuple[tuple[str, float, float], ...]

    def __post_init__(self) -> None:
        for name in ("access", "level", "counted"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def floating_catchment(
    times: TravelTimes, demand: Demand, capacity: object, *, within: str | Duration, method: str = "balanced"
) -> FloatingCatchment:
    """Share the capacity of every place among the people within ``within`` of it.

    With w = 1 for a pair within the limit and 0 beyond, P persons, S capacity, and w/i, w/j the same
    weights divided by their sum over the origin's places, over the place's origins:

    ============  ==========================  ========================  ==================================
    method        level of a place L          access of an origin A     what is kept
    ============  ==========================  ========================  ==================================
    balanced      S / sum over i of P w/i     sum over j of L w/j       people; sum of A = sum of L
    shared        S / sum over i of P w/i     sum over j of L w/i       people; sum of A P = sum of S
    two-step      S / sum over i of P w       sum over j of L w         sum of A P = sum of S
    ============  ==========================  ========================  ==================================

    ``two-step`` counts a person at every place in reach (``inflation`` says how often); ``balanced``
    counts everybody once and keeps levels as published, so its A is an index, not places in a hand;
    ``shared`` counts everybody once and hands out exactly the capacity there is.

    Parameters
    ----------
    times : (n, m). demand : (n,) persons; planned or not, all compete. capacity : (m,) in any one
        unit, finite, 0 or more. within : up to the limit of the table; exactly at it is within.

    Returns
    -------
    FloatingCatchment.

    Raises
    ------
    MisalignedError : times, demand and capacity speak of different places.
    ProblemError : unknown method; a capacity that is no number of 0 or more; a limit beyond the table.

    Source
    ------
    balanced: Paez, Higgins & Vivona (2019), PLoS ONE 14(6):e0218773. two-step (2SFCA): Luo & Wang (2003),
    Environment and Planning B 30:865-884. shared: the proportional allocation of the first, kept in the
    second step too, so that people-weighted access sums to the capacity.
    """
    if method not in METHODS:
        raise ProblemError(
            Fault(
                "unknown-method",
                Sentence("{method!r} is no floating catchment", method=method),
                mend=Sentence("use one of: {listed}", listed=", ".join(METHODS)),
            )
        )
    demand.must_match(times.origins)
    offered = checked_capacity(capacity, times)
    limit = Duration.of(within)
    pairs = times.within(limit).pairs
    rows, columns = times.rows[pairs], times.columns[pairs]
    n, m = times.shape
    people = demand.persons
    by_row, by_column = np.bincount(rows, minlength=n), np.bincount(columns, minlength=m)
    weight = np.ones(len(rows)) if method == "two-step" else 1.0 / by_row[rows]
    counted = _sums(columns, people[rows] * weight, m)
    level = np.divide(offered, counted, out=np.zeros(m), where=counted > 0)
    second = 1.0 / by_column[columns] if method == "balanced" else weight
    access = _sums(rows, level[columns] * second, n)

    used = counted > 0
    reaching = float(people[by_row > 0].sum())
    people_kept = ("people", float(counted.sum()), reaching)
    given = ("capacity", float((access * people).sum()), float(offered[used].sum()))
    levels = ("levels", float(access.sum()), float(level.sum()))
    conserved = {"balanced": (people_kept, levels), "shared": (people_kept, given), "two-step": (given,)}[method]
    return FloatingCatchment(
        access=access,
        level=level,
        counted=counted,
        method=method,
        within=limit,
        inflation=float(counted.sum()) / reaching if reaching else float("nan"),
        unreached=Persons(float(people[by_row == 0].sum())),
        unused=float(offered[~used].sum()),
        conserved=conserved,
    )


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
