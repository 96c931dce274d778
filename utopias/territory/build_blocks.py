"""Foreign rows become blocks: checked against the declared table, put into metres, spread, and measured to the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyproj
import shapely

from utopias.domain.arrays import AnyArray, Bools, Floats, texts
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.domain.tables import columns, fault_of_rows, faults_of
from utopias.domain.town import Blocks, Group, NeedIndicator
from utopias.territory.column_file import Rule
from utopias.territory.files import ReadTable
from utopias.territory.geoparquet import shapes_of
from utopias.territory.known import known_ground, known_to
from utopias.territory.ledger import Ledger, Note
from utopias.territory.reference import reproject
from utopias.territory.spread import spread
from utopias.territory.translate import groups_of

TOLERANCE = 1e-6  # persons, and share: sums of counts that were spread differ in their last bits
CITY_KM = 300.0  # from the middle of a town to its farthest block; the largest city regions have 150
SHOWN = 8  # words of a user listed in a fault
_CHOOSING = ("sites", "schools", "modules")  # tables with columns of which a value is one of a few words
_SPOTS_AND_AREAS = (0, 3, 6)  # shapely's kinds: point, polygon, multipolygon


@dataclass(frozen=True, eq=False)
class Areas:
    """(n,) rows of blocks as they came, planned and around, in the town's metres."""

    frame: pd.DataFrame
    geometry: AnyArray
    groups: Mapping[str, Rule]
    indicators: Mapping[str, Rule]


def faults_of_blocks(table: ReadTable) -> list[Fault]:
    """Every fault of one table of blocks against its declaration, in its own file's words and rows."""
    where = table.path.name
    spots = pd.DataFrame({"x": 0.0, "y": 0.0}, index=table.frame.index)
    frame = pd.concat([table.frame.drop(columns=["x", "y"], errors="ignore"), spots], axis=1)
    faults = _faults_of_planned(table)
    faults += [
        in_their_words(fault, table)
        for fault in faults_of(frame, "blocks", where, tuple(groups_of(table.frame, table.said)))
        if not (fault.code == "missing-value" and fault.where.startswith("column people "))  # told as missing-people
        and not (fault.code == "missing-column" and any(f"{ours!r}" in fault.what for ours in table.said.columns))
    ]
    if "people" in frame.columns:
        people = frame["people"].to_numpy(dtype=np.float64)
        for group in groups_of(table.frame, table.said):
            if group in frame.columns:
                over = frame[group].to_numpy(dtype=np.float64) > people * (1 + TOLERANCE) + TOLERANCE
                faults += _over_people(over, group, frame, table)
    if table.misplaced:
        return faults
    if table.geometry is None:
        faults.append(
            Fault(
                code="no-place",
                what=Sentence("{where} has neither shapes, coordinates nor H3 cells", where=where),
                where=where,
                mend="give the file of its shapes and the key (--shapes, --key), or name x and y, or h3, in the column file",
            )
        )
    else:
        other = ~np.isin(shapely.get_type_id(table.geometry), _SPOTS_AND_AREAS)
        if other.any():
            faults.append(
                Fault("not-areas", Sentence("{count:,} of {total:,} blocks are neither polygons nor points", count=int(other.sum()), total=len(other)), where,
                      "give polygons", int(other.sum()), Sentence("row {row}", row=table.rows[int(np.flatnonzero(other)[0])]))
            )  # fmt: skip
    return faults


def in_their_words(fault: Fault, table: ReadTable) -> Fault:
    """The same fault naming the user's column and the row of the user's file."""
    where, first, mend = fault.where, fault.first, fault.mend
    ours = ""
    if isinstance(where, Sentence) and where.template == "column {column} of {file}":
        ours = where.values["column"]
        theirs = table.called.get(ours, ours)
        if ours != theirs:
            where = Sentence(where.template, **{**where.values, "column": f"{theirs} ({ours})"})
    if fault.code == "unknown-choice":
        declared = next(column for table in _CHOOSING for column in columns(table) if column.name == ours)
        strange = sorted(set(table.frame[ours].dropna().astype(str)) - {"", *declared.choices})[:SHOWN]
        meant = ", ".join(f'"{word}" = "..."' for word in strange)
        mend = Sentence(
            "say in the column file which of these each of yours means: [values.{ours}] {meant}", ours=ours, meant=meant
        )
    if isinstance(first, Sentence) and "row" in first.values:
        first = Sentence(first.template, **{**first.values, "row": table.rows[first.values["row"] - 1]})
    if fault.code == "missing-column" and isinstance(fault.what, Sentence) and "name" in fault.what.values:
        named = ", ".join(map(str, table.frame.columns[:12])) + (", ..." if len(table.frame.columns) > 12 else "")
        mend = Sentence(
            'say in the column file which of yours it is: [columns] {key} = "..."; it has: {columns}',
            key=fault.what.values["name"],
            columns=named,
        )
    return replace(fault, where=where, first=first, mend=mend)


def joined_areas(blocks: ReadTable, surroundings: ReadTable | None, crs: pyproj.CRS, ledger: Ledger) -> Areas | None:
    """Both tables as one, the planned first. None with a fault where they cannot be put together.

    Faults: ``block-in-both``, ``missing-group``, ``missing-indicator`` in the surroundings, ``no-people``,
    ``no-planned-block``, ``far-block``.
    """
    tables = [blocks] if surroundings is None else [blocks, surroundings]
    groups = groups_of(blocks.frame, blocks.said)
    indicators = dict(blocks.said.indicators)
    before = len(ledger.faults)
    if surroundings is not None:
        ledger.faults += _uneven(blocks, surroundings, groups, indicators)
    frame = pd.DataFrame()
    if len(ledger.faults) == before:
        frame = pd.concat([_columns(one, one is blocks, [*groups, *indicators]) for one in tables], ignore_index=True)
        planned = frame["planned"].to_numpy(dtype=bool)
        where = blocks.path.name
        if not (frame["colonia"].to_numpy() != "").any():
            ledger.notes.append(Note("no-colonia", 'no column gives the colonia: tables will show area keys; add colonia = "..." to the column file'))  # fmt: skip
        if not planned.any():
            ledger.faults.append(
                Fault(
                    "no-planned-block",
                    Sentence("no block of {where} is in the planned area", where=where),
                    where,
                    "mend the column planned",
                )
            )
        elif not frame["people"].to_numpy()[planned].sum() > 0:
            ledger.faults.append(
                Fault("no-people", Sentence("nobody lives in the {count:,} blocks of {where}", count=int(planned.sum()), where=where),
                      Sentence("column {column} of {file}", column=blocks.called.get('people', 'people'), file=where), "name the column that holds the population")
            )  # fmt: skip
    metres = [
        reproject(one.geometry, one.crs, crs) for one in tables if one.geometry is not None and one.crs is not None
    ]
    for one, moved in zip(tables, metres, strict=True):
        ledger.faults += _far(moved, metres[0], one)
    if len(ledger.faults) > before:
        return None
    _tell_constants(frame, list(indicators), blocks.path.name, ledger)
    return Areas(frame, np.concatenate(metres), groups, indicators)


def blocks_of(
    areas: Areas,
    crs: pyproj.CRS,
    surface: tuple[AnyArray, Floats] | None,
    ground: AnyArray | None,
    ledger: Ledger,
) -> Blocks:
    """The town's blocks: large areas spread, every point with its distance to unknown ground.

    surface : where people are, finer than the areas (see ``spread``). ground : the known ground, where
    it is declared; else what the blocks themselves cover.
    """
    frame = areas.frame
    names = ["people", *areas.groups]
    pieces = spread(areas.geometry, {name: frame[name].to_numpy(dtype=float) for name in names}, surface=surface)
    of = pieces.area
    ids = texts(frame["block_id"])
    if pieces.cut.any():
        width = max(2, len(str(int(pieces.number.max()))))
        cut = pieces.cut[of]
        named = [f"{ids[a]}-{k:0{width}d}" if c else ids[a] for a, k, c in zip(of, pieces.number, cut, strict=True)]
        shared = "a finer surface" if surface is not None else "area"
        count = int(pieces.cut.sum())
        ledger.notes.append(
            Note(
                "spread-by-surface" if surface is not None else "spread",
                f"{count:,} areas larger than a city block cut into {int(cut.sum()):,} cells, people shared by {shared}",
                count=count,
                values={"cells": int(cut.sum())},
            )
        )
        if pieces.flat.any() and surface is not None:
            flat = int(pieces.flat.sum())
            ledger.notes.append(
                Note(
                    "surface-without-people", f"{flat:,} areas shared by area, the surface has nobody there", count=flat
                )
            )
    else:
        named = ids[of].tolist()
    outlined = bool((shapely.get_dimensions(areas.geometry) == 2).any())
    if ground is None:
        ground = known_ground(areas.geometry)
    return Blocks(
        ids=texts(named),
        x=pieces.x,
        y=pieces.y,
        people=pieces.counts["people"],
        groups={name: pieces.counts[name] for name in areas.groups},
        planned=frame["planned"].to_numpy(dtype=bool)[of],
        area_id=texts(frame["area_id"])[of],
        colonia=texts(frame["colonia"])[of],
        known_to=known_to(pieces.x, pieces.y, ground),
        indicators={name: frame[name].to_numpy(dtype=float)[of] for name in areas.indicators},
        shapes=shapes_of(_outlines(pieces.polygons), crs.to_string()) if outlined else None,
    )


def words_of(areas: Areas) -> tuple[tuple[Group, ...], tuple[NeedIndicator, ...]]:
    """The groups and indicators as a town declares them."""
    groups = tuple(
        Group(key, dict(rule.labels), rule.estimated, rule.formula.text if rule.estimated else "", rule.source)
        for key, rule in areas.groups.items()
    )
    indicators = tuple(
        NeedIndicator(key, dict(rule.labels), float(rule.weight), rule.from_group, rule.source)
        for key, rule in areas.indicators.items()
    )
    return groups, indicators


def _faults_of_planned(table: ReadTable) -> list[Fault]:
    """A block is planned or not; an empty cell is neither."""
    if "planned" not in table.frame.columns:
        return []
    empty = table.frame["planned"].isna().to_numpy()
    if not empty.any():
        return []
    where, mend = Sentence("column {column} of {file}", column="planned", file=table.path.name), "write true or false"
    return [
        in_their_words(
            fault_of_rows("missing-value", empty, "blocks do not say planned", where, mend, table.frame["planned"]),
            table,
        )
    ]


def _columns(table: ReadTable, planned: bool, counted: list[str]) -> pd.DataFrame:
    """The columns a block needs; without ``planned`` the blocks' own file is planned, the other is not."""
    frame = table.frame
    n = len(frame)
    keys = texts(frame["block_id"])
    area = texts(frame["area_id"]) if "area_id" in frame.columns else texts([""] * n)
    said = frame["planned"].to_numpy(dtype=object) if planned and "planned" in frame.columns else np.full(n, planned)
    made = {
        "block_id": keys,
        "area_id": np.where(area == "", keys, area),
        "colonia": texts(frame["colonia"]) if "colonia" in frame.columns else texts([""] * n),
        "planned": said.astype(bool),
        "people": frame["people"].to_numpy(dtype=np.float64),
    }
    return pd.DataFrame(made | {name: frame[name].to_numpy(dtype=np.float64) for name in counted})


def _tell_constants(frame: pd.DataFrame, indicators: list[str], where: str, ledger: Ledger) -> None:
    """An indicator that is the same everywhere in the planned area ranks nobody: told, as no result would show it."""
    planned = frame["planned"].to_numpy(dtype=bool)
    for name in indicators:
        values = frame[name].to_numpy(dtype=np.float64)[planned]
        if planned.sum() > 1 and np.nanmin(values) == np.nanmax(values):
            ledger.notes.append(
                Note("constant-indicator", f"{name!r} is {values[0]:g} in every block", where, int(planned.sum()),
                     values={"group": name, "value": float(np.nanmax(values))})
            )  # fmt: skip


def _uneven(
    blocks: ReadTable, around: ReadTable, groups: Mapping[str, Rule], indicators: Mapping[str, Rule]
) -> list[Fault]:
    """What keeps two tables from being one town."""
    faults = []
    where = around.path.name
    for code, named in (("missing-group", groups), ("missing-indicator", indicators)):
        lost = [name for name in named if name not in around.frame.columns]
        if lost:
            faults.append(
                Fault(code, Sentence("{where} does not say {listed}, which {file} does", where=where, listed=', '.join(lost), file=blocks.path.name), where,
                      "add them to its column file, or leave them out of both", len(lost), lost[0])
            )  # fmt: skip
    both = around.frame["block_id"].isin(blocks.frame["block_id"]).to_numpy()
    if both.any():
        first = int(np.flatnonzero(both)[0])
        faults.append(
            Fault(
                code="block-in-both",
                what=Sentence(
                    "{count:,} of {total:,} blocks of {where} are also in {file}",
                    count=int(both.sum()),
                    total=len(both),
                    where=where,
                    file=blocks.path.name,
                ),
                where=Sentence(
                    "column {column} of {file}", column=around.called.get("block_id", "block_id"), file=where
                ),
                mend="leave the planned blocks out of the surroundings, with [leave_out] in their column file",
                count=int(both.sum()),
                first=Sentence(
                    "row {row}: {found!r}", row=around.rows[first], found=around.frame["block_id"].iloc[first]
                ),
            )
        )
    return faults


def _over_people(over: Bools, group: str, frame: pd.DataFrame, table: ReadTable) -> list[Fault]:
    if not over.any():
        return []
    first = int(np.flatnonzero(over)[0])
    return [
        Fault(
            code="group-over-people",
            what=Sentence(
                "{count:,} of {total:,} blocks have more {group} than people",
                count=int(over.sum()),
                total=len(over),
                group=group,
            ),
            where=Sentence("column {column} of {file}", column=table.called.get(group, group), file=table.path.name),
            mend="a group is a part of the people of its block: mend the source, the column or the formula",
            count=int(over.sum()),
            first=Sentence(
                "row {row}: {found:g} of {found_2:g}",
                row=table.rows[first],
                found=frame[group].iloc[first],
                found_2=frame["people"].iloc[first],
            ),
        )
    ]


def _far(geometry: AnyArray, home: AnyArray, table: ReadTable) -> list[Fault]:
    """Blocks at the other end of the world: one wrong coordinate among thousands."""
    bounds, middle = shapely.bounds(geometry), np.nanmedian(shapely.bounds(home), axis=0)
    distance = np.hypot(bounds[:, 0] - middle[0], bounds[:, 1] - middle[1])
    far = ~(distance < CITY_KM * 1000)
    if not far.any():
        return []
    first = int(np.flatnonzero(far)[0])
    return [
        Fault(
            code="far-block",
            what=Sentence(
                "{count:,} of {total:,} blocks lie over {CITY_KM:g} km from the middle of the town",
                count=int(far.sum()),
                total=len(far),
                CITY_KM=CITY_KM,
            ),
            where=table.path.name,
            mend="look for exchanged or wrong coordinates, or a slip in the reference system",
            count=int(far.sum()),
            first=Sentence("row {row}: {value:,.0f} km", row=table.rows[first], value=distance[first] / 1000),
        )
    ]


def _outlines(polygons: AnyArray) -> AnyArray:
    """Polygons, and nothing where only a point is known."""
    outlines: AnyArray = polygons.copy()
    outlines[shapely.get_dimensions(polygons) < 2] = None
    return outlines
