"""The arithmetic of a robustness statement: counts, medians and percentiles of its own draws.

The draws themselves are not solved again: that would take the solver. What is checked is that the
summary follows from the rows, and that the report repeats the summary.
"""

from __future__ import annotations

from typing import Any

import numpy as np

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
    regret = [row["regret"] for row in rows if row.get("regret") is not None]
    if rows and len(regret) == len(rows):
        told |= {name: said[name] for name in ("regret_median", "regret_p90")}
        found |= {"regret_median": float(np.median(regret)), "regret_p90": float(np.percentile(regret, 90))}
    within = [row["within"] for row in rows if isinstance(row.get("within"), (int, float))]
    if rows and len(within) == len(rows):
        told |= {name: said[name] for name in ("within_low", "within_high")}
        found |= {
            "within_low": float(np.percentile(within, 5)),
            "within_high": float(np.percentile(within, 95)),
        }
    if rows and all(isinstance(row.get("sites"), list) for row in rows):
        told["chosen_in"] = chosen
        found["chosen_in"] = [sum(i in row["sites"] for row in rows) for i in sites]
    for row, once, near in zip((findings or {}).get("sites") or [], chosen, kept, strict=False):
        told |= {f"{row['id']}: chosen_in": row["chosen_in"], f"{row['id']}: kept_in": row["kept_in"]}
        found |= {f"{row['id']}: chosen_in": once, f"{row['id']}: kept_in": near}
    return [agree_cells("robustness", told, found)]
