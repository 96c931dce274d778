"""How many people a place can serve in a week: places at once, hours open, and the days it is closed.

    persons a week = places at once  x  hours open a week / hours of one visit  x  availability

Availability is what the causes of closure leave of the year. A pool without water serves nobody, and a
plan that counts it full promises what it cannot keep.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence

# Why a place closes when it should be open.
CAUSES = ("water", "power", "flood", "heat", "staff", "works")
DAYS = 365.0


def availability(days_closed: Mapping[str, float]) -> float:
    """The share of the year that is left when each cause closes a place for so many days.

    Causes are taken as falling on different days (the cautious reading): their days add up, to a year at most.

    Raises
    ------
    ProblemError : a cause that is none of ``CAUSES``; days that are not numbers from 0 to 365. All at once.
    """
    faults = []
    unknown = sorted(set(days_closed) - set(CAUSES))
    if unknown:
        faults.append(
            Fault(
                "unknown-cause",
                Sentence("{listed} is no cause of closure", listed=", ".join(unknown)),
                "days_closed",
                Sentence("use one of: {listed}", listed=", ".join(CAUSES)),
                count=len(unknown),
                first=unknown[0],
            )
        )
    odd = [cause for cause, days in days_closed.items() if not 0 <= days <= DAYS]
    if odd:
        faults.append(
            Fault(
                "bad-days",
                Sentence("{count} causes of closure have days that are not from 0 to 365", count=len(odd)),
                "days_closed",
                "give days a year",
                count=len(odd),
                first=odd[0],
            )
        )
    if faults:
        raise ProblemError(faults)
    return max(0.0, 1.0 - sum(days_closed.values()) / DAYS)


def persons_a_week(
    places: float, *, hours_a_week: float, hours_a_visit: float, days_closed: Mapping[str, float] | None = None
) -> float:
    """Persons a place can serve in an ordinary week of the year, each coming once.

    ``places`` : how many can be there at once. Visits are of one length, one after another, hour by hour.

    Raises
    ------
    ProblemError : a number that is not finite, or under 0; a visit without length; see ``availability``.
    """
    faults = []
    for name, number, least in (("places", places, 0.0), ("hours_a_week", hours_a_week, 0.0)):
        if not (math.isfinite(number) and number >= least):
            faults.append(Fault("bad-capacity", Sentence("{name} is {number}", name=name, number=number), name))
    if hours_a_week > 168:
        faults.append(Fault("bad-capacity", Sentence("a week has 168 hours, not {hours:g}", hours=hours_a_week)))
    if not (math.isfinite(hours_a_visit) and hours_a_visit > 0):
        faults.append(Fault("bad-capacity", Sentence("{name} is {number}", name="hours_a_visit", number=hours_a_visit)))
    if faults:
        raise ProblemError(faults)
    return places * hours_a_week / hours_a_visit * availability(days_closed or {})
