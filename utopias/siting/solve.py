"""From a problem to a plan: the best sites that were found, and how much better any could be."""

from __future__ import annotations

import numpy as np

from utopias.compiled.kernel import prepare
from utopias.domain.arrays import AnyArray, Floats, Ints
from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.plan import Certificate, Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.aims import Put, put
from utopias.siting.clock import Clock
from utopias.siting.dual_kernels import ascend, cheapest_choice, entries_under, reduced
from utopias.siting.faults import fault_of_seed
from utopias.siting.kernels import greedy, interchange, shake
from utopias.siting.narrow import narrowed_lists
from utopias.siting.polish import cut_rows, thresholds
from utopias.siting.problem import Problem
from utopias.siting.search import Search
from utopias.witness.recount import recount

# Turns of the kernels for each pair in a whole search, at least: below this much work, Python's own loops are done first.
TURNS_A_PAIR = 300


def solve(
    problem: Problem,
    *,
    aim: str = "cover-most",
    within: str | Duration | float | None = "15 min",
    time_limit: str | Duration = "2 min",
    work: int | None = None,
    seed: int = 7,
    gap: float = 0.0,
    progress: Progress = silent,
) -> Plan:
    """The best plan found, with a bound that no plan passes.

    Parameters
    ----------
    aim : "cover-most" (maximal covering: weight covered by fixed and new sites together) or
        "least-walk" (p-median: sum of weight times cost; person-minutes for a town).
    within : the limit of cover-most; a pair exactly at the limit is within. For a town a duration; for
        bare costs a number in their unit, or None for every stored pair. least-walk uses the whole table
        and charges ``problem.beyond`` where no open site reaches.
    time_limit : the search ends at the latest half a second or 5 % after it.
    work : rounds of counted work instead of the clock: the same plan for the same seed on any machine.
    gap : stop as soon as the relative gap is this or less; 0 goes on to the proof.

    Returns
    -------
    Plan. ``stopped`` is "proven", "gap", "clock", "work" or "user": Ctrl-C gives the best plan so far.
    ``proven`` : within the model no plan is better (bound and value less than one apart where weights
    and costs are whole numbers, else closer than 1e-7 of the value). Ties in the assignment go to the lower index.

    Raises
    ------
    ProblemError : an aim or a limit that this problem cannot be asked. InfeasibleError : no plan keeps all rules.
    """
    _must_be_sound(time_limit, work, gap, seed)
    kernels = (greedy, interchange, shake, reduced, cheapest_choice, ascend, entries_under, narrowed_lists)
    prepare((*kernels, thresholds, cut_rows), TURNS_A_PAIR * len(problem.pairs.costs))
    clock = Clock(Duration.of(time_limit).seconds, work)
    asked = put(problem, aim, within)
    clock.reserve = clock.spent  # the recount passes over the same pairs as putting the question did
    search = Search(asked.median, clock, seed, progress, gap=gap, total=asked.total if aim == "cover-most" else None)
    stopped = search.run()
    _must_have_answer(problem, asked, search)
    new = np.flatnonzero(search.chosen).tolist() + list(problem.forced)
    sites = tuple(sorted(int(i) for i in new))
    plan = plan_of(problem, asked, sites, search.multipliers, within=within)
    bound = (
        max(plan.value, asked.value(search.bound))
        if aim == "cover-most"
        else min(plan.value, asked.value(search.bound))
    )
    progress("plan", 1.0)
    return plan.with_(bound=bound, proven=search.closed, seconds=clock.spent, stopped=stopped, seed=seed)


def plan_of(
    problem: Problem,
    asked: Put,
    sites: tuple[int, ...],
    multipliers: Floats,
    *,
    within: str | Duration | float | None,
) -> Plan:
    """The plan that opens ``sites``, recounted by the witness; its bound is the root bound."""
    certificate = _recounted(problem, asked, sites, multipliers)
    return Plan(
        aim=asked.aim,
        sites=sites,
        fixed=tuple(sorted(problem.fixed)),
        assignment=assignment(problem, sites, asked.limit),
        value=certificate.value,
        bound=certificate.bound,
        proven=False,
        seconds=0.0,
        stopped="by hand",
        seed=0,
        within=None if problem.study is None or within is None else Duration.of(within),  # type: ignore[arg-type]
        open=problem.open,
        budget=problem.budget,
        multipliers=multipliers,
        forced=tuple(sorted(problem.forced)),
        forbidden=tuple(sorted(problem.forbidden)),
        beyond=problem.beyond if asked.aim == "least-walk" else None,
        root_bound=certificate.bound,
        certificate=certificate,
        study=problem.study,
    )


def assignment(problem: Problem, sites: tuple[int, ...], limit: float | None) -> Ints:
    """(n,) the nearest open site, fixed or new, within ``limit``; -1 where there is none; ties to the lower index."""
    pairs = problem.pairs
    is_open = np.zeros(pairs.sites, dtype=bool)
    is_open[list(sites + problem.fixed)] = True
    serves = is_open[pairs.columns]
    if limit is not None:
        serves &= pairs.costs <= limit
    rows, columns = pairs.rows[serves], pairs.columns[serves]
    nearest = np.full(len(problem.weights), -1, dtype=np.int32)
    first = np.ones(len(rows), dtype=bool)
    first[1:] = rows[1:] != rows[:-1]
    nearest[rows[first]] = columns[first]
    return nearest


def _recounted(problem: Problem, asked: Put, sites: tuple[int, ...], multipliers: Floats) -> Certificate:
    found = recount(
        aim=asked.aim,
        starts=problem.pairs.starts,
        columns=problem.pairs.columns,
        costs=problem.pairs.costs,
        weights=np.asarray(problem.weights),
        sites=sites,
        fixed=problem.fixed,
        open=problem.open,
        budget=problem.budget,
        site_costs=problem.site_costs,
        beyond=problem.beyond,
        within=asked.limit,
        multipliers=multipliers,
        forbidden=problem.forbidden,
        forced=problem.forced,
        site_count=problem.pairs.sites,
    )
    return Certificate(found.value / asked.unit, found.bound / asked.unit, found.checks)


def _must_be_sound(time_limit: str | Duration, work: int | None, gap: float, seed: int) -> None:
    faults = []
    Duration.of(time_limit)
    if work is not None and (isinstance(work, bool) or not isinstance(work, (int, np.integer)) or work < 1):
        faults.append(
            Fault("bad-work", Sentence("work is {work!r}", work=work), "work", "a whole number of 1 or more, or None")
        )
    if (wrong := fault_of_seed(seed)) is not None:
        faults.append(wrong)
    if not (np.isfinite(gap) and gap >= 0):
        faults.append(Fault("bad-gap", Sentence("gap is {gap!r}", gap=gap), "gap", "a share of 0 or more, as 0.001"))
    if faults:
        raise ProblemError(faults)


def _must_have_answer(problem: Problem, asked: Put, search: Search) -> None:
    if not search.admissible:
        raise InfeasibleError(
            Fault(
                code="no-admissible-choice",
                what="no choice of sites keeps the number and the budget together",
                where="open, budget",
                mend="open fewer sites, or raise the budget",
            )
        )
    if search.upper <= asked.served_under:
        return
    left = _unreached(problem, search.chosen)
    proven = search.bound > asked.served_under
    raise InfeasibleError(
        Fault(
            code="not-everyone-reached" if proven else "nobody-found-a-plan",
            what=(
                "no plan reaches every place of weight"
                if proven
                else Sentence(
                    "no plan that reaches every place of weight was found in time; the best leaves {count:,}",
                    count=len(left),
                )
            ),
            where="open, beyond",
            mend="open more sites, say beyond=... to charge a cost for those left out, or search longer",
            count=max(1, len(left)),
            first=Sentence("demand {left}", left=int(left[0])) if len(left) else "",
        )
    )


def _unreached(problem: Problem, chosen: AnyArray) -> AnyArray:
    sites = tuple(int(i) for i in np.flatnonzero(chosen)) + problem.forced
    return np.flatnonzero((assignment(problem, sites, None) < 0) & (problem.weights > 0))
