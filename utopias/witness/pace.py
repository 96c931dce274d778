"""What a street costs each pedestrian, written anew: the profiles, the rules of slopes, and after dark.

The numbers below are those that ``manual/profiles.md`` declares, typed in again: a change in the network's own table
that nobody declared shows here as times that are not the town's. A profile that is not in this table is taken from the
notes of the times, where every factor must then stand. Times from before profiles had factors say no rule of slopes:
for them only steps stop wheels, as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats
from utopias.witness.town_files import RawStreets

NEVER = float("inf")
# profile -> steps, rough, soft, no sidewalk, no ramps: times as long
DECLARED: dict[str, tuple[float, ...]] = {
    "adult": (1.0, 1.0, 1.0, 1.0, 1.0),
    "child": (1.0, 1.0, 1.0, 1.0, 1.0),
    "older person": (3.0, 1.1, 1.25, 1.25, 1.1),
    "wheelchair": (NEVER, 1.5, 2.0, 1.5, 2.0),
    "pram": (NEVER, 1.25, 1.5, 1.25, 1.25),
}
STEPLESS = ("wheelchair", "pram")
NOTED = ("pays_steps", "pays_rough", "pays_soft", "pays_no_sidewalk", "pays_no_ramps")
STONES = ("cobblestone", "unhewn_cobblestone", "sett")
EARTH = (
    "unpaved", "compacted", "fine_gravel", "gravel", "pebblestone", "ground", "dirt", "earth", "mud", "sand", "grass", "rock",
)  # fmt: skip
FOR_FEET = ("footway", "path", "pedestrian", "steps", "corridor", "platform", "living_street", "cycleway")
RULES = ("tobler", "naismith")


@dataclass(frozen=True, slots=True)
class Paces:
    """How one walker was said to walk. factors : in the order of ``DECLARED``. dark : times as long unlit or unpaved."""

    factors: tuple[float, ...] = DECLARED["adult"]
    slope: str = "tobler"
    dark: float = 1.0
    unknown: tuple[str, ...] = field(default=())  # what of the notes this program cannot recount


def paces_of(notes: dict[str, Any]) -> Paces:
    """The rules that the notes of a table of times tell, or what of them is not known here."""
    walker = str(notes.get("walker", "adult"))
    if "slope" not in notes:
        return Paces((NEVER if walker in STEPLESS else 1.0, 1.0, 1.0, 1.0, 1.0))
    factors = DECLARED.get(walker)
    if factors is None:
        factors = tuple(NEVER if notes.get(name) == "impassable" else float(notes.get(name, 1.0)) for name in NOTED)
    slope = str(notes["slope"])
    unknown = () if slope in RULES else (f"slope: {slope}",)
    return Paces(factors, slope, float(notes.get("after_dark", 1.0)), unknown)


def passable(streets: RawStreets, paces: Paces) -> tuple[Bools, Floats, Floats]:
    """(e,) whether each edge may be used; and what of slowness steps bring, and all the rest brings."""
    steps, rough, soft, no_sidewalk, no_ramps = paces.factors
    flight = np.where(streets.steps, steps, 1.0)
    earth = np.isin(streets.surface, EARTH)
    rest = np.ones(len(streets.tail))
    rest[np.isin(streets.surface, STONES)] = rough
    rest[earth] = soft
    side = np.ones(len(rest))
    side[(streets.sidewalk == "no") & ~np.isin(streets.kind, FOR_FEET)] = no_sidewalk
    kerb = np.ones(len(rest))
    kerb[streets.ramps == "no"] = no_ramps
    rest = rest * np.maximum(side, kerb)
    rest[earth | (streets.lit == "no")] *= paces.dark
    may: Bools = streets.foot & (flight < NEVER) & (rest < NEVER)
    return may, flight, rest


def cost(length: Floats, slope: Floats, flight: Floats, rest: Floats, speed: float, rule: str) -> AnyArray:
    """Whole deciseconds one way: metres over metres a second, half up; on steps the slower of slope and steps counts."""
    if rule == "naismith":
        share = 1.0 / (1.0 + 7.92 * np.maximum(slope, 0.0))
    else:
        share = np.exp(-3.5 * (np.abs(slope + 0.05) - 0.05))
    share = np.where(flight > 1.0, np.minimum(share, 1.0 / flight), share)
    return np.floor(length * 10.0 / (speed * (share / rest)) + 0.5).astype(np.int64)
