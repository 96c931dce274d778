"""Of the surroundings, only what is near: a borough is planned from its state's file, and the far end of the state is no neighbour."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

from utopias.territory.files import ReadTable
from utopias.territory.ledger import Ledger, Note
from utopias.territory.reference import reproject


def only_near(
    around: ReadTable, planned: ReadTable | None, crs: pyproj.CRS, within: float, ledger: Ledger
) -> ReadTable | None:
    """The rows of ``around`` that lie within so many metres of a planned area; None where there is none.

    within : metres between outlines, over 0; exactly so far is within. crs : in metres.
    Where either table has no places yet, ``around`` comes back as it is: its faults are told elsewhere.
    Note: ``far-surroundings``, how many rows were left out and how many people live there.
    """
    if around.geometry is None or around.crs is None or planned is None or planned.geometry is None:
        return around
    if planned.crs is None:
        return around
    tree = shapely.STRtree(reproject(planned.geometry, planned.crs, crs))
    near = np.zeros(len(around), dtype=bool)
    near[tree.query(reproject(around.geometry, around.crs, crs), predicate="dwithin", distance=within)[0]] = True
    if near.all():
        return around
    people = np.zeros(1)
    if "people" in around.frame.columns:
        people = around.frame["people"].to_numpy(dtype=np.float64)[~near]
    count, gone = int((~near).sum()), float(np.nansum(people))
    told = f"{count:,} of {len(near):,} rows farther than {within / 1000:g} km left out, with {gone:,.0f} people"
    values = {"rows": len(near), "km": within / 1000, "people": gone}
    ledger.notes.append(Note("far-surroundings", told, around.path.name, count, values=values))
    return around.take(near) if near.any() else None
