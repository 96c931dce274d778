"""The manual prints the declared columns, word for word.

After a change in ``domain/columns``: ``python tests/territory/test_manual.py`` writes the page anew.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from utopias.domain.tables import markdown_columns
from utopias.territory.town_tables import DECLARED
from utopias.territory.town_toml import read_words

PAGE = Path(__file__).parents[2] / "manual" / "town-folder.md"
TABLES = (*dict.fromkeys(DECLARED.values()), "plan_blocks", "plan_places")


def printed(page: str) -> str:
    """The page with every table of columns as it is declared now."""
    return re.sub(
        r"<!-- columns: (\w+) -->\n.*?<!-- end -->",
        lambda found: f"<!-- columns: {found[1]} -->\n\n{markdown_columns(found[1])}\n<!-- end -->",
        page,
        flags=re.DOTALL,
    )


@pytest.mark.parametrize("table", TABLES)
def test_the_manual_holds_the_declared_columns_word_for_word(table: str) -> None:
    assert f"<!-- columns: {table} -->\n\n{markdown_columns(table)}\n" in PAGE.read_text(encoding="utf-8")


def test_the_manual_names_every_file_of_the_folder() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in DECLARED if f"`{name}.parquet`" not in page] == []


def test_the_town_toml_of_the_manual_is_one_that_is_read() -> None:
    example = PAGE.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    assert set(tomllib.loads(example)) == {"format", "name", "crs", "zone", "currency", "made_up", "sources", "groups", "indicators", "assumptions", "files"}  # fmt: skip
    assert read_words(example).groups[0].id == "older people"


if __name__ == "__main__":
    PAGE.write_text(printed(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
