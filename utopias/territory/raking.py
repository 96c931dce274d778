"""Counts that a census withheld, shared out so that each area comes to its published total.

A cell is known only to lie between two bounds; the cells of one area are scaled by one factor, as
far as their bounds let them, until they sum to what the area's own row says. Numbers in, numbers
out: what a mask means, and which bounds it sets, is said in ``census``.
"""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import Floats, Longs

STEPS = 100  # towards a factor; each at least halves where it can be, so more would not move a double
SETTLED = 1e-12  # of a total, or persons: met
LAST = 1e-9  # the seed of a cell that has none, against the largest of its area: it is filled after all others


def rake(seed: Floats, part: Longs, totals: Floats, low: Floats, high: Floats) -> Floats:
    """Values between ``low`` and ``high`` that sum to the total of each part, as near to ``seed`` as can be.

    Parameters
    ----------
    seed : (n,) 0 or more; only its proportions inside a part count. Where a part has no seed over 0, all are alike.
    part : (n,) which part each cell is of, 0 to k - 1. totals : (k,) finite.
    low, high : (n,) finite, 0 <= low <= high.

    Returns
    -------
    (n,) ``min(high, max(low, f * seed))`` with one factor ``f`` a part. A total under the sum of
    ``low`` or over that of ``high`` is met as far as the bounds let it be: the caller compares.

    Source
    ------
    Raking of one margin (Deming & Stephan 1940, Annals of Mathematical Statistics 11:427-444) within
    bounds: truncated linear calibration, Deville & Sarndal (1992), JASA 87:376-382, case 7.
    """
    if not len(seed):
        return np.zeros(0)
    parts = len(totals)
    seed = _seeded(seed, part, parts)
    least = sums_of(low, part, parts)
    totals = np.clip(totals, least, sums_of(high, part, parts))
    under, factor = np.zeros(parts), np.zeros(parts)
    np.maximum.at(factor, part, high / seed)
    factor[totals <= least] = 0.0
    over = factor.copy()
    made = np.clip(factor[part] * seed, low, high)
    for _ in range(STEPS):
        total = sums_of(made, part, parts)
        if (np.abs(total - totals) <= SETTLED * np.maximum(totals, 1.0)).all():
            break
        short = total < totals
        under, over = np.where(short, factor, under), np.where(short, over, factor)
        # The sum is a broken line in the factor: where its present piece meets the total, or half way if that lies outside.
        free = (made > low) & (made < high)
        weight = sums_of(np.where(free, seed, 0.0), part, parts)
        rest = totals - sums_of(np.where(free, 0.0, made), part, parts)
        meets = np.divide(rest, weight, out=np.full(parts, -1.0), where=weight > 0)
        factor = np.where((meets > under) & (meets < over), meets, (under + over) / 2)
        made = np.clip(factor[part] * seed, low, high)
    return made


def sums_of(values: Floats, part: Longs, parts: int) -> Floats:
    """(k,) the sum of each part."""
    summed: Floats = np.bincount(part, weights=values, minlength=parts).astype(np.float64)
    return summed


def bounds_within(part: Longs, least: Floats, most: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The tightest bounds of each cell, where the parts sum to something between ``least`` and ``most``.

    least, most : (k,). A cell is at least what is left when all others are at their highest, and at
    most what is left when they are at their lowest. Never outside ``low`` and ``high``.
    """
    lows, highs = sums_of(low, part, len(least)), sums_of(high, part, len(least))
    tight_low = np.clip(least[part] - (highs[part] - high), low, high)
    tight_high = np.clip(most[part] - (lows[part] - low), low, high)
    return np.minimum(tight_low, tight_high), tight_high


def _seeded(seed: Floats, part: Longs, parts: int) -> Floats:
    """The seeds against the largest of their part, never under ``LAST``; all 1 where a part has none."""
    largest = np.zeros(parts)
    np.maximum.at(largest, part, seed)
    share = np.divide(seed, largest[part], out=np.ones(len(seed)), where=largest[part] > 0)
    filled: Floats = np.maximum(share, LAST)
    return filled
