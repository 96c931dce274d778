"""One question to a town over budget years: walk, look at the land, choose sites and their years, in this order."""

from __future__ import annotations

from dataclasses import replace

from utopias.domain.budgets import Budgets
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.phases import Phases
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.scenario.question import Question, must_make_sense, problem_of, walk_for
from utopias.siting.question.problem import Problem
from utopias.siting.years.phase import phase, phase_plan
from utopias.siting.years.phase_faults import fault_of_phased_aim


def phase_town(town: Town, question: Question, budgets: Budgets, *, progress: Progress = silent) -> Phases:
    """Sites of ``town`` and the year of each: ``question`` says how many, for whom and within how long.

    Land that the town's rules exclude is not built on, as in ``answer``; draws, participation and money once are not
    looked at.

    Raises
    ------
    ProblemError, InfeasibleError : as ``answer`` and ``phase``; before the walks where they can be known then.
    """
    if (wrong := fault_of_phased_aim(question.aim)) is not None:
        raise ProblemError(wrong)
    if question.open is None:
        raise ProblemError(Fault("no-number", "a schedule needs an exact number of sites", "open", "say open=100"))
    found = must_make_sense(town, replace(question, budget=None))
    times = walk_for(town, question, progress=progress)
    problem = problem_of(town, times, replace(question, budget=None), found)
    return phase(
        problem,
        budgets=budgets,
        aim=question.aim,
        within=question.within,
        time_limit=question.time_limit,
        seed=question.seed,
        progress=progress,
    )


def phase_saved(
    plan: Plan, budgets: Budgets, *, aim: str | None = None, time_limit: str | Duration = "2 min", seed: int = 7,
    progress: Progress = silent,
) -> Phases:  # fmt: skip
    """The sites of a saved plan in their order, from the tables that the plan carries.

    aim : None is the plan's own.

    Raises
    ------
    ProblemError : the plan carries no tables; as ``phase_plan``.
    """
    if plan.study is None:
        raise ProblemError(
            Fault(
                "plan-without-study",
                Sentence("the plan carries no tables of a town, and its {count} sites no cost", count=len(plan.sites)),
                "plan",
                "order it from its problem: phase_plan(problem, plan, budgets)",
            )
        )
    problem = Problem.from_study(
        plan.study,
        open=len(plan.sites),
        forced=plan.forced,
        forbidden=plan.forbidden,
        beyond=plan.beyond,
    )
    return phase_plan(problem, plan, budgets, aim=aim, time_limit=time_limit, seed=seed, progress=progress)
