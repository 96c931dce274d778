"""Files that know geometry: GeoPackage, GeoJSON, shapefile, GeoParquet. One layer of one file at a time.

Each layer is read in its own reference system. What GDAL would mend or skip in silence (a shapefile
without its index, a layer picked because it is the first) is refused here.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyogrio
import pyproj
import shapely

from utopias.domain.arrays import AnyArray
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.territory.column_file import Format
from utopias.territory.delimited import unpacked
from utopias.territory.file_kinds import names_in

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf")


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer as its file gives it. ``crs_by_rule``: not written in the file, but fixed by the format's standard."""

    frame: pd.DataFrame
    geometry: AnyArray | None
    crs: pyproj.CRS | None
    crs_by_rule: bool = False


def read_geopackage(path: Path, form: Format) -> Layer:
    """One layer of a GeoPackage; without ``layer`` the file must have just one.

    Raises
    ------
    TableError : ``wrong-format``, ``truncated``, ``several-layers``, ``no-such-layer``, ``unreadable``, ``no-rows``.
    """
    with path.open("rb") as file:
        head = file.read(32)
    if not head.startswith(b"SQLite format 3\0"):
        raise _not_a(path, "GeoPackage")
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    if path.stat().st_size < pages * (65_536 if page == 1 else page):
        raise _truncated(path)
    try:
        layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise _unreadable(path, error) from None
    return _read(str(path), path, form, layer=_chosen(layers, form.layer, path))


def read_geojson(path: Path, form: Format) -> Layer:
    """A GeoJSON FeatureCollection, gzipped or not. Without a ``crs`` member it is in degrees, by RFC 7946.

    Raises
    ------
    TableError : ``empty-file``, ``truncated``, ``wrong-format``, ``not-utf-8``, ``no-rows``, ``unreadable``.
    """
    raw = unpacked(path)
    if not raw.strip():
        raise TableError(Fault("empty-file", Sentence("{file} is empty", file=path.name), str(path), "export it again"))
    try:
        said = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise TableError(
            Fault("not-utf-8", Sentence("{file} is not UTF-8", file=path.name), str(path), "export it again as UTF-8")
        ) from None
    except json.JSONDecodeError as error:
        if not raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
            raise _not_a(path, "GeoJSON") from None
        raise TableError(
            Fault(
                "truncated"
                if error.pos >= len(error.doc.rstrip()) - 1 or "Unterminated" in error.msg
                else "unreadable",
                Sentence(
                    "{file} breaks off or is no JSON at line {lineno}: {msg}",
                    file=path.name,
                    lineno=error.lineno,
                    msg=error.msg,
                ),
                str(path),
                "fetch or export it again",
            )
        ) from None
    if not isinstance(said, dict) or said.get("type") != "FeatureCollection":
        raise _not_a(path, "GeoJSON FeatureCollection")
    if not said.get("features"):
        raise _no_rows(path)
    layer = _read(raw, path, form)
    return Layer(layer.frame, layer.geometry, layer.crs, crs_by_rule=not said.get("crs"))


def read_shapefile(path: Path, form: Format) -> Layer:
    """A shapefile: the .shp, the folder it lies in, or a zip of them.

    Raises
    ------
    TableError : ``no-shapefile``, ``several-layers``, ``no-such-layer``, ``missing-part``, ``truncated``,
        ``unreadable``, ``no-rows``.
    """
    zipped = path.suffix.lower() == ".zip"
    if zipped:
        sizes, read = _zip_parts(path)
        prefix = f"/vsizip/{path.resolve()}/"
    else:
        folder = path if path.is_dir() else path.parent
        sizes = {file.name: file.stat().st_size for file in folder.iterdir() if file.is_file()}
        read = {name: (folder / name).read_bytes for name in sizes}
        prefix = f"{folder}/"
    if path.suffix.lower() == ".shp":
        chosen = path.name
    else:
        found = {Path(name).stem: name for name in sorted(sizes) if name.lower().endswith(".shp")}
        if not found:
            raise TableError(
                Fault(
                    "no-shapefile",
                    Sentence("there is no .shp in {file}", file=path.name),
                    str(path),
                    Sentence(
                        "unzip it and name the file that holds the table: {listed}"
                        if zipped
                        else "name the file that holds the table: {listed}",
                        listed=names_in(path) or "-",
                    ),
                )
            )
        chosen = found[_chosen(list(found), form.layer, path)]
    beside = {
        Path(name).suffix.lower(): name for name in sizes if Path(name).with_suffix("") == Path(chosen).with_suffix("")
    }
    missing = [part for part in SHAPEFILE_PARTS if part not in beside]
    if missing:
        raise TableError(
            Fault(
                code="missing-part",
                what=Sentence("{chosen} lacks {listed}", chosen=chosen, listed=", ".join(missing)),
                where=str(path),
                mend="a shapefile is several files of one name: copy them all (.shp .shx .dbf .prj)",
                count=len(missing),
                first=missing[0],
            )
        )
    _must_be_whole(path, {part: (sizes[beside[part]], read[beside[part]]()[:100]) for part in SHAPEFILE_PARTS})
    return _read(prefix + chosen, path, form)


def read_parquet(path: Path) -> Layer:
    """A GeoParquet file, or a Parquet table without geometry. Raises TableError: ``wrong-format``, ``unreadable``, ``no-rows``."""
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            raise _not_a(path, "Parquet")
    try:
        known = pyarrow.parquet.read_schema(path).metadata or {}
        if b"geo" not in known:
            plain = pd.read_parquet(path)
            if not len(plain):
                raise _no_rows(path)
            return Layer(plain, None, None)
        table = geopandas.read_parquet(path)
    except (pa.ArrowInvalid, OSError, ValueError) as error:
        if isinstance(error, TableError):
            raise
        if "magic bytes" in str(error):
            raise _truncated(path) from None
        raise _unreadable(path, error) from None
    return _layer(table, path)


def _read(source: str | bytes, path: Path, form: Format, layer: str | None = None) -> Layer:
    try:
        table = pyogrio.read_dataframe(source, layer=layer, encoding=form.encoding or None, datetime_as_string=True)
    except UnicodeDecodeError:
        raise TableError(
            Fault(
                "not-utf-8",
                Sentence("{file} holds texts that are not UTF-8", file=path.name),
                str(path),
                'say encoding = "latin-1"',
            )
        ) from None
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise _unreadable(path, error) from None
    return _layer(table, path)


def _layer(table: pd.DataFrame, path: Path) -> Layer:
    if not len(table):
        raise _no_rows(path)
    if not isinstance(table, geopandas.GeoDataFrame):
        return Layer(table, None, None)
    geometry: AnyArray = shapely.force_2d(table.geometry.to_numpy())
    frame = pd.DataFrame(table.drop(columns=table.geometry.name)).reset_index(drop=True)
    return Layer(frame, geometry, table.crs)


def _chosen(layers: list[str], wanted: str, path: Path) -> str:
    if wanted and wanted not in layers:
        raise TableError(
            Fault(
                "no-such-layer",
                Sentence("{file} has no layer {wanted!r}", file=path.name, wanted=wanted),
                str(path),
                Sentence("use one of: {listed}", listed=", ".join(layers)),
            )
        )
    if not wanted and len(layers) > 1:
        raise TableError(
            Fault(
                code="several-layers",
                what=Sentence(
                    "{file} has {count} layers: {listed}", file=path.name, count=len(layers), listed=", ".join(layers)
                ),
                where=str(path),
                mend=Sentence('say which one in the column file: layer = "{layers}"', layers=layers[0]),
                count=len(layers),
                first=layers[0],
            )
        )
    if not layers:
        raise _no_rows(path)
    return wanted or layers[0]


def _zip_parts(path: Path) -> tuple[dict[str, int], dict[str, Callable[[], bytes]]]:
    try:
        pack = zipfile.ZipFile(path)
        damaged = pack.testzip()
    except zipfile.BadZipFile:
        raise _truncated(path) if path.read_bytes()[:2] == b"PK" else _not_a(path, "zip") from None
    if damaged:
        raise _unreadable(path, ValueError(f"{damaged} is damaged"))
    entries = [one for one in pack.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX")]
    return (
        {one.filename: one.file_size for one in entries},
        {one.filename: partial(pack.read, one.filename) for one in entries},
    )


def _must_be_whole(path: Path, parts: dict[str, tuple[int, bytes]]) -> None:
    """Compare each part's length with the one its own header states (ESRI 1998; dBASE III)."""
    faults: list[Fault] = []
    for part, (size, head) in parts.items():
        if part == ".dbf":
            rows, start, row = (int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
            stated = start + rows * row
        else:
            stated = 2 * int.from_bytes(head[24:28], "big")
        if size < max(stated, 32):
            faults += _truncated(
                path, Sentence("{part} has {size:,} of {stated:,} bytes", part=part, size=size, stated=stated)
            ).faults
    if faults:
        raise TableError(faults)


def _not_a(path: Path, kind: str) -> TableError:
    return TableError(
        Fault(
            "wrong-format",
            Sentence("{file} is no {kind}", file=path.name, kind=kind),
            str(path),
            "give the file the extension of what it holds",
        )
    )


NO_END = Sentence("its end is missing")


def _truncated(path: Path, detail: str = NO_END) -> TableError:
    return TableError(
        Fault(
            "truncated",
            Sentence("{file} is cut short: {detail}", file=path.name, detail=detail),
            str(path),
            "fetch or copy it again",
        )
    )


def _no_rows(path: Path) -> TableError:
    return TableError(
        Fault("no-rows", Sentence("{file} has no rows", file=path.name), str(path), "export it again, with its rows")
    )


def _unreadable(path: Path, error: Exception) -> TableError:
    reason = str(error).replace(str(path.resolve()), path.name).replace(str(path), path.name).splitlines()[0]
    return TableError(
        Fault(
            "unreadable",
            Sentence("{file} cannot be read: {reason}", file=path.name, reason=reason),
            str(path),
            "fetch or export it again",
        )
    )
