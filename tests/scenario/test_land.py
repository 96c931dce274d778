"""Land in a plan: what is excluded stays shut, and each waiver gains what trying every choice says."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import utopias as u
from tests.toy import toy_town
from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.domain.folders import seal
from utopias.domain.land import EXCLUDED, LandRule, LandTest
from utopias.domain.places import places
from utopias.domain.plan import Plan
from utopias.domain.town import Town
from utopias.scenario.answer import answer, was_stopped
from utopias.scenario.on_what import walk
from utopias.scenario.question import Question


def with_land(**columns: list[object]) -> Town:
    town = toy_town()
    return replace(town, sites=replace(town.sites, table=town.sites.table.assign(**columns)))


PRIVATE_B = {"tenure": ["public", "private", "public"]}


def test_an_excluded_site_is_not_opened_and_its_waiver_gains_the_difference():
    plan = answer(with_land(**PRIVATE_B), Question(open=1, draws=0))
    assert plan.site_ids == ["c"]
    assert plan.value == 900  # 400 today and C's 500; B would add 600
    land = plan.findings.land
    assert land.screening.excluded == ("b",)
    told = [(one.kind, one.id, one.gain, one.at_most, one.opens) for one in land.waivers]
    assert told == [("rule", "private", 100, 100, ("b",)), ("site", "b", 100, 100, ("b",))]


def test_a_town_without_land_facts_is_planned_as_before():
    plan = answer(toy_town(), Question(open=1, draws=0))
    assert plan.site_ids == ["b"]
    assert plan.forbidden == ()
    assert plan.findings.land is None


def test_land_can_be_left_aside_or_asked_for():
    assert answer(with_land(**PRIVATE_B), Question(open=1, draws=0, land=False)).site_ids == ["b"]
    asked = answer(toy_town(), Question(open=1, draws=0, land=True))
    assert asked.site_ids == ["b"]
    assert asked.findings.land.screening.count("conditional") == 3


def test_a_waiver_by_name_opens_the_site_and_is_told():
    for waive in ("private", "b"):
        plan = answer(with_land(**PRIVATE_B), Question(open=1, draws=0, waive=(waive,)))
        assert plan.site_ids == ["b"]
        assert plan.findings.land.screening.waived == (waive,)
        assert plan.findings.land.waivers == ()


def test_a_forced_site_that_is_excluded_has_to_be_waived_by_name():
    with pytest.raises(ProblemError) as refused:
        answer(with_land(**PRIVATE_B), Question(open=1, draws=0, forced=("b",)))
    assert refused.value.codes == ("forced-and-excluded",)
    assert answer(with_land(**PRIVATE_B), Question(open=1, draws=0, forced=("b",), waive=("b",))).site_ids == ["b"]


def test_too_few_sites_left_is_told_with_its_cause():
    with pytest.raises(ProblemError) as refused:
        answer(with_land(**PRIVATE_B), Question(open=3, draws=0))
    assert refused.value.codes == ("open-over-sites", "excluded-by-land")


def test_a_bad_waiver_and_a_bad_seed_are_told_at_once():
    with pytest.raises(ProblemError) as refused:
        answer(with_land(**PRIVATE_B), Question(open=1, seed=-1, waive=("nobody",)))
    assert set(refused.value.codes) == {"bad-seed", "unknown-waiver"}


def test_a_site_without_a_price_under_a_budget_has_a_gain_that_is_not_known():
    table = {"tenure": ["public", "public", "private"]}  # C, whose cost nobody knows
    plan = answer(with_land(**table), Question(budget=120e6, draws=0))
    assert plan.site_ids == ["b"]
    assert {one.gain for one in plan.findings.land.waivers} == {None}


def test_a_ban_that_nothing_lifts_has_no_waiver():
    plan = answer(with_land(fracture=["none", "on the plot", "none"]), Question(open=1, draws=0))
    assert plan.site_ids == ["c"]
    assert plan.findings.land.waivers == ()


def test_a_site_ruled_out_by_hand_is_freed_by_no_waiver():
    plan = answer(with_land(tenure=["private", "private", "public"]), Question(open=1, draws=0, forbidden=("b",)))
    assert {key for one in plan.findings.land.waivers for key in one.sites} == {"a"}


def test_a_plan_with_land_comes_back_from_its_folder_and_verifies(tmp_path: Path):
    plan = answer(with_land(**PRIVATE_B), Question(open=1, draws=3))
    folder = plan.save(tmp_path / "plan")
    assert Plan.load(folder).findings.land == plan.findings.land
    found = u.verify(folder)
    assert found.holds
    assert found["land"].count == 8


def edited(folder: Path, name: str, change) -> u.verify:
    said = json.loads((folder / name).read_text(encoding="utf-8"))
    change(said)
    (folder / name).write_text(json.dumps(said), encoding="utf-8")
    seal(folder)
    return u.verify(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f["land"]["waivers"][0].update(gain=300.0),
        lambda f: f["land"]["screening"]["sites"][2]["reasons"].append({"rule": "private", "result": "excluded", "found": "private"}),
        lambda f: f["land"]["screening"]["sites"][1]["reasons"][0].update(found="public"),
        lambda f: f["land"]["screening"]["sites"].pop(0),
    ],
)  # fmt: skip
def test_a_number_or_a_verdict_changed_by_hand_is_found(tmp_path: Path, change):
    town = with_land(**PRIVATE_B, legal_status=["clear"] * 3)
    folder = answer(town, Question(open=1, draws=0)).save(tmp_path / "plan")
    assert u.verify(folder).holds
    assert "land" in edited(folder, "findings.json", change).failed


def test_stopping_while_waivers_are_reckoned_keeps_the_plan(monkeypatch: pytest.MonkeyPatch):
    kept = []

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("utopias.scenario.answer.land_of", stop)
    question = Question(open=1, draws=0)
    plan = answer(with_land(**PRIVATE_B), question, keep=kept.append)
    assert plan.site_ids == ["c"]
    assert plan.findings.land.waivers is None
    assert was_stopped(plan, question)
    assert kept[-1].site_ids == ["c"]


def street_of(sites: list[int], bans: list[int]) -> tuple[Town, list[LandRule]]:
    """The toy street with lots at these blocks, each barred by the rules whose bit its number has."""
    town = toy_town()
    x = town.blocks.x[sites]
    table = pd.DataFrame({"owner": [f"owner-{ban}" for ban in bans], "name": [f"L{i}" for i in range(len(sites))]})
    made = places([f"s{i}" for i in range(len(sites))], x, np.full(len(x), town.blocks.y[0]), role="site", table=table)
    rules = [
        LandRule(
            f"rule-{bit}",
            {"en": f"rule {bit}"},
            LandTest("owner", "one_of", words=tuple(f"owner-{n}" for n in range(4) if n >> bit & 1)),
            EXCLUDED,
            waiver={"en": "lifted"},
        )
        for bit in (0, 1)
    ]
    return replace(town, sites=made, modules=town.modules.iloc[:0]), rules


def best(town: Town, allowed: list[str], count: int) -> float:
    """The most people that any choice of ``count`` allowed sites covers, by trying them all."""
    times = walk(town)
    weight = np.where(town.blocks.planned, town.blocks.people, 0.0)

    def covered(chosen: tuple[str, ...]) -> float:
        position = {key: i for i, key in enumerate(times.destinations.tolist())}
        places_ = np.array([position[key] for key in ("uno", *chosen)])
        nearest = times.select(places_).shortest()
        return float(weight[(nearest >= 0) & (nearest <= 9000)].sum())

    return max(covered(chosen) for chosen in combinations(allowed, count))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 3)), min_size=3, max_size=6, unique_by=lambda pair: pair[0]),
    st.sampled_from([1, 2]),
)
def test_every_waiver_gains_what_trying_all_choices_says_and_never_loses(lots, count):
    sites, bans = [lot for lot, _ in lots], [ban for _, ban in lots]
    free = [f"s{i}" for i, ban in enumerate(bans) if not ban]
    if len(free) < count:
        return
    town, rules = street_of(sites, bans)
    plan = answer(town, Question(open=count, draws=0, rules=tuple(rules)))
    now = best(town, free, count)
    assert plan.value == now
    expected = {}
    for bit in (0, 1):
        cleared = [f"s{i}" for i, ban in enumerate(bans) if ban and not ban & ~(1 << bit)]
        if cleared:
            expected["rule", f"rule-{bit}"] = best(town, free + cleared, count) - now
    for i, ban in enumerate(bans):
        if ban:
            expected["site", f"s{i}"] = best(town, [*free, f"s{i}"], count) - now
    waivers = plan.findings.land.waivers
    assert {(one.kind, one.id): one.gain for one in waivers} == expected
    assert all(one.gain >= 0 for one in waivers)
    assert [one.gain for one in waivers] == sorted((one.gain for one in waivers), reverse=True)


def test_a_waiver_of_least_walk_gains_minutes():
    plan = answer(with_land(**PRIVATE_B), Question(open=1, draws=0, aim="least-walk"))
    without = answer(with_land(**PRIVATE_B), Question(open=1, draws=0, aim="least-walk", land=False))
    gains = {one.id: one.gain for one in plan.findings.land.waivers}
    assert gains["b"] == pytest.approx(max(plan.value - without.value, 0.0))


@pytest.mark.parametrize(("budget", "told"), [(60e6, True), (40e6, False)])
def test_a_budget_that_only_an_excluded_site_would_fit_says_so(budget, told):
    town = with_land(**PRIVATE_B, cost=[100e6, 50e6, 100e6])
    with pytest.raises(InfeasibleError) as refused:
        answer(town, Question(budget=budget, draws=0))
    assert refused.value.codes == ("budget-below-cheapest", *(["excluded-by-land"] if told else []))


def test_a_waiver_of_land_that_nobody_looks_at_is_refused():
    with pytest.raises(ProblemError) as refused:
        answer(with_land(**PRIVATE_B), Question(open=1, draws=0, land=False, waive=("private",)))
    assert refused.value.codes == ("waiver-without-land",)
