"""``utopias what-if``: who would gain a unit within reach and who would lose one, if something changed."""

from collections.abc import Hashable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from utopias.cli.line import Line
from utopias.cli.speech import Speech
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.language.words import Words

if TYPE_CHECKING:
    from utopias.scenario.what_if import WhatIf


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command("what-if", help=words.say("cli.what-if"))
    def what_if(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        add: Annotated[list[str] | None, typer.Option(help=words.say("cli.what-if.add"))] = None,
        remove: Annotated[list[str] | None, typer.Option(help=words.say("cli.what-if.remove"))] = None,
        barrier: Annotated[list[Path] | None, typer.Option(help=words.say("cli.what-if.barrier"))] = None,
        footbridge: Annotated[list[Path] | None, typer.Option(help=words.say("cli.what-if.footbridge"))] = None,
        within: Annotated[str, typer.Option(help=words.say("cli.option.within"))] = "15 min",
        walker: Annotated[str, typer.Option(help=words.say("cli.option.walker"))] = "adult",
        speed: Annotated[str | None, typer.Option(help=words.say("cli.option.speed"))] = None,
        slope: Annotated[str, typer.Option(help=words.say("cli.option.slope"))] = "tobler",
        after_dark: Annotated[float | None, typer.Option(help=words.say("cli.option.after-dark"))] = None,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.network.effort import DAYLIGHT
        from utopias.scale import Runner
        from utopias.scenario import Scenario, apply
        from utopias.scenario.reaching import Walk, faults_of_walk
        from utopias.territory.drawn_lines import read_lines
        from utopias.territory.town_folder import read_town

        typed = Line(words)
        limit = typed.time(within, "--within")
        dark = DAYLIGHT if after_dark is None else after_dark
        walking = {"walker": typed.walker(walker), "speed": speed, "slope": slope, "after_dark": dark}
        typed.faults += faults_of_walk(
            Walk(str(walking["walker"]), limit, speed=speed, slope=slope, after_dark=dark), known=typed.faults
        )
        nowhere: tuple[str, float | None, float | None] = ("", None, None)
        points = [typed.tried(partial(_unit, one), nowhere) for one in add or []]
        typed.done()
        with speech.working() as progress:
            progress("reading", 0.0)
            place = read_town(town)
            scenario = Scenario(place, within=limit, walking=walking)
            for role, files in (("barrier", barrier), ("footbridge", footbridge)):
                for file in files or []:
                    for line in read_lines(file, place.crs):
                        scenario = getattr(scenario, role)(line)
            for unit in remove or []:
                scenario = scenario.remove(unit)
            for name, x, y in points:
                scenario = scenario.add_unit(name, x=x, y=y)
            progress("travel-times", 0.0)
            found = apply(scenario, runner=Runner.here())
        if json:
            speech.answer(
                {
                    "town": place.name,
                    "made_up": place.made_up,
                    "within_minutes": limit.minutes,
                    **walking,
                    "estimated_times": place.streets is None,
                    "idle_barriers": found.idle,
                    "groups": found.groups.to_dict("records"),
                    "units": found.units.to_dict("records"),
                }
            )
            return
        _show(found, walking, speech)


def _show(found: "WhatIf", walking: dict[str, Any], speech: Speech) -> None:
    words, town, edits = speech.words, found.today.town, found.scenario.edits
    labels = {group.id: dict(group.labels) for group in town.groups}
    groups, units = found.groups, found.units
    speech.table(
        words.say("cli.what-if.title", town=town.name, minutes=words.minutes(found.today.within.minutes)),
        [words.say(f"cli.head.{head}") for head in ("group", "before", "after", "gain", "loss")],
        [
            [
                words.group(str(row["group"]), labels) + (" *" if row["estimated"] else ""),
                *(words.number(float(row[key])) for key in ("within_before", "within_after", "gain", "loss")),
            ]
            for row in groups.to_dict("records")
        ],
    )
    moved = units[units.added | units.closed | (units.people_before != units.people_after)]
    if len(moved):
        counts = ("people_before", "people_after", "no_other")
        speech.table(
            words.say("cli.what-if.units"),
            [words.say(f"cli.head.{head}") for head in ("unit", "before", "after", "no-other")],
            [
                [_called(row, words), *(words.number(float(row[key])) for key in counts)]
                for row in moved.to_dict("records")
            ],
        )
    if not edits:
        speech.say("cli.what-if.nothing")
    for row in units[~units.attached].to_dict("records"):
        speech.say("cli.what-if.apart", unit=str(row["place_id"]))
    if found.idle:
        speech.out.print(words.plural("cli.what-if.idle", found.idle), markup=False)
    roles = {getattr(edit, "role", "unit") for edit in edits}
    if roles == {"barrier"} and found.gain[0] > 0:
        speech.say("cli.what-if.rejoined")
    told = [
        words.say("cli.what-if.walker", walker=words.group(str(walking["walker"]), {})),
        words.say("cli.what-if.speed", speed=str(walking["speed"])) if walking["speed"] else "",
        words.say("cli.what-if.dark", factor=words.trimmed(walking["after_dark"], 2))
        if walking["after_dark"] > 1
        else "",
    ]
    speech.out.print(" ".join(filter(None, told)), markup=False)
    if groups.estimated.any():
        speech.say("cli.estimated-groups")
    if town.streets is None:
        speech.say("cli.estimated-times")
    if town.made_up:
        speech.say("cli.made-up")


def _called(row: dict[Hashable, Any], words: Words) -> str:
    """The id and the name of a unit, and what becomes of it."""
    name = str(row["place_id"]) if row["name"] == row["place_id"] else f"{row['place_id']} {row['name']}"
    change = "added" if row["added"] else "closed" if row["closed"] else ""
    return f"{name} ({words.say(f'cli.what-if.{change}')})" if change else name


def _unit(text: str) -> tuple[str, float | None, float | None]:
    """``S051``, the id of a site; or ``name@x,y``, a point in metres of the town's system."""
    name, at, point = text.rpartition("@")
    if not at:
        return text, None, None
    try:
        x, y = (float(number) for number in point.split(","))
    except ValueError:
        raise ProblemError(
            Fault(
                "no-coordinates",
                Sentence("{text!r} names no point", text=text),
                "--add",
                "write the id of a site, or name@x,y in metres of the town's reference system",
            )
        ) from None
    return name, x, y
