"""The toy town through its real problem: what its docstring promises by hand, found by the rooms together."""

import numpy as np
import pytest

from tests.toy import BLOCK_X, BLOCK_Y, WEST, toy_town
from utopias.domain.plan import Plan
from utopias.domain.quantities import Minutes
from utopias.domain.travel_times import TravelTimes
from utopias.scenario import compare, findings
from utopias.siting.choose.explain import explain
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve

UNO, A, B, C = range(4)


def toy_problem(**options):
    """80 metres a minute along the one street; the block off it has no way."""
    town = toy_town()
    places = town.fixed + town.sites + town.providers
    minutes = np.abs(BLOCK_X[:, None] - (places.x - WEST)[None, :]) / 80
    rows, columns = np.nonzero((minutes <= 30) & (BLOCK_Y == 0)[:, None])
    times = TravelTimes(
        origins=town.blocks.ids,
        destinations=places.ids,
        starts=np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=13))]).astype(np.int64),
        columns=columns.astype(np.int32),
        deciseconds=(minutes[rows, columns] * 600).astype(np.int32),
        limit=Minutes(30),
        origin_status=np.where(BLOCK_Y == 0, 0, 2).astype(np.int8),
        destination_status=np.zeros(len(places), dtype=np.int8),
        notes={"walker": "adult", "speed_m_s": 4.8 / 3.6},
    )
    return Problem.for_town(town, times, open=1, **options)


def plan_for(problem, *sites, study=True):
    return Plan(
        "cover-most", sites, (UNO,), np.full(13, -1), 0.0, 0.0, False, 0.0, "by hand", 7, Minutes(15), 1, None,
        np.zeros(0), 0.0, study=problem.study if study else None,
    )  # fmt: skip


@pytest.mark.parametrize(("site", "gain"), [(A, 200), (B, 600), (C, 500)])
def test_each_lot_adds_what_the_toy_says(site, gain):
    problem = toy_problem()
    found = findings(problem, plan_for(problem, site))
    assert found.headline.before == 400
    assert found.headline.gain == gain
    assert found.headline.people == 1150
    assert found.headline.apart == 50
    assert found.sites[0].loss == gain


def test_the_best_lot_displaces_the_community_centre():
    problem = toy_problem()
    found = findings(problem, plan_for(problem, B))
    assert (found.sites[0].displaced, found.sites[0].displaced_people) == ("centro", 700)
    assert [(site.id, site.loss) for site in found.refused] == [("c", 100), ("a", 400)]


@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
def test_a_plan_alone_tells_the_worth_of_its_sites_as_its_problem_does(aim):
    problem = toy_problem(demand="older people")
    for site in (A, B, C):
        plan = solve(problem, aim=aim, within="15 min", time_limit="20 s", seed=7)
        plan = plan.with_(sites=(site,), value=value_of(problem, plan.aim, site))
        told, found = explain(problem, plan), findings(None, plan)
        (chosen,), (mine,) = told.chosen, found.sites
        assert mine.loss == pytest.approx(chosen.loss)
        assert (mine.replacement, mine.replacement_loss) == (
            chosen.replacement_id,
            pytest.approx(chosen.replacement_loss),
        )
        assert mine.only_here == pytest.approx(chosen.only_here)
        assert {r.id: r.loss for r in found.refused} == pytest.approx({r.id: r.loss for r in told.refused})


def value_of(problem, aim, site):
    """The aim's value with one new site, written out."""
    minutes = np.abs(BLOCK_X[:, None] - np.array([200.0, [1000.0, 2600.0, 3800.0][site - 1]])) / 80
    nearest = np.where(BLOCK_Y == 0, np.minimum(minutes.min(axis=1), 30), 30)
    if aim == "cover-most":
        return float(problem.weights[nearest <= 15].sum())
    return float((problem.weights * nearest).sum())


def test_a_plan_without_its_tables_is_read_with_those_of_its_problem():
    problem = toy_problem(demand="older people")
    bare = plan_for(problem, B, study=False)
    assert findings(problem, bare).headline == findings(None, plan_for(problem, B)).headline
    assert compare(problem, bare, by="all")["gain"].tolist() == [120]


def test_a_plan_weighed_by_need_says_what_a_resident_of_each_end_counts_for():
    problem = toy_problem(weigh_by="need")
    told = findings(problem, plan_for(problem, B)).weighting
    index = np.linspace(0, 1, 13)[:11]
    # the 50 without a way count in no aim; fifths of 1,100 people are blocks 0-1 and 9-10, by their middles
    mean = index.mean()
    assert told.bottom == pytest.approx(index[:2].mean() / mean)
    assert told.top == pytest.approx(index[-2:].mean() / mean)
