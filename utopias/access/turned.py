"""A sparse table with its rows and columns exchanged."""

# mypy: allow-untyped-defs, disable-error-code="call-overload"

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel, turns_of
from utopias.domain.arrays import AnyArray, Ints, Longs


@kernel(
    types.void(types.I8, types.I4, types.I4, types.OUT_I8, types.OUT_I4, types.OUT_I4), work=turns_of, compiles_in=0.4
)
def deal_out(starts, columns, values, cursor, rows, laid):
    """Put each entry where the row it turns into begins; ``cursor`` (columns,) holds that place and moves on."""
    for row in range(len(starts) - 1):
        for k in range(starts[row], starts[row + 1]):
            at = cursor[columns[k]]
            rows[at] = row
            laid[at] = values[k]
            cursor[columns[k]] = at + 1


def turned(starts: Longs, columns: AnyArray, values: AnyArray, width: int) -> tuple[Longs, Ints, Ints]:
    """The table (n, width) as (width, n): a counting sort, which keeps stored zeros; columns then rise in every row."""
    begins = np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=width))]).astype(np.int64)
    rows, laid = np.empty(len(columns), dtype=np.int32), np.empty(len(columns), dtype=np.int32)
    deal_out(
        np.ascontiguousarray(starts, dtype=np.int64), np.ascontiguousarray(columns, dtype=np.int32),
        np.ascontiguousarray(values, dtype=np.int32), begins[:-1].copy(), rows, laid,
    )  # fmt: skip
    return begins, rows, laid
