"""What people choose from: plans nearly as good as one, and the curve between two aims of a town."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.choices import Choice, Choices
from utopias.domain.errors import ProblemError
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration, Length, Minutes
from utopias.domain.study import Study
from utopias.domain.town import Town
from utopias.domain.trade_off import TradeOff
from utopias.scale import Runner
from utopias.scenario.on_what import HORIZON, no_walks
from utopias.scenario.question import Question, must_make_sense, problem_of, walk_for
from utopias.scenario.walks import limit_of, planned_persons, study_of, walks_to
from utopias.siting.choose.alternatives import alternatives
from utopias.siting.curve.trade_off import sides_of, trade_off
from utopias.siting.question.problem import Problem

# A worst walk is longer than anybody plans with: tables of two hours, then of twelve.
LONG = (Minutes(60), Minutes(360))


def question_of(plan: Plan) -> Problem:
    """The question that a plan answered, from the tables it carries.

    Raises
    ------
    ProblemError : it carries none.
    """
    return Problem.from_study(
        study_of(None, plan),
        open=plan.open,
        budget=plan.budget,
        forced=plan.forced,
        forbidden=plan.forbidden,
        beyond=plan.beyond,
        single_source=plan.single_source,
    )


def choices(plan: Plan, *, within: float = 0.005, count: int = 10, near: str | Length = "400 m") -> Choices:
    """The plans nearly as good as ``plan`` and elsewhere, each with who gains and who loses by it.

    Raises
    ------
    ProblemError : see ``alternatives``; a plan without tables.
    """
    problem, study = question_of(plan), study_of(None, plan)
    limit, _ = limit_of(plan, study)
    found = alternatives(problem, plan.with_(within=limit), within=within, count=count, near=near)
    persons = planned_persons(study)
    neediest = study.blocks["quintile"].to_numpy() == 5
    own = served_by(study, plan, limit)
    ids = study.place_ids
    told = []
    for other in found:
        change = np.where(persons > 0, served_by(study, other, limit) - own, 0.0)
        taken, left = sorted(set(other.sites) - set(plan.sites)), sorted(set(plan.sites) - set(other.sites))
        told.append(
            Choice(
                value=other.value,
                loss=abs(plan.value - other.value),
                taken=tuple(ids[i] for i in taken),
                left=tuple(ids[i] for i in left),
                gain=float(change[change > 0].sum()),
                lose=float(-change[change < 0].sum()),
                neediest=float(change[neediest].sum()) if neediest.any() else None,
                ids=tuple(ids[i] for i in other.sites),
            )
        )
    shown = {key for one in told for key in (*one.taken, *one.left)}
    names = {key: str(name) for key, name in zip(ids, study.places["name"].tolist(), strict=True) if key in shown}
    told.sort(key=lambda one: one.loss)
    return Choices(within, Length.of(near).metres, tuple(told), names)


def served_by(study: Study, plan: Plan, limit: Duration) -> Floats:
    """(n,) persons of each block in the planned area whom a plan serves: for whom it has room, or who arrive within ``limit``."""
    persons = planned_persons(study)
    if plan.flows is not None:
        sent = np.bincount(plan.flows.places, weights=plan.flows.persons, minlength=len(persons))
        found: Floats = np.where(persons > 0, sent, 0.0)
        return found
    return np.where(walks_to(study, (*plan.fixed, *plan.sites), limit).within, persons, 0.0)


def curve(
    town: Town,
    question: Question,
    aims: tuple[str, str],
    *,
    points: int = 7,
    progress: Progress = silent,
    runner: Runner | None = None,
) -> TradeOff:
    """The curve between two aims of a town, with the people, the walker and the rules of ``question``.

    Along the worst walk the table of times is made long enough to tell it. What the land excludes
    may not open, as in ``answer``.

    Raises
    ------
    ProblemError, InfeasibleError : see ``trade_off`` and ``answer``.
    """
    found = must_make_sense(town, replace(question, aim="cover-most"))
    unwalked = problem_of(town, no_walks(town, question.within), question, found)
    sides_of(unwalked, aims, points)  # heard before the walks, not after
    lengths = [question.within]
    if any(aim.partition(":")[0] == "smallest-worst" for aim in aims):
        lengths = [max(question.within, long) for long in LONG]
    for k, length in enumerate(lengths):
        times = walk_for(town, question, within=length, progress=progress, runner=runner)
        problem = problem_of(town, times, question, found)
        charged = max(HORIZON, Duration(2 * question.within.deciseconds))  # what ``solve`` charges, whatever the table
        problem = replace(problem, beyond=float(charged.deciseconds))
        try:
            told = trade_off(
                problem,
                aims,
                within=question.within,
                points=points,
                time_limit=question.time_limit,
                seed=question.seed,
                progress=progress,
            )
            # Whoever has no way to any place weighs nothing in the problem, and is in no worst walk either.
            told = replace(told, people=_counted(problem, told.groups))
            return replace(told, unreachable=told.unreachable + _apart(problem)) if len(lengths) > 1 else told
        except ProblemError as error:
            if k + 1 == len(lengths) or error.codes != ("table-too-short",):
                raise
    raise AssertionError("the last table is answered or refused")


def _counted(problem: Problem, groups: tuple[str, str]) -> tuple[float, float] | None:
    """Persons whom each side of a curve counts: of its group, or of the question, where some way leads to a place."""
    study = problem.study
    if study is None:
        return None
    connected = ~study.blocks["apart"].to_numpy(dtype=bool)
    first, second = (float(planned_persons(study, group or "persons")[connected].sum()) for group in groups)
    return first, second


def _apart(problem: Problem) -> float:
    """Persons of the question who live where no way leads to any place."""
    study = problem.study
    return 0.0 if study is None else float(planned_persons(study)[study.blocks["apart"].to_numpy(dtype=bool)].sum())
