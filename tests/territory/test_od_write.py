"""Travel times go out and come back the same."""

from pathlib import Path

import pytest

import utopias as u
from tests.toy import toy_town
from utopias.domain.errors import TableError


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_written_times_read_back_to_the_decisecond(tmp_path: Path, ending: str) -> None:
    town = toy_town()
    walking = u.street_network(town, walker="adult")
    times = u.travel_times(walking, town.blocks, town.units + town.sites + town.providers, within="30 min")
    path = u.write_travel_times(times, tmp_path / f"times{ending}")
    again = u.read_travel_times(path, town, within="30 min")
    assert again.deciseconds.tolist() == times.deciseconds.tolist()
    assert again.columns.tolist() == times.columns.tolist()
    assert again.starts.tolist() == times.starts.tolist()
    assert [p.name for p in tmp_path.iterdir()] == [path.name], "nothing is left beside"


def test_another_ending_is_refused(tmp_path: Path) -> None:
    town = toy_town()
    times = u.travel_times(u.straight_lines(town), town.blocks, town.units, within="30 min")
    with pytest.raises(TableError) as refusal:
        u.write_travel_times(times, tmp_path / "times.xlsx")
    assert refusal.value.codes == ("unknown-ending",)
