"""Why these sites and not others: what each is worth, what could stand in for it, what the refused would cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import TypeAlias

import numpy as np

from utopias.domain.arrays import AnyArray, Bools, Floats, Longs
from utopias.domain.plan import Plan
from utopias.siting.aims import Put
from utopias.siting.bounds import if_decided
from utopias.siting.charges import Equal
from utopias.siting.cover_swaps import SWAPPED, cover_swaps
from utopias.siting.kept import merged_of
from utopias.siting.lists import only_open
from utopias.siting.problem import Problem
from utopias.siting.replay import limit_again, loss_of, mask, must_be_of, put_again
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
    sure_loss : what every plan without this site loses at least, by the bound; 0 where the bound cannot tell.
    proven_in : every plan without it is worse than this one (a tie is not worse).
    only_groups, only_need : persons of ``only_here`` by group of the town and by fifth of need (1 least to 5 most, 0
        not known); empty without a study. They are people of the planned area, each counted as one.
    """

    site: int
    id: str
    only_here: float
    loss: float | None
    replacement: int | None
    replacement_id: str
    replacement_loss: float | None
    sure_loss: float = 0.0
    proven_in: bool = False
    only_groups: Mapping[str, float] = field(default_factory=dict)
    only_need: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefusedSite:
    """One candidate that was not chosen: what the plan loses if it must take it, and which site then goes.

    loss : by the best single swap, or beside all others where no number is given and the money left pays
        for it; in the aim's unit; None where no rule lets it in (budget, number 0, only forced sites to go).
    instead_of : index of the site that goes; None where none has to.
    sure_loss : what every plan with this site loses at least, by the bound: its distance from being chosen, however
        the others stand; 0 where the bound cannot tell, inf where no rule lets it in.
    proven_out : every plan with it is worse than this one.
    """

    site: int
    id: str
    loss: float | None
    instead_of: int | None
    sure_loss: float = 0.0
    proven_out: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """``chosen`` in plan order; ``refused`` from the nearest miss on; forbidden and fixed sites are in neither."""

    aim: str
    chosen: tuple[ChosenSite, ...]
    refused: tuple[RefusedSite, ...]


def explain(problem: Problem, plan: Plan) -> Explanation:
    """What each chosen site is worth and what each refused one would cost, by exact single swaps and by the bound.

    The swaps say what one change costs with all else as it is; the bound of the plan's multipliers says what no plan
    escapes, however the others stand: which sites are in or out by proof, and how far each is from the other side.

    A forced site has a loss but no replacement, and never makes room for another. A loss of fair-walk is told up to
    that of a sum ``FAR`` times as large (11.5 / kappa), beyond which sums of exponents keep no digits. For a plan read
    from its folder make the problem with ``Problem.from_study``.

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
    now = loss_of(asked, chosen)
    table = swaps(merged_of(asked.within_reach(FAR * now)).median, chosen, stays=_forced(problem))
    if np.isinf(
        asked.charge.cap
    ):  # the caps of a median hold for as many sites as asked, and one fewer may leave somebody
        alone = _alone(problem, plan, None)
        table.without[np.isin(table.opened, alone[(alone >= 0) & (np.asarray(problem.weights) > 0)])] = np.inf
    most = (FAR - 1) * now if isinstance(asked.charge, Equal) and now > 0 else np.inf
    taken, left = _sure(problem, plan, asked, now)

    def told(change: float) -> float | None:
        """A change of the median in the aim's unit; None where no rule allows it, or somebody is left who must be reached."""
        if not isfinite(change) or now + change > asked.served_under:
            return None
        return asked.worse(now, min(change, most)) + 0.0  # never -0.0

    return _explained(problem, plan, table, told, asked.limit, taken, left)


def _with_rooms(problem: Problem, plan: Plan) -> Explanation:
    """The same where places fill up: every change is valued by the exact split of people; nothing is told by the bound."""
    must_be_of(problem, plan)
    rooms = put_rooms(replace(problem, forced=()), plan.asked, limit_again(problem, plan))
    chosen = np.zeros(len(rooms.free), dtype=bool)
    chosen[list(plan.sites)] = True
    table = room_swaps(rooms, chosen, stays=_forced(problem))
    none = np.zeros(len(chosen))

    def told(change: float) -> float | None:
        return change / rooms.unit + 0.0 if isfinite(change) else None

    return _explained(problem, plan, table, told, rooms.limit, none, none)


def _of_cover(problem: Problem, plan: Plan) -> Explanation:
    """The same of an aim over the worst walk or full coverage; a loss may be under 0 where a site is not needed at all."""
    must_be_of(problem, plan)
    table, limit = cover_swaps(problem, plan)
    none = np.zeros(problem.pairs.sites)

    def told(change: float) -> float | None:
        return change + 0.0 if isfinite(change) else None

    return _explained(problem, plan, table, told, limit, none, none)


def _explained(
    problem: Problem, plan: Plan, table: Swaps, told: Told, limit: float | None, taken: Floats, left: Floats
) -> Explanation:
    ids = _ids(problem)
    return Explanation(
        aim=plan.aim,
        chosen=_chosen(table, told, ids, _only_here(problem, plan, table.opened, limit), left),
        refused=_refused(problem, plan, table, told, ids, taken),
    )


def _forced(problem: Problem) -> Bools:
    forced = np.zeros(problem.pairs.sites, dtype=bool)
    forced[list(problem.forced)] = True
    return forced


def _chosen(table: Swaps, told: Told, ids: list[str], only: OnlyHere, left: Floats) -> tuple[ChosenSite, ...]:
    stand_ins = np.argmin(table.swapped, axis=0).tolist()
    found = []
    for at, site in enumerate(table.opened.tolist()):
        stand_in, sure = stand_ins[at], float(left[site])
        replacement_loss = told(float(table.swapped[stand_in, at]))
        may = replacement_loss is not None
        found.append(
            ChosenSite(
                site=site,
                id=ids[site],
                only_here=only.weight[at],
                loss=told(float(table.without[at])),
                replacement=stand_in if may else None,
                replacement_id=ids[stand_in] if may else "",
                replacement_loss=replacement_loss,
                sure_loss=sure,
                proven_in=sure > 0,
                only_groups={name: counts[at] for name, counts in only.groups.items()},
                only_need={fifth: counts[at] for fifth, counts in only.need.items() if counts[at] > 0},
            )
        )
    return tuple(found)


def _refused(
    problem: Problem, plan: Plan, table: Swaps, told: Told, ids: list[str], sure: Floats
) -> tuple[RefusedSite, ...]:
    """All at once: the best swap of each site, beside it where it may come in without one."""
    open_now = np.zeros(problem.pairs.sites, dtype=bool)
    open_now[list(plan.sites)] = True
    sites = problem.candidates[~open_now[problem.candidates]]
    losses, goes = table.added[sites], np.full(len(sites), -1)
    if table.swapped.shape[1] and len(sites):
        at = np.argmin(table.swapped[sites], axis=1)
        least = table.swapped[sites, at]
        goes = np.where(least < losses, table.opened[at], -1)
        losses = np.minimum(least, losses)
    refused = []
    for site, loss, instead, out in zip(
        sites.tolist(), losses.tolist(), goes.tolist(), sure[sites].tolist(), strict=True
    ):
        cost = told(loss)
        gone = instead if cost is not None and instead >= 0 else None
        refused.append(RefusedSite(site, ids[site], cost, gone, out, out > 0))
    return tuple(sorted(refused, key=_nearest_miss))


def _nearest_miss(refused: RefusedSite) -> tuple[float, int]:
    return inf if refused.loss is None else refused.loss, refused.site


def _sure(problem: Problem, plan: Plan, asked: Put, now: float) -> tuple[Floats, Floats]:
    """(m,) what any plan with each site loses at least, and any plan without it, in the aim's unit; 0 where unknown."""
    multipliers = np.asarray(plan.multipliers)
    if len(multipliers) != problem.shape[0]:  # a plan by hand has none
        return np.zeros(problem.pairs.sites), np.zeros(problem.pairs.sites)
    merged = merged_of(asked.median)
    weights = asked.median.weights
    taken, left = if_decided(merged.median, merged.gather(multipliers / asked.scale, weights))
    given = np.zeros(problem.pairs.sites, dtype=bool)
    given[list(problem.forced)] = True
    most = (FAR - 1) * now if isinstance(asked.charge, Equal) and now > 0 else np.inf
    least = now + 1e-9 * max(1.0, abs(now))  # sums of floats in another order
    lost = [np.zeros(len(given)), np.zeros(len(given))]
    for sure, bounds in zip(lost, (taken, left), strict=True):
        sites = np.flatnonzero(bounds > least)
        sure[sites] = asked.charge.each_worse(now, np.minimum(bounds[sites] - now, most))
    return lost[0], np.where(given, 0.0, lost[1])


def _alone(problem: Problem, plan: Plan, limit: float | None) -> Longs:
    """(n,) the one open site that reaches each demand place within the limit; -1 where none or several do."""
    pairs, is_open = problem.pairs, problem.pairs.opened(plan.sites + plan.fixed)
    if limit is None and problem.study is not None and plan.within is not None:
        limit = float(plan.within.deciseconds)
    found: Longs = only_open(pairs.starts, pairs.columns, pairs.costs, is_open, inf if limit is None else limit)
    return found


@dataclass(frozen=True, slots=True)
class OnlyHere:
    """Of each new site of a plan, in order: what reaches it and no other open site; by group and by fifth of need in a town."""

    weight: list[float]
    groups: dict[str, list[float]]
    need: dict[int, list[float]]


def _only_here(problem: Problem, plan: Plan, opened: Longs, limit: float | None) -> OnlyHere:
    """One count over the places for all sites together; groups and need are those of the planned area."""
    alone = _alone(problem, plan, limit)
    order = np.full(problem.pairs.sites + 1, -1)  # its last stands for no site, which is -1
    order[opened] = np.arange(len(opened))
    rows = np.flatnonzero(order[alone] >= 0)
    at = order[alone[rows]]

    def summed(values: AnyArray, where: AnyArray, bins: int) -> Floats:
        counted: Floats = np.bincount(where, weights=values, minlength=bins).astype(np.float64)
        return counted

    weight = summed(np.asarray(problem.weights)[rows], at, len(opened)).tolist()
    if problem.study is None:
        return OnlyHere(weight, {}, {})
    blocks = problem.study.blocks
    planned = blocks["planned"].to_numpy(dtype=bool)[rows]
    rows, at = rows[planned], at[planned]
    names = [str(group["id"]) for group in problem.study.town.get("groups", ())]
    groups = {name: summed(blocks[name].to_numpy()[rows], at, len(opened)).tolist() for name in names if name in blocks}
    fifth = blocks["quintile"].to_numpy()[rows].astype(np.int64)
    persons = blocks["persons"].to_numpy(dtype=np.float64)[rows]
    need = summed(persons, 6 * at + fifth, 6 * len(opened)).reshape(len(opened), 6)
    return OnlyHere(weight, groups, {k: need[:, k].tolist() for k in range(6)})


def _ids(problem: Problem) -> list[str]:
    if problem.study is None:
        return [str(i) for i in range(problem.pairs.sites)]
    return [str(key) for key in problem.study.places["place_id"].tolist()]
