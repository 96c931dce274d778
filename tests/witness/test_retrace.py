"""The deep check: a plan against the town it names, and what only the town can contradict."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.toy import toy_town
from tests.witness.folders import edit_json, edit_table, plan_by_hand
from utopias.access.on_foot import travel_times
from utopias.domain.arrays import texts
from utopias.domain.errors import VerificationError
from utopias.domain.folders import seal
from utopias.domain.streets import StreetFront
from utopias.domain.town import Town
from utopias.network.attach import Snapping
from utopias.network.straight_lines import straight_lines
from utopias.network.street_network import street_network
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve
from utopias.territory.town_folder import read_town, write_town
from utopias.witness.checks import Verification
from utopias.witness.verify import verify


def planned(town: Town, folder: Path, *, estimated: bool = False) -> Path:
    walking = straight_lines(town, circuity=1.3) if estimated else street_network(town)
    times = travel_times(walking, town.blocks, town.fixed + town.sites + town.providers, within="30 min")
    problem = Problem.for_town(town, times, open=1)
    return solve(problem, aim="cover-most", within="15 min", work=50).save(folder)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write_town(toy_town(), tmp_path / "town")


@pytest.fixture
def plan(town: Path, tmp_path: Path) -> Path:
    return planned(read_town(town), tmp_path / "plan")


def deep(plan: Path, town: Path, *, pairs: int = 200, seed: int = 7) -> Verification:
    return verify(plan, deep=town, pairs=pairs, seed=seed)


def test_a_solved_plan_holds_against_its_town_to_the_decisecond(plan: Path, town: Path) -> None:
    found = deep(plan, town)
    assert found.holds, [check for check in found.checks if not check.held]
    told = found["town-times"].found
    assert told["pairs"] == told["exact"] > 40
    assert found["town-times"].note == ""
    assert found["value"].found == 1000.0


def test_an_estimated_plan_is_rebuilt_from_coordinates_and_circuity(town: Path, tmp_path: Path) -> None:
    folder = planned(read_town(town), tmp_path / "plan", estimated=True)
    found = deep(folder, town)
    assert found.holds, found.failed
    assert found["town-times"].found["exact"] == found["town-times"].count
    assert found["town-times"].note == "straight-lines"  # nobody may read that streets were walked
    edit_table(folder, "times.parquet", 0, "deciseconds", 5)
    assert "town-times" in deep(folder, town).failed


def test_a_time_that_no_file_of_the_plan_contradicts_is_contradicted_by_the_streets(plan: Path, town: Path) -> None:
    times = pd.read_parquet(plan / "times.parquet")
    at = int(np.flatnonzero((times["block"] == 9) & (times["place"] == 3))[0])  # to site C, which is not open
    edit_table(plan, "times.parquet", at, "deciseconds", int(times["deciseconds"][at]) + 5)
    assert verify(plan).holds
    found = deep(plan, town)
    assert found.failed == ("town-times",)
    assert found["town-times"].said == {"0009A - c": int(times["deciseconds"][at]) + 5}


def test_a_time_taken_out_of_the_table_is_missed(plan: Path, town: Path) -> None:
    times = pd.read_parquet(plan / "times.parquet")
    kept = times[~((times["block"] == 9) & (times["place"] == 3))]
    kept.to_parquet(plan / "times.parquet", index=False)
    seal(plan)
    assert verify(plan).holds
    assert deep(plan, town).failed == ("town-times",)


def test_rounding_is_borne_up_to_four_deciseconds_and_told(plan: Path, town: Path) -> None:
    times = pd.read_parquet(plan / "times.parquet")
    at = int(np.flatnonzero((times["block"] == 9) & (times["place"] == 3))[0])
    edit_table(plan, "times.parquet", at, "deciseconds", int(times["deciseconds"][at]) + 4)
    found = deep(plan, town)["town-times"]
    assert found.held
    assert found.found["within_rounding"] == 1


def test_a_block_said_to_have_no_way_is_looked_for_on_the_streets(plan: Path, town: Path) -> None:
    edit_table(plan, "demand.parquet", 12, "apart", False)
    assert "town-apart" in deep(plan, town).failed


def test_a_town_that_changed_after_the_plan_is_told_with_its_files(plan: Path, town: Path) -> None:
    blocks = pd.read_parquet(town / "blocks.parquet")
    blocks.loc[3, "people"] = 99.0
    blocks.to_parquet(town / "blocks.parquet", index=False)
    found = deep(plan, town)
    assert {"town-changed", "town-blocks"} == set(found.failed)
    assert "blocks.parquet has been changed since it was written" in found["town-changed"].found
    assert found["town-blocks"].found == {"people": {"rows": 1, "row": 4, "plan": "100.0", "town": "99.0"}}
    assert found["town-blocks"].said is None


def test_a_town_written_anew_has_another_hash(plan: Path, town: Path) -> None:
    places = pd.read_parquet(town / "sites.parquet")
    places.loc[1, "cost"] = 1.0
    places.to_parquet(town / "sites.parquet", index=False)
    seal(town)
    assert set(deep(plan, town).failed) == {"town-changed", "town-places"}


def test_people_edited_alike_in_every_file_of_the_plan_are_contradicted_by_the_town(tmp_path: Path, town: Path) -> None:
    changed = toy_town()
    people = changed.blocks.people.copy()
    people[4] = 500.0
    other = write_town(changed_people(changed, people), tmp_path / "other")
    folder = planned(read_town(other), tmp_path / "plan")
    assert deep(folder, other).holds
    assert {"town-changed", "town-blocks"} == set(deep(folder, town).failed)


def changed_people(town: Town, people: np.ndarray) -> Town:
    from dataclasses import replace

    return replace(town, blocks=replace(town.blocks, people=people))


def test_a_plan_of_another_town_is_no_plan_of_this(town: Path, tmp_path: Path) -> None:
    found = deep(plan_by_hand().save(tmp_path / "plan"), town)
    assert {"town-changed", "town-blocks", "town-places", "town-times"} <= set(found.failed)


def test_times_that_were_given_as_a_table_cannot_be_rebuilt_and_it_says_so(town: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    place = read_town(town)
    times = travel_times(street_network(place), place.blocks, place.fixed + place.sites, within="30 min")
    given = replace(times, notes={"source": "od.parquet"})
    folder = solve(Problem.for_town(place, given, open=1), within="15 min", work=50).save(tmp_path / "plan")
    found = deep(folder, town)
    assert found.holds, found.failed
    assert found["town-times"].note == "times-were-given"
    assert found["town-times"].count == 0


def test_the_same_seed_draws_the_same_pairs_and_fewer_when_asked(plan: Path, town: Path) -> None:
    first, again = (deep(plan, town, pairs=20, seed=3)["town-times"] for _ in range(2))
    assert first == again
    assert first.count <= 20


def test_a_folder_that_is_no_town_is_refused(plan: Path, tmp_path: Path) -> None:
    with pytest.raises(VerificationError) as caught:
        verify(plan, deep=tmp_path)
    assert caught.value.codes == ("no-town",)


def test_a_plan_that_joined_doors_from_farther_off_is_rebuilt_by_its_own_rule(town: Path, tmp_path: Path) -> None:
    place = read_town(town)
    times = travel_times(
        street_network(place), place.blocks, place.fixed + place.sites, within="60 min",
        snapping=Snapping.of(at_most="2100 m"),
    )  # fmt: skip
    problem = Problem.for_town(place, times, open=1)
    folder = solve(problem, within="15 min", work=50).save(tmp_path / "plan")
    assert not pd.read_parquet(folder / "demand.parquet")["apart"].any()
    found = deep(folder, town)
    assert found.holds, found.failed
    assert found["town-times"].found["exact"] == found["town-times"].count


def test_a_plan_for_a_wheelchair_after_dark_is_rebuilt_by_the_rules_its_notes_tell(tmp_path: Path) -> None:
    from dataclasses import replace

    from utopias.scenario.answer import answer
    from utopias.scenario.question import Question

    base = toy_town()
    assert base.streets is not None
    rng, e = np.random.default_rng(5), len(base.streets)
    said = [texts(rng.choice(["", "yes", "no"], e)) for _ in range(4)]
    streets = replace(
        base.streets, surface=texts(rng.choice(["", "asphalt", "sett", "mud"], e)), front=StreetFront(*said)
    )
    folder = write_town(replace(base, streets=streets), tmp_path / "town")
    asked = Question(open=1, draws=0, walker="wheelchair", after_dark=2.0, slope="naismith")
    made = answer(read_town(folder), asked).save(tmp_path / "plan")
    found = deep(made, folder)
    assert found.holds, found.failed
    assert found["town-times"].found["exact"] == found["town-times"].count > 20
    edit_json(made, "plan.json", "study", "notes", "after_dark", value=1.5)
    assert "town-times" in deep(made, folder).failed
    edit_json(made, "plan.json", "study", "notes", "slope", value="guessed")
    assert deep(made, folder)["town-times"].note == "unknown-rules"
