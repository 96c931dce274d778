"""The town folder: a whole town in open files, written at once or not at all.

    town.toml          name, crs (metres), zone, currency, made_up, sources, groups, indicators, files -> sha256
    blocks.parquet     GeoParquet, outlines or points          units, sites, providers.parquet  GeoParquet points
    entrances.parquet  GeoParquet points                       modules.parquet, facts.parquet   plain tables
    junctions.parquet  plain: junction_id, x, y                edges.parquet    GeoParquet lines, tail to head
    schools.parquet    GeoParquet points, where schools are known
    basemap.parquet    GeoParquet of mixed kinds, ``layer``    MANIFEST         sha256 of every file

The columns stand in ``town_tables``, and for users in manual/town-folder.md. Reading gives back
what was written, to the last bit; the same town always gives the same bytes, so that
``Town.hash``, the hash of the MANIFEST, names a content.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace as changed
from pathlib import Path

from utopias.domain.errors import TableError
from utopias.domain.folders import MANIFEST, folder_hash, sha256, whole_folder
from utopias.domain.town import Town
from utopias.territory.quick import quick_town
from utopias.territory.sound import is_sound, remember, sealed_bytes


def write_town(town: Town, folder: str | Path, *, replace: bool = False) -> Path:
    """Write ``town`` as a folder, whole or not at all; over an existing town only with ``replace``.

    ``town.hash`` is not looked at: the folder's own hash is told by reading it.

    Raises
    ------
    TableError : the folder exists, or the town has a fault with which it could not be read again
        (a group without a word in ``groups``, a module of no place, ...); all are named.
    """
    from utopias.territory.check import unlivable_faults
    from utopias.territory.geoparquet import write_parquet
    from utopias.territory.town_tables import DECLARED, tables_of
    from utopias.territory.town_toml import NAME, write_words

    target = Path(folder)
    tables = tables_of(town)
    faults = unlivable_faults(tables)
    if faults:
        raise TableError(faults)
    with whole_folder(target, replace=replace, kind="town.toml") as beside:
        for name, frame in tables.frames.items():
            write_parquet(
                beside / f"{name}.parquet",
                frame,
                table=DECLARED[name],
                geometry=tables.geometry.get(name),
                crs=town.crs,
                kinds=(("MultiPolygon",) if tables.outlined else ("Point",)) if name == "blocks" else (),
            )
        files = {path.name: sha256(path) for path in sorted(beside.iterdir())}
        (beside / NAME).write_text(write_words(changed(tables.words, files=files)), encoding="utf-8", newline="\n")
    return target


def read_town(folder: str | Path) -> Town:
    """The town of a folder, as it was written.

    Raises
    ------
    TableError : no town is there, a file was changed since it was sealed, or a table has a fault
        that a town cannot live with; all are named. ``check_town`` also tells what it can live with.
    """
    source = Path(folder)
    sealed = sealed_bytes(source)
    hash = "" if sealed is None else hashlib.sha256(sealed[MANIFEST]).hexdigest()
    if sealed is not None and is_sound(hash):
        quick = quick_town(sealed, hash)
        if quick is not None:
            return quick
    town = _checked(source)
    if sealed is not None and town.hash == hash:
        remember(hash)
    return town


def _checked(source: Path) -> Town:
    """The town of a folder after every check of it."""
    from utopias.territory.check import folder_faults, read_tables, unlivable_faults
    from utopias.territory.town_tables import town_of

    faults = folder_faults(source)
    if any(fault.code == "no-town" for fault in faults):
        raise TableError(faults)
    tables, unread = read_tables(source)
    faults += unread + unlivable_faults(tables)
    if faults:
        raise TableError(faults)
    return town_of(tables, hash=folder_hash(source))
