"""Why these sites and not others: what each is worth, what could stand in for it, what the refused would cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import TypeAlias

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.plan import Plan
from utopias.siting.choose.cover_swaps import SWAPPED, cover_swaps
from utopias.siting.choose.only_here import OnlyHere, only_here
from utopias.siting.choose.reasons import ChosenSites, Explanation, RefusedSites
from utopias.siting.choose.room_swaps import room_swaps
from utopias.siting.median.aims import Put
from utopias.siting.median.bounds import if_decided
from utopias.siting.median.kept import merged_of
from utopias.siting.median.replay import again, limit_again, must_be_of
from utopias.siting.median.swaps import Swaps, swaps
from utopias.siting.question.charges import Equal
from utopias.siting.question.problem import Problem, must_be_a_problem
from utopias.siting.rooms.rooms import put_rooms

# Sums of exponents this many times the plan's are all alike a disaster, and would take the digits of the others.
FAR = 1e5
# (k,) changes of the median -> losses in the aim's unit, NaN where a change cannot be had.
Told: TypeAlias = Callable[[Floats], Floats]


def explain(problem: Problem, plan: Plan) -> Explanation:
    """What each chosen site is worth and what each refused one would cost, by exact single swaps and by the bound.

    The swaps say what one change costs with all else as it is; the bound of the plan's multipliers says what no plan
    escapes, however the others stand: which sites are in or out by proof, and how far each is from the other side.

    A forced site has a loss but no replacement, and never makes room for another. A loss of fair-walk is told up to
    that of a sum ``FAR`` times as large (11.5 / kappa), beyond which sums of exponents keep no digits. For a plan read
    from its folder make the problem with ``Problem.from_study``.

    Returns
    -------
    Explanation, in the unit of the plan's value: ``chosen`` in the plan's order, ``refused`` from the nearest miss on.

    Raises
    ------
    MisalignedError : the plan is not of this problem. ProblemError : see ``again``.
    """
    must_be_a_problem(problem)
    if problem.capacities is not None:
        return _with_rooms(problem, plan)
    if plan.aim in SWAPPED:
        return _of_cover(problem, plan)
    asked, chosen, now = again(problem, plan, free_forced=True)
    table = swaps(merged_of(asked.within_reach(FAR * now)).median, chosen, stays=problem.pairs.opened(problem.forced))
    if np.isinf(asked.charge.cap):
        # The caps of a median hold for as many sites as asked, and one fewer may leave somebody.
        table.without[only_here(problem, plan, None).weight > 0] = np.inf
    most = (FAR - 1) * now if isinstance(asked.charge, Equal) and now > 0 else np.inf
    taken, left = _sure(problem, plan, asked, now, most)

    def told(changes: Floats) -> Floats:
        """Changes of the median in the aim's unit; NaN where somebody is left who must be reached."""
        losses = asked.charge.worse(now, np.minimum(changes, most))
        return losses if asked.served_under == inf else np.where(now + changes > asked.served_under, np.nan, losses)

    return _explained(problem, plan, table, told, asked.limit, taken, left)


def _with_rooms(problem: Problem, plan: Plan) -> Explanation:
    """The same where places fill up: every change is valued by the exact split of people; nothing is told by the bound."""
    must_be_of(problem, plan)
    rooms = put_rooms(replace(problem, forced=()), plan.asked, limit_again(problem, plan))
    table = room_swaps(rooms, problem.pairs.opened(plan.sites), stays=problem.pairs.opened(problem.forced))
    none = np.zeros(problem.pairs.sites)

    return _explained(problem, plan, table, lambda changes: changes / rooms.unit, rooms.limit, none, none)


def _of_cover(problem: Problem, plan: Plan) -> Explanation:
    """The same of an aim over the worst walk or full coverage; a loss may be under 0 where a site is not needed at all."""
    must_be_of(problem, plan)
    table, limit = cover_swaps(problem, plan)
    none = np.zeros(problem.pairs.sites)

    return _explained(problem, plan, table, lambda changes: changes, limit, none, none)


def _explained(
    problem: Problem, plan: Plan, table: Swaps, told: Told, limit: float | None, taken: Floats, left: Floats
) -> Explanation:
    def finite(changes: Floats) -> Floats:
        """In the aim's unit; NaN where no rule allows the change."""
        known = np.isfinite(changes)
        return np.where(known, told(np.where(known, changes, 0.0)), np.nan) + 0.0  # never -0.0

    sites = range(problem.pairs.sites)
    ids = [str(site) for site in sites] if problem.study is None else problem.study.place_ids
    if limit is None and problem.study is not None and plan.within is not None:
        limit = float(plan.within.deciseconds)
    return Explanation(
        aim=plan.aim,
        chosen=_chosen(table, finite, ids, only_here(problem, plan, limit), left),
        refused=_refused(problem, plan, table, finite, ids, taken),
    )


def _chosen(table: Swaps, told: Told, ids: list[str], only: OnlyHere, left: Floats) -> ChosenSites:
    opened = table.opened
    stand_ins = np.argmin(table.swapped, axis=0)
    losses = told(table.swapped[stand_ins, np.arange(len(opened))])
    return ChosenSites(
        ids=ids,
        site=opened,
        only_here=only,
        loss=told(table.without),
        replacement=np.where(np.isnan(losses), -1, stand_ins),
        replacement_loss=losses,
        sure_loss=left[opened],
    )


def _refused(problem: Problem, plan: Plan, table: Swaps, told: Told, ids: list[str], sure: Floats) -> RefusedSites:
    """The best swap of each site, beside it where it may come in without one."""
    sites = problem.candidates[~problem.pairs.opened(plan.sites)[problem.candidates]]
    changes, goes = table.added[sites], np.full(len(sites), -1)
    if table.swapped.shape[1] and len(sites):
        at = np.argmin(table.swapped[sites], axis=1)
        least = table.swapped[sites, at]
        goes = np.where(least < changes, table.opened[at], -1)
        changes = np.minimum(least, changes)
    losses = told(changes)
    goes = np.where(np.isnan(losses), -1, goes)
    nearest = np.lexsort((sites, losses))  # a loss that is none sorts last
    sites = sites[nearest]
    return RefusedSites(ids, sites, losses[nearest], goes[nearest], sure[sites])


def _sure(problem: Problem, plan: Plan, asked: Put, now: float, most: float) -> tuple[Floats, Floats]:
    """(m,) what any plan with each site loses at least, and any plan without it, in the aim's unit and up to a change of ``most``; 0 where unknown."""
    multipliers = np.asarray(plan.multipliers)
    if len(multipliers) != problem.shape[0]:  # a plan by hand has none
        return np.zeros(problem.pairs.sites), np.zeros(problem.pairs.sites)
    merged = merged_of(asked.median)
    # Equal rows have equal multipliers, of a solve; any others are a bound as well.
    taken, left = if_decided(merged.median, multipliers[merged.first] / asked.scale[merged.first])
    given = problem.pairs.opened(problem.forced)
    least = now + 1e-9 * max(1.0, abs(now))  # sums of floats in another order
    lost = [np.zeros(len(given)), np.zeros(len(given))]
    for sure, bounds in zip(lost, (taken, left), strict=True):
        sites = np.flatnonzero(bounds > least)
        sure[sites] = asked.charge.worse(now, np.minimum(bounds[sites] - now, most))
    return lost[0], np.where(given, 0.0, lost[1])
