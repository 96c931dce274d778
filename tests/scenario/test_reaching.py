"""Who reaches a unit and gets home from it in the toy town, with facts along its one street."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.toy import toy_town
from utopias.domain.arrays import texts
from utopias.domain.errors import ProblemError
from utopias.domain.quantities import Minutes
from utopias.domain.streets import StreetFront
from utopias.domain.town import Town
from utopias.scenario.answer import answer
from utopias.scenario.question import Question
from utopias.scenario.reaching import Reached, Walk, reached


def along(town: Town, *, lit: str = "", surface: str = "", climb: float = 0.0) -> Town:
    """The toy town with one word along its whole street, and a slope up to the east."""
    streets = town.streets
    assert streets is not None
    e = len(streets)
    empty = texts([""] * e)
    front = StreetFront(empty, empty, texts([lit] * e), empty)
    eastwards = np.sign(streets.x[streets.head] - streets.x[streets.tail])
    rise = streets.length * climb * eastwards
    return replace(town, streets=replace(streets, front=front, surface=texts([surface] * e), rise=rise))


def everybody(found: Reached) -> tuple[float, float | None, float | None]:
    row = found.groups[0]
    return row.within, row.home, row.both


def test_by_default_it_is_the_reach_that_every_plan_counts() -> None:
    found = reached(toy_town(), Walk())
    assert everybody(found) == (400.0, None, None)
    assert (found.told, found.swept) == ((), {})
    assert [row.group for row in found.groups] == ["all", "older people"]


def test_a_slope_parts_the_way_there_from_the_way_home() -> None:
    # The unit is in the west, down a slope of 5 %: there at 1.19 times the speed on the flat (95 m a minute), home at
    # 0.84 (67 m a minute). In 15 minutes 1,429 m, so the block at 1,200 m; home 1,007 m, so the one at 800 m.
    found = reached(along(toy_town(), climb=0.05), Walk(way_home=True))
    assert everybody(found) == (400.0, 300.0, 300.0)


def test_after_dark_an_unlit_street_is_swept_and_every_factor_is_told() -> None:
    found = reached(along(toy_town(), lit="no"), Walk(after_dark=2.0))
    # 1,200 m in daylight, 800 at 1.5, 600 at 2, 400 at 3: blocks stand 0, 400, 800 and 1,200 m from the unit.
    assert {factor: rows[0].within for factor, rows in found.swept.items()} == {1.0: 400, 1.5: 300, 2.0: 200, 3.0: 200}
    assert everybody(found)[0] == 200.0
    (told,) = found.told
    assert (told.code, told.values["factor"], told.values["dark_share"], told.values["lit_unknown"]) == ("after-dark", 2.0, 1.0, 0)  # fmt: skip


def test_light_that_nobody_mapped_is_counted_and_its_worst_is_told_apart() -> None:
    found = reached(toy_town(), Walk(after_dark=1.5))
    assert {rows[0].within for rows in found.swept.values()} == {400}
    assert [rows[0].within for rows in found.at_worst.values()] == [400, 300, 200, 200]
    (told,) = found.told
    assert told.values["lit_unknown"] == told.values["edges"] > 0


def test_on_the_way_home_alone_it_is_dark() -> None:
    found = reached(along(toy_town(), lit="no"), Walk(after_dark=2.0, way_home=True))
    assert everybody(found) == (400.0, 200.0, 200.0)
    assert [(rows[0].within, rows[0].home) for rows in found.swept.values()] == [(400, 400), (400, 300), (400, 200), (400, 200)]  # fmt: skip


def test_a_profile_and_what_is_known_are_told() -> None:
    found = reached(along(toy_town(), surface="gravel"), Walk("wheelchair"))
    # 3.0 km/h, twice as long on gravel: 375 m in 15 minutes, only the block at the unit.
    assert everybody(found)[0] == 100.0
    (told,) = found.told
    assert told.values["factors"]["steps"] == "impassable"
    assert told.values["known_share"] == {"surface": 1.0, "sidewalk": 0.0, "ramps": 0.0}
    assert found.known == {"rise": 1.0, "surface": 1.0, "sidewalk": 0.0, "ramps": 0.0, "lit": 0.0}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Walk("horse"), "unknown-walker"),
        (Walk(slope="steep"), "unknown-slope"),
        (Walk(after_dark=0.5), "bad-after-dark"),
        (Walk(after_dark=float("nan"), way_home=True), "bad-after-dark"),
        (Walk(within=Minutes(0)), "bad-limit"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: Walk, code: str) -> None:
    with pytest.raises(ProblemError) as refusal:
        reached(toy_town(), asked)
    assert refusal.value.codes == (code,)


@pytest.mark.parametrize("asked", [Walk(slope="naismith"), Walk(after_dark=2.0), Walk(after_dark=1.0)])
def test_slopes_and_darkness_of_a_town_without_streets_are_refused(asked: Walk) -> None:
    with pytest.raises(ProblemError) as refusal:
        reached(replace(toy_town(), streets=None), asked)
    assert refusal.value.codes == ("no-streets",)


def test_without_streets_a_walker_is_a_speed() -> None:
    town = replace(toy_town(), streets=None)
    # 3.0 km/h over 1.3 times the line: 577 m in 15 minutes.
    assert everybody(reached(town, Walk("wheelchair"))) == (200.0, None, None)
    assert reached(town, Walk("wheelchair")).known is None


def test_a_plan_says_by_which_rules_its_people_walk() -> None:
    town = along(toy_town(), lit="no", climb=0.01)
    plan = answer(town, Question(open=1, draws=0, walker="older person", slope="naismith", after_dark=1.5, speed="4 km/h"))  # fmt: skip
    said = {one.code: one.values for one in plan.findings.assumptions}  # type: ignore[union-attr]
    assert said["walking-speed"]["kilometres_an_hour"] == 4.0
    assert said["slope-rule"] == {"rule": "naismith"}
    assert said["after-dark"]["factor"] == 1.5
    assert said["profile"]["factors"]["steps"] == 3.0
    usual = {one.code for one in answer(town, Question(open=1, draws=0)).findings.assumptions}  # type: ignore[union-attr]
    assert not {"slope-rule", "after-dark", "profile"} & usual
