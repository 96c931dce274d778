"""The page of profiles says what the profiles are, in each language; after a change: ``python -m tests.network.test_manual``."""

from __future__ import annotations

import math
import re

import pytest

from tests import manual_pages
from utopias.language.words import Words
from utopias.network.profiles import FACTS, PROFILES, ROUGH, SMOOTH, SOFT
from utopias.network.slopes import SLOPES

PAGE = "profiles.md"
HEADS = {"en": "walker", "es": "quien camina"}
BLOCK = re.compile(r"<!-- printed -->\n\n.*?\n\n<!-- end -->", re.DOTALL)


def printed(page: str, language: str) -> str:
    """The page with the table of factors as the profiles are now."""
    words = Words(language)

    def said(factor: float) -> str:
        return words.group("impassable") if math.isinf(factor) else words.trimmed(factor, 2)

    rows = [f"| {HEADS[language]} | km/h | {' | '.join(words.group(fact) for fact in FACTS)} |", "|---" * 7 + "|"]
    rows += [
        f"| `{name}` | {words.trimmed(profile.speed_m_s * 3.6, 1)} | {' | '.join(map(said, profile.factors.values()))} |"
        for name, profile in PROFILES.items()
    ]
    table = "\n".join(rows)
    return BLOCK.sub(lambda _: f"<!-- printed -->\n\n{table}\n\n<!-- end -->", page)


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_page_has_every_factor_of_every_profile(language: str) -> None:
    page = manual_pages.text(PAGE, language)
    assert page == printed(page, language), "run python -m tests.network.test_manual, and read what it wrote"


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_page_names_every_surface_that_costs_and_none_that_does_not(language: str) -> None:
    page = manual_pages.text(PAGE, language)
    line = next(part for part in page.split("\n- ") if "`unhewn_cobblestone`" in part)
    named = set(re.findall(r"`(\w+)`", line)) - {"wood"}
    assert named == ROUGH | SOFT
    assert not named & SMOOTH


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_table_of_slopes_is_what_the_rules_give(language: str) -> None:
    rows = re.findall(r"^\| (\d+) % \| (.+) \|$", manual_pages.text(PAGE, language), re.MULTILINE)
    assert len(rows) == 4
    for percent, cells in rows:
        slope = int(percent) / 100
        expected = [1 / float(SLOPES[rule](way)) for rule in ("tobler", "naismith") for way in (slope, -slope)]
        assert [float(cell) for cell in cells.split(" | ")] == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_dark_is_called_surroundings_and_nothing_else(language: str) -> None:
    pages = [manual_pages.text(name, language) for name in (PAGE, "sao-paulo.md")]
    assert not re.search(r"\bsafe|\bunsafe|segur|insegur", "".join(pages), re.IGNORECASE)
    assert re.search(r"\*\*(surroundings|entorno)\*\*", pages[0])


if __name__ == "__main__":
    manual_pages.rewrite(PAGE, printed)
