"""The aims of fair walks, each valued from its definition, for brute force; and questions put to all of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.siting.brute_force import admissible
from utopias.domain.aim import Aim

FAIR = [
    Aim.of("fair-walk", aversion=0.0),
    Aim.of("fair-walk"),
    Aim.of("fair-walk", aversion=3.0),
    Aim.of("least-poverty", severity=0),
    Aim.of("least-poverty", severity=1),
    Aim.of("least-poverty"),
    Aim.of("cover-gradually", decay="5, 15"),
    Aim.of("cover-gradually", decay="steps 2:1, 6:0.5, 9:0.25"),
    Aim.of("cover-gradually", decay="exponential 4"),
    Aim.of("cover-gradually"),
    Aim.of("least-cost"),
]
NAMES = [f"{aim.name} {' '.join(map(str, aim.terms.values()))}" for aim in FAIR]


def kappa(case: dict[str, Any], aversion: float) -> float:
    """The paper's normalisation by hand, over the walks of today, or to the nearest of all where nothing is open."""
    today = nearest(case, case["fixed"] or range(case["costs"].shape[1]))
    known = (case["weights"] > 0) & np.isfinite(today)
    first, second = (float(case["weights"][known] @ today[known] ** power) for power in (1, 2))
    return aversion * first / second if second else 0.0


def nearest(case: dict[str, Any], sites: Any) -> np.ndarray:
    cost = case["costs"][:, list(sites)].min(axis=1, initial=np.inf)
    return cost if case["beyond"] is None else np.minimum(cost, case["beyond"])


def value_of(case: dict[str, Any], sites: tuple[int, ...], aim: Aim) -> float:
    weight, cost = case["weights"], nearest(case, [*sites, *case["fixed"]])
    raw = case["costs"][:, [*sites, *case["fixed"]]].min(axis=1, initial=np.inf)
    weight, cost, raw = weight[weight > 0], cost[weight > 0], raw[weight > 0]
    if aim.name == "fair-walk":
        k = kappa(case, float(aim.terms["aversion"]))
        if not np.isfinite(cost).all():
            return float("inf")
        return float(np.log(weight @ np.exp(k * cost) / weight.sum()) / k if k else weight @ cost / weight.sum())
    if aim.name == "least-cost":
        return float(weight @ cost + sum(case["site_costs"][i] for i in sites)) if np.isfinite(cost).all() else np.inf
    if aim.name == "least-poverty":
        line, severity = case["line"], aim.terms["severity"]
        gap = np.where(cost > line, cost / line - 1, 0.0)
        return float(weight @ (raw > line if severity == 0 else gap**severity) / weight.sum())
    return float(weight @ decayed(str(aim.terms["decay"]), raw, case["line"]))


def decayed(written: str, cost: np.ndarray, line: float) -> np.ndarray:
    if written == "5, 15":
        return np.clip((15 - cost) / 10, 0, 1)
    if written.startswith("steps"):
        return np.select([cost <= 2, cost <= 6, cost <= 9], [1.0, 0.5, 0.25], 0.0)
    if written.startswith("exponential"):
        return np.exp(-cost / 4)
    return np.clip(1 - cost / line, 0, 1)


def best_of(case: dict[str, Any], aim: Aim) -> float:
    values = [value_of(case, choice, aim) for choice in admissible(case)]
    return (max if aim.more_is_better else min)(values)
