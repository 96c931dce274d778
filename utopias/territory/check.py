"""Every fault of a town folder at once, without building the town: a broken folder can be checked.

Most faults stop a town from being read. A few are questions of judgement (``LIVABLE``): the
town is read, and ``check_town`` still tells them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from utopias.domain.errors import Fault, TableError
from utopias.domain.folders import MANIFEST, manifest_faults
from utopias.domain.sentences import Sentence
from utopias.territory.geoparquet import crs_of, kinds_of, read_parquet
from utopias.territory.table_faults import faults_of_tables
from utopias.territory.town_tables import DECLARED, OPTIONAL, TownTables
from utopias.territory.town_toml import NAME, TownWords, read_words

# A town with these can be read; whether it can be planned for, its planner decides.
LIVABLE = frozenset({"no-people", "no-planned-block", "group-over-people", "far-from-blocks", "door-far-from-place"})


def check_town(folder: str | Path) -> list[Fault]:
    """Every fault of the folder: files, words, tables, and keys across tables. Empty: all is well.

    The town is not built. Where a file cannot be read, the checks that need it are left out and
    all others are still made.
    """
    source = Path(folder)
    faults = folder_faults(source)
    if not source.is_dir():
        return faults
    tables, unread = read_tables(source)
    return faults + unread + faults_of_tables(tables)


def unlivable_faults(tables: TownTables) -> list[Fault]:
    """The faults with which no town is read, and none is written."""
    return [fault for fault in faults_of_tables(tables) if fault.code not in LIVABLE]


def folder_faults(folder: Path) -> list[Fault]:
    """Whether a town folder is there at all, and whether its files are those that were sealed."""
    if not folder.is_dir() or not (folder / NAME).is_file():
        return [
            Fault(
                code="no-town",
                what=Sentence("{folder} is not a town folder: it has no {NAME}", folder=folder, NAME=NAME),
                mend="give the folder that --into named, or build one: utopias build --into DIR",
            )
        ]
    return manifest_faults(folder)


def read_tables(folder: Path) -> tuple[TownTables, list[Fault]]:
    """What of the folder can be read, and the faults of what cannot."""
    words, faults = _read_words(folder)
    tables = TownTables(words or TownWords("", "", "", "", False))
    for name in DECLARED:
        path = folder / f"{name}.parquet"
        if not path.is_file():
            if name not in OPTIONAL:
                faults.append(
                    Fault(
                        "missing-file",
                        Sentence("{file} is missing", file=path.name),
                        str(folder),
                        "an empty table is a file too",
                    )
                )
            continue
        try:
            frame, geometry, note = read_parquet(path)
        except TableError as error:
            faults += error.faults
            continue
        tables.frames[name] = frame
        if geometry is not None:
            tables.geometry[name] = geometry
            faults += _other_crs(crs_of(note), tables.words.crs, path.name)
        if name == "blocks" and geometry is not None:
            kinds = set(np.unique(shapely.get_type_id(geometry)).tolist())
            tables.outlined = bool(kinds & {3, 6}) or (not kinds and "MultiPolygon" in kinds_of(note))
    return tables, faults


def _read_words(folder: Path) -> tuple[TownWords | None, list[Fault]]:
    if not (folder / NAME).is_file():
        return None, []
    try:
        words = read_words((folder / NAME).read_text(encoding="utf-8"))
    except TableError as error:
        return None, list(error.faults)
    except UnicodeDecodeError as error:
        return None, [
            Fault(
                "unreadable",
                Sentence("{NAME} is not UTF-8 ({error})", NAME=NAME, error=error),
                NAME,
                "save it as UTF-8",
            )
        ]
    if not (folder / MANIFEST).is_file():
        return words, []
    manifest = (folder / MANIFEST).read_text(encoding="utf-8", errors="replace")
    sealed = {name: digest for digest, _, name in (line.partition("  ") for line in manifest.splitlines())}
    odd = [name for name, digest in words.files.items() if sealed.get(name) != digest]
    if not odd:
        return words, []
    return words, [
        Fault(
            code="file-changed",
            what=Sentence(
                "{listed}: the hash that {NAME} says is not that of the MANIFEST", listed=", ".join(odd), NAME=NAME
            ),
            where=Sentence("files of {NAME}", NAME=NAME),
            mend="make the folder again, or take the original",
            count=len(odd),
            first=odd[0],
        )
    ]


def _other_crs(found: Any, crs: str, name: str) -> list[Fault]:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        same = not crs or (found is not None and CRS.from_user_input(found) == CRS.from_user_input(crs))
    except CRSError:
        return []  # the town's own is told by crs_faults
    if same:
        return []
    return [
        Fault(
            code="two-crs",
            what=Sentence("its geometry is in another reference system than the town's {crs}", crs=crs),
            where=name,
            mend="bring it into the town's system; nothing is moved in silence",
        )
    ]
