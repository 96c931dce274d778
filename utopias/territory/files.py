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
from utopias.domain.sentences import Sentence
from utopias.territory.cell_text import numbers_of
from utopias.territory.cells import cell_outlines, is_cell
from utopias.territory.census import census_rows, is_census
from utopias.territory.column_file import ColumnFile, Format, read_column_file
from utopias.territory.delimited import read_delimited
from utopias.territory.file_kinds import refuse_disguised
from utopias.territory.geo_files import Layer, read_geojson, read_geopackage, read_parquet, read_shapefile
from utopias.territory.ledger import Ledger, Note
from utopias.territory.reference import MEND_CRS, MEND_PRJ, faults_of_coordinates, name_of, read_crs, same_crs
from utopias.territory.sound_shapes import sound_shapes
from utopias.territory.translate import coordinate_columns, kept_rows, translate

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
    misplaced : its geometry has faults that are told already, and is therefore left out.
    """

    frame: pd.DataFrame
    geometry: AnyArray | None
    crs: pyproj.CRS | None
    path: Path
    notes: tuple[Note, ...] = ()
    said: ColumnFile = field(default_factory=ColumnFile)
    called: Mapping[str, str] = field(default_factory=dict)
    rows: AnyArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    misplaced: bool = False

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, keep: Bools) -> ReadTable:
        """The rows of a mask (n,), with the numbers they have in the file."""
        return replace(
            self,
            frame=self.frame[keep].reset_index(drop=True),
            geometry=None if self.geometry is None else self.geometry[keep],
            rows=self.rows[keep],
        )


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
    ledger = Ledger()
    made = load_table(path, column_file, ledger, table=table, crs=crs, town_crs=town_crs)
    ledger.settle()
    assert made is not None
    return made


def load_table(
    path: str | Path,
    column_file: str | Path | ColumnFile | None,
    ledger: Ledger,
    *,
    table: str | None = None,
    crs: str | None = None,
    town_crs: str | None = None,
    seek: bool = True,
    level: str = "",
) -> ReadTable | None:
    """``read_table`` for one who has further questions: faults and notes go to ``ledger``.

    seek : look for coordinates under well-known names; False where the table gets its shapes elsewhere.
    level : of a census with several levels, which rows to keep (see ``census``).

    Returns what could be read, so that its other faults are found as well; None where nothing could.
    """
    file = Path(path)
    said = column_file if isinstance(column_file, ColumnFile) else ColumnFile()
    if column_file is not None and not isinstance(column_file, ColumnFile):
        read = ledger.attempt(lambda: read_column_file(column_file))
        if read is None:
            return None
        said = read
    if crs is not None and not said.format.crs:
        said = replace(said, format=replace(said.format, crs=crs))
    layer = ledger.attempt(lambda: _layer(file, said.format))
    if layer is None:
        return None
    noted = len(ledger.notes)
    for text in said.assumed:
        ledger.notes.append(Note("said", text, file.name, values={"text": text}))
    keep = kept_rows(layer.frame, said, file.name, ledger)
    rows = np.flatnonzero(keep) + 1
    if not len(rows):
        return None
    raw = layer.frame[keep].reset_index(drop=True)
    given = None if layer.geometry is None else layer.geometry[keep]
    if table == "blocks" and is_census(raw, said):
        census = census_rows(raw, said, file.name, rows, ledger, level=level)
        if census is None:
            return None
        raw, said, rows = census.frame, census.said, rows[census.kept]
        given = None if given is None else given[census.kept]
    translation = translate(raw, said, table, file.name, rows, ledger)
    before = len(ledger.faults)
    geometry, system, cells = _located(raw, given, layer, said.format, file, rows, ledger, town_crs, seek)
    if cells and table == "blocks" and "block_id" not in translation.frame.columns:
        translation.frame["block_id"] = raw[cells]
    if geometry is not None and system is not None:
        corners = shapely.bounds(geometry)
        ledger.faults += faults_of_coordinates(corners[:, 0], corners[:, 1], system, file.name)
        geometry, translation, rows = sound_shapes(geometry, translation, said.format, file, rows, ledger)
    return ReadTable(
        frame=translation.frame,
        geometry=geometry if len(ledger.faults) == before else None,
        crs=system,
        path=file,
        notes=tuple(ledger.notes[noted:]),
        said=said,
        called=translation.called,
        rows=rows,
        misplaced=len(ledger.faults) > before,
    )


def _layer(path: Path, form: Format) -> Layer:
    """The file as it is, by its extension."""
    if not path.exists():
        raise TableError(
            Fault("no-such-file", Sentence("there is no file {file}", file=path.name), str(path), "mend the path")
        )
    if path.is_dir():
        return read_shapefile(path, form)
    if path.stat().st_size == 0:
        raise TableError(
            Fault("empty-file", Sentence("{file} is empty", file=path.name), str(path), "export or fetch it again")
        )
    refuse_disguised(path)
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
        Fault(
            "unknown-format",
            Sentence("{file} is of no kind that is read here", file=path.name),
            str(path),
            Sentence("save it as {KINDS}", KINDS=KINDS),
        )
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
    seek: bool,
) -> tuple[AnyArray | None, pyproj.CRS | None, str]:
    """Shapes from the file itself, from H3 cells, or points from two columns; their system; the column of the cells."""
    said = ledger.attempt(lambda: read_crs(form.crs, path.name)) if form.crs else None
    if form.crs and said is None:
        return None, None, ""
    geometry, own = given, layer.crs
    if form.h3 or (given is None and not form.x and seek):
        cells = _cell_column(raw, form, path, ledger)
        if cells:
            outlines = ledger.attempt(lambda: cell_outlines(raw[cells], f"column {cells} of {path.name}"))
            if not form.h3:
                ledger.notes.append(
                    Note("matched-cells", f"column {cells!r} holds H3 cells", path.name, values={"column": cells})
                )
            return outlines, pyproj.CRS("EPSG:4326"), cells
        if form.h3:
            return None, None, ""
    if geometry is None:
        pair = coordinate_columns(raw, form, path.name, ledger) if seek or form.x else None
        if pair is None:
            return None, None, ""
        if said is None and pair == ("x", "y") and not form.x and town_crs is not None:
            said = read_crs(town_crs, "crs of the town")
        points = [
            numbers_of(raw[name], form, Sentence("column {column} of {file}", column=name, file=path.name), rows)
            for name in pair
        ]
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
                    what=Sentence(
                        "{file} is in {name_of}, and the column file says {name_of_2}",
                        file=path.name,
                        name_of=name_of(own),
                        name_of_2=name_of(said),
                    ),
                    where=str(path),
                    mend="leave crs out of the column file, or mend the file",
                )
            )
            return None, None, ""
        own = said
    system = own or said
    if system is None:
        ledger.faults.append(
            Fault(
                "no-crs",
                Sentence("{file} has coordinates and does not say in which system", file=path.name),
                str(path),
                MEND_PRJ if path.suffix.lower() in (".shp", ".zip") else MEND_CRS,
            )
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
                what=Sentence("no column {h3!r}, which h3 names", h3=form.h3),
                where=path.name,
                mend=Sentence("it has: {listed}", listed=", ".join(map(str, raw.columns))),
            )
        )
        return ""
    found = [str(name) for name in raw.columns if is_cell(raw[name])]
    return found[0] if len(found) == 1 else ""
