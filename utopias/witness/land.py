"""Whether a plan keeps to its land: no excluded site is open, and each waiver gains what is said of it.

The rules are asked again, each of what the findings say was found; whether that is what stands in the
town's table is the screening's own word. That a waiver gains no *more* than is said rests on the solver.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from utopias.witness.checks import Check, agree_cells
from utopias.witness.raw_plan import RawPlan
from utopias.witness.swaps import cheapest, read_plan, worse


def land_checks(plan: RawPlan, findings: dict[str, Any]) -> list[Check]:
    """The check ``land``; none where the findings screen no land."""
    land = findings.get("land")
    if land is None:
        return []
    screening = land["screening"]
    rules = {rule["id"]: rule for rule in screening["rules"]}
    ids = [str(key) for key in plan.places["place_id"]]
    role = plan.places["role"].to_numpy(dtype=object)
    opened = {ids[i] for i in plan.positions("sites")}
    shut = {ids[i] for i in plan.positions("forbidden")}
    barred = [site["id"] for site in screening["sites"] if _is_barred(site, rules, screening["waived"])]
    said: dict[str, Any] = {"every candidate is screened": sorted(site["id"] for site in screening["sites"])}
    found: dict[str, Any] = {"every candidate is screened": sorted(ids[i] for i in np.flatnonzero(role == "candidate"))}
    said["excluded and open"], found["excluded and open"] = sorted(set(barred) & opened), []
    said["excluded and not ruled out"], found["excluded and not ruled out"] = sorted(set(barred) - shut), []
    said["reasons that do not hold"] = [
        f"{site['id']}: {reason['rule']}"
        for site in screening["sites"]
        for reason in site["reasons"]
        if not _holds(rules[reason["rule"]], reason)
    ]
    found["reasons that do not hold"] = []
    for waiver in land.get("waivers") or []:
        if waiver["gain"] is None:
            continue
        key = f"{waiver['kind']} {waiver['id']}"
        said[f"{key}: gain"], found[f"{key}: gain"] = (
            waiver["gain"],
            _gain(plan, [ids.index(o) for o in waiver["opens"]]),
        )
        new = set(waiver["opens"]) & shut - set(waiver["sites"])
        said[f"{key}: opens only what it frees"], found[f"{key}: opens only what it frees"] = sorted(new), []
    return [agree_cells("land", said, found)]


def _is_barred(site: dict[str, Any], rules: dict[str, Any], waived: list[str]) -> bool:
    """Excluded by a rule that was not waived, by its own name or the site's; a rule without a waiver never is."""
    bans = {reason["rule"] for reason in site["reasons"] if reason["result"] == "excluded"}
    fast = {ban for ban in bans if not rules[ban]["waiver"]}
    lifted = bans <= set(waived) or site["id"] in waived
    return bool(fast) or (bool(bans) and not lifted)


def _holds(rule: dict[str, Any], reason: dict[str, Any]) -> bool:
    """Whether what was found is what the rule looks for, and its result the rule's; conditional where nothing was."""
    value, asks = reason["found"], rule["asks"]
    if value is None:
        return bool(reason["result"] == "conditional")
    test = asks["test"]
    if test == "over":
        right = value > asks["number"]
    elif test == "under":
        right = value < asks["number"]
    else:
        right = value in asks["words"]
    return bool(right and reason["result"] == rule["result"])


def _gain(plan: RawPlan, sites: list[int]) -> float:
    """What the aim gains when these new sites are open instead of the plan's, in its unit."""
    weight = plan.blocks["weight"].to_numpy(dtype=float)
    read = read_plan(plan)
    fixed = plan.positions("fixed")
    price = plan.places["cost"].to_numpy(dtype=float)
    now, then = (
        float(weight @ cheapest(plan, read, fixed + new))
        + (float(price[new].sum()) if plan.said["aim"] == "least-cost" else 0.0)
        for new in (plan.positions("sites"), sites)
    )
    return -worse(read, now, then - now)
