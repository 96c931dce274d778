"""Why no plan reaches everybody: the places named cannot be reached together, and without any one of them they could."""

from __future__ import annotations

import time
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.towns import clustered_town
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.language.sentences import sentence
from utopias.siting.covers import conflict as module
from utopias.siting.covers.conflict import conflict, conflict_of_all, fault_of
from utopias.siting.question.clock import Clock
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve


def can_be_met(covered: np.ndarray, demands: tuple[int, ...], choices: list[tuple[int, ...]]) -> bool:
    rows = covered[list(demands)]
    return any(rows[:, list(choice)].any(axis=1).all() for choice in choices)


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    n, m = draw(st.integers(2, 8)), draw(st.integers(3, 6))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    covered = random.random((n, m)) < draw(st.sampled_from([0.25, 0.4]))
    prices = random.integers(1, 5, m).astype(float)
    case: dict[str, Any] = {"covered": covered, "site_costs": prices, "fixed": [0] if draw(st.booleans()) else []}
    if draw(st.booleans()):
        case["open"] = draw(st.integers(1, 2))
    else:
        case["budget"] = float(prices.max() + draw(st.integers(0, 3)))
    return case


@settings(max_examples=250, deadline=None)
@given(case=questions())
def test_a_conflict_cannot_be_met_and_without_any_of_its_demands_it_can(case: dict[str, Any]) -> None:
    covered, m, n = case["covered"], case["covered"].shape[1], len(case["covered"])
    problem = Problem.from_coverage(covered, np.ones(n), **{k: v for k, v in case.items() if k != "covered"})
    candidates = [i for i in range(m) if i not in case["fixed"]]
    if "open" in case:
        choices = [(*c, *case["fixed"]) for c in combinations(candidates, case["open"])]
    else:
        every = [c for k in range(len(candidates) + 1) for c in combinations(candidates, k)]
        choices = [(*c, *case["fixed"]) for c in every if sum(case["site_costs"][list(c)]) <= case["budget"]]
    found = conflict(problem)
    if can_be_met(covered, tuple(range(n)), choices):
        assert found is None
        return
    assert found is not None
    assert not can_be_met(covered, found.demands, choices)
    for one in found.demands:
        assert can_be_met(covered, tuple(j for j in found.demands if j != one), choices)
    smaller = [s for k in range(1, len(found.demands)) for s in combinations(range(n), k)]
    if found.kind == "smallest":
        assert all(can_be_met(covered, s, choices) for s in smaller)
    if "open" in case and found.sites_needed is not None:
        assert found.sites_needed > case["open"]


def test_three_places_that_share_no_site_need_three_sites() -> None:
    covered = np.array([[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=bool)
    found = conflict(Problem.from_coverage(covered, [1.0] * 4, open=2))
    assert found is not None
    assert len(found.demands) == 3
    assert set(found.demands) >= {2, 3}
    assert (found.sites_needed, found.open, found.kind) == (3, 2, "smallest")


def test_a_place_that_no_site_reaches_is_the_whole_conflict() -> None:
    found = conflict(Problem.from_coverage(np.array([[1, 0], [0, 0]], dtype=bool), [1.0, 1.0], open=1))
    assert found is not None
    assert (found.demands, found.sites_needed, found.kind) == ((1,), None, "smallest")


@pytest.mark.parametrize("aim", ["least-walk", "smallest-worst"])
def test_an_infeasible_question_names_the_places_that_conflict(aim: str) -> None:
    costs = np.where(np.eye(4, dtype=bool), 1.0, np.inf)
    with pytest.raises(InfeasibleError, match="they alone need 3 new sites") as caught:
        solve(Problem.from_costs(costs, [1.0] * 4, open=2), aim=aim, within=None)
    assert "cannot-all-be-met" in caught.value.codes
    fault = next(f for f in caught.value.faults if f.code == "cannot-all-be-met")
    assert fault.count == 3


def test_the_blocks_of_a_town_are_named_by_their_ids() -> None:
    town, times = clustered_town(150, 20)
    problem = Problem.for_town(town, times, open=1)
    found = conflict(problem, within="8 min")
    assert found is not None
    assert set(found.ids) <= set(town.blocks.ids.tolist())
    assert conflict(problem, within="30 min") is None or found.sites_needed is None


def test_cover_several_times_conflicts_sooner() -> None:
    covered = np.ones((2, 2), dtype=bool)
    problem = Problem.from_coverage(covered, [1.0, 1.0], open=1)
    assert conflict(problem) is None
    twice = conflict(problem, times=2)
    assert twice is not None
    assert (len(twice.demands), twice.sites_needed) == (1, 2)
    with pytest.raises(ProblemError):
        conflict(problem, times=0)


def needs_more(sites: int, open: int, *, seed: int = 3) -> Problem:
    """Sites that each reach 3 in 100 of 40 places a site, as near as they lie in a square; everybody is near one of them."""
    random = np.random.default_rng(seed)
    places, units = random.random((40 * sites, 2)), random.random((sites, 2))
    far = np.hypot(*(places[:, None, :] - units[None, :, :]).transpose(2, 0, 1))
    reach = np.maximum(np.sqrt(0.03 / np.pi), far.min(axis=1))
    return Problem.from_costs(np.where(far <= reach[:, None], far, np.inf), np.ones(len(places)), open=open)


@pytest.mark.parametrize("aim", ["least-walk", "smallest-worst", "worst-first"])
def test_who_conflicts_is_named_within_the_time_limit(aim: str) -> None:
    problem = needs_more(400, 38)
    with pytest.raises(InfeasibleError):  # machine code is loaded before the clock runs
        solve(problem, aim=aim, within=None, time_limit="0.5 s")
    begun = time.process_time()
    with pytest.raises(InfeasibleError) as caught:
        solve(problem, aim=aim, within=None, time_limit="0.5 s")
    assert time.process_time() - begun < 1.0
    assert caught.value.codes[-1] in ("cannot-all-be-met", "nobody-found-a-plan")


def test_a_conflict_that_is_certain_is_told_however_little_time_is_left() -> None:
    problem = needs_more(60, 5)
    late = Clock(0.0)
    late.began -= 5.0
    found = conflict_of_all(problem, 7, late, certain=True)
    assert found is not None
    assert (len(found.demands), found.kind, found.sites_needed) == (2400, "not-reduced", None)
    unsure = conflict_of_all(problem, 7, late)  # what a first look shows takes no longer than reading the rows
    assert unsure is None or unsure.kind == "not-reduced"
    fault = fault_of(found, problem)
    assert "2400 places cannot all be reached with as much as may open (perhaps more than needed" in str(fault)
    assert "quizá más" in sentence(fault.what, "es")
    assert "peut-être" in sentence(fault.what, "fr")
    enough = conflict_of_all(problem, 7, Clock(60.0), certain=True)
    assert enough is not None
    assert enough.kind in ("irreducible", "smallest")
    assert enough.sites_needed is not None
    assert enough.sites_needed > 5


def test_a_set_whose_search_was_cut_short_is_not_called_smallest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not found out is no no: else a clock that ends makes any set the smallest."""
    covered = np.array([[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=bool)
    problem = Problem.from_coverage(covered, [1.0] * 4, site_costs=[1.0, 2.0, 3.0, 4.0], budget=8.0)
    honest = conflict(problem)
    assert honest is not None
    assert honest.kind == "smallest"
    monkeypatch.setattr(module, "_impossible", lambda *_: None)
    cut = conflict(problem)
    assert cut is not None
    assert cut.kind == "not-reduced"
