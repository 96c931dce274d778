"""The need of each block and its fifth of the people, computed again from the indicators in the same table."""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.witness.checks import Check
from utopias.witness.raw_plan import RawPlan, agree_blocks


def need_checks(plan: RawPlan) -> list[Check]:
    """The checks ``need-index`` and ``quintiles``; none for a plan without indicators."""
    weights = {str(item["id"]): float(item["weight"]) for item in plan.town.get("indicators") or []}
    if not sum(weights.values()):
        return []
    lost = [name for name in [*weights, "need"] if name not in plan.blocks.columns]
    if lost:
        return [Check("need-index", False, None, [f"no column {name}" for name in lost])]
    said = plan.blocks["need"].to_numpy(dtype=float)
    found = _index(plan, weights)
    people = np.where(plan.counted, plan.blocks["people"].to_numpy(dtype=float), 0.0)
    fifth, told = _fifths(said, people), plan.blocks["quintile"].to_numpy(dtype=np.int64)
    return [
        agree_blocks("need-index", plan, np.isclose(said, found, rtol=0, atol=1e-9, equal_nan=True), said, found),
        agree_blocks("quintiles", plan, fifth == told, told, fifth),
    ]


def _index(plan: RawPlan, weights: dict[str, float]) -> Floats:
    """(n,) weighted mean of the indicators, each stretched from its lowest (0) to its highest block (1).

    Range-scaled linear aggregation: OECD/JRC (2008), Handbook on Constructing Composite Indicators, steps 5, 6.
    """
    index: Floats = np.zeros(plan.n)
    for name, weight in weights.items():
        if weight > 0:
            values = plan.blocks[name].to_numpy(dtype=float)
            reach = np.nanmax(values) - np.nanmin(values)
            part = (values - np.nanmin(values)) / reach if reach else values * 0.0
            index = index + part * weight / sum(weights.values())
    return index


def _fifths(need: Floats, people: Floats) -> Longs:
    """(n,) 1 to 5: laid in order of need, each as wide as its people, the fifth that holds a block's middle.

    Blocks of equal need (to twelve decimals) lie side by side as one. 0 where need is not known.
    """
    fifth: Longs = np.zeros(len(need), dtype=np.int64)
    total = people[~np.isnan(need)].sum()
    below = 0.0
    for value in np.unique(need[~np.isnan(need)].round(12)):
        tied = need.round(12) == value
        width = people[tied].sum()
        if total > 0:
            fifth[tied] = min(5, int(5 * (below + width / 2) / total + 1e-9) + 1)
        below += width
    return fifth
