"""``utopias build`` and ``utopias check``: a town folder from files at hand, and every fault of it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from utopias.cli.speech import Speech
from utopias.language.values import say_code

if TYPE_CHECKING:
    from utopias.domain.town import Town


def add_to(app: typer.Typer, speech: Speech) -> None:
    """Add the commands of this family."""
    words = speech.words

    def option(key: str) -> typer.models.OptionInfo:
        found: typer.models.OptionInfo = typer.Option(help=words.say(f"cli.build.{key}"))
        return found

    @app.command(help=words.say("cli.build"))
    def build(
        blocks: Annotated[Path, option("blocks")],
        into: Annotated[Path, option("into")],
        name: Annotated[str, option("name")] = "",
        columns: Annotated[Path | None, option("columns")] = None,
        shapes: Annotated[Path | None, option("shapes")] = None,
        key: Annotated[str | None, option("key")] = None,
        shapes_columns: Annotated[Path | None, option("shapes-columns")] = None,
        streets: Annotated[Path | None, option("streets")] = None,
        streets_columns: Annotated[Path | None, option("streets-columns")] = None,
        street_front: Annotated[Path | None, option("street-front")] = None,
        street_front_columns: Annotated[Path | None, option("street-front-columns")] = None,
        terrain: Annotated[Path | None, option("terrain")] = None,
        units: Annotated[Path | None, option("units")] = None,
        units_columns: Annotated[Path | None, option("units-columns")] = None,
        sites: Annotated[Path | None, option("sites")] = None,
        sites_columns: Annotated[Path | None, option("sites-columns")] = None,
        providers: Annotated[Path | None, option("providers")] = None,
        providers_columns: Annotated[Path | None, option("providers-columns")] = None,
        schools: Annotated[Path | None, option("schools")] = None,
        schools_columns: Annotated[Path | None, option("schools-columns")] = None,
        modules: Annotated[Path | None, option("modules")] = None,
        modules_columns: Annotated[Path | None, option("modules-columns")] = None,
        surroundings: Annotated[Path | None, option("surroundings")] = None,
        surroundings_columns: Annotated[Path | None, option("surroundings-columns")] = None,
        weight_surface: Annotated[Path | None, option("weight-surface")] = None,
        weight_surface_columns: Annotated[Path | None, option("weight-surface-columns")] = None,
        known_area: Annotated[Path | None, option("known-area")] = None,
        known_area_columns: Annotated[Path | None, option("known-area-columns")] = None,
        surroundings_within: Annotated[str | None, option("surroundings-within")] = None,
        without_shape: Annotated[float, typer.Option(min=0, max=0.05, help=words.say("cli.build.without-shape"))] = 0.0,
        crs: Annotated[str | None, option("crs")] = None,
        zone: Annotated[str, option("zone")] = "America/Mexico_City",
        currency: Annotated[str, option("currency")] = "MXN",
        replace: Annotated[bool, typer.Option("--replace", help=words.say("cli.option.replace"))] = False,
    ) -> None:
        from utopias.domain.folders import must_be_free
        from utopias.domain.quantities import Length
        from utopias.territory.build import build_town
        from utopias.territory.town_folder import write_town

        must_be_free(into, replace=replace, kind="town.toml")
        with speech.working() as progress:
            progress("reading", 0.0)
            town = build_town(
                blocks=blocks,
                blocks_columns=columns,
                shapes=shapes,
                shapes_columns=shapes_columns,
                key=key,
                streets=streets,
                streets_columns=streets_columns,
                street_front=street_front,
                street_front_columns=street_front_columns,
                terrain=terrain,
                units=units,
                units_columns=units_columns,
                sites=sites,
                sites_columns=sites_columns,
                providers=providers,
                providers_columns=providers_columns,
                schools=schools,
                schools_columns=schools_columns,
                modules=modules,
                modules_columns=modules_columns,
                surroundings=surroundings,
                surroundings_columns=surroundings_columns,
                weight_surface=weight_surface,
                weight_surface_columns=weight_surface_columns,
                known_area=known_area,
                surroundings_within=None if surroundings_within is None else Length.of(surroundings_within).metres,
                without_shape=without_shape,
                known_area_columns=known_area_columns,
                name=name or into.name,
                crs=crs,
                zone=zone,
                currency=currency,
            )
            progress("writing", 0.0)
            write_town(town, into, replace=replace)
        show_built(town, into, speech)

    @app.command(help=words.say("cli.check"))
    def check(
        town: Annotated[Path, typer.Argument(help=words.say("cli.argument.town"))],
        json: Annotated[bool, typer.Option("--json", help=words.say("cli.option.json"))] = False,
    ) -> None:
        from utopias.territory.check import check_town

        faults = check_town(town)
        if json:
            speech.answer({"town": str(town), "faults": [asdict(speech.told(fault)) for fault in faults]})
        elif faults:
            speech.complain(tuple(faults))
        else:
            speech.say("cli.checked", folder=str(town))
        raise typer.Exit(1 if faults else 0)


def show_built(town: "Town", into: Path, speech: Speech) -> None:
    """What was taken as so while a town was made, then what it holds."""
    words = speech.words
    labels = {group.id: dict(group.labels) for group in town.groups}
    for taken in town.assumptions:
        speech.remark(say_code(words, f"assumption.{taken.code}", taken.values, labels))
    speech.say(
        "cli.built",
        folder=str(into),
        people=words.number(town.planned_people),
        blocks=int(town.blocks.planned.sum()),
        around=int((~town.blocks.planned).sum()),
        units=len(town.units),
        sites=len(town.sites),
        providers=len(town.providers),
        edges=0 if town.streets is None else len(town.streets),
    )
    if town.schools is not None:
        speech.say("cli.built.schools", schools=words.number(len(town.schools)))
