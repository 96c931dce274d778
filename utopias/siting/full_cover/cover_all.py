"""Everybody within the limit with the fewest new sites, or the least money (set covering, also several times over).

Source
------
Toregas, Swain, ReVelle & Bergman (1971), Oper. Res. 19:1363-1373; several times: Hogan & ReVelle (1986), Management
Science 32:1434-1444.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Bools, Longs
from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.full_cover.conflict import given_within, no_plan_meets_all
from utopias.siting.full_cover.cover_plan import cover_plan
from utopias.siting.full_cover.cover_search import Effort, least_cover, prepare_covers
from utopias.siting.full_cover.reach import Reach, reach_of
from utopias.siting.full_cover.set_cover import Cover, kept
from utopias.siting.question.charging import limit_of
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.siting.question.terms import counts_cost, leaves_out, times_of

# Turns of the kernels for each pair in a whole search, at least.
TURNS_A_PAIR = 20


def cover_all(problem: Problem, aim: Aim, within: str | Duration | float | None, rules: Rules) -> Plan:
    """The fewest new sites that bring every place of weight within the limit of ``times`` open sites.

    Fixed sites count towards ``times`` and not towards the value; forced ones are new and count in both. Terms:

    times : 1, or more for cover that survives the closing of a site.
    count : "sites", or "cost": the value is then what the new sites cost together.
    unreachable : "refuse" (an error that counts the places that ``times`` sites never reach, whatever opens), or
        "leave-out": those places are left out, and the plan's terms tell how many (``left_out_places``) and their
        weight (``left_out_weight``). They are never left out in silence.

    Raises
    ------
    ProblemError : a term or a limit that makes no sense. InfeasibleError : ``never-covered``, or
        ``cannot-all-be-met`` where the budget does not pay for everybody.
    """
    prepare_covers(TURNS_A_PAIR * problem.pairs.count)
    clock = rules.start()
    times, by_cost, leave_out = times_of(aim), counts_cost(aim), leaves_out(aim)
    limit = limit_of(problem, aim.name, within)
    radius = float(problem.pairs.costs.max(initial=0.0)) if limit is None else limit
    if by_cost:
        _must_know_costs(problem)
    cover, rows, never, reach = asked_all(problem, times, radius)
    terms = _left_out(problem, never, leave_out, times)
    cover, most = _priced(problem, cover, reach.purse, by_cost)
    rules.progress("plan", 0.0)
    effort = Effort(clock, rules.seed, rules.progress)
    found = least_cover(cover, effort, limit=most, gap=rules.gap, keep=True)
    if found.chosen is None:
        proven = found.closed and not effort.stopped
        raise no_plan_meets_all(_reached_only(problem, rows), proven, rules.seed, clock, limit=radius, times=times)
    multipliers = np.zeros(len(problem.weights))
    multipliers[rows] = found.prices
    sites = tuple(sorted([*found.chosen.tolist(), *problem.forced]))
    plan = cover_plan(problem, aim, sites, multipliers, within=within, limit=limit, terms=terms)
    set_costs = _cost_of(problem, problem.forced) if by_cost else float(len(problem.forced))
    bound = min(plan.value, max(plan.bound, found.bound + set_costs))
    if found.closed:
        bound = plan.value
    near = rules.gap > 0 and plan.value - bound <= rules.gap * max(plan.value, 1e-9)
    ended = "user" if effort.stopped else "gap" if near else "clock" if rules.work is None else "work"
    rules.progress("plan", 1.0)
    return plan.with_(
        bound=bound,
        proven=found.closed,
        seconds=clock.spent,
        stopped="proven" if found.closed else ended,
        seed=rules.seed,
    )


def asked_all(problem: Problem, times: int, radius: float) -> tuple[Cover, Longs, Longs, Reach]:
    """(the covering question of those who can be served, their places, the places never served, the reach)."""
    reach = reach_of(problem, beyond=None, given_count=False)
    served = given_within(problem, radius)[reach.rows]
    cover = reach.within(radius, times=times, count_given=served)
    rows = reach.rows[served < times]
    never = np.diff(cover.starts) < cover.need
    if never.any():
        cover = _renumbered(kept(cover, ~never, np.ones(len(cover.names), dtype=bool)))
    return cover, rows[~never], rows[never], reach


def _renumbered(cover: Cover) -> Cover:
    return replace(cover, rows=np.arange(len(cover.need), dtype=np.int64), _turned=[])


def _priced(problem: Problem, cover: Cover, purse: float, by_cost: bool) -> tuple[Cover, float]:
    """The cover in the prices that the aim counts, and what a choice may cost in them; a budget beside sites is a second limit."""
    ones = np.ones(len(cover.names))
    if by_cost:
        assert problem.site_costs is not None
        return replace(cover, prices=problem.site_costs[cover.names].astype(float), exactly=-1, _turned=[]), purse
    if problem.budget is None:
        return replace(cover, prices=ones, exactly=-1, _turned=[]), inf
    return replace(cover, prices=ones, exactly=-1, side=cover.prices, side_most=purse, _turned=[]), inf


def _cost_of(problem: Problem, sites: tuple[int, ...]) -> float:
    return 0.0 if problem.site_costs is None else float(problem.site_costs[list(sites)].sum())


def _reached_only(problem: Problem, rows: Longs) -> Problem:
    """The question without the weight of places that are left out or served already."""
    counts: Bools = np.zeros(len(problem.weights), dtype=bool)
    counts[rows] = True
    return replace(problem, weights=np.where(counts, problem.weights, 0.0))


def _left_out(problem: Problem, lost: Longs, leave_out: bool, times: int) -> dict[str, Any]:
    weight = float(np.asarray(problem.weights)[lost].sum())
    if not len(lost) or leave_out:
        return {"left_out_places": len(lost), "left_out_weight": weight} if leave_out else {}
    first = problem.study.blocks["block_id"].iloc[int(lost[0])] if problem.study is not None else None
    raise InfeasibleError(
        Fault(
            code="never-covered",
            what=_short_of(len(lost), weight, times),
            where="within, sites",
            mend='plan for all others with Aim.of("cover-all", unreachable="leave-out") (--unreachable leave-out), allow a longer walk, or add sites',
            count=len(lost),
            first=Sentence("demand {position}", position=int(lost[0])) if first is None else str(first),
        )
    )


def _short_of(count: int, weight: float, times: int) -> Sentence:
    """So many places have too few sites, in words that are right for one place and for one site."""
    if count == 1 and times == 1:
        return Sentence(
            "1 place with a weight of {weight:,.0f} has no site within the limit, whatever opens", weight=weight
        )
    if count == 1:
        return Sentence(
            "1 place with a weight of {weight:,.0f} has fewer than {times} sites within the limit, whatever opens",
            weight=weight,
            times=times,
        )
    if times == 1:
        return Sentence(
            "{count:,} places with a weight of {weight:,.0f} have no site within the limit, whatever opens",
            count=count,
            weight=weight,
        )
    return Sentence(
        "{count:,} places with a weight of {weight:,.0f} have fewer than {times} sites within the limit, whatever opens",
        count=count,
        weight=weight,
        times=times,
    )


def _must_know_costs(problem: Problem) -> None:
    costs = problem.site_costs
    wanted = [*problem.candidates.tolist()]
    unknown = [i for i in wanted if costs is None or not (np.isfinite(costs[i]) and costs[i] >= 0)]
    if unknown:
        raise ProblemError(
            Fault(
                code="site-cost-not-known",
                what=Sentence("the least cost is asked for, and {count} sites have no known cost", count=len(unknown)),
                where="site_costs",
                mend='give what each site costs, forbid those sites, or say count="sites"',
                count=len(unknown),
                first=str(unknown[0]),
            )
        )
