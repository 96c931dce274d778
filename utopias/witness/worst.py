"""Count again a plan for the smallest longest walk: its worst walk, its rules, and a walk that no plan can undercut.

Shares no line with the solver: numpy over (start, column, cost) rows, as ``recount`` does for sums of walks.

The mathematics
---------------
Demand j of weight over 0 is charged ``k_j = min(beyond, min over i in F of c_ij)`` by the sites F that are open whatever
happens (fixed, forced), and a site i reaches it at cost ``c_ij``; an absent pair is not reached. Of the other sites
a plan opens an admissible set S: one that keeps the number, and the budget. The value of a plan is

    value(S) = max over j with w_j > 0 of  min(k_j, min over i in S of c_ij).

Take any numbers ``v_j >= 0`` and a radius r. For value(S) <= r, each j with k_j > r must have a site in S with c_ij <= r.
Let ``s_i(r)`` be the sum of v_j over the j with k_j > r and c_ij <= r. Each such j is counted in at least one i of S, so

    sum over i in S of s_i(r)  >=  V(r) = sum over j with k_j > r of v_j.

If even the largest sum on the left is less than V(r), no admissible S has a value of r or less: v rules r out. The
largest sum is that of the p largest s_i where a number p is set, the fractional knapsack of Dantzig (1957) where a budget
is, which no whole choice passes; either may rule out. (Scaled so that no s_i passes 1, this says: packing the demands with
prices v, every site can serve a price of 1 at most, and the prices sum to more than p.)

A value of r or less is also one of any larger r' or less: what rules r' out rules out all below it. So the values that a plan
could have are halved, again and again, around one that is tried, and the bound is the first over the largest that was found
ruled out. The bound holds whatever the v, and whichever values the halving met; nothing has to be believed of how v was found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.domain.plan import Certificate
from utopias.witness.rules_kept import asked_of, least_of, must_fit, rows_of

WORST_AIMS = ("smallest-worst", "worst-first")
# A sum of prices passes another only when it does so by more than the last digits.
SLACK = 1e-9


def recount_worst(
    *,
    starts: AnyArray,
    columns: AnyArray,
    costs: AnyArray,
    weights: Floats,
    sites: Sequence[int],
    fixed: Sequence[int],
    open: int | None,
    budget: float | None,
    site_costs: Floats | None,
    beyond: float | None,
    multipliers: Floats,
    forbidden: Sequence[int] = (),
    forced: Sequence[int] = (),
    site_count: int | None = None,
) -> Certificate:
    """Recount the worst walk of opening ``sites`` and the walk that no plan undercuts; check every rule.

    Parameters as in ``recount``; ``multipliers`` are the v above: (n,) 0 or more, a negative one counts as 0; empty: none.

    Returns
    -------
    Certificate: value (the worst cost, inf where somebody is not reached and ``beyond`` is None), bound, and the same
    checks as ``recount``.

    Raises
    ------
    MisalignedError : rows, weights and multipliers do not fit together, or weights are not numbers of 0 or more.
    """
    must_fit(starts, columns, costs, weights, multipliers)
    asked = asked_of(
        columns=columns,
        sites=sites,
        fixed=fixed,
        forced=forced,
        forbidden=forbidden,
        open=open,
        budget=budget,
        site_costs=site_costs,
        site_count=site_count,
    )
    n = len(weights)
    site, cost = np.asarray(columns), np.asarray(costs, dtype=np.float64)
    usable = bool(np.isfinite(multipliers).all()) if len(multipliers) else True
    share = np.maximum(multipliers, 0.0) if usable and len(multipliers) else np.zeros(n)
    counts = np.asarray(weights) > 0
    far = np.inf if beyond is None else float(beyond)
    nearest = least_of(starts, cost, asked.open_at_all[site], far)
    before = least_of(starts, cost, asked.given[site], far)
    value = float(nearest[counts].max(initial=0.0))
    bound = np.inf
    for longest in (value, np.inf):  # no true bound is over the value, and few pairs are under it
        near = np.flatnonzero(cost <= longest)
        demand = rows_of(starts, near)
        kept = counts[demand] & asked.free[site[near]] & (cost[near] < before[demand])
        bound = least_radius(
            demand=demand[kept],
            site=site[near[kept]].astype(np.int64),
            cost=cost[near[kept]],
            before=np.where(counts, before, 0.0),
            share=np.where(counts, share, 0.0),
            number=asked.left,
            purse=asked.purse,
            prices=asked.prices,
            free=asked.free,
        )
        if bound <= value:
            break
    return Certificate(
        value=value,
        bound=bound,
        checks={
            **asked.rules,
            "everyone-served": bool(np.isfinite(value)),
            "multipliers": usable,
            "bound": bool(bound <= value),
        },
    )


def least_radius(
    *,
    demand: AnyArray,
    site: AnyArray,
    cost: AnyArray,
    before: Floats,
    share: Floats,
    number: int | None,
    purse: float | None,
    prices: Floats | None,
    free: Bools,
) -> float:
    """The least value of a plan that the prices ``share`` do not rule out; inf where they rule out every one.

    demand, site, cost : (pairs,) of the sites that may be chosen, under ``before`` (n,), the charge without them.
    number, purse : what may be opened, None where that limit is not set. Only demands with a price are looked at: a
    demand without one changes no sum, but where no price is left nothing is ruled out.
    """
    priced = share > 0
    if not priced.any():
        return 0.0
    kept = priced[demand]
    demand, site, cost = demand[kept], site[kept], cost[kept]
    values = np.unique(np.concatenate([cost, before[priced & np.isfinite(before)], [0.0]]))
    low, high = 0, len(values)  # all before ``low`` are ruled out
    while low < high:
        middle = (low + high) // 2
        if _ruled_out(float(values[middle]), demand, site, cost, before, share, number, purse, prices, free):
            low = middle + 1
        else:
            high = middle
    return float(values[low]) if low < len(values) else float("inf")


def _ruled_out(
    radius: float,
    demand: Longs,
    site: Longs,
    cost: Floats,
    before: Floats,
    share: Floats,
    number: int | None,
    purse: float | None,
    prices: Floats | None,
    free: Bools,
) -> bool:
    asks = before > radius
    total = float(share[asks].sum())
    near = asks[demand] & (cost <= radius)
    sums: Floats = np.bincount(site[near], weights=share[demand[near]], minlength=len(free))[free].astype(np.float64)
    over = SLACK * max(1.0, total)
    if number is not None and float(np.sort(sums)[::-1][: max(number, 0)].sum()) + over < total:
        return True
    return purse is not None and prices is not None and most_for(sums, prices[free], purse) + over < total


def most_for(sums: Floats, prices: Floats, purse: float) -> float:
    """The largest sum that ``purse`` buys when sites may be bought in parts; sites whose price is not known or too high never."""
    payable = np.isfinite(prices) & (prices <= purse)
    sums, prices = sums[payable], prices[payable]
    paid = prices > 0
    order = np.argsort(-sums[paid] / prices[paid], kind="stable")
    gain, price = sums[paid][order], prices[paid][order]
    before = np.cumsum(price) - price
    return float(sums[~paid].sum()) + float(np.dot(gain, np.clip((purse - before) / price, 0.0, 1.0)))
