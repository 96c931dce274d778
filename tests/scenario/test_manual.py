"""The manual names every code that a report may show, and no other."""

import re
from pathlib import Path

from utopias.scenario.assumed import CODES
from utopias.scenario.fairness import ANNEX, MEASURES

FAIRNESS = (Path(__file__).parents[2] / "manual" / "fairness.md").read_text(encoding="utf-8")


def test_every_measure_has_its_row():
    named = re.findall(r"^\| `([a-z-]+)`( \(annex\))? \|", FAIRNESS, re.MULTILINE)
    assert {code for code, _ in named} == set(MEASURES)
    assert {code for code, annex in named if annex} == set(ANNEX)


def test_every_assumption_is_listed():
    listed = FAIRNESS.partition("## Assumptions, by code")[2]
    assert re.findall(r"`([a-z-]+)`", listed) == list(CODES)
