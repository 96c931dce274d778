"""One draw where places fill up: how the plan stands in it, who then goes where, and what would be best there.

The search is that of ``by_rooms`` in counted work, begun from the plan's own sites and prices, so that of equally good
choices the plan's stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Bools, Floats, Longs
from utopias.siting.choose.near_rooms import taken_in
from utopias.siting.doubt.draws import Draw, Uncertain, draw_of, persons_within, said_of
from utopias.siting.kernels import NEVER
from utopias.siting.question.allowed import allowed
from utopias.siting.question.clock import Clock
from utopias.siting.question.pairs import Pairs
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.siting.rooms.room_plan import filled
from utopias.siting.rooms.room_search import RoomSearch
from utopias.siting.rooms.rooms import Rooms, put_rooms

# Rounds of the search in a draw: each some steps of the bound and a few swaps.
WORK = 6


@dataclass(frozen=True, eq=False)
class RoomGround(Uncertain):
    """problem : the question without its tables. limit : of the aim, in the unit of the costs; None where it has none."""

    problem: Problem
    aim: Aim
    limit: float | None


def stand_with_rooms(ground: RoomGround, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The rows of these draws, as ``draws.stand`` makes them; ``within`` counts who arrives, room or not."""
    return [_one(ground, number) for number in numbers]


def _one(ground: RoomGround, number: int) -> dict[str, Any]:
    draw = draw_of(ground, number, np.flatnonzero(allowed(ground.problem).free))
    costs = ground.costs * (1.0 / draw.faster)
    limit = draw.limit if ground.timed and ground.limited else ground.limit
    rooms = put_rooms(_drawn(ground, draw, costs), ground.aim, limit)
    search = RoomSearch(rooms, Clock(inf, WORK), Rules(work=WORK, seed=ground.seed))
    start = _repaired(rooms, np.setdiff1d(ground.plan, draw.withdrawn), len(ground.plan))
    planned = filled(rooms, start)[0]
    search.offer(start)
    search.start_from(_prices(ground, rooms, draw))
    search.run()
    best, chosen = (search.upper, search.chosen) if search.upper < planned else (planned, start)
    open_now = ground.given.copy()
    open_now[ground.plan] = True
    reach = inf if ground.own_limit is None else ground.own_limit
    within = persons_within(ground.starts, ground.columns, costs, open_now, draw.people * ground.persons, reach)
    best_value, plan_value = rooms.value(best), rooms.value(planned)
    scale = max(abs(best_value), 1e-9)
    farthest = max(limit or 0.0, reach if reach < inf else 0.0) * draw.faster
    return said_of(ground, number, draw) | {
        "best": best_value,
        "plan": plan_value,
        "regret": abs(best_value - plan_value) / scale,
        "gap": abs(best_value - rooms.value(min(search.bound, best))) / scale,
        "within": float(within),
        "sites": np.flatnonzero(chosen).tolist(),
        "cut": bool(ground.timed and farthest > ground.table_limit),
    }


def _drawn(ground: RoomGround, draw: Draw, costs: Floats) -> Problem:
    """The question of this draw: as many more or fewer take room as live there; a place has the room it has."""
    problem = ground.problem
    gone = tuple(sorted({*problem.forbidden, *draw.withdrawn.tolist()}))
    left = problem.pairs.sites - len(gone) - len(problem.fixed)
    loads = ground.weights if problem.loads is None else np.asarray(problem.loads, dtype=np.float64)
    far = float(ground.costs.max(initial=0.0)) * 2 + 1  # nobody may be left out: charge what no reached place costs
    return replace(
        problem,
        pairs=Pairs(ground.starts, ground.columns, costs, problem.pairs.sites),
        weights=draw.weights,
        loads=loads * draw.people,
        forbidden=gone,
        open=None if problem.open is None else min(problem.open, left),
        beyond=far if problem.beyond is None else problem.beyond,
    )


def _repaired(rooms: Rooms, kept: Longs, count: int) -> Bools:
    """The plan's sites with each lot that is gone replaced by the one that takes most in, as far as money goes."""
    chosen = np.zeros(len(rooms.free), dtype=bool)
    chosen[kept] = True
    for _ in range(count - len(kept)):
        free = rooms.free & ~chosen
        if rooms.purse < NEVER:
            free &= rooms.prices <= rooms.purse - float(rooms.prices[chosen].sum())
        if not free.any():
            break
        chosen[int(np.argmax(np.where(free, taken_in(rooms, chosen), -inf)))] = True
    return chosen


def _prices(ground: RoomGround, rooms: Rooms, draw: Draw) -> Floats:
    """(rows,) the plan's multipliers for a person, in this draw's walks; of places that merged the last one's."""
    told = ground.multipliers if ground.aim.name == "cover-most" else ground.multipliers * (1.0 / draw.faster)
    prices = np.zeros(len(rooms.cap))
    places = np.flatnonzero(rooms.row_of >= 0)
    prices[rooms.row_of[places]] = told[places]
    return np.clip(prices, 0.0, rooms.cap)
