"""Plans with rooms at the prompt: what is asked wrongly is said before the walks, and what they do not hold is said too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.prompt import Prompt
from utopias.domain.plan import Plan


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["--room-of", "pool"], ["several-participations"]),
        (["--room-of", "pool", "--participation", "0.1", "--participation", "0.2"], ["several-participations"]),
        (["--room-of", "poool", "--participation", "0.1"], ["unknown-service", "pool"]),
        (["--room-of", "pool", "--participation", "0.1", "--closed", "wather 3", "--closed", "power 400"], ["unknown-cause", "bad-days"]),
        (["--room-of", "pool", "--participation", "0.1", "--closed", "water"], ["bad-days", "water 12"]),
    ],
)  # fmt: skip
def test_what_is_asked_wrongly_is_a_wrong_command_line(
    typed: list[str], words: list[str], prompt: Prompt, town: Path
) -> None:
    said = prompt("site", town, "--open", "1", "--draws", "0", "--out", prompt.folder / "plan", *typed).must(2, *words)
    assert "walking" not in said.err
    assert prompt.leavings() == []


@pytest.fixture
def plan(prompt: Prompt, town: Path) -> Path:
    """A plan with rooms for the pool, saved."""
    asked = ("--open", "1", "--draws", "0", "--room-of", "pool", "--participation", "0.5")
    folder = prompt.folder / "plan"
    assert "There is room in" in prompt("site", town, *asked, "--out", folder).must(0).out
    return folder


def test_whom_a_plan_with_rooms_draws_is_told_without_them_and_that_is_said(prompt: Prompt, plan: Path) -> None:
    assert "they are not looked at here" in " ".join(prompt("draw", plan).must(0).out.split())


def test_a_closed_unit_and_another_year_are_counted_with_the_rooms(prompt: Prompt, plan: Path) -> None:
    said = " ".join(prompt("stand", plan, "--later", "2035: all=2").must(0).out.split())
    assert "lose their place" in said
    assert "compared, each with its rooms" in said
    assert "pierden su lugar" in prompt("stand", plan, language="es").must(0).out
    told = json.loads(prompt("stand", plan, "--later", "2035: all=2", "--json").out)
    flows = Plan.load(plan).flows
    assert flows is not None
    assert sum(one["within"] for one in told["closures"]) == pytest.approx(float(flows.persons.sum()))
    assert (
        told["worlds"]["plan"]["2035"] >= told["worlds"]["plan"]["today"] - 1e-6
    )  # the same room, more who ask for it


def test_a_comparison_counts_who_finds_room_and_says_so(prompt: Prompt, plan: Path) -> None:
    assert "people for whom there is room" in " ".join(prompt("compare", plan).must(0).out.split())
    told = json.loads(prompt("compare", plan, "--by", "all", "--json").out)
    flows = Plan.load(plan).flows
    assert flows is not None
    assert told["counted"] == "rooms"
    assert told["rows"][0]["within_after"] == pytest.approx(float(flows.persons.sum()))


def test_another_year_is_told_of_every_aim_that_counts_people_and_refused_of_the_others(
    prompt: Prompt, town: Path
) -> None:
    for aim in ("fair-walk", "cover-twice", "smallest-worst"):
        prompt("site", town, "--open", "1", "--aim", aim, "--draws", "0", "--out", prompt.folder / aim).must(0)
    for aim in ("fair-walk", "cover-twice"):
        said = prompt("stand", prompt.folder / aim, "--later", "2035: all=2", language="es").must(0)
        assert "mezcla de mundos" in " ".join(said.out.split())
    prompt("stand", prompt.folder / "smallest-worst", "--later", "2035: all=2").must(
        1, "aim-without-worlds", "how many"
    )
    prompt("stand", prompt.folder / "smallest-worst").must(0)
