"""How a saved plan stands with the people of other years, and which plan would be best for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.scenario.later_people import weights_later
from utopias.scenario.walks import study_of
from utopias.siting.doubt.compared_worlds import COMPARED, in_world, value_in_world
from utopias.siting.doubt.in_worlds import InWorlds
from utopias.siting.doubt.worlds import solve_worlds
from utopias.siting.median.aims import put
from utopias.siting.median.replay import loss_of, mask
from utopias.siting.question.problem import Problem

TODAY = "today"


def plan_in_worlds(
    plan: Plan,
    worlds: Mapping[str, Mapping[str, float]],
    *,
    judge: str = "worst",
    time_limit: str | Duration = "1 min",
    progress: Progress = silent,
) -> tuple[dict[str, float], InWorlds]:
    """(value of ``plan`` in each world, the plan that is best in all of them); ``today`` is always one of the worlds.

    worlds : name -> factors by group, see ``weights_later``. The question is the plan's own: number, budget, forced.

    Raises
    ------
    ProblemError : no tables; groups that the town does not count; an aim that is not solved in several worlds.
    """
    study = study_of(None, plan)
    if TODAY in worlds:
        raise ProblemError(Fault("bad-world", "today is the world the plan was made in", "later", "name another year"))
    problem = Problem.from_study(
        study,
        open=plan.open,
        budget=plan.budget,
        forced=plan.forced,
        forbidden=plan.forbidden,
        beyond=plan.beyond,
        single_source=plan.single_source,
    )
    weights = {TODAY: np.asarray(problem.weights)}
    weights |= {name: weights_later(study, factors) for name, factors in worlds.items()}
    judged = solve_worlds(
        problem, weights, judge=judge, aim=plan.asked, within=plan.within, time_limit=time_limit, progress=progress
    )
    own = {}
    for name, these in weights.items():
        if plan.flows is not None or plan.aim in COMPARED:
            own[name] = value_in_world(in_world(problem, these), plan.asked, plan.within, plan.sites)
            continue
        asked = put(replace(problem, weights=these, loads=None), plan.asked, plan.within)
        own[name] = asked.value(loss_of(asked, mask(asked, plan)))
    return own, judged
