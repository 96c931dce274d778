"""A town as the tables of its folder, and back: the one place that knows which column holds what.

blocks      block_id, area_id, colonia, planned, x, y, people, known_to (null: all around is known),
            one column a group (named by its id), one an indicator; geometry: outline, or the point
units, sites, providers   place_id, x, y, the columns of the place's table; geometry: the point, or of a site
            its outline where that is known
schools     place_id, x, y, the columns of schools; geometry: the point. Where the town knows of any
entrances   place_id, x, y of every place whose doors are others than its main point; geometry: the point
modules, facts            as declared
junctions   junction_id (0, 1, ... in file order), x, y
edges       tail, head (junction_id), length_m, class, name, steps, surface, foot, rise_m (null: not
            known); sidewalk, ramps, lit, crossing, where anything is known of any edge; geometry: the line
            from tail to head
basemap     layer (polygon, line, label), kind, name; geometry: polygon, line or point

A town without streets has neither junctions nor edges, one without base map no basemap, one of which no
school is known no schools.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely

from utopias.domain.arrays import AnyArray, texts
from utopias.domain.places import Places, places
from utopias.domain.shapes import Basemap, Shapes
from utopias.domain.streets import ON_THE_FRONT, StreetFront, Streets
from utopias.domain.tables import columns
from utopias.domain.town import Blocks, Town
from utopias.territory.geoparquet import lines_of, linestrings, points, polygons, shapes_of
from utopias.territory.town_toml import TownWords

ROLES = {"units": "unit", "sites": "site", "providers": "provider"}
SCHOOLS = {"schools": "school"}  # where a town knows of them; nobody plans them
DECLARED = {
    "blocks": "blocks",
    "units": "places",
    "sites": "sites",
    "providers": "places",
    "schools": "schools",
    "entrances": "entrances",
    "modules": "modules",
    "facts": "facts",
    "junctions": "junctions",
    "edges": "edges",
    "basemap": "basemap",
}
OPTIONAL = ("schools", "junctions", "edges", "basemap")
_FIRST = ("place_id", "x", "y")


@dataclass
class TownTables:
    """Frames by name (keys of ``DECLARED``) and, row by row beside some, shapely geometries.

    outlined : whether the geometry of blocks are outlines; told apart since there may be no block.
    """

    words: TownWords
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    geometry: dict[str, AnyArray] = field(default_factory=dict)
    outlined: bool = False


def tables_of(town: Town) -> TownTables:
    """The tables of a town. Nothing is checked; ``check.faults_of_tables`` does that."""
    words = TownWords(
        name=town.name,
        crs=town.crs,
        zone=town.zone,
        currency=town.currency,
        made_up=town.made_up,
        groups=town.groups,
        indicators=town.indicators,
        sources=town.sources,
        assumptions=town.assumptions,
    )
    tables = TownTables(words, outlined=town.blocks.shapes is not None)
    blocks = town.blocks
    frame = pd.DataFrame(
        {
            "block_id": blocks.ids,
            "area_id": blocks.area_id,
            "colonia": blocks.colonia,
            "planned": blocks.planned,
            "x": blocks.x,
            "y": blocks.y,
            "people": blocks.people,
            "known_to": np.where(np.isposinf(blocks.known_to), np.nan, blocks.known_to),
        }
    )
    extra = pd.DataFrame({**blocks.groups, **blocks.indicators}, index=frame.index)
    tables.frames["blocks"] = pd.concat([frame, extra], axis=1)
    tables.geometry["blocks"] = polygons(blocks.shapes) if blocks.shapes is not None else points(blocks.x, blocks.y)
    placed = ROLES if town.schools is None else ROLES | SCHOOLS
    for name in placed:
        group: Places = getattr(town, name)
        first = pd.DataFrame({"place_id": group.ids, "x": group.x, "y": group.y})
        tables.frames[name] = pd.concat([first, group.table.reset_index(drop=True)], axis=1)
        tables.geometry[name] = points(group.x, group.y)
    if town.lots is not None:
        drawn = np.diff(town.lots.shapes) > 0
        tables.geometry["sites"] = np.where(drawn, polygons(town.lots), tables.geometry["sites"])
    doors = pd.concat([_doors(getattr(town, name)) for name in placed], ignore_index=True)
    tables.frames["entrances"] = doors
    tables.geometry["entrances"] = points(doors["x"].to_numpy(), doors["y"].to_numpy())
    for name in ("modules", "facts"):
        given: pd.DataFrame = getattr(town, name)
        tables.frames[name] = given if len(given.columns) else pd.DataFrame(columns=[c.name for c in columns(name)])
    if town.streets is not None:
        _add_streets(tables, town.streets)
    if town.basemap is not None:
        _add_basemap(tables, town.basemap)
    return tables


def town_of(tables: TownTables, *, hash: str = "") -> Town:
    """The town of tables without faults."""
    words, frames, geometry = tables.words, tables.frames, tables.geometry
    doors = frames["entrances"]
    return Town(
        name=words.name,
        crs=words.crs,
        zone=words.zone,
        currency=words.currency,
        made_up=words.made_up,
        blocks=_blocks(tables),
        **{name: _places(frames[name], doors, role) for name, role in ROLES.items()},
        schools=_places(frames["schools"], doors, "school") if "schools" in frames else None,
        modules=frames["modules"],
        facts=frames["facts"],
        streets=_streets(frames["junctions"], frames["edges"], geometry["edges"], words.crs)
        if "edges" in frames
        else None,
        basemap=basemap_of(frames["basemap"], geometry["basemap"], words.crs) if "basemap" in frames else None,
        groups=words.groups,
        indicators=words.indicators,
        sources=words.sources,
        hash=hash,
        assumptions=words.assumptions,
        lots=lots_of(geometry.get("sites"), words.crs),
    )


def lots_of(geometry: AnyArray | None, crs: str) -> Shapes | None:
    """The outlines of the sites, empty where one is a point; None where all are."""
    if geometry is None:
        return None
    drawn = shapely.get_dimensions(geometry) == 2
    return shapes_of(np.where(drawn, geometry, shapely.MultiPolygon()), crs) if drawn.any() else None


def _doors(group: Places) -> pd.DataFrame:
    """The entrances of places that have others than one at their main point."""
    of = group.entrance_of
    at_main = (group.entrance_x == group.x[of]) & (group.entrance_y == group.y[of])
    plain = (np.bincount(of, minlength=len(group)) == 1) & (np.bincount(of, weights=at_main, minlength=len(group)) == 1)
    told = ~plain[of]
    return pd.DataFrame(
        {"place_id": group.ids[of[told]], "x": group.entrance_x[told], "y": group.entrance_y[told]},
    )


def _add_streets(tables: TownTables, streets: Streets) -> None:
    tables.frames["junctions"] = pd.DataFrame(
        {"junction_id": np.arange(len(streets.x), dtype=np.int64), "x": streets.x, "y": streets.y}
    )
    tables.frames["edges"] = pd.DataFrame(
        {
            "tail": streets.tail,
            "head": streets.head,
            "length_m": streets.length,
            "class": streets.kind,
            "name": streets.name,
            "steps": streets.steps,
            "surface": streets.surface,
            "foot": streets.foot,
            "rise_m": streets.rise,
        }
    )
    for name in ON_THE_FRONT:
        said = getattr(streets.front, name)
        if (said != "").any():  # a town of before, and one of which nothing is known, keeps its bytes
            tables.frames["edges"][name] = said
    tables.geometry["edges"] = linestrings(streets.lines)


def _add_basemap(tables: TownTables, basemap: Basemap) -> None:
    counts = [len(basemap.polygons), len(basemap.lines), len(basemap.labels)]
    tables.frames["basemap"] = pd.DataFrame(
        {
            "layer": texts(np.repeat(["polygon", "line", "label"], counts)),
            "kind": texts([*basemap.polygon_kind, *basemap.line_kind, *[""] * counts[2]]),
            "name": texts([*[""] * (counts[0] + counts[1]), *basemap.labels]),
        }
    )
    spots = points(basemap.label_x, basemap.label_y)
    tables.geometry["basemap"] = np.concatenate([polygons(basemap.polygons), linestrings(basemap.lines), spots])


def _blocks(tables: TownTables) -> Blocks:
    frame = tables.frames["blocks"]
    n = len(frame)
    known_to = frame["known_to"].to_numpy(dtype=float) if "known_to" in frame else np.full(n, np.nan)
    by_id = {column: frame[column].to_numpy(dtype=float) for column in frame.columns if column not in _BLOCK_COLUMNS}
    indicators = {indicator.id for indicator in tables.words.indicators}
    return Blocks(
        ids=texts(frame["block_id"]),
        x=frame["x"].to_numpy(dtype=float),
        y=frame["y"].to_numpy(dtype=float),
        people=frame["people"].to_numpy(dtype=float),
        groups={key: values for key, values in by_id.items() if key not in indicators},
        planned=frame["planned"].to_numpy(dtype=bool) if "planned" in frame else np.ones(n, dtype=bool),
        area_id=_words(frame, "area_id"),
        colonia=_words(frame, "colonia"),
        known_to=np.where(np.isnan(known_to), np.inf, known_to),
        indicators={key: values for key, values in by_id.items() if key in indicators},
        shapes=shapes_of(tables.geometry["blocks"], tables.words.crs) if tables.outlined else None,
    )


_BLOCK_COLUMNS = {column.name for column in columns("blocks")}


def _places(frame: pd.DataFrame, doors: pd.DataFrame, role: str) -> Places:
    mine = doors[doors["place_id"].isin(frame["place_id"])]
    return places(
        frame["place_id"],
        frame["x"],
        frame["y"],
        role=role,
        table=frame.drop(columns=list(_FIRST)),
        entrances=mine,
    )


def _streets(junctions: pd.DataFrame, edges: pd.DataFrame, lines: AnyArray, crs: str) -> Streets:
    n = len(edges)
    rise = edges["rise_m"].to_numpy(dtype=float) if "rise_m" in edges else np.full(n, np.nan)
    return Streets(
        x=junctions["x"].to_numpy(dtype=float),
        y=junctions["y"].to_numpy(dtype=float),
        tail=edges["tail"].to_numpy(dtype=np.int32),
        head=edges["head"].to_numpy(dtype=np.int32),
        length=edges["length_m"].to_numpy(dtype=float),
        rise=rise,
        kind=_words(edges, "class"),
        name=_words(edges, "name"),
        surface=_words(edges, "surface"),
        steps=edges["steps"].to_numpy(dtype=bool) if "steps" in edges else np.zeros(n, dtype=bool),
        foot=edges["foot"].to_numpy(dtype=bool) if "foot" in edges else np.ones(n, dtype=bool),
        lines=lines_of(lines, crs),
        front=StreetFront(*(_words(edges, name) for name in ON_THE_FRONT)),
    )


def basemap_of(frame: pd.DataFrame, geometry: AnyArray, crs: str) -> Basemap:
    layer = frame["layer"].to_numpy(dtype=object)
    spots = geometry[layer == "label"]
    return Basemap(
        polygons=shapes_of(geometry[layer == "polygon"], crs),
        polygon_kind=texts(frame["kind"][layer == "polygon"]),
        lines=lines_of(geometry[layer == "line"], crs),
        line_kind=texts(frame["kind"][layer == "line"]),
        labels=texts(frame["name"][layer == "label"]),
        label_x=shapely.get_x(spots),
        label_y=shapely.get_y(spots),
    )


def _words(frame: pd.DataFrame, column: str) -> AnyArray:
    if column not in frame:
        return texts([""] * len(frame))
    return texts(frame[column].astype(object).fillna(""))
