"""The tables of a town folder, read straight from its parquet files: no reader of the house is asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs

PLACE_FILES = ("units", "sites", "providers")


@dataclass(frozen=True, eq=False)
class RawStreets:
    """(e,) edges as drawn between (j,) junctions: lengths and rises in metres (NaN: not known), lines of shapely.

    kind, surface, sidewalk, ramps, lit : words as the file has them, "" where it says nothing.
    """

    junctions: int
    tail: Longs
    head: Longs
    length: Floats
    rise: Floats
    steps: Bools
    foot: Bools
    lines: AnyArray
    kind: AnyArray
    surface: AnyArray
    sidewalk: AnyArray
    ramps: AnyArray
    lit: AnyArray


@dataclass(frozen=True, eq=False)
class RawTown:
    """blocks and places as tables, doors by place id, streets or None. missing : files that are not there."""

    blocks: pd.DataFrame
    places: pd.DataFrame
    doors: dict[str, Floats]
    streets: RawStreets | None
    missing: tuple[str, ...]


def read_raw_town(folder: Path) -> RawTown:
    """What the town's files say. A file that cannot be read counts as missing, and its table is empty."""
    missing: list[str] = []
    blocks = _frame(folder / "blocks.parquet", missing)
    places = pd.concat([_frame(folder / f"{name}.parquet", missing) for name in PLACE_FILES], ignore_index=True)
    entrances = _frame(folder / "entrances.parquet", [])
    doors = {str(row.place_id): np.array([[row.x, row.y]], dtype=float) for row in places.itertuples()}
    if len(entrances):
        for key, rows in entrances.groupby("place_id"):
            doors[str(key)] = rows[["x", "y"]].to_numpy(dtype=float)
    doors |= {str(row.block_id): np.array([[row.x, row.y]], dtype=float) for row in blocks.itertuples()}
    return RawTown(blocks, places, doors, _streets(folder), tuple(missing))


def _streets(folder: Path) -> RawStreets | None:
    lost: list[str] = []
    edges = _frame(folder / "edges.parquet", lost)
    junctions = _frame(folder / "junctions.parquet", lost)
    if lost or not len(edges):
        return None
    n = len(edges)
    return RawStreets(
        junctions=len(junctions),
        tail=edges["tail"].to_numpy(dtype=np.int64),
        head=edges["head"].to_numpy(dtype=np.int64),
        length=edges["length_m"].to_numpy(dtype=float),
        rise=edges["rise_m"].to_numpy(dtype=float) if "rise_m" in edges else np.full(n, np.nan),
        steps=_flags(edges, "steps", usual=False),
        foot=_flags(edges, "foot", usual=True),
        lines=shapely.from_wkb(edges["geometry"].to_numpy()),
        kind=_words(edges, "class"),
        surface=_words(edges, "surface"),
        sidewalk=_words(edges, "sidewalk"),
        ramps=_words(edges, "ramps"),
        lit=_words(edges, "lit"),
    )


def _flags(frame: pd.DataFrame, name: str, *, usual: bool) -> Bools:
    if name not in frame:
        return np.full(len(frame), usual)
    flags: Bools = frame[name].fillna(usual).to_numpy(dtype=bool)
    return flags


def _words(frame: pd.DataFrame, name: str) -> AnyArray:
    if name not in frame:
        return np.full(len(frame), "", dtype=object)
    return frame[name].astype(object).fillna("").astype(str).to_numpy(dtype=object)


def _frame(path: Path, missing: list[str]) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError):
        missing.append(path.name)
        return pd.DataFrame()
