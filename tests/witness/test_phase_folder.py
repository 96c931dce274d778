"""A saved schedule is recounted from its files; each number that was edited, seal mended, is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.toy import toy_town
from utopias.domain.budgets import Budgets
from utopias.domain.errors import VerificationError
from utopias.domain.folders import seal
from utopias.scenario.phasing import phase_town
from utopias.scenario.question import Question
from utopias.witness.verify import verify


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two of the toy's sites in four years of 100 million, one works a year."""
    toy = toy_town()
    town = replace(toy, sites=replace(toy.sites, table=toy.sites.table.assign(cost=[120e6, 100e6, 90e6])))
    budgets = Budgets.of("2026-2029", "100M", works_a_year=1)
    return phase_town(town, Question(open=2), budgets).save(tmp_path / "phased")


def said(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        data = json.loads((folder / "phases.json").read_text())
        change(data)
        (folder / "phases.json").write_text(json.dumps(data))

    return edit


def table(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        change(pd.read_parquet(folder / name)).to_parquet(folder / name)

    return edit


def test_an_untouched_folder_holds(folder: Path) -> None:
    found = verify(folder)
    assert found.holds, found.failed
    assert found["by-year"].found == [400.0, 1000.0, 1100.0, 1100.0]
    assert found.not_recounted == ("regret",)


@pytest.mark.parametrize(
    ("edit", "broken"),
    [
        (said(lambda s: s.update(value=3601.0)), {"value"}),
        (said(lambda s: s["by_year"].__setitem__(1, 1001.0)), {"by-year"}),
        (said(lambda s: s["people"].__setitem__(2, 1101.0)), {"people-by-year"}),
        (said(lambda s: s.update(bound=3500.0)), {"bound", "gap", "proven"}),
        (said(lambda s: s.update(gap=0.5)), {"gap"}),
        (said(lambda s: s.update(open=3)), {"number"}),
        (said(lambda s: s["budgets"]["money"].__setitem__(1, 80e6)), {"budgets"}),
        (said(lambda s: s.update(forced=[1])), {"forced"}),
        (said(lambda s: s.pop("aim")), {"malformed"}),
        (said(lambda s: s.update(format=9)), {"files"}),
        (table("schedule.parquet", lambda t: t.assign(equipment=t["works"])), {"equipment", "works-in-years"}),
        (table("schedule.parquet", lambda t: t.assign(opens=t["works"])), {"equipment", "value", "by-year", "people-by-year"}),
        (table("sites.parquet", lambda t: t.assign(works_money=t["works_money"] * 0.5)), {"site-money"}),
        (lambda folder: (folder / "multipliers.parquet").unlink(), {"files"}),
    ],
)  # fmt: skip
def test_what_was_edited_is_found_though_its_seal_was_mended(
    folder: Path, edit: Callable[[Path], None], broken: set[str]
) -> None:
    edit(folder)
    assert "manifest" in verify(folder).failed
    seal(folder)
    failed = set(verify(folder).failed)
    assert broken <= failed
    assert "manifest" not in failed


def test_the_deep_recount_is_left_to_plans(folder: Path) -> None:
    with pytest.raises(VerificationError, match="deep-is-of-plans"):
        verify(folder, deep=folder)
