"""A search that is cut short says so, keeps its best plan and a true bound, and can be repeated anywhere."""

from __future__ import annotations

import numpy as np
import pytest

from tests.siting.clusters import clustered
from utopias.domain.errors import InfeasibleError, ProblemError, QuantityError
from utopias.domain.progress import silent
from utopias.siting import rules as timing
from utopias.siting.aims import put
from utopias.siting.problem import Problem
from utopias.siting.search import Search
from utopias.siting.solve import solve

COSTS, WEIGHTS, RADIUS = clustered(600, 60)
HARD = clustered(4000, 300, density=0.03, seed=5)


def hard() -> Problem:
    """A question that is not closed in a second."""
    return Problem.from_costs(HARD[0], HARD[1], open=40)


def test_the_same_seed_and_work_give_the_same_plan_and_another_seed_may_not() -> None:
    plans = [solve(hard(), within=HARD[2], work=20, seed=seed) for seed in (7, 7, 8)]
    assert plans[0].sites == plans[1].sites
    assert plans[0].bound == plans[1].bound
    assert np.array_equal(plans[0].multipliers, plans[1].multipliers)
    assert {plan.stopped for plan in plans} == {"work"}
    assert not any(plan.proven for plan in plans)


def test_counted_work_never_looks_at_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = solve(hard(), within=HARD[2], work=5)
    ticks = iter(range(0, 10**9, 1000))
    monkeypatch.setattr(timing, "monotonic", lambda: float(next(ticks)))  # a machine a thousand times slower
    slow = solve(hard(), within=HARD[2], work=5)
    assert slow.sites == quick.sites
    assert slow.bound == quick.bound


def test_more_work_never_gives_a_worse_plan() -> None:
    values = [solve(hard(), within=HARD[2], work=work).value for work in (1, 5, 20)]
    assert values == sorted(values)


def test_a_plan_stopped_by_the_clock_says_so() -> None:
    plan = solve(hard(), within=HARD[2], time_limit="1 s")
    if not plan.proven:
        assert plan.stopped == "clock"
    assert plan.bound >= plan.value


@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
def test_ctrl_c_keeps_the_best_plan_so_far(aim: str) -> None:
    def stop(stage: str, _share: float) -> None:
        if stage == "search":
            raise KeyboardInterrupt

    plan = solve(hard(), aim=aim, within=HARD[2], progress=stop)
    assert plan.stopped == "user"
    assert not plan.proven
    assert plan.certificate is not None
    assert plan.certificate.holds
    assert len(plan.sites) == 40


def test_progress_tells_stages_and_shares() -> None:
    heard: list[tuple[str, float]] = []
    solve(hard(), within=HARD[2], work=3, progress=lambda stage, share: heard.append((stage, share)))
    assert heard[0][0] == "plan"
    assert heard[-1] == ("plan", 1.0)
    assert all(0 <= share <= 1 for _, share in heard)


def a_search(work: int, *, start: np.ndarray | None = None) -> Search:
    asked = put(hard(), "least-walk", None)
    return Search(asked.median, timing.Clock(60.0, work), 7, silent, start=start)


def test_steps_tell_where_a_search_stands_and_end_where_a_run_ends() -> None:
    whole, stepped = a_search(6), a_search(6)
    stopped = whole.run()
    told = list(stepped.steps())
    assert len(told) > 5
    assert [one.value for one in told] == sorted((one.value for one in told), reverse=True)
    assert [one.bound for one in told] == sorted(one.bound for one in told)
    assert all(one.bound <= one.value and one.gap >= 0 for one in told)
    assert all(stepped.small.value(one.chosen) == pytest.approx(one.value) for one in told)
    assert (stepped.stopped, told[-1].value, told[-1].bound) == (stopped, whole.upper, whole.bound)


def test_a_search_that_nobody_asks_further_has_done_no_further_work() -> None:
    search = a_search(1000)
    for _, _one in zip(range(4), search.steps(), strict=False):
        pass
    assert search.shaken < 20
    assert search.bound <= search.upper


def test_a_choice_to_begin_from_is_never_ended_below() -> None:
    good = a_search(30)
    good.run()
    again = a_search(1, start=good.chosen)
    assert next(again.steps()).value <= good.upper
    again.run()
    assert again.upper <= good.upper


def test_a_choice_to_begin_from_that_breaks_a_rule_is_not_taken() -> None:
    every = np.ones(HARD[0].shape[1], dtype=bool)
    search = a_search(1, start=every)
    search.run()
    assert int(search.chosen.sum()) == 40


def test_a_gap_that_is_asked_for_is_enough() -> None:
    plan = solve(hard(), within=HARD[2], gap=0.2, time_limit="30 s")
    assert plan.stopped in ("gap", "proven")
    assert plan.gap <= 0.2


def test_a_false_bound_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard's twin: with a bound from nowhere a poor plan is called proven, and the recount is what tells."""
    honest = solve(hard(), within=HARD[2], work=2)
    monkeypatch.setattr(Search, "closed", property(lambda _: True))
    false = solve(hard(), within=HARD[2], work=2)
    assert not honest.proven
    assert false.proven
    assert false.certificate is not None
    assert false.certificate.bound > false.value


def test_the_assignment_is_the_nearest_open_site_and_ties_go_to_the_lower() -> None:
    costs = np.array([[2.0, 2.0, 1.0], [5.0, 4.0, 9.0], [9.0, 9.0, 9.0]])
    plan = solve(Problem.from_costs(costs, [1.0, 1.0, 1.0], open=2, forbidden=[2]), aim="cover-most", within=5.0)
    assert plan.assignment.tolist() == [0, 1, -1]


def test_fixed_sites_serve_and_are_not_counted() -> None:
    costs = np.array([[1.0, 9.0], [9.0, 1.0]])
    plan = solve(Problem.from_costs(costs, [3.0, 4.0], open=1, fixed=[0]), within=2.0)
    assert plan.value == 7.0
    assert (plan.sites, plan.fixed) == ((1,), (0,))


def test_nobody_reached_by_any_site_is_infeasible_and_counted() -> None:
    costs = np.array([[1.0, 2.0], [np.inf, np.inf]])
    with pytest.raises(InfeasibleError, match="1 places with a weight of 5") as caught:
        solve(Problem.from_costs(costs, [1.0, 5.0], open=1), aim="least-walk")
    assert caught.value.codes == ("never-reached",)


def test_a_site_too_dear_is_never_chosen_and_number_and_budget_hold_together() -> None:
    covers = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=bool)
    problem = Problem.from_coverage(covers, [1.0] * 4, open=2, site_costs=[9.0, 2.0, 3.0], budget=6.0)
    plan = solve(problem)
    assert plan.sites == (1, 2)
    assert plan.proven


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"time_limit": 30}, QuantityError),
        ({"work": 0}, ProblemError),
        ({"work": 2.5}, ProblemError),
        ({"gap": -0.1}, ProblemError),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        solve(Problem.from_costs(COSTS, WEIGHTS, open=2), within=RADIUS, **options)  # type: ignore[arg-type]
