"""Recount a saved plan from its own files: every number a council will be told, by a program that solved nothing.

An edited number is found even when its MANIFEST was mended, as long as another file of the folder
says otherwise. What no folder can know about itself, namely whether its times and people are those of the town,
is the deep check's (``retrace``).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from utopias.domain.arrays import Bools, Longs
from utopias.domain.errors import Fault, VerificationError
from utopias.domain.folders import manifest_faults, no_plan_there
from utopias.domain.plan import Certificate
from utopias.domain.progress import Progress, silent
from utopias.witness.charged import AIMS, LIMITED, MOST
from utopias.witness.checks import Check, Verification, agree, agree_cells, same
from utopias.witness.covers import COVER_AIMS, recount_covers
from utopias.witness.draws import robustness_checks
from utopias.witness.fairness import MEASURES, equity_checks
from utopias.witness.land import land_checks
from utopias.witness.need import need_checks
from utopias.witness.people import column_of, people_checks
from utopias.witness.phase_folder import verify_phases
from utopias.witness.raw_plan import RawPlan, agree_blocks, read_raw_plan
from utopias.witness.recount import recount
from utopias.witness.recount_rooms import recount_rooms
from utopias.witness.retrace import must_be_town, retrace
from utopias.witness.swaps import swap_checks
from utopias.witness.terms import term_checks
from utopias.witness.worst import WORST_AIMS, recount_worst

PER_MINUTE = 600.0  # deciseconds; least-walk counts person-minutes
# Aims whose value is a number of people.
COUNTED = ("cover-most", "cover-twice")
# What a proof may leave open where a value can take any number: the solvers' own precision.
CLOSED = 1e-6
STOPPED = ("proven", "gap", "clock", "work", "user", "by hand")
NOT_RECOUNTED = ("supply", "costs", "weighting", "assumptions")


def verify(
    folder: str | Path, *, deep: str | Path | None = None, pairs: int = 200, seed: int = 7, progress: Progress = silent
) -> Verification:
    """Recount the plan in ``folder``; with ``deep``, also against the town it was made from.

    Parameters
    ----------
    folder : a plan folder, or one of phases (``phase_folder`` tells its checks). deep : the town's folder. pairs : how many times of the table are rebuilt
    from the raw streets, drawn with ``seed``.

    Returns
    -------
    Verification. Its checks, in order: manifest, files, tables, places, number, fixed, forced, forbidden, budget,
    people, weights, terms where they came to something, value, root-bound, bound, gap, proven, certificate, assignment, need-index, quintiles;
    headline, groups, need, areas, sites, equity, swaps where the plan has findings, land where these screen it; robustness where it has
    draws; those of ``retrace`` with ``deep``. Where the tables cannot be read the list ends there; where one
    entry of a JSON file is missing or of another kind, ``malformed`` stands in place of that file's checks. In either
    case the verification does not hold.

    Raises
    ------
    VerificationError : there is no plan folder, or no town folder, at that place at all.
    """
    source = Path(folder)
    if (source / "phases.json").is_file():
        if deep is not None:
            raise VerificationError(
                Fault(
                    "deep-is-of-plans",
                    "the deep recount is one of plans; a schedule carries its plan's tables",
                    "--deep",
                    "verify the plan it was made from with --deep, and the schedule without",
                )
            )
        return verify_phases(source, progress=progress)
    if not (source / "plan.json").is_file():
        raise VerificationError(no_plan_there(source))
    progress("manifest", 0.0)
    faults = manifest_faults(source)
    checks = [Check("manifest", not faults, None, [fault.what for fault in faults] or None)]
    progress("reading", 0.1)
    plan, read = read_raw_plan(source)
    checks += read
    if plan is None:
        return Verification(str(source), tuple(checks))
    progress("recount", 0.2)
    checks += _guarded("plan.json", lambda: _of_plan(plan))
    progress("people", 0.4)
    findings, draws = plan.findings, plan.robustness
    if findings is not None:
        checks += _guarded("findings.json", lambda: _of_findings(plan, findings))
    if draws is not None:
        checks += _guarded("robustness.json", lambda: robustness_checks(plan, draws, findings))
    if deep is not None:
        town = Path(deep)
        must_be_town(town)
        checks += _guarded("town", lambda: retrace(plan, town, pairs=pairs, seed=seed, progress=progress))
    progress("recount", 1.0)
    return Verification(str(source), tuple(checks), _not_recounted(plan))


def _guarded(what: str, recounted: Callable[[], list[Check]]) -> list[Check]:
    """The checks; or, where an entry is missing or of another kind, that, since a broken file is no reason to fall over."""
    try:
        return recounted()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        return [Check("malformed", False, what, f"{type(error).__name__}: {error}")]


def _of_plan(plan: RawPlan) -> list[Check]:
    checks = _rules(plan)
    if plan.flows is None and plan.said["aim"] in AIMS:
        checks += [*term_checks(plan), *_value_and_bound(plan)]
    elif plan.said["aim"] in (*AIMS, *WORST_AIMS, *COVER_AIMS):
        checks += _value_and_bound(plan)
    else:
        checks.append(Check("value", False, plan.said["aim"], None, note="aim-not-recounted"))
    return [*checks, _assignment(plan), *need_checks(plan)]


def _of_findings(plan: RawPlan, findings: dict[str, Any]) -> list[Check]:
    checks = [*people_checks(plan, findings), *equity_checks(plan, findings)]
    if plan.said["aim"] in AIMS and plan.flows is None:
        checks += [*swap_checks(plan, findings), *land_checks(plan, findings)]
    return checks


def _not_recounted(plan: RawPlan) -> tuple[str, ...]:
    """What the findings hold beside: whole parts by name, measures of equity by their codes."""
    findings = plan.findings or {}
    measures = [str(row.get("code")) for row in findings.get("equity") or [] if isinstance(row, dict)]
    unknown = [code for code in measures if code not in MEASURES]
    return (*dict.fromkeys(unknown), *(name for name in NOT_RECOUNTED if findings.get(name)))


def _rules(plan: RawPlan) -> list[Check]:
    """Who may be open: roles, number, forced, forbidden, money; and who is counted."""
    said, sites = plan.said, plan.positions("sites")
    role = plan.places["role"].to_numpy(dtype=object)
    ids = [str(plan.places["place_id"].iloc[i]) for i in sites]
    candidates = [i for i in sites if role[i] == "candidate"]
    prices = plan.places["cost"].to_numpy(dtype=float)
    budget = said["budget"]
    spent = float(prices[sites].sum()) if sites else 0.0
    forced, forbidden = plan.positions("forced"), plan.positions("forbidden")
    return [
        agree_cells(
            "places",
            {"sites": sites, "site_ids": said.get("site_ids")},
            {"sites": sorted(set(candidates)), "site_ids": ids},
        ),
        agree("number", len(sites), len(sites) if said["open"] is None else said["open"]),
        agree("fixed", sorted(plan.positions("fixed")), np.flatnonzero(role == "fixed").tolist()),
        Check("forced", set(forced) <= set(sites), forced, [i for i in forced if i in sites]),
        Check("forbidden", not set(forbidden) & set(sites), forbidden, sorted(set(forbidden) & set(sites))),
        Check("budget", budget is None or spent <= budget * (1 + 1e-9), budget, None if np.isnan(spent) else spent),
        _persons(plan),
        _weights(plan),
    ]


def _persons(plan: RawPlan) -> Check:
    """The plan's persons are the column of its group in the same table."""
    group = str(plan.town.get("group", "all"))
    counted, persons = column_of(plan, group), plan.blocks["persons"].to_numpy(dtype=float)
    if counted is None:
        # A demand that the planner brought: nothing in the folder, or in the town, can contradict it.
        return Check("people", True, group, None, 0, note="persons-were-given")
    return agree_blocks("people", plan, np.isclose(persons, counted, rtol=1e-12, atol=1e-9), persons, counted)


def _weights(plan: RawPlan) -> Check:
    """Persons in planned blocks that are not apart, and nobody else; times one multiplier a need, if asked for."""
    weight = plan.blocks["weight"].to_numpy(dtype=float)
    apart = plan.blocks["apart"].to_numpy(dtype=bool)
    persons = np.where(plan.counted & ~apart, plan.blocks["persons"].to_numpy(dtype=float), 0.0)
    index = str(plan.town.get("weighted_by") or "")
    note = "" if not index else "weighted-by-need" if index == "need" else "multiplier-not-recountable"
    if index == "need":
        need = plan.blocks["need"].to_numpy(dtype=float)
        persons = persons * np.where(np.isnan(need), 0.0, need)
    right = np.isclose(weight, persons, rtol=1e-9, atol=1e-9)
    if note == "multiplier-not-recountable":
        right |= persons > 0
    return agree_blocks("weights", plan, right, weight, persons, note)


def _value_and_bound(plan: RawPlan) -> list[Check]:
    said = plan.said
    found = _recounted(plan)
    value, bound, root = float(said["value"]), float(said["bound"]), float(said["root_bound"])
    most = said["aim"] in (*MOST, "cover-twice")
    low, high = (value, root) if most else (root, value)
    between = (low <= bound or same(bound, low)) and (bound <= high or same(bound, high))
    gap = abs(value - bound) / max(abs(value), 1e-9)
    root_gap = abs(found.value - found.bound) / max(abs(found.value), 1e-9)
    certificate = said.get("certificate") or {}
    broken = sorted(name for name, held in (certificate.get("checks") or {}).items() if held is not True)
    return [
        agree("value", value, found.value),
        agree("root-bound", root, found.bound, note="" if len(plan.multipliers) else "no-multipliers"),
        Check("bound", between, bound, [low, high], note="" if same(bound, root) else "improved-by-search"),
        agree("gap", said["gap"], gap),
        _proof(plan, gap, found, root_gap),
        agree_cells(
            "certificate",
            {"value": certificate.get("value"), "bound": certificate.get("bound"), "broken": broken},
            {"value": found.value, "bound": found.bound, "broken": []},
        ),
    ]


def _proof(plan: RawPlan, gap: float, found: Certificate, root_gap: float) -> Check:
    """Whether ``proven`` can be: by the root bound alone, which anybody recounts; or by search, which nobody can.

    A search that proved its plan stopped for that, and one that stopped for another reason proved none.
    """
    said = plan.said
    step = _step(plan)
    left = abs(float(said["value"]) - float(said["bound"]))
    closed = gap <= CLOSED or left < step
    by_root = root_gap <= CLOSED or abs(found.value - found.bound) < step
    note = "" if not said["proven"] else "proven-by-root-bound" if by_root else "proven-by-search"
    held = said["stopped"] in STOPPED and bool(said["proven"]) == (said["stopped"] == "proven")
    held = held and (closed or not said["proven"])
    told = {"proven": said["proven"], "stopped": said["stopped"], "gap": said["gap"]}
    return Check("proven", held, told, {"gap": gap, "root_bound": found.bound, "root_gap": root_gap}, note=note)


def _step(plan: RawPlan) -> float:
    """The least amount by which two plans can differ where all weights are whole; 0 where they are not."""
    weight = plan.blocks["weight"].to_numpy(dtype=float)
    if (weight != np.round(weight)).any():
        return 0.0
    aim, terms = plan.said["aim"], plan.said.get("terms") or {}
    if aim == "least-poverty" and terms.get("severity") == 0:
        return 1.0 / float(weight.sum())
    return {"cover-most": 1.0, "cover-twice": 1.0, "least-walk": 1.0 / PER_MINUTE}.get(aim, 0.0)


def _recounted(plan: RawPlan) -> Certificate:
    said = plan.said
    among = plan.place < plan.m
    starts = np.concatenate([[0], np.cumsum(np.bincount(plan.block[among], minlength=plan.n))]).astype(np.int64)
    aim, most = said["aim"], said["aim"] in MOST
    limit = plan.limit if plan.within is None else plan.within
    # Costs and what stands for those out of reach are deciseconds, as in times.parquet; values are minutes.
    beyond = plan.limit if said.get("beyond") is None else said["beyond"]
    if plan.flows is not None:
        return _recounted_rooms(
            plan, plan.flows, starts, float(limit) if most else None, None if most else float(beyond)
        )
    shared: dict[str, Any] = {
        "starts": starts,
        "columns": plan.place[among],
        "costs": plan.deciseconds[among],
        "weights": plan.blocks["weight"].to_numpy(dtype=float),
        "sites": plan.positions("sites"),
        "fixed": plan.positions("fixed"),
        "open": said["open"],
        "budget": said["budget"],
        "site_costs": plan.places["cost"].to_numpy(dtype=float)[: plan.m],
        "multipliers": plan.multipliers,
        "forbidden": plan.positions("forbidden"),
        "forced": plan.positions("forced"),
        "site_count": plan.m,
    }
    if aim in WORST_AIMS:
        found = recount_worst(**shared, beyond=float(beyond))
        return Certificate(found.value / PER_MINUTE, found.bound / PER_MINUTE, found.checks)
    if aim in COVER_AIMS:
        terms = {name: said["terms"][name] for name in ("times", "count", "unreachable") if name in said["terms"]}
        return recount_covers(aim=aim, within=float(limit), **shared, **terms)
    return recount(
        aim=aim,
        beyond=None if most else float(beyond),
        within=float(limit) if aim in LIMITED else None,
        terms=said.get("terms") or {},
        unit=PER_MINUTE,
        **shared,
    )


def _recounted_rooms(
    plan: RawPlan, flows: pd.DataFrame, starts: Longs, within: float | None, beyond: float | None
) -> Certificate:
    """The same where places fill up: persons of the planned area who weigh take the room of ``places.parquet``."""
    said, among = plan.said, plan.place < plan.m
    unit = PER_MINUTE if within is None else 1.0
    weights = plan.blocks["weight"].to_numpy(dtype=float)
    found = recount_rooms(
        aim=said["aim"],
        starts=starts,
        columns=plan.place[among],
        costs=plan.deciseconds[among].astype(float),
        weights=weights,
        loads=np.where(weights > 0, plan.blocks["persons"].to_numpy(dtype=float), 0.0),
        rooms=plan.places["room"].to_numpy(dtype=float)[: plan.m],
        single_source=bool(said.get("single_source", False)),
        flows=(flows["place"].to_numpy(), flows["site"].to_numpy(), flows["persons"].to_numpy()),
        sites=plan.positions("sites"),
        fixed=plan.positions("fixed"),
        forced=plan.positions("forced"),
        forbidden=plan.positions("forbidden"),
        open=said["open"],
        budget=said["budget"],
        site_costs=plan.places["cost"].to_numpy(dtype=float)[: plan.m],
        beyond=beyond,
        within=within,
        multipliers=plan.multipliers,
    )
    return Certificate(found.value / unit, found.bound / unit, found.checks)


def _main_flow(plan: RawPlan, flows: pd.DataFrame) -> Check:
    """Where places fill up, a block is said to go where most of its people go."""
    most = flows.groupby("place")["persons"].max()
    sent = {(int(j), int(i)): float(p) for j, i, p in flows[["place", "site", "persons"]].itertuples(index=False)}
    wrong = [
        j
        for j, site in enumerate(plan.assignment.tolist())
        if (site < 0) == (j in most.index) or (site >= 0 and not same(sent.get((j, site), 0.0), float(most[j])))
    ]
    return Check("assignment", not wrong, wrong[:5] or None, None, plan.n)


def _assignment(plan: RawPlan) -> Check:
    """Whoever is served goes to the nearest open site; who counts and has one within the limit is served."""
    if plan.flows is not None:
        return _main_flow(plan, plan.flows)
    open_sites = plan.positions("fixed") + plan.positions("sites")
    nearest = plan.nearest(open_sites)
    served = plan.assignment >= 0
    key = plan.block * max(len(plan.places), 1) + plan.place
    asked = np.arange(plan.n) * max(len(plan.places), 1) + np.maximum(plan.assignment, 0)
    at = np.minimum(np.searchsorted(key, asked), max(len(key) - 1, 0))
    cost = np.where(key[at] == asked, plan.deciseconds[at], -1) if len(key) else np.full(plan.n, -1)
    right: Bools = np.isin(plan.assignment, open_sites) & (cost >= 0) & (cost == nearest)
    limit = plan.limit if plan.within is None else plan.within
    due = (plan.blocks["weight"].to_numpy(dtype=float) > 0) & (nearest >= 0) & (nearest <= limit)
    wrong = np.flatnonzero((served & ~right) | (due & ~served))
    ids = plan.blocks["block_id"].to_numpy(dtype=object)
    said: dict[str, Any] = {str(ids[i]): int(plan.assignment[i]) for i in wrong[:5]}
    among = np.isin(plan.place, open_sites)
    best: dict[str, Any] = {
        str(ids[i]): sorted(plan.place[among & (plan.block == i) & (plan.deciseconds == nearest[i])].tolist())
        for i in wrong[:5]
    }
    return Check("assignment", not len(wrong), said or None, best or None, plan.n)
