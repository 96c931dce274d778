"""How a plan stands when its inputs are as uncertain as they are: many draws, each solved again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Robustness:
    """The second statement about a plan; the first, optimality, is its certificate.

    draws, seed : how many, and what they replay from.
    varied : what moved and over which range, for the reader ({"walking_speed": [0.85, 1.15], ...}).
    chosen_in : (k,) draws in which each new site of the plan was chosen again, in plan order.
    kept_in : (k,) the same, or a site no more than ``near_metres`` away was chosen in its stead.
    regret_median, regret_p90 : share of the best possible value of a draw that the plan misses there.
    within_low, within_high : 5th and 95th percentile of the persons within, over the draws.
    worst_gap : the largest share by which the answer of a draw itself may miss that draw's best.
    stopped : "user" where Ctrl-C ended the draws early. rows : each draw, what it moved and found.
    """

    draws: int
    seed: int
    varied: dict[str, Any]
    chosen_in: list[int]
    kept_in: list[int]
    near_metres: float
    regret_median: float
    regret_p90: float
    within_low: float
    within_high: float
    worst_gap: float
    stopped: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
