"""Other plans that are nearly as good, told for people who must choose: what differs, who gains, who loses."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """One other plan beside the one proposed. Persons are of the plan's group in the planned area.

    value : of the aim. loss : what it is worse by, in the aim's unit, 0 or more. taken, left : ids of the new sites that
    only it opens, and that only the proposed plan opens. gain, lose : persons who reach a unit only with it, and
    only with the proposed plan (where places fill up: for whom there is room). neediest : the same difference (gain less lose) among the neediest fifth; None where no
    need is known. ties : it is as good as the proposed plan.
    """

    value: float
    loss: float
    taken: tuple[str, ...]
    left: tuple[str, ...]
    gain: float
    lose: float
    neediest: float | None
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices beside a plan. within : the share of the value that they may lose; near_metres : how far from
    every site of the plan one of theirs must lie. names : site id -> name.
    """

    within: float
    near_metres: float
    choices: tuple[Choice, ...]
    names: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)
