"""A town's plan for each aim over the worst walk or coverage is recounted from its folder; an edit is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.siting.towns import clustered_town
from tests.witness.folders import edit_json
from utopias.domain.aim import Aim
from utopias.scenario.findings import findings
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve
from utopias.witness.verify import verify

ASKED: dict[str, tuple[Aim, dict[str, Any]]] = {
    "smallest-worst": (Aim.of("smallest-worst"), {"open": 4}),
    "smallest-worst by money": (Aim.of("smallest-worst"), {"budget": 500e6, "forced": ["s0003"]}),
    "worst-first": (Aim.of("worst-first", levels=2), {"open": 3}),
    "cover-all": (Aim.of("cover-all", unreachable="leave-out"), {}),
    "cover-all by money": (Aim.of("cover-all", unreachable="leave-out", count="cost"), {"forced": ["s0002"]}),
    "cover-twice": (Aim.of("cover-twice"), {"open": 6, "forbidden": ["s0001"]}),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_plan_holds_as_saved_and_an_edited_value_or_bound_is_found(name: str, tmp_path: Path) -> None:
    aim, limits = ASKED[name]
    town, times = clustered_town(250, 25)
    problem = Problem.for_town(town, times, **limits)
    plan = solve(problem, aim=aim, within="15 min", time_limit="20 s")
    plan = plan.with_(findings=findings(problem, plan))
    assert plan.findings is not None
    assert len(plan.findings.sites) == len(plan.sites)
    folder = plan.save(tmp_path / "plan")
    held = verify(folder)
    assert held.holds, held.failed
    edit_json(folder, "plan.json", "value", value=plan.value * 1.01 + 1.0)
    assert "value" in verify(folder).failed
    edit_json(folder, "plan.json", "value", value=plan.value)
    edit_json(folder, "plan.json", "root_bound", value=plan.root_bound * 1.01 + 1.0)
    assert "root-bound" in verify(folder).failed
