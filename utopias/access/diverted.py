"""Where people would go: an allocation by attraction and walk, and what a new place draws from those that stand.

Each resident of a group comes ``visits`` times; a place attracts more the larger its offer and the nearer it is,
and staying at home competes with all of them:

    P_ij = A_j^alpha C_j^theta f(t_ij) / (H + sum_k A_k^alpha C_k^theta f(t_ik)).

With theta 0 it is Huff's model; C_j, how near the other places stand, makes it a competing-destinations model:
theta under 0 says that neighbours take from each other more than walk and size alone tell. H is the pull of home,
in units of a place of attraction 1 next door. None of it is true by itself: fit it to counts, or give a range.

Source
------
Huff (1964), J. Marketing 28:34-38; Fotheringham (1983), Environment and Planning A 15:15-36 (competing
destinations); the outside option as in de Palma et al. (1989) and Berman & Krass (1998), Ann. Oper. Res. 80.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, frozen
from utopias.domain.decay import Decay
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.domain.travel_times import TravelTimes


@dataclass(frozen=True, slots=True)
class Pull:
    """The parameters: alpha, theta, the pull of home, and the decay of the walk as it is written."""

    decay: str = "exponential 8 min"
    alpha: float = 1.0
    theta: float = 0.0
    home: float = 1.0


@dataclass(frozen=True, eq=False)
class Use:
    """(m,) users of each place, of the planned area; (n,) those who go anywhere, from each block."""

    by_place: Floats
    by_block: Floats

    def __post_init__(self) -> None:
        for name in ("by_place", "by_block"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def used(
    times: TravelTimes, demand: Demand, attraction: Sequence[float] | Floats, pull: Pull, opened: Sequence[int] | Longs
) -> Use:
    """Who goes to which of the open places.

    times : (n, m). demand : (n,) persons; those outside the planned area go nowhere here. attraction : (m,) 0 or more,
    1 a usual place. opened : positions of the places that are open.

    Raises
    ------
    MisalignedError : the demand is of other blocks. ProblemError : attraction or parameters that make no sense.
    """
    demand.must_match(times.origins)
    pulls = _checked(np.asarray(attraction, dtype=np.float64), pull, times.shape[1])
    n, m = times.shape
    is_open: Bools = np.zeros(m, dtype=bool)
    is_open[np.asarray(opened, dtype=np.int64)] = True
    keep = is_open[times.columns]
    rows, columns, walk = times.rows[keep], times.columns[keep], times.deciseconds[keep]
    table = Decay.of(pull.decay).table(times.limit, times.limit)
    near = table[walk]
    strength: Floats = pulls**pull.alpha
    if pull.theta:
        strength = strength * _crowd(rows, columns, near, pulls, n, m) ** pull.theta
    drawn = strength[columns] * near
    total = np.bincount(rows, weights=drawn, minlength=n) + pull.home
    persons = np.where(demand.planned, demand.persons, 0.0)
    going = persons[rows] * drawn / total[rows]
    return Use(
        np.bincount(columns, weights=going, minlength=m).astype(np.float64),
        np.bincount(rows, weights=going, minlength=n).astype(np.float64),
    )


@dataclass(frozen=True, eq=False)
class Diverted:
    """What new places draw: (m,) before and after; users of the new ones, from whom, and how many are new.

    users = from_others + newcomers, place by place only in sum; lost : (m,) what each standing place loses.
    """

    before: Use
    after: Use
    users: float
    from_others: float
    newcomers: float
    lost: Floats


def diverted(
    times: TravelTimes,
    demand: Demand,
    attraction: Sequence[float] | Floats,
    pull: Pull,
    *,
    standing: Sequence[int],
    new: Sequence[int],
) -> Diverted:
    """Use with and without the places ``new``: how many come from standing places, how many went nowhere before."""
    before = used(times, demand, attraction, pull, list(standing))
    after = used(times, demand, attraction, pull, [*standing, *new])
    users = float(after.by_place[list(new)].sum())
    lost = np.zeros(times.shape[1])
    lost[list(standing)] = (before.by_place - after.by_place)[list(standing)]
    taken = float(lost.sum())
    return Diverted(before, after, users, taken, users - taken, lost)


def fitted(
    times: TravelTimes,
    demand: Demand,
    attraction: Sequence[float] | Floats,
    counts: Sequence[float] | Floats,
    *,
    opened: Sequence[int],
) -> tuple[Pull, float]:
    """The parameters that explain counted users of the open places best, and the share of their deviance explained.

    counts : (m,) users of each place, NaN where nobody counted. Scale of an exponential decay, alpha and the pull of
    home are fitted by the likelihood of Poisson counts; theta stays 0 (few cities count enough places for it).

    Raises
    ------
    ProblemError : fewer than four counted places, which cannot tell three parameters.
    """
    from scipy.optimize import minimize

    seen = np.asarray(counts, dtype=np.float64)
    counted = np.flatnonzero(np.isfinite(seen) & np.isin(np.arange(len(seen)), np.asarray(opened)))
    if len(counted) < 4:
        raise ProblemError(
            Fault(
                "too-few-counts",
                Sentence("{count} counted places cannot tell three parameters", count=len(counted)),
                "counts",
                "count four places or more, or give a range of parameters",
            )
        )

    def pull_of(x: Floats) -> Pull:
        minutes, alpha, home = np.exp(np.clip(x, -4.0, 6.0))
        return Pull(f"exponential {minutes:.6g} min", float(alpha), 0.0, float(home))

    def cost(x: Floats) -> float:
        expected = np.maximum(used(times, demand, attraction, pull_of(x), opened).by_place[counted], 1e-9)
        return float((expected - seen[counted] * np.log(expected)).sum())

    starts = [np.log([minutes, 1.0, home]) for minutes in (4.0, 10.0) for home in (0.5, 5.0)]
    options = {"maxiter": 400, "xatol": 1e-4, "fatol": 1e-6}
    found = min((minimize(cost, x, method="Nelder-Mead", options=options) for x in starts), key=lambda one: one.fun)
    pull = pull_of(found.x)
    expected = used(times, demand, attraction, pull, opened).by_place[counted]
    return pull, 1.0 - _deviance(seen[counted], expected) / max(
        _deviance(seen[counted], np.full(len(counted), seen[counted].mean())), 1e-9
    )


def _deviance(seen: Floats, expected: Floats) -> float:
    expected = np.maximum(expected, 1e-9)
    part = np.where(seen > 0, seen * np.log(np.maximum(seen, 1e-9) / expected), 0.0) - (seen - expected)
    return float(2.0 * part.sum())


def _crowd(rows: AnyArray, columns: AnyArray, near: Floats, pulls: Floats, n: int, m: int) -> Floats:
    """(m,) how near the other places stand, seen from the blocks around each, at least a little: 1 is usual."""
    around = np.bincount(rows, weights=pulls[columns] * near, minlength=n)
    others = np.bincount(columns, weights=near * (around[rows] - pulls[columns] * near), minlength=m)
    weight = np.bincount(columns, weights=near, minlength=m)
    crowd: Floats = 1.0 + np.divide(others, weight, out=np.zeros(m), where=weight > 0)
    return crowd


def _checked(attraction: Floats, pull: Pull, m: int) -> Floats:
    faults = []
    if attraction.shape != (m,) or not (np.isfinite(attraction).all() and (attraction >= 0).all()):
        faults.append(
            Fault(
                "bad-attraction",
                Sentence("attraction is not {m} finite numbers of 0 or more", m=m),
                "attraction",
                "give one a place, 1 for a usual one",
            )
        )
    for name in ("alpha", "home"):
        value = getattr(pull, name)
        if not (np.isfinite(value) and value >= 0):
            faults.append(Fault("bad-pull", Sentence("{name} is {number}", name=name, number=value), name))
    if not np.isfinite(pull.theta):
        faults.append(Fault("bad-pull", Sentence("{name} is {number}", name="theta", number=pull.theta), "theta"))
    if faults:
        raise ProblemError(faults)
    return attraction
