"""Nouns that show themselves in a notebook: a sentence, what it rests on, a small map, a table.

``import utopias`` under IPython names these functions to it, by the names of the classes; nothing here
is loaded before the first noun is shown, and the nouns know nothing of it. A card stands on white, in
its own colours, so that it reads in a dark notebook too; it asks nobody for anything and runs no script.
The language is UTOPIAS_LANGUAGE, else the machine's, else Spanish, asked anew at each showing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from utopias.domain.comparison import COLUMNS, Comparison
from utopias.domain.demand import Demand
from utopias.domain.places import Places
from utopias.domain.plan import Plan
from utopias.domain.town import Town
from utopias.domain.travel_times import Status, TravelTimes
from utopias.language.values import value_number, value_unit
from utopias.language.words import Words, pick_language
from utopias.report.card import Row, card, facts, paragraphs, swatches, table
from utopias.report.first_page import after_sentence, bounds, firmness, lead, map_credit
from utopias.report.small_map import plan_map, town_map
from utopias.report.telling import Telling, capital
from utopias.report.where import sites_table

SHOWN = 8  # rows of a list of places; the rest is counted


def html_of(thing: Any) -> str:
    """The card of a noun, by the name of its class."""
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), None)
    words = Words(pick_language(None, os.environ, spoken))
    return CARDS[type(thing).__name__](thing, words)


def plan_card(plan: Plan, words: Words) -> str:
    """What a plan opens, for whom, how good within the model; its map and its sites."""
    title = words.plural("notebook.plan", len(plan.sites), limit=_limit(plan, words))
    said: list[str] = []
    firm: list[tuple[str, str]] = []
    made_up = plan.study is not None and bool(plan.study.town.get("made_up"))
    if plan.findings is not None:
        telling = Telling.of(plan, words)
        made_up = telling.findings.made_up
        said = [lead(telling), after_sentence(telling)]
        if telling.headline.cut_people > 0:
            said.append(bounds(telling, telling.headline.before_low, telling.headline.before_high))
        firm = [(words.say("notebook.firm"), firmness(telling).answer)]
        made = sites_table(telling)
        sites = table(made.head, made.rows)
        credit = map_credit(telling)
    else:
        sites, credit = _bare_sites(plan, words), words.say("notebook.no-findings")
    mark = words.say("made-up.mark") if made_up else ""
    figures = facts([*_quality(plan, words), *firm])
    drawing = "" if plan.study is None or _limit_of(plan) is None else _plan_drawing(plan, words, title)
    return card(title, drawing, paragraphs(said), figures, below=sites, mark=mark, credit=credit)


def comparison_card(found: Comparison, words: Words) -> str:
    """For whom: gains and losses apart, in figures and as bars."""
    kind = {"need": "need", "area": "colonias", "area-key": "areas"}.get(found.noun, "groups")
    names = (kind, "people", "before", "after", "gain", "loss", "out", "minutes")
    head = [words.say(f"parts.head.{name}") for name in names]
    rows = []
    for part, people, before, after, gain, loss, out, walk, then in zip(
        *(found[name].tolist() for name in COLUMNS), strict=True
    ):
        rows.append(
            Row(
                _part(str(part), found.by, words),
                *(words.number(value) for value in (people, before, after)),
                words.signed(gain),
                words.signed(-loss),
                words.number(out),
                f"{words.number(walk, 1)} → {words.number(then, 1)}",
                bar=(before / people, after / people, loss / people) if people > 0 else None,
            )
        )
    title = words.say(
        "notebook.comparison", by=words.say(f"by.{found.noun}"), limit=words.minutes(found.within.minutes)
    )
    return card(title, "", table(head, rows), credit=words.say("parts.minutes-note"))


def town_card(town: Town, words: Words) -> str:
    """Counts, groups, sources, and where people live."""
    around = int((~town.blocks.planned).sum())
    rows = [
        (words.say("notebook.people"), words.number(town.planned_people)),
        (words.say("notebook.blocks"), words.say("notebook.and-around", n=len(town.blocks) - around, around=around)),
        (words.say("notebook.units"), words.number(len(town.fixed))),
        (words.say("notebook.sites"), words.number(len(town.sites))),
        (words.say("notebook.providers"), words.number(len(town.providers))),
        (words.say("notebook.streets"), words.say("notebook.none") if town.streets is None else words.number(len(town.streets))),
        (words.say("notebook.groups"), words.listed(_group(g.id, g.estimated, words, {g.id: g.labels}) for g in town.groups) or words.say("notebook.none")),
        (words.say("notebook.crs"), town.crs),
    ]  # fmt: skip
    told = words.say("notebook.town-map", town=town.name, units=len(town.fixed), sites=len(town.sites))
    drawing = ""
    if len(town.blocks):
        drawing = town_map(town, title=town.name, description=told, north=words.say("map.north"))
    legend = swatches(("unit", words.say("notebook.units")), ("lot", words.say("notebook.sites")))
    sources = "; ".join(_source(s.name, s.licence, s.date, words) for s in town.sources)
    mark = words.say("made-up.mark") if town.made_up else ""
    credit = words.say("notebook.sources", sources=sources) if sources else words.say("notebook.no-sources")
    return card(town.name, drawing + legend, facts(rows), mark=mark, credit=credit)


def demand_card(demand: Demand, words: Words) -> str:
    """How many persons of which group, at how many places."""
    with_some = int(((demand.persons > 0) & demand.planned).sum())
    rows = [
        (words.say("notebook.people"), words.number(demand.total.value)),
        (words.say("notebook.blocks-with"), words.number(with_some)),
        (words.say("notebook.around"), words.number(float(demand.persons[~demand.planned].sum()))),
        (words.say("notebook.origin"), words.say(f"origin.{demand.origin}")),
        (words.say("notebook.weighted"), words.say("notebook.by-need") if demand.weighted_by else words.say("word.no")),
    ]
    return card(_group(demand.group, demand.estimated, words), "", facts(rows))


def times_card(times: TravelTimes, words: Words) -> str:
    """From how many to how many, how many reach anything, and why the others do not."""
    n, m = times.shape
    reach = int((np.diff(times.starts) > 0).sum())
    limit = words.minutes(times.limit.minutes)
    shortest = times.shortest()
    median = float(np.median(shortest[shortest >= 0])) / 600.0 if reach else None
    rows = [
        (words.say("notebook.pairs"), words.number(len(times.deciseconds))),
        (words.say("notebook.reach-any", limit=limit), _of(reach, n, words)),
        (words.say("notebook.median"), words.say("word.not-known") if median is None else words.minutes(median)),
        (words.say("notebook.origins"), _status(times.origin_status, words)),
        (words.say("notebook.destinations"), _status(times.destination_status, words)),
    ]
    if "speed_m_s" in times.notes:  # another program's table does not say it
        speed = words.say("notebook.metres-second", speed=words.number(times.walking_speed, 2))
        rows.append((words.say("notebook.speed"), speed))
    title = words.say("notebook.times", origins=n, destinations=m, limit=limit)
    return card(title, "", facts(rows), mark=words.say("lead.estimated-times-short") if times.estimated else "")


def places_card(places: Places, words: Words) -> str:
    """The first of them by name, and how many there are."""
    names = places.names.tolist()
    head = [words.say(f"notebook.head.{name}") for name in ("id", "name", "role")]
    rows = [
        Row(key, name, words.say(f"notebook.role.{role}") if f"notebook.role.{role}" in words else role)
        for key, name, role in zip(
            places.ids.tolist()[:SHOWN], names[:SHOWN], places.role.tolist()[:SHOWN], strict=True
        )
    ]
    more = len(places) - len(rows)
    credit = words.plural("notebook.more", more) if more else ""
    return card(words.plural("notebook.places", len(places)), "", table(head, rows, texts=3), credit=credit)


def problem_card(problem: Any, words: Words) -> str:
    """What is asked, before it is answered. ``problem`` is a ``siting.problem.Problem``: this room may not know it."""
    places, sites = problem.shape
    asked = words.say("notebook.open-any") if problem.open is None else words.plural("notebook.open", problem.open)
    currency = "" if problem.study is None else str(problem.study.town.get("currency", ""))
    budget = words.say("notebook.none") if problem.budget is None else f"{words.number(problem.budget)} {currency}"
    rows = [
        (words.say("notebook.asked"), asked),
        (words.say("notebook.budget"), budget.strip()),
        (words.say("notebook.demand-places"), words.number(places)),
        (words.say("notebook.candidates"), words.number(len(problem.candidates))),
        (words.say("notebook.fixed"), words.number(len(problem.fixed))),
        (words.say("notebook.forced"), words.number(len(problem.forced))),
        (words.say("notebook.forbidden"), words.number(len(problem.forbidden))),
        (words.say("notebook.weight"), words.number(float(problem.weights.sum()))),
    ]
    return card(words.say("notebook.problem", sites=sites), "", facts(rows))


CARDS: Mapping[str, Callable[[Any, Words], str]] = {
    "Plan": plan_card,
    "Comparison": comparison_card,
    "Town": town_card,
    "Demand": demand_card,
    "TravelTimes": times_card,
    "Places": places_card,
    "Problem": problem_card,
}


def _limit_of(plan: Plan) -> float | None:
    if plan.findings is not None:
        return plan.findings.headline.within_minutes
    return None if plan.within is None else plan.within.minutes


def _limit(plan: Plan, words: Words) -> str:
    limit = _limit_of(plan)
    return words.say("notebook.no-limit") if limit is None else words.minutes(limit)


def _quality(plan: Plan, words: Words) -> list[tuple[str, str]]:
    """Value, bound, gap, and whether it is proven within the model."""
    unit = value_unit(words, plan.aim, plan.weighted_by)
    answer = (
        words.plural("box.optimal.proven", len(plan.sites))
        if plan.proven
        else words.say("box.optimal.gap", gap=words.percent(plan.gap, 2))
    )
    return [
        (words.say("notebook.value"), f"{value_number(words, plan.aim, plan.value)} {unit}"),
        (words.say("notebook.bound"), value_number(words, plan.aim, plan.bound)),
        (words.say("notebook.gap"), words.percent(plan.gap, 3)),
        (words.say("notebook.proof"), answer),
    ]


def _plan_drawing(plan: Plan, words: Words, title: str) -> str:
    limit = _limit(plan, words)
    told = words.say("notebook.plan-map", units=len(plan.fixed), sites=len(plan.sites), limit=limit)
    drawn = plan_map(plan, title=title, description=told, north=words.say("map.north"))
    kinds = [(kind, words.say(f"map.{kind}", limit=limit)) for kind in ("gained", "reached", "out", "around")]
    marks = [("unit", words.say("notebook.units")), ("site", words.say("notebook.new-sites"))]
    return drawn + swatches(*kinds, *marks)


def _bare_sites(plan: Plan, words: Words) -> str:
    """The chosen sites of a plan whose findings nobody made yet."""
    if plan.study is None:
        return table([words.say("notebook.head.id")], [Row(key) for key in plan.site_ids])
    head = [words.say(f"notebook.head.{name}") for name in ("name", "id", "cost")]
    currency = str(plan.study.town.get("currency", ""))
    rows = []
    for number, row in enumerate(plan.study.places.iloc[list(plan.sites)].to_dict("records"), start=1):
        cost = row.get("cost")
        money = (
            words.say("money.not-known") if cost is None or pd.isna(cost) else words.money(cost, currency, short=True)
        )
        rows.append(Row(f"{number}. {row['name'] or row['place_id']}", str(row["place_id"]), money))
    return table(head, rows, texts=2)


def _part(part: str, by: str, words: Words) -> str:
    if by == "need" and f"need.{part}" in words:
        return words.say(f"need.{part}")
    if by == "area" and not part:
        return words.say("colonias.unnamed")
    return capital(words.group(part))


def _group(id: str, estimated: bool, words: Words, labels: Mapping[str, Mapping[str, str]] | None = None) -> str:
    label = words.group(id, labels)
    return words.say("word.estimated-group", label=label) if estimated else label


def _of(part: int, whole: int, words: Words) -> str:
    return words.number(part) if whole == 0 else f"{words.number(part)} ({words.percent(part / whole, 1)})"


def _status(status: Sequence[int] | Any, words: Words) -> str:
    """How many places are joined to the streets, on an island of them, or have none near."""
    counts = {one: int((np.asarray(status) == one).sum()) for one in Status}
    return words.listed(words.say(f"notebook.status.{one.name.lower().replace('_', '-')}", n=n) for one, n in counts.items() if n)  # fmt: skip


def _source(name: str, licence: str, date: str, words: Words) -> str:
    told = [words.ours(name), licence, words.date(date) if date else ""]
    return ", ".join(part for part in told if part)
