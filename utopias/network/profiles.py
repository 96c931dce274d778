"""Who walks, and what slows whom: pedestrian profiles as declared data.

A profile is a speed on the flat and, for each fact of a street, how many times as long that street takes whoever
minds it. 1 costs nothing, infinity cannot be passed. No street is known here: see ``effort``.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.quantities import WALKERS
from utopias.domain.sentences import Sentence

IMPASSABLE = math.inf

# The facts a profile may mind, in the order they are told.
FACTS = ("steps", "rough", "soft", "no_sidewalk", "no_ramps")

# Surfaces by what feet and wheels make of them; any other word (wood, artificial_turf, ...) is not known.
SMOOTH = frozenset({
    "paved", "asphalt", "chipseal", "concrete", "concrete:lanes", "concrete:plates", "paving_stones", "bricks", "metal",
    "tiles",
})  # fmt: skip
ROUGH = frozenset({"cobblestone", "unhewn_cobblestone", "sett"})
SOFT = frozenset({
    "unpaved", "compacted", "fine_gravel", "gravel", "pebblestone", "ground", "dirt", "earth", "mud", "sand", "grass",
    "rock",
})  # fmt: skip

# Ways made for walkers, or shared at their pace: that they have no sidewalk is no lack.
WITHOUT_CARS = frozenset({
    "footway", "path", "pedestrian", "steps", "corridor", "platform", "living_street", "cycleway",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of pedestrian. Every factor is times the walk on a street without that fact: 1 or more, or ``IMPASSABLE``.

    name : as written for ``walker``. speed_m_s : on the flat, on a good sidewalk.
    steps : on a flight of steps, its climb included: it is never faster than the factor says.
    rough : on stones (``ROUGH``). soft : on what is not paved (``SOFT``).
    no_sidewalk : in a street with cars and no sidewalk. no_ramps : where sidewalks end at a kerb; of the last two the
    greater counts, as whoever walks in the carriageway climbs no kerb.

    Raises
    ------
    ProblemError : a factor under 1 or no number (``bad-profile``); a speed of 0 or less, or not finite; the name of a
        declared profile with other numbers (``taken-profile``): a name means the same thing in every plan.
    """

    name: str
    speed_m_s: float
    steps: float = 1.0
    rough: float = 1.0
    soft: float = 1.0
    no_sidewalk: float = 1.0
    no_ramps: float = 1.0

    def __post_init__(self) -> None:
        faults = [
            Fault(
                code="bad-profile",
                what=Sentence("{fact} of {name!r} is {value}, no factor", fact=fact, name=self.name, value=value),
                where="profile",
                mend="write a number of 1 or more: 1 costs nothing, 2 doubles the time, infinity cannot be passed",
            )
            for fact, value in self.factors.items()
            if not (_is_number(value) and value >= 1.0)
        ]
        if not (_is_number(self.speed_m_s) and 0.0 < self.speed_m_s < math.inf):
            faults.append(
                Fault(
                    code="bad-profile",
                    what=Sentence("{name!r} walks at {speed} m/s", name=self.name, speed=self.speed_m_s),
                    where="profile",
                    mend="give a speed over 0, in metres a second on the flat",
                )
            )
        declared = globals().get("PROFILES", {}).get(self.name)
        if not faults and declared is not None and asdict(declared) != asdict(self):
            faults.append(
                Fault(
                    code="taken-profile",
                    what=Sentence("{name!r} is a profile of this program, with other numbers", name=self.name),
                    where="profile",
                    mend="give yours a name of its own, so that nobody takes one for the other",
                )
            )
        if faults:
            raise ProblemError(faults)

    @property
    def factors(self) -> dict[str, float]:
        """Every fact of ``FACTS`` -> how many times as long."""
        return {fact: getattr(self, fact) for fact in FACTS}

    @property
    def pays(self) -> dict[str, float]:
        """Only the facts that slow or stop this profile."""
        return {fact: factor for fact, factor in self.factors.items() if factor != 1.0}


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and not math.isnan(value)


# An adult and a child pay for nothing but length and slope: what every plan so far was made with. For the others:
#   steps of an older person: OpenTripPlanner's stairsTimeFactor of 3.0, which its manual bases on Fujiyama & Tyler
#       (2010), Predicting the walking speed of pedestrians on stairs, Transportation Planning and Technology 33(2):177-202.
#   steps of a wheelchair and of a pram: an assumption of this project; a pram can be carried, but not by everybody.
#   all factors of surface, sidewalk and ramps: assumptions of this project, measured nowhere. They say that these things
#       cost time, and roughly in which order; whoever has a survey of their own city makes a profile of it.
PROFILES: dict[str, Profile] = {
    "adult": Profile("adult", WALKERS["adult"]),
    "child": Profile("child", WALKERS["child"]),
    "older person": Profile(
        "older person", WALKERS["older person"], steps=3.0, rough=1.1, soft=1.25, no_sidewalk=1.25, no_ramps=1.1
    ),
    "wheelchair": Profile(
        "wheelchair", WALKERS["wheelchair"], steps=IMPASSABLE, rough=1.5, soft=2.0, no_sidewalk=1.5, no_ramps=2.0
    ),
    "pram": Profile("pram", WALKERS["pram"], steps=IMPASSABLE, rough=1.25, soft=1.5, no_sidewalk=1.25, no_ramps=1.25),
}


def profile_of(walker: str | Profile) -> Profile:
    """The profile of that name, or the one given.

    Raises
    ------
    ProblemError : no such profile; the fault lists those there are.
    """
    if isinstance(walker, Profile):
        return walker
    if walker not in PROFILES:
        raise ProblemError(
            Fault(
                code="unknown-walker",
                what=Sentence("nobody here walks as {walker!r}", walker=walker),
                where="walker",
                mend=Sentence("use one of: {listed}", listed=", ".join(PROFILES)),
            )
        )
    return PROFILES[walker]
