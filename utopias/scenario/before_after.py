"""Before and after, part by part: gains and losses apart, never net alone.

Before is what stands today (or plan a); after is with the plan's sites (or plan b).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from utopias.domain.arrays import AnyArray, Floats, Longs
from utopias.domain.comparison import COLUMNS, Comparison
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.study import Study
from utopias.scenario.room_shares import same_rooms, share_today, share_with_room
from utopias.scenario.walks import Walks, limit_of, planned_persons, study_of, walks_to

if TYPE_CHECKING:
    from utopias.siting.question.problem import Problem

BY = ("need", "group", "area", "all")
UNKNOWN = {"need": "0", "area": ""}  # the part of those whose need or area the tables do not tell


def compare(
    problem_or_study: Problem | Study | None,
    plan: Plan,
    other: Plan | None = None,
    *,
    by: str = "need",
    within: Duration | str | None = None,
) -> Comparison:
    """Who reaches a unit before and after, for each part of the people.

    Parameters
    ----------
    problem_or_study : the tables of the town; None takes those ``plan`` carries.
    plan : before is its fixed units alone, after those and its new sites.
    other : plan b; then before is all that ``plan`` opens, and after all that ``other`` opens.
    by : need (fifths of the people, 1 least to 5 most), group (everybody, then each group the
        town counts), area (colonia, or census area where there is none), all.
    within : the limit; None is the plan's own, else 15 minutes or the end of the table.

    Returns
    -------
    Comparison. Only people of the planned area; a part in which nobody lives is left out; those
    Where the plans count the places of one service (and no other tables or limit are asked for), within, gain, loss and still
    out are people for whom there is room, or none; of standing units alone, split as well as the plan's aim can. Minutes stay those
    to the nearest door. Groups have room as their block has. Those
    whose need is not known form the part ``0``, those of no known area the part with no name. Whoever has no way to any place is
    counted among ``people`` and ``still_out``.

    Raises
    ------
    MisalignedError : ``different-demand``: the plans speak of other blocks or other people.
    ProblemError : another ``by``; plans of different limits and none asked for; no tables at all.
    """
    import pandas as pd

    if by not in BY:
        raise ProblemError(
            Fault(
                "unknown-part",
                Sentence("{by!r} is no way to part people", by=by),
                mend=Sentence("use one of: {listed}", listed=", ".join(BY)),
            )
        )
    study = study_of(problem_or_study, plan)
    limit, _ = limit_of(plan, study, within)
    if other is None:
        before, after = walks_to(study, plan.fixed, limit), walks_to(study, (*plan.fixed, *plan.sites), limit)
    else:
        theirs = study_of(None, other)
        _must_speak_of_the_same(study, plan, theirs, other, within)
        before = walks_to(study, (*plan.fixed, *plan.sites), limit)
        after = walks_to(theirs, (*other.fixed, *other.sites), limit)
    counted = "walks"
    if plan.flows is not None or (other is not None and other.flows is not None):
        counted = "rooms" if within is None and problem_or_study is None and same_rooms(plan, other) else "doors"
    if counted == "rooms":
        first = share_today(plan, study) if other is None else share_with_room(plan, study)
        before = replace(before, room=first)
        after = replace(after, room=share_with_room(plan if other is None else other, study))
    frame = pd.DataFrame(rows_by(by, study, before, after), columns=list(COLUMNS))
    return Comparison(by, limit, frame, area_keys=study.areas_are_keys, counted=counted)


def rows_by(by: str, study: Study, before: Walks, after: Walks) -> list[dict[str, Any]]:
    """One row of ``COLUMNS`` a part with people, in the order of ``by``."""
    if by in ("need", "area"):
        names, part = np.unique(_names(study, by), return_inverse=True)
        columns = _sums(planned_persons(study), part, len(names), before, after)
        order = sorted(range(len(names)), key=lambda k: (names[k] == UNKNOWN[by], names[k]))
        labels = [str(name) for name in names]
    else:
        groups = [("all", "persons")] if by == "all" else group_columns(study)
        together = np.zeros(len(study.blocks), dtype=np.int64)
        each = [_sums(planned_persons(study, column), together, 1, before, after) for _, column in groups]
        columns = np.concatenate(each, axis=1)
        order, labels = list(range(len(groups))), [group for group, _ in groups]
    lived_in = [k for k in order if columns[0, k] > 0]
    return [{"part": labels[k], **dict(zip(COLUMNS[1:], columns[:, k].tolist(), strict=True))} for k in lived_in]


def group_columns(study: Study) -> list[tuple[str, str]]:
    """(group, column of the blocks) of everybody, then each group the town counts, the plan's own once.

    The plan's own group is read from ``persons``, which a planner may have given by hand.
    """
    own = str(study.town.get("group", "all"))
    known = [str(group["id"]) for group in study.town.get("groups", ()) if group["id"] in study.blocks.columns]
    columns = {"all": "people", **{group: group for group in known}}
    return list({**columns, own: "persons"}.items())


def _names(study: Study, by: str) -> np.ndarray:
    if by == "need":
        return study.blocks["quintile"].to_numpy(dtype=np.int64).astype(str).astype(object)
    column = "area_id" if study.areas_are_keys else "colonia"
    return study.blocks[column].astype(object).fillna("").astype(str).to_numpy(dtype=object)


def _sums(persons: Floats, part: Longs, parts: int, before: Walks, after: Walks) -> Floats:
    """(8, parts) the numbers of ``COLUMNS`` after the name; NaN minutes where nobody lives."""

    def total(mask: AnyArray | float) -> Floats:
        summed: Floats = np.bincount(part, weights=persons * mask, minlength=parts).astype(np.float64)
        return summed

    people = total(1.0)
    shared = np.where(people > 0, people, np.nan)
    columns: Floats = np.stack(
        [
            people,
            total(before.served),
            total(after.served),
            total(np.maximum(after.served - before.served, 0.0)),
            total(np.maximum(before.served - after.served, 0.0)),
            total(1.0 - after.served),
            total(before.charged) / shared,
            total(after.charged) / shared,
        ]
    )
    return columns


def demand_hash(study: Study) -> str:
    """Twelve hex digits that change with any block, its persons, or whether it is planned."""
    digest = hashlib.sha256()
    digest.update("\n".join(study.blocks["block_id"].astype(str)).encode())
    digest.update(np.ascontiguousarray(study.blocks["persons"].to_numpy(dtype="<f8")).tobytes())
    digest.update(np.packbits(study.blocks["planned"].to_numpy(dtype=bool)).tobytes())
    return digest.hexdigest()[:12]


def _must_speak_of_the_same(mine: Study, plan: Plan, theirs: Study, other: Plan, within: Duration | str | None) -> None:
    hashes = demand_hash(mine), demand_hash(theirs)
    if hashes[0] != hashes[1]:
        groups = [
            Sentence("{group!r} in {town}", group=study.town.get("group", "all"), town=study.town.get("name", "?"))
            for study in (mine, theirs)
        ]
        raise MisalignedError(
            Fault(
                code="different-demand",
                what=Sentence(
                    "the first plan is for {groups} (demand {hashes}), the second for {groups_2} (demand {hashes_2})",
                    groups=groups[0],
                    hashes=hashes[0],
                    groups_2=groups[1],
                    hashes_2=hashes[1],
                ),
                where="the blocks of both plans",
                mend="make both plans from the same town, for the same group",
            )
        )
    faults = []
    if within is None and plan.within != other.within:
        faults.append(
            Fault(
                code="different-limit",
                what=Sentence(
                    "the first plan counts within {within}, the second within {within_2}",
                    within=plan.within,
                    within_2=other.within,
                ),
                mend="say which: within=",
            )
        )
    if mine.times.limit != theirs.times.limit:
        faults.append(
            Fault(
                code="different-table",
                what=Sentence(
                    "the first table of times ends at {limit}, the second at {limit_2}",
                    limit=mine.times.limit,
                    limit_2=theirs.times.limit,
                ),
                mend="compute both as far: mean minutes count whoever reaches nothing at the end of the table",
            )
        )
    if faults:
        raise ProblemError(faults)
