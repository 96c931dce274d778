"""``utopias stand`` and ``utopias draw``: a plan with a unit closed, with the people of another year, and whom it draws."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from utopias.cli.line import Line, groups_with
from utopias.cli.named import named, names_of
from utopias.cli.speech import Speech
from utopias.domain.plan import Plan
from utopias.language.values import value_number, value_unit

if TYPE_CHECKING:
    from utopias.domain.closure import Closure
    from utopias.scenario.drawn import Drawn
    from utopias.siting.doubt.in_worlds import InWorlds

SHOWN = 12


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the commands of this family."""
    words = speech.words

    @app.command(help=words.say("cli.stand"))
    def stand(
        plan: Annotated[Path, typer.Argument(help=words.say("cli.argument.plan"))],
        later: Annotated[list[str] | None, typer.Option(help=words.say("cli.stand.later"))] = None,
        judge: Annotated[str, typer.Option(help=words.say("cli.stand.judge"), metavar="mean|worst")] = "worst",
        time_limit: Annotated[str, typer.Option(help=words.say("cli.site.time-limit"))] = "1 min",
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.scenario.closures import closures

        line = Line(words)
        judged, limit = line.judge(judge), line.time(time_limit, "--time-limit")
        read = line.tried(lambda: Plan.load(plan), None)
        town = {} if read is None or read.study is None else read.study.town
        counted = {str(one["id"]): dict(one.get("labels", {})) for one in town.get("groups", ())}
        groups = groups_with({"all": {}, **counted}) if counted else None
        worlds = dict(line.world(told, groups) for told in later or ())
        line.done()
        assert read is not None
        closed = closures(read)
        found = None
        if worlds:
            from utopias.scenario.in_worlds import plan_in_worlds

            with speech.working() as progress:
                found = plan_in_worlds(read, worlds, judge=judged, time_limit=limit, progress=progress)
        if json:
            speech.answer(_stand_json(closed, found))
            return
        _made_up(read)
        _show_closures(closed)
        if found is not None:
            _show_worlds(read, *found)

    def _show_closures(closed: list["Closure"]) -> None:
        rooms = any(one.rooms for one in closed)
        heads = ("within", "second", "lose") if not rooms else ("placed", "placed-elsewhere", "lose-place")
        speech.table(
            words.say("cli.stand.closures"),
            [words.say(f"cli.head.{name}") for name in ("unit", *heads, "minutes-more")],
            [
                [
                    one.name or one.place_id,
                    words.number(one.within),
                    words.number(one.second),
                    words.number(one.lose),
                    "–" if one.minutes_more is None else words.number(one.minutes_more, 1),
                ]
                for one in closed[:SHOWN]
            ],
        )
        if len(closed) > SHOWN:
            speech.say("cli.stand.more", count=len(closed) - SHOWN)
        if rooms:
            speech.say("cli.stand.rooms")

    def _show_worlds(plan: Plan, own: dict[str, float], found: "InWorlds") -> None:
        from utopias.scenario.in_worlds import TODAY

        def told(value: float) -> str:
            return value_number(words, plan.aim, value)

        speech.table(
            words.say("cli.stand.worlds", unit=value_unit(words, plan.aim, plan.weighted_by)),
            [words.say(f"cli.head.{name}") for name in ("world", "this-plan", "best-there", "regret", "judged-plan")],
            [
                [
                    words.say("cli.stand.today") if world == TODAY else world,
                    told(own[world]),
                    told(found.best[world][0]),
                    words.percent(abs(found.best[world][0] - own[world]) / max(abs(found.best[world][0]), 1e-9), 1),
                    told(found.values[world]),
                ]
                for world in found.values
            ],
        )
        known = list(names_of(plan).items())
        gap = words.percent(found.gap, 2)
        if set(found.plan.sites) == set(plan.sites):
            speech.say(f"cli.stand.same.{found.judge}", gap=gap)
        else:
            opens = "; ".join(named(*known[i]) for i in found.plan.sites)
            speech.say(f"cli.stand.judged.{found.judge}", sites=opens, gap=gap)
        if plan.flows is not None:
            speech.say("cli.stand.rooms-compared")
        elif plan.aim not in ("cover-most", "least-walk"):
            speech.say("cli.stand.compared")
        speech.say("cli.stand.same-factor")

    def _made_up(plan: Plan) -> None:
        if plan.study is not None and plan.study.town.get("made_up"):
            speech.say("cli.made-up")

    @app.command(help=words.say("cli.draw"))
    def draw(
        plan: Annotated[Path, typer.Argument(help=words.say("cli.argument.plan"))],
        stops: Annotated[Path | None, typer.Option(help=words.say("cli.draw.stops"))] = None,
        counts: Annotated[Path | None, typer.Option(help=words.say("cli.draw.counts"))] = None,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.scenario.drawn import draw_users
        from utopias.territory.counts import read_counts
        from utopias.territory.stops import read_stops

        read = Plan.load(plan)
        crs = str(read.study.town.get("crs", "")) if read.study is not None else ""
        found = draw_users(
            read,
            counts=None if counts is None else read_counts(counts),
            stops=None if stops is None else read_stops(stops, crs),
        )
        if json:
            speech.answer(_draw_json(found))
        else:
            _made_up(read)
            _show_draw(found)
            if read.flows is not None:
                speech.say("cli.stand.no-rooms")

    def _show_draw(found: "Drawn") -> None:
        def span(values: list[float]) -> str:
            low, high = min(values), max(values)
            return words.number(low, 0) if len(values) == 1 else f"{words.number(low, 0)}–{words.number(high, 0)}"

        speech.say(
            "cli.draw.sum",
            users=span([run.users for run in found.runs]),
            others=span([run.from_others for run in found.runs]),
            newcomers=span([run.newcomers for run in found.runs]),
        )
        speech.table(
            words.say("cli.draw.units"),
            [words.say(f"cli.head.{name}") for name in ("unit", "users-before", "users-after")],
            [
                [row["name"] or row["place_id"], "–" if row["new"] else span(row["before"]), span(row["after"])]
                for row in found.rows()[: len(found.sites) + SHOWN]
            ],
        )
        if found.explained is None:
            speech.say("cli.draw.declared")
        else:
            pull = found.pulls[0]
            speech.say(
                "cli.draw.fitted",
                decay=pull.decay,
                alpha=words.number(pull.alpha, 2),
                home=words.number(pull.home, 2),
                share=words.percent(found.explained, 0),
            )


def _stand_json(closed: list["Closure"], found: "tuple[dict[str, float], InWorlds] | None") -> dict[str, Any]:
    from dataclasses import asdict

    told: dict[str, Any] = {"closures": [asdict(one) for one in closed]}
    if found is not None:
        own, judged = found
        told["worlds"] = {
            "judge": judged.judge,
            "plan": own,
            "best": {world: {"value": value, "bound": bound} for world, (value, bound) in judged.best.items()},
            "judged_plan": {"sites": list(judged.plan.sites), "values": judged.values, "shares": judged.shares},
            "value": judged.value,
            "bound": judged.bound,
            "proven": judged.proven,
        }
    return told


def _draw_json(found: "Drawn") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "parameters": [asdict(pull) for pull in found.pulls],
        "deviance_explained": found.explained,
        "users": [run.users for run in found.runs],
        "from_others": [run.from_others for run in found.runs],
        "newcomers": [run.newcomers for run in found.runs],
        "units": found.rows(),
    }
