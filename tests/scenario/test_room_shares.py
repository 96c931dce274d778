"""Before and after of plans whose places fill up: who finds room, not who arrives; by hand on ten blocks."""

from __future__ import annotations

import pytest

from tests.scenario.test_room_closures import plan_with_room
from utopias.domain.plan import Plan
from utopias.domain.study import Study
from utopias.scenario.before_after import compare


def of(plan: Plan, service: str) -> Plan:
    """The same plan, as one that counts the places of this service."""
    study = plan.study
    assert isinstance(study, Study)
    study.town["rooms"] = {"service": service}
    return plan


def test_a_unit_with_room_for_eighty_of_a_hundred_serves_eighty_today() -> None:
    row = compare(None, plan_with_room(80, 200, 0, 0), by="all").frame.iloc[0]
    assert row["within_before"] == pytest.approx(80)
    assert row["within_after"] == pytest.approx(280)  # all who live within reach, 80 at u and 200 at a
    assert row["gain"] - row["loss"] == pytest.approx(200)
    assert row["still_out"] == pytest.approx(360 - 280)


def test_without_its_rooms_the_same_plan_is_counted_by_its_doors() -> None:
    """The twin: a hundred arrive today, and nothing says that twenty of them find no place."""
    plan = plan_with_room(80, 200, 0, 0).with_(flows=None)
    found = compare(None, plan, by="all")
    assert found.counted == "walks"
    assert found.frame.iloc[0]["within_before"] == 100


def test_two_plans_of_one_service_are_compared_by_the_room_they_give() -> None:
    small, large = (of(plan_with_room(80, room, 0, 0), "pool") for room in (50, 200))
    found = compare(None, small, large, by="all")
    assert found.counted == "rooms"
    row = found.frame.iloc[0]
    assert (row["within_before"], row["within_after"]) == (pytest.approx(130), pytest.approx(280))


def test_rooms_of_two_services_or_of_one_plan_alone_are_not_compared_and_that_is_said() -> None:
    pool, workshop = of(plan_with_room(80, 200, 0, 0), "pool"), of(plan_with_room(80, 200, 0, 0), "workshop")
    assert compare(None, pool, workshop, by="all").counted == "doors"
    assert compare(None, pool, pool.with_(flows=None), by="all").counted == "doors"
    assert compare(None, pool, by="all", within="10 min").counted == "doors"  # nobody was sent by that limit


def test_every_way_of_parting_people_adds_up_to_the_same_room() -> None:
    plan = plan_with_room(80, 200, 0, 0)
    whole = compare(None, plan, by="all").frame.iloc[0]
    for by in ("need", "area"):
        frame = compare(None, plan, by=by).frame
        assert frame["within_after"].sum() == pytest.approx(whole["within_after"])
        assert (frame["gain"] - frame["loss"]).to_numpy() == pytest.approx(
            (frame["within_after"] - frame["within_before"]).to_numpy()
        )
