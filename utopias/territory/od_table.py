"""Travel times that another program computed: any origin-destination table, long or wide.

``read_travel_times`` is how R5, OSRM, Valhalla, ArcGIS or a colleague's spreadsheet come in. It
matches ids, never order; it takes no unit that nobody said; and it keeps "not reached" apart
from "no time at all".
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from utopias.domain.arrays import AnyArray, Floats, Longs, Texts
from utopias.domain.errors import Fault, TableError
from utopias.domain.places import Places
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.domain.travel_times import Status, TravelTimes
from utopias.territory.column_file import Format
from utopias.territory.delimited import read_delimited
from utopias.territory.geoparquet import read_parquet
from utopias.territory.od_cells import Cells, cells_of
from utopias.territory.od_columns import SECONDS_IN, Layout, layout_of, positions


def read_travel_times(
    path_or_frame: str | Path | pd.DataFrame,
    town: Town,
    *,
    origin: str | None = None,
    destination: str | None = None,
    time: str | None = None,
    unit: str | None = None,
    within: str | Duration | None = None,
    partial: bool = False,
    mode: str = "on foot",
    estimated: bool = False,
) -> TravelTimes:
    """Travel times from the blocks of ``town`` to its units, sites and the providers the table holds.

    Parameters
    ----------
    path_or_frame : CSV (also TSV, gzip), parquet, or a frame. Long, one row a pair, or wide, first column
        the origin and one column a destination.
    origin, destination, time : names of the columns, where they are not among those known
        (``od_columns``). For a wide table only ``origin`` may be said.
    unit : minutes, seconds or hours; needed unless the name of the time column says it.
    within : what the table was computed up to. A longer time counts as not reached, and the table can then
        answer any question up to here. By default: the longest time in the table.
    partial : blocks, units and sites that the table leaves out count as not reached. By default they are a
        fault, since a place that was never asked for is not far.
    mode, estimated : how one travels, and whether the times are no measurement; printed with every result.

    Returns
    -------
    TravelTimes, (blocks, units + sites + providers) in the order of the town, deciseconds rounded half up.
    A place with no time at all gets ``Status.ISLAND``: the table reaches nothing from it and cannot say
    whether for want of a way or by its own limit, so it is told apart and never charged the limit.
    ``notes`` say source, unit, pairs not reached, and each mark that was read as "not reached".

    Raises
    ------
    TableError : every fault at once. Of the columns: ``missing-column``, ``ambiguous-columns``,
        ``unknown-layout``, ``no-unit``, ``unknown-unit``. Of the ids: ``unknown-id``, ``missing-place``,
        ``duplicate-pair``. Of the cells: those of ``od_cells``, and ``no-times``.
    """
    frame, where = _frame(path_or_frame)
    everywhere = town.units + town.sites + town.providers
    layout = layout_of(
        frame, town.blocks.ids, everywhere.ids, origin=origin, destination=destination, time=time, where=where
    )
    said = unit or layout.unit
    faults = _unit_faults(said, layout, where)
    rows, columns, values, id_faults = _pairs(frame, layout, town.blocks.ids, everywhere.ids, where)
    faults += id_faults
    optional = np.asarray(everywhere.role == "provider")
    if not partial:
        faults += _missing(Sentence("blocks"), rows, town.blocks.ids, np.zeros(len(town.blocks), dtype=bool), where)
        faults += _missing(Sentence("units and sites"), columns, everywhere.ids, optional, where)
    known = (rows >= 0) & (columns >= 0)
    faults += _twice(rows[known], columns[known], town.blocks.ids, everywhere.ids, where)

    def label(row: int) -> str:
        found = values.iloc[row]
        return Sentence(
            "{block} to {place}: {found!r}",
            block=_name(town.blocks.ids, rows[row]),
            place=_name(everywhere.ids, columns[row]),
            found=found.item() if isinstance(found, np.generic) else found,
        )

    limit = None if within is None else Duration.of(within)
    metres = _metres(town, everywhere, rows, columns)
    cells = cells_of(values, SECONDS_IN.get(said or "", 60), metres, label, within=limit, where=where)
    # Without a unit nothing can be said about the size of a time; the other cells can still be judged.
    faults += [fault for fault in cells.faults if said or fault.code in ("not-a-number", "negative-time")]
    reached = known & (cells.deciseconds >= 0)
    if not faults and not reached.any():
        faults.append(Fault("no-times", "no pair of the table has a time", where, "look at its time column"))
    if faults:
        raise TableError(faults)
    told = ~optional | np.isin(np.arange(len(everywhere)), columns)
    return _times(
        town.blocks.ids,
        everywhere.ids,
        rows[reached],
        columns[reached],
        cells.deciseconds[reached],
        limit=limit,
        notes=_notes(where, said or "", cells, int(known.sum() - reached.sum())),
        mode=mode,
        estimated=estimated,
    ).select(np.flatnonzero(told))


def _frame(given: str | Path | pd.DataFrame) -> tuple[pd.DataFrame, str]:
    if isinstance(given, pd.DataFrame):
        return given, Sentence("the table of travel times")
    path = Path(given)
    if not path.is_file():
        raise TableError(Fault("no-file", Sentence("{path} is not there", path=path), mend="look at the path"))
    if path.suffix == ".parquet":
        return read_parquet(path)[0], path.name
    return read_delimited(path, Format()), path.name


def _unit_faults(said: str | None, layout: Layout, where: str) -> list[Fault]:
    if said is None:
        column = Sentence("column {column} of {file}", column=layout.time, file=where) if layout.time else where
        mend = 'say unit="minutes" or unit="seconds"'
        return [Fault("no-unit", "nothing says whether the times are minutes or seconds", column, mend)]
    if said not in SECONDS_IN:
        return [
            Fault(
                "unknown-unit",
                Sentence("{said!r} is no unit of time", said=said),
                where,
                Sentence("say one of {listed}", listed=", ".join(SECONDS_IN)),
            )
        ]
    return []


def _pairs(
    frame: pd.DataFrame, layout: Layout, blocks: Texts, places: Texts, where: str
) -> tuple[Longs, Longs, pd.Series, list[Fault]]:
    """Origin and destination of every pair by position (-1: not of this town), its cell, and the ids not known."""
    start, start_text = positions(frame[layout.origin], blocks)
    faults = _unknown(
        start,
        start_text,
        blocks,
        Sentence("blocks"),
        Sentence("column {column} of {file}", column=layout.origin, file=where),
    )
    if layout.destination is not None and layout.time is not None:
        end, end_text = positions(frame[layout.destination], places)
        faults += _unknown(
            end,
            end_text,
            places,
            Sentence("units, sites or providers"),
            Sentence("column {column} of {file}", column=layout.destination, file=where),
        )
        return start, end, frame[layout.time], faults
    names = pd.Series([str(name) for name in frame.columns if str(name) != layout.origin], dtype="str")
    end, _ = positions(names, places)
    faults += _unknown(
        end, names, places, Sentence("units, sites or providers"), Sentence("header of {where}", where=where)
    )
    cells = frame.drop(columns=layout.origin)
    alike = len({str(kind) for kind in cells.dtypes}) == 1
    flat = cells.to_numpy().ravel() if alike else cells.astype(object).to_numpy().ravel()
    return np.repeat(start, len(names)), np.tile(end, len(frame)), pd.Series(flat), faults


def _unknown(found: Longs, text: pd.Series, ids: Texts, what: str, where: str) -> list[Fault]:
    lost = found < 0
    if not lost.any():
        return []
    strangers = text[lost].drop_duplicates()
    bare = {key.lstrip("0") for key in ids.tolist()}
    stripped = [key for key in strangers.dropna().astype(str) if key.lstrip("0") in bare]
    mend = "take the rows out, or make the table from this town"
    if stripped:
        mend = Sentence("{count:,} of them differ only by zeros in front: write the ids as text", count=len(stripped))
    return [
        Fault(
            code="unknown-id",
            what=Sentence("{count:,} ids are none of the town's {what}", count=len(strangers), what=what),
            where=where,
            mend=mend,
            count=len(strangers),
            first=Sentence("row {row}: {found!r}", row=int(np.flatnonzero(lost)[0]) + 1, found=strangers.iloc[0]),
        )
    ]


def _missing(what: str, found: Longs, ids: Texts, optional: AnyArray, where: str) -> list[Fault]:
    absent = np.bincount(found[found >= 0], minlength=len(ids)) == 0
    absent &= ~optional
    if not absent.any():
        return []
    return [
        Fault(
            code="missing-place",
            what=Sentence(
                "{count:,} of {total:,} {what} of the town are not in the table",
                count=int(absent.sum()),
                total=int((~optional).sum()),
                what=what,
            ),
            where=where,
            mend="compute the times for them too; or say partial=True, and they count as not reached",
            count=int(absent.sum()),
            first=str(ids[int(np.flatnonzero(absent)[0])]),
        )
    ]


def _twice(rows: Longs, columns: Longs, blocks: Texts, places: Texts, where: str) -> list[Fault]:
    key = rows * len(places) + columns
    ordered = np.sort(key)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(again):
        return []
    return [
        Fault(
            code="duplicate-pair",
            what=Sentence("{count:,} of {total:,} pairs stand more than once", count=len(again), total=len(key)),
            where=where,
            mend="keep one time for each pair",
            count=len(again),
            first=Sentence(
                "{blocks} to {places}", blocks=blocks[again[0] // len(places)], places=places[again[0] % len(places)]
            ),
        )
    ]


def _metres(town: Town, places: Places, rows: Longs, columns: Longs) -> Floats:
    """(k,) straight distance of each pair, NaN where an end is not known."""
    if not len(town.blocks) or not len(places):
        return np.full(len(rows), np.nan)
    metres = np.hypot(town.blocks.x[rows] - places.x[columns], town.blocks.y[rows] - places.y[columns])
    far: Floats = np.where((rows >= 0) & (columns >= 0), metres, np.nan)
    return far


def _times(
    blocks: Texts,
    places: Texts,
    rows: Longs,
    columns: Longs,
    deciseconds: Longs,
    *,
    limit: Duration | None,
    notes: dict[str, str | float],
    mode: str,
    estimated: bool,
) -> TravelTimes:
    order = np.lexsort((columns, rows))
    out, into = np.bincount(rows, minlength=len(blocks)), np.bincount(columns, minlength=len(places))
    return TravelTimes(
        origins=blocks,
        destinations=places,
        starts=np.concatenate([[0], np.cumsum(out)]).astype(np.int64),
        columns=columns[order].astype(np.int32),
        deciseconds=deciseconds[order].astype(np.int32),
        limit=limit or Duration(int(deciseconds.max())),
        origin_status=np.where(out > 0, Status.ATTACHED, Status.ISLAND).astype(np.int8),
        destination_status=np.where(into > 0, Status.ATTACHED, Status.ISLAND).astype(np.int8),
        mode=mode,
        estimated=estimated,
        notes=notes,
    )


def _notes(where: str, unit: str, cells: Cells, not_reached: int) -> dict[str, str | float]:
    """What the numbers were made with, for the report."""
    marks = {f"read as not reached: {mark}": float(count) for mark, count in cells.marks.items()}
    return {"source": where, "unit": unit, "pairs not reached": float(not_reached), **marks}


def _name(ids: Texts, position: int) -> str:
    return str(ids[position]) if position >= 0 else "?"
