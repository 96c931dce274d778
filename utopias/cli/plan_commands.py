"""``utopias site`` and ``utopias compare``: a plan with its certificate, and before and after for whom."""

from pathlib import Path
from typing import Annotated

import typer

from utopias.cli.line import Line, groups_in, services_in
from utopias.cli.plan_screen import plan_json, show_comparison, show_plan
from utopias.cli.speech import Speech
from utopias.domain.aim import SOLVED
from utopias.domain.plan import Plan

STOPPED = 130


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the commands of this family."""
    words = speech.words

    aims = ", ".join(SOLVED)

    @app.command(help=words.say("cli.site", aims=aims))
    def site(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        out: Annotated[Path, typer.Option(help=words.say("cli.site.out"))],
        open_: Annotated[int | None, typer.Option("--open", help=words.say("cli.site.open"))] = None,
        budget: Annotated[str | None, typer.Option(help=words.say("cli.site.budget"))] = None,
        aim: Annotated[str, typer.Option(help=words.say("cli.site.aim", aims=aims))] = "cover-most",
        for_: Annotated[str, typer.Option("--for", help=words.say("cli.site.for"))] = "all",
        within: Annotated[str, typer.Option(help=words.say("cli.option.within"))] = "15 min",
        walker: Annotated[str, typer.Option(help=words.say("cli.option.walker"))] = "adult",
        speed: Annotated[str | None, typer.Option(help=words.say("cli.option.speed"))] = None,
        slope: Annotated[str, typer.Option(help=words.say("cli.option.slope"))] = "tobler",
        after_dark: Annotated[float, typer.Option(help=words.say("cli.option.after-dark"))] = 1.0,
        weigh_by: Annotated[str | None, typer.Option(help=words.say("cli.site.weigh-by"))] = None,
        forced: Annotated[list[str] | None, typer.Option(help=words.say("cli.site.forced"))] = None,
        forbidden: Annotated[list[str] | None, typer.Option(help=words.say("cli.site.forbidden"))] = None,
        times: Annotated[Path | None, typer.Option(help=words.say("cli.site.times"))] = None,
        times_unit: Annotated[str | None, typer.Option(help=words.say("cli.site.times-unit"), metavar="min|s")] = None,
        times_within: Annotated[str | None, typer.Option(help=words.say("cli.site.times-within"))] = None,
        circuity: Annotated[float, typer.Option(help=words.say("cli.site.circuity"))] = 1.3,
        participation: Annotated[list[float] | None, typer.Option(help=words.say("cli.site.participation"))] = None,
        room_of: Annotated[str | None, typer.Option(help=words.say("cli.site.room-of"))] = None,
        closed: Annotated[list[str] | None, typer.Option(help=words.say("cli.site.closed"))] = None,
        aversion: Annotated[float, typer.Option(help=words.say("cli.site.aversion"))] = 1.0,
        severity: Annotated[int | None, typer.Option(help=words.say("cli.site.severity"))] = None,
        decay: Annotated[str | None, typer.Option(help=words.say("cli.site.decay"))] = None,
        value_of_time: Annotated[float | None, typer.Option(help=words.say("cli.site.value-of-time"))] = None,
        cover_times: Annotated[int | None, typer.Option(help=words.say("cli.site.cover-times"))] = None,
        unreachable: Annotated[
            str | None, typer.Option(help=words.say("cli.site.unreachable"), metavar="refuse|leave-out")
        ] = None,
        catalogue: Annotated[Path | None, typer.Option(help=words.say("cli.site.catalogue"))] = None,
        land: Annotated[bool | None, typer.Option("--land/--no-land", help=words.say("cli.site.land"))] = None,
        rules: Annotated[Path | None, typer.Option(help=words.say("cli.option.rules"))] = None,
        waive: Annotated[list[str] | None, typer.Option(help=words.say("cli.site.waive"))] = None,
        draws: Annotated[int, typer.Option(min=0, help=words.say("cli.site.draws"))] = 100,
        time_limit: Annotated[str, typer.Option(help=words.say("cli.site.time-limit"))] = "2 min",
        seed: Annotated[int, typer.Option(help=words.say("cli.option.seed"))] = 7,
        replace: Annotated[bool, typer.Option("--replace", help=words.say("cli.option.replace"))] = False,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.domain.folders import Claim
        from utopias.land import read_rules
        from utopias.scenario.answer import answer, was_stopped
        from utopias.scenario.question import Question, faults_of_line
        from utopias.territory.od_table import read_travel_times
        from utopias.territory.town_folder import read_town

        line = Line(words)
        terms = {
            "severity": severity,
            "decay": decay,
            "value_of_time": value_of_time,
            "times": cover_times,
            "unreachable": unreachable,
        }
        claim = line.tried(lambda: Claim(out, replace=replace, kind="plan.json"), None)
        modules = line.catalogue(catalogue)
        question = Question(
            group=line.group(for_, groups_in(town)),
            aim=line.aim(aim),
            terms={name: value for name, value in terms.items() if value is not None},
            within=line.time(within, "--within"),
            open=open_,
            budget=line.money(budget, "--budget"),
            walker=line.walker(walker),
            speed=speed,
            slope=slope,
            after_dark=after_dark,
            weigh_by=line.index(weigh_by),
            forced=tuple(forced or ()),
            forbidden=tuple(forbidden or ()),
            circuity=circuity,
            participation=tuple(participation or Question().participation),
            room_of=None if room_of is None else line.services([room_of], services_in(town, modules), "--room-of")[0],
            closed=line.closures(closed or ()),
            aversion=aversion,
            catalogue=modules,
            land=land,
            rules=None if rules is None else line.tried(lambda: read_rules(rules), None),
            waive=tuple(waive or ()),
            draws=draws,
            time_limit=line.time(time_limit, "--time-limit"),
            seed=seed,
        )
        line.faults += faults_of_line(question, known=line.faults)
        line.done()
        assert claim is not None
        with speech.working() as progress:
            progress("reading", 0.0)
            place = read_town(town)
            table = None if times is None else read_travel_times(times, place, unit=times_unit, within=times_within)
            plan = answer(
                place,
                question,
                times=table,
                progress=progress,
                keep=lambda good: claim.write(lambda over: good.save(out, replace=over)),
            )
        show(plan, out, json)
        if was_stopped(plan, question):
            speech.whisper("cli.site.interrupted", folder=str(out))
            raise typer.Exit(STOPPED)

    def show(plan: Plan, folder: Path, json: bool) -> None:
        if json:
            speech.answer(plan_json(plan))
        else:
            show_plan(plan, speech)
            speech.say("cli.site.saved", folder=str(folder))

    @app.command(help=words.say("cli.compare"))
    def compare(
        plan: Annotated[Path, typer.Argument(help=words.say("cli.argument.plan"))],
        other: Annotated[Path | None, typer.Argument(help=words.say("cli.compare.other"))] = None,
        by: Annotated[str, typer.Option(help=words.say("cli.compare.by"))] = "need",
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.scenario import compare as compare_plans

        first = Plan.load(plan)
        second = None if other is None else Plan.load(other)
        table = compare_plans(None, first, second, by=by)
        if json:
            speech.answer(
                {
                    "by": table.by,
                    "within_minutes": table.within.minutes,
                    "counted": table.counted,
                    "rows": table.frame.to_dict(orient="records"),
                }
            )
        else:
            show_comparison(table, first, speech, against=None if other is None else str(other))
