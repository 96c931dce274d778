"""The manual: no dead link, no page that nobody finds, no path of a machine."""

import re
from pathlib import Path

import pytest

from tests import manual_pages

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "manual").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_found_from_the_first_page_of_the_manual() -> None:
    first = (ROOT / "manual" / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "manual").glob("*.md")} - {"README.md"}
    assert pages == set(re.findall(r"\]\(([\w-]+\.md)", first))
    spanish = manual_pages.text("README.md", "es")
    assert pages == set(re.findall(r"\]\((?:\.\./)?([\w-]+\.md)\)", spanish.split("\n\n", 2)[2]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_folder_of_somebodys_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.])/(work|root|home|tmp)/", page.read_text(encoding="utf-8"))
