"""The tables of a town as one question sees them: what a plan carries, and what its aim weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from utopias.domain.arrays import Floats
from utopias.domain.demand import Demand
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.places import Places
from utopias.domain.sentences import Sentence
from utopias.domain.study import Study
from utopias.domain.town import NeedIndicator, Town
from utopias.domain.travel_times import Status, TravelTimes
from utopias.equity import fault_of_group_in_index, need_index, quintiles_of_people

if TYPE_CHECKING:
    import pandas as pd

TEXT_COLUMNS = ("owner", "kind", "replaces")
NUMBER_COLUMNS = ("cost", "area_m2")


def study_of_town(
    town: Town,
    times: TravelTimes,
    demand: str | Demand,
    weigh_by: str | None,
    index_weights: Mapping[str, float] | None,
) -> tuple[Study, list[Fault]]:
    """The study of a question, and the faults of what was asked (no error yet).

    Places stand as fixed units, then candidates, then those providers the times know.

    Raises
    ------
    MisalignedError : the times start or end at other places than the town's.
    """
    faults: list[Fault] = []
    try:
        people = town.demand(demand) if isinstance(demand, str) else demand
    except ProblemError as error:  # with everybody in its stead, what else is wrong can be told too
        faults, people = list(error.faults), town.demand("all")
    people.must_start_at("home")  # a plan brings units near homes; ``chained`` asks for those who come from school
    people.must_match(times.origins)
    people.must_match(town.blocks.ids)
    faults += _other_planned_area(town, people)
    known = set(times.destinations.tolist())
    providers = town.providers.take(np.array([key in known for key in town.providers.ids.tolist()], dtype=bool))
    fixed = town.fixed
    everywhere = fixed + town.sites + providers
    indicators = _weighed(town.indicators, index_weights, faults)
    need = _need(town, indicators, faults)
    people = _multiplied(people, need, weigh_by, indicators, faults)
    apart = np.asarray(times.origin_status) != Status.ATTACHED
    weights: Floats = np.where(apart, 0.0, people.weights)
    faults += _all_apart(people, weights)
    blocks = _blocks(town, people, need, apart, weights)
    places = _places(
        everywhere, np.repeat(["fixed", "candidate", "provider"], [len(fixed), len(town.sites), len(providers)])
    )
    modules = town.modules[town.modules["place_id"].isin(set(everywhere.ids.tolist()))].reset_index(drop=True)
    study = Study(
        blocks=blocks,
        places=places,
        times=times.to(everywhere),
        modules=modules,
        outlines=town.blocks.shapes,
        basemap=town.basemap,
        town=_said(town, indicators, people),
    )
    return study, faults


def _other_planned_area(town: Town, people: Demand) -> list[Fault]:
    """A demand by hand that is planned where the town is not: people of the surroundings would weigh, or planned ones not."""
    other = np.flatnonzero(people.planned != town.blocks.planned)
    if not len(other):
        return []
    return [
        Fault(
            code="other-planned-area",
            what=Sentence(
                "{count:,} blocks are planned in the demand and not in the town, or the other way round",
                count=len(other),
            ),
            where=Sentence("demand {group!r}, planned", group=people.group),
            mend="give the demand planned=town.blocks.planned",
            count=len(other),
            first=str(people.origins[int(other[0])]),
        )
    ]


def _all_apart(people: Demand, weights: Floats) -> list[Fault]:
    """A town of islands: somebody lives there, and nobody has a way to any place."""
    if weights.sum() > 0 or people.weights.sum() <= 0:
        return []
    home = people.weights > 0
    return [
        Fault(
            code="all-apart",
            what=Sentence(
                "{total:,.0f} people of {group!r} live in {count:,} blocks, and none of them has a way to any place",
                total=float(people.total),
                group=people.group,
                count=int(home.sum()),
            ),
            where="streets and places of the town",
            mend="see that streets, blocks and places cover the same ground, in the same reference system",
            count=int(home.sum()),
            first=str(people.origins[int(np.flatnonzero(home)[0])]),
        )
    ]


def _weighed(
    indicators: tuple[NeedIndicator, ...], weights: Mapping[str, float] | None, faults: list[Fault]
) -> list[NeedIndicator]:
    """The indicators with the weights that were asked for; those not named keep their own."""
    asked = dict(weights or {})
    known = {indicator.id for indicator in indicators}
    lost = sorted(set(asked) - known)
    if lost:
        faults.append(
            Fault(
                code="unknown-indicator",
                what=Sentence("{count} weights are of indicators that the town has not", count=len(lost)),
                where="index_weights",
                mend=Sentence("use one of: {listed}", listed=", ".join(sorted(known)))
                if known
                else "add indicators to town.toml",
                count=len(lost),
                first=lost[0],
            )
        )
    wrong = sorted(key for key, value in asked.items() if not (np.isfinite(value) and value >= 0))
    if wrong:
        faults.append(
            Fault(
                "bad-index-weight",
                Sentence("the weight of {wrong!r} is {asked}", wrong=wrong[0], asked=asked[wrong[0]]),
                "index_weights",
                "0 or more",
            )
        )
    return [replace(i, weight=float(asked[i.id])) if i.id in asked and i.id not in wrong else i for i in indicators]


def _need(town: Town, indicators: list[NeedIndicator], faults: list[Fault]) -> Floats:
    """(n,) the need index, NaN where it is not known or the town has no indicators."""
    unknown: Floats = np.full(len(town.blocks), np.nan)
    used = {i.id: i.weight for i in indicators if i.id in town.blocks.indicators}
    lost = [i.id for i in indicators if i.id not in town.blocks.indicators]
    if lost:
        faults.append(
            Fault(
                code="missing-indicator",
                what=Sentence("{count} indicators of town.toml have no column in the blocks table", count=len(lost)),
                where="blocks.parquet",
                mend="add the column, or take the indicator out of town.toml",
                count=len(lost),
                first=lost[0],
            )
        )
    if not any(weight > 0 for weight in used.values()):
        return unknown
    return need_index({key: np.asarray(town.blocks.indicators[key]) for key in used}, used)


def _multiplied(
    demand: Demand, need: Floats, weigh_by: str | None, indicators: list[NeedIndicator], faults: list[Fault]
) -> Demand:
    """The demand, each person counting as much as the index of their place says, if that was asked."""
    if weigh_by is None:
        return demand
    if weigh_by != "need":
        faults.append(
            Fault(
                "unknown-index",
                Sentence("there is no index {weigh_by!r}", weigh_by=weigh_by),
                "weigh_by",
                'use "need" or None',
            )
        )
        return demand
    if demand.weighted_by:
        faults.append(
            Fault(
                "weighted-twice",
                Sentence("the demand already counts by {weighted_by}", weighted_by=demand.weighted_by),
                "weigh_by",
                "weigh once",
            )
        )
    if (twice := fault_of_group_in_index(demand.group, indicators)) is not None:
        faults.append(twice)
    if np.isnan(need).all():
        faults.append(Fault("no-need-index", "the town has no indicators of need", "weigh_by", "add indicators"))
        return demand
    unknown = np.isnan(need)
    counted = unknown & (demand.weights > 0)
    if counted.any():
        faults.append(
            Fault(
                code="need-not-known",
                what=Sentence("{count:,} blocks with people have no need index", count=int(counted.sum())),
                where="blocks.parquet",
                mend="complete the indicators, or plan without weigh_by",
                count=int(counted.sum()),
                first=str(demand.origins[int(np.flatnonzero(counted)[0])]),
            )
        )
    return replace(demand, multiplier=np.where(unknown, 0.0, need), weighted_by="need")


def _blocks(town: Town, demand: Demand, need: Floats, apart: Any, weights: Floats) -> pd.DataFrame:
    import pandas as pd

    blocks = town.blocks
    counted = np.where(blocks.planned, blocks.people, 0.0)
    known = np.isfinite(need).any()
    columns: dict[str, Any] = {
        "block_id": blocks.ids,
        "area_id": blocks.area_id,
        "colonia": blocks.colonia,
        "planned": blocks.planned,
        "x": blocks.x,
        "y": blocks.y,
        "people": blocks.people,
        **{key: np.asarray(values) for key, values in blocks.groups.items()},
        **{key: np.asarray(values) for key, values in blocks.indicators.items()},
        "need": need,
        "quintile": (quintiles_of_people(need, counted) if known else np.zeros(len(blocks))).astype(np.int8),
        "known_to": blocks.known_to,
        "apart": apart,
        "persons": demand.persons,
        "weight": weights,
    }
    return pd.DataFrame(columns)


def _places(places: Places, role: Any) -> pd.DataFrame:
    import pandas as pd

    table = places.table
    columns: dict[str, Any] = {"place_id": places.ids, "name": places.names, "role": role, "x": places.x, "y": places.y}
    for name in NUMBER_COLUMNS:
        given = table[name] if name in table.columns else pd.Series(np.nan, index=range(len(places)))
        columns[name] = pd.to_numeric(given, errors="coerce").to_numpy(dtype=float)
    for name in TEXT_COLUMNS:
        given = table[name] if name in table.columns else pd.Series("", index=range(len(places)))
        columns[name] = given.astype(object).where(given.notna(), "").astype(str).to_numpy(dtype=object)
    columns["role"] = np.asarray(role, dtype=object)
    return pd.DataFrame(columns)


def _said(town: Town, indicators: list[NeedIndicator], demand: Demand) -> dict[str, Any]:
    return {
        "name": town.name,
        "hash": town.hash,
        "made_up": town.made_up,
        "currency": town.currency,
        "crs": town.crs,
        "groups": [{**asdict(replace(g, labels={})), "labels": dict(g.labels)} for g in town.groups],
        "indicators": [{**asdict(replace(i, labels={})), "labels": dict(i.labels)} for i in indicators],
        "sources": [asdict(source) for source in town.sources],
        "assumptions": [asdict(assumption) for assumption in town.assumptions],
        "group": demand.group,
        "weighted_by": demand.weighted_by,
    }
