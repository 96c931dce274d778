"""The question of sites and services together: where to open, and what each house offers, as plain arrays.

A service is for one group, within its own walk, and takes ground, money and places a week. The noun has never
heard of streets or towns; a plan carries it whole, so that anybody can count the plan again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from utopias.domain.arrays import Bools, Floats, Ints, Longs, frozen
from utopias.domain.errors import Fault, MisalignedError, ProblemError
from utopias.domain.sentences import Sentence


@dataclass(frozen=True, eq=False)
class ServiceQuestion:
    """One service that may be offered.

    name, group : by the catalogue's name, by group id. persons : (n,) of its group, by demand place, 0 or more.
    limit : how far they walk for it, in the unit of the question's costs; a pair exactly at it is within.
    importance : what one person served counts; 1 unless somebody says otherwise.
    share : of the group that wants a place in a week, over 0 and at most 1: a person served takes ``share`` places.
    area : m2 of ground; money : once; upkeep : a year. Each 0 or more.
    capacity : places a week of one at a new site; None: no limit that anybody knows.
    """

    name: str
    group: str
    persons: Floats
    limit: float
    importance: float = 1.0
    share: float = 1.0
    area: float = 0.0
    money: float = 0.0
    upkeep: float = 0.0
    capacity: float | None = None

    def __post_init__(self) -> None:
        try:
            persons = np.asarray(self.persons, dtype=np.float64)
        except (TypeError, ValueError):
            what = Sentence(
                "the {what} {said}", what=f"persons of {self.name}", said=Sentence("are not a list of numbers")
            )
            mend = "give plain numbers, one a row or one a site, in their order"
            raise ProblemError(Fault("no-numbers", what, "services", mend)) from None
        object.__setattr__(self, "persons", frozen(persons))

    def holds_persons(self, places: float) -> float:
        """How many of the group so many places a week can serve; inf for places without limit."""
        return places if np.isinf(places) else round(places / self.share, 6)


@dataclass(frozen=True, eq=False)
class ModuleQuestion:
    """(n,) demand places, (m,) sites, (k,) services.

    starts, columns, costs : (n, m) pairs by rows: who reaches which site at what cost.
    areas : (m,) m2 that may be built at each site. site_costs : (m,) money once to open it at all, whatever it offers.
    offered : (m, k) what fixed sites offer, all False elsewhere. places : (m, k) places a week of a service at a site,
        inf without limit: of fixed sites their own, of others those of one of usual size.
    multiplier : (n,) how much a person of that place counts.
    open : the most NEW sites (forced counted), or None. budget : the most money once, or None. upkeep : a year, or None.
    fixed : open whatever happens. forced : must open. forbidden : may not. must_have : services, by position, that
        every new site offers. A new site offers at least one service.
    site_ids, site_names, block_ids : what they are called. unit : costs in one minute (600 deciseconds), 0 without unit.
    town : name, hash, currency, made_up, what was assumed; empty for bare arrays.
    """

    services: tuple[ServiceQuestion, ...]
    starts: Longs
    columns: Ints
    costs: Floats
    areas: Floats
    site_costs: Floats
    offered: Bools
    places: Floats
    multiplier: Floats
    open: int | None
    budget: float | None
    upkeep: float | None
    fixed: tuple[int, ...] = ()
    forced: tuple[int, ...] = ()
    forbidden: tuple[int, ...] = ()
    must_have: tuple[int, ...] = ()
    site_ids: tuple[str, ...] = ()
    site_names: tuple[str, ...] = ()
    block_ids: tuple[str, ...] = ()
    unit: float = 0.0
    town: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n, m, k = self.shape
        shapes = {
            "areas": (m,), "site_costs": (m,), "offered": (m, k), "places": (m, k), "multiplier": (n,),
        }  # fmt: skip
        wrong = [name for name, shape in shapes.items() if getattr(self, name).shape != shape]
        wrong += [f"persons of {service.name}" for service in self.services if service.persons.shape != (n,)]
        if wrong:
            raise MisalignedError(
                Fault(
                    "misaligned",
                    Sentence(
                        "{listed} do not fit {n:,} demand places by {m:,} sites by {k} services",
                        listed=", ".join(wrong),
                        n=n,
                        m=m,
                        k=k,
                    ),
                )
            )
        for name in ("starts", "columns", "costs", *shapes):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Demand places, sites, services."""
        return len(self.starts) - 1, len(self.areas), len(self.services)

    @property
    def rows(self) -> Longs:
        """(pairs,) the demand place of each pair."""
        rows: Longs = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        return rows

    @property
    def candidates(self) -> Longs:
        """The sites that may open: neither fixed nor forbidden, ascending."""
        keep = np.ones(len(self.areas), dtype=bool)
        keep[list(self.fixed + self.forbidden)] = False
        found: Longs = np.flatnonzero(keep)
        return found

    def id_of(self, site: int) -> str:
        """What a site is called."""
        return self.site_ids[site] if self.site_ids else str(site)

    def money_of(self, site: int, services: tuple[int, ...]) -> float:
        """Money once of opening a site with these services."""
        return float(self.site_costs[site]) + sum(self.services[s].money for s in services)

    def upkeep_of(self, services: tuple[int, ...]) -> float:
        """Money a year of these services."""
        return sum(self.services[s].upkeep for s in services)

    def area_of(self, services: tuple[int, ...]) -> float:
        """m2 these services take."""
        return sum(self.services[s].area for s in services)
