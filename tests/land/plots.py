"""Square plots along the toy street, by the metre."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from tests.toy import CRS, SOUTH, WEST, toy_town
from utopias.domain.places import places
from utopias.domain.town import Town
from utopias.territory.geoparquet import shapes_of


def row_of(*lefts: float, side: float = 50.0, **columns: list[object]) -> Town:
    """Square plots of 2,500 m2 whose left edges stand at these metres along the toy street: S0, S1, ..."""
    town, n = toy_town(), len(lefts)
    x = np.array(lefts) + WEST
    outlines = np.array([shapely.box(left, SOUTH, left + side, SOUTH + side) for left in x], dtype=object)
    table = pd.DataFrame({"name": [f"Plot {i}" for i in range(n)], "flood": "none", "area_m2": side * side} | columns)
    sites = places([f"S{i}" for i in range(n)], x + side / 2, np.full(n, SOUTH), role="site", table=table)
    modules = pd.DataFrame(
        {"place_id": sites.ids, "service": "pool", "group": "all", "capacity": np.arange(n) * 10.0, "per": "week"}
    )
    return replace(town, sites=sites, lots=shapes_of(outlines, CRS), modules=modules)
