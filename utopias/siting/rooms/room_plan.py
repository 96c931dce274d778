"""A choice of sites whose places fill up, made a plan: who goes where, what it loses, and its recount."""

from __future__ import annotations

from math import inf

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Bools, Floats
from utopias.domain.plan import Certificate, Flows, Plan
from utopias.domain.quantities import Duration
from utopias.siting.question.as_plan import as_plan, told
from utopias.siting.question.charging import bare_limit
from utopias.siting.question.problem import Problem
from utopias.siting.question.terms import plain_terms
from utopias.siting.rooms.rooms import Rooms
from utopias.siting.rooms.transport import transport
from utopias.witness.recount_rooms import recount_rooms


def filled(rooms: Rooms, chosen: Bools, *, most: float = inf) -> tuple[float, Floats, Floats]:
    """(what the choice loses, (pairs,) persons served, (rows,) left out): by the exact split, or by ``first_fit`` of whole places.

    most : a choice that loses more is of no use; the exact split then ends early and tells ``NEVER``.
    """
    apart = float(rooms.fees[chosen].sum()) + rooms.constant
    if rooms.single_source:
        cost, served, left = first_fit(rooms, chosen)
    else:
        cost, served, left = split(rooms, chosen, most=most - apart)
    return cost + apart, served, left


def split(rooms: Rooms, chosen: Bools, *, most: float = inf) -> tuple[float, Floats, Floats]:
    """(cost without fees, (pairs,) persons served, (rows,) left out) by the exact split, whatever goes as a whole."""
    is_open = (chosen & rooms.free) | rooms.given
    cost, served, left = transport(*rooms.rows, rooms.cap, rooms.loads, rooms.room, is_open, most)
    return float(cost), served, left


def first_fit(rooms: Rooms, chosen: Bools) -> tuple[float, Floats, Floats]:
    """A plan in which each goes to one site: dearest to leave first, to the cheapest site with room."""
    is_open = (chosen & rooms.free) | rooms.given
    room = np.where(is_open, rooms.room, -1.0)
    served, left = np.zeros(len(rooms.columns)), np.zeros(len(rooms.loads))
    for j in np.argsort(-rooms.loads, kind="stable"):
        for k in range(rooms.starts[j], rooms.starts[j + 1]):
            if room[rooms.columns[k]] >= rooms.loads[j]:
                room[rooms.columns[k]] -= rooms.loads[j]
                served[k] = rooms.loads[j]
                break
        else:
            left[j] = rooms.loads[j]
    return float(np.dot(served, rooms.costs) + np.dot(left, rooms.cap)), served, left


def plan_with_rooms(
    problem: Problem,
    aim: Aim,
    rooms: Rooms,
    sites: tuple[int, ...],
    served: Floats,
    multipliers: Floats,
    *,
    within: str | Duration | float | None,
) -> Plan:
    """The plan that opens ``sites`` and sends people as ``served`` (pairs,) says, recounted; its bound is the root bound."""
    flows = spread(rooms, problem, served)
    certificate = _recounted(problem, aim, rooms, sites, flows, multipliers)
    plan = as_plan(
        problem,
        aim.name,
        sites,
        certificate,
        assignment=flows.main(problem.shape[0]),
        multipliers=multipliers,
        within=within,
        beyond=None if aim.name == "cover-most" else problem.beyond,
        terms={**plain_terms(aim), **bare_limit(problem, rooms.limit)},
    )
    return plan.with_(flows=flows, single_source=problem.single_source)


def multipliers_of(rooms: Rooms, best: Floats) -> Floats:
    """(places,) of the root bound, for a person, in the unit of what is minimised."""
    return np.where(rooms.row_of >= 0, best[np.maximum(rooms.row_of, 0)] if len(best) else 0.0, 0.0)


def spread(rooms: Rooms, problem: Problem, served: Floats) -> Flows:
    """The flows of merged rows, given to their places by how many live there."""
    loads = np.asarray(problem.weights if problem.loads is None else problem.loads, dtype=np.float64)
    places = np.flatnonzero(rooms.row_of >= 0)
    row = rooms.row_of[places]
    count = np.diff(rooms.starts)[row]
    pair = np.repeat(rooms.starts[:-1][row] - np.concatenate([[0], np.cumsum(count)])[:-1], count) + np.arange(
        int(count.sum())
    )
    persons = served[pair] * np.repeat(loads[places] / rooms.loads[row], count)
    kept = persons > 1e-9
    return Flows(np.repeat(places, count)[kept], rooms.columns[pair][kept].astype(np.int64), persons[kept])


def _recounted(
    problem: Problem, aim: Aim, rooms: Rooms, sites: tuple[int, ...], flows: Flows, multipliers: Floats
) -> Certificate:
    pairs = problem.pairs if rooms.limit is None else problem.pairs.near(rooms.limit)
    weights = np.asarray(problem.weights)
    found = recount_rooms(
        **told(problem, pairs=pairs),
        aim=aim.name,
        loads=weights if problem.loads is None else np.asarray(problem.loads), rooms=np.asarray(problem.capacities),
        single_source=problem.single_source, flows=(flows.places, flows.sites, flows.persons), sites=sites,
        within=rooms.limit,
        multipliers=multipliers,
    )  # fmt: skip
    return Certificate(found.value / rooms.unit, found.bound / rooms.unit, found.checks)


def gathered(rooms: Rooms, chosen: Bools, flows: Flows) -> Floats | None:
    """(pairs,) persons served of flows that a plan had: what ``spread`` made of them, gathered again.

    None where they do not fit: to a site that is not open, over its room, or in parts where each goes as a whole.
    """
    inside = (rooms.row_of[flows.places] >= 0) & (flows.persons > 0)
    row, site, persons = rooms.row_of[flows.places[inside]], flows.sites[inside], flows.persons[inside]
    m = len(rooms.free)
    of_row = np.repeat(np.arange(len(rooms.loads)), np.diff(rooms.starts))
    key = of_row * m + rooms.columns
    order = np.argsort(key, kind="stable")
    wanted = row * m + site
    at = np.searchsorted(key[order], wanted)
    if len(wanted) and ((at >= len(key)).any() or (key[order][at] != wanted).any()):
        return None
    served: Floats = np.bincount(order[at], weights=persons, minlength=len(key)).astype(np.float64)
    is_open = (chosen & rooms.free) | rooms.given
    taken = np.bincount(rooms.columns, weights=served, minlength=m)
    went = np.bincount(of_row, weights=served, minlength=len(rooms.loads))
    if (served[~is_open[rooms.columns]] > 0).any() or (taken > rooms.room * (1 + 1e-12)).any():
        return None
    if (went > rooms.loads * (1 + 1e-12)).any():
        return None
    parted = (served > 0) & (served < rooms.loads[of_row] * (1 - 1e-12))
    return None if rooms.single_source and parted.any() else served
