"""Which site in which budget year: a schedule under yearly budgets, its bound, and its regret against the end state.

A site's works are paid in one year and its equipment in the next, when it opens (``domain.budgets`` says why).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from utopias.compiled.kernel import prepare
from utopias.domain.aim import Aim
from utopias.domain.arrays import AnyArray, Floats, Ints
from utopias.domain.budgets import Budgets
from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.phases import Phases, Regret
from utopias.domain.plan import Certificate, Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.median.dual_kernels import reduced
from utopias.siting.median.replay import limit_again
from utopias.siting.question.problem import Problem
from utopias.siting.question.rules import Rules
from utopias.siting.solve import solve
from utopias.siting.years.phase_faults import fault_of_lacking, fault_of_phased_aim, faults_of_ledger
from utopias.siting.years.phase_question import PhaseQuestion, with_known_costs
from utopias.siting.years.phase_search import PhaseSearch
from utopias.siting.years.year_dual import ascend_years, cheapest_schedule
from utopias.siting.years.year_moves import fill, rearrange
from utopias.witness.phases import recount_phases

# Share of the time that finds the best end state: where the search starts, and what regret is measured by.
END_SHARE = 0.15
# Gap of the end state that is near enough to start from.
END_GAP = 0.001
# Turns of the kernels for each pair and year in a whole search, at least.
TURNS_A_PAIR = 300


def phase(
    problem: Problem,
    *,
    budgets: Budgets | str | float | Sequence[float],
    years: str | Sequence[int] | None = None,
    open: int | None = None,
    aim: str | Aim = "cover-most",
    within: str | Duration | float | None = "15 min",
    equip: AnyArray | Sequence[float] | None = None,
    time_limit: str | Duration = "2 min",
    work: int | None = None,
    seed: int = 7,
    gap: float = 0.0,
    progress: Progress = silent,
) -> Phases:
    """The best schedule found for ``open`` new sites over budget years, with a bound that no schedule passes.

    Parameters
    ----------
    problem : without a budget of its own; it knows what each candidate costs, works and equipment together.
    budgets : ``Budgets``; or, with ``years`` ("2026-2031"), one amount for every year or one a year.
    open : exact number of new sites, open by the last year; None: the problem's.
    aim : "cover-most" or "least-walk", summed over the budget years: a site whose works are in one year is equipped
        in the next and counts from that next year on, whole. In the first year only the fixed sites are open.
    equip : (m,) what of each site's cost is equipment; None: ``budgets.equip_share`` of it.
    within, time_limit, work, seed, gap, progress : as ``solve``; of the time 15 % go to the best end state, and the
        recount after it takes some seconds more for a city of millions of pairs.

    Raises
    ------
    ProblemError : what makes no sense as put. InfeasibleError : no schedule keeps the rules; the fault names the
    years and the money that is lacking there, and how many sites could be built.
    """
    asked, sum_of = _budgets(budgets, years), _aim(aim)
    number = problem.open if open is None else open
    faults = []
    if number is None:
        faults.append(Fault("no-number", "a schedule needs an exact number of sites", "open", "say open=100"))
    if problem.budget is not None:
        faults.append(
            Fault(
                "two-budgets",
                "the problem has a budget of its own beside those of the years",
                "budget",
                "make the problem with open=... alone",
            )
        )
    if faults:
        raise ProblemError(faults)
    rules = Rules.of(time_limit, work, seed, gap, progress)
    ended = with_known_costs(problem, asked.cost_each, open=number)
    question = PhaseQuestion(ended, asked, sum_of, within, equip)
    rules.progress("plan", 0.0)
    end = solve(
        ended,
        aim=question.aim,
        within=within,
        time_limit=Duration(max(1, int(10 * END_SHARE * rules.seconds))),
        work=None if work is None else max(1, work // 4),
        seed=seed,
        gap=END_GAP,
        progress=progress,
    )
    if end.stopped == "user":  # whoever stops the end state stops the whole: a schedule is made of what there is
        phases = _searched(question, replace(rules, seconds=0.0, work=None), end, ordered=False)
        return phases if phases.proven else phases.with_(stopped="user")
    return _searched(question, rules, end, ordered=False)


def phase_plan(
    problem: Problem,
    plan: Plan,
    budgets: Budgets | str | float | Sequence[float],
    *,
    years: str | Sequence[int] | None = None,
    aim: str | Aim | None = None,
    equip: AnyArray | Sequence[float] | None = None,
    time_limit: str | Duration = "2 min",
    work: int | None = None,
    seed: int = 7,
    gap: float = 0.0,
    progress: Progress = silent,
) -> Phases:
    """The best order found for the sites of ``plan``, all of them and no other; the rest as ``phase``.

    Parameters
    ----------
    plan : its new sites are those that are built; its limit is the schedule's.
    aim : "cover-most" or "least-walk"; None is the plan's own.

    Raises
    ------
    ProblemError : ``plan-of-another-problem``, ``no-number`` (a plan without a new site), and as ``phase``.
    InfeasibleError : as ``phase``.
    """
    asked, sum_of = _budgets(budgets, years), _aim(plan.asked if aim is None else aim)
    rules = Rules.of(time_limit, work, seed, gap, progress)
    known = set(problem.candidates.tolist())
    if strange := [site for site in plan.sites if site not in known]:
        raise ProblemError(
            Fault(
                "plan-of-another-problem",
                Sentence("the plan opens {count} sites that are no candidates here", count=len(strange)),
                "plan.sites",
                "pass the problem that the plan was solved from",
                count=len(strange),
                first=str(strange[0]),
            )
        )
    if not plan.sites:
        raise ProblemError(
            Fault("no-number", "the plan opens no new site", "plan.sites", "make a plan that opens some")
        )
    others = tuple(sorted(known - set(plan.sites)))
    mine = with_known_costs(
        problem,
        asked.cost_each,
        open=len(plan.sites),
        forced=tuple(plan.sites),
        forbidden=tuple(sorted({*problem.forbidden, *others})),
    )
    question = PhaseQuestion(mine, asked, sum_of, limit_again(problem, plan), equip)
    return _searched(question, rules, plan, ordered=True)


def _searched(question: PhaseQuestion, rules: Rules, end: Plan, *, ordered: bool) -> Phases:
    yearly, problem = question.yearly, question.problem
    names = None if problem.study is None else problem.study.places["place_id"].to_numpy()
    if faults := faults_of_ledger(yearly, question.budgets, names):
        raise InfeasibleError(faults)
    prepare(
        (fill, rearrange, reduced, cheapest_schedule, ascend_years),
        TURNS_A_PAIR * yearly.years * len(yearly.median.columns),
    )
    clock = rules.start()
    left = replace_clock(rules, end, ordered).start()
    search = PhaseSearch(
        yearly,
        left,
        rules.seed,
        rules.progress,
        gap=rules.gap,
        total=question.value(0.0) if question.aim.more_is_better else None,
    )
    stopped = search.run(np.array(end.sites, dtype=np.int32))
    if not np.isfinite(search.upper):
        raise InfeasibleError(fault_of_lacking(yearly, question.budgets, proven=search.infeasible))
    chosen = np.flatnonzero(search.when < yearly.years)
    by_year = question.values(search.when)
    n, years = len(question.asked.median.weights), yearly.years
    best = search.best.reshape(years, -1) if n else search.best.reshape(years, 0)
    spread = np.array([question.merged.spread(row, question.asked.median) for row in best])
    value = float(np.dot(by_year, question.budgets.weights))
    better = max if question.aim.more_is_better else min
    made = Phases(
        aim=question.aim.name,
        within=None if problem.study is None else Duration.of(question.within),  # type: ignore[arg-type]
        budgets=question.budgets,
        open=yearly.number,
        sites=tuple(int(i) for i in chosen),
        works=tuple(question.budgets.years[0] + int(t) for t in search.when[chosen]),
        fixed=tuple(sorted(problem.fixed)),
        forced=() if ordered else tuple(sorted(problem.forced)),
        forbidden=tuple(sorted(problem.forbidden)),
        beyond=problem.beyond if question.aim.name == "least-walk" else None,
        works_money=question.works_money,
        equip_money=question.equip_money,
        by_year=tuple(by_year.tolist()),
        people=_people(question, search.when),
        value=value,
        bound=better(value, question.value(search.bound)),
        root_bound=question.value(search.root),
        proven=search.closed,
        seconds=clock.spent + end.seconds * (not ordered),
        stopped=stopped,
        seed=rules.seed,
        multipliers=spread,
        prices=search.best_prices,
        regret=_regret(question, search, end, by_year),
        ordered=ordered,
        study=problem.study,
    )
    return made.with_(certificate=recounted(problem, made, question.asked.limit))


def replace_clock(rules: Rules, end: Plan, ordered: bool) -> Rules:
    """The rules of what is left once the end state was found."""
    if ordered or rules.work is not None:
        return rules
    return replace(rules, seconds=max(0.5, rules.seconds - end.seconds))


def recounted(problem: Problem, phases: Phases, limit: float | None) -> Certificate:
    """What the witness finds of a schedule, from the arrays of its problem."""
    schedule, budgets = phases.schedule, phases.budgets
    found = recount_phases(
        aim=phases.aim,
        starts=problem.pairs.starts,
        columns=problem.pairs.columns,
        costs=problem.pairs.costs,
        weights=np.asarray(problem.weights),
        sites=schedule["site"].tolist(),
        works=schedule["works"].tolist(),
        equipment=schedule["equipment"].tolist(),
        opens=schedule["opens"].tolist(),
        fixed=phases.fixed,
        years=budgets.years,
        money=budgets.money,
        year_weights=budgets.weights,
        works_money=phases.works_money,
        equip_money=phases.equip_money,
        number=phases.open,
        carry_over=budgets.carry_over,
        works_a_year=budgets.works_a_year,
        beyond=problem.beyond,
        within=limit,
        multipliers=phases.multipliers,
        prices=phases.prices,
        forced=phases.sites if phases.ordered else phases.forced,
        forbidden=phases.forbidden,
    )
    unit = 1.0 if phases.aim == "cover-most" else problem.unit
    return Certificate(found.value / unit, found.bound / unit, found.checks)


def _regret(question: PhaseQuestion, search: PhaseSearch, end: Plan, by_year: Floats) -> Regret:
    """Against all at once, the end state, and years that do not look ahead."""
    yearly = question.yearly
    myopic = np.full(len(yearly.median.free), yearly.years, dtype=np.int32)
    search.fill(myopic, yearly.median.free, 0.0, year_by_year=True)
    by_myopic = question.values(myopic)
    weights = question.budgets.weights
    same = question.aim.name == end.aim
    return Regret(
        end=float(by_year[-1]),
        best_end=end.value if same else float(by_year[-1]),
        end_bound=end.bound if same and not end_is_own(end, by_year) else float(by_year[-1]),
        at_once=float(by_year[-1]) * float(sum(weights)),
        myopic=float(np.dot(by_myopic, weights)),
        myopic_sites=int((myopic < yearly.years).sum()),
        myopic_end=float(by_myopic[-1]),
    )


def end_is_own(end: Plan, by_year: Floats) -> bool:
    """Whether the end state is proven and the schedule ends in one as good."""
    return end.proven and bool(np.isclose(end.value, by_year[-1], rtol=1e-9))


def _people(question: PhaseQuestion, when: Ints) -> tuple[float, ...] | None:
    """Persons of the planned area within the limit, by budget year; None without a study."""
    problem, study = question.problem, question.problem.study
    if study is None or question.within is None:
        return None
    limit = Duration.of(question.within).deciseconds  # type: ignore[arg-type]
    persons = np.where(study.blocks["planned"], study.blocks["persons"], 0.0)
    near = problem.pairs.costs <= limit
    rows, columns = problem.pairs.rows[near], problem.pairs.columns[near]
    since = np.where(when < question.yearly.years, when + 1, len(question.budgets.years))
    since[list(problem.fixed)] = 0
    first = np.full(len(persons), len(question.budgets.years))
    np.minimum.at(first, rows, since[columns])
    return tuple(float(persons[first <= year].sum()) for year in range(len(question.budgets.years)))


def _budgets(budgets: Budgets | str | float | Sequence[float], years: str | Sequence[int] | None) -> Budgets:
    if isinstance(budgets, Budgets):
        return budgets
    if years is None:
        raise ProblemError(
            Fault("bad-years", "budgets without their years", "years", 'say years="2026-2031", or pass Budgets')
        )
    return Budgets.of(years, budgets)


def _aim(aim: str | Aim) -> Aim:
    asked = Aim.of(aim)
    if (wrong := fault_of_phased_aim(asked.name)) is not None:
        raise ProblemError(wrong)
    return asked
