"""What INEGI withheld of each count, found level by level: localities, their AGEBs, their blocks.

Every level is raked to the one above it. The bounds of a cell come from INEGI's rule (``census``)
and from the bands of age, which are parts of a row's people; so no row comes to more people in
its bands than live there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.territory.census_bands import agreed, may_agree
from utopias.territory.raking import bounds_within, rake, sums_of

PEOPLE = "POBTOT"
MINORS = ("P_0A2", "P_3A5", "P_6A11", "P_12A14", "P_15A17")
GROWN = ("P_18A24", "P_60YMAS")  # parts of ADULT; what remains of it is 25 to 59
ADULT = "P_18YMAS"
BANDS = (*MINORS, *GROWN)
MOST_WITHHELD = 2.0  # "*" stands for a count of fewer than three units
EQUAL = 0.5  # persons: whole counts that differ by less are the same


@dataclass(frozen=True, eq=False)
class Cells:
    """(n,) one count in the rows of one level: its value or NaN, and where ``*`` stands for it."""

    values: Floats
    stars: Bools


@dataclass(frozen=True, eq=False)
class Filled:
    """(n,) one count without a gap, with the bounds of what is not published.

    imputed : where the value is not published. least, most : of the sum over all rows.
    """

    values: Floats
    low: Floats
    high: Floats
    imputed: Bools
    least: float
    most: float


@dataclass(slots=True)
class LevelFound:
    """All counts of one level.

    differs : (k,) parts in which some count does not come to the part's own row.
    people_off : (k,) people of the part's row less those of the rows in it.
    """

    counts: dict[str, Filled] = field(default_factory=dict)
    differs: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool))
    people_off: Floats = field(default_factory=lambda: np.zeros(0))


def order_of(names: Sequence[str]) -> list[str]:
    """The counts in the order they are found in: each before its own parts, the bands of age before all others."""
    first = [PEOPLE, ADULT, *GROWN, *MINORS]
    return [name for name in first if name in names] + sorted({*names} - {*first})


def published(cells: Mapping[str, Cells]) -> dict[str, Filled]:
    """The counts of a level that nothing stands above: a gap is a NaN, anywhere from 0 to the row's people."""
    counts = {}
    people = cells[PEOPLE].values
    for name, one in cells.items():
        gap = np.isnan(one.values)
        high = np.where(np.isnan(people), np.inf, people)
        counts[name] = Filled(
            one.values, np.where(gap, 0.0, one.values), np.where(gap, high, one.values), gap, np.nan, np.nan
        )
    return counts


def fill_level(cells: Mapping[str, Cells], part: Longs, above: Mapping[str, Filled], known: Bools) -> LevelFound:
    """Every gap of one level, filled.

    Parameters
    ----------
    cells : (n,) each; PEOPLE among them. part : (n,) 0 to k - 1.
    above : (k,) each, of the rows above. known : (k,) whether there is such a row; what ``above`` says of
        others means nothing.

    A gap in a part with a total takes what is left of it, in proportion to the row's people and at most
    two for a single ``*`` (the row's people where the whole row is withheld, or where the total leaves
    more). In a part without a total it is taken at the rate of all rows of the level that are published.
    Where the people of the rows are not those of the part, its other totals are taken in proportion, and
    only as a highest bound.
    """
    found = LevelFound()
    parts = len(known)
    withheld = _withheld(cells)
    goals: dict[str, Floats] = {}
    people = np.zeros(len(part))
    scale = np.ones(parts)
    for name in order_of(list(cells)):
        values, stars = cells[name].values, cells[name].stars
        gap = np.isnan(values)
        kept = sums_of(np.where(gap, 0.0, values), part, parts)
        total = np.where(known, above[name].values, np.nan)
        low = np.zeros(len(part))
        if name == PEOPLE:
            left = np.maximum(np.nan_to_num(total - kept), 0.0)[part]
            cap = np.where(np.isnan(total)[part] & stars, MOST_WITHHELD, left)
            seed = np.ones(len(part))
        else:
            low, cap = _room(name, cells, found.counts, people)
            seed = people
        high = np.where(stars & ~withheld, np.minimum(np.maximum(MOST_WITHHELD, low), cap), cap)
        rest = total * scale - kept
        short = np.nan_to_num(rest) > sums_of(np.where(gap, high, 0.0), part, parts)
        high = np.where(short[part], cap, high)
        expected = np.clip(_rate(values, people) * seed, low, high) if name != PEOPLE else high / 2
        rest = np.where(np.isnan(rest), sums_of(np.where(gap, expected, 0.0), part, parts), np.maximum(rest, 0.0))
        filled = values.copy()
        filled[gap] = rake(seed[gap], part[gap], rest, low[gap], high[gap])
        exact = known & (scale == 1.0)
        least = np.where(exact, np.maximum(above[name].low - kept, 0.0), 0.0)
        most = np.where(known, np.maximum(above[name].high - kept, 0.0), np.inf)
        own_low, own_high = values.copy(), values.copy()
        if name != PEOPLE:  # what was found of other bands is no bound: only what is published is
            low, cap = _room(name, cells, {}, people)
            high = np.where(stars & ~withheld & ~short[part], np.minimum(np.maximum(MOST_WITHHELD, low), cap), cap)
        own_low[gap], own_high[gap] = bounds_within(part[gap], least, most, low[gap], high[gap])
        lows, highs = (sums_of(np.where(gap, bound, 0.0), part, parts) for bound in (low, high))
        found.counts[name] = Filled(
            filled,
            own_low,
            own_high,
            gap,
            float((kept + np.clip(least, lows, highs)).sum()),
            float((kept + np.clip(most, lows, highs)).sum()),
        )
        if name == PEOPLE:
            sums = sums_of(filled, part, parts)
            people, found.people_off = filled, np.nan_to_num(total - sums)
            apart = np.abs(found.people_off) > EQUAL
            scale = np.where(apart, np.divide(sums, total, out=np.zeros(parts), where=total > 0), 1.0)
        goals[name] = total * scale
    if {ADULT, *BANDS} <= goals.keys():
        _agree(found.counts, cells, part, goals)
    off = [
        np.where(above[name].imputed, 0.0, goals[name] - sums_of(one.values, part, parts))
        for name, one in found.counts.items()
    ]
    found.differs = (np.abs(np.nan_to_num(off)) > EQUAL).any(axis=0) | (np.abs(found.people_off) > EQUAL)
    return found


def _agree(found: dict[str, Filled], cells: Mapping[str, Cells], part: Longs, goals: Mapping[str, Floats]) -> None:
    """Bands found one after the other, where that left the total of some part unmet: made to meet it together."""
    names = [*BANDS, ADULT]
    unmet = may_agree(goals, {name: one.values for name, one in found.items()}, part, [PEOPLE, *names])
    at = np.flatnonzero(unmet[part])
    if not len(at):
        return
    gaps = {name: np.isnan(cells[name].values[at]) for name in names}
    minors, grown, adults = agreed(
        [found[name].values[at] for name in MINORS],
        [found[name].values[at] for name in GROWN],
        found[ADULT].values[at],
        found[PEOPLE].values[at],
        free=[gaps[name] for name in BANDS],
        adults_free=gaps[ADULT],
        single=[cells[name].stars[at] & ~_withheld(cells)[at] for name in BANDS],
        most=MOST_WITHHELD,
        part=np.unique(part[at], return_inverse=True)[1],
        totals=[goals[name][unmet] for name in BANDS],
        adult_totals=goals[ADULT][unmet],
        people_totals=goals[PEOPLE][unmet],
    )
    for name, values in zip(names, (*minors, *grown, adults), strict=True):
        whole = found[name].values.copy()
        whole[at] = np.where(gaps[name], values, whole[at])
        found[name] = replace(found[name], values=whole)


def _withheld(cells: Mapping[str, Cells]) -> Bools:
    """(n,) rows of which all but the people is a star."""
    stars: Bools = np.all([cells[name].stars for name in cells if name != PEOPLE] or [cells[PEOPLE].stars], axis=0)
    return stars


def _room(name: str, cells: Mapping[str, Cells], found: Mapping[str, Filled], people: Floats) -> tuple[Floats, Floats]:
    """(n,) the least and the most a count of a row can be, beside what is known or found of its other bands."""

    def now(band: str) -> Floats:
        if band in found:
            return found[band].values
        return np.nan_to_num(cells[band].values) if band in cells else np.zeros(len(people))

    nothing = np.zeros(len(people))
    if name not in (*MINORS, *GROWN, ADULT):
        return nothing, people
    minors = sum((now(band) for band in MINORS if band != name), nothing)
    grown = sum((now(band) for band in GROWN if band != name), nothing)
    adults = found[ADULT].values if ADULT in found else cells[ADULT].values if ADULT in cells else nothing * np.nan
    if name == ADULT:
        low, cap = grown, people - minors
    elif name in GROWN:
        low, cap = nothing, np.where(np.isnan(adults), people - minors, adults) - grown
    else:
        low, cap = nothing, people - minors - np.where(np.isnan(adults), grown, adults)
    cap = np.maximum(cap, 0.0)
    return np.minimum(low, cap), cap


def _rate(values: Floats, people: Floats) -> float:
    """The count for each person, in the rows that are published; where there is none, one half."""
    there = ~np.isnan(values)
    if people[there].sum() > 0:
        return float(values[there].sum() / people[there].sum())
    return 0.5
