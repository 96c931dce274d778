"""The plan with the smallest longest walk (p-center), from the bisection over the radii to a plan with its certificate."""

from __future__ import annotations

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.siting.full_cover.bisection import Bisection, filled
from utopias.siting.full_cover.conflict import no_plan_meets_all
from utopias.siting.full_cover.cover_plan import cover_plan
from utopias.siting.full_cover.cover_search import Effort, prepare_covers
from utopias.siting.full_cover.reach import reach_of
from utopias.siting.question.charging import limit_of
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules

# Turns of the kernels for each pair in a whole search, at least.
TURNS_A_PAIR = 60


def smallest_worst(problem: Problem, aim: Aim, within: str | Duration | float | None, rules: Rules) -> Plan:
    """The plan with the smallest longest walk, with its bound.

    The value is the largest cost, over the places of weight, to the nearest open site, at most ``problem.beyond``
    (the unit of the costs; minutes for a town). ``within`` says nothing here beyond what a town's plan reports.

    Raises
    ------
    InfeasibleError : without ``beyond``, no plan reaches everybody (``cannot-all-be-met`` names a smallest set that
        no plan can reach together), or none was found in time.
    """
    prepare_covers(TURNS_A_PAIR * problem.pairs.count)
    clock = rules.start()
    limit_of(problem, aim.name, within)
    reach = reach_of(problem, beyond=problem.beyond)
    search = Bisection(reach, Effort(clock, rules.seed, rules.progress), rules.gap)
    stopped = search.run()
    multipliers = np.zeros(len(problem.weights))
    multipliers[reach.rows] = search.prices
    if search.chosen is None:
        raise no_plan_meets_all(problem, search.ruled_out, rules.seed, clock, prices=multipliers)
    chosen = filled(problem, reach, search.chosen, search.value)
    plan = cover_plan(problem, aim, tuple(sorted([*chosen.tolist(), *problem.forced])), multipliers, within=within)
    rules.progress("plan", 1.0)
    return plan.with_(
        bound=min(plan.value, max(plan.bound, search.bound / problem.unit)),
        proven=search.closed,
        seconds=clock.spent,
        stopped=stopped,
        seed=rules.seed,
    )
