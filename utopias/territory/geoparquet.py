"""Parquet tables with an outline, a line or a point in each row, as QGIS and geopandas read them.

GeoParquet 1.1 (geoparquet.org): a binary column ``geometry`` of WKB and a JSON note ``geo``
with the reference system. Written by pyarrow and shapely, whole columns at a time: sixty
thousand streets are read in a tenth of a second. Coordinates come back bit by bit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from utopias.domain.arrays import AnyArray, Floats, Longs
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Lines, Shapes, no_lines, no_shapes
from utopias.domain.tables import columns

GEOMETRY = "geometry"
_ARROW = {
    "key": pa.string(),
    "reference": pa.string(),
    "text": pa.string(),
    "choice": pa.string(),
    "number": pa.float64(),
    "share": pa.float64(),
    "integer": pa.int64(),
    "flag": pa.bool_(),
}


def write_parquet(
    path: Path,
    frame: pd.DataFrame,
    *,
    table: str = "",
    geometry: AnyArray | None = None,
    crs: str = "",
    kinds: tuple[str, ...] = (),
) -> None:
    """One parquet file; the same content gives the same bytes.

    Parameters
    ----------
    frame : (n,) rows. Empty cells (None, NaN) become parquet nulls.
    table : the declared table whose column types hold, so that an empty column keeps its type.
    geometry : (n,) shapely geometries in ``crs``, or None for a plain table.
    kinds : what the geometries are, told even where there is no row; by default what is found.

    Raises
    ------
    TableError : a column that cannot hold its declared type, such as a number among keys.
    """
    declared = {column.name: _ARROW[column.type] for column in columns(table)} if table else {}
    arrays: list[Any] = []
    faults: list[Fault] = []
    for name in frame.columns:
        try:
            arrays.append(pa.array(frame[name], type=declared.get(name), from_pandas=True))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            faults.append(
                Fault(
                    code="wrong-type",
                    what=Sentence("values are not of one type ({error})", error=error),
                    where=Sentence("column {column} of {file}", column=name, file=path.name),
                    mend="keys and texts are written as text, numbers as numbers",
                )
            )
    if faults:
        raise TableError(faults)
    made = pa.table(arrays, names=[str(name) for name in frame.columns])
    if geometry is not None:
        made = made.append_column(GEOMETRY, pa.array(shapely.to_wkb(geometry, flavor="iso"), type=pa.binary()))
        made = made.replace_schema_metadata({"geo": json.dumps(_note(geometry, crs, kinds))})
    pq.write_table(made, path, compression="zstd")


def read_parquet(path: Path) -> tuple[pd.DataFrame, AnyArray | None, dict[str, Any]]:
    """The inverse: the table without its geometry, the shapely geometries or None, and the ``geo`` note.

    Raises
    ------
    TableError : the file is no parquet, or its geometry no WKB.
    """
    try:
        return _parted(pq.read_table(path))
    except (OSError, ValueError, pa.ArrowException, shapely.errors.GEOSException) as error:
        raise TableError(
            Fault(
                "unreadable",
                Sentence("{file} cannot be read as a parquet table ({error})", file=path.name, error=error),
                where=str(path),
                mend="the file is cut short or of another format: make the folder again",
            )
        ) from error


def table_of_bytes(file: bytes) -> tuple[pd.DataFrame, AnyArray]:
    """The same out of the bytes of a file that was found sound; no geometry where it has none."""
    frame, geometry, _ = _parted(pq.read_table(pa.BufferReader(file)))
    return frame, np.zeros(0, dtype=object) if geometry is None else geometry


def _parted(made: Any) -> tuple[pd.DataFrame, AnyArray | None, dict[str, Any]]:
    made.validate(full=True)  # texts that are no UTF-8 are found here, not somewhere later
    note = json.loads((made.schema.metadata or {}).get(b"geo", b"{}"))
    name = note.get("primary_column", GEOMETRY)
    if name not in made.column_names:
        return made.to_pandas(), None, note
    geometry = shapely.from_wkb(made.column(name).to_numpy())
    return made.drop_columns([name]).to_pandas(), geometry, note


def crs_of(note: dict[str, Any]) -> Any:
    """The reference system of a ``geo`` note as PROJJSON; None where it tells none."""
    return note.get("columns", {}).get(note.get("primary_column", GEOMETRY), {}).get("crs")


def kinds_of(note: dict[str, Any]) -> list[str]:
    """The kinds of geometry a ``geo`` note promises, needed where a table has no row."""
    kinds: list[str] = note.get("columns", {}).get(note.get("primary_column", GEOMETRY), {}).get("geometry_types", [])
    return kinds


def points(x: Floats, y: Floats) -> AnyArray:
    """(n,) shapely points."""
    made: AnyArray = shapely.points(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    return made


def polygons(shapes: Shapes) -> AnyArray:
    """(n,) shapely multipolygons; a shape without parts is an empty one."""
    if not len(shapes):
        return np.zeros(0, dtype=object)
    offsets = (shapes.rings, shapes.parts, shapes.shapes)
    made: AnyArray = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, shapes.coords.copy(), offsets)
    return made


def shapes_of(geometry: AnyArray, crs: str) -> Shapes:
    """The inverse, from polygons and multipolygons; empty ones and None become shapes without parts."""
    if not len(geometry):
        return no_shapes(crs)
    without = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    whole = np.where(without, shapely.MultiPolygon(), _flat(geometry))
    kind, coords, offsets = shapely.to_ragged_array(whole)
    rings, parts = offsets[0], offsets[1]
    owners = offsets[2] if kind == shapely.GeometryType.MULTIPOLYGON else np.arange(len(geometry) + 1)
    return Shapes(_pairs(coords), _longs(rings), _longs(parts), _longs(owners), crs)


def linestrings(lines: Lines) -> AnyArray:
    """(n,) shapely lines."""
    if not len(lines):
        return np.zeros(0, dtype=object)
    made: AnyArray = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, lines.coords.copy(), (lines.starts,))
    return made


def lines_of(geometry: AnyArray, crs: str) -> Lines:
    """The inverse, from lines only."""
    if not len(geometry):
        return no_lines(crs)
    _, coords, offsets = shapely.to_ragged_array(_flat(geometry))
    return Lines(_pairs(coords), _longs(offsets[0]), crs)


def _flat(geometry: AnyArray) -> AnyArray:
    """Without heights, which a map may carry and no noun here holds."""
    flat: AnyArray = shapely.force_2d(geometry) if shapely.has_z(geometry).any() else geometry
    return flat


def _pairs(coords: AnyArray) -> Floats:
    return np.ascontiguousarray(coords[:, :2], dtype=np.float64).reshape(-1, 2)


def _longs(offsets: AnyArray) -> Longs:
    return np.asarray(offsets, dtype=np.int64)


def _note(geometry: AnyArray, crs: str, told: tuple[str, ...]) -> dict[str, Any]:
    from pyproj import CRS

    kinds = {"Point": 0, "LineString": 1, "Polygon": 3, "MultiPolygon": 6}
    present = set(np.unique(shapely.get_type_id(geometry)).tolist())
    return {
        "version": "1.1.0",
        "primary_column": GEOMETRY,
        "columns": {
            GEOMETRY: {
                "encoding": "WKB",
                "crs": CRS.from_user_input(crs).to_json_dict(),
                "geometry_types": list(told) or [name for name, number in kinds.items() if number in present],
            }
        },
    }
