"""Rows need a place, and polygons must not cross themselves: refused, or mended where the planner says so, and told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from utopias.domain.arrays import AnyArray, Bools
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.territory.column_file import Format
from utopias.territory.ledger import Ledger, Note
from utopias.territory.translate import Translation


def sound_shapes(
    geometry: AnyArray, translation: Translation, form: Format, path: Path, rows: AnyArray, ledger: Ledger
) -> tuple[AnyArray, Translation, AnyArray]:
    """Refuse or leave out rows without place; refuse or mend polygons that cross themselves."""
    without = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    count = int(without.sum())
    if count and form.without_coordinates:
        ledger.notes.append(
            Note(
                "left-out",
                f"{count:,} of {len(without):,} rows have no coordinates",
                path.name,
                count,
                values={"rows": len(without)},
            )
        )
        geometry, rows = geometry[~without], rows[~without]
        translation = translation.take(~without)
    elif count:
        ledger.faults.append(
            Fault(
                code="no-coordinates",
                what=Sentence("{count:,} of {total:,} rows have no coordinates", count=count, total=len(without)),
                where=path.name,
                mend='find them, or leave these rows out: without_coordinates = "leave out" in the column file',
                count=count,
                first=Sentence("row {row}", row=rows[int(np.flatnonzero(without)[0])]),
            )
        )
    kinds = shapely.get_type_id(geometry)
    area: Bools = (kinds == 3) | (kinds == 6)
    invalid = area & ~shapely.is_valid(geometry)
    if invalid.any():
        first = int(np.flatnonzero(invalid)[0])
        count = int(invalid.sum())
        if form.repair:
            before = float(shapely.area(geometry[invalid]).sum())
            geometry = geometry.copy()
            geometry[invalid] = _mended(geometry[invalid])
            after = float(shapely.area(geometry[invalid]).sum())
            change = abs(after - before) / before if before else 0.0
            ledger.notes.append(
                Note(
                    "mended-polygons",
                    f"{count:,} invalid polygons mended; their area changed by {change:.2%}",
                    path.name,
                    count,
                    values={"area_share": change},
                )
            )
        else:
            ledger.faults.append(
                Fault(
                    code="invalid-polygons",
                    what=Sentence("{count:,} of {total:,} polygons are invalid", count=count, total=len(geometry)),
                    where=path.name,
                    mend="mend them at their source, or say repair = true in the column file and see what changed",
                    count=count,
                    first=Sentence(
                        "row {row}: {is_valid_reason}",
                        row=rows[first],
                        is_valid_reason=shapely.is_valid_reason(geometry[first]),
                    ),
                )
            )
    return geometry, translation, rows


def _mended(polygons: AnyArray) -> AnyArray:
    """Valid polygons over the same ground; lines and points left by the mending are dropped, having no area."""
    valid = shapely.make_valid(polygons, method="structure", keep_collapsed=False)
    mended: AnyArray = np.array(
        [
            one
            if one.geom_type in ("Polygon", "MultiPolygon")
            else shapely.MultiPolygon([part for part in shapely.get_parts(one) if part.geom_type == "Polygon"])
            for one in valid
        ],
        dtype=object,
    )
    return mended
