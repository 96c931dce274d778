"""Every aim against every admissible choice: thousands of small questions, each combination of rules in turn."""

from __future__ import annotations

import math

import pytest

from tests.siting.brute_force import ASKED, COMBINATIONS, VALUES, Case, admissible, drawn, optimum, problem
from tests.siting.judged import contradictions
from utopias.domain.errors import InfeasibleError
from utopias.siting.solve import SOLVED_AIMS, solve

EACH = len(COMBINATIONS)
PORTIONS = [0, *(pytest.param(k, marks=pytest.mark.slow) for k in range(1, 21))]
each_aim = pytest.mark.parametrize("aim", SOLVED_AIMS)


@each_aim
def test_every_aim_that_is_solved_has_a_value_by_brute_force(aim: str) -> None:
    assert aim in VALUES, f"tell the value of {aim} in tests/siting/brute_force.py, under by_brute_force"


@pytest.mark.parametrize("portion", PORTIONS)
@each_aim
def test_a_plan_is_the_best_of_all_choices_under_every_combination_of_rules(aim: str, portion: int) -> None:
    solved = [seed for seed in range(portion * EACH, (portion + 1) * EACH) if _is_the_best(aim, seed)]
    assert len(solved) > EACH // 4  # many of the questions have an answer, so the law is not an empty one


@pytest.mark.parametrize("work", [1, 3])
@pytest.mark.parametrize("portion", PORTIONS)
@each_aim
def test_a_search_of_one_or_three_rounds_says_nothing_false(aim: str, portion: int, work: int) -> None:
    for seed in range(portion * EACH, (portion + 1) * EACH, 2):
        _is_the_best(aim, seed, work=work)


def test_every_combination_of_rules_is_drawn() -> None:
    # number, budget or both; 0, 1 or 2 fixed; one forced or none; one forbidden or none; all reached or a charge.
    assert len({_rules(seed) for seed in range(EACH)}) == 3 * 3 * 2 * 2 * 2


def test_a_question_without_any_choice_is_drawn_too() -> None:
    assert any(not admissible(drawn(seed)) for seed in range(EACH))


def _rules(seed: int) -> tuple[object, ...]:
    case = drawn(seed)
    limits = tuple(name for name in ("open", "budget") if case[name] is not None)
    return limits, len(case["fixed"]), bool(case["forced"]), bool(case["forbidden"]), case["beyond"] is None


def _is_the_best(aim: str, seed: int, work: int | None = None) -> bool:
    """Solve the question of a seed and judge the plan; False where there is rightly none."""
    case = ASKED[aim](drawn(seed))
    if _pays_no_site(case):  # refused when the problem is made, also where an aim would be content to open nothing
        with pytest.raises(InfeasibleError):
            problem(case)
        return False
    best = optimum(case, aim)
    if not math.isfinite(best):
        with pytest.raises(InfeasibleError):
            solve(problem(case), aim=aim, within=case["within"], work=work)
        return False
    try:
        plan = solve(problem(case), aim=aim, within=case["within"], work=work)
    except InfeasibleError as error:
        # A search cut short may find no plan that reaches all, and must say that this is no proof that there is none.
        if work is None or error.codes != ("nobody-found-a-plan",):
            raise
        return False
    wrong = contradictions(plan, case, aim, optimum=best)
    assert not wrong, f"seed {seed}: {wrong}"
    assert plan.sites in {tuple(sorted(choice)) for choice in admissible(case)}, f"seed {seed}: {plan.sites}"
    assert plan.proven or work is not None, f"seed {seed}: {plan}"
    return True


def _pays_no_site(case: Case) -> bool:
    closed = {*case["fixed"], *case["forbidden"]}
    prices = [price for i, price in enumerate(case["site_costs"]) if i not in closed]
    return case["budget"] is not None and min(prices) > case["budget"]
