"""Steps from a start for every aim that is solved, also where places fill up: against every admissible choice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting import test_rooms
from tests.siting.brute_force import ASKED, COMBINATIONS, Case, admissible, drawn, nearest, optimum, problem, value
from tests.siting.clusters import clustered
from tests.siting.judged import contradictions
from utopias.domain.aim import Aim
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.siting.choose.improve import Step, improve
from utopias.siting.covers import cover_search
from utopias.siting.full_cover import bisection, twice_search
from utopias.siting.question.problem import Problem
from utopias.siting.rooms import room_search
from utopias.siting.solve import SOLVED_AIMS, solve

each_aim = pytest.mark.parametrize("aim", SOLVED_AIMS)
# The aims whose search is not that of a median, with a limit of that search to break into.
OTHERS = ("smallest-worst", "worst-first", "cover-all", "cover-twice")
CLOSE = {"rel": 1e-7, "abs": 1e-7}


def asked_of(aim: str, seed: int) -> tuple[Case, Problem] | None:
    """The question of a seed where it has an answer."""
    case = ASKED[aim](drawn(seed))
    try:
        question = problem(case)
    except InfeasibleError:
        return None
    return (case, question) if math.isfinite(optimum(case, aim)) else None


def starts_of(case: Case, seed: int) -> list[int]:
    """Some sites by lot, of those that may be chosen: a half-made plan, one too many, or none at all."""
    random = np.random.default_rng(seed)
    sites = [i for i in range(case["costs"].shape[1]) if i not in case["fixed"] and i not in case["forbidden"]]
    return sorted(random.choice(sites, int(random.integers(0, len(sites) + 1)), replace=False).tolist())


@each_aim
def test_no_step_is_false_and_the_last_is_the_best_of_all_choices(aim: str) -> None:
    answered = 0
    for seed in range(0, len(COMBINATIONS), 2):
        if (found := asked_of(aim, seed)) is None:
            continue
        answered += 1
        case, question = found
        best, start = optimum(case, aim), starts_of(case, seed)
        choices = {tuple(sorted(choice)) for choice in admissible(case)}
        sign = 1.0 if Aim.of(aim).more_is_better else -1.0
        steps: list[Step] = []
        for step in improve(question, start, aim=aim, within=case["within"]):
            where = f"seed {seed}, step {len(steps)}: {step}"
            assert step.sites in choices, where
            assert step.value == pytest.approx(value(case, step.sites, aim), **CLOSE), where
            assert sign * step.bound >= sign * best - 1e-7 * max(1.0, abs(best)), where
            assert not step.proven or step.value == pytest.approx(best, **CLOSE), where
            assert not contradictions(step.plan(), case, aim, optimum=best), where
            assert (step.plan().sites, step.plan().value) == (step.sites, pytest.approx(step.value, **CLOSE)), where
            steps.append(step)
        begun = tuple(sorted({*start, *case["forced"]}))
        if case["open"] is not None and begun in choices and math.isfinite(own := value(case, begun, aim)):
            assert (steps[0].sites, steps[0].value) == (begun, pytest.approx(own, **CLOSE)), seed
            assert (steps[0].added, steps[0].dropped) == ((), ()), seed
        assert all(
            sign * (b.value - a.value) >= -1e-9 and sign * (b.bound - a.bound) <= 1e-9 for a, b in pairwise(steps)
        )
        assert [step.stopped for step in steps] == [""] * (len(steps) - 1) + ["proven"], seed
        assert steps[-1].value == pytest.approx(best, **CLOSE), seed
        assert solve(question, aim=aim, within=case["within"]).value == pytest.approx(steps[-1].value, **CLOSE)
    assert answered > len(COMBINATIONS) // 8


@each_aim
def test_little_work_never_ends_worse_than_the_start_and_never_calls_proven_what_is_not(aim: str) -> None:
    for seed in range(1, len(COMBINATIONS), 4):
        if (found := asked_of(aim, seed)) is None:
            continue
        case, question = found
        best, sign = optimum(case, aim), 1.0 if Aim.of(aim).more_is_better else -1.0
        try:
            steps = list(improve(question, starts_of(case, seed), aim=aim, within=case["within"], work=1))
        except InfeasibleError as error:
            if error.codes != ("nobody-found-a-plan",):
                raise
            continue
        assert sign * steps[-1].value >= sign * steps[0].value - 1e-9
        assert sign * steps[-1].bound >= sign * best - 1e-7 * max(1.0, abs(best))
        assert steps[-1].proven == (steps[-1].stopped == "proven")
        assert not steps[-1].proven or steps[-1].value == pytest.approx(best, **CLOSE)


def levels_of(case: Case, sites: tuple[int, ...]) -> list[tuple[float, float]]:
    """(distance, weight at it) from the worst down: of two choices the less of two such lists is the better one."""
    counted = case["weights"] > 0
    walks, weights = nearest(case, sites)[counted], case["weights"][counted]
    return [(d, float(weights[walks == d].sum())) for d in sorted(set(walks.tolist()), reverse=True)]


def test_worst_first_gets_better_level_by_level_and_never_loses_what_the_start_had() -> None:
    deeper = 0
    for seed in range(0, 2 * len(COMBINATIONS), 2):
        if (found := asked_of("worst-first", seed)) is None:
            continue
        case, question = found
        work = improve(question, starts_of(case, seed), aim=Aim.of("worst-first", levels="all"), within=None)
        told = [(step.value, levels_of(case, step.sites)) for step in work]
        for (value_before, before), (value_after, after) in pairwise(told):
            assert after <= before, seed
            deeper += value_after == value_before and after < before
        assert told[-1][1] == min(levels_of(case, choice) for choice in admissible(case)), seed
    assert deeper > 0  # some got better under the first level


@pytest.mark.parametrize("single_source", [False, True])
@pytest.mark.parametrize("aim", ["cover-most", "least-walk", "least-cost"])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_where_places_fill_up_no_step_is_false_and_the_last_is_the_best(
    aim: str, single_source: bool, data: st.DataObject
) -> None:
    case = data.draw(test_rooms.rooms_cases(single_source=single_source))
    if aim == "least-cost":
        case |= {"site_costs": np.zeros(len(case["rooms"])), "budget": None, "open": case["open"] or 1}
    question = test_rooms.asked(case)
    best, sign = (
        test_rooms.optimum(case, "least-walk" if aim == "least-cost" else aim),
        1.0 if aim == "cover-most" else -1.0,
    )
    start = starts_of(case, data.draw(st.integers(0, 1_000)))
    work = improve(question, start, aim=aim, within=case["within"], time_limit="20 s")
    if np.isnan(best):
        with pytest.raises(InfeasibleError):
            list(work)
        return
    steps = []
    for step in work:
        plan = step.plan()
        assert plan.certificate is not None
        assert plan.certificate.holds, plan.certificate
        assert plan.flows is not None
        assert (plan.sites, plan.value) == (step.sites, pytest.approx(step.value, rel=1e-6, abs=1e-6))
        assert sign * step.bound >= sign * best - 1e-6
        assert sign * plan.bound >= sign * best - 1e-6
        assert plan.stopped == ("proven" if step.proven else step.stopped or "user")
        steps.append(step)
    assert all(sign * (b.value - a.value) >= -1e-9 and sign * (b.bound - a.bound) <= 1e-9 for a, b in pairwise(steps))
    assert steps[-1].value == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert (steps[-1].proven, steps[-1].stopped) == (True, "proven")


def test_a_plan_where_each_goes_as_a_whole_starts_as_it_stands_flows_and_all() -> None:
    """Largest first, first fit, would seat 6 and 5 apart and leave 4 and 3 out; the plan seats 15 of 18."""
    question = Problem.from_costs(
        np.zeros((4, 2)), [6.0, 5.0, 4.0, 3.0], open=2, beyond=1.0, capacities=[9.0, 6.0], single_source=True
    )
    plan = solve(question, aim="cover-most", within=None)
    first = next(improve(question, plan, aim="cover-most", within=None))
    assert (first.value, first.stopped) == (plan.value, "")
    assert first.plan().flows is not None


def hard(aim: str) -> tuple[Problem, dict[str, Any]]:
    """A question that keeps its search busy, and how it is asked."""
    costs, weights, radius = clustered(600, 60)
    if aim == "cover-all":
        return Problem.from_costs(costs, weights), {"within": 1.5 * float(costs.min(axis=1).max())}
    return Problem.from_costs(costs, weights, open=10), {"within": 2 * radius}


@pytest.mark.parametrize("aim", OTHERS)
def test_whoever_stops_asking_has_the_start_with_a_bound_and_no_proof(aim: str) -> None:
    question, terms = hard(aim)
    best = solve(question, aim=aim, **terms).value
    start = list(range(question.shape[1])) if aim == "cover-all" else list(range(10))
    work = improve(question, start, aim=aim, **terms)
    step = next(work)
    plan = step.plan()
    work.close()
    assert step.sites == tuple(start)
    assert (step.proven, plan.proven, plan.stopped) == (False, False, "user")
    assert step.bound >= best if aim == "cover-twice" else step.bound <= best < step.value
    assert next(work, None) is None


def _interrupted(*_: object, **__: object) -> Iterator[str]:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("aim", "place", "name"),
    [
        ("smallest-worst", bisection.Bisection, "_anybody"),
        ("worst-first", bisection.Bisection, "_bisect_quickly"),
        ("cover-all", cover_search._Search, "_swap"),
        ("cover-twice", twice_search.TwiceSearch, "_improve"),
        ("cover-most", room_search.RoomSearch, "_begin_near"),
    ],
)
def test_ctrl_c_inside_gives_one_more_step_with_what_is_in_hand(
    aim: str, place: type, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, terms = hard(aim)
    if aim == "cover-most":
        costs, weights, _ = clustered(200, 20)
        question = Problem.from_costs(costs, weights, open=10, capacities=np.full(20, 100.0))
    start = list(range(question.shape[1])) if aim == "cover-all" else list(range(10))
    monkeypatch.setattr(place, name, _interrupted)
    steps = list(improve(question, start, aim=aim, **terms))
    assert (steps[-1].stopped, steps[-1].proven) == ("user", False)
    assert steps[-1].bound != steps[-1].value
    assert steps[-1].plan().stopped == "user"


def test_a_start_that_leaves_somebody_is_completed_where_all_are_covered_and_the_step_says_so() -> None:
    covers = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], dtype=bool)
    steps = list(improve(Problem.from_coverage(covers, [1.0] * 4), [1], aim="cover-all", within=None))
    assert (steps[0].sites, steps[0].added) == ((0, 1, 2), (0, 2))
    assert (steps[-1].sites, steps[-1].value, steps[-1].proven) == ((0, 2), 2.0, True)


def test_a_start_that_is_the_best_already_is_kept_and_proven() -> None:
    covers = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], dtype=bool)
    last = list(improve(Problem.from_coverage(covers, [1.0] * 4), [0, 2], aim="cover-all", within=None))[-1]
    assert (last.sites, last.value, last.bound, last.proven) == ((0, 2), 2.0, 2.0, True)


def test_a_start_that_reaches_not_everybody_who_must_be_has_no_step_and_the_search_goes_on() -> None:
    costs = np.array([[1.0, np.inf, 2.0], [np.inf, 1.0, 2.0]])
    steps = list(improve(Problem.from_costs(costs, [1.0, 1.0], open=1), [0], aim="smallest-worst", within=None))
    assert {step.sites for step in steps} == {(2,)}
    assert steps[-1].proven


@pytest.mark.parametrize("aim", ["smallest-worst", "worst-first", "cover-twice"])
def test_a_start_with_too_many_sites_is_trimmed_to_the_number(aim: str) -> None:
    question, terms = hard(aim)
    first = next(improve(question, list(range(12)), aim=aim, **terms))
    assert len(first.sites) == 10
    assert len(first.dropped) == 2
    assert not first.added


def test_an_aim_that_knows_no_rooms_is_refused_at_the_call() -> None:
    question = Problem.from_costs([[1.0, 2.0]], [9.0], open=1, beyond=9.0, capacities=[1.0, 1.0])
    with pytest.raises(ProblemError) as caught:
        improve(question, aim="smallest-worst", within=None)
    assert caught.value.codes == ("aim-without-rooms",)
