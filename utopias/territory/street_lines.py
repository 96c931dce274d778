"""Streets from a file of lines: cut where they meet, joined into junctions and edges.

Lines meet where they share a vertex. A line that passes over another without one (a bridge, a
tunnel) does not meet it, which is how OpenStreetMap and most cadastres draw them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import shapely

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, Texts, texts
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Lines
from utopias.domain.streets import ON_THE_FRONT, StreetFront, Streets
from utopias.territory.files import ReadTable
from utopias.territory.junctions import cut_at_junctions, pieces
from utopias.territory.ledger import Ledger, Note
from utopias.territory.osm_tags import FAST, NOT_BUILT
from utopias.territory.reference import reproject

GRID_M = 0.1  # two vertices in the same decimetre are the same place
STAIRS = ("steps",)
# Classes on which nobody may walk, by OpenStreetMap's words; a `foot` column overrules them.
NO_WALKING = sorted(FAST | NOT_BUILT)


def streets_of(table: ReadTable, crs: pyproj.CRS, ledger: Ledger) -> Streets:
    """The junction graph of a table of lines.

    Parameters
    ----------
    table : lines or multilines, in any system, with the declared columns of ``edges`` it has.
    crs : the town's system, in metres.

    Every vertex that ends a line, or that two lines share, is a junction; its place is rounded to
    0.1 m. Pieces without length are left out and counted in a note, as are pieces of network that
    no street joins to the largest (``streets-apart``) and classes closed to walkers (``no-walking``).

    Raises
    ------
    TableError : ``not-lines``.
    """
    where = table.path.name
    if table.geometry is None or not np.isin(shapely.get_type_id(table.geometry), (1, 5)).all():
        raise TableError(
            Fault(
                "not-lines",
                Sentence("{where} holds other things than lines", where=where),
                where,
                "give a layer of street lines",
            )
        )
    assert table.crs is not None
    parts, row = shapely.get_parts(reproject(table.geometry, table.crs, crs), return_index=True)
    coords, line = shapely.get_coordinates(parts, return_index=True)
    coords, line = _without_repeats(np.round(coords / GRID_M) * GRID_M, line)
    vertex, x, y = _vertices(coords)
    cut = cut_at_junctions(vertex, line, x, y, crs.to_string())
    if not len(cut):
        raise TableError(
            Fault(
                "not-lines",
                Sentence("no line of {where} has a length", where=where),
                where,
                "give street lines in metres or degrees",
            )
        )
    lost = len(parts) - len(np.unique(cut.line))
    if lost:
        ledger.notes.append(Note("lines-without-length", f"{lost:,} lines shorter than 0.1 m left out", where, lost))
    columns = table.frame.iloc[row[cut.line]].reset_index(drop=True)
    kind = _text(columns, "class")
    foot = _flag(columns, "foot", ~np.isin(kind, NO_WALKING))
    if not foot.all():
        ledger.notes.append(
            Note("no-walking", f"{int((~foot).sum()):,} edges are closed to walkers", where, int((~foot).sum()))
        )
    _tell_apart(cut.tail[foot], cut.head[foot], len(cut.x), where, ledger)
    return Streets(
        x=cut.x,
        y=cut.y,
        tail=cut.tail,
        head=cut.head,
        length=cut.lines.lengths(),
        rise=_rise(columns, cut.lines, row[cut.line]),
        kind=kind,
        name=_text(columns, "name"),
        surface=_text(columns, "surface"),
        steps=_flag(columns, "steps", np.isin(kind, STAIRS)),
        foot=foot,
        lines=cut.lines,
        front=StreetFront(*(_text(columns, one) for one in ON_THE_FRONT)),
    )


def _without_repeats(coords: Floats, line: Longs) -> tuple[Floats, Longs]:
    """The same lines without a vertex that only repeats the one before it."""
    again = np.concatenate([[False], (line[1:] == line[:-1]) & (coords[1:] == coords[:-1]).all(axis=1)])
    return coords[~again], line[~again]


def _vertices(coords: Floats) -> tuple[Longs, Floats, Floats]:
    """(v,) which distinct place each vertex is, and the places."""
    cells = np.round(coords / GRID_M).astype(np.int64)
    key = cells[:, 0] * (1 << 32) + cells[:, 1]
    _, first, vertex = np.unique(key, return_index=True, return_inverse=True)
    return vertex.astype(np.int64), coords[first, 0], coords[first, 1]


def _rise(columns: pd.DataFrame, lines: Lines, source: Longs) -> Floats:
    """Height gained along each edge: the source line's, by length along it; NaN where not known."""
    if "rise_m" not in columns.columns:
        return np.full(len(lines), np.nan)
    whole = np.bincount(source, weights=lines.lengths())
    rise: Floats = columns["rise_m"].to_numpy(dtype=np.float64) * lines.lengths() / whole[source]
    return rise


def _text(columns: pd.DataFrame, name: str) -> Texts:
    return texts(columns[name]) if name in columns.columns else texts([""] * len(columns))


def _flag(columns: pd.DataFrame, name: str, otherwise: Bools) -> Bools:
    if name not in columns.columns:
        return otherwise
    said = columns[name].to_numpy(dtype=object)
    known = np.array([one is not None for one in said], dtype=bool)
    flags: Bools = np.where(known, said == True, otherwise)  # noqa: E712 - a cell may hold None
    return flags


def _tell_apart(tail: AnyArray, head: AnyArray, junctions: int, where: str, ledger: Ledger) -> None:
    count, of = pieces(tail, head, junctions)
    edges = np.bincount(of[tail], minlength=count)
    apart = int(edges.sum() - edges.max(initial=0))
    if apart:
        ledger.notes.append(
            Note(
                "streets-apart",
                f"{apart:,} of {len(tail):,} edges are not joined to the main network",
                where,
                apart,
                values={"edges": len(tail)},
            )
        )
