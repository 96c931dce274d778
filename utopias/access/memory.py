"""How many times a table of walks will hold, foreseen from straight lines, so that its memory is said before it is made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from utopias.domain import memory as machine
from utopias.domain.arrays import Floats
from utopias.domain.memory import free_memory as free_memory
from utopias.domain.sentences import Sentence
from utopias.network.slopes import FASTEST

BYTES_A_PAIR = 24  # column and time twice over while the table is turned, and the growing chunks
SAMPLE = 256  # sources whose neighbours are counted to foresee the pairs of all
MARGIN = 1.1  # over the count of the sample
STEPS = 12  # halvings in the search for a limit that would fit: to a four-thousandth of the one asked for


def pairs_expected(
    from_x: Floats, from_y: Floats, to_x: Floats, to_y: Floats, metres: float, *, rise_known: bool = False
) -> int:
    """About how many pairs lie within ``metres`` of each other in a straight line: no fewer are within reach.

    Counted exactly for up to 256 sources evenly spread over those given, and scaled up. Where rises
    are known, the reach grows by the gain of the best way down (19 %).
    """
    if len(from_x) == 0 or len(to_x) == 0:
        return 0
    at = np.linspace(0, len(from_x) - 1, min(SAMPLE, len(from_x))).astype(np.int64)
    order = np.argsort(to_x, kind="stable")
    east, north = np.asarray(to_x)[order], np.asarray(to_y)[order]
    radius = metres * (FASTEST if rise_known else 1.0)
    first = np.searchsorted(east, from_x[at] - radius)
    last = np.searchsorted(east, from_x[at] + radius, side="right")
    near = [
        np.count_nonzero((east[i:j] - from_x[k]) ** 2 + (north[i:j] - from_y[k]) ** 2 <= radius**2)
        for k, i, j in zip(at, first, last, strict=True)
    ]
    mean = float(np.mean(near))
    margin = 1.0 if len(at) == len(from_x) else MARGIN
    return int(np.ceil(mean * len(from_x) * margin))


def must_fit(
    pairs: int,
    *,
    fixed: int,
    memory: int | None,
    grown: bool = False,
    mend: Callable[[int], str] | None = None,
) -> tuple[int, int]:
    """Refuse a table of times that needs more memory than there is; see ``domain.memory.must_fit``.

    grown : the table has outgrown its forecast while being made.
    """
    return machine.must_fit(
        pairs,
        each=BYTES_A_PAIR,
        of=Sentence("times"),
        where=Sentence("travel times, while they were being made") if grown else Sentence("travel times"),
        fixed=fixed,
        memory=memory,
        mend=mend,
    )


def less(expected: Callable[[float], int], minutes: float, destinations: int) -> Callable[[int], str]:
    """What to ask for instead of a table that does not fit, as ``must_fit`` calls it.

    Parameters
    ----------
    expected : pairs of the table when its limit is a share of the one asked for, 0 to 1; never falling.
    minutes : the limit asked for. destinations : how many were asked for.
    """

    def mend(most: int) -> str:
        low, high = 0.0, 1.0
        for _ in range(STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if expected(middle) <= most else (low, middle)
        limit = int(low * minutes)
        places = destinations * most // max(1, expected(1.0))
        if limit < 1 and places < 1:
            return Sentence("not even a walk of one minute or one destination fits: take a larger machine")
        if limit < 1:
            return Sentence("take {places:,} destinations at a time, or a larger machine", places=places)
        if places < 1:
            return Sentence("take a limit of {limit} min, or a larger machine", limit=limit)
        return Sentence(
            "take a limit of {limit} min, or {places:,} destinations at a time, or a larger machine",
            limit=limit,
            places=places,
        )

    return mend


def must_hold(needed: int, *, trips: int, memory: int | None) -> None:
    """Refuse a chain of walks that needs ``needed`` bytes where ``memory``, or what is free, is less.

    Raises
    ------
    TooLargeError : it would not fit.
    """
    machine.must_fit(
        trips,
        each=max(1, -(-needed // max(1, trips))),
        of=Sentence("trips by way of units"),
        where=Sentence("chains of walks"),
        memory=memory,
        mend=lambda _: Sentence("take a shorter window, fewer schools at a time, or a larger machine"),
        code="too-many-trips",
    )
