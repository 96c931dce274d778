"""The recount of a schedule: its value by hand, each rule seen broken, and a bound that no list of numbers falsifies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utopias.domain.errors import MisalignedError, ProblemError
from utopias.witness.phases import PhaseCount, recount_phases

# Three sites that cover 100, 60 and 30 people, nobody twice; works cost 50, equipment 10; 2026 to 2029.
GOOD: dict[str, Any] = {
    "aim": "cover-most",
    "starts": np.arange(4),
    "columns": np.arange(3),
    "costs": np.zeros(3),
    "weights": np.array([100.0, 60.0, 30.0]),
    "sites": [0, 1, 2],
    "works": [2026, 2027, 2028],
    "equipment": [2027, 2028, 2029],
    "opens": [2027, 2028, 2029],
    "fixed": [],
    "years": [2026, 2027, 2028, 2029],
    "money": [50.0, 60.0, 60.0, 10.0],
    "year_weights": [1.0, 1.0, 1.0, 1.0],
    "works_money": np.full(3, 50.0),
    "equip_money": np.full(3, 10.0),
    "number": 3,
    "carry_over": False,
    "works_a_year": 1,
    "beyond": None,
    "within": None,
    "multipliers": np.zeros((3, 3)),
    "prices": np.zeros(7),
}


def counted(**changes: Any) -> PhaseCount:
    return recount_phases(**{**GOOD, **changes})


def test_the_value_of_each_year_is_what_is_open_in_it() -> None:
    found = counted()
    assert found.by_year == (0.0, 100.0, 160.0, 190.0)
    assert found.value == 450.0
    assert found.spent == (50.0, 60.0, 60.0, 10.0)
    assert all(found.checks.values())
    assert counted(year_weights=[1.0, 0.5, 0.5, 0.5]).value == 225.0


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"money": [50.0, 60.0, 59.0, 10.0]}, {"budgets"}),
        ({"money": [50.0, 60.0, 60.0, 9.0]}, {"budgets"}),
        ({"works": [2026, 2026, 2028]}, {"budgets", "works-a-year", "equipment-after-works"}),
        ({"equipment": [2026, 2028, 2029]}, {"budgets", "works-in-years", "equipment-after-works", "opens-equipped"}),
        ({"opens": [2026, 2028, 2029]}, {"opens-equipped"}),
        ({"works": [2026, 2027, 2029], "equipment": [2027, 2028, 2030], "opens": [2027, 2028, 2030]}, {"budgets", "works-in-years"}),
        ({"number": 2}, {"number"}),
        ({"forced": [0]}, set()),
        ({"forbidden": [1]}, {"forbidden"}),
        ({"fixed": [2]}, {"fixed-apart"}),
        ({"prices": np.full(7, np.nan)}, {"multipliers"}),
    ],
)  # fmt: skip
def test_each_rule_is_seen_when_it_is_broken(changes: dict[str, Any], broken: set[str]) -> None:
    failed = {name for name, held in counted(**changes).checks.items() if not held} - {"bound"}
    assert failed == broken


def test_money_left_counts_only_where_it_is_carried_over() -> None:
    late = {"money": [60.0, 50.0, 60.0, 10.0]}
    assert not counted(**late).checks["budgets"]
    assert counted(**late, carry_over=True).checks["budgets"]


@given(
    st.lists(st.floats(-2, 3), min_size=9, max_size=9),
    st.lists(st.floats(-1, 5), min_size=7, max_size=7),
    st.booleans(),
    st.booleans(),
)
def test_no_multipliers_make_a_bound_that_a_schedule_beats(
    shares: list[float], prices: list[float], carry: bool, alone: bool
) -> None:
    found = counted(
        multipliers=np.array(shares).reshape(3, 3),
        prices=np.array(prices),
        carry_over=carry,
        works_a_year=1 if alone else None,
    )
    assert found.bound >= 450.0 - 1e-9
    assert found.checks["bound"]


def test_prices_of_the_rules_bring_the_bound_down_to_the_best_schedule() -> None:
    # Unpriced, all three would have their works in 2026: 3 years of 190. One work a year at 160, 60 and 0 leaves the
    # sites 300 - 160, 120 - 60 and 30; with the prices themselves that is 450, and no schedule has more.
    everybody = np.ones((3, 3))
    assert counted(multipliers=everybody).bound == 570.0
    prices = np.array([0.0, 0.0, 0.0, 0.0, 160.0, 60.0, 0.0])
    assert counted(multipliers=everybody, prices=prices).bound == 450.0


def test_tables_that_do_not_fit_are_refused() -> None:
    with pytest.raises(MisalignedError):
        counted(works=[2026])
    with pytest.raises(MisalignedError):
        counted(money=[1.0])
    with pytest.raises(ProblemError):
        counted(aim="smallest-worst")
