"""``utopias equip``: which sites open and what each of them offers, on its plot and for the money there is."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from utopias.cli.equip_screen import equip_json, show_equip, show_why
from utopias.cli.line import Line, services_in
from utopias.cli.speech import Speech
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.language.spelled import Spelled
from utopias.language.words import Words

STOPPED = 130

OF_THE_CATALOGUE = "MXN"  # the program's own catalogue has prices of Mexico


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.equip"))
    def equip(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        out: Annotated[Path, typer.Option(help=words.say("cli.site.out"))],
        open_: Annotated[int | None, typer.Option("--open", help=words.say("cli.equip.open"))] = None,
        budget: Annotated[str | None, typer.Option(help=words.say("cli.equip.budget"))] = None,
        upkeep: Annotated[str | None, typer.Option(help=words.say("cli.equip.upkeep"))] = None,
        services: Annotated[str, typer.Option(help=words.say("cli.equip.services"))] = "all",
        must_have: Annotated[str | None, typer.Option(help=words.say("cli.equip.must-have"))] = None,
        importance: Annotated[list[str] | None, typer.Option(help=words.say("cli.equip.importance"))] = None,
        standard: Annotated[list[str] | None, typer.Option(help=words.say("cli.equip.standard"))] = None,
        forced: Annotated[list[str] | None, typer.Option(help=words.say("cli.site.forced"))] = None,
        forbidden: Annotated[list[str] | None, typer.Option(help=words.say("cli.site.forbidden"))] = None,
        places: Annotated[bool, typer.Option("--places/--no-places", help=words.say("cli.equip.places"))] = True,
        buildable: Annotated[float, typer.Option(help=words.say("cli.equip.buildable"))] = 0.35,
        plot_area: Annotated[float | None, typer.Option(help=words.say("cli.equip.plot-area"))] = None,
        weigh_by: Annotated[str | None, typer.Option(help=words.say("cli.site.weigh-by"))] = None,
        walker: Annotated[str, typer.Option(help=words.say("cli.option.walker"))] = "adult",
        circuity: Annotated[float, typer.Option(help=words.say("cli.site.circuity"))] = 1.3,
        catalogue: Annotated[Path | None, typer.Option(help=words.say("cli.site.catalogue"))] = None,
        land: Annotated[bool | None, typer.Option("--land/--no-land", help=words.say("cli.site.land"))] = None,
        why: Annotated[bool, typer.Option("--why", help=words.say("cli.equip.why"))] = False,
        time_limit: Annotated[str, typer.Option(help=words.say("cli.site.time-limit"))] = "30 s",
        seed: Annotated[int, typer.Option(help=words.say("cli.option.seed"))] = 7,
        replace: Annotated[bool, typer.Option("--replace", help=words.say("cli.option.replace"))] = False,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.domain.folders import Claim
        from utopias.domain.module_plan import KIND
        from utopias.scenario.equip import EquipQuestion, equip_town, faults_of_equip
        from utopias.siting.bundles.explain import explain_services
        from utopias.territory.town_folder import read_town

        line = Line(words)
        claim = line.tried(lambda: Claim(out, replace=replace, kind=KIND), None)
        modules = line.catalogue(catalogue)
        known = services_in(None, modules, own=False)

        def pairs(given: list[str] | None, option: str, example: str) -> dict[str, str]:
            nothing: dict[str, str] = {}
            found = line.tried(lambda: _pairs(given, option, example), nothing)
            return dict(zip(line.services(found, known, option), found.values(), strict=True))

        weights = pairs(importance, "--importance", "day house=3")
        question = EquipQuestion(
            services=() if _is_all(services, words) else line.services(_names(services), known, "--services"),
            open=open_,
            budget=line.money(budget, "--budget"),
            upkeep=line.money(upkeep, "--upkeep"),
            must_have=line.services(_names(must_have or ""), known, "--must-have"),
            forced=tuple(forced or ()),
            forbidden=tuple(forbidden or ()),
            importance={
                name: line.tried(partial(_number, value, "--importance"), 1.0) for name, value in weights.items()
            },
            standards=pairs(standard, "--standard", "museum=30 min"),
            catalogue=modules,
            buildable=buildable,
            plot_area=plot_area,
            weigh_by=line.index(weigh_by),
            places=places,
            walker=line.walker(walker),
            circuity=circuity,
            land=land,
            time_limit=line.time(time_limit, "--time-limit"),
            seed=seed,
        )
        line.faults += faults_of_equip(question)
        line.done()
        assert claim is not None
        with speech.working() as progress:
            progress("reading", 0.0)
            plan = equip_town(read_town(town), question, progress=progress)
            claim.write(lambda over: plan.save(out, replace=over))
            told = explain_services(plan) if why else None
        if json:
            speech.answer(equip_json(plan, told))
        else:
            show_equip(plan, speech)
            currency = str(plan.question.town["currency"])
            if catalogue is None and currency != OF_THE_CATALOGUE:
                speech.say("cli.equip.pesos", currency=currency)
            if told is not None:
                show_why(told, plan, speech)
            speech.say("cli.equip.saved", folder=str(out))
        if plan.stopped == "user":
            speech.whisper("cli.site.interrupted", folder=str(out))
            raise typer.Exit(STOPPED)


def _is_all(text: str, words: Words) -> bool:
    """Whether every service is asked for, by the word of any language."""
    return Spelled(("all",), ("cli.word.{}",)).picked(text, words.language) is not None


def _names(text: str) -> tuple[str, ...]:
    """Names with commas between."""
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _pairs(given: list[str] | None, option: str, example: str) -> dict[str, str]:
    """``service=value`` of each, by service."""
    pairs: dict[str, str] = {}
    for text in given or ():
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            what = Sentence("{option} is {text!r}", option=option, text=text)
            raise ProblemError(Fault("bad-service-pair", what, option, Sentence("write {example!r}", example=example)))
        pairs[name.strip()] = value.strip()
    return pairs


def _number(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError:
        what = Sentence("{option} is {text!r}", option=option, text=text)
        raise ProblemError(
            Fault("bad-service-pair", what, option, Sentence("write {example!r}", example="day house=3"))
        ) from None
