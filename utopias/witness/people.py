"""People before and after, counted again: the headline, each group, each quintile, each area, each site.

Every count is a sum of one column of demand.parquet over the planned blocks whose nearest open
site, by times.parquet, is within the limit. People without any way stay in the denominator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.witness.checks import Check, agree_cells
from utopias.witness.raw_plan import RawPlan

COUNTS = ("people", "within_before", "within_after", "gain", "loss", "still_out", "minutes_before", "minutes_after")


def people_checks(plan: RawPlan, findings: dict[str, Any]) -> list[Check]:
    """The checks ``headline``, ``groups``, ``need``, ``areas`` and ``sites`` of findings.json."""
    limit = _limit(plan, findings)
    before = plan.nearest(plan.positions("fixed"))
    after = plan.nearest(plan.positions("fixed") + plan.positions("sites"))
    return [
        _headline(plan, findings["headline"], before, after, limit),
        *(_parts(name, plan, findings.get(name) or [], before, after, limit) for name in ("groups", "need", "areas")),
        _sites(plan, findings.get("sites") or [], limit),
    ]


def column_of(plan: RawPlan, group: str) -> Floats | None:
    """(n,) persons of a group by block; None where the table has no such column."""
    name = "people" if group == "all" else group
    return plan.blocks[name].to_numpy(dtype=float) if name in plan.blocks.columns else None


def _limit(plan: RawPlan, findings: dict[str, Any]) -> int:
    """Deciseconds within which people count as reaching: the plan's own; for an aim without one, the headline's."""
    if plan.within is not None:
        return plan.within
    return int(np.floor(float(findings["headline"]["within_minutes"]) * 600 + 0.5))


def _reached(nearest: Longs, limit: int) -> Bools:
    reached: Bools = (nearest >= 0) & (nearest <= limit)
    return reached


def _minutes(nearest: Longs, persons: Floats, table_limit: int) -> float:
    """Mean minutes to the nearest; who reaches none in the table counts at the table's limit."""
    total = float(persons.sum())
    if total == 0:
        return 0.0
    return float(np.dot(persons, np.where(nearest < 0, table_limit, nearest)) / total / 600.0)


def _row(plan: RawPlan, persons: Floats, before: Longs, after: Longs, limit: int) -> dict[str, float]:
    """What a Part says, for (n,) persons that are already 0 wherever they are not meant."""
    was, now = _reached(before, limit), _reached(after, limit)
    return {
        "people": float(persons.sum()),
        "within_before": float(persons[was].sum()),
        "within_after": float(persons[now].sum()),
        "gain": float(persons[now & ~was].sum()),
        "loss": float(persons[was & ~now].sum()),
        "still_out": float(persons[~now].sum()),
        "minutes_before": _minutes(before, persons, plan.limit),
        "minutes_after": _minutes(after, persons, plan.limit),
    }


def _headline(plan: RawPlan, said: dict[str, Any], before: Longs, after: Longs, limit: int) -> Check:
    persons = np.where(plan.counted, plan.blocks["persons"].to_numpy(dtype=float), 0.0)
    row = _row(plan, persons, before, after, limit)
    was, now = _reached(before, limit), _reached(after, limit)
    speed = plan.study.get("notes", {}).get("speed_m_s")
    found: dict[str, Any] = {
        "group": plan.town.get("group", said.get("group")),
        "within_minutes": limit / 600.0,
        "people": row["people"],
        "before": row["within_before"],
        "after": row["within_after"],
        "gain": row["gain"],
        "loss": row["loss"],
        "before_low": row["within_before"],
        "after_low": row["within_after"],
        "apart": float(persons[plan.blocks["apart"].to_numpy(dtype=bool)].sum()),
        "estimated_times": bool(plan.study["estimated"]),
    }
    if speed is not None:
        # Whoever lives nearer to unknown ground than the limit's walk may leave what the town knows.
        known_to = plan.blocks["known_to"].to_numpy(dtype=float)
        cut = np.where(np.isnan(known_to), np.inf, known_to) < limit / 10.0 * float(speed)
        found |= {
            "cut_people": float(persons[cut].sum()),
            "before_high": float(persons[was | cut].sum()),
            "after_high": float(persons[now | cut].sum()),
        }
    return agree_cells("headline", {name: said.get(name) for name in found}, found)


def _parts(name: str, plan: RawPlan, rows: list[dict[str, Any]], before: Longs, after: Longs, limit: int) -> Check:
    said: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for row in rows:
        part = str(row["part"])
        persons = _persons_of(name, part, plan)
        told = {f"{part}: {count}": row.get(count) for count in COUNTS}
        said |= told
        if persons is None:
            found |= dict.fromkeys(told, None) | {f"{part}: part": "no such part"}
        else:
            recounted = _row(plan, persons, before, after, limit)
            found |= {f"{part}: {count}": recounted[count] for count in COUNTS}
    return agree_cells(name, said, found)


def _persons_of(table: str, part: str, plan: RawPlan) -> Floats | None:
    """(n,) the persons that one row speaks of, 0 elsewhere and around the planned area."""
    persons = column_of(plan, part) if table == "groups" else plan.blocks["persons"].to_numpy(dtype=float)
    if persons is None:
        return None
    inside = plan.counted
    if table == "need":
        digits = re.search(r"[0-5]$", part)
        inside = inside & (plan.blocks["quintile"].to_numpy() == (int(digits.group()) if digits else 0))
    if table == "areas":
        named = [column for column in ("colonia", "area_id") if part in set(_texts(plan, column))]
        if not named:
            return None
        inside = inside & (np.array(_texts(plan, named[0]), dtype=object) == part)
    return np.where(inside, persons, 0.0)


def _texts(plan: RawPlan, column: str) -> Iterable[str]:
    if column not in plan.blocks.columns:
        return []
    return [str(value) for value in plan.blocks[column].fillna("")]


def _sites(plan: RawPlan, rows: list[dict[str, Any]], limit: int) -> Check:
    """Each new site: its row is that of places.parquet, who reaches it, and who reaches only it."""
    persons = np.where(plan.counted, plan.blocks["persons"].to_numpy(dtype=float), 0.0)
    open_sites = plan.positions("fixed") + plan.positions("sites")
    near = (plan.deciseconds <= limit) & np.isin(plan.place, open_sites)
    how_many = np.bincount(plan.block[near], minlength=plan.n)
    said: dict[str, Any] = {"sites": [row["id"] for row in rows]}
    found: dict[str, Any] = {"sites": [str(plan.places["place_id"].iloc[i]) for i in plan.positions("sites")]}
    for row, i in zip(rows, plan.positions("sites"), strict=False):
        here = plan.block[near & (plan.place == i)]
        place = plan.places.iloc[i]
        key = str(place["place_id"])
        cells: dict[str, Any] = {
            "reached": float(persons[here].sum()),
            "only_here": float(persons[here[how_many[here] == 1]].sum()),
        }
        for name in ("x", "y", "cost", "area_m2"):
            if name in plan.places.columns:
                cells[name] = None if place[name] is None or np.isnan(float(place[name])) else float(place[name])
        said |= {f"{key}: {name}": row.get(name) for name in cells}
        found |= {f"{key}: {name}": value for name, value in cells.items()}
    return agree_cells("sites", said, found)
