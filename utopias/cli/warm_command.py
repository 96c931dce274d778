"""``utopias warm``: compile once what would otherwise be compiled when it is first needed."""

import time

import typer

from utopias.cli.speech import Speech


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    @app.command(help=words.say("cli.warm"))
    def warm() -> None:
        from utopias.compiled.warm import every_kernel
        from utopias.compiled.warm import warm as warm_all

        started = time.perf_counter()
        made = found = 0
        for name, seconds in warm_all():
            if seconds:
                made += 1
                speech.say("cli.warm.made", kernel=name, seconds=words.number(seconds, 1))
            else:
                found += 1
        speech.say(
            "cli.warm.done", made=words.number(made), found=words.number(found),
            seconds=words.number(time.perf_counter() - started, 1),
        )  # fmt: skip
        folders = {str(folder) for one in every_kernel() for folder in one.kept_in()}
        for folder in sorted(folders):
            speech.say("cli.warm.where", folder=folder)
        if not folders:
            speech.say("cli.warm.nowhere")
