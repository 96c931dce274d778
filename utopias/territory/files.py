"""One reader for every foreign table: ``read_table(path)`` gives rows, geometry and its reference system.

What a file is, is decided by its extension and checked by its content. What the columns mean is
said by the column file, or found by their names where only one reading is possible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely

from utopias.domain.arrays import AnyArray, Bools
from utopias.domain.errors import Fault, TableError
from utopias.territory.cell_text import numbers_of
from utopias.territory.cells import cell_outlines, is_cell
from utopias.territory.column_file import ColumnFile, Format, read_column_file
from utopias.territory.delimited import read_delimited
from utopias.territory.geo_files import Layer, read_geojson, read_geopackage, read_parquet, read_shapefile
from utopias.territory.ledger import Ledger, Note
from utopias.territory.reference import MEND_CRS, faults_of_coordinates, name_of, read_crs, same_crs
from utopias.territory.translate import Translation, coordinate_columns, kept_rows, translate

TEXT_KINDS = (".csv", ".tsv", ".txt")
KINDS = "CSV, GeoPackage (.gpkg), GeoJSON, shapefile (.shp, folder or .zip), GeoParquet; CSV and GeoJSON also .gz"


@dataclass(frozen=True, eq=False)
class ReadTable:
    """(n,) rows of a file in our words.

    frame : the declared columns under our names and types, one column a group and an indicator, and
        every other column of the file under its own name.
    geometry : (n,) shapely geometries in ``crs``, or None where the file has neither shapes nor coordinates.
    notes : what was matched, mended or left out.
    said : the column file. called : ours -> the user's columns, for faults. rows : (n,) row number in the file, from 1.
    """

    frame: pd.DataFrame
    geometry: AnyArray | None
    crs: pyproj.CRS | None
    path: Path
    notes: tuple[Note, ...] = ()
    said: ColumnFile = field(default_factory=ColumnFile)
    called: Mapping[str, str] = field(default_factory=dict)
    rows: AnyArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.frame)


def read_table(
    path: str | Path,
    column_file: str | Path | ColumnFile | None = None,
    *,
    table: str | None = None,
    crs: str | None = None,
    town_crs: str | None = None,
) -> ReadTable:
    """Read one foreign file, checked, with all of its faults at once.

    Parameters
    ----------
    column_file : which of its columns is which of ours; None: by declared name, and by well-known
        names where just one column fits (told in ``notes``).
    table : the declared table it is to be (``blocks``, ``places``, ``modules``, ``edges``); None
        keeps the columns as they are.
    crs : the system of coordinates in a file that does not say; the column file may say it too.
    town_crs : the town's own system, in which columns named just ``x`` and ``y`` are declared to be.

    Raises
    ------
    TableError : everything that is wrong with the file, its columns, coordinates and shapes.
    """
    file = Path(path)
    ledger = Ledger()
    said = column_file if isinstance(column_file, ColumnFile) else ColumnFile()
    if column_file is not None and not isinstance(column_file, ColumnFile):
        named = column_file
        said = ledger.attempt(lambda: read_column_file(named)) or said
    if crs is not None and not said.format.crs:
        said = replace(said, format=replace(said.format, crs=crs))
    layer = ledger.attempt(lambda: _layer(file, said.format))
    if layer is None:
        ledger.settle()
    assert layer is not None
    keep = kept_rows(layer.frame, said, file.name, ledger)
    rows = np.flatnonzero(keep) + 1
    raw = layer.frame[keep].reset_index(drop=True)
    if not len(raw):
        ledger.settle()
    given = None if layer.geometry is None else layer.geometry[keep]
    translation = translate(raw, said, table, file.name, rows, ledger)
    geometry, system, cells = _located(raw, given, layer, said.format, file, rows, ledger, town_crs)
    if cells and table == "blocks" and "block_id" not in translation.frame.columns:
        translation.frame["block_id"] = raw[cells]
    if geometry is not None and system is not None:
        corners = shapely.bounds(geometry)
        ledger.faults += faults_of_coordinates(corners[:, 0], corners[:, 1], system, file.name)
        geometry, translation, rows = _with_geometry(geometry, translation, said.format, file, rows, ledger)
    ledger.settle()
    return ReadTable(
        frame=translation.frame,
        geometry=geometry,
        crs=system,
        path=file,
        notes=tuple(ledger.notes),
        said=said,
        called=translation.called,
        rows=rows,
    )


def _layer(path: Path, form: Format) -> Layer:
    """The file as it is, by its extension."""
    if not path.exists():
        raise TableError(Fault("no-such-file", f"there is no file {path.name}", str(path), "mend the path"))
    if path.is_dir():
        return read_shapefile(path, form)
    if path.stat().st_size == 0:
        raise TableError(Fault("empty-file", f"{path.name} is empty", str(path), "export or fetch it again"))
    suffixes = [suffix.lower() for suffix in path.suffixes]
    kind = suffixes[-2] if len(suffixes) > 1 and suffixes[-1] == ".gz" else (suffixes[-1] if suffixes else "")
    if kind in TEXT_KINDS:
        return Layer(read_delimited(path, form), None, None)
    if kind in (".geojson", ".json"):
        return read_geojson(path, form)
    if kind == ".gpkg":
        return read_geopackage(path, form)
    if kind in (".parquet", ".geoparquet"):
        return read_parquet(path)
    if kind in (".shp", ".zip"):
        return read_shapefile(path, form)
    raise TableError(
        Fault("unknown-format", f"{path.name} is of no kind that is read here", str(path), f"save it as {KINDS}")
    )


def _located(
    raw: pd.DataFrame,
    given: AnyArray | None,
    layer: Layer,
    form: Format,
    path: Path,
    rows: AnyArray,
    ledger: Ledger,
    town_crs: str | None,
) -> tuple[AnyArray | None, pyproj.CRS | None, str]:
    """Shapes from the file itself, from H3 cells, or points from two columns; their system; the column of the cells."""
    said = ledger.attempt(lambda: read_crs(form.crs, path.name)) if form.crs else None
    if form.crs and said is None:
        return None, None, ""
    geometry, own = given, layer.crs
    if form.h3 or (given is None and not form.x):
        cells = _cell_column(raw, form, path, ledger)
        if cells:
            outlines = ledger.attempt(lambda: cell_outlines(raw[cells], f"column {cells} of {path.name}"))
            if not form.h3:
                ledger.notes.append(Note("matched-cells", f"column {cells!r} holds H3 cells", path.name))
            return outlines, pyproj.CRS("EPSG:4326"), cells
        if form.h3:
            return None, None, ""
    if geometry is None:
        pair = coordinate_columns(raw, form, path.name, ledger)
        if pair is None:
            return None, None, ""
        if said is None and pair == ("x", "y") and not form.x and town_crs is not None:
            said = read_crs(town_crs, "crs of the town")
        points = [numbers_of(raw[name], form, f"column {name} of {path.name}", rows) for name in pair]
        for read in points:
            ledger.faults += read.faults
            ledger.notes += read.notes
        if any(read.faults for read in points):
            return None, None, ""
        x, y = points[0].values, points[1].values
        geometry = np.full(len(x), None, dtype=object)
        known = np.isfinite(x) & np.isfinite(y)
        geometry[known] = shapely.points(x[known], y[known])
    if own is not None and said is not None and not same_crs(own, said):
        if not layer.crs_by_rule:
            ledger.faults.append(
                Fault(
                    code="two-crs",
                    what=f"{path.name} is in {name_of(own)}, and the column file says {name_of(said)}",
                    where=str(path),
                    mend="leave crs out of the column file, or mend the file",
                )
            )
            return None, None, ""
        own = said
    system = own or said
    if system is None:
        ledger.faults.append(
            Fault("no-crs", f"{path.name} has coordinates and does not say in which system", str(path), MEND_CRS)
        )
        return None, None, ""
    return geometry, system, ""


def _cell_column(raw: pd.DataFrame, form: Format, path: Path, ledger: Ledger) -> str:
    if form.h3:
        if form.h3 in raw.columns:
            return form.h3
        ledger.faults.append(
            Fault(
                code="no-such-column",
                what=f"no column {form.h3!r}, which h3 names",
                where=path.name,
                mend=f"it has: {', '.join(map(str, raw.columns))}",
            )
        )
        return ""
    found = [str(name) for name in raw.columns if is_cell(raw[name])]
    return found[0] if len(found) == 1 else ""


def _with_geometry(
    geometry: AnyArray, translation: Translation, form: Format, path: Path, rows: AnyArray, ledger: Ledger
) -> tuple[AnyArray, Translation, AnyArray]:
    """Refuse or leave out rows without place; refuse or mend polygons that cross themselves."""
    without = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    count = int(without.sum())
    if count and form.without_coordinates:
        ledger.notes.append(
            Note("left-out", f"{count:,} of {len(without):,} rows have no coordinates", path.name, count)
        )
        geometry, rows = geometry[~without], rows[~without]
        translation = translation.take(~without)
    elif count:
        ledger.faults.append(
            Fault(
                code="no-coordinates",
                what=f"{count:,} of {len(without):,} rows have no coordinates",
                where=path.name,
                mend='find them, or leave these rows out: without_coordinates = "leave out" in the column file',
                count=count,
                first=f"row {rows[int(np.flatnonzero(without)[0])]}",
            )
        )
    kinds = shapely.get_type_id(geometry)
    area: Bools = (kinds == 3) | (kinds == 6)
    invalid = area & ~shapely.is_valid(geometry)
    if invalid.any():
        first = int(np.flatnonzero(invalid)[0])
        count = int(invalid.sum())
        if form.repair:
            before = float(shapely.area(geometry[invalid]).sum())
            geometry = geometry.copy()
            geometry[invalid] = _mended(geometry[invalid])
            after = float(shapely.area(geometry[invalid]).sum())
            change = abs(after - before) / before if before else 0.0
            ledger.notes.append(
                Note(
                    "mended-polygons",
                    f"{count:,} invalid polygons mended; their area changed by {change:.2%}",
                    path.name,
                    count,
                )
            )
        else:
            ledger.faults.append(
                Fault(
                    code="invalid-polygons",
                    what=f"{count:,} of {len(geometry):,} polygons are invalid",
                    where=path.name,
                    mend="mend them at their source, or say repair = true in the column file and see what changed",
                    count=count,
                    first=f"row {rows[first]}: {shapely.is_valid_reason(geometry[first])}",
                )
            )
    return geometry, translation, rows


def _mended(polygons: AnyArray) -> AnyArray:
    """Valid polygons over the same ground; lines and points left by the mending are dropped, having no area."""
    valid = shapely.make_valid(polygons, method="structure", keep_collapsed=False)
    mended: AnyArray = np.array(
        [
            one
            if one.geom_type in ("Polygon", "MultiPolygon")
            else shapely.MultiPolygon([part for part in shapely.get_parts(one) if part.geom_type == "Polygon"])
            for one in valid
        ],
        dtype=object,
    )
    return mended
