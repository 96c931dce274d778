"""A plan that gets better while somebody watches, and may be stopped at any step."""

from __future__ import annotations

from itertools import pairwise
from time import monotonic
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.siting.brute_force import admissible, cases, optimum, problem
from tests.siting.clusters import clustered
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.siting.choose.improve import improve
from utopias.siting.median.search import Search
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve

# Site 0 reaches the first two places, 1 the second and third, 2 only the third, 3 only the last.
COVERS = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]], dtype=bool)
WEIGHTS = [10.0, 4.0, 6.0, 1.0]


def hard() -> Problem:
    """Half a percent is still open after five seconds."""
    costs, weights, radius = clustered(3_000, 150)
    return Problem.from_coverage(costs <= 2 * radius, weights, open=20)


def test_too_many_sites_are_trimmed_and_too_few_completed_and_both_are_told() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=2)
    few = next(improve(question, [3]))
    assert (few.added, few.dropped) == ((0,), ())  # 0 gains most: 14
    many = next(improve(question, [0, 2, 3]))
    assert (many.added, many.dropped) == ((), (3,))  # 3 is worth least: 1
    assert next(improve(question)).added == ()


def test_a_start_that_the_purse_cannot_pay_is_trimmed_to_it() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, budget=5.0, site_costs=[4.0, 4.0, 1.0, 1.0])
    step = next(improve(question, [0, 1]))
    assert (step.dropped, step.added) == (
        (1,),
        (2,),
    )  # 1 is worth 6, 0 is worth 10; then 1 is left, which buys the third place


@settings(max_examples=80, deadline=None)
@given(case=cases())
def test_steps_never_get_worse_and_the_last_is_the_best_of_all_choices(case: dict[str, Any]) -> None:
    question = problem(case)
    begun = question.candidates[: max(0, len(question.candidates) - 1)].tolist()
    if not admissible(case):
        return
    steps = list(improve(question, begun, aim="least-walk", within=None))
    assert all(b.value <= a.value + 1e-9 and b.bound >= a.bound - 1e-9 for a, b in pairwise(steps))
    assert all(step.stopped == "" for step in steps[:-1])
    assert (steps[-1].stopped, steps[-1].proven) == ("proven", True)
    assert steps[-1].value == pytest.approx(optimum(case, "least-walk"))
    plan = steps[-1].plan()
    assert (plan.sites, plan.value, plan.bound) == (
        steps[-1].sites,
        pytest.approx(steps[-1].value),
        pytest.approx(plan.value),
    )
    assert plan.certificate is not None
    assert plan.certificate.holds


def test_whoever_stops_asking_has_the_best_so_far_and_no_proof() -> None:
    work = improve(hard(), work=200)
    step = next(work)
    plan = step.plan()
    work.close()
    assert not step.proven
    assert not plan.proven
    assert plan.stopped == "user"
    assert plan.bound >= plan.value == step.value


def test_ctrl_c_inside_gives_one_more_step_with_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    original, calls = Search._narrow, []

    def interrupted(self: Search) -> None:
        calls.append(self.bound)
        if len(calls) == 2:
            raise KeyboardInterrupt
        original(self)

    monkeypatch.setattr(Search, "_narrow", interrupted)
    costs, weights, _ = clustered(3_000, 150)
    steps = list(improve(Problem.from_costs(costs, weights, open=20), aim="least-walk", work=200))
    assert (steps[-1].stopped, steps[-1].proven) == ("user", False)
    assert steps[-1].bound < steps[-1].value


def test_the_clock_stops_it_in_time_and_says_so() -> None:
    list(improve(hard(), time_limit="1 s"))  # machine code is loaded before the clock is looked at
    began = monotonic()
    last = list(improve(hard(), time_limit="1.5 s"))[-1]
    assert monotonic() - began < 1.5 + 0.5 + 1.0  # the last second for a machine that does other things too
    assert (last.stopped, last.proven) == ("clock", False)
    assert last.gap > 0


def test_counted_work_gives_the_same_plan_whatever_the_clock_says() -> None:
    one, two = (list(improve(hard(), [1, 2, 3], work=30, seed=11))[-1] for _ in range(2))
    assert (one.sites, one.value, one.bound) == (two.sites, two.value, two.bound)
    plan = solve(hard(), work=30, seed=11)
    assert one.bound >= plan.value
    assert plan.bound >= one.value


def test_a_start_that_names_what_may_not_be_chosen_is_refused_at_the_call() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=1, fixed=[0], forbidden=[1])
    for start in ([0], [1], [9], ["S1"], [True]):
        with pytest.raises(ProblemError) as caught:
            improve(question, start)
        assert caught.value.codes == ("bad-start",)
    with pytest.raises(ProblemError):
        improve(question, aim="shortest")
    with pytest.raises(ProblemError) as caught:
        improve(question, work=0, gap=-1.0)
    assert caught.value.codes == ("bad-work", "bad-gap")


def test_a_question_without_an_answer_is_refused_at_the_first_step() -> None:
    costs = np.array([[1.0, np.inf, np.inf], [np.inf, 1.0, np.inf], [np.inf, np.inf, 1.0]])
    with pytest.raises(InfeasibleError):
        list(improve(Problem.from_costs(costs, [1.0, 1.0, 1.0], open=2), aim="least-walk", within=None))
