"""From fronts of blocks to the streets before them: nearest, about parallel, and what each edge then has.

The map of today is kept where it speaks; the survey fills where it is silent, and where the two contradict
each other that is counted. A street that no front lies along stays not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyproj
import shapely

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs, Texts, texts
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence
from utopias.domain.streets import ON_THE_FRONT, StreetFront, Streets
from utopias.territory.geoparquet import linestrings
from utopias.territory.ledger import Ledger, Note
from utopias.territory.osm_front import HARD, SOFT
from utopias.territory.osm_tags import STREETS
from utopias.territory.reference import reproject, to_degrees
from utopias.territory.street_front import SURFACES, SurveyedFronts, outlines_and_lines

NEAR_M = 25.0  # from a front to the middle of its street: half of an avenue of fifty metres
TURN = 30.0  # degrees between a front and its street, at most
PIECE_M = 10.0  # fronts are cut into pieces of at most so many metres, each matched by its middle
COVERED = 0.25  # of an edge's length must lie before fronts that speak, both sides counted, for them to speak for it
AGREED = 0.9  # of those metres must say the same for it to hold for the whole edge
BATCH = 100_000  # pieces held at once


@dataclass(frozen=True, eq=False)
class Matches:
    """(m,) pieces of front before a street: which edge, which front, how many metres."""

    edge: Longs
    front: Longs
    metres: Floats


def with_street_front(streets: Streets, fronts: SurveyedFronts, crs: pyproj.CRS, ledger: Ledger) -> Streets:
    """The same streets with what the survey says where the map says nothing.

    Parameters
    ----------
    streets : edges in the town's ``crs``, in metres; words the map gave stay.

    Notes: ``front`` (how many edges lie along fronts), ``front-filled`` (what was filled, by measure), ``front-contradicts``
    (where map and survey say opposite things; the map is kept), ``front-sides`` (surface left not known, as the fronts
    of one street differ), ``front-apart`` (fronts before no street), ``front-far`` (outside the streets' extent).

    Raises
    ------
    TableError : ``front-elsewhere``, no front lies where the streets are.
    """
    table = fronts.table
    assert table.geometry is not None
    assert table.crs is not None
    where = table.path.name
    lines, of = outlines_and_lines(fronts, reproject(table.geometry, table.crs, crs))
    west, south, east, north = shapely.total_bounds(linestrings(streets.lines))
    near = shapely.intersects(lines, shapely.box(west - NEAR_M, south - NEAR_M, east + NEAR_M, north + NEAR_M))
    if not near.any():
        raise TableError(_elsewhere(shapely.total_bounds(lines), (west, south, east, north), crs, where))
    found = match_fronts(lines[near], of[near], streets)
    rows, inside = len(table), np.unique(of[near])
    metres = np.bincount(found.edge, weights=found.metres, minlength=len(streets))
    along = metres >= COVERED * streets.length
    _tell_cover(along & streets.foot, streets, rows, len(inside), len(np.unique(found.front)), where, ledger)
    filled, against = {}, {}
    made: dict[str, Texts] = {}
    sides = 0
    for measure, words in fronts.said.items():
        ours = streets.surface if measure == "surface" else getattr(streets.front, measure)
        if measure == "surface":
            survey, sides = surface_of_edges(found, words, streets.length)
            against[measure] = int(
                (_soft(ours) & np.isin(survey, SURFACES[:2]) | _hard(ours) & (survey == "unpaved")).sum()
            )
        else:
            survey = word_of_edges(found, words, streets.length)
            against[measure] = int(((ours == "yes") & (survey == "no") | (ours == "no") & (survey == "yes")).sum())
        fill = (ours == "") & (survey != "")
        filled[measure] = int(fill.sum())
        made[measure] = texts(np.where(fill, survey, ours))
    _tell_fill(filled, against, sides, where, ledger)
    surface = made.pop("surface", streets.surface)
    front = StreetFront(*(made.get(name, getattr(streets.front, name)) for name in ON_THE_FRONT))
    return replace(streets, surface=surface, front=front)


def match_fronts(lines: AnyArray, of: Longs, streets: Streets) -> Matches:
    """Each piece of front to the nearest edge it lies beside, within ``NEAR_M``, that turns from it by at most ``TURN``.

    lines : (k,) single lines in metres. of : (k,) the front each belongs to.

    Only edges one may walk are asked. Where that edge is a way for walkers alone (a sidewalk drawn apart), the
    piece also speaks for the nearest carriageway, by the same rule.
    """
    start, end, line = _segments(shapely.segmentize(lines, PIECE_M))
    a, b, edge = _segments(linestrings(streets.lines))
    walked = streets.foot[edge]
    a, b, edge = a[walked], b[walked], edge[walked]
    tree = shapely.STRtree(shapely.linestrings(np.stack([a, b], axis=1)))
    turn = _bearing(b - a)
    carriage = np.isin(streets.kind, sorted(STREETS))[edge]
    found: list[tuple[Longs, Longs, Floats]] = []
    for first in range(0, len(start), BATCH):
        at = slice(first, first + BATCH)
        step = end[at] - start[at]
        middle, size, front = shapely.points((start[at] + end[at]) / 2), np.hypot(step[:, 0], step[:, 1]), of[line[at]]
        piece, segment = tree.query(middle, predicate="dwithin", distance=NEAR_M)
        apart = np.abs(_bearing(step)[piece] - turn[segment])
        keep = np.minimum(apart, 180.0 - apart) <= TURN
        piece, segment = piece[keep], segment[keep]
        distance, beside = _beside((start[at] + end[at])[piece] / 2, a[segment], b[segment])
        piece, segment, distance = piece[beside], segment[beside], distance[beside]
        told = np.full(len(middle), -1)
        for asked in (np.ones(len(piece), dtype=bool), carriage[segment]):
            which, nearest = _nearest(piece[asked], distance[asked], edge[segment[asked]])
            fresh = told[which] != nearest
            told[which] = nearest
            found.append((nearest[fresh], front[which[fresh]], size[which[fresh]]))
    edges, fronts, metres = (np.concatenate(column) for column in zip(*found, strict=True))
    return Matches(edges, fronts, metres)


def word_of_edges(found: Matches, words: Texts, length: Floats) -> Texts:
    """(e,) yes, part or no of each edge, from what the fronts before it say; "" where too few metres say anything.

    yes : at least ``AGREED`` of the metres say yes. no : they say no. part : between, or a front that says part.
    """
    said = words[found.front]
    yes, part, no = (
        np.bincount(found.edge, weights=found.metres * (said == word), minlength=len(length))
        for word in ("yes", "part", "no")
    )
    total: Floats = np.asarray(yes + part + no, dtype=np.float64)
    made = np.full(len(length), "part", dtype=object)
    made[yes >= AGREED * total] = "yes"
    made[no >= AGREED * total] = "no"
    made[~_speaks(total, length)] = ""
    return texts(made)


def surface_of_edges(found: Matches, words: Texts, length: Floats) -> tuple[Texts, int]:
    """(e,) the surface the fronts before each edge agree on, "" where they do not; on how many they do not."""
    said = words[found.front]
    metres = np.array(
        [np.bincount(found.edge, weights=found.metres * (said == word), minlength=len(length)) for word in SURFACES]
    )
    total = metres.sum(axis=0)
    speaks = _speaks(total, length)
    agreed = speaks & (metres.max(axis=0) >= AGREED * total)
    made = np.where(agreed, np.array(SURFACES, dtype=object)[metres.argmax(axis=0)], "")
    return texts(made), int((speaks & ~agreed).sum())


def _speaks(metres: Floats, length: Floats) -> Bools:
    return (metres > 0) & (metres >= COVERED * length)


def _segments(lines: AnyArray) -> tuple[Floats, Floats, Longs]:
    """(s, 2) ends of each stretch of each line, those without length left out, and (s,) its line."""
    coords, of = shapely.get_coordinates(lines, return_index=True)
    same = (of[1:] == of[:-1]) & (coords[1:] != coords[:-1]).any(axis=1)
    return coords[:-1][same], coords[1:][same], of[:-1][same]


def _bearing(step: Floats) -> Floats:
    """Degrees of a line's direction, 0 to 180: it has no front and no back."""
    degrees: Floats = np.degrees(np.arctan2(step[:, 1], step[:, 0])) % 180.0
    return degrees


def _beside(at: Floats, a: Floats, b: Floats) -> tuple[Floats, Bools]:
    """(p,) metres from points to stretches a-b, and whether a point lies beside its stretch and not beyond its end.

    Beside: the shortest way between them leaves the stretch at a right angle, give or take ``TURN``.
    """
    along = b - a
    share = np.clip(((at - a) * along).sum(axis=1) / (along**2).sum(axis=1), 0.0, 1.0)
    away = at - (a + share[:, None] * along)
    distance: Floats = np.hypot(away[:, 0], away[:, 1])
    askew = np.abs((away * along).sum(axis=1))
    limit = np.sin(np.radians(TURN)) * distance * np.hypot(along[:, 0], along[:, 1])
    return distance, askew <= limit + 1e-6


def _nearest(piece: Longs, distance: Floats, edge: Longs) -> tuple[Longs, Longs]:
    """Each piece that has any edge, once, and its nearest; of two as near, the first of the file."""
    order = np.lexsort((edge, distance, piece))
    first = np.concatenate([[True], piece[order][1:] != piece[order][:-1]])[: len(order)]
    return piece[order][first], edge[order][first]


def _hard(surface: Texts) -> Bools:
    hard: Bools = np.isin(surface, sorted(HARD))
    return hard


def _soft(surface: Texts) -> Bools:
    soft: Bools = np.isin(surface, sorted(SOFT))
    return soft


def _tell_cover(
    along: Bools, streets: Streets, rows: int, inside: int, matched: int, where: str, ledger: Ledger
) -> None:
    """How many edges one may walk lie along fronts, and which fronts lie along none."""
    walked, count = int(streets.foot.sum()), int(along.sum())
    share = float(streets.length[along].sum() / max(float(streets.length[streets.foot].sum()), 1e-9))
    ledger.notes.append(
        Note("front", f"{count:,} of {walked:,} edges lie along surveyed fronts", where, count,
             values={"edges": walked, "length_share": round(share, 4), "near": NEAR_M, "turn": TURN})
    )  # fmt: skip
    if rows > inside:
        ledger.notes.append(
            Note("front-far", f"{rows - inside:,} fronts lie beyond the streets", where, rows - inside, values={"fronts": rows})
        )  # fmt: skip
    if inside > matched:
        ledger.notes.append(
            Note("front-apart", f"{inside - matched:,} fronts lie along no street", where, inside - matched,
                 values={"fronts": inside, "near": NEAR_M})
        )  # fmt: skip


def _tell_fill(filled: Mapping[str, int], against: Mapping[str, int], sides: int, where: str, ledger: Ledger) -> None:
    """What the survey filled, by measure; where the map said the opposite, or two fronts of a street did."""
    count = sum(filled.values())
    ledger.notes.append(
        Note("front-filled", f"{count:,} words filled", where, count,
             values={"surface": filled.get("surface", 0), "sidewalk": filled.get("sidewalk", 0), "ramps": filled.get("ramps", 0),
                     "lit": filled.get("lit", 0), "crossing": filled.get("crossing", 0)})
    )  # fmt: skip
    count = sum(against.values())
    if count:
        ledger.notes.append(
            Note("front-contradicts", f"{count:,} words of the map say the opposite, and stay", where, count,
                 values={"surface": against.get("surface", 0), "sidewalk": against.get("sidewalk", 0),
                         "ramps": against.get("ramps", 0), "lit": against.get("lit", 0), "crossing": against.get("crossing", 0)})
        )  # fmt: skip
    if sides:
        ledger.notes.append(Note("front-sides", f"{sides:,} edges whose fronts differ in surface", where, sides))


def _elsewhere(fronts: Floats, streets: tuple[float, ...], crs: pyproj.CRS, where: str) -> Fault:
    """Fronts that lie where no street is: both middles, in degrees."""
    spots = []
    for west, south, east, north in (fronts, streets):
        lon, lat = to_degrees(np.array([(west + east) / 2]), np.array([(south + north) / 2]), crs)
        spots.append(f"{float(lat[0]):.2f}, {float(lon[0]):.2f}")
    return Fault(
        code="front-elsewhere",
        what=Sentence(
            "{file} lies around {there} (latitude, longitude), the streets around {here}",
            file=where, there=spots[0], here=spots[1],
        ),
        where=where,
        mend="give the fronts of this city, or mend their reference system",
    )  # fmt: skip
