"""Plans with rooms at the prompt: what is asked wrongly is said before the walks, and what they do not hold is said too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.prompt import Prompt


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


def test_a_plan_with_rooms_is_looked_at_without_them_and_that_is_said(prompt: Prompt, town: Path) -> None:
    plan = prompt.folder / "plan"
    asked = ("--open", "1", "--draws", "0", "--room-of", "pool", "--participation", "0.5")
    assert "There is room in" in prompt("site", town, *asked, "--out", plan).must(0).out
    for command in ("stand", "draw"):
        assert "they are not looked at here" in " ".join(prompt(command, plan).must(0).out.split())
