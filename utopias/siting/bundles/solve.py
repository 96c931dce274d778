"""From a question of sites and services to a plan: the best that was found, and how much better any could be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from utopias.compiled.kernel import prepare
from utopias.domain.arrays import Bools, Floats, Longs
from utopias.domain.errors import Fault, InfeasibleError
from utopias.domain.module_plan import ModulePlan
from utopias.domain.module_question import ModuleQuestion
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration
from utopias.siting.bundles.dual import descend, open_best
from utopias.siting.bundles.flat import ANYWAY, Flat, flatten
from utopias.siting.bundles.kernels import best_bundle, best_bundles, serve, worth_of_offers
from utopias.siting.bundles.search import Search
from utopias.siting.question.rules import Rules
from utopias.witness.modules import recount_modules

if TYPE_CHECKING:
    import pandas as pd

# Turns of the kernels for each pair and service in a whole search, at least.
TURNS_A_PAIR = 300


def equip(
    question: ModuleQuestion,
    *,
    time_limit: str | Duration = "30 s",
    work: int | None = None,
    seed: int = 7,
    gap: float = 0.0,
    progress: Progress = silent,
) -> ModulePlan:
    """The best sites and services found, with a bound that no choice passes.

    What is maximised: over all services, importance times the persons of its group who are served (times the
    multiplier of where they live). A person of a service's group is served once, by a site that is open, offers it
    and lies within its standard; each person served takes ``share`` places a week there, and no more are served than
    there are places for. Who is served where is chosen for the most: the bound on places is on persons assigned, and
    the people of a block may be split. A new site keeps its plot and offers one service at least; all new ones
    together keep the number, the budget and the upkeep.

    Parameters
    ----------
    time_limit, work, seed, gap, progress : as for ``solve``.

    Raises
    ------
    ProblemError : rules that make no sense. InfeasibleError : no choice keeps all limits.
    """
    rules = Rules.of(time_limit, work, seed, gap, progress)
    clock = rules.start()
    flat = flatten(question)
    prepare((worth_of_offers, best_bundle, best_bundles, serve, open_best, descend), TURNS_A_PAIR * len(flat.columns))
    search = Search(flat, clock, rules.seed, rules.progress, gap=rules.gap)
    stopped = search.run()
    if not search.admissible:
        raise InfeasibleError(
            Fault(
                code="no-service-admissible",
                what="no choice of sites and services that keeps every limit together was found",
                where="forced, budget, upkeep",
                mend="force fewer sites, demand fewer services of each, or raise a limit",
            )
        )
    plan = plan_of(question, flat, search.chosen, search.multipliers, search.money_prices)
    rules.progress("plan", 1.0)
    return plan.with_(
        bound=max(plan.value, min(search.bound, plan.root_bound)),
        proven=search.closed,
        stopped=stopped,
        seconds=clock.spent,
        seed=rules.seed,
    )


def plan_of(
    question: ModuleQuestion, flat: Flat, chosen: Bools, multipliers: Floats, money_prices: tuple[float, float]
) -> ModulePlan:
    """The plan of a choice of offers, recounted by the witness; its bound is the root bound."""
    bundles: dict[int, list[int]] = {}
    for o in np.flatnonzero(chosen):
        bundles.setdefault(int(flat.site[o]), []).append(int(flat.service[o]))
    plan = ModulePlan(
        question=question,
        bundles={site: tuple(sorted(bundles[site])) for site in sorted(bundles)},
        served=_served(question, flat, chosen),
        value=0.0,
        before=worth_served(flat, np.zeros(len(chosen), dtype=bool)),
        bound=0.0,
        root_bound=0.0,
        proven=False,
        stopped="by hand",
        seconds=0.0,
        seed=0,
        multipliers=flat.spread(multipliers, question),
        money_prices=money_prices,
    )
    found = recount_modules(plan)
    return plan.with_(value=found.value, bound=found.bound, root_bound=found.bound, certificate=found)


def worth_served(flat: Flat, chosen: Bools) -> float:
    """The worth of everybody served by what stands and ``chosen``."""
    served = _assigned(flat, chosen)[0]
    return flat.constant + float(np.dot(served, flat.worth))


def chosen_of(flat: Flat, plan: ModulePlan) -> Bools:
    """(offers,) the offers of a plan."""
    taken = {(site, s) for site, bundle in plan.bundles.items() for s in bundle}
    chosen: Bools = np.array(
        [(int(i), int(s)) in taken for i, s in zip(flat.site, flat.service, strict=True)], dtype=bool
    )
    return chosen


def _assigned(flat: Flat, chosen: Bools) -> tuple[Floats, Floats]:
    served, flow = serve(
        flat.starts, flat.columns, flat.demand, flat.first, flat.limits, chosen | flat.given,
        flat.offer_starts, flat.offer_pairs, flat.row_of_pair,
    )  # fmt: skip
    return served, flow


def _served(question: ModuleQuestion, flat: Flat, chosen: Bools) -> pd.DataFrame:
    """Who is served where. Without a limit of places: at the nearest that offers; else as the assignment has it."""
    import pandas as pd

    flow = _assigned(flat, chosen)[1]
    open_ = chosen | flat.given
    offers = np.full(question.offered.shape, -1, dtype=np.int64)
    offers[flat.site[open_], flat.service[open_]] = np.flatnonzero(open_)
    parts = []
    of_pair = question.rows
    for s, service in enumerate(question.services):
        row = flat.row_of[:, s]
        offer = offers[question.columns, s]
        near = (question.costs <= service.limit) & (offer >= 0)
        endless = np.zeros(len(offer), dtype=bool)
        endless[near] = np.isinf(flat.limits[offer[near]])
        mine = flat.service == s
        free = bool(np.isinf(flat.limits[mine]).all())
        anyway = row == ANYWAY
        # whole blocks at the nearest place without limit; pairs stand in order of cost
        whole = near & endless & np.where(anyway[of_pair], question.offered[question.columns, s], free)
        whole &= anyway[of_pair] | (row[of_pair] >= 0)
        block, first = np.unique(of_pair[whole], return_index=True)
        site = question.columns[whole][first]
        parts.append((block, np.full(len(block), s), site, service.persons[block]))
        if free:
            continue
        blocks = np.flatnonzero(row >= 0)
        share = service.persons[blocks] / flat.demand[row[blocks]]
        counts = np.diff(flat.starts)[row[blocks]]
        at = np.repeat(flat.starts[:-1][row[blocks]], counts) + _within(counts)
        amount = flow[at] * np.repeat(share, counts)
        some = amount > 0
        parts.append(
            (
                np.repeat(blocks, counts)[some],
                np.full(int(some.sum()), s),
                flat.site[flat.columns[at[some]]],
                amount[some],
            )
        )
    block, of, site, persons = (np.concatenate([part[at] for part in parts]) for at in range(4))
    return pd.DataFrame(
        {
            "block": block.astype(np.int32),
            "service": of.astype(np.int16),
            "site": site.astype(np.int32),
            "persons": persons.astype(np.float64),
        }
    )


def _within(counts: Longs) -> Longs:
    """0, 1, .. of each run of ``counts``."""
    within: Longs = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return within
