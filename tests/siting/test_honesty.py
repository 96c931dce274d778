"""A search that is cut short says so, keeps its best plan and a true bound, and can be repeated anywhere."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import numpy as np
import pytest

from benchmarks.siting.instances import optima, or_library, published, tsplib
from tests.shared_data import shared_data
from tests.siting.brute_force import ASKED, problem, table_case
from tests.siting.clusters import clustered
from tests.siting.judged import contradictions
from utopias.domain.aim import Aim
from utopias.domain.errors import InfeasibleError, ProblemError, QuantityError
from utopias.domain.plan import Plan
from utopias.domain.progress import silent
from utopias.siting.choose.improve import improve
from utopias.siting.curve.trade_off import trade_off
from utopias.siting.median.aims import put
from utopias.siting.median.search import Search
from utopias.siting.question import clock
from utopias.siting.question.clock import Clock
from utopias.siting.question.problem import Problem
from utopias.siting.solve import SOLVED_AIMS, solve
from utopias.siting.years.phase import phase

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
    monkeypatch.setattr(clock, "monotonic", lambda: float(next(ticks)))  # a machine a thousand times slower
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
    return Search(asked.median, Clock(60.0, work), 7, silent, start=start)


def test_steps_tell_where_a_search_stands_and_end_where_a_run_ends() -> None:
    whole, stepped = a_search(20), a_search(20)
    stopped = whole.run()
    told = list(stepped.steps())
    assert len(told) > 5
    assert [one.value for one in told] == sorted((one.value for one in told), reverse=True)
    assert [one.bound for one in told] == sorted(one.bound for one in told)
    assert all(one.bound <= one.value and one.gap >= 0 for one in told)
    assert all(stepped.small.value(one.chosen) == pytest.approx(one.value) for one in told)
    assert (stepped.stopped, told[-1].value, told[-1].bound) == (stopped, whole.upper, whole.bound)


def test_what_the_bound_points_to_is_taken_where_better_and_known_as_the_best_where_equal() -> None:
    best = a_search(60)
    best.run()
    search = a_search(60)
    search._first_plan()
    assert best.upper < search.upper
    search._point(best.chosen.astype(float))
    assert search.upper <= best.upper
    assert search.agreed
    search._point(np.arange(len(best.chosen), dtype=float))  # the last sites in the order of their numbers
    assert not search.agreed


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


# --- every aim, stopped early: what it says then is judged by plain numpy and by what is known ---

CUTS: tuple[dict[str, Any], ...] = ({"work": 1}, {"work": 3}, {"time_limit": "0.05 s"}, {"time_limit": "0.2 s"})
LONG_CUTS: tuple[dict[str, Any], ...] = tuple({"time_limit": f"{seconds} s"} for seconds in (1, 3, 10))
# Aims with published optima of OR-Library's graphs, and the file of the data pack that tells them.
PUBLISHED = {"least-walk": "p_median_optima.txt", "smallest-worst": "p_center_optima.txt"}
GRAPHS = tuple(f"pmed{k}" for k in range(1, 41, 2))
# (demand, sites, share a site covers, open): of every kind, from what is closed at once to what is not in minutes.
CITIES = (
    (400, 40, 0.1, 4),
    (1500, 150, 0.02, 20),
    (4000, 300, 0.03, 40),
    (8000, 500, 0.02, 60),
    (3000, 600, 0.005, 90),
)

PROMPT = 2_000_000  # pairs: a table of more takes half a second to be put and recounted, see the xfail below

each_aim = pytest.mark.parametrize("aim", SOLVED_AIMS)


@cache
def loaded(aim: str) -> None:
    """Machine code of an aim made or loaded before a clock runs: that is no part of a time limit."""
    cut_short(
        ASKED[aim](table_case(*clustered(300, 30, density=0.1)[:2], open=3, within=RADIUS)), aim, time_limit="2 s"
    )


def cut_short(case: dict[str, Any], aim: str, **cut: Any) -> tuple[Plan | None, str]:
    """A plan stopped early, None where nobody found one that is a plan; and by how much it came too late, "" in time.

    Lateness is told by the processor's clock: seconds that the machine gives to others are not the solver's.
    """
    question = problem(case)
    begun = time.process_time()
    try:
        plan = solve(question, aim=aim, within=case["within"], **cut)
    except InfeasibleError as error:
        if error.codes != ("nobody-found-a-plan",):
            raise
        plan = None
    taken = time.process_time() - begun
    limit = float(cut["time_limit"].split()[0]) if "time_limit" in cut else np.inf
    late = taken > limit + max(0.5, 0.05 * limit)
    return plan, f"{aim}: {taken:.2f} s of {limit:g}" if late else ""


def judged(case: dict[str, Any], aim: str, cuts: tuple[dict[str, Any], ...], **known: float | None) -> list[str]:
    """Every cut of one question: none contradicts numpy, what is known, or what another cut reached; who came late."""
    loaded(aim)
    asked = ASKED[aim](case)
    found = [cut_short(asked, aim, **cut) for cut in cuts]
    plans = [plan for plan, _ in found if plan is not None]
    values = [plan.value for plan in plans]
    best = (max(values) if Aim.of(aim).more_is_better else min(values)) if values else None
    for plan in plans:
        wrong = contradictions(plan, asked, aim, **({"known": best} | known))
        assert not wrong, f"{aim}, {plan}: {wrong}"
    return [late for _, late in found if late]


@each_aim
def test_an_aim_stopped_early_says_nothing_false(aim: str) -> None:
    assert not judged(table_case(HARD[0], HARD[1], open=40, within=HARD[2]), aim, CUTS)


@pytest.mark.slow
@pytest.mark.parametrize("shape", CITIES, ids=str)
@pytest.mark.parametrize("seed", [1, 2, 3])
@each_aim
def test_an_aim_stopped_after_seconds_says_nothing_false(aim: str, seed: int, shape: tuple[Any, ...]) -> None:
    demand, sites, density, number = shape
    costs, weights, radius = clustered(demand, sites, density=density, seed=seed)
    if seed == 3:  # weights that are not whole close no gap by rounding
        weights = weights * np.random.default_rng(seed).random(demand)
    late = judged(table_case(costs, weights, open=number, within=radius), aim, CUTS + LONG_CUTS)
    assert demand * sites > PROMPT or not late


@pytest.mark.slow
@pytest.mark.xfail(reason="putting, merging and recounting millions of pairs are outside of the limit", strict=False)
@each_aim
def test_an_aim_over_millions_of_pairs_is_not_late(aim: str) -> None:
    costs, weights, radius = clustered(8000, 500, density=0.02)
    assert not judged(table_case(costs, weights, open=60, within=radius), aim, CUTS[2:])


def published_graph(name: str, aim: str) -> tuple[dict[str, Any], float]:
    known = optima(shared_data("siting", "pmed", PUBLISHED[aim]))[name]
    costs, p = or_library(shared_data("siting", "pmed", f"{name}.txt"))
    return table_case(costs, np.ones(len(costs)), open=p, within=0.0), known


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["pmed5", "pmed11", "pmed31"])
@pytest.mark.parametrize("aim", [aim for aim in SOLVED_AIMS if aim in PUBLISHED])
def test_no_published_optimum_is_contradicted_by_a_search_stopped_early(aim: str, name: str) -> None:
    case, known = published_graph(name, aim)
    assert not judged(case, aim, CUTS, optimum=known)


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("aim", [aim for aim in SOLVED_AIMS if aim in PUBLISHED])
def test_no_published_optimum_is_contradicted_after_seconds(aim: str, name: str) -> None:
    case, known = published_graph(name, aim)
    assert not judged(case, aim, CUTS + LONG_CUTS, optimum=known)


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize("name", ["rl1304", "fl1400"])
@pytest.mark.parametrize("number", [5, 50, 300])
def test_no_best_known_value_is_ruled_out_after_seconds(name: str, number: int) -> None:
    lines = published(shared_data("siting", "tsplib", "published_values.csv"), name)
    costs = tsplib(shared_data("siting", "tsplib", f"{name}.tsp"))
    known = next(line.best for line in lines if line.p == number)
    case = table_case(costs, np.ones(len(costs)), open=number, within=0.0)
    assert not judged(case, "least-walk", CUTS + LONG_CUTS, known=known)


def test_a_plan_that_says_something_false_is_caught() -> None:
    """The guard's twin: each falsehood by itself turns a true plan into a contradiction."""
    costs, weights, radius = clustered(300, 30, density=0.1)
    case = table_case(costs, weights, open=3, within=radius)
    plan = solve(problem(case), within=radius)
    assert plan.proven
    assert not contradictions(plan, case, "cover-most", optimum=plan.value)
    other = next(site for site in range(30) if site not in plan.sites)
    falsehoods = [
        plan.with_(value=plan.value + 1, bound=plan.bound + 1),
        plan.with_(bound=plan.bound - 1),
        plan.with_(root_bound=plan.value - 1),
        plan.with_(sites=tuple(sorted((*plan.sites[1:], other)))),
        plan.with_(bound=plan.bound + 1),
        plan.with_(proven=False),
        plan.with_(certificate=None),
    ]
    for false in falsehoods:
        assert contradictions(false, case, "cover-most", optimum=plan.value), false
    assert contradictions(plan, case, "cover-most", optimum=plan.value + 1)
    assert contradictions(plan, case, "cover-most", known=plan.value + 1)


@pytest.mark.parametrize("verb", ["trade_off", "phase"])
def test_what_does_not_know_of_places_that_fill_up_refuses_them(verb: str) -> None:
    """Otherwise a plan that has no room for its people would be proven."""
    rooms = Problem.from_costs([[1.0, 2.0]], [9.0], open=1, beyond=9.0, capacities=[1.0, 1.0], site_costs=[1.0, 1.0])
    asked = {
        "trade_off": lambda: trade_off(rooms, ("cover-most", "least-cost"), within=2.0),
        "phase": lambda: phase(rooms, budgets=[9.0, 9.0], years="2026-2027", within=2.0),
    }
    with pytest.raises(ProblemError) as caught:
        asked[verb]()
    assert caught.value.codes == ("not-with-rooms",)


@pytest.mark.parametrize("verb", ["improve", "trade_off", "solve"])
def test_a_question_without_number_or_budget_is_refused_wherever_it_is_asked(verb: str) -> None:
    free = Problem.from_costs([[1.0, 2.0]], [9.0], beyond=9.0)
    asked = {
        "improve": lambda: next(iter(improve(free, within=2.0))),
        "trade_off": lambda: trade_off(free, ("cover-most", "smallest-worst"), within=2.0),
        "solve": lambda: solve(Problem.from_costs([[1.0, 2.0]], [9.0], capacities=[1.0, 1.0]), within=2.0),
    }
    with pytest.raises(ProblemError) as caught:
        asked[verb]()
    assert caught.value.codes == ("no-limit",)
