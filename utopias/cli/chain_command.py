"""``utopias chain``: a unit on the way home from school, beside a unit near home."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from utopias.cli.line import Line, groups_in
from utopias.cli.speech import Speech
from utopias.domain.quantities import Duration, Persons

if TYPE_CHECKING:
    from utopias.domain.town import Town
    from utopias.scenario.chain import ChainAnswer

LADDER = ("0 min", "5 min", "10 min", "15 min", "20 min", "30 min")


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.chain"))
    def chain(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        for_: Annotated[str, typer.Option("--for", help=words.say("cli.chain.for"))] = "carers",
        stay: Annotated[str, typer.Option(help=words.say("cli.chain.stay"))] = "60 min",
        window: Annotated[str, typer.Option(help=words.say("cli.chain.window"))] = "120 min",
        extra: Annotated[str, typer.Option(help=words.say("cli.chain.extra"))] = "10 min",
        within: Annotated[str, typer.Option(help=words.say("cli.chain.within"))] = "15 min",
        walker: Annotated[str, typer.Option(help=words.say("cli.chain.walker"))] = "child",
        trips: Annotated[Path | None, typer.Option(help=words.say("cli.chain.trips"))] = None,
        trips_columns: Annotated[Path | None, typer.Option(help=words.say("cli.chain.trips-columns"))] = None,
        level: Annotated[list[str] | None, typer.Option(help=words.say("cli.chain.level"))] = None,
        how: Annotated[str, typer.Option(help=words.say("cli.chain.how"))] = "gravity",
        decay: Annotated[str, typer.Option(help=words.say("cli.chain.decay"))] = "5 min",
        school_within: Annotated[str, typer.Option(help=words.say("cli.chain.school-within"))] = "30 min",
        circuity: Annotated[float, typer.Option(help=words.say("cli.site.circuity"))] = 1.3,
        to: Annotated[Path | None, typer.Option(help=words.say("cli.chain.to"))] = None,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.access.school_trips import FETCHED
        from utopias.scenario.chain import TRIPS, ChainQuestion
        from utopias.scenario.chain import chain as answer
        from utopias.territory.od_write import must_be_table
        from utopias.territory.town_folder import read_town
        from utopias.territory.trip_table import read_trips

        line = Line(words)
        question = ChainQuestion(
            group=line.group(for_, groups_in(town, also=[TRIPS])),
            stay=line.time(stay, "--stay"),
            window=line.time(window, "--window"),
            extra=line.time(extra, "--extra"),
            within=line.time(within, "--within"),
            walker=line.walker(walker),
            circuity=circuity,
            levels=line.levels(level) if level else FETCHED,
            how=how,
            decay=line.time(decay, "--decay"),
            school_within=line.time(school_within, "--school-within"),
        )
        if to is not None:
            line.tried(lambda: must_be_table(to), None)
        line.done()
        with speech.working() as progress:
            progress("reading", 0.0)
            place = read_town(town)
            counted = None if trips is None else read_trips(trips, place, columns_file=trips_columns)
            got = answer(place, question, trips=counted, progress=progress)
            if to is not None:
                progress("writing", 0.0)
                _write(got, to)
        if json:
            speech.answer(chain_json(place, got))
        else:
            show_chain(place, got, speech)


def chain_json(town: "Town", got: "ChainAnswer") -> dict[str, Any]:
    """The answer as plain values; minutes, and persons as they were reckoned."""
    found, trips = got.found, got.trips
    half = found.extra_of_share(0.5)
    return {
        "town": town.name,
        "made_up": town.made_up,
        "group": found.group,
        "estimated": found.estimated,
        "estimated_times": got.walks.estimated,
        "stay_minutes": found.stay.minutes,
        "window_minutes": found.window.minutes,
        "extra_minutes": found.most_extra.minutes,
        "within_minutes": found.within.minutes,
        "walker": str(got.walks.to_door.notes["walker"]),
        "units": len(got.walks.units),
        "schools": len(got.walks.schools),
        "trips": {
            "how": trips.how,
            "estimated": trips.estimated,
            "ways": int((trips.persons > 0).sum()),
            "children": float(trips.from_home(town.blocks.planned).total),
            "without_school": float(trips.notes.get("without_school", 0.0)),
        },
        "people": float(found.total),
        "from_home": float(found.from_home),
        "on_the_way": float(found.by_chain),
        "both": float(found.both),
        "only_from_home": float(found.only_from_home),
        "only_on_the_way": float(found.only_on_the_way),
        "neither": float(found.neither),
        "without_trip": float(found.without_trip),
        "home_too_late": float(found.home_too_late),
        "home_in_time": float(found.home_in_time),
        "half_extra_minutes": None if half is None else half.minutes,
        "ladder": [
            {"extra_minutes": step.minutes, "on_the_way": float(on), "none_near_home": float(alone)}
            for step, on, alone in _ladder(got)
        ],
        "by_unit": [
            {"unit": str(key), "people": float(people)}
            for key, people in zip(got.walks.units, found.by_unit, strict=True)
        ],
    }


def show_chain(town: "Town", got: "ChainAnswer", speech: Speech) -> None:
    """The two ways to a unit beside each other, what a longer detour would add, and what was taken as so."""
    words, found, trips = speech.words, got.found, got.trips
    labels = {group.id: dict(group.labels) for group in town.groups}
    themselves = found.group == trips.group
    group = words.say("cli.chain.children") if themselves else words.group(found.group, labels)
    said = {"within": words.minutes(found.within.minutes), "extra": words.minutes(found.most_extra.minutes)}
    total = float(found.total)

    def row(key: str, people: Persons) -> list[str]:
        count = float(people)
        return [
            words.say(f"cli.chain.{key}", **said),
            words.number(count),
            words.percent(count / total, 1) if total else "–",
        ]

    speech.table(
        words.say("cli.chain.title", town=town.name, group=group),
        [words.say(f"cli.head.{head}") for head in ("group", "people", "share")],
        [
            [group + (" *" if _is_formula(town, found.group) else ""), words.number(total), ""],
            row("from-home", found.from_home),
            row("on-the-way", found.by_chain),
            row("both", found.both),
            row("only-from-home", found.only_from_home),
            row("only-on-the-way", found.only_on_the_way),
            row("neither", found.neither),
        ],
    )
    speech.table(
        words.say("cli.chain.ladder"),
        [words.say(f"cli.chain.head.{head}") for head in ("extra", "people", "alone")],
        [
            [words.minutes(step.minutes), words.number(float(on)), words.number(float(alone))]
            for step, on, alone in _ladder(got)
        ],
    )
    speech.say(
        "cli.chain.day",
        stay=words.minutes(found.stay.minutes),
        window=words.minutes(found.window.minutes),
        walker=words.group(str(got.walks.to_door.notes["walker"]), {}),
        speed=words.number(got.walks.to_door.walking_speed * 3.6, 1),
    )
    half = found.extra_of_share(0.5)
    if half is not None:
        speech.say(
            "cli.chain.half", people=words.number(float(found.home_in_time)), minutes=words.minutes(half.minutes)
        )
    speech.say("cli.chain.compare", within=said["within"], double=words.minutes(2 * found.within.minutes))
    if not themselves:
        speech.say("cli.chain.everybody", group=words.people(found.group, labels))
    if float(found.without_trip):
        speech.say("cli.chain.without-trip", people=words.number(float(found.without_trip)))
    if float(found.home_too_late):
        speech.say("cli.chain.too-late", people=words.number(float(found.home_too_late)))
    if trips.estimated:
        speech.say(
            f"cli.chain.estimated-{trips.how}",
            children=words.number(float(trips.from_home(town.blocks.planned).total)),
            levels=words.listed(words.say(f"level.{name}") for name in str(trips.notes["levels"]).split(", ")),
            without=words.number(float(trips.notes["without_school"])),
            walk=words.minutes(float(trips.notes["walk_min"])),
        )
    if _is_formula(town, found.group):
        speech.say("cli.estimated-groups")
    if got.walks.estimated:
        speech.say("cli.estimated-times")
    if town.made_up:
        speech.say("cli.made-up")


def _ladder(got: "ChainAnswer") -> list[tuple[Duration, Persons, Persons]]:
    """Each step of extra minutes with the people it reaches, and those of them with no unit near home."""
    steps = sorted({*map(Duration.of, LADDER), got.found.most_extra, Duration(2 * got.found.within.deciseconds)})
    return [(step, *got.found.on_the_way_within(step)) for step in steps]


def _is_formula(town: "Town", group: str) -> bool:
    return any(one.estimated for one in town.groups if one.id == group)


def _write(got: "ChainAnswer", to: Path) -> None:
    from utopias.territory.trip_table import write_chains

    found, units = got.found, got.walks.units
    named = np.where(found.unit >= 0, units[found.unit], "") if len(units) else np.full(len(found.unit), "")
    write_chains(
        got.trips,
        unit=named,
        persons=found.persons,
        direct=found.direct,
        walk=found.walk,
        extra=found.extra,
        home_in_time=found.in_window,
        on_the_way=found.on_the_way,
        unit_near_home=found.near_trip,
        to=to,
    )
