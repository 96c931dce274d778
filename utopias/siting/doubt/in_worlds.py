"""How one plan stands in several worlds, and what no plan passes there."""

from __future__ import annotations

from dataclasses import dataclass

from utopias.domain.plan import Plan


@dataclass(frozen=True, eq=False)
class InWorlds:
    """A plan, and how it stands in each world. ``plan`` is that of the last mixture that found these sites.

    values : world -> value of the plan there. best : world -> (value, bound) of the best plan for that world alone.
    shares : world -> what the judge compares: the share covered, or the mean walk in the unit of the costs.
    value, bound : of the judge, in the unit of ``shares``; no plan passes ``bound``. proven : they meet.
    """

    judge: str
    plan: Plan
    values: dict[str, float]
    best: dict[str, tuple[float, float]]
    shares: dict[str, float]
    value: float
    bound: float
    proven: bool
    seconds: float

    @property
    def gap(self) -> float:
        return abs(self.value - self.bound) / max(abs(self.value), 1e-9)

    @property
    def regret(self) -> dict[str, float]:
        """World -> what the plan lacks there to the best plan for that world alone, as a share of it."""
        return {
            world: abs(self.best[world][0] - value) / max(abs(self.best[world][0]), 1e-9)
            for world, value in self.values.items()
        }
