"""The real borough, end to end: what the manual prints is what the study says, and its plans verify.

After a change: ``python -m tests.cases.test_iztapalapa`` writes the block of the manual anew, in each language.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import utopias as u
from cases.iztapalapa.__main__ import PLANS, study
from cases.iztapalapa.colonias import one_name, told_apart
from cases.iztapalapa.places import USUAL_UNIT
from cases.spoken import say
from tests import manual_pages
from tests.shared_data import shared_data
from utopias.domain.catalogue import read_catalogue
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.scenario.answer import answer
from utopias.scenario.question import Question

PAGE = "iztapalapa.md"
BLOCK = re.compile(r"<!-- printed -->\n\n```\n(.*?)```\n\n<!-- end -->", re.DOTALL)


@dataclass(frozen=True)
class Made:
    """What one run of the study left behind."""

    folder: Path
    lines: list[Sentence]
    town: Town
    plans: dict[str, Plan]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("iztapalapa")
    lines = list(study(shared_data("people").parent, folder))
    plans = {group: Plan.load(folder / "plans" / name) for group, name in PLANS.items()}
    return Made(folder, lines, u.read_town(folder / "town"), plans)


def test_a_colonia_is_written_as_people_write_it() -> None:
    assert one_name("EJTO DE OTE II (U HAB)") == "Ejército de Oriente II (U.\u00a0H.)"
    assert one_name("SAN MIGUEL TEOTONGO IV") == "San Miguel Teotongo IV"
    assert one_name("SANTA MARTHA ACATITLA_(PBLO)") == "Santa Martha Acatitla (pueblo)"
    assert one_name("LA ESTACION") == "La Estación"
    assert told_apart(["El Molino", "El Prado", "El Molino"]) == ["El Molino", "El Prado", "El Molino (2)"]


def test_a_usual_unit_is_built_for_the_published_180_million() -> None:
    catalogue = read_catalogue()
    ranges = [catalogue[service].build for service in USUAL_UNIT]
    assert sum(one.central for one in ranges if one is not None) == 180e6
    assert None not in ranges


@pytest.mark.real_data
@pytest.mark.parametrize("language", manual_pages.LANGUAGES)
def test_the_manual_prints_what_the_study_says(made: Made, language: str) -> None:
    printed = BLOCK.search(manual_pages.text(PAGE, language))
    assert printed is not None
    assert printed[1].splitlines() == [say(line, language) for line in made.lines]


@pytest.mark.real_data
def test_the_borough_has_its_people_its_areas_and_its_thirteen_units(made: Made) -> None:
    town, planned = made.town, made.town.blocks.planned
    assert town.planned_people == pytest.approx(1_835_486, abs=0.5)
    assert len(set(town.blocks.area_id[planned].tolist())) == 458
    assert len(town.fixed) == 13
    assert "Papálotl" in town.units.names.tolist()
    assert not town.made_up


@pytest.mark.real_data
def test_every_point_has_a_colonia_and_none_is_a_key(made: Made) -> None:
    colonias = set(made.town.blocks.colonia[made.town.blocks.planned].tolist())
    assert "" not in colonias
    assert not [name for name in colonias if re.search(r"\d{5,}|_", name)]
    assert 280 <= len(colonias) <= 290


@pytest.mark.real_data
def test_both_plans_verify_and_the_first_against_its_town_too(made: Made) -> None:
    for group, name in PLANS.items():
        found = u.verify(made.folder / "plans" / name, deep=made.folder / "town" if group == "all" else None)
        assert found.holds, [check for check in found.checks if not check.held]
        assert len(made.plans[group].sites) == 5
        assert made.plans[group].proven


@pytest.mark.real_data
def test_a_unit_on_a_sports_ground_takes_its_courts_and_no_utopia_is_its_own_ground(made: Made) -> None:
    town = made.town
    replaces = town.sites.table["replaces"].fillna("")
    providers = {key: (x, y) for key, x, y in zip(town.providers.ids, town.providers.x, town.providers.y, strict=True)}
    taken = replaces[replaces != ""]
    assert len(taken) == 26
    for row, provider in taken.items():
        assert providers[provider] == (town.sites.x[row], town.sites.y[row])


@pytest.mark.real_data
def test_who_loses_the_courts_is_told_when_such_a_lot_is_chosen(made: Made) -> None:
    site = next(key for key, of in zip(made.town.sites.ids, made.town.sites.table["replaces"], strict=True) if of)
    question = Question(open=1, forced=(site,), draws=0)
    (chosen,) = answer(made.town, question).findings.sites
    assert chosen.displaced.startswith("ground-")
    assert chosen.displaced_people is not None


@pytest.mark.real_data
def test_costs_are_those_of_usual_units_and_capacities_only_the_published(made: Made) -> None:
    found = made.plans["all"].findings
    assert found is not None
    assert found.costs is not None
    assert found.costs.build is not None
    assert found.costs.build.central == 5 * 180e6
    supply = {one.service: one for one in found.supply}
    assert supply["pool"].places_week_before == 7500
    assert supply["pool"].unknown_before == 10
    assert supply["wave pool"].places_week_before == 6 * 75 * 6
    assert supply["workshops"].places_week_before == 0
    assert supply["workshops"].substitutes_unknown > 0
    assert {one.code for one in found.assumptions} >= {"built-said", "cut", "estimated-times", "capacity-not-known"}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        found = list(study(shared_data("people").parent, Path(where)))

    def said_anew(page: str, language: str) -> str:
        lines = "\n".join(say(line, language) for line in found)
        return BLOCK.sub(lambda _: f"<!-- printed -->\n\n```\n{lines}\n```\n\n<!-- end -->", page)

    manual_pages.rewrite(PAGE, said_anew)
