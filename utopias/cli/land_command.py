"""``utopias screen``: which candidate plots may take a unit, which only if, and which not, each with its rule."""

from pathlib import Path
from typing import Annotated

import typer

from utopias.cli.land_screen import show_screening
from utopias.cli.speech import Speech


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.screen"))
    def screen(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        rules: Annotated[Path | None, typer.Option(help=words.say("cli.option.rules"))] = None,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.land import has_land_facts, read_rules
        from utopias.land import screen as judge
        from utopias.territory.town_folder import read_town

        asked = read_rules(rules)
        place = read_town(town)
        found = judge(place, asked)
        if json:
            speech.answer({"town": place.name, "made_up": place.made_up, **found.to_json()})
            return
        if place.made_up:
            speech.say("cli.made-up")
        if not has_land_facts(place):
            speech.say("cli.screen.no-facts")
        show_screening(found, speech)
