"""What each new site is worth to the aim, and what each refused one would cost it: closed and swapped one by one."""

from __future__ import annotations

from typing import Any

import numpy as np

from utopias.domain.arrays import Floats
from utopias.witness.charged import Charged, charged
from utopias.witness.checks import Check, agree_cells, same
from utopias.witness.raw_plan import RawPlan

PER_MINUTE = 600.0
FAR = 1e5


def swap_checks(plan: RawPlan, findings: dict[str, Any]) -> list[Check]:
    """The check ``swaps``: loss without each site, its best replacement, and the best swap for each refused site.

    Losses are in the aim's unit, over 0 worse than the plan. A swap counts when it keeps the budget and
    every forced site. Where no number was asked for, a refused site may also open beside all others, as far
    as the money left pays for it.
    """
    sites = plan.positions("sites")
    role = plan.places["role"].to_numpy(dtype=object)[: plan.m]
    ids = [str(key) for key in plan.places["place_id"]]
    shut = {*sites, *plan.positions("forbidden")}
    others = [i for i in np.flatnonzero(role == "candidate").tolist() if i not in shut]
    without, swap, beside = _losses(plan, sites, others)
    least_of_each = np.minimum(swap.min(axis=1, initial=np.inf), beside)
    said: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for k, row in enumerate(findings.get("sites") or []):
        if k >= len(sites):
            break
        key, least = ids[sites[k]], float(swap[:, k].min()) if len(others) else np.inf
        told = {ids[i]: float(swap[at, k]) for at, i in enumerate(others)}.get(str(row["replacement"]), np.inf)
        said[f"{key}: loss"], found[f"{key}: loss"] = row["loss"], float(without[k])
        said[f"{key}: replacement_loss"] = row["replacement_loss"]
        found[f"{key}: replacement_loss"] = least if np.isfinite(least) else None
        # Of several equally good replacements any may be named.
        said[f"{key}: replacement is as good"], found[f"{key}: replacement is as good"] = same(told, least), True
    least_of = {ids[i]: float(least_of_each[at]) for at, i in enumerate(others) if np.isfinite(least_of_each[at])}
    refused = findings.get("refused") or []
    if refused:
        said |= {f"refused {row['id']}": row["loss"] for row in refused}
        found |= {f"refused {key}": loss for key, loss in least_of.items()}
    return [agree_cells("swaps", said, found)]


def _losses(plan: RawPlan, sites: list[int], others: list[int]) -> tuple[Floats, Floats, Floats]:
    """(p,) loss when a site closes; (r, p) when a refused candidate takes its place; (r,) when it opens beside all.

    Infinite where a rule forbids it.
    """
    weight = plan.blocks["weight"].to_numpy(dtype=float)
    read, fixed, most = read_plan(plan), plan.positions("fixed"), np.inf
    now = cheapest(plan, read, [*fixed, *sites])
    value = float(weight @ now)
    highest = np.full(plan.n, read.cap)
    if plan.said["aim"] == "fair-walk" and value > 0:
        # Exponents many times the whole sum take the digits of all others: told up to there, as the plan does.
        most = (FAR - 1) * value
        highest = np.minimum(highest, FAR * value / np.where(weight > 0, weight, 1.0))
    cost = np.minimum(read.charges, highest[plan.block])
    without, swap = np.zeros(len(sites)), np.full((len(others), len(sites)), np.inf)
    price = plan.places["cost"].to_numpy(dtype=float)
    fee = np.where(np.isfinite(price), price, np.inf) if plan.said["aim"] == "least-cost" else np.zeros(len(price))
    budget, spent = plan.said["budget"], float(price[sites].sum()) if sites else 0.0
    at = np.full(len(plan.places), -1)
    at[others] = np.arange(len(others))
    among = at[plan.place] >= 0

    def gained(charged: Floats) -> Floats:
        """(r,) what each candidate saves those who are charged so much without it."""
        saved = weight[plan.block[among]] * np.maximum(0.0, charged[plan.block[among]] - cost[among])
        sums: Floats = np.bincount(at[plan.place[among]], weights=saved, minlength=len(others)).astype(float)
        return sums

    for k, site in enumerate(sites):
        left = np.minimum(cheapest(plan, read, [*fixed, *(i for i in sites if i != site)]), highest)
        without[k] = float(weight @ left) - value - fee[site]
        if site in plan.positions("forced"):
            continue
        swap[:, k] = without[k] - gained(left) + fee[others]
        if budget is not None:
            swap[~(spent - price[site] + price[others] <= budget + 1e-6), k] = np.inf
    beside = np.full(len(others), np.inf)
    if plan.said["open"] is None:
        beside = fee[others] - gained(now)
        if budget is not None:
            beside[~(spent + price[others] <= budget + 1e-6)] = np.inf
    told = np.vectorize(
        lambda change: worse(read, value, min(change, most) if np.isfinite(change) else change), otypes=[float]
    )
    return told(without), told(swap) if swap.size else swap, told(beside) if beside.size else beside


def read_plan(plan: RawPlan) -> Charged:
    """What the plan's aim charges for each of its pairs, and how a sum of charges reads."""
    said = plan.said
    limit = plan.limit if plan.within is None else plan.within
    return charged(
        said["aim"],
        plan.deciseconds.astype(float),
        within=float(limit),
        beyond=plan.limit if said.get("beyond") is None else float(said["beyond"]),
        terms=said.get("terms") or {},
        unit=PER_MINUTE,
        total=float(plan.blocks["weight"].to_numpy(dtype=float).sum()),
    )


def worse(read: Charged, now: float, change: float) -> float:
    """By how much the aim's value is worse when the sum of charges changes so; inf where it cannot be had."""
    if not np.isfinite(change):
        return float(change)
    return (read.value(now + change) - read.value(now)) * (-1.0 if read.more else 1.0)


def cheapest(plan: RawPlan, read: Charged, open_sites: list[int]) -> Floats:
    """(n,) what each place is charged when these are open."""
    among = np.isin(plan.place, open_sites)
    least: Floats = np.full(plan.n, read.cap)
    np.minimum.at(least, plan.block[among], read.charges[among])
    return least
