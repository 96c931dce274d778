"""The manual prints the declared columns, word for word, in every language it speaks.

After a change in ``domain/columns``: ``python -m tests.territory.test_manual`` writes the pages anew.
"""

from __future__ import annotations

import re
import tomllib

import pytest

from tests import manual_pages
from utopias.domain.tables import markdown_columns
from utopias.language.columns import say_of_column
from utopias.territory.town_tables import DECLARED
from utopias.territory.town_toml import read_words

PAGE = "town-folder.md"
TABLES = (*dict.fromkeys(DECLARED.values()), "plan_blocks", "plan_places")

pytestmark = pytest.mark.parametrize("language", manual_pages.LANGUAGES)


def block(table: str, language: str) -> str:
    """What the page of a language holds of one table."""
    printed_columns = markdown_columns(table, lambda text: say_of_column(text, language))
    return f"<!-- columns: {table} -->\n\n{printed_columns}\n<!-- end -->"


def printed(page: str, language: str) -> str:
    """The page with every table of columns as it is declared now."""
    return re.sub(
        r"<!-- columns: (\w+) -->\n.*?<!-- end -->", lambda found: block(found[1], language), page, flags=re.DOTALL
    )


@pytest.mark.parametrize("table", TABLES)
def test_the_manual_holds_the_declared_columns_word_for_word(table: str, language: str) -> None:
    page = manual_pages.text(PAGE, language)
    assert block(table, language) in page, "run python -m tests.territory.test_manual"


def test_the_manual_names_every_file_of_the_folder(language: str) -> None:
    page = manual_pages.text(PAGE, language)
    assert [name for name in DECLARED if f"`{name}.parquet`" not in page] == []


def test_the_town_toml_of_the_manual_is_one_that_is_read(language: str) -> None:
    example = manual_pages.text(PAGE, language).split("```toml\n")[1].split("```")[0]
    assert set(tomllib.loads(example)) == {"format", "name", "crs", "zone", "currency", "made_up", "sources", "groups", "indicators", "assumptions", "files"}  # fmt: skip
    assert read_words(example).groups[0].id == "older people"


if __name__ == "__main__":
    manual_pages.rewrite(PAGE, printed)
