"""Count a plan whose places fill up again: who goes where, whether there is room, and a bound no plan passes.

Shares no line with the solver. Demand j has ``l_j`` persons, each of whom the aim counts ``w_j / l_j`` times; site i
has room for ``q_i``. With ``c_ij`` the cost of a person, x the persons who go and z those left out at cost ``k_j``,

    value = sum x_ij c_ij + sum z_j k_j + fees of the new sites,   sum_i x_ij + z_j = l_j,   sum_j x_ij <= q_i.

For any ``0 <= v_j <= k_j`` the assignment rows may be priced: every admissible plan costs at least

    L(v) = sum_j l_j v_j + sum over given i of rho_i + least admissible sum over S of (rho_i + fee_i),
    rho_i = min sum_j x_j (c_ij - v_j)  over  0 <= x_j <= l_j,  sum_j x_j <= q_i   <= 0,

since z_j (k_j - v_j) >= 0. The inner minimum is Dantzig's (1957): whoever gains most first. Splitting is allowed in
it, so it also bounds plans in which each place goes to one site. Where nobody may be left out, v has no upper end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utopias.domain.arrays import AnyArray, Floats, Longs
from utopias.domain.plan import Certificate
from utopias.witness.recount import SLACK, least_rho
from utopias.witness.rules_kept import PURSE_SLACK, mask


def recount_rooms(
    *,
    aim: str,
    starts: AnyArray,
    columns: AnyArray,
    costs: AnyArray,
    weights: Floats,
    loads: Floats,
    rooms: Floats,
    single_source: bool,
    flows: tuple[AnyArray, AnyArray, AnyArray],
    sites: Sequence[int],
    fixed: Sequence[int],
    forced: Sequence[int],
    forbidden: Sequence[int],
    open: int | None,
    budget: float | None,
    site_costs: Floats | None,
    beyond: float | None,
    within: float | None,
    multipliers: Floats,
) -> Certificate:
    """Value, root bound and rules of a plan with room; arguments as in ``recount``.

    loads : (n,) persons. rooms : (m,). flows : place, site, persons of each flow.

    Returns
    -------
    Certificate with the checks of ``recount`` where they apply, and: reached (every flow goes where the pair is
    known, to an open site), everybody-once (no place sends more persons than it has), room, single-source.
    """
    n, m = len(weights), len(rooms)
    demand = np.repeat(np.arange(n), np.diff(starts))
    site = np.asarray(columns, dtype=np.int64)
    cost = np.asarray(costs, dtype=np.float64)
    counts = (loads > 0) & (weights > 0)
    share = np.divide(weights, loads, out=np.zeros(n), where=counts)
    if aim == "cover-most":
        near = cost <= (np.inf if within is None else within)
        demand, site, cost = demand[near], site[near], np.zeros(int(near.sum()))
        charged: Floats = share.copy()
    else:
        charged = np.full(n, np.inf) if beyond is None else beyond * share
    cost = cost * share[demand]
    new, given = set(map(int, sites)), set(map(int, fixed))
    must = set(map(int, forced)) - given
    is_open = mask(new | given, m)

    place, to, persons = (np.asarray(a) for a in flows)
    paid = _paid(place.astype(np.int64) * m + to, demand * m + site, cost)
    sent = np.bincount(place, weights=persons, minlength=n)
    taken = np.bincount(to, weights=persons, minlength=m)
    left = np.where(counts, np.maximum(loads - sent, 0.0), 0.0)
    slack = SLACK * max(1.0, float(loads.sum()))
    out = left > slack
    priced = site_costs is not None and aim == "least-cost"
    fees = np.nan_to_num(site_costs) if priced and site_costs is not None else np.zeros(m)
    lost = float(np.nansum(persons * paid)) + float(np.dot(left[out], charged[out])) + float(fees[list(new)].sum())

    top = np.where(np.isfinite(charged), charged, np.inf)
    v = np.clip(np.nan_to_num(multipliers) if len(multipliers) else np.zeros(n), 0.0, top)
    v = np.where(counts, v, 0.0)
    under = cost - v[demand]
    gains = np.flatnonzero(under < 0)  # nobody else goes in the inner minimum
    under, who, at = under[gains], loads[demand[gains]], site[gains]
    by_site = np.argsort(at, kind="stable")
    parts = np.split(by_site, np.searchsorted(at[by_site], np.arange(1, m)))
    rho = np.array([_gain(under[part], who[part], room) for part, room in zip(parts, rooms, strict=True)])
    base = (
        float(np.dot(np.where(counts, loads, 0.0), v))
        + float(rho[sorted(given)].sum())
        + float((rho + fees)[sorted(must)].sum())
    )
    free = ~mask(given | must | set(map(int, forbidden)), m)
    prices = site_costs
    most = None if budget is None else budget * (1 + PURSE_SLACK)
    purse = None if most is None or prices is None else most - float(prices[sorted(must)].sum())
    number = None if open is None else open - len(must)
    reduced = (rho + fees)[free]
    if (number is None and purse is None) or number is None:
        reduced = np.minimum(reduced, 0.0)
    least = base + least_rho(reduced, number, purse, None if prices is None else prices[free])

    total = float(weights.sum())
    value, bound = (total - lost, total - least) if aim == "cover-most" else (lost, least)
    room_for = SLACK * max(1.0, total, abs(value) if np.isfinite(value) else 0.0)
    listed = [int(i) for i in sites]
    spent = 0.0 if prices is None else float(prices[listed].sum())
    split = np.bincount(place[persons > slack], minlength=n) if len(place) else np.zeros(n)
    return Certificate(
        value=value,
        bound=bound,
        checks={
            "number": open is None or len(listed) == open,
            "fixed-apart": not new & given,
            "forced": must <= new,
            "forbidden": not new & set(map(int, forbidden)),
            "budget": most is None or (prices is not None and spent <= most),
            "reached": bool(np.isfinite(paid).all() and is_open[to].all() and (persons >= 0).all()),
            "everybody-once": bool((sent <= loads + slack).all()),
            "everyone-served": bool(np.isfinite(value)),
            "room": bool((taken <= rooms + slack).all()),
            "single-source": not single_source
            or bool((split <= 1).all() and ((left <= slack) | (left >= loads - slack)).all()),
            "bound": bool(bound >= value - room_for if aim == "cover-most" else bound <= value + room_for),
        },
    )


def _paid(sent: Longs, listed: Longs, cost: Floats) -> Floats:
    """(k,) the cost of each pair that somebody is sent along, by its number; not a number where no such pair is listed."""
    order = np.argsort(listed, kind="stable")
    at = np.searchsorted(listed[order], sent)
    found = np.full(len(sent), np.nan)
    there = at < len(listed)
    there[there] = listed[order[at[there]]] == sent[there]
    found[there] = cost[order[at[there]]]
    return found


def _gain(under: Floats, loads: Floats, room: float) -> float:
    """The least sum of x * under (k,), all under 0, over 0 <= x <= loads that adds up to ``room`` at most."""
    order = np.argsort(under, kind="stable")
    before = np.cumsum(loads[order]) - loads[order]
    x = np.clip(room - before, 0.0, loads[order])
    return float(np.dot(x, under[order]))
