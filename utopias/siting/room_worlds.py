"""Several worlds where places fill up: a mixture of worlds is no question of rooms, so each is solved and their plans compared.

The room of a place is the same in every world, and half of one world with half of another fills it as neither does: the
prices of ``worlds`` bound nothing here. What bounds is that no plan is better in a world than the best of that world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import monotonic

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Floats
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.siting.in_worlds import InWorlds
from utopias.siting.problem import Problem
from utopias.siting.room_plan import filled
from utopias.siting.rooms import put_rooms
from utopias.siting.rules import Rules
from utopias.siting.solve import solve


def in_world(problem: Problem, weights: Floats) -> Problem:
    """The question with the people of another world; who takes room grows and shrinks as they do."""
    told = np.asarray(problem.weights, dtype=np.float64)
    loads = told if problem.loads is None else np.asarray(problem.loads, dtype=np.float64)
    share = np.divide(loads, told, out=np.ones_like(told), where=told > 0)
    return replace(problem, weights=weights, loads=np.where(weights > 0, weights * share, 0.0))


def value_with_rooms(
    problem: Problem, aim: Aim, within: str | Duration | float | None, sites: tuple[int, ...]
) -> float:
    """The aim's value of these new sites, people split among them as well as can be."""
    rooms = put_rooms(problem, aim, within)
    chosen = np.zeros(len(rooms.free), dtype=bool)
    chosen[[site for site in sites if not rooms.given[site]]] = True
    return rooms.value(filled(rooms, chosen)[0])


def rooms_in_worlds(
    problem: Problem,
    worlds: Mapping[str, Floats],
    aim: Aim,
    within: str | Duration | float | None,
    judge: str,
    rules: Rules,
) -> InWorlds:
    """The best, by the judge, of the plans that are best for one world each.

    The bound is the least share (mean walk: the longest) that the best plan of any world reaches there, or their mean.
    """
    begun = monotonic()
    sign = 1.0 if aim.more_is_better else -1.0
    asked = {name: in_world(problem, weights) for name, weights in worlds.items()}
    totals = {name: float(weights.sum()) for name, weights in worlds.items()}
    unit = 1.0 if sign > 0 else problem.unit

    def share(name: str, value: float) -> float:
        return value * unit / totals[name]

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
        {name: value_with_rooms(question, aim, within, plan.sites) for name, question in asked.items()}
        for plan in plans
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
