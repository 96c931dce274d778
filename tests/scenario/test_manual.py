"""The manual names every code that a report may show, and no other, in each of its languages."""

import re

import pytest

from tests import manual_pages
from utopias.scenario.assumed import CODES
from utopias.scenario.fairness import ANNEX, MEASURES

WORDS = {"en": ("annex", "## Assumptions, by code"), "es": ("anexo", "## Supuestos, por código")}

pytestmark = pytest.mark.parametrize("language", manual_pages.LANGUAGES)


def test_every_measure_has_its_row(language):
    annex = WORDS[language][0]
    named = re.findall(rf"^\| `([a-z-]+)`( \({annex}\))? \|", manual_pages.text("fairness.md", language), re.MULTILINE)
    assert {code for code, _ in named} == set(MEASURES)
    assert {code for code, annexed in named if annexed} == set(ANNEX)


def test_every_assumption_is_listed(language):
    listed = manual_pages.text("fairness.md", language).partition(WORDS[language][1])[2]
    assert re.findall(r"`([a-z-]+)`", listed) == list(CODES)
