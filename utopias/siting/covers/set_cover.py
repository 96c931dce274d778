"""The least sites, or the least money, that cover every place: the question under the worst walk and covering all.

Every step makes the next one smaller: rows and sites that others make superfluous go, sites without which a place
is lost are taken, a search by swaps finds a choice, prices on the rows show how little any choice can cost, and settle
single sites; a small tree and then HiGHS decide what is left.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil, inf

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Ints, Longs
from utopias.siting.covers.set_cover_kernels import SURE, superfluous
from utopias.siting.lists import transpose


@dataclass(frozen=True, eq=False)
class Cover:
    """(n,) rows by (m,) sites: choose sites, each row as many of its own as it needs, at the least sum of prices.

    starts, columns : rows of local sites. need : (n,) 1 or more. prices : (m,) 0 or more.
    names : (m,) what each site is called outside; rows : (n,) what each row is.
    exactly : how many sites a choice has, -1 where that is free. side, side_most : a second price with its limit.
    """

    starts: Longs
    columns: Ints
    need: Longs
    prices: Floats
    names: Longs
    rows: Longs
    exactly: int = -1
    side: Floats | None = None
    side_most: float = inf
    _turned: list[tuple[Longs, Ints]] = field(default_factory=list, repr=False)

    @property
    def by_row(self) -> tuple[Longs, Ints]:
        return self.starts, self.columns

    @property
    def by_site(self) -> tuple[Longs, Ints]:
        """The rows of each site, made once."""
        if not self._turned:
            starts, rows, _ = transpose(self.starts, self.columns, np.zeros(len(self.columns)), len(self.names))
            self._turned.append((starts, rows))
        return self._turned[0]

    @property
    def plain(self) -> bool:
        """Nothing but prices limits a choice: leaving a superfluous site out can do no harm."""
        return self.exactly < 0 and self.side is None

    @property
    def step(self) -> float:
        """Two different sums of prices differ by at least this; 0 where nothing can be said."""
        return 1.0 if bool((self.prices == np.floor(self.prices)).all()) else 0.0

    def cost(self, chosen: Longs) -> float:
        """The sum of prices of local sites."""
        return float(self.prices[chosen].sum())

    def keeps(self, chosen: Longs) -> bool:
        """Whether local sites keep the number and the second limit."""
        return (self.exactly < 0 or len(chosen) == self.exactly) and (
            self.side is None or float(self.side[chosen].sum()) <= self.side_most
        )


@dataclass(frozen=True, eq=False)
class Reduced:
    """What is left of a cover, and what was decided on the way.

    cover : the rest. taken : names of sites that every choice has. paid : what they cost together.
    by : rows (as in ``Cover.rows``) that demand them, and ``by_prices`` the price of a site that each demands.
    lost : a row that no choice can serve, or -1. hopeless : no choice can serve all rows.
    """

    cover: Cover
    taken: Longs
    paid: float
    by: Longs
    by_prices: Floats
    lost: int = -1
    hopeless: bool = False


def reduced(cover: Cover, *, sites_too: bool = True) -> Reduced:
    """Take out rows that others serve on the way, sites that others outdo, and take sites that must be."""
    taken: list[int] = []
    by: list[int] = []
    by_prices: list[float] = []
    paid = 0.0

    def so_far(*, lost: int = -1, hopeless: bool = False) -> Reduced:
        decided = np.array(taken, dtype=np.int64), paid, np.array(by, dtype=np.int64), np.array(by_prices)
        return Reduced(cover, *decided, lost=lost, hopeless=hopeless)

    while True:
        if cover.exactly > len(cover.names) or cover.side_most < 0:
            return so_far(hopeless=True)
        length = np.diff(cover.starts)
        short = np.flatnonzero(length < cover.need)
        if len(short):
            return so_far(lost=int(cover.rows[short[0]]), hopeless=True)
        tight = np.flatnonzero(length == cover.need)
        if len(tight):
            must = np.zeros(len(cover.names), dtype=bool)
            for j in tight:
                of_row = cover.columns[cover.starts[j] : cover.starts[j + 1]]
                if not must[of_row].all():
                    must[of_row] = True
                    by.append(int(cover.rows[j]))
                    by_prices.append(float(cover.prices[of_row].max()))
            taken += cover.names[must].tolist()
            paid += cover.cost(np.flatnonzero(must))
            if 0 <= cover.exactly < int(must.sum()):
                return so_far(hopeless=True)
            cover = without(cover, must)
            continue
        before = (len(cover.need), len(cover.names))
        gone = superfluous(*cover.by_row, *cover.by_site, -cover.need.astype(np.float64), True)
        cover = kept(cover, ~gone, np.ones(len(cover.names), dtype=bool))
        if sites_too and cover.plain and bool((cover.need == 1).all()):
            gone = superfluous(*cover.by_site, *cover.by_row, cover.prices, False)
            cover = kept(cover, np.ones(len(cover.need), dtype=bool), ~gone)
        if (len(cover.need), len(cover.names)) == before:
            return so_far()


def without(cover: Cover, taken: Bools) -> Cover:
    """The cover once some sites are open: rows need less, and those that need no more are gone."""
    of_row = np.repeat(np.arange(len(cover.need)), np.diff(cover.starts))
    need = cover.need - np.bincount(of_row[taken[cover.columns]], minlength=len(cover.need))
    exactly = cover.exactly - int(taken.sum()) if cover.exactly >= 0 else -1
    side_most = cover.side_most - (0.0 if cover.side is None else float(cover.side[taken].sum()))
    rest = replace(cover, need=need, exactly=exactly, side_most=side_most, _turned=[])
    return kept(rest, need > 0, ~taken)


def kept(cover: Cover, rows: Bools, sites: Bools) -> Cover:
    """The cover of some rows and some sites."""
    if rows.all() and sites.all():
        return cover
    of_row = np.repeat(np.arange(len(rows)), np.diff(cover.starts))
    keep = rows[of_row] & sites[cover.columns]
    counts = np.bincount(of_row[keep], minlength=len(rows))[rows]
    local = np.cumsum(sites) - 1
    return replace(
        cover,
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        columns=local[cover.columns[keep]].astype(np.int32),
        need=cover.need[rows],
        prices=cover.prices[sites],
        names=cover.names[sites],
        rows=cover.rows[rows],
        side=None if cover.side is None else cover.side[sites],
        _turned=[],
    )


def bound_at(cover: Cover, prices: Floats) -> tuple[float, Floats]:
    """(what any choice costs at least, (m,) slack of each site) when rows are priced so; any prices of 0 or more hold."""
    of_row = np.repeat(np.arange(len(cover.need)), np.diff(cover.starts))
    asked = np.bincount(cover.columns, weights=prices[of_row], minlength=len(cover.names))
    slack: Floats = cover.prices - asked
    return float(np.dot(cover.need, prices) + np.minimum(slack, 0.0).sum()), slack


def settled(cover: Cover, prices: Floats, limit: float) -> tuple[Bools, Bools]:
    """(sites that every choice within ``limit`` has, sites that none has), by their slack at these prices."""
    bound, slack = bound_at(cover, prices)
    room = limit - bound + SURE * max(1.0, abs(limit))
    must, never = slack < -room, slack > room
    return must, never


def lifted(found: Reduced, prices: Floats, size: int) -> Floats:
    """(size,) prices on all rows from those on what is left: a row that demanded a site bears that site's price.

    Where sums of prices pass a site's price, by the share by which they do: then what rules the rest out rules out
    the whole.
    """
    full = np.zeros(size)
    if found.lost >= 0:
        full[found.lost] = 1.0
        return full
    cover = found.cover
    full[cover.rows] = prices
    if len(found.by):
        _, slack = bound_at(cover, prices)
        asked = (cover.prices - slack) / np.maximum(cover.prices, 1e-12)
        full[found.by] = found.by_prices * max(1.0, float(asked.max(initial=0.0)))
    return full


def rounded(bound: float, step: float) -> float:
    """A bound raised to the next sum that prices can make."""
    return ceil(bound - max(1e-6, SURE * abs(bound))) if step and np.isfinite(bound) else bound


def positions(names: Longs, sites: AnyArray) -> Longs:
    """Where each of ``sites`` stands among ascending ``names``."""
    found: Longs = np.searchsorted(names, np.asarray(sites, dtype=np.int64))
    return found
