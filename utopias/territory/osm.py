"""Streets and base map of a town from OpenStreetMap: ``.osm.pbf`` or ``.osm``.

Ways meet where they share a node; a bridge over a street shares none, and does not meet it. A surface
(a plaza) may be walked along its edge: a way across it is a little shorter than what is counted here.
Rise is not in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj

from utopias.domain.arrays import Bools, Floats, Ints, Longs, texts
from utopias.domain.errors import Fault, TableError
from utopias.domain.findings import Source
from utopias.domain.sentences import Sentence
from utopias.domain.shapes import Basemap
from utopias.domain.streets import StreetFront, Streets
from utopias.territory.junctions import Cut, cut_at_junctions, pieces
from utopias.territory.ledger import Ledger, Note
from utopias.territory.osm_basemap import basemap_of
from utopias.territory.osm_file import UNKNOWN, Frame, OsmFile, Ways, degrees, read_osm_file
from utopias.territory.reference import faults_of_coordinates, name_of

AROUND_M = 3_000.0  # how far beyond the blocks streets are kept: over half an hour on foot
LONG_PIECE_M = 1_000.0  # a piece of network longer than this, and joined to nothing, is told


@dataclass(frozen=True, slots=True)
class Box:
    """Where a town lies, in metres of its system; what is farther than ``AROUND_M`` from it is left out."""

    west: float
    south: float
    east: float
    north: float

    @property
    def wide(self) -> tuple[float, float, float, float]:
        """West, south, east, north with the margin."""
        return self.west - AROUND_M, self.south - AROUND_M, self.east + AROUND_M, self.north + AROUND_M


def read_osm(path: str | Path, crs: pyproj.CRS, ledger: Ledger, *, box: Box | None = None) -> OsmTown:
    """Streets and base map of an OpenStreetMap file, in the town's metres.

    Parameters
    ----------
    crs : the town's system, in metres. box : where its blocks lie; None takes everything.

    What may be walked is said in ``osm_tags``. Notes: ``osm-closed`` (ways left out, by reason), ``osm-plazas``,
    ``osm-doors`` (closed gates: the way is cut there), ``osm-unknown-nodes`` (the extract ends in mid-way),
    ``osm-far`` (ways outside the box), ``osm-pieces`` (how much of the network hangs together).

    Raises
    ------
    TableError : ``no-such-file``, ``empty-file``, ``broken-osm``; ``no-streets``: nothing in it can be walked;
        ``streets-elsewhere``: it can, but not where the blocks are; ``draft-osm``: it holds nodes that an editor
        has not sent to OpenStreetMap yet, which have no place here.
    """
    file = Path(path)
    read = read_osm_file(file, None if box is None else Frame(*_in_degrees(box, crs)))
    streets, off_ground = _streets(read, crs, box, file.name, ledger)
    return OsmTown(streets, off_ground, basemap_of(read, crs, None if box is None else box.wide), _source(file, read))


@dataclass(frozen=True, eq=False)
class OsmTown:
    """What one file gave: streets, (e,) which of them are on a bridge or in a tunnel, base map, and whom to name."""

    streets: Streets
    off_ground: Bools
    basemap: Basemap
    source: Source


@dataclass(frozen=True, eq=False)
class _Runs:
    """(v,) vertices line by line: which node, where, and (l,) which way each line is a run of."""

    node: Longs
    east: Ints
    north: Ints
    line: Longs
    way: Longs

    def take(self, keep: Bools) -> _Runs:
        """The lines of a mask (l,), numbered anew."""
        at = keep[self.line]
        number = np.cumsum(keep) - 1
        return _Runs(self.node[at], self.east[at], self.north[at], number[self.line[at]], self.way[keep])

    @property
    def starts(self) -> Longs:
        """(l,) position of the first vertex of each line."""
        return np.flatnonzero(np.concatenate([[True], self.line[1:] != self.line[:-1]])).astype(np.int64)


def _streets(read: OsmFile, crs: pyproj.CRS, box: Box | None, where: str, ledger: Ledger) -> tuple[Streets, Bools]:
    drafts = len({node for node in read.walks.nodes if node < 0})
    if drafts:
        raise TableError(
            Fault(
                code="draft-osm",
                what=Sentence(
                    "{count:,} nodes of streets in {where} are drafts of an editor, with numbers below 0",
                    count=drafts,
                    where=where,
                ),
                where=where,
                mend="give them numbers: osmium sort FILE -o sorted.osm, then osmium renumber sorted.osm -o streets.osm.pbf",
                count=drafts,
            )
        )
    runs, unknown = _runs(read.walks)
    if not len(runs.way) and not read.far:
        raise TableError(
            Fault(
                code="no-streets",
                what=Sentence("{where} holds no way that may be walked", where=where),
                where=where,
                mend="is it cut short, or an extract of something else? fetch one with highways",
            )
        )
    if box is not None:
        runs = _near(runs, read, box, crs, where, ledger)
    runs, doors = _cut_at_doors(runs, np.array(read.doors, dtype=np.int64))
    _, first, vertex = np.unique(runs.node, return_index=True, return_inverse=True)
    x, y = to_metres(degrees(runs.east[first]), degrees(runs.north[first]), crs)
    if box is None:  # else they lie around the blocks, whose own places are checked
        _must_be_placed(x, y, crs, where)
    cut = cut_at_junctions(vertex.astype(np.int64), runs.line, x, y, crs.to_string())
    kind, name, surface, steps, off_ground, front = zip(
        *(read.walks.words[way] for way in runs.way[cut.line]), strict=True
    )
    length = cut.lines.lengths()
    ledger.notes += _notes(read, unknown, doors, where)
    ledger.notes.append(_told_pieces(cut, length, where))
    streets = Streets(
        x=cut.x,
        y=cut.y,
        tail=cut.tail,
        head=cut.head,
        length=length,
        rise=np.full(len(cut), np.nan),
        kind=texts(kind),
        name=texts(name),
        surface=texts(surface),
        steps=np.array(steps, dtype=bool),
        foot=np.ones(len(cut), dtype=bool),
        lines=cut.lines,
        front=StreetFront(*map(texts, zip(*front, strict=True))),
    )
    return streets, np.array(off_ground, dtype=bool)


def to_metres(longitude: Floats, latitude: Floats, crs: pyproj.CRS) -> tuple[Floats, Floats]:
    """Points in degrees (WGS 84) in the town's system."""
    change = pyproj.Transformer.from_crs("OGC:CRS84", crs, always_xy=True)
    x, y = change.transform(longitude, latitude)
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def _must_be_placed(x: Floats, y: Floats, crs: pyproj.CRS, where: str) -> None:
    """Raises TableError: ``streets-elsewhere``, the town's system cannot hold these streets."""
    lost = int((~(np.isfinite(x) & np.isfinite(y))).sum())
    outside = lost or sum(fault.count for fault in faults_of_coordinates(x, y, crs, where))
    if outside:
        raise TableError(
            Fault(
                code="streets-elsewhere",
                what=Sentence(
                    "{count:,} of {total:,} nodes of {where} lie outside the area {name_of} is made for",
                    count=outside,
                    total=len(x),
                    where=where,
                    name_of=name_of(crs),
                ),
                where=where,
                mend="fetch the extract of this city, or mend the town's crs",
                count=outside,
            )
        )


def _runs(ways: Ways) -> tuple[_Runs, int]:
    """The ways as runs of at least two nodes that are known, none twice in a row; how many nodes are not known."""
    node, east, north, ends = ways.arrays()
    way = np.repeat(np.arange(len(ways)), np.diff(ends))
    known = (east != UNKNOWN) & (north != UNKNOWN)
    again = np.concatenate([[False], (way[1:] == way[:-1]) & (node[1:] == node[:-1])])
    # Where a node is missing the course between its neighbours is not known either: the way is two there.
    fresh = np.concatenate([[True], (way[1:] != way[:-1]) | ~known[:-1]])
    keep = known & ~again
    line = np.cumsum(fresh)[keep]
    _, line = np.unique(line, return_inverse=True)
    runs = _Runs(node[keep], east[keep], north[keep], line.astype(np.int64), _first(way[keep], line))
    return runs.take(np.bincount(runs.line) > 1), int((~known).sum())


def _first(values: Longs, line: Longs) -> Longs:
    """(l,) the value at the first vertex of each line."""
    starts = np.flatnonzero(np.concatenate([[True], line[1:] != line[:-1]])) if len(line) else np.zeros(0, np.int64)
    firsts: Longs = values[starts]
    return firsts


def _in_degrees(box: Box, crs: pyproj.CRS) -> tuple[float, float, float, float]:
    """The frame around the box with its margin: west, south, east, north."""
    back = pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
    west, south, east, north = back.transform_bounds(*box.wide, densify_pts=21)
    return float(west), float(south), float(east), float(north)


def _near(runs: _Runs, read: OsmFile, box: Box, crs: pyproj.CRS, where: str, ledger: Ledger) -> _Runs:
    """The runs whose own frame touches the box; those that were passed over in the file are counted with the others."""
    west, south, east, north = _in_degrees(box, crs)
    x, y, at = degrees(runs.east), degrees(runs.north), runs.starts
    near = np.zeros(0, dtype=bool)
    if len(x):
        near = (np.minimum.reduceat(x, at) <= east) & (np.maximum.reduceat(x, at) >= west)
        near &= (np.minimum.reduceat(y, at) <= north) & (np.maximum.reduceat(y, at) >= south)
    if not near.any():
        raise TableError(
            Fault(
                code="streets-elsewhere",
                what=Sentence(
                    "no street of {where} lies within {value:g} km of the blocks: it spans longitude {min:.3f} to {max:.3f}, latitude {min_2:.3f} to {max_2:.3f}; the blocks with this margin {west:.3f} to {east:.3f}, {south:.3f} to {north:.3f}",
                    where=where,
                    value=AROUND_M / 1000,
                    min=min([*x, read.far_frame[0]]),
                    max=max([*x, read.far_frame[2]]),
                    min_2=min([*y, read.far_frame[1]]),
                    max_2=max([*y, read.far_frame[3]]),
                    west=west,
                    east=east,
                    south=south,
                    north=north,
                ),
                where=where,
                mend="fetch the extract of this city, or mend the blocks' reference system",
            )
        )
    if read.far or not near.all():
        far, ways = int((~near).sum()) + read.far, len(near) + read.far
        ledger.notes.append(
            Note("osm-far", f"{far:,} of {ways:,} ways lie over {AROUND_M / 1000:g} km from every block and are left out",
                 where, far, values={"ways": ways, "km": AROUND_M / 1000})
        )  # fmt: skip
    return runs.take(near)


def _cut_at_doors(runs: _Runs, doors: Longs) -> tuple[_Runs, int]:
    """The runs, cut where nobody passes a closed door; how many doors lie on them.

    Each side keeps its way up to the door, at a node of its own.
    """
    shut = np.isin(runs.node, doors)
    if not shut.any():
        return runs, 0
    starts = np.zeros(len(shut), dtype=bool)
    starts[runs.starts] = True
    ends = np.concatenate([starts[1:], [True]])
    copies = np.where(shut & ~starts & ~ends, 2, 1)
    at = np.repeat(np.arange(len(shut)), copies)
    second = np.concatenate([[False], at[1:] == at[:-1]])
    node = runs.node[at].copy()
    node[shut[at]] = -1 - np.arange(int(shut[at].sum()))  # none in the file is below 0
    line = (np.cumsum(starts[at] & ~second | second) - 1).astype(np.int64)
    way = _first(runs.way[runs.line[at]], line)
    return _Runs(node, runs.east[at], runs.north[at], line, way), len(np.unique(runs.node[shut]))


def _notes(read: OsmFile, unknown: int, doors: int, where: str) -> list[Note]:
    closed, shut = sum(read.closed.values()), read.closed
    notes = []
    if closed:
        said = ", ".join(f"{reason} {count:,}" for reason, count in sorted(shut.items()))
        notes.append(
            Note("osm-closed", f"{closed:,} ways are not open to walkers and are left out: {said}", where, closed,
                 values={"fast": shut["fast-traffic"], "unbuilt": shut["not-built"], "forbidden": shut["no-foot"],
                         "private": shut["private"], "vehicles": shut["vehicles-only"], "cycles": shut["cycles-only"],
                         "ferries": shut["ferry"], "others": shut["no-street"]})
        )  # fmt: skip
    if read.plazas:
        notes.append(
            Note("osm-plazas", f"{read.plazas:,} surfaces are walked along their edge only", where, read.plazas)
        )
    if doors:
        notes.append(Note("osm-doors", f"{doors:,} private or closed gates: nobody passes", where, doors))
    if unknown:
        notes.append(Note("osm-unknown-nodes", f"{unknown:,} nodes of ways are not in the file", where, unknown))
    return notes


def _told_pieces(cut: Cut, length: Floats, where: str) -> Note:
    """How much of the network hangs together, by length."""
    count, of = pieces(cut.tail, cut.head, len(cut.x))
    metres = np.bincount(of[cut.tail], weights=length, minlength=count)
    share = float(metres.max(initial=0.0) / max(metres.sum(), 1e-9))
    long = max(int((metres > LONG_PIECE_M).sum()) - 1, 0)
    return Note(
        "osm-pieces",
        f"{count:,} pieces of network; the largest holds {share:.1%} of the length; {long:,} others are longer than 1 km",
        where,
        count,
        values={
            "largest_share": share,
            "long": long,
            "edges": len(cut),
            "kilometres": round(float(metres.sum() / 1000), 1),
        },
    )


def _source(file: Path, read: OsmFile) -> Source:
    return Source(
        name=f"© OpenStreetMap contributors ({file.name})",
        address="https://www.openstreetmap.org/copyright",
        licence="ODbL 1.0",
        date=read.date[:10],
    )
