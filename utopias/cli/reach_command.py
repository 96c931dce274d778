"""``utopias reach``: travel times on foot, and who reaches a unit today."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from utopias.cli.speech import Speech
from utopias.domain.quantities import Duration
from utopias.domain.travel_times import Status


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.reach"))
    def reach(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        on_foot: Annotated[bool, typer.Option("--on-foot", help=words.say("cli.option.on-foot"))] = True,  # noqa: ARG001
        within: Annotated[str, typer.Option(help=words.say("cli.option.within"))] = "15 min",
        walker: Annotated[str, typer.Option(help=words.say("cli.option.walker"))] = "adult",
        to: Annotated[Path | None, typer.Option(help=words.say("cli.reach.to"))] = None,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.access.measures import people_within
        from utopias.scenario.answer import walk
        from utopias.territory.od_write import must_be_table, write_travel_times
        from utopias.territory.town_folder import read_town

        limit = Duration.of(within)
        if to is not None:
            must_be_table(to)
        with speech.working() as progress:
            progress("reading", 0.0)
            place = read_town(town)
            times = walk(place, walker=walker, within=limit, progress=progress)
            if to is not None:
                progress("writing", 0.0)
                write_travel_times(times, to)
        units = times.to(place.fixed)
        rows = []
        for group in ("all", *place.blocks.groups):
            demand = place.demand(group)
            reached = float(people_within(units, demand, limit))
            rows.append(
                {
                    "group": group,
                    "estimated": demand.estimated,
                    "people": float(demand.total),
                    "within": reached,
                    "share": reached / float(demand.total) if float(demand.total) else None,
                }
            )
        cut = place.blocks.is_cut(limit, times.walking_speed) & place.blocks.planned
        apart = (np.asarray(times.origin_status) != Status.ATTACHED) & place.blocks.planned
        answer = {
            "town": place.name,
            "made_up": place.made_up,
            "within_minutes": limit.minutes,
            "walker": walker,
            "estimated_times": times.estimated,
            "units": len(place.fixed),
            "groups": rows,
            "cut_people": float(place.blocks.people[cut].sum()),
            "apart_people": float(place.blocks.people[apart].sum()),
        }
        if json:
            speech.answer(answer)
            return
        labels = {group.id: dict(group.labels) for group in place.groups}
        speech.table(
            words.say("cli.reach.title", town=place.name, minutes=words.minutes(limit.minutes)),
            [words.say(f"cli.head.{head}") for head in ("group", "people", "within", "share")],
            [
                [
                    words.group(str(row["group"]), labels) + (" *" if row["estimated"] else ""),
                    words.number(float(str(row["people"]))),
                    words.number(float(str(row["within"]))),
                    "–" if row["share"] is None else words.percent(float(str(row["share"])), 1),
                ]
                for row in rows
            ],
        )
        if any(row["estimated"] for row in rows):
            speech.say("cli.estimated-groups")
        if times.estimated:
            speech.say("cli.estimated-times")
        if place.made_up:
            speech.say("cli.made-up")
        if answer["apart_people"]:
            speech.say("cli.apart", people=words.number(float(str(answer["apart_people"]))))
        speech.say("cli.cut", people=words.number(float(str(answer["cut_people"]))))
