"""What single swaps would do to a plan over the worst walk or full coverage: the table that ``explain`` reads.

The same table as ``swaps`` makes for sums of walks, in the aim's own unit; more is worse.
"""

from __future__ import annotations

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.domain.plan import Plan
from utopias.siting.full_cover.cover_plan import recounted
from utopias.siting.median.replay import limit_again, must_come_out
from utopias.siting.median.swaps import Swaps
from utopias.siting.question.charging import limit_of
from utopias.siting.question.faults import most_spent
from utopias.siting.question.problem import Problem
from utopias.siting.question.terms import counts_cost, times_of
from utopias.witness.covers import COVER_AIMS
from utopias.witness.worst import WORST_AIMS

# The aims that this table is made for.
SWAPPED = (*WORST_AIMS, *COVER_AIMS)


def cover_swaps(problem: Problem, plan: Plan) -> tuple[Swaps, float | None]:
    """(all single swaps of the plan's new sites, the limit in the unit of the costs where the aim has one).

    worst-first is told by its first distance. A site without which somebody is left who must be reached has no
    loss (inf), nor has a swap that leaves one.

    Raises
    ------
    MisalignedError : the plan's value does not come out in this problem.
    """
    aim = plan.asked
    limit = limit_of(problem, aim.name, limit_again(problem, plan))
    must_come_out(plan, recounted(problem, aim, plan.sites, np.zeros(0), limit).value)
    found = swaps_of_choice(problem, aim, plan.sites, limit)
    if aim.name in WORST_AIMS:
        unit = problem.unit
        found = Swaps(found.opened, found.without / unit, found.swapped / unit, found.added / unit)
    return found, limit


def swaps_of_choice(problem: Problem, aim: Aim, sites: tuple[int, ...], limit: float | None) -> Swaps:
    """All single swaps of any choice of new sites, forced ones among them: walks in the unit of the costs, else as ``cover_swaps``."""
    opened: Longs = np.array(sorted(sites), dtype=np.int64)
    if aim.name in WORST_AIMS:
        without, swapped, added = _of_worst(problem, opened)
    elif aim.name == "cover-all":
        without, swapped, added = _of_all(problem, aim, opened, limit)
    else:
        without, swapped, added = _of_twice(problem, aim, opened, limit)
    may_open = problem.pairs.opened(problem.candidates.tolist())
    may_open[opened] = False
    stays = np.isin(opened, problem.forced)
    swapped[~may_open] = np.inf
    swapped[:, stays] = np.inf
    added[~may_open | (problem.open is not None)] = np.inf
    if problem.budget is not None and problem.site_costs is not None:
        costs = np.where(np.isfinite(problem.site_costs), problem.site_costs, np.inf)
        left = most_spent(problem.budget) - float(costs[opened].sum())
        swapped[costs[:, None] - costs[None, opened] > left] = np.inf
        added[costs > left] = np.inf
    return Swaps(opened, without, swapped, added)


def _of_worst(problem: Problem, opened: Longs) -> tuple[Floats, Floats, Floats]:
    """Changes of the worst walk.

    With site r out and i in, it is the largest over places of min(charge without r, cost to i). No i makes it less than
    ``floor``, the largest over places of min(charge without r, cost to the nearest site of all): only places charged more
    than that need be looked at, and they are few.
    """
    pairs, m = problem.pairs, problem.pairs.sites
    counts = np.asarray(problem.weights) > 0
    kept = counts[pairs.rows]
    rows, columns, costs = pairs.rows[kept], pairs.columns[kept], pairs.costs[kept]
    cap = np.inf if problem.beyond is None else float(problem.beyond)
    nearest = _charged(rows, costs, np.ones(len(rows), dtype=bool), len(counts), cap)
    is_open = problem.pairs.opened((*opened.tolist(), *problem.fixed))

    def at_worst(out: int | None) -> tuple[float, Floats]:
        """(worst walk with ``out`` closed, the same with each site open beside)."""
        mask = is_open.copy()
        if out is not None:
            mask[out] = False
        charged = np.where(counts, _charged(rows, costs, mask[columns], len(counts), cap), 0.0)
        return float(charged.max()), worst_beside(rows, columns, costs, charged, np.where(counts, nearest, 0.0), m)

    now, added = at_worst(None)
    without, swapped = np.zeros(len(opened)), np.zeros((m, len(opened)))
    for k, site in enumerate(opened):
        without[k], swapped[:, k] = at_worst(int(site))
    return without - now, swapped - now, added - now


def worst_beside(rows: Longs, columns: AnyArray, costs: Floats, charged: Floats, nearest: Floats, sites: int) -> Floats:
    """(sites,) the worst walk with each site open beside those that charge the places ``charged`` (n,).

    rows, columns, costs : the pairs. nearest : (n,) what each place is charged at least, whatever opens.
    """
    floor = float(np.minimum(charged, nearest).max(initial=0.0))
    far = np.flatnonzero(charged > floor)
    beside = np.full(sites, floor)
    place = np.full(len(charged), -1)
    for begin in range(0, len(far), 512):
        part = far[begin : begin + 512]
        place[part] = np.arange(len(part))
        table = np.repeat(charged[part][:, None], sites, axis=1)
        at = place[rows] >= 0
        np.minimum.at(table, (place[rows[at]], columns[at]), costs[at])
        np.maximum(beside, table.max(axis=0), out=beside)
        place[part] = -1
    return beside


def _charged(rows: Longs, costs: Floats, among: Bools, n: int, cap: float) -> Floats:
    charged = np.full(n, cap)
    np.minimum.at(charged, rows[among], costs[among])
    return charged


def _near(problem: Problem, limit: float | None) -> tuple[Longs, Longs]:
    """(row, site) of the pairs within the limit, places of weight only."""
    pairs = problem.pairs
    near = np.asarray(problem.weights)[pairs.rows] > 0
    if limit is not None:
        near &= pairs.costs <= limit
    return pairs.rows[near], pairs.columns[near].astype(np.int64)


def _of_all(problem: Problem, aim: Aim, opened: Longs, limit: float | None) -> tuple[Floats, Floats, Floats]:
    """Changes of what the new sites count: a site that goes must leave nobody short, or the one that comes must serve them."""
    rows, columns = _near(problem, limit)
    m, times = problem.pairs.sites, times_of(aim)
    by_cost = counts_cost(aim) and problem.site_costs is not None
    each = np.asarray(problem.site_costs, dtype=np.float64) if by_cost else np.ones(m)
    is_open = problem.pairs.opened((*opened.tolist(), *problem.fixed))
    have = np.bincount(rows[is_open[columns]], minlength=len(problem.weights))
    without, swapped = np.zeros(len(opened)), np.full((m, len(opened)), np.inf)
    for k, site in enumerate(opened):
        short = np.zeros(len(have), dtype=bool)
        short[rows[columns == site]] = True
        short &= have == times
        serves = np.bincount(columns[short[rows]], minlength=m) == int(short.sum())
        without[k] = np.inf if short.any() else -each[site]
        swapped[serves, k] = each[serves] - each[site]
    return without, swapped, np.array(each, dtype=np.float64)


def _of_twice(problem: Problem, aim: Aim, opened: Longs, limit: float | None) -> tuple[Floats, Floats, Floats]:
    """Changes of the weight that is not covered so many times."""
    rows, columns = _near(problem, limit)
    m, times = problem.pairs.sites, times_of(aim)
    weights = np.asarray(problem.weights, dtype=np.float64)
    is_open = problem.pairs.opened((*opened.tolist(), *problem.fixed))
    have = np.bincount(rows[is_open[columns]], minlength=len(weights))

    def gained(counts: Longs) -> Floats:
        lacking = np.where(counts == times - 1, weights, 0.0)
        gain: Floats = np.bincount(columns, weights=lacking[rows], minlength=m).astype(np.float64)
        return gain

    without, swapped = np.zeros(len(opened)), np.zeros((m, len(opened)))
    for k, site in enumerate(opened):
        fewer = have.copy()
        fewer[rows[columns == site]] -= 1
        without[k] = float(weights[(have >= times) & (fewer < times)].sum())
        swapped[:, k] = without[k] - gained(fewer)
    return without, swapped, -gained(have)
