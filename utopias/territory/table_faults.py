"""Faults of a town's tables at hand, of each and across them; the same for a folder read and a town to be written."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from utopias.domain.arrays import Bools, Floats
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.domain.tables import columns, fault_of_rows, faults_of
from utopias.territory.town_tables import DECLARED, ROLES, SCHOOLS, TownTables
from utopias.territory.town_toml import NAME
from utopias.territory.word_faults import word_faults

FAR_KM = 5.0  # a unit further than this from every block, or a door from its place, is a slip of the pen
TOLERANCE = 1e-6  # persons, and share: sums of counts that were spread differ in their last bits
_POINT = ("x", "y")


def faults_of_tables(tables: TownTables) -> list[Fault]:
    """Every fault of the words and tables; tables that are not there are left out."""
    frames = tables.frames
    faults = word_faults(tables.words)
    twice = _columns_twice(frames)
    if twice:
        return faults + twice  # a frame with two columns of one name answers no further question
    groups = _groups(tables)
    for name, frame in frames.items():
        faults += faults_of(
            frame, DECLARED[name], Sentence("{name}.parquet", name=name), groups if name == "blocks" else ()
        )
        faults += _empty_flags(frame, name)
    if "blocks" in frames:
        faults += _columns_without_words(tables, groups) + _indicator_faults(tables)
        faults += _people_faults(frames["blocks"], groups)
    faults += _place_faults(frames) + _far_faults(frames)
    return faults + _street_faults(frames) + _geometry_faults(tables)


def _groups(tables: TownTables) -> tuple[str, ...]:
    """The groups that need a column; everybody has one already."""
    return tuple(group.id for group in tables.words.groups if group.id != "all")


def _columns_twice(frames: dict[str, pd.DataFrame]) -> list[Fault]:
    faults = []
    for name, frame in frames.items():
        repeated = [str(column) for column in frame.columns[frame.columns.duplicated()].unique()]
        if repeated:
            faults.append(
                Fault(
                    code="duplicate-column",
                    what=Sentence("columns {listed} stand twice", listed=", ".join(repeated)),
                    where=Sentence("{name}.parquet", name=name),
                    mend="a group, an indicator and a declared column each need a name of their own",
                    count=len(repeated),
                    first=repeated[0],
                )
            )
    return faults


def _empty_flags(frame: pd.DataFrame, name: str) -> list[Fault]:
    """A flag column may be absent, but where it stands every row says true or false."""
    faults = []
    for column in columns(DECLARED[name]):
        if column.type == "flag" and column.name in frame and frame[column.name].isna().any():
            what, where = (
                Sentence("rows do not say {name}", name=column.name),
                Sentence("column {column} of {file}", column=column.name, file=f"{name}.parquet"),
            )
            empty = frame[column.name].isna().to_numpy()
            faults.append(fault_of_rows("missing-value", empty, what, where, "write true or false", frame[column.name]))
    return faults


def _columns_without_words(tables: TownTables, groups: tuple[str, ...]) -> list[Fault]:
    """Columns of blocks that no word explains, and words that no column holds."""
    frame, words, where = tables.frames["blocks"], tables.words, "blocks.parquet"
    indicators = tuple(indicator.id for indicator in words.indicators)
    known = {column.name for column in columns("blocks")} | {group.id for group in words.groups} | set(indicators)
    strange = [str(column) for column in frame.columns if column not in known]
    missing = [key for key in (*groups, *indicators) if key not in frame.columns]
    faults = []
    if strange:
        what = Sentence(
            "columns {listed} are neither declared nor among the groups and indicators of {NAME}",
            listed=", ".join(strange),
            NAME=NAME,
        )
        mend = Sentence("say what they are in {NAME}, or leave them out", NAME=NAME)
        faults.append(Fault("unknown-group", what, where, mend, len(strange), strange[0]))
    if missing:
        what = Sentence("{listed}: no such column, though {NAME} names it", listed=", ".join(missing), NAME=NAME)
        mend = Sentence("add the column, or take it out of {NAME}", NAME=NAME)
        faults.append(Fault("missing-column", what, where, mend, len(missing), missing[0]))
    return faults


def _indicator_faults(tables: TownTables) -> list[Fault]:
    frame, faults = tables.frames["blocks"], []
    for indicator in tables.words.indicators:
        if indicator.id in frame:
            values = frame[indicator.id]
            bad = values.notna().to_numpy() & ~np.isfinite(_numbers(frame, indicator.id))
            if bad.any():
                where = Sentence("column {column} of {file}", column=indicator.id, file="blocks.parquet")
                mend = "mend them at their source; leave empty what is not known"
                faults.append(fault_of_rows("not-a-number", bad, "values are not finite numbers", where, mend, values))
    return faults


def _people_faults(frame: pd.DataFrame, groups: tuple[str, ...]) -> list[Fault]:
    faults = []
    planned = frame["planned"].eq(True).to_numpy(dtype=bool) if "planned" in frame else np.ones(len(frame), dtype=bool)
    people = _numbers(frame, "people")
    if not planned.any():
        faults.append(
            Fault(
                code="no-planned-block",
                what=Sentence("none of {count:,} blocks is in the planned area", count=len(frame)),
                where="column planned of blocks.parquet",
                mend="say true for the blocks the plan is for",
            )
        )
    elif not np.nansum(people[planned]) > 0:
        faults.append(
            Fault(
                code="no-people",
                what=Sentence("nobody lives in any of the {count:,} planned blocks", count=int(planned.sum())),
                where="column people of blocks.parquet",
                mend="name the column that holds the population",
            )
        )
    for group in groups:
        over = _numbers(frame, group) > people * (1 + TOLERANCE) + TOLERANCE
        if over.any():
            what, where = (
                Sentence("blocks have more {group} than people", group=group),
                Sentence("column {column} of {file}", column=group, file="blocks.parquet"),
            )
            mend = "a group is a part of the people of its block: mend the source or the formula"
            faults.append(fault_of_rows("group-over-people", over, what, where, mend, frame[group]))
    return faults


def _place_faults(frames: dict[str, pd.DataFrame]) -> list[Fault]:
    """Ids in two tables, and rows of places that are in none."""
    ids = {name: frames[name]["place_id"] for name in ROLES | SCHOOLS if name in frames and "place_id" in frames[name]}
    faults = []
    for left, right in combinations((*ROLES, *SCHOOLS), 2):
        if left in ids and right in ids:
            both = ids[right].isin(ids[left]).to_numpy()
            if both.any():
                what, where = (
                    Sentence("ids are also in {left}.parquet", left=left),
                    Sentence("column place_id of {right}.parquet", right=right),
                )
                mend = "give every place its own id, across units, sites and providers"
                faults.append(fault_of_rows("duplicate-key", both, what, where, mend, ids[right]))
    if not ROLES.keys() <= ids.keys():
        return faults
    given = pd.concat([ids[name] for name in ROLES], ignore_index=True)
    for name in ("entrances", "modules", "facts"):
        known = pd.concat(list(ids.values()), ignore_index=True) if name == "entrances" else given
        if name in frames and "place_id" in frames[name]:
            lost = ~frames[name]["place_id"].isin(known).to_numpy()
            if lost.any():
                what, where = (
                    Sentence("rows are of a place that does not exist"),
                    Sentence("column place_id of {name}.parquet", name=name),
                )
                mend = "mend the id, or add the place to units, sites or providers"
                faults.append(fault_of_rows("unknown-place", lost, what, where, mend, frames[name]["place_id"]))
    return faults


def _far_faults(frames: dict[str, pd.DataFrame]) -> list[Fault]:
    """A unit in the sea: places far from every block, and doors far from their place."""
    faults = []
    mend = "look for exchanged or wrong coordinates, or a slip in the reference system"
    homes = _points(frames["blocks"]) if "blocks" in frames else np.zeros((0, 2))
    homes = homes[np.isfinite(homes).all(axis=1)]
    for name in ("units", "sites"):
        if name in frames and "place_id" in frames[name] and len(homes):
            spots = _points(frames[name])
            finite = np.isfinite(spots).all(axis=1)
            far = np.zeros(len(spots), dtype=bool)
            far[finite] = cKDTree(homes).query(spots[finite])[0] > FAR_KM * 1000
            if far.any():
                what, where = (
                    Sentence("places are over {FAR_KM:g} km from every block", FAR_KM=FAR_KM),
                    Sentence("columns x, y of {name}.parquet", name=name),
                )
                faults.append(fault_of_rows("far-from-blocks", far, what, where, mend, frames[name]["place_id"]))
    doors = frames.get("entrances")
    if doors is None or "place_id" not in doors or not len(doors):
        return faults
    known = [frames[name] for name in ROLES | SCHOOLS if name in frames and "place_id" in frames[name]]
    at = {key: spot for frame in known for key, spot in zip(frame["place_id"].tolist(), _points(frame), strict=True)}
    main = np.array([at.get(key, (np.nan, np.nan)) for key in doors["place_id"].tolist()])
    far = np.hypot(*(_points(doors) - main).T) > FAR_KM * 1000
    if far.any():
        what, where = (
            Sentence("entrances are over {FAR_KM:g} km from their place", FAR_KM=FAR_KM),
            Sentence("columns x, y of entrances.parquet"),
        )
        faults.append(fault_of_rows("door-far-from-place", far, what, where, mend, doors["place_id"]))
    return faults


def _street_faults(frames: dict[str, pd.DataFrame]) -> list[Fault]:
    there = [name for name in ("junctions", "edges") if name in frames]
    if len(there) == 1:
        lost = "edges" if there == ["junctions"] else "junctions"
        what = Sentence("{lost}.parquet is missing, though {there}.parquet is there", lost=lost, there=there[0])
        return [Fault("missing-file", what, mend="streets need both")]
    if not there:
        return []
    faults = []
    junctions, edges = frames["junctions"], frames["edges"]
    if "junction_id" in junctions:
        odd = _numbers(junctions, "junction_id") != np.arange(len(junctions))
        if odd.any():
            what = Sentence("rows do not bear their own number, from 0")
            where = Sentence("column {column} of {file}", column="junction_id", file="junctions.parquet")
            mend = "sort the junctions and number them again"
            faults.append(fault_of_rows("out-of-order", odd, what, where, mend, junctions["junction_id"]))
    for end in ("tail", "head"):
        number = _numbers(edges, end)
        lost_ends = (number < 0) | (number >= len(junctions))
        if lost_ends.any():
            what, where = (
                Sentence("edges end at a junction that does not exist"),
                Sentence("column {column} of {file}", column=end, file="edges.parquet"),
            )
            mend = "mend tail and head, or add the junction"
            faults.append(fault_of_rows("unknown-junction", lost_ends, what, where, mend, edges[end]))
    return faults


def _geometry_faults(tables: TownTables) -> list[Fault]:
    wanted = {
        "edges": (Sentence("lines of two vertices or more"), {1}),
        "blocks": (Sentence("outlines"), {-1, 3, 6}) if tables.outlined else (Sentence("points"), {0}),
        "basemap": (Sentence("the polygon, line or point that layer says"), {0, 1, 3, 6}),
        "sites": (Sentence("points or outlines"), {0, 3, 6}),
    }
    faults = []
    for name, (kind, ids) in wanted.items():
        if name not in tables.frames or (name == "sites" and name not in tables.geometry):
            continue  # a site stands at its x and y; its geometry is drawn, or its outline
        where = Sentence("geometry of {name}.parquet", name=name)
        if name not in tables.geometry:
            faults.append(
                Fault("no-geometry", Sentence("it has no column of {kind}", kind=kind), where, "write it as GeoParquet")
            )
            continue
        geometry = tables.geometry[name]
        odd: Bools = ~np.isin(shapely.get_type_id(geometry), list(ids))
        if name == "edges":
            odd |= shapely.get_num_coordinates(geometry) < 2
        if name == "basemap" and "layer" in tables.frames[name]:
            layer = tables.frames[name]["layer"].to_numpy(dtype=object)
            for said, own in (("polygon", {3, 6}), ("line", {1}), ("label", {0})):
                odd |= (layer == said) & ~np.isin(shapely.get_type_id(geometry), list(own))
        drawn = ~(shapely.is_empty(geometry) | shapely.is_missing(geometry))
        odd |= drawn & ~np.isfinite(shapely.bounds(geometry)).all(axis=1)
        if odd.any():
            kinds = pd.Series([str(shapely.GeometryType(kind).name) for kind in shapely.get_type_id(geometry)])
            what, mend = (
                Sentence("rows hold something else than {kind}", kind=kind),
                "bring them into one kind, without NaN",
            )
            faults.append(fault_of_rows("other-geometry", odd, what, where, mend, kinds))
    return faults


def _numbers(frame: pd.DataFrame, column: str) -> Floats:
    """The column as numbers, NaN where it says none; all NaN where it is not there."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[column], errors="coerce"), dtype=float)


def _points(frame: pd.DataFrame) -> Floats:
    return np.column_stack([_numbers(frame, axis) for axis in _POINT])
