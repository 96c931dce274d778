"""The two sweeps of every floating catchment over a table of times: people onto places, levels back onto people.

Each sweep reads every pair once, in the order of
the table, and adds in that order, so that a sum is the same on every machine and in every path. The weight
of a pair is looked up by its whole deciseconds, or by their zone; no array as long as the pairs is made.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# The types of a kernel are those of its signature, which mypy cannot read.

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of

_U1 = types.Array(types.uint8, 1, "C", readonly=True)


@kernel(types.void(types.I8, types.I4, types.I4, types.F8, types.F8, types.OUT_F8), work=turns_of, compiles_in=0.5)
def spread(starts, columns, deciseconds, weight, amount, at_place):
    """Add to ``at_place`` (m,) the ``amount`` (n,) of every origin times the weight of each of its pairs."""
    for row in range(len(starts) - 1):
        here = amount[row]
        if here == 0.0:
            continue
        for k in range(starts[row], starts[row + 1]):
            # As unsigned: an index that could be negative costs a check for wrapping around.
            at_place[np.uint32(columns[k])] += here * weight[np.uint32(deciseconds[k])]


@kernel(types.void(types.I8, types.I4, types.I4, types.F8, types.F8, types.OUT_F8), work=turns_of, compiles_in=0.5)
def gather(starts, columns, deciseconds, weight, amount, at_origin):
    """Put into ``at_origin`` (n,) the ``amount`` (m,) of every place of an origin times the weight of the pair."""
    for row in range(len(starts) - 1):
        total = 0.0
        for k in range(starts[row], starts[row + 1]):
            total += amount[np.uint32(columns[k])] * weight[np.uint32(deciseconds[k])]
        at_origin[row] = total


# The same where the weight is one of a few: the zone of each decisecond takes one byte instead of eight, so that the
# whole limit stays beside the processor (1.5 times as quick at 40 minutes).


@kernel(types.void(types.I8, types.I4, types.I4, _U1, types.F8, types.F8, types.OUT_F8), work=turns_of, compiles_in=0.5)
def spread_in_zones(starts, columns, deciseconds, zone, weight, amount, at_place):
    """As ``spread``, with ``weight`` by the ``zone`` of each decisecond."""
    for row in range(len(starts) - 1):
        here = amount[row]
        if here == 0.0:
            continue
        for k in range(starts[row], starts[row + 1]):
            at_place[np.uint32(columns[k])] += here * weight[zone[np.uint32(deciseconds[k])]]


@kernel(types.void(types.I8, types.I4, types.I4, _U1, types.F8, types.F8, types.OUT_F8), work=turns_of, compiles_in=0.5)
def gather_in_zones(starts, columns, deciseconds, zone, weight, amount, at_origin):
    """As ``gather``, with ``weight`` by the ``zone`` of each decisecond."""
    for row in range(len(starts) - 1):
        total = 0.0
        for k in range(starts[row], starts[row + 1]):
            total += amount[np.uint32(columns[k])] * weight[zone[np.uint32(deciseconds[k])]]
        at_origin[row] = total
