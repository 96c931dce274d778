"""Text tables: separators, byte order marks, encodings, and rows that do not fit their header.

Every cell stays text: a key keeps its zeros and its letters, and what is a number is decided by
the one who knows what the column means.
"""

from __future__ import annotations

import csv
import io
import zlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.territory.column_file import Format

SEPARATORS = (",", ";", "\t", "|")
SAMPLE_LINES = 50  # rows looked at to find the separator


def read_delimited(path: Path, form: Format) -> pd.DataFrame:
    """A CSV or TSV file as a frame of text, blanks at the ends of cells removed; an empty cell is "".

    Raises
    ------
    TableError : ``empty-file``, ``no-rows``, ``not-utf-8``, ``not-text``, ``truncated``, ``ragged-rows``,
        ``unclosed-quote``, ``duplicate-column``, ``ambiguous-separator``.
    """
    text = _decoded(path, form)
    if form.skip:
        text = "".join(text.splitlines(keepends=True)[form.skip :])
    if not text.strip():
        raise TableError(Fault("empty-file", Sentence("{file} is empty", file=path.name), str(path), "export it again"))
    separator = form.separator or _separator(text, path)
    _must_close_quotes(text, separator, path)
    header = [name.strip() for name in next(csv.reader(io.StringIO(text), delimiter=separator))]
    rows, ragged = _parsed(text, separator, path)
    faults = []
    named = [name for name in header if name]
    repeated = [name for i, name in enumerate(named) if name in named[:i]]
    if repeated:
        faults.append(
            Fault(
                code="duplicate-column",
                what=Sentence("{count} columns repeat a name", count=len(repeated)),
                where=Sentence("header of {file}", file=path.name),
                mend="give every column its own name",
                count=len(repeated),
                first=repeated[0],
            )
        )
    if ragged:
        number, found = ragged[0]
        faults.append(
            Fault(
                code="ragged-rows",
                what=Sentence(
                    "{count:,} rows have more or fewer cells than the {total} of the header",
                    count=len(ragged),
                    total=len(header),
                ),
                where=path.name,
                mend='put texts that hold the separator in quotes, or name it: separator = ";"',
                count=len(ragged),
                first=Sentence("row {row}: {found} cells", row=number - 1, found=found)
                if number
                else Sentence("{found} cells", found=found),
            )
        )
    elif rows.num_rows == 0:
        faults.append(
            Fault(
                "no-rows",
                Sentence("{file} has a header and no rows", file=path.name),
                str(path),
                "export it again, with its rows",
            )
        )
    if faults:
        raise TableError(faults)
    frame: pd.DataFrame = rows.to_pandas()
    frame.columns = pd.Index([name or f"column {i + 1}" for i, name in enumerate(header)])
    for name in frame.columns:
        frame[name] = frame[name].str.strip()
    return frame


def unpacked(path: Path) -> bytes:
    """The bytes of a file, gunzipped where it is a gzip. Raises TableError: ``truncated``, ``unreadable``."""
    raw = path.read_bytes()
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    whole = []
    while raw:
        unzip = zlib.decompressobj(wbits=31)
        try:
            whole.append(unzip.decompress(raw) + unzip.flush())
        except zlib.error as error:
            raise TableError(
                Fault(
                    "unreadable",
                    Sentence("{file} is a damaged gzip: {error}", file=path.name, error=error),
                    str(path),
                    "fetch it again",
                )
            ) from None
        if not unzip.eof:
            raise TableError(
                Fault("truncated", Sentence("{file} ends too early", file=path.name), str(path), "fetch it again")
            )
        raw = unzip.unused_data.lstrip(b"\0")
    return b"".join(whole)


def _decoded(path: Path, form: Format) -> str:
    raw = unpacked(path)
    if not raw.strip():
        raise TableError(Fault("empty-file", Sentence("{file} is empty", file=path.name), str(path), "export it again"))
    encoding = form.encoding or "utf-8-sig"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif raw.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
    elif b"\0" in raw[:4096]:
        raise TableError(
            Fault(
                "not-text",
                Sentence("{file} is no text table", file=path.name),
                str(path),
                "save it as CSV, or mend its extension",
            )
        )
    try:
        return raw.decode(encoding)
    except LookupError:
        raise TableError(
            Fault(
                "unknown-encoding",
                Sentence("{encoding!r} is no encoding", encoding=encoding),
                str(path),
                'write encoding = "latin-1"',
            )
        ) from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise TableError(
            Fault(
                code="not-utf-8",
                what=Sentence(
                    "{file} is not {upper} text", file=path.name, upper=encoding.removesuffix("-sig").upper()
                ),
                where=str(path),
                mend='say in the column file how it is written: encoding = "latin-1", or "cp1252"',
                first=Sentence(
                    "line {line}: {raw!r}",
                    line=line,
                    raw=raw[max(error.start - 10, 0) : error.start + 10].decode("latin-1"),
                ),
            )
        ) from None


def _separator(text: str, path: Path) -> str:
    """The one separator that cuts the first lines into equally many cells, the most of them."""
    sample = "".join(text.splitlines(keepends=True)[:SAMPLE_LINES])
    fits: dict[str, int] = {}
    widest = {}
    for separator in SEPARATORS:
        try:
            counts = [len(row) for row in csv.reader(io.StringIO(sample), delimiter=separator) if row]
        except csv.Error:
            continue
        widest[separator] = counts[0]
        if counts[0] > 1 and len(set(counts[: SAMPLE_LINES - 1])) == 1:
            fits[separator] = counts[0]
    if not fits:
        return max(widest, key=lambda separator: widest[separator])
    most = max(fits.values())
    best = [separator for separator, count in fits.items() if count == most]
    if len(best) > 1:
        raise TableError(
            Fault(
                code="ambiguous-separator",
                what=Sentence("{file} can be cut at {listed}", file=path.name, listed=", ".join(map(repr, best))),
                where=str(path),
                mend='name the separator in the column file: separator = ";"',
            )
        )
    return best[0]


def _must_close_quotes(text: str, separator: str, path: Path) -> None:
    """Raise where a quote is opened and never closed: it would swallow the rest of the file as one cell."""
    if text.count('"') % 2 == 0:
        return
    try:
        for _ in csv.reader(io.StringIO(text), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise TableError(
                Fault(
                    "unclosed-quote",
                    Sentence("{file} ends inside a quoted text", file=path.name),
                    str(path),
                    "fetch it again, or mend it",
                )
            ) from None


def _parsed(text: str, separator: str, path: Path) -> tuple[pa.Table, list[tuple[int | None, int]]]:
    """All rows but the header as text columns; apart, the row number and width of those that do not fit."""
    ragged: list[tuple[int | None, int]] = []

    def refuse(row: pyarrow.csv.InvalidRow) -> str:
        ragged.append((row.number, row.actual_columns))
        return "skip"

    width = len(next(csv.reader(io.StringIO(text), delimiter=separator)))
    names = [f"f{i}" for i in range(width)]
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(text.encode("utf-8")),
            read_options=pyarrow.csv.ReadOptions(column_names=names, use_threads=False, block_size=1 << 24),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=refuse
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise TableError(
            Fault(
                "unreadable",
                Sentence("{file} cannot be read as a table: {error}", file=path.name, error=error),
                str(path),
                "export it again",
            )
        ) from None
    return table.slice(1), ragged
