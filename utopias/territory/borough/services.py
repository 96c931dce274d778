"""What the places of a made-up town give: modules with capacity, hours and substitution, and the facts claimed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from utopias.domain.arrays import Bools, Floats, Ints
from utopias.domain.catalogue import read_catalogue

OLYMPIC = 7_500.0  # learners a week announced for the Olympic pool of Meyehualco, Segundo a Segundo
NOT_KNOWN = 0.06  # share of the units' capacities that nobody has written down

CARE = ("day house", "laundry", "canteen", "child room", "health house", "workshops")
SPORT = ("pool", "gym", "courts", "music school", "auditorium")
SPECIAL = ("rehabilitation", "early stimulation", "women's house", "colibri centre")
ROOMY = 12_000.0  # m2 from which a lot could take the sport modules too
GENEROUS = 20_000.0  # m2 from which it could take everything

_COLUMNS = ["place_id", "service", "group", "capacity", "per", "hours", "substitution"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of provider: its share of all, and what each gives as (service, places a week, substitution, hours)."""

    name: str
    spanish: str
    share: float
    gives: tuple[tuple[str, float, float, str], ...]


# Capacities and substitutions are assumptions of this project, there to be varied.
KINDS = (
    Kind("sports ground", "Deportivo", 0.24, (("courts", 900, 0.8, "lu-do 07-20"), ("gym", 300, 0.3, "lu-vi 08-20"))),
    Kind(
        "community centre",
        "Centro comunitario",
        0.28,
        (("workshops", 700, 0.6, "ma-sá 10-19"), ("music school", 120, 0.4, "ma-sá 12-19")),
    ),
    Kind(
        "health centre",
        "Centro de salud",
        0.18,
        (("health house", 1_100, 0.7, "lu-vi 08-20"), ("rehabilitation", 90, 0.5, "lu-vi 08-14")),
    ),
    Kind("school", "Escuela", 0.2, (("courts", 250, 0.25, "sá-do 08-14"),)),
    Kind("canteen", "Comedor", 0.1, (("canteen", 650, 0.8, "lu-vi 12-17"), ("day house", 60, 0.3, "lu-vi 09-14"))),
)
SPORTS_GROUND = 0


def unit_modules(chance: np.random.Generator, ids: pd.Series) -> pd.DataFrame:
    """The modules of the units: all give care and sport, most something special; the first has the Olympic pool."""
    services = CARE + SPORT + SPECIAL
    drawn = chance.random((len(ids), len(services)))
    often = np.array([0.9] * len(CARE) + [0.78] * len(SPORT) + [0.45] * len(SPECIAL))
    has = drawn < often
    has[:1, len(CARE)] = True
    has[:, 0] |= ~has.any(axis=1)
    table = _modules(ids, services, has, hours="ma-do 08-20")
    usual = table["capacity"].to_numpy(dtype=float)
    varied = np.round(usual * (0.7 + 0.6 * chance.random(len(table))) / 10.0) * 10.0
    varied[chance.random(len(table)) < NOT_KNOWN] = np.nan
    olympic = (table["service"] == "pool").to_numpy() & (table["place_id"] == ids.iloc[0]).to_numpy()
    table["capacity"] = np.where(olympic, OLYMPIC, varied)
    return table


def site_modules(ids: pd.Series, area: Floats) -> pd.DataFrame:
    """What would be built on each lot: care everywhere, sport on roomy lots, everything on generous ones."""
    services = CARE + SPORT + SPECIAL
    needs = np.array([0.0] * len(CARE) + [ROOMY] * len(SPORT) + [GENEROUS] * len(SPECIAL))
    return _modules(ids, services, area[:, None] >= needs, hours="")


def provider_modules(chance: np.random.Generator, ids: pd.Series, kind: Ints) -> pd.DataFrame:
    """What the other providers give; a tenth of the capacities are not known."""
    parts = []
    catalogue = read_catalogue()
    for number, what in enumerate(KINDS):
        own = ids[kind == number].reset_index(drop=True)
        for service, places_a_week, substitution, hours in what.gives:
            varied = np.round(places_a_week * (0.6 + 0.8 * chance.random(len(own))) / 10.0) * 10.0
            varied[chance.random(len(own)) < 0.1] = np.nan
            parts.append(
                pd.DataFrame(
                    {
                        "place_id": own,
                        "service": service,
                        "group": catalogue[service].group,
                        "capacity": varied,
                        "per": "week",
                        "hours": hours,
                        "substitution": substitution,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)[_COLUMNS]


def _modules(ids: pd.Series, services: tuple[str, ...], has: Bools, *, hours: str) -> pd.DataFrame:
    """One row for each service a place has, with the catalogue's group and places a week, substitution 1."""
    catalogue = read_catalogue()
    place, service = np.nonzero(has)
    usual = [catalogue[name].places_a_week for name in services]
    capacity = np.array([np.nan if places is None else places for places in usual])
    return pd.DataFrame(
        {
            "place_id": ids.to_numpy()[place],
            "service": np.array(services, dtype=object)[service],
            "group": np.array([catalogue[name].group for name in services], dtype=object)[service],
            "capacity": capacity[service],
            "per": "week",
            "hours": hours,
            "substitution": 1.0,
        }
    )[_COLUMNS]


def facts(units: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Claims about the units, each saying that it is invented."""
    rows = []
    for at, (unit, project) in enumerate(zip(units["place_id"], units["project_status"], strict=True)):
        claims = [("hours", "ma-do 08-20")]
        if project == "finished":
            claims.append(("opened", f"{2019 + at % 6}-{1 + 5 * at % 12:02d}"))
        rows += [(unit, name, value, f"inventado, semilla {seed}", "2026-01-01") for name, value in claims]
    return pd.DataFrame(rows, columns=["place_id", "attribute", "value", "source", "date"])
