"""All commands under one name, with their help in the reader's language.

Typer reads the annotations of a command as they are when it is defined, and ours hold words that are
local to a call: so the files of commands do without postponed annotations.
"""

from typing import Annotated

import typer

import utopias.cli.area_command as area_command
import utopias.cli.chain_command as chain_command
import utopias.cli.choose_commands as choose_commands
import utopias.cli.demo_command as demo_command
import utopias.cli.equip_command as equip_command
import utopias.cli.export_command as export_command
import utopias.cli.gather_command as gather_command
import utopias.cli.land_command as land_command
import utopias.cli.paper_commands as paper_commands
import utopias.cli.phase_command as phase_command
import utopias.cli.plan_commands as plan_commands
import utopias.cli.reach_command as reach_command
import utopias.cli.share_command as share_command
import utopias.cli.stand_command as stand_command
import utopias.cli.town_commands as town_commands
import utopias.cli.warm_command as warm_command
import utopias.cli.what_if_command as what_if_command
from utopias.cli.speech import Speech
from utopias.domain.versions import VERSION


def build_app(speech: Speech) -> typer.Typer:
    """The command tree. ``--language`` was read before; it is declared here so that help shows it."""
    words = speech.words
    app = typer.Typer(
        help=words.say("cli.help"),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )

    def show_version(asked: bool) -> None:
        if asked:
            speech.out.print(VERSION)
            raise typer.Exit

    @app.callback()
    def options(
        language: Annotated[str | None, typer.Option(help=words.say("cli.option.language"), metavar="es|en|fr")] = None,
        version: Annotated[
            bool, typer.Option("--version", callback=show_version, is_eager=True, help=words.say("cli.option.version"))
        ] = False,
    ) -> None:
        """Options before the command."""

    for family in (
        demo_command,
        gather_command,
        town_commands,
        land_command,
        reach_command,
        area_command,
        share_command,
        stand_command,
        chain_command,
        what_if_command,
        plan_commands,
        equip_command,
        phase_command,
        choose_commands,
        paper_commands,
        export_command,
        warm_command,
    ):
        family.add_to(app, speech)
    return app
