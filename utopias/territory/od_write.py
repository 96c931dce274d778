"""Travel times out, as the long table that every other program reads: from_id, to_id, minutes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.domain.travel_times import TravelTimes

if TYPE_CHECKING:
    import pandas as pd


def must_be_table(target: Path) -> None:
    """Raise TableError unless ``target`` ends in .parquet or .csv: asked before the walks, not after them."""
    if target.suffix not in (".parquet", ".csv"):
        raise TableError(
            Fault(
                "unknown-ending",
                Sentence("{name} ends in neither .parquet nor .csv", name=target.name),
                mend="name it so",
            )
        )


def write_travel_times(times: TravelTimes, to: str | Path) -> Path:
    """Write one row a reached pair: from_id, to_id, travel_time_s (seconds, to the decisecond).

    ``to`` ends in .parquet or .csv. A pair that is not reached has no row: missing is not 0. A place
    that reaches nothing, or is reached by nobody, has one row with an empty time, so that it is seen
    to have been asked. The file is written beside and renamed. ``read_travel_times`` reads it back without loss.

    Raises
    ------
    TableError : another ending.
    """
    import pandas as pd

    target = Path(to)
    must_be_table(target)
    n, m = times.shape
    lonely = np.flatnonzero(np.diff(times.starts) == 0) if m else np.zeros(0, dtype=np.int64)
    unvisited = np.flatnonzero(np.bincount(times.columns, minlength=m) == 0) if n else np.zeros(0, dtype=np.int64)
    unvisited = unvisited if not len(lonely) else unvisited[unvisited != 0]  # a lonely origin names the first
    empty = np.full(len(lonely) + len(unvisited), np.nan)
    origin = np.concatenate([times.rows, lonely, np.zeros(len(unvisited), dtype=np.int64)])
    destination = np.concatenate([times.columns, np.zeros(len(lonely), dtype=np.int64), unvisited])
    rows = pd.DataFrame(
        {
            "from_id": times.origins[origin],
            "to_id": times.destinations[destination],
            "travel_time_s": np.concatenate([times.deciseconds / 10.0, empty]),
        }
    )
    return write_rows(rows, target)


def write_rows(rows: pd.DataFrame, target: Path) -> Path:
    """Write a table as .csv or .parquet by its ending, beside and renamed, so that a half is never seen."""
    must_be_table(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.partial-{os.getpid()}{target.suffix}")
    try:
        if target.suffix == ".csv":
            rows.to_csv(beside, index=False)
        else:
            rows.to_parquet(beside, index=False, compression="zstd")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return target
