"""Each unit closed for a week: who then reaches none, who has a second one in reach, and how much longer the walk is."""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.closure import Closure
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.domain.study import Study
from utopias.scenario.room_closures import room_closures
from utopias.scenario.walks import limit_of, planned_persons, study_of


def closures(plan: Plan, *, study: Study | None = None, within: str | Duration | None = None) -> list[Closure]:
    """Every unit that stands or that the plan opens, closed alone; the one whose closure costs most people first.

    Of a plan whose places fill up it is told who loses their place (``room_closures``): the plan's own question then, with
    its own tables and limit, for nobody has sent anybody anywhere under another.

    Raises
    ------
    ProblemError : the plan carries no tables; a limit longer than the table of times.
    """
    tables = study_of(study, plan)
    limit, _ = limit_of(plan, tables, within)
    tables.times.must_reach(limit)
    if plan.flows is not None and study is None and within is None:
        return room_closures(plan, tables)
    opened = np.array(sorted([*plan.fixed, *plan.sites]), dtype=np.int64)
    times = tables.times.select(opened)
    n, end = len(tables.blocks), float(tables.times.limit.deciseconds)
    first, second, nearest = np.full(n, end), np.full(n, end), np.full(n, -1, dtype=np.int64)
    rows, columns, walk = times.rows, times.columns, times.deciseconds.astype(np.float64)
    order = np.lexsort((columns, walk, rows))
    rows, columns, walk = rows[order], columns[order], walk[order]
    head = np.ones(len(rows), dtype=bool)
    head[1:] = rows[1:] != rows[:-1]
    first[rows[head]], nearest[rows[head]] = walk[head], columns[head]
    next_one = np.flatnonzero(head) + 1
    next_one = next_one[next_one < len(rows)]
    next_one = next_one[~head[next_one]]
    second[rows[next_one]] = walk[next_one]
    close = walk <= limit.deciseconds
    reached = np.bincount(rows[close], minlength=n)
    persons = planned_persons(tables)
    groups = [str(one["id"]) for one in tables.town.get("groups", ())]
    ids, names = tables.places["place_id"].astype(str).to_numpy(), tables.places["name"].astype(str).to_numpy()
    found = []
    for at, place in enumerate(opened.tolist()):
        here = rows[close & (columns == at)]
        alone = here[reached[here] == 1]
        lose = float(persons[alone].sum())
        more = float(np.dot(persons[alone], second[alone] - first[alone])) / 600.0
        found.append(
            Closure(
                place_id=str(ids[place]),
                name=str(names[place]),
                new=place in plan.sites,
                within=float(persons[here].sum()),
                second=float(persons[here].sum()) - lose,
                lose=lose,
                minutes_more=more / lose if lose > 0 else None,
                by_group={group: _sum(tables, group, alone) for group in groups if group in tables.blocks},
            )
        )
    return sorted(found, key=lambda one: (-one.lose, one.place_id))


def _sum(study: Study, group: str, blocks: np.ndarray) -> float:
    people: Floats = planned_persons(study, group)
    return float(people[blocks].sum())
