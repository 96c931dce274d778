"""``utopias export``: a plan's tables for a spreadsheet, for programs, for QGIS."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from utopias.cli.speech import Speech
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence
from utopias.language.legend import legend
from utopias.language.tables import spoken
from utopias.language.words import Words

MAP, ONE = ".gpkg", ".parquet"
# Where Excel takes a comma for the decimal sign; Mexico writes points.
DECIMAL_COMMA = ("fr",)


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.export"))
    def export(
        plan: Annotated[Path, typer.Argument(help=words.say("cli.argument.plan"))],
        to: Annotated[list[Path], typer.Option(help=words.say("cli.export.to"))],
        excel: Annotated[bool, typer.Option("--excel", help=words.say("cli.export.excel"))] = False,
        language: Annotated[str | None, typer.Option(help=words.say("cli.option.language"))] = None,
        replace: Annotated[bool, typer.Option("--replace", help=words.say("cli.option.replace"))] = False,
    ) -> None:
        from utopias.territory.export import write_geopackage
        from utopias.territory.tables_out import write_blocks, write_tables

        _must_be_known(to)
        spoke = words if language is None else Words(language)
        loaded = Plan.load(plan)
        with speech.working() as progress:
            for path in to:
                progress("tables", 0.0)
                if path.suffix.lower() == MAP:
                    write_geopackage(loaded, to=path, labels=legend(spoke))
                elif path.suffix.lower() == ONE:
                    write_blocks(loaded, to=path)
                else:
                    write_tables(
                        loaded,
                        to=path,
                        language=spoke.language,
                        say=lambda text: spoke.ours(spoken(spoke.language)(text)),
                        spreadsheet="" if not excel else "comma" if spoke.language in DECIMAL_COMMA else "point",
                        day=date.today().isoformat(),
                        replace=replace,
                    )
        for path in to:
            speech.say("cli.written", file=str(path))


def _must_be_known(paths: list[Path]) -> None:
    """Raise ProblemError where a name asked for is neither a folder's nor a file's that can be written."""
    wrong = [path for path in paths if path.suffix and path.suffix.lower() not in (MAP, ONE) and not path.is_dir()]
    if wrong:
        raise ProblemError(
            Fault(
                code="unknown-report",
                what=Sentence(
                    "{count} of {total} names end in neither .gpkg nor .parquet, and are no folder's",
                    count=len(wrong),
                    total=len(paths),
                ),
                where="--to",
                mend="name a folder (without an ending) for CSV and GeoParquet, or a .gpkg, or a .parquet",
                count=len(wrong),
                first=wrong[0].name,
            )
        )
