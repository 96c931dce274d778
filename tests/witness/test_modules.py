"""A plan of sites and services is counted again from its folder; whoever touches it is found out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.siting.bundles.every_choice import asked, best_of_all
from utopias.domain.errors import VerificationError
from utopias.domain.folders import seal
from utopias.domain.module_plan import KIND, ModulePlan
from utopias.siting.bundles.solve import equip
from utopias.witness.modules import recount_modules, root_bound, verify_modules

SEED = 4  # four sites, three services, places that run out, an upkeep


@pytest.fixture(scope="module")
def plan() -> ModulePlan:
    return equip(asked(SEED))


@pytest.fixture
def folder(plan: ModulePlan, tmp_path: Path) -> Path:
    return plan.save(tmp_path / "plan")


def failed(folder: Path) -> list[str]:
    return [name for name, held in verify_modules(folder).checks.items() if not held]


def test_a_folder_gives_the_plan_back(plan: ModulePlan, folder: Path) -> None:
    again = ModulePlan.load(folder)
    assert (again.bundles, again.value, again.bound, again.certificate) == (
        plan.bundles, plan.value, plan.bound, plan.certificate,
    )  # fmt: skip
    assert np.array_equal(again.question.places, plan.question.places)
    assert again.served.equals(plan.served)
    assert recount_modules(again) == plan.certificate
    assert failed(folder) == []


@pytest.mark.parametrize("seed", range(40))
def test_any_multipliers_and_prices_make_a_bound_that_holds(seed: int) -> None:
    try:
        question = asked(seed)
    except Exception:
        return
    best = best_of_all(question)
    if best is None:
        return
    chance = np.random.default_rng(seed)
    n, _, k = question.shape
    wild = chance.normal(0.5, 1.5, (n, k))
    assert root_bound(question, wild, (chance.random() * 3, chance.random() * 3)) >= best - 1e-6
    assert root_bound(question, np.full((n, k), np.nan), (np.nan, -4.0)) >= best - 1e-6


def change(folder: Path, name: str, **values: Any) -> None:
    table = pd.read_parquet(folder / f"{name}.parquet")
    for column, (row, value) in values.items():
        table.loc[row, column] = value
    table.to_parquet(folder / f"{name}.parquet", index=False)


def say(folder: Path, **values: Any) -> None:
    said = json.loads((folder / KIND).read_text())
    (folder / KIND).write_text(json.dumps(said | values))


def test_a_changed_file_breaks_the_seal(folder: Path) -> None:
    change(folder, "served", persons=(0, 1e6))
    assert "manifest" in failed(folder)
    with pytest.raises(VerificationError):
        ModulePlan.load(folder)


def test_people_served_who_are_not_there_are_found_also_under_a_new_seal(folder: Path) -> None:
    change(folder, "served", persons=(0, 1e6))
    seal(folder)
    assert {"nobody-twice", "said"} <= set(failed(folder))


def test_a_service_that_nobody_offers_serves_nobody(folder: Path) -> None:
    said = json.loads((folder / KIND).read_text())
    site, bundle = said["bundles"][0]
    say(folder, bundles=[[site, bundle[:-1]], *said["bundles"][1:]])
    seal(folder)
    assert "offered" in failed(folder) or "some-service" in failed(folder)


def test_a_plan_that_breaks_its_limits_is_found(folder: Path) -> None:
    said = json.loads((folder / KIND).read_text())
    say(folder, question=said["question"] | {"budget": 0.0, "upkeep": 0.0, "open": 0})
    change(folder, "sites", area_m2=(said["bundles"][0][0], 0.0))
    seal(folder)
    assert {"number", "area"} <= set(failed(folder))


def test_a_bound_or_a_proof_that_nothing_gives_is_found(folder: Path) -> None:
    for values in ({"value": 1e9}, {"root_bound": 0.0}, {"bound": 1e12}):
        kept = (folder / KIND).read_text()
        say(folder, **values)
        seal(folder)
        assert "said" in failed(folder)
        (folder / KIND).write_text(kept)


def test_a_walk_beyond_the_standard_is_found(folder: Path) -> None:
    table = pd.read_parquet(folder / "pairs.parquet")
    table["cost"] = 1e6
    table.to_parquet(folder / "pairs.parquet", index=False)
    seal(folder)
    assert "walk" in failed(folder)


def test_what_is_no_such_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VerificationError) as refusal:
        verify_modules(tmp_path)
    assert refusal.value.codes == ("no-plan",)
