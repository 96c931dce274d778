"""What lets people choose: ``why``, ``alternatives``, ``trade-off`` and ``improve``."""

from pathlib import Path
from typing import Annotated

import typer

from utopias.cli.choose_screen import choices_json, show_choices, show_curve, show_why, why_json
from utopias.cli.line import Line, groups_in
from utopias.cli.plan_screen import plan_json, show_plan
from utopias.cli.speech import Speech
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence

STOPPED = 130


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the commands of this family."""
    words = speech.words

    @app.command(help=words.say("cli.why"))
    def why(
        plan: Annotated[Path, typer.Argument(help=words.say("cli.argument.plan"))],
        site: Annotated[str | None, typer.Option(help=words.say("cli.why.site"))] = None,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.scenario.choosing import question_of
        from utopias.scenario.walks import limit_of, study_of
        from utopias.siting.choose.explain import explain

        loaded = Plan.load(plan)
        study = study_of(None, loaded)
        if site is not None:
            _must_be_candidate(loaded, site)
        limit, _ = limit_of(loaded, study)
        told = explain(question_of(loaded), loaded.with_(within=limit))
        if json:
            speech.answer(why_json(told, loaded, site))
        else:
            show_why(told, loaded, speech, site)

    @app.command(help=words.say("cli.alternatives"))
    def alternatives(
        plan: Annotated[Path, typer.Argument(help=words.say("cli.argument.plan"))],
        within: Annotated[str, typer.Option(help=words.say("cli.alternatives.within"))] = "0.5%",
        count: Annotated[int, typer.Option(help=words.say("cli.alternatives.count"))] = 10,
        near: Annotated[str, typer.Option(help=words.say("cli.alternatives.near"))] = "400 m",
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.scenario.choosing import choices

        share = _share(within)
        loaded = Plan.load(plan)
        found = choices(loaded, within=share, count=count, near=near)
        if json:
            speech.answer(choices_json(found, loaded))
        else:
            show_choices(found, loaded, speech)

    @app.command("trade-off", help=words.say("cli.trade-off"))
    def trade_off(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        between: Annotated[str, typer.Option(help=words.say("cli.trade-off.between"))] = "cover-most,smallest-worst",
        out: Annotated[Path | None, typer.Option(help=words.say("cli.trade-off.out"))] = None,
        open_: Annotated[int | None, typer.Option("--open", help=words.say("cli.site.open"))] = None,
        budget: Annotated[str | None, typer.Option(help=words.say("cli.site.budget"))] = None,
        points: Annotated[int, typer.Option(help=words.say("cli.trade-off.points"))] = 7,
        for_: Annotated[str, typer.Option("--for", help=words.say("cli.site.for"))] = "all",
        within: Annotated[str, typer.Option(help=words.say("cli.option.within"))] = "15 min",
        walker: Annotated[str, typer.Option(help=words.say("cli.option.walker"))] = "adult",
        weigh_by: Annotated[str | None, typer.Option(help=words.say("cli.site.weigh-by"))] = None,
        forced: Annotated[list[str] | None, typer.Option(help=words.say("cli.site.forced"))] = None,
        forbidden: Annotated[list[str] | None, typer.Option(help=words.say("cli.site.forbidden"))] = None,
        land: Annotated[bool | None, typer.Option("--land/--no-land", help=words.say("cli.site.land"))] = None,
        time_limit: Annotated[str, typer.Option(help=words.say("cli.site.time-limit"))] = "1 min",
        seed: Annotated[int, typer.Option(help=words.say("cli.option.seed"))] = 7,
        replace: Annotated[bool, typer.Option("--replace", help=words.say("cli.option.replace"))] = False,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.domain.folders import Claim
        from utopias.domain.trade_off import FILE
        from utopias.scenario.choosing import curve
        from utopias.scenario.question import Question, faults_of_line
        from utopias.siting.curve.trade_off import faults_of_pair
        from utopias.territory.town_folder import read_town

        line = Line(words)
        groups = groups_in(town)
        claim = None if out is None else line.tried(lambda: Claim(out, replace=replace, kind=FILE), None)
        aims = tuple(line.side(part.strip(), groups) for part in between.split(","))
        line.faults += [one for one in faults_of_pair(aims, points) if one.code not in {f.code for f in line.faults}]
        question = Question(
            group=line.group(for_, groups),
            within=line.time(within, "--within"),
            open=open_,
            budget=line.money(budget, "--budget"),
            walker=line.walker(walker),
            weigh_by=line.index(weigh_by),
            forced=tuple(forced or ()),
            forbidden=tuple(forbidden or ()),
            land=land,
            time_limit=line.time(time_limit, "--time-limit"),
            seed=seed,
        )
        line.faults += faults_of_line(question, known=line.faults)
        line.done()
        with speech.working() as progress:
            progress("reading", 0.0)
            found = curve(read_town(town), question, aims, points=points, progress=progress)  # type: ignore[arg-type]
        if claim is not None:
            claim.write(lambda over: found.save(claim.target, replace=over))
        if json:
            speech.answer(found.to_json())
        else:
            show_curve(found, speech)
            if out is not None:
                speech.say("cli.trade-off.saved", folder=str(out))

    @app.command(help=words.say("cli.improve"))
    def improve(
        plan: Annotated[Path, typer.Argument(help=words.say("cli.argument.plan"))],
        time_limit: Annotated[str, typer.Option(help=words.say("cli.site.time-limit"))] = "2 min",
        out: Annotated[Path | None, typer.Option(help=words.say("cli.improve.out"))] = None,
        seed: Annotated[int, typer.Option(help=words.say("cli.option.seed"))] = 7,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.domain.folders import Claim
        from utopias.language.values import value_number
        from utopias.scenario.choosing import question_of
        from utopias.scenario.findings import findings
        from utopias.siting.choose.improve import improve as steps_from

        begun = Plan.load(plan)
        claim = Claim(plan if out is None else out, replace=True, kind="plan.json")
        problem = question_of(begun)
        named = begun.study.places["name"].astype(str).tolist() if begun.study is not None else []
        steps = steps_from(
            problem, begun, aim=begun.asked, within=begun.within or "15 min", time_limit=time_limit, seed=seed
        )
        last = None
        try:
            for step in steps:
                if last is None and (step.added or step.dropped):
                    speech.whisper(
                        "cli.improve.completed",
                        added=words.listed(named[i] for i in step.added) or "–",
                        dropped=words.listed(named[i] for i in step.dropped) or "–",
                    )
                if last is None or step.value != last.value or step.sites != last.sites or step.stopped:
                    speech.whisper(
                        "cli.improve.step",
                        seconds=words.number(step.seconds, 1),
                        value=value_number(words, begun.aim, step.value),
                        bound=value_number(words, begun.aim, step.bound),
                        gap=words.percent(step.gap, 2),
                    )
                last = step
        except KeyboardInterrupt:
            if last is None:
                raise
        assert last is not None
        best = last.plan()
        best = best.with_(findings=findings(problem, best))
        claim.write(lambda over: best.save(claim.target, replace=over))
        if json:
            speech.answer(plan_json(best))
        else:
            show_plan(best, speech)
            speech.say("cli.site.saved", folder=str(claim.target))
        if best.stopped == "user":
            raise typer.Exit(STOPPED)


def _share(written: str) -> float:
    """``0.5%`` or ``0.005`` as a share."""
    text = written.strip().replace(" ", "")
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise ProblemError(
            Fault("bad-within", Sentence("within is {within!r}", within=written), "--within", "a share, as 0.5%")
        ) from None


def _must_be_candidate(plan: Plan, site: str) -> None:
    study = plan.study
    assert study is not None
    candidates = study.places["place_id"][study.places["role"] == "candidate"].astype(str).tolist()
    if site not in candidates:
        raise ProblemError(
            Fault(
                "unknown-site",
                Sentence("{site} is no candidate of this plan's town", site=site),
                "--site",
                "give the id of a site that could open, as the table of this command shows it",
                first=candidates[0] if candidates else "",
            )
        )
