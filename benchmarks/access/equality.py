"""What is not equal between our answer and a peer's: to the last unit, none left out; "" where nothing is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from utopias.domain.arrays import AnyArray, Longs

if TYPE_CHECKING:  # a process whose memory is measured shall not hold pandas for our comparison
    import pandas as pd

NONE = -1
PANDANA_UNREACHABLE = 4_294_967.0  # shortest_path_lengths gives 4294967.295 where there is no way


def sums_differ(ours: AnyArray, theirs: AnyArray) -> str:
    """(n,) sums of whole numbers: equal to the last."""
    return unequal("sums", np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64))


def rows_differ(ours: Any, theirs: pd.DataFrame, sources: Longs) -> str:
    """Our (starts, nodes, cost) and pandana's lines: the same nodes at the same costs in every row."""
    starts, nodes, cost = (np.asarray(part, dtype=np.int64) for part in ours)
    position = np.searchsorted(sources, theirs["source"].to_numpy())
    mine = np.stack([np.repeat(np.arange(len(sources)), np.diff(starts)), nodes, cost], 1)
    other = np.stack([position, theirs["destination"].to_numpy(), np.rint(theirs["cost"].to_numpy())], 1)
    if len(mine) != len(other):
        return f"{len(mine):,} entries against {len(other):,}"
    return unequal("entries", _sorted(mine), _sorted(other.astype(np.int64)))


def nearest_differ(ours: Any, theirs: pd.DataFrame, k: int) -> str:
    """(n, k) costs exactly; ids where no other place is as near, at the last rank included.

    Which of several equally near places is named differs lawfully; the k-th may be tied with a (k+1)-th that
    neither names, so ids of a row's last distinct cost are compared only where one rank has it and k places were found
    with a farther one after: those of rank k are left out.
    """
    cost, which = (np.asarray(part, dtype=np.int64) for part in ours)
    their_cost = np.rint(theirs.iloc[:, :k].to_numpy()).astype(np.int64)
    said = unequal("costs", cost, their_cost)
    if said:
        return said
    their_which = theirs.iloc[:, k:].fillna(NONE).to_numpy().astype(np.int64)
    alone = np.ones(cost.shape, dtype=bool)
    alone[:, 1:] &= cost[:, 1:] != cost[:, :-1]
    alone[:, :-1] &= cost[:, :-1] != cost[:, 1:]
    alone[:, -1] &= cost[:, -1] == NONE
    alone |= cost == NONE
    return unequal("ids of untied places", which[alone], their_which[alone])


def table_differs(ours: AnyArray, theirs: AnyArray) -> str:
    """(s, t) costs: ours -1 where there is no way, pandana's very large, scipy's infinite."""
    none = ~np.isfinite(theirs) | (theirs >= PANDANA_UNREACHABLE)
    return unequal("costs", np.asarray(ours, dtype=np.int64), np.where(none, NONE, np.rint(theirs)).astype(np.int64))


def unequal(what: str, ours: AnyArray, theirs: AnyArray) -> str:
    """How many differ, and the first; "" where none does."""
    if ours.shape != theirs.shape:
        return f"{what} of shape {ours.shape} against {theirs.shape}"
    wrong = np.flatnonzero((ours != theirs).ravel())
    if not len(wrong):
        return ""
    first = int(wrong[0])
    return (
        f"{len(wrong):,} of {ours.size:,} {what} differ; the first, at {first}: "
        f"{ours.ravel()[first]:,} against {theirs.ravel()[first]:,}"
    )


def _sorted(lines: AnyArray) -> AnyArray:
    ordered: AnyArray = lines[np.lexsort((lines[:, 1], lines[:, 0]))]
    return ordered
