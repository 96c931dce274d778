"""Each chosen site by itself: whom it alone reaches, what it is worth, how sure it is, whose use it takes."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from utopias.domain.arrays import Bools
from utopias.domain.findings import RefusedSite, SiteFinding
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration
from utopias.domain.robustness import Robustness
from utopias.domain.study import Study
from utopias.scenario.services import Offer
from utopias.scenario.walks import planned_persons, walks_to

if TYPE_CHECKING:
    from utopias.siting.choose.reasons import Explanation


def site_findings(
    study: Study, plan: Plan, limit: Duration, told: Explanation | None, offer: Offer, robustness: Robustness | None
) -> list[SiteFinding]:
    """One finding a new site, in plan order. Persons are of the plan's group, in the planned area."""
    worth = {} if told is None else {site.site: site for site in told.chosen}
    persons = planned_persons(study)
    opened = np.array([*plan.fixed, *plan.sites], dtype=np.int64)
    reach = study.times.select(opened).within(limit)
    only = reach.only_by()
    new = plan.sites
    away = displaced_by(study, plan.sites)
    found = []
    for k, site in enumerate(new):
        row = study.places.iloc[site]
        own = worth.get(site)
        taken = away.get(site)
        found.append(
            SiteFinding(
                id=str(row["place_id"]),
                name=str(row["name"]),
                x=float(row["x"]),
                y=float(row["y"]),
                area_m2=_number(row["area_m2"]),
                owner=str(row["owner"]),
                cost=_number(row["cost"]),
                reached=float(persons[walks_to(study, [site], limit).within].sum()),
                only_here=float(persons[only == len(plan.fixed) + k].sum()),
                # A town charges its table's end where nobody is reached, so every loss is a number.
                loss=0.0 if own is None or own.loss is None else own.loss,
                replacement="" if own is None else own.replacement_id,
                replacement_loss=None if own is None else own.replacement_loss,
                chosen_in=_drawn(robustness, "chosen_in", k, len(new)),
                kept_in=_drawn(robustness, "kept_in", k, len(new)),
                displaced=str(row["replaces"]),
                displaced_people=None
                if taken is None
                else displaced_people(study, plan, limit, offer, taken, set(away.values())),
            )
        )
    return found


def refused_sites(study: Study, told: Explanation | None) -> list[RefusedSite]:
    """Every candidate that was not chosen with what taking it would lose, least loss first.

    One that nothing may bring in (budget, number, demanded sites) is left out.
    """
    if told is None:
        return []
    names = study.places["name"].astype(str)
    return [RefusedSite(one.id, names.iloc[one.site], one.loss) for one in told.refused if one.loss is not None]


def displaced_by(study: Study, sites: Sequence[int]) -> dict[int, int]:
    """{new site: provider whose use it takes}, by position, where the study knows the provider."""
    position = {str(key): i for i, key in enumerate(study.places["place_id"])}
    replaces = study.places["replaces"].astype(str)
    return {site: position[replaces.iloc[site]] for site in sites if replaces.iloc[site] in position}


def displaced_people(
    study: Study, plan: Plan, limit: Duration, offer: Offer, provider: int, gone: Collection[int]
) -> float | None:
    """Everybody of the planned area who reaches the provider and then no other place of a service it gave.

    Other places are the units after the plan, the new site too where it gives that service, and the
    providers whose use no new site takes. None where nobody knows which services the provider gives.
    """
    services = sorted(set(offer.service[offer.place == provider]))
    if not services:
        return None
    persons = planned_persons(study, "people")
    reached = walks_to(study, [provider], limit).within
    left: Bools = np.zeros(len(reached), dtype=bool)
    role = study.places["role"].to_numpy(dtype=object)
    staying = {*plan.fixed, *plan.sites, *(int(i) for i in np.flatnonzero(role == "provider") if i not in gone)}
    for service in services:
        givers = offer.place[offer.of(service, sorted(staying))]
        left |= reached & ~walks_to(study, givers.tolist(), limit).within
    return float(persons[left].sum())


def _drawn(robustness: Robustness | None, name: str, k: int, count: int) -> int | None:
    draws: list[int] = [] if robustness is None else getattr(robustness, name)
    return int(draws[k]) if robustness is not None and robustness.draws and len(draws) == count else None


def _number(value: object) -> float | None:
    number = float(value)  # type: ignore[arg-type]
    return number if math.isfinite(number) else None
