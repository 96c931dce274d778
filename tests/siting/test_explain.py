"""What each site is worth, by hand and by solving again without it."""

from __future__ import annotations

import gc
import weakref
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.brute_force import admissible, cases, problem, value
from tests.siting.clusters import clustered
from utopias.domain.aim import Aim
from utopias.domain.errors import MisalignedError, ProblemError
from utopias.siting.choose.alternatives import alternatives
from utopias.siting.choose.explain import explain
from utopias.siting.median.kept import put_or_kept
from utopias.siting.question.problem import Problem
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


def test_an_explanation_is_read_by_rows_and_by_columns() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=2, forced=[3])
    said = explain(question, solve(question))
    assert said.refused.loss.tolist() == [row.loss for row in said.refused]
    assert np.isnan(said.chosen.replacement_loss).tolist() == [row.replacement_loss is None for row in said.chosen]
    assert said.chosen.replacement.tolist().count(-1) == [row.replacement for row in said.chosen].count(None) == 1
    assert said.refused[-1] == said.refused[len(said.refused) - 1] == said.refused[-1:][0]
    assert said.refused[:1] + said.refused[1:] == tuple(said.refused)
    assert said.refused == list(said.refused)
    assert said.refused != said.refused[1:]
    with pytest.raises(IndexError):
        said.refused[len(said.refused)]


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


@settings(max_examples=120, deadline=None)
@given(case=cases(), aim=st.sampled_from(["cover-most", "least-walk"]))
def test_losses_are_those_of_valuing_the_plan_again(case: dict[str, Any], aim: str) -> None:
    question = problem(case) if aim == "least-walk" else coverage(case)
    plan = solve(question, aim=aim)
    allowed = {tuple(sorted(choice)) for choice in admissible(case)}

    def loss(sites: tuple[int, ...]) -> float:
        return (value(case, sites, aim) - plan.value) * (1 if aim == "least-walk" else -1)

    def least(choices: list[tuple[int, ...]]) -> float | None:
        return min((loss(c) for c in choices if tuple(sorted(c)) in allowed), default=None)

    said = explain(question, plan)
    assert [site.site for site in said.chosen] == list(plan.sites)
    others = [i for i in question.candidates.tolist() if i not in plan.sites]
    assert sorted(refused.site for refused in said.refused) == others
    without = {site: tuple(i for i in plan.sites if i != site) for site in plan.sites}
    for site in said.chosen:
        rest = without[site.site]
        assert site.loss == pytest.approx(loss(rest))
        assert site.replacement_loss == pytest.approx(least([(*rest, i) for i in others]))
        assert (site.replacement is None) == (site.replacement_loss is None)
    for refused in said.refused:
        beside = [(*plan.sites, refused.site)]  # not admissible where a number is given
        assert refused.loss == pytest.approx(
            least(beside + [(*rest, refused.site) for rest in without.values()]), abs=1e-9
        )


def coverage(case: dict[str, Any]) -> Problem:
    names = ("open", "fixed", "forced", "forbidden", "site_costs", "budget")
    return Problem.from_coverage(
        case["costs"] <= case["within"], case["weights"], **{name: case[name] for name in names}
    )


@settings(max_examples=150, deadline=None)
@given(case=cases(), aim=st.sampled_from(["cover-most", "least-walk"]))
def test_no_plan_loses_less_than_the_bound_says_of_its_sites(case: dict[str, Any], aim: str) -> None:
    question = problem(case) if aim == "least-walk" else coverage(case)
    plan = solve(question, aim=aim)
    said = explain(question, plan)
    sign = 1 if aim == "least-walk" else -1
    for choice in admissible(case):
        loss = (value(case, choice, aim) - plan.value) * sign
        for site in said.chosen:
            assert site.site in choice or loss >= site.sure_loss - 1e-6
            assert not (site.proven_in and site.site not in choice and loss <= 0)
        for refused in said.refused:
            assert refused.site not in choice or loss >= refused.sure_loss - 1e-6
            assert not (refused.proven_out and refused.site in choice and loss <= 0)


def test_what_is_in_or_out_by_proof_by_hand() -> None:
    """0 is in each of the two best plans; 1 and 2 may stand for each other; 3 costs 5 of 20."""
    question = Problem.from_coverage(COVERS, WEIGHTS, open=2)
    said = explain(question, solve(question))
    assert [(site.site, site.proven_in) for site in said.chosen] == [(0, True), (1, False)]
    assert [(site.site, site.proven_out) for site in said.refused] == [(2, False), (3, True)]
    assert 0 < next(site.sure_loss for site in said.refused if site.site == 3) <= 5  # by swap it is 5


def test_a_plan_by_hand_has_no_proof_to_tell() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=2)
    by_hand = solve(question).with_(multipliers=np.zeros(0))
    assert not any(site.proven_in or site.sure_loss for site in explain(question, by_hand).chosen)


def test_a_tie_with_a_fixed_site_makes_a_new_one_worth_nothing() -> None:
    question = Problem.from_costs([[5.0, 5.0, 7.0]], [9.0], open=1, fixed=[0], forced=[1], beyond=20.0)
    (site,) = explain(question, solve(question, aim="least-walk")).chosen
    assert (site.loss, site.replacement) == (0.0, None)


def test_a_refused_site_may_come_in_beside_the_others_where_money_is_left_and_no_number_is_given() -> None:
    """Site 0 serves both places; 1 serves the first too, for 30; 2 serves the second, for 90, and 40 are left."""
    covers, prices = np.array([[1, 1, 0], [1, 0, 1]], dtype=bool), [60.0, 30.0, 90.0]
    free = Problem.from_coverage(covers, [5.0, 7.0], budget=100.0, site_costs=prices)
    plan = solve(free)
    assert plan.sites == (0,)
    said = {one.site: (one.loss, one.instead_of) for one in explain(free, plan).refused}
    assert said == {1: (0.0, None), 2: (5.0, 0)}
    numbered = Problem.from_coverage(covers, [5.0, 7.0], open=1, budget=100.0, site_costs=prices)
    said = {one.site: (one.loss, one.instead_of) for one in explain(numbered, plan).refused}
    assert said == {1: (7.0, 0), 2: (5.0, 0)}


def test_a_plan_that_opens_nothing_has_nothing_to_swap() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=0, fixed=[0])
    said = explain(question, solve(question))
    assert said.chosen == ()
    assert [(one.loss, one.instead_of) for one in said.refused] == [(None, None)] * 3


def test_a_plan_by_hand_without_a_recount_is_explained_and_an_inadmissible_one_is_refused() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=1, budget=5.0, site_costs=[4.0, 9.0, 1.0, 1.0])
    plan = solve(question).with_(certificate=None, value=0.0)
    assert explain(question, plan).chosen[0].loss == 14.0
    with pytest.raises(MisalignedError, match="alone cost more"):
        explain(question, plan.with_(sites=(1,)))
    forced = Problem.from_coverage(COVERS, WEIGHTS, open=1, forced=[3])
    with pytest.raises(MisalignedError, match="leaves out 1"):
        explain(forced, plan)


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


def test_what_a_solve_left_behind_says_the_same_as_the_tables_put_again() -> None:
    """The twin has the same tables, and was never solved: nothing was kept for it."""
    costs, weights, _ = clustered(60, 12)
    for aim in ("least-walk", "cover-gradually"):
        terms = {"decay": "linear"} if aim == "cover-gradually" else {}
        asked = Aim.of(aim, **terms)
        within = 10.0 if terms else None
        solved, twin = (Problem.from_costs(costs, weights, open=3) for _ in range(2))
        plan = solve(solved, aim=asked, within=within)
        assert explain(solved, plan) == explain(twin, plan)
        one, other = alternatives(solved, plan, within=0.2), alternatives(twin, plan, within=0.2)
        assert one
        assert [(a.sites, a.value, a.bound) for a in one] == [(b.sites, b.value, b.bound) for b in other]


def test_what_was_kept_for_another_limit_is_not_taken() -> None:
    costs = np.array([[1.0, 9.0], [9.0, 1.0], [5.0, 9.0]])
    question = Problem.from_costs(costs, [1.0, 1.0, 1.0], open=1)
    solve(question, aim="cover-most", within=5.0)
    put_near, put_far = (put_or_kept(question, Aim.of("cover-most"), limit) for limit in (1.0, 9.0))
    assert (put_near.limit, put_far.limit) == (1.0, 9.0)
    assert put_near.median.value(np.array([True, False])) == 2.0  # the last two places are left out
    assert put_far.median.value(np.array([True, False])) == 0.0


def test_what_was_kept_goes_with_the_problem() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=2)
    plan = solve(question)
    median = weakref.ref(put_or_kept(question, plan.asked, None).median)
    assert median() is not None
    del question
    gc.collect()
    assert median() is None


def test_a_plan_of_another_problem_is_refused() -> None:
    plan = solve(Problem.from_coverage(COVERS, WEIGHTS, open=2))
    with pytest.raises(MisalignedError):
        explain(Problem.from_coverage(COVERS, [1.0, 1.0, 1.0, 9.0], open=2), plan)
    with pytest.raises(MisalignedError):
        explain(Problem.from_coverage(COVERS, WEIGHTS, open=2, forbidden=[0]), plan)


@pytest.mark.parametrize("aim", ["cover-most", "cover-all", "cover-twice"])
def test_a_plan_over_bare_costs_is_explained_with_the_limit_it_was_solved_with(aim: str) -> None:
    """All pairs are stored, those that do not cover at 5: without the limit every site would cover all."""
    costs = np.where(COVERS, 1.0, 5.0)
    rules: dict[str, Any] = {} if aim == "cover-all" else {"open": 3}
    bare, coverage = Problem.from_costs(costs, WEIGHTS, **rules), Problem.from_coverage(COVERS, WEIGHTS, **rules)
    plan = solve(bare, aim=aim, within=2.0)
    assert plan.terms["limit"] == 2.0
    told, known = explain(bare, plan), explain(coverage, solve(coverage, aim=aim))
    assert [(s.site, s.loss, s.only_here) for s in told.chosen] == [(s.site, s.loss, s.only_here) for s in known.chosen]
    assert [(s.site, s.loss) for s in told.refused] == [(s.site, s.loss) for s in known.refused]


def test_where_all_must_be_reached_a_site_that_alone_reaches_somebody_has_no_loss() -> None:
    """Two sites, all must be reached: every admissible plan opens both, and so reaches 2, but the plan without site 1 does not."""
    question = Problem.from_costs([[1.0, np.inf], [np.inf, 1.0]], [1.0, 1.0], open=2)
    told = explain(question, solve(question, aim="least-walk"))
    assert [site.loss for site in told.chosen] == [None, None]


def test_options_of_alternatives_are_checked() -> None:
    question = Problem.from_coverage(COVERS, WEIGHTS, open=2)
    with pytest.raises(ProblemError) as caught:
        alternatives(question, solve(question), within=-1.0, count=0)
    assert caught.value.codes == ("bad-within", "bad-count")
