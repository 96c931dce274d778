"""A town from files at hand: read, joined, checked together, put into metres, spread.

Every fault of every file is told in one error; what was assumed on the way is told in notes, and
stands in the town, so that a report can print it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyproj
import shapely

from utopias.domain.arrays import AnyArray, Bools, Floats
from utopias.domain.errors import Fault
from utopias.domain.findings import Source
from utopias.domain.places import Places
from utopias.domain.sentences import Sentence
from utopias.domain.streets import Streets
from utopias.domain.town import Blocks, Town
from utopias.territory.build_blocks import blocks_of, faults_of_blocks, joined_areas, words_of
from utopias.territory.build_places import (
    ROLES,
    faults_across,
    faults_of_a_mistaken_file,
    lots_of,
    modules_of,
    places_of,
)
from utopias.territory.census import level_of_keys
from utopias.territory.column_file import ColumnFile
from utopias.territory.files import ReadTable, load_table
from utopias.territory.front_match import with_street_front
from utopias.territory.join import with_shapes
from utopias.territory.ledger import Ledger, Note, assumptions_of
from utopias.territory.nearby import only_near
from utopias.territory.osm import Box, OsmTown, read_osm
from utopias.territory.osm_file import is_osm
from utopias.territory.overlaps import check_overlaps
from utopias.territory.reference import faults_of_coordinates, metre_crs, name_of, reproject, to_degrees, utm_zone
from utopias.territory.street_front import SurveyedFronts, read_street_front
from utopias.territory.street_lines import streets_of
from utopias.territory.terrain import must_be_heights, with_heights

File: TypeAlias = str | Path
Said: TypeAlias = str | Path | ColumnFile


def build_town(
    *,
    blocks: File,
    blocks_columns: Said | None = None,
    shapes: File | None = None,
    shapes_columns: Said | None = None,
    key: str | None = None,
    streets: File | None = None,
    streets_columns: Said | None = None,
    street_front: File | None = None,
    street_front_columns: Said | None = None,
    terrain: File | None = None,
    units: File | None = None,
    units_columns: Said | None = None,
    sites: File | None = None,
    sites_columns: Said | None = None,
    providers: File | None = None,
    providers_columns: Said | None = None,
    schools: File | None = None,
    schools_columns: Said | None = None,
    modules: File | None = None,
    modules_columns: Said | None = None,
    surroundings: File | None = None,
    surroundings_columns: Said | None = None,
    weight_surface: File | None = None,
    weight_surface_columns: Said | None = None,
    known_area: File | None = None,
    known_area_columns: Said | None = None,
    surroundings_within: float | None = None,
    without_shape: float = 0.0,
    name: str,
    crs: str | None = None,
    zone: str,
    currency: str,
    sources: Iterable[Source] = (),
    tell: Callable[[Note], None] | None = None,
) -> Town:
    """Build a town from foreign files.

    Parameters
    ----------
    blocks : where people live: polygons, H3 cells or points, with people and groups. Areas over a
        city block are spread over cells (see ``spread``).
    *_columns : the column file of each table (see ``column_file``).
    shapes, key : the file of the blocks' shapes, where they have none, and the column that joins them.
    surroundings : blocks around the planned area, with the same groups; without a column file of
        their own, read with that of the blocks. The blocks' table may hold them itself, with ``planned``.
    streets : lines in any format, or OpenStreetMap's ``.osm.pbf``, ``.pbf`` or ``.osm``, which gives the base map
        too; of it, what lies within 3 km of the blocks' extent.
    street_front : INEGI's census of the street front, or another (see ``street_front``): what it knows of pavement, sidewalks,
        ramps, light and crossings fills what the streets do not say.
    terrain : a raster of heights in metres (see ``terrain``), for what each street climbs.
    schools : with level and pupils (columns of schools.csv): where children are fetched from.
    modules : services by place (columns of modules.csv); places may also name services in their own row.
    weight_surface : polygons or H3 cells with people, finer than the areas: where in them people live.
    known_area : polygons of the ground the town knows; else what blocks and surroundings cover.
    surroundings_within : metres; surroundings farther than this from every planned block are left out.
    without_shape : share of a table's people whose rows may lack a shape; they are left out, told in a note.
    crs : the town's system in metres; without it the UTM zone of the blocks, told in a note.
    zone, currency : e.g. America/Mexico_City, MXN.
    tell : is called with every Note on what was matched, mended, left out or assumed.

    Raises
    ------
    TableError : every fault of all the files at once.
    TooLargeError : the areas would need over four million cells.
    """
    ledger = Ledger()
    system = ledger.attempt(lambda: metre_crs(crs)) if crs else None

    shapes_ledger, level = Ledger(), ""  # the shapes are read first, and told after those whose rows they decide

    def read(
        path: File | None, said: Said | None, table: str | None, seek: bool = True, into: Ledger = ledger
    ) -> ReadTable | None:
        if path is None:
            return None
        own = system.to_string() if system is not None else None
        return load_table(path, said, into, table=table, town_crs=own, seek=seek, level=level)

    outlines = read(shapes, shapes_columns, None if shapes_columns is None else "blocks", into=shapes_ledger)
    if outlines is not None and (key or "block_id") in outlines.frame.columns:
        level = level_of_keys(outlines.frame[key or "block_id"])
    planned = read(blocks, blocks_columns, "blocks", shapes is None)
    around = read(surroundings, surroundings_columns or blocks_columns, "blocks", shapes is None)
    ledger.add(shapes_ledger)
    tables = {
        "units": read(units, units_columns, "places"),
        "sites": read(sites, sites_columns, "sites"),
        "providers": read(providers, providers_columns, "places"),
    }
    taught = read(schools, schools_columns, "schools")
    services = read(modules, modules_columns, "modules", False)
    from_osm = streets is not None and is_osm(streets)
    lines = None if from_osm else read(streets, streets_columns, "edges")
    surveyed = None if street_front is None else read_street_front(street_front, street_front_columns, ledger)
    surface = read(weight_surface, weight_surface_columns, "blocks")
    limit = read(known_area, known_area_columns, None)
    if outlines is not None:
        ledger.faults += _faults_of_needless_shapes(planned, around, outlines)
        asking = (planned, around)
        planned = _with_shapes(planned, outlines, key, ledger, beside=around, spare=without_shape)
        around = _with_shapes(
            around, outlines, key, ledger, beside=asking[0], tell=planned is None, spare=without_shape
        )
    for table in (planned, around):
        ledger.faults += faults_of_blocks(table) if table is not None else []
    if system is None and crs is None:
        system = _chosen_crs(planned, ledger)
    if system is None:
        if crs is not None:  # until the town's system is mended, nobody can say in which one its own x and y are
            ledger.faults = [fault for fault in ledger.faults if fault.code != "no-crs"]
        ledger.settle()
    assert system is not None
    if around is not None and surroundings_within is not None:
        around = only_near(around, planned, system, surroundings_within, ledger)
    homes = _homes(planned, system, ledger)
    groups = {role: places_of(tables[role], ROLES[role], system, homes, ledger) for role in ROLES}
    known = {role: group for role, group in groups.items() if group is not None}
    school = None if taught is None else places_of(taught, "school", system, homes, ledger)
    every, files = (known, tables) if school is None else (known | {"schools": school}, tables | {"schools": taught})
    ledger.faults += faults_of_a_mistaken_file(tables["units"], planned) or faults_across(every, files)
    offers = modules_of(tables, services, known, ledger)
    network = (
        ledger.attempt(lambda: streets_of(lines, system, ledger)) if lines is not None and not lines.misplaced else None
    )
    drawn = _osm_of(streets, streets_columns, system, (planned, around), ledger) if from_osm else None
    network = drawn.streets if drawn is not None else network
    if street_front is not None:
        network = _furnished(network, surveyed, Path(street_front), system, ledger, asked=streets is not None)
    if terrain is not None:
        off_ground = None if drawn is None else drawn.off_ground
        network = _lifted(network, terrain, system, ledger, off_ground=off_ground, asked=streets is not None)
    ledger.settle()
    assert planned is not None
    areas = joined_areas(planned, around, system, ledger)
    if areas is not None:
        check_overlaps(
            areas.geometry, " + ".join(one.path.name for one in (planned, around) if one is not None), ledger
        )
    ledger.settle()
    assert areas is not None
    made = blocks_of(areas, system, _surface(surface, system), _ground(limit, system), ledger)
    counted, indicators = words_of(areas)
    read_tables = [planned, around, outlines, *tables.values(), taught, services, lines, surface, limit]
    read_tables.append(None if surveyed is None else surveyed.table)
    for note in ledger.notes if tell is not None else ():
        tell(note)  # type: ignore[misc]
    called = name_of(system) if system.to_authority(min_confidence=100) else system.to_string()
    return Town(
        name=name,
        crs=called,
        zone=zone,
        currency=currency,
        made_up=False,
        blocks=made,
        units=known["units"],
        sites=known["sites"],
        providers=known["providers"],
        modules=offers,
        facts=pd.DataFrame(columns=["place_id", "attribute", "value", "source", "date"]),
        streets=network,
        basemap=None if drawn is None else drawn.basemap,
        groups=counted,
        indicators=indicators,
        sources=_sources(sources, [table for table in read_tables if table is not None], drawn, terrain),
        hash=_content_hash(made, list(known.values())),
        assumptions=assumptions_of(ledger.notes),
        lots=lots_of(tables["sites"], system, called),
        schools=school,
    )


def _with_shapes(
    table: ReadTable | None, outlines: ReadTable, key: str | None, ledger: Ledger, *, beside: ReadTable | None,
    tell: bool = True, spare: float = 0.0,
) -> ReadTable | None:  # fmt: skip
    """The table with its shapes; itself where it has its own."""
    if table is None or _has_areas(table):
        return table
    return with_shapes(table, outlines, key or "", ledger, beside=beside, tell=tell, spare=spare)


def _has_areas(table: ReadTable) -> bool:
    return table.geometry is not None and bool(shapely.get_dimensions(table.geometry).max(initial=0) == 2)


def _faults_of_needless_shapes(planned: ReadTable | None, around: ReadTable | None, outlines: ReadTable) -> list[Fault]:
    """Shapes that no table asks for would be read for nothing: their reader believes that they cut the town."""
    tables = [table for table in (planned, around) if table is not None]
    if not tables or not all(map(_has_areas, tables)):
        return []
    return [
        Fault(
            code="shapes-not-used",
            what=Sentence(
                "{file} brings its own polygons, so those of {file_2} would not be used",
                file=tables[0].path.name,
                file_2=outlines.path.name,
            ),
            where="--shapes, --key",
            mend="leave out --shapes and --key; to take some rows only, say [only] in the column file",
        )
    ]


def _chosen_crs(planned: ReadTable | None, ledger: Ledger) -> pyproj.CRS | None:
    """The UTM zone of the blocks' middle, told in a note; None where they have no place."""
    if planned is None or planned.geometry is None or planned.crs is None:
        return None
    middle = np.nanmedian(shapely.bounds(planned.geometry), axis=0)
    longitude, latitude = to_degrees(middle[:1], middle[1:2], planned.crs)
    if not np.isfinite(longitude[0]) or not np.isfinite(latitude[0]):
        return None
    system = utm_zone(float(longitude[0]), float(latitude[0]))
    said = {"crs": name_of(system), "name": system.name}
    ledger.notes.append(Note("chosen-crs", f"the town is measured in {said['crs']}, {said['name']}", values=said))
    return system


def _homes(planned: ReadTable | None, system: pyproj.CRS, ledger: Ledger) -> Floats:
    """(n, 2) a corner of each block in the town's metres, checked against the town's system."""
    if planned is None or planned.geometry is None or planned.crs is None:
        return np.zeros((0, 2))
    corners = shapely.bounds(reproject(planned.geometry, planned.crs, system))[:, :2]
    ledger.faults += faults_of_coordinates(
        corners[:, 0], corners[:, 1], system, Sentence("{file} in the town's crs", file=planned.path.name)
    )
    finite: Floats = corners[np.isfinite(corners).all(axis=1)]
    return finite


def _osm_of(
    path: File | None, said: Said | None, system: pyproj.CRS, tables: tuple[ReadTable | None, ...], ledger: Ledger
) -> OsmTown | None:
    """Streets and base map of an OpenStreetMap file, as far as the blocks need them."""
    assert path is not None
    if said is not None:
        ledger.faults.append(
            Fault(
                code="needless-columns",
                what=Sentence(
                    "{file} is OpenStreetMap's, whose words are known; no column file is read with it",
                    file=Path(path).name,
                ),
                where="streets_columns",
                mend="leave it out",
            )
        )
    bounds = [
        shapely.total_bounds(reproject(table.geometry, table.crs, system))
        for table in tables
        if table is not None and table.geometry is not None and table.crs is not None
    ]
    frames = np.array([frame for frame in bounds if np.isfinite(frame).all()]).reshape(-1, 4)
    box = Box(*frames[:, :2].min(axis=0), *frames[:, 2:].max(axis=0)) if len(frames) else None
    return ledger.attempt(lambda: read_osm(path, system, ledger, box=box))


def _furnished(
    network: Streets | None, surveyed: SurveyedFronts | None, file: Path, system: pyproj.CRS, ledger: Ledger, *,
    asked: bool,
) -> Streets | None:  # fmt: skip
    """The streets with what the census of their front says. asked : as of ``_lifted``."""
    if network is not None and surveyed is not None:
        return ledger.attempt(lambda: with_street_front(network, surveyed, system, ledger)) or network
    if not asked:
        ledger.faults.append(
            Fault(
                code="front-without-streets",
                what=Sentence("{file} tells what streets are like, and there are no streets", file=file.name),
                where="street_front",
                mend="give the streets as well, or leave it out",
            )
        )
    return network


def _lifted(
    network: Streets | None, terrain: File, system: pyproj.CRS, ledger: Ledger, *, off_ground: Bools | None,
    asked: bool,
) -> Streets | None:  # fmt: skip
    """The streets with their heights. asked : whether there is a file of streets at all; its faults are told already."""
    if network is not None:
        return ledger.attempt(lambda: with_heights(network, terrain, system, ledger, off_ground=off_ground))
    if not asked:
        what = Sentence("{file} has heights for streets, and there are no streets", file=Path(terrain).name)
        ledger.faults.append(
            Fault("terrain-without-streets", what, "terrain", "give the streets as well, or leave it out")
        )
    ledger.attempt(lambda: must_be_heights(terrain))  # the faults of the streets hide none of the raster
    return None


def _surface(table: ReadTable | None, system: pyproj.CRS) -> tuple[AnyArray, Floats] | None:
    if table is None or table.geometry is None or table.crs is None:
        return None
    return reproject(table.geometry, table.crs, system), table.frame["people"].to_numpy(dtype=np.float64)


def _ground(table: ReadTable | None, system: pyproj.CRS) -> AnyArray | None:
    if table is None or table.geometry is None or table.crs is None:
        return None
    ground: AnyArray = shapely.get_parts(shapely.union_all(reproject(table.geometry, table.crs, system)))
    return ground


def _sources(
    given: Iterable[Source], tables: list[ReadTable], drawn: OsmTown | None, terrain: File | None
) -> tuple[Source, ...]:
    """Those given, then those the column files name; a file nobody names stands by its own name."""
    named = [table.said.source or Source(table.path.name) for table in tables]
    filled = [
        source if source.name else Source(table.path.name, source.address, source.licence, source.date)
        for source, table in zip(named, tables, strict=True)
    ]
    others = [*([] if drawn is None else [drawn.source]), *([] if terrain is None else [Source(Path(terrain).name)])]
    return tuple(dict.fromkeys([*given, *filled, *others]))


def _content_hash(blocks: Blocks, groups: list[Places]) -> str:
    """A fingerprint of what a plan depends on, until the town is written and has a MANIFEST."""
    digest = hashlib.sha256()
    for group in groups:
        digest.update("\n".join(group.ids.tolist()).encode())
        digest.update(np.concatenate([group.x, group.y]).tobytes())
    digest.update("\n".join(blocks.ids.tolist()).encode())
    for column in (
        blocks.x,
        blocks.y,
        blocks.people,
        blocks.known_to,
        *blocks.groups.values(),
        *blocks.indicators.values(),
    ):
        digest.update(np.ascontiguousarray(column).tobytes())
    digest.update(np.ascontiguousarray(blocks.planned).tobytes())
    return digest.hexdigest()
