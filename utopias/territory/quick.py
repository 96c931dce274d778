"""A town whose tables are known to be sound, out of its bytes, with no more read than a question needs.

``town_of`` makes the same town of the same folder by way of frames and shapely, and is the one that
is checked; this file gives it bit for bit (``tests/territory/test_quick.py``) without loading either.
Outlines, the base map, and the tables of places, modules and facts are decoded when first asked for,
out of the bytes already in memory. Whatever is not as our own writer writes it: None, and the long
way is taken.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, Texts
from utopias.domain.later import Later, LaterTable
from utopias.domain.places import Places, places
from utopias.domain.shapes import Lines, no_lines
from utopias.domain.streets import ON_THE_FRONT, StreetFront, Streets
from utopias.domain.tables import columns
from utopias.domain.town import Blocks, Town
from utopias.territory.town_toml import NAME, TownWords, read_words

if TYPE_CHECKING:
    import pandas as pd

GEOMETRY = "geometry"
ROLES = {"units": "unit", "sites": "site", "providers": "provider"}
_FIRST = ("place_id", "x", "y")
_LINE, _POLYGON, _MULTIPOLYGON = 2, 3, 6  # ISO WKB


class _OtherwiseError(Exception):
    """Something is not as we write it."""


def quick_town(files: Mapping[str, bytes], hash: str) -> Town | None:
    """The town of the files of a sound folder; None where it must be read the long way."""
    try:
        return _town(files, hash)
    except _OtherwiseError:
        return None


def _town(files: Mapping[str, bytes], hash: str) -> Town:
    words = read_words(files[NAME].decode("utf-8"))
    sheets = {name.removesuffix(".parquet"): _Sheet(file) for name, file in files.items() if name.endswith(".parquet")}
    doors = {"place_id": sheets["entrances"].keys("place_id")} | {
        axis: sheets["entrances"].numbers(axis) for axis in ("x", "y")
    }
    sites = sheets["sites"]
    lots = sites.has_outlines() and Later(len(sites), partial(_shapes, sites, words.crs, "lots"))
    return Town(
        name=words.name,
        crs=words.crs,
        zone=words.zone,
        currency=words.currency,
        made_up=words.made_up,
        blocks=_blocks(sheets["blocks"], words),
        **{name: _places(sheets[name], doors, role) for name, role in ROLES.items()},
        modules=_later(len(sheets["modules"]), sheets["modules"].frame),
        facts=_later(len(sheets["facts"]), sheets["facts"].frame),
        streets=_streets(sheets["junctions"], sheets["edges"], words.crs) if "edges" in sheets else None,
        basemap=_later(len(sheets["basemap"]), partial(_basemap, sheets["basemap"], words.crs))
        if "basemap" in sheets
        else None,
        groups=words.groups,
        indicators=words.indicators,
        sources=words.sources,
        hash=hash,
        assumptions=words.assumptions,
        lots=lots or None,  # type: ignore[arg-type]
        schools=_places(sheets["schools"], doors, "school") if "schools" in sheets else None,
    )


def _later(rows: int, make: Callable[[], Any]) -> Any:
    return Later(rows, make)


def _blocks(sheet: _Sheet, words: TownWords) -> Blocks:
    declared = {column.name for column in columns("blocks")}
    indicators = {indicator.id for indicator in words.indicators}
    by_id = {name: sheet.numbers(name) for name in sheet.names if name not in declared}
    known_to = sheet.numbers("known_to") if "known_to" in sheet.names else np.full(len(sheet), np.nan)
    outlined = sheet.has_outlines(empty=True)
    return Blocks(
        ids=sheet.keys("block_id"),
        x=sheet.numbers("x"),
        y=sheet.numbers("y"),
        people=sheet.numbers("people"),
        groups={key: values for key, values in by_id.items() if key not in indicators},
        planned=sheet.flags("planned", True),
        area_id=sheet.words("area_id"),
        colonia=sheet.words("colonia"),
        known_to=np.where(np.isnan(known_to), np.inf, known_to),
        indicators={key: values for key, values in by_id.items() if key in indicators},
        shapes=_later(len(sheet), partial(_shapes, sheet, words.crs, "blocks")) if outlined else None,
    )


def _places(sheet: _Sheet, doors: Mapping[str, AnyArray], role: str) -> Places:
    keys = sheet.keys("place_id")
    own = set(keys.tolist())
    mine = np.array([key in own for key in doors["place_id"].tolist()], dtype=bool)

    def frame() -> pd.DataFrame:
        return sheet.frame().drop(columns=list(_FIRST))

    def words(name: str) -> AnyArray | None:
        if name not in sheet.names or name in _FIRST:
            return None
        if sheet.is_text(name):
            return sheet.words(name)
        given = frame()[name]
        return given.astype(object).where(given.notna(), "").astype(str).to_numpy(dtype=object)

    return places(
        keys, sheet.numbers("x"), sheet.numbers("y"), role=role,
        table=LaterTable(len(keys), frame, words), entrances={name: values[mine] for name, values in doors.items()},
    )  # fmt: skip


def _streets(junctions: _Sheet, edges: _Sheet, crs: str) -> Streets:
    n = len(edges)
    return Streets(
        x=junctions.numbers("x"),
        y=junctions.numbers("y"),
        tail=edges.numbers("tail").astype(np.int32),
        head=edges.numbers("head").astype(np.int32),
        length=edges.numbers("length_m"),
        rise=edges.numbers("rise_m") if "rise_m" in edges.names else np.full(n, np.nan),
        kind=edges.words("class"),
        name=edges.words("name"),
        surface=edges.words("surface"),
        steps=edges.flags("steps", False),
        foot=edges.flags("foot", True),
        lines=edges.lines(crs),
        front=StreetFront(*(edges.words(name) for name in ON_THE_FRONT)),
    )


def _shapes(sheet: _Sheet, crs: str, what: str) -> Any:
    """Outlines, by shapely: only maps and checks of land ask for them."""
    from utopias.territory import town_tables
    from utopias.territory.geoparquet import shapes_of

    _, geometry = sheet.everything()
    return town_tables.lots_of(geometry, crs) if what == "lots" else shapes_of(geometry, crs)


def _basemap(sheet: _Sheet, crs: str) -> Any:
    from utopias.territory import town_tables

    return town_tables.basemap_of(*sheet.everything(), crs)


class _Sheet:
    """One parquet file in memory; columns are decoded one by one."""

    def __init__(self, file: bytes) -> None:
        import pyarrow.parquet as pq

        self._bytes = file
        texts = ["class", "name", "surface", "area_id", "colonia", *ON_THE_FRONT]
        self._file = pq.ParquetFile(io.BytesIO(file))
        schema = self._file.schema_arrow
        repeating = [name for name in texts if name in schema.names]
        if repeating:
            self._file = pq.ParquetFile(io.BytesIO(file), metadata=self._file.metadata, read_dictionary=repeating)
            schema = self._file.schema_arrow
        self._types = {field.name: field.type for field in schema}
        note = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
        if note.get("primary_column", GEOMETRY) != GEOMETRY or len(self._types) != len(schema.names):
            raise _OtherwiseError
        self._note = note
        self.names = [name for name in schema.names if name != GEOMETRY]

    def __len__(self) -> int:
        rows: int = self._file.metadata.num_rows
        return rows

    def numbers(self, name: str) -> Floats:
        """(n,) a column of numbers, NaN where it says none."""
        column = self._column(name)
        kind = {"double": np.float64, "float": np.float32, "int64": np.int64, "int32": np.int32}.get(str(column.type))
        if kind is None:
            raise _OtherwiseError
        values = _values(column, kind).astype(np.float64)
        if column.null_count:
            values[~_bits(column, 0)] = np.nan
        return values

    def flags(self, name: str, otherwise: bool) -> Bools:
        """(n,) a column of yes and no; all ``otherwise`` where it is not there."""
        if name not in self._types:
            return np.full(len(self), otherwise)
        column = self._column(name)
        if str(column.type) != "bool" or column.null_count:
            raise _OtherwiseError
        return _bits(column, 1)

    def keys(self, name: str) -> Texts:
        """(n,) a column of keys."""
        column = self._column(name)
        if str(column.type) not in ("string", "large_string") or column.null_count:
            raise _OtherwiseError
        return _objects(column.to_pylist())

    def is_text(self, name: str) -> bool:
        """Whether a column holds text."""
        return "string" in str(self._types[name])

    def words(self, name: str) -> Texts:
        """(n,) a column of text, empty where it says nothing or is not there."""
        if name not in self._types:
            return np.full(len(self), "", dtype=object)
        column = self._column(name)
        if "string" not in str(column.type):
            raise _OtherwiseError
        if not str(column.type).startswith("dictionary"):
            return _objects([value or "" for value in column.to_pylist()])
        each = _objects([*column.dictionary.to_pylist(), ""])
        at = _values(column.indices, np.int32).astype(np.int64)
        if column.null_count:
            at[~_bits(column, 0)] = len(each) - 1
        return each[at]

    def _column(self, name: str) -> Any:
        import pyarrow as pa

        if name == GEOMETRY:
            column = self._file.read(columns=[GEOMETRY], use_threads=False).column(0)
        else:
            column = self._table.column(name)
        if column.num_chunks == 1:
            return column.chunk(0)
        joined = column.unify_dictionaries().combine_chunks()
        return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined

    @cached_property
    def _table(self) -> Any:
        return self._file.read(columns=self.names, use_threads=False)

    @cached_property
    def _wkb(self) -> tuple[Longs, AnyArray]:
        """(n + 1,) where each geometry begins, and the bytes of all."""
        column = self._column(GEOMETRY)
        if str(column.type) != "binary":
            raise _OtherwiseError
        _, offsets, data = column.buffers()
        starts = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
        return starts.astype(np.int64), np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(
            0, np.uint8
        )

    def _kinds(self) -> Longs:
        """(n,) the kind each geometry says it is; 0 where there is none."""
        starts, data = self._wkb
        told = np.diff(starts) >= 5
        at = starts[:-1][told]
        if (data[at] != 1).any():
            raise _OtherwiseError
        kinds = np.zeros(len(told), dtype=np.int64)
        kinds[told] = _words_at(data, at + 1)
        return kinds

    def has_outlines(self, *, empty: bool = False) -> bool:
        """Whether any geometry is an outline. ``empty``: a table without rows is what its note promises."""
        if GEOMETRY not in self._types:
            return False
        kinds = self._kinds() % 1000
        if empty and not len(kinds):
            raise _OtherwiseError
        return bool(((kinds == _POLYGON) | (kinds == _MULTIPOLYGON)).any())

    def lines(self, crs: str) -> Lines:
        """(n,) flat lines."""
        if not len(self):
            return no_lines(crs)
        starts, data = self._wkb
        if (self._kinds() != _LINE).any():
            raise _OtherwiseError
        vertices = _words_at(data, starts[:-1] + 5)
        if (np.diff(starts) != 9 + 16 * vertices).any():
            raise _OtherwiseError
        offsets = np.concatenate([[0], np.cumsum(vertices)])
        # Numbers are 8 bytes wide and heads 9: taken out by a mask, the rest is one run of coordinates.
        body = np.ones(int(starts[-1] - starts[0]), dtype=bool)
        for k in range(9):
            body[starts[:-1] - starts[0] + k] = False
        coords = data[starts[0] : starts[-1]][body].view("<f8").reshape(-1, 2)
        return Lines(coords, offsets, crs)

    def everything(self) -> tuple[pd.DataFrame, AnyArray]:
        """The whole table as the long way reads it."""
        from utopias.territory.geoparquet import table_of_bytes

        return table_of_bytes(self._bytes)

    def frame(self) -> pd.DataFrame:
        """The table without its geometry."""
        return self.everything()[0]


# pyarrow's own to_numpy would load pandas; its buffers are laid out as Arrow says (arrow.apache.org/docs/format).
def _values(column: Any, kind: Any) -> AnyArray:
    """(n,) the numbers of a column; whatever stands there where it says none."""
    if not len(column):
        return np.zeros(0, dtype=kind)
    return np.frombuffer(column.buffers()[1], dtype=kind)[column.offset : column.offset + len(column)]


def _bits(column: Any, buffer: int) -> Bools:
    """(n,) a buffer of one bit a row: 0 says which rows have a value, 1 the values of a column of yes and no."""
    if not len(column):
        return np.zeros(0, dtype=bool)
    bits = np.unpackbits(np.frombuffer(column.buffers()[buffer], dtype=np.uint8), bitorder="little")
    return bits[column.offset : column.offset + len(column)].astype(bool)


def _objects(listed: list[Any]) -> Texts:
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def _words_at(data: AnyArray, at: Longs) -> Longs:
    """(k,) the 4-byte little-endian numbers that begin at ``at``."""
    return sum((data[at + k].astype(np.int64) << (8 * k) for k in range(4)), np.zeros(len(at), dtype=np.int64))
