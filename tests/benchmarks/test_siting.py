"""The siting bench itself: instances that stay what they were, readers, and checks that catch what is false."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import utopias as u
from benchmarks.rounds import Bar, Outcome
from benchmarks.siting import covering, spopt
from benchmarks.siting.asked import disagreements
from benchmarks.siting.instances import city, optima, or_library, pack, published, tsplib, uniform

PLANE = city(200, 20, density=0.1)


def test_the_city_is_drawn_as_the_study_drew_it() -> None:
    plane = city(500, 100)
    assert plane.radius == pytest.approx(2.004621756269766, abs=1e-12)
    assert plane.weights.sum() == 24_533
    assert plane.homes[0] == pytest.approx([15.71021738, 4.66534332], abs=1e-8)
    assert plane.lots[-1] == pytest.approx([24.05028612, 12.55385746], abs=1e-8)


def test_the_customers_are_drawn_as_the_study_drew_them() -> None:
    plane = uniform(1000)
    assert plane.weights.sum() == 49_733
    assert plane.homes[0] == pytest.approx([16.8615477, 11.63307347], abs=1e-8)


def test_who_is_covered_and_how_far_the_nearest_is_are_those_of_the_table() -> None:
    costs = PLANE.costs()
    assert (PLANE.covered().toarray() == (costs <= PLANE.radius)).all()
    assert (PLANE.nearest([3, 5, 11]) == costs[:, [3, 5, 11]].min(axis=1)).all()
    assert np.isinf(PLANE.nearest([])).all()


def test_an_edge_that_is_listed_twice_keeps_its_last_length(tmp_path: Path) -> None:
    (tmp_path / "graph.txt").write_text("3 3 1\n1 2 7\n2 3 4\n2 1 5\n")
    costs, p = or_library(tmp_path / "graph.txt")
    assert p == 1
    assert costs.tolist() == [[0, 5, 9], [5, 0, 4], [9, 4, 0]]


def test_distances_of_points_are_rounded_down(tmp_path: Path) -> None:
    (tmp_path / "points.tsp").write_text("NAME : a\nNODE_COORD_SECTION\n1 0.0e+00 0\n2 3 4\n3 1.9 0\nEOF\n")
    assert tsplib(tmp_path / "points.tsp").tolist() == [[0, 5, 1], [5, 0, 4], [1, 4, 0]]


def test_published_values_are_read_with_their_first_bound(tmp_path: Path) -> None:
    (tmp_path / "values.csv").write_text("name,n,p,best,rest\na,9,5,100,98; 100; 270; 0%\nb,9,5,7,7; 7; 1; 0%\n")
    (only,) = published(tmp_path / "values.csv", "a")
    assert (only.p, only.best, only.first_bound) == (5, 100, 98)
    (tmp_path / "optima.txt").write_text("Data file   Optimal\npmed1       5819\n")
    assert optima(tmp_path / "optima.txt") == {"pmed1": 5819}


def test_a_file_that_is_not_here_ends_the_row_and_says_where_to_look(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UTOPIAS_SHARED_DATA", str(tmp_path))
    with pytest.raises(SystemExit, match=r"siting/pmed/x\.txt is not here: set UTOPIAS_SHARED_DATA"):
        pack("siting", "pmed", "x.txt")


def test_each_falsehood_of_a_plan_is_told() -> None:
    plan = u.solve(u.Problem.from_costs(PLANE.costs(), PLANE.weights, open=3), within=PLANE.radius)
    assert plan.proven
    assert not disagreements(plan, plan.value, optimum=plan.value, whole=True)
    for false, word in (
        (plan.with_(value=plan.value + 1, bound=plan.bound + 1), "its sites come to"),
        (plan.with_(bound=plan.value - 1), "passes the bound"),
        (plan.with_(bound=plan.value + 2), "proven with"),
        (plan.with_(certificate=None), "certificate"),
    ):
        assert any(word in line for line in disagreements(false, plan.value, optimum=plan.value, whole=True)), word
    assert "rules out the known" in disagreements(plan, plan.value, reached=plan.value + 1)[0]
    assert "is better than the optimum" in disagreements(plan, plan.value, optimum=plan.value - 1)[-1]


@pytest.mark.parametrize("more", [0, 1])
def test_a_value_that_is_not_spopts_has_no_ratio(more: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plane = city(300, 30)
    value = u.solve(u.Problem.from_costs(plane.costs(), plane.weights, open=3), within=plane.radius).value
    theirs = spopt.Theirs(value + more, "Optimal", 0.1, 0.1)
    monkeypatch.setattr(spopt, "loaded", lambda: None)
    monkeypatch.setattr(spopt, "covering", lambda *_: theirs)
    found: Outcome = covering.beside_spopt(demand=300, sites=30, open=3, bar=Bar(1, 1))
    assert bool(found.wrong) == bool(more)
    assert bool(found.figures) != bool(more)
    assert found.plan.get("value", "") == ("" if more else f"{value:,.0f}")
