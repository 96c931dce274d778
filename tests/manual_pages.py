"""The manual's pages by name and language, for every test that runs one: English in ``manual/``, Spanish in ``manual/es/``.

The two are sisters: the same files of the same names, so that a test of a page is a test of both.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

MANUAL = Path(__file__).parents[1] / "manual"
FOLDERS = {"en": MANUAL, "es": MANUAL / "es"}
LANGUAGES = tuple(FOLDERS)
FOR_PROGRAMMERS = {"house.md", "measured.md"}  # in English only
USER_PAGES = tuple(sorted(page.name for page in MANUAL.glob("*.md") if page.name not in FOR_PROGRAMMERS))


def path(name: str, language: str) -> Path:
    """Where a page lies: ``path("costs.md", "es")`` is ``manual/es/costs.md``."""
    return FOLDERS[language] / name


def text(name: str, language: str) -> str:
    return path(name, language).read_text(encoding="utf-8")


def rewrite(name: str, printed: Callable[[str, str], str]) -> None:
    """Write a page anew in every language: ``printed`` takes it as it is, with its language, and gives it as it should be."""
    for language in LANGUAGES:
        page = printed(text(name, language), language)
        path(name, language).write_text(page, encoding="utf-8", newline="\n")
