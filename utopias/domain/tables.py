"""Declared tables: what a column is called, holds, and means, said once.

``columns/*.csv`` is the only place where a column is declared; readers, checks
and the manual all read it. ``faults_of`` gathers every fault of a table at once.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence

if TYPE_CHECKING:
    import pandas as pd

TABLES = (
    "blocks", "places", "sites", "schools", "modules", "facts", "entrances", "junctions", "edges", "fronts", "basemap",
    "plan_blocks", "plan_places", "trips", "chains", "service_areas",
)  # fmt: skip
# A table that holds the columns of another and its own beside them: a site is a place with its land.
BESIDES = {"sites": "places"}


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column.

    ``type``: key (the row's own, never repeated), reference (another table's key), text, number,
    integer, share, flag, choice (``unit`` lists the choices by |).
    """

    name: str
    type: str
    unit: str
    required: bool
    minimum: float | None
    maximum: float | None
    meaning: str
    source: str

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(self.unit.split("|")) if self.type == "choice" else ()


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The declared columns of ``table``, in their order; those it shares with another table first."""
    shared = columns(BESIDES[table]) if table in BESIDES else ()
    return (*shared, *own_columns(table))


@cache
def own_columns(table: str) -> tuple[Column, ...]:
    """The columns that ``columns/<table>.csv`` itself declares."""
    text = resources.files("utopias.domain.columns").joinpath(f"{table}.csv").read_text(encoding="utf-8")
    return tuple(
        Column(
            name=row["name"],
            type=row["type"],
            unit=row["unit"],
            required=row["required"] == "yes",
            minimum=float(row["minimum"]) if row["minimum"] else None,
            maximum=float(row["maximum"]) if row["maximum"] else None,
            meaning=row["meaning"],
            source=row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def faults_of(frame: pd.DataFrame, table: str, where: str, extra_counts: tuple[str, ...] = ()) -> list[Fault]:
    """Every fault of ``frame`` against the declared columns of ``table``; empty when there is none.

    Parameters
    ----------
    frame : one row a thing; other columns than the declared are left alone.
    where : what to call the table in the faults, usually the file's name.
    extra_counts : further columns that must be finite and not negative (the groups of a town).

    Rows are told by their number from 1, as a spreadsheet without its header shows them.
    """
    faults: list[Fault] = []
    for column in columns(table):
        if column.name not in frame.columns:
            if column.required:
                faults.append(
                    Fault(
                        code="missing-column",
                        what=Sentence("no column {name!r} ({meaning})", name=column.name, meaning=column.meaning),
                        where=where,
                        mend="add it, or say in the column file which of yours it is",
                    )
                )
            continue
        faults += _faults_of_column(frame[column.name], column, where)
    for name in extra_counts:
        if name in frame.columns:
            faults += _faults_of_column(
                frame[name], Column(name, "number", "persons", True, 0.0, None, "a count", "census"), where
            )
    return faults


def _faults_of_column(values: pd.Series, column: Column, where: str) -> list[Fault]:
    import pandas as pd

    place = Sentence("column {column} of {file}", column=column.name, file=where)
    empty = values.isna().to_numpy(dtype=bool, copy=True)
    if column.type in ("key", "reference", "text", "choice"):
        empty |= values.astype(str).str.strip().eq("").to_numpy(dtype=bool)
    faults = []
    if column.required and empty.any():
        faults.append(
            fault_of_rows(
                "missing-value",
                empty,
                Sentence("rows have no {column}", column=column.name),
                place,
                "fill it, or leave the row out",
                values,
            )
        )
    if column.type == "key":
        repeated = values.duplicated(keep="first").to_numpy(dtype=bool) & ~empty
        if repeated.any():
            faults.append(
                fault_of_rows(
                    "duplicate-key", repeated, "rows repeat a key", place, "keep one row for each key", values
                )
            )
    elif column.type in ("number", "integer", "share"):
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
        bad = ~empty & ~np.isfinite(numbers)
        if bad.any():
            faults.append(
                fault_of_rows(
                    "not-a-number",
                    bad,
                    "values are not numbers",
                    place,
                    "write them with a point, or set decimal in the column file",
                    values,
                )
            )
        with np.errstate(invalid="ignore"):
            low = np.zeros(len(numbers), bool) if column.minimum is None else numbers < column.minimum
            high = np.zeros(len(numbers), bool) if column.maximum is None else numbers > column.maximum
            split = (
                (numbers != np.floor(numbers)) & np.isfinite(numbers)
                if column.type == "integer"
                else np.zeros(len(numbers), bool)
            )
        if low.any():
            faults.append(
                fault_of_rows(
                    "too-small",
                    low,
                    Sentence("values are under {minimum:g}", minimum=column.minimum),
                    place,
                    "mend them at their source",
                    values,
                )
            )
        if high.any():
            faults.append(
                fault_of_rows(
                    "too-large",
                    high,
                    Sentence("values are over {maximum:g}", maximum=column.maximum),
                    place,
                    "mend them at their source",
                    values,
                )
            )
        if split.any():
            faults.append(
                fault_of_rows(
                    "not-whole", split, "values are not whole numbers", place, "mend them at their source", values
                )
            )
    elif column.type == "flag":
        odd = ~empty & ~values.isin([True, False]).to_numpy(dtype=bool)
        if odd.any():
            faults.append(
                fault_of_rows(
                    "not-a-flag", odd, "values are neither true nor false", place, "write true or false", values
                )
            )
    elif column.type == "choice":
        odd = ~empty & ~values.isin(column.choices).to_numpy(dtype=bool)
        if odd.any():
            faults.append(
                fault_of_rows(
                    "unknown-choice",
                    odd,
                    Sentence("values are none of: {listed}", listed=", ".join(column.choices)),
                    place,
                    "use one of these words",
                    values,
                )
            )
    return faults


def fault_of_rows(code: str, rows: np.ndarray, what: str, where: str, mend: str, values: pd.Series) -> Fault:
    """One fault of all the rows of a mask: counted, with the first and what stands there. ``rows`` has at least one."""
    first = int(np.flatnonzero(rows)[0])
    shown = values.iloc[first]
    shown = shown.item() if isinstance(shown, np.generic) else shown
    return Fault(
        code=code,
        what=Sentence("{count:,} of {total:,} {what}", count=int(rows.sum()), total=len(rows), what=what),
        where=where,
        mend=mend,
        count=int(rows.sum()),
        first=Sentence("row {row}: {shown!r}", row=first + 1, shown=shown),
    )


def markdown_columns(table: str, say: Callable[[str], str] = str) -> str:
    """The columns that ``table`` itself declares as a Markdown table, for the manual.

    say : gives an English head, kind, unit or meaning in the language of the page. Names and choices stay:
        they are what the file holds.
    """
    heads = ("column", "holds", "unit", "needed", "meaning")
    lines = ["| " + " | ".join(map(say, heads)) + " |", "|---|---|---|---|---|"]
    for column in own_columns(table):
        unit = "" if column.type == "choice" or not column.unit else say(column.unit)
        holds = ", ".join(column.choices) if column.type == "choice" else say(column.type)
        needed = say("yes") if column.required else ""
        lines.append(f"| `{column.name}` | {holds} | {unit} | {needed} | {say(column.meaning)} |")
    return "\n".join(lines) + "\n"
