"""Who may be open in a plan, counted from its lists of sites: number, money, forced and forbidden; and what all recounts share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.sentences import Sentence

# Prices that add up to exactly the budget keep it, in any order of the sum: a share of the budget.
PURSE_SLACK = 1e-12


@dataclass(frozen=True, eq=False)
class Asked:
    """The sites of a plan as masks over all sites that are named anywhere, and what is left to choose.

    open_at_all : fixed and new. given : fixed and forced. free : may be chosen: not given, not forbidden, and, under a
    budget, of a price that the purse pays. left, purse : number and money for the free ones; None where not limited.
    prices : of every site, NaN where not known; None without costs. forced : those that are new because they must be.
    """

    open_at_all: Bools
    given: Bools
    free: Bools
    left: int | None
    purse: float | None
    prices: Floats | None
    forced: list[int]
    rules: dict[str, bool]


def asked_of(
    *,
    columns: AnyArray,
    sites: Sequence[int],
    fixed: Sequence[int],
    forced: Sequence[int],
    forbidden: Sequence[int],
    open: int | None,
    budget: float | None,
    site_costs: Floats | None,
    site_count: int | None,
) -> Asked:
    """Read the lists; ``rules`` says of each rule whether it holds or does not apply."""
    named = [int(i) for i in (*sites, *fixed, *forced, *forbidden)]
    m = site_count if site_count is not None else len(site_costs) if site_costs is not None else None
    size = max([-1 if m is None else m - 1, *named, int(np.asarray(columns).max(initial=-1))]) + 1
    listed = [int(i) for i in sites]
    new, given, banned = set(listed), set(map(int, fixed)), set(map(int, forbidden))
    must = set(map(int, forced)) - given
    in_range = all(i >= 0 and (m is None or i < m) for i in named)
    prices = None if site_costs is None else np.append(site_costs, np.full(size - len(site_costs), np.nan))
    most = None if budget is None else budget * (1 + PURSE_SLACK)
    spent = 0.0 if prices is None or not in_range else float(prices[listed].sum())
    purse = None if most is None or prices is None else most - float(prices[sorted(must)].sum())
    free = ~mask(given | must | banned, size)
    if purse is not None and prices is not None:
        free &= np.isfinite(prices) & (np.nan_to_num(prices, nan=np.inf) <= purse)
    return Asked(
        open_at_all=mask(new | given, size),
        given=mask(given | must, size),
        free=free,
        left=None if open is None else open - len(must),
        purse=purse,
        prices=prices,
        forced=sorted(must),
        rules={
            "known-sites": in_range and len(listed) == len(new),
            "number": open is None or len(listed) == open,
            "fixed-apart": not new & given,
            "forced": must <= new,
            "forbidden": not new & banned,
            "budget": most is None or (prices is not None and in_range and spent <= most),
        },
    )


def must_fit(starts: AnyArray, columns: AnyArray, costs: AnyArray, weights: Floats, multipliers: Floats) -> None:
    """Raise MisalignedError where rows, weights and multipliers do not fit together, or are no numbers of 0 or more."""
    n, faults = len(weights), []
    if len(starts) != n + 1 or starts[0] != 0 or starts[-1] != len(columns) or (np.diff(starts) < 0).any():
        faults.append(
            Fault("bad-offsets", Sentence("{count} row offsets do not cover {n} demand places", count=len(starts), n=n))
        )
    if len(columns) != len(costs):
        faults.append(
            Fault("misaligned", Sentence("{count} columns and {total} costs", count=len(columns), total=len(costs)))
        )
    if np.asarray(columns).min(initial=0) < 0:
        faults.append(Fault("bad-column", "a cost leads to a site under 0"))
    if not np.asarray(costs).min(initial=0) >= 0:  # the least of numbers of which one is none is none
        faults.append(Fault("bad-cost", "some costs are not numbers of 0 or more"))
    if not (np.isfinite(weights).all() and (np.asarray(weights) >= 0).all()):
        faults.append(Fault("bad-weight", "some weights are not numbers of 0 or more"))
    if len(multipliers) not in (0, n):
        faults.append(
            Fault("misaligned", Sentence("{count} multipliers for {n} demand places", count=len(multipliers), n=n))
        )
    if faults:
        raise MisalignedError(faults)


def mask(chosen: Collection[int], size: int) -> Bools:
    """(size,) whether each site is one of ``chosen``; positions that are no site are left out."""
    among = np.zeros(size, dtype=bool)
    among[[i for i in chosen if 0 <= i < size]] = True
    return among


def least_cost(demand: Longs, cost: Floats, among: Bools, n: int, cap: float) -> Floats:
    """(n,) the cheapest of the pairs of ``among`` (pairs,), at most ``cap``."""
    least = np.full(n, cap)
    np.minimum.at(least, demand[among], cost[among])
    return least


def least_of(starts: AnyArray, cost: Floats, among: Bools, cap: float) -> Floats:
    """As ``least_cost``, of pairs that lie by rows: those of row j from ``starts[j]`` on."""
    listed = np.flatnonzero(among)
    return least_cost(rows_of(starts, listed), cost[listed], np.ones(len(listed), dtype=bool), len(starts) - 1, cap)


def rows_of(starts: AnyArray, listed: Longs) -> Longs:
    """(k,) the row in which each of these pairs lies."""
    rows: Longs = np.searchsorted(starts, listed, side="right") - 1
    return rows
