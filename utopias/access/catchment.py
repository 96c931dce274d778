"""Whether there is room for those who can come: capacity shared out among the people around it, in five ways.

People of the surroundings compete for the same places, so they are counted here, though never in a
denominator of the town. Every way says by two checks whether its sums are people and places, or an index.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from utopias.access.measures import checked_capacity
from utopias.access.pair_sums import SMALL, onto_origins, onto_places
from utopias.domain.arrays import AnyArray, Floats, frozen
from utopias.domain.decay import FLAT, Decay, thirds
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.memory import must_fit
from utopias.domain.quantities import Duration, Persons
from utopias.domain.sentences import Sentence
from utopias.domain.travel_times import TravelTimes

# Bytes at the worst moment of sharing, of a block or a place, beside the times: measured, 54 with 100,000 blocks. No array is
# as long as a large table.
EACH = 64
METHODS = ("balanced", "2sfca", "e2sfca", "3sfca", "balanced-levels")
# How far the two sides of a check may lie apart and still be one sum added in another order.
ROUNDING = 1e-9


class Check(NamedTuple):
    """What a method handed out, and what there was to hand out."""

    found: float
    there: float

    @property
    def holds(self) -> bool:
        """Whether both are one number, but for the rounding of long sums."""
        return abs(self.found - self.there) <= ROUNDING * max(self.found, self.there)


@dataclass(frozen=True, eq=False)
class FloatingCatchment:
    """What each place gives for each person allotted to it, and what that adds up to where people live.

    access : (n,) capacity per person; 0 where no place is within. level : (m,) capacity per person allotted
        to each place; 0 where nobody is. allotted : (m,) persons at each place, surroundings too.
    people : persons allotted to all places against persons who have any access.
    capacity : sum of access x persons against the capacity of the places that anybody can use.
    inflation : persons allotted over persons with any access: how many times each resident is counted. 1 where
        everybody counts once, under 1 where people are lost, NaN where nobody has access.
    unreached : persons with no access. unused : capacity of places within nobody's reach.
    decay : as written, the weights that were used.
    """

    access: Floats
    level: Floats
    allotted: Floats
    method: str
    within: Duration
    decay: str
    people: Check
    capacity: Check
    inflation: float
    unreached: Persons
    unused: float

    def __post_init__(self) -> None:
        for name in ("access", "level", "allotted"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def crowding(self) -> Floats:
        """(m,) persons allotted for each place of the capacity; 0 where nobody is."""
        crowding: Floats = np.divide(1.0, self.level, out=np.zeros(len(self.level)), where=self.level > 0)
        return crowding


def floating_catchment(
    times: TravelTimes,
    demand: Demand,
    capacity: object,
    *,
    within: str | Duration,
    method: str = "balanced",
    decay: str | Decay | Callable[[Floats], AnyArray] | None = None,
    memory: int | None = None,
) -> FloatingCatchment:
    """Share the capacity of every place among the people within ``within`` of it.

    With P persons, S capacity, w the weight of a walk by ``decay`` (0 beyond the limit), w/i and w/j the weight
    divided by its sum over the origin's places and over the place's origins:

    ===============  =============================  ==========================  ===============================
    method           level of a place L             access of an origin A       which checks hold
    ===============  =============================  ==========================  ===============================
    balanced         S / sum over i of P w/i        sum over j of L w/i         people and capacity
    2sfca, e2sfca    S / sum over i of P w          sum over j of L w           capacity
    3sfca            S / sum over i of P w w/i      sum over j of L w w/i       capacity
    balanced-levels  S / sum over i of P w/i        sum over j of L w/j         people; and sum of A = sum of L
    ===============  =============================  ==========================  ===============================

    A place without capacity is no place here: nobody is allotted to it. Which of the places in reach somebody
    goes to depends on the walks only, never on the size of a place.

    Parameters
    ----------
    times : (n, m). demand : (n,) persons; planned or not, all compete. capacity : (m,) in any one unit, finite,
        0 or more. within : up to the limit of the table; exactly at it is within.
    decay : as ``Decay.of`` takes it. None is the usual of the method: ``flat`` of balanced, 2sfca and
        balanced-levels, thirds of the limit at 1, 0.68, 0.22 of e2sfca and 3sfca. 2sfca has no other than flat.
    memory : bytes the job may take beside the times; None for what is free.

    Returns
    -------
    FloatingCatchment.

    Raises
    ------
    MisalignedError : times, demand and capacity speak of different places.
    ProblemError : unknown method; a decay that makes no sense, or that 2sfca was given; a capacity that is no
        number of 0 or more; a limit beyond the table.
    TooLargeError : it would not fit; the fault states the size it needs.

    Source
    ------
    2sfca: Luo & Wang (2003), Environment and Planning B 30(6):865-884. e2sfca: Luo & Qi (2009), Health & Place
    15(4):1100-1107. 3sfca: Wan, Zou & Sternberg (2012), Int. J. Geographical Information Science
    26(6):1073-1089. balanced-levels: Paez, Higgins & Vivona (2019), PLoS ONE 14(6):e0218773, as published.
    balanced: their allotment of people, with the capacity of each place shared among those allotted to it, in
    proportion: the single constraint of Soukhov, Paez, Higgins & Mohamed (2023), PLoS ONE 18(1):e0278468, whose
    own measure per person is that of 2sfca and e2sfca.
    """
    curve = decay_of(method, decay, Duration.of(within))
    demand.must_match(times.origins)
    offered = checked_capacity(capacity, times)
    limit = Duration.of(within)
    times.must_reach(limit)
    must_fit(
        len(times.origins) + len(times.destinations),
        each=EACH,
        of=Sentence("blocks and places"),
        where=Sentence("places shared out among people"),
        fixed=16 * min(len(times.columns), SMALL),
        memory=memory,
        mend=lambda _: Sentence("take a smaller area, or a larger machine"),
        code="too-many-blocks",
    )
    weight = curve.table(limit, times.limit)
    persons = demand.persons
    giving = (offered > 0).astype(np.float64)

    pair, amount = weight, persons
    reach: Floats = np.zeros(0)
    if method not in ("2sfca", "e2sfca"):
        reach = onto_origins(times, weight, giving)
        pair = weight * weight if method == "3sfca" else weight
        amount = np.divide(persons, reach, out=np.zeros(len(persons)), where=reach > 0)
    allotted = onto_places(times, pair, amount) * giving
    level = np.divide(offered, allotted, out=np.zeros(len(offered)), where=allotted > 0)
    if method == "balanced-levels":
        column = onto_places(times, weight, (reach > 0).astype(np.float64))
        access = onto_origins(times, weight, np.divide(level, column, out=np.zeros(len(level)), where=level > 0))
    else:
        access = onto_origins(times, pair, level)
        if len(reach):
            access = np.divide(access, reach, out=np.zeros(len(access)), where=reach > 0)

    people = Check(float(allotted.sum()), float(persons[access > 0].sum()))
    return FloatingCatchment(
        access=access,
        level=level,
        allotted=allotted,
        method=method,
        within=limit,
        decay=curve.written,
        people=people,
        capacity=Check(float((access * persons).sum()), float(offered[allotted > 0].sum())),
        inflation=people.found / people.there if people.there else float("nan"),
        unreached=Persons(float(persons[access == 0].sum())),
        unused=float(offered[allotted == 0].sum()),
    )


def decay_of(method: str, decay: str | Decay | Callable[[Floats], AnyArray] | None, limit: Duration) -> Decay:
    """The decay that a method takes: the one given, else its usual one; refused as ``floating_catchment`` says."""
    if method not in METHODS:
        raise ProblemError(
            Fault(
                "unknown-method",
                Sentence("{method!r} is no floating catchment", method=method),
                "method",
                Sentence("use one of: {listed}", listed=", ".join(METHODS)),
            )
        )
    if decay is None:
        return thirds(limit) if method in ("e2sfca", "3sfca") else FLAT
    curve = Decay.of(decay)
    if method == "2sfca" and curve.written != "flat":
        raise ProblemError(
            Fault(
                "bad-decay",
                Sentence("2sfca knows no decay, and {written!r} was given", written=curve.written),
                "decay",
                "leave the decay out, or ask for e2sfca",
            )
        )
    return curve
