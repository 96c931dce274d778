"""The report's page on land: what was excluded, the conditions of the chosen, what one waiver would gain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.toy import toy_town
from utopias.domain.plan import Plan
from utopias.land import read_rules
from utopias.language.words import LANGUAGES, Words
from utopias.report.content import content
from utopias.report.paper import Paragraph, Points, Section, Table
from utopias.scenario.answer import answer
from utopias.scenario.question import Question


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Opens C, which may flood; B is private."""
    town = toy_town()
    table = town.sites.table.assign(tenure=["public", "private", "public"], flood=["low", "low", "medium"])
    return answer(replace(town, sites=replace(town.sites, table=table)), Question(open=1, draws=0))


def page(plan: Plan, language: str = "en") -> Section:
    return next(section for section in content(plan, None, Words(language)).sections if section.id == "land")


def test_the_waiver_stands_with_what_it_gains_and_the_excluded_with_its_rule(plan: Plan) -> None:
    tables = {block.id: block for block in page(plan).blocks if isinstance(block, Table)}
    assert tables["waivers"].rows == (
        ("The owner cedes or sells it (rule private)", "1", "+100"),
        ("Lote B (b)", "1", "+100"),
    )
    assert tables["excluded"].rows == (("Lote B (b)", "It is private"),)
    rules = {row[0]: row[1:4] for row in tables["land-rules"].rows}
    assert rules["It is private"] == ("excluded", "1", "0")
    assert rules["A judge has stopped works here"] == ("excluded", "0", "3")


def test_the_conditions_of_a_chosen_plot_say_what_nobody_knows(plan: Plan) -> None:
    ((name, said),) = next(block for block in page(plan).blocks if isinstance(block, Points)).rows
    assert name == "Lote C"
    assert said.startswith("The danger of flooding is medium; not known: a judge has stopped works here; ")


def test_a_gain_without_proof_is_at_least_and_one_that_nobody_knows_is_not_known(plan: Plan) -> None:
    assert plan.findings is not None
    land = plan.findings.land
    assert land is not None
    assert land.waivers is not None
    first, second = land.waivers
    doubted = replace(land, waivers=(replace(first, at_most=130.0), replace(second, gain=None, at_most=None)))
    told = page(plan.with_(findings=replace(plan.findings, land=doubted)))
    rows = next(block for block in told.blocks if isinstance(block, Table)).rows
    assert [row[2] for row in rows] == ["+100 or more", "not known"]


def test_a_plan_that_looked_at_no_land_says_so() -> None:
    (only,) = page(answer(toy_town(), Question(open=1, draws=0))).blocks
    assert isinstance(only, Paragraph)
    assert "did not look at the land" in only.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_source_is_said_in_every_language(language: str) -> None:
    words = Words(language)
    assert not [rule.source for rule in read_rules() if f"ours.{rule.source}" not in words]
