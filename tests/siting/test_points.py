"""Customers as points: gathered by what covers them, the same as testing every pair, to the last customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utopias.domain.errors import ProblemError
from utopias.siting.question import points as gathering
from utopias.siting.question.points import gathered
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve


def every_pair(customers: np.ndarray, sites: np.ndarray, radius: float) -> np.ndarray:
    """(n, m) the plain test that ``from_points`` promises."""
    dx, dy = (customers[:, None, axis] - sites[None, :, axis] for axis in (0, 1))
    covers: np.ndarray = dx * dx + dy * dy <= radius * radius
    return covers


def table_of(found: gathering.Gathered, m: int) -> np.ndarray:
    """(rows, m) who covers each row."""
    table = np.zeros((len(found.weights), m), dtype=bool)
    table[found.pairs.rows, found.pairs.columns] = True
    return table


@st.composite
def towns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Points on a coarse lattice, so that many lie exactly on circles and on the edges of cells, or anywhere."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, m = draw(st.integers(1, 60)), draw(st.integers(1, 9))
    if draw(st.booleans()):
        customers = random.integers(-5, 6, (n, 2)).astype(float)
        sites = random.integers(-6, 7, (m, 2)).astype(float)
    else:
        customers, sites = random.normal(size=(n, 2)) * 3, random.normal(size=(m, 2)) * 3
    if draw(st.booleans()):
        customers[:, draw(st.integers(0, 1))] = 2.0  # all on one line
    offset = draw(st.sampled_from([0.0, 2_200_000.0]))
    weights = random.integers(0, 9, n).astype(float)
    weights[0] = 1.0
    radius = draw(st.sampled_from([0.0, 1.0, 2.0, 5.0, 2.5, 1e3]))
    return customers + offset, sites + offset, weights, radius


@settings(max_examples=200, deadline=None)
@given(town=towns())
def test_each_customer_is_in_the_row_of_just_the_sites_that_cover_it(
    town: tuple[np.ndarray, np.ndarray, np.ndarray, float],
) -> None:
    customers, sites, weights, radius = town
    found = gathered(customers, weights, sites, radius)
    table = table_of(found, len(sites))
    assert (table[found.row_of] == every_pair(customers, sites, radius)).all()
    assert len(np.unique(table, axis=0)) == len(table)  # no set twice
    assert np.bincount(found.row_of, weights=weights, minlength=len(table)).tolist() == found.weights.tolist()
    assert all((np.diff(found.pairs.columns[a:b]) > 0).all() for a, b in zip(*bounds(found), strict=True))


def bounds(found: gathering.Gathered) -> tuple[np.ndarray, np.ndarray]:
    return found.pairs.starts[:-1], found.pairs.starts[1:]


def test_many_circles_through_one_cell_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MOST_CELLS", 4)  # few and wide cells: hundreds of circles cut each
    random = np.random.default_rng(3)
    customers, sites = random.random((500, 2)), random.random((200, 2))
    found = gathered(customers, np.ones(500), sites, 0.3)
    assert (table_of(found, 200)[found.row_of] == every_pair(customers, sites, 0.3)).all()


def test_sets_that_only_hash_alike_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "hashes_of_lists", lambda starts, *_: np.zeros(len(starts) - 1, dtype=np.uint64))
    random = np.random.default_rng(4)
    customers, sites = random.random((300, 2)), random.random((12, 2))
    found = gathered(customers, np.ones(300), sites, 0.4)
    covers = every_pair(customers, sites, 0.4)
    assert (table_of(found, 12)[found.row_of] == covers).all()
    assert len(found.weights) == len(np.unique(covers, axis=0))


def test_a_customer_exactly_on_the_circle_is_within() -> None:
    asked = Problem.from_points([[3.0, 4.0], [3.0, 4.000001]], [2.0, 7.0], [[0.0, 0.0]], within=5.0, open=1)
    plan = solve(asked)
    assert plan.value == 2.0
    assert asked.of_customers(plan.assignment).tolist() == [0, -1]


@settings(max_examples=40, deadline=None)
@given(town=towns(), number=st.integers(1, 3))
def test_a_plan_over_points_is_that_over_all_pairs(
    town: tuple[np.ndarray, np.ndarray, np.ndarray, float], number: int
) -> None:
    customers, sites, weights, radius = town
    number = min(number, len(sites))
    asked = Problem.from_points(customers, weights, sites, within=radius, open=number)
    covers = every_pair(customers, sites, radius)
    one, other = solve(asked), solve(Problem.from_coverage(covers, weights, open=number))
    assert one.value == other.value
    assert one.proven
    assert other.proven
    assert one.certificate is not None
    assert one.certificate.holds
    served = asked.of_customers(one.assignment)
    assert weights[served >= 0].sum() == one.value
    assert all(covers[j, i] for j, i in enumerate(served) if i >= 0)


def test_customers_that_are_alike_are_one_demand_place() -> None:
    asked = Problem.from_points(np.zeros((1000, 2)), np.ones(1000), [[0.0, 1.0], [9.0, 9.0]], within=1.0, open=1)
    assert asked.shape == (1, 2)
    assert asked.weights.tolist() == [1000.0]
    assert solve(asked).sites == (0,)


def test_where_nothing_is_within_reach_nobody_is_covered() -> None:
    plan = solve(Problem.from_points([[0.0, 0.0]], [3.0], [[5.0, 5.0], [6.0, 6.0]], within=1.0, open=1))
    assert (plan.value, plan.proven) == (0.0, True)


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"customers": [[0.0, np.nan], [1.0, 1.0]]}, "point-nowhere", "1 of 2 customers have a coordinate"),
        ({"sites": [[np.inf, 0.0]]}, "point-nowhere", "1 of 1 sites have a coordinate"),
        ({"sites": [[1e200, 0.0]]}, "point-nowhere", "too large"),
        ({"customers": [0.0, 1.0]}, "misaligned", "not one row x, y a point"),
        ({"customers": [[0.0, 1.0, 2.0]], "weights": [1.0]}, "misaligned", "the shape (1, 3)"),
        ({"customers": np.zeros((0, 2)), "weights": []}, "no-demand", "there is no demand place"),
        ({"sites": np.zeros((0, 2)), "open": 0}, "no-candidates", "no site to choose from"),
        ({"weights": [1.0]}, "misaligned", "1 weights for 2 demand places"),
        ({"weights": [1.0, np.nan]}, "weight-not-a-number", "1 of 2 weights"),
        ({"weights": [1.0, -1.0]}, "negative-weight", "1 of 2 weights"),
        ({"weights": [0.0, 0.0]}, "zero-weight", "all weights are 0"),
        ({"within": -1.0}, "bad-within", "the limit is -1.0"),
        ({"within": np.nan}, "bad-within", "the limit is nan"),
        ({"within": "500 m"}, "bad-within", "the limit is 500 m"),
        ({"open": 5}, "open-over-sites", "5 new sites were asked for"),
    ],
)
def test_each_fault_of_points_is_named(changes: dict[str, Any], code: str, said: str) -> None:
    asked: dict[str, Any] = {
        "customers": [[0.0, 0.0], [1.0, 1.0]], "weights": [1.0, 2.0], "sites": [[0.0, 0.0]], "within": 1.0, "open": 1
    } | changes  # fmt: skip
    with pytest.raises(ProblemError) as caught:
        Problem.from_points(asked.pop("customers"), asked.pop("weights"), asked.pop("sites"), **asked)
    assert code in caught.value.codes
    assert said in str(caught.value)


def test_all_faults_of_points_are_told_at_once() -> None:
    with pytest.raises(ProblemError) as caught:
        Problem.from_points([[np.nan, 0.0]], [-1.0], [[np.inf, 0.0]], within=-1.0, open=1)
    assert sorted(caught.value.codes) == ["bad-within", "negative-weight", "point-nowhere", "point-nowhere"]
