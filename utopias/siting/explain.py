"""Why these sites and not others: what each is worth, what could stand in for it, what the refused would cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.plan import Plan
from utopias.siting.charges import Equal
from utopias.siting.cover_swaps import SWAPPED, cover_swaps
from utopias.siting.problem import Problem
from utopias.siting.replay import loss_of, mask, must_be_of, put_again
from utopias.siting.room_swaps import room_swaps
from utopias.siting.rooms import put_rooms
from utopias.siting.swaps import Swaps, swaps

# Sums of exponents this many times the plan's are all alike a disaster, and would take the digits of the others.
FAR = 1e5
# A change of the median -> the loss in the aim's unit, or None where that change cannot be had.
Told: TypeAlias = Callable[[float], float | None]


@dataclass(frozen=True, slots=True)
class ChosenSite:
    """One new site of the plan. Losses are in the aim's unit; 0 or more: how much worse the plan would be.

    only_here : weight of the demand that reaches this open site and no other, fixed or new, within the limit.
    loss : what the aim loses when the site is left out and nothing takes its place; None where the plan
        would then leave somebody unreached who must be.
    replacement : the other site that costs least in its stead (index), and its id; None where no other may.
    """

    site: int
    id: str
    only_here: float
    loss: float | None
    replacement: int | None
    replacement_id: str
    replacement_loss: float | None


@dataclass(frozen=True, slots=True)
class RefusedSite:
    """One candidate that was not chosen: what the plan loses if it must take it, and which site then goes.

    loss : by the best single swap, or beside all others where no number is given and the money left pays
        for it; in the aim's unit; None where no rule lets it in (budget, number 0, only forced sites to go).
    instead_of : index of the site that goes; None where none has to.
    """

    site: int
    id: str
    loss: float | None
    instead_of: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """``chosen`` in plan order; ``refused`` from the nearest miss on; forbidden and fixed sites are in neither."""

    aim: str
    chosen: tuple[ChosenSite, ...]
    refused: tuple[RefusedSite, ...]


def explain(problem: Problem, plan: Plan) -> Explanation:
    """What each chosen site is worth and what each refused one would cost, by exact single swaps.

    A forced site has a loss but no replacement, and never makes room for another. A loss of fair-walk is told up to
    that of a sum ``FAR`` times as large (11.5 / kappa), beyond which sums of exponents keep no digits. For a plan read from
    its folder make the problem with ``Problem.from_study``.

    Raises
    ------
    MisalignedError : the plan is not of this problem. ProblemError : see ``put_again``.
    """
    if problem.capacities is not None:
        return _with_rooms(problem, plan)
    if plan.aim in SWAPPED:
        return _of_cover(problem, plan)
    asked = put_again(problem, plan, free_forced=True)
    chosen = mask(asked, plan)
    forced = np.zeros(len(chosen), dtype=bool)
    forced[list(problem.forced)] = True
    now = loss_of(asked, chosen)
    table = swaps(asked.within_reach(FAR * now), chosen, stays=forced)
    most = (FAR - 1) * now if isinstance(asked.charge, Equal) and now > 0 else np.inf
    ids = _ids(problem)
    only = _only_here(problem, plan, asked.limit)

    def told(change: float) -> float | None:
        """A change of the median in the aim's unit; None where no rule allows it, or somebody is left who must be reached."""
        if not np.isfinite(change) or now + change > asked.served_under:
            return None
        return asked.worse(now, min(change, most)) + 0.0  # never -0.0

    return Explanation(
        aim=plan.aim,
        chosen=tuple(
            _chosen(int(site), at, table, told, ids, float(only[site])) for at, site in enumerate(table.opened)
        ),
        refused=_refused(problem, plan, table, told, ids),
    )


def _with_rooms(problem: Problem, plan: Plan) -> Explanation:
    """The same where places fill up: every change is valued by the exact split of people."""
    rooms = put_rooms(replace(problem, forced=()), plan.asked, plan.within)
    chosen = np.zeros(len(rooms.free), dtype=bool)
    chosen[list(plan.sites)] = True
    forced = np.zeros(len(chosen), dtype=bool)
    forced[list(problem.forced)] = True
    table = room_swaps(rooms, chosen, stays=forced)
    ids, only = _ids(problem), _only_here(problem, plan, rooms.limit)

    def told(change: float) -> float | None:
        return change / rooms.unit + 0.0 if np.isfinite(change) else None

    chosen_sites = (_chosen(int(s), at, table, told, ids, float(only[s])) for at, s in enumerate(table.opened))
    return Explanation(plan.aim, tuple(chosen_sites), _refused(problem, plan, table, told, ids))


def _of_cover(problem: Problem, plan: Plan) -> Explanation:
    """The same of an aim over the worst walk or full coverage; a loss may be under 0 where a site is not needed at all."""
    must_be_of(problem, plan)
    table, limit = cover_swaps(problem, plan)
    ids, only = _ids(problem), _only_here(problem, plan, limit)

    def told(change: float) -> float | None:
        return change + 0.0 if np.isfinite(change) else None

    chosen = (_chosen(int(site), at, table, told, ids, float(only[site])) for at, site in enumerate(table.opened))
    return Explanation(plan.aim, tuple(chosen), _refused(problem, plan, table, told, ids))


def _chosen(site: int, at: int, table: Swaps, told: Told, ids: list[str], only_here: float) -> ChosenSite:
    stand_in = int(np.argmin(table.swapped[:, at]))
    replacement_loss = told(float(table.swapped[stand_in, at]))
    found = replacement_loss is not None
    return ChosenSite(
        site=site,
        id=ids[site],
        only_here=only_here,
        loss=told(float(table.without[at])),
        replacement=stand_in if found else None,
        replacement_id=ids[stand_in] if found else "",
        replacement_loss=replacement_loss,
    )


def _refused(problem: Problem, plan: Plan, table: Swaps, told: Told, ids: list[str]) -> tuple[RefusedSite, ...]:
    refused = []
    for site in problem.candidates.tolist():
        if site in plan.sites:
            continue
        loss, instead = float(table.added[site]), None
        if table.swapped.shape[1]:
            at = int(np.argmin(table.swapped[site]))
            if table.swapped[site, at] < loss:
                loss, instead = float(table.swapped[site, at]), int(table.opened[at])
        cost = told(loss)
        refused.append(RefusedSite(site, ids[site], cost, instead if cost is not None else None))
    return tuple(sorted(refused, key=lambda r: (np.inf if r.loss is None else r.loss, r.site)))


def _only_here(problem: Problem, plan: Plan, limit: float | None) -> Floats:
    """(m,) weight of the demand that each site alone reaches."""
    pairs = problem.pairs
    is_open = np.zeros(pairs.sites, dtype=bool)
    is_open[list(plan.sites + plan.fixed)] = True
    serves = is_open[pairs.columns]
    if limit is None and problem.study is not None and plan.within is not None:
        limit = float(plan.within.deciseconds)
    if limit is not None:
        serves &= pairs.costs <= limit
    rows, columns = pairs.rows[serves], pairs.columns[serves]
    alone = np.bincount(rows, minlength=problem.shape[0])[rows] == 1
    only: Floats = np.bincount(
        columns[alone], weights=np.asarray(problem.weights)[rows[alone]], minlength=pairs.sites
    ).astype(np.float64)
    return only


def _ids(problem: Problem) -> list[str]:
    if problem.study is None:
        return [str(i) for i in range(problem.pairs.sites)]
    ids: list[str] = problem.study.places["place_id"].astype(str).tolist()
    return ids
