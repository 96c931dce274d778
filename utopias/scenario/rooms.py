"""How many persons each place has room for in one service: its places a week, less its closures, by who wants one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from utopias.domain.capacity import availability
from utopias.domain.catalogue import Module, read_catalogue
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.sentences import Sentence
from utopias.domain.town import Town
from utopias.scenario.services import offer_at


def rooms_for(
    town: Town,
    service: str,
    *,
    participation: float,
    days_closed: Mapping[str, float] | None = None,
    catalogue: Mapping[str, Module] | None = None,
) -> tuple[dict[str, float], dict[str, Any]]:
    """(persons by place id, what was assumed) for every fixed unit and every site.

    A place with q places a week, open a share a of the year, has room for ``q a / participation`` persons when that
    share of them comes once a week. A site that does not say gets the catalogue's usual size, as it would be built;
    a unit that gives the service and does not say how many has, as far as is known, room for nobody (``unknown``).

    Raises
    ------
    ProblemError : ``unknown-service``, ``bad-share``, a cause of closure that is not known; all at once.
    """
    modules = read_catalogue() if catalogue is None else catalogue
    faults = []
    known = sorted({*modules, *(town.modules["service"].astype(str) if len(town.modules) else ())})
    if service not in known:
        faults.append(
            Fault(
                "unknown-service",
                Sentence("{service} is no service of the catalogue or of the town", service=service),
                "service",
                Sentence("use one of: {listed}", listed=", ".join(known)),
            )
        )
    if not 0 < participation <= 1:
        faults.append(
            Fault(
                "bad-share",
                Sentence("a participation of {participation} is not over 0 and up to 1", participation=participation),
                where="participation",
            )
        )
    try:
        share_open = availability(days_closed or {})
    except ProblemError as error:
        faults += error.faults
    if faults:
        raise ProblemError(faults)
    places = town.fixed + town.sites
    roles = ["fixed"] * len(town.fixed) + ["candidate"] * len(town.sites)
    ids = [str(key) for key in places.ids]
    offer = offer_at(town.modules, ids, roles, modules)
    of = offer.service == service
    told = np.bincount(offer.place[of], weights=np.nan_to_num(offer.week[of]), minlength=len(ids))
    gives = np.bincount(offer.place[of], minlength=len(ids)) > 0
    unknown = np.unique(offer.place[of & np.isnan(offer.week)])
    usual = 0.0 if service not in modules else float(modules[service].places_a_week or 0.0)
    assumed = np.array([role == "candidate" for role in roles]) & ~gives
    week = np.where(assumed, usual, told)
    room = week * share_open / participation
    return dict(zip(ids, room.tolist(), strict=True)), {
        "service": service,
        "participation": participation,
        "availability": share_open,
        "unknown": len(unknown),
        "usual": int(assumed.sum()),
    }


def read_closures(told: Sequence[str]) -> dict[str, float]:
    """Days a year by cause, from texts like ``water 12``.

    Raises
    ------
    ProblemError : a text without a cause and a number of days; all at once.
    """
    days: dict[str, float] = {}
    odd = []
    for text in told:
        cause, _, count = text.strip().replace("=", " ").rpartition(" ")
        try:
            days[cause.strip()] = float(count.removesuffix("d"))
        except ValueError:
            odd.append(text)
    if odd:
        raise ProblemError(
            Fault(
                "bad-days",
                Sentence("{listed} does not say a cause and its days a year", listed=", ".join(odd)),
                "closed",
                'write --closed "water 12" for twelve days a year without water',
                count=len(odd),
                first=odd[0],
            )
        )
    return days
