"""Land and siting meet here: which sites a question may not open, and what one waiver would gain.

``land`` has never heard of plans, ``siting`` never of owners and judges: a ban travels between them
as a list of forbidden sites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np

from utopias.domain.errors import Fault, ProblemError
from utopias.domain.land import Land, LandRule, Screening, Waiver
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.land import has_land_facts, screen
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve


def screening_of(
    town: Town, *, land: bool | None, rules: Sequence[LandRule] | None, waive: Sequence[str]
) -> Screening | None:
    """The screening that a question rests on; None where it does not look at the land.

    land : None looks where the town says anything of its land, or where rules or waivers are given.

    Raises
    ------
    ProblemError : ``waiver-without-land``; those of ``screen``.
    """
    if land is False and waive:
        mend = "leave out the waivers (--waive), or look at the land (without --no-land)"
        raise ProblemError(
            Fault("waiver-without-land", "waivers are given, and the land is not looked at", "waive", mend)
        )
    asked = has_land_facts(town) or rules is not None or bool(waive) if land is None else land
    return screen(town, rules, waived=waive) if asked else None


def fault_of_forced(found: Screening, forced: Sequence[str]) -> Fault | None:
    """A site that the planner demands and a rule excludes: one of the two has to give way, by name."""
    both = [key for key in forced if key in set(found.excluded)]
    if not both:
        return None
    return Fault(
        code="forced-and-excluded",
        what=Sentence("{count} forced sites are excluded by their land", count=len(both)),
        where="forced",
        mend=Sentence("lift the ban by name: waive {site} (--waive); or look at no land (--no-land)", site=both[0]),
        count=len(both),
        first=Sentence("{site}: {rules}", site=both[0], rules=", ".join(found[both[0]].bans)),
    )


def fault_of_scarcity(
    town: Town, found: Screening, codes: Sequence[str], *, budget: float | None = None
) -> Fault | None:
    """Why there are so few sites to choose from, where that is what a question fails at.

    budget : a budget that reaches for none of the other sites fails at the land where it would buy an excluded one.
    """
    few = bool({"open-over-sites", "no-candidates"} & set(codes))
    if "budget-below-cheapest" in codes and budget is not None and "cost" in town.sites.table:
        shut = np.isin(town.sites.ids.astype(str), found.excluded)
        few |= bool((town.sites.table["cost"].to_numpy(dtype=float)[shut] <= budget).any())
    if not found.excluded or not few:
        return None
    return Fault(
        code="excluded-by-land",
        what=Sentence(
            "{count} of {total} sites are excluded by their land", count=len(found.excluded), total=len(found.sites)
        ),
        where="sites",
        mend="see why with utopias screen; lift a ban by name (--waive), or look at no land (--no-land)",
        count=len(found.excluded),
        first=found.excluded[0],
    )


def land_of(
    problem: Problem,
    plan: Plan,
    found: Screening,
    *,
    forbidden: Sequence[str] = (),
    time_limit: Duration = Minutes(2),
    progress: Progress = silent,
) -> Land:
    """The screening with what each waiver would gain: the question is solved again with that one ban lifted.

    Parameters
    ----------
    problem : as it was solved, excluded sites forbidden. forbidden : sites the planner ruled out by hand; no
        waiver frees them. time_limit : for all of them together; a waiver that had no time is not known.

    Every plan that was allowed stays so when a ban falls, hence no gain is under 0, even where the search
    was cut short.

    Raises
    ------
    KeyboardInterrupt : stopped by the user.
    """
    ids = [] if problem.study is None else problem.study.place_ids
    asked = _Question(problem, plan, {key: i for i, key in enumerate(ids)}, ids, monotonic() + time_limit.seconds)
    progress("waivers", 0.0)
    freed = _freed(found, set(forbidden))
    hopeless = asked.hopeless([key for kind, _, _, sites in freed if kind == "site" for key in asked.priced(sites)])
    waivers = []
    for k, (kind, key, name, sites) in enumerate(freed):
        progress("waivers", k / len(freed))
        priced = asked.priced(sites)
        if not priced or asked.time_is_over:
            gained: tuple[float | None, float | None, tuple[str, ...]] = (None, None, ())
        elif hopeless.issuperset(priced):
            gained = (0.0, 0.0, tuple(plan.site_ids))
        else:
            gained = asked.gain(priced)
        waivers.append(Waiver(kind, key, name, tuple(sites), *gained))
    progress("waivers", 1.0)
    order = {(one[0], one[1]): k for k, one in enumerate(freed)}
    waivers.sort(key=lambda one: (one.gain is None, -(one.gain or 0.0), order[one.kind, one.id]))
    return Land(found, tuple(waivers))


def _freed(found: Screening, by_hand: Set[str]) -> list[tuple[str, str, str, list[str]]]:
    """(kind, id, name, sites freed) of every waiver that frees a site: rules in their order, then sites in theirs."""
    freed: list[tuple[str, str, str, list[str]]] = []
    for rule in found.rules:
        if rule.waivable and rule.id not in found.waived:
            left = by_hand | set(found.excluded_without((*found.waived, rule.id)))
            freed.append(("rule", rule.id, "", [key for key in found.excluded if key not in left]))
    shut = set(found.excluded) - by_hand
    for site in found.sites:
        if site.id in shut and found.can_be_waived(site):
            freed.append(("site", site.id, site.name, [site.id]))
    return [one for one in freed if one[3]]


@dataclass(frozen=True)
class _Question:
    """The problem of a plan, to be put again with fewer bans."""

    problem: Problem
    plan: Plan
    position: Mapping[str, int]
    ids: list[str]
    end: float

    @property
    def time_is_over(self) -> bool:
        return monotonic() >= self.end

    def priced(self, sites: Sequence[str]) -> list[str]:
        """Those that may be bought at all: under a budget, or where the aim adds them up, those whose cost is known."""
        costs = self.problem.site_costs
        if (self.problem.budget is None and self.plan.aim != "least-cost") or costs is None:
            return list(sites)
        return [site for site in sites if np.isfinite(costs[self.position[site]])]

    def hopeless(self, sites: Sequence[str]) -> set[str]:
        """Sites that gain nothing even all at once, and so none of them alone; empty where that is not proven.

        All are freed together; those that the best plan then takes are set aside, and the others freed again,
        until the plan gains nothing by them. A few questions answer for hundreds of sites.
        """
        left = set(sites)
        while left and not self.time_is_over:
            _, most, opens = self.gain([site for site in sites if site in left])
            if most == 0.0:
                return left
            if not left & set(opens):
                break
            left -= set(opens)
        return set()

    def gain(self, sites: Sequence[str]) -> tuple[float, float, tuple[str, ...]]:
        """(what the plan gains, what it could at most, the new sites) when these may be chosen too."""
        time_limit = Duration.of(f"{max(self.end - monotonic(), 0.1):.1f} s")
        lifted = {self.position[site] for site in sites}
        freer = replace(self.problem, forbidden=tuple(i for i in self.problem.forbidden if i not in lifted))
        plan = self.plan
        best = solve(freer, aim=plan.asked, within=plan.within, time_limit=time_limit, seed=plan.seed)
        if best.stopped == "user":
            raise KeyboardInterrupt
        sign = 1.0 if plan.asked.more_is_better else -1.0
        gain, most = sign * (best.value - plan.value), sign * (best.bound - plan.value)
        # The plan itself is still allowed; and what is better without any freed site is no gain of the waiver.
        if gain <= 0 or not lifted & set(best.sites):
            gain, opens = 0.0, tuple(plan.site_ids)
        else:
            opens = tuple(self.ids[i] for i in best.sites)
        return gain, gain if best.proven else max(most, gain), opens
