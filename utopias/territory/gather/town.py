"""From a recipe to a town: everything fetched or taken from the folder of downloads, unpacked, and built.

All that cannot be fetched is told at once, so that a planner who must go and get it by browser goes once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas
import pandas as pd

from utopias.domain.errors import Fault, TableError
from utopias.domain.progress import Progress, silent
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.territory.build import build_town
from utopias.territory.column_file import ColumnFile, read_column_file
from utopias.territory.files import ReadTable, read_table
from utopias.territory.gather.content import fault_of_content
from utopias.territory.gather.door import opened
from utopias.territory.gather.download import Open, Patience, Tell, UnreachableError, fetch
from utopias.territory.gather.recipe import INPUTS, Download, Input, Recipe
from utopias.territory.gather.unpack import unpacked
from utopias.territory.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Wanted:
    """One download and what is already there. have : bytes of its part, or all of them where ``here``."""

    download: Download
    here: bool
    have: int
    fault: Fault | None = None


def look(recipe: Recipe, folder: Path) -> tuple[Wanted, ...]:
    """What of a recipe lies in the folder of downloads already; nothing is fetched."""
    found = []
    for one in recipe.downloads:
        file = folder / one.file
        part = file.with_name(file.name + ".part")
        here = file.is_file()
        have = file.stat().st_size if here else part.stat().st_size if part.is_file() else 0
        found.append(Wanted(one, here, have, fault_of_content(file, one) if here else None))
    return tuple(found)


def fetch_all(
    recipe: Recipe,
    folder: Path,
    *,
    progress: Progress = silent,
    tell: Tell | None = None,
    patience: Patience | None = None,
    ask: Open = opened,
) -> dict[str, Path]:
    """Every file of a recipe in ``folder``, by key: those that lie there and are right, and the others fetched.

    Raises
    ------
    TableError : what ``fetch`` raises, for every file that could not be had; the others are there by then.
    """
    ledger = Ledger()
    patience = patience or Patience()
    silent_hosts: set[str] = set()
    files = {}
    for one in recipe.downloads:
        host = urlsplit(one.address).hostname or ""
        waiting = replace(patience, idle=1) if host in silent_hosts else patience
        try:
            files[one.key] = fetch(one, folder, progress=progress, tell=tell or _nobody, patience=waiting, ask=ask)
        except UnreachableError as error:
            silent_hosts.add(host)
            ledger.faults += error.faults
        except TableError as error:
            ledger.faults += error.faults
    ledger.settle()
    return files


def town_of(
    recipe: Recipe,
    files: Mapping[str, Path],
    folder: Path,
    *,
    own: Mapping[str, tuple[Path, Path | None]] | None = None,
) -> Town:
    """The town that a recipe makes of its files.

    files : by key, as ``fetch_all`` gives them. folder : where there is room to unpack, for a while.
    own : further files of the planner by the words of ``build`` (units, sites, ...), with their column files;
        they stand in place of the recipe's.

    Raises
    ------
    TableError : what cannot be unpacked; then every fault that ``build_town`` finds.
    """
    own = own or {}
    recipe = recipe.without(own.keys() & recipe.inputs.keys())
    folder.mkdir(parents=True, exist_ok=True)  # a recipe of files alone downloads nothing
    with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=folder) as room:
        ledger = Ledger()
        given: dict[str, Any] = {}
        for word, one in recipe.inputs.items():
            made = ledger.attempt(lambda word=word, one=one: _made(word, one, files, recipe, Path(room)))  # type: ignore[misc]
            given[word] = made
            if one.columns is not None:
                given[f"{word}_columns"] = one.columns
        for word, (file, columns) in own.items():
            given[word] = file
            if columns is not None and INPUTS[word]:
                given[f"{word}_columns"] = columns
        given |= ledger.attempt(lambda: _parted(recipe, given)) or {}
        ledger.settle()
        return build_town(
            **given,
            key=recipe.key or None,
            surroundings_within=recipe.around,
            without_shape=recipe.without_shape,
            name=recipe.name,
            crs=recipe.crs or None,
            zone=recipe.zone,
            currency=recipe.currency,
            sources=[one.as_source() for one in recipe.downloads],
        )


def _nobody(code: str, values: Mapping[str, Any]) -> None:
    """Tell nobody."""


def _made(word: str, one: Input, files: Mapping[str, Path], recipe: Recipe, room: Path) -> Path:
    """The file for one word of ``build``: unpacked, and put together where it comes in several."""
    if one.file is not None:
        return one.file
    kinds = {download.key: download.kind for download in recipe.downloads}
    parts = []
    for name in one.downloads:
        if kinds[name] != "zip":
            parts.append(files[name])
            continue
        for number, pattern in enumerate(one.members or ("",)):
            parts.append(unpacked(files[name], pattern, room / f"{word}-{name}-{number}"))
    if len(parts) == 1:
        return parts[0]
    return _joined_heights(parts, room) if word == "terrain" else _joined_shapes(parts, recipe.key, room)


def _joined_shapes(parts: Sequence[Path], key: str, room: Path) -> Path:
    """Several layers as one: their keys and shapes, in the system of the first. Fault: ``no-key``."""
    tables = [read_table(part) for part in parts]
    faults = [_no_key(one, key) for one in tables if key not in one.frame.columns or one.geometry is None]
    if faults:
        raise TableError(faults)
    layers = [geopandas.GeoDataFrame({key: one.frame[key]}, geometry=one.geometry, crs=one.crs) for one in tables]
    joined = pd.concat([layers[0], *(one.to_crs(layers[0].crs) for one in layers[1:])], ignore_index=True)
    to = room / ("+".join(part.stem for part in parts) + ".gpkg")
    geopandas.GeoDataFrame(joined, geometry="geometry", crs=layers[0].crs).to_file(to, layer="shapes")
    return to


def _no_key(table: ReadTable, key: str) -> Fault:
    what = Sentence("{file} has no column {key!r} to join by", file=table.path.name, key=key)
    known = ", ".join(map(str, table.frame.columns[:12]))
    mend = Sentence("name the column of the key; it has: {known}", known=known)
    return Fault("no-key", what, table.path.name, mend)


def _joined_heights(parts: Sequence[Path], room: Path) -> Path:
    """Neighbouring sheets of heights as one raster. Fault: ``not-a-raster``."""
    import rasterio  # 0.1 s, and only who has several sheets pays for it
    from rasterio.merge import merge

    to = room / ("+".join(part.stem for part in parts) + ".tif")
    try:
        merge(parts, dst_path=to, dst_kwds={"compress": "deflate"})
    except (rasterio.errors.RasterioError, ValueError) as error:
        names = ", ".join(part.name for part in parts)
        what = Sentence("{names} cannot be put together: {error}", names=names, error=str(error))
        mend = "give sheets of one reference system, or a single one"
        raise TableError(Fault("not-a-raster", what, names, mend)) from None
    return to


def _parted(recipe: Recipe, given: Mapping[str, Any]) -> dict[str, Any]:
    """The blocks' file read twice, where the recipe says which rows are planned: these, and the others as surroundings."""
    if not recipe.planned or given.get("blocks") is None:
        return {}
    columns = given.get("blocks_columns")
    said = ColumnFile() if columns is None else read_column_file(columns)
    return {
        "blocks_columns": replace(said, only={**said.only, **recipe.planned}),
        "surroundings": given["blocks"],
        "surroundings_columns": replace(said, leave_out={**said.leave_out, **recipe.planned}),
    }
