"""Each unit closed for a week where places fill up: who of those it takes in finds room elsewhere, and who loses their place.

Nobody else is moved for a week: who has a place at another unit keeps it, and the room that is left goes to as many as
can reach it, the shortest walks first. To plan the whole week anew could only help more.
"""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.closure import Closure
from utopias.domain.plan import Flows, Plan
from utopias.domain.study import Study
from utopias.scenario.choosing import question_of
from utopias.scenario.walks import limit_of, planned_persons
from utopias.siting.question.pairs import Pairs
from utopias.siting.rooms.transport import transport

# Deciseconds that staying without a place counts: longer than any walk, so that as many as can find room.
AT_HOME = 1e7


def room_closures(plan: Plan, study: Study) -> list[Closure]:
    """Every open unit closed alone; the one whose closure costs most people their place first.

    Of a plan for cover-most people find room within the plan's limit, of the others wherever the table of times reaches.
    A block may be split, also where the plan sends each as a whole.
    """
    flows, problem = plan.flows, question_of(plan)
    assert flows is not None
    assert problem.capacities is not None
    limit = limit_of(plan, study)[0].deciseconds if plan.aim == "cover-most" else np.inf
    pairs = problem.pairs.near(float(limit))
    taken = np.bincount(flows.sites, weights=flows.persons, minlength=pairs.sites)
    left = np.maximum(np.asarray(problem.capacities, dtype=np.float64) - taken, 0.0)
    opened = np.zeros(pairs.sites, dtype=bool)
    opened[[*plan.fixed, *plan.sites]] = True
    groups = [str(one["id"]) for one in study.town.get("groups", ())]
    ids, names = study.places["place_id"].astype(str).to_numpy(), study.places["name"].astype(str).to_numpy()
    found = []
    for place in np.flatnonzero(opened).tolist():
        others = opened.copy()
        others[place] = False
        here, lost, more = _closed(pairs, flows, place, others, left)
        lose, placed = float(lost.sum()), float(here.sum())
        moved = placed - lose
        found.append(
            Closure(
                place_id=str(ids[place]),
                name=str(names[place]),
                new=place in plan.sites,
                within=placed,
                second=moved,
                lose=lose,
                minutes_more=more / 600.0 / moved if moved > 1e-9 * max(1.0, placed) else None,
                by_group={group: _of_group(study, group, lost) for group in groups if group in study.blocks},
                rooms=True,
            )
        )
    return sorted(found, key=lambda one: (-one.lose, one.place_id))


def _closed(pairs: Pairs, flows: Flows, place: int, others: Bools, left: Floats) -> tuple[Floats, Floats, float]:
    """((n,) persons whom the unit takes in, (n,) of them who find no room, deciseconds that the others walk longer together)."""
    n = pairs.places
    own = flows.sites == place
    here: Floats = np.bincount(flows.places[own], weights=flows.persons[own], minlength=n).astype(np.float64)
    rows: Longs = np.flatnonzero(here > 0)
    lost = np.zeros(n)
    if not len(rows):
        return here, lost, 0.0
    keep = (here > 0)[pairs.rows] & others[pairs.columns]
    counts = np.bincount(pairs.rows[keep], minlength=n)[rows]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    costs = np.asarray(pairs.costs, dtype=np.float64)[keep]
    cap, loads = np.full(len(rows), AT_HOME), here[rows]
    _, served, out = transport(starts, pairs.columns[keep], costs, cap, loads, left, others, np.inf)
    lost[rows] = np.clip(out, 0.0, loads)
    walked = np.full(n, 0.0)
    at = pairs.columns == place
    walked[pairs.rows[at]] = pairs.costs[at]
    return here, lost, float(np.dot(served, costs) - np.dot(here - lost, walked))


def _of_group(study: Study, group: str, lost: Floats) -> float:
    """Persons of a group among those who lose their place: as many of each block as the group is of its people."""
    persons, people = planned_persons(study), planned_persons(study, group)
    share = np.divide(people, persons, out=np.zeros_like(persons), where=persons > 0)
    return float(np.dot(lost, share))
