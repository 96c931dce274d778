"""A schedule on paper: what is built each year, whom it brings near, what the budgets cost, and how sure that is.

The same figures as the folder of ``utopias phase`` and the screen; nothing is computed here but a share.
"""

from __future__ import annotations

from html import escape

from utopias.domain.phases import Phases
from utopias.domain.versions import VERSION
from utopias.language.values import value_unit
from utopias.language.words import Words
from utopias.report import palette
from utopias.report.figures import TEXT, WIDTH
from utopias.report.paper import Block, Document, Figure, Figures, Paragraph, Points, Section, Table, numbers

_TOP, _TALL, _LEFT = 34.0, 150.0, 8.0


def years_document(found: Phases, words: Words) -> Document:
    """The whole document: the sentence, a drawing of the years, their table, the sites, and what was taken as so."""
    town = {} if found.study is None else found.study.town
    name, made_up = str(town.get("name") or ""), bool(town.get("made_up"))
    first, last = str(found.budgets.years[0]), str(found.budgets.years[-1])
    title = words.say("years.title", town=name, first=first, last=last)
    lead = words.say(
        "cli.phase.title-ordered" if found.ordered else "cli.phase.title",
        town=name,
        sites=len(found.sites),
        first=first,
        last=last,
    )
    blocks: list[Block] = [Paragraph(words.say("made-up.long", town=name), "warning")] if made_up else []
    if found.people is not None and found.within is not None:
        news = words.say(
            "years.lead",
            sites=len(found.sites),
            minutes=words.minutes(found.within.minutes),
            before=words.number(found.people[0]),
            after=words.number(found.people[-1]),
            first=first,
            last=last,
        )
        blocks += [Paragraph(news, "lead"), Paragraph(lead, "note")]
    else:
        blocks.append(Paragraph(lead, "lead"))
    blocks.append(Paragraph(certain(found, words)[0]))
    return Document(
        language=words.language,
        title=title,
        kicker=words.say("report.kicker"),
        subtitle=words.say("years.subtitle"),
        description=lead,
        mark=words.say("made-up.mark") if made_up else "",
        foot=words.say("report.foot", town=name, version=VERSION),
        page_of=words.say("report.page-of", n="{n}", all="{all}"),
        contents_word=words.say("report.contents"),
        skip_word=words.say("report.skip"),
        sections=(
            Section("first", "", tuple(blocks)),
            Section("years", words.say("years.section"), tuple(_people(found, words))),
            Section("sites", words.say("cli.phase.sites"), (_sites(found, words),)),
            Section("money", words.say("cli.phase.table-money"), (_money(found, words),)),
            Section(
                "certainty", words.say("years.certainty"), (Points(tuple(("", one) for one in certain(found, words))),)
            ),
            Section(
                "assumed", words.say("years.assumed"), (Points(tuple(("", one) for one in assumed(found, words))),)
            ),
        ),
    )


def _people(found: Phases, words: Words) -> list[Block]:
    minutes = "" if found.within is None else words.minutes(found.within.minutes)
    title = words.say("cli.phase.table", minutes=minutes)
    table = found.table.to_dict(orient="records")
    all_people = everybody(found)
    rows = tuple(
        (
            str(row["year"]),
            words.number(row["works"]),
            words.number(row["equipment"]),
            words.number(row["open"]),
            words.number(float(row["people"])),
            words.percent(float(row["people"]) / all_people, 1) if all_people else "–",
        )
        for row in table
    )
    heads = [
        words.say(f"cli.head.{head}") for head in ("year", "works", "equipped", "open-units", "people-within", "of-all")
    ]
    told = [(row[0], float(one["people"]), row[4]) for row, one in zip(rows, table, strict=True)]
    alt = words.say("years.spoken", rows="; ".join(f"{year}: {said}" for year, _, said in told))
    svg = _bars(told, all_people, title, alt)
    return [
        Figures((Figure("figure-years", svg, alt, title),)),
        Table("years", title, tuple(heads), numbers(len(heads) - 1), rows, words.say("years.note")),
    ]


def _bars(rows: list[tuple[str, float, str]], all_people: float, title: str, alt: str) -> str:
    """One bar a year, of all people; its figure over it, so that nothing is told by colour."""
    most = max([all_people, *(value for _, value, _ in rows), 1.0])
    step = (WIDTH - _LEFT) / len(rows)
    wide, bottom = step * 0.62, _TOP + _TALL
    out = []
    for k, (year, value, said) in enumerate(rows):
        x = _LEFT + step * k + (step - wide) / 2
        tall = _TALL * value / most
        out.append(f'<rect x="{x:.1f}" y="{_TOP:g}" width="{wide:.1f}" height="{_TALL:g}" fill="{palette.TRACK}"/>')
        out.append(
            f'<rect x="{x:.1f}" y="{bottom - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{palette.GAIN}"/>'
        )
        if len(rows) <= 6 or k in (0, len(rows) - 1):
            out.append(_text(x + wide / 2, bottom - tall - 6, said))
        if len(rows) <= 10 or k % 5 == 0:
            out.append(_text(x + wide / 2, bottom + 19, year))
    out.append(f'<path d="M0 {bottom:g}H{WIDTH}" stroke="{palette.INK}" stroke-width="1"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 30:.0f}" role="img" '
        f'font-family="Noto Sans, sans-serif"><title>{escape(title)}</title><desc>{escape(alt)}</desc>'
        + "".join(out)
        + "</svg>"
    )


def _text(x: float, y: float, said: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{TEXT}" fill="{palette.INK}" text-anchor="middle">{escape(said)}</text>'


def _sites(found: Phases, words: Words) -> Table:
    currency = _currency(found)
    rows = tuple(
        (
            str(row["name"]) if row["name"] == row["place_id"] else f"{row['name']} ({row['place_id']})",
            str(row["works"]),
            str(row["opens"]),
            words.money(float(row["works_money"]), currency, short=True),
            words.money(float(row["equip_money"]), currency, short=True),
        )
        for row in found.schedule.to_dict(orient="records")
    )
    heads = tuple(
        words.say(f"cli.head.{head}") for head in ("site", "works-of", "opens-in", "works-money", "equip-money")
    )
    return Table("sites", words.say("years.sites"), heads, numbers(4), rows)


def _money(found: Phases, words: Words) -> Table:
    currency = _currency(found)
    rows = tuple(
        (
            str(row["year"]),
            *(words.money(float(row[key]), currency, short=True) for key in ("works_money", "equip_money", "left")),
        )
        for row in found.table.to_dict(orient="records")
    )
    heads = tuple(words.say(f"cli.head.{head}") for head in ("year", "works-money", "equip-money", "left"))
    return Table("money", words.say("years.money"), heads, numbers(3), rows)


def certain(found: Phases, words: Words) -> list[str]:
    """How good the schedule is, and what the budgets and looking ahead are worth: a sentence each."""
    regret, value = found.regret, _sum(found.value, found, words)
    if found.proven:
        told = [words.say("cli.phase.proven", value=value)]
    else:
        gap, why = words.percent(found.gap, 2), words.say(f"stopped.{found.stopped}")
        told = [words.say("cli.phase.open-gap", value=value, bound=_sum(found.bound, found, words), gap=gap, why=why)]
    if _in_person_years(found):
        told.append(words.say("cli.phase.a-person-year"))
    if not found.ordered:
        told.append(
            words.say(
                "cli.phase.end",
                year=str(found.budgets.years[-1]),
                end=_amount(regret.end, found, words),
                sites=len(found.sites),
                best=_amount(regret.best_end, found, words),
                lost=_amount(abs(regret.best_end - regret.end), found, words),
                most=_amount(abs(regret.end_bound - regret.end), found, words),
            )
        )
    at_once, lost = _sum(regret.at_once, found, words), _sum(abs(regret.at_once - found.value), found, words)
    told.append(words.say("cli.phase.at-once", at_once=at_once, lost=lost))
    told.append(
        words.say(
            "cli.phase.myopic",
            myopic=_sum(regret.myopic, found, words),
            sites=regret.myopic_sites,
            number=len(found.sites),
            lost=_sum(abs(found.value - regret.myopic), found, words),
        )
    )
    return told


def assumed(found: Phases, words: Words) -> list[str]:
    """What was taken as so about money, years and times: a sentence each."""
    budgets, currency = found.budgets, _currency(found)
    told = [words.say("cli.phase.counted", share=words.percent(budgets.equip_share, 1))]
    if budgets.cost_each is not None:
        told.append(words.say("cli.phase.cost-assumed", cost=words.money(budgets.cost_each, currency, short=True)))
    told.append(words.say("cli.phase.carried" if budgets.carry_over else "cli.phase.lost"))
    if budgets.discount:
        discount = words.percent(budgets.discount / (1 + budgets.discount), 1)
        told.append(words.say("cli.phase.discounted", discount=discount))
    if found.study is not None and found.study.times.estimated:
        told.append(words.say("cli.estimated-times"))
    return told


def everybody(found: Phases) -> float:
    """Persons of the planned area; 0 where there are no tables."""
    if found.study is None:
        return 0.0
    blocks = found.study.blocks
    return float(blocks["persons"][blocks["planned"].astype(bool)].sum())


def _currency(found: Phases) -> str:
    return "" if found.study is None else str(found.study.town.get("currency") or "")


def _weighted_by(found: Phases) -> str:
    return "" if found.study is None else str(found.study.town.get("weighted_by") or "")


def _in_person_years(found: Phases) -> bool:
    """Whether the sum over the years counts persons, each once a year."""
    return found.aim == "cover-most" and not _weighted_by(found)


def _amount(value: float, found: Phases, words: Words) -> str:
    return f"{words.number(value)} {value_unit(words, found.aim, _weighted_by(found))}"


def _sum(value: float, found: Phases, words: Words) -> str:
    if _in_person_years(found):
        return words.say("cli.phase.person-years", n=words.number(value))
    return words.say("cli.phase.sum", amount=_amount(value, found, words))
