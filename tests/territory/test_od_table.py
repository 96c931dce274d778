"""Travel times of other programs: ids and units are matched or refused, never guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.toy import IDS, toy_town
from utopias.domain.errors import TableError
from utopias.domain.quantities import half_up
from utopias.domain.travel_times import Status
from utopias.territory.od_table import read_travel_times

TOWN = toy_town()
PLACES = ["uno", "a", "b", "c", "centro"]
AT = dict(zip([*IDS, *PLACES], [*TOWN.blocks.x, 500_200, 501_000, 502_600, 503_800, 502_600], strict=True))


def long_table(origin: str = "from_id", destination: str = "to_id", time: str = "travel_time_p50") -> pd.DataFrame:
    """Every block to every place, 80 m a minute along the street; the thirteenth block is 2 km off it."""
    pairs = [(block, place) for block in IDS for place in PLACES]
    minutes = [abs(AT[block] - AT[place]) / 80 + (25 if block == IDS[12] else 0) for block, place in pairs]
    return pd.DataFrame(
        {origin: [block for block, _ in pairs], destination: [place for _, place in pairs], time: minutes}
    )


def refused(table: pd.DataFrame | Path, **options: object) -> TableError:
    with pytest.raises(TableError) as caught:
        read_travel_times(table, TOWN, **options)  # type: ignore[arg-type]
    return caught.value


def test_a_table_of_r5_is_read_by_ids_whatever_its_order() -> None:
    table = long_table()
    times = read_travel_times(table.sample(frac=1, random_state=7), TOWN)
    assert times.origins.tolist() == IDS.tolist()
    assert times.destinations.tolist() == PLACES
    assert times.deciseconds.tolist() == [half_up(m * 600) for m in table["travel_time_p50"]]
    assert times.limit.minutes == table["travel_time_p50"].max()
    assert times.notes["unit"] == "minutes"


@pytest.mark.parametrize(
    ("names", "seconds"),
    [
        (("from_id", "to_id", "travel_time"), 60),
        (("fromId", "toId", "travel_time_p50"), 60),
        (("OriginName", "DestinationName", "Total_Minutes"), 60),
        (("origin_id", "destination_id", "duration"), 1),
        (("origin", "destination", "travel_time_seconds"), 1),
        (("source", "target", "time (min)"), 60),
        (("block_id", "place_id", "hours"), 3600),
    ],
)
def test_the_names_that_programs_write_are_known_with_their_unit(names: tuple[str, str, str], seconds: int) -> None:
    table = long_table(*names)
    table[names[2]] *= 60 / seconds
    assert read_travel_times(table, TOWN).deciseconds.tolist() == read_travel_times(long_table(), TOWN).deciseconds.tolist()  # fmt: skip


@pytest.mark.parametrize("time", ["time", "Total_TravelTime", "travel_time", "total_time", "impedance"])
def test_a_time_without_a_unit_is_refused_until_it_is_said(time: str) -> None:
    table = long_table("origin", "destination", time)
    error = refused(table)
    assert error.codes == ("no-unit",)
    assert 'unit="minutes" or unit="seconds"' in str(error)
    assert read_travel_times(table, TOWN, unit="minutes").shape == (13, 5)


def test_minutes_taken_for_seconds_are_refused_by_the_speed_they_mean() -> None:
    error = refused(long_table("origin", "destination", "time"), unit="seconds")
    assert error.codes == ("implausible-unit",)
    seconds = long_table()
    seconds["travel_time_p50"] *= 60
    assert refused(seconds).codes[-1] == "implausible-unit"


def test_columns_of_other_names_are_read_when_they_are_named() -> None:
    table = long_table("desde", "hacia", "tarda")
    assert refused(table).codes == ("unknown-layout",)
    times = read_travel_times(table, TOWN, origin="desde", destination="hacia", time="tarda", unit="min")
    assert times.shape == (13, 5)
    assert refused(table, origin="de", destination="hacia", time="tarda").codes == ("missing-column",)


def test_two_columns_that_may_be_the_time_are_refused() -> None:
    table = long_table().assign(travel_time_p75=30.0)
    assert "travel_time_p50, travel_time_p75: each may be the time" in str(refused(table))
    assert read_travel_times(table, TOWN, time="travel_time_p50").shape == (13, 5)


def test_of_two_columns_of_origins_the_one_that_holds_the_towns_ids_is_taken() -> None:
    table = long_table("OriginName", "DestinationName", "Total_Minutes").assign(OriginID=1, DestinationID=2)
    assert read_travel_times(table, TOWN).shape == (13, 5)


def test_a_wide_table_is_the_same_as_a_long_one(tmp_path: Path) -> None:
    table = long_table()
    wide = table.pivot(index="from_id", columns="to_id", values="travel_time_p50").reset_index()
    assert refused(wide).codes == ("no-unit",)
    wide.to_csv(tmp_path / "wide.csv", index=False)
    for given_table in (wide, tmp_path / "wide.csv"):
        times = read_travel_times(given_table, TOWN, unit="minutes")
        assert times.deciseconds.tolist() == read_travel_times(table, TOWN).deciseconds.tolist()


@pytest.mark.parametrize("suffix", ["csv", "csv with BOM", "semicolon", "decimal comma", "tsv", "parquet"])
def test_files_keep_the_zeros_of_their_ids(suffix: str, tmp_path: Path) -> None:
    table, path = long_table(), tmp_path / f"od.{suffix.split()[0]}"
    if suffix == "parquet":
        table.to_parquet(path)
    else:
        path = path.with_suffix(".tsv" if suffix == "tsv" else ".csv")
        table.to_csv(
            path,
            index=False,
            sep={"semicolon": ";", "decimal comma": ";", "tsv": "\t"}.get(suffix, ","),
            decimal="," if suffix == "decimal comma" else ".",
            encoding="utf-8-sig" if "BOM" in suffix else "utf-8",
        )
    assert read_travel_times(path, TOWN).deciseconds.tolist() == read_travel_times(table, TOWN).deciseconds.tolist()


def test_ids_that_lost_their_zeros_are_refused_and_the_mend_says_so() -> None:
    table = long_table()
    numbered = dict(zip(IDS, [f"{i:03d}" for i in range(13)], strict=True))
    town_ids = table["from_id"].map(lambda key: key.lstrip("0") or "0")
    error = refused(table.assign(from_id=town_ids))
    assert {"unknown-id", "missing-place"} <= set(error.codes)
    assert "differ only by zeros in front" in str(error)
    assert "unknown-id" in refused(table.assign(from_id=table["from_id"].map(numbered).astype(int))).codes


MARKS = [np.nan, -1.0, 4294967.295, 1e9, 2147483647.0, np.inf]


@pytest.mark.parametrize("mark", MARKS)
def test_not_reached_is_never_a_time_nor_zero(mark: float) -> None:
    table = long_table()
    table.loc[3, "travel_time_p50"] = mark
    times = read_travel_times(table, TOWN)
    assert len(times.deciseconds) == 13 * 5 - 1
    assert times.notes["pairs not reached"] == 1.0
    assert sum(value for key, value in times.notes.items() if key.startswith("read as")) == 1.0  # type: ignore[misc]
    assert times.to(TOWN.sites).shortest()[0] == half_up(600 * 800 / 80)  # the first block still reaches site a


@pytest.mark.parametrize("text", ["", "NA", "NaN", "-1", "null", "Inf"])
def test_not_reached_in_a_text_file_is_never_a_time_nor_zero(text: str, tmp_path: Path) -> None:
    table = long_table()
    cells = table["travel_time_p50"].astype(str).tolist()
    cells[3] = text
    table.assign(travel_time_p50=cells).to_csv(tmp_path / "od.csv", index=False)
    assert len(read_travel_times(tmp_path / "od.csv", TOWN).deciseconds) == 13 * 5 - 1


def test_a_stored_zero_is_no_walk_at_all() -> None:
    times = read_travel_times(long_table(), TOWN)
    zero = times.deciseconds == 0
    at_the_door = [
        (int(row), PLACES[column]) for row, column in zip(times.rows[zero], times.columns[zero], strict=True)
    ]
    assert at_the_door == [(0, "uno"), (2, "a"), (6, "b"), (6, "centro"), (9, "c")]
    assert times.to(TOWN.units).within("0 min").any_unit().tolist() == [True] + [False] * 12


@pytest.mark.parametrize(
    ("value", "code"),
    [(-5.0, "negative-time"), (9999.0, "maybe-missing"), (1e6, "maybe-missing"), (0.0, "zero-but-far")],
)
def test_what_may_be_a_time_or_a_mark_is_refused_and_told_where(value: float, code: str) -> None:
    table = long_table()
    table.loc[3, "travel_time_p50"] = value  # block 0000A to site c, 3.6 km away
    error = refused(table)
    assert error.codes == (code,)
    assert "first: 0000A to c" in str(error)


def test_a_said_limit_settles_what_a_long_time_means() -> None:
    table = long_table()
    table.loc[3, "travel_time_p50"] = 9999.0
    times = read_travel_times(table, TOWN, within="60 min")
    assert times.limit.minutes == 60
    assert times.notes["read as not reached: over 60 min"] == 1.0
    exact = long_table()
    exact.loc[3, "travel_time_p50"] = 60.0
    assert len(read_travel_times(exact, TOWN, within="60 min").deciseconds) == 13 * 5


def test_words_among_the_times_are_refused(tmp_path: Path) -> None:
    table = long_table().astype(str)
    table.loc[3, "travel_time_p50"] = "lejos"
    table.to_csv(tmp_path / "od.csv", index=False)
    error = refused(tmp_path / "od.csv")
    assert error.codes == ("not-a-number",)
    assert "row 4: 'lejos'" in str(error)


def test_a_pair_that_stands_twice_is_refused() -> None:
    table = long_table()
    error = refused(pd.concat([table, table.iloc[[7]]]))
    assert error.codes == ("duplicate-pair",)
    assert "0001A to b" in str(error)


def test_places_left_out_are_a_fault_unless_the_table_is_said_to_be_partial() -> None:
    table = long_table()
    part = table[(table["from_id"] != IDS[4]) & (table["to_id"] != "c")]
    error = refused(part)
    assert error.codes == ("missing-place", "missing-place")
    assert f"first: {IDS[4]}" in str(error)
    times = read_travel_times(part, TOWN, partial=True)
    assert times.shape == (13, 5)
    assert times.origin_status[4] == Status.ISLAND
    assert times.destination_status.tolist() == [0, 0, 0, Status.ISLAND, 0]


def test_providers_may_be_left_out_and_are_then_no_destination() -> None:
    table = long_table()
    times = read_travel_times(table[table["to_id"] != "centro"], TOWN)
    assert times.destinations.tolist() == PLACES[:4]


def test_an_origin_that_reaches_nothing_is_told_apart() -> None:
    table = long_table()
    table.loc[table["from_id"] == IDS[12], "travel_time_p50"] = np.nan
    times = read_travel_times(table, TOWN)
    assert times.origin_status.tolist() == [Status.ATTACHED] * 12 + [Status.ISLAND]
    assert times.shortest()[12] == -1


def test_strangers_duplicates_and_bad_times_are_told_at_once() -> None:
    table = pd.concat([long_table(), long_table().iloc[[7]]], ignore_index=True)
    table.loc[0, "to_id"] = "nowhere"
    table.loc[1, "travel_time_p50"] = -5.0
    assert set(refused(table).codes) == {"unknown-id", "duplicate-pair", "negative-time"}


def test_a_table_of_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "od.csv").write_text("")
    assert refused(tmp_path / "od.csv").codes == ("empty-file",)
    assert refused(tmp_path / "none.csv").codes == ("no-file",)
    assert refused(long_table().assign(travel_time_p50=np.nan)).codes == ("no-times",)


@settings(max_examples=60, deadline=None)
@given(
    minutes=st.lists(st.none() | st.floats(2, 30), min_size=65, max_size=65).filter(any),
    shuffle=st.randoms(use_true_random=False),
)
def test_long_and_wide_tables_hold_the_same_times_in_any_order(minutes: list[float | None], shuffle: object) -> None:
    """The witness is a dictionary of pairs."""
    pairs = [(block, place) for block in IDS for place in PLACES]
    wanted = {pair: half_up(m * 600) for pair, m in zip(pairs, minutes, strict=True) if m is not None}
    rows = list(zip(pairs, minutes, strict=True))
    shuffle.shuffle(rows)  # type: ignore[attr-defined]
    table = pd.DataFrame(
        {"from_id": [p[0] for p, _ in rows], "to_id": [p[1] for p, _ in rows], "minutes": [m for _, m in rows]}
    )
    wide = table.pivot(index="from_id", columns="to_id", values="minutes").reset_index()
    for given_table in (table, wide):
        times = read_travel_times(given_table, TOWN, unit="minutes")
        found = {
            (times.origins[row], times.destinations[column]): ds
            for row, column, ds in zip(times.rows, times.columns, times.deciseconds.tolist(), strict=True)
        }
        assert found == wanted
