"""Plans for the aims that are one capped weighted median: everything but the worst walk and covering all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utopias.compiled.kernel import prepare
from utopias.domain.aim import Aim
from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.errors import Fault, InfeasibleError
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.siting.covers.conflict import conflict_of_all, fault_of
from utopias.siting.kernels import greedy, interchange, shake
from utopias.siting.lists import ends_under, first_open, listed_until, total_cost, transpose, two_nearest_of_all
from utopias.siting.median.aims import Median, Put, put
from utopias.siting.median.dual_kernels import ascend, cheapest_choice, entries_under, reduced
from utopias.siting.median.kept import keep, keep_nearest
from utopias.siting.median.narrow import narrowed_lists
from utopias.siting.median.polish import cut_rows, thresholds
from utopias.siting.median.search import Search
from utopias.siting.median.ties import Fairness, fairer
from utopias.siting.question.as_plan import as_plan, nearest_in, nearest_open, told
from utopias.siting.question.charges import Equal, Poor
from utopias.siting.question.charging import must_tell_apart
from utopias.siting.question.faults import no_admissible_choice
from utopias.siting.question.pairs import relaid
from utopias.siting.question.problem import Problem
from utopias.siting.question.rows import grouped, taken
from utopias.siting.question.rules import Rules
from utopias.witness.recount import Recount

# Turns of the kernels for each pair in a whole search, at least: below this much work, Python's own loops are done first.
TURNS_A_PAIR = 300
# What is kept back for the recount, as a share of the seconds that putting the question took; and at least, in seconds a stored pair.
RECOUNTED, RECOUNTED_A_PAIR = 0.5, 3.5e-8
# The share of the time kept back to find out whether anybody can be reached together, as long as no plan reaches all.
TO_NAME = 0.3


def ready(problem: Problem) -> None:
    """Have the machine code of a search at hand before its clock runs, where the problem is worth it."""
    kernels = (greedy, interchange, shake, reduced, cheapest_choice, ascend, entries_under, narrowed_lists)
    lists = (relaid, ends_under, listed_until, two_nearest_of_all, total_cost, transpose, first_open)
    prepare((*kernels, *lists, grouped, taken, thresholds, cut_rows), TURNS_A_PAIR * problem.pairs.count)


def by_median(problem: Problem, aim: Aim, within: str | Duration | float | None, rules: Rules) -> Plan:
    """The best plan that a search over the aim's median finds under ``rules``, with its bound."""
    ready(problem)
    clock = rules.start()
    asked = put(problem, aim, within)
    # The recount passes over the same pairs as putting the question did, and need not sort them: 0.36 s beside 0.88 s for
    # 10 million pairs. Where they lay as they are needed, putting it took next to nothing.
    clock.reserve = max(RECOUNTED * clock.spent, RECOUNTED_A_PAIR * problem.pairs.count)
    search = Search(
        tightened(asked),
        clock,
        rules.seed,
        rules.progress,
        gap=rules.gap,
        reading=asked.charge,
    )
    reserve = clock.reserve
    for standing in search.steps():  # while somebody is left out who must be reached, time is kept to see why
        left_out = standing.value > asked.served_under
        clock.reserve = max(reserve, TO_NAME * clock.seconds) if left_out else reserve
    stopped = search.stopped
    must_have_answer(problem, asked, search)
    rules.progress("plan", 1.0)
    plan = plan_of_search(problem, aim, asked, search, stopped, within=within)
    if search.median is asked.median:
        keep(problem, aim, within, asked, search.merged)
        keep_nearest(problem, plan.sites, asked.limit, plan.assignment)
    return plan


def plan_of_search(
    problem: Problem, aim: Aim, asked: Put, search: Search, stopped: str, *, within: str | Duration | float | None
) -> Plan:
    """The best choice that a search has in hand, as a plan with the bound it has by now.

    Of equal optima that single swaps lead to the fairer is kept, and the plan says how many were met (``ties``). A search
    that was stopped has no optimum to choose among, and its time is out.
    """
    limit = Duration.of(within).deciseconds if problem.study is not None and within is not None else asked.limit  # type: ignore[arg-type]
    chosen, ties = search.chosen, 0
    if search.closed:
        chosen, ties = fairer(search.small, search.chosen, search.upper, lambda: Fairness(problem, limit))
    new = np.flatnonzero(chosen).tolist() + list(problem.forced)
    sites = tuple(sorted(int(i) for i in new))
    plan = plan_of(problem, asked, sites, search.multipliers * asked.scale, within=within)
    better, tighter = (max, min) if aim.more_is_better else (min, max)
    return plan.with_(
        bound=better(plan.value, tighter(asked.value(search.bound), plan.root_bound)),
        proven=search.closed,
        seconds=search.clock.spent,
        stopped="proven" if search.closed else stopped,
        seed=search.seed,
        ties=ties,
    )


def plan_of(
    problem: Problem,
    asked: Put,
    sites: tuple[int, ...],
    multipliers: Floats,
    *,
    within: str | Duration | float | None,
) -> Plan:
    """The plan that opens ``sites``, recounted by the witness; its bound is the root bound."""
    return plans_of(problem, asked, [sites], multipliers, within=within)[0]


def plans_of(
    problem: Problem,
    asked: Put,
    choices: Sequence[tuple[int, ...]],
    multipliers: Floats,
    *,
    within: str | Duration | float | None,
) -> list[Plan]:
    """A plan for each choice of new sites, each recounted by the witness, which reads the question once."""
    pairs = problem.pairs if asked.limit is None else problem.pairs.near(asked.limit)
    counting = Recount(
        **told(problem, pairs=pairs),
        aim=asked.aim.name,
        terms=asked.terms,
        unit=problem.unit,
        within=asked.limit if not isinstance(asked.charge, Poor) else asked.charge.line,
        multipliers=multipliers,
        site_count=problem.pairs.sites,
    )
    plans = []
    for sites in choices:
        certificate = counting.of(sites)
        plans.append(
            as_plan(
                problem,
                asked.aim.name,
                sites,
                certificate,
                assignment=nearest_in(pairs, sites + problem.fixed),
                multipliers=multipliers,
                within=within,
                beyond=None if asked.aim.more_is_better else problem.beyond,
                terms=asked.terms | _mean_walk(problem, asked, sites),
            )
        )
    return plans


def _mean_walk(problem: Problem, asked: Put, sites: tuple[int, ...]) -> dict[str, float]:
    """``mean``: the walk as it is, beside the one that is equal for all: in the value's unit, over all weight."""
    if asked.aim.name != "fair-walk":
        return {}
    pairs, weights = problem.pairs, np.asarray(problem.weights)
    nearest = pairs.nearest(pairs.opened(sites + problem.fixed), beyond=problem.beyond)
    counted = weights > 0
    mean = float(weights[counted] @ nearest[counted]) / float(weights.sum())
    return {"mean": mean / problem.unit} if np.isfinite(mean) else {}


def tightened(asked: Put) -> Median:
    """The median without charges that alone are more than a first plan; where charges grow without measure.

    Refuses an aversion at which those whom no site serves are the whole sum, as far as its digits go.
    """
    if not isinstance(asked.charge, Equal):
        return asked.median
    median, first = asked.median, np.zeros(len(asked.median.free), dtype=bool)
    greedy(
        *median.by_site, median.cap, median.weights, first, median.shut, median.fees,
        median.prices, median.purse, median.number, False,
    )  # fmt: skip
    alone, charged = np.diff(median.starts) == 0, median.value(first)
    always, people = (
        float(median.weights[alone] @ median.cap[alone]),
        float((median.weights / asked.scale)[alone].sum()),
    )
    must_tell_apart(asked.charge, always, people, charged, float(asked.terms["aversion"]))
    return asked.median if charged > asked.served_under else asked.within_reach(charged * (1 + 1e-6))


def must_have_answer(problem: Problem, asked: Put, search: Search) -> None:
    """Raise InfeasibleError where no choice keeps the rules, or none was found that reaches whom it must."""
    if not search.admissible:
        raise no_admissible_choice()
    if search.upper <= asked.served_under:
        return
    left = _unreached(problem, search.chosen)
    ruled_out = search.bound > asked.served_under
    together = conflict_of_all(problem, search.seed, search.clock, certain=ruled_out)
    proven = ruled_out or together is not None
    faults = [
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
    ]
    raise InfeasibleError(faults if together is None else [*faults, fault_of(together, problem)])


def _unreached(problem: Problem, chosen: AnyArray) -> AnyArray:
    sites = tuple(int(i) for i in np.flatnonzero(chosen)) + problem.forced
    return np.flatnonzero((nearest_open(problem, sites, None) < 0) & (problem.weights > 0))
