"""Count again a plan that covers everybody, or as many as it can several times over: value, rules, and a bound.

Shares no line with the solver: numpy over (start, column, cost) rows.

The mathematics
---------------
Site i covers demand j where its cost is within the limit. Demands of weight over 0 ask for t sites each; the sites F that
are open whatever happens (fixed, forced) give g_j of them, so that ``b_j = max(0, t - g_j)`` are still asked of the chosen S.

cover-all. Every j must have b_j of its sites in S. With ``p_i`` what a new site counts (1, or its cost), any ``v_j >= 0`` and
``s_i`` the sum of v_j over the demands that i covers, any S that serves all has

    sum over S of p_i  >=  sum over S of p_i + sum_j v_j (b_j - |S and j's sites|)  =  sum_j b_j v_j + sum over S of (p_i - s_i)
                       >=  sum_j b_j v_j + sum_i min(0, p_i - s_i).

The forced sites are new too: what they count is added to value and bound. Where sites are counted, the bound is raised to
the next whole number. A demand that all sites together give fewer than b_j is left out, as the plan's term
``unreachable`` says; where that term is "refuse" such a demand makes the check ``everyone-served`` fail.

cover-twice. Weight counts when covered t times. With any ``0 <= v_j <= w_j / b_j`` for the b_j > 0, since S covers j fully only
if ``|S and j's sites| >= b_j``, the weight gained is

    sum over j covered of w_j  <=  sum_j [ (w_j - b_j v_j) + v_j |S and j's sites| ]  =  sum_j (w_j - b_j v_j) + sum over S of s_i,

because a covered j adds at least w_j on the right and one that is not at least 0. The last sum is at most that of the p
largest s_i, or the fractional knapsack of Dantzig (1957) where money limits; the smaller of the two where both do. A v_j outside its
range is brought to the nearer end. No list of numbers whatsoever can make a false bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.plan import Certificate
from utopias.witness.rules_kept import Asked, asked_of, must_fit
from utopias.witness.worst import most_for

COVER_AIMS = ("cover-all", "cover-twice")
# Sums of the same floats in another order differ in the last digits.
SLACK = 1e-9


def recount_covers(
    *,
    aim: str,
    starts: AnyArray,
    columns: AnyArray,
    costs: AnyArray,
    weights: Floats,
    sites: Sequence[int],
    fixed: Sequence[int],
    open: int | None,
    budget: float | None,
    site_costs: Floats | None,
    within: float | None,
    multipliers: Floats,
    times: int,
    count: str = "sites",
    unreachable: str = "refuse",
    forbidden: Sequence[int] = (),
    forced: Sequence[int] = (),
    site_count: int | None = None,
) -> Certificate:
    """Recount a plan of "cover-all" or "cover-twice" and its root bound; check every rule.

    Parameters as in ``recount``; times, count, unreachable : the aim's terms; multipliers : the v above.

    Returns
    -------
    Certificate: value (cover-all: new sites, or what they cost; cover-twice: weight covered ``times`` times), bound, and
    the same checks as ``recount``.

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
    demand = np.repeat(np.arange(n), np.diff(starts))
    site, cost = np.asarray(columns, dtype=np.int64), np.asarray(costs, dtype=np.float64)
    near = np.isfinite(cost) & (cost <= (np.inf if within is None else within))
    demand, site = demand[near], site[near]
    usable = bool(np.isfinite(multipliers).all()) if len(multipliers) else True
    share = np.maximum(multipliers, 0.0) if usable and len(multipliers) else np.zeros(n)
    weight = np.asarray(weights, dtype=np.float64)
    have = np.bincount(demand[asked.open_at_all[site]], minlength=n)
    given = np.bincount(demand[asked.given[site]], minlength=n)
    able = np.bincount(demand[asked.free[site]], minlength=n)
    needs = np.where(weight > 0, np.maximum(times - given, 0), 0)
    possible = able >= needs
    share = np.where((needs > 0) & possible, share, 0.0)
    if aim == "cover-twice":
        share = np.minimum(share, weight / np.maximum(needs, 1))
    chosen_from = asked.free[site] & (share[demand] > 0)
    sums: Floats = np.bincount(site[chosen_from], weights=share[demand[chosen_from]], minlength=len(asked.free)).astype(
        np.float64
    )
    if aim == "cover-twice":
        value = float(weight[have >= times].sum())
        bound = float((weight - needs * share)[possible].sum()) + _most(sums, asked)
        served, holds = True, bound >= value - SLACK * max(1.0, float(weight.sum()))
    else:
        value, bound = _of_all(sums, share, needs, asked, sites, count)
        must = (weight > 0) & (possible | (unreachable == "refuse"))
        served = bool((have[must] >= times).all())
        holds = bound <= value + SLACK * max(1.0, abs(value))
    return Certificate(
        value=value,
        bound=bound,
        checks={**asked.rules, "everyone-served": served, "multipliers": usable, "bound": bool(holds)},
    )


def _of_all(
    sums: Floats, share: Floats, needs: AnyArray, asked: Asked, sites: Sequence[int], count: str
) -> tuple[float, float]:
    """(what the new sites count, the least that any plan's could)."""
    by_cost = count == "cost"
    each = np.ones(len(asked.free)) if not by_cost or asked.prices is None else asked.prices
    new = [int(i) for i in sites]
    forced = float(each[asked.forced].sum()) if len(asked.forced) else 0.0
    least = float(np.dot(needs, share)) + float(np.minimum(each - sums, 0.0)[asked.free].sum())
    value = float(each[new].sum()) if new else 0.0
    if not by_cost:
        least = float(ceil(least - 1e-6))
    return value, max(least, 0.0) + forced


def _most(sums: Floats, asked: Asked) -> float:
    """The largest sum that an admissible choice reaches, by number and by money, whichever says less."""
    limits = [float(sums[asked.free].sum())]
    if asked.left is not None:
        limits.append(float(np.sort(sums[asked.free])[::-1][: max(asked.left, 0)].sum()))
    if asked.purse is not None and asked.prices is not None:
        limits.append(most_for(sums[asked.free], asked.prices[asked.free], asked.purse))
    return min(limits)
