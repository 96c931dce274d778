"""Foreign rows become units, sites and providers, and the services they give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyproj
import shapely
from scipy.spatial import cKDTree

from utopias.domain.arrays import Floats
from utopias.domain.errors import Fault
from utopias.domain.places import Places, places
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Shapes
from utopias.domain.tables import columns, fault_of_rows, faults_of
from utopias.territory.build_blocks import in_their_words
from utopias.territory.files import ReadTable
from utopias.territory.geoparquet import shapes_of
from utopias.territory.ledger import Ledger, Note
from utopias.territory.reference import reproject

FAR_KM = 50.0  # no walk and hardly a city leads from a block to a place farther than this
ROLES = {"units": "unit", "sites": "site", "providers": "provider"}
TABLE = {
    "unit": "places",
    "site": "sites",
    "provider": "places",
    "school": "schools",
}  # a site's land is declared beside its place
MODULES = tuple(column.name for column in columns("modules"))


def places_of(table: ReadTable | None, role: str, crs: pyproj.CRS, homes: Floats, ledger: Ledger) -> Places | None:
    """The places of one role; none where there is no table. Faults go to ``ledger``, and then None.

    homes : (n, 2) points of the blocks in metres, or none: a place over 50 km from all of them is
        ``far-from-blocks``. A place drawn as a polygon is taken at a point inside it, told in a note.

    Other faults: ``no-place``, and those of the declared table.
    """
    if table is None:
        return places([], [], [], role=role)
    where = table.path.name
    if table.geometry is None and not table.misplaced:
        ledger.faults.append(
            Fault(
                "no-place",
                Sentence("{where} has no coordinates", where=where),
                where,
                "name x and y in its column file, or give points",
            )
        )
    spots = np.zeros((len(table), 2))
    placed = table.geometry is not None and table.crs is not None
    if table.geometry is not None and table.crs is not None:
        drawn = shapely.get_dimensions(table.geometry) > 0
        if drawn.any():
            count = int(drawn.sum())
            ledger.notes.append(
                Note("place-inside-outline", f"{count:,} places taken at a point inside their outline", where, count)
            )
        spots = shapely.get_coordinates(shapely.point_on_surface(reproject(table.geometry, table.crs, crs)))
    declared = [column.name for column in columns(TABLE[role]) if column.name in table.frame.columns]
    frame = table.frame[[name for name in declared if name not in ("x", "y")]].assign(x=spots[:, 0], y=spots[:, 1])
    faults = [_keyless(in_their_words(fault, table)) for fault in faults_of(frame, TABLE[role], where)]
    if placed and len(homes):
        far = ~(cKDTree(homes).query(spots)[0] <= FAR_KM * 1000)
        if far.any():
            what, mend = (
                Sentence("places are over {FAR_KM:g} km from every block", FAR_KM=FAR_KM),
                "look for exchanged or wrong coordinates",
            )
            keys = frame[declared[0]] if declared else pd.Series(spots[:, 0])
            faults.append(in_their_words(fault_of_rows("far-from-blocks", far, what, where, mend, keys), table))
    ledger.faults += faults
    if faults or not placed:
        return None
    return places(
        frame["place_id"], spots[:, 0], spots[:, 1], role=role, table=frame.drop(columns=["place_id", "x", "y"])
    )


def lots_of(table: ReadTable | None, crs: pyproj.CRS, name: str) -> Shapes | None:
    """(n,) outlines of the sites in the town's metres, empty where a row is a point; None where all are.

    ``name`` : what the town calls ``crs``.
    """
    if table is None or table.geometry is None or table.crs is None:
        return None
    drawn = shapely.get_dimensions(table.geometry) == 2
    if not drawn.any():
        return None
    outlines = reproject(table.geometry, table.crs, crs)
    return shapes_of(np.where(drawn, outlines, shapely.MultiPolygon()), name)


def _keyless(fault: Fault) -> Fault:
    """A list without keys is common: say how the column file names them, or numbers the rows."""
    if fault.code != "missing-column" or "'place_id'" not in fault.what:
        return fault
    mend = 'say in the column file which column it is: [columns] place_id = "name"; or number the rows: [format] numbered = "unit-"'
    return replace(fault, mend=mend)


def faults_of_a_mistaken_file(units: ReadTable | None, blocks: ReadTable | None) -> list[Fault]:
    """The table of people given as the list of units: a unit in every block would reach everybody.

    Units may borrow keys of blocks (cells that hold one); not in half of all blocks. Fault: ``units-are-blocks``.
    """
    if units is None or blocks is None or "place_id" not in units.frame or "block_id" not in blocks.frame:
        return []
    keys, homes = set(units.frame["place_id"].astype(str)), set(blocks.frame["block_id"].astype(str))
    if len(keys) < 2 or not keys <= homes or 2 * len(keys) < len(homes):
        return []
    return [
        Fault(
            code="units-are-blocks",
            what=Sentence(
                "all {count:,} units have keys of blocks, and there are {total:,} blocks",
                count=len(keys),
                total=len(homes),
            ),
            where=Sentence("{file} and {file_2}", file=units.path.name, file_2=blocks.path.name),
            mend="give the list of the units that stand, one row a unit; this looks like the table of people",
            count=len(keys),
        )
    ]


def faults_across(groups: dict[str, Places], tables: dict[str, ReadTable | None]) -> list[Fault]:
    """Ids that stand in two tables: a plan would not know which place is meant. Fault: ``duplicate-key``."""
    faults = []
    names = list(groups)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            both = sorted(set(groups[one].ids.tolist()) & set(groups[other].ids.tolist()))
            if both:
                files = [table.path.name for table in (tables[one], tables[other]) if table is not None]
                faults.append(
                    Fault(
                        code="duplicate-key",
                        what=Sentence(
                            "{count:,} ids stand among the {one} and among the {other}",
                            count=len(both),
                            one=one,
                            other=other,
                        ),
                        where=", ".join(files),
                        mend='tell them apart with prefix = "school-" in a column file',
                        count=len(both),
                        first=repr(both[0]),
                    )
                )
    return faults


def modules_of(
    tables: dict[str, ReadTable | None], separate: ReadTable | None, groups: dict[str, Places], ledger: Ledger
) -> pd.DataFrame:
    """The services of all places: from the places' own rows, and from a table of services.

    A cell may name several services with ``;`` between them, then without a capacity. A unit's
    services substitute fully (1); a provider's as declared, else empty.

    Faults: ``capacity-of-several``, ``service-of-nobody``, and those of the declared table.
    """
    rows = [_own_modules(table, ledger) for table in tables.values() if table is not None]
    if separate is not None:
        known = {key for group in groups.values() for key in group.ids.tolist()}
        frame = separate.frame.reindex(columns=list(MODULES))
        where = separate.path.name
        ledger.faults += [in_their_words(f, separate) for f in faults_of(separate.frame, "modules", where)]
        lost = ~frame["place_id"].isin(known).to_numpy()
        if lost.any():
            what, mend = "services belong to no place of the town", "mend place_id, or leave these rows out"
            lost_fault = fault_of_rows(
                "service-of-nobody",
                lost,
                what,
                Sentence("column {column} of {file}", column="place_id", file=where),
                mend,
                frame["place_id"],
            )
            ledger.faults.append(in_their_words(lost_fault, separate))
        rows.append(frame)
    made = pd.concat([row for row in rows if len(row)], ignore_index=True) if any(map(len, rows)) else _no_modules()
    units = set(groups["units"].ids.tolist()) if "units" in groups else set()
    own = made["place_id"].isin(units) & made["substitution"].isna()
    made.loc[own, "substitution"] = 1.0
    return _tidy(made)


def _own_modules(table: ReadTable, ledger: Ledger) -> pd.DataFrame:
    """One row a service of the places in ``table``."""
    frame = table.frame
    if "service" not in frame.columns or "place_id" not in frame.columns:
        return _no_modules()
    made = frame.reindex(columns=list(MODULES))
    several = (
        made["service"].astype(str).str.contains(";", regex=False).to_numpy() & made["capacity"].notna().to_numpy()
    )
    if several.any():
        what = "places give one capacity for several services"
        mend = "give a table of services (modules) with a row for each"
        fault = fault_of_rows("capacity-of-several", several, what, table.path.name, mend, made["service"])
        ledger.faults.append(in_their_words(fault, table))
    made["service"] = made["service"].astype(str).str.split(";")
    made = made.explode("service", ignore_index=True)
    made["service"] = made["service"].str.strip()
    made = made[made["service"] != ""].reset_index(drop=True)
    ledger.faults += faults_of(made, "modules", table.path.name)
    return made


def _no_modules() -> pd.DataFrame:
    return _tidy(pd.DataFrame(columns=list(MODULES)))


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts as text with "" where nothing is said, numbers as numbers with NaN."""
    made = {}
    for column in columns("modules"):
        values = frame[column.name]
        if column.type in ("number", "share"):
            made[column.name] = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
        else:
            made[column.name] = values.astype(object).fillna("").astype(str).to_numpy(dtype=object)
    return pd.DataFrame(made)
