"""The town with joint sites in the place of their plots: every column of a joint site from those of its members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from utopias.domain.arrays import AnyArray
from utopias.domain.findings import Assumption
from utopias.domain.land import NOT_KNOWN, JointSite
from utopias.domain.places import Places, places
from utopias.domain.shapes import Shapes
from utopias.domain.tables import columns
from utopias.domain.town import Town
from utopias.land.joint import areas_of

if TYPE_CHECKING:
    import pandas as pd

# The worst comes last: what a joint site is when its plots differ.
WORSE = {
    "tenure": ("public", "communal", "private"),
    "legal_status": ("clear", "not regularised", "in dispute", "injunction"),
    "flood": ("none", "low", "medium", "high"),
    "fracture": ("none", "near", "on the plot"),
    "water": ("reliable", "rationed", "none"),
    "consultation": ("none", "ordinary", "indigenous"),
    "consultation_result": ("agreed", "not held", "rejected"),
}
SUMMED = ("area_m2", "cost", "present_users")  # not known where one of them is not
LARGEST = ("subsidence_cm_year", "slope_percent")
DECLARED = {column.name: column for column in columns("sites")}


def joined_town(town: Town, joint: Sequence[JointSite]) -> Town:
    """``town`` with each joint site in the place of its members, which are no candidates any more.

    Area, cost and present users are added up, and not known where one is not; sinking and slope are the largest
    of theirs, and words such as flood the worst, not known where one is not. Every door of a member is a door
    of the joint site; its point is that of the largest member. It gives each service of theirs once, with
    the largest capacity. Claims (facts) about a member are claims about it. The town's assumptions say what was joined.
    """
    if not joint:
        return town
    at = {str(key): i for i, key in enumerate(town.sites.ids.tolist())}
    groups = {min(at[key] for key in one.members): (one, [at[key] for key in one.members]) for one in joint}
    gone = {i for _, members in groups.values() for i in members}
    order = [i for i in range(len(town.sites)) if i in groups or i not in gone]
    parts = [groups[i][1] if i in groups else [i] for i in order]
    ids = [groups[i][0].id if i in groups else str(town.sites.ids[i]) for i in order]
    of = {str(town.sites.ids[i]): key for key, members in zip(ids, parts, strict=True) for i in members}
    note = Assumption("joint-sites", {"plots": len(gone), "joint": [one.id for one in joint]})
    return replace(
        town,
        sites=_sites(town, ids, parts),
        lots=_lots(town, parts),
        modules=_modules(town.modules, of),
        facts=town.facts.assign(place_id=[of.get(str(key), key) for key in town.facts["place_id"]]),
        assumptions=(*town.assumptions, note),
        hash="",
    )


def _sites(town: Town, ids: list[str], parts: list[list[int]]) -> Places:
    import pandas as pd

    sites, areas = town.sites, areas_of(town)
    main = [max(members, key=lambda i: (np.nan_to_num(areas[i]), -i)) for members in parts]
    columns_ = {str(name): [_cell(sites.table, str(name), part) for part in parts] for name in sites.table.columns}
    table = pd.DataFrame(columns_)
    for name in table.columns:
        if pd.api.types.is_numeric_dtype(sites.table[name]):
            table[name] = pd.to_numeric(table[name])
    if "name" in table:
        table["name"] = [" + ".join(str(sites.names[i]) for i in part) for part in parts]
    grown = [len(part) > 1 for part in parts]
    if any(grown) and town.lots is not None:  # an area that only the outline tells is an area known
        own = table["area_m2"] if "area_m2" in table else pd.Series(np.nan, index=table.index)
        table["area_m2"] = np.where(grown, [float(areas[part].sum()) for part in parts], own)
    doors = [(ids[k], i) for k, part in enumerate(parts) for i in np.flatnonzero(np.isin(sites.entrance_of, part))]
    at = np.array([i for _, i in doors], dtype=np.int64)
    entrances = pd.DataFrame(
        {"place_id": [key for key, _ in doors], "x": sites.entrance_x[at], "y": sites.entrance_y[at]}
    )
    return places(ids, sites.x[main], sites.y[main], role="site", table=table, entrances=entrances)


def _cell(table: pd.DataFrame, name: str, part: list[int]) -> Any:
    """One cell of a joint site; a plot that stands alone keeps its own."""
    import pandas as pd

    cells = [table[name].iloc[i] for i in part]
    if len(cells) == 1:
        return cells[0]
    known = [cell for cell in cells if not pd.isna(cell) and str(cell).strip() not in ("", NOT_KNOWN)]
    all_known = len(known) == len(cells)
    if name == "site_group":
        return ""
    if name in SUMMED:
        return float(sum(known)) if all_known else np.nan
    if name in LARGEST:
        return float(max(known)) if all_known else np.nan
    if name in WORSE:
        return max(known, key=WORSE[name].index) if all_known else NOT_KNOWN
    same = list(dict.fromkeys(known))
    if len(same) == 1:
        return same[0]
    if pd.api.types.is_numeric_dtype(table[name]):
        return np.nan
    if name in DECLARED and DECLARED[name].choices:
        return NOT_KNOWN
    return " + ".join(map(str, same))


def _lots(town: Town, parts: list[list[int]]) -> Shapes | None:
    """The outlines, those of members made one."""
    import shapely

    lots = town.lots
    if lots is None:
        return None
    outlines = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON, lots.coords.copy(), (lots.rings, lots.parts, lots.shapes)
    )
    made: AnyArray = np.empty(len(parts), dtype=object)
    for k, part in enumerate(parts):
        one = shapely.union_all(outlines[part]) if len(part) > 1 else outlines[part[0]]
        made[k] = shapely.multipolygons(shapely.get_parts(one)) if one.geom_type == "Polygon" else one
    whole = np.where(shapely.is_empty(made), shapely.MultiPolygon(), made)
    _, coords, (rings, pieces, shapes) = shapely.to_ragged_array(whole)
    rings, pieces, shapes = (np.asarray(offsets, dtype=np.int64) for offsets in (rings, pieces, shapes))
    return Shapes(np.ascontiguousarray(coords), rings, pieces, shapes, lots.crs)


def _modules(modules: pd.DataFrame, of: dict[str, str]) -> pd.DataFrame:
    """Each service of a joint site once, with its largest capacity; not known only where none of theirs is."""
    moved = modules.assign(place_id=[of.get(str(key), key) for key in modules["place_id"]])
    changed = moved["place_id"].astype(str) != modules["place_id"].astype(str)
    if not changed.any():
        return modules
    keys = ["place_id", "service", *(["group"] if "group" in moved else [])]
    order = moved.sort_values("capacity", ascending=False, kind="stable", na_position="last") if "capacity" in moved else moved  # fmt: skip
    joint = set(moved["place_id"][changed])
    repeated = order.duplicated(keys, keep="first") & order["place_id"].isin(joint)
    return moved.loc[~repeated.reindex(moved.index)].reset_index(drop=True)
