"""A unit closed for a week where places fill up: by hand, and against the most that scipy can place."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from tests.scenario.ten_blocks import A, U, ten_blocks
from tests.siting.towns import clustered_town
from utopias.domain.plan import Flows, Plan
from utopias.scenario.closures import closures
from utopias.scenario.in_worlds import plan_in_worlds
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve


def plan_with_room(*room: float, flows: dict[tuple[int, int], float] | None = None) -> Plan:
    """Site a beside unit u, with so much room at u, a, b and c; ``flows`` (block, place) in place of those solved."""
    study = ten_blocks(room=[*room, np.nan, np.nan])
    plan = solve(Problem.from_study(study, open=1, forced=["a"]), aim="cover-most", within="15 min")
    if flows is None:
        return plan
    blocks, sites = zip(*flows, strict=True)
    return plan.with_(flows=Flows(np.array(blocks), np.array(sites), np.array(list(flows.values()), dtype=float)))


def test_the_room_that_is_left_goes_to_those_who_reach_it_and_the_others_lose_their_place() -> None:
    sent = {(k, U): 10.0 * (k + 1) for k in range(4)} | {(k, A): 10.0 * (k + 1) for k in (4, 5, 6)}
    found = {one.place_id: one for one in closures(plan_with_room(100, 200, 0, 0, flows=sent))}
    u, a = found["u"], found["a"]
    # of u's hundred, seventy reach a, which has room for twenty more; the nearest twenty live at minute 15, a at 25
    assert (u.within, u.second, u.lose) == (100, 20, 80)
    assert u.minutes_more == pytest.approx(10 - 15)
    assert u.by_group["older people"] == pytest.approx(16)
    # nobody beyond minute 15 reaches u, full or not
    assert (a.within, a.second, a.lose, a.minutes_more) == (180, 0, 180, None)
    assert u.rooms
    assert a.rooms


def test_by_their_door_alone_more_people_would_have_another_unit() -> None:
    """The twin: the same plan without its rooms says that u leaves thirty without any, where eighty lose their place."""
    plan = plan_with_room(100, 200, 0, 0)
    by_door = {one.place_id: one for one in closures(plan.with_(flows=None))}
    assert by_door["u"].lose == 30
    assert not by_door["u"].rooms
    assert sum(one.within for one in closures(plan)) == pytest.approx(280)


def test_no_split_of_the_room_that_is_left_places_more() -> None:
    town, times = clustered_town(120, 12, units=3)
    random = np.random.default_rng(5)
    room = dict(zip([*town.fixed.ids, *town.sites.ids], random.integers(200, 2500, 15).astype(float), strict=True))
    problem = Problem.for_town(town, times, open=4, capacities={str(key): value for key, value in room.items()})
    plan = solve(problem, aim="cover-most", within="15 min", work=20)
    assert plan.flows is not None
    taken = np.bincount(plan.flows.sites, weights=plan.flows.persons, minlength=15)
    near = problem.pairs.near(9000)
    found = {one.place_id: one for one in closures(plan)}
    for place in (*plan.fixed, *plan.sites):
        here = np.bincount(
            plan.flows.places[plan.flows.sites == place],
            weights=plan.flows.persons[plan.flows.sites == place],
            minlength=problem.shape[0],
        )
        others = [i for i in (*plan.fixed, *plan.sites) if i != place]
        use = np.isin(near.columns, others) & (here > 0)[near.rows]
        rows, columns = near.rows[use], near.columns[use]
        most = 0.0
        if use.any():
            limits = np.concatenate([here, np.asarray(problem.capacities) - taken])
            table = np.zeros((len(limits), len(rows)))
            table[rows, np.arange(len(rows))] = 1
            table[len(here) + columns, np.arange(len(rows))] = 1
            most = -float(linprog(-np.ones(len(rows)), A_ub=table, b_ub=np.maximum(limits, 0)).fun)
        told = found[str(plan.study.places["place_id"].iloc[place])]  # type: ignore[union-attr]
        assert told.within == pytest.approx(here.sum())
        assert told.second == pytest.approx(most, abs=1e-6)
        assert told.within == pytest.approx(told.second + told.lose)


def test_in_a_world_of_more_people_a_plan_with_rooms_serves_no_more_than_it_has_room_for() -> None:
    plan = plan_with_room(80, 200, 0, 0)
    own, judged = plan_in_worlds(plan, {"2035": {"all": 2.0}, "2050": {"all": 0.5}})
    assert own == pytest.approx({"today": 280, "2035": 280, "2050": 140})
    assert judged.values == pytest.approx(own)
    assert judged.proven
