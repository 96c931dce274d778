"""Small maps of other plans: who gains and who loses is counted from the plan's own tables, marks are told by shape."""

from __future__ import annotations

import numpy as np
import pytest

from tests.toy import toy_town
from utopias.domain.plan import Plan
from utopias.domain.trade_off import TradeOff
from utopias.language.curve_words import step_told
from utopias.language.words import LANGUAGES, Words
from utopias.report.choose import choose
from utopias.report.differing import Other, differing
from utopias.report.paper import Figures, Points, Table
from utopias.report.telling import Telling
from utopias.scenario.answer import answer
from utopias.scenario.choosing import choices, curve, question_of
from utopias.scenario.question import Question
from utopias.siting.curve.trade_off import placed


@pytest.fixture(scope="module")
def plan() -> Plan:
    return answer(toy_town(), Question(open=1, draws=0))


@pytest.fixture(scope="module")
def trade(plan: Plan) -> TradeOff:
    return placed(curve(toy_town(), Question(open=1), ("cover-most", "least-walk")), question_of(plan), plan.sites)


def other_ids(plan: Plan) -> tuple[str, ...]:
    places = plan.study.places
    free = places["place_id"][(places["role"] == "candidate")].astype(str).tolist()
    return (next(key for key in free if key not in plan.site_ids),)


def test_a_map_tells_who_gains_and_who_loses_as_the_tables_say(plan: Plan) -> None:
    ids = other_ids(plan)
    (figure,), legend = differing(Telling.of(plan, Words("en")), [Other("Plan A", ids)], "x")
    beside = {one.ids: one for one in choices(plan, within=1.0, near="1 m").choices}
    one = beside[ids]
    words = Words("en")
    assert figure.title == f"Plan A: {words.number(one.gain)} gain, {words.number(one.lose)} lose"
    assert "It opens:" in figure.alt
    assert len(legend) == 8


def test_the_plan_itself_and_a_plan_of_another_town_are_not_drawn(plan: Plan) -> None:
    telling = Telling.of(plan, Words("es"))
    assert differing(telling, [Other("same", tuple(plan.site_ids)), Other("away", ("nowhere",))], "x") == ((), ())


def test_what_becomes_of_a_site_is_told_by_shape_and_not_by_colour_alone(plan: Plan) -> None:
    (figure,), _ = differing(Telling.of(plan, Words("en")), [Other("A", other_ids(plan))], "x")
    assert figure.svg.count('stroke="#fff"') >= 1  # the plus of the site that opens
    strokes = [
        part for part in figure.svg.split("<path ") if "stroke-width" in part and "fill" not in part.split("d=")[0]
    ]
    assert any("l" in stroke for stroke in strokes)  # the bar through the one that does not


def test_steps_say_what_is_gained_and_what_it_costs(trade: TradeOff) -> None:
    words = Words("en")
    said = step_told(words, trade.with_(people=(1000.0, 1000.0), aims=("cover-most", "least-walk")), (4000.0, 60_000.0), (3000.0, 57_000.0))  # fmt: skip
    assert said == "the mean walk is 3 minutes shorter; in exchange, 1,000 fewer people arrive within 15 minutes."
    near = step_told(words, trade.with_(people=(1000.0, 1000.0)), (4000.0, 60_000.0), (4000.0, 59_500.0))
    assert near == "the mean walk is 30 seconds shorter."
    sums = step_told(words, trade.with_(people=None), (4000.0, 60_000.0), (3000.0, 57_000.0))
    assert sums.startswith("people walk 3,000 minutes less, added up; in exchange")


def test_a_step_is_the_difference_of_the_figures_that_the_table_shows(trade: TradeOff) -> None:
    shown = trade.with_(aims=("cover-most", "smallest-worst"), units=("persons", "minutes"), people=None)
    said = step_told(Words("en"), shown, (906_242.6, 67.14), (904_898.3, 63.96))  # 906,243 and 904,898; 67.1 and 64.0
    assert said == "the longest walk is 3.1 minutes shorter; in exchange, 1,345 fewer people arrive within 15 minutes."


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("aims", [("cover-most", "smallest-worst"), ("cover-most", "least-cost"), ("least-walk", "cover-most"), ("least-walk", "least-cost")])  # fmt: skip
@pytest.mark.parametrize("group", ["", "older people"])
def test_every_pair_of_aims_has_its_words(trade: TradeOff, aims: tuple[str, str], group: str, language: str) -> None:
    units = {
        "cover-most": "persons",
        "smallest-worst": "minutes",
        "least-cost": "money",
        "least-walk": "person-minutes",
    }
    asked = trade.with_(
        aims=aims, groups=(group, group), units=(units[aims[0]], units[aims[1]]), currency="MXN", people=None
    )
    for above, here in (((9e6, 9e6), (8e6, 8e6)), ((8e6, 8e6), (9e6, 9e6))):
        said = step_told(Words(language), asked, above, here)
        assert "{" not in said
        assert said.endswith(".")


def test_a_curve_knows_whom_its_aims_count(trade: TradeOff) -> None:
    town = toy_town()
    planned = np.where(town.blocks.planned, town.blocks.people, 0.0).sum()
    assert trade.people is not None
    assert 0 < trade.people[0] <= planned
    assert trade.people[0] == trade.people[1]


def test_the_page_has_steps_and_maps_in_the_order_of_its_tables(plan: Plan, trade: TradeOff) -> None:
    section = choose(Telling.of(plan, Words("en")), trade, choices(plan, within=1.0, near="1 m"))
    assert section is not None
    kinds = [type(block).__name__ for block in section.blocks]
    table = next(block for block in section.blocks if isinstance(block, Table) and block.id == "alternatives")
    maps = [block for block in section.blocks if isinstance(block, Figures) and block.figures[0].id.startswith("small")]
    assert [row[0][:2] for row in table.rows] == ["A.", "B."][: len(table.rows)]
    assert maps[-1].figures[0].title.startswith("Plan A:")
    if len(trade.points) > 1:
        steps = next(block for block in section.blocks if isinstance(block, Points))
        assert len(steps.rows) == len(trade.points) - 1
        assert kinds.index("Points") < kinds.index("Table")
