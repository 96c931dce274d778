"""Stops of public transport as points of a town: out of a GTFS feed, or any table with longitude and latitude."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence

NAMES = (("stop_lon", "stop_lat"), ("lon", "lat"), ("longitude", "latitude"))


def read_stops(path: str | Path, crs: str) -> Floats:
    """(k, 2) easting and northing in ``crs`` of the stops of a feed (``stops.txt`` in a .zip) or of a .csv.

    Stations and stops both count; rows without a place are left out, as GTFS allows them.

    Raises
    ------
    TableError : no such file, no stops.txt, no columns of longitude and latitude, no stop at all.
    """
    import pandas as pd
    from pyproj import Transformer

    source = Path(path)
    try:
        if source.suffix == ".zip":
            with zipfile.ZipFile(source) as feed:
                text = feed.read("stops.txt")
        else:
            text = source.read_bytes()
        table = pd.read_csv(io.BytesIO(text), encoding="utf-8-sig", dtype=str)
    except (OSError, KeyError, zipfile.BadZipFile, ValueError) as error:
        raise TableError(
            Fault(
                "no-stops",
                Sentence("{file} has no stops that can be read ({error})", file=source.name, error=error),
                str(source),
                "give a GTFS .zip with stops.txt, or a .csv with lon and lat",
            )
        ) from error
    columns = {str(name).strip().lower(): name for name in table.columns}
    pair = next((pair for pair in NAMES if pair[0] in columns and pair[1] in columns), None)
    if pair is None:
        raise TableError(
            Fault(
                "no-stops",
                Sentence("{file} has no columns of longitude and latitude", file=source.name),
                str(source),
                "name them stop_lon and stop_lat, or lon and lat",
            )
        )
    lon, lat = (pd.to_numeric(table[columns[name]], errors="coerce").to_numpy(dtype=np.float64) for name in pair)
    told = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    if not told.any():
        raise TableError(
            Fault(
                "no-stops",
                Sentence("{file} has no stop with a place", file=source.name),
                str(source),
                "give a GTFS .zip with stops.txt, or a .csv with lon and lat",
            )
        )
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon[told], lat[told])
    return np.column_stack([x, y]).astype(np.float64)
