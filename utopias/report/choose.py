"""To choose from: the curve between two aims, and the plans nearly as good, on one page for a council."""

from __future__ import annotations

from itertools import pairwise

from utopias.domain.choices import Choices
from utopias.domain.trade_off import TradeOff
from utopias.language.curve_words import point_head, point_value, step_told, tick_value
from utopias.language.values import value_number
from utopias.report.curve import Axis, curve_svg, key_of, starts_at_nought
from utopias.report.differing import Other, differing
from utopias.report.paper import Block, Figure, Figures, Paragraph, Points, Section, Swatch, Table, numbers
from utopias.report.telling import Telling

SHOWN = 4  # alternatives that fit on the page beside a curve; all of them are told by utopias alternatives


def choose(telling: Telling, trade: TradeOff | None, choices: Choices | None) -> Section | None:
    """The page, or None where there is neither a curve nor a plan beside this one."""
    if trade is None and choices is None:
        return None
    words = telling.words
    blocks: list[Block] = [Paragraph(words.say("choose.intro"))]
    if trade is not None:
        blocks += _curve(telling, trade)
    if choices is not None:
        blocks += _alternatives(telling, choices)
    if telling.plan.ties:
        blocks.append(Paragraph(words.say("choose.ties", n=words.number(telling.plan.ties)), "note"))
    return Section("choose", words.say("section.choose"), tuple(blocks), fresh=True)


def _curve(telling: Telling, trade: TradeOff) -> list[Block]:
    words = telling.words
    heads = [point_head(words, trade, side) for side in (0, 1)]

    def said(side: int, value: float) -> str:
        return point_value(words, trade, side, value)

    rows = "; ".join(
        words.say("choose.curve.row", n=k, first=f"{heads[0]}: {said(0, p.values[0])}", second=f"{heads[1]}: {said(1, p.values[1])}")
        for k, p in enumerate(trade.points, start=1)
    )  # fmt: skip
    title = words.say("choose.curve.title")
    alt = words.say("choose.curve.spoken", points=len(trade.points), rows=rows)
    beside = trade.plan if trade.plan_point is None else None
    svg = curve_svg(
        [point.values for point in trade.points],
        up=Axis(heads[0], lambda value: tick_value(words, trade, 0, value)),
        right=Axis(heads[1], lambda value: tick_value(words, trade, 1, value)),
        chosen=trade.plan_point,
        beside=beside,
        title=title,
        description=alt,
    )
    legend = [Swatch(key_of("point"), words.say("choose.curve.key.point"))]
    if trade.plan_point is not None or beside is not None:
        kind = "chosen" if trade.plan_point is not None else "beside"
        legend.append(Swatch(key_of(kind), words.say("choose.curve.key.chosen")))
    blocks: list[Block] = [
        Figures((Figure("figure-curve", svg, alt, title),), tuple(legend)),
        *_steps(telling, trade),
        _points(telling, trade, heads),
        *_maps(
            telling,
            [Other(words.say("choose.map.point", n=str(k)), p.ids) for k, p in enumerate(trade.points, 1)],
            "curve",
        ),
    ]
    if not starts_at_nought([point.values for point in trade.points], beside):
        blocks.insert(1, Paragraph(words.say("choose.curve.cut-axes"), "note"))
    if trade.method == "weights":
        blocks.append(Paragraph(words.say("choose.weights"), "note"))
    if trade.unreachable:
        blocks.append(Paragraph(words.say("choose.unreachable", n=words.number(trade.unreachable)), "note"))
    if trade.stopped != "done":
        blocks.append(Paragraph(words.say(f"choose.stopped.{trade.stopped}"), "warning"))
    return blocks


def _steps(telling: Telling, trade: TradeOff) -> list[Block]:
    """From each point to the next, what comes and what goes, as people would say it to each other."""
    words = telling.words
    if len(trade.points) < 2:
        return []
    rows = tuple(
        (words.say("choose.step.name", above=str(k), here=str(k + 1)), _sentence(step_told(words, trade, above.values, here.values)))
        for k, (above, here) in enumerate(pairwise(trade.points), start=1)
    )  # fmt: skip
    return [Paragraph(words.say("choose.step.intro")), Points(rows)]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _maps(telling: Telling, others: list[Other], kind: str) -> list[Block]:
    """Small maps of ``others`` beside the plan, under a line that says so; nothing where there is nothing to draw."""
    figures, legend = differing(telling, others, kind)
    if not figures:
        return []
    return [Paragraph(telling.words.say(f"choose.maps.{kind}")), Figures(figures, legend, telling.credit("blocks"))]


def _points(telling: Telling, trade: TradeOff, heads: list[str]) -> Table:
    """One row a point: both values, the bound of the first, and what changes from the point before."""
    words, rows, before = telling.words, [], set[str]()
    certain = all(point.proven for point in trade.points)  # then a column of bounds says nothing
    for k, point in enumerate(trade.points, start=1):
        here = set(point.ids)
        if k == 1:
            sites = words.listed(_name(trade, key) for key in point.ids)
        else:
            left = words.listed(_name(trade, key) for key in sorted(before - here))
            taken = words.listed(_name(trade, key) for key in sorted(here - before))
            sites = words.say("choose.change", left=left, taken=taken)
        before = here
        number = f"{k}" if k - 1 != trade.plan_point else words.say("choose.this", point=str(k))
        values = [point_value(words, trade, side, point.values[side]) for side in (0, 1)]
        bound = words.say("choose.proven") if point.proven else point_value(words, trade, 0, point.bound)
        rows.append((f"{number}: {sites}", *values, *([] if certain else [bound])))
    head = (words.say("choose.head.sites"), *heads, *([] if certain else [words.say("choose.head.bound")]))
    note = words.say("choose.proven-note" if certain else "choose.bound-note", town=trade.town, seed=str(trade.seed))
    emphasis = () if trade.plan_point is None else (trade.plan_point,)
    return Table(
        "curve",
        words.say("choose.curve.caption"),
        head,
        numbers(len(head) - 1),
        tuple(rows),
        note,
        emphasis,
    )


def _name(trade: TradeOff, key: str) -> str:
    return trade.names.get(key) or key


def _alternatives(telling: Telling, choices: Choices) -> list[Block]:
    words = telling.words
    within, near = words.percent(choices.within, 1), words.number(choices.near_metres)
    if not choices.choices:
        return [Paragraph(words.say("choose.alternatives.none", within=within, near=near), "note")]

    def named(keys: tuple[str, ...]) -> str:
        return words.listed(choices.names.get(key) or key for key in keys)

    rows = tuple(
        (
            f"{chr(ord('A') + k)}. "
            + words.say("choose.alternatives.change", left=named(one.left), taken=named(one.taken)),
            value_number(words, telling.plan.aim, one.value),
            words.number(one.gain),
            words.number(one.lose),
            words.say("word.not-known") if one.neediest is None else words.signed(one.neediest),
        )
        for k, one in enumerate(choices.choices[:SHOWN])
    )
    head = (
        words.say("choose.alternatives.head.change"),
        words.say("choose.alternatives.head.value", unit=telling.unit),
        *(words.say(f"choose.alternatives.head.{name}") for name in ("gain", "lose", "neediest")),
    )
    caption = words.say("choose.alternatives.caption", within=within, near=near)
    kind = "note" if telling.plan.flows is None else "rooms"
    note = f"{words.say(f'choose.alternatives.{kind}', limit=telling.limit)} {telling.credit('persons')}"
    others = [
        Other(words.say("choose.map.plan", n=chr(ord("A") + k)), one.ids)
        for k, one in enumerate(choices.choices[:SHOWN])
    ]
    return [
        Table("alternatives", caption, head, ("left", "right", "right", "right", "right"), rows, note),
        *_maps(telling, others, "alternatives"),
    ]
