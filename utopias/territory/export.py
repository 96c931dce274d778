"""The way out: a plan as a GeoPackage that opens styled in QGIS, or as CSV; nouns as GeoDataFrames.

plan.gpkg    blocks (outlines), units, sites, providers (points); comparison and about (tables);
             layer_styles, which QGIS reads by itself
CSV folder   blocks, places, modules, comparison, about, and columns.csv, which says what each column
             holds, in which unit, and where it comes from

Files are written beside and renamed: there is no half file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from utopias.domain.comparison import Comparison
from utopias.domain.errors import Fault, TableError
from utopias.domain.folders import whole_folder
from utopias.domain.places import Places
from utopias.domain.plan import Plan
from utopias.domain.streets import ON_THE_FRONT, Streets
from utopias.domain.tables import columns
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
    study, blocks, places = study_of_plan(plan), blocks_table(plan), places_table(plan)
    crs = _crs_or_fault(str(study.town.get("crs") or (study.outlines.crs if study.outlines is not None else "")))
    outlines = polygons(study.outlines) if study.outlines is not None else _spots(blocks)
    layers = {"blocks": geopandas.GeoDataFrame(blocks, geometry=outlines, crs=crs)}
    for layer, states in LAYERS.items():
        rows = places[places["state"].isin(states)].reset_index(drop=True)
        kept = rows if layer == "sites" else rows.drop(columns=list(OF_A_SITE))
        layers[layer] = geopandas.GeoDataFrame(kept, geometry=_spots(kept), crs=crs)
    limit, ends = limit_of_plan(plan).minutes, study.times.limit.minutes
    spots = study.outlines is None
    styles = plan_styles(labels or {}, limit=limit, ends=ends, spots=spots, found=set(blocks["reach"]))
    sheets = {
        "comparison": comparison_table(plan, table),
        "about": about_table(plan),
        "layer_styles": style_table(styles),
    }
    _write_layers(path, layers, sheets, str(study.town.get("name", "")))
    return path


def _write_layers(path: Path, layers: Mapping[str, Any], sheets: Mapping[str, pd.DataFrame], town: str) -> None:
    import pyogrio

    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.stem}.partial-{os.getpid()}.gpkg")
    beside.unlink(missing_ok=True)
    try:
        for name, frame in layers.items():
            kind = "MultiPolygon" if name == "blocks" and set(frame.geom_type) != {"Point"} else "Point"
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


def write_csv(plan: Plan, folder: str | Path, *, table: Comparison | None = None, replace: bool = False) -> Path:
    """Write a plan's tables as CSV with a sheet of their columns, whole or not at all.

    UTF-8 with a byte order mark, since spreadsheets take it for Latin-1 without; decimal points. The
    table of times is left to the plan folder: it has a row for every pair.

    Raises
    ------
    ProblemError : the plan carries no tables of a town, or no limit.
    TableError : the folder exists and ``replace`` is False, or is not ours.
    """
    target = Path(folder)
    study = study_of_plan(plan)
    sheets = {
        "blocks": blocks_table(plan),
        "places": places_table(plan),
        "modules": study.modules,
        "comparison": comparison_table(plan, table),
        "about": about_table(plan),
    }
    sheets["columns"] = _column_sheet(sheets, study.town)
    with whole_folder(target, replace=replace) as beside:
        for name, sheet in sheets.items():
            sheet.to_csv(beside / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    return target


def to_geodataframe(things: Blocks | Places | Streets, crs: str | None = None) -> geopandas.GeoDataFrame:
    """Blocks, places or streets as a GeoDataFrame, for those who work with geopandas.

    Blocks are their outlines, or their points where none are known; places their main points; streets
    their lines. ``crs`` is needed where the noun does not carry its own: ``to_geodataframe(town.units, town.crs)``.

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


def _spots(frame: pd.DataFrame) -> np.ndarray:
    return points(frame["x"].to_numpy(dtype=float), frame["y"].to_numpy(dtype=float))


def _column_sheet(sheets: Mapping[str, pd.DataFrame], town: Mapping[str, Any]) -> pd.DataFrame:
    """One row a column of every sheet: table, column, unit, meaning, source."""
    declared = {"blocks": "plan_blocks", "places": "plan_places", "modules": "modules"}
    counted = {
        **{group["id"]: ("persons", _label(group), group.get("source", "")) for group in town.get("groups", [])},
        **{item["id"]: ("", _label(item), item.get("source", "")) for item in town.get("indicators", [])},
    }
    rows = []
    for name, sheet in sheets.items():
        said = {c.name: (_unit(c.unit, c.type, town), c.meaning, c.source) for c in columns(declared[name])} if name in declared else _PLAIN  # fmt: skip
        for column in sheet.columns:
            rows.append((name, str(column), *said.get(str(column), counted.get(str(column), ("", "", "")))))
    return pd.DataFrame(rows, columns=["table", "column", "unit", "meaning", "source"])


_PLAIN = {
    "by": ("", "what the parts are: a group, a fifth by need, an area", "plan"),
    "part": ("", "the part of the people", "plan"),
    "people": ("persons", "people of the part in the planned area", "census"),
    "within_before": ("persons", "of these, within the limit of a unit as things are", "plan"),
    "within_after": ("persons", "of these, within the limit when the plan is built", "plan"),
    "gain": ("persons", "within only after", "plan"),
    "loss": ("persons", "within only before", "plan"),
    "still_out": ("persons", "not within after", "plan"),
    "minutes_before": ("min", "mean walk to the nearest unit as things are; a lower bound where some reach none", "plan"),
    "minutes_after": ("min", "the same when the plan is built", "plan"),
    "estimated": ("", "the group is a formula, not a count", "town"),
    "what": ("", "what is said of the plan", "plan"),
    "value": ("", "what it is", "plan"),
}  # fmt: skip


def _unit(unit: str, kind: str, town: Mapping[str, Any]) -> str:
    if kind == "choice":
        return ""
    return str(town.get("currency") or unit) if unit == "currency" else unit


def _label(said: Mapping[str, Any]) -> str:
    label = str(said.get("labels", {}).get("en") or said["id"])
    return f"{label} (estimate: {said['formula']})" if said.get("estimated") else label
