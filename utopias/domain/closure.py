"""One unit closed for a week: whom that leaves without any, or without a place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Closure:
    """One unit closed, all others open. Persons of the plan's group in the planned area.

    within : persons who reach it within the limit. second : of them, those who reach another one within it too.
    lose : of them, those who then reach none: within = second + lose. minutes_more : what those who lose walk longer
        to the next unit, on average; whoever reaches none in the table counts to its end, a lower bound; None where
        nobody loses. by_group : group id -> persons of it who lose.
    rooms : the plan counts places. Then within is whom it takes in, second are those of them who find room elsewhere, lose
    those who lose their place, and minutes_more is what those walk longer who find room (``room_closures``).
    """

    place_id: str
    name: str
    new: bool
    within: float
    second: float
    lose: float
    minutes_more: float | None
    by_group: dict[str, float]
    rooms: bool = False
