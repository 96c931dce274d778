"""``utopias verify`` and ``utopias report``: recount a plan, and put it on paper."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from utopias.cli.equip_screen import verify_equip
from utopias.cli.speech import Speech
from utopias.domain.choices import Choices
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence
from utopias.domain.trade_off import TradeOff
from utopias.language.legend import legend
from utopias.language.words import Words

if TYPE_CHECKING:
    from utopias.report.paper import Document
    from utopias.report.standing import Closed

MAP = ".gpkg"


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the commands of this family."""
    words = speech.words

    @app.command(help=words.say("cli.verify"))
    def verify(
        plan: Annotated[Path, typer.Argument(help=words.say("cli.argument.plan"))],
        deep: Annotated[Path | None, typer.Option(help=words.say("cli.verify.deep"))] = None,
        seed: Annotated[int, typer.Option(help=words.say("cli.option.seed"))] = 7,
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.domain.module_plan import KIND
        from utopias.witness.verify import verify as recount

        if (plan / KIND).is_file():
            if deep is not None:
                what = "a plan of services is recounted from its own folder alone"
                raise ProblemError(Fault("deep-of-services", what, "--deep", "leave out --deep"))
            raise typer.Exit(0 if verify_equip(plan, speech, json=json) else 1)
        with speech.working() as progress:
            found = recount(plan, deep=deep, seed=seed, progress=progress)
        if json:
            speech.answer(found.to_json())
        else:
            for check in found.checks:
                mark = words.say("cli.verify.held" if check.held else "cli.verify.failed")
                named = f"verify.{check.code}.{check.note}"  # what was done instead may need a name of its own
                line = f"{mark}  {words.say(named if named in words else f'verify.{check.code}')}"
                if not check.held:
                    line += "\n      " + _against(words, check.said, check.found)
                if f"verify-note.{check.note}" in words:
                    line += f" ({words.say(f'verify-note.{check.note}')})"
                if isinstance(check.found, dict) and "exact" in check.found:
                    line += (
                        f" ({words.say('cli.verify.times', exact=check.found['exact'], pairs=check.found['pairs'])})"
                    )
                speech.out.print(line, markup=False, style="" if check.held else "bold red")
            if found.not_recounted:
                parts = [
                    words.say(f"verify-part.{part}") if f"verify-part.{part}" in words else part
                    for part in found.not_recounted
                ]
                speech.say("cli.verify.not-recounted", parts=words.listed(parts))
            speech.say("cli.verify.holds" if found.holds else "cli.verify.broken")
        raise typer.Exit(0 if found.holds else 1)

    @app.command(help=words.say("cli.report"))
    def report(
        plan: Annotated[Path, typer.Argument(help=words.say("cli.argument.plan"))],
        to: Annotated[list[Path], typer.Option(help=words.say("cli.report.to"))],
        trade_off: Annotated[Path | None, typer.Option(help=words.say("cli.report.trade-off"))] = None,
        language: Annotated[str | None, typer.Option(help=words.say("cli.option.language"))] = None,
    ) -> None:
        from utopias.report.document import write_document, write_report

        _must_be_known(to)
        if (other := _other_document(plan, to, words if language is None else Words(language))) is not None:
            with speech.working() as progress:
                for path in to:
                    progress("report", 0.0)
                    write_document(other, to=path)
            for path in to:
                speech.say("cli.written", file=str(path))
            return
        loaded = Plan.load(plan)
        drawn = None if trade_off is None else TradeOff.load(trade_off)
        shown: tuple[TradeOff | None, Choices | None] | None = None
        with speech.working() as progress:
            for path in to:
                if path.suffix.lower() == MAP:
                    from utopias.territory.export import write_geopackage

                    progress("map-file", 0.0)
                    write_geopackage(loaded, to=path, labels=legend(words))
                else:
                    if shown is None:
                        shown = to_choose_from(loaded, drawn)
                    write_report(
                        loaded,
                        to=path,
                        language=language or words.language,
                        trade_off=shown[0],
                        choices=shown[1],
                        closed=closed_each(loaded),
                        progress=progress,
                    )
        for path in to:
            speech.say("cli.written", file=str(path))


def _other_document(folder: Path, to: list[Path], words: Words) -> "Document | None":
    """The document of a schedule or of a plan of services; None where the folder is of neither.

    Raises ProblemError where a map is asked of one: it has none.
    """
    from utopias.domain.module_plan import KIND, ModulePlan
    from utopias.domain.phases import Phases

    is_schedule, is_services = (folder / "phases.json").is_file(), (folder / KIND).is_file()
    if not (is_schedule or is_services):
        return None
    maps = [path for path in to if path.suffix.lower() == MAP]
    if maps:
        what = "a schedule and a plan of services have no map of their own"
        raise ProblemError(Fault("unknown-report", what, "--to", "name a .pdf or an .html", len(maps), maps[0].name))
    if is_schedule:
        from utopias.report.years import years_document

        return years_document(Phases.load(folder), words)
    from utopias.report.services import services_document

    return services_document(ModulePlan.load(folder), words)


def to_choose_from(plan: Plan, trade: TradeOff | None) -> tuple[TradeOff | None, Choices | None]:
    """The curve with the plan placed beside it, and the plans nearly as good; neither where the plan has no tables.

    Of a plan beside which every choice is as good, the curve alone.
    """
    from utopias.scenario.choosing import choices, question_of
    from utopias.siting.curve.trade_off import placed

    if plan.study is None or not plan.sites or not plan.study.blocks["weight"].any():
        return None, None
    beside = None if trade is None else placed(trade, question_of(plan), plan.sites)
    try:
        return beside, choices(plan)
    except ProblemError as error:
        if error.codes != ("every-plan-as-good",):
            raise
        return beside, None


def closed_each(plan: Plan) -> "Sequence[Closed]":
    """Each unit of a plan closed by itself; none where the plan has no tables, or its places fill up."""
    from utopias.scenario.closures import closures

    return [] if plan.study is None or not plan.sites or plan.flows is not None else closures(plan)


def _against(words: Words, said: object, found: object) -> str:
    """What the plan says beside what the recount gives; only the latter where the plan says nothing of it."""
    if said is None:
        return _plain(found)
    return words.say("cli.verify.said", said=_plain(said), found=_plain(found))


def _plain(value: object) -> str:
    """A figure, or several with their names, as text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(_plain, value))
    return str(value)


def _must_be_known(paths: list[Path]) -> None:
    """Raise ProblemError where a file asked for cannot be written for its name: before the first is written."""
    from utopias.report.document import KINDS

    kinds = (*KINDS, MAP)
    wrong = [path for path in paths if path.suffix.lower() not in kinds]
    if wrong:
        what = Sentence(
            "{count} of {total} files asked for end in none of {listed}",
            count=len(wrong),
            total=len(paths),
            listed=", ".join(kinds),
        )
        raise ProblemError(
            Fault("unknown-report", what, "--to", "give one of these suffixes", len(wrong), wrong[0].name)
        )
    folders = [path for path in paths if path.is_dir()]
    if folders:
        what = Sentence("{folders} is a folder; a report is a file", folders=folders[0])
        raise ProblemError(Fault("not-a-file", what, "--to", "name a file in it", len(folders)))
