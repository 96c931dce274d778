"""Plans of sites and services against every choice there is: the best is found and proven, and no bound is ever beaten."""

from __future__ import annotations

import pytest

from tests.siting.bundles.every_choice import asked, best_of_all
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.domain.module_plan import ModulePlan
from utopias.siting.bundles.solve import equip

MANY = [pytest.param(first, marks=pytest.mark.slow) for first in range(150, 3000, 150)]


@pytest.mark.parametrize("first", MANY)
def test_a_plan_is_the_best_of_every_choice_in_thousands_of_questions(first: int) -> None:
    for seed in range(first, first + 150):
        test_a_plan_is_the_best_of_every_choice_and_no_bound_is_beaten(seed)


@pytest.mark.parametrize("seed", range(150))
def test_a_plan_is_the_best_of_every_choice_and_no_bound_is_beaten(seed: int) -> None:
    try:
        question = asked(seed)
    except InfeasibleError:
        return
    except ProblemError as refusal:
        if refusal.codes != ("zero-weight",):  # a drawn question has nobody in it, or it is sound
            raise
        return
    best = best_of_all(question)
    if best is None:
        with pytest.raises(InfeasibleError):
            equip(question, time_limit="20 s")
        return
    plan = equip(question, time_limit="20 s")
    slack = 1e-6 * max(1.0, best)
    assert plan.value == pytest.approx(best, abs=slack)
    assert plan.proven
    assert plan.bound >= best - slack
    assert plan.root_bound >= plan.bound - slack
    assert plan.certificate is not None
    assert [name for name, held in plan.certificate.checks.items() if not held] == []


@pytest.mark.parametrize("seed", range(12))
def test_a_search_that_is_stopped_early_still_has_a_plan_and_a_bound_that_holds(seed: int) -> None:
    try:
        question = asked(seed)
    except ProblemError:
        return
    best = best_of_all(question)
    if best is None:
        return
    plan: ModulePlan = equip(question, work=1)
    assert plan.value <= best + 1e-6
    assert plan.bound >= best - 1e-6
    assert plan.proven == (plan.stopped == "proven")


def test_the_same_work_and_seed_give_the_same_plan() -> None:
    first, again = (equip(asked(4), work=5, seed=3) for _ in range(2))
    assert (first.bundles, first.value, first.bound) == (again.bundles, again.value, again.bound)


def test_a_question_that_nothing_can_meet_has_no_choice_at_all() -> None:
    refusals = []
    for seed in range(150):
        try:
            asked(seed)
        except InfeasibleError as error:
            refusals.append(error)
        except ProblemError:
            pass
    assert len(refusals) > 10, "the drawn questions try what cannot be met"
    assert all(fault.mend for error in refusals for fault in error.faults)
