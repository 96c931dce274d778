"""For whom it changes: by group, by fifth of need, by colonia; could they also be served; is it fair."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from utopias.domain.comparison import COLUMNS, Comparison
from utopias.domain.findings import Measure, Part, Supply
from utopias.report.figures import Bar, bars_svg, key_svg, need_svg
from utopias.report.paper import Block, Figure, Figures, Paragraph, Points, Section, Swatch, Table, numbers
from utopias.report.telling import Telling, capital

_NUMBERS = numbers(7)
NOT_KNOWN = "?"  # in the narrow cells of the services, with its meaning under the table


def who_gains(telling: Telling, table: Comparison | None = None) -> Section:
    """Before and after by group and by need, gains and losses apart."""
    found, words = telling.findings, telling.words
    blocks: list[Block] = [
        Paragraph(words.plural("who.intro", len(telling.plan.fixed), limit=telling.limit)),
        _parts_table(telling, "groups", found.groups, [telling.marked(p) for p in found.groups]),
    ]
    figures = []
    if found.groups:
        figures.append(_bars(telling, found.groups))
    if found.need:
        figures.append(_need(telling, found.need))
    if figures:
        legend = [
            Swatch(key_svg("before"), words.say("figure.before")),
            Swatch(key_svg("gain"), words.say("figure.gain")),
        ]
        legend.append(Swatch(key_svg("loss"), words.say("figure.loss")))
        if found.need:
            legend += [
                Swatch(key_svg("hollow"), words.say("figure.hollow")),
                Swatch(key_svg("solid"), words.say("figure.solid")),
            ]
        blocks.append(Figures(tuple(figures), tuple(legend), telling.credit("of-hundred")))
    if found.need:
        labels = [
            words.say(f"need.{p.part}") if f"need.{p.part}" in words else telling.group(p.part) for p in found.need
        ]
        blocks.append(_parts_table(telling, "need", found.need, labels))
        blocks.append(Paragraph(words.say("who.need-note"), "note"))
    else:
        blocks.append(Paragraph(words.say("who.no-need"), "note"))
    if table is not None:
        blocks.append(_asked_table(telling, table))
    blocks.append(_weighting(telling))
    return Section("who", words.say("section.who"), tuple(blocks))


def colonias(telling: Telling) -> Section:
    """Why not our colonia: every one by name, with who is within before, after, and still out."""
    words = telling.words
    parts = sorted(telling.findings.areas, key=lambda part: _alphabetical(part.part))
    if not parts:
        return Section("colonias", words.say("section.colonias"), (Paragraph(words.say("colonias.none"), "note"),))
    kind = telling.areas  # a table of keys must not call them colonias
    intro = Paragraph(words.say(f"{kind}.intro", people=telling.people, limit=telling.limit))
    names = [telling.group(p.part) or words.say("colonias.unnamed") for p in parts]
    return Section("colonias", words.say(f"section.{kind}"), (intro, _parts_table(telling, kind, parts, names)))


def served(telling: Telling) -> Section:
    """Beside "can reach" always "could be served", service by service."""
    words, supply = telling.words, telling.findings.supply
    intro = Paragraph(words.say("served.intro"))
    if not supply:
        return Section("served", words.say("section.served"), (intro, Paragraph(words.say("served.none"), "note")))
    rates = sorted({rate.rate for one in supply for rate in one.rates})
    head = (
        words.say("served.head.service"),
        words.say("served.head.target"),
        words.say("served.head.places-before"),
        words.say("served.head.places-after"),
        words.say("served.head.others"),
        *(words.say("served.head.rate", rate=words.percent(rate)) for rate in rates),
        words.say("served.head.gap"),
    )
    rows = tuple(_served_row(telling, one, rates) for one in supply)
    table = Table(
        "served",
        words.say("served.caption"),
        head,
        numbers(len(head) - 1),
        rows,
        " ".join(words.say(note) for note in _served_notes(supply)) + " " + telling.credit("places"),
    )
    swept = [one.service for one in supply if not one.declared_rate]
    notes: list[Block] = [intro, table]
    if swept:
        notes.append(Paragraph(words.say("served.swept", services=words.listed(map(telling.group, swept))), "note"))
    return Section("served", words.say("section.served"), tuple(notes))


def fairness(telling: Telling, *, annex: bool = False) -> Section:
    """Measures of equity in plain words, each with its technical term; Gini and Palma in the annex."""
    words = telling.words
    measures = [m for m in telling.findings.equity if m.annex == annex]
    id = "annex" if annex else "fair"
    if not measures:
        said: tuple[Block, ...] = (Paragraph(words.say("fair.none"), "note"),)
        return Section(id, words.say(f"section.{id}"), said)
    head = (words.say("fair.head.measure"), words.say("fair.head.before"), words.say("fair.head.after"))
    rows = tuple(
        (
            _named_measure(telling, m),
            _measured(telling, m, m.before),
            _measured(telling, m, m.after),
        )
        for m in measures
    )
    table = Table(
        f"measures-{id}",
        words.say(f"fair.caption.{id}"),
        head,
        ("left", "right", "right"),
        rows,
        telling.credit("measures"),
    )
    plain = Points(
        tuple((_named_measure(telling, m), telling.worded(f"measure.{m.code}.plain", m.parameters)) for m in measures)
    )
    return Section(id, words.say(f"section.{id}"), (Paragraph(words.say(f"fair.intro.{id}")), table, plain))


def _alphabetical(name: str) -> str:
    """Á beside A, as a reader looks a name up."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _parts_table(telling: Telling, id: str, parts: Sequence[Part], labels: Sequence[str]) -> Table:
    words = telling.words
    head = tuple(
        words.say(f"parts.head.{name}") for name in (id, "people", "before", "after", "gain", "loss", "out", "minutes")
    )
    rows = tuple(
        (
            label,
            telling.count(p.people),
            _with_share(telling, p.within_before, p.people),
            _with_share(telling, p.within_after, p.people),
            telling.gain(p.gain),
            telling.loss(p.loss),
            telling.count(p.still_out),
            _then(words.number(p.minutes_before, 1), words.number(p.minutes_after, 1)),
        )
        for p, label in zip(parts, labels, strict=True)
    )
    unit = "persons-all" if id == "groups" else "persons"
    notes = [words.say("parts.minutes-note"), telling.credit(unit)]
    if any(_seems_not_to_add_up(p) for p in parts):
        notes.insert(1, words.say("parts.rounded-note"))
    note = " ".join(notes)
    return Table(id, words.say(f"parts.caption.{id}", people=telling.people), head, _NUMBERS, rows, note)


def _seems_not_to_add_up(part: Part) -> bool:
    """People spread over cells are fractions of a person: rounded one by one, a row may miss its sum by one."""
    before, after, gain, loss, out, people = (
        round(v) for v in (part.within_before, part.within_after, part.gain, part.loss, part.still_out, part.people)
    )
    return before + gain - loss != after or after + out != people


def _quintile(telling: Telling, part: Part) -> str:
    key = f"need.{part.part}"
    return telling.words.say(key) if key in telling.words else telling.group(part.part)


def _with_share(telling: Telling, part: float, whole: float) -> str:
    if whole <= 0:
        return telling.count(part)
    return f"{telling.count(part)} ({telling.words.percent(part / whole)})"


def _asked_table(telling: Telling, table: Comparison) -> Table:
    """The comparison handed over beside the findings, as it came."""
    names, *figures = (table[name].tolist() for name in COLUMNS)
    rows = [
        Part(str(name), people, before, after, gain, loss, out, walk, then)
        for name, people, before, after, gain, loss, out, walk, then in zip(names, *figures, strict=True)
    ]
    by_need = table.by == "need"
    labels = [_quintile(telling, p) if by_need else capital(telling.group(p.part)) for p in rows]
    made = _parts_table(telling, "need" if by_need else "groups", rows, labels)
    caption = telling.words.say("parts.caption.asked", by=telling.words.say(f"by.{table.noun}"))
    return Table(f"asked-{table.by}", caption, made.head, made.align, made.rows, made.note)


def _bars(telling: Telling, parts: Sequence[Part]) -> Figure:
    words = telling.words
    bars = [
        Bar(
            telling.marked(p),
            p.within_before / p.people if p.people else 0.0,
            p.within_after / p.people if p.people else 0.0,
            p.loss / p.people if p.people else 0.0,
            _before_after(telling, p),
        )
        for p in parts
    ]
    title, alt = words.say("figure.groups.title"), _spoken(telling, bars)
    return Figure("figure-groups", bars_svg(bars, title=title, description=alt, id="groups"), alt, title)


def _need(telling: Telling, parts: Sequence[Part]) -> Figure:
    words = telling.words
    bars = [
        Bar(
            p.part,
            p.within_before / p.people if p.people else 0.0,
            p.within_after / p.people if p.people else 0.0,
            0.0,
            _before_after(telling, p),
        )
        for p in parts
        if f"need.{p.part}" in words
    ]
    title, alt = words.say("figure.need.title"), _spoken(telling, bars)
    svg = need_svg(
        bars,
        title=title,
        description=alt,
        axis=words.say("figure.need.axis"),
        low=words.say("figure.need.low"),
        high=words.say("figure.need.high"),
    )
    return Figure("figure-need", svg, alt, title)


def _before_after(telling: Telling, part: Part) -> str:
    before, after = (telling.share(v, part.people) for v in (part.within_before, part.within_after))
    return _then(before, after)


def _spoken(telling: Telling, bars: Sequence[Bar]) -> str:
    return telling.words.say("figure.spoken", rows="; ".join(f"{bar.label}: {bar.said}" for bar in bars))


def _weighting(telling: Telling) -> Block:
    """What a need index did to the count, or that nothing was weighed; and how far it hangs on its weights."""
    weighting, words = telling.findings.weighting, telling.words
    if weighting is None:
        return Paragraph(words.say("weighting.none"), "note")
    ends = {"top": words.number(weighting.top, 2), "bottom": words.number(weighting.bottom, 2)}
    said = words.say("weighting.said", **ends) if weighting.index else words.say("weighting.none")
    if weighting.index == "need":
        own = [words.say("weighting.by-need")]
        if telling.plan.aim == "cover-most":  # why its value is less than the people it reaches
            own.append(words.say("weighting.by-need-value"))
        said = " ".join([*own, said])
    rows = [
        (words.say("weighting.title"), said),
        (words.say("weighting.indicators"), capital(telling.value("weights", weighting.indicators))),
    ]
    each = [
        words.say(
            "weighting.each",
            name=telling.group(name),
            people=words.number(weighting.moved_people.get(name, 0.0)),
            rank=words.number(rank, 2),
        )
        for name, rank in weighting.rank_changes.items()
    ]
    if each:
        rows.append((words.say("weighting.swing"), " ".join(each)))
    return Points(tuple(rows))


def _named_measure(telling: Telling, measure: Measure) -> str:
    return telling.worded(f"measure.{measure.code}", {**measure.parameters, "of": measure.of})


def _measured(telling: Telling, measure: Measure, value: float | None) -> str:
    words = telling.words
    if value is None:
        return words.say("word.not-known")
    if measure.code.endswith("-difference"):
        return words.say("unit.measure.points", n=words.signed(value * 100.0, 1))
    if measure.unit == "share":
        return words.percent(value, 1)
    if measure.unit in ("min", "minutes"):
        return words.say("unit.short.minutes", n=words.number(value, 1))
    if measure.unit in ("persons", "people"):
        return words.number(value)
    if measure.unit == "limits":
        return words.say("unit.measure.limits", n=words.number(value, 2))
    return words.number(value, 3)


def _served_row(telling: Telling, one: Supply, rates: Sequence[float]) -> tuple[str, ...]:
    words = telling.words
    at = {rate.rate: rate for rate in one.rates}
    instead_after = one.substitutes_week if one.substitutes_week_after is None else one.substitutes_week_after
    before = (one.places_week_before + one.substitutes_week, one.unknown_before + one.substitutes_unknown)
    after = (one.places_week_after + instead_after, one.unknown_after + one.substitutes_unknown_after)
    return (
        words.say("served.service", service=capital(telling.group(one.service)), group=telling.group(one.group)),
        telling.count(one.target_after),
        _at_least(telling, one.places_week_before, one.unknown_before),
        _at_least(telling, one.places_week_after, one.unknown_after),
        _others(telling, one),
        *(
            _then(
                _bound(words.percent(at[r].served_before), before, "" if at[r].served_before >= 1 else "≥"),
                _bound(words.percent(at[r].served_after), after, "" if at[r].served_after >= 1 else "≥"),
            )
            if r in at
            else "–"
            for r in rates
        ),
        _then(
            _bound(telling.count(one.gap_before), before, "≤" if one.gap_before else ""),
            _bound(telling.count(one.gap_after), after, "≤" if one.gap_after else ""),
        ),
    )


def _served_notes(supply: Sequence[Supply]) -> list[str]:
    unknown = any(one.unknown_after or one.substitutes_unknown for one in supply)
    return ["served.note", "served.note-unknown"] if unknown else ["served.note"]


def _at_least(telling: Telling, places: float, unknown: int) -> str:
    """Places a week: all of them, the least there are, or not known; never 0 for what nobody knows."""
    return _bound(telling.count(places), (places, unknown), "≥")


def _bound(said: str, known: tuple[float, int], sign: str) -> str:
    """A figure that rests on known places and on modules of unknown capacity."""
    places, unknown = known
    if not unknown:
        return said
    return f"{sign}\u00a0{said}".strip() if places > 0 else NOT_KNOWN


def _others(telling: Telling, one: Supply) -> str:
    """Others' places before, and after those whose use a new site takes are gone."""
    before = _at_least(telling, one.substitutes_week, one.substitutes_unknown)
    if one.substitutes_week_after is None:
        return before
    after = _at_least(telling, one.substitutes_week_after, one.substitutes_unknown_after)
    return before if after == before else _then(before, after)


def _then(before: str, after: str) -> str:
    """Before and after in one cell, never broken between them; what is known of neither is said once."""
    if before == after == NOT_KNOWN:
        return NOT_KNOWN
    return f"{before}\u00a0→\u00a0{after}"
