"""``utopias what-if``: who would gain a unit within reach and who would lose one, if something changed."""

from pathlib import Path
from typing import Annotated

import typer

from utopias.cli.speech import Speech
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence


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
        from utopias.territory.drawn_lines import read_lines
        from utopias.territory.town_folder import read_town

        limit = Duration.of(within)
        dark = DAYLIGHT if after_dark is None else after_dark
        walking = {"walker": walker, "speed": speed, "slope": slope, "after_dark": dark}
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
            for unit in add or []:
                name, x, y = _unit(unit)
                scenario = scenario.add_unit(name, x=x, y=y)
            progress("travel-times", 0.0)
            found = apply(scenario, runner=Runner.here())
        groups, units = found.groups, found.units
        if json:
            speech.answer(
                {
                    "town": place.name,
                    "made_up": place.made_up,
                    "within_minutes": limit.minutes,
                    "walker": walker,
                    "estimated_times": place.streets is None,
                    "groups": groups.to_dict("records"),
                    "units": units.to_dict("records"),
                }
            )
            return
        labels = {group.id: dict(group.labels) for group in place.groups}
        speech.table(
            words.say("cli.what-if.title", town=place.name, minutes=words.minutes(limit.minutes)),
            [words.say(f"cli.head.{head}") for head in ("group", "before", "after", "gain", "loss")],
            [
                [
                    words.group(str(row["group"]), labels) + (" *" if row["estimated"] else ""),
                    *(
                        words.number(float(n))
                        for n in (row[key] for key in ("within_before", "within_after", "gain", "loss"))
                    ),
                ]
                for row in groups.to_dict("records")
            ],
        )
        shown = units[units.added] if units.added.any() else units
        speech.table(
            words.say("cli.what-if.units"),
            [words.say(f"cli.head.{head}") for head in ("unit", "people", "no-other")],
            [
                [str(row["place_id"]), words.number(float(row["people"])), words.number(float(row["no_other"]))]
                for row in shown.to_dict("records")
            ],
        )
        for row in units[~units.attached].to_dict("records"):
            speech.say("cli.what-if.apart", unit=str(row["place_id"]))
        if groups.estimated.any():
            speech.say("cli.estimated-groups")
        if place.streets is None:
            speech.say("cli.estimated-times")
        if place.made_up:
            speech.say("cli.made-up")


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
