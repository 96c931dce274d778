"""Counts that a census withheld, shared out so that each area comes to its published total.

A cell is known only to lie between two bounds; the cells of one area are scaled by one factor, as
far as their bounds let them, until they sum to what the area's own row says. Numbers in, numbers
out: what a mask means, and which bounds it sets, is said in ``census``.
"""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import Floats, Longs

HALVINGS = 80  # of the interval of a factor; more would not move a double
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
    seed = _seeded(seed, part, len(totals))

    def values(factor: Floats) -> Floats:
        made: Floats = np.clip(factor[part] * seed, low, high)
        return made

    def sums(of: Floats) -> Floats:
        summed: Floats = np.bincount(part, weights=of, minlength=len(totals)).astype(np.float64)
        return summed

    under, over = np.zeros(len(totals)), np.zeros(len(totals))
    np.maximum.at(over, part, high / seed)
    for _ in range(HALVINGS):
        middle = (under + over) / 2
        short = sums(values(middle)) < totals
        under, over = np.where(short, middle, under), np.where(short, over, middle)
    made = values(over)
    free = (made > low) & (made < high)
    # Between two neighbouring factors the free cells alone move: their exact factor, without the last halving's rounding.
    weight = sums(np.where(free, seed, 0.0))
    rest = totals - sums(np.where(free, 0.0, made))
    exact = np.divide(rest, weight, out=over.copy(), where=weight > 0)
    settled: Floats = np.where(free, np.clip(exact[part] * seed, low, high), made)
    return settled


def bounds_within(part: Longs, least: Floats, most: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The tightest bounds of each cell, where the parts sum to something between ``least`` and ``most``.

    least, most : (k,). A cell is at least what is left when all others are at their highest, and at
    most what is left when they are at their lowest. Never outside ``low`` and ``high``.
    """
    lows = np.bincount(part, weights=low, minlength=len(least))
    highs = np.bincount(part, weights=high, minlength=len(least))
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
