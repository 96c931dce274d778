"""Places that fill up: value, bound and rules against every choice and a linear programme of another library."""

from __future__ import annotations

import time
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.shared_data import shared_data
from utopias.domain.capacity import availability, persons_a_week
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.domain.plan import Plan
from utopias.siting.choose.explain import explain
from utopias.siting.kernels import NEVER
from utopias.siting.question.pairs import pairs_of_costs
from utopias.siting.question.problem import Problem
from utopias.siting.rooms.transport import transport
from utopias.siting.solve import solve


def split(case: dict[str, Any], sites: list[int], aim: str) -> float:
    """What is lost when these sites are open, by scipy; inf where not everybody can be served who must."""
    costs, weights = case["costs"], case["weights"]
    n, m = costs.shape
    usable = np.isfinite(costs) & np.isin(np.arange(m), sites)[None, :]
    if aim == "cover-most":
        usable &= costs <= case["within"]
    pair_row, pair_site = np.nonzero(usable)
    k = len(pair_row)
    price = np.zeros(k) if aim == "cover-most" else costs[pair_row, pair_site]
    beyond = 1.0 if aim == "cover-most" else case["beyond"]
    equal = np.zeros((n, k + n))
    equal[pair_row, np.arange(k)] = 1
    equal[np.arange(n), k + np.arange(n)] = 1
    least = np.zeros((m, k + n))
    least[pair_site, np.arange(k)] = 1
    limited = np.isfinite(case["rooms"])
    bounds = [(0, None)] * k + [(0, 0 if beyond is None else None)] * n
    found = linprog(
        np.concatenate([price, np.full(n, beyond or 0.0)]),
        A_ub=least[limited] if limited.any() else None,
        b_ub=case["rooms"][limited] if limited.any() else None,
        A_eq=equal,
        b_eq=weights,
        bounds=bounds,
    )
    return float(found.fun) if found.status == 0 else np.inf


def whole(case: dict[str, Any], sites: list[int], aim: str) -> float:
    """The same where each place goes to one site, or is left out: every way of going."""
    costs, weights = case["costs"], case["weights"]
    beyond = 1.0 if aim == "cover-most" else case["beyond"]
    best = np.inf
    people = np.flatnonzero(weights > 0)
    for ways in product([*sites, -1], repeat=len(people)):
        room, lost = case["rooms"].copy(), 0.0
        for j, i in zip(people, ways, strict=True):
            if i < 0:
                lost += np.inf if beyond is None else weights[j] * beyond
            elif not np.isfinite(costs[j, i]) or (aim == "cover-most" and costs[j, i] > case["within"]):
                lost = np.inf
            else:
                room[i] -= weights[j]
                lost += 0.0 if aim == "cover-most" else weights[j] * costs[j, i]
        if (room >= 0).all():
            best = min(best, lost)
    return best


def optimum(case: dict[str, Any], aim: str) -> float:
    m = case["costs"].shape[1]
    candidates = [i for i in range(m) if i not in case["fixed"] and i not in case["forbidden"]]
    sizes = range(len(candidates) + 1) if case["open"] is None else [case["open"]]
    choices = [c for size in sizes for c in combinations(candidates, size) if set(case["forced"]) <= set(c)]
    if case["budget"] is not None:
        choices = [c for c in choices if sum(case["site_costs"][i] for i in c) <= case["budget"]]
    value = whole if case["single_source"] else split
    lost = [value(case, [*choice, *case["fixed"]], aim) for choice in choices]
    if not lost or min(lost) == np.inf:
        return np.nan
    return float(case["weights"].sum()) - min(lost) if aim == "cover-most" else min(lost)


@st.composite
def rooms_cases(draw: st.DrawFn, *, single_source: bool) -> dict[str, Any]:
    n, m = draw(st.integers(1, 4 if single_source else 8)), draw(st.integers(2, 4 if single_source else 5))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    costs = random.integers(0, 12, (n, m)).astype(float)
    costs[random.random((n, m)) < draw(st.sampled_from([0.0, 0.3]))] = np.inf
    weights = random.integers(0, 9, n).astype(float)
    if draw(st.booleans()):
        weights *= random.random(n)
    weights[random.integers(n)] = 3.0
    if draw(st.booleans()) and n > 1:
        costs[-1] = costs[0]  # people who are served alike
    rooms = random.integers(0, 15, m).astype(float)
    rooms[random.random(m) < 0.2] = np.inf
    roles = random.permutation(m).tolist()
    fixed, rest = roles[: draw(st.integers(0, 1))], roles[1:]
    forbidden = rest[: draw(st.integers(0, 1))] if len(rest) > 1 else []
    rest = [i for i in rest if i not in forbidden]
    forced = rest[: draw(st.integers(0, 1))]
    limits = draw(st.sampled_from(["open", "budget", "both"]))
    site_costs = random.integers(1, 6, m).astype(float)
    number = draw(st.integers(max(1, len(forced)), len(rest)))
    least = float(np.sort(site_costs[rest])[:number].sum() + site_costs[forced].sum())
    return {
        "costs": costs, "weights": weights, "rooms": rooms, "single_source": single_source,
        "within": float(draw(st.integers(0, 8))),
        "beyond": draw(st.sampled_from([None, 9.0, 13.0])),
        "fixed": fixed, "forced": forced, "forbidden": forbidden,
        "open": number if limits != "budget" else None,
        "site_costs": site_costs if limits != "open" else None,
        "budget": least + float(draw(st.integers(0, 4))) if limits != "open" else None,
    }  # fmt: skip


def asked(case: dict[str, Any]) -> Problem:
    names = ("open", "fixed", "forced", "forbidden", "site_costs", "budget", "beyond", "single_source")
    return Problem.from_costs(
        case["costs"], case["weights"], capacities=case["rooms"], **{name: case[name] for name in names}
    )


@pytest.mark.parametrize("single_source", [False, True])
@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_best_of_all_choices_is_found_and_proven(aim: str, single_source: bool, data: st.DataObject) -> None:
    _is_best(aim, data.draw(rooms_cases(single_source=single_source)))


@pytest.mark.slow
@pytest.mark.parametrize("single_source", [False, True])
@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
@settings(max_examples=1_000, deadline=None)
@given(data=st.data())
def test_a_thousand_questions_with_rooms(aim: str, single_source: bool, data: st.DataObject) -> None:
    _is_best(aim, data.draw(rooms_cases(single_source=single_source)))


def _is_best(aim: str, case: dict[str, Any]) -> None:
    best = optimum(case, aim)
    if np.isnan(best):
        with pytest.raises(InfeasibleError):
            solve(asked(case), aim=aim, within=case["within"], time_limit="20 s")
        return
    plan = solve(asked(case), aim=aim, within=case["within"], time_limit="20 s")
    assert plan.certificate is not None
    assert plan.certificate.holds, plan.certificate
    assert plan.value == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert (plan.proven, plan.stopped) == (True, "proven")


@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
@settings(max_examples=60, deadline=None)
@given(case=rooms_cases(single_source=False), work=st.integers(1, 3))
def test_stopped_early_the_bound_holds(aim: str, case: dict[str, Any], work: int) -> None:
    best = optimum(case, aim)
    try:
        plan = solve(asked(case), aim=aim, within=case["within"], work=work)
    except InfeasibleError:
        return
    assert np.isfinite(best)
    sign = 1.0 if aim == "cover-most" else -1.0
    assert sign * plan.bound >= sign * best - 1e-6
    assert sign * plan.root_bound >= sign * best - 1e-6
    assert sign * plan.value <= sign * best + 1e-6
    assert plan.certificate is not None
    assert plan.certificate.holds, plan.certificate
    assert not plan.proven or plan.value == pytest.approx(best, rel=1e-6, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_split_is_the_cheapest(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, m = random.integers(1, 12), random.integers(1, 6)
    costs = random.integers(0, 12, (n, m)).astype(float)
    costs[random.random((n, m)) < 0.3] = np.inf
    pairs, _ = pairs_of_costs(costs)
    weights = random.integers(0, 9, n) * random.random(n)
    rooms, is_open = random.integers(0, 15, m).astype(float), random.random(m) < 0.7
    cost, served, left = transport(
        pairs.starts, pairs.columns, pairs.costs, np.full(n, 9.0), weights, rooms, is_open, np.inf
    )
    case = {"costs": np.where(costs > 9, np.inf, costs), "weights": weights, "rooms": rooms, "beyond": 9.0}
    assert cost == pytest.approx(split(case, np.flatnonzero(is_open).tolist(), "least-walk"), abs=1e-6)
    assert np.bincount(pairs.rows, weights=served, minlength=n) + left == pytest.approx(weights, abs=1e-9)
    for most in (cost - 0.01, cost, cost + 0.01):  # what may not cost as much ends early, and only that
        told, *_ = transport(
            pairs.starts, pairs.columns, pairs.costs, np.full(n, 9.0), weights, rooms, is_open, float(most)
        )
        assert told == (NEVER if most < cost else cost)


def test_a_search_over_a_million_pairs_with_rooms_ends_with_its_clock() -> None:
    random = np.random.default_rng(3)
    places, units = random.random((10_000, 1, 2)), random.random((1, 100, 2))
    costs = np.floor(1000 * np.hypot(*(places - units).transpose(2, 0, 1)))
    weights = random.integers(1, 100, 10_000).astype(float)
    capacities = random.uniform(0.7, 1.6, 100) * weights.sum() / 20
    problem = Problem.from_costs(costs, weights, open=20, beyond=2000.0, capacities=capacities)
    solve(problem, aim="least-walk", time_limit="0.2 s")  # machine code is loaded before the clock runs
    begun = time.process_time()
    plan = solve(problem, aim="least-walk", time_limit="1 s")
    assert time.process_time() - begun < 1.5
    assert plan.certificate is not None
    assert plan.certificate.holds


def test_with_room_for_all_it_is_the_plan_without_rooms() -> None:
    random = np.random.default_rng(3)
    costs, weights = random.integers(1, 60, (80, 12)).astype(float), random.integers(1, 9, 80)
    free = solve(Problem.from_costs(costs, weights, open=4), aim="least-walk")
    roomy = solve(Problem.from_costs(costs, weights, open=4, capacities=np.full(12, np.inf)), aim="least-walk")
    assert (roomy.value, roomy.proven) == (free.value, True)


def test_a_plan_with_flows_is_saved_and_read(tmp_path: Path) -> None:
    problem = Problem.from_costs([[1.0, 5.0], [1.0, 2.0]], [4, 4], open=2, capacities=[5, 9])
    plan = solve(problem, aim="least-walk")
    assert plan.value == 4 + 1 + 3 * 2
    read = Plan.load(plan.save(tmp_path / "plan"))
    assert read.flows is not None
    assert plan.flows is not None
    assert read.flows.persons.tolist() == plan.flows.persons.tolist() == [4, 1, 3]
    assert read.assignment.tolist() == [0, 1]


def test_after_one_round_the_bound_is_at_least_that_of_everybody_at_the_nearest_site() -> None:
    random = np.random.default_rng(11)
    costs, people = random.random((300, 40)) * 100, random.integers(1, 100, 300).astype(float)
    problem = Problem.from_costs(costs, people, open=6, capacities=np.full(40, people.sum() / 5))
    plan = solve(problem, aim="least-walk", within=None, work=1)
    assert plan.value >= plan.bound >= float(people @ costs.min(axis=1))


def test_the_same_work_gives_the_same_plan() -> None:
    random = np.random.default_rng(4)
    costs, weights = random.integers(1, 60, (60, 15)).astype(float), random.integers(1, 9, 60)
    problem = Problem.from_costs(costs, weights, open=4, capacities=random.integers(30, 120, 15), beyond=99)
    one, other = (solve(problem, aim="least-walk", work=5) for _ in range(2))
    assert (one.sites, one.value, one.bound) == (other.sites, other.value, other.bound)


@pytest.mark.parametrize(
    ("given_", "code"),
    [
        ({"capacities": [1, 2]}, "misaligned"),
        ({"capacities": [1, -2, np.nan]}, "bad-capacity"),
        ({"single_source": True}, "single-source-without-capacity"),
    ],
)
def test_odd_rooms_are_refused(given_: dict[str, Any], code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        Problem.from_costs(np.ones((4, 3)), np.ones(4), open=1, **given_)
    assert [fault.code for fault in caught.value.faults] == [code]


def test_too_little_room_for_everybody_is_said_at_once() -> None:
    with pytest.raises(InfeasibleError, match="4 persons must be served, and there is room for 3"):
        solve(Problem.from_costs(np.ones((4, 3)), np.ones(4), open=2, capacities=[1, 2, 1]), aim="least-walk")


def test_a_pool_without_water_serves_fewer() -> None:
    assert persons_a_week(75, hours_a_week=54, hours_a_visit=1.5) == 75 * 36
    assert availability({"water": 36.5, "works": 36.5}) == pytest.approx(0.8)
    assert availability({"water": 300, "flood": 300}) == 0
    with pytest.raises(ProblemError) as caught:
        availability({"wather": 3, "power": -1})
    assert [fault.code for fault in caught.value.faults] == ["unknown-cause", "bad-days"]


@pytest.mark.parametrize("name", ["cap71", "cap72", "cap101"])
def test_published_capacitated_optima(name: str) -> None:
    folder = shared_data("siting/cap")
    numbers = (folder / f"{name}.txt").read_text().split()
    m, n = int(numbers[0]), int(numbers[1])
    table = np.array(numbers[2 : 2 + 2 * m], dtype=float).reshape(m, 2)
    rest = np.array(numbers[2 + 2 * m :], dtype=float).reshape(n, m + 1)
    weights, costs = rest[:, 0], rest[:, 1:] / rest[:, :1]
    published = float((folder / f"{name}.txt.opt").read_text().split()[-1])
    problem = Problem.from_costs(costs, weights, budget=1e12, site_costs=table[:, 1], capacities=table[:, 0])
    plan = solve(problem, aim="least-cost", within=None, time_limit="60 s")
    assert plan.proven
    assert plan.value == pytest.approx(published, rel=1e-8)


def test_a_plan_that_serves_all_is_kept_though_leaving_somebody_would_seem_cheaper() -> None:
    """Sites cost 100 and a tenth of a person would be left: both must open all the same, at 2 * 100 + 0.8 of walks."""
    question = Problem.from_costs([[1.0, 1.0]], [0.8], capacities=[0.7, 0.7], site_costs=[100.0, 100.0], beyond=None)
    plan = solve(question, aim="least-cost")
    assert (plan.sites, plan.proven) == ((0, 1), True)
    assert plan.value == pytest.approx(200.8)


def test_somebody_whom_only_a_forbidden_or_too_dear_site_reaches_is_no_proven_plan() -> None:
    costs = [[1.0, np.inf], [np.inf, 1.0]]
    rules: dict[str, Any] = {"open": 1, "forced": [0], "capacities": [5.0, 5.0]}
    for ruled_out in ({"forbidden": [1]}, {"budget": 1.0, "site_costs": [1.0, 1.0]}):
        with pytest.raises(InfeasibleError) as caught:
            solve(Problem.from_costs(costs, [1.0, 1.0], **rules, **ruled_out), aim="least-walk")
        assert caught.value.codes == ("never-reached",)


def test_a_place_without_any_room_beside_a_crowd_does_not_stop_the_programme() -> None:
    """A crowd of a million by a room of 0 is a number that HiGHS takes no matrix with."""
    costs = [[0.0, np.inf, 0.0], [0.0, 0.0, np.inf], [np.inf, 0.0, 0.0]]
    crowd = [1009885.0, 1148321.0, 991606.0]
    question = Problem.from_costs(costs, crowd, open=1, capacities=[991606.0, 1200000.0, 0.0])
    plan = solve(question, aim="cover-most", within=1.0)
    assert (plan.sites, plan.value, plan.proven) == ((1,), 1200000.0, True)


def test_a_site_without_which_somebody_is_left_has_no_loss_where_all_must_be_served() -> None:
    question = Problem.from_costs([[1.0, 2.0], [2.0, 1.0]], [3.0, 3.0], open=2, capacities=[3.0, 3.0])
    told = explain(question, solve(question, aim="least-walk"))
    assert [site.loss for site in told.chosen] == [None, None]


def test_a_plan_over_bare_costs_is_explained_with_the_limit_it_was_solved_with() -> None:
    question = Problem.from_costs([[1.0, 5.0], [5.0, 1.0]], [3.0, 2.0], open=1, capacities=[9.0, 9.0])
    told = explain(question, solve(question, aim="cover-most", within=2.0))
    assert [(site.site, site.loss) for site in told.chosen] == [(0, 3.0)]
