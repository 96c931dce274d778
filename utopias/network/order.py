"""An order in which what is near on the ground is near in memory: along a Hilbert curve.

A search that spreads over neighbouring junctions then reads neighbouring cache lines.
"""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import Floats, Longs

BITS = 16  # the curve visits a grid of 2**16 by 2**16 cells


def hilbert_key(x: Floats, y: Floats) -> Longs:
    """(n,) the position of each point on a Hilbert curve over their bounding square.

    Source
    ------
    Hilbert (1891), Math. Annalen 38:459-460; the cell-by-cell turning as in Warren,
    Hacker's Delight, 2nd ed., section 16-2.
    """
    n = len(x)
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    side = max(float(np.ptp(x)), float(np.ptp(y))) or 1.0
    last = 2**BITS - 1
    across = ((x - x.min()) / side * last).astype(np.int64)
    up = ((y - y.min()) / side * last).astype(np.int64)
    key = np.zeros(n, dtype=np.int64)
    step = 1 << (BITS - 1)
    while step:
        right, top = (across & step) > 0, (up & step) > 0
        key += step * step * ((3 * right.astype(np.int64)) ^ top)
        # In the lower half the curve runs transposed, in the lower right also mirrored.
        turned = ~top
        mirrored = turned & right
        across, up = np.where(mirrored, last - across, across), np.where(mirrored, last - up, up)
        across, up = np.where(turned, up, across), np.where(turned, across, up)
        step >>= 1
    return key


def hilbert_order(x: Floats, y: Floats) -> Longs:
    """(n,) positions of the points in the order of the curve; ties stay in the order given."""
    order: Longs = np.argsort(hilbert_key(x, y), kind="stable")
    return order
