"""What a street costs to walk: whole deciseconds for each edge and each direction.

Length over speed, uphill and downhill apart where the rise is known; steps, surface, sidewalk and kerbs for those
who mind them; after dark, if asked, what is unlit or unpaved. A fact that is not known costs nothing and is counted.
Rounded half up once, here; from here on every sum is exact.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Texts, frozen
from utopias.domain.errors import Fault, ProblemError, QuantityError, TableError
from utopias.domain.sentences import Sentence
from utopias.domain.streets import Streets
from utopias.network.profiles import ROUGH, SMOOTH, SOFT, WITHOUT_CARS, Profile, profile_of
from utopias.network.slopes import slope_rule

STEEPEST = 1.0  # rise over length; no street climbs 45 degrees, so more is a fault of the heights
LONGEST = 2**30  # deciseconds of one edge, 3.4 years: keeps the sums of two edges inside int32
DAYLIGHT = 1.0  # the factor after dark that changes nothing

_SPEED = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(m/s|km/h)\s*")


@dataclass(frozen=True)
class Impedance:
    """By which rules edges were weighed, and how much was known of them.

    slope : a rule of ``SLOPES``. after_dark : how many times as long what is unlit or unpaved takes; 1 is daylight.
    pays : what the profile minds, as ``Profile.pays``. edges : how many this walker may use.
    known : share of those of which each fact is known, 0 to 1: rise, surface, sidewalk, ramps, lit.
    dark : share of those that are known to be unlit or unpaved.
    """

    slope: str
    after_dark: float
    pays: Mapping[str, float]
    edges: int
    known: Mapping[str, float]
    dark: float

    @property
    def notes(self) -> dict[str, str | float]:
        """For the table of times: flat, and fit for JSON. ``after_dark`` and ``dark`` only where they count."""
        said: dict[str, str | float] = {"slope": self.slope, "edges": float(self.edges)}
        said |= {f"{fact}_known": share for fact, share in self.known.items() if fact != "rise"}
        said |= {f"pays_{fact}": "impassable" if math.isinf(f) else f for fact, f in self.pays.items()}
        if self.after_dark != DAYLIGHT:
            said |= {"after_dark": self.after_dark, "dark": self.dark}
        return said


@dataclass(frozen=True, eq=False)
class EdgeCosts:
    """(e,) what each edge of some Streets costs a walker.

    onward, back : (e,) deciseconds from tail to head and from head to tail.
    walkable : (e,) whether this walker may and can use the edge at all.
    rise_known : share of the walkable edges with a known rise, 0 to 1; the others count as flat.
    impedance : the rules, and the same share for every other fact.
    """

    onward: Ints
    back: Ints
    walkable: Bools
    walker: str
    speed_m_s: float
    rise_known: float
    impedance: Impedance

    def __post_init__(self) -> None:
        for name in ("onward", "back", "walkable"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def walking_speed(walker: str | Profile, speed: str | None = None) -> float:
    """Metres per second on the flat: that of the profile, or ``speed`` as written ("4.3 km/h", "1.2 m/s").

    Raises
    ------
    ProblemError : no such profile; the fault lists those there are.
    QuantityError : a bare number, an unknown unit, or a speed of 0.
    """
    own = profile_of(walker).speed_m_s
    if speed is None:
        return own
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


def deciseconds(metres: AnyArray, metres_per_second: AnyArray | float) -> Floats:
    """Whole deciseconds, rounded half up, as floats: decimetres over metres per second."""
    rounded: Floats = np.floor(np.asarray(metres, dtype=np.float64) * 10.0 / metres_per_second + 0.5)
    return rounded


def edge_costs(
    streets: Streets,
    *,
    walker: str | Profile = "adult",
    speed: str | None = None,
    slope: str = "tobler",
    after_dark: float = DAYLIGHT,
) -> EdgeCosts:
    """Weigh every edge both ways for one pedestrian profile.

    Parameters
    ----------
    streets : edges with length (m), rise (m, NaN where not known: then walked as if flat), steps, surface and front.
        What is empty is not known and costs nothing; how much is known goes along in ``impedance``.
    walker : a name of ``PROFILES``, or a Profile. speed : on the flat, written with its unit; None for the profile's own.
    slope : a rule of ``SLOPES``. after_dark : how many times as long edges take that are known to be unlit or
        unpaved; 1 or more, 1 is daylight. It stands for surroundings that people go round, and measures nothing else.

    Returns
    -------
    EdgeCosts: deciseconds, rounded half up once. An edge with ``foot`` false is not walkable; nor is one with a fact
    that is ``IMPASSABLE`` for the profile. Costs of edges that are not walkable are 0 and mean nothing.
    On steps the slower of slope and steps counts; of a missing sidewalk and a kerb the greater; all else multiplies.
    ``part`` of a sidewalk or of ramps counts as there: one walks on that side.

    Raises
    ------
    TableError : a walkable edge climbs more than 45 degrees, or takes more than three years.
    ProblemError, QuantityError : see ``walking_speed``, ``slope_rule``; ``bad-after-dark``.

    Source
    ------
    Slopes as in ``slopes``, factors as in ``profiles``.
    """
    who, pace, rule = profile_of(walker), walking_speed(walker, speed), slope_rule(slope)
    must_be_dark(after_dark)
    facts = _Facts(streets)
    flight, factor = facts.weighed(who)
    factor = np.where(facts.dark, factor * after_dark, factor)
    walkable = np.asarray(streets.foot, dtype=bool) & np.isfinite(flight) & np.isfinite(factor)
    flight, factor = np.where(walkable, flight, 1.0), np.where(walkable, factor, 1.0)
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
    climb = np.divide(rise, length, out=np.zeros(len(length)), where=(length > 0) & ~steep)
    onward, back = (deciseconds(length, pace * (_share(rule(way), flight) / factor)) for way in (climb, -climb))
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
    shares = {"rise": _part(known, walkable)} | {name: _part(told, walkable) for name, told in facts.known.items()}
    impedance = Impedance(slope, float(after_dark), who.pays, int(walkable.sum()), shares, _part(facts.dark, walkable))
    return EdgeCosts(
        onward.astype(np.int32), back.astype(np.int32), walkable, who.name, pace, shares["rise"], impedance
    )


class _Facts:
    """(e,) masks of what is known of some streets."""

    def __init__(self, streets: Streets) -> None:
        front = streets.front
        self.steps = np.asarray(streets.steps, dtype=bool)
        self.rough, self.soft = _among(streets.surface, ROUGH), _among(streets.surface, SOFT)
        self.no_sidewalk = _among(front.sidewalk, {"no"}) & ~_among(streets.kind, WITHOUT_CARS)
        self.no_ramps = _among(front.ramps, {"no"})
        self.dark = _among(front.lit, {"no"}) | self.soft
        self.known: dict[str, Bools] = {
            "surface": self.rough | self.soft | _among(streets.surface, SMOOTH),
            "sidewalk": ~_among(front.sidewalk, {""}),
            "ramps": ~_among(front.ramps, {""}),
            "lit": ~_among(front.lit, {""}),
        }

    def weighed(self, who: Profile) -> tuple[Floats, Floats]:
        """(e,) what a flight of steps is for ``who``, and the factor of all other facts; infinite cannot be passed."""
        flight: Floats = np.where(self.steps, who.steps, 1.0)
        ground = np.where(self.soft, who.soft, np.where(self.rough, who.rough, 1.0))
        edge = np.maximum(np.where(self.no_sidewalk, who.no_sidewalk, 1.0), np.where(self.no_ramps, who.no_ramps, 1.0))
        return flight, ground * edge


def _among(words: Texts, wanted: frozenset[str] | set[str]) -> Bools:
    """(e,) whether each word is one of ``wanted``. Without pandas, which takes longer to load than a town to walk."""
    said = np.asarray(words, dtype=object).tolist()
    different = set(said)
    among = {word for word in different if str(word) in wanted}
    if not among or len(among) == len(different):  # mostly: nobody said anything
        return np.full(len(said), bool(among))
    return np.fromiter(map(among.__contains__, said), dtype=bool, count=len(said))


def _share(on_slope: Floats, flight: Floats) -> Floats:
    """(e,) share of the speed on the flat; a flight that costs nothing is walked by its slope alone."""
    slower: Floats = np.where(flight > 1.0, np.minimum(on_slope, 1.0 / flight), on_slope)
    return slower


def _part(told: Bools, walkable: Bools) -> float:
    return float(told[walkable].mean()) if walkable.any() else 0.0


def must_be_dark(factor: object) -> None:
    """Raise ProblemError, ``bad-after-dark``, unless this is a finite number of 1 or more."""
    number = isinstance(factor, (int, float)) and not isinstance(factor, bool)
    if not (number and math.isfinite(factor) and factor >= DAYLIGHT):  # type: ignore[arg-type, operator]
        raise ProblemError(
            Fault(
                code="bad-after-dark",
                what=Sentence("{factor!r} is no factor for after dark", factor=factor),
                where="after_dark",
                mend="give a number of 1 or more: 1 is daylight, 2 doubles the time of what is unlit or unpaved",
            )
        )
