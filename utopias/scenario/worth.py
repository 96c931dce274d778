"""What each chosen site is worth to the aim, and what each refused one would cost it: every single swap at once.

Counted from the tables a plan carries, so that it also works on a plan read from its folder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.domain.study import Study


@dataclass(frozen=True, eq=False)
class Worth:
    """Losses of the aim's value, in its unit; over 0 is worse than the plan.

    sites : (p,) positions of the new sites. without : (p,) the loss when one closes and none takes its place.
    others : (r,) candidates that may be chosen and were not. swap : (r, p) the loss when the candidate
        takes the place of the site; inf where the budget forbids it or the site was demanded.
    added : (r,) the loss (0 or under) when the candidate opens beside them all; inf where the number
        is given or the budget does not reach.
    """

    sites: Longs
    without: Floats
    others: Longs
    swap: Floats
    added: Floats

    @property
    def least(self) -> Floats:
        """(r,) what the plan loses if it must take each candidate: by the best swap, or beside them all."""
        least: Floats = np.minimum(self.swap.min(axis=1, initial=np.inf), self.added)
        return least

    def best_replacement(self, k: int) -> tuple[int, float] | None:
        """(candidate, loss) of the best swap for site ``k``; None where there is none."""
        if not len(self.others) or not np.isfinite(self.swap[:, k]).any():
            return None
        best = int(np.argmin(self.swap[:, k]))
        return int(self.others[best]), float(self.swap[best, k])


def worth_of(study: Study, plan: Plan, limit: Duration) -> Worth:
    """Close each new site, and swap it with each candidate.

    For cover-most a place within ``limit`` is charged 0 and any other 1; for the aims over distance
    the minutes, and the end of the table (or ``plan.beyond``) where no open site reaches.

    Source
    ------
    All swaps in one pass over the pairs: Schubert & Rousseeuw (2021), Information Systems 101:101804.
    """
    role = study.places["role"].to_numpy(dtype=object)
    rows, columns = study.times.rows, study.times.columns.astype(np.int64)
    weight = study.blocks["weight"].to_numpy(dtype=np.float64)
    far = study.times.limit.minutes if plan.beyond is None else plan.beyond / 600.0
    if plan.aim == "cover-most":
        cap, cost = 1.0, np.where(study.times.deciseconds <= limit.deciseconds, 0.0, 1.0)
    else:
        cap, cost = far, np.minimum(study.times.minutes, far)
    sites = np.array(plan.sites, dtype=np.int64)
    number = np.full(len(role), -1, dtype=np.int64)  # which new site a place is
    number[sites] = np.arange(len(sites))
    first, by, second = _two_nearest(rows, columns, cost, (*plan.fixed, *plan.sites), len(weight), cap)
    owner = np.where(by >= 0, number[by], -1)  # -1: served by a fixed unit, or by none
    lost = weight * (second - first)
    without: Floats = np.bincount(owner[owner >= 0], weights=lost[owner >= 0], minlength=len(sites)).astype(np.float64)
    free = role == "candidate"
    free[[*plan.sites, *plan.forbidden]] = False
    others = np.flatnonzero(free)
    place = np.full(len(role), -1, dtype=np.int64)
    place[others] = np.arange(len(others))
    kept = place[columns] >= 0
    block, candidate, theirs = rows[kept], place[columns[kept]], cost[kept]
    nearer = np.minimum(theirs, first[block])
    gained = np.bincount(candidate, weights=weight[block] * (first[block] - nearer), minlength=len(others))
    mine = owner[block] >= 0
    saved = weight[block] * (second[block] - first[block] - np.minimum(theirs, second[block]) + nearer)
    key = candidate[mine] * max(len(sites), 1) + owner[block][mine]
    both = np.bincount(key, weights=saved[mine], minlength=len(others) * len(sites)).reshape(len(others), len(sites))
    swap = without[None, :] - gained[:, None] - both
    may_swap, may_add = _allowed(study, plan, sites, others)
    return Worth(sites, without, others, np.where(may_swap, swap, np.inf), np.where(may_add, -gained, np.inf))


def _two_nearest(
    rows: Longs, columns: Longs, cost: Floats, open_places: tuple[int, ...], blocks: int, cap: float
) -> tuple[Floats, Longs, Floats]:
    """(n,) least cost, the open place that has it (-1: none under ``cap``), and the next least."""
    is_open = np.isin(columns, np.array(open_places, dtype=np.int64)) & (cost < cap)
    row, column, value = rows[is_open], columns[is_open], cost[is_open]
    order = np.lexsort((column, value, row))
    row, column, value = row[order], column[order], value[order]
    first, second = np.full(blocks, cap), np.full(blocks, cap)
    by = np.full(blocks, -1, dtype=np.int64)
    starts = np.searchsorted(row, np.arange(blocks))
    count = np.bincount(row, minlength=blocks)
    one, two = count >= 1, count >= 2
    first[one], by[one] = value[starts[one]], column[starts[one]]
    second[two] = value[starts[two] + 1]
    return first, by, second


def _allowed(study: Study, plan: Plan, sites: Longs, others: Longs) -> tuple[Bools, Bools]:
    """(r, p) swaps and (r,) additions that keep what was demanded, the number and the budget."""
    swap: Bools = np.repeat(~np.isin(sites, np.array(plan.forced, dtype=np.int64))[None, :], len(others), axis=0)
    add: Bools = np.full(len(others), plan.open is None)
    if plan.budget is not None:
        price = study.places["cost"].to_numpy(dtype=np.float64)
        left = plan.budget + 1e-6 - price[sites].sum()
        swap &= price[others][:, None] - price[sites][None, :] <= left
        add &= price[others] <= left
    return swap, add
