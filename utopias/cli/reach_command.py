"""``utopias reach``: travel times on foot, who reaches a unit today, and who gets home from it."""

from pathlib import Path
from typing import Annotated

import typer

from utopias.cli.line import Line
from utopias.cli.reach_screen import reach_json, show_reach
from utopias.cli.speech import Speech


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.reach"))
    def reach(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        on_foot: Annotated[bool, typer.Option("--on-foot", help=words.say("cli.option.on-foot"))] = True,  # noqa: ARG001
        within: Annotated[str, typer.Option(help=words.say("cli.option.within"))] = "15 min",
        walker: Annotated[str, typer.Option(help=words.say("cli.option.walker"))] = "adult",
        speed: Annotated[str | None, typer.Option(help=words.say("cli.option.speed"))] = None,
        slope: Annotated[str, typer.Option(help=words.say("cli.option.slope"))] = "tobler",
        after_dark: Annotated[float | None, typer.Option(help=words.say("cli.option.after-dark"))] = None,
        way_home: Annotated[bool, typer.Option("--way-home", help=words.say("cli.reach.way-home"))] = False,
        to: Annotated[Path | None, typer.Option(help=words.say("cli.reach.to"))] = None,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.scenario.reaching import Walk, faults_of_walk, reached
        from utopias.territory.od_write import must_be_table, write_travel_times
        from utopias.territory.town_folder import read_town

        line = Line(words)
        asked = Walk(
            line.walker(walker),
            line.time(within, "--within"),
            speed=speed,
            slope=slope,
            after_dark=after_dark,
            way_home=way_home,
        )
        if to is not None:
            line.tried(lambda: must_be_table(to), None)
        line.faults += faults_of_walk(asked, known=line.faults)
        line.done()
        with speech.working() as progress:
            progress("reading", 0.0)
            place = read_town(town)
            found = reached(place, asked, progress=progress)
            if to is not None:
                progress("writing", 0.0)
                write_travel_times(found.times, to)
        if json:
            speech.answer(reach_json(place, asked, found))
        else:
            show_reach(place, asked, found, speech)
