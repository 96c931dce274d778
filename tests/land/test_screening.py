"""Screening plots by their land: verdicts by hand, the edge of each threshold, and what nobody knows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import utopias as u
from tests.toy import toy_town
from utopias.domain.errors import MisalignedError, ProblemError, TableError
from utopias.domain.land import CONDITIONAL, EXCLUDED, FIT, LandRule, LandTest, Reason, Screened, Screening
from utopias.domain.places import Places, places
from utopias.land import has_land_facts, screen
from utopias.land.rules import parse_rules, read_rules

CLEAN = {
    "tenure": "public",
    "legal_status": "clear",
    "flood": "none",
    "subsidence_cm_year": 3.0,
    "fracture": "none",
    "slope_percent": 2.0,
    "water": "reliable",
    "present_users": 0.0,
    "consultation": "ordinary",
    "consultation_result": "agreed",
    "area_m2": 8000.0,
}


def plots(*changes: dict[str, object]) -> Places:
    """One clean plot for each change to it."""
    rows = pd.DataFrame([CLEAN | change for change in changes])
    n = len(rows)
    return places([f"p{i}" for i in range(n)], np.arange(n) * 100.0, np.zeros(n), role="site", table=rows)


def verdict(**change: object) -> tuple[str, str | None]:
    site = screen(plots(change)).sites[0]
    return site.verdict, None if site.decided_by is None else site.decided_by.rule


def test_a_plot_that_breaks_no_rule_is_fit():
    assert verdict() == (FIT, None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"legal_status": "injunction"}, (EXCLUDED, "injunction")),
        ({"legal_status": "in dispute"}, (EXCLUDED, "dispute")),
        ({"legal_status": "not regularised"}, (CONDITIONAL, "not-regularised")),
        ({"tenure": "private"}, (EXCLUDED, "private")),
        ({"tenure": "communal"}, (CONDITIONAL, "communal")),
        ({"fracture": "on the plot"}, (EXCLUDED, "fracture")),
        ({"fracture": "near"}, (CONDITIONAL, "fracture-near")),
        ({"flood": "high"}, (EXCLUDED, "flood")),
        ({"flood": "low"}, (FIT, None)),
        ({"water": "rationed"}, (CONDITIONAL, "water-rationed")),
        ({"flood": "medium", "tenure": "private"}, (EXCLUDED, "private")),
    ],
)
def test_the_shipped_rules_say_of_a_plot(change, expected):
    assert verdict(**change) == expected


@pytest.mark.parametrize(
    ("column", "at", "beyond", "rule", "result"),
    [
        ("subsidence_cm_year", 25.0, 25.1, "subsidence", CONDITIONAL),
        ("slope_percent", 15.0, 15.1, "slope-some", CONDITIONAL),
        ("slope_percent", 30.0, 30.1, "slope", EXCLUDED),
        ("present_users", 200.0, 201.0, "users", CONDITIONAL),
        ("area_m2", 5000.0, 4999.0, "small", CONDITIONAL),
    ],
)
def test_a_plot_exactly_at_a_threshold_passes(column, at, beyond, rule, result):
    assert rule not in [reason.rule for reason in screen(plots({column: at})).sites[0].reasons]
    assert verdict(**{column: beyond}) == (result, rule)


@pytest.mark.parametrize("empty", ["", "not known", None, float("nan")])
def test_what_is_not_known_is_never_fit(empty):
    site = screen(plots({"legal_status": empty})).sites[0]
    assert site.verdict == CONDITIONAL
    assert site.decided_by == Reason("injunction", CONDITIONAL, None)


def test_a_column_that_the_town_has_not_is_not_known_for_every_plot():
    bare = places(["a"], [0.0], [0.0], role="site", table=pd.DataFrame({"name": ["A"]}))
    site = screen(bare).sites[0]
    assert site.verdict == CONDITIONAL
    assert len(site.reasons) == len(read_rules())


def test_what_is_known_decides_before_what_is_not():
    assert verdict(legal_status="", water="none") == (CONDITIONAL, "no-water")


def test_a_held_consultation_ends_its_duty_and_a_rejection_excludes():
    asked = {"consultation": "indigenous"}
    assert verdict(**asked, consultation_result="not held") == (CONDITIONAL, "indigenous-consultation")
    assert verdict(**asked, consultation_result="agreed") == (FIT, None)
    assert verdict(**asked, consultation_result="rejected") == (EXCLUDED, "rejected")
    assert verdict(consultation="none", consultation_result="") == (FIT, None)  # nobody had to ask


def test_a_waiver_of_a_rule_or_of_a_site_lifts_its_ban_and_no_other():
    sites = plots({"tenure": "private"}, {"tenure": "private", "flood": "high"}, {"fracture": "on the plot"})
    assert screen(sites).excluded == ("p0", "p1", "p2")
    assert screen(sites, waived=["private"]).excluded == ("p1", "p2")
    assert screen(sites, waived=["private", "flood"]).excluded == ("p2",)
    assert screen(sites, waived=["p1"]).excluded == ("p0", "p2")


def test_waivers_of_nothing_and_of_what_nothing_lifts_are_refused_together():
    with pytest.raises(ProblemError) as refused:
        screen(plots({"fracture": "on the plot"}), waived=["fracture", "p0", "nonsense"])
    assert refused.value.codes == ("unknown-waiver", "no-waiver")
    assert [fault.count for fault in refused.value.faults] == [1, 2]


def test_a_town_without_land_facts_says_so():
    town = toy_town()
    assert not has_land_facts(town)
    table = town.sites.table.assign(flood=["", "low", ""])
    assert has_land_facts(replace(town, sites=replace(town.sites, table=table)))
    unsaid = town.sites.table.assign(flood="not known", site_group="x")
    assert not has_land_facts(replace(town, sites=replace(town.sites, table=unsaid)))


def test_the_face_screens_too():
    assert u.screen(plots({})).sites[0].verdict == FIT


def test_a_screening_refuses_a_reason_without_its_rule():
    with pytest.raises(MisalignedError):
        Screening((), (Screened("a", "A", (Reason("lost", EXCLUDED, "x"),)),))


def test_every_shipped_rule_has_three_languages_and_a_source():
    for rule in read_rules():
        assert set(rule.label) == {"es", "en", "fr"}
        assert not rule.waiver or set(rule.waiver) == {"es", "en", "fr"}
        assert rule.source
    assert len({rule.id for rule in read_rules()}) == len(read_rules())


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6), st.floats(0, 100), st.floats(0, 100))
def test_a_stricter_number_never_excludes_fewer(slopes, a, b):
    strict, mild = sorted((a, b))
    sites = plots(*({"slope_percent": slope} for slope in slopes))

    def excluded(limit: float) -> set[str]:
        test = LandTest("slope_percent", "over", number=limit)
        return set(screen(sites, [LandRule("steep", {"en": "steep"}, test, EXCLUDED)]).excluded)

    assert excluded(mild) <= excluded(strict)


GOOD = """
[[rule]]
id = "mud"
label = "lodo"
column = "flood"
one_of = ["high", "medium"]
result = "excluded"
source = "ours"
"""


def test_a_city_writes_its_own_rules():
    (rule,) = parse_rules(GOOD)
    assert rule.label == {"es": "lodo", "en": "lodo", "fr": "lodo"}
    assert not rule.waivable
    assert screen(plots({"flood": "medium"}), [rule]).excluded == ("p0",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('column = "flood"', 'column = "floods"'), "unknown-column"),
        (('one_of = ["high", "medium"]', 'one_of = ["very high"]'), "unknown-choice"),
        (('one_of = ["high", "medium"]', "over = 3"), "bad-value"),
        (('one_of = ["high", "medium"]', 'one_of = ["high"]\nequals = "low"'), "bad-value"),
        (('one_of = ["high", "medium"]\n', ""), "bad-value"),
        (('column = "flood"\none_of = ["high", "medium"]', 'column = "slope_percent"\nequals = "steep"'), "bad-value"),
        (('column = "flood"\none_of = ["high", "medium"]', 'column = "slope_percent"\nover = "steep"'), "bad-value"),
        (('result = "excluded"', 'result = "maybe"'), "bad-value"),
        (('label = "lodo"', "label = { de = 'Schlamm' }"), "bad-value"),
        (('label = "lodo"\n', ""), "missing-value"),
        (('source = "ours"', ""), "missing-value"),
        (('source = "ours"', 'source = "ours"\nwaver = "x"'), "unknown-key"),
        (('source = "ours"', 'source = "ours"\nunless = "flood"'), "bad-value"),
        (('id = "mud"', ""), "missing-value"),
    ],
)
def test_a_rule_that_makes_no_sense_is_told(change, code):
    with pytest.raises(u.UtopiasError) as refused:
        parse_rules(GOOD.replace(*change))
    assert refused.value.codes == (code,)


def test_all_faults_of_a_file_of_rules_are_told_at_once():
    bad = GOOD.replace("excluded", "maybe") + GOOD.replace('"flood"', '"floods"') + "[other]\nx = 1\n"
    with pytest.raises(u.UtopiasError) as refused:
        parse_rules(bad)
    assert sorted(refused.value.codes) == ["bad-value", "duplicate-key", "unknown-column", "unknown-key"]


@pytest.mark.parametrize("text", ["", "rule = 3", "[[rule]"])
def test_a_file_without_a_rule_is_refused(text):
    with pytest.raises(u.UtopiasError):
        parse_rules(text)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(u.UtopiasError) as refused:
        read_rules(tmp_path / "no.toml")
    assert refused.value.codes == ("no-such-file",)


UNLESS = """
[[rule]]
id = "flood"
label = "it floods"
column = "flood"
equals = "high"
result = "excluded"
unless = { column = "tenure", equals = "public", sum = 4 }
source = "me"
"""


def test_a_key_that_is_not_known_is_told_inside_unless_too():
    with pytest.raises(TableError) as refused:
        parse_rules(UNLESS)
    assert refused.value.codes == ("unknown-key",)


@pytest.mark.parametrize("asks", ['equals = "not known"', 'one_of = ["high", "not known"]'])
def test_a_rule_cannot_ask_for_what_is_not_known_as_it_would_never_hold(asks):
    text = UNLESS.replace('equals = "high"', asks, 1).replace(", sum = 4", "")
    with pytest.raises(TableError) as refused:
        parse_rules(text)
    assert refused.value.codes == ("bad-value",)
