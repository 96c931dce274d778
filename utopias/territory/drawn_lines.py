"""Lines that somebody drew on a map: a wall, a fence, a footbridge, from any file of geometry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import shapely

from utopias.domain.arrays import Floats
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.territory.files import read_table
from utopias.territory.reference import reproject


def read_lines(path: str | Path, crs: str) -> tuple[Floats, ...]:
    """Every line of a file (GeoJSON, GeoPackage, shapefile, GeoParquet), each as its (k, 2) points.

    Parameters
    ----------
    crs : the town's system of coordinates, into which the lines are put.

    Raises
    ------
    TableError : the faults of the file, or ``not-lines``.
    """
    table = read_table(path)
    where = table.path.name
    if table.geometry is None or not np.isin(shapely.get_type_id(table.geometry), (1, 5)).all():
        raise TableError(
            Fault(
                "not-lines",
                Sentence("{where} holds other things than lines", where=where),
                where,
                "draw the barrier or footbridge as a line",
            )
        )
    assert table.crs is not None
    drawn = shapely.get_parts(reproject(table.geometry, table.crs, pyproj.CRS(crs)))
    return tuple(shapely.get_coordinates(line) for line in drawn)
