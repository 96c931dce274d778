"""Between choices of equal value the fairer one is kept, always the same one, and the plan says how many there were."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.toy import toy_town
from utopias.domain.plan import Plan
from utopias.scenario.on_what import walk
from utopias.siting.choose.alternatives import alternatives
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve

# Two sites that cover the same 10 people within 5; the last person walks 9 to the second, 20 to the first.
COSTS = np.array([[1.0, 5.0], [20.0, 9.0]])
WEIGHTS = [10.0, 1.0]


def test_of_two_optima_the_one_with_the_smaller_worst_cost_is_kept() -> None:
    plan = solve(Problem.from_costs(COSTS, WEIGHTS, open=1), within=5.0)
    assert (plan.sites, plan.value, plan.ties) == ((1,), 10.0, 1)
    other_way = solve(Problem.from_costs(COSTS[:, ::-1], WEIGHTS, open=1), within=5.0)
    assert other_way.sites == (0,)


def test_optima_as_fair_as_each_other_stay_in_the_order_of_their_sites() -> None:
    same = np.array([[1.0, 1.0, 1.0], [9.0, 9.0, 9.0]])
    plan = solve(Problem.from_costs(same, WEIGHTS, open=1), within=5.0)
    assert (plan.sites, plan.ties) == ((0,), 2)


def test_a_better_plan_is_never_given_for_a_fairer_one() -> None:
    plan = solve(Problem.from_costs(COSTS, WEIGHTS, open=1), within=3.0)
    assert (plan.sites, plan.value, plan.ties) == ((0,), 10.0, 0)


def test_in_tiny_units_a_worse_plan_is_no_equal_one() -> None:
    # Walks in a unit a trillion times as long: every sum is under 1e-12, and the plans still differ by a third.
    costs = np.array([[1.0, 4.0, 9.0], [9.0, 4.0, 1.0], [2.0, 1.0, 9.0]])
    whole, tiny = (
        solve(Problem.from_costs(costs * unit, [3.0, 1.0, 2.0], open=1), aim="least-walk") for unit in (1.0, 1e-13)
    )
    assert whole.value == 16.0
    assert (tiny.sites, tiny.ties, tiny.proven) == (whole.sites, 0, True)


def test_nobody_covered_is_nobody_and_not_a_trillionth_under() -> None:
    costs, people = np.full((900, 2), 5.0), np.full(900, 0.1)  # 0.1 is no sum of halves: sums in two orders differ
    for aim in ("cover-most", "cover-gradually"):
        plan = solve(Problem.from_costs(costs, people, open=0), aim=aim, within=5.0)
        assert (plan.value, plan.bound) == (0.0, 0.0)


def test_ties_are_written_with_the_plan_and_an_older_plan_has_none(tmp_path: Path) -> None:
    plan = solve(Problem.from_costs(COSTS, WEIGHTS, open=1), within=5.0)
    plan.save(tmp_path / "plan")
    assert Plan.load(tmp_path / "plan").ties == 1
    assert '"ties": 1' in (tmp_path / "plan" / "plan.json").read_text()


def test_among_alternatives_of_equal_value_the_fairer_is_told_first() -> None:
    costs = np.array([[1.0, 2.0, 5.0], [4.0, 20.0, 9.0]])
    question = Problem.from_coverage(costs <= 5, WEIGHTS, open=1)
    assert [a.sites for a in alternatives(question, solve(question), within=0.2)] == [(1,), (2,)]


def test_an_alternative_of_a_town_has_a_site_elsewhere() -> None:
    town = toy_town()
    problem = Problem.for_town(town, walk(town), open=2)
    plan = solve(problem)
    places = problem.study.places  # type: ignore[union-attr]
    at = places[["x", "y"]].to_numpy(dtype=float)

    def farthest(sites: tuple[int, ...]) -> float:
        return max(float(np.hypot(*(at[list(plan.sites)] - at[i]).T).min()) for i in sites)

    every = alternatives(problem, plan, within=1.0, count=50, near="1 m")
    (apart,) = {farthest(other.sites) for other in every}
    assert alternatives(problem, plan, within=1.0, count=50, near=f"{apart + 1:.0f} m") == []  # no other place
    assert len(alternatives(problem, plan, within=1.0, count=50, near=f"{apart - 1:.0f} m")) == len(every) == 2
