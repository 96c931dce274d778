"""Walking without a street map: the straight line times a circuity. An estimate, and marked so."""

from __future__ import annotations

import math
from dataclasses import dataclass

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.network.effort import walking_speed
from utopias.network.profiles import Profile, profile_of


@dataclass(frozen=True, slots=True)
class StraightLines:
    """What stands in for streets: deciseconds = metres * circuity / speed, rounded half up once.

    circuity : way walked over straight line, 1 or more. speed_m_s : on the flat; hills, canals and railways
    are not seen.
    """

    circuity: float
    walker: str
    speed_m_s: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.circuity) and self.circuity >= 1.0):
            raise ProblemError(
                Fault(
                    code="bad-circuity",
                    what=Sentence("a circuity of {circuity} is not a number of 1 or more", circuity=self.circuity),
                    mend="1.2 to 1.5 is usual: the way walked over the straight line",
                )
            )

    @property
    def deciseconds_per_metre(self) -> float:
        return 10.0 * self.circuity / self.speed_m_s


def straight_lines(
    town: Town | None = None, *, circuity: float = 1.3, walker: str | Profile = "adult", speed: str | None = None
) -> StraightLines:
    """Walk ``town`` along straight lines, made longer by ``circuity``; times are marked estimated.

    Parameters
    ----------
    town : named so that a call reads like ``street_network(town)``; its streets, if any, are not looked at.
    circuity : 1 or more. 1.3 is an assumption of this project, inside the 1.2 to 1.5 that a robustness
        run sweeps; where streets are at hand, measure it instead.
    walker, speed : as for ``street_network``; of a profile only the speed counts, where no street is known.

    Raises
    ------
    ProblemError : a circuity under 1 or not finite; an unknown walker.
    """
    del town  # straight lines need no streets; the argument keeps the two ways of walking interchangeable
    return StraightLines(circuity, profile_of(walker).name, walking_speed(walker, speed))
