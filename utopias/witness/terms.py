"""What the terms of an aim came to in this plan: kappa of the equal walk, and the mean it stands beside."""

from __future__ import annotations

import numpy as np

from utopias.witness.checks import Check, agree_cells
from utopias.witness.raw_plan import RawPlan


def term_checks(plan: RawPlan) -> list[Check]:
    """The check ``terms`` of fair-walk: kappa a minute and the mean walk, by the plan's weights; none of other aims.

    kappa is the aversion times sum(w t) / sum(w t squared), t to the nearest unit of today, or, where nothing is open
    today, to the nearest of all sites; whoever reaches none walks to the end of the table (Horton et al. 2024).
    """
    terms = plan.said.get("terms") or {}
    if plan.said["aim"] != "fair-walk":
        return []
    weight = plan.blocks["weight"].to_numpy(dtype=float)
    beyond = plan.limit if plan.said.get("beyond") is None else float(plan.said["beyond"])

    def minutes(places: list[int]) -> np.ndarray:
        nearest = plan.nearest(places)
        return np.where(nearest < 0, beyond, np.minimum(nearest, beyond)) / 600.0

    fixed = plan.positions("fixed")
    before, after = minutes(fixed or list(range(plan.m))), minutes(fixed + plan.positions("sites"))
    squares = float((weight * before * before).sum())
    kappa = float(terms["aversion"]) * float((weight * before).sum()) / squares if squares > 0 else 0.0
    found = {"kappa": kappa, "mean": float((weight * after).sum() / weight.sum())}
    return [agree_cells("terms", {name: terms.get(name) for name in found}, found)]
