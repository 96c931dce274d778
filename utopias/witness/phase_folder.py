"""Recount a saved schedule of budget years from its own files: value, bound, money and people of every year.

Reads JSON and parquet itself and believes none of them; ``phases`` does the sums.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.folders import manifest_faults
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.witness.checks import Check, Verification, agree
from utopias.witness.phases import PhaseCount, recount_phases

FORMAT = 1
PER_MINUTE = 600.0  # deciseconds; least-walk counts person-minutes
# What a proof may leave open where a value can take any number: the solvers' own precision.
CLOSED = 1e-6
FILES = ("schedule", "sites", "multipliers", "demand", "places", "times")
# Which rules of the recount stand under which check.
RULES = {
    "number": ("number", "known-sites"),
    "fixed": ("fixed-apart",),
    "forced": ("forced",),
    "forbidden": ("forbidden",),
    "works-in-years": ("works-in-years", "works-a-year"),
    "equipment": ("equipment-after-works", "opens-equipped"),
    "budgets": ("budgets",),
}
NOT_RECOUNTED = ("regret",)


def verify_phases(folder: Path, *, progress: Progress = silent) -> Verification:
    """Recount the schedule in ``folder``.

    Its checks, in order: manifest, files; number, fixed, forced, forbidden, works-in-years, equipment, budgets,
    site-money, value, by-year, people-by-year, root-bound, bound, gap, proven. Where the files cannot be read the
    list ends there. The regret is not recounted: it speaks of other schedules.
    """
    progress("manifest", 0.0)
    faults = manifest_faults(folder)
    checks = [Check("manifest", not faults, None, [fault.what for fault in faults] or None)]
    try:
        said = json.loads((folder / "phases.json").read_text(encoding="utf-8"))
        missing = [f"{name}.parquet" for name in FILES if not (folder / f"{name}.parquet").is_file()]
        if said.get("format") != FORMAT:
            missing.append(f"phases.json: format {said.get('format')!r}, and {FORMAT} is the one known here")
        checks.append(Check("files", not missing, None, missing or None, len(FILES) + 1))
        if missing:
            return Verification(str(folder), tuple(checks))
        tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in FILES}
        progress("recount", 0.3)
        checks += _of_schedule(said, tables)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OSError) as error:
        checks.append(Check("malformed", False, "phases.json", f"{type(error).__name__}: {error}"))
    progress("recount", 1.0)
    return Verification(str(folder), tuple(checks), NOT_RECOUNTED)


def _of_schedule(said: dict[str, Any], tables: dict[str, pd.DataFrame]) -> list[Check]:
    schedule, budgets, places = tables["schedule"], said["budgets"], tables["places"]
    role = places["role"].to_numpy(dtype=object)
    sites = int(np.isin(role, ["fixed", "candidate"]).sum())
    pairs = tables["times"].sort_values(["block", "deciseconds", "place"], kind="stable")
    pairs = pairs[pairs["place"] < sites]
    block, place = pairs["block"].to_numpy(dtype=np.int64), pairs["place"].to_numpy(dtype=np.int64)
    walk = pairs["deciseconds"].to_numpy(dtype=np.float64)
    weights = tables["demand"]["weight"].to_numpy(dtype=np.float64)
    within = None if said["within"] is None else float(Duration.of(said["within"]).deciseconds)
    fixed = np.flatnonzero(role[:sites] == "fixed").tolist()
    share = [(1.0 + budgets["discount"]) ** -k for k in range(len(budgets["years"]))]
    limit = float(Duration.of(said["study"]["limit"]).deciseconds)
    money = tables["sites"]
    found = recount_phases(
        aim=said["aim"],
        starts=np.concatenate([[0], np.cumsum(np.bincount(block, minlength=len(weights)))]),
        columns=place,
        costs=walk,
        weights=weights,
        sites=schedule["site"].astype(int).tolist(),
        works=schedule["works"].astype(int).tolist(),
        equipment=schedule["equipment"].astype(int).tolist(),
        opens=schedule["opens"].astype(int).tolist(),
        fixed=fixed,
        years=budgets["years"],
        money=budgets["money"],
        year_weights=share,
        works_money=money["works_money"].to_numpy(dtype=float),
        equip_money=money["equip_money"].to_numpy(dtype=float),
        number=int(said["open"]),
        carry_over=bool(budgets["carry_over"]),
        works_a_year=budgets["works_a_year"],
        beyond=limit if said["beyond"] is None else float(said["beyond"]),
        within=within,
        multipliers=tables["multipliers"].to_numpy(dtype=float).T,
        prices=np.array(said["prices"], dtype=float),
        forced=schedule["site"].astype(int).tolist() if said["ordered"] else said["forced"],
        forbidden=said["forbidden"],
    )
    return [
        *_rules(said, schedule, fixed, found),
        _site_money(money, places["cost"].to_numpy(dtype=float)[:sites], schedule, budgets.get("cost_each")),
        *_value_and_bound(said, found),
        _people(said, tables["demand"], schedule, fixed, block, place, walk),
    ]


def _rules(said: dict[str, Any], schedule: pd.DataFrame, fixed: list[int], found: PhaseCount) -> list[Check]:
    rules = [
        Check(code, all(found.checks[name] for name in names), None, None if all(found.checks[name] for name in names) else list(names), len(schedule))
        for code, names in RULES.items()
    ]  # fmt: skip
    listed = sorted(schedule["site"].astype(int).tolist())
    told = dict(zip(said["sites"], said["works"], strict=True))
    mine = dict(zip(schedule["site"].astype(int), schedule["works"].astype(int), strict=True))
    same = listed == sorted(said["sites"]) and told == mine and sorted(said["fixed"]) == fixed
    return [*rules, Check("schedule", same, None if same else told, None if same else mine, len(schedule))]


def _site_money(money: pd.DataFrame, cost: Floats, schedule: pd.DataFrame, each: float | None) -> Check:
    """Works and equipment together are what the plan's places say of each site that could be built, else ``each``."""
    cost = cost if each is None else np.where(np.isnan(cost), each, cost)
    works, equip = (money[name].to_numpy(dtype=float) for name in ("works_money", "equip_money"))
    known = ~np.isnan(works)
    whole = works + equip
    right = ~known | (np.isclose(whole, cost, rtol=1e-9) & (works >= 0) & (equip >= 0))
    right[schedule["site"].astype(int)] &= known[schedule["site"].astype(int)]
    wrong: AnyArray = np.flatnonzero(~right)[:5]
    return Check(
        "site-money",
        not len(wrong),
        {str(i): float(whole[i]) for i in wrong} or None,
        {str(i): float(cost[i]) for i in wrong} or None,
        int(known.sum()),
    )


def _value_and_bound(said: dict[str, Any], found: PhaseCount) -> list[Check]:
    unit = 1.0 if said["aim"] == "cover-most" else PER_MINUTE
    value, bound = found.value / unit, found.bound / unit
    more = said["aim"] == "cover-most"
    claimed = float(said["bound"])
    slack = 1e-6 + 1e-9 * abs(value)
    holds = claimed >= value - slack if more else claimed <= value + slack
    not_better = claimed <= bound + max(1.0, slack) if more else claimed >= bound - max(1.0, slack)
    gap = abs(value - claimed) / max(abs(value), 1e-9)
    closed = abs(value - claimed) < 1.0 or gap <= CLOSED
    return [
        agree("value", said["value"], value),
        agree("by-year", said["by_year"], [float(one) / unit for one in found.by_year]),
        agree("root-bound", said["root_bound"], bound),
        Check("bound", bool(holds and found.checks["bound"] and found.checks["multipliers"]), claimed, bound)
        if not_better
        else Check("bound", bool(holds), claimed, bound, note="proven-by-search"),
        agree("gap", said["gap"], gap),
        Check("proven", bool(closed or not said["proven"]), said["proven"], closed, note="proven-by-search"),
    ]


def _people(
    said: dict[str, Any], demand: pd.DataFrame, schedule: pd.DataFrame, fixed: list[int], block: AnyArray,
    place: AnyArray, walk: Floats,
) -> Check:  # fmt: skip
    """Persons of the planned area who are within the limit of something open, year by year."""
    if said["people"] is None or said["within"] is None:
        return Check("people-by-year", said["people"] is None, said["people"], None)
    persons = np.where(demand["planned"].to_numpy(dtype=bool), demand["persons"].to_numpy(dtype=float), 0.0)
    near = walk <= Duration.of(said["within"]).deciseconds
    counted = []
    for year in said["budgets"]["years"]:
        there = [*fixed, *schedule["site"][schedule["opens"] <= year].astype(int)]
        reached = np.zeros(len(persons), dtype=bool)
        reached[block[near & np.isin(place, there)]] = True
        counted.append(float(persons[reached].sum()))
    return agree("people-by-year", said["people"], counted)
