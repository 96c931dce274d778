"""One plan for several worlds, against every choice of sites in every world."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.siting.brute_force import ASKED, admissible, cases, problem, value
from tests.siting.test_rooms import asked as with_rooms
from tests.siting.test_rooms import rooms_cases, split
from utopias.domain.aim import Aim
from utopias.domain.errors import ProblemError
from utopias.siting.doubt.compared_worlds import A_PERSON, COMPARED
from utopias.siting.doubt.worlds import solve_worlds
from utopias.siting.question.problem import Problem


def judged(case: dict[str, Any], worlds: list[np.ndarray], aim: str, judge: str) -> float:
    """The best judgement of any choice, in shares covered or mean walks."""
    found = []
    for choice in admissible(case):
        shares = [value({**case, "weights": w}, choice, aim) / w.sum() for w in worlds]
        found.append(np.mean(shares) if judge == "mean" else (min if aim == "cover-most" else max)(shares))
    return float(max(found) if aim == "cover-most" else min(found))


@pytest.mark.parametrize("judge", ["mean", "worst"])
@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
@settings(max_examples=12, deadline=None)
@given(case=cases(), seed=st.integers(0, 2**32 - 1))
def test_no_choice_is_judged_better_than_the_bound(aim: str, judge: str, case: dict[str, Any], seed: int) -> None:
    assume(admissible(case))
    random = np.random.default_rng(seed)
    worlds = [np.asarray(case["weights"]), random.integers(0, 9, len(case["weights"])) + 1.0]
    best = judged(case, worlds, aim, judge)
    asked = solve_worlds(
        problem(case), {"today": worlds[0], "2035": worlds[1]}, judge=judge, aim=aim, within=case["within"]
    )
    sign = 1.0 if aim == "cover-most" else -1.0
    assert sign * asked.bound >= sign * best - 1e-7
    assert sign * asked.value <= sign * best + 1e-7
    if judge == "mean" or asked.proven:
        assert asked.value == pytest.approx(best, rel=1e-6, abs=1e-7)
    own = [value({**case, "weights": w}, asked.plan.sites, aim) for w in worlds]
    assert list(asked.values.values()) == pytest.approx(own)
    assert all(regret >= -1e-9 for regret in asked.regret.values())


def test_the_worst_world_is_served_where_the_mean_forgets_it() -> None:
    covered = np.array([[True, False], [False, True]])
    asked = Problem.from_coverage(covered, [1, 1], open=1)
    worlds = {"today": [90, 10], "tomorrow": [40, 60]}
    assert solve_worlds(asked, worlds, judge="mean").plan.sites == (0,)  # 0.9 and 0.4 beside 0.1 and 0.6
    assert solve_worlds(asked, worlds, judge="worst").shares == {"today": 0.9, "tomorrow": 0.4}


def test_worlds_that_make_no_sense_are_refused_at_once() -> None:
    asked = Problem.from_coverage(np.eye(2, dtype=bool), [1, 1], open=1)
    with pytest.raises(ProblemError) as caught:
        solve_worlds(asked, {"one": [1, np.nan]}, judge="best", aim="smallest-worst")
    assert caught.value.codes == ("too-few-worlds", "unknown-judge", "aim-without-worlds", "bad-weights")


@pytest.mark.parametrize("judge", ["mean", "worst"])
@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
@settings(max_examples=12, deadline=None)
@given(case=rooms_cases(single_source=False), seed=st.integers(0, 2**32 - 1))
def test_with_rooms_no_choice_is_judged_better_than_the_bound(
    aim: str, judge: str, case: dict[str, Any], seed: int
) -> None:
    case = {**case, "beyond": case["beyond"] or 13.0}
    random = np.random.default_rng(seed)
    counted = case["weights"] > 0
    worlds = [case["weights"], np.where(counted, random.integers(1, 9, len(counted)), 0.0)]
    choices = [c for c in admissible(case) if set(case["forced"]) <= set(c)]

    def value_in(weights: np.ndarray, choice: tuple[int, ...]) -> float:
        lost = split({**case, "weights": weights}, [*choice, *case["fixed"]], aim)
        return float(weights.sum()) - lost if aim == "cover-most" else lost

    told = {"today": worlds[0], "2035": worlds[1]}
    found = solve_worlds(with_rooms(case), told, judge=judge, aim=aim, within=case["within"])
    shares = [[value_in(w, choice) / w.sum() for w in worlds] for choice in choices]
    sign = 1.0 if aim == "cover-most" else -1.0
    best = max(np.mean([sign * s for s in row]) if judge == "mean" else min(sign * s for s in row) for row in shares)
    assert sign * found.bound >= best - 1e-7
    assert sign * found.value <= best + 1e-7
    assert list(found.values.values()) == pytest.approx([value_in(w, found.plan.sites) for w in worlds], abs=1e-6)
    if found.proven:
        assert found.value == pytest.approx(sign * best, abs=1e-6)


@pytest.mark.parametrize("judge", ["mean", "worst"])
@pytest.mark.parametrize("aim", COMPARED)
@settings(max_examples=12, deadline=None)
@given(case=cases(), seed=st.integers(0, 2**32 - 1))
def test_of_every_aim_that_counts_people_no_choice_is_judged_better_than_the_bound(
    aim: str, judge: str, case: dict[str, Any], seed: int
) -> None:
    case = ASKED[aim](case)
    assume(admissible(case))
    random = np.random.default_rng(seed)
    counted = np.asarray(case["weights"]) > 0
    worlds = [np.asarray(case["weights"]), np.where(counted, random.integers(1, 9, len(counted)), 0.0)]
    told = {"today": worlds[0], "2035": worlds[1]}
    found = solve_worlds(problem(case), told, judge=judge, aim=aim, within=case["within"])

    def shares(sites: tuple[int, ...]) -> list[float]:
        values = [value({**case, "weights": w}, sites, aim) for w in worlds]
        return [v if aim in A_PERSON else v / w.sum() for v, w in zip(values, worlds, strict=True)]

    sign = 1.0 if Aim.of(aim).more_is_better else -1.0
    rows = [shares(choice) for choice in admissible(case)]
    best = max(np.mean([sign * s for s in row]) if judge == "mean" else min(sign * s for s in row) for row in rows)
    assert sign * found.bound >= best - 1e-6 * max(1.0, abs(best))
    assert sign * found.value <= best + 1e-6 * max(1.0, abs(best))
    assert list(found.shares.values()) == pytest.approx(shares(found.plan.sites), rel=1e-6, abs=1e-7)
