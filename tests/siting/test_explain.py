"""What each site is worth, by hand and by solving again without it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

from tests.siting.brute_force import admissible, cases, problem, value
from tests.siting.clusters import clustered
from utopias.domain.errors import MisalignedError, ProblemError
from utopias.siting.alternatives import alternatives
from utopias.siting.explain import explain
from utopias.siting.problem import Problem
from utopias.siting.solve import solve

# Site 0 reaches the first two places, 1 the second and third, 2 only the third, 3 only the last.
COVERS = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]], dtype=bool)
WEIGHTS = [10.0, 4.0, 6.0, 1.0]


def test_worth_replacement_and_near_misses_by_hand() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=2)
    plan = solve(question)
    assert plan.sites == (0, 1)  # 0 and 2 would be as good: 20 of 21 either way
    said = explain(question, plan)
    first, second = said.chosen
    assert (first.site, first.only_here, first.loss, first.replacement, first.replacement_loss) == (0, 10, 10, 3, 9)
    assert (second.site, second.only_here, second.loss, second.replacement, second.replacement_loss) == (1, 6, 6, 2, 0)
    assert [(r.site, r.loss, r.instead_of) for r in said.refused] == [(2, 0.0, 1), (3, 5.0, 1)]


def test_a_forced_site_has_a_loss_and_no_replacement() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=2, forced=[3])
    said = explain(question, solve(question))
    forced = next(site for site in said.chosen if site.site == 3)
    assert (forced.loss, forced.replacement, forced.replacement_loss) == (1.0, None, None)
    assert all(refused.instead_of == 0 for refused in said.refused)


def test_a_site_the_budget_cannot_pay_has_no_loss_to_tell() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, budget=5.0, site_costs=[4.0, 9.0, 1.0, 1.0])
    said = explain(question, solve(question))
    dear = next(refused for refused in said.refused if refused.site == 1)
    assert dear.loss is None
    assert dear.instead_of is None
    assert said.refused[-1].site == 1


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_losses_are_those_of_valuing_the_plan_again(case: dict) -> None:  # type: ignore[type-arg]
    question = problem(case)
    plan = solve(question, aim="least-walk")
    allowed = {tuple(sorted(c)) for c in admissible(case)}
    for site in explain(question, plan).chosen:
        rest = tuple(i for i in plan.sites if i != site.site)
        assert site.loss == pytest.approx(value(case, rest, "least-walk") - plan.value)
        others = {tuple(sorted((*rest, i))): i for i in question.candidates.tolist() if i not in plan.sites}
        options = [value(case, choice, "least-walk") for choice in others if choice in allowed]
        if site.site in case["forced"] or not options:
            assert site.replacement is None
        else:
            assert site.replacement_loss == pytest.approx(min(options) - plan.value)


def test_alternatives_are_other_plans_under_the_line_and_unlike_each_other() -> None:
    costs, weights, radius = clustered(400, 40)
    question = Problem.from_coverage(costs <= 2 * radius, weights, open=5)
    plan = solve(question)
    others = alternatives(question, plan, within=0.03, count=10)
    assert 2 <= len(others) <= 10
    assert len({other.sites for other in others} | {plan.sites}) == len(others) + 1
    for other in others:
        assert other.value >= plan.value * (1 - 0.03) - 1e-9
        assert len(other.sites) == 5
        assert other.certificate is not None
        assert other.certificate.holds
        assert other.bound == plan.bound
        assert not other.proven


def test_alternatives_find_every_single_swap_under_the_line() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=2)
    plan = solve(question)
    under = {c for c in combinations(range(4), 2) if covered(c) >= plan.value * 0.7} - {plan.sites}
    assert {other.sites for other in alternatives(question, plan, within=0.3)} == under


def covered(sites: tuple[int, ...]) -> float:
    return float(np.array(WEIGHTS)[COVERS[:, list(sites)].any(axis=1)].sum())


def test_a_plan_of_another_problem_is_refused() -> None:
    plan = solve(Problem.from_coverage(COVERS, WEIGHTS, open=2))
    with pytest.raises(MisalignedError):
        explain(Problem.from_coverage(COVERS, [1.0, 1.0, 1.0, 9.0], open=2), plan)
    with pytest.raises(MisalignedError):
        explain(Problem.from_coverage(COVERS, WEIGHTS, open=2, forbidden=[0]), plan)


def test_a_limit_over_bare_costs_is_not_kept_by_a_plan_and_that_is_said() -> None:
    costs = np.where(COVERS, 1.0, 5.0)
    question = Problem.from_costs(costs, WEIGHTS, open=1)
    with pytest.raises(ProblemError) as caught:
        explain(question, solve(question, within=2.0))
    assert caught.value.codes == ("limit-not-kept",)


def test_options_of_alternatives_are_checked() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=2)
    with pytest.raises(ProblemError) as caught:
        alternatives(question, solve(question), within=-1.0, count=0)
    assert caught.value.codes == ("bad-within", "bad-count")
