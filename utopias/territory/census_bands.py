"""Bands of age that agree with two things at once: the people of each row, and the totals of each area.

Found one after the other (``census_counts``), the last band of a row may have less room than its
area's total asks. Here the cells that nobody published are scaled by row and by column in turn, as a
table with two margins is, until both are met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.territory.raking import rake, sums_of

TURNS = 4  # by column and by row, before areas that are settled are left alone
STAGES = 40
CLOSE = 0.02  # persons: an area's total is met; towards a cell that must be 0 each turn gains less than the one before


def agreed(
    minors: Sequence[Floats], grown: Sequence[Floats], adults: Floats, people: Floats, *,
    free: Sequence[Bools], adults_free: Bools, single: Sequence[Bools], most: float, part: Longs, totals: Sequence[Floats],
    adult_totals: Floats, people_totals: Floats,
) -> tuple[list[Floats], list[Floats], Floats]:  # fmt: skip
    """Bands of ``minors`` and ``grown``, and the adults that hold the grown, met by row and by part.

    Parameters
    ----------
    minors, grown : (n,) each, a first guess where free, else published. adults, people : (n,).
    free, single : for every band, minors first: (n,) cells nobody published; those a single star stands for,
        which are at most ``most`` unless the guess is already more.
    part : (n,) 0 to k - 1. totals : (k,) for every band; NaN in a part to be left as it is.

    Returns
    -------
    minors, grown, adults: in every row the bands come to no more than its people; in every part to the
        totals, where both can be. Published cells are as they were.

    Source
    ------
    Iterative proportional fitting, Deming & Stephan (1940), Annals of Mathematical Statistics 11:427-444, with
    what is in no band (25 to 59; age not said) as two bands more.
    """
    bands = [*minors, *grown]
    split, count, parts = len(minors), len(bands) + 2, len(people_totals)
    middle, other = adults - sum(grown), people - adults - sum(minors)
    grown_free = np.any(free[split:], axis=0) | adults_free
    minors_free = np.any(free[:split], axis=0) | adults_free
    value = np.stack([*bands, middle, other], axis=1)
    unpublished = np.stack([*free, grown_free, minors_free], axis=1)
    goal = np.stack(
        [*totals, adult_totals - sum(totals[split:]), people_totals - adult_totals - sum(totals[:split])], axis=1
    )
    high = np.repeat(people[:, None], count, axis=1)
    for index, star in enumerate(single):
        high[:, index] = np.where(star & (value[:, index] <= most), np.minimum(most, people), people)
    rows = np.arange(len(people))
    side = np.array([0] * split + [1] * len(grown) + [1, 0])
    group = (
        rows[:, None] * 2 + np.where(adults_free, 0, 1)[:, None] * side
    )  # one sum a row, or two where adults are published
    column = part[:, None] * count + np.arange(count)
    whole = np.zeros(2 * len(people))
    whole[0::2] = np.where(adults_free, people, people - adults)
    whole[1::2] = np.where(adults_free, 0.0, adults)
    whole_goal: Bools = np.all(np.isfinite(goal), axis=1)
    at = unpublished & whole_goal[part][:, None]
    x, top, by_row, by_column, of = value[at], np.maximum(high[at], 0.0), group[at], column[at], np.nonzero(at)
    x = np.clip(x, 0.0, top)
    fixed = np.where(unpublished, 0.0, value)
    row_rest = np.maximum(whole - sums_of(fixed.ravel(), group.ravel(), len(whole)), 0.0)
    column_rest = np.maximum(np.nan_to_num(goal).ravel() - sums_of(fixed.ravel(), column.ravel(), parts * count), 0.0)
    live = np.ones(len(x), dtype=bool)
    for _ in range(STAGES):
        low = np.zeros(int(live.sum()))
        for _ in range(TURNS):
            x[live] = rake(x[live], by_column[live], column_rest, low, top[live])
            x[live] = rake(x[live], by_row[live], row_rest, low, top[live])
        off = np.abs(sums_of(x, by_column, parts * count) - column_rest).reshape(parts, count).max(axis=1) > CLOSE
        live = off[by_column // count]
        if not live.any():
            break
    value[of] = x
    made = [value[:, index] for index in range(len(bands))]
    return made[:split], made[split:], np.where(adults_free, value[:, split : count - 1].sum(axis=1), adults)


def may_agree(totals: Mapping[str, Floats], found: Mapping[str, Floats], part: Longs, names: Sequence[str]) -> Bools:
    """(k,) parts with every total, in which some band of ``names`` does not come to it yet."""
    parts = len(next(iter(totals.values())))
    every = np.all([np.isfinite(totals[name]) for name in names], axis=0)
    off = np.any(
        [np.abs(np.nan_to_num(totals[name]) - sums_of(found[name], part, parts)) > CLOSE for name in names], axis=0
    )
    wanted: Bools = every & off
    return wanted
