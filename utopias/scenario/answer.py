"""One question to a town, one plan back: walk, solve, doubt, account, in this order.

The pipe that the command line and the city both use. Every step is a free function that a
notebook may call alone; here they only follow one another.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from utopias.domain.land import Land
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.scale import Runner
from utopias.scenario.findings import findings
from utopias.scenario.land import land_of
from utopias.scenario.question import Question, must_make_sense, problem_of, rooms_asked, walk_for
from utopias.siting.doubt.robustness import robustness
from utopias.siting.solve import solve


def answer(
    town: Town,
    question: Question,
    *,
    times: TravelTimes | None = None,
    progress: Progress = silent,
    runner: Runner | None = None,
    keep: Callable[[Plan], object] = lambda _: None,
) -> Plan:
    """The plan that answers ``question``, with its robustness and its findings.

    keep : called with the first good plan and again with the finished one, so that whoever is
        stopped or killed in between still has the first.

    Ctrl-C once a plan is found never loses it: it is accounted for and kept, then given back with its
    robustness short (it says so) or without any. ``was_stopped`` tells. A second Ctrl-C ends all.

    Raises
    ------
    ProblemError, MisalignedError : the question does not fit the town; all faults at once, before the walks.
    InfeasibleError : no plan can meet it. KeyboardInterrupt : stopped before there was any plan.
    """
    found = must_make_sense(town, question)
    runner = runner or Runner.here()
    if times is None:
        times = walk_for(town, question, progress=progress, runner=runner)
    room, terms = rooms_asked(town, question)
    problem = problem_of(town, times, question, found, room=room)
    if terms:
        assert problem.study is not None
        problem.study.town["rooms"] = terms
    plan = solve(
        problem,
        aim=question.asked,
        within=question.within,
        time_limit=question.time_limit,
        seed=question.seed,
        progress=progress,
    )
    account = partial(
        findings,
        problem,
        rates=question.participation,
        aversion=question.aversion,
        catalogue=question.catalogue,
    )
    screened = None if found is None else Land(found)
    try:
        plan = plan.with_(findings=account(plan, land=screened))
        keep(plan)
    except KeyboardInterrupt:
        plan = plan.with_(findings=account(plan, land=screened))
        keep(plan)
        return plan
    if plan.stopped == "user":
        return plan
    try:
        if found is not None:
            land = land_of(
                problem,
                plan,
                found,
                forbidden=question.forbidden,
                time_limit=question.time_limit,
                progress=progress,
            )
            plan = plan.with_(findings=account(plan, land=land))
            keep(plan)
    except KeyboardInterrupt:
        return plan
    if not question.draws or plan.undrawn:  # nothing can be drawn: the plan has no robustness, and the screen says why
        return plan
    try:
        doubt = robustness(problem, plan, draws=question.draws, seed=question.seed, progress=progress, runner=runner)
        whole = plan.with_(robustness=doubt, findings=account(plan, robustness=doubt))
        keep(whole)
    except KeyboardInterrupt:
        return plan
    return whole


def was_stopped(plan: Plan, question: Question) -> bool:
    """Whether the user stopped the work on ``plan`` before it was all that ``question`` asked for."""
    land = None if plan.findings is None else plan.findings.land
    if plan.stopped == "user" or (land is not None and land.waivers is None):
        return True
    return bool(question.draws) and not plan.undrawn and (plan.robustness is None or plan.robustness.stopped == "user")
