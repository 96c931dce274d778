"""The page on recipes: its example is one that is read, and its table names every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from utopias.territory.gather import recipe as module
from utopias.territory.gather.recipe import read_recipe
from utopias.territory.gather.shelf import recipes

PAGE = (Path(__file__).parents[3] / "manual" / "gather.md").read_text(encoding="utf-8")


def test_the_recipe_of_the_manual_is_one_that_is_read(tmp_path: Path) -> None:
    (tmp_path / "my-city.toml").write_text(PAGE.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    recipe = read_recipe(tmp_path / "my-city.toml")
    assert (recipe.name, recipe.around, recipe.planned) == ("Ecatepec", 3000.0, {"MUN": ("033",)})


@pytest.mark.parametrize("keys", [module._TOP, module._DOWNLOAD, module._INPUT, module._AREA, module.INPUTS])
def test_the_table_names_every_key(keys: dict[str, object]) -> None:
    rows = [row for row in PAGE.splitlines() if row.startswith("| ")]
    named = {key for row in rows for key in re.findall(r"`([\w]+)`", row)}
    assert not [key for key in keys if key not in named | {"downloads", "build", "area"}]


def test_the_page_names_every_recipe() -> None:
    assert not [one.id for one in recipes() if f"| `{one.id}` |" not in PAGE]
