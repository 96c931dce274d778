"""How slope changes a walker's speed: published rules, each as a share of the speed on the flat."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence

# Tobler (1993), Three presentations on geographical analysis and modeling, NCGIA 93-1: walking speed is
# 6 km/h * exp(-3.5 * |slope + 0.05|), fastest on a gentle way down. Here divided by its value on the flat.
TOBLER_STEEPNESS = 3.5  # per unit of slope
TOBLER_BEST_SLOPE = -0.05  # rise over run

# Naismith (1892), Scottish Mountaineering Club Journal 2:136: an hour for every three miles, and an hour more for
# every 2,000 feet of ascent. So a metre of ascent takes as long as 3 * 5,280 / 2,000 = 7.92 metres on the flat
# (Scarf 2007, Journal of Sports Sciences 25:719-726, finds the same number good). Down is walked as on the flat.
# Langmuir's corrections for descents are left out: between 5 and 12 degrees they let people go down up to 2.4 times
# as fast as on the flat, which holds on a hillside and not in a street.
NAISMITH_CLIMB = 3 * 5280 / 2000  # metres on the flat for one metre of ascent

FASTEST = math.exp(-TOBLER_STEEPNESS * TOBLER_BEST_SLOPE)  # times the speed on the flat, by any rule here, at its best


def tobler(slope: Floats | float) -> Floats:
    """Speed on a slope (rise over run, downhill negative) as a share of the speed on the flat."""
    away = np.abs(np.asarray(slope, dtype=np.float64) - TOBLER_BEST_SLOPE) + TOBLER_BEST_SLOPE
    factor: Floats = np.exp(-TOBLER_STEEPNESS * away)
    return factor


def naismith(slope: Floats | float) -> Floats:
    """Speed on a slope as a share of the speed on the flat: slower up, never faster down."""
    factor: Floats = 1.0 / (1.0 + NAISMITH_CLIMB * np.maximum(np.asarray(slope, dtype=np.float64), 0.0))
    return factor


SLOPES: dict[str, Callable[[Floats], Floats]] = {"tobler": tobler, "naismith": naismith}


def slope_rule(slope: str) -> Callable[[Floats], Floats]:
    """The rule of that name.

    Raises
    ------
    ProblemError : no such rule (``unknown-slope``).
    """
    if slope not in SLOPES:
        raise ProblemError(
            Fault(
                code="unknown-slope",
                what=Sentence("no rule for slopes is called {slope!r}", slope=slope),
                where="slope",
                mend=Sentence("use one of: {listed}", listed=", ".join(SLOPES)),
            )
        )
    return SLOPES[slope]
