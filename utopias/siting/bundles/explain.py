"""Why these services at these sites: whom each serves that no other place reaches, what is lost without it, what else fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.domain.errors import Fault, MisalignedError
from utopias.domain.module_plan import ModulePlan
from utopias.siting.bundles.build import Builder
from utopias.siting.bundles.flat import ANYWAY, Flat, flatten
from utopias.siting.bundles.solve import chosen_of


@dataclass(frozen=True, slots=True)
class OfferWorth:
    """One service at one new site.

    persons : served here. only_here : of its group within its standard of this site and of no other that offers it
        (whether or not there are places for all). loss : worth that the plan loses when it is left out, everybody
        else being served as well as can be.
    """

    service: str
    persons: float
    only_here: float
    loss: float


@dataclass(frozen=True, slots=True)
class Spare:
    """A service that the ground left over at a site would hold: what it would gain, and whether the money left pays it."""

    service: str
    gain: float
    payable: bool


@dataclass(frozen=True, slots=True)
class SiteWorth:
    """One new site: its services, dearest loss first; what is lost without all of it; ground left; what else fits there.

    spare : every service not offered here that would find room, the largest gain first.
    """

    site: str
    name: str
    loss: float
    area_used: float
    area: float
    services: tuple[OfferWorth, ...]
    spare: tuple[Spare, ...]


def explain_services(plan: ModulePlan) -> tuple[SiteWorth, ...]:
    """What each new site and each of its services is worth to the plan, by exact recounts, in the order of the sites.

    Losses count the other places of the plan as they are: nothing takes the place of what is left out. Those that must
    be offered have a loss like others.

    Raises
    ------
    MisalignedError : the plan offers what its own question cannot hold.
    """
    question = plan.question
    flat = flatten(question)
    chosen = chosen_of(flat, plan)
    if int(chosen.sum()) != sum(len(bundle) for bundle in plan.bundles.values()):
        raise MisalignedError(Fault("bad-sites", "the plan offers services that its question does not allow there"))
    build = Builder(flat)
    now, persons, only = build.value(chosen), plan.persons, _only_here(plan, flat)
    once = np.inf if question.budget is None else question.budget - plan.spent
    yearly = np.inf if question.upkeep is None else question.upkeep - plan.yearly
    told = []
    for site, bundle in plan.bundles.items():
        services = []
        for s in bundle:
            without = chosen & ~((flat.site == site) & (flat.service == s))
            loss = max(now - build.value(without), 0.0)
            services.append(OfferWorth(question.services[s].name, float(persons[site, s]), float(only[site, s]), loss))
        used = question.area_of(bundle)
        told.append(
            SiteWorth(
                site=question.id_of(site),
                name=question.site_names[site] if question.site_names else "",
                loss=max(now - build.value(chosen & (flat.site != site)), 0.0),
                area_used=used,
                area=float(question.areas[site]),
                services=tuple(sorted(services, key=lambda one: -one.loss)),
                spare=_spare(flat, build, chosen, now, site, float(question.areas[site]) - used, once, yearly, plan),
            )
        )
    return tuple(told)


def _spare(
    flat: Flat, build: Builder, chosen: Bools, now: float, site: int, room: float, once: float, yearly: float,
    plan: ModulePlan,
) -> tuple[Spare, ...]:  # fmt: skip
    found = []
    for o in np.flatnonzero((flat.site == site) & ~chosen & (flat.area <= room * (1 + 1e-12))):
        more = chosen.copy()
        more[o] = True
        found.append(
            Spare(
                service=plan.question.services[int(flat.service[o])].name,
                gain=max(build.value(more) - now, 0.0),
                payable=bool(flat.money[o] <= once * (1 + 1e-12) and flat.yearly[o] <= yearly * (1 + 1e-12)),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.gain, one.service)))


def _only_here(plan: ModulePlan, flat: Flat) -> Floats:
    """(m, k) persons within the standard of one open place that offers the service, and of that alone."""
    question = plan.question
    n, m, k = question.shape
    is_open = np.array(question.offered)
    for site, bundle in plan.bundles.items():
        is_open[site, list(bundle)] = True
    rows, only = question.rows, np.zeros((m, k))
    for s, service in enumerate(question.services):
        near = is_open[question.columns, s] & (question.costs <= service.limit)
        at = np.flatnonzero(near)
        alone = np.bincount(rows[at], minlength=n)[rows[at]] == 1
        alone &= flat.row_of[rows[at], s] != ANYWAY
        at = at[alone]
        only[:, s] = np.bincount(question.columns[at], weights=service.persons[rows[at]], minlength=m)
    return only
