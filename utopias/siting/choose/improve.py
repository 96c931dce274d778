"""A plan that gets better while you watch: from nothing, or from one that people began.

The search of ``solve``, told step by step. Whoever has seen enough stops asking: the last step told is
the best plan so far, with a bound that no plan passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from utopias.domain.aim import Aim
from utopias.domain.arrays import Bools
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.kernels import NEVER, greedy
from utopias.siting.median.aims import Median, put
from utopias.siting.median.by_median import by_median, must_have_answer, plan_of_search, ready, tightened
from utopias.siting.median.search import Search
from utopias.siting.median.swaps import swaps
from utopias.siting.question.problem import Problem, must_be_a_problem
from utopias.siting.question.rules import Rules
from utopias.siting.solve import METHODS, fault_of_limits, faults_of_aim


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
    """Steps from ``start`` to the best plan: one whenever the plan or its bound got better, and one at the end.

    Parameters
    ----------
    start : place ids or positions of new sites, or a plan; more or fewer than ``open`` may be given. Too many (or
        too dear) : those whose loss is least are dropped; too few : those that gain most are added; each step says
        which. Forced sites need not be named.
    aim, within, time_limit, work, seed, gap : as for ``solve``; with ``work`` the last step is the same on any machine.

    Yields
    ------
    Step. Values never get worse, bounds never looser. Closing the generator stops the work: the last step seen says
    ``proven`` only where it was. Ctrl-C inside it gives one more step, "user".

    Raises
    ------
    ProblemError : at the call, not at the first step: what is wrong with start, aim or limits, all at once.
    InfeasibleError : at the first step, as for ``solve``.
    """
    must_be_a_problem(problem)
    asked_aim = Aim.of(aim)
    rules = Rules.of(time_limit, work, seed, gap, progress)
    if wrong := faults_of_aim(asked_aim):
        raise ProblemError(wrong)
    if METHODS[asked_aim.name] is not by_median:
        raise ProblemError(
            Fault(
                "aim-not-in-steps",
                Sentence("the aim {aim!r} cannot be improved step by step", aim=asked_aim.name),
                "aim",
                "ask it with u.solve (utopias site), which has a time limit too",
            )
        )
    if (fault := fault_of_limits(asked_aim, problem.open, problem.budget)) is not None:
        raise ProblemError(fault)
    if problem.capacities is not None or (isinstance(start, Plan) and start.flows is not None):
        # The steps know no rooms: they would make a plan of another question, and save it as this one.
        raise ProblemError(
            Fault(
                "not-with-rooms",
                "this is not known for a plan whose places fill up",
                "capacities",
                "ask it with u.solve (utopias site), which has a time limit too",
            )
        )
    begun = None if start is None else _positions(problem, start)
    return _steps(problem, begun, asked_aim, within, rules)


def _steps(
    problem: Problem, begun: list[int] | None, aim: Aim, within: str | Duration | float | None, rules: Rules
) -> Iterator[Step]:
    ready(problem)
    clock = rules.start()
    asked = put(problem, aim, within)
    whole, added, dropped = _completed(asked.median, problem, begun)
    search = Search(
        tightened(asked), clock, rules.seed, rules.progress, gap=rules.gap, reading=asked.charge, start=whole
    )
    best, bound = np.inf, -np.inf

    def now() -> Plan:
        return plan_of_search(problem, aim, asked, search, search.stopped or "user", within=within)

    for standing in search.steps():
        if not search.stopped and (not np.isfinite(standing.value) or standing.value > asked.served_under):
            continue
        if not search.stopped and not (standing.value < best or standing.bound > bound):
            continue
        best, bound = standing.value, max(bound, standing.bound)
        sites = tuple(sorted([*np.flatnonzero(standing.chosen).tolist(), *problem.forced]))
        if search.stopped:
            must_have_answer(problem, asked, search)
            sites = now().sites  # of equal plans the fairer
        value, limit = asked.value(best), asked.value(min(bound, best))
        yield Step(
            value=value,
            bound=limit,
            gap=abs(value - limit) / max(abs(value), 1e-9),
            seconds=standing.seconds,
            sites=sites,
            proven=search.closed,
            stopped=search.stopped,
            added=added,
            dropped=dropped,
            plan=now,
        )


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


def _completed(
    median: Median, problem: Problem, begun: list[int] | None
) -> tuple[Bools | None, tuple[int, ...], tuple[int, ...]]:
    """The start as a choice (m,) that keeps number and purse, what was added to it, what was dropped; None without one."""
    if begun is None:
        return None, (), ()
    asked = np.zeros(len(median.free), dtype=bool)
    asked[begun] = True
    asked[list(problem.forced)] = False
    chosen = asked & median.free
    most = len(chosen) if median.number < 0 else median.number
    while chosen.any() and (int(chosen.sum()) > most or _too_dear(median, chosen)):
        table = swaps(median, chosen)
        chosen[table.opened[int(np.argmin(table.without))]] = False
    for by_ratio in (False, True) if median.purse < NEVER else (False,):
        trial = chosen.copy()
        if greedy(
            *median.by_site, median.cap, median.weights, trial, median.shut, median.fees,
            median.prices, median.purse, median.number, by_ratio,
        ):  # fmt: skip
            return trial, _told(trial & ~asked), _told(asked & ~trial)
    return None, (), _told(asked)


def _too_dear(median: Median, chosen: Bools) -> bool:
    return median.purse < NEVER and float(median.prices[chosen].sum()) > median.purse


def _told(mask: Bools) -> tuple[int, ...]:
    return tuple(np.flatnonzero(mask).tolist())
