"""After dark: the same question for several factors, so that no answer hangs on one that somebody chose.

The factor says how many times as long a street takes that is known to be unlit or unpaved: surroundings that people
go round if they can. Nothing here knows of crime, and no figure of it may be called by that name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

import numpy as np

from utopias.domain.arrays import texts
from utopias.domain.streets import Streets
from utopias.domain.town import Town
from utopias.network.effort import DAYLIGHT
from utopias.network.profiles import Profile
from utopias.network.street_network import StreetNetwork, street_network

SWEPT = (DAYLIGHT, 1.5, 2.0, 3.0)  # assumed: from no difference to a street that counts three times its length

T = TypeVar("T")


def sweep_after_dark(
    town_or_streets: Town | Streets,
    ask: Callable[[StreetNetwork], T],
    *,
    factors: Iterable[float] = SWEPT,
    walker: str | Profile = "adult",
    speed: str | None = None,
    slope: str = "tobler",
) -> dict[float, T]:
    """Ask one question of the streets by daylight and after dark.

    Parameters
    ----------
    ask : takes the streets as they are walked under one factor, gives the answer.
    factors : each 1 or more; told in rising order, each once.
    walker, speed, slope : as for ``street_network``.

    Returns
    -------
    factor -> answer, rising. A greater factor never brings anybody nearer, but for a tenth of a second of rounding where
    both doors stand on one street.

    Raises
    ------
    As ``street_network``; a factor that is none is refused before the first question is asked.
    """
    networks = {
        factor: street_network(town_or_streets, walker=walker, speed=speed, slope=slope, after_dark=factor)
        for factor in sorted(set(factors))
    }
    return {factor: ask(network) for factor, network in networks.items()}


def as_if_unlit(streets: Streets) -> Streets:
    """The same streets, with every stretch unlit whose light is not known: the other end of what the dark may cost.

    What is not known is not dark, and no answer counts it so; beside one it says how much hangs on not knowing.
    """
    lit = np.asarray(streets.front.lit, dtype=object)
    return replace(streets, front=replace(streets.front, lit=texts(np.where(lit == "", "no", lit))))
