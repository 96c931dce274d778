"""The recount of a plan: values by hand, and a bound that no plan of any tiny problem passes."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utopias.domain.errors import MisalignedError, ProblemError
from utopias.witness.recount import recount

NONE = np.inf

# Three blocks of 10, 20, 40 persons; four sites. Minutes; a point is no way at all.
#          site 0   1     2     3
MINUTES = [
    [0.0, 5.0, NONE, 15.0],
    [NONE, 15.0, 15.1, NONE],
    [20.0, NONE, 3.0, 30.0],
]
PERSONS = np.array([10.0, 20.0, 40.0])


def rows(matrix: Any) -> dict[str, Any]:
    """Compressed rows of a dense matrix in which inf is an absent pair."""
    dense = np.asarray(matrix, dtype=float).reshape(len(matrix), -1)
    there = np.isfinite(dense)
    return {
        "starts": np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int64),
        "columns": np.nonzero(there)[1].astype(np.int32),
        "costs": dense[there],
    }


def count(matrix: Any = MINUTES, **said: Any) -> Any:
    usual = {
        "aim": "cover-most",
        "weights": PERSONS,
        "sites": [1],
        "fixed": [],
        "open": 1,
        "budget": None,
        "site_costs": None,
        "beyond": None,
        "within": 15.0,
        "multipliers": np.zeros(0),
        "site_count": np.asarray(matrix).shape[1],
    }
    return recount(**rows(matrix), **{**usual, **said})


def test_a_block_exactly_at_the_limit_is_covered() -> None:
    assert count(sites=[1]).value == 30.0


def test_a_block_a_tenth_over_the_limit_is_not() -> None:
    assert count(sites=[2]).value == 40.0


def test_a_stored_nought_is_a_walk_of_nothing_and_covers() -> None:
    assert count(sites=[0]).value == 10.0


def test_fixed_sites_cover_too_and_are_not_counted() -> None:
    found = count(sites=[1], fixed=[2], open=1)
    assert found.value == 70.0
    assert found.checks["number"]


def test_least_walk_charges_the_limit_where_nobody_reaches() -> None:
    # 10 persons 5 minutes, 20 persons 15, 40 persons charged 30.
    assert count(aim="least-walk", within=None, beyond=30.0, sites=[1]).value == 10 * 5 + 20 * 15 + 40 * 30


def test_least_walk_charges_no_more_than_the_limit_where_the_way_is_longer() -> None:
    assert count(aim="least-walk", within=None, beyond=12.0, sites=[0]).value == 0 + 20 * 12 + 40 * 12


def test_without_a_charge_somebody_unreached_makes_the_plan_no_plan() -> None:
    found = count(aim="least-walk", within=None, sites=[0])
    assert found.value == NONE
    assert not found.checks["everyone-served"]


def test_somebody_unreached_who_weighs_nothing_does_no_harm() -> None:
    found = count(aim="least-walk", within=None, sites=[0], weights=np.array([10.0, 0.0, 40.0]))
    assert found.value == 800.0
    assert found.holds


def test_the_root_bound_is_that_of_the_hand_computation() -> None:
    # v = 1, 0.5, 1; fixed: none. Covered share-weight per site: 0 -> 10, 1 -> 10 + 10, 2 -> 40, 3 -> 10.
    # L = (10 + 10 + 40) - (40 + 20) = 0 uncovered, so at most 70 covered by two sites.
    assert count(sites=[1, 2], open=2, multipliers=np.array([1.0, 0.5, 1.0])).bound == 70.0
    # One site alone: L = 60 - 40 = 20, at most 50; and v = 1, 1, 1 says 70 - 40 = 30, at most 40: tight.
    assert count(sites=[2], multipliers=np.array([1.0, 0.5, 1.0])).bound == 50.0
    assert count(sites=[2], multipliers=np.ones(3)).bound == 40.0


def test_without_multipliers_the_bound_is_everybody() -> None:
    assert count().bound == 70.0
    assert count(aim="least-walk", beyond=30.0, within=None).bound == 0.0


def test_a_multiplier_above_what_a_fixed_site_costs_is_brought_down_to_it() -> None:
    # Fixed site 2 covers block 2 already: v_2 = 0. L = 10 + 20 - 30 = 0, nobody uncovered.
    assert count(sites=[1], fixed=[2], multipliers=np.full(3, 1e6)).bound == 70.0


def test_under_a_budget_the_last_site_is_bought_in_part() -> None:
    # Gains at v = 1: site 0: 10 for 1, site 1: 30 for 6, site 2: 40 for 4, site 3: 10 for 5. Purse 8:
    # 2 and 0 tie at 10 a coin (5 coins, 50), then half of site 1: 3 / 6 of 30 = 15: at most 65.
    found = count(
        sites=[0, 2], open=None, budget=8.0, site_costs=np.array([1.0, 6.0, 4.0, 5.0]), multipliers=np.ones(3)
    )
    assert found.bound == pytest.approx(65.0)
    assert found.value == 50.0
    assert found.holds


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("number", {"sites": [1, 2]}),
        ("number", {"sites": []}),
        ("known-sites", {"sites": [9]}),
        ("known-sites", {"sites": [-1]}),
        ("known-sites", {"sites": [1, 1], "open": 2}),
        ("fixed-apart", {"fixed": [1]}),
        ("forbidden", {"forbidden": [1]}),
        ("forced", {"forced": [2]}),
        ("budget", {"budget": 3.0, "site_costs": np.array([1.0, 3.1, 1.0, 1.0])}),
        ("budget", {"budget": 3.0, "site_costs": np.array([1.0, np.nan, 1.0, 1.0])}),
        ("budget", {"budget": 3.0}),
        ("multipliers", {"multipliers": np.array([np.nan, 0.0, 0.0])}),
    ],
)
def test_a_broken_rule_is_named(check: str, said: dict[str, Any]) -> None:
    found = count(**said)
    assert not found.checks[check]
    assert not found.holds


def test_what_does_not_fit_together_is_refused_with_all_its_faults() -> None:
    with pytest.raises(MisalignedError) as caught:
        count(weights=np.array([1.0, np.nan, 1.0]), multipliers=np.zeros(2))
    assert caught.value.codes == ("bad-weight", "misaligned")


def test_an_aim_without_a_recount_is_refused() -> None:
    with pytest.raises(ProblemError) as caught:
        count(aim="smallest-worst")
    assert caught.value.codes == ("aim-not-recounted",)


def dense_value(aim: str, matrix: Any, weights: Any, opened: Any, *, within: float, beyond: float) -> float:
    """The value by definition, one demand place after the other, in plain Python."""
    value = 0.0
    for row, weight in zip(matrix, weights, strict=True):
        nearest = min((row[i] for i in opened), default=NONE)
        value += weight * (float(nearest <= within) if aim == "cover-most" else min(nearest, beyond))
    return value


@st.composite
def problems(draw: Any) -> dict[str, Any]:
    n, m = draw(st.integers(1, 5)), draw(st.integers(2, 6))
    cost = st.one_of(st.just(NONE), st.integers(0, 12).map(float))
    matrix = [[draw(cost) for _ in range(m)] for _ in range(n)]
    every = list(range(m))
    fixed = draw(st.lists(st.sampled_from(every), max_size=2, unique=True))
    rest = [i for i in every if i not in fixed]
    forbidden = draw(st.lists(st.sampled_from(rest), max_size=len(rest) - 1, unique=True)) if len(rest) > 1 else []
    allowed = [i for i in rest if i not in forbidden]
    forced = draw(st.lists(st.sampled_from(allowed), max_size=1)) if allowed else []
    return {
        "matrix": matrix,
        "aim": draw(st.sampled_from(["cover-most", "least-walk"])),
        "weights": np.array([draw(st.integers(0, 9)) for _ in range(n)], dtype=float),
        "fixed": fixed,
        "forbidden": forbidden,
        "forced": forced,
        "open": draw(st.one_of(st.none(), st.integers(len(forced), max(len(forced), len(allowed))))),
        "budget": draw(st.one_of(st.none(), st.integers(0, 20).map(float))),
        "site_costs": np.array([draw(st.integers(0, 9)) for _ in range(m)], dtype=float),
        "within": float(draw(st.integers(0, 12))),
        "beyond": float(draw(st.integers(1, 14))),
        "multipliers": np.array([draw(st.floats(-3, 20)) for _ in range(n)]),
    }


def admissible(problem: dict[str, Any]) -> list[tuple[int, ...]]:
    m = len(problem["site_costs"])
    allowed = [i for i in range(m) if i not in problem["fixed"] and i not in problem["forbidden"]]
    sizes = range(len(allowed) + 1) if problem["open"] is None else [problem["open"]]
    plans = [plan for size in sizes for plan in combinations(allowed, size) if set(problem["forced"]) <= set(plan)]
    budget = problem["budget"]
    return [plan for plan in plans if budget is None or problem["site_costs"][list(plan)].sum() <= budget]


@settings(max_examples=300, deadline=None)
@given(problems())
def test_no_plan_passes_the_bound_and_every_value_is_that_of_the_definition(problem: dict[str, Any]) -> None:
    matrix = problem.pop("matrix")
    for plan in admissible(problem):
        found = count(matrix, sites=plan, **problem)
        by_definition = dense_value(
            problem["aim"],
            matrix,
            problem["weights"],
            [*plan, *problem["fixed"]],
            within=problem["within"],
            beyond=problem["beyond"],
        )
        assert found.value == pytest.approx(by_definition)
        assert found.holds, found


@settings(max_examples=100, deadline=None)
@given(problems(), st.integers(0, 5))
def test_a_plan_that_must_reach_all_stays_on_its_side_of_the_bound(problem: dict[str, Any], seed: int) -> None:
    matrix = problem.pop("matrix")
    problem |= {
        "aim": "least-walk",
        "beyond": None,
        "multipliers": np.random.default_rng(seed).uniform(0, 30, len(matrix)),
    }
    for plan in admissible(problem):
        found = count(matrix, sites=plan, **problem)
        assert found.bound <= found.value + 1e-6


def test_the_best_multipliers_of_a_linear_programme_close_the_bound() -> None:
    """The LP of this instance is whole, so its duals must make value and root bound meet (witness: HiGHS in scipy)."""
    from scipy.optimize import linprog

    generator = np.random.default_rng(5)
    blocks, sites = generator.uniform(0, 100, (30, 2)), generator.uniform(0, 100, (8, 2))
    matrix = np.hypot(*(blocks[:, None] - sites[None]).transpose(2, 0, 1)).round(1)
    weights = generator.integers(1, 50, 30).astype(float)
    n, m = matrix.shape
    # Variables: x (n x m), then y (m). Rows: sum_i x_ij = 1 (duals are w_j v_j); x <= y; sum y = 2.
    serve = np.zeros((n, n * m + m))
    for j in range(n):
        serve[j, j * m : (j + 1) * m] = 1
    number = np.concatenate([np.zeros(n * m), np.ones(m)])[None]
    link = np.hstack([np.eye(n * m), -np.tile(np.eye(m), (n, 1))])
    solved = linprog(
        np.concatenate([(weights[:, None] * matrix).ravel(), np.zeros(m)]),
        A_ub=link,
        b_ub=np.zeros(n * m),
        A_eq=np.vstack([serve, number]),
        b_eq=np.concatenate([np.ones(n), [2]]),
        bounds=(0, 1),
        method="highs",
    )
    best = min(
        combinations(range(m), 2),
        key=lambda pair: dense_value("least-walk", matrix, weights, pair, within=0, beyond=NONE),
    )
    found = count(
        matrix,
        aim="least-walk",
        within=None,
        weights=weights,
        sites=best,
        open=2,
        multipliers=solved.eqlin.marginals[:n] / weights,
    )
    assert found.value == pytest.approx(solved.fun)
    assert found.bound == pytest.approx(found.value)
    assert found.holds
