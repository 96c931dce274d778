"""What happens when one unit closes for a week, on paper: the table of ``utopias stand``, the hardest first."""

from __future__ import annotations

from collections.abc import Sequence

from utopias.domain.closure import Closure
from utopias.report.paper import Paragraph, Section, Table
from utopias.report.telling import Telling

SHOWN = 12  # units on paper; all of them are told by utopias stand --json


def standing(telling: Telling, closed: Sequence[Closure]) -> Section | None:
    """The section, or None where nothing is told; ``closed`` as ``closures`` gives it, whose loss is largest first."""
    if not closed:
        return None
    words, worst = telling.words, closed[0]
    told = "standing.rooms" if worst.rooms else "standing"
    lead = words.say(
        f"{told}.lead",
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
    who = [
        f"standing.rooms.{name}" if worst.rooms else f"standing.head.{name}" for name in ("within", "second", "lose")
    ]
    heads = tuple(words.say(key) for key in ("standing.head.unit", *who, "standing.head.more"))
    note = words.say(f"{told}.note", limit=telling.limit)
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
