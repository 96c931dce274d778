"""Small censuses of the street front in INEGI's layout of 2020, and the crossing of streets they lie along.

The layout is that of ``INV2020_IND_EU_FTE_<state>.shp`` (fronts) and of the shapefile of blocks, as public code that
reads them names their columns; no file of INEGI's is in the house. North is up, metres from (X, Y):

              | B |
    A1 fronts | B | the street B goes north from (100, 0)
    ==== A ===+=== C ====        A from (0, 0), C to (200, 0)
    A2
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from utopias.domain.arrays import texts
from utopias.domain.shapes import Lines
from utopias.domain.streets import Streets

X, Y = 490_000.0, 2_140_000.0  # in Iztapalapa, EPSG:32614
UTM = pyproj.CRS("EPSG:32614")
INEGI = "EPSG:6372"  # Mexico ITRF2008 / LCC, in which INEGI publishes
NORTH = "0900700010010001"  # CVEGEO of the block north of A, west of B
SOUTH = "0900700010010002"  # of the block south of A

A1 = [(8.0, 8.0), (92.0, 8.0)]  # the southern front of the northern block
B1 = [(92.0, 8.0), (92.0, 92.0)]  # its eastern front
A2 = [(92.0, -8.0), (8.0, -8.0)]  # the northern front of the southern block
FRONTS = [(NORTH, "1", A1), (NORTH, "2", B1), (SOUTH, "1", A2)]
CODES = {"Dispone": "1", "No dispone": "3", "Conjunto habitacional": "7", "No aplica": "8", "No especificado": "9"}
PAVED, STONES, BARE = "Pavimento o concreto", "Empedrado o adoquín", "Sin recubrimiento"
CODES |= {PAVED: "1", STONES: "2", BARE: "3"}


def crossing(**columns: Any) -> Streets:
    """A, B and C of the drawing: edges 0, 1, 2."""
    at = np.array([(0, 0), (100, 0), (100, 100), (200, 0)], dtype=float) + np.array([X, Y])
    tail, head = np.array([0, 1, 1], dtype=np.int32), np.array([1, 2, 3], dtype=np.int32)
    lines = Lines(np.stack([at[tail], at[head]], axis=1).reshape(-1, 2), np.arange(0, 7, 2), "EPSG:32614")
    said: dict[str, Any] = {
        "kind": texts(["residential"] * 3), "name": texts([""] * 3), "surface": texts([""] * 3),
        "steps": np.zeros(3, dtype=bool), "foot": np.ones(3, dtype=bool), "rise": np.full(3, np.nan),
    }  # fmt: skip
    return Streets(
        x=at[:, 0], y=at[:, 1], tail=tail, head=head, length=lines.lengths(), lines=lines, **(said | columns)
    )


def front_file(
    folder: Path, words: Mapping[str, Sequence[str]], *, fronts: Sequence[Any] = FRONTS, name: str = "INV2020_IND_EU_FTE_09.shp",
    crs: str | None = INEGI, labels: bool = True, codes: bool = True, shift: tuple[float, float] = (0.0, 0.0),
) -> Path:  # fmt: skip
    """Fronts as lines. words : INEGI's column without ending (``ALUMPUB``) -> a word for each front."""
    drawn = [shapely.LineString(np.array(line) + np.array([X, Y]) + np.array(shift)) for _, _, line in fronts]
    columns: dict[str, list[str]] = {
        "CVEGEO": [block for block, _, _ in fronts],
        "CVE_ENT": [block[:2] for block, _, _ in fronts],
        "CVE_MUN": [block[2:5] for block, _, _ in fronts],
        "CVEFT": [front for _, front, _ in fronts],
        "NOMVIAL": ["CALLE"] * len(fronts),
    }
    for column, said in words.items():
        if codes:
            columns[column] = [CODES.get(word, word) for word in said]
        if labels:
            columns[f"{column}_D"] = list(said)
    table = gpd.GeoDataFrame(columns, geometry=drawn, crs="EPSG:32614")
    (table.to_crs(crs) if crs else table.set_crs(None, allow_override=True)).to_file(folder / name, encoding="utf-8")
    return folder / name


def block_file(folder: Path, words: Mapping[str, Sequence[str]], name: str = "INV2020_IND_PVEU_MZA_09.shp") -> Path:
    """The two blocks as outlines, with INEGI's codes of blocks: 1 all streets, 2 some, 3 none."""
    north, south = shapely.box(X + 8, Y + 8, X + 92, Y + 92), shapely.box(X + 8, Y - 92, X + 92, Y - 8)
    columns = {"CVEGEO": [NORTH, SOUTH], **{column: list(said) for column, said in words.items()}}
    gpd.GeoDataFrame(columns, geometry=[north, south], crs="EPSG:32614").to_crs(INEGI).to_file(folder / name)
    return folder / name
