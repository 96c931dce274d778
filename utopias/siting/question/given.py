"""What a question gives, read: numbers, positions, names and rooms; every fault is told, none is mended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from utopias.domain.arrays import Floats, frozen
from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.domain.study import Study


def whole(open: int | None, faults: list[Fault]) -> int | None:
    if open is None or (not isinstance(open, bool) and isinstance(open, (int, np.integer))):
        return None if open is None else int(open)
    faults.append(
        Fault("bad-open", Sentence("open is {open!r}", open=open), "open", "a whole number of new sites, or None")
    )
    return None


def numbers(values: Any, what: str, faults: list[Fault]) -> Floats | None:
    """(k,) ``values`` as a list of numbers, a masked one as not a number; None where they are no such list, which is a fault."""
    try:
        array = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan) if _real(values) else None
    except (TypeError, ValueError):
        array = None
    if array is not None and array.size == max(array.shape, default=1):  # a column of a table is a list too
        return np.array(array, dtype=np.float64).reshape(-1)
    said = Sentence("are not a list of numbers") if array is None else Sentence("are a table, not a list")
    faults.append(
        Fault(
            code="no-numbers",
            what=Sentence("the {what} {said}", what=what, said=said),
            where=what,
            mend="give plain numbers, one a row or one a site, in their order",
        )
    )
    return None


def _real(values: Any) -> bool:
    return getattr(getattr(values, "dtype", None), "kind", "f") not in "cmMSU"


def amount(value: Any, code: str, what: str, faults: list[Fault]) -> float | None:
    """A number, or None; anything else (a text, a list) is the fault ``code``."""
    if value is None or (isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, complex))):
        return None if value is None else float(value)
    said = {"budget": Sentence("the budget is {budget}", budget=value)}
    faults.append(
        Fault(
            code,
            said.get(what, Sentence("beyond is {beyond}", beyond=value)),
            what,
            "a number of 0 or more" if what == "budget" else "a number of 0 or more, or None",
        )
    )
    return None


def misnamed(costs: Any, by_row: Mapping[str, Any], by_site: Mapping[str, Any]) -> list[Fault]:
    """Tables of pandas that are labelled, and not in the order of the table of costs: they would be read by position."""
    faults = []
    for axis, what, values in (
        *(("index", what, values) for what, values in by_row.items()),
        *(("columns", what, values) for what, values in by_site.items()),
    ):
        own: Any = getattr(costs, axis, None)
        other: Any = getattr(values, "index", None)
        if not all(hasattr(labels, "equals") for labels in (own, other)) or own.equals(other):
            continue
        if any(list(labels) == list(range(len(labels))) for labels in (own, other)):
            continue  # numbered, not named
        faults.append(
            Fault(
                code="other-labels",
                what=Sentence("the labels of {what} are not those of the table of costs in their order", what=what),
                where=what,
                mend="bring both into one order (pandas: reindex), or give plain arrays",
            )
        )
    return faults


def indices(listed: Any, what: str, faults: list[Fault]) -> tuple[int, ...]:
    """The positions of ``listed`` (one alone, or several); what is no whole number (a mask, a fraction) is a fault and left out."""
    if listed is None or isinstance(listed, str) or not isinstance(listed, Iterable):
        listed = [] if listed is None else [listed]
    listed = list(listed)
    odd = [i for i in listed if isinstance(i, (bool, np.bool_)) or not isinstance(i, (int, np.integer))]
    if odd:
        faults.append(
            Fault(
                code="bad-site",
                what=Sentence("{count} {what} sites are not told by their position", count=len(odd), what=what),
                where=what,
                mend="give whole numbers, as [0, 4]; a mask becomes that by numpy.flatnonzero",
                count=len(odd),
                first=repr(odd[0]),
            )
        )
        return ()
    return tuple(int(i) for i in listed)


def capacity(capacities: Any, single_source: bool, sites: int) -> tuple[Floats | None, list[Fault]]:
    """(sites,) the room of each site, or None; and what is wrong with it."""
    if capacities is None:
        if not single_source:
            return None, []
        return None, [
            Fault(
                code="single-source-without-capacity",
                what="single_source says how places that fill up serve, and no capacities are given",
                where="single_source",
                mend="give capacities, or leave single_source out",
            )
        ]
    wrong: list[Fault] = []
    room = numbers(capacities, "capacities", wrong)
    if room is None:
        return None, wrong
    if len(room) != sites:
        return None, [
            Fault(
                "misaligned",
                Sentence("{count} capacities for {sites} sites", count=len(room), sites=sites),
                "capacities",
                "give one capacity a site, inf for no limit",
            )
        ]
    bad = ~(room >= 0)
    if not bad.any():
        return frozen(room), []
    return None, [
        Fault(
            "bad-capacity",
            Sentence("{count} of {total} capacities are not numbers of 0 or more", count=int(bad.sum()), total=sites),
            "capacities",
            "give persons a site can serve, inf for no limit",
            count=int(bad.sum()),
            first=Sentence("site {position}", position=int(np.flatnonzero(bad)[0])),
        )
    ]


def rooms_into(study: Study, capacities: Mapping[str, float]) -> list[Fault]:
    """Write the room of each place into ``study.places["room"]``, and tell what is wrong with what was given."""
    ids = study.places["place_id"].astype(str)
    candidates = ids[study.places["role"] != "provider"]
    lost = sorted(set(capacities) - set(candidates))
    odd = sorted(key for key, room in capacities.items() if not room >= 0)
    faults = []
    if lost:
        faults.append(
            Fault(
                "unknown-site",
                Sentence(
                    "{count} {what} sites are not among the town's units and sites", count=len(lost), what="capacities"
                ),
                "capacities",
                "use a place_id of sites.parquet",
                count=len(lost),
                first=lost[0],
            )
        )
    if odd:
        faults.append(
            Fault(
                "bad-capacity",
                Sentence(
                    "{count} of {total} capacities are not numbers of 0 or more", count=len(odd), total=len(capacities)
                ),
                "capacities",
                "give persons a site can serve, inf for no limit",
                count=len(odd),
                first=odd[0],
            )
        )
    if not faults:
        room = np.array([float(capacities.get(key, 0.0)) for key in ids])
        study.places["room"] = np.where(study.places["role"] == "provider", 0.0, room)
    return faults


def positions(asked: Sequence[str | int], known: dict[str, int], what: str, faults: list[Fault]) -> list[int]:
    if isinstance(asked, str):
        asked = [asked]
    lost = [key for key in asked if isinstance(key, str) and key not in known]
    if lost:
        faults.append(
            Fault(
                code="unknown-site",
                what=Sentence(
                    "{count} {what} sites are not among the town's units and sites", count=len(lost), what=what
                ),
                where=what,
                mend="use a place_id of sites.parquet",
                count=len(lost),
                first=lost[0],
            )
        )
    return [known[key] if isinstance(key, str) else key for key in asked if key not in lost]
