"""A small tree for covering with few sites: whether ``number`` sites can cover all rows, decided without a solver.

Branches on the row that fewest sites can still cover. A branch ends where the rows left, at given prices, are dearer
than the best sites left could pay: sum of prices of the rows left > sum of the largest sums by site, one for each
site that may still be chosen. Prices from the relaxation make this as strong as its bound at the first node.
"""

from __future__ import annotations

import numpy as np

from utopias.compiled import types
from utopias.compiled.kernel import kernel
from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.covers.set_cover_kernels import SURE


@kernel(
    types.int64(types.I8, types.I4, types.I8, types.I4, types.F8, types.int64, types.OUT_B1, types.int64),
    work=lambda *a: 0.1 * a[7] * len(a[1]),
    compiles_in=3.0,
    allocates=True,
)
def cover_tree(
    starts: Longs,
    columns: Ints,
    site_starts: Longs,
    rows: Ints,
    prices: Floats,
    number: int,
    chosen: Bools,
    nodes: int,
) -> int:
    """1: ``number`` sites cover all rows once, they are in ``chosen``; 0: none can; -1: not known after ``nodes`` nodes.

    ``prices`` : (n,) of the rows, 0 or more; any are right, good ones make it short.
    """
    n, sites = len(starts) - 1, len(site_starts) - 1
    chosen[:] = False
    count = np.zeros(n, np.int64)  # chosen sites that cover the row
    barred = np.zeros(sites, np.int64)  # depth + 1 at which the site was ruled out; 0: free
    branch = np.full((number + 1, sites), -1)  # sites to try at a depth, the best first
    size, at = np.zeros(number + 1, np.int64), np.zeros(number + 1, np.int64)
    taken = np.full(number + 1, -1)
    worth, cover = np.empty(sites), np.empty(sites, np.int64)
    useful = np.empty(sites, np.bool_)
    depth, met, fresh = 0, 0, True
    while depth >= 0:
        if fresh:
            fresh = False
            met += 1
            if met > nodes:
                return -1
            left = number - depth
            open_rows, dear = 0, 0.0
            for j in range(n):
                if count[j] == 0:
                    open_rows += 1
                    dear += prices[j]
            if open_rows == 0:
                return 1
            size[depth] = 0
            at[depth] = 0
            if left > 0:
                for i in range(sites):
                    worth[i], cover[i] = -1.0, 0
                    if barred[i] or chosen[i]:
                        continue
                    worth[i] = 0.0
                    for k in range(site_starts[i], site_starts[i + 1]):
                        if count[rows[k]] == 0:
                            worth[i] += prices[rows[k]]
                            cover[i] += 1
                # the largest sums by worth and by rows: both must be able to cover what is left
                by_worth, by_rows = np.sort(-worth), np.sort(-cover)
                pays, covers = 0.0, 0
                for t in range(min(left, sites) - 1):
                    pays += max(0.0, -by_worth[t])
                    covers -= by_rows[t]
                lean_worth, lean_rows = dear - pays - SURE * (1.0 + dear), open_rows - covers
                fits = True
                for i in range(sites):
                    useful[i] = worth[i] >= lean_worth and cover[i] >= lean_rows and cover[i] > 0
                fewest, row = sites + 1, -1
                for j in range(n):
                    if count[j] == 0:
                        able = 0
                        for k in range(starts[j], starts[j + 1]):
                            if useful[columns[k]]:
                                able += 1
                                if able >= fewest:
                                    break
                        if able < fewest:
                            fewest, row = able, j
                            if able == 0:
                                fits = False
                                break
                if fits:
                    for k in range(starts[row], starts[row + 1]):
                        i = columns[k]
                        if useful[i]:
                            q = size[depth]
                            while q > 0 and worth[branch[depth, q - 1]] < worth[i]:
                                branch[depth, q] = branch[depth, q - 1]
                                q -= 1
                            branch[depth, q] = i
                            size[depth] += 1
        if at[depth] >= size[depth]:  # nothing more here: back, and bar what was tried
            for i in range(sites):
                if barred[i] == depth + 1:
                    barred[i] = 0
            depth -= 1
            if depth >= 0:
                i = taken[depth]
                chosen[i] = False
                for k in range(site_starts[i], site_starts[i + 1]):
                    count[rows[k]] -= 1
                barred[i] = depth + 1
            continue
        i = branch[depth, at[depth]]
        at[depth] += 1
        taken[depth] = i
        chosen[i] = True
        for k in range(site_starts[i], site_starts[i + 1]):
            count[rows[k]] += 1
        depth += 1
        fresh = True
    return 0
