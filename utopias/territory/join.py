"""Rows of one file and shapes of another, joined by their key: what does not match is said, row by row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from utopias.domain.arrays import Bools, Texts
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.territory.cell_text import texts_of
from utopias.territory.files import ReadTable
from utopias.territory.ledger import Ledger, Note


def with_shapes(
    rows: ReadTable,
    shapes: ReadTable,
    key: str,
    ledger: Ledger,
    *,
    beside: ReadTable | None = None,
    tell: bool = True,
    spare: float = 0.0,
) -> ReadTable:
    """``rows`` with the geometry of ``shapes``; where that cannot be had, ``misplaced`` and the fault in ``ledger``.

    key : the column of the shapes, and of the rows where they have it; else their ``block_id``.
    beside : another table that takes its shapes from the same file. tell : whether to note unused ones.
    spare : rows without a shape are left out, and told (``without-shape``), where they hold at most this
        share of the people; 0, the usual: not one.

    Faults: ``no-key`` (which columns there are), ``missing-value`` (shapes without a key), ``duplicate-key`` among the shapes, ``unmatched-keys``:
    rows without a shape, with the width that would mend them where zeros were lost. Shapes that no
    row asks for are only a note (``unused-shapes``): a state's polygons around one borough's table.
    """
    ours, also = _keys(rows, key), None if beside is None else _keys(beside, key)
    theirs = shapes.frame.get(key)
    if theirs is None and "block_id" in shapes.frame.columns:
        theirs = shapes.frame["block_id"]
    if shapes.misplaced:
        return replace(rows, misplaced=True)
    if ours is None or theirs is None or shapes.geometry is None:
        lacking = rows if ours is None else shapes
        ledger.faults.append(
            Fault(
                code="no-key",
                what=Sentence("{file} has no column {key!r} to join by", file=lacking.path.name, key=key)
                if key and shapes.geometry is not None
                else Sentence("{file} has no shapes, or no key was named", file=lacking.path.name),
                where=lacking.path.name,
                mend=Sentence(
                    "name the column of the key; it has: {listed}",
                    listed=", ".join(map(str, lacking.frame.columns[:12])),
                ),
            )
        )
        return replace(rows, misplaced=True)
    wanted, had = _texts(ours), _texts(theirs)
    empty = had == ""
    if empty.any():
        ledger.faults.append(
            Fault(
                code="missing-value",
                what=Sentence("{count:,} of {total:,} shapes have no key", count=int(empty.sum()), total=len(had)),
                where=Sentence("column {column} of {file}", column=key, file=shapes.path.name),
                mend="name a column that holds a key in each row, or leave these shapes out with [leave_out]",
                count=int(empty.sum()),
                first=Sentence("row {row}", row=shapes.rows[int(np.flatnonzero(empty)[0])]),
            )
        )
        return replace(rows, misplaced=True)
    repeated = pd.Series(had).duplicated().to_numpy()
    if repeated.any():
        first = int(np.flatnonzero(repeated)[0])
        ledger.faults.append(
            Fault(
                code="duplicate-key",
                what=Sentence("{count:,} of {total:,} shapes repeat a key", count=int(repeated.sum()), total=len(had)),
                where=Sentence("column {column} of {file}", column=key, file=shapes.path.name),
                mend="keep one shape for each key, or join their parts",
                count=int(repeated.sum()),
                first=Sentence("row {row}: {had!r}", row=shapes.rows[first], had=had[first]),
            )
        )
        return replace(rows, misplaced=True)
    position = {name: i for i, name in enumerate(had.tolist())}
    at = np.array([position.get(name, -1) for name in wanted.tolist()], dtype=np.int64)
    lost = at < 0
    if lost.any() and _may_go(rows, lost, spare):
        people = rows.frame["people"].to_numpy(dtype=np.float64)
        gone, share = float(people[lost].sum()), float(people[lost].sum() / people.sum())
        ledger.notes.append(
            Note(
                "without-shape",
                f"{int(lost.sum()):,} rows without a shape left out, with {gone:,.0f} people ({share:.2%})",
                rows.path.name,
                int(lost.sum()),
                values={"rows": len(lost), "people": gone, "share": share, "shapes": shapes.path.name},
            )
        )
        rows, wanted, at = rows.take(~lost), wanted[~lost], at[~lost]
        lost = at < 0
    if lost.any():
        first = int(np.flatnonzero(lost)[0])
        ledger.faults.append(
            Fault(
                code="unmatched-keys",
                what=Sentence(
                    "{count:,} of {total:,} rows of {file} have no shape in {file_2}",
                    count=int(lost.sum()),
                    total=len(lost),
                    file=rows.path.name,
                    file_2=shapes.path.name,
                ),
                where=Sentence(
                    "column {column} of {file}, {key} of {file_2}",
                    column=rows.called.get("block_id", key),
                    file=rows.path.name,
                    key=key,
                    file_2=shapes.path.name,
                ),
                mend=_mend(wanted[lost], position, shapes),
                count=int(lost.sum()),
                first=Sentence("row {row}: {wanted!r}", row=rows.rows[first], wanted=wanted[first]),
            )
        )
        return replace(rows, misplaced=True)
    used = set(wanted.tolist()) | (set() if also is None else set(_texts(also).tolist()))
    unused = sum(name not in used for name in had.tolist())
    if unused and tell:
        tables = [rows.path.name] if beside is None else [rows.path.name, beside.path.name]
        ledger.notes.append(
            Note(
                "unused-shapes",
                f"{unused:,} of {len(had):,} shapes belong to no row of {' or '.join(tables)}",
                shapes.path.name,
                unused,
                values={"shapes": len(had), "table": ", ".join(tables)},
            )
        )
    return replace(rows, geometry=shapes.geometry[at], crs=shapes.crs)


def _may_go(rows: ReadTable, lost: Bools, spare: float) -> bool:
    """Whether rows without a shape hold so few people, all of them known, that they may be left out."""
    if spare <= 0 or lost.all() or "people" not in rows.frame.columns:
        return False
    people = rows.frame["people"].to_numpy(dtype=np.float64)
    return bool(people[lost].sum() <= spare * people.sum())  # an unknown count makes this untrue


def _keys(rows: ReadTable, key: str) -> pd.Series | None:
    """The column to join by: the rows' own id, else the column of that name; None where they have neither."""
    if "block_id" in rows.frame.columns:
        return rows.frame["block_id"]
    return rows.frame[key] if key in rows.frame.columns else None


def _mend(lost: Texts, position: dict[str, int], shapes: ReadTable) -> str:
    widths = {len(name) for name in position}
    if len(widths) == 1:
        width = widths.pop()
        if any(name.zfill(width) in position for name in lost.tolist()):
            return Sentence(
                "leading zeros were lost: say pad = {{ block_id = {width} }} in the column file", width=width
            )
    example = next(iter(position), "")
    return Sentence(
        "the shapes' keys look like {example!r}: mend the key, give shapes of the same edition, or leave these rows out with [leave_out] in the column file of {file} or of the rows",
        example=example,
        file=shapes.path.name,
    )


def _texts(values: pd.Series) -> Texts:
    listed: Texts = texts_of(values).to_numpy(dtype=object)
    return listed
