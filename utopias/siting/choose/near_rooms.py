"""What lies near a plan whose places fill up: each swap is valued by who then goes where, and plans are made of the choices.

All swaps would each want a split of all people. So the stand-ins of a site are put in the order of whom they would take
in of those who then lose most, and only the first are valued.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np

from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.plan import Plan
from utopias.domain.sentences import Sentence
from utopias.siting.choose.near_choices import Choice, Near
from utopias.siting.kernels import NEVER
from utopias.siting.median.replay import limit_again, must_be_of
from utopias.siting.median.swaps import Swaps
from utopias.siting.question.problem import Problem
from utopias.siting.rooms.room_plan import filled, plan_with_rooms, split
from utopias.siting.rooms.rooms import Rooms, put_rooms

# Stand-ins valued for each open site, of those that a plan must have to lie elsewhere and of all others.
TRIED, TRIED_NEAR = 8, 2
# Of the sum of all persons: less than that is the rounding of sums.
SLACK = 1e-9


def near_with_rooms(problem: Problem, plan: Plan, within: float, elsewhere: Bools) -> Near:
    """The question of what lies near ``plan``, for the aims that know rooms.

    elsewhere : (m,) the sites one of which another plan must have; most stand-ins valued are of these.

    Raises
    ------
    MisalignedError : the plan is not of this problem, by its sites, its room or its value.
    """
    must_be_of(problem, plan)
    rooms = put_rooms(problem, plan.asked, limit_again(problem, plan))
    first = tuple(site for site in plan.sites if not rooms.given[site])
    own = _lost(rooms, plan)
    _must_come_out(rooms, plan, first, own)
    line = _lost(rooms, plan, within)
    return Near(
        first=first,
        own=own,
        line=line + SLACK * max(1.0, abs(line)),
        table=lambda sites: _table(rooms, sites, elsewhere),
    )


def _lost(rooms: Rooms, plan: Plan, within: float = 0.0) -> float:
    """What is lost at the plan's value, or at one that is worse by a share ``within``."""
    if rooms.total is not None:
        return rooms.total - plan.value + within * abs(plan.value)
    return (plan.value + within * abs(plan.value)) * rooms.unit


def _must_come_out(rooms: Rooms, plan: Plan, first: Choice, own: float) -> None:
    """The exact split of the plan's sites is its value; where places go as a whole, no more than it."""
    chosen = _mask(rooms, first)
    cost, _, left = split(rooms, chosen)
    least = cost + float(rooms.fees[chosen].sum()) + rooms.constant
    slack = 1e-6 * max(1.0, abs(own), abs(plan.value))
    same = least <= own + slack and (rooms.single_source or least >= own - slack)
    if (chosen & ~rooms.free).any() or not same or rooms.leaves(float(left.sum())):
        raise MisalignedError(
            Fault(
                code="plan-of-another-problem",
                what=Sentence(
                    "the plan says {value:,.6g}; in this problem its sites come to {value_2:,.6g}",
                    value=plan.value,
                    value_2=rooms.value(least),
                ),
                where="plan.value",
                mend="pass the problem that the plan was solved from",
            )
        )


def plans_with_rooms(problem: Problem, plan: Plan, choices: Sequence[Choice]) -> list[Plan]:
    """A plan of each choice of new sites, forced ones left out, with who goes where; recounted by the witness."""
    told = limit_again(problem, plan)
    rooms = put_rooms(problem, plan.asked, told)
    within = told if problem.study is None else plan.within
    plans = []
    for sites in choices:
        _, served, _ = filled(rooms, _mask(rooms, sites))
        every = tuple(sorted((*sites, *problem.forced)))
        multipliers = np.array(plan.multipliers)
        plans.append(plan_with_rooms(problem, plan.asked, rooms, every, served, multipliers, within=within))
    return plans


def _mask(rooms: Rooms, sites: Choice) -> Bools:
    chosen = np.zeros(len(rooms.free), dtype=bool)
    chosen[list(sites)] = True
    return chosen


def _table(rooms: Rooms, sites: Choice, elsewhere: Bools) -> Swaps:
    """The swaps of a choice that are likeliest to lose little; all others are inf."""
    chosen = _mask(rooms, sites)
    now = filled(rooms, chosen)[0]
    opened: Longs = np.flatnonzero(chosen)
    m = len(rooms.free)
    swapped = np.full((m, len(opened)), inf)
    left = rooms.purse - float(rooms.prices[chosen].sum()) if rooms.purse < NEVER else NEVER
    for at, site in enumerate(opened.tolist()):
        trial = chosen.copy()
        trial[site] = False
        may = rooms.free & ~chosen & (rooms.prices - rooms.prices[site] <= left)
        order = np.argsort(-taken_in(rooms, trial), kind="stable")
        order = order[may[order]]
        stand_ins = [*order[elsewhere[order]][:TRIED].tolist(), *order[~elsewhere[order]][:TRIED_NEAR].tolist()]
        for other in stand_ins:
            trial[other] = True
            lost, _, out = filled(rooms, trial)
            swapped[other, at] = inf if rooms.leaves(float(out.sum())) else lost - now
            trial[other] = False
    return Swaps(opened, np.zeros(len(opened)), swapped, np.full(m, inf))


def taken_in(rooms: Rooms, chosen: Bools) -> Floats:
    """(m,) what each site would save by itself beside a choice: of those left out or far, as many as it has room for.

    Whoever is served is taken at the mean of their place. Nobody moves on to make room, so it may be more than this.
    """
    _, served, left = split(rooms, chosen)
    n, m = len(rooms.loads), len(rooms.free)
    row = np.repeat(np.arange(n), np.diff(rooms.starts))
    gone = np.bincount(row, weights=served, minlength=n)
    paid = np.bincount(row, weights=served * rooms.costs, minlength=n)
    mean = np.divide(paid, gone, out=np.zeros(n), where=gone > 0)
    site = np.concatenate([rooms.columns, rooms.columns]).astype(np.int64)
    persons = np.concatenate([left[row], gone[row]])
    spared = np.concatenate([rooms.cap[row] - rooms.costs, mean[row] - rooms.costs])
    kept = (persons > 0) & (spared > 0) & ~chosen[site]
    site, persons, spared = site[kept], persons[kept], spared[kept]
    order = np.lexsort((-spared, site))
    site, persons, spared = site[order], persons[order], spared[order]
    before = np.concatenate([[0.0], np.cumsum(persons)])
    begun = before[np.searchsorted(site, site)]
    taken = np.clip(rooms.room[site] - (before[:-1] - begun), 0.0, persons)
    gain: Floats = np.bincount(site, weights=taken * spared, minlength=m) - rooms.fees
    return gain
