"""Fair plans of a town: what they say agrees with the measures of equity, and a stranger's recount finds each number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.siting.towns import clustered_town
from tests.witness.folders import edit_json
from utopias.domain.aim import Aim
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Minutes
from utopias.equity import access_poverty, aversion_per_minute, equal_equivalent
from utopias.scenario.findings import findings
from utopias.scenario.question import Question, must_make_sense
from utopias.scenario.walks import planned_persons, walks_to
from utopias.siting.doubt.robustness import robustness
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve
from utopias.witness.verify import verify

AIMS = [
    Aim.of("fair-walk"),
    Aim.of("fair-walk", aversion=4),
    Aim.of("least-poverty", severity=0),
    Aim.of("least-poverty", severity=1),
    Aim.of("least-poverty"),
    Aim.of("cover-gradually"),
    Aim.of("cover-gradually", decay="5 min, 20 min"),
    Aim.of("cover-gradually", decay="gaussian 12 min"),
    Aim.of("cover-gradually", decay="logistic 10 min, 3 min"),
    Aim.of("cover-gradually", decay="log-logistic 10 min, 3"),
    Aim.of("cover-gradually", decay="power 2, 1 min"),
    Aim.of("cover-gradually", decay="exponential 10 min"),
    Aim.of("least-cost", value_of_time=60_000.0),
]
NAMES = [f"{aim.name} {' '.join(map(str, aim.terms.values()))}" for aim in AIMS]


@pytest.fixture(scope="module")
def question() -> Problem:
    town, times = clustered_town(400, 40)
    return Problem.for_town(town, times, open=4)


def planned(question: Problem, aim: Aim) -> Plan:
    return solve(question, aim=aim, within="15 min", work=200)


@pytest.mark.parametrize("aim", AIMS, ids=NAMES)
def test_a_fair_plan_of_a_town_verifies_from_its_folder(question: Problem, aim: Aim, tmp_path: Path) -> None:
    plan = planned(question, aim)
    doubt = robustness(question, plan, draws=3)
    plan = plan.with_(robustness=doubt, findings=findings(question, plan, robustness=doubt))
    found = verify(plan.save(tmp_path / "plan"))
    assert found.failed == ()
    again = Plan.load(tmp_path / "plan")
    assert again.asked == Aim.of(plan.aim, **{k: plan.terms[k] for k in aim.terms})
    assert findings(None, again).sites == plan.with_(findings=findings(question, plan)).findings.sites  # type: ignore[union-attr]
    assert doubt.regret_median < 0.2
    assert doubt.worst_gap < 0.5


@pytest.mark.parametrize("aim", AIMS, ids=NAMES)
@pytest.mark.parametrize("name", ["value", "root_bound"])
def test_an_edited_value_or_bound_of_a_fair_plan_is_found(
    question: Problem, aim: Aim, name: str, tmp_path: Path
) -> None:
    folder = planned(question, aim).save(tmp_path / "plan")
    said: dict[str, Any] = json.loads((folder / "plan.json").read_text())
    edit_json(folder, "plan.json", name, value=said[name] * 1.01)
    assert {"value", "root-bound"} & set(verify(folder).failed)


@pytest.mark.parametrize("name", ["kappa", "mean"])
def test_an_edited_term_of_a_fair_walk_is_found(question: Problem, name: str, tmp_path: Path) -> None:
    plan = planned(question, Aim.of("fair-walk"))
    folder = plan.save(tmp_path / "plan")
    edit_json(folder, "plan.json", "terms", name, value=plan.terms[name] * 1.01)
    assert "terms" in verify(folder).failed


def test_the_equal_walk_of_the_plan_is_that_of_the_report(question: Problem) -> None:
    plan = planned(question, Aim.of("fair-walk"))
    assert question.study is not None
    persons = planned_persons(question.study)
    before, after = (walks_to(question.study, sites, Minutes(15)) for sites in (plan.fixed, plan.fixed + plan.sites))
    assert plan.terms["kappa"] == pytest.approx(aversion_per_minute(before.charged, persons, 1.0), rel=1e-12)
    assert plan.value == pytest.approx(equal_equivalent(after.charged, persons, plan.terms["kappa"]), rel=1e-12)
    told = {row.code: row for row in findings(question, plan).equity}
    assert told["equal-walk"].after == pytest.approx(plan.value, rel=1e-12)
    assert told["mean-walk"].after == pytest.approx(plan.terms["mean"], rel=1e-12)


@pytest.mark.parametrize("severity", [0, 1, 2])
def test_the_poverty_of_the_plan_is_that_of_the_report(question: Problem, severity: int) -> None:
    plan = planned(question, Aim.of("least-poverty", severity=severity))
    assert question.study is not None
    after = walks_to(question.study, plan.fixed + plan.sites, Minutes(15))
    own = access_poverty(after.minutes, planned_persons(question.study), 15.0, severity, table_minutes=30.0)
    assert plan.value == pytest.approx(own, rel=1e-12)


def test_dearer_time_opens_more_sites_and_no_number_is_asked() -> None:
    town, times = clustered_town(300, 25)
    free = Problem.for_town(town, times)
    opened = [
        len(solve(free, aim=Aim.of("least-cost", value_of_time=hourly), work=200).sites)
        for hourly in (1_000.0, 60_000.0, 1e7)
    ]
    assert opened == sorted(opened)
    assert opened[0] < opened[-1]
    assert np.isfinite(opened).all()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Question(aim="cover-most", open=2, terms={"severity": 1}), "unknown-term"),
        (Question(aim="fair-walk", open=2, terms={"decay": "flat"}), "unknown-term"),
        (Question(aim="fair-walk", open=2, aversion=-1.0), "bad-aversion"),
        (Question(aim="cover-gradually", open=2, terms={"decay": "linear 15"}), "unknown-quantity"),
        (Question(aim="least-cost"), "no-value-of-time"),
        (Question(aim="fair-walk"), "no-limit"),
    ],
)
def test_terms_are_refused_before_anybody_walks(asked: Question, code: str) -> None:
    town, _ = clustered_town(30, 8)
    with pytest.raises(ProblemError) as caught:
        must_make_sense(town, asked)
    assert code in caught.value.codes
    assert not isinstance(caught.value, InfeasibleError)


def test_the_aversion_of_the_report_is_the_term_of_a_fair_walk_and_of_no_other_aim() -> None:
    assert Question(aim="fair-walk", aversion=2.0).asked == Aim.of("fair-walk", aversion=2.0)
    assert Question(aim="least-walk", aversion=2.0).asked == Aim.of("least-walk")
