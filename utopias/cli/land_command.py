"""``utopias screen``: which candidate plots may take a unit, which only if, and which not, each with its rule."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from utopias.cli.land_screen import show_joint, show_screening
from utopias.cli.speech import Speech
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.quantities import Length


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.screen"))
    def screen(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        rules: Annotated[Path | None, typer.Option(help=words.say("cli.option.rules"))] = None,
        join: Annotated[str | None, typer.Option(help=words.say("cli.screen.join"))] = None,
        least_area: Annotated[float, typer.Option(help=words.say("cli.screen.least-area"))] = 5_000.0,
        into: Annotated[Path | None, typer.Option(help=words.say("cli.screen.into"))] = None,
        replace: Annotated[bool, typer.Option("--replace", help=words.say("cli.option.replace"))] = False,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.domain.folders import must_be_free
        from utopias.land import has_land_facts, joined_town, joint_sites, read_rules
        from utopias.land import screen as judge
        from utopias.territory.town_folder import read_town, write_town

        if into is not None:
            must_be_free(into, replace=replace, kind="town.toml")
        gap = None if join is None else Length.of(join)
        asked = read_rules(rules)
        place = read_town(town)
        found = judge(place, asked)
        joint = joint_sites(place, found, gap=gap, least_area=least_area)
        after = joined_town(place, joint)
        verdicts = {site.id: site for site in judge(after, asked).sites}
        if into is not None:
            if not joint:
                raise ProblemError(_nothing_to_join(join))
            write_town(after, into, replace=replace)
        if json:
            told = [{**asdict(one), "verdict": verdicts[one.id].verdict} for one in joint]
            speech.answer({"town": place.name, "made_up": place.made_up, **found.to_json(), "joint": told})
            return
        if place.made_up:
            speech.say("cli.made-up")
        if has_land_facts(place):
            show_screening(found, speech)
        else:  # the same row of unknowns for every plot would tell nobody anything
            speech.say("cli.screen.no-facts")
        if join is not None or joint:
            show_joint(joint, verdicts, speech)
        if into is not None:
            speech.say("cli.written", file=str(into))


def _nothing_to_join(join: str | None) -> Fault:
    if join is None:
        mend = 'say how far apart plots may lie (--join "20 m"), or write site_group in their table'
    else:
        mend = "allow a wider gap (--join) or a smaller site (--least-area)"
    return Fault(
        "nothing-to-join", "no plots of the town form a joint site, so there is no other town to write", mend=mend
    )
