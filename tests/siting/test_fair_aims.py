"""Fair walks against brute force and their own laws: equal walk, access poverty, gradual covering."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from tests.siting.brute_force import admissible, cases, problem
from tests.siting.fair_aims import FAIR, NAMES, best_of, kappa, nearest, value_of
from utopias.domain.aim import SOLVED, Aim
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.domain.plan import Plan
from utopias.siting.choose.alternatives import alternatives
from utopias.siting.choose.explain import explain
from utopias.siting.question.problem import Problem
from utopias.siting.solve import SOLVED_AIMS, solve


def with_line(case: dict[str, Any]) -> dict[str, Any]:
    """A line over 0, as poverty asks for one."""
    return case | {"line": case["within"] + 1.0}


def asked(case: dict[str, Any], aim: Aim, **rest: Any) -> Plan:
    """The plan; a drawn case in which nobody can help the farthest is refused at a great aversion, and is no case of a law."""
    try:
        return solve(problem(case), aim=aim, within=case["line"], **rest)
    except ProblemError as error:
        if error.codes != ("exponent-too-large",):
            raise
        reject()


def passes(bound: float, best: float, aim: Aim) -> bool:
    slack = 1e-6 * max(1.0, abs(best))
    return bound >= best - slack if aim.more_is_better else bound <= best + slack


def test_the_prompt_offers_the_aims_that_are_solved() -> None:
    assert SOLVED == SOLVED_AIMS


@pytest.mark.parametrize("aim", FAIR, ids=NAMES)
@settings(max_examples=60, deadline=None)
@given(case=cases().map(with_line))
def test_a_fair_plan_is_the_best_of_all_admissible_choices(aim: Aim, case: dict[str, Any]) -> None:
    best = best_of(case, aim)
    plan = asked(case, aim)
    assert plan.sites in {tuple(sorted(c)) for c in admissible(case)}
    assert plan.value == pytest.approx(value_of(case, plan.sites, aim), abs=1e-9)
    assert plan.value == pytest.approx(best, rel=2e-7, abs=1e-9)
    assert plan.proven
    assert passes(plan.bound, best, aim)
    assert passes(plan.root_bound, best, aim)
    assert plan.certificate is not None
    assert plan.certificate.holds


@pytest.mark.parametrize("aim", FAIR, ids=NAMES)
@settings(max_examples=30, deadline=None)
@given(case=cases(whole=False).map(with_line), work=st.integers(1, 3))
def test_a_fair_search_cut_short_still_tells_a_true_bound(aim: Aim, case: dict[str, Any], work: int) -> None:
    best = best_of(case, aim)
    plan = asked(case, aim, work=work)
    assert passes(plan.bound, best, aim)
    assert passes(plan.bound, plan.value, aim)
    if plan.proven:
        assert plan.value == pytest.approx(best, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("aim", [Aim.of("fair-walk"), Aim.of("least-poverty")], ids=["fair-walk", "least-poverty"])
@settings(max_examples=40, deadline=None)
@given(case=cases(must_reach=True).map(with_line))
def test_where_all_must_be_reached_a_fair_plan_reaches_all(aim: Aim, case: dict[str, Any]) -> None:
    best = best_of(case, aim)
    if math.isinf(best):
        with pytest.raises(InfeasibleError) as caught:
            asked(case, aim)
        assert caught.value.codes[0] in ("never-reached", "not-everyone-reached")
    else:
        assert asked(case, aim).value == pytest.approx(best, rel=2e-7, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(case=cases().map(with_line))
def test_severity_nought_is_the_share_that_cover_most_leaves_out(case: dict[str, Any]) -> None:
    share = asked(case, Aim.of("cover-most")).value / case["weights"].sum()
    assert asked(case, Aim.of("least-poverty", severity=0)).value == pytest.approx(1 - share)


@settings(max_examples=60, deadline=None)
@given(case=cases().map(with_line))
def test_a_flat_decay_is_cover_most(case: dict[str, Any]) -> None:
    flat = asked(case, Aim.of("cover-gradually", decay="flat"))
    assert flat.value == pytest.approx(asked(case, Aim.of("cover-most")).value)
    assert flat.terms["decay"] == f"steps {case['line']:g}:1"


@settings(max_examples=60, deadline=None)
@given(case=cases().map(with_line))
def test_without_aversion_the_equal_walk_is_the_mean_of_the_p_median(case: dict[str, Any]) -> None:
    mean = asked(case, Aim.of("least-walk")).value / case["weights"].sum()
    for aversion in (0.0, 1e-9):
        plan = asked(case, Aim.of("fair-walk", aversion=aversion))
        assert plan.value == pytest.approx(mean, rel=1e-6, abs=1e-9)
        assert plan.terms["mean"] == pytest.approx(plan.value, rel=1e-6, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(case=cases().map(with_line), low=st.floats(0.01, 4), more=st.floats(0, 4))
def test_the_same_sites_are_worse_to_whoever_minds_more_and_never_worse_than_the_longest_walk(
    case: dict[str, Any], low: float, more: float
) -> None:
    sites = asked(case, Aim.of("fair-walk", aversion=low + more)).sites
    longest = float(nearest(case, [*sites, *case["fixed"]])[case["weights"] > 0].max())
    mild, strict = (value_of(case, sites, Aim.of("fair-walk", aversion=a)) for a in (low, low + more))
    assert mild <= strict + 1e-9
    assert strict <= longest + 1e-9
    assert strict == pytest.approx(asked(case, Aim.of("fair-walk", aversion=low + more)).value, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(case=cases().map(with_line))
def test_with_much_aversion_only_the_longest_walk_counts(case: dict[str, Any]) -> None:
    least = min(nearest(case, [*c, *case["fixed"]])[case["weights"] > 0].max() for c in admissible(case))
    unit = kappa(case, 1.0)
    if unit == 0:
        return
    try:
        plan = asked(case, Aim.of("fair-walk", aversion=25 / unit))
    except ProblemError:  # where nobody can help the farthest, no digit is left to tell plans apart
        return
    # (1 / 25) ln(weight of the longest / all) is what is left of the others.
    assert least - math.log(100 * len(case["weights"])) / 25 <= plan.value <= least + 1e-9


@settings(max_examples=100, deadline=None)
@given(case=cases(must_reach=True).map(with_line), dear=st.sampled_from([0.0, 1.0, 10.0]))
def test_least_cost_finds_itself_how_many_sites_are_worth_their_cost(case: dict[str, Any], dear: float) -> None:
    case = case | {"open": None, "budget": None, "site_costs": dear * case["site_costs"]}
    best = best_of(case, Aim.of("least-cost"))
    if math.isinf(best):
        with pytest.raises(InfeasibleError):
            asked(case, Aim.of("least-cost"))
        return
    plan = asked(case, Aim.of("least-cost"))
    assert plan.value == pytest.approx(best)
    assert plan.value == pytest.approx(value_of(case, plan.sites, Aim.of("least-cost")))
    assert plan.proven
    assert plan.root_bound <= best + 1e-7 * max(1.0, best)
    assert plan.certificate is not None
    assert plan.certificate.holds
    for site in explain(problem(case), plan).chosen:
        assert site.loss is None or site.loss >= -1e-9 or site.site in case["forced"]


@pytest.mark.parametrize(
    ("site_costs", "terms", "code"),
    [
        (None, {}, "no-site-costs"),
        ([1.0, math.nan], {}, "site-cost-not-known"),
        ([1.0, -1.0], {}, "site-cost-not-known"),
        ([1.0, 1.0], {"value_of_time": 40.0}, "value-of-bare-costs"),
        ([1.0, 1.0], {"value_of_time": -40.0}, "bad-value-of-time"),
    ],
)
def test_least_cost_asks_for_the_cost_of_every_site(site_costs: Any, terms: Any, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        solve(three_doors(site_costs=site_costs), aim=Aim.of("least-cost", **terms))
    assert code in caught.value.codes


def three_doors(**rest: Any) -> Problem:
    """Two sites; one person each at 0 and 4 from the first, at 3 and 2 from the second."""
    return Problem.from_costs(np.array([[0.0, 3.0], [4.0, 2.0]]), [1.0, 1.0], open=1, **rest)


def test_the_equal_walk_by_hand() -> None:
    # Nearest of all: 0 and 2, so kappa = 2 / 4 = 0.5. First site: 2 ln((1 + e^2) / 2); second: 2 ln((e^1.5 + e) / 2).
    plan = solve(three_doors(), aim="fair-walk")
    assert plan.sites == (1,)
    assert plan.terms["kappa"] == 0.5
    assert plan.value == pytest.approx(2 * math.log((math.exp(1.5) + math.e) / 2))
    assert plan.terms["mean"] == 2.5
    assert solve(three_doors(), aim="least-walk").sites == (0,)


def test_poverty_by_hand() -> None:
    # Line 2: the first site leaves one person at twice the line, the second one at one and a half.
    assert solve(three_doors(), aim=Aim.of("least-poverty", severity=2), within=2).value == 0.25 / 2
    assert solve(three_doors(), aim=Aim.of("least-poverty", severity=1), within=2).value == 0.5 / 2
    assert solve(three_doors(), aim=Aim.of("least-poverty", severity=0), within=2).value == 0.5


def test_gradual_covering_by_hand() -> None:
    # 1 up to 1, 0 from 5 on: the first site counts 1 + 1/4, the second 1/2 + 3/4.
    plan = solve(three_doors(), aim=Aim.of("cover-gradually", decay="1, 4"))
    assert plan.value == pytest.approx(1 / 3 + 2 / 3)
    assert plan.terms["decay"] == "between 1, 4"


@pytest.mark.parametrize("aim", FAIR, ids=NAMES)
@settings(max_examples=25, deadline=None)
@given(case=cases().map(with_line))
def test_losses_and_near_equals_are_in_the_aims_own_unit(aim: Aim, case: dict[str, Any]) -> None:
    question, plan = problem(case), asked(case, aim)
    sign, most = -1 if aim.more_is_better else 1, math.inf
    if plan.terms.get("kappa") and plan.value > 0:  # the loss of a sum a hundred thousand times as large
        k, own = plan.terms["kappa"], math.expm1(plan.terms["kappa"] * plan.value)
        most = (math.log1p(1e5 * own) - math.log1p(own)) / k
    for site in explain(question, plan).chosen:
        rest = tuple(i for i in plan.sites if i != site.site)
        worse = min(sign * (value_of(case, rest, aim) - plan.value), most)
        assert site.loss == pytest.approx(worse, rel=1e-6, abs=1e-7)
        if site.replacement is not None:
            swapped = min(sign * (value_of(case, (*rest, site.replacement), aim) - plan.value), most)
            assert site.replacement_loss == pytest.approx(swapped, rel=1e-6, abs=1e-7)
    for other in alternatives(question, plan, within=0.1, count=3):
        assert other.value == pytest.approx(value_of(case, other.sites, aim), abs=1e-9)
        assert abs(other.value - plan.value) <= 0.1 * abs(plan.value) + 1e-7
        assert {name: other.terms[name] for name in plan.terms if name != "mean"} == {
            name: plan.terms[name] for name in plan.terms if name != "mean"
        }


@pytest.mark.parametrize(
    ("aim", "within", "code"),
    [
        (Aim.of("fair-walk", aversion=-1.0), None, "bad-aversion"),
        (Aim.of("fair-walk", aversion="much"), None, "bad-aversion"),
        (Aim.of("fair-walk", aversion=math.nan), None, "bad-aversion"),
        (Aim.of("least-poverty", severity=3), 2, "bad-severity"),
        (Aim.of("least-poverty"), None, "no-line"),
        (Aim.of("least-poverty"), 0, "no-line"),
        (Aim.of("least-poverty"), -1, "bad-within"),
        (Aim.of("least-poverty"), "15 min", "within-unit"),
        (Aim.of("cover-gradually"), None, "no-decay-end"),
        (Aim.of("cover-gradually"), "15 min", "within-unit"),
        (Aim.of("cover-gradually", decay="steep"), 2, "unknown-decay"),
        (Aim.of("cover-gradually", decay="linear 15 min"), 2, "bad-decay"),
        (Aim.of("cover-gradually", decay="steps 1:0.5, 4:1"), 2, "rising-decay"),
    ],
)
def test_terms_that_make_no_sense_are_refused(aim: Aim, within: Any, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        solve(three_doors(), aim=aim, within=within)
    assert caught.value.codes == (code,)


@pytest.mark.parametrize("aim", ["fair-walk", "least-poverty", "cover-gradually"])
def test_where_only_coverage_is_known_there_is_no_walk_to_be_fair_about(aim: str) -> None:
    question = Problem.from_coverage(np.array([[True, False], [True, True]]), [1.0, 1.0], open=1)
    with pytest.raises(ProblemError) as caught:
        solve(question, aim=aim, within=2)
    assert caught.value.codes == ("no-costs",)


def test_an_aversion_that_leaves_no_digit_is_refused_with_the_largest_that_does() -> None:
    # kappa is half the aversion, and the longest way is 4: an exponent of 600 at 300.
    with pytest.raises(ProblemError, match="say an aversion of 300 or less") as caught:
        solve(three_doors(), aim=Aim.of("fair-walk", aversion=301.0))
    assert caught.value.codes == ("exponent-too-large",)
    plan = solve(three_doors(), aim=Aim.of("fair-walk", aversion=299.0))
    assert plan.value == pytest.approx(3 - math.log(2) / plan.terms["kappa"])


def test_an_aversion_at_which_only_those_whom_nobody_reaches_count_is_refused() -> None:
    costs = np.array([[0.0, 3.0], [4.0, 2.0], [math.inf, math.inf]])
    question = Problem.from_costs(costs, [1.0, 1.0, 1.0], open=1, beyond=100.0)
    with pytest.raises(ProblemError, match="smallest-worst") as caught:
        solve(question, aim=Aim.of("fair-walk", aversion=20.0))
    assert caught.value.codes == ("exponent-too-large",)


def test_a_cost_exactly_at_a_limit_of_many_digits_is_within_for_a_flat_curve_too() -> None:
    """The root of 2 needs 17 digits: a limit told with 12 lies under it."""
    question = Problem.from_costs([[2.0**0.5, 9.0], [9.0, 2.0**0.5]], [2.0, 1.0], open=1)
    plan = solve(question, aim=Aim.of("cover-gradually", decay="flat"), within=2.0**0.5)
    assert plan.value == 2.0
    assert plan.certificate is not None
    assert plan.certificate.holds
