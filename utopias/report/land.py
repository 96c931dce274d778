"""Land: what was excluded and by which rule, on what conditions the chosen plots stand, what one waiver would gain."""

from __future__ import annotations

from utopias.domain.land import CONDITIONAL, EXCLUDED, FIT, Land
from utopias.language.land import ban_of, conditions_of, label, reason_of
from utopias.report.paper import Block, Paragraph, Points, Section, Table
from utopias.report.telling import Telling, capital

TOLD = 15  # waivers and excluded plots told by name; all of them stand in findings.json


def land(telling: Telling) -> Section:
    """The section; where the plan looked at no land, that."""
    words, found = telling.words, telling.findings.land
    title = words.say("section.land")
    if found is None:
        return Section("land", title, (Paragraph(words.say("land.none"), "note"),))
    screening = found.screening
    counts = words.say(
        "land.counts",
        excluded=len(screening.excluded),
        all=len(screening.sites),
        conditional=screening.count(CONDITIONAL),
        fit=screening.count(FIT),
    )
    blocks: list[Block] = [Paragraph(f"{counts} {words.say('land.intro')}")]
    if screening.waived:
        waived = words.listed(ban_of(screening, key, words) for key in screening.waived)
        blocks.append(Paragraph(words.say("land.waived", waived=waived), "warning"))
    blocks += [*_conditions(telling, found), *_waivers(telling, found), *_excluded(telling, found)]
    return Section("land", title, (*blocks, *_rules(telling, found)))


def _conditions(telling: Telling, found: Land) -> list[Block]:
    words, opened = telling.words, set(telling.plan.site_ids)
    rows = [
        (site.name, f"{capital(conditions_of(found.screening, site, words))}.")
        for site in found.screening.sites
        if site.id in opened and site.reasons
    ]
    if not rows:
        return [Paragraph(words.say("land.no-conditions"))]
    return [Paragraph(words.say("land.conditions")), Points(tuple(rows))]


def _waivers(telling: Telling, found: Land) -> list[Block]:
    words = telling.words
    if found.waivers is None:
        return [Paragraph(words.say("land.waivers.not-reckoned"), "note")]
    told = [one for one in found.waivers if one.gain is None or one.gain > 0]
    if not told:
        return [Paragraph(words.say("land.waivers.nothing"))] if found.screening.excluded else []
    rows = []
    for one in told[:TOLD]:
        gain = words.say("word.not-known") if one.gain is None else telling.amount(one.gain, signed=True)
        if one.gain is not None and one.at_most != one.gain:
            gain = words.say("land.at-least", gain=gain)
        rows.append((capital(ban_of(found.screening, one.id, words)), words.number(len(one.sites)), gain))
    unit = telling.unit
    head = (words.say("land.head.waiver"), words.say("land.head.frees"), words.say("land.head.gains", unit=unit))
    note = words.say("land.waivers.note")
    title = words.say("land.waivers.title")
    return [Table("waivers", title, head, ("left", "right", "right"), tuple(rows), note)]


def _excluded(telling: Telling, found: Land) -> list[Block]:
    words, screening = telling.words, found.screening
    barred = set(screening.excluded)
    sites = [site for site in screening.sites if site.id in barred]
    rows = tuple(
        (
            site.name if site.name == site.id else f"{site.name} ({site.id})",
            capital("; ".join(reason_of(screening, why, words) for why in site.reasons if why.result == EXCLUDED)),
        )
        for site in sites[:TOLD]
    )
    if not rows:
        return []
    caption = words.say("land.excluded.caption", n=len(rows), all=len(sites))
    return [
        Table("excluded", caption, (words.say("land.head.site"), words.say("land.head.why")), ("left", "left"), rows)
    ]


def _rules(telling: Telling, found: Land) -> list[Block]:
    words = telling.words
    rows = tuple(
        (
            capital(label(rule.id, rule.label, words)),
            words.say(f"land.{rule.result}"),
            words.number(broken),
            words.number(unknown),
            words.ours(rule.source),
        )
        for rule, broken, unknown in found.screening.by_rule()
    )
    if not rows:
        return []
    head = tuple(words.say(f"land.head.{name}") for name in ("rule", "result", "broken", "unknown", "source"))
    caption = words.say("land.rules.caption")
    return [Table("land-rules", caption, head, ("left", "left", "right", "right", "left"), rows)]
