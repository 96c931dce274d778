"""H3 cells: a hexagon's name as its outline."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import shapely

from utopias.domain.arrays import AnyArray
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence


def is_cell(values: pd.Series) -> bool:
    """Whether every value is the name of an H3 cell; an empty column is not."""
    if not len(values) or not values.astype(str).str.fullmatch("[0-9a-fA-F]{15}").all():
        return False
    return all(h3.is_valid_cell(name) for name in values)


def cell_outlines(names: pd.Series, where: str) -> AnyArray:
    """(n,) polygons of H3 cells, in degrees (EPSG:4326), longitude first.

    Raises
    ------
    TableError : ``not-a-cell``, with how many and the first; ``cell-over-date-line``: its outline is no
        polygon of the plane.
    """
    listed = [str(name) for name in names]
    bad = np.array([not h3.is_valid_cell(name) for name in listed], dtype=bool)
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise TableError(
            Fault(
                code="not-a-cell",
                what=Sentence("{count:,} of {total:,} values are no H3 cells", count=int(bad.sum()), total=len(bad)),
                where=where,
                mend="write the cell's name as 15 hexadecimal characters: 89499580057ffff",
                count=int(bad.sum()),
                first=Sentence("row {row}: {listed!r}", row=first + 1, listed=listed[first]),
            )
        )
    rings = [[(longitude, latitude) for latitude, longitude in h3.cell_to_boundary(name)] for name in listed]
    outlines: AnyArray = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    wide = np.array([max(x for x, _ in ring) - min(x for x, _ in ring) > 180 for ring in rings], dtype=bool)
    if wide.any():
        raise TableError(
            Fault(
                "cell-over-date-line",
                Sentence("{count:,} cells lie over the date line", count=int(wide.sum())),
                where,
                count=int(wide.sum()),
            )
        )
    return outlines
