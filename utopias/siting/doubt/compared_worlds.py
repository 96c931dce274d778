"""Several worlds where no mixture of them can be asked: each is solved, and their plans are compared in all.

The room of a place is the same in every world, and half of one world with half of another fills it as neither does; an
equal walk, a poverty or a second unit adds up no better. The prices of ``worlds`` bound nothing here. What bounds is that no
plan is better in a world than the best of that world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import monotonic
from typing import TypeAlias

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Floats
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.siting.doubt.in_worlds import InWorlds
from utopias.siting.full_cover.cover_plan import recounted
from utopias.siting.median.aims import put
from utopias.siting.question.charging import limit_of
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.siting.rooms.room_plan import filled
from utopias.siting.rooms.rooms import put_rooms
from utopias.siting.solve import solve

Within: TypeAlias = str | Duration | float | None
# Aims whose value is one of a person already, and those that are compared in this way whether places fill up or not.
A_PERSON = ("fair-walk", "least-poverty")
COMPARED = ("cover-gradually", "cover-twice", "fair-walk", "least-poverty", "least-cost")


def in_world(problem: Problem, weights: Floats) -> Problem:
    """The question with the people of another world; who takes room grows and shrinks as they do."""
    told = np.asarray(problem.weights, dtype=np.float64)
    loads = told if problem.loads is None else np.asarray(problem.loads, dtype=np.float64)
    share = np.divide(loads, told, out=np.ones_like(told), where=told > 0)
    return replace(problem, weights=weights, loads=np.where(weights > 0, weights * share, 0.0))


def value_in_world(problem: Problem, aim: Aim, within: Within, sites: tuple[int, ...]) -> float:
    """The aim's value of these new sites; where places fill up, people split among them as well as can be."""
    if problem.capacities is not None:
        rooms = put_rooms(problem, aim, within)
        chosen = np.zeros(len(rooms.free), dtype=bool)
        chosen[[site for site in sites if not rooms.given[site]]] = True
        return rooms.value(filled(rooms, chosen)[0])
    if aim.name == "cover-twice":
        return recounted(problem, aim, sites, np.zeros(0), limit_of(problem, aim.name, within)).value
    asked = put(problem, aim, within)
    chosen = np.zeros(len(asked.median.free), dtype=bool)
    chosen[[site for site in sites if site not in asked.given]] = True
    return asked.value(asked.median.value(chosen))


def compared_in_worlds(
    problem: Problem,
    worlds: Mapping[str, Floats],
    aim: Aim,
    within: Within,
    judge: str,
    rules: Rules,
) -> InWorlds:
    """The best, by the judge, of the plans that are best for one world each.

    Compared are shares of the people, means a person, or what the aim counts a person already. The bound is the worst that the
    best plan of any world reaches there, or their mean.
    """
    begun = monotonic()
    sign = 1.0 if aim.more_is_better else -1.0
    asked = {name: in_world(problem, weights) for name, weights in worlds.items()}
    totals = {name: float(weights.sum()) for name, weights in worlds.items()}
    unit = problem.unit if aim.name == "least-walk" else 1.0

    def share(name: str, value: float) -> float:
        return value if aim.name in A_PERSON else value * unit / totals[name]

    best: dict[str, tuple[float, float]] = {}
    plans: list[Plan] = []
    for at, (name, question) in enumerate(asked.items()):
        plan = solve(
            question, aim=aim, within=within, time_limit=Duration(round(rules.seconds * 10 / len(asked))), work=rules.work,
            seed=rules.seed,
        )  # fmt: skip
        if plan.stopped == "user":
            raise KeyboardInterrupt
        best[name] = plan.value, plan.bound
        plans.append(plan)
        rules.progress("worlds", (at + 1) / len(asked))
    met = [
        {name: value_in_world(question, aim, within, plan.sites) for name, question in asked.items()} for plan in plans
    ]

    def judged(values: Mapping[str, float]) -> float:
        shares = [sign * share(name, value) for name, value in values.items()]
        return float(np.mean(shares) if judge == "mean" else min(shares))

    lead = max(range(len(plans)), key=lambda at: judged(met[at]))
    value = sign * judged(met[lead])
    bound = sign * max(judged({name: bound for name, (_, bound) in best.items()}), sign * value)
    return InWorlds(
        judge=judge,
        plan=plans[lead],
        values=met[lead],
        best=best,
        shares={name: share(name, told) for name, told in met[lead].items()},
        value=value,
        bound=bound,
        proven=abs(bound - value) <= 1e-7 * max(abs(value), 1e-9),
        seconds=monotonic() - begun,
    )
