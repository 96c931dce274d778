"""The manual lists every id of a group, service or walker with what the report calls it, in each of its languages.

After a change of a label or of the catalogue: ``python -m tests.language.test_manual_names`` writes the lists anew.
"""

from __future__ import annotations

import re

import pytest

from tests import manual_pages
from utopias.domain.catalogue import read_catalogue
from utopias.domain.demand import GROUPS
from utopias.domain.quantities import WALKERS
from utopias.language.words import Words

PAGE = "column-file.md"
HEADS = {
    "en": ("written", "said", {"group": GROUPS, "service": read_catalogue(), "walker": WALKERS}),
    "es": ("se escribe", "se dice", {"grupo": GROUPS, "servicio": read_catalogue(), "quien camina": WALKERS}),
}


def names(language: str) -> str:
    """Every id with its label, as a Markdown table."""
    written, said, kinds = HEADS[language]
    rows = [f"| | {written} | {said} |", "|---|---|---|"]
    rows += [f"| {kind} | `{key}` | {Words(language).group(key)} |" for kind, keys in kinds.items() for key in keys]
    return "\n".join(rows)


def printed(page: str, language: str) -> str:
    return re.sub(
        r"<!-- names -->\n.*?<!-- end -->",
        f"<!-- names -->\n\n{names(language)}\n\n<!-- end -->",
        page,
        flags=re.DOTALL,
    )


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_manual_names_every_group_service_and_walker_as_the_report_does(language: str) -> None:
    page = manual_pages.text(PAGE, language)
    assert names(language) in page
    assert page == printed(page, language), "run python -m tests.language.test_manual_names"


if __name__ == "__main__":
    manual_pages.rewrite(PAGE, printed)
