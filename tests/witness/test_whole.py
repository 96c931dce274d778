"""What the house writes, its witness finds so: solve, findings and draws of a real pipe, recounted."""

from pathlib import Path
from typing import Any

import pytest

from tests.toy import toy_town
from tests.witness.folders import edit_json
from utopias.access.on_foot import travel_times
from utopias.domain.plan import Plan
from utopias.network.street_network import street_network
from utopias.scenario import findings
from utopias.siting.doubt.robustness import robustness
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve
from utopias.territory.town_folder import read_town, write_town
from utopias.witness.verify import verify


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(toy_town(), tmp_path_factory.mktemp("towns") / "town")


def answered(town: Path, *, aim: str = "cover-most", draws: int = 5, **asked: Any) -> Plan:
    place = read_town(town)
    everywhere = place.fixed + place.sites + place.providers
    times = travel_times(street_network(place), place.blocks, everywhere, within="30 min")
    problem = Problem.for_town(place, times, **asked)
    plan = solve(problem, aim=aim, within="15 min", work=50)
    doubt = robustness(problem, plan, draws=draws, seed=7)
    return plan.with_(robustness=doubt, findings=findings(problem, plan, robustness=doubt))


@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
@pytest.mark.parametrize(
    "asked",
    [
        {"open": 1},
        {"open": 2, "demand": "older people"},
        {"open": 2, "forced": ["a"], "forbidden": ["b"]},
        {"open": 1, "weigh_by": "need"},
        {"open": 2, "budget": 250e6, "forbidden": ["c"]},
        {"budget": 250e6, "forbidden": ["c"]},  # the refused lot could come in beside the other
    ],
    ids=lambda asked: " ".join(asked),
)
def test_every_number_that_the_pipe_writes_holds(town: Path, tmp_path: Path, aim: str, asked: dict[str, Any]) -> None:
    found = verify(answered(town, aim=aim, **asked).save(tmp_path / "plan"), deep=town)
    assert found.holds, [check for check in found.checks if not check.held]
    assert set(found.not_recounted) <= {"supply", "costs", "weighting", "assumptions"}
    assert {"headline", "groups", "need", "areas", "sites", "equity", "swaps", "robustness", "town-times"} <= {
        check.code for check in found.checks
    }


def test_and_an_edit_of_it_does_not(town: Path, tmp_path: Path) -> None:
    folder = answered(town, open=1).save(tmp_path / "plan")
    edit_json(folder, "findings.json", "headline", "after", value=1001.0)
    assert verify(folder, deep=town).failed == ("headline",)
