"""Faults in the words of a town: its reference system, and the ids of its groups and indicators."""

from __future__ import annotations

import math

from utopias.domain.errors import Fault
from utopias.domain.sentences import Sentence
from utopias.domain.tables import columns
from utopias.territory.town_toml import NAME, TownWords


def word_faults(words: TownWords) -> list[Fault]:
    """Every fault of ``town.toml`` beyond its form."""
    faults = crs_faults(words.crs, f"crs of {NAME}") if words.crs else []
    ids = [group.id for group in words.groups] + [indicator.id for indicator in words.indicators]
    declared = {column.name for column in columns("blocks")} | {"geometry"}
    twice = sorted({key for key in ids if ids.count(key) > 1} | (set(ids) & declared))
    if twice:
        faults.append(
            Fault(
                code="duplicate-key",
                what=Sentence(
                    "{listed}: the ids of groups, indicators and block columns must differ", listed=", ".join(twice)
                ),
                where=Sentence("groups and indicators of {NAME}", NAME=NAME),
                mend="rename the indicator, for instance to 'share of ...'",
                count=len(twice),
                first=twice[0],
            )
        )
    groups = [group.id for group in words.groups]
    for indicator in words.indicators:
        where = Sentence("indicator {id!r} of {NAME}", id=indicator.id, NAME=NAME)
        if indicator.from_group not in {"", *groups}:
            faults.append(
                Fault(
                    code="unknown-group",
                    what=Sentence(
                        "it is made from the group {from_group!r}, which the town does not count",
                        from_group=indicator.from_group,
                    ),
                    where=where,
                    mend=Sentence("name one of: {listed}", listed=", ".join(groups)),
                )
            )
        if not math.isfinite(indicator.weight) or indicator.weight < 0:
            faults.append(
                Fault(
                    "bad-weight",
                    Sentence("its weight is {weight}", weight=indicator.weight),
                    where,
                    "write a number of 0 or more",
                )
            )
    return faults


def crs_faults(crs: str, where: str) -> list[Fault]:
    """Whether a reference system is known and measures in metres east and north."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    mend = "give a projected system in metres, such as the UTM zone of the place (EPSG:32614)"
    try:
        system = CRS.from_user_input(crs)
    except CRSError:
        return [Fault("unknown-crs", Sentence("{crs!r} is not a reference system we know", crs=crs), where, mend)]
    metres = all(abs(axis.unit_conversion_factor - 1.0) < 1e-12 for axis in system.axis_info[:2])
    if system.is_projected and metres:
        return []
    units = ", ".join(sorted({axis.unit_name for axis in system.axis_info}))
    return [
        Fault(
            "crs-not-in-metres",
            Sentence("{crs!r} ({name}) measures in {units}, not in metres", crs=crs, name=system.name, units=units),
            where,
            mend,
        )
    ]
