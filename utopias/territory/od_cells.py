"""What the cells of an origin-destination table say: a time, or that a place was not reached.

Programs write "not reached" in many ways: an empty cell, NA, -1, the largest number of their type.
Those that can be nothing else are read so and counted; those that may be a time are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.errors import Fault
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.territory.cell_text import numbers_of
from utopias.territory.column_file import Format

Label: TypeAlias = Callable[[int], str]  # names the pair of a row

NOT_REACHED = ("NA", "N/A", "NaN", "nan", "null", "NULL", "None", "inf", "Inf", "-")
DAY = 86_400.0  # seconds; no walk to a neighbourhood unit takes longer
APART = 1_000.0  # metres; places further apart than this are not reached in no time
NEAR = 300.0  # metres; pairs nearer than this say little about a speed
SPEEDS = (0.15, 40.0)  # metres a second along the straight line: slower or faster, the unit is another
# -1: R and PySAL; 4294967.295: pandana (2^32 - 1 thousandths); 2147483647: R5; 1e9: many.
MARKS = {-1.0: 0.0, 4294967.295: 0.5, 2147483647.0: 100.0, 1e9: 0.0}


@dataclass(frozen=True)
class Cells:
    """(k,) deciseconds, -1 where not reached; ``marks`` counts each way of saying so."""

    deciseconds: Longs
    marks: dict[str, int]
    faults: list[Fault]


def cells_of(
    values: pd.Series, seconds: float, metres: Floats, label: Label, *, within: Duration | None, where: str
) -> Cells:
    """Read the times of (k,) pairs.

    Parameters
    ----------
    values : text or numbers in units of ``seconds`` seconds.
    metres : straight distance of each pair, NaN where one end is not known.
    label : how to name a pair in a fault. within : times over it count as not reached.

    Faults: ``not-a-number``, ``negative-time``, ``maybe-missing`` (9999, or over a day: a time or a
    mark?), ``zero-but-far`` (0 between places over a kilometre apart), ``implausible-unit`` (the
    median speed is none of a person's or a vehicle's: minutes read as seconds, or the reverse).
    """
    number, faults = _numbers(values, where)
    marks = {"empty": int(np.isnan(number).sum())}
    for mark, slack in MARKS.items():
        same = np.abs(number - mark) <= slack
        if same.any():
            marks[f"{mark:.10g}"] = int(same.sum())
            number[same] = np.nan
    asked = number * seconds
    ds = np.full(len(asked), -1, dtype=np.int64)
    timed = np.isfinite(asked) & (np.abs(asked) < 1e15)
    ds[timed] = np.floor(asked[timed] * 10.0 + 0.5)
    if within is not None:
        over = ds > within.deciseconds
        marks[f"over {within}"] = int(over.sum())
        ds[over], asked[over] = -1, np.nan
    faults += _odd_times(number, asked, metres, label, where)
    return Cells(ds, {mark: count for mark, count in marks.items() if count}, faults)


def _odd_times(number: Floats, asked: Floats, metres: Floats, label: Label, where: str) -> list[Fault]:
    kept = np.isfinite(asked)
    nines = np.isin(number, [10.0**digits - 1 for digits in range(4, 10)])
    odd = {
        "negative-time": (
            kept & (asked < 0),
            Sentence("times are under 0"),
            Sentence("leave the cell empty where a place is not reached"),
        ),
        "maybe-missing": (
            kept & (nines | (asked > DAY)),
            Sentence("times may stand for 'not reached'"),
            Sentence('leave the cell empty; or say within="60 min", and what is longer counts as not reached'),
        ),
        "zero-but-far": (
            kept & (asked == 0) & (metres > APART),
            Sentence("pairs over {metres:,.0f} m apart take no time at all", metres=APART),
            Sentence("0 is no walk at all, not 'not reached': leave the cell empty"),
        ),
    }
    faults = [_fault(code, rows, what, where, mend, label) for code, (rows, what, mend) in odd.items() if rows.any()]
    plain = kept & (asked > 0) & (metres > NEAR) & ~odd["maybe-missing"][0]
    if plain.any():
        speed = float(np.median(metres[plain] / asked[plain]))
        if not SPEEDS[0] <= speed <= SPEEDS[1]:
            faults.append(
                Fault(
                    code="implausible-unit",
                    what=Sentence(
                        "half of the times mean less than {speed:.2g} m/s along the straight line, half more",
                        speed=speed,
                    ),
                    where=where,
                    mend='say the unit: unit="minutes" or unit="seconds"; or the ids are of other places',
                )
            )
    return faults


def _numbers(values: pd.Series, where: str) -> tuple[Floats, list[Fault]]:
    """Numbers with NaN for what is empty. Cells that are no plain number are looked at one by one."""
    number = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan).copy()
    number[np.isinf(number)] = np.nan
    if pd.api.types.is_numeric_dtype(values):
        return number, []
    text = values.astype(object).fillna("").astype("str")
    hard = np.isnan(number) & ~text.isin(["", *NOT_REACHED]).to_numpy()
    if not hard.any():
        return number, []
    rows = np.flatnonzero(hard)
    read = numbers_of(text[hard], Format(missing=NOT_REACHED), where, rows + 1)
    number[hard] = read.values
    return number, list(read.faults)


def _fault(code: str, rows: Bools, what: str, where: str, mend: str, label: Label) -> Fault:
    return Fault(
        code=code,
        what=Sentence("{count:,} of {total:,} {what}", count=int(rows.sum()), total=len(rows), what=what),
        where=where,
        mend=mend,
        count=int(rows.sum()),
        first=label(int(np.flatnonzero(rows)[0])),
    )
