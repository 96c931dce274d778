"""Which columns of an origin-destination table are which: the names that routing programs write.

    long   one row a pair     r5py, r5r    from_id, to_id, travel_time or travel_time_p50   (minutes)
                              ArcGIS       OriginName, DestinationName, Total_Minutes, Total_TravelTime
                              OSRM, ors    origin_id, destination_id, duration              (seconds)
    wide   one row an origin, one column a destination

A unit is taken from a name only where the name, or the program that writes exactly these names,
says it; else it must be said. No unit is ever guessed from the numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from utopias.domain.arrays import Longs, Texts
from utopias.domain.errors import Fault, TableError
from utopias.domain.sentences import Sentence

ORIGINS = ("fromid", "originid", "originname", "origin", "origins", "from", "blockid", "sourceid", "source", "startid")
DESTINATIONS = (
    "toid",
    "destinationid",
    "destinationname",
    "destination",
    "destinations",
    "to",
    "placeid",
    "destid",
    "dest",
    "targetid",
    "target",
    "endid",
)
SECONDS_IN = {"seconds": 1, "s": 1, "minutes": 60, "min": 60, "hours": 3600, "h": 3600}
_UNIT_WORDS = {
    **dict.fromkeys(("minutes", "minute", "mins", "min"), "minutes"),
    **dict.fromkeys(("seconds", "second", "secs", "sec", "s"), "seconds"),
    **dict.fromkeys(("hours", "hour", "hrs", "h"), "hours"),
}
_TIME_WORDS = {"time", "traveltime", "walktime", "drivetime", "duration", "durations", "impedance", "tt"}
_BESIDE_TIME = {"total", "travel", "walk", "walking", "transit", "drive", "trip", "median", "mean", "in", "p"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Names of the columns; ``destination`` and ``time`` are None for a wide table. ``unit`` None: not said."""

    origin: str
    destination: str | None
    time: str | None
    unit: str | None


def layout_of(
    frame: pd.DataFrame,
    blocks: Texts,
    places: Texts,
    *,
    origin: str | None,
    destination: str | None,
    time: str | None,
    where: str,
) -> Layout:
    """The layout by the names given, else by those known, else by the ids that the columns hold.

    Raises
    ------
    TableError : ``duplicate-column``, ``missing-column`` (a name given is not there), ``ambiguous-columns`` (two may be the
        time), ``unknown-layout`` (neither long nor wide).
    """
    names = [str(name) for name in frame.columns]
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        mend = "give every column its own name; in a wide table, every destination one column"
        raise TableError(
            Fault(
                "duplicate-column",
                Sentence("{count} columns repeat a name", count=len(twice)),
                where,
                mend,
                len(twice),
                twice[0],
            )
        )
    lost = [name for name in (origin, destination, time) if name is not None and name not in names]
    if lost:
        raise TableError(
            Fault(
                code="missing-column",
                what=Sentence("no column {listed}", listed=", ".join(map(repr, lost))),
                where=where,
                mend=Sentence("name one of: {listed}", listed=", ".join(names[:20])),
                count=len(lost),
                first=lost[0],
            )
        )
    start = origin or _holding(frame, ORIGINS, blocks)
    end = destination or _holding(frame, DESTINATIONS, places)
    times = [time] if time else [name for name in names if name not in (start, end) and _time_unit(name) is not None]
    if start and end and len(times) > 1:
        raise TableError(
            Fault(
                code="ambiguous-columns",
                what=Sentence("{listed}: each may be the time", listed=", ".join(times)),
                where=where,
                mend=Sentence('say which: time="{times}"', times=times[0]),
                count=len(times),
                first=times[0],
            )
        )
    if start and end and times:
        by_r5 = {_plain(start), _plain(end), _plain(times[0])} == {"fromid", "toid", "traveltime"}
        return Layout(start, end, times[0], "minutes" if by_r5 else _time_unit(times[0]) or None)
    known = set(places.tolist())
    if not (destination or time) and names and any(name in known for name in names[1:]):
        return Layout(origin or names[0], None, None, None)
    missing = [what for what, found in (("origin", start), ("destination", end), ("time", times)) if not found]
    raise TableError(
        Fault(
            code="unknown-layout",
            what=Sentence(
                "no column is known as the {listed}, and none bears the id of a place", listed=", ".join(missing)
            ),
            where=Sentence("{where}: columns {listed}", where=where, listed=", ".join(names[:20])),
            mend='name them: origin="...", destination="...", time="..."',
        )
    )


def positions(values: pd.Series, ids: Texts) -> tuple[Longs, pd.Series]:
    """Where each value stands among ``ids`` (-1: nowhere), and the values as text.

    A whole number is read as its digits: a key that lost its zeros is then not found, and told.
    """
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    if not pd.api.types.is_string_dtype(values):
        values = values.map(str, na_action="ignore")
    text = pa.array(values.astype("str"), type=pa.string(), from_pandas=True)
    found = pc.fill_null(pc.index_in(text, value_set=pa.array(ids, type=pa.string())), -1)
    return found.to_numpy(zero_copy_only=False).astype("int64"), values


def _holding(frame: pd.DataFrame, known_names: tuple[str, ...], ids: Texts) -> str | None:
    """The column of a known name; of several, the one that holds most of the ids (ArcGIS writes names and numbers)."""
    by_name = {_plain(str(name)): str(name) for name in reversed(list(frame.columns))}
    candidates = [by_name[name] for name in known_names if name in by_name]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    held = [int((positions(frame[name][:1000], ids)[0] >= 0).sum()) for name in candidates]
    return candidates[held.index(max(held))]


def _time_unit(name: str) -> str | None:
    """The unit that a column name says; "" for a time without a unit; None for no time."""
    words = _words(name)
    if re.fullmatch(r"traveltimep\d+", "".join(words)):
        return "minutes"  # r5r and r5py write percentiles in minutes
    if words in (["duration"], ["durations"]):
        return "seconds"  # OSRM and openrouteservice
    unit = _UNIT_WORDS.get(words[-1], "") if words else ""
    rest = [word for word in (words[:-1] if unit else words) if word not in _BESIDE_TIME]
    if unit and len(words[-1]) > 1 and not rest:
        return unit
    return unit if rest and all(word in _TIME_WORDS for word in rest) else None


def _words(name: str) -> list[str]:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[a-z]+|\d+", parted.lower())


def _plain(name: str) -> str:
    return "".join(_words(name))
