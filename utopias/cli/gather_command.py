"""``utopias gather``: a real city from its open-data addresses. The one command that goes out to the net.

What will be fetched, from where and under which licence is said before the first byte is asked for.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from utopias.cli.speech import Speech
from utopias.cli.town_commands import show_built
from utopias.language.sentences import sentence

if TYPE_CHECKING:
    from utopias.territory.gather.recipe import Download, Recipe
    from utopias.territory.gather.town import Wanted

STOPPED = 130


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the command."""
    words = speech.words

    def option(key: str) -> typer.models.OptionInfo:
        found: typer.models.OptionInfo = typer.Option(help=words.say(key))
        return found

    @app.command(help=words.say("cli.gather"))
    def gather(
        recipe: Annotated[str, typer.Argument(help=words.say("cli.gather.recipe"))] = "",
        into: Annotated[Path, option("cli.build.into")] = Path("town"),
        list_: Annotated[bool, typer.Option("--list", help=words.say("cli.gather.list"))] = False,
        downloads: Annotated[Path | None, option("cli.gather.downloads")] = None,
        only_download: Annotated[bool, typer.Option("--only-download", help=words.say("cli.gather.only-download"))] = False,
        units: Annotated[Path | None, option("cli.build.units")] = None,
        units_columns: Annotated[Path | None, option("cli.build.units-columns")] = None,
        sites: Annotated[Path | None, option("cli.build.sites")] = None,
        sites_columns: Annotated[Path | None, option("cli.build.sites-columns")] = None,
        without: Annotated[list[str] | None, option("cli.gather.without")] = None,
        replace: Annotated[bool, typer.Option("--replace", help=words.say("cli.option.replace"))] = False,
    ) -> None:  # fmt: skip
        from utopias.domain.folders import must_be_free
        from utopias.territory.gather.shelf import find_recipe, recipes
        from utopias.territory.gather.town import fetch_all, look, town_of
        from utopias.territory.town_folder import write_town

        if not recipe:
            for one in recipes():
                _show_recipe(one, speech)
            speech.say("cli.gather.listed")
            return
        own = {"units": (units, units_columns), "sites": (sites, sites_columns)}
        given = {word: (file, columns) for word, (file, columns) in own.items() if file is not None}
        wanted = find_recipe(recipe)
        wanted = wanted.without([*(without or ()), *(given.keys() & wanted.inputs.keys())])
        if list_:
            _show_recipe(wanted, speech)
            return
        if not only_download:
            must_be_free(into, replace=replace, kind="town.toml")
        folder = into.parent / "downloads" if downloads is None else downloads
        _announce(wanted, look(wanted, folder), folder, speech)
        try:
            with speech.working() as progress:
                files = fetch_all(wanted, folder, progress=progress, tell=_teller(speech))
        except KeyboardInterrupt:
            speech.whisper("cli.gather.stopped", folder=str(folder))
            raise typer.Exit(STOPPED) from None
        if only_download:
            speech.say("cli.gather.fetched", count=len(files), folder=str(folder))
            return
        with speech.working() as progress:
            progress("reading", 0.0)
            town = town_of(wanted, files, folder, own=given)
            progress("writing", 0.0)
            write_town(town, into, replace=replace)
        show_built(town, into, speech)


def _announce(recipe: "Recipe", found: "tuple[Wanted, ...]", folder: Path, speech: Speech) -> None:
    """What will be fetched, from where, into which folder; and what lies there already."""
    say = speech.words.say
    speech.err.print(say("cli.gather.begins", name=recipe.name, folder=str(folder)), markup=False)
    for one in found:
        state = ""
        if one.here:
            state = say("cli.gather.here")
        elif one.have:
            state = say("cli.gather.begun", size=_size(one.have, speech))
        _show_download(one.download, speech, state=state)


def _show_recipe(recipe: "Recipe", speech: Speech) -> None:
    """One recipe of the list, with every file it downloads."""
    about = _in_language(recipe.about, speech)
    speech.out.print(f"{recipe.id}: {recipe.name}. {about}", markup=False, style="bold")
    for one in recipe.downloads:
        _show_download(one, speech, to_out=True)


def _show_download(one: "Download", speech: Speech, *, state: str = "", to_out: bool = False) -> None:
    say, screen = speech.words.say, speech.out if to_out else speech.err
    size = say("cli.gather.size-not-known")
    if one.size:
        size = _size(one.size, speech)
        size = size if one.sha256 else say("cli.gather.about", size=size)
    trust = say("cli.gather.verified")
    if not one.verified:
        trust = say("cli.gather.not-verified-seen", date=one.seen) if one.seen else say("cli.gather.not-verified")
    note = _in_language(one.note, speech)
    facts = [size, *([state] if state else [])]
    screen.print(f"  {one.file} ({', '.join(facts)})", markup=False)
    screen.print(f"      {one.address}", markup=False)
    screen.print(f"      {say('cli.gather.licence', licence=one.licence)}", markup=False)
    screen.print(f"      {trust} {note}".rstrip(), markup=False)


def _in_language(texts: Mapping[str, str], speech: Speech) -> str:
    """What a recipe says for this reader, else what it says at all."""
    return texts.get(speech.words.language) or next(iter(texts.values()), "")


def _size(count: int, speech: Speech) -> str:
    """Bytes as a reader takes them in: MB, with one decimal where they are few; kB below."""
    if count < 100_000:
        return speech.words.say("cli.gather.kilobytes", number=speech.words.number(count / 1e3, 1))
    return speech.words.say("cli.gather.megabytes", number=speech.words.number(count / 1e6, 1 if count < 1e8 else 0))


def _teller(speech: Speech) -> Any:
    """Says what happens on the way: an address that moved, another attempt, a part that was of another version."""

    def tell(code: str, values: Mapping[str, Any]) -> None:
        said = {name: value for name, value in values.items() if name not in ("why", "seconds")}
        if "why" in values:
            said["why"] = sentence(values["why"], speech.words.language)
        if "seconds" in values:
            said["seconds"] = speech.words.number(values["seconds"])
        speech.remark(speech.words.say(f"cli.gather.told-{code}", **said))

    return tell
