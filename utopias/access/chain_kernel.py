"""The loop behind a chain of walks: the least way over any door between two ends, for many pairs of ends.

A sparse min-plus product asked only where somebody walks. Small jobs do without (see ``chain_join``).
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="call-overload"
# The types of a kernel are those of its signature, which mypy cannot read.

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of

NEVER = 2**62


@kernel(
    types.void(
        types.I8,
        types.I4,
        types.I4,
        types.I8,
        types.I4,
        types.I4,
        types.I8,
        types.I4,
        types.I4,
        types.int64,
        types.OUT_I8,
        types.OUT_I8,
        types.OUT_I4,
    ),
    work=turns_of,
    compiles_in=0.7,
)
def least_over_doors(
    to_starts, to_door, to_cost, from_starts, from_door, from_cost, order, first, last, limit, spread, least, door
):
    """For each pair (first[i], last[i]): the least to + from over a door in both rows, and the first such door.

    order: the pairs with those of one ``first`` side by side, so that its row is laid out once. Rows of
    ``last`` hold rising doors. spread: (d,) room, ``NEVER`` at every door. least, door: -1 where no door is in both, or the least is over ``limit``.
    """
    laid = -1
    for at in range(len(order)):
        pair = order[at]
        start = first[pair]
        if start != laid:
            if laid >= 0:
                for k in range(to_starts[laid], to_starts[laid + 1]):
                    spread[to_door[k]] = NEVER
            for k in range(to_starts[start], to_starts[start + 1]):
                spread[to_door[k]] = to_cost[k]
            laid = start
        end = last[pair]
        best = np.int64(NEVER)
        where = np.int32(-1)
        for k in range(from_starts[end], from_starts[end + 1]):
            way = spread[from_door[k]] + from_cost[k]
            if way < best:
                best = way
                where = from_door[k]
        if best > limit:
            least[pair] = -1
            door[pair] = -1
        else:
            least[pair] = best
            door[pair] = where
