"""Everything that can be wrong with a siting question, found at once, before anything is solved."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utopias.domain.arrays import AnyArray, Floats, Longs
from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.sentences import Sentence

# These say that a sensible question has no answer; all others that it makes no sense as put.
NO_ANSWER = ("budget-below-cheapest", "budget-below-forced", "budget-below-number")

# Sums of money in another order differ in their last digits: a plan may not be lost to that. A share of the budget.
PURSE_SLACK = 1e-12

# Sums of numbers over the first overflow on the way (the kernels take 1e300 for never); under the second the tolerance of
# the searches, 1e-16, is more than a ten thousandth of everything.
TOO_LARGE, TOO_SMALL = 1e100, 1e-12


def most_spent(budget: float) -> float:
    """What a plan may cost: a plan whose prices add up to exactly the budget keeps it."""
    return budget * (1 + PURSE_SLACK)


def faults_of_question(
    *,
    demand_places: int,
    sites: int,
    weights: Floats,
    open: int | None,
    fixed: Sequence[int],
    forced: Sequence[int],
    forbidden: Sequence[int],
    site_costs: Floats | None,
    budget: float | None,
    beyond: float | None,
    names: AnyArray | None = None,
) -> list[Fault]:
    """Every fault of a question over ``demand_places`` by ``sites``; empty when it can be asked.

    ``names`` are what the sites are called in the faults; their positions where None.
    """
    faults = faults_of_weights(weights, demand_places)
    named: dict[str, Sequence[int]] = {"fixed": fixed, "forced": forced, "forbidden": forbidden}
    for what, listed in list(named.items()):
        faults += _of_indices(what, listed, sites)
        named[what] = [i for i in listed if 0 <= i < sites]
    fixed, forced, forbidden = named.values()
    candidates = sorted(set(range(sites)) - set(fixed) - set(forbidden))
    for one, other in (("forced", "forbidden"), ("forced", "fixed"), ("forbidden", "fixed")):
        both = sorted(set(named[one]) & set(named[other]))
        if both:
            faults.append(
                Fault(
                    code=f"{one}-and-{other}",
                    what=Sentence("{count} sites are {one} and {other} at once", count=len(both), one=one, other=other),
                    where=Sentence("{one}, {other}", one=one, other=other),
                    mend="keep each in one of the two",
                    count=len(both),
                    first=_name(both[0], names),
                )
            )
    if sites == 0 or not candidates:
        faults.append(
            Fault("no-candidates", "there is no site to choose from", "sites", "add candidate sites, or lift a ban")
        )
    faults += _of_number(open, len(candidates), len(forced))
    faults += _of_money(budget, site_costs, sites, candidates, forced, open, names)
    if beyond is not None and not (np.isfinite(beyond) and beyond >= 0):
        faults.append(
            Fault(
                "bad-beyond", Sentence("beyond is {beyond}", beyond=beyond), "beyond", "a number of 0 or more, or None"
            )
        )
    return faults


def faults_of_size(largest: float, *, weights: Floats, site_costs: Floats | None, beyond: float | None) -> list[Fault]:
    """Numbers so large or so small that sums of them lose the digits which tell plans apart; ``largest`` : of the costs."""
    money = 0.0 if site_costs is None else float(np.max(site_costs, where=np.isfinite(site_costs), initial=0.0))
    people = float(weights.sum()) if len(weights) else 0.0
    tops = {"costs": largest, "weights": people, "site_costs": money, "beyond": 0.0 if beyond is None else beyond}
    faults = [
        Fault(
            "too-large",
            Sentence("{what} go up to {largest:.3g}, and sums of such numbers keep no digits", what=what, largest=top),
            what,
            "count in a larger unit; a pair that cannot be served is inf or absent, not a great number",
        )
        for what, top in tops.items()
        if TOO_LARGE < top < np.inf
    ]
    total = people * (largest if largest > 0 else 1.0)
    if 0 < total < TOO_SMALL and not faults:
        faults.append(
            Fault(
                "too-small",
                Sentence(
                    "all weights at the largest cost add up to {total:.3g}: plans are not told apart", total=total
                ),
                "costs, weights",
                "count in a smaller unit, so that they add up to 1 or more",
            )
        )
    return faults


def fault_of_seed(seed: object) -> Fault | None:
    """What is wrong with a seed; None where chance can replay from it."""
    if not isinstance(seed, bool) and isinstance(seed, (int, np.integer)) and seed >= 0:
        return None
    return Fault("bad-seed", Sentence("the seed is {seed!r}", seed=seed), "seed", "a whole number of 0 or more")


def raise_all(faults: Sequence[Fault]) -> None:
    """Raise one error with all faults; InfeasibleError where the question is sound and only has no answer."""
    if faults:
        hopeless = all(fault.code in NO_ANSWER for fault in faults)
        raise InfeasibleError(faults) if hopeless else ProblemError(faults)


def faults_of_weights(weights: Floats, demand_places: int) -> list[Fault]:
    """What is wrong with one weight a demand place."""
    if len(weights) != demand_places:
        return [
            Fault(
                "misaligned",
                Sentence(
                    "{count} weights for {demand_places} demand places", count=len(weights), demand_places=demand_places
                ),
                "weights",
                "give one weight a row of the table",
            )
        ]
    if not demand_places:
        return [Fault("no-demand", "there is no demand place", "weights", "give at least one row")]
    faults = []
    for code, bad, said in (
        ("weight-not-a-number", ~np.isfinite(weights), Sentence("are not finite numbers")),
        ("negative-weight", weights < 0, Sentence("are under 0")),
    ):
        if bad.any():
            faults.append(
                Fault(
                    code=code,
                    what=Sentence(
                        "{count:,} of {total:,} weights {said}", count=int(bad.sum()), total=len(weights), said=said
                    ),
                    where="weights",
                    mend="mend the counts at their source",
                    count=int(bad.sum()),
                    first=Sentence("demand {position}", position=int(np.flatnonzero(bad)[0])),
                )
            )
    if not faults and weights.sum() <= 0:
        faults.append(
            Fault("zero-weight", "all weights are 0: nobody would gain", "weights", "choose a group that lives here")
        )
    return faults


def _of_indices(what: str, listed: Sequence[int], sites: int) -> list[Fault]:
    faults = []
    out = [i for i in listed if not 0 <= i < sites]
    if out:
        faults.append(
            Fault(
                code="site-out-of-range",
                what=Sentence("{count} {what} sites are not among the {sites}", count=len(out), what=what, sites=sites),
                where=what,
                mend=Sentence("positions run from 0 to {value}", value=sites - 1),
                count=len(out),
                first=str(out[0]),
            )
        )
    if len(set(listed)) != len(listed):
        faults.append(
            Fault("site-twice", Sentence("{what} names a site twice", what=what), what, "name each site once")
        )
    return faults


def _of_number(open: int | None, candidates: int, forced: int) -> list[Fault]:
    if open is None:
        return []
    faults = []
    if open < 0:
        faults.append(
            Fault("negative-open", Sentence("open is {open}", open=open), "open", "a whole number of 0 or more")
        )
    if open > candidates > 0:
        faults.append(
            Fault(
                code="open-over-sites",
                what=Sentence(
                    "{open} new sites were asked for, and there are {candidates} to choose from",
                    open=open,
                    candidates=candidates,
                ),
                where="open",
                mend=Sentence("ask for {candidates} or fewer, or add candidate sites", candidates=candidates),
            )
        )
    if forced > open >= 0:
        faults.append(
            Fault(
                "forced-over-open",
                Sentence("{forced} sites are forced, and only {open} may open", forced=forced, open=open),
                "forced, open",
                Sentence("open {forced} or more, or force fewer", forced=forced),
            )
        )
    return faults


def _of_money(
    budget: float | None,
    site_costs: Floats | None,
    sites: int,
    candidates: list[int],
    forced: Sequence[int],
    open: int | None,
    names: AnyArray | None,
) -> list[Fault]:
    if site_costs is not None and len(site_costs) != sites:
        return [
            Fault(
                "misaligned",
                Sentence("{count} site costs for {sites} sites", count=len(site_costs), sites=sites),
                "site_costs",
                "one a site",
            )
        ]
    if budget is None:
        return []
    if not (np.isfinite(budget) and budget >= 0):
        return [
            Fault("bad-budget", Sentence("the budget is {budget}", budget=budget), "budget", "a number of 0 or more")
        ]
    if site_costs is None:
        return [Fault("no-site-costs", "a budget without site costs", "site_costs", "give what each site costs")]
    prices = site_costs[candidates]
    faults = []
    for code, bad, said in (
        ("site-cost-not-known", ~np.isfinite(prices), Sentence("have no known cost")),
        ("negative-site-cost", prices < 0, Sentence("cost less than 0")),
    ):
        if bad.any():
            faults.append(_of_prices(code, np.asarray(candidates)[bad], len(candidates), said, names))
    if faults or not candidates:
        return faults
    must = float(site_costs[list(forced)].sum())
    left = sorted(site_costs[[i for i in candidates if i not in set(forced)]])
    wanted = must + float(np.sum(left[: max(0, open - len(forced))])) if open is not None else must
    most = most_spent(budget)
    if forced and must > most:
        faults.append(
            Fault(
                "budget-below-forced",
                Sentence("the forced sites cost {must:,.0f}, the budget is {budget:,.0f}", must=must, budget=budget),
                "budget",
                "force fewer sites, or raise the budget",
            )
        )
    elif not forced and open != 0 and prices.min() > most:
        faults.append(
            Fault(
                "budget-below-cheapest",
                Sentence(
                    "the cheapest site costs {min:,.0f}, the budget is {budget:,.0f}", min=prices.min(), budget=budget
                ),
                "budget",
                "raise the budget",
            )
        )
    elif wanted > most:
        faults.append(
            Fault(
                "budget-below-number",
                Sentence(
                    "{open} sites cost at least {wanted:,.0f}, the budget is {budget:,.0f}",
                    open=open,
                    wanted=wanted,
                    budget=budget,
                ),
                "open, budget",
                "open fewer sites, or raise the budget",
            )
        )
    return faults


def fault_of_unknown_costs(sites: Longs, candidates: int, names: AnyArray | None) -> Fault:
    """Candidates whose cost is not known, where money counts."""
    return _of_prices("site-cost-not-known", sites, candidates, Sentence("have no known cost"), names)


def _of_prices(code: str, sites: Longs, candidates: int, said: Sentence, names: AnyArray | None) -> Fault:
    return Fault(
        code=code,
        what=Sentence(
            "{count} of {total} candidate sites {said}; a budget needs the cost of each",
            count=len(sites),
            total=candidates,
            said=said,
        ),
        where="site_costs",
        mend=Sentence(
            "find their cost, or leave them out (--forbidden, once for each): {listed}",
            listed=listed_sites(sites, names),
        ),
        count=len(sites),
        first=_name(sites[0], names),
    )


def listed_sites(sites: Longs, names: AnyArray | None, most: int = 12) -> str:
    """The first sites by name, and how many more there are."""
    told = ", ".join(_name(site, names) for site in sites[:most])
    return told if len(sites) <= most else Sentence("{listed} and {count} more", listed=told, count=len(sites) - most)


def _name(site: int | np.integer, names: AnyArray | None) -> str:
    return str(site) if names is None else str(names[site])


def no_admissible_choice() -> InfeasibleError:
    """No choice keeps the rules, whoever it reaches: found by a search, where each rule alone can be kept."""
    return InfeasibleError(
        Fault(
            code="no-admissible-choice",
            what="no choice of sites keeps the number and the budget together",
            where="open, budget",
            mend="open fewer sites, or raise the budget",
        )
    )
