"""The first page: one sentence, how wrong it may be, what the plan changes, and how good and how firm it is.

Optimality and robustness stand side by side and are never merged; *proven* is only ever
said of the model.
"""

from __future__ import annotations

from utopias.language.values import say_rooms
from utopias.report.maps import MapInk, map_svg, swatch
from utopias.report.paper import Block, Box, Boxes, Figure, Figures, Paragraph, Section, Swatch
from utopias.report.telling import Telling


def first_page(telling: Telling, ink: MapInk | None, *, share: str = "") -> Section:
    """The page a reader sees first, and often the only one."""
    blocks: list[Block] = [*_sentences(telling), Boxes((optimality(telling), firmness(telling)))]
    if ink is not None:
        blocks.append(_maps(telling, ink, share))
    return Section("first", "", tuple(blocks))


def lead(telling: Telling) -> str:
    """61 of every 100 older people can walk to a unit in 15 minutes; 141,000 cannot."""
    h, words = telling.headline, telling.words
    if h.people <= 0:
        return words.say("lead.nobody", people=telling.people, town=telling.findings.town)
    return words.say(
        "lead.today",
        share=telling.share(h.before, h.people),
        people=telling.people,
        limit=telling.limit,
        out=telling.count(h.people - h.before),
    )


def after_sentence(telling: Telling) -> str:
    """With five more: how many then, who gains, who loses, who is still out."""
    h = telling.headline
    return telling.words.plural(
        "lead.after" if round(h.loss) else "lead.after-no-loss",
        len(telling.findings.sites),
        share=telling.share(h.after, h.people),
        gain=telling.count(h.gain),
        loss=telling.count(h.loss),
        out=telling.count(h.people - h.after),
    )


def optimality(telling: Telling) -> Box:
    """The first statement: how good within the model, and who recounted it."""
    plan, words = telling.plan, telling.words
    unit = telling.unit
    if plan.proven:
        answer = words.plural("box.optimal.proven", len(plan.sites))
    else:
        answer = words.say("box.optimal.gap", gap=words.percent(plan.gap, 2))
    lines = [
        words.say(f"aim.{plan.aim}.goal", limit=telling.limit),
        *filter(None, [telling.terms]),
        words.say("box.optimal.value", value=telling.amount(plan.value), bound=telling.amount(plan.bound), unit=unit),
        words.say(f"stopped.{plan.stopped}"),
    ]
    certificate = plan.certificate
    if certificate is None:
        lines.append(words.say("box.optimal.unchecked"))
    else:
        held = sum(certificate.checks.values())
        key = "box.optimal.checked" if certificate.holds else "box.optimal.failed"
        lines.append(words.say(key, held=held, all=len(certificate.checks)))
    return Box(words.say("box.optimal.title"), answer, tuple(lines))


def firmness(telling: Telling) -> Box:
    """The second statement: what the plan does when the inputs are as uncertain as they are."""
    robust, words = telling.plan.robustness, telling.words
    title = words.say("box.robust.title")
    if robust is None or robust.draws == 0:
        return Box(title, words.say("box.robust.none"), (words.say("box.robust.none-why"),))
    firm = sum(kept >= 0.8 * robust.draws for kept in robust.kept_in)
    near = words.number(robust.near_metres)
    if len(robust.kept_in) == 1:  # of one site the figure itself is said, not how many sites are firm
        sites = words.say("box.robust.answer-single", kept=robust.kept_in[0], near=near, draws=robust.draws)
    else:
        key = "box.robust.answer" if firm else "box.robust.answer-none"
        sites = words.plural(key, firm, all=len(robust.kept_in), near=near, draws=robust.draws)
    # What the plan loses comes first: sites with near equals move from draw to draw and lose next to nothing.
    answer = words.say(
        "box.robust.regret", median=words.percent(robust.regret_median, 1), p90=words.percent(robust.regret_p90, 1)
    )
    lines = (
        words.say("box.robust.draws", draws=robust.draws, varied=varied(telling)),
        sites,
        words.say(
            "box.robust.within",
            low=words.number(robust.within_low),
            high=words.number(robust.within_high),
            people=telling.people,
        ),
    )
    return Box(title, answer, lines)


def varied(telling: Telling) -> str:
    """What moved in the draws, named shortly; rules of the draws that move nothing have no short name."""
    robust, words = telling.plan.robustness, telling.words
    keys = [f"varied.{name}.short" for name in robust.varied] if robust is not None else []
    return words.listed(words.say(key) for key in keys if key in words)


def map_legend(telling: Telling, ink: MapInk) -> tuple[Swatch, ...]:
    """What each mark means, with the number of people it stands for where the findings have it."""
    h, words = telling.headline, telling.words
    persons = {
        "reached": h.before - h.loss,
        "gained": h.gain,
        "lost": h.loss,
        "out": h.people - h.after,
    }
    rows = []
    for kind in ("reached", "gained", "lost", "out", "no way", "empty", "around"):
        if kind in ink.kinds:
            label = words.say(f"map.{kind.replace(' ', '-')}", limit=telling.limit)
            if kind in persons:
                label = words.say("map.counted", label=label, n=telling.count(persons[kind]))
            rows.append(Swatch(swatch(kind), label))
    rows.append(Swatch(swatch("unit"), words.plural("map.unit", len(ink.units))))
    rows.append(Swatch(swatch("site"), words.plural("map.site", len(ink.sites))))
    if "limit" in ink.areas:
        rows.append(Swatch(swatch("limit"), words.say("map.limit")))
    return tuple(rows)


def map_figure(
    telling: Telling, ink: MapInk, view: str, *, share: str = "", named: bool = False, text: int = 112
) -> Figure:
    """One map with its title and its words for those who do not see it."""
    h, words = telling.headline, telling.words
    reached = h.before if view == "before" else h.after
    title = words.say(f"map.title.{view}", share=telling.share(reached, h.people), limit=telling.limit)
    alt = words.say(
        f"map.alt.{view}",
        town=telling.findings.town,
        people=telling.people,
        limit=telling.limit,
        share=telling.share(reached, h.people),
        out=telling.count(h.people - reached),
        units=len(ink.units),
        sites=len(ink.sites),
    )
    svg = map_svg(
        ink,
        view,
        title=title,
        description=alt,
        north=words.say("map.north"),
        kilometres="km",
        share=share,
        named=named,
        text=text,
    )
    return Figure(f"map-{view}" + ("-named" if named else ""), svg, alt, title)


def map_credit(telling: Telling) -> str:
    """Unit, date, source; and that the times are estimated, where they are."""
    said = telling.credit("blocks")
    return f"{telling.words.say('lead.estimated-times-short')} {said}" if telling.headline.estimated_times else said


def _sentences(telling: Telling) -> list[Block]:
    h, words = telling.headline, telling.words
    said: list[Block] = []
    if telling.findings.made_up:
        said.append(Paragraph(words.say("made-up.long", town=telling.findings.town), "warning"))
    said.append(Paragraph(lead(telling), "lead"))
    if h.people <= 0:
        return said
    notes = [bounds(telling, h.before_low, h.before_high)]
    if h.estimated_times:
        notes.insert(0, words.say("lead.estimated-times"))
    if h.estimated_group:
        notes.append(words.say("lead.estimated-group", people=telling.people))
    if h.apart > 0:
        notes.append(words.say("lead.apart", n=telling.count(h.apart)))
    said.append(Paragraph(" ".join(notes), "note"))
    said.append(Paragraph(after_sentence(telling), "lead"))
    said.append(
        Paragraph(
            words.plural(
                "lead.after-bounds",
                len(telling.plan.fixed),
                low=telling.share(h.after_low, h.people),
                high=telling.share(h.after_high, h.people),
                low_people=telling.words.number(h.after_low),
                high_people=telling.words.number(h.after_high),
            ),
            "note",
        )
    )
    plan = telling.plan
    if plan.flows is not None and plan.study is not None:  # else its value is read as those within reach
        told = say_rooms(words, float(plan.flows.persons.sum()), plan.study.town.get("rooms", {}))
        said.append(Paragraph(told, "lead"))
    return said


def bounds(telling: Telling, low: float, high: float) -> str:
    """The share of people in cut blocks and both bounds, right beside the headline."""
    h, words = telling.headline, telling.words
    if h.cut_people <= 0:
        return words.say("lead.not-cut", people=telling.people)
    return words.say(
        "lead.cut",
        cut_share=telling.share(h.cut_people, h.people),
        cut=telling.count(h.cut_people),
        low=telling.share(low, h.people),
        high=telling.share(high, h.people),
        low_people=telling.count(low),
        high_people=telling.count(high),
    )


def _maps(telling: Telling, ink: MapInk, share: str) -> Figures:
    pair = tuple(map_figure(telling, ink, view, share=share) for view in ("before", "after"))
    return Figures(pair, map_legend(telling, ink), map_credit(telling))
