"""Trips home from school in, as somebody counted them; chains of walks out, one row a trip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from utopias.domain.arrays import AnyArray, Texts
from utopias.domain.sentences import Sentence
from utopias.domain.tables import columns, fault_of_rows, faults_of
from utopias.domain.town import Town
from utopias.domain.trips import Trips
from utopias.territory.build_blocks import in_their_words
from utopias.territory.column_file import ColumnFile
from utopias.territory.files import load_table
from utopias.territory.ledger import Ledger
from utopias.territory.od_columns import positions
from utopias.territory.od_write import must_be_table, write_rows


def read_trips(path: str | Path, town: Town, *, columns_file: str | Path | ColumnFile | None = None) -> Trips:
    """The counted trips of a file: columns school_id, block_id, children, or others that a column file names.

    Parameters
    ----------
    path : CSV, parquet or another table that ``build`` reads. One row a pair of school and block.

    Returns
    -------
    Trips between all schools and blocks of ``town``, declared. A pair without a row has no children.

    Raises
    ------
    ProblemError : the town has no schools. TableError : every fault of the file at once; an id that is not
    of the town (``unknown-id``), a pair twice (``duplicate-pair``), counts that are none.
    """
    schools = town.must_know_schools()
    ledger = Ledger()
    table = load_table(path, columns_file, ledger, table="trips", seek=False)
    ledger.settle()
    assert table is not None
    frame, where = table.frame, table.path.name
    faults = [in_their_words(fault, table) for fault in faults_of(frame, "trips", where)]
    at: dict[str, AnyArray] = {}
    for name, ids, of in (
        ("school_id", schools.ids, Sentence("schools")),
        ("block_id", town.blocks.ids, Sentence("blocks")),
    ):
        if name in frame.columns:
            at[name], text = positions(frame[name], ids)
            lost = (at[name] < 0) & text.notna().to_numpy()
            if lost.any():
                what = Sentence("ids are none of the town's {what}", what=of)
                told = fault_of_rows(
                    "unknown-id", lost, what, Sentence("column {column} of {file}", column=name, file=where),
                    "mend them, or take the rows out", frame[name],
                )  # fmt: skip
                faults.append(in_their_words(told, table))
    if len(at) == 2:
        known = (at["school_id"] >= 0) & (at["block_id"] >= 0)
        again = pd.DataFrame(at).duplicated().to_numpy() & known
        if again.any():
            told = fault_of_rows(
                "duplicate-pair", again, Sentence("rows repeat a school and a block"), where,
                "add them up to one row", frame["school_id"],
            )  # fmt: skip
            faults.append(in_their_words(told, table))
    ledger.faults += faults
    ledger.settle()
    return Trips(
        schools=schools.ids,
        homes=town.blocks.ids,
        school=at["school_id"].astype(np.int32),
        home=at["block_id"].astype(np.int32),
        persons=pd.to_numeric(frame["children"]).to_numpy(dtype=np.float64),
        notes={"source": where},
    )


def write_chains(
    trips: Trips,
    *,
    unit: Texts,
    persons: AnyArray,
    direct: AnyArray,
    walk: AnyArray,
    extra: AnyArray,
    home_in_time: AnyArray,
    on_the_way: AnyArray,
    unit_near_home: AnyArray,
    to: str | Path,
) -> Path:
    """Write one row a trip with somebody on it: the declared columns of ``chains.csv``.

    Parameters
    ----------
    unit : (t,) ids, "" where there is none. direct, walk, extra : (t,) deciseconds, -1 where not known.
    to : ends in .csv or .parquet; written beside and renamed.

    Raises
    ------
    TableError : another ending.
    """
    target = Path(to)
    must_be_table(target)

    def minutes(deciseconds: AnyArray) -> AnyArray:
        return np.where(deciseconds < 0, np.nan, np.round(deciseconds / 600.0, 4))

    rows = pd.DataFrame(
        {
            "school_id": trips.schools[trips.school],
            "block_id": trips.homes[trips.home],
            "children": np.round(trips.persons, 6),
            "persons": np.round(persons, 6),
            "unit_id": unit,
            "direct_min": minutes(direct),
            "walk_min": minutes(walk),
            "extra_min": minutes(extra),
            "home_in_time": home_in_time,
            "on_the_way": on_the_way,
            "unit_near_home": unit_near_home,
        }
    )[[column.name for column in columns("chains")]]
    rows = rows[trips.persons > 0]
    return write_rows(rows, target)
