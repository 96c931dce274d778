"""A town as one question of sites and services sees it: who wants what, what stands, what fits on which plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from utopias.domain.arrays import Bools, Floats, texts
from utopias.domain.catalogue import PERIODS_A_WEEK, Module, read_catalogue
from utopias.domain.errors import Fault
from utopias.domain.module_question import ModuleQuestion, ServiceQuestion
from utopias.domain.quantities import Duration
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.equity import fault_of_group_in_index
from utopias.siting.question.pairs import sorted_pairs
from utopias.siting.question.problem import DECISECONDS_A_MINUTE
from utopias.siting.question.town_study import study_of_town

if TYPE_CHECKING:
    import pandas as pd

# Share of a plot that may be built or laid out for services: 7,500 m2 built (El Universal, 9 Mar 2026) on plots of
# 20,000 to 23,000 m2 (Tlaltenco); the rest is paths, trees and water. Derived, an assumption for every plot.
BUILDABLE = 0.35

_PARTS = {"area": Sentence("its area"), "money": Sentence("its money once"), "upkeep": Sentence("its money a year")}


def town_question(
    town: Town,
    times: TravelTimes,
    *,
    services: Sequence[str] | str,
    importance: Mapping[str, float],
    standards: Mapping[str, str],
    catalogue: Mapping[str, Module] | None,
    buildable: float,
    plot_area: float | None,
    weigh_by: str | None,
    places: bool,
) -> tuple[ModuleQuestion, list[Fault]]:
    """The question without its limits, and the faults of what was asked (no error yet); see ``ModuleProblem.for_town``.

    What was left out or assumed stands in ``town`` of the question: ``left_out`` (service -> why), ``assumed``.
    """
    known = read_catalogue() if catalogue is None else catalogue
    names, left_out, faults = _named(town, known, services)
    faults += _strangers(names, importance, "importance") + _strangers(names, standards, "standards")
    faults += faults_of_plots(buildable, plot_area)
    study, wrong = study_of_town(town, times, "all", weigh_by, None)
    faults += wrong
    blocks = study.blocks
    counted = blocks["planned"].to_numpy(dtype=bool) & ~blocks["apart"].to_numpy(dtype=bool)
    multiplier = np.where(counted, blocks["need"], 0.0) if weigh_by == "need" and not wrong else np.ones(len(blocks))
    asked = [
        _service(known[name], blocks, counted, importance.get(name, 1.0), standards.get(name), times, faults)
        for name in names
    ]
    if weigh_by == "need":
        twice = [fault_of_group_in_index(service.group, town.indicators) for service in asked]
        faults += list({fault.first or fault.what: fault for fault in twice if fault is not None}.values())
    table = study.places
    sites = int((table["role"] != "provider").sum())
    table = table.iloc[:sites]
    fixed = (table["role"] == "fixed").to_numpy()
    areas = table["area_m2"].to_numpy(dtype=np.float64)
    unknown = ~np.isfinite(areas)
    if plot_area is not None:
        areas = np.where(unknown, plot_area, areas)
    offered, limits, usual = _standing(study.modules, table["place_id"].astype(str).tolist(), fixed, asked, places)
    kept = study.times.columns < sites
    pairs = sorted_pairs(
        study.times.rows[kept], study.times.columns[kept], study.times.deciseconds[kept], (len(blocks), sites)
    )
    question = ModuleQuestion(
        services=tuple(asked),
        starts=pairs.starts,
        columns=pairs.columns,
        costs=pairs.costs,
        areas=np.where(fixed, 0.0, areas * buildable),
        site_costs=np.zeros(sites),
        offered=offered,
        places=limits,
        multiplier=multiplier,
        open=None,
        budget=None,
        upkeep=None,
        fixed=tuple(np.flatnonzero(fixed).tolist()),
        site_ids=tuple(table["place_id"].astype(str)),
        site_names=tuple(table["name"].astype(str)),
        block_ids=tuple(texts(blocks["block_id"]).tolist()),
        unit=DECISECONDS_A_MINUTE,
        town={
            "name": town.name,
            "hash": town.hash,
            "currency": town.currency,
            "made_up": town.made_up,
            "labels": {group.id: dict(group.labels) for group in town.groups},
            "estimated": sorted({s.group for s in asked} & {g.id for g in town.groups if g.estimated}),
            "weighted_by": weigh_by or "",
            "estimated_times": times.estimated,
            "price_year": max((known[name].price_year for name in names), default=0),
            "buildable": buildable,
            "left_out": left_out,
            "assumed": {
                "plots": int((unknown & ~fixed).sum()) if plot_area is not None else 0,
                "plot_area": plot_area,
                "usual": usual,
                "no_limit": [s.name for s in asked if s.capacity is None] if places else [],
                "places": places,
            },
        },
    )
    return question, faults


def faults_of_plots(buildable: float, plot_area: float | None) -> list[Fault]:
    """What is wrong with the share of a plot that may be built, and with a plot's assumed area."""
    faults = []
    if not 0 < buildable <= 1:
        what = Sentence("a share of {buildable} of the plot may be built", buildable=buildable)
        faults.append(Fault("bad-buildable", what, "buildable", "a share over 0, at most 1"))
    if plot_area is not None and not (np.isfinite(plot_area) and plot_area > 0):
        what = Sentence("a plot of {area} m2 is assumed", area=plot_area)
        faults.append(Fault("bad-plot-area", what, "plot_area", "square metres over 0"))
    return faults


def _named(
    town: Town, known: Mapping[str, Module], services: Sequence[str] | str
) -> tuple[list[str], dict[str, str], list[Fault]]:
    """The services asked for; of "all" those that can be asked, and why the others cannot; faults of those named."""
    counted = {"all", *town.blocks.groups}
    why = {
        name: reason
        for name, module in known.items()
        if (reason := _lacking(module, counted))
    }  # fmt: skip
    if services == "all":
        return [name for name in known if name not in why], why, []
    listed = list(dict.fromkeys([services] if isinstance(services, str) else services))
    faults = []
    if lost := [name for name in listed if name not in known]:
        what = Sentence("{count} services are not in the catalogue", count=len(lost))
        mend = Sentence("use one of: {listed}", listed=", ".join(known))
        faults.append(Fault("unknown-service", what, "services", mend, len(lost), lost[0]))
    for name in listed:
        if why.get(name) == "group":
            what = Sentence("{name} is for {group!r}, whom the town does not count", name=name, group=known[name].group)
            faults.append(Fault("service-group-unknown", what, "services", "count the group, or leave the service out"))
        elif name in why:
            what = Sentence("the catalogue does not know what {name} takes: {part}", name=name, part=_PARTS[why[name]])
            faults.append(
                Fault(
                    "service-not-measured",
                    what,
                    "services",
                    "fill the row of a catalogue of your own (--catalogue), or leave it out",
                )
            )
    return [name for name in listed if name in known and name not in why], {}, faults


def _lacking(module: Module, counted: set[str]) -> str:
    """What of a service is not known and needed: area, money, upkeep, or its group; "" where all is there."""
    if module.area_m2 is None:
        return "area"
    if module.build is None or module.equip is None:
        return "money"
    if module.run is None or module.staff is None:
        return "upkeep"
    return "" if module.group in counted else "group"


def _strangers(names: Sequence[str], given: Mapping[str, Any], where: str) -> list[Fault]:
    lost = sorted(set(given) - set(names))
    if not lost:
        return []
    what = Sentence("{count} services are given here that are not asked for", count=len(lost))
    return [Fault("service-not-asked", what, where, "name them among the services too", len(lost), lost[0])]


def _service(
    module: Module,
    blocks: pd.DataFrame,
    counted: Bools,
    importance: float,
    standard: str | None,
    times: TravelTimes,
    faults: list[Fault],
) -> ServiceQuestion:
    limit = module.standard if standard is None else Duration.of(standard)
    if limit > times.limit:
        what = Sentence(
            "{name} may be {limit} away, the table of times ends at {end}",
            name=module.service,
            limit=limit,
            end=times.limit,
        )
        faults.append(Fault("limit-beyond-table", what, "times", "compute the times as far as the longest standard"))
    column = "people" if module.group == "all" else module.group
    persons: Floats = np.where(counted, blocks[column].to_numpy(dtype=np.float64), 0.0)
    # a share that nobody knows makes of places a week no persons: then there is no limit to count with
    capacity = module.places_a_week if module.share_of_group is not None else None
    assert module.area_m2 is not None
    assert module.build is not None
    assert module.equip is not None
    assert module.run is not None
    assert module.staff is not None
    return ServiceQuestion(
        name=module.service,
        group=module.group,
        persons=persons,
        limit=float(limit.deciseconds),
        importance=float(importance),
        share=1.0 if module.share_of_group is None else module.share_of_group,
        area=module.area_m2,
        money=module.build.central + module.equip.central,
        upkeep=module.run.central + module.staff.central,
        capacity=capacity,
    )


def _standing(
    modules: pd.DataFrame, ids: list[str], fixed: Bools, services: list[ServiceQuestion], places: bool
) -> tuple[Bools, Floats, int]:
    """(m, k) what fixed units offer, (m, k) places a week, and of how many standing modules the usual size was taken."""
    import pandas as pd

    offered = np.zeros((len(ids), len(services)), dtype=bool)
    limits = np.full((len(ids), len(services)), np.inf)
    for s, service in enumerate(services):
        if places and service.capacity is not None:
            limits[:, s] = service.capacity
    position, at = {key: i for i, key in enumerate(ids)}, {service.name: s for s, service in enumerate(services)}
    usual, told = 0, np.zeros(offered.shape)
    for row in modules.to_dict(orient="records"):
        i, s = position.get(str(row["place_id"]), -1), at.get(str(row["service"]), -1)
        if i < 0 or s < 0 or not fixed[i]:
            continue
        offered[i, s] = True
        amount = float(pd.to_numeric(str(row.get("capacity")), errors="coerce"))
        if np.isnan(amount) and services[s].capacity is not None:
            usual += 1
            amount = float(services[s].capacity or 0.0)
        else:
            amount = amount * PERIODS_A_WEEK[str(row.get("per") or "week")]
        told[i, s] += amount
    if places:
        bound = np.array([service.capacity is not None for service in services], dtype=bool)
        limits = np.where(offered & bound[None, :], told, limits)
    return offered, limits, usual if places else 0
