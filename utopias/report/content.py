"""The whole report as one worded document: what is said, in which order, once for print and screen.

First the sentence; then what it changes, how good, how firm; then the ten questions with their pages;
then for whom, where, at what cost; then why to believe it.
"""

from __future__ import annotations

from collections.abc import Sequence

from utopias.domain.choices import Choices
from utopias.domain.closure import Closure
from utopias.domain.comparison import Comparison
from utopias.domain.plan import Plan
from utopias.domain.trade_off import TradeOff
from utopias.domain.versions import VERSION
from utopias.language.words import Words
from utopias.report.choose import choose
from utopias.report.first_page import first_page, lead
from utopias.report.for_whom import colonias, fairness, served, who_gains
from utopias.report.land import land
from utopias.report.maps import MapInk, prepare
from utopias.report.money import money
from utopias.report.paper import Document
from utopias.report.standing import standing
from utopias.report.telling import Telling
from utopias.report.trust import assumed, checked, sources, ten_questions, terms
from utopias.report.where import nearly, where


def content(
    plan: Plan,
    table: Comparison | None,
    words: Words,
    *,
    ink: MapInk | None = None,
    share: str = "",
    trade_off: TradeOff | None = None,
    choices: Choices | None = None,
    closed: Sequence[Closure] = (),
) -> Document:
    """Word the whole report.

    Parameters
    ----------
    plan : with findings; with a study too, if it is to have maps.
    table : a comparison to show beside those of the findings, or None.
    trade_off, choices : a curve with the plan placed beside it, and the plans nearly as good: the page to choose from.
    closed : each unit closed by itself, the largest loss first.
    ink : the map's paths, if they were made already. share : see ``maps.map_svg``.

    Raises
    ------
    ProblemError : the plan has no findings, or a code in them has no words in this language.
    """
    telling = Telling.of(plan, words)
    found = telling.findings
    drawn = ink if ink is not None or plan.study is None else prepare(plan)
    mark = words.say("made-up.mark") if found.made_up else ""
    to_choose = choose(telling, trade_off, choices)
    stands = standing(telling, closed)
    title = words.plural("report.title", len(found.sites), town=found.town)
    return Document(
        language=words.language,
        title=title,
        kicker=words.say("report.kicker"),
        subtitle=words.say("report.subtitle", limit=telling.limit, people=telling.people),
        description=lead(telling),
        mark=mark,
        foot=words.say("report.foot", town=found.town, version=VERSION),
        page_of=words.say("report.page-of", n="{n}", all="{all}"),
        contents_word=words.say("report.contents"),
        skip_word=words.say("report.skip"),
        sections=(
            first_page(telling, drawn, share=share),
            ten_questions(telling),
            who_gains(telling, table),
            where(telling, drawn, share=share),
            nearly(telling),
            *(() if to_choose is None else (to_choose,)),
            *(() if stands is None else (stands,)),
            land(telling),
            money(telling),
            served(telling),
            fairness(telling),
            checked(telling),
            assumed(telling),
            colonias(telling),
            sources(telling),
            terms(telling),
            fairness(telling, annex=True),
        ),
    )
