"""A plan that gets better while you watch: from nothing, or from one that people began.

The search of ``solve``, told step by step. Whoever has seen enough stops asking: the last step told is
the best plan so far, with a bound that no plan passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import inf

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Flows, Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.full_cover.cover_all import CoverAll
from utopias.siting.full_cover.cover_twice import CoverTwice
from utopias.siting.full_cover.smallest_worst import SmallestWorst
from utopias.siting.full_cover.worst_first import WorstFirst
from utopias.siting.median.median_work import MedianWork
from utopias.siting.question.problem import Problem, must_be_a_problem
from utopias.siting.question.rules import Rules
from utopias.siting.question.watched import Work
from utopias.siting.rooms.by_rooms import ByRooms
from utopias.siting.rooms.rooms import must_go_with_rooms
from utopias.siting.solve import METHODS, fault_of_limits, faults_of_aim

# The work of each aim where nothing fills up; all others are medians.
WORKS: dict[str, Callable[..., Work]] = dict.fromkeys(METHODS, MedianWork) | {
    "smallest-worst": SmallestWorst,
    "worst-first": WorstFirst,
    "cover-all": CoverAll,
    "cover-twice": CoverTwice,
}


@dataclass(frozen=True, slots=True)
class Step:
    """Where the work stands: the best plan so far, and how much better any could be.

    value, bound, gap : as of a Plan, in the aim's unit. seconds : since the work began.
    sites : the new sites, ascending. proven : no plan is better. stopped : why the work ended, as of a
        Plan; "" while it goes on.
    added, dropped : sites that completed the start, and sites of it that did not fit; the same in every step.
    plan : makes the plan of this moment, with its certificate; to be called before the next step is asked for.
    """

    value: float
    bound: float
    gap: float
    seconds: float
    sites: tuple[int, ...]
    proven: bool
    stopped: str
    added: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    plan: Callable[[], Plan] = field(repr=False, compare=False, kw_only=True)


def improve(
    problem: Problem,
    start: Sequence[str | int] | Plan | None = None,
    *,
    aim: str | Aim = "cover-most",
    within: str | Duration | float | None = "15 min",
    time_limit: str | Duration = "2 min",
    work: int | None = None,
    seed: int = 7,
    gap: float = 0.0,
    progress: Progress = silent,
) -> Iterator[Step]:
    """Steps from ``start`` to the best plan: the start as it stands, one whenever plan or bound got better, one at the end.

    Parameters
    ----------
    start : place ids or positions of new sites, or a plan; more or fewer than ``open`` may be given. Too many (or
        too dear) : those whose loss is least are dropped; too few : those that gain most are added; each step says
        which. Forced sites need not be named. Loss and gain are the aim's own, but for smallest-worst and worst-first
        those of all walks together; where places fill up, what is added gains by walks alone, as if there were room.
    aim : any that ``solve`` takes, also where places fill up. cover-all adds sites until nobody is left out.
    within, time_limit, work, seed, gap : as for ``solve``; with ``work`` the last step is the same on any machine.

    Yields
    ------
    Step. The first is the start, completed as said; where that leaves somebody who must be reached it has no value, and
    the first is the first plan that leaves nobody. Values never get worse, bounds never looser; of worst-first plans may
    get better at the same value, which is the first distance. Between two steps is one portion of the search: of the aims
    that are no sums of walks one question to the solver, which may take what is left of the time. Closing the generator stops the work: the last step seen says
    ``proven`` only where it was. Ctrl-C inside it gives one more step, "user".

    Raises
    ------
    ProblemError : at the call, not at the first step: what is wrong with start, aim or limits.
    InfeasibleError : at a step, as for ``solve``; ProblemError there for what only the pairs tell (a limit's unit).
    """
    must_be_a_problem(problem)
    asked_aim = Aim.of(aim)
    rules = Rules.of(time_limit, work, seed, gap, progress)
    if wrong := faults_of_aim(asked_aim):
        raise ProblemError(wrong)
    if (fault := fault_of_limits(asked_aim, problem.open, problem.budget)) is not None:
        raise ProblemError(fault)
    if problem.capacities is not None:
        must_go_with_rooms(asked_aim)
    begun = None if start is None else _positions(problem, start)
    flows = start.flows if isinstance(start, Plan) else None
    return _steps(problem, begun, flows, asked_aim, within, rules)


def _steps(
    problem: Problem,
    begun: list[int] | None,
    flows: Flows | None,
    aim: Aim,
    within: str | Duration | float | None,
    rules: Rules,
) -> Iterator[Step]:
    work: Work
    if problem.capacities is not None:
        work = ByRooms(problem, aim, within, rules, begun, flows)
    else:
        work = WORKS[aim.name](problem, aim, within, rules, begun)
    sign = -1.0 if aim.more_is_better else 1.0  # of a value, to be one of which less is better
    best, bound, chosen = inf, -inf, None
    for moment in work.moments():
        value, limit = sign * moment.value, sign * moment.bound
        new = chosen is None or value < best or limit > bound or not np.array_equal(moment.chosen, chosen)
        if not work.stopped and (value > best or not new):
            continue
        best, bound, chosen = min(best, value), max(bound, limit), moment.chosen
        reached = sign * min(bound, value)
        yield Step(
            value=moment.value,
            bound=reached,
            gap=abs(moment.value - reached) / max(abs(moment.value), 1e-9),
            seconds=work.clock.spent,
            sites=tuple(sorted([*moment.chosen.tolist(), *problem.forced])),
            proven=moment.closed,
            stopped=work.stopped,
            added=work.begun.added,
            dropped=work.begun.dropped,
            plan=partial(work.plan_of, moment),
        )
        if work.stopped:
            return


def _positions(problem: Problem, start: Sequence[str | int] | Plan) -> list[int]:
    """The sites of a start by position; every one that may not be chosen is a fault."""
    given = (
        list(start.sites)
        if isinstance(start, Plan)
        else list(start)
        if isinstance(start, Iterable) and not isinstance(start, str)
        else [start]
    )
    known: dict[str, int] = {}
    if problem.study is not None:
        ids = problem.study.place_ids[: problem.pairs.sites]
        known = {key: i for i, key in enumerate(ids)}
    allowed = set(problem.candidates.tolist())
    found = [known.get(one, -1) if isinstance(one, str) else _position(one) for one in given]
    wrong = [one for one, i in zip(given, found, strict=True) if i not in allowed]
    if wrong:
        raise ProblemError(
            Fault(
                "bad-start",
                Sentence("{count} sites of the start are no candidates that may be chosen", count=len(wrong)),
                "start",
                "name candidates, by id or position; fixed units are open anyway, forbidden sites may not be",
                count=len(wrong),
                first=str(wrong[0]),
            )
        )
    return sorted(set(found))


def _position(one: object) -> int:
    """A whole number as it is; -1, which no site has, for a mask or a fraction."""
    return int(one) if isinstance(one, (int, np.integer)) and not isinstance(one, bool) else -1
