"""Count a plan of sites and services again from plain arrays: its rules, its value, and a bound no plan can pass.

Shares no line with the solver: numpy sums, and for each plot the list of bundles that no other beats. Who doubts a
plan reads this file, or does the same sums in a spreadsheet.

The value needs no optimum: the plan says who is served where. Nobody is served twice, beyond their walk, at a site
that does not offer the service, or past its places: then the persons so served are worth the value, and that is that.

The mathematics of the bound
----------------------------
Demand j has d_js persons of the group of service s, each worth w_js; a site i that offers s serves at most K_is. For
any 0 <= u_js <= w_js and prices a, b >= 0 of money once and a year, whatever a plan opens,

    value = sum of w f  <=  sum of d u  +  sum over offers that are open of  max { sum of (w - u) f : f <= d, sum f <= K_is }

since f sums to d at most over the sites. The maximum over one offer is rho_is: it fills up with those of the
largest w - u first (Dantzig 1957). A plan spends no more than budget and upkeep allow, hence with prices

    value  <=  sum d u  +  a budget + b upkeep  +  sum of rho of what stands  +  sum over new sites of V_i,

where V_i is the largest sum of (rho_is - a money_s - b upkeep_s) over bundles that the plot holds, less a times the cost
of the site; at most ``open`` sites are new, those forced among them. The right side is the root bound.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from utopias.domain.arrays import Floats, Longs
from utopias.domain.folders import manifest_faults
from utopias.domain.module_plan import ModulePlan
from utopias.domain.module_question import ModuleQuestion
from utopias.domain.plan import Certificate

# Sums of the same floats in another order differ in the last digits; people are never counted so fine.
SLACK = 1e-7
# The same of money and ground.
PURSE_SLACK = 1e-9


def recount_modules(plan: ModulePlan) -> Certificate:
    """Recount value and root bound, and check every rule.

    Checks: number, forced, forbidden, must-have, some-service, area, budget, upkeep, walk (each served within their
    standard), offered, nobody-twice, places (no offer past its places), multipliers, bound.
    """
    question = plan.question
    n, m, k = question.shape
    table = plan.served
    block, service, site = (table[name].to_numpy(dtype=np.int64) for name in ("block", "service", "site"))
    persons = table["persons"].to_numpy(dtype=np.float64)
    importance = np.array([s.importance for s in question.services])
    value = float(np.sum(persons * importance[service] * question.multiplier[block]))
    there = np.stack([s.persons for s in question.services], axis=1)
    met = np.bincount(block * k + service, weights=persons, minlength=n * k).reshape(n, k)
    load = np.bincount(site * k + service, weights=persons, minlength=m * k).reshape(m, k)
    share = np.array([s.share for s in question.services])
    is_open = question.offered.copy()
    for i, bundle in plan.bundles.items():
        is_open[i, list(bundle)] = True
    bound = root_bound(question, plan.multipliers, plan.money_prices)
    slack = SLACK * max(1.0, abs(value))
    return Certificate(
        value=value,
        bound=bound,
        checks={
            **_rules(plan),
            "walk": _all_walk(question, block, service, site),
            "offered": bool(is_open[site, service].all()),
            "nobody-twice": bool((met <= there * (1 + SLACK) + SLACK).all() and (persons >= 0).all()),
            "places": bool((load * share <= question.places * (1 + SLACK) + 1e-4).all()),
            "multipliers": bool(np.isfinite(plan.multipliers).all()),
            "bound": bool(bound >= value - slack),
        },
    )


def _rules(plan: ModulePlan) -> dict[str, bool]:
    question, new = plan.question, set(plan.bundles)
    areas = {i: sum(question.services[s].area for s in bundle) for i, bundle in plan.bundles.items()}
    once = sum(
        float(question.site_costs[i]) + sum(question.services[s].money for s in bundle)
        for i, bundle in plan.bundles.items()
    )
    yearly = sum(question.services[s].upkeep for bundle in plan.bundles.values() for s in bundle)
    wide = 1 + PURSE_SLACK
    return {
        "number": question.open is None or len(new) <= question.open,
        "forced": set(question.forced) <= new,
        "forbidden": not new & (set(question.forbidden) | set(question.fixed)),
        "must-have": all(set(question.must_have) <= set(bundle) for bundle in plan.bundles.values()),
        "some-service": all(bundle and len(set(bundle)) == len(bundle) for bundle in plan.bundles.values()),
        "area": all(used <= float(question.areas[i]) * wide for i, used in areas.items()),
        "budget": question.budget is None or once <= question.budget * wide,
        "upkeep": question.upkeep is None or yearly <= question.upkeep * wide,
    }


def _all_walk(question: ModuleQuestion, block: Longs, service: Longs, site: Longs) -> bool:
    """Whether each row of the served joins two that are stored as a pair, within the service's standard."""
    m = question.shape[1]
    pair = question.rows * m + question.columns
    order = np.argsort(pair, kind="stable")
    asked = block * m + site
    at = np.searchsorted(pair[order], asked)
    if len(asked) and (not len(pair) or (at >= len(pair)).any()):
        return False
    known = pair[order][at] == asked
    limits = np.array([s.limit for s in question.services])
    return bool((known & (question.costs[order][at] <= limits[service])).all()) if len(asked) else True


def root_bound(question: ModuleQuestion, multipliers: Floats, money_prices: tuple[float, float]) -> float:
    """The bound of any multipliers and prices; what is no number, or outside its range, is brought inside."""
    _, m, k = question.shape
    once, yearly = (max(float(p), 0.0) if np.isfinite(p) else 0.0 for p in money_prices)
    once = once if question.budget is not None else 0.0
    yearly = yearly if question.upkeep is not None else 0.0
    total = once * (question.budget or 0.0) + yearly * (question.upkeep or 0.0)
    total *= 1 + PURSE_SLACK
    rho = np.zeros((m, k))
    rows = question.rows
    for s, service in enumerate(question.services):
        worth = service.importance * question.multiplier
        paid = np.clip(np.nan_to_num(multipliers[:, s]), 0.0, worth)
        total += float(np.dot(service.persons, paid))
        near = question.costs <= service.limit
        site, block = question.columns[near].astype(np.int64), rows[near]
        rho[:, s] = _fullest(
            site, service.persons[block], (worth - paid)[block], question.places[:, s] / service.share, m
        )
    total += float(rho[question.offered].sum())
    gains = []
    money = np.array([s.money for s in question.services])
    upkeep = np.array([s.upkeep for s in question.services])
    area = np.array([s.area for s in question.services])
    forced_sum = 0.0
    for i in question.candidates.tolist():
        profit = rho[i] - once * money - yearly * upkeep
        best = _best_bundle(profit, area, float(question.areas[i]) * (1 + PURSE_SLACK), question.must_have)
        best -= once * float(question.site_costs[i])
        if i in question.forced:
            forced_sum += best
        elif best > 0:
            gains.append(best)
    gains.sort(reverse=True)
    if question.open is not None:
        gains = gains[: max(question.open - len(question.forced), 0)]
    return total + forced_sum + sum(gains)


def _fullest(site: Longs, persons: Floats, gain: Floats, places: Floats, m: int) -> Floats:
    """(m,) what each site gains if it fills up, to its places, with those of the largest gain."""
    order = np.lexsort((-gain, site))
    site, persons, gain = site[order], persons[order], gain[order]
    before = np.cumsum(persons) - persons
    begins = np.searchsorted(site, np.arange(m))
    first = before[np.minimum(begins, max(len(before) - 1, 0))] if len(before) else np.zeros(m)
    part = np.clip(places[site] - (before - first[site]), 0.0, persons)
    filled: Floats = np.bincount(site, weights=part * np.maximum(gain, 0.0), minlength=m).astype(np.float64)
    return filled


def _best_bundle(profit: Floats, area: Floats, room: float, must: tuple[int, ...]) -> float:
    """The largest profit that the plot holds: bundles grown one service at a time, those that another beats left out.

    Source
    ------
    Nemhauser & Ullmann (1969), Management Science 15:494-505.
    """
    base = float(profit[list(must)].sum()) if must else 0.0
    room -= float(area[list(must)].sum()) if must else 0.0
    if room < 0:
        return -np.inf
    listed = [(0.0, 0.0)]
    for s in np.flatnonzero(profit > 0):
        if s in must:
            continue
        grown = listed + [(a + float(area[s]), p + float(profit[s])) for a, p in listed if a + area[s] <= room]
        grown.sort(key=lambda one: (one[0], -one[1]))
        listed, most = [], -1.0
        for a, p in grown:
            if p > most:
                listed.append((a, p))
                most = p
    return base + max(p for _, p in listed)


def verify_modules(folder: str | Path) -> Certificate:
    """Recount a plan of services from its folder: its seals, then all of ``recount_modules``, then what it says of itself.

    Two checks more: ``manifest`` (the files are as they were written), ``said`` (value, root bound, bound and gap are what
    the recount gives, or what follows from it). Raises VerificationError where no such plan can be read.
    """
    source = Path(folder)
    plan = ModulePlan.load(source, checked=False)
    found = recount_modules(plan)
    near = SLACK * max(1.0, abs(found.value))
    said = abs(plan.value - found.value) <= near and abs(plan.root_bound - found.bound) <= near
    said &= plan.value - near <= plan.bound <= plan.root_bound + near
    said &= not plan.proven or plan.bound - plan.value < max(1.0, 2e-7 * abs(plan.value))
    return Certificate(
        found.value, found.bound, {"manifest": not manifest_faults(source), **found.checks, "said": bool(said)}
    )
