"""For which share of each block there is room: what a comparison counts of plans whose places fill up, in place of their doors."""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.plan import Flows, Plan
from utopias.domain.study import Study
from utopias.siting.question.problem import Problem
from utopias.siting.rooms.room_plan import filled, spread
from utopias.siting.rooms.rooms import put_rooms


def share_with_room(plan: Plan, study: Study) -> Floats:
    """(n,) of each block's people of the group, the share for whom the plan has room."""
    assert plan.flows is not None
    return _share(plan.flows, study)


def share_today(plan: Plan, study: Study) -> Floats:
    """(n,) the same with the units that stand alone, their people split as well as the plan's aim can."""
    problem = Problem.from_study(
        study, open=plan.open, budget=plan.budget, beyond=plan.beyond, single_source=plan.single_source
    )
    rooms = put_rooms(problem, plan.asked, plan.within)
    _, served, _ = filled(rooms, np.zeros(len(rooms.free), dtype=bool))
    return _share(spread(rooms, problem, served), study)


def same_rooms(one: Plan, other: Plan | None) -> bool:
    """Whether both plans count the places of the same service (the second may be none)."""
    if one.flows is None or (other is not None and other.flows is None):
        return False
    services = {
        str(plan.study.town.get("rooms", {}).get("service", ""))
        for plan in (one, other)
        if plan is not None and plan.study is not None
    }
    return len(services) == 1


def _share(flows: Flows, study: Study) -> Floats:
    persons = study.blocks["persons"].to_numpy(dtype=np.float64)
    sent = np.bincount(flows.places, weights=flows.persons, minlength=len(persons))
    share: Floats = np.clip(np.divide(sent, persons, out=np.zeros_like(persons), where=persons > 0), 0.0, 1.0)
    return share
