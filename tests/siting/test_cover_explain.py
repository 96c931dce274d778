"""What each site of a plan over the worst walk or full coverage is worth: against the plan valued anew without it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.siting.brute_force import cases, problem
from tests.siting.test_cover_twice import covered
from tests.siting.test_smallest_worst import worst
from utopias.domain.aim import Aim
from utopias.siting.choose.explain import explain
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve


def swapped(case: dict[str, Any], sites: tuple[int, ...], out: int) -> list[tuple[int, ...]]:
    m = case["costs"].shape[1]
    others = [i for i in range(m) if i not in (*sites, *case["fixed"], *case["forbidden"])]
    every = [tuple(sorted((*(set(sites) - {out}), i))) for i in others]
    if case["budget"] is not None:
        every = [c for c in every if sum(case["site_costs"][list(c)]) <= case["budget"]]
    return every


@settings(max_examples=150, deadline=None)
@given(case=cases())
def test_a_loss_is_how_much_longer_the_worst_walk_is_without_the_site(case: dict[str, Any]) -> None:
    asked = problem(case)
    plan = solve(asked, aim="smallest-worst", within=None)
    for told in explain(asked, plan).chosen:
        assert told.loss == worst(case, tuple(set(plan.sites) - {told.site})) - plan.value
        if told.site in case["forced"]:
            assert told.replacement is None
            continue
        losses = [worst(case, choice) - plan.value for choice in swapped(case, plan.sites, told.site)]
        assert told.replacement_loss == (min(losses) if losses else None)


@settings(max_examples=100, deadline=None)
@given(case=cases())
def test_a_loss_of_backup_cover_is_the_weight_that_falls_under_its_need(case: dict[str, Any]) -> None:
    case["within"] += 3.0
    asked = Problem.from_coverage(
        case["costs"] <= case["within"], case["weights"],
        **{name: case[name] for name in ("open", "fixed", "forced", "forbidden", "site_costs", "budget")},
    )  # fmt: skip
    plan = solve(asked, aim="cover-twice", within=None)
    for told in explain(asked, plan).chosen:
        assert told.loss == pytest.approx(plan.value - covered(case, tuple(set(plan.sites) - {told.site}), 2))
        losses = [plan.value - covered(case, choice, 2) for choice in swapped(case, plan.sites, told.site)]
        if told.site not in case["forced"]:
            assert told.replacement_loss == (pytest.approx(min(losses)) if losses else None)


def test_where_all_must_be_covered_a_needed_site_has_no_loss_but_a_replacement() -> None:
    covers = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]], dtype=bool)
    asked = Problem.from_coverage(covers, [1.0] * 3, site_costs=[2.0, 3.5, 1.0, 9.0])
    told = explain(asked, solve(asked, aim=Aim.of("cover-all", count="cost"), within=None))
    assert [site.site for site in told.chosen] == [0, 2]
    assert (told.chosen[0].loss, told.chosen[0].replacement, told.chosen[0].replacement_loss) == (None, 1, 1.5)
    assert (told.chosen[1].loss, told.chosen[1].replacement) == (None, None)
    assert [(site.site, site.loss, site.instead_of) for site in told.refused] == [(1, 1.5, 0), (3, 9.0, None)]
