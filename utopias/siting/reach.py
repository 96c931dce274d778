"""Who can still be brought nearer, and by which sites: what the aims over the worst walk and full coverage start from.

Sites that are open whatever happens (fixed, forced) lower what each place is charged before, as in ``aims``; what
is left are the places of weight and the sites that may be chosen, and at any radius a covering question.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.faults import most_spent
from utopias.siting.problem import Problem
from utopias.siting.set_cover import Cover


@dataclass(frozen=True, eq=False)
class Reach:
    """Lists by place, cheapest site first, only sites that may be chosen and costs under the cap.

    rows : (r,) positions of the places of weight. cap : (r,) what each is charged before any choice; inf: not reached.
    sites : (m,) whether a site may be chosen. number : how many must be, -1 where only money counts. prices, purse :
    of the sites and for all of them; None without a budget. given : sites that are open anyway.
    """

    rows: Longs
    starts: Longs
    columns: Ints
    costs: Floats
    cap: Floats
    sites: Bools
    number: int
    prices: Floats | None
    purse: float
    given: tuple[int, ...]

    @property
    def of_row(self) -> Longs:
        """(pairs,) the row of each pair."""
        rows: Longs = np.repeat(np.arange(len(self.cap)), np.diff(self.starts))
        return rows

    def charged(self, chosen: Longs) -> Floats:
        """(r,) what each place is charged with these sites open too."""
        is_open = np.zeros(len(self.sites), dtype=bool)
        is_open[chosen] = True
        serves = is_open[self.columns]
        charged = np.array(self.cap)
        np.minimum.at(charged, self.of_row[serves], self.costs[serves])
        return charged

    def within(self, radius: float, *, times: int = 1, count_given: Longs | None = None) -> Cover:
        """The covering question at ``radius``: every place that costs more now wants ``times`` sites at that or less.

        ``count_given`` : (r,) sites open anyway that reach each place at the radius, taken off its need.
        """
        need = np.where(self.cap > radius, 1, 0) if count_given is None else np.maximum(times - count_given, 0)
        asks = need > 0
        of_row = self.of_row
        keep = asks[of_row] & (self.costs <= radius)
        counts = np.bincount(of_row[keep], minlength=len(asks))[asks]
        names = np.flatnonzero(self.sites)
        local = np.cumsum(self.sites) - 1
        by_money = self.prices is not None
        return Cover(
            starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            columns=local[self.columns[keep]].astype(np.int32),
            need=need[asks].astype(np.int64),
            prices=np.asarray(self.prices)[names] if by_money else np.ones(len(names)),
            names=names.astype(np.int64),
            rows=np.arange(int(asks.sum()), dtype=np.int64),
            exactly=self.number if by_money else -1,
        )

    def asking(self, radius: float) -> Longs:
        """Positions of the places that ``within(radius)`` asks for, in its order."""
        asking: Longs = self.rows[self.cap > radius]
        return asking

    @property
    def limit(self) -> float:
        """What a choice may cost in the prices of ``within``."""
        return self.purse if self.prices is not None else float(self.number)


def reach_of(problem: Problem, *, beyond: float | None, given_count: bool = True) -> Reach:
    """The lists of a problem. ``beyond`` : charged where nothing reaches. given_count : sites given lower the cap."""
    pairs = problem.pairs
    m = pairs.sites
    given = np.zeros(m, dtype=bool)
    given[list(problem.fixed + problem.forced)] = True
    free = np.zeros(m, dtype=bool)
    free[problem.candidates] = True
    free &= ~given
    prices, purse = None, np.inf
    if problem.budget is not None and problem.site_costs is not None:
        prices = np.where(free, np.nan_to_num(problem.site_costs), 0.0)
        purse = most_spent(problem.budget) - float(problem.site_costs[list(problem.forced)].sum())
        free &= prices <= purse
    weights = np.asarray(problem.weights)
    counted = np.flatnonzero(weights > 0)
    row = np.full(len(weights), -1)
    row[counted] = np.arange(len(counted))
    rows, columns, costs = row[pairs.rows], pairs.columns, pairs.costs
    cap = np.full(len(counted), np.inf if beyond is None else float(beyond))
    if given_count:
        at_given = given[columns] & (rows >= 0)
        np.minimum.at(cap, rows[at_given], costs[at_given])
    keep = (rows >= 0) & free[columns]
    keep[keep] = costs[keep] < cap[rows[keep]]
    return Reach(
        rows=counted.astype(np.int64),
        starts=np.concatenate([[0], np.cumsum(np.bincount(rows[keep], minlength=len(counted)))]).astype(np.int64),
        columns=columns[keep],
        costs=costs[keep],
        cap=cap,
        sites=free,
        number=-1 if problem.open is None else problem.open - len(problem.forced),
        prices=prices,
        purse=purse,
        given=tuple(sorted(problem.fixed + problem.forced)),
    )
