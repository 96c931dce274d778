"""What a cell says: numbers with their decimal sign and masks, keys with their zeros, true and false.

Text files give text, databases give numbers; both come out the same, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from utopias.domain.arrays import AnyArray, Bools, Floats, Texts
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.territory.column_file import MASK, Format
from utopias.territory.ledger import Note

_COMMA_NUMBER = r"[+-]?\d+,\d+"
_GROUPED = r"[+-]?\d{1,3},\d{3}"  # 1,234: a decimal comma or a thousands sign, nobody can tell
FLAGS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}


@dataclass(frozen=True, eq=False)
class Numbers:
    """(n,) values, NaN where nothing is known.

    masked : cells a declared mask stands for. stars : cells hold ``*``, and nobody said what it stands for.
    bad : cells that are no numbers, told in ``faults``.
    """

    values: Floats
    masked: Bools
    stars: Bools
    bad: Bools
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()


def numbers_of(values: pd.Series, form: Format, where: str, rows: AnyArray) -> Numbers:
    """A column as numbers.

    Parameters
    ----------
    where : how to name the column in a fault. rows : (n,) row numbers in the file, for the first fault.

    A comma is read as decimal sign when the column file says so, or when every comma of the column
    can only be one; that is told in a note. Masked and missing cells are those the column file
    lists, besides empty ones.

    Faults: ``not-a-number``, ``decimal-comma`` (it may be a thousands sign). Stars are left to the
    reader of the column, who knows what is missing with them.
    """
    nobody = np.zeros(len(values), dtype=bool)
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
        typed = values.to_numpy(dtype=np.float64, na_value=np.nan)
        infinite = np.isinf(typed)
        return Numbers(typed, nobody, nobody, infinite, tuple(_fault("not-a-number", infinite, values, where, rows)))
    text = texts_of(values)
    empty = (text == "").to_numpy() | text.isin(form.missing).to_numpy()
    masked = text.isin(form.masked).to_numpy()
    plain = text.mask(masked | empty, "")
    if form.thousands:
        plain = plain.str.replace(form.thousands, "", regex=False)
    notes: tuple[Note, ...] = ()
    comma = plain.str.contains(",", regex=False).to_numpy()
    if form.decimal == ",":
        plain = plain.str.replace(",", ".", regex=False)
    elif comma.any() and not form.decimal and plain[comma].str.fullmatch(_COMMA_NUMBER).all():
        if plain[comma].str.fullmatch(_GROUPED).all() or plain.str.contains(".", regex=False).any():
            return Numbers(
                np.full(len(text), np.nan),
                masked,
                nobody,
                ~masked & ~empty,
                tuple(_fault("decimal-comma", comma, values, where, rows)),
            )
        plain = plain.str.replace(",", ".", regex=False)
        notes = (Note("decimal-comma", "commas read as decimal signs", where, int(comma.sum())),)
    read: Floats = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan).copy()
    stars = (text == MASK).to_numpy() & ~masked
    bad = ~empty & ~masked & ~stars & ~np.isfinite(read)
    if masked.any():
        read[masked] = text[masked].map(dict(form.masked)).to_numpy(dtype=np.float64)
        notes += (
            Note(
                "masked-counts",
                f"{int(masked.sum()):,} masked cells read as declared",
                where,
                int(masked.sum()),
                values={"marks": {mark: float(value) for mark, value in form.masked.items()}},
            ),
        )
    return Numbers(read, masked, stars, bad, tuple(_fault("not-a-number", bad, values, where, rows)), notes)


def texts_of(values: pd.Series) -> pd.Series:
    """A column as text without blanks at its ends; "" where there is nothing; 7.0 in a column of numbers is "7"."""
    if pd.api.types.is_bool_dtype(values):
        return values.map({True: "true", False: "false"}).fillna("").astype(object)
    if pd.api.types.is_float_dtype(values):
        return values.map(
            lambda v: "" if pd.isna(v) else str(int(v)) if float(v).is_integer() else repr(float(v))
        ).astype(object)
    return (
        values.astype(object).map(lambda v: "" if v is None or v is pd.NA or v != v else str(v).strip()).astype(object)
    )


def keys_of(
    values: pd.Series, width: int, where: str, rows: AnyArray
) -> tuple[Texts, tuple[Fault, ...], tuple[Note, ...]]:
    """(n,) keys as text; with a ``width``, zeros that a spreadsheet dropped are brought back.

    Faults: ``key-too-long`` for its width; ``not-a-key``: a number with a fraction.
    """
    text = texts_of(values)
    faults: list[Fault] = []
    notes: list[Note] = []
    if pd.api.types.is_float_dtype(values):
        split = text.str.contains(".", regex=False).to_numpy()
        faults += _fault("not-a-key", split, values, where, rows)
    if width:
        length = text.str.len().to_numpy()
        faults += _fault("key-too-long", length > width, values, where, rows)
        short = (length > 0) & (length < width)
        if short.any():
            text = text.where(~short, text.str.zfill(width))
            notes.append(
                Note(
                    "padded-keys",
                    f"{int(short.sum()):,} keys brought to {width} characters with zeros",
                    where,
                    int(short.sum()),
                    values={"width": width},
                )
            )
    return text.to_numpy(dtype=object), tuple(faults), tuple(notes)


def flags_of(values: pd.Series, where: str, rows: AnyArray) -> tuple[AnyArray, tuple[Fault, ...]]:
    """(n,) True, False, or None where empty; true, false, 1 and 0 are read. Fault: ``not-a-flag``."""
    text = texts_of(values).str.lower()
    read = text.map(FLAGS).astype(object)
    bad = (text != "").to_numpy() & read.isna().to_numpy()
    flags: AnyArray = read.where(read.notna(), None).to_numpy(dtype=object)
    return flags, tuple(_fault("not-a-flag", bad, values, where, rows))


_WHAT = {
    "not-a-number": (
        Sentence("values are not numbers"),
        Sentence("mend them; or say decimal, thousands or missing in the column file"),
    ),
    "decimal-comma": (
        Sentence("values hold a comma that may be a decimal sign or part thousands"),
        Sentence('say decimal = "," or thousands = "," in the column file'),
    ),
    "key-too-long": (Sentence("keys are longer than their width"), Sentence("mend pad in the column file")),
    "not-a-key": (Sentence("keys are numbers with a fraction"), Sentence("name the column of the key, kept as text")),
    "not-a-flag": (
        Sentence("values are neither true nor false"),
        Sentence('say what they mean: [values.planned] "Sí" = true'),
    ),
}


def _fault(code: str, bad: Bools, values: pd.Series, where: str, rows: AnyArray) -> list[Fault]:
    if not bad.any():
        return []
    first = int(np.flatnonzero(bad)[0])
    what, mend = _WHAT[code]
    return [
        Fault(
            code=code,
            what=Sentence("{count:,} of {total:,} {what}", count=int(bad.sum()), total=len(bad), what=what),
            where=where,
            mend=mend,
            count=int(bad.sum()),
            first=Sentence("row {row}: {found!r}", row=rows[first], found=values.iloc[first]),
        )
    ]
