"""What happens when one unit closes for a week, on paper: the table of ``utopias stand``, the hardest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from utopias.report.paper import Paragraph, Section, Table
from utopias.report.telling import Telling

SHOWN = 12  # units on paper; all of them are told by utopias stand --json


class Closed(Protocol):
    """What is needed of ``scenario.closures.Closure``."""

    @property
    def name(self) -> str: ...
    @property
    def place_id(self) -> str: ...
    @property
    def new(self) -> bool: ...
    @property
    def within(self) -> float: ...
    @property
    def second(self) -> float: ...
    @property
    def lose(self) -> float: ...
    @property
    def minutes_more(self) -> float | None: ...


def standing(telling: Telling, closed: Sequence[Closed]) -> Section | None:
    """The section, or None where nothing is told; ``closed`` as ``closures`` gives it, whose loss is largest first."""
    if not closed:
        return None
    words, worst = telling.words, closed[0]
    lead = words.say(
        "standing.lead",
        unit=worst.name or worst.place_id,
        lose=words.number(worst.lose),
        within=words.number(worst.within),
    )
    rows = tuple(
        (
            words.say("standing.new", name=one.name or one.place_id) if one.new else one.name or one.place_id,
            words.number(one.within),
            words.number(one.second),
            words.number(one.lose),
            "–" if one.minutes_more is None else words.number(one.minutes_more, 1),
        )
        for one in closed[:SHOWN]
    )
    heads = tuple(words.say(f"standing.head.{name}") for name in ("unit", "within", "second", "lose", "more"))
    note = words.say("standing.note", limit=telling.limit)
    if len(closed) > SHOWN:
        note += " " + words.plural("standing.more", len(closed) - SHOWN)
    table = Table(
        "standing",
        words.say("standing.caption"),
        heads,
        ("left", "right", "right", "right", "right"),
        rows,
        f"{note} {telling.credit('persons')}",
    )
    return Section("standing", words.say("section.standing"), (Paragraph(lead), table))
