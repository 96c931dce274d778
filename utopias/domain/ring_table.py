"""Outlines as a plain table, one row a ring: readable by any program, needing no geometry library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from utopias.domain.arrays import Longs, texts
from utopias.domain.shapes import Basemap, Lines, Shapes, no_shapes

if TYPE_CHECKING:
    import pandas as pd

# Layers of the base map in one table: "polygon:water", "line:rail", "label".


def rings_of_shapes(shapes: Shapes, layer: str) -> pd.DataFrame:
    """Columns layer, shape, part, name, x, y; the lists x and y hold a closed ring in decimetres precision."""
    part = np.repeat(np.arange(len(shapes.parts) - 1), np.diff(shapes.parts))
    return _table(layer, shapes.ring_owner(), part, shapes.coords, shapes.rings)


def shapes_from_rings(table: pd.DataFrame, layer: str, count: int, crs: str) -> Shapes | None:
    """The inverse of ``rings_of_shapes`` for ``count`` shapes; None where the layer has no ring."""
    rows = table[table["layer"] == layer]
    if not len(rows):
        return None
    coords, rings = _coords(rows)
    owner, part = rows["shape"].to_numpy(), rows["part"].to_numpy()
    first = np.flatnonzero(np.diff(part, prepend=part[0] - 1)).astype(np.int64)
    parts = np.concatenate([first, [len(part)]]).astype(np.int64)
    shapes = np.concatenate([[0], np.cumsum(np.bincount(owner[first], minlength=count))]).astype(np.int64)
    return Shapes(coords, rings, parts, shapes, crs)


def rings_of_basemap(basemap: Basemap) -> pd.DataFrame:
    """Polygons, lines and labels of a base map in the same columns."""
    import pandas as pd

    polygons = rings_of_shapes(basemap.polygons, "")
    polygons["layer"] = ["polygon:" + str(basemap.polygon_kind[i]) for i in polygons["shape"]]
    number = np.arange(len(basemap.lines))
    lines = _table("", number, number, basemap.lines.coords, basemap.lines.starts)
    lines["layer"] = ["line:" + str(kind) for kind in basemap.line_kind]
    k = len(basemap.labels)
    spots = np.column_stack([basemap.label_x, basemap.label_y]).reshape(k, 2)
    labels = _table("label", np.arange(k), np.arange(k), spots, np.arange(k + 1))
    labels["name"] = [str(label) for label in basemap.labels]
    return pd.concat([polygons, lines, labels], ignore_index=True)


def basemap_from_rings(table: pd.DataFrame, crs: str) -> Basemap | None:
    """The inverse of ``rings_of_basemap``; None where the table holds no base map."""
    layer = table["layer"].astype(str)
    polygon_rows = table[layer.str.startswith("polygon:")]
    line_rows = table[layer.str.startswith("line:")]
    label_rows = table[layer == "label"]
    if not len(polygon_rows) + len(line_rows) + len(label_rows):
        return None
    count = int(polygon_rows["shape"].max()) + 1 if len(polygon_rows) else 0
    kinds = np.full(count, "", dtype=object)
    kinds[polygon_rows["shape"].to_numpy()] = polygon_rows["layer"].str.removeprefix("polygon:").to_numpy(dtype=object)
    polygons = shapes_from_rings(polygon_rows.assign(layer="polygon"), "polygon", count, crs)
    coords, starts = _coords(line_rows)
    spots, _ = _coords(label_rows)
    return Basemap(
        polygons=polygons if polygons is not None else no_shapes(crs),
        polygon_kind=kinds,
        lines=Lines(coords, starts, crs),
        line_kind=line_rows["layer"].str.removeprefix("line:").to_numpy(dtype=object),
        labels=texts(label_rows["name"]),
        label_x=spots[:, 0],
        label_y=spots[:, 1],
    )


def _table(layer: str, owner: Longs, part: Longs, coords: np.ndarray, starts: Longs) -> pd.DataFrame:
    import pandas as pd

    rounded = np.round(coords, 1)
    cut = starts[1:-1]
    return pd.DataFrame(
        {
            "layer": layer,
            "shape": np.asarray(owner, dtype=np.int64),
            "part": np.asarray(part, dtype=np.int64),
            "name": "",
            "x": list(np.split(rounded[:, 0], cut)) if len(starts) > 1 else [],
            "y": list(np.split(rounded[:, 1], cut)) if len(starts) > 1 else [],
        }
    )


def _coords(rows: pd.DataFrame) -> tuple[np.ndarray, Longs]:
    if not len(rows):
        return np.zeros((0, 2)), np.zeros(1, dtype=np.int64)
    x, y = np.concatenate(rows["x"].to_list()), np.concatenate(rows["y"].to_list())
    starts = np.concatenate([[0], np.cumsum([len(ring) for ring in rows["x"]])]).astype(np.int64)
    return np.column_stack([x, y]), starts
