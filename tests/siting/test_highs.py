"""The door to HiGHS: programmes small enough to solve by hand, and nobody beside it who knows the solver."""

from __future__ import annotations

from math import inf
from pathlib import Path

import numpy as np
import pytest

from utopias.siting.highs import Lines, Status, branch_until, handed, run, says_its_value, solution, start_from
from utopias.siting.kernels import NEVER

SITING = Path(__file__).parents[2] / "utopias" / "siting"


def knapsack(number: int, purse: float) -> Lines:
    """Three sites of 2, 3 and 4 million."""
    lines = Lines()
    lines.add_number(3, number)
    lines.add_purse(np.array([2e6, 3e6, 4e6]), purse)
    return lines


@pytest.mark.parametrize(
    ("number", "purse", "rows", "best"),
    [
        (2, 6e6, 2, 15.0),
        (2, 5e6, 2, 11.0),
        (-1, 5e6, 1, 11.0),
        (2, NEVER, 1, 16.0),
        (-1, NEVER, 0, 21.0),
        (-1, 4e6, 1, 10.0),
    ],
)
def test_number_and_purse_limit_the_sites_where_they_are_given(
    number: int, purse: float, rows: int, best: float
) -> None:
    lines = knapsack(number, purse)
    assert len(lines) == rows
    solver = handed(lines, np.array([5.0, 6.0, 10.0]), most=np.ones(3), whole=3, maximise=True)
    assert run(solver, 10.0)
    assert solver.getModelStatus() == Status.kOptimal
    assert solver.getInfo().objective_function_value == pytest.approx(best)


def test_rows_added_in_parts_are_the_rows_of_one_table() -> None:
    """x0 + x1 >= 1, x1 + x2 >= 1, then x0 <= 0 alone: site 1 serves both."""
    lines = Lines()
    lines.add(np.array([0, 2, 4]), np.array([0, 1, 1, 2]), np.ones(4), np.ones(2), np.full(2, inf))
    lines.add(np.array([0]), np.zeros(0, np.int32), np.zeros(0), np.zeros(0), np.zeros(0))  # a part without rows
    lines.add_one(np.array([0]), np.ones(1), -inf, 0.0)
    solver = handed(lines, np.ones(3), most=np.ones(3), whole=3, offset=10.0)
    run(solver, 10.0)
    found = solution(solver)
    assert found is not None
    assert found.tolist() == [0.0, 1.0, 0.0]
    assert solver.getInfo().objective_function_value == pytest.approx(11.0)
    assert says_its_value(solver)


def test_without_whole_numbers_it_is_the_relaxation() -> None:
    lines = Lines()
    lines.add(np.array([0, 2, 4, 6]), np.array([0, 1, 1, 2, 0, 2]), np.ones(6), np.ones(3), np.full(3, inf))
    values = []
    for whole in (0, 3):
        solver = handed(lines, np.ones(3), most=np.ones(3), whole=whole)
        run(solver, 10.0)
        values.append(solver.getInfo().objective_function_value)
    assert values == pytest.approx([1.5, 2.0])  # a triangle: half of each, or two


def test_where_nothing_keeps_the_rows_there_is_no_solution() -> None:
    lines = Lines()
    lines.add_number(2, 3)
    solver = handed(lines, np.ones(2), most=np.ones(2), whole=2)
    run(solver, 10.0)
    assert solver.getModelStatus() == Status.kInfeasible
    assert solution(solver) is None


def test_a_start_is_in_hand_when_no_node_may_be_taken() -> None:
    random = np.random.default_rng(3)
    covers = random.random((40, 30)) < 0.15
    covers[np.arange(40), random.integers(0, 30, 40)] = True
    lines = Lines()
    starts = np.concatenate([[0], np.cumsum(covers.sum(axis=1))])
    lines.add(starts, np.nonzero(covers)[1], np.ones(int(starts[-1])), np.ones(40), np.full(40, inf))
    solver = handed(lines, np.ones(30), most=np.ones(30), whole=30)
    branch_until(solver, gap=40.0, nodes=1)
    start_from(solver, np.ones(30))
    run(solver, 10.0)
    found = solution(solver)
    assert found is not None
    assert (covers @ found >= 1 - 1e-9).all()


def test_only_the_door_knows_the_solver() -> None:
    knows = [file.name for file in SITING.rglob("*.py") if "highspy" in file.read_text(encoding="utf-8")]
    assert knows == ["highs.py"]
