"""What can be wrong with a question of sites and services, found at once, before anything is solved."""

from __future__ import annotations

from numbers import Real

import numpy as np

from utopias.domain.errors import Fault, InfeasibleError, ProblemError
from utopias.domain.module_question import ModuleQuestion
from utopias.domain.sentences import Sentence
from utopias.siting.bundles.flat import SLACK
from utopias.siting.question.faults import faults_of_question, most_spent

# These say that a sensible question has no answer; all others that it makes no sense as put.
NO_ANSWER = (
    "must-have-too-large", "nothing-fits", "budget-below-cheapest-service", "upkeep-below-cheapest-service",
    "budget-below-forced-services", "upkeep-below-forced-services", "no-service-admissible", "forced-plot-too-small",
)  # fmt: skip


def raise_all(faults: list[Fault]) -> None:
    """One error with all faults; InfeasibleError where the question is sound and only has no answer."""
    if faults:
        hopeless = all(fault.code in NO_ANSWER for fault in faults)
        raise InfeasibleError(faults) if hopeless else ProblemError(faults)


def faults_of_modules(question: ModuleQuestion) -> list[Fault]:
    """Every fault of ``question``; those of what cannot be met only where it makes sense otherwise."""
    n, m, _ = question.shape
    names = np.array(question.site_ids, dtype=object) if question.site_ids else None
    limited = question.budget is not None or question.upkeep is not None
    faults = faults_of_question(
        demand_places=n,
        sites=m,
        weights=_weights(question),
        open=len(question.candidates) if question.open is None and limited else question.open,
        fixed=question.fixed,
        forced=question.forced,
        forbidden=question.forbidden,
        site_costs=None,
        budget=None,
        beyond=None,
        names=names,
    )
    if question.open is None and not limited:
        faults.append(
            Fault(
                "no-limit",
                "neither a number nor a budget limits the new sites",
                "open, budget",
                "say open=5, budget=..., or both (--open 5, --budget 600M)",
            )
        )
    faults += _of_services(question) + _of_money(question)
    if any(fault.code == "site-out-of-range" for fault in faults):
        return faults
    faults += _of_ground(question)
    return faults or _of_what_fits(question)


def _weights(question: ModuleQuestion) -> np.ndarray:
    """(n,) what all services together count; NaN or negative where one of them does."""
    total = np.zeros(question.shape[0])
    for service in question.services:
        total = total + np.where(total < 0, 0.0, service.persons) * question.multiplier
        if (service.persons < 0).any():
            total = np.where(service.persons < 0, -1.0, total)
    return total


def _of_services(question: ModuleQuestion) -> list[Fault]:
    if not question.services:
        return [Fault("no-services", "no service is named", "services", 'say services="all", or name some')]
    faults = []
    names = [service.name for service in question.services]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        what = Sentence("{count} services are named twice", count=len(twice))
        faults.append(Fault("service-twice", what, "services", "name each once", len(twice), twice[0]))
    for service in question.services:
        where = Sentence("service {name}", name=service.name)
        limit, importance, share, area, money, upkeep, capacity = map(
            number_or_nan,
            (service.limit, service.importance, service.share, service.area, service.money, service.upkeep, service.capacity or 0),
        )  # fmt: skip
        for code, good, what, mend in (
            ("bad-standard", limit >= 0, Sentence("its walk is {value}", value=service.limit), Sentence("a walk of 0 or more")),
            ("bad-importance", 0 <= importance < np.inf, Sentence("one person served counts {value}", value=service.importance), Sentence("a number of 0 or more")),
            ("bad-share", 0 < share <= 1, Sentence("{value} of the group want a place", value=service.share), Sentence("a share over 0, at most 1")),
            ("bad-service-area", 0 <= area < np.inf, Sentence("it takes {value} m2", value=service.area), Sentence("square metres, 0 or more")),
            ("bad-service-money", 0 <= money < np.inf, Sentence("it costs {value} once", value=service.money), Sentence("an amount of 0 or more")),
            ("bad-service-upkeep", 0 <= upkeep < np.inf, Sentence("it costs {value} a year", value=service.upkeep), Sentence("an amount of 0 or more")),
            ("bad-capacity", capacity >= 0, Sentence("it has {value} places a week", value=service.capacity), Sentence("places a week, 0 or more, or None")),
        ):  # fmt: skip
            if not good:
                faults.append(Fault(code, what, where, mend))
    if (odd := [s for s in question.must_have if not 0 <= s < len(question.services)]) != []:
        what = Sentence("{count} services that every site must have are not asked for", count=len(odd))
        faults.append(Fault("unknown-must-have", what, "must_have", "name them among the services too", len(odd)))
    if not (question.places >= 0).all():
        faults.append(
            Fault("bad-capacity", "some places a week are not numbers of 0 or more", "capacities", "inf: no limit")
        )
    return faults


def number_or_nan(value: object) -> float:
    """A number as it is; anything else is not a number."""
    return float(value) if isinstance(value, Real) and not isinstance(value, bool) else np.nan


def _of_money(question: ModuleQuestion) -> list[Fault]:
    faults = []
    for name, value in (("budget", question.budget), ("upkeep", question.upkeep)):
        if value is not None and not 0 <= number_or_nan(value) < np.inf:
            what = Sentence("{name} is {value}", name=name, value=value)
            faults.append(Fault("bad-budget", what, name, "an amount of 0 or more, or None"))
    if not (np.isfinite(question.site_costs) & (question.site_costs >= 0)).all():
        faults.append(
            Fault("bad-cost", "some costs of sites are not amounts of 0 or more", "site_costs", "0: only services cost")
        )
    return faults


def _of_ground(question: ModuleQuestion) -> list[Fault]:
    areas = question.areas[question.candidates]
    lost = ~(np.isfinite(areas) & (areas >= 0))
    if not lost.any():
        return []
    return [
        Fault(
            code="area-not-known",
            what=Sentence(
                "{count} of {total} candidate sites have no known ground", count=int(lost.sum()), total=len(areas)
            ),
            where="area_m2 of the sites",
            mend="fill the column, forbid them, or say what to assume: plot_area=... (--plot-area)",
            count=int(lost.sum()),
            first=question.id_of(int(question.candidates[int(np.flatnonzero(lost)[0])])),
        )
    ]


def _of_what_fits(question: ModuleQuestion) -> list[Fault]:
    """Why no site could offer anything: the plots, the purse, the upkeep; each told by what would do."""
    sites, areas = question.candidates, question.areas[question.candidates] * (1 + SLACK)
    must = question.must_have
    if question.open == 0:
        return []
    bundles = [tuple(sorted({*must, s})) for s in range(len(question.services))]
    if must and not (question.area_of(must) <= areas).any():
        largest = int(sites[int(np.argmax(areas))])
        return [
            Fault(
                code="must-have-too-large",
                what=Sentence(
                    "what every site must have takes {need:,.0f} m2, the largest plot has {room:,.0f} m2 to build on",
                    need=question.area_of(must),
                    room=float(question.areas[largest]),
                ),
                where=Sentence("must_have: {listed}", listed=", ".join(question.services[s].name for s in must)),
                mend="demand fewer services of every site, or look for larger plots",
                first=question.id_of(largest),
            )
        ]
    smallest = min(bundles, key=question.area_of)
    if not (question.area_of(smallest) <= areas).any():
        return [
            Fault(
                code="nothing-fits",
                what=Sentence(
                    "the smallest service takes {need:,.0f} m2, and no plot has that much to build on",
                    need=question.area_of(smallest),
                ),
                where="area_m2 of the sites",
                mend="look for larger plots, or build on a larger share of them (buildable)",
            )
        ]
    fits = [
        (question.money_of(int(i), bundle), question.upkeep_of(bundle))
        for i, room in zip(sites, areas, strict=True)
        for bundle in bundles
        if question.area_of(bundle) <= room
    ]
    return _below(question, fits) or _below_forced(question, bundles)


def _below(question: ModuleQuestion, fits: list[tuple[float, float]]) -> list[Fault]:
    faults = []
    for code, limit, least, where in (
        ("budget-below-cheapest-service", question.budget, min(money for money, _ in fits), "budget"),
        ("upkeep-below-cheapest-service", question.upkeep, min(year for _, year in fits), "upkeep"),
    ):
        if limit is not None and least > most_spent(limit):
            what = Sentence(
                "the cheapest site with any service costs {least:,.0f}, the limit is {limit:,.0f}",
                least=least,
                limit=limit,
            )
            faults.append(Fault(code, what, where, "raise it, or ask for a cheaper service too"))
    return faults


def _below_forced(question: ModuleQuestion, bundles: list[tuple[int, ...]]) -> list[Fault]:
    faults, sums = [], [0.0, 0.0]
    for i in question.forced:
        room = float(question.areas[i]) * (1 + SLACK)
        mine = [b for b in ([question.must_have] if question.must_have else bundles) if question.area_of(b) <= room]
        if not mine:
            what = Sentence("the plot of {site} is too small for what it must offer", site=question.id_of(i))
            faults.append(Fault("forced-plot-too-small", what, "forced", "do not force it, or demand less of it"))
            continue
        sums[0] += min(question.money_of(i, b) for b in mine)
        sums[1] += min(question.upkeep_of(b) for b in mine)
    for code, limit, least, where in (
        ("budget-below-forced-services", question.budget, sums[0], "budget"),
        ("upkeep-below-forced-services", question.upkeep, sums[1], "upkeep"),
    ):
        if limit is not None and least > most_spent(limit):
            what = Sentence(
                "the forced sites with the least they must offer cost {least:,.0f}, the limit is {limit:,.0f}",
                least=least,
                limit=limit,
            )
            faults.append(Fault(code, what, where, "force fewer sites, or raise it"))
    return faults
