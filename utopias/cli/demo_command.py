"""``utopias demo``: the whole main job on a made-up borough, from nothing to a report."""

import time
from pathlib import Path
from typing import Annotated

import typer

from utopias.cli.paper_commands import closed_each, to_choose_from
from utopias.cli.plan_screen import show_plan
from utopias.cli.speech import Speech
from utopias.domain.errors import Fault, TableError
from utopias.domain.folders import MANIFEST, must_be_free
from utopias.domain.sentences import Sentence
from utopias.language.legend import legend

STOPPED = 130


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.demo"))
    def demo(
        into: Annotated[Path, typer.Option(help=words.say("cli.demo.into"))] = Path("demo"),
        people: Annotated[int, typer.Option(min=3_000, help=words.say("cli.demo.people"))] = 1_835_000,
        open_: Annotated[int, typer.Option("--open", min=1, help=words.say("cli.site.open"))] = 5,
        draws: Annotated[int, typer.Option(min=0, help=words.say("cli.site.draws"))] = 100,
        seed: Annotated[int, typer.Option(help=words.say("cli.option.seed"))] = 7,
    ) -> None:
        from utopias.report.document import write_map_picture, write_report
        from utopias.scenario.answer import answer, was_stopped
        from utopias.scenario.choosing import curve
        from utopias.scenario.question import Question
        from utopias.territory.export import write_geopackage
        from utopias.territory.synthetic import synthetic_town
        from utopias.territory.town_folder import read_town, write_town

        _must_be_ours(into)
        started = time.perf_counter()
        speech.whisper("cli.demo.begins", people=words.number(people))
        with speech.working() as progress:
            progress("inventing", 0.0)
            write_town(synthetic_town("borough", people=people, seed=seed), into / "town", replace=True)
            progress("reading", 0.0)
            town = read_town(into / "town")
            question = Question(open=open_, draws=draws, seed=seed)
            folder = into / "plans" / "more"
            plan = answer(town, question, progress=progress, keep=lambda good: good.save(folder, replace=True))
            if was_stopped(plan, question):
                speech.whisper("cli.site.interrupted", folder=str(folder))
                raise typer.Exit(STOPPED)
            drawn = curve(town, question, ("cover-most", "smallest-worst"), points=5, progress=progress)
            drawn.save(into / "curve", replace=True)
            progress("report", 0.0)
            shown, beside = to_choose_from(plan, drawn)
            closed = closed_each(plan)
            for name in ("report.pdf", "report.html"):
                write_report(
                    plan, to=into / name, language=words.language, trade_off=shown, choices=beside, closed=closed
                )
            write_map_picture(plan, to=into / "map.png", language=words.language)
            progress("map-file", 0.0)
            write_geopackage(plan, to=into / "plan.gpkg", labels=legend(words))
        show_plan(plan, speech)
        speech.say("cli.demo.done", seconds=words.number(time.perf_counter() - started, 0), folder=str(into))


def _must_be_ours(into: Path) -> None:
    """Raise TableError unless ``into`` is new, empty, or holds an earlier demo: its report.pdf may be somebody's."""
    for name in ("town", "plans/more", "curve"):
        must_be_free(into / name, replace=True)
    others = [path.name for path in into.iterdir() if not path.name.startswith(".")] if into.is_dir() else []
    if others and not (into / "town" / MANIFEST).is_file():
        what = Sentence(
            "{into} holds {count} things that no demo wrote; it is left alone", into=into, count=len(others)
        )
        raise TableError(
            Fault("not-ours", what, str(into), "choose another folder: --into", len(others), sorted(others)[0])
        )
