"""What ``utopias reach`` shows: a row a group, by which rules people walked, and the sweep after dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from utopias.cli.speech import Speech
from utopias.cli.walks_told import who_walks
from utopias.language.values import say_code

if TYPE_CHECKING:  # help and slips of the line need no numpy
    from utopias.domain.town import Town
    from utopias.scenario.reaching import GroupReach, Reached, Walk


def reach_json(town: Town, asked: Walk, found: Reached) -> dict[str, Any]:
    """The whole answer. ``pays`` : times as long, by fact; null cannot be passed. ``known`` : null without streets."""
    notes = found.times.notes
    pays = {name.removeprefix("pays_"): value for name, value in notes.items() if name.startswith("pays_")}
    dark = next((one.values for one in found.told if one.code == "after-dark"), None)
    swept = [
        {"factor": factor, **_row(rows[0]), "at_worst": _row(found.at_worst[factor][0])["share"]}
        for factor, rows in found.swept.items()
    ]
    return {
        "town": town.name,
        "made_up": town.made_up,
        "within_minutes": asked.within.minutes,
        "walker": str(notes["walker"]),
        "speed_m_s": found.times.walking_speed,
        "slope": notes.get("slope"),
        "pays": {name: None if value == "impassable" else value for name, value in pays.items()},
        "known": found.known,
        "way_home": asked.way_home,
        "after_dark": None
        if asked.after_dark is None
        else {"factor": asked.after_dark, **(dark or {}), "swept": swept},
        "estimated_times": found.times.estimated,
        "units": len(town.fixed),
        "groups": [{"group": row.group, "estimated": row.estimated, **_row(row)} for row in found.groups],
        "cut_people": found.cut,
        "apart_people": found.apart,
    }


def show_reach(town: Town, asked: Walk, found: Reached, speech: Speech) -> None:
    """The table, what it rests on, and what is not known."""
    words = speech.words
    labels = {group.id: dict(group.labels) for group in town.groups}
    minutes = words.minutes(asked.within.minutes)
    columns = ("people", "within", "share") if not asked.way_home else ("people", "there", "home", "both-ways", "share")
    title = words.say(
        "cli.reach.title" if not asked.way_home else "cli.reach.title-home", town=town.name, minutes=minutes
    )
    walker = str(found.times.notes["walker"])
    told = who_walks(
        words, walker, speed_m_s=None if asked.speed is None else found.times.walking_speed,
        slope=asked.slope, after_dark=asked.after_dark, way_home=asked.way_home,
    )  # fmt: skip
    if told != who_walks(words, "adult"):
        title += f" ({told})"
    speech.table(
        title,
        [words.say(f"cli.head.{head}") for head in ("group", *columns)],
        [
            [
                words.group(row.group, labels) + (" *" if row.estimated else ""),
                words.number(row.people),
                *_cells(row, speech),
            ]
            for row in found.groups
        ],
    )
    if any(row.estimated for row in found.groups):
        speech.say("cli.estimated-groups")
    if found.times.estimated:
        speech.say("cli.estimated-times")
        if asked.walker != "adult":
            pace = words.trimmed(found.times.walking_speed * 3.6, 2)
            speech.say("cli.reach.speed-only", speed=pace)
    for one in found.told:
        speech.out.print(say_code(words, f"assumption.{one.code}", one.values), markup=False)
    if found.swept:
        _show_sweep(asked, found, speech)
    if town.made_up:
        speech.say("cli.made-up")
    if found.apart:
        speech.say("cli.apart", people=words.number(found.apart))
    speech.say("cli.cut", people=words.number(found.cut))


def _show_sweep(asked: Walk, found: Reached, speech: Speech) -> None:
    words = speech.words
    rows = []
    for factor, groups in found.swept.items():
        told = words.say("cli.reach.daylight") if factor == 1 else f"× {words.trimmed(factor, 2)}"
        rows.append([told, *_cells(groups[0], speech), _cells(found.at_worst[factor][0], speech)[-1]])
    columns = ("within", "share", "worst") if not asked.way_home else ("there", "home", "both-ways", "share", "worst")
    speech.table(words.say("cli.reach.swept"), [words.say(f"cli.head.{head}") for head in ("factor", *columns)], rows)
    speech.say("cli.reach.worst")


def _cells(row: GroupReach, speech: Speech) -> list[str]:
    words = speech.words
    counts = [row.within] if row.home is None or row.both is None else [row.within, row.home, row.both]
    share = "–" if not row.people else words.percent(counts[-1] / row.people, 1)
    return [*(words.number(count) for count in counts), share]


def _row(row: GroupReach) -> dict[str, float | None]:
    counted = row.within if row.both is None else row.both
    share = counted / row.people if row.people else None
    return {"people": row.people, "within": row.within, "home": row.home, "both": row.both, "share": share}
