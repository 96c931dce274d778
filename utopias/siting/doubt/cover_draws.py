"""One draw for an aim over the worst walk or full coverage: how the plan stands in it, and what would be best there.

Beside what moves for all aims, the walks of each block move by themselves: one place decides such a plan, and no table
of times knows its stairs. Of choices that are equally good in a draw the one that keeps most of the plan's sites is
taken: what is told is which sites have to go, not which might.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Bools, Floats, Longs
from utopias.siting.choose.cover_swaps import worst_beside
from utopias.siting.covers.cover_search import Effort, least_cover
from utopias.siting.covers.reach import Reach, reach_of
from utopias.siting.covers.set_cover import Cover
from utopias.siting.covers.set_cover_kernels import swap_cover
from utopias.siting.doubt.draws import Draw, Uncertain, draw_of, persons_within, said_of
from utopias.siting.full_cover.bisection import Bisection, filled
from utopias.siting.full_cover.cover_all import asked_all
from utopias.siting.full_cover.cover_twice import asked_twice, best_there_could_be
from utopias.siting.full_cover.twice_kernels import cover_more
from utopias.siting.kernels import NEVER
from utopias.siting.question.allowed import allowed
from utopias.siting.question.clock import Clock
from utopias.siting.question.pairs import Pairs
from utopias.siting.question.problem import Problem
from utopias.witness.worst import WORST_AIMS

# How far the walks from one block may be off by themselves, as the standard deviation of their logarithm: the door, the
# stairs, the crossing. Assumption of this project.
WALK_NOISE = 0.10
# Counted work of a search over the worst walk: some nodes of its trees; swaps tried from the plan's own sites; passes of
# swaps, and steps of the bound, of backup coverage.
WORK, SWAPS, PASSES, STEPS = 200, 300, 20, 60


@dataclass(frozen=True, eq=False)
class CoverGround(Uncertain):
    """problem : the question without its tables. limit : of the aim, in the unit of the costs; None where it has none."""

    problem: Problem
    aim: Aim
    limit: float | None


@dataclass(frozen=True, eq=False)
class Stood:
    """best, plan, bound : in the aim's unit. sites : of the best. cut : the end of the table decided. left_out : weight."""

    best: float
    plan: float
    bound: float
    sites: Longs
    cut: bool = False
    left_out: float | None = None


def stand_covers(ground: CoverGround, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The rows of these draws, as ``draws.stand`` makes them."""
    return [_one(ground, number) for number in numbers]


def _one(ground: CoverGround, number: int) -> dict[str, Any]:
    problem = ground.problem
    draw = draw_of(ground, number, np.flatnonzero(allowed(problem).free))
    costs = ground.costs
    if ground.timed:
        walks = np.exp(WALK_NOISE * draw.random.standard_normal(len(ground.weights)) - WALK_NOISE**2 / 2)
        costs = costs * np.repeat(walks / draw.faster, np.diff(ground.starts))
    asked = _drawn(ground, draw, costs)
    kept = np.setdiff1d(ground.plan, draw.withdrawn)
    lost = len(ground.plan) - len(kept)
    if ground.aim.name in WORST_AIMS:
        stood = _worst(ground, asked, draw, kept, lost)
    elif ground.aim.name == "cover-all":
        stood = _all(ground, asked, draw, kept)
    else:
        stood = _twice(ground, asked, draw, kept)
    open_now = ground.given.copy()
    open_now[ground.plan] = True
    reach = inf if ground.own_limit is None else ground.own_limit
    within = persons_within(ground.starts, ground.columns, costs, open_now, draw.people * ground.persons, reach)
    scale = max(abs(stood.best), 1e-9)
    left = {} if stood.left_out is None else {"left_out": stood.left_out}
    return said_of(ground, number, draw) | {
        "best": stood.best,
        "plan": stood.plan,
        "regret": abs(stood.best - stood.plan) / scale,
        "gap": abs(stood.best - stood.bound) / scale,
        "within": float(within),
        "sites": sorted(stood.sites.tolist()),
        "cut": stood.cut or bool(ground.timed and reach < inf and reach * draw.faster > ground.table_limit),
        **left,
    }


def _drawn(ground: CoverGround, draw: Draw, costs: Floats) -> Problem:
    """The question of this draw. Of cover-all no money limits it: the same right may cost more in another world."""
    problem = ground.problem
    gone = tuple(sorted({*problem.forbidden, *draw.withdrawn.tolist()}))
    left = problem.pairs.sites - len(gone) - len(problem.fixed)
    return replace(
        problem,
        pairs=Pairs(ground.starts, ground.columns, costs, problem.pairs.sites),
        weights=draw.weights,
        forbidden=gone,
        open=None if problem.open is None else min(problem.open, left),
        budget=None if ground.aim.name == "cover-all" else problem.budget,
    )


def _worst(ground: CoverGround, asked: Problem, draw: Draw, kept: Longs, lost: int) -> Stood:
    """By the first distance: the same search as for a plan, in counted work; then by swaps from the plan's own sites."""
    beyond = asked.beyond if asked.beyond is not None else float(asked.pairs.costs.max(initial=0.0)) * 2 + 1
    whole = reach_of(asked, beyond=beyond)
    best = _repaired(whole, kept, lost)
    planned = least = float(whole.charged(best).max(initial=0.0))
    search = Bisection(whole, Effort(Clock(inf, WORK), ground.seed))
    search.run()
    if search.chosen is not None and search.value < planned:
        best, least = search.chosen, search.value
        cover = whole.within(least)
        own = _swapped(cover, np.isin(cover.names, kept), whole.number, whole.limit, draw)
        best = best if own is None else own
    best = _completed(asked, whole, best, kept, least)
    unit = asked.unit
    cut = bool(ground.timed and planned >= beyond)
    return Stood(least / unit, planned / unit, min(search.bound, least) / unit, best, cut=cut)


def _repaired(reach: Reach, kept: Longs, lost: int) -> Longs:
    """The plan with each lot that is gone replaced by the one that then makes the worst walk shortest, as far as money goes."""
    chosen = kept
    for _ in range(lost):
        free = reach.sites.copy()
        free[chosen] = False
        if reach.prices is not None:
            free &= np.asarray(reach.prices) <= reach.purse - float(np.asarray(reach.prices)[chosen].sum())
        if not free.any():
            break
        charged = reach.charged(chosen)
        beside = worst_beside(reach.of_row, reach.columns, reach.costs, charged, reach.nearest, len(free))
        chosen = np.sort(np.append(chosen, int(np.argmin(np.where(free, beside, inf)))))
    return chosen


def _swapped(cover: Cover, begin: Bools, number: int, most: float, draw: Draw) -> Longs | None:
    """A choice that serves every row, found by swaps from these sites; None where none was found."""
    chosen = begin.copy()
    luck = draw.random.random(SWAPS)
    if not swap_cover(*cover.by_row, *cover.by_site, cover.need, cover.prices, chosen, number, most, luck):
        return None
    names: Longs = cover.names[chosen]
    return names


def _completed(asked: Problem, reach: Reach, chosen: Longs, kept: Longs, worst: float) -> Longs:
    """As many sites as asked: first the plan's own, then those that save most walking."""
    if reach.number < 0 or reach.prices is not None:
        return chosen
    own = np.setdiff1d(kept, chosen)[: max(0, reach.number - len(chosen))]
    return filled(asked, reach, np.sort(np.concatenate([chosen, own])), worst)


def _all(ground: CoverGround, asked: Problem, draw: Draw, kept: Longs) -> Stood:
    """The plan's sites and as few beside as all then need; against the fewest of all."""
    times, by_cost = int(ground.aim.terms["times"]), ground.aim.terms["count"] == "cost"
    radius = inf if ground.limit is None else ground.limit
    cover, _, never, _ = asked_all(asked, times, radius)
    prices = np.ones(len(cover.names))
    if by_cost and asked.site_costs is not None:
        prices = np.asarray(asked.site_costs, dtype=np.float64)[cover.names]
    cover = replace(cover, prices=prices, exactly=-1, _turned=[])
    own = np.isin(cover.names, kept)
    # what the plan's sites serve already is not asked for again: the rest is one more cover, and these are paid
    rest = _beside(cover, own)
    effort = Effort(Clock(inf, 1), ground.seed)
    more = least_cover(rest, effort)
    paid = float(prices[own].sum())
    added = np.zeros(0, dtype=np.int64) if more.chosen is None else more.chosen
    planned = paid + float(prices[np.isin(cover.names, added)].sum())
    sites = np.sort(np.concatenate([cover.names[own], added]))
    step = 1.0 if not by_cost else 1e-9 * max(1.0, planned)
    found = least_cover(cover, Effort(Clock(inf, 1), ground.seed), limit=planned - step)
    best, bound = planned, planned if found.closed else min(found.bound, planned)
    if found.chosen is not None:
        sites, best = found.chosen, float(prices[np.isin(cover.names, found.chosen)].sum())
        bound = best if found.closed else min(found.bound, best)
        if not by_cost:
            leaning = _swapped(cover, _thinned(cover, own, int(best)), int(best), best, draw)
            sites = sites if leaning is None else leaning
    paid_anyway = float(len(asked.forced))
    if by_cost and asked.site_costs is not None:
        paid_anyway = float(np.asarray(asked.site_costs)[list(asked.forced)].sum())
    left_out = float(np.asarray(asked.weights)[never].sum())
    return Stood(best + paid_anyway, planned + paid_anyway, bound + paid_anyway, sites, left_out=left_out)


def _beside(cover: Cover, own: Bools) -> Cover:
    """What a cover still needs beside these sites: rows with need left, and the other sites."""
    of_row = np.repeat(np.arange(len(cover.need)), np.diff(cover.starts))
    have = np.bincount(of_row[own[cover.columns]], minlength=len(cover.need))
    need = cover.need - have
    short = need > 0
    keep = short[of_row] & ~own[cover.columns]
    local = np.cumsum(~own) - 1
    counts = np.bincount(of_row[keep], minlength=len(need))[short]
    return replace(
        cover,
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        columns=local[cover.columns[keep]].astype(np.int32),
        need=need[short],
        prices=cover.prices[~own],
        names=cover.names[~own],
        rows=np.arange(int(short.sum()), dtype=np.int64),
        _turned=[],
    )


def _thinned(cover: Cover, own: Bools, number: int) -> Bools:
    """At most ``number`` of the sites: those go first that alone serve fewest rows."""
    chosen = own.copy()
    of_row = np.repeat(np.arange(len(cover.need)), np.diff(cover.starts))
    while int(chosen.sum()) > number:
        at = chosen[cover.columns]
        have = np.bincount(of_row[at], minlength=len(cover.need))
        needed = at & (have <= cover.need)[of_row]
        alone = np.bincount(cover.columns[needed], minlength=len(chosen)).astype(np.float64)
        chosen[int(np.argmin(np.where(chosen, alone, inf)))] = False
    return chosen


def _twice(ground: CoverGround, asked: Problem, draw: Draw, kept: Longs) -> Stood:
    """Greedy and swaps, from the plan's sites and from none; the bound is that of the plan's own prices."""
    times = int(ground.aim.terms["times"])
    limit = draw.limit if ground.timed and ground.limited else ground.limit
    radius = float(asked.pairs.costs.max(initial=0.0)) if limit is None else limit
    merged, reach, _, sure = asked_twice(asked, times, radius)
    cover = merged.cover
    money = np.zeros(len(cover.names)) if reach.prices is None else np.asarray(reach.prices)[cover.names]
    purse = NEVER if reach.prices is None else reach.purse

    def improved(start: Bools, passes: int) -> tuple[float, Bools]:
        trial = start.copy()
        value = cover_more(
            *cover.by_row, *cover.by_site, cover.need, merged.weights, trial, money, purse, reach.number, 0, passes
        )
        return float(value), trial

    planned, own = improved(np.isin(cover.names, kept), 0)
    best, chosen = planned, own
    for start in (own, np.zeros(len(own), dtype=bool)):
        value, trial = improved(start, PASSES)
        if value > best + 1e-9 * max(1.0, best):
            best, chosen = value, trial
    bound = best_there_could_be(merged, reach, STEPS) + sure
    return Stood(best + sure, planned + sure, max(bound, best + sure), cover.names[chosen])
