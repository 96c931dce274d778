"""A question that makes no sense is refused with every fault of it, before anything is solved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.siting.doubt.robustness import robustness
from utopias.siting.lists import listed_under
from utopias.siting.question.pairs import DensePairs, in_order, sorted_pairs
from utopias.siting.question.problem import Problem
from utopias.siting.solve import METHODS, solve

COSTS = np.array([[1.0, 4.0, np.inf], [3.0, 0.0, 2.0]])
WEIGHTS = [10.0, 5.0]


def refused(**changes: Any) -> ProblemError:
    asked: dict[str, Any] = {"costs": COSTS, "weights": WEIGHTS, "open": 1} | changes
    with pytest.raises(ProblemError) as caught:
        Problem.from_costs(asked.pop("costs"), asked.pop("weights"), **asked)
    return caught.value


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"open": 4}, "open-over-sites", "4 new sites were asked for, and there are 3 to choose from"),
        ({"open": 3, "forbidden": [0]}, "open-over-sites", "3 new sites were asked for, and there are 2"),
        ({"open": -1}, "negative-open", "open is -1"),
        ({"open": 1.5}, "bad-open", "open is 1.5"),
        ({"weights": [0.0, 0.0]}, "zero-weight", "all weights are 0"),
        ({"weights": [1.0, np.nan]}, "weight-not-a-number", "1 of 2 weights are not finite numbers"),
        ({"weights": [1.0, -2.0]}, "negative-weight", "1 of 2 weights are under 0"),
        ({"weights": [1.0]}, "misaligned", "1 weights for 2 demand places"),
        ({"costs": np.zeros((0, 3)), "weights": []}, "no-demand", "there is no demand place"),
        ({"costs": np.zeros((2, 0)), "open": 0}, "no-candidates", "there is no site to choose from"),
        ({"costs": np.zeros(3)}, "misaligned", "1 dimensions"),
        ({"costs": COSTS - 2}, "negative-cost", "are under 0"),
        ({"costs": np.where(COSTS == 3, np.nan, COSTS)}, "cost-not-a-number", "1 of 5 costs are not numbers"),
        ({"forced": [1], "forbidden": [1]}, "forced-and-forbidden", "forced and forbidden at once"),
        ({"forced": [1], "fixed": [1]}, "forced-and-fixed", "forced and fixed at once"),
        ({"forced": [0, 1]}, "forced-over-open", "2 sites are forced, and only 1 may open"),
        ({"fixed": [0, 0]}, "site-twice", "fixed names a site twice"),
        ({"forced": [0.5]}, "bad-site", "1 forced sites are not told by their position"),
        ({"forbidden": [False, True, False]}, "bad-site", "3 forbidden sites are not told by their position"),
        ({"forced": [7]}, "site-out-of-range", "1 forced sites are not among the 3"),
        ({"budget": 5.0}, "no-site-costs", "a budget without site costs"),
        ({"budget": 5.0, "site_costs": [1.0, np.nan, 2.0]}, "site-cost-not-known", "1 of 3 candidate sites"),
        ({"budget": 5.0, "site_costs": [1.0, -1.0, 2.0]}, "negative-site-cost", "cost less than 0"),
        ({"budget": 5.0, "site_costs": [1.0]}, "misaligned", "1 site costs for 3 sites"),
        ({"budget": np.nan, "site_costs": [1.0] * 3}, "bad-budget", "the budget is nan"),
        ({"beyond": -1.0}, "bad-beyond", "beyond is -1.0"),
        ({"capacities": [3, -3, np.nan]}, "bad-capacity", "2 of 3 capacities"),
        ({"single_source": True}, "single-source-without-capacity", "no capacities are given"),
        ({"costs": [["near", "far", "far"]] * 2}, "no-numbers", "the costs are not a table of numbers"),
        ({"costs": [[1.0, 2.0, 3.0], [1.0]]}, "no-numbers", "the costs are not a table of numbers"),
        ({"costs": COSTS + 0j}, "no-numbers", "the costs are not a table of numbers"),
        ({"costs": np.ma.masked_greater(COSTS, 3.5)}, "cost-not-a-number", "2 of 6 costs are not numbers"),
        ({"costs": COSTS * 1e300}, "too-large", "costs go up to 4e+300"),
        ({"costs": COSTS * 1e-15, "weights": [1e-3, 2e-3]}, "too-small", "add up to 1.2e-17"),
        ({"weights": ["ten", "five"]}, "no-numbers", "the weights are not a list of numbers"),
        ({"weights": np.ones((2, 2))}, "no-numbers", "the weights are a table, not a list"),
        ({"site_costs": ["a", "b", "c"], "budget": 5.0}, "no-numbers", "the site_costs are not a list of numbers"),
        ({"capacities": "many"}, "no-numbers", "the capacities are not a list of numbers"),
        ({"budget": "600M", "site_costs": [1.0] * 3}, "bad-budget", "the budget is 600M"),
        ({"beyond": "30 min"}, "bad-beyond", "beyond is 30 min"),
        ({"fixed": ["s1"]}, "bad-site", "1 fixed sites are not told by their position"),
        ({"fixed": "s1"}, "bad-site", "1 fixed sites are not told by their position"),
    ],
)
def test_each_fault_is_named(changes: dict[str, Any], code: str, said: str) -> None:
    error = refused(**changes)
    assert code in error.codes
    assert said in str(error)
    assert "mend" in str(error)


def test_an_aim_that_needs_a_limit_of_new_sites_is_refused_without_one() -> None:
    for aim in ("cover-most", "least-walk", "smallest-worst"):
        with pytest.raises(ProblemError, match="neither a number nor a budget") as caught:
            solve(Problem.from_costs(COSTS, WEIGHTS), aim=aim, within=3.0)
        assert caught.value.codes == ("no-limit",)


def test_all_faults_are_told_at_once() -> None:
    error = refused(weights=[np.nan, -1.0], open=9, forced=[0], forbidden=[0], capacities=[1, -1, 1])
    assert {
        "weight-not-a-number",
        "negative-weight",
        "open-over-sites",
        "forced-and-forbidden",
        "bad-capacity",
    } <= set(error.codes)


def test_a_fault_of_the_table_hides_none_of_the_question() -> None:
    error = refused(costs=np.full((2, 3), np.nan), weights=[-1.0, 1.0], open=9, forced=[7, 1], fixed=[1], beyond=-1.0)
    assert set(error.codes) == {
        "cost-not-a-number", "negative-weight", "open-over-sites", "site-out-of-range", "forced-and-fixed", "bad-beyond",
    }  # fmt: skip


def test_tables_of_pandas_in_another_order_are_not_read_by_position() -> None:
    costs = pd.DataFrame(COSTS, index=["north", "south"], columns=["a", "b", "c"])
    people = pd.Series(WEIGHTS, index=["north", "south"])
    prices = pd.Series([1.0, 2.0, 3.0], index=["a", "b", "c"])
    told = Problem.from_costs(costs, people, open=1, site_costs=prices)
    assert told.weights.tolist() == WEIGHTS
    assert Problem.from_costs(costs, pd.Series(WEIGHTS), open=1).weights.tolist() == WEIGHTS  # numbered, not named
    error = refused(costs=costs, weights=people[::-1], site_costs=prices[::-1])
    assert error.codes == ("other-labels", "other-labels")
    assert "the labels of site_costs are not those" in str(error)


def test_one_site_may_be_told_without_a_list_and_none_is_no_site() -> None:
    problem = Problem.from_costs(COSTS, WEIGHTS, open=1, fixed=2, forced=np.int64(1), forbidden=None)
    assert (problem.fixed, problem.forced, problem.forbidden) == ((2,), (1,), ())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"open": None, "budget": 1.0}, "budget-below-cheapest"),
        ({"open": 2, "budget": 6.0}, "budget-below-number"),
        ({"open": 2, "budget": 6.0, "forced": [2]}, "budget-below-forced"),
    ],
)
def test_a_budget_too_small_is_a_question_without_answer(changes: dict[str, Any], code: str) -> None:
    error = refused(site_costs=[3.0, 4.0, 7.0], **changes)
    assert isinstance(error, InfeasibleError)
    assert error.codes == (code,)


def test_a_forbidden_site_may_have_no_known_cost_under_a_budget() -> None:
    problem = Problem.from_costs(COSTS, WEIGHTS, budget=4.0, site_costs=[3.0, np.nan, 4.0], forbidden=[1])
    assert solve(problem, within=3.0).sites == (0,)


def test_a_stored_zero_is_no_walk_and_an_absent_pair_is_not_reachable() -> None:
    stored = sp.coo_array((np.array([0.0, 2.0]), (np.array([0, 1]), np.array([0, 1]))), shape=(2, 2))
    problem = Problem.from_costs(stored, [1.0, 5.0], open=1, beyond=9.0)
    plan = solve(problem, aim="least-walk")
    assert plan.sites == (1,)
    assert plan.value == 9.0 + 5 * 2.0
    assert plan.assignment.tolist() == [-1, 1]


def test_dense_and_sparse_tables_ask_the_same_question() -> None:
    rows, columns = np.nonzero(np.isfinite(COSTS))
    sparse = sp.csr_array((COSTS[rows, columns], (rows, columns)), shape=COSTS.shape)
    one, other = (Problem.from_costs(table, WEIGHTS, open=1).pairs for table in (COSTS, sparse))
    for name in ("starts", "columns", "costs"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_a_pair_stored_twice_is_refused() -> None:
    twice = sp.coo_array((np.ones(2), (np.zeros(2, int), np.zeros(2, int))), shape=(1, 1))
    assert refused(costs=twice, weights=[1.0]).codes == ("duplicate-pair",)


def test_coverage_reads_booleans_whole_numbers_infinities_and_stored_entries_alike() -> None:
    covers = np.array([[True, False], [True, True], [False, True]])
    stored = sp.coo_array((np.zeros(4), np.nonzero(covers)), shape=covers.shape)
    tables = [covers, covers.astype(int), np.where(covers, 3.0, np.inf), stored]
    plans = [solve(Problem.from_coverage(table, [1.0, 1.0, 5.0], open=1)) for table in tables]
    assert {plan.sites for plan in plans} == {(1,)}
    assert {plan.value for plan in plans} == {6.0}


def test_coverage_in_the_numbers_0_and_1_is_refused_as_ambiguous() -> None:
    with pytest.raises(ProblemError) as caught:
        Problem.from_coverage(np.array([[0.0, 1.0]]), [1.0], open=1)
    assert caught.value.codes == ("ambiguous-coverage",)


def test_a_limit_over_bare_costs_is_a_number_and_never_minutes() -> None:
    problem = Problem.from_costs(COSTS, WEIGHTS, open=1)
    with pytest.raises(ProblemError) as caught:
        solve(problem, aim="cover-most", within="15 min")
    assert caught.value.codes == ("within-unit",)
    assert solve(problem, aim="cover-most", within=1.0).value == 10.0


def test_an_aim_still_to_come_says_which_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(METHODS, "least-walk")
    with pytest.raises(ProblemError, match="least-walk' is not solved yet; cover-most, ") as caught:
        solve(Problem.from_costs(COSTS, WEIGHTS, open=1), aim="least-walk", within=2)
    assert caught.value.codes == ("aim-not-yet",)


def test_least_walk_over_coverage_is_refused() -> None:
    with pytest.raises(ProblemError) as caught:
        solve(Problem.from_coverage(COSTS <= 1, WEIGHTS, open=1), aim="least-walk")
    assert caught.value.codes == ("no-costs",)


def test_a_problem_cannot_be_changed_from_outside() -> None:
    weights = np.array(WEIGHTS)
    problem = Problem.from_costs(COSTS, weights, open=1)
    weights[0] = 99.0
    assert problem.weights[0] == 10.0
    with pytest.raises(ValueError, match="read-only"):
        problem.weights[0] = 1.0


@pytest.mark.parametrize("limit", [-1.0, float("nan")])
def test_a_limit_over_bare_costs_that_is_no_limit_is_refused(limit: float) -> None:
    with pytest.raises(ProblemError) as caught:
        solve(Problem.from_costs(COSTS, WEIGHTS, open=1), within=limit)
    assert caught.value.codes == ("bad-within",)


@pytest.mark.parametrize("seed", [-1, 1.5, True])
def test_a_seed_from_which_nothing_can_replay_is_refused(seed: Any) -> None:
    question = Problem.from_coverage(np.isfinite(COSTS), WEIGHTS, open=1)
    for ask in (lambda: solve(question, seed=seed), lambda: robustness(question, solve(question), seed=seed)):
        with pytest.raises(ProblemError) as caught:
            ask()
        assert caught.value.codes == ("bad-seed",)


@pytest.mark.parametrize("asked", [{"forced": [0, 1]}, {"open": 2, "forbidden": [2]}, {"open": 2, "forced": [1]}, {}])
def test_a_budget_of_exactly_what_the_sites_cost_pays_for_them(asked: dict[str, Any]) -> None:
    """0.1 + 0.2 is a little over 0.3 in floating point: nobody may lose a site to that."""
    prices = [0.1, 0.2, 9.0]
    question = Problem.from_costs(COSTS, WEIGHTS, budget=0.3, site_costs=prices, beyond=9.0, **asked)
    plan = solve(question, aim="least-walk")
    assert plan.sites == (0, 1)
    assert plan.certificate is not None
    assert plan.certificate.holds


def test_to_open_nothing_needs_no_money() -> None:
    question = Problem.from_costs(COSTS, WEIGHTS, open=0, budget=0.0, site_costs=[1.0, 1.0, 1.0], beyond=9.0)
    assert solve(question, aim="least-walk").sites == ()


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 7), m=st.integers(1, 7), whole=st.booleans())
def test_pairs_in_any_order_come_by_row_then_cost_then_site(seed: int, n: int, m: int, whole: bool) -> None:
    random = np.random.default_rng(seed)
    rows, columns = np.nonzero(random.random((n, m)) < random.random())
    costs = random.integers(0, 4, len(rows)) if whole else random.choice([0.0, 0.5, np.inf], len(rows))
    mixed = random.permutation(len(rows))
    found = sorted_pairs(rows[mixed], columns[mixed], costs[mixed], (n, m))
    told = list(zip(found.rows.tolist(), found.costs.tolist(), found.columns.tolist(), strict=True))
    assert told == sorted((r, float(c), s) for r, s, c in zip(rows, columns, costs, strict=True) if np.isfinite(c))
    assert len(found.starts) == n + 1


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 40),
    m=st.integers(1, 40),
    kind=st.sampled_from(["whole", "wholes past 16 bits", "distinct", "few alike", "many alike"]),
)
def test_a_dense_table_comes_by_row_then_cost_then_site_whichever_way_it_is_sorted(
    seed: int, n: int, m: int, kind: str
) -> None:
    random = np.random.default_rng(seed)
    costs = random.random((n, m))
    if kind.startswith("whole"):
        costs = np.floor(costs * (9 if kind == "whole" else 3)) + (0 if kind == "whole" else 65_534)
    elif kind == "few alike":
        costs[random.random(n) < 0.1] = 0.5
    elif kind == "many alike":
        costs = np.round(costs, 1)
    costs[random.random((n, m)) < 0.1] = np.inf
    found = DensePairs(costs)
    told = list(zip(found.rows.tolist(), found.costs.tolist(), found.columns.tolist(), strict=True))
    assert told == sorted((r, float(costs[r, s]), s) for r, s in np.argwhere(np.isfinite(costs)).tolist())


def test_pairs_at_what_they_are_charged_stand_as_if_laid_out_anew() -> None:
    """Costs that become equal stand by site, costs that become infinite go, and a last digit that falls does not disturb."""
    costs = np.array([[3.0, 1.0, 2.0, 9.0], [5.0, 5.0, 1.0, 1.0], [9.0, 9.0, 9.0, 9.0]])
    pairs = Problem.from_costs(costs, [1.0, 1.0, 1.0], open=1).pairs
    step = np.array([0.0, 0.0, 1.0, np.inf, 2.0, 2.0, 7.0, 7.0, np.inf, np.inf, np.inf, np.inf])
    fell = np.array([2.0, 1.0, 3.0, 3.0, 4.0, 4.0, 4.0, 4.0, 1.0, 2.0, 3.0, 4.0])
    for charged in (step, fell):
        found = in_order(pairs, charged)
        anew = sorted_pairs(pairs.rows, pairs.columns, charged, (3, 4))
        assert (found.starts.tolist(), found.columns.tolist()) == (anew.starts.tolist(), anew.columns.tolist())
        assert found.costs.tolist() == anew.costs.tolist()
    assert in_order(pairs, step).columns.tolist() == [1, 2, 0, 2, 3, 0, 1]


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 10**6))
def test_what_is_listed_under_a_cap_is_what_could_still_be_chosen(places: int, sites: int, seed: int) -> None:
    luck = np.random.default_rng(seed)
    costs = luck.integers(0, 6, (places, sites)).astype(float)
    given_sites, free = luck.random(sites) < 0.2, luck.random(sites) < 0.7
    free &= ~given_sites
    weights, cap = luck.integers(0, 3, places).astype(float), luck.integers(1, 7, places).astype(float)
    pairs = Problem.from_costs(costs, np.ones(places), open=1).pairs
    (starts, columns, told), lowered = listed_under(
        (pairs.starts, pairs.columns, pairs.costs), cap, weights, given_sites, free
    )
    assert lowered.tolist() == np.minimum(cap, costs[:, given_sites].min(axis=1, initial=np.inf)).tolist()
    listed = [(j, columns[k], told[k]) for j in range(places) for k in range(starts[j], starts[j + 1])]
    wanted = [
        (j, i, costs[j, i])
        for j in range(places)
        for i in np.argsort(costs[j], kind="stable").tolist()
        if free[i] and weights[j] > 0 and costs[j, i] < lowered[j]
    ]
    assert listed == wanted
