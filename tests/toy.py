"""A toy town on one straight street, small enough that every answer is known by hand.

Eleven blocks of 100 people stand every 400 m along a street, at x = 200, 600 … 4,200; 20 of the 100
are over 60. An adult walks 80 m a minute, so 15 minutes are 1,200 m, and a block exactly there counts.

    unit   Uno    x =   200   reaches today   200, 600, 1000, 1400                     400 people
    site   A      x = 1,000   would add       1800, 2200                               200
    site   B      x = 2,600   would add       1800, 2200, 2600, 3000, 3400, 3800       600
    site   C      x = 3,800   would add       2600, 3000, 3400, 3800, 4200             500

Around the planned area one more block of 300 people stands at x = 4,600: C would reach it, but the
surroundings carry no weight, so B is right. One block of 50 people lies 2 km off any street: it has no
way at all. A community centre at x = 2,600 gives 40 places a week and would be displaced by B.
Known ground ends 400 m beyond the last block in the east, and far away elsewhere.
"""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely

from utopias.domain.arrays import texts
from utopias.domain.findings import Source
from utopias.domain.places import places
from utopias.domain.shapes import Lines, Shapes
from utopias.domain.streets import Streets
from utopias.domain.town import Blocks, Group, NeedIndicator, Town

CRS = "EPSG:32614"
WEST, SOUTH = 500_000.0, 2_140_000.0  # where the toy's x = 0, y = 0 lies in UTM 14N

BLOCK_X = np.array([*range(200, 4201, 400), 4600, 2000], dtype=float)
BLOCK_Y = np.array([0.0] * 12 + [2000.0])
PEOPLE = np.array([100.0] * 11 + [300.0, 50.0])
OLDER = np.array([20.0] * 11 + [90.0, 10.0])
PLANNED = np.array([True] * 11 + [False, True])
IDS = texts(f"0{i:03d}A" for i in range(13))
LABELS = {"es": "personas mayores", "en": "older people", "fr": "personnes âgées"}


def toy_town() -> Town:
    """The toy as a Town, made from arrays."""
    x, y = BLOCK_X + WEST, BLOCK_Y + SOUTH
    squares = np.stack([x - 40, y - 40, x + 40, y - 40, x + 40, y + 40, x - 40, y + 40, x - 40, y - 40], axis=1)
    count = np.arange(len(x) + 1)
    blocks = Blocks(
        ids=IDS,
        x=x,
        y=y,
        people=PEOPLE,
        groups={"older people": OLDER},
        planned=PLANNED,
        area_id=texts(["09007"] * 13),
        colonia=texts(["Poniente"] * 4 + ["Oriente"] * 9),
        known_to=np.maximum(5000.0 - BLOCK_X, 0.0),
        indicators={"no water": np.linspace(0.0, 0.6, 13)},
        shapes=Shapes(squares.reshape(-1, 2), count * 5, count, count, CRS),
    )
    status = {"project_status": ["finished"], "operating_status": ["operating"]}
    return Town(
        name="Pueblo de juguete",
        crs=CRS,
        zone="America/Mexico_City",
        currency="MXN",
        made_up=True,
        blocks=blocks,
        units=places(["uno"], [WEST + 200], [SOUTH], role="unit", table=pd.DataFrame({"name": ["Uno"], **status})),
        sites=places(
            ["a", "b", "c"],
            [WEST + 1000, WEST + 2600, WEST + 3800],
            [SOUTH] * 3,
            role="site",
            table=pd.DataFrame(
                {
                    "name": ["Lote A", "Lote B", "Lote C"],
                    "cost": [120e6, 100e6, np.nan],
                    "area_m2": [10_000.0, 12_000.0, 9_000.0],
                    "owner": ["ciudad"] * 3,
                    "replaces": ["", "centro", ""],
                }
            ),
        ),
        providers=places(
            ["centro"],
            [WEST + 2600],
            [SOUTH],
            role="provider",
            table=pd.DataFrame({"name": ["Centro comunitario"], "kind": ["community centre"]}),
        ),
        modules=pd.DataFrame(
            {
                "place_id": ["uno", "a", "b", "c", "centro"],
                "service": ["pool"] * 4 + ["workshops"],
                "group": ["all"] * 5,
                "capacity": [30.0, 30.0, 30.0, np.nan, 40.0],
                "per": ["week"] * 5,
                "hours": [""] * 5,
                "substitution": [1.0, 1.0, 1.0, 1.0, 0.5],
            }
        ),
        facts=pd.DataFrame(columns=["place_id", "attribute", "value", "source", "date"], dtype=str),
        streets=toy_street(),
        basemap=None,
        groups=(Group("older people", LABELS),),
        indicators=(
            NeedIndicator("no water", {"es": "sin agua", "en": "no water", "fr": "sans eau"}, source="invented"),
        ),
        sources=(Source("invented for the tests", licence="Apache-2.0", date="2026-11-23"),),
        hash="toy",
    )


def toy_street() -> Streets:
    """One street of twelve junctions, 400 m apart, from x = 0 to x = 4,800, flat."""
    x = WEST + np.arange(0, 4801, 400.0)
    edges = len(x) - 1
    tail = np.arange(edges, dtype=np.int32)
    coords = np.column_stack([np.repeat(x, 2)[1:-1], np.full(2 * edges, SOUTH)])
    return Streets(
        x=x,
        y=np.full(len(x), SOUTH),
        tail=tail,
        head=tail + 1,
        length=np.full(edges, 400.0),
        rise=np.zeros(edges),
        kind=texts(["residential"] * edges),
        name=texts(["Calle Única"] * edges),
        surface=texts([""] * edges),
        steps=np.zeros(edges, dtype=bool),
        foot=np.ones(edges, dtype=bool),
        lines=Lines(coords, np.arange(0, 2 * edges + 1, 2), CRS),
    )


def write_toy_files(folder: Path) -> dict[str, Path]:
    """The same toy as the files a municipality would send: CSV tables and a GeoPackage of streets."""
    folder.mkdir(parents=True, exist_ok=True)
    town, street = toy_town(), toy_street()
    paths = {name: folder / f"{name}.csv" for name in ("blocks", "surroundings", "units", "sites", "providers")}
    blocks = pd.DataFrame(
        {
            "block_id": IDS,
            "colonia": town.blocks.colonia,
            "area_id": town.blocks.area_id,
            "x": town.blocks.x,
            "y": town.blocks.y,
            "people": PEOPLE,
            "older people": OLDER,
            "no water": town.blocks.indicators["no water"],
        }
    )
    blocks[PLANNED].to_csv(paths["blocks"], index=False)
    blocks[~PLANNED].to_csv(paths["surroundings"], index=False)
    for name, of in (("units", town.units), ("sites", town.sites), ("providers", town.providers)):
        rows = pd.DataFrame({"place_id": of.ids, "x": of.x, "y": of.y}).join(of.table)
        if name == "providers":
            rows = rows.assign(service="workshops", capacity=40, per="week", substitution=0.5)
        rows.to_csv(paths[name], index=False)
    paths["streets"] = folder / "streets.gpkg"
    lines = [
        shapely.LineString(street.lines.coords[a:b])
        for a, b in zip(street.lines.starts[:-1], street.lines.starts[1:], strict=True)
    ]
    geopandas.GeoDataFrame({"class": street.kind}, geometry=lines, crs=CRS).to_file(paths["streets"], driver="GPKG")
    return paths
