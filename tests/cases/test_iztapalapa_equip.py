"""The real borough asked for five houses with their services: it is answered, within its limits, and recounts."""

from __future__ import annotations

from pathlib import Path

import pytest

import utopias as u
from cases.iztapalapa.__main__ import build, write_raw
from cases.iztapalapa.equip import QUESTION, equipped, lines
from cases.spoken import say
from tests.shared_data import shared_data
from utopias.witness.modules import verify_modules


@pytest.mark.real_data
def test_five_more_with_services_on_the_real_borough(tmp_path: Path) -> None:
    data = shared_data("people").parent
    write_raw(data, tmp_path / "raw")
    u.write_town(build("ageb", data, tmp_path / "raw"), tmp_path / "town")
    plan = equipped(u.read_town(tmp_path / "town"), tmp_path / "plan")
    assert len(plan.sites) == 5
    assert plan.gap < 0.005
    assert plan.yearly <= (QUESTION.upkeep or 0.0)
    assert verify_modules(tmp_path / "plan").holds
    said = [say(line, "es") for line in lines(plan, "es")]
    assert len(said) == 6
    assert "Casa de día" in "".join(said)
