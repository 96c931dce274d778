"""The page on recipes, in each language: its example is one that is read, and its table names every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import manual_pages
from utopias.territory.gather import recipe as module
from utopias.territory.gather.recipe import read_recipe
from utopias.territory.gather.shelf import recipes

PAGES = {language: manual_pages.text("gather.md", language) for language in manual_pages.LANGUAGES}

pytestmark = pytest.mark.parametrize("page", PAGES.values(), ids=list(PAGES))


def test_the_recipe_of_the_manual_is_one_that_is_read(tmp_path: Path, page: str) -> None:
    (tmp_path / "my-city.toml").write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    recipe = read_recipe(tmp_path / "my-city.toml")
    assert (recipe.name, recipe.around, recipe.planned) == ("Ecatepec", 3000.0, {"MUN": ("033",)})


@pytest.mark.parametrize("keys", [module._TOP, module._DOWNLOAD, module._INPUT, module._AREA, module.INPUTS])
def test_the_table_names_every_key(keys: dict[str, object], page: str) -> None:
    rows = [row for row in page.splitlines() if row.startswith("| ")]
    named = {key for row in rows for key in re.findall(r"`([\w]+)`", row)}
    assert not [key for key in keys if key not in named | {"downloads", "build", "area"}]


def test_the_page_names_every_recipe(page: str) -> None:
    assert not [one.id for one in recipes() if f"| `{one.id}` |" not in page]
