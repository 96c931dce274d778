"""The recipes that come along, and how one is called: by its name, or by the path of a file of one's own."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.territory.gather.recipe import Recipe, read_recipe


def shelf() -> Path:
    """The folder of the recipes that come along."""
    return Path(str(resources.files("utopias.territory").joinpath("recipes")))


def recipes() -> tuple[Recipe, ...]:
    """All recipes that come along, by name."""
    return tuple(read_recipe(path) for path in sorted(shelf().glob("*.toml")))


def find_recipe(called: str) -> Recipe:
    """The recipe of this name, or in this file.

    Raises
    ------
    TableError : ``no-such-recipe``, which names those there are; the faults of the recipe itself.
    """
    if called.endswith(".toml") or Path(called).is_file():
        return read_recipe(called)
    path = shelf() / f"{called}.toml"
    if Path(called).name != called or not path.is_file():
        known = ", ".join(sorted(path.stem for path in shelf().glob("*.toml")))
        raise TableError(
            Fault(
                code="no-such-recipe",
                what=Sentence("no recipe is called {name!r}", name=called),
                mend=Sentence("use one of: {known}; or give the path of your own, which ends in .toml", known=known),
            )
        )
    return read_recipe(path)
