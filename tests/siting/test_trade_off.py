"""The curve between two aims, against every admissible choice of small questions, and by hand."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.siting.brute_force import admissible, cases, problem, value
from utopias.domain.errors import ProblemError, VerificationError
from utopias.domain.trade_off import FILE, TradeOff
from utopias.siting.curve.stacked import without_larger
from utopias.siting.curve.trade_off import placed, trade_off
from utopias.siting.question.problem import Problem

# A line of five places at 0, 1, 2, 8, 9 with weights 9, 9, 9, 1, 4; a site may open at each.
AT = np.array([0.0, 1.0, 2.0, 8.0, 9.0])
WEIGHTS = [9.0, 9.0, 9.0, 1.0, 4.0]
COSTS = np.abs(AT[:, None] - AT[None, :])


def test_one_site_on_a_line_serves_the_many_or_the_farthest_by_hand() -> None:
    """At 1 it covers 27 within 1 and the worst walks 8; at 2 it covers 18 and the worst walks 7; at 8 no better than 5 and 8."""
    curve = trade_off(Problem.from_costs(COSTS, WEIGHTS, open=1), ("cover-most", "smallest-worst"), within=1.0)
    assert [(point.values, point.sites) for point in curve.points] == [((27.0, 8.0), (1,)), ((18.0, 7.0), (2,))]
    assert all(point.proven and point.certified and point.gap == 0 for point in curve.points)
    assert (curve.method, curve.second_bound, curve.stopped) == ("caps", 7.0, "done")


def test_the_aim_that_is_optimised_stands_first_in_either_order() -> None:
    question = Problem.from_costs(COSTS, WEIGHTS, open=1)
    curve = trade_off(question, ("smallest-worst", "cover-most"), within=1.0)
    assert curve.aims == ("cover-most", "smallest-worst")


def test_money_buys_reach_by_hand() -> None:
    """Sites of 1, 2 and 4 that cover 5, 7 and 20 of other people: 20 for 4, 7 for 2, 5 for 1; 27 for 6 and 32 for 7."""
    question = Problem.from_coverage(np.eye(3, dtype=bool), [5.0, 7.0, 20.0], budget=7.0, site_costs=[1.0, 2.0, 4.0])
    curve = trade_off(question, ("cover-most", "least-cost"), within=None, points=7)
    assert [point.values for point in curve.points] == [(32, 7), (27, 6), (25, 5), (20, 4), (12, 3), (7, 2), (5, 1)]
    assert all(point.proven and point.certified for point in curve.points)


def dense(case: dict[str, Any]) -> dict[str, Any]:
    return {**case, "costs": np.where(np.isfinite(case["costs"]), case["costs"], 13.0), "beyond": 20.0}


def worst(case: dict[str, Any], sites: tuple[int, ...]) -> float:
    open_sites = [*sites, *case["fixed"]]
    counted = case["weights"] > 0
    return float(case["costs"][counted][:, open_sites].min(axis=1).max()) if open_sites else np.inf


def second(case: dict[str, Any], sites: tuple[int, ...], aim: str) -> float:
    if aim == "smallest-worst":
        return worst(case, sites)
    if aim == "least-cost":
        return float(case["site_costs"][list(sites)].sum())
    return value(case, sites, aim)


PAIRS = [
    ("cover-most", "smallest-worst"),
    ("least-walk", "smallest-worst"),
    ("cover-most", "least-cost"),
    ("least-walk", "least-cost"),
    ("cover-most", "least-walk"),
]


@settings(max_examples=150, deadline=None)
@given(case=cases(), pair=st.sampled_from(PAIRS), points=st.integers(2, 9))
def test_no_choice_at_all_passes_the_bound_of_a_point_and_a_proven_one_is_on_the_front(
    case: dict[str, Any], pair: tuple[str, str], points: int
) -> None:
    case = dense(case)
    choices = admissible(case)
    curve = trade_off(problem(case), pair, within=case["within"], points=points)
    sign = 1 if pair[0] == "cover-most" else -1
    assert curve.points
    for point in curve.points:
        assert point.values == pytest.approx((value(case, point.sites, pair[0]), second(case, point.sites, pair[1])))
        as_good = [value(case, c, pair[0]) for c in choices if second(case, c, pair[1]) <= point.values[1] + 1e-9]
        best = max(as_good, key=lambda v: sign * v)
        assert sign * point.bound >= sign * best - 1e-6
        assert sign * point.root_bound >= sign * point.bound - 1e-6
        if point.proven:
            assert point.values[0] == pytest.approx(best)
        assert point.certified
    firsts = [sign * point.values[0] for point in curve.points]
    seconds = [point.values[1] for point in curve.points]
    assert all(a > b for a, b in pairwise(firsts))
    assert all(a > b for a, b in pairwise(seconds))
    assert curve.points[0].values[0] == pytest.approx(
        max((value(case, c, pair[0]) for c in choices), key=lambda v: sign * v)
    )
    if curve.method == "caps":
        assert curve.points[-1].values[1] == pytest.approx(min(worst(case, c) for c in choices)) == curve.second_bound
    if pair == ("cover-most", "least-walk"):
        assert curve.points[-1].values[1] == pytest.approx(min(second(case, c, pair[1]) for c in choices))


@settings(max_examples=60, deadline=None)
@given(case=cases(), pair=st.sampled_from(PAIRS[:2]))
def test_enough_points_are_the_whole_front_of_caps(case: dict[str, Any], pair: tuple[str, str]) -> None:
    case = dense(case)
    choices = admissible(case)
    sign = 1 if pair[0] == "cover-most" else -1
    every = {(sign * value(case, c, pair[0]), worst(case, c)) for c in choices}
    front = {p for p in every if not any(q != p and q[0] >= p[0] and q[1] <= p[1] for q in every)}
    curve = trade_off(problem(case), pair, within=case["within"], points=20)
    assert {(sign * point.values[0], point.values[1]) for point in curve.points} == front


def test_a_corner_that_no_weighing_prefers_is_found_by_a_swap_and_bounded() -> None:
    """Reach and walk of the sites: 10 and 126, 4 and 100, 0 and 48; the line between the ends allows 6.67 at 100."""
    costs = np.array([[0.0, 2.0, 5.0], [9.0, 2.0, 5.0], [9.0, 2.0, 0.0]])
    question = Problem.from_costs(costs, [10.0, 10.0, 4.0], open=1, beyond=9.0)
    curve = trade_off(question, ("cover-most", "least-walk"), within=1.0)
    assert [point.values for point in curve.points] == [(10, 126), (4, 100), (0, 48)]
    assert [point.proven for point in curve.points] == [True, False, True]
    assert curve.points[1].bound == pytest.approx(10 * (100 - 48) / 78, rel=1e-6)
    assert curve.method == "weights"


def test_work_in_place_of_the_clock_gives_the_same_curve_twice() -> None:
    rng = np.random.default_rng(3)
    question = Problem.from_costs(
        rng.integers(0, 60, (200, 20)).astype(float), rng.integers(1, 9, 200), open=3, beyond=60.0
    )
    one, two = (trade_off(question, ("cover-most", "smallest-worst"), within=9.0, work=20, seed=5) for _ in range(2))
    assert one.points == two.points


def test_a_walk_that_the_table_does_not_tell_is_refused_and_counted() -> None:
    costs = np.where(COSTS <= 7, COSTS, np.inf)
    with pytest.raises(ProblemError) as caught:
        trade_off(Problem.from_costs(costs, WEIGHTS, open=1, beyond=20.0), ("cover-most", "smallest-worst"), within=1.0)
    assert caught.value.codes == ("table-too-short",)
    assert caught.value.faults[0].count == 1  # from 1 nobody gets to 9


def test_aims_that_make_no_pair_are_refused_all_at_once() -> None:
    question = Problem.from_costs(COSTS, WEIGHTS, open=1)
    for aims, codes in (
        (("smallest-worst", "least-cost"), ("no-pair", "no-site-costs")),
        (("cover-most", "cover-most"), ("no-pair",)),
        (("cover-most", "cover-all"), ("unknown-aim",)),
        (("cover-most", "nearest"), ("unknown-aim",)),
        (("cover-most", "cover-most:girls"), ("unknown-group",)),
        (("cover-most",), ("no-pair",)),
    ):
        with pytest.raises(ProblemError) as caught:
            trade_off(question, aims, within=1.0)  # type: ignore[arg-type]
        assert caught.value.codes == codes
    with pytest.raises(ProblemError) as caught:
        trade_off(question, ("cover-most", "smallest-worst"), within=1.0, points=1)
    assert caught.value.codes == ("bad-points",)


def test_a_curve_comes_back_from_its_folder_and_a_changed_one_does_not(tmp_path: Path) -> None:
    question = Problem.from_costs(COSTS, WEIGHTS, open=1)
    curve = trade_off(question, within=1.0)
    curve.save(tmp_path / "curve")
    assert TradeOff.load(tmp_path / "curve") == curve
    said = json.loads((tmp_path / "curve" / FILE).read_text())
    said["points"][0]["values"][0] += 1
    (tmp_path / "curve" / FILE).write_text(json.dumps(said))
    with pytest.raises(VerificationError):
        TradeOff.load(tmp_path / "curve")
    with pytest.raises(VerificationError) as caught:
        TradeOff.load(tmp_path)
    assert caught.value.codes == ("no-trade-off",)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 30), share=st.sampled_from([0.1, 0.3, 0.6]))
def test_whoever_meets_the_smaller_sets_meets_them_all(seed: int, rows: int, share: float) -> None:
    sets = np.random.default_rng(seed).random((rows, 6)) < share
    kept = without_larger(sets)
    for choice in range(2**6):
        chosen = np.array([choice >> i & 1 for i in range(6)], dtype=bool)
        assert bool((sets[kept] & chosen).any(axis=1).all()) == bool((sets & chosen).any(axis=1).all())
    assert not any((sets[i] <= sets[j]).all() for i in kept for j in kept if i != j)


def test_a_plan_is_placed_beside_its_curve() -> None:
    question = Problem.from_coverage(np.eye(3, dtype=bool), [5.0, 7.0, 20.0], budget=7.0, site_costs=[1.0, 2.0, 4.0])
    curve = trade_off(question, ("cover-most", "least-cost"), within=None, points=7)
    assert (placed(curve, question, (1, 2)).plan, placed(curve, question, (1, 2)).plan_point) == ((27.0, 6.0), 1)
    other = Problem.from_coverage(np.eye(3, dtype=bool), [5.0, 8.0, 20.0], budget=7.0, site_costs=[1.0, 2.0, 4.0])
    with pytest.raises(ProblemError) as caught:
        placed(curve, other, (1, 2))
    assert caught.value.codes == ("curve-of-another-problem",)


def test_money_without_a_number_is_bounded_by_the_forced_sites_alone() -> None:
    """To open nothing beside them is a choice too: the cheapest site is no bound."""
    question = Problem.from_coverage(
        np.eye(3, dtype=bool), [5.0, 7.0, 20.0], budget=7.0, site_costs=[1.0, 2.0, 4.0], forced=[1]
    )
    assert trade_off(question, ("cover-most", "least-cost"), within=None).second_bound == 2.0


def test_a_charge_of_nothing_for_those_left_out_makes_no_curve() -> None:
    question = Problem.from_costs(COSTS, WEIGHTS, open=1, beyond=0.0)
    with pytest.raises(ProblemError) as caught:
        trade_off(question, ("least-walk", "smallest-worst"))
    assert caught.value.codes == ("no-beyond",)


def test_walks_of_less_than_one_have_points_between_the_ends_too() -> None:
    random = np.random.default_rng(4)
    costs, weights = random.integers(1, 60, (40, 12)).astype(float), random.integers(1, 9, 40)
    curves = [
        trade_off(
            Problem.from_costs(costs * scale, weights, open=3),
            ("cover-most", "smallest-worst"),
            within=15.0 * scale,
            points=7,
        )
        for scale in (1.0, 2.0**-10)
    ]
    told = [[point.sites for point in curve.points] for curve in curves]
    assert told[0] == told[1]
    assert len(told[0]) > 2


def test_where_every_site_reaches_every_place_nobody_need_be_charged() -> None:
    random = np.random.default_rng(4)
    costs, people = random.integers(1, 30, (12, 6)).astype(float), random.integers(1, 9, 12)
    pair = ("least-walk", "smallest-worst")
    bare = trade_off(Problem.from_costs(costs, people, open=2), pair)
    charged = trade_off(Problem.from_costs(costs, people, open=2, beyond=99.0), pair)
    assert [point.values for point in bare.points] == [point.values for point in charged.points]
    assert len(bare.points) > 1
    costs[0, 0] = np.inf
    with pytest.raises(ProblemError, match="no-beyond"):
        trade_off(Problem.from_costs(costs, people, open=2), pair)
