"""An order in which what is near on the ground is near in memory: along a Hilbert curve.

A search that spreads over neighbouring junctions then reads neighbouring cache lines.
"""

from __future__ import annotations

import numpy as np

from utopias.domain.arrays import AnyArray, Floats, Longs

BITS = 16  # the curve visits a grid of 2**16 by 2**16 cells
TOGETHER = 2**16  # points whose keys are found at a time: what lies between stays in the cache, and out of the memory


def hilbert_key(x: Floats, y: Floats) -> AnyArray:
    """(n,) uint32, the position of each point on a Hilbert curve over their bounding square.

    Source
    ------
    Hilbert (1891), Math. Annalen 38:459-460; the cell-by-cell turning as in Warren,
    Hacker's Delight, 2nd ed., section 16-2.
    """
    key = np.empty(len(x), dtype=np.uint32)
    if len(x) == 0:
        return key
    side = max(float(np.ptp(x)), float(np.ptp(y))) or 1.0
    west, south = x.min(), y.min()
    last = 2**BITS - 1
    for first in range(0, len(x), TOGETHER):
        some = slice(first, first + TOGETHER)
        across = ((x[some] - west) / side * last).astype(np.uint32)
        up = ((y[some] - south) / side * last).astype(np.uint32)
        key[some] = _along_the_curve(across, up)
    return key


def _along_the_curve(across: AnyArray, up: AnyArray) -> AnyArray:
    """The positions of cells, both numbers from 0 to 2**BITS - 1."""
    last = np.uint32(2**BITS - 1)
    key = np.zeros(len(across), dtype=np.uint32)
    step = 1 << (BITS - 1)
    while step:
        right, top = (across & np.uint32(step)) > 0, (up & np.uint32(step)) > 0
        key += np.uint32(step * step) * ((np.uint32(3) * right.astype(np.uint32)) ^ top.astype(np.uint32))
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
