"""The arithmetic of a robustness statement: counts, medians and percentiles of its own draws.

The draws themselves are not solved again: that would take the solver. What is checked is that each
draw's regret follows from its two values, the summary from the draws, and that the report repeats the summary.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from utopias.domain.arrays import AnyArray
from utopias.witness.charged import MOST
from utopias.witness.checks import Check, agree_cells
from utopias.witness.raw_plan import RawPlan


def robustness_checks(plan: RawPlan, said: dict[str, Any], findings: dict[str, Any] | None) -> list[Check]:
    """The check ``robustness``: nothing is chosen more often than drawn, and each summary is that of its rows."""
    sites, draws = plan.positions("sites"), int(said["draws"])
    chosen, kept = list(said["chosen_in"]), list(said["kept_in"])
    rows = said.get("rows") or []
    told: dict[str, Any] = {"sites": len(chosen), "kept": len(kept), "out of range": 0}
    odd = sum(not 0 <= a <= b <= draws for a, b in zip(chosen, kept, strict=False))
    found: dict[str, Any] = {"sites": len(sites), "kept": len(sites), "out of range": odd}
    if rows:
        told["rows"], found["rows"] = draws, len(rows)
        summary = _summary(plan, rows, float(said["near_metres"]))
        found |= summary
        told |= {name: said[name] for name in summary if name in said}
        told |= {f"draw {k}: regret": row.get("regret") for k, row in enumerate(rows) if f"draw {k}: regret" in summary}
    # Findings are told in ``chosen_in`` only where there was any draw.
    for row, once, near in zip((findings or {}).get("sites") or [], chosen, kept, strict=False):
        if draws and row["chosen_in"] is not None:
            told |= {f"{row['id']}: chosen_in": row["chosen_in"], f"{row['id']}: kept_in": row["kept_in"]}
            found |= {f"{row['id']}: chosen_in": once, f"{row['id']}: kept_in": near}
    return [agree_cells("robustness", told, found)]


def _summary(plan: RawPlan, rows: list[dict[str, Any]], near_metres: float) -> dict[str, Any]:
    """Every figure of the summary that the rows carry enough for."""
    found: dict[str, Any] = {}
    regret = _column(rows, "regret")
    if regret is not None:
        found |= {"regret_median": float(np.median(regret)), "regret_p90": float(np.percentile(regret, 90))}
    best, reached = _column(rows, "best"), _column(rows, "plan")
    if best is not None and reached is not None:
        more = plan.said["aim"] in (*MOST, "cover-twice")
        missed = best - reached if more else reached - best
        share = np.maximum(missed, 0.0) / np.maximum(np.abs(best), 1e-9)
        found |= {f"draw {k}: regret": float(value) for k, value in enumerate(share)}
    gap = _column(rows, "gap")
    if gap is not None:
        found["worst_gap"] = float(gap.max())
    within = _column(rows, "within")
    if within is not None:
        found |= {"within_low": float(np.percentile(within, 5)), "within_high": float(np.percentile(within, 95))}
    if all(isinstance(row.get("sites"), list) for row in rows):
        found |= _how_often(plan, [set(row["sites"]) for row in rows], near_metres)
    return found


def _how_often(plan: RawPlan, drawn: list[set[int]], near_metres: float) -> dict[str, list[int]]:
    """In how many draws each new site was chosen; and chosen, or a site that is not the plan's so near to it."""
    sites = plan.positions("sites")
    x, y = (plan.places[name].to_numpy(dtype=float) for name in ("x", "y"))
    chosen, kept = [], []
    for i in sites:
        near = set(np.flatnonzero(np.hypot(x - x[i], y - y[i]) <= near_metres).tolist()) - set(sites)
        chosen.append(sum(i in draw for draw in drawn))
        kept.append(sum(i in draw or bool(near & draw) for draw in drawn))
    return {"chosen_in": chosen, "kept_in": kept}


def _column(rows: list[dict[str, Any]], name: str) -> AnyArray | None:
    """(draws,) one number a draw; None where a row has none."""
    values = [row.get(name) for row in rows]
    return np.array(values, dtype=float) if all(isinstance(value, (int, float)) for value in values) else None
