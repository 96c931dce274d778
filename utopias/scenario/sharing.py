"""How many places of a service there are for people where they live, and how crowded each unit would be.

Joins a town to the floating catchments: which places give the service, how many places a week each has, and
whom they are for. What nobody knows is left out and told, or assumed because somebody asked, and told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from utopias.access.catchment import FloatingCatchment, floating_catchment
from utopias.domain.arrays import AnyArray, Floats
from utopias.domain.catalogue import PERIODS_A_WEEK, Module
from utopias.domain.decay import Decay
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.findings import Assumption
from utopias.domain.places import Places
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.scenario.services import Offer, offer_at

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, eq=False)
class Giving:
    """(k,) the places that give a service: their week, and what had to be taken as so.

    week : (k,) places a week, of a provider times its substitution. group : whom the service is for; ``all``
        where its places do not agree, which is told.
    unknown : names of places that give it and whose places nobody knows: left out.
    idle : ids of sites that were added and would not give it: they change nothing.
    """

    service: str
    group: str
    places: Places
    week: Floats
    unknown: tuple[str, ...]
    assumed: tuple[Assumption, ...]
    idle: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Sharing:
    """Places a week for each 1,000 people of a group, and people for each place, by one floating catchment.

    per_thousand : (n,) places a week for 1,000 persons who live there; 0 where none is within.
    """

    giving: Giving
    demand: Demand
    catchment: FloatingCatchment
    per_thousand: Floats

    @property
    def _planned(self) -> Floats:
        persons: Floats = np.where(self.demand.planned, self.demand.persons, 0.0)
        return persons

    @property
    def without(self) -> float:
        """Persons of the planned area with no place within."""
        return float(self._planned[self.per_thousand == 0].sum())

    @property
    def mean(self) -> float | None:
        """Places for 1,000 persons of the planned area, who have none counted too; None without people."""
        persons = self._planned
        return float((self.per_thousand * persons).sum() / persons.sum()) if persons.sum() else None

    def quantiles(self) -> dict[float, float | None]:
        """Of the persons of the planned area who have any: the places for 1,000 that each share of them does not exceed."""
        order = np.argsort(self.per_thousand, kind="stable")
        value = self.per_thousand[order]
        persons = np.where(value > 0, self._planned[order], 0.0)
        running = np.cumsum(persons)
        if not len(running) or running[-1] == 0:
            return dict.fromkeys(QUANTILES)
        # Half a person of slack in a billion: a share that is met exactly is met in spite of rounding.
        at = [int(np.searchsorted(running, q * running[-1] * (1 - 1e-12))) for q in QUANTILES]
        return {q: float(value[k]) for q, k in zip(QUANTILES, at, strict=True)}

    def areas(self, town: Town) -> pd.DataFrame:
        """One row a colonia of the planned area, or a census area where no colonia is named; most people without first.

        Columns: area, people, without, per_thousand (over all people of the group there; NaN for nobody).
        """
        import pandas as pd

        blocks = town.blocks
        named = bool((blocks.colonia != "").any())
        rows = pd.DataFrame(
            {
                "area": blocks.colonia if named else blocks.area_id,
                "people": self.demand.persons,
                "without": np.where(self.per_thousand == 0, self.demand.persons, 0.0),
                "given": self.per_thousand * self.demand.persons,
            }
        )[blocks.planned]
        table = rows.groupby("area", sort=True).sum().reset_index()
        people = table["people"].to_numpy(dtype=np.float64)
        per = np.divide(table.pop("given").to_numpy(), people, out=np.full(len(people), np.nan), where=people > 0)
        return (
            table.assign(per_thousand=per).sort_values("without", ascending=False, kind="stable").reset_index(drop=True)
        )

    def rows(self, town: Town) -> pd.DataFrame:
        """One row a block: block_id, area_id, colonia, planned, people (of the group), places_per_1000."""
        import pandas as pd

        blocks = town.blocks
        return pd.DataFrame(
            {
                "block_id": blocks.ids,
                "area_id": blocks.area_id,
                "colonia": blocks.colonia,
                "planned": blocks.planned,
                "people": self.demand.persons,
                "places_per_1000": self.per_thousand,
            }
        )


def share_places(
    town: Town,
    times: TravelTimes,
    giving: Giving,
    *,
    group: str | None = None,
    within: str | Duration,
    method: str = "balanced",
    decay: str | Decay | Callable[[Floats], AnyArray] | None = None,
) -> Sharing:
    """Share the places of a service among a group of the town.

    Parameters
    ----------
    times : from the town's blocks to at least the places of ``giving``. group : None is the service's own.
    within, method, decay : as ``floating_catchment``.

    Raises
    ------
    ProblemError : ``unknown-group``, and as ``floating_catchment``. MisalignedError : times of another town.
    """
    demand = town.demand(giving.group if group is None else group)
    shared = floating_catchment(times.to(giving.places), demand, giving.week, within=within, method=method, decay=decay)
    return Sharing(giving, demand, shared, shared.access * 1000.0)


def giving_places(
    town: Town,
    service: str,
    catalogue: Mapping[str, Module],
    *,
    add: Sequence[str] = (),
    assume_usual: bool = False,
) -> Giving:
    """The places that give ``service`` today, and the sites of ``add``, with their places a week.

    Units that stand count fully, providers by their declared substitution (0: not at all). A capacity that
    nobody knows leaves its place out, told as ``unknown``; with ``assume_usual`` it is the catalogue's usual
    size, told as ``capacity-usual``, as it is for sites, that would be built so.

    Raises
    ------
    ProblemError : ``unknown-service``, ``unknown-site``, ``nobody-gives``, ``capacity-not-known`` (of all
        that give it); all that can be told at once.
    """
    lost = sorted(set(add) - set(town.sites.ids.tolist()))
    faults = [] if not lost else [_unknown_site(town, lost)]
    known = sorted(set(town.modules["service"].astype(str))) if len(town.modules) else []
    if service not in known:
        faults.append(_unknown_service(town, service, known))
    if faults:
        raise ProblemError(faults)
    chosen = town.sites.take(np.isin(town.sites.ids, list(add)))
    places = town.fixed + town.providers + chosen
    roles = ["fixed"] * len(town.fixed) + ["provider"] * len(town.providers) + ["candidate"] * len(chosen)
    offer = offer_at(town.modules, [str(key) for key in places.ids], roles, catalogue)
    gives = (offer.service == service) & (offer.substitution > 0)
    if not gives.any():
        raise ProblemError(_nobody_gives(town, service))
    usual = np.array(offer.from_catalogue)
    week = np.array(offer.week)
    if assume_usual and service in catalogue and catalogue[service].places_a_week is not None:
        usual |= np.isnan(week) & gives
        week = np.where(np.isnan(week) & gives, float(catalogue[service].places_a_week or 0.0), week)
    missing = gives & np.isnan(week)
    # A place with two modules, one of them not known, is not known: half of it would look like all.
    out = np.unique(offer.place[missing])
    used = gives & ~np.isin(offer.place, out)
    if not used.any():
        raise ProblemError(_nothing_known(service, len(out)))
    groups = sorted(set(offer.group[used]))
    at = np.unique(offer.place[used])
    total = np.bincount(offer.place[used], weights=(week * offer.substitution)[used], minlength=len(places))[at]
    return Giving(
        service=service,
        group=groups[0] if len(groups) == 1 else "all",
        places=places.take(at),
        week=total.astype(np.float64),
        unknown=tuple(str(name) for name in places.names[out]),
        assumed=tuple(_assumed(offer, roles, used, usual, groups)),
        idle=tuple(str(key) for key in chosen.ids if key not in set(places.ids[offer.place[gives]])),
    )


def _assumed(offer: Offer, roles: list[str], used: AnyArray, usual: AnyArray, groups: list[str]) -> list[Assumption]:
    told = []
    if len(groups) > 1:
        told.append(Assumption("several-groups", {"groups": groups}))
    if (used & usual).any():
        told.append(Assumption("usual-size", {"modules": int((used & usual).sum())}))
    if (used & offer.by_period).any():
        hours, days = PERIODS_A_WEEK["hour"], PERIODS_A_WEEK["day"]
        modules = int((used & offer.by_period).sum())
        told.append(Assumption("opening-hours", {"hours": hours, "days": days, "modules": modules}))
    others = used & (np.array(roles, dtype=object)[offer.place] == "provider")
    if others.any():
        shares, givers = offer.substitution[others], len(set(offer.place[others]))
        if shares.min() == shares.max():
            told.append(Assumption("substitution-same", {"share": float(shares.min()), "providers": givers}))
        else:
            ends = {"low": float(shares.min()), "high": float(shares.max())}
            told.append(Assumption("substitution", {**ends, "providers": givers}))
    return told


def _unknown_site(town: Town, lost: list[str]) -> Fault:
    what = Sentence("{count} of the places to add are no sites of {name}", count=len(lost), name=town.name)
    return Fault("unknown-site", what, "add", "name sites by their place_id", len(lost), lost[0])


def _unknown_service(town: Town, service: str, known: list[str]) -> Fault:
    what = Sentence("no place of {name} gives {service!r}", name=town.name, service=service)
    mend = Sentence("use one of: {listed}", listed=", ".join(known)) if known else "give the town a table of modules"
    return Fault("unknown-service", what, Sentence("modules of {name}", name=town.name), mend)


def _nobody_gives(town: Town, service: str) -> Fault:
    what = Sentence("no unit and no provider of {name} gives {service!r} today", name=town.name, service=service)
    return Fault("nobody-gives", what, mend="name a site that would give it (--add)")


def _nothing_known(service: str, count: int) -> Fault:
    what = Sentence("nobody knows how many places of {service!r} the {count} that give it have", service=service, count=count)  # fmt: skip
    mend = "write their capacity in the modules, or take the usual size of the catalogue (--assume-usual)"
    return Fault("capacity-not-known", what, "modules", mend, count)
