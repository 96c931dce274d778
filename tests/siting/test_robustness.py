"""A hundred worlds, the same for everybody; and what they do to a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.siting.clusters import clustered
from tests.siting.towns import clustered_town
from utopias.domain.errors import ProblemError
from utopias.scale import Runner
from utopias.siting.doubt import draws as drawing
from utopias.siting.doubt.robustness import robustness
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve

TOWN, TIMES = clustered_town(500, 40)


@pytest.fixture(scope="module")
def question() -> Problem:
    return Problem.for_town(TOWN, TIMES, open=4)


def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every range closed to its centre: the world as it was."""
    for name, value in (
        ("BLOCK_NOISE", 0.0),
        ("AREA_NOISE", 0.0),
        ("SPEED", (1.0, 1.0)),
        ("CIRCUITY", (1.3, 1.3)),
        ("LIMITS", (1.0,)),
        ("INDEX_WEIGHTS", (1.0, 1.0)),
        ("WITHDRAWN", 0.0),
    ):
        monkeypatch.setattr(drawing, name, value)


@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
@pytest.mark.parametrize("weigh_by", [None, "need"])
def test_in_an_unmoved_world_the_best_plan_is_chosen_always(
    aim: str, weigh_by: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    still(monkeypatch)
    asked = Problem.for_town(TOWN, TIMES, open=4, weigh_by=weigh_by)
    plan = solve(asked, aim=aim)
    found = robustness(asked, plan, draws=3)
    assert found.chosen_in == [3] * 4
    assert found.kept_in == [3] * 4
    assert found.regret_p90 == 0.0
    assert found.rows[0]["best"] == pytest.approx(plan.value)
    assert found.rows[0]["plan"] == pytest.approx(plan.value)
    planned = TOWN.blocks.planned
    within = float(TOWN.blocks.people[planned & (_nearest(asked, plan.sites) <= 9000)].sum())
    assert found.within_low == found.within_high == pytest.approx(within)


def _nearest(asked: Problem, sites: tuple[int, ...]) -> np.ndarray:
    pairs = asked.pairs
    nearest = np.full(asked.shape[0], np.inf)
    serves = np.isin(pairs.columns, [*sites, *asked.fixed])
    np.minimum.at(nearest, pairs.rows[serves], pairs.costs[serves])
    return nearest


def test_the_same_seed_gives_the_same_statement_with_any_number_of_workers(question: Problem) -> None:
    plan = solve(question)
    alone, crowd = robustness(question, plan, draws=9), robustness(question, plan, draws=9, runner=Runner(2))
    assert alone == crowd
    assert robustness(question, plan, draws=9, seed=8) != alone


def test_the_first_draws_do_not_depend_on_how_many_follow(question: Problem) -> None:
    plan = solve(question)
    assert robustness(question, plan, draws=3).rows == robustness(question, plan, draws=8).rows[:3]


def test_the_summary_follows_from_its_rows(question: Problem) -> None:
    plan = solve(question)
    found = robustness(question, plan, draws=20)
    regret = [row["regret"] for row in found.rows]
    within = [row["within"] for row in found.rows]
    assert found.draws == len(found.rows) == 20
    assert found.regret_median == np.median(regret)
    assert found.regret_p90 == np.percentile(regret, 90)
    assert (found.within_low, found.within_high) == (np.percentile(within, 5), np.percentile(within, 95))
    assert found.chosen_in == [sum(site in row["sites"] for row in found.rows) for site in plan.sites]
    assert all(0 <= a <= b <= 20 for a, b in zip(found.chosen_in, found.kept_in, strict=True))
    assert all(row["regret"] >= 0 and row["gap"] >= 0 for row in found.rows)
    assert found.worst_gap == max(row["gap"] for row in found.rows)
    assert set(found.varied) >= {"people", "walking_speed", "limit_minutes", "circuity", "withdrawn_share"}


def test_measured_times_have_no_circuity_to_vary() -> None:
    measured = Problem.for_town(TOWN, replace(TIMES, estimated=False), open=4)
    found = robustness(measured, solve(measured), draws=2)
    assert "circuity" not in found.varied
    assert "circuity" not in found.rows[0]


def test_a_withdrawn_lot_is_replaced_by_the_one_that_then_gains_most(monkeypatch: pytest.MonkeyPatch) -> None:
    still(monkeypatch)
    monkeypatch.setattr(drawing, "WITHDRAWN", 0.5)
    covers = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=bool)
    asked = Problem.from_coverage(covers, [8.0, 4.0, 2.0, 1.0], open=1)
    found = robustness(asked, solve(asked), draws=20)
    for row in found.rows:  # with one site to open, the best single replacement is the best there is
        assert row["plan"] == row["best"]
    assert 0 < found.chosen_in[0] < 20
    assert found.varied["withdrawn_lots"] == "replaced by the best single lot"


def test_a_stranger_near_a_chosen_site_counts_as_kept_and_a_far_one_does_not(question: Problem) -> None:
    plan = solve(question)
    counts = [sum(robustness(question, plan, draws=15, near=near).kept_in) for near in ("0 m", "400 m", "20 km")]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]


def test_a_forced_site_is_never_withdrawn() -> None:
    asked = Problem.for_town(TOWN, TIMES, open=3, forced=["s0007"])
    plan = solve(asked)
    found = robustness(asked, plan, draws=12)
    assert found.chosen_in[plan.sites.index(asked.forced[0])] == 12


def test_bare_coverage_moves_people_and_candidates_only() -> None:
    costs, weights, radius = clustered(300, 30)
    asked = Problem.from_coverage(costs <= radius, weights, open=3)
    found = robustness(asked, solve(asked), draws=5)
    assert set(found.varied) == {"people", "withdrawn_share", "withdrawn_lots"}


def test_a_budget_is_kept_in_every_draw() -> None:
    asked = Problem.for_town(TOWN, TIMES, budget=400e6)
    prices = asked.site_costs
    assert prices is not None
    found = robustness(asked, solve(asked), draws=10)
    assert all(prices[row["sites"]].sum() <= 400e6 for row in found.rows)


def test_ctrl_c_keeps_the_draws_done_and_says_so(question: Problem) -> None:
    def stop(_stage: str, share: float) -> None:
        if share >= 0.4:
            raise KeyboardInterrupt

    found = robustness(question, solve(question), draws=10, progress=stop)
    assert found.stopped == "user"
    assert 0 < found.draws < 10


def test_no_draws_make_no_statement(question: Problem) -> None:
    with pytest.raises(ProblemError) as caught:
        robustness(question, solve(question), draws=0)
    assert caught.value.codes == ("bad-draws",)


@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
def test_draws_whose_walk_ends_beyond_the_table_are_counted(aim: str) -> None:
    """A faster walker reaches in 30 minutes what a table of 30 minutes does not hold."""
    asked = Problem.for_town(TOWN, TIMES, open=4)
    found = robustness(asked, solve(asked, aim=aim, within="30 min", work=5), draws=6)
    asked_for = [max(30.0, row.get("limit_minutes", 0.0)) * row["speed"] * 1.3 / row["circuity"] for row in found.rows]
    cut = sum(minutes > 30.0 for minutes in asked_for)
    assert 0 < cut < 6
    assert found.varied["draws_cut_by_table"] == cut
    nearer = robustness(asked, solve(asked, aim="least-walk", within="15 min", work=5), draws=6)
    assert "draws_cut_by_table" not in nearer.varied


def test_the_limits_drawn_are_shares_of_the_plans_own() -> None:
    for within, drawn in (("15 min", [10, 12, 15, 20]), ("9 min", [6, 7.2, 9, 12])):
        plan = solve(Problem.for_town(TOWN, TIMES, open=4), within=within)
        found = robustness(Problem.for_town(TOWN, TIMES, open=4), plan, draws=12)
        assert found.varied["limit_minutes"] == drawn
        assert {row["limit_minutes"] for row in found.rows} <= set(drawn)
