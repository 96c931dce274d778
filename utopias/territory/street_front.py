"""INEGI's census of the street front (Entorno urbano 2020): pavement, sidewalk, ramps, light and crossing.

A row is one front of a block, drawn as a line, or a whole block, drawn as its outline. The words and codes of
the census are data (``street_front_columns.csv``, ``street_front_words.csv``, each with whether it could be
confirmed); what they do not know is refused, and what is not specified is not known, which is not *no*.
The street network is not known here: see ``front_match``.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from utopias.domain.arrays import AnyArray, Texts, texts
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.domain.streets import ON_THE_FRONT
from utopias.territory.cell_text import texts_of
from utopias.territory.column_file import ColumnFile
from utopias.territory.files import ReadTable, load_table
from utopias.territory.ledger import Ledger, Note
from utopias.territory.translate import plain_name

MEASURES = ("surface", *ON_THE_FRONT)
SURFACES = ("paved", "cobblestone", "unpaved")
UNKNOWN = "not known"  # what a column file may say a code means
WHY = ("some", "housing", "not-applicable", "not-specified", "empty")  # reasons for which a cell does not say


@dataclass(frozen=True, eq=False)
class SurveyedFronts:
    """(f,) fronts, or whole blocks, as surveyed.

    table : the file as read; its geometry and system. level : ``front`` or ``block``.
    said : measure -> (f,) words: yes, part, no; paved, cobblestone, unpaved for ``surface``; "" not known. Only
        the measures the file has.
    """

    table: ReadTable
    level: str
    said: dict[str, Texts]


def read_street_front(path: str | Path, said: str | Path | ColumnFile | None, ledger: Ledger) -> SurveyedFronts | None:
    """Read a census of the street front; every fault of it to ``ledger``.

    Parameters
    ----------
    path : lines, one a front, with CVEGEO and CVEFT; or outlines, one a block, with CVEGEO.
    said : a column file for any other census: ``[columns] lit = "..."`` and ``[values.lit] "sí" = "yes"``;
        a value may be yes, part, no (surface: paved, cobblestone, unpaved) or "not known".

    Returns None where it has faults: those of ``load_table``, and ``no-shapes``, ``not-fronts`` (points, or lines and
    outlines together), ``missing-column`` (the keys), ``no-measures``, ``unknown-code``, ``duplicate-front``.
    Notes: ``front-not-asked`` (measures the file lacks), ``front-unsaid`` (cells that do not say, by reason).
    """
    before = len(ledger.faults)
    table = load_table(path, said, ledger, table="fronts", seek=False)
    if table is None:
        return None
    where = table.path.name
    level = _level(table, ledger)
    if not level:
        return None
    keys = _keys(table, level, ledger)
    if keys is not None:
        _must_be_distinct(keys, level, table, ledger)
    found = {measure: column for measure in MEASURES if (column := _column(table, level, measure))}
    if not found:
        ledger.faults.append(
            Fault(
                code="no-measures",
                what=Sentence("{file} has no column of pavement, sidewalk, ramps, light or crossings", file=where),
                where=where,
                mend=Sentence(
                    'say in the column file which is which: [columns] lit = "ALUMPUB_D"; it has: {columns}',
                    columns=_shown(table.frame),
                ),
            )
        )
    unsaid: Counter[str] = Counter()
    read = {measure: _words(table, level, measure, column, unsaid, ledger) for measure, column in found.items()}
    if len(ledger.faults) > before:
        return None
    lacking = [_asked(level, measure) for measure in MEASURES if measure not in found]
    if lacking:
        ledger.notes.append(
            Note("front-not-asked", f"no column of {', '.join(lacking)}", where, len(lacking), values={"lacking": lacking})
        )  # fmt: skip
    cells = {reason.replace("-", "_"): unsaid[reason] for reason in WHY}
    total = sum(unsaid.values())
    if total:
        ledger.notes.append(
            Note("front-unsaid", f"{total:,} cells do not say", where, total,
                 values={"some": cells["some"], "housing": cells["housing"], "not_applicable": cells["not_applicable"],
                         "not_specified": cells["not_specified"] + cells["empty"]})
        )  # fmt: skip
    return SurveyedFronts(table, level, read)


def _level(table: ReadTable, ledger: Ledger) -> str:
    """``front`` for lines, ``block`` for outlines; a fault and nothing for all else."""
    where = table.path.name
    if table.geometry is None:
        if not table.misplaced:
            ledger.faults.append(
                Fault(
                    "no-shapes",
                    Sentence("{file} has no shapes: nobody can say along which street a front lies", file=where),
                    where,
                    "give INEGI's shapefile of fronts (lines) or of blocks (polygons), not its table alone",
                )
            )
        return ""
    kinds = shapely.get_type_id(table.geometry)
    lines, outlines = np.isin(kinds, (1, 5)), np.isin(kinds, (3, 6))
    if lines.all() or outlines.all():
        return "front" if lines.all() else "block"
    odd = int((~lines).sum() if lines.sum() >= outlines.sum() else (~outlines).sum())
    ledger.faults.append(
        Fault(
            "not-fronts",
            Sentence("{count:,} of {total:,} rows of {file} are no line, as a front is", count=odd, total=len(kinds), file=where)
            if lines.sum() >= outlines.sum()
            else Sentence("{count:,} of {total:,} rows of {file} are no outline, as a block is", count=odd, total=len(kinds), file=where),
            where,
            "give a layer of lines, one a front, or one of polygons, one a block",
            count=odd,
        )
    )  # fmt: skip
    return ""


def _keys(table: ReadTable, level: str, ledger: Ledger) -> pd.DataFrame | None:
    """The columns that name each row: the block, and for lines its front; a fault for each that is not there."""
    wanted = ("block_id", "front") if level == "front" else ("block_id",)
    columns = {key: _column(table, level, key) for key in wanted}
    for key, column in columns.items():
        if not column:
            usual = _asked(level, key)
            ledger.faults.append(
                Fault(
                    "missing-column",
                    Sentence("no column {column}, which names each front", column=usual),
                    table.path.name,
                    Sentence(
                        'say in the column file which of yours it is: [columns] {key} = "..."; it has: {columns}',
                        key=key,
                        columns=_shown(table.frame),
                    ),
                )
            )
    if not all(columns.values()):
        return None
    return pd.DataFrame({key: texts_of(table.frame[column]) for key, column in columns.items()})


def _must_be_distinct(keys: pd.DataFrame, level: str, table: ReadTable, ledger: Ledger) -> None:
    empty = (keys == "").any(axis=1)
    if empty.any():
        first = int(np.flatnonzero(empty)[0])
        ledger.faults.append(
            Fault(
                "missing-value",
                Sentence("{count:,} of {total:,} rows have no key", count=int(empty.sum()), total=len(keys)),
                table.path.name,
                "fill CVEGEO and CVEFT, or leave these rows out with [leave_out]",
                count=int(empty.sum()),
                first=Sentence("row {row}", row=int(table.rows[first])),
            )
        )
    again = keys.duplicated().to_numpy() & ~empty.to_numpy()
    if again.any():
        first = int(np.flatnonzero(again)[0])
        what = (
            "{count:,} of {total:,} rows repeat a front"
            if level == "front"
            else "{count:,} of {total:,} rows repeat a block"
        )
        ledger.faults.append(
            Fault(
                "duplicate-front",
                Sentence(what, count=int(again.sum()), total=len(keys)),
                table.path.name,
                "keep one row for each: two surveys of one front would be counted twice",
                count=int(again.sum()),
                first=Sentence("row {row}: {shown}", row=int(table.rows[first]), shown=" ".join(keys.iloc[first])),
            )
        )  # fmt: skip


def _column(table: ReadTable, level: str, measure: str) -> str:
    """The column of the frame that says it: by the column file or its declared name, else by the census's own."""
    if measure in table.called or measure in table.said.fixed:
        return measure
    return next((name for name in census_columns()[level, measure] if name in table.frame.columns), "")


def _words(table: ReadTable, level: str, measure: str, column: str, unsaid: Counter[str], ledger: Ledger) -> Texts:
    """(f,) our words for a column's cells; a fault for those that nobody explained."""
    said = {str(theirs): str(ours) for theirs, ours in table.said.values.get(measure, {}).items()}
    ours = (*SURFACES, UNKNOWN, "") if measure == "surface" else ("yes", "part", "no", UNKNOWN, "")
    known = census_words(level, measure)
    cells = texts_of(table.frame[column])
    made, why = {}, {}
    for cell in cells.unique():
        word = said.get(cell, cell)
        value, reason = known.get(plain_name(_whole(word)), ("?", ""))
        if word in ours:
            value, reason = ("", "empty") if word in ("", UNKNOWN) else (word, "")
        made[cell], why[cell] = value, reason
    strange = [cell for cell, value in made.items() if value == "?"]
    if strange:
        count = int(cells.isin(strange).sum())
        first = int(np.flatnonzero(cells.isin(strange))[0])
        shown = table.called.get(measure, column)
        ledger.faults.append(
            Fault(
                "unknown-code",
                Sentence(
                    "{count:,} of {total:,} rows have a code that is not known: {codes}",
                    count=count, total=len(cells), codes=", ".join(repr(cell) for cell in sorted(strange)[:6]),
                ),
                Sentence("column {column} of {file}", column=shown, file=table.path.name),
                Sentence(
                    'say in the column file what each means: [values.{measure}] "{code}" = "{word}"; one of: {words}',
                    measure=measure, word=ours[2], code=sorted(strange)[0], words=", ".join(word for word in ours if word),
                ),
                count=count,
                first=Sentence("row {row}: {shown}", row=int(table.rows[first]), shown=repr(cells.iloc[first])),
            )
        )  # fmt: skip
    unsaid.update(reason for reason in cells.map(why) if reason)
    return texts(cells.map(made))


def _whole(cell: str) -> str:
    """A code that a spreadsheet or a dBASE number made ``1.0`` or ``01``, as ``1``."""
    bare = cell.removesuffix(".0")
    return str(int(bare)) if bare.isascii() and bare.isdigit() else cell


@cache
def census_columns() -> dict[tuple[str, str], tuple[str, ...]]:
    """Level and measure -> INEGI's columns, the one with words first."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in _data("street_front_columns.csv"):
        found.setdefault((row["level"], row["measure"]), []).append(row["column"])
    return {key: tuple(names) for key, names in found.items()}


@cache
def census_words(level: str, measure: str) -> dict[str, tuple[str, str]]:
    """INEGI's words and codes, without case and accents -> our word, and why it is not known where it is "" ."""
    kind = "surface" if measure == "surface" else "other"
    return {
        plain_name(row["written"]): (row["value"], row["why"])
        for row in _data("street_front_words.csv")
        if row["level"] in (level, "both") and row["measure"] in (kind, "any")
    }


def _data(name: str) -> list[dict[str, str]]:
    text = resources.files("utopias.territory").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _asked(level: str, measure: str) -> str:
    """INEGI's own name of a measure, shown to whoever looks for it: ``RAMPAS`` or ``RAMPAS_C``."""
    return census_columns()[level, measure][-1]


def _shown(frame: pd.DataFrame) -> str:
    names = [str(name) for name in frame.columns]
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")


def outlines_and_lines(fronts: SurveyedFronts, geometry: AnyArray) -> tuple[AnyArray, AnyArray]:
    """(k,) single lines, the outer edge of each part of an outline, and (k,) the front each belongs to."""
    parts, of = shapely.get_parts(geometry, return_index=True)
    return (parts if fronts.level == "front" else shapely.get_exterior_ring(parts)), of
