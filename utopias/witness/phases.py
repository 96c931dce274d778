"""Count a schedule of budget years again from plain arrays: its value by year, its rules, and a bound nothing passes.

Shares no line with the solver: numpy sums over (start, column, cost) rows. Words and costs are those of ``recount``.

The mathematics
---------------
Site i of works year t (numbered from 0) is equipped in year t + 1 and serves in the years 1 .. T - 1 that are t + 1 or
later. With S_y the sites that serve in year y and g_y what a person counts in it, a schedule costs

    sum over y of g_y sum_j w_j min(k_j, min over i in S_y of c_ij),       S_1 within S_2 within ... within S_(T-1),

and in year 0, where nothing new is open yet, g_0 sum_j w_j k_j. By the inequality of ``recount``, for each year and any
v_jy between 0 and k_j the inner sum is at least sum_j w_j v_jy + sum over i in S_y of rho_iy, rho_iy = sum_j w_j min(0,
c_ij - v_jy). Summed over the years, site i of works year t adds R_it = sum over y > t of g_y rho_iy. A schedule that keeps
the rules spends, in each year s, works + equipment <= money_s (with carry-over: up to each year, sums <= sums) and begins
at most K works. For any prices lambda >= 0 of these rules, adding lambda times what is spent less what may be spent, which
is never over 0, can only lower the sum, so that

    cost  >=  sum_y g_y sum_j w_j v_jy  -  lambda . limits  +  least over schedules of  sum ( R_it + lambda-price of (i, t) ).

Left free of the rules of money, each site takes its own best year, forced sites count always, and the rest are the
cheapest of the others up to the number. A year in which a site could not be paid were it the only one is no choice.
Multipliers outside [0, k_j] are brought to the nearer end and prices under 0 to 0: no list of numbers makes a false bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import AnyArray, Floats, Longs
from utopias.domain.errors import Fault, MisalignedError
from utopias.witness.recount import SLACK, must_recount
from utopias.witness.rules_kept import PURSE_SLACK, least_cost, mask


@dataclass(frozen=True, slots=True)
class PhaseCount:
    """value, bound : as ``recount``, of the sum over years. by_year, spent : (years,). checks : name -> held."""

    value: float
    bound: float
    by_year: tuple[float, ...]
    spent: tuple[float, ...]
    checks: dict[str, bool]


def recount_phases(
    *,
    aim: str,
    starts: AnyArray,
    columns: AnyArray,
    costs: AnyArray,
    weights: Floats,
    sites: Sequence[int],
    works: Sequence[int],
    equipment: Sequence[int],
    opens: Sequence[int],
    fixed: Sequence[int],
    years: Sequence[int],
    money: Sequence[float],
    year_weights: Sequence[float],
    works_money: Floats,
    equip_money: Floats,
    number: int,
    carry_over: bool,
    works_a_year: int | None,
    beyond: float | None,
    within: float | None,
    multipliers: Floats,
    prices: Floats,
    forced: Sequence[int] = (),
    forbidden: Sequence[int] = (),
) -> PhaseCount:
    """Recount a schedule and check every rule.

    sites, works, equipment, opens : (k,) each new site with its three years, calendar years of ``years``.
    works_money, equip_money : (m,). money, year_weights : (years,). multipliers : (years - 1, n). prices : (2 years - 1,)
    of each year's money, then of the works of each year but the last. The rest as ``recount``.

    Raises
    ------
    ProblemError, MisalignedError : as ``recount``; sites and years that do not fit together.
    """
    n, m, first, count = len(weights), len(works_money), int(years[0]), len(years)
    multipliers, prices = np.asarray(multipliers, dtype=float), np.asarray(prices, dtype=float)
    must_recount(aim, starts, columns, costs, weights, np.zeros(n))
    listed = [len(sites), len(works), len(equipment), len(opens)]
    if len(set(listed)) > 1 or len(money) != count or len(year_weights) != count or len(equip_money) != m:
        raise MisalignedError(Fault("misaligned", "sites, years and money do not fit together"))
    demand = np.repeat(np.arange(n), np.diff(starts))
    site: Longs = np.asarray(columns, dtype=np.int64)
    cost, cap = _charged(aim, np.asarray(costs, dtype=np.float64), within, beyond)
    kept = np.isfinite(cost) & (cost <= cap)
    demand, site, cost = demand[kept], site[kept], cost[kept]
    size = max([m - 1, *map(int, (*sites, *fixed, *forced, *forbidden)), int(site.max(initial=-1))]) + 1
    opened = {int(i): int(year) for i, year in zip(sites, opens, strict=True)}
    given = set(map(int, fixed))
    total, g = float(weights.sum()), np.asarray(year_weights, dtype=float)

    losses = []
    for year in years:
        there = {i for i, since in opened.items() if since <= year} | given
        least = least_cost(demand, cost, mask(there, size)[site], n, cap)
        losses.append(float(np.dot(weights[weights > 0], least[weights > 0])))
    more = aim == "cover-most"
    by_year = tuple(total - lost if more else lost for lost in losses)
    value = float(np.dot(g, by_year))

    spent, begun = np.zeros(count), np.zeros(count)
    in_time = True
    for i, build, equip in zip(sites, works, equipment, strict=True):
        in_time &= first <= build < years[-1] and first < equip <= years[-1]
        if 0 <= i < m and first <= build <= years[-1]:
            spent[build - first] += works_money[i]
            begun[build - first] += 1
        if 0 <= i < m and first <= equip <= years[-1]:
            spent[equip - first] += equip_money[i]
    most = np.asarray(money, dtype=float) * (1 + PURSE_SLACK)
    room = np.cumsum(most - spent) if carry_over else most - spent

    lower, usable = _lower(
        demand, site, cost, weights, n, size, least_cost(demand, cost, mask(given, size)[site], n, cap), multipliers,
        prices, g, works_money, equip_money, most, carry_over, works_a_year, number, given, set(map(int, forced)),
        set(map(int, forbidden)),
    )  # fmt: skip
    bound = float(g.sum()) * total - lower if more else lower
    new = set(opened)
    slack = SLACK * max(1.0, total * float(g.sum()), abs(value) if np.isfinite(value) else 0.0)
    return PhaseCount(
        value=value,
        bound=bound,
        by_year=by_year,
        spent=tuple(float(x) for x in spent),
        checks={
            "known-sites": all(0 <= i < m for i in sites) and len(new) == len(sites),
            "number": len(sites) == number,
            "fixed-apart": not new & given,
            "forced": set(map(int, forced)) <= new,
            "forbidden": not new & set(map(int, forbidden)),
            "works-in-years": bool(in_time),
            "equipment-after-works": all(e == b + 1 for b, e in zip(works, equipment, strict=True)),
            "opens-equipped": all(o == e for e, o in zip(equipment, opens, strict=True)),
            "budgets": bool((room >= -1e-9 * np.maximum(1.0, most)).all()),
            "works-a-year": works_a_year is None or bool((begun <= works_a_year).all()),
            "everyone-served": bool(np.isfinite(value)),
            "multipliers": usable,
            "bound": bool(bound >= value - slack if more else bound <= value + slack),
        },
    )


def _lower(
    demand: Longs, site: Longs, cost: Floats, weights: Floats, n: int, size: int, before: Floats, multipliers: Floats,
    prices: Floats, g: Floats, works: Floats, equip: Floats, most: Floats, carry: bool, capacity: int | None,
    number: int, given: set[int], forced: set[int], forbidden: set[int],
) -> tuple[float, bool]:  # fmt: skip
    """The bound from below on what is lost, and whether multipliers and prices could be used as given."""
    count = len(g)
    fits = multipliers.shape == (count - 1, n) and prices.shape == (2 * count - 1,)
    usable = bool(fits and np.isfinite(multipliers).all() and np.isfinite(prices).all())
    shares = np.clip(multipliers, 0.0, before) if usable else np.zeros((count - 1, n))
    priced = np.maximum(prices, 0.0) if usable else np.zeros(2 * count - 1)
    total = float(g[0]) * float(np.dot(weights[weights > 0], before[weights > 0]))
    saved = np.zeros((count - 1, size))  # by works year: what a site saves from the year after on
    for y in range(count - 2, -1, -1):
        rho: Floats = np.zeros(size)
        np.add.at(rho, site, weights[demand] * np.minimum(0.0, cost - shares[y][demand]))
        total += float(g[y + 1]) * float(np.dot(weights, shares[y]))
        saved[y] = g[y + 1] * rho + (saved[y + 1] if y + 1 < count - 1 else 0.0)
    purse, places = priced[:count], priced[count:]
    limits = np.cumsum(most) if carry else most
    total -= float(np.dot(purse, limits))
    if capacity is not None:
        total -= float(places.sum()) * capacity
    a_peso = np.cumsum(purse[::-1])[::-1] if carry else purse
    pad = size - len(works)
    build, fit = (
        np.pad(np.nan_to_num(money, nan=np.inf), (0, pad), constant_values=np.inf) for money in (works, equip)
    )
    score = np.full(size, np.inf)
    for t in range(count - 1):
        payable = (build <= limits[t]) & ((build + fit if carry else fit) <= limits[t + 1])
        with np.errstate(invalid="ignore"):
            charge = saved[t] + build * a_peso[t] + fit * a_peso[t + 1] + (places[t] if capacity is not None else 0.0)
        score = np.where(payable, np.minimum(score, charge), score)
    free = np.isfinite(score) & ~mask(given | forbidden, size)
    must = mask(forced, size)
    rest = np.sort(score[free & ~must])
    return total + float(score[must].sum()) + float(rest[: max(number - len(forced), 0)].sum()), usable


def _charged(aim: str, costs: Floats, within: float | None, beyond: float | None) -> tuple[Floats, float]:
    """(pairs,) the cost that is minimised, and what an unreached demand is charged."""
    if aim == "cover-most":
        covers = np.isfinite(costs) & (costs <= (np.inf if within is None else within))
        return np.where(covers, 0.0, np.inf), 1.0
    return costs, np.inf if beyond is None else float(beyond)
