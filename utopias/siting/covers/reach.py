"""Who can still be brought nearer, and by which sites: what the aims over the worst walk and full coverage start from.

Sites that are open whatever happens (fixed, forced) lower what each place is charged before, as in ``aims``; what
is left are the places of weight and the sites that may be chosen, and at any radius a covering question.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints, Longs
from utopias.siting.covers.set_cover import Cover
from utopias.siting.kernels import NEVER
from utopias.siting.lists import transpose, two_nearest_of_all
from utopias.siting.question.allowed import allowed
from utopias.siting.question.problem import Problem


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
    _of_row: list[Longs] = field(default_factory=list, repr=False)

    @property
    def of_row(self) -> Longs:
        """(pairs,) the row of each pair, made once."""
        if not self._of_row:
            self._of_row.append(np.repeat(np.arange(len(self.cap)), np.diff(self.starts)))
        return self._of_row[0]

    @property
    def nearest(self) -> Floats:
        """(r,) what each place is charged at least, whatever opens."""
        nearest = np.array(self.cap)
        listed = np.diff(self.starts) > 0
        nearest[listed] = np.minimum(nearest[listed], self.costs[self.starts[:-1][listed]])
        return nearest

    def under(self, radius: float) -> Reach:
        """The same without pairs that cost more than ``radius``."""
        keep = self.costs <= radius
        counts = np.bincount(self.of_row[keep], minlength=len(self.cap))
        return replace(
            self,
            starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            columns=self.columns[keep],
            costs=self.costs[keep],
            _of_row=[],
        )

    def charged(self, chosen: Longs) -> Floats:
        """(r,) what each place is charged with these sites open too."""
        is_open = np.zeros(len(self.sites), dtype=bool)
        is_open[chosen] = True
        charged: Floats = two_nearest_of_all(self.starts, self.columns, self.costs, self.cap, is_open)[0]
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

    def farthest_first(self) -> Longs:
        """A first choice of ``number`` sites, fewer where no place gains more: the nearest site of whoever is farthest, again and again.

        Gonzalez (1985), Theor. Comput. Sci. 38:293-306. Looks at no money.
        """
        site_starts, rows, costs = transpose(self.starts, self.columns, self.costs, len(self.sites))
        charged, chosen = np.array(self.cap), []
        for _ in range(max(self.number, 0)):
            j = int(np.argmax(charged))
            if self.starts[j] == self.starts[j + 1] or not self.costs[self.starts[j]] < charged[j]:
                break
            site = int(self.columns[self.starts[j]])
            own = slice(site_starts[site], site_starts[site + 1])
            charged[rows[own]] = np.minimum(charged[rows[own]], costs[own])
            chosen.append(site)
        return np.array(sorted(chosen), dtype=np.int64)

    @property
    def limit(self) -> float:
        """What a choice may cost in the prices of ``within``."""
        return self.purse if self.prices is not None else float(self.number)


def reach_of(problem: Problem, *, beyond: float | None, given_count: bool = True) -> Reach:
    """The lists of a problem. ``beyond`` : charged where nothing reaches. given_count : sites given lower the cap."""
    pairs, may = problem.pairs, allowed(problem)
    given, free = may.given, may.free
    priced = may.purse < NEVER
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
        number=may.number,
        prices=may.prices if priced else None,
        purse=may.purse if priced else np.inf,
        given=tuple(sorted(problem.fixed + problem.forced)),
    )
