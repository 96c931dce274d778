"""What a street costs to walk: whole deciseconds for each edge and each direction.

Length over speed, uphill and downhill apart where the rise is known, steps only for those
who can take them. Rounded half up once, here; from here on every sum is exact.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, frozen
from utopias.domain.errors import Fault, ProblemError, QuantityError, TableError
from utopias.domain.quantities import WALKERS
from utopias.domain.sentences import Sentence
from utopias.domain.streets import Streets

# Tobler (1993), Three presentations on geographical analysis and modeling, NCGIA 93-1: walking speed is
# 6 km/h * exp(-3.5 * |slope + 0.05|), fastest on a gentle way down. Here divided by its value on the flat.
TOBLER_STEEPNESS = 3.5  # per unit of slope
TOBLER_BEST_SLOPE = -0.05  # rise over run

# Profiles that cannot take a flight of steps. An assumption of this project: a pram can be carried, but not by everybody.
NO_STEPS = frozenset({"wheelchair", "pram"})

STEEPEST = 1.0  # rise over length; no street climbs 45 degrees, so more is a fault of the heights
LONGEST = 2**30  # deciseconds of one edge, 3.4 years: keeps the sums of two edges inside int32

_SPEED = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(m/s|km/h)\s*")


@dataclass(frozen=True, eq=False)
class EdgeCosts:
    """(e,) what each edge of some Streets costs a walker.

    onward, back : (e,) deciseconds from tail to head and from head to tail.
    walkable : (e,) whether this walker may and can use the edge at all.
    rise_known : share of the walkable edges with a known rise, 0 to 1; the others count as flat.
    """

    onward: Ints
    back: Ints
    walkable: Bools
    walker: str
    speed_m_s: float
    rise_known: float

    def __post_init__(self) -> None:
        for name in ("onward", "back", "walkable"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def walking_speed(walker: str, speed: str | None = None) -> float:
    """Metres per second on the flat: that of the profile, or ``speed`` as written ("4.3 km/h", "1.2 m/s").

    Raises
    ------
    ProblemError : no such profile; the fault lists those there are.
    QuantityError : a bare number, an unknown unit, or a speed of 0.
    """
    if walker not in WALKERS:
        raise ProblemError(
            Fault(
                code="unknown-walker",
                what=Sentence("nobody here walks as {walker!r}", walker=walker),
                where="walker",
                mend=Sentence("use one of: {listed}", listed=", ".join(WALKERS)),
            )
        )
    if speed is None:
        return WALKERS[walker]
    match = _SPEED.fullmatch(speed) if isinstance(speed, str) else None
    if match is None or float(match.group(1)) == 0.0:
        raise QuantityError(
            Fault(
                code="unknown-quantity" if isinstance(speed, str) else "bare-number",
                what=Sentence("{speed!r} is not a walking speed", speed=speed),
                where="speed",
                mend='write a number over 0 with a point and its unit, m/s or km/h: "4.3 km/h"',
            )
        )
    return float(match.group(1)) / (3.6 if match.group(2) == "km/h" else 1.0)


def tobler(slope: Floats | float) -> Floats:
    """Speed on a slope (rise over run, downhill negative) as a share of the speed on the flat."""
    away = np.abs(np.asarray(slope, dtype=np.float64) - TOBLER_BEST_SLOPE) + TOBLER_BEST_SLOPE
    factor: Floats = np.exp(-TOBLER_STEEPNESS * away)
    return factor


FASTEST = math.exp(-TOBLER_STEEPNESS * TOBLER_BEST_SLOPE)  # times the speed on the flat, at the best slope


def deciseconds(metres: AnyArray, metres_per_second: AnyArray | float) -> Floats:
    """Whole deciseconds, rounded half up, as floats: decimetres over metres per second."""
    rounded: Floats = np.floor(np.asarray(metres, dtype=np.float64) * 10.0 / metres_per_second + 0.5)
    return rounded


def edge_costs(streets: Streets, *, walker: str = "adult", speed: str | None = None) -> EdgeCosts:
    """Weigh every edge both ways for one pedestrian profile.

    Parameters
    ----------
    streets : edges with length (m) and rise (m, NaN where not known: then walked as if flat, and
        the share of edges with a known rise is returned).
    walker : a profile of ``WALKERS``. speed : on the flat, written with its unit; None for the profile's own.

    Returns
    -------
    EdgeCosts: deciseconds, rounded half up once. An edge with ``foot`` false is not walkable; nor is
    one with ``steps`` for a walker in ``NO_STEPS``. Costs of edges that are not walkable are 0 and mean nothing.

    Raises
    ------
    TableError : a walkable edge climbs more than 45 degrees, or takes more than three years.
    ProblemError, QuantityError : see ``walking_speed``.

    Source
    ------
    Tobler (1993), NCGIA technical report 93-1, normalised to 1 on the flat.
    """
    pace = walking_speed(walker, speed)
    walkable = np.asarray(streets.foot, dtype=bool).copy()
    if walker in NO_STEPS:
        walkable &= ~np.asarray(streets.steps, dtype=bool)
    known = ~np.isnan(streets.rise)
    rise = np.where(known & walkable, streets.rise, 0.0)
    length = np.where(walkable, streets.length, 0.0)

    faults = []
    steep = np.abs(rise) > STEEPEST * length
    if steep.any():
        first = int(np.flatnonzero(steep)[0])
        faults.append(
            Fault(
                code="impossible-slope",
                what=Sentence(
                    "{count:,} of {total:,} edges climb more than 45 degrees",
                    count=int(steep.sum()),
                    total=len(streets),
                ),
                where="rise_m and length_m in edges",
                mend="smooth the heights, or leave rise_m empty where they cannot be trusted",
                count=int(steep.sum()),
                first=Sentence(
                    "edge {first}: {rise:g} m over {length:g} m", first=first, rise=rise[first], length=length[first]
                ),
            )
        )
    slope = np.divide(rise, length, out=np.zeros(len(length)), where=(length > 0) & ~steep)
    onward, back = (deciseconds(length, pace * tobler(way)) for way in (slope, -slope))
    long = np.maximum(onward, back) > LONGEST
    if long.any():
        first = int(np.flatnonzero(long)[0])
        faults.append(
            Fault(
                code="endless-edge",
                what=Sentence(
                    "{count:,} of {total:,} edges take more than three years to walk",
                    count=int(long.sum()),
                    total=len(streets),
                ),
                where="length_m in edges",
                mend="is the length in metres? mend it at its source",
                count=int(long.sum()),
                first=Sentence("edge {first}: {length:g} m", first=first, length=length[first]),
            )
        )
    if faults:
        raise TableError(faults)
    share = float(known[walkable].mean()) if walkable.any() else 0.0
    return EdgeCosts(onward.astype(np.int32), back.astype(np.int32), walkable, walker, pace, share)
