"""The worst walk first, level by level, against brute force; and a chain that ends early says how far it is certain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.brute_force import admissible, cases, problem
from tests.siting.clusters import clustered
from tests.siting.towns import clustered_town
from utopias.domain.aim import Aim
from utopias.domain.errors import ProblemError
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve


def levels_of(case: dict[str, Any], sites: tuple[int, ...]) -> list[list[float]]:
    """[distance, weight] from the worst down, in plain numpy."""
    open_sites = [*sites, *case["fixed"]]
    nearest = case["costs"][:, open_sites].min(axis=1) if open_sites else np.full(len(case["weights"]), np.inf)
    nearest = np.minimum(nearest, case["beyond"])
    counted = case["weights"] > 0
    return [
        [float(d), float(case["weights"][counted & (nearest == d)].sum())]
        for d in sorted(set(nearest[counted].tolist()), reverse=True)
    ]


@settings(max_examples=150, deadline=None)
@given(case=cases(), levels=st.sampled_from([1, 2, 3, "all"]))
def test_no_admissible_choice_is_better_level_by_level(case: dict[str, Any], levels: int | str) -> None:
    most = None if levels == "all" else int(levels)
    plan = solve(problem(case), aim=Aim.of("worst-first", levels=levels), within=None)
    assert plan.sites in {tuple(sorted(c)) for c in admissible(case)}
    best = min(levels_of(case, choice)[:most] for choice in admissible(case))
    assert levels_of(case, plan.sites)[:most] == best
    assert plan.terms["levels_found"] == best
    assert plan.value == plan.bound == best[0][0]
    assert plan.proven
    assert plan.terms["certified"] == 2 * len(best)
    assert plan.certificate is not None
    assert plan.certificate.holds


def test_the_worst_walk_is_that_of_smallest_worst_and_fewer_people_walk_it() -> None:
    costs, weights, _ = clustered(300, 40)
    costs = np.round(costs)
    asked = Problem.from_costs(costs, weights, open=6)
    worst, first = (solve(asked, aim=aim, within=None) for aim in ("smallest-worst", "worst-first"))
    assert first.value == worst.value
    assert first.proven

    def at_worst(sites: tuple[int, ...]) -> float:
        return float(weights[costs[:, list(sites)].min(axis=1) == worst.value].sum())

    assert at_worst(first.sites) <= at_worst(worst.sites)


def test_a_chain_that_is_cut_short_tells_how_many_steps_are_certain() -> None:
    costs, weights, _ = clustered(900, 120)
    asked = Problem.from_costs(costs, weights, open=12, beyond=50.0)
    plan = solve(asked, aim=Aim.of("worst-first", levels="all"), within=None, work=4)
    assert plan.stopped == "work"
    assert not plan.proven
    assert 0 <= plan.terms["certified"] < 12
    assert plan.bound <= plan.value


def test_a_town_tells_levels_in_minutes() -> None:
    town, times = clustered_town(200, 15)
    plan = solve(Problem.for_town(town, times, open=3), aim="worst-first")
    found = plan.terms["levels_found"]
    assert found[0][0] == plan.value <= 30.0
    assert [level[0] for level in found] == sorted((level[0] for level in found), reverse=True)


@pytest.mark.parametrize("levels", [0, -1, "some", True])
def test_levels_must_be_a_number_or_all(levels: Any) -> None:
    with pytest.raises(ProblemError) as caught:
        solve(Problem.from_costs([[1.0, 2.0]], [1.0], open=1), aim=Aim.of("worst-first", levels=levels), within=None)
    assert caught.value.codes == ("bad-term",)


def test_a_step_that_ends_at_its_target_inside_presolve_is_certain_too() -> None:
    """There HiGHS tells the value of one solution and hands out another; the step is asked again without a target."""
    costs = [
        [2, 2, 2, 0, 2, 1, 0], [1, 0, 1, 2, 1, 1, 2], [0, 2, 0, 2, 1, 2, 0], [1, 1, 1, 2, 1, 1, 2],
        [2, 2, 2, 1, 1, 1, 0], [2, 1, 2, 1, 2, 2, 2], [2, 0, 2, 2, 1, 0, 2], [2, 0, 2, 1, 0, 2, 1],
    ]  # fmt: skip
    weights = [83888.6, 8627.2, 28383.9, 8010.2, 53021.2, 17817.5, 11898.7, 19628.9]
    question = Problem.from_costs(np.array(costs, dtype=float), weights, fixed=[2], budget=3.0, site_costs=np.ones(7))
    plan = solve(question, aim="worst-first", work=1000)
    assert plan.proven
    assert plan.sites == (1, 3, 6)
    assert plan.terms["levels_found"][0] == [1.0, pytest.approx(8010.2 + 17817.5)]
