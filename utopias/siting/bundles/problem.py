"""The question a planner asks of sites and services together, made from arrays or from a town."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from utopias.domain.arrays import AnyArray
from utopias.domain.catalogue import Module
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.module_question import ModuleQuestion, ServiceQuestion
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.siting.bundles.faults import faults_of_modules, number_or_nan, raise_all
from utopias.siting.bundles.town import BUILDABLE, town_question
from utopias.siting.question import given
from utopias.siting.question.pairs import pairs_of_costs


class ModuleProblem(ModuleQuestion):
    """A question of sites and services; see ``ModuleQuestion`` for its arrays. Checked whole when it is made."""

    def __post_init__(self) -> None:
        super().__post_init__()
        raise_all(faults_of_modules(self))

    @classmethod
    def from_arrays(
        cls,
        services: Sequence[ServiceQuestion],
        costs: Any,
        *,
        areas: AnyArray | Sequence[float],
        open: int | None = None,
        budget: float | None = None,
        upkeep: float | None = None,
        site_costs: AnyArray | Sequence[float] | None = None,
        fixed: Mapping[int, Mapping[str, float | None]] | None = None,
        forced: Sequence[int] = (),
        forbidden: Sequence[int] = (),
        must_have: Sequence[str] = (),
        multiplier: AnyArray | Sequence[float] | None = None,
    ) -> ModuleProblem:
        """A question over any table of costs.

        Parameters
        ----------
        services : what may be offered; its ``persons`` are (demand,).
        costs : (demand, sites), dense with inf where a site is not reached, or scipy.sparse.
        areas : (sites,) m2 that may be built. site_costs : (sites,) money once to open one at all; None: 0.
        fixed : sites that stand, each with the places a week of what it offers (None: no limit).
        open, budget, upkeep : at least one of the three. must_have : services that every new site offers.

        Raises
        ------
        ProblemError : all faults at once. InfeasibleError : a sound question that nothing can answer.
        """
        pairs, faults = pairs_of_costs(costs)
        services = [services] if isinstance(services, ServiceQuestion) else list(services)
        must_have = [must_have] if isinstance(must_have, str) else must_have
        faults += _no_mapping(fixed)
        number, ground = given.whole(open, faults), given.numbers(areas, "areas", faults)
        must, may_not = given.indices(forced, "forced", faults), given.indices(forbidden, "forbidden", faults)
        once = None if site_costs is None else given.numbers(site_costs, "site_costs", faults)
        counts = None if multiplier is None else given.numbers(multiplier, "multiplier", faults)
        raise_all(faults)
        names = [service.name for service in services]
        faults += _unknown(must_have, names)
        standing = dict(fixed or {})
        strangers = sorted({name for offers in standing.values() for name in offers} - set(names))
        if strangers:
            what = Sentence("{count} services that stand are not asked for", count=len(strangers))
            mend = "name them among the services, or leave them out"
            faults.append(Fault("service-not-asked", what, "fixed", mend, len(strangers), strangers[0]))
        raise_all(faults)
        m, k = pairs.sites, len(services)
        offered = np.zeros((m, k), dtype=bool)
        usual = [np.inf if s.capacity is None else number_or_nan(s.capacity) for s in services]
        places = np.tile(np.array(usual, dtype=np.float64), (m, 1)).reshape(m, k)
        for site, offers in standing.items():
            for name, amount in offers.items():
                if 0 <= site < m:
                    offered[site, names.index(name)] = True
                    places[site, names.index(name)] = np.inf if amount is None else float(amount)
        return cls(
            services=tuple(services),
            starts=pairs.starts,
            columns=pairs.columns,
            costs=pairs.costs,
            areas=np.zeros(0) if ground is None else ground,
            site_costs=np.zeros(m) if once is None else once,
            offered=offered,
            places=places,
            multiplier=np.ones(pairs.places) if counts is None else counts,
            open=number,
            budget=budget,
            upkeep=upkeep,
            fixed=tuple(sorted(standing)),
            forced=tuple(sorted(must)),
            forbidden=tuple(sorted(may_not)),
            must_have=tuple(sorted(names.index(name) for name in must_have)),
        )

    @classmethod
    def for_town(
        cls,
        town: Town,
        times: TravelTimes,
        *,
        services: Sequence[str] | str = "all",
        open: int | None = None,
        budget: float | None = None,
        upkeep: float | None = None,
        forced: Sequence[str] = (),
        forbidden: Sequence[str] = (),
        must_have: Sequence[str] = (),
        importance: Mapping[str, float] | None = None,
        standards: Mapping[str, str] | None = None,
        catalogue: Mapping[str, Module] | None = None,
        buildable: float = BUILDABLE,
        plot_area: float | None = None,
        weigh_by: str | None = None,
        places: bool = True,
    ) -> ModuleProblem:
        """The question of a town: its fixed units with what they offer, its sites with their plots.

        Parameters
        ----------
        times : from ``town.blocks`` to at least the fixed units and the sites, as far as the longest standard.
        services : names of the catalogue, or "all": every one that the catalogue measures and the town counts a group for.
        importance : what one person served counts, by service; 1 unless it is said.
        standards : how far people walk for a service, in place of the catalogue's.
        buildable : share of a plot that may be built. plot_area : m2 assumed of a plot whose area is not known.
        weigh_by : None counts persons, "need" multiplies them by the need index.
        places : whether places a week bind; False: whoever can walk there is served.

        Raises
        ------
        ProblemError : all faults at once. InfeasibleError : a sound question that nothing can answer.
        """
        made, faults = town_question(
            town, times, services=services, importance=importance or {}, standards=standards or {},
            catalogue=catalogue, buildable=buildable, plot_area=plot_area, weigh_by=weigh_by, places=places,
        )  # fmt: skip
        known = {key: i for i, key in enumerate(made.site_ids)}
        for what, listed in (("forced", forced), ("forbidden", forbidden)):
            lost = [key for key in listed if key not in known]
            if lost:
                said = Sentence(
                    "{count} {what} sites are not among the town's units and sites", count=len(lost), what=what
                )
                faults.append(Fault("unknown-site", said, what, "use a place_id of sites.parquet", len(lost), lost[0]))
        names = [service.name for service in made.services]
        faults += _unknown(must_have, names)
        asked = replace(
            made,
            open=open,
            budget=None if budget is None else float(budget),
            upkeep=None if upkeep is None else float(upkeep),
            forced=tuple(sorted(known[key] for key in forced if key in known)),
            forbidden=tuple(sorted(known[key] for key in forbidden if key in known)),
            must_have=tuple(sorted(names.index(name) for name in must_have if name in names)),
        )
        if faults:
            more = faults_of_modules(asked) if asked.services else []
            raise ProblemError([*faults, *(f for f in more if f.code not in {one.code for one in faults})])
        return cls(**{name: getattr(asked, name) for name in asked.__dataclass_fields__})


def _no_mapping(fixed: Any) -> list[Fault]:
    if fixed is None or (isinstance(fixed, Mapping) and all(isinstance(offers, Mapping) for offers in fixed.values())):
        return []
    mend = 'for each site that stands, its services with their places a week: {0: {"pool": 300}}, None without limit'
    return [Fault("bad-fixed", "the fixed sites do not tell what they offer", "fixed", mend)]


def _unknown(must_have: Sequence[str], names: Sequence[str]) -> list[Fault]:
    lost = [name for name in must_have if name not in names]
    if not lost:
        return []
    what = Sentence("{count} services that every site must have are not asked for", count=len(lost))
    return [Fault("unknown-must-have", what, "must_have", "name them among the services too", len(lost), lost[0])]
