"""The measures of equity, each from its definition: poverty of access, gaps, concentration, equal walk.

Areas under curves where the measuring room uses ranks, scipy's logsumexp where it shifts exponents:
other ways to the same numbers. Persons are those of the plan's group in the planned area; whoever
reaches no unit in the table of times walks to its end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import logsumexp

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.witness.checks import Check, agree_cells
from utopias.witness.people import limit_of, persons_of, reached
from utopias.witness.raw_plan import RawPlan

MEASURES = (
    "poverty-share", "poverty-people", "poverty-gap", "poverty-gap-squared", "quintile-difference", "quintile-ratio",
    "group-difference", "group-ratio", "concentration-reach", "concentration-minutes", "mean-walk", "equal-walk",
    "gini-minutes", "palma-minutes",
)  # fmt: skip
Walked = tuple[Floats, Bools]  # minutes, and whether within the limit


def equity_checks(plan: RawPlan, findings: dict[str, Any]) -> list[Check]:
    """The check ``equity`` of the measures that are known here; none where the findings have none of them."""
    said: dict[str, Any] = {}
    found: dict[str, Any] = {}
    fixed, new = plan.positions("fixed"), plan.positions("sites")
    before, after = _walked(plan, plan.nearest(fixed)), _walked(plan, plan.nearest(fixed + new))
    for row in findings.get("equity") or []:
        if row["code"] not in MEASURES:
            continue
        measure = _measure(plan, row, before)
        name = f"{row['code']} {row.get('of', '')}".strip()
        for when, walked in (("before", before), ("after", after)):
            value = measure(walked)
            said[f"{name}: {when}"] = row[when]
            found[f"{name}: {when}"] = value if math.isfinite(value) else None
        with_what = {"limit_minutes": limit_of(plan) / 600.0, "table_minutes": plan.limit / 600.0}
        if row["code"] == "equal-walk":
            with_what["kappa"] = _kappa(plan, row, before)
        for what, value in with_what.items():
            if what in (row.get("parameters") or {}):
                said[f"{name}: {what}"], found[f"{name}: {what}"] = row["parameters"][what], value
    return [agree_cells("equity", said, found)] if found else []


def _walked(plan: RawPlan, nearest: Longs) -> Walked:
    return np.where(nearest < 0, plan.limit, nearest) / 600.0, reached(nearest, limit_of(plan))


def _measure(plan: RawPlan, row: dict[str, Any], before: Walked) -> Callable[[Walked], float]:
    """One number of (minutes, within), by the measure's code."""
    code, line = str(row["code"]), limit_of(plan) / 600.0
    own = _own(plan)
    need = plan.blocks["need"].to_numpy(dtype=float) if "need" in plan.blocks else np.full(plan.n, np.nan)
    fifth = plan.blocks["quintile"].to_numpy()
    poorest, richest = np.where(fifth == 5, own, 0.0), np.where(fifth == 1, own, 0.0)
    group = persons_of("groups", str(row.get("of", "")), plan)
    some, whole = np.zeros(plan.n) if group is None else group, _people(plan)
    simple: dict[str, Callable[[Walked], float]] = {
        "poverty-share": lambda walked: _mean(~walked[1], own),
        "poverty-people": lambda walked: float(own[~walked[1]].sum()),
        "poverty-gap": lambda walked: _mean(np.where(walked[1], 0.0, walked[0] / line - 1.0), own),
        "poverty-gap-squared": lambda walked: _mean(np.where(walked[1], 0.0, walked[0] / line - 1.0) ** 2, own),
        "quintile-difference": lambda walked: _mean(walked[1], poorest) - _mean(walked[1], richest),
        "quintile-ratio": lambda walked: _over(_mean(walked[1], poorest), _mean(walked[1], richest)),
        "group-difference": lambda walked: _mean(walked[1], some) - _mean(walked[1], whole),
        "group-ratio": lambda walked: _over(_mean(walked[1], some), _mean(walked[1], whole)),
        "concentration-reach": lambda walked: _concentration(walked[1].astype(float), own, -need),
        "concentration-minutes": lambda walked: _concentration(walked[0], own, -need),
        "gini-minutes": lambda walked: _concentration(walked[0], own, walked[0]),
        "palma-minutes": lambda walked: _palma(walked[0], own),
        "mean-walk": lambda walked: _mean(walked[0], own),
        "equal-walk": lambda walked: _equal_walk(walked[0], own, _kappa(plan, row, before)),
    }
    return simple[code]


def _own(plan: RawPlan) -> Floats:
    return np.where(plan.counted, plan.blocks["persons"].to_numpy(dtype=float), 0.0)


def _people(plan: RawPlan) -> Floats:
    return np.where(plan.counted, plan.blocks["people"].to_numpy(dtype=float), 0.0)


def _mean(value: Floats | Bools, persons: Floats) -> float:
    total = float(persons.sum())
    return float(persons @ value) / total if total > 0 else math.nan


def _over(first: float, second: float) -> float:
    return first / second if second else math.nan


def _concentration(value: Floats, persons: Floats, order: Floats) -> float:
    """1 minus twice the area under the curve of what people hold, laid in ``order``; equals side by side as one.

    Ordered by the value itself it is the Gini coefficient. Places whose order is not known are left out.
    """
    known = ~np.isnan(order)
    if not known.any():
        return math.nan
    _, tie = np.unique(order[known].round(12), return_inverse=True)
    width = np.bincount(tie, weights=persons[known])
    held = np.bincount(tie, weights=persons[known] * value[known])
    if held.sum() <= 0 or width.sum() <= 0:
        return math.nan
    x = np.concatenate([[0.0], np.cumsum(width)]) / width.sum()
    y = np.concatenate([[0.0], np.cumsum(held)]) / held.sum()
    return 1.0 - float(((y[1:] + y[:-1]) * np.diff(x)).sum())


def _palma(value: Floats, persons: Floats) -> float:
    """What the tenth with most hold over what the four tenths with least hold; a place at an edge is cut."""
    total = float(persons.sum())
    if total <= 0:
        return math.nan
    order = np.argsort(value, kind="stable")
    end = np.cumsum(persons[order])
    start = end - persons[order]
    least = np.clip(np.minimum(end, 0.4 * total) - start, 0.0, None) @ value[order]
    most = np.clip(end - np.maximum(start, 0.9 * total), 0.0, None) @ value[order]
    return _over(float(most), float(least))


def _kappa(plan: RawPlan, row: dict[str, Any], before: Walked) -> float:
    """Per minute: the aversion times sum(t) / sum(t squared) over the walks before (Horton et al. 2024)."""
    terms = plan.said.get("terms") or {}
    if plan.said["aim"] == "fair-walk":  # the aim's own, which the check ``terms`` recounts
        return float(terms["kappa"])
    persons = _own(plan)
    squares = float(persons @ before[0] ** 2)
    return float(row["parameters"]["aversion"]) * float(persons @ before[0]) / squares if squares > 0 else 0.0


def _equal_walk(minutes: Floats, persons: Floats, kappa: float) -> float:
    """Kolm-Pollak: (1 / kappa) ln(mean of exp(kappa t)); the mean where kappa is 0."""
    total = float(persons.sum())
    if total <= 0:
        return math.nan
    if kappa * float(np.ptp(minutes[persons > 0])) < 1e-7:
        return _mean(minutes, persons)
    return float(logsumexp(kappa * minutes, b=persons / total)) / kappa
