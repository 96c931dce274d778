"""People before and after, counted again: the headline, each group, each quintile, each area, each site.

Every count is a sum of one column of demand.parquet over the planned blocks whose nearest open
site, by times.parquet, is within the limit. People without any way stay in the denominator.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.witness.checks import Check, agree_cells
from utopias.witness.raw_plan import RawPlan

PROMISE = 9000  # deciseconds: the programme's 15 minutes from home
USUAL_SPEED = 4.8 / 3.6  # metres a second, an adult on the flat; where the times do not say
UNKNOWN = "unknown"  # the part of those whose need or area the tables do not tell
COUNTS = ("people", "within_before", "within_after", "gain", "loss", "still_out", "minutes_before", "minutes_after")


def people_checks(plan: RawPlan, findings: dict[str, Any]) -> list[Check]:
    """The checks ``headline``, ``groups``, ``need``, ``areas`` and ``sites`` of findings.json."""
    limit = limit_of(plan)
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


def limit_of(plan: RawPlan) -> int:
    """Deciseconds within which people reach: the plan's own; without one the promise, or the end of the table."""
    return min(PROMISE, plan.limit) if plan.within is None else plan.within


def reached(nearest: Longs, limit: int) -> Bools:
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
    here = np.flatnonzero(persons)  # a colonia is a few of many thousand blocks
    persons, before, after = persons[here], before[here], after[here]
    was, now = reached(before, limit), reached(after, limit)
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
    was, now = reached(before, limit), reached(after, limit)
    # Whoever lives nearer to unknown ground than the limit's walk may leave what the town knows.
    known_to = plan.blocks["known_to"].to_numpy(dtype=float)
    speed = float((plan.study.get("notes") or {}).get("speed_m_s", USUAL_SPEED))
    cut = known_to < limit / 10.0 * speed
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
        "cut_people": float(persons[cut].sum()),
        "before_high": float(persons[was | cut].sum()),
        "after_high": float(persons[now | cut].sum()),
    }
    return agree_cells("headline", {name: said.get(name) for name in found}, found)


def _parts(name: str, plan: RawPlan, rows: list[dict[str, Any]], before: Longs, after: Longs, limit: int) -> Check:
    """Every row of one table; and that no part of the people was left out of it."""
    said: dict[str, Any] = {}
    found: dict[str, Any] = {}
    names = _area_names(plan) if name == "areas" else None
    for row in rows:
        part = str(row["part"])
        persons = persons_of(name, part, plan, names)
        recounted = None if persons is None else _row(plan, persons, before, after, limit)
        for count in COUNTS:
            said[f"{part}: {count}"] = row.get(count)
            found[f"{part}: {count}"] = None if recounted is None else recounted[count]
    if rows and name == "groups":
        said["rows"] = sorted(str(row["part"]) for row in rows)
        found["rows"] = sorted(_groups(plan))
    elif rows:
        said["all rows: people"] = float(sum(row["people"] for row in rows))
        found["all rows: people"] = float(plan.blocks["persons"].to_numpy(dtype=float)[plan.counted].sum())
    return agree_cells(name, said, found)


def _groups(plan: RawPlan) -> set[str]:
    """Everybody, the plan's own group, and each group of the town that has a column and anybody in it."""
    known = {str(group["id"]) for group in plan.town.get("groups") or []}
    named = {"all", str(plan.town.get("group", "all")), *known}
    columns = {name: persons_of("groups", name, plan) for name in named}
    return {name for name, persons in columns.items() if persons is not None and persons.sum() > 0}


def persons_of(table: str, part: str, plan: RawPlan, names: AnyArray | None = None) -> Floats | None:
    """(n,) the persons that one row speaks of, 0 elsewhere and around the planned area.

    names : (n,) the area of each block, for the rows of the table ``areas``.
    """
    own = table != "groups" or part == plan.town.get("group", "all")
    persons = plan.blocks["persons"].to_numpy(dtype=float) if own else column_of(plan, part)
    if persons is None:
        return None
    inside = plan.counted
    if table == "need":
        fifth = {UNKNOWN: 0, **{str(k): k for k in range(1, 6)}}.get(part)
        if fifth is None:
            return None
        inside = inside & (plan.blocks["quintile"].to_numpy() == fifth)
    if table == "areas":
        inside = inside & (names == ("" if part == UNKNOWN else part))
    return np.where(inside, persons, 0.0)


def _area_names(plan: RawPlan) -> AnyArray:
    """(n,) the colonia of each block; its census area where the town names no colonia at all."""
    colonia = _texts(plan, "colonia")
    return colonia if (colonia != "").any() else _texts(plan, "area_id")


def _texts(plan: RawPlan, column: str) -> AnyArray:
    if column not in plan.blocks.columns:
        return np.full(plan.n, "", dtype=object)
    return plan.blocks[column].astype(object).fillna("").astype(str).to_numpy(dtype=object)


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
