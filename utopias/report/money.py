"""What it costs: to build, equip, run and staff; low, central and high; what is not known said so."""

from __future__ import annotations

from utopias.domain.catalogue import Range
from utopias.report.paper import Block, Paragraph, Points, Section, Table
from utopias.report.telling import Telling, capital

_ONCE = ("build", "equip")
_YEARLY = ("run", "staff")
NAMED = 12  # unknown parts told by name before "and n more"; all of them stand in findings.json


def money(telling: Telling) -> Section:
    """One table of the four kinds of cost, then what they come to a year, a person, a place."""
    words, costs = telling.words, telling.costs
    title = words.say("section.costs")
    if costs is None:
        return Section("costs", title, (Paragraph(words.say("costs.none"), "warning"),))
    known = (costs.build, costs.equip, costs.run, costs.staff, *costs.per_site.values())
    if not any(known):  # a table of nothing known says nothing
        return Section("costs", title, (Paragraph(words.say("ten.answer.run-unknown"), "warning"),))
    rows = [_row(telling, name, getattr(costs, name)) for name in (*_ONCE, *_YEARLY)]
    rows.append(_row(telling, "annual", costs.annual))
    head = tuple(words.say(f"costs.head.{name}") for name in ("kind", "low", "central", "high"))
    table = Table(
        "costs",
        words.say("costs.caption", year=str(costs.price_year), currency=costs.currency)
        if costs.price_year
        else words.say("costs.caption-no-year", currency=costs.currency),
        head,
        ("left", "right", "right", "right"),
        tuple(rows),
        words.say("costs.note", rate=words.percent(costs.discount, 1), years=words.number(costs.life_years))
        + " "
        + telling.credit("money"),
        emphasis=(len(rows) - 1,),
    )
    per = [
        (words.say("costs.row.per-person"), capital(telling.money(costs.per_person))),
        (words.say("costs.row.per-place"), capital(telling.money(costs.per_place))),
    ]
    if costs.ratio is not None:
        per.append((words.say("costs.row.ratio"), words.say("costs.ratio", ratio=words.number(costs.ratio, 1))))
    if costs.unknown:
        per.append((words.say("costs.row.unknown"), capital(_unknown(telling, costs.unknown))))
    blocks: tuple[Block, ...] = (Paragraph(words.say("costs.intro")), table, Points(tuple(per)))
    return Section("costs", title, blocks)


def _row(telling: Telling, name: str, value: Range | None) -> tuple[str, ...]:
    words = telling.words
    label = words.say(f"costs.row.{name}")
    if value is None:
        return (label, *([words.say("money.not-known")] * 3))
    assert telling.costs is not None
    currency = telling.costs.currency
    return (label, *(words.money(end, currency, short=True) for end in (value.low, value.central, value.high)))


def _unknown(telling: Telling, names: list[str]) -> str:
    """What is not known: "site: service: part", or one of the sums; the first dozen by name."""
    words = telling.words
    listed = words.listed(": ".join(_part(telling, piece) for piece in name.split(": ")) for name in names[:NAMED])
    if len(names) <= NAMED:
        return listed
    return words.say("costs.more", listed=listed, n=len(names) - NAMED)


def _part(telling: Telling, name: str) -> str:
    key = f"costs.part.{name}"
    if key in telling.words:
        return telling.words.say(key)
    labelled = telling.group(name)
    return labelled if labelled != name else telling.place(name)
