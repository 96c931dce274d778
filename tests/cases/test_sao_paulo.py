"""São Paulo on its real streets: the page prints what the program says, and networkx walks every pair again.

After a change: ``python -m tests.cases.test_sao_paulo`` writes the answers of the pages anew.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import utopias as u
from cases.porto.__main__ import study
from cases.spoken import say
from tests import manual_pages
from tests.cli.test_your_city import printed
from tests.network.grids import split_graph, weighed
from tests.shared_data import shared_data
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence
from utopias.scenario.answer import answer
from utopias.scenario.question import Question
from utopias.territory.column_file import read_column_file

ROOT = Path(__file__).parents[2]
PAGE = "sao-paulo.md"
CASE = ROOT / "cases" / "sao_paulo"
BLOCK = re.compile(r"<!-- printed -->\n\n```\n(.*?)```\n\n<!-- end -->", re.DOTALL)

pytestmark = pytest.mark.real_data


@dataclass(frozen=True)
class Walked:
    """A page as it would be printed now, and what its commands left behind."""

    language: str
    page: str
    folder: Path

    @property
    def town(self) -> Path:
        return self.folder / {"en": "town", "es": "ciudad"}[self.language]

    @property
    def plan(self) -> Path:
        return self.folder / {"en": "plans/five-more", "es": "planes/cinco-mas"}[self.language]

    @property
    def report(self) -> Path:
        return self.folder / f"{self.plan.name}.html"


def walked_page(page: str, language: str, folder: Path) -> str:
    """The page as it would be printed now, run in a folder that has the case and, beside it, the data."""
    data = shared_data("sao_paulo", "spo_osm.pbf").parents[1].resolve()
    (folder / "shared").mkdir()
    (folder / "shared" / "data").symlink_to(data)
    (folder / "repository").mkdir()
    (folder / "repository" / "cases").symlink_to(ROOT / "cases")
    page = printed(page, folder / "repository")
    lines = "\n".join(say(line, language) for line in porto())
    return BLOCK.sub(lambda _: f"<!-- printed -->\n\n```\n{lines}\n```\n\n<!-- end -->", page)


@cache
def porto() -> tuple[Sentence, ...]:
    """What the study of Porto found: one run for every language."""
    return tuple(study(shared_data("streets", "porto_portugal.osm.pbf")))


@pytest.fixture(scope="module", params=manual_pages.LANGUAGES)
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    folder = tmp_path_factory.mktemp("sao-paulo")
    page = walked_page(manual_pages.text(PAGE, request.param), request.param, folder)
    return Walked(request.param, page, folder / "repository" / "sao-paulo")


def test_every_command_of_the_page_prints_what_the_page_shows(walked: Walked) -> None:
    shown = manual_pages.text(PAGE, walked.language)
    assert walked.page == shown, "run python -m tests.cases.test_sao_paulo, and read what it wrote"


def test_the_lots_are_the_hexagons_with_schools_and_the_units_the_three_with_most_jobs() -> None:
    cells = pd.read_csv(shared_data("sao_paulo", "spo_hexgrid.csv"))
    schools = cells[cells["schools"] > 0].sort_values("jobs", ascending=False)
    assert len(schools) == 51
    units = set(read_column_file(CASE / "units.toml").only["id"])
    assert units == set(schools["id"][:3])
    assert set(read_column_file(CASE / "sites.toml").leave_out["id"]) == units


def test_the_town_has_everybody_its_places_and_whom_to_name(walked: Walked) -> None:
    town = u.read_town(walked.town)
    assert town.planned_people == pytest.approx(517_570, abs=0.5)
    assert (len(town.units), len(town.sites), len(set(town.blocks.area_id.tolist()))) == (3, 48, 323)
    assert any("OpenStreetMap" in source.name and "ODbL" in source.licence for source in town.sources)
    assert not town.made_up


def test_every_travel_time_is_the_one_networkx_finds_on_the_same_edges(walked: Walked) -> None:
    town = u.read_town(walked.town)
    assert town.streets is not None
    network = u.street_network(town, walker="adult")
    homes, there = town.blocks.places, town.units + town.sites
    times = u.travel_times(network, town.blocks, there, within="30 min")
    # Level streets: one search back from each place reaches every home at the price of the way there.
    graph = split_graph(weighed(town.streets), network, homes, there).reverse(copy=False)
    ours = np.full(times.shape, -1, dtype=np.int64)
    ours[times.rows, times.columns] = times.deciseconds
    witness = np.full(times.shape, -1, dtype=np.int64)
    for place in range(len(there)):
        reached = nx.single_source_dijkstra_path_length(graph, ("to", place), cutoff=18_000, weight="cost")
        for (side, number, *_), cost in reached.items():
            if side == "from":
                witness[number, place] = cost
    assert (ours == witness).all()
    assert (ours >= 0).sum() > 100_000
    assert not times.estimated


IN_REPORT = {
    "en": ("closed to walkers and were left out", "hang together in 46 pieces"),
    "es": ("cerradas a quien camina y no se usaron", "forman 46 redes separadas"),
}


def test_the_plan_is_the_best_there_is_and_its_papers_are_there(walked: Walked) -> None:
    plan = Plan.load(walked.plan)
    assert plan.proven
    assert len(plan.sites) == 5
    assert walked.report.with_suffix(".pdf").read_bytes()[:5] == b"%PDF-"
    report = walked.report.read_text(encoding="utf-8")
    assert "OpenStreetMap" in report, "the licence asks that its makers be named"
    assert not [words for words in IN_REPORT[walked.language] if words not in report]


def test_the_reach_that_is_printed_is_the_plan_s_own(walked: Walked) -> None:
    head = Plan.load(walked.plan).findings.headline  # type: ignore[union-attr]
    assert re.search(rf"^\w[\w ]+  517,570  {head.before:,.0f}", walked.page, re.MULTILINE)
    assert not head.estimated_times


@pytest.mark.parametrize(("walker", "dark"), [("wheelchair", 1.0), ("older person", 3.0)])
def test_a_plan_for_others_than_an_adult_is_recounted_from_the_raw_streets(walked: Walked, walker: str, dark: float, tmp_path: Path) -> None:  # fmt: skip
    town = u.read_town(walked.town)
    plan = answer(town, Question(open=2, draws=0, walker=walker, after_dark=dark)).save(tmp_path / "plan")
    found = u.verify(plan, deep=walked.town)
    assert found.holds, found.failed
    assert found["town-times"].found["exact"] == found["town-times"].count == 200


if __name__ == "__main__":

    def walked_anew(page: str, language: str) -> str:
        with tempfile.TemporaryDirectory() as made:
            return walked_page(page, language, Path(made))

    manual_pages.rewrite(PAGE, walked_anew)
