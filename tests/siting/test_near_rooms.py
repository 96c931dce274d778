"""Plans nearly as good where places fill up: against every chain of swaps, split by scipy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.test_near_covers import reached_by_swaps
from tests.siting.test_rooms import asked, optimum, rooms_cases, split
from utopias.domain.errors import MisalignedError
from utopias.siting.choose.alternatives import alternatives
from utopias.siting.choose.near_rooms import taken_in
from utopias.siting.question.problem import Problem
from utopias.siting.rooms.rooms import put_rooms
from utopias.siting.solve import solve


@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
@settings(max_examples=60, deadline=None)
@given(case=rooms_cases(single_source=False), within=st.sampled_from([0.0, 0.1, 0.5]))
def test_every_plan_that_swaps_lead_to_is_told_and_keeps_the_rooms(
    aim: str, case: dict[str, Any], within: float
) -> None:
    if np.isnan(optimum(case, aim)):
        return
    question = asked(case)
    plan = solve(question, aim=aim, within=case["within"])
    whole = float(case["weights"].sum()) if aim == "cover-most" else 0.0
    line = abs(whole - plan.value) + within * plan.value + 1e-7

    def under(choice: tuple[int, ...]) -> bool:
        return split(case, [*choice, *case["fixed"]], aim) <= line

    told = alternatives(question, plan, within=within, count=100)
    assert {other.sites for other in told} == reached_by_swaps(case, plan.sites, under)
    for other in told:
        lost = split(case, [*other.sites, *case["fixed"]], aim)
        assert other.value == pytest.approx(whole - lost if aim == "cover-most" else lost, abs=1e-6)
        _keeps_rooms(other, case)


@settings(max_examples=60, deadline=None)
@given(case=rooms_cases(single_source=True))
def test_where_places_go_as_a_whole_none_told_is_worse_than_said(case: dict[str, Any]) -> None:
    if np.isnan(optimum(case, "cover-most")):
        return
    question = asked(case)
    plan = solve(question, aim="cover-most", within=case["within"])
    for other in alternatives(question, plan, within=0.3, count=100):
        assert other.value >= 0.7 * plan.value - 1e-7
        assert len(np.unique(other.flows.places)) == len(other.flows.places)
        _keeps_rooms(other, case)


def _keeps_rooms(other: Any, case: dict[str, Any]) -> None:
    assert other.certificate.holds
    taken = np.bincount(other.flows.sites, weights=other.flows.persons, minlength=len(case["rooms"]))
    assert (taken <= case["rooms"] + 1e-6).all()
    assert not other.proven


def test_the_line_is_that_of_the_room_and_not_of_the_door() -> None:
    """Two sites reach all ten people; one has room for ten, the other for three."""
    question = Problem.from_costs(np.ones((1, 3)), [10.0], open=1, capacities=[10.0, 3.0, 9.9])
    plan = solve(question, aim="cover-most", within=1.0)
    assert plan.sites == (0,)
    told = alternatives(question, plan, within=0.02)
    assert [(other.sites, other.value) for other in told] == [((2,), pytest.approx(9.9))]
    doors = replace(question, capacities=None)
    assert len(alternatives(doors, solve(doors, aim="cover-most", within=1.0), within=0.02)) == 2


def test_a_stand_in_is_worth_whom_it_takes_of_those_left_out() -> None:
    question = Problem.from_costs(
        np.array([[1.0, 1.0, np.inf], [np.inf, 1.0, 1.0]]), [6.0, 8.0], open=1, capacities=[4.0, 5.0, 20.0]
    )
    rooms = put_rooms(question, solve(question, aim="cover-most", within=1.0).asked, 1.0)
    nothing = np.zeros(3, dtype=bool)
    assert taken_in(rooms, nothing).tolist() == [4.0, 5.0, 8.0]
    beside = np.array([False, False, True])
    assert taken_in(rooms, beside).tolist() == [4.0, 5.0, 0.0]


def test_a_plan_of_other_rooms_is_refused() -> None:
    question = Problem.from_costs(np.ones((1, 3)), [10.0], open=1, capacities=[10.0, 3.0, 9.9])
    plan = solve(question, aim="cover-most", within=1.0)
    with pytest.raises(MisalignedError):
        alternatives(replace(question, capacities=np.array([5.0, 3.0, 9.9])), plan)
