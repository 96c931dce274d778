"""Why believe it: ten questions with their page, who checked, what was assumed, where the data came from."""

from __future__ import annotations

from collections.abc import Mapping

from utopias.domain.findings import Part
from utopias.report.first_page import firmness, optimality
from utopias.report.paper import Block, Paragraph, Points, Question, Questions, Section, Table
from utopias.report.telling import Telling

OLDER = "older people"


def ten_questions(telling: Telling) -> Section:
    """The questions a council asks, each with a short answer and the section that says more."""
    words = telling.words
    answers = (
        ("gains", _gains(telling), "who"),
        ("loses", _losses(telling), "who"),
        ("run", _running(telling), "costs"),
        ("falls", _falls(telling), "sites"),
        ("colonia", _colonia(telling), "colonias"),
        ("older", _older(telling), "who"),
        ("sure", f"{optimality(telling).answer} {firmness(telling).answer}", "checked"),
        ("compared", words.plural("ten.answer.compared", len(telling.plan.fixed)), "who"),
        ("assumed", words.plural("ten.answer.assumed", len(telling.findings.assumptions)), "assumed"),
        ("checked", _checked(telling), "checked"),
    )
    rows = tuple(Question(words.say(f"ten.{key}"), answer, section) for key, answer, section in answers)
    intro = Paragraph(words.say("ten.intro"))
    return Section("ten", words.say("section.ten"), (intro, Questions(rows, words.say("word.page"))), fresh=True)


def checked(telling: Telling) -> Section:
    """The certificate in plain words, and what the draws moved."""
    plan, words = telling.plan, telling.words
    blocks: list[Block] = [Paragraph(words.say("checked.intro"))]
    certificate = plan.certificate
    unit = telling.unit
    if certificate is None:
        blocks.append(Paragraph(words.say("box.optimal.unchecked"), "warning"))
    else:
        rows = tuple(
            (telling.worded(f"check.{name}", {}), words.say("word.holds" if held else "word.fails"))
            for name, held in certificate.checks.items()
        )
        head = (words.say("checked.head.check"), words.say("checked.head.result"))
        note = words.say(
            "checked.note", value=words.number(certificate.value), bound=words.number(certificate.bound), unit=unit
        )
        blocks.append(Table("checks", words.say("checked.caption"), head, ("left", "right"), rows, note))
    blocks.append(Points(((words.say("checked.again"), words.say("checked.how")),)))
    blocks.append(Paragraph(words.say("checked.seed", seed=str(plan.seed), town=_hash(telling))))
    robust = plan.robustness
    if robust is not None and robust.draws:
        blocks.append(
            Paragraph(words.say("checked.draws", draws=robust.draws, worst=words.percent(robust.worst_gap, 2)))
        )
        moved = tuple(("", _moved(telling, name, value)) for name, value in robust.varied.items())
        blocks.append(Points(moved))
    return Section("checked", words.say("section.checked"), tuple(blocks))


def assumed(telling: Telling) -> Section:
    """Every assumption by its code, worded. One without words is an error, not a gap."""
    words, listed = telling.words, telling.findings.assumptions
    intro = Paragraph(words.plural("assumed.intro", len(listed)))
    rows = tuple(("", telling.worded(f"assumption.{a.code}", a.values)) for a in listed)
    return Section("assumed", words.say("section.assumed"), (intro, Points(rows)) if rows else (intro,))


def sources(telling: Telling) -> Section:
    """Where each table came from: title, date, licence, address."""
    words, listed = telling.words, telling.findings.sources
    title = words.say("section.sources")
    if not listed:
        return Section("sources", title, (Paragraph(words.say("sources.none"), "warning"),))
    unknown = words.say("word.not-known")
    head = tuple(words.say(f"sources.head.{name}") for name in ("name", "date", "licence"))
    rows = tuple(
        (
            f"{words.ours(s.name)} · {_plain(s.address)}" if s.address else words.ours(s.name),
            words.date(s.date) if s.date else unknown,
            s.licence or unknown,
        )
        for s in listed
    )
    return Section(
        "sources", title, (Table("sources", words.say("sources.caption"), head, ("left", "left", "left"), rows),)
    )


def terms(telling: Telling) -> Section:
    """The official terms, in one line each."""
    words = telling.words
    names = ("coverage", "target", "equipment", "block", "ageb", "quintile", "cut", "bound", "draw", "substitution")
    rows = tuple((words.say(f"term.{name}"), words.say(f"term.{name}.means")) for name in names)
    return Section("terms", words.say("section.terms"), (Points(rows),))


def _moved(telling: Telling, name: str, value: object) -> str:
    """One thing that moved, with its range; several figures of one thing each by their own name."""
    values = dict(value) if isinstance(value, Mapping) else {"value": telling.value(name, value)}
    return telling.worded(f"varied.{name}", values)


def _plain(address: str) -> str:
    """An address to read: without its scheme, so that no page asks an outside host for anything."""
    return address.removeprefix("https://").removeprefix("http://").rstrip("/")


def _hash(telling: Telling) -> str:
    study = telling.plan.study
    said = str(study.town.get("hash", "")) if study is not None else ""
    return said[:12] or telling.words.say("word.not-known")


def _gains(telling: Telling) -> str:
    h = telling.headline
    return telling.words.say("ten.answer.gains", n=telling.count(h.gain), people=telling.people)


def _losses(telling: Telling) -> str:
    """Those who lose their walk, and those who lose a displaced use, apart: they do not add up."""
    words, h = telling.words, telling.headline
    key = "ten.answer.loses" if round(h.loss) else "ten.answer.loses-none"
    said = words.say(key, n=telling.count(h.loss), people=telling.people)
    uses = [site for site in telling.findings.sites if site.displaced]
    if not uses:
        return f"{said} {words.say('ten.answer.displaces-none')}"
    return f"{said} {words.say('ten.answer.displaces', names=words.listed(telling.place(site.displaced) for site in uses))}"


def _running(telling: Telling) -> str:
    costs, words = telling.costs, telling.words
    if costs is None:
        return words.say("costs.none")
    if costs.run is None or costs.staff is None:
        return words.say("ten.answer.run-unknown")
    return words.say(
        "ten.answer.run", run=telling.money(costs.run), staff=telling.money(costs.staff), year=str(costs.price_year)
    )


def _falls(telling: Telling) -> str:
    words, sites = telling.words, telling.findings.sites
    if not sites:
        return words.say("sites.none")
    worst = max(sites, key=lambda site: site.loss)
    number = next(k for k, site in enumerate(sites, start=1) if site is worst)
    unit = telling.unit
    said = words.say(
        "ten.answer.falls", number=number, site=worst.name or worst.id, loss=telling.amount(worst.loss), unit=unit
    )
    if worst.replacement and worst.replacement_loss is not None:
        loss = telling.amount(worst.replacement_loss)
        return f"{said} {words.say('sites.replacement', name=telling.place(worst.replacement), loss=loss, unit=unit)}"
    return f"{said} {words.say('sites.no-replacement')}"


def _colonia(telling: Telling) -> str:
    words, areas = telling.words, telling.findings.areas
    if not areas:
        return words.say("ten.answer.colonia-none")
    worst: Part = max(areas, key=lambda part: part.still_out)
    return words.say(
        f"ten.answer.{telling.areas.removesuffix('s')}",
        n=len(areas),
        worst=telling.group(worst.part),
        out=telling.count(worst.still_out),
    )


def _older(telling: Telling) -> str:
    words, h = telling.words, telling.headline
    known = next((p for p in telling.findings.groups if p.part == OLDER), None)
    if known is not None:
        return words.say(
            "ten.answer.older",
            before=telling.count(known.people - known.within_before),
            after=telling.count(known.still_out),
        )
    if h.group == OLDER:
        return words.say(
            "ten.answer.older", before=telling.count(h.people - h.before), after=telling.count(h.people - h.after)
        )
    return words.say("ten.answer.older-unknown")


def _checked(telling: Telling) -> str:
    words, certificate = telling.words, telling.plan.certificate
    if certificate is None:
        return words.say("box.optimal.unchecked")
    held = sum(certificate.checks.values())
    return words.say(
        "ten.answer.checked" if certificate.holds else "box.optimal.failed", held=held, all=len(certificate.checks)
    )
