"""A plan as the tables of a map: its blocks before and after, its places with what was found of them.

The columns are declared in ``domain/columns/plan_blocks.csv`` and ``plan_places.csv``; groups and
indicators of the town stand in the blocks under their ids. Nothing is computed here but who is
within the limit before and after, from the times that the plan carries.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from utopias.domain.arrays import AnyArray, Texts
from utopias.domain.comparison import COLUMNS, Comparison
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.findings import Part
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.study import Study
from utopias.domain.tables import columns

STATES = {"fixed": "fixed", "provider": "provider"}


def study_of_plan(plan: Plan) -> Study:
    """The tables the plan carries.

    Raises
    ------
    ProblemError : it carries none: it was made from bare numbers.
    """
    if plan.study is None:
        raise ProblemError(
            Fault(
                code="no-study",
                what="the plan carries no tables of a town: there is nothing to draw",
                mend="make the problem with Problem.for_town, and solve that",
            )
        )
    return plan.study


def limit_of_plan(plan: Plan) -> Duration:
    """The limit that *within* means: that of its findings, else its own.

    Raises
    ------
    ProblemError : it has neither.
    """
    if plan.findings is not None:
        return Minutes(plan.findings.headline.within_minutes)
    if plan.within is None:
        raise ProblemError(Fault("no-limit", "the plan has no limit of time", mend="make its findings first"))
    return plan.within


def blocks_table(plan: Plan) -> pd.DataFrame:
    """(n,) rows, one a block of the plan's study, in its order."""
    study, limit = study_of_plan(plan), limit_of_plan(plan)
    study.times.must_reach(limit)
    blocks = study.blocks
    planned, persons = blocks["planned"].to_numpy(dtype=bool), blocks["persons"].to_numpy(dtype=float)
    fixed = np.array(plan.fixed, dtype=np.int64)
    before = study.times.select(fixed).shortest()
    after = study.times.select(np.concatenate([fixed, np.array(plan.sites, dtype=np.int64)])).shortest()
    within_before, within_after = ((walk >= 0) & (walk <= limit.deciseconds) for walk in (before, after))
    gained, lost = within_after & ~within_before, within_before & ~within_after
    reach = np.select(
        [~planned, ~(persons > 0), blocks["apart"].to_numpy(dtype=bool), gained, lost, within_after],
        ["around", "empty", "no way", "gained", "lost", "reached"],
        default="out",
    )
    known_to = blocks["known_to"].to_numpy(dtype=float)
    found = {
        "known_to": np.where(np.isfinite(known_to), known_to, np.nan),
        "reach": reach.astype(object),
        "minutes_before": np.where(before < 0, np.nan, before / 600.0),
        "minutes_after": np.where(after < 0, np.nan, after / 600.0),
        "within_before": within_before,
        "within_after": within_after,
        "gain": np.where(planned & gained, persons, 0.0),
        "loss": np.where(planned & lost, persons, 0.0),
    }
    own = [column.name for column in columns("plan_blocks")]
    counted = [str(column) for column in blocks.columns if column not in own]  # groups and indicators
    ahead = own[: own.index("people") + 1]
    return blocks.assign(**found)[[*ahead, *counted, *own[len(ahead) :]]]


def places_table(plan: Plan) -> pd.DataFrame:
    """(m,) rows, one a place of the plan's study, in its order; what was not found of a place is empty."""
    study = study_of_plan(plan)
    places = study.places
    chosen = np.zeros(len(places), dtype=bool)
    chosen[list(plan.sites)] = True
    role = places["role"].to_numpy(dtype=object)
    state = np.where(chosen, "chosen", [STATES.get(str(name), "not chosen") for name in role])
    number = pd.Series(pd.NA, index=places.index, dtype="Int64")
    number.iloc[list(plan.sites)] = range(1, len(plan.sites) + 1)  # as the report counts them
    made = places.assign(state=state.astype(object), number=number, services=_services(study))
    for name, values in _findings(plan, made["place_id"].to_numpy(dtype=object)).items():
        made[name] = values
    return made[[column.name for column in columns("plan_places")]]


def comparison_table(plan: Plan, table: Comparison | None) -> pd.DataFrame:
    """Before and after by group, need and area, of the plan's findings, and the rows of ``table``."""
    rows: list[dict[str, Any]] = []
    if plan.findings is not None:
        parts: dict[str, list[Part]] = {
            "group": plan.findings.groups,
            "need": plan.findings.need,
            "area": plan.findings.areas,
        }
        rows = [{"by": by, **asdict(part)} for by, listed in parts.items() for part in listed]
    frames = [pd.DataFrame(rows, columns=["by", *COLUMNS, "estimated"])] if rows else []
    if table is not None and table.by not in {row["by"] for row in rows}:
        frames.append(table.frame.assign(by=table.by))
    if not frames:
        return pd.DataFrame(columns=["by", *COLUMNS])
    both = pd.concat(frames, ignore_index=True)
    return both[["by", *(name for name in both.columns if name != "by")]]


def about_table(plan: Plan) -> pd.DataFrame:
    """What the plan is and where its numbers come from: two columns of text, ``what`` and ``value``."""
    study = study_of_plan(plan)
    said: dict[str, object] = {
        "town": study.town.get("name", ""),
        "made up": study.town.get("made_up", False),
        "group": study.town.get("group", ""),
        "currency": study.town.get("currency", ""),
        "aim": plan.aim,
        "within": limit_of_plan(plan),
        "value": plan.value,
        "bound": plan.bound,
        "gap": plan.gap,
        "proven within the model": plan.proven,
        "travel": study.times.mode,
        "travel times are an estimate": study.times.estimated,
        "draws of robustness": "" if plan.robustness is None else plan.robustness.draws,
        "town hash": study.town.get("hash", ""),
    }
    for source in study.town.get("sources", []):
        said[f"source: {source['name']}"] = ", ".join(str(source[key]) for key in ("address", "licence", "date") if source.get(key))  # fmt: skip
    return pd.DataFrame({"what": list(said), "value": [str(value) for value in said.values()]})


def _services(study: Study) -> list[str]:
    """(m,) "pool (30 a week); music school" for every place."""
    given: dict[str, list[str]] = {}
    for row in study.modules.to_dict("records"):
        capacity, per = row.get("capacity"), row.get("per")
        known = capacity is not None and not pd.isna(capacity)
        size = f" ({capacity:g} a {per})" if known and isinstance(per, str) and per else ""
        given.setdefault(str(row["place_id"]), []).append(f"{row['service']}{size}")
    return ["; ".join(given.get(str(key), [])) for key in study.places["place_id"]]


def _findings(plan: Plan, ids: Texts) -> dict[str, AnyArray]:
    """(m,) columns of what was found of each site; None where nothing was."""
    fields = ("reached", "only_here", "lost_without", "replacement", "replacement_loss", "chosen_in", "kept_in", "displaced", "displaced_people", "lost_if_taken")  # fmt: skip
    rows: dict[str, dict[str, Any]] = {}
    if plan.findings is not None:
        for site in plan.findings.sites:
            rows[site.id] = {**asdict(site), "lost_without": site.loss}
        for refused in plan.findings.refused:
            rows[refused.id] = {"lost_if_taken": refused.loss}
    found: dict[str, AnyArray] = {}
    for name in fields:
        cells = [rows.get(str(key), {}).get(name) for key in ids.tolist()]
        if name in ("replacement", "displaced"):
            found[name] = np.array(["" if cell is None else cell for cell in cells], dtype=object)
        else:
            found[name] = np.array([np.nan if cell is None else float(cell) for cell in cells], dtype=float)
    return found
