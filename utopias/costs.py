"""What a plan costs: once, every year, and for each person more who can walk there.

No plan without its upkeep. Every figure is a range; what is not known is None and named, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from utopias.domain.catalogue import Module, Range
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.findings import Costs
from utopias.domain.sentences import Sentence

if TYPE_CHECKING:
    import pandas as pd

NOTHING = Range(0.0, 0.0, 0.0)
LIFE_YEARS = 30  # years a building serves before it is built anew; assumption
EQUIP_LIFE_YEARS = 10  # years that equipment serves; assumption
DISCOUNT = 0.05  # a year; assumption. Mexico's finance ministry prescribes 0.10 (gob.mx/shcp, tasa social de descuento)
# Years over which equipment, upkeep and operation are set against building: the care plan announced
# 1 Nov 2025 runs to 2030 (La Razon), and gives 6,200 M for them against 3,600 M of building.
RATIO_YEARS = 5
OWN_COST_RANGE = (0.8, 1.2)  # of a lot's own cost estimate; assumption


def capital_recovery(discount: float, years: int) -> float:
    """The even yearly payment for ``years`` years that is worth 1 today.

    r / (1 - (1 + r) ** -n); at a discount of 0 simply 1 / n.

    Source
    ------
    Equivalent annual cost: Drummond et al. (2015), Methods for the Economic Evaluation of Health
    Care Programmes, 4th ed., ch. 7.
    """
    faults = []
    if not math.isfinite(discount) or discount < 0:
        faults.append(
            Fault(
                "bad-discount",
                Sentence("a discount of {discount} a year", discount=discount),
                mend="write 0.05 for 5 in 100",
            )
        )
    if years < 1:
        faults.append(
            Fault("bad-life", Sentence("a life of {years} years", years=years), mend="use whole years, 1 or more")
        )
    if faults:
        raise ProblemError(faults)
    if discount * years < 1e-9:  # below this the annuity is the even part to the last printed digit
        return 1.0 / years
    return -discount / math.expm1(-years * math.log1p(discount))


def costs(
    sites: pd.DataFrame,
    modules: Mapping[str, Sequence[str]],
    catalogue: Mapping[str, Module],
    *,
    added_people: float | None,
    added_places: float | None,
    currency: str = "MXN",
    life_years: int = LIFE_YEARS,
    equip_life_years: int = EQUIP_LIFE_YEARS,
    discount: float = DISCOUNT,
    ratio_years: int = RATIO_YEARS,
    own_cost_range: tuple[float, float] = OWN_COST_RANGE,
) -> Costs:
    """Money of opening ``sites`` with their ``modules``, and of keeping them running.

    Parameters
    ----------
    sites : rows place_id, cost: the lot's own estimate for land, works and equipment, NaN where
        not known. It takes the place of the catalogue's build and equip together, with
        ``own_cost_range`` around it, and is shared between the two as the catalogue shares them
        (all to build where the catalogue does not know).
    modules : services by place_id; one named twice is built twice.
    catalogue : what a module of usual size costs (``domain.catalogue``).
    added_people : persons who gain reach; added_places : places a week that the sites bring; None
        where not known.

    Returns
    -------
    Costs. ``per_site`` is money once, build and equip of each site. ``annual`` is the even yearly
    cost: build over ``life_years``, equip over ``equip_life_years``, plus run and staff.
    ``per_person`` and ``per_place`` divide it by what was added. ``ratio`` is
    (equip + ``ratio_years`` years of run and staff) / build, central. ``price_year`` is the latest
    of the modules used, 0 with none. A sum with an unknown part is None and its name stands in
    ``unknown``; after the sums the services that the catalogue does not price in full, and the
    sites of which no module is known.

    Raises
    ------
    ProblemError : a discount or life that makes no sense, a negative cost, a range that does not
        hold 1, modules of a place that is not among the sites.
    """
    _refuse(sites, modules, own_cost_range)
    over_build, over_equip = capital_recovery(discount, life_years), capital_recovery(discount, equip_life_years)
    causes: list[str] = []
    parts: dict[str, list[Range | None]] = {"build": [], "equip": [], "run": [], "staff": []}
    per_site: dict[str, Range | None] = {}
    used: list[int] = []
    for place, own in zip(sites["place_id"].astype(str), sites["cost"].astype(float), strict=True):
        services = list(modules.get(place, ()))
        known = [catalogue[service] for service in services if service in catalogue]
        used += [module.price_year for module in known]
        found = {name: _sum_of(getattr(module, name) for module in known) for name in parts}
        if len(known) < len(services) or not services:
            found = dict.fromkeys(found)
        if math.isfinite(own):
            found["build"], found["equip"] = _shared(own, own_cost_range, found["build"], found["equip"])
        for name, sum_ in found.items():
            parts[name].append(sum_)
            if sum_ is None:
                causes += _causes(place, services, catalogue, name)
        per_site[place] = _sum_of([found["build"], found["equip"]])
    build, equip, run, staff = (_sum_of(parts[name]) for name in ("build", "equip", "run", "staff"))
    annual = None
    if build is not None and equip is not None and run is not None and staff is not None:
        annual = build.times(over_build) + equip.times(over_equip) + run + staff
    per = {
        name: annual.times(1.0 / added) if annual is not None and added is not None and added > 0 else None
        for name, added in (("per_person", added_people), ("per_place", added_places))
    }
    sums = {"build": build, "equip": equip, "run": run, "staff": staff, "annual": annual, **per}
    return Costs(
        currency=currency,
        price_year=max(used, default=0),
        build=build,
        equip=equip,
        run=run,
        staff=staff,
        annual=annual,
        per_person=per["per_person"],
        per_place=per["per_place"],
        discount=discount,
        life_years=life_years,
        ratio=_ratio(build, equip, run, staff, ratio_years),
        unknown=[*(name for name, sum_ in sums.items() if sum_ is None), *dict.fromkeys(causes)],
        per_site=per_site,
    )


def _ratio(
    build: Range | None, equip: Range | None, run: Range | None, staff: Range | None, years: int
) -> float | None:
    if build is None or equip is None or run is None or staff is None or build.central <= 0:
        return None
    return (equip.central + years * (run.central + staff.central)) / build.central


def _sum_of(ranges: Iterable[Range | None]) -> Range | None:
    total = NOTHING
    for one in ranges:
        if one is None:
            return None
        total = total + one
    return total


def _shared(
    own: float, ends: tuple[float, float], build: Range | None, equip: Range | None
) -> tuple[Range | None, Range | None]:
    whole = Range(own * ends[0], own, own * ends[1])
    if build is None or equip is None or build.central + equip.central <= 0:
        return whole, NOTHING  # the estimate holds the equipment: it is in the whole, not unknown
    share = build.central / (build.central + equip.central)
    return whole.times(share), whole.times(1.0 - share)


def _causes(place: str, services: Sequence[str], catalogue: Mapping[str, Module], part: str) -> list[str]:
    """Why one sum of one site is not known: its services without that price, or the site itself."""
    return [s for s in services if s not in catalogue or getattr(catalogue[s], part) is None] or [place]


def _refuse(sites: pd.DataFrame, modules: Mapping[str, Sequence[str]], ends: tuple[float, float]) -> None:
    faults = []
    cost = sites["cost"].astype(float)
    bad = (cost < 0) | cost.map(math.isinf)
    if bad.any():
        faults.append(
            Fault(
                code="bad-cost",
                what=Sentence(
                    "{count} of {total} costs are not amounts of 0 or more", count=int(bad.sum()), total=len(sites)
                ),
                where="column cost of the sites",
                mend="leave the cell empty where the cost is not known",
                count=int(bad.sum()),
                first=str(sites["place_id"][bad].iloc[0]),
            )
        )
    strangers = sorted(set(modules) - set(sites["place_id"].astype(str)))
    if strangers:
        faults.append(
            Fault(
                code="modules-of-no-site",
                what=Sentence(
                    "modules are given for {count} places that are not among the sites", count=len(strangers)
                ),
                mend="give modules of the sites that are opened",
                count=len(strangers),
                first=strangers[0],
            )
        )
    if not 0 <= ends[0] <= 1 <= ends[1]:
        faults.append(
            Fault(
                "bad-range",
                Sentence("a range from {ends} to {ends_2} times does not hold 1", ends=ends[0], ends_2=ends[1]),
            )
        )
    if faults:
        raise ProblemError(faults)
