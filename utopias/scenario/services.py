"""Could they be served: places a week of each service, against those who can walk to it and want one.

Plain catchment: everybody of the service's group within the limit of a place that gives it, from the
planned area and around, for the surroundings take places too. Where in town the places are is not
weighed, so the share served is at best what is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from utopias.domain.arrays import Bools, Floats
from utopias.domain.catalogue import PERIODS_A_WEEK, Module
from utopias.domain.findings import Assumption, ServedAtRate, Supply
from utopias.domain.quantities import Duration
from utopias.domain.study import Study
from utopias.scenario.walks import walks_to

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Offer:
    """(k,) modules of places: where, which service, for whom, places a week (NaN: not known).

    from_catalogue : (k,) a site that does not say its capacity would be built at the catalogue's usual
        size. Of a place that stands nobody knows its capacity unless somebody says it.
    """

    place: np.ndarray
    service: np.ndarray
    group: np.ndarray
    week: Floats
    substitution: Floats
    from_catalogue: Bools
    by_period: Bools

    def of(self, service: str, places: Sequence[int]) -> Bools:
        """(k,) modules of one service at these places."""
        mask: Bools = (self.service == service) & np.isin(self.place, np.asarray(sorted(places), dtype=np.int64))
        return mask


def offer_of(study: Study, catalogue: Mapping[str, Module]) -> Offer:
    """The modules of the study's places, in places a week."""
    places = study.places
    return offer_at(study.modules, places["place_id"].astype(str).tolist(), places["role"].tolist(), catalogue)


def offer_at(modules: pd.DataFrame, ids: Sequence[str], roles: Sequence[str], catalogue: Mapping[str, Module]) -> Offer:
    """The modules of the places ``ids``, in places a week; roles: fixed, candidate or provider, one a place."""
    import pandas as pd

    table = modules.reset_index(drop=True)
    position = {key: i for i, key in enumerate(ids)}
    place = table["place_id"].astype(str).map(position)
    table, place = table[place.notna()], place.dropna()
    capacity = pd.to_numeric(_column(table, "capacity", np.nan), errors="coerce").to_numpy(dtype=np.float64)
    per = _column(table, "per", "week").fillna("week").replace("", "week").astype(str)
    service = table["service"].astype(str).to_numpy(dtype=object)
    usual = np.array([_usual(catalogue.get(name)) for name in service], dtype=np.float64)
    told = ~np.isnan(capacity)
    role = np.array(list(roles), dtype=object)[place.to_numpy(dtype=np.int64)]
    usual = np.where(role == "candidate", usual, np.nan)
    periods = per.map(PERIODS_A_WEEK).to_numpy(dtype=np.float64)
    group = _column(table, "group", "").astype(object).fillna("").astype(str).to_numpy(dtype=object)
    listed = np.array([catalogue[name].group if name in catalogue else "all" for name in service], dtype=object)
    substitution = pd.to_numeric(_column(table, "substitution", np.nan), errors="coerce").to_numpy(dtype=np.float64)
    return Offer(
        place=place.to_numpy(dtype=np.int64),
        service=service,
        group=np.where(group == "", listed, group),
        week=np.where(told, capacity * periods, usual),
        # a unit stands in for itself; a provider that declares nothing stands in for nothing
        substitution=np.where(role != "provider", 1.0, np.nan_to_num(substitution)),
        from_catalogue=~told & ~np.isnan(usual),
        by_period=told & (per.to_numpy(dtype=object) != "week"),
    )


def supply(
    study: Study,
    offer: Offer,
    limit: Duration,
    *,
    today: Sequence[int],
    opened: Sequence[int],
    displaced: Sequence[int] = (),
    rates: Sequence[float],
) -> tuple[list[Supply], list[Assumption]]:
    """One Supply a service of the units, in the order of their names, and what had to be assumed.

    Parameters
    ----------
    today : positions of the units that stand; opened : those and the new ones.
    displaced : providers whose use the new sites take: they give nothing after.
    rates : shares of the group that want a place once a week; one alone counts as declared.

    A module whose capacity nobody knows adds no place, is counted as unknown and told as
    ``capacity-not-known``: the places known are then the least there are;
    a service of a group the town does not count is left out and told.
    """
    providers = np.flatnonzero(study.places["role"].to_numpy(dtype=object) == "provider").tolist()
    remaining = sorted(set(providers) - set(displaced))
    middle = sorted(rates)[len(rates) // 2]
    found: list[Supply] = []
    uncounted: set[str] = set()
    for service in sorted(set(offer.service[np.isin(offer.place, np.asarray(sorted(opened), dtype=np.int64))])):
        group = str(offer.group[offer.service == service][0])
        persons = _persons_everywhere(study, group)
        if persons is None:
            uncounted.add(group)
            continue
        sides = []
        for units, others in ((today, providers), (opened, remaining)):
            own = offer.of(service, units)
            standing_in = offer.of(service, others) & (offer.substitution > 0)
            reach = walks_to(study, offer.place[own | standing_in].tolist(), limit).within
            places = float(np.nansum(offer.week[own]))
            substitutes = float(np.nansum((offer.week * offer.substitution)[standing_in]))
            lost, lost_others = (int(np.isnan(offer.week[mask]).sum()) for mask in (own, standing_in))
            sides.append((float(persons[reach].sum()), places, substitutes, lost, lost_others))
        (target, places, instead, lost, lost_others) = sides[0]
        (target_after, places_after, instead_after, lost_after, lost_others_after) = sides[1]
        found.append(
            Supply(
                service=service,
                group=group,
                target_before=target,
                target_after=target_after,
                places_week_before=places,
                places_week_after=places_after,
                substitutes_week=instead,
                rates=[
                    ServedAtRate(
                        rate=rate,
                        wanted_before=target * rate,
                        wanted_after=target_after * rate,
                        served_before=_served(places + instead, target * rate),
                        served_after=_served(places_after + instead_after, target_after * rate),
                    )
                    for rate in sorted(rates)
                ],
                gap_before=max(target * middle - places - instead, 0.0),
                gap_after=max(target_after * middle - places_after - instead_after, 0.0),
                declared_rate=len(rates) == 1,
                substitutes_week_after=instead_after,
                unknown_before=lost,
                unknown_after=lost_after,
                substitutes_unknown=lost_others,
                substitutes_unknown_after=lost_others_after,
            )
        )
    return found, _assumed(offer, opened, providers, uncounted, rates)


def added_places(offer: Offer, sites: Sequence[int]) -> float | None:
    """Places a week that the new sites bring in all services; None where one of them is not known."""
    theirs = offer.week[np.isin(offer.place, np.asarray(sorted(sites), dtype=np.int64))]
    return float(theirs.sum()) if len(theirs) and not np.isnan(theirs).any() else None


def _assumed(
    offer: Offer, opened: Sequence[int], providers: Sequence[int], uncounted: set[str], rates: Sequence[float]
) -> list[Assumption]:
    used = np.isin(offer.place, np.asarray(sorted([*opened, *providers]), dtype=np.int64))
    lost, usual, period = used & np.isnan(offer.week), used & offer.from_catalogue, used & offer.by_period
    assumed = []
    if used.any():
        code = "participation-declared" if len(rates) == 1 else "participation-swept"
        assumed.append(Assumption(code, {"rates": sorted(rates), "rate": sorted(rates)[len(rates) // 2]}))
        assumed.append(Assumption("supply-plain-catchment"))
    if lost.any():
        names = sorted(set(offer.service[lost]))
        assumed.append(Assumption("capacity-not-known", {"modules": int(lost.sum()), "services": names}))
    if usual.any():
        names = sorted(set(offer.service[usual]))
        assumed.append(Assumption("capacity-usual", {"modules": int(usual.sum()), "services": names}))
    if period.any():
        hours, days = PERIODS_A_WEEK["hour"], PERIODS_A_WEEK["day"]
        assumed.append(Assumption("opening-hours", {"hours": hours, "days": days, "modules": int(period.sum())}))
    instead = np.isin(offer.place, np.asarray(sorted(providers), dtype=np.int64))
    if instead.any():
        ends = offer.substitution[instead]
        low, high, givers = float(ends.min()), float(ends.max()), len(set(offer.place[instead]))
        if low == high:
            assumed.append(Assumption("substitution-same", {"share": low, "providers": givers}))
        else:
            assumed.append(Assumption("substitution", {"low": low, "high": high, "providers": givers}))
    if uncounted:
        assumed.append(Assumption("service-group-not-counted", {"groups": sorted(uncounted)}))
    return assumed


def _persons_everywhere(study: Study, group: str) -> Floats | None:
    """(n,) persons of a service's group, the surroundings too; None where the town does not count it."""
    column = "people" if group == "all" else group
    if column not in study.blocks.columns:
        return None
    persons: Floats = study.blocks[column].to_numpy(dtype=np.float64)
    return persons


def _served(places: float, wanted: float) -> float:
    return min(1.0, places / wanted) if wanted > 0 else 0.0


def _usual(module: Module | None) -> float:
    return float("nan") if module is None or module.places_a_week is None else module.places_a_week


def _column(table: pd.DataFrame, name: str, otherwise: object) -> pd.Series:
    import pandas as pd

    return table[name] if name in table.columns else pd.Series([otherwise] * len(table), index=table.index)
