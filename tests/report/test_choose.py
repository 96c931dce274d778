"""The page to choose from: the curve with its table, and the plans nearly as good, in every language."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.toy import toy_town
from utopias.domain.choices import Choices
from utopias.domain.plan import Plan
from utopias.domain.trade_off import TradeOff
from utopias.language.curve_words import point_head
from utopias.language.words import LANGUAGES, Words
from utopias.report.choose import choose
from utopias.report.content import content
from utopias.report.curve import Axis, _ticks, curve_svg, starts_at_nought
from utopias.report.document import write_report
from utopias.report.paper import Figures, Paragraph, Section, Table
from utopias.report.standing import standing
from utopias.report.telling import Telling
from utopias.scenario.answer import answer
from utopias.scenario.choosing import choices, curve, question_of
from utopias.scenario.closures import closures
from utopias.scenario.question import Question
from utopias.siting.curve.trade_off import placed


@pytest.fixture(scope="module")
def made() -> tuple[Plan, TradeOff, Choices]:
    town = toy_town()
    plan = answer(town, Question(open=1, draws=0))
    trade = curve(town, Question(open=1), ("cover-most", "smallest-worst"))
    return plan, placed(trade, question_of(plan), plan.sites), choices(plan, within=1.0)


def page(made: tuple[Plan, TradeOff, Choices], language: str = "en") -> Section:
    plan, trade, beside = made
    document = content(plan, None, Words(language), trade_off=trade, choices=beside)
    return next(section for section in document.sections if section.id == "choose")


def test_a_row_a_point_and_the_plan_is_marked(made: tuple[Plan, TradeOff, Choices]) -> None:
    _, trade, _ = made
    table = next(block for block in page(made).blocks if isinstance(block, Table) and block.id == "curve")
    assert trade.plan_point == 0
    assert len(table.rows) == len(trade.points)
    assert table.rows[0][0].startswith("1 (this plan): ")
    assert table.emphasis == (0,)
    assert table.rows[0][1] == Words("en").number(trade.points[0].values[0])


def test_the_drawing_numbers_every_point_and_names_both_axes(made: tuple[Plan, TradeOff, Choices]) -> None:
    figure = next(block for block in page(made).blocks if isinstance(block, Figures)).figures[0]
    for number in range(1, len(made[1].points) + 1):
        assert re.search(rf">{number}</text>", figure.svg)
    assert "People who arrive within 15 minutes" in figure.svg
    assert "The longest walk (minutes)" in figure.svg
    assert "Point 1:" in figure.alt


def test_an_alternative_says_what_differs_and_who_gains_or_loses(made: tuple[Plan, TradeOff, Choices]) -> None:
    plan, _, beside = made
    table = next(block for block in page(made).blocks if isinstance(block, Table) and block.id == "alternatives")
    one = beside.choices[0]
    assert "→" in table.rows[0][0]
    assert table.rows[0][2:4] == (Words("en").number(one.gain), Words("en").number(one.lose))
    assert one.loss == pytest.approx(plan.value - one.value)
    # toy town: nobody is need-weighted and no place is displaced, so the values differ by those who gain and lose
    assert one.gain - one.lose == pytest.approx(one.value - plan.value)


def test_without_a_curve_or_choices_there_is_no_page(made: tuple[Plan, TradeOff, Choices]) -> None:
    assert choose(Telling.of(made[0], Words("en")), None, None) is None
    assert all(section.id != "choose" for section in content(made[0], None, Words("en")).sections)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_page_in_print_and_on_screen(
    made: tuple[Plan, TradeOff, Choices], language: str, tmp_path: Path
) -> None:
    plan, trade, beside = made
    for name in ("report.pdf", "report.html"):
        written = write_report(plan, to=tmp_path / name, language=language, trade_off=trade, choices=beside)
        assert written.stat().st_size > 10_000
    assert 'id="choose"' in (tmp_path / "report.html").read_text()
    assert page(made, language).title


def test_a_curve_found_by_weighing_says_that_there_may_be_more(made: tuple[Plan, TradeOff, Choices]) -> None:
    weighed = made[1].with_(method="weights", stopped="clock", unreachable=12.0)
    section = choose(Telling.of(made[0], Words("en")), weighed, None)
    assert section is not None
    said = " ".join(block.text for block in section.blocks if isinstance(block, Paragraph))
    assert "There may be more: none passes the bound" in said
    assert "cut by the clock" in said
    assert "12 people have no way" in said


def test_a_curve_of_weighted_people_says_that_they_are(made: tuple[Plan, TradeOff, Choices]) -> None:
    weighed = made[1].with_(weighted_by="need")
    assert point_head(Words("en"), made[1], 0) == "People who arrive within 15 minutes"
    assert point_head(Words("en"), weighed, 0) == "Within 15 minutes: people weighted by need"
    assert point_head(Words("es"), weighed, 1) == "La caminata más larga (minutos)", "a walk is nobody's weight"


def test_axes_that_do_not_begin_at_nought_are_said(made: tuple[Plan, TradeOff, Choices]) -> None:
    assert starts_at_nought([(0, 0), (100, 50)], None)
    assert not starts_at_nought([(900, 5), (1000, 50)], None)
    assert not starts_at_nought([(0, 0), (100, 50)], (-50.0, 50.0)), "a plan beside the curve stretches its axes too"
    notes = {
        far: [
            one.text
            for one in page((made[0], made[1].with_(points=points), made[2])).blocks
            if isinstance(one, Paragraph)
        ]
        for far, points in (
            ("one", made[1].points),
            ("none", tuple(replace(p, values=(0.0, 0.0)) for p in made[1].points)),
        )
    }
    assert any("do not begin at nought" in note for note in notes["one"])
    assert not any("do not begin at nought" in note for note in notes["none"])


def test_ticks_are_round_and_hold_every_value_between_them() -> None:
    for values in ([741_693.0, 700_785.0], [48.4, 68.5], [5.0], [0.0, 0.0], [3.2e8, 7.2e8], [0.001, 0.0012]):
        ticks = _ticks(values, 5)
        assert len(ticks) >= 2
        assert ticks[0] <= min(values)
        assert ticks[-1] >= max(values)
        assert ticks == sorted(set(ticks))


def test_a_unit_that_closes_is_told_with_who_is_left_with_none(made: tuple[Plan, TradeOff, Choices]) -> None:
    plan, closed = made[0], closures(made[0])
    section = standing(Telling.of(plan, Words("en")), closed)
    assert section is not None
    table = next(block for block in section.blocks if isinstance(block, Table))
    words = Words("en")
    assert [row[3] for row in table.rows] == [words.number(one.lose) for one in closed]
    assert sum(row[0].endswith("(new)") for row in table.rows) == len(plan.sites)
    assert standing(Telling.of(plan, words), []) is None
    document = content(plan, None, words, closed=closed)
    assert "standing" in [one.id for one in document.sections]


def test_numbers_stay_over_the_axis_and_long_figures_do_not_run_into_each_other() -> None:
    points = [
        (906_243.0, 30_933_997.0),
        (845_200.0, 29_800_000.0),
        (845_105.0, 29_795_524.0),
        (841_000.0, 29_700_000.0),
    ]
    said = Axis("x", lambda value: f"{value:,.0f}")
    svg = curve_svg(points, up=said, right=said, chosen=0, beside=None, title="t", description="d")
    axis = float(re.search(r"V(\d+)H", svg)[1])
    assert all(float(y) + 10 <= axis + 0.1 for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)" r="10"', svg))
    under = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*text-anchor="(\w+)"[^>]*>([\d,]+)</text>', svg)
    row = [(float(x), anchor, text) for x, y, anchor, text in under if float(y) > axis + 15]
    ends = [
        (x - 7.0 * len(t) * (1 if a == "end" else 0.5), x if a == "end" else x + 7.0 * len(t) / 2) for x, a, t in row
    ]
    assert len(row) >= 2
    assert all(before[1] < after[0] for before, after in pairwise(ends))
