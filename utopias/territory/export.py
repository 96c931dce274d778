"""The way out: a plan as a GeoPackage that opens styled in QGIS; nouns as GeoDataFrames.

plan.gpkg    blocks (outlines), units, sites, providers (points); comparison and about (tables);
             layer_styles, which QGIS reads by itself

The file is written beside and renamed: there is no half file. Tables and GeoParquet: ``tables_out``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from utopias.domain.arrays import AnyArray
from utopias.domain.comparison import Comparison
from utopias.domain.errors import Fault, TableError
from utopias.domain.places import Places
from utopias.domain.plan import Plan
from utopias.domain.service_areas import ServiceAreas
from utopias.domain.shapes import Basemap
from utopias.domain.streets import ON_THE_FRONT, Streets
from utopias.domain.town import Blocks
from utopias.territory.geoparquet import linestrings, points, polygons
from utopias.territory.plan_layers import (
    about_table,
    blocks_table,
    comparison_table,
    limit_of_plan,
    places_table,
    study_of_plan,
)
from utopias.territory.qgis_style import plan_styles, style_table

if TYPE_CHECKING:
    import geopandas

LAYERS = {"units": ("fixed",), "sites": ("chosen", "not chosen"), "providers": ("provider",)}  # by state
OF_A_SITE = ("number", "reached", "only_here", "lost_without", "replacement", "replacement_loss", "chosen_in", "kept_in", "displaced", "displaced_people", "lost_if_taken")  # fmt: skip

_VERSION = {"VERSION": "1.2"}  # a later one makes the GDAL of older QGIS warn


def write_geopackage(
    plan: Plan, table: Comparison | None = None, *, to: str | Path, labels: Mapping[str, str] | None = None
) -> Path:
    """Write a plan as one GeoPackage; a file of that name is replaced.

    Parameters
    ----------
    plan : with its study, and findings where the sites' figures are wanted.
    table : one more comparison, beside those of the findings.
    labels : what the legends in QGIS call a class (``gained``, ``out``, ``chosen``, ...).

    Raises
    ------
    ProblemError : the plan carries no tables of a town, or no limit.
    TableError : the study names no reference system.
    """
    import geopandas

    path = Path(to)
    study, blocks = study_of_plan(plan), blocks_table(plan)
    layers = {
        name: geopandas.GeoDataFrame(frame, geometry=geometry, crs=crs)
        for name, (frame, geometry, crs) in plan_layers(plan, blocks).items()
    }
    limit, ends = limit_of_plan(plan).minutes, study.times.limit.minutes
    spots = study.outlines is None
    styles = plan_styles(labels or {}, limit=limit, ends=ends, spots=spots, found=set(blocks["reach"]))
    sheets = {
        "comparison": comparison_table(plan, table),
        "about": about_table(plan),
        "layer_styles": style_table(styles),
    }
    write_layers(path, layers, sheets, str(study.town.get("name", "")))
    return path


def plan_layers(plan: Plan, blocks: pd.DataFrame | None = None) -> dict[str, tuple[pd.DataFrame, AnyArray, str]]:
    """Each layer of a plan: its rows, their geometries, its reference system. blocks, units, sites, providers.

    ``blocks``: the table of ``blocks_table``, where it was made already.

    Raises
    ------
    ProblemError : the plan carries no tables of a town, or no limit.
    TableError : the study names no reference system.
    """
    study, places = study_of_plan(plan), places_table(plan)
    blocks = blocks_table(plan) if blocks is None else blocks
    crs = _crs_or_fault(str(study.town.get("crs") or (study.outlines.crs if study.outlines is not None else "")))
    outlines = polygons(study.outlines) if study.outlines is not None else _spots(blocks)
    layers = {"blocks": (blocks, outlines, crs)}
    for layer, states in LAYERS.items():
        rows = places[places["state"].isin(states)].reset_index(drop=True)
        kept = rows if layer == "sites" else rows.drop(columns=list(OF_A_SITE))
        layers[layer] = (kept, _spots(kept), crs)
    return layers


def write_layers(path: Path, layers: Mapping[str, Any], sheets: Mapping[str, pd.DataFrame], town: str) -> None:
    """Write GeoDataFrames, each of one kind of geometry, and plain tables as one GeoPackage, whole or not at all."""
    import pyogrio

    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.stem}.partial-{os.getpid()}.gpkg")
    beside.unlink(missing_ok=True)
    try:
        for name, frame in layers.items():
            kinds = set(frame.geom_type)
            kind = "MultiPolygon" if kinds & {"Polygon", "MultiPolygon"} else (kinds or {"Point"}).pop()
            pyogrio.write_dataframe(
                frame,
                beside,
                layer=name,
                driver="GPKG",
                geometry_type=kind,
                dataset_options=_VERSION,
                layer_options={"GEOMETRY_NAME": "geom", "IDENTIFIER": name, "DESCRIPTION": town},
            )
        for name, sheet in sheets.items():
            pyogrio.write_dataframe(
                sheet, beside, layer=name, driver="GPKG", dataset_options=_VERSION, layer_options={"IDENTIFIER": name}
            )
        os.replace(beside, path)
    finally:
        for rest in path.parent.glob(f"{beside.name}*"):
            rest.unlink()


def to_geodataframe(
    things: Blocks | Places | Streets | Basemap | Plan | ServiceAreas, crs: str | None = None
) -> geopandas.GeoDataFrame:
    """Blocks, places, streets, a base map, a plan or service areas as a GeoDataFrame, for those who work with geopandas.

    Blocks are their outlines, or their points where none are known; places their main points; streets
    their lines; a base map its areas, lines and names; a plan its blocks with who reaches and who gains. ``crs`` is needed where the noun does not carry its own: ``to_geodataframe(town.units, town.crs)``.

    Raises
    ------
    TableError : ``no-crs``: neither given nor carried. A layer without one is drawn somewhere in the sea.
    """
    import geopandas

    if isinstance(things, Streets):
        frame = pd.DataFrame(
            {
                "tail": things.tail,
                "head": things.head,
                "length_m": things.length,
                "class": things.kind,
                "name": things.name,
                "steps": things.steps,
                "surface": things.surface,
                "foot": things.foot,
                "rise_m": things.rise,
                **{name: getattr(things.front, name) for name in ON_THE_FRONT},
            }
        )
        geometry, own = linestrings(things.lines), things.lines.crs
    elif isinstance(things, Plan):
        frame, geometry, own = plan_layers(things)["blocks"]
    elif isinstance(things, Basemap):
        frame, geometry, own = _basemap(things)
    elif isinstance(things, ServiceAreas):
        frame, geometry, own = things.table(), polygons(things.shapes), things.crs
    elif isinstance(things, Places):
        frame = pd.DataFrame({"place_id": things.ids, "role": things.role}).join(things.table)
        geometry, own = points(things.x, things.y), ""
    else:
        frame = pd.DataFrame(
            {
                "block_id": things.ids,
                "area_id": things.area_id,
                "colonia": things.colonia,
                "planned": things.planned,
                "people": things.people,
                **things.groups,
                **things.indicators,
                "known_to": things.known_to,
            }
        )
        shapes = things.shapes
        geometry = points(things.x, things.y) if shapes is None else polygons(shapes)
        own = "" if shapes is None else shapes.crs
    return geopandas.GeoDataFrame(frame, geometry=geometry, crs=_crs_or_fault(crs or own))


def _basemap(things: Basemap) -> tuple[pd.DataFrame, AnyArray, str]:
    counts = len(things.polygons), len(things.lines), len(things.labels)
    unnamed = np.full(counts[0] + counts[1], "", dtype=object)
    frame = pd.DataFrame(
        {
            "layer": np.repeat(np.array(["polygon", "line", "label"], dtype=object), counts),
            "kind": np.concatenate([things.polygon_kind, things.line_kind, np.full(counts[2], "", dtype=object)]),
            "name": np.concatenate([unnamed, things.labels]),
        }
    )
    shapes = polygons(things.polygons), linestrings(things.lines), points(things.label_x, things.label_y)
    return frame, np.concatenate(shapes), things.polygons.crs


def _crs_or_fault(crs: str) -> str:
    if crs:
        return crs
    raise TableError(
        Fault(
            code="no-crs",
            what="nothing says in which reference system the coordinates are",
            mend="give the town's: to_geodataframe(town.units, town.crs)",
        )
    )


def _spots(frame: pd.DataFrame) -> AnyArray:
    return points(frame["x"].to_numpy(dtype=float), frame["y"].to_numpy(dtype=float))
