"""The places of a made-up town: units, public lots that could take one, and the others who give a service."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from utopias.domain.arrays import Bools, Floats, Ints, Longs, Texts
from utopias.domain.places import Places, places
from utopias.domain.quantities import half_up
from utopias.domain.shapes import Shapes
from utopias.territory.borough.blocks import HOMES, LOT, SQUARE, Plots, areas, outlines
from utopias.territory.borough.chance import bell, best_in_each, pick, share_out, stream
from utopias.territory.borough.districts import Districts
from utopias.territory.borough.ground import DENSITY, Ground
from utopias.territory.borough.land import land_table
from utopias.territory.borough.services import (
    KINDS,
    SPORTS_GROUND,
    facts,
    provider_modules,
    site_modules,
    unit_modules,
)
from utopias.territory.borough.words import NOUNS

BASE = 1_835_000  # persons the counts below belong to; a town of another size has as many a person
UNITS, SITES, PROVIDERS = 13, 260, 150
LEAST_UNITS, LEAST_SITES, LEAST_PROVIDERS = 2, 6, 6
DISPLACED = 0.08  # share of the lots that are sports grounds in use
COST = 138e6  # pesos of 2025 on a lot of USUAL m2; published: 100 to 190 M pesos a unit
USUAL = 12_000.0  # m2
UNPRICED = 0.04  # share of lots whose cost nobody has estimated
SOUTH, EAST, NORTH, WEST = 1, 3, 5, 7  # vertices of an outline in the middle of its sides

OWNERS = ("alcaldía imaginaria", "gobierno de la ciudad", "federación", "núcleo agrario", "particular")
LOT_KINDS = ("lot", "parking", "market", "former school", "depot", "linear park")


@dataclass(frozen=True, eq=False)
class Supply:
    """Everything that gives or could give a service, the tables that hang on it, and the public plots it takes."""

    units: Places
    sites: Places
    providers: Places
    modules: pd.DataFrame
    facts: pd.DataFrame
    taken: Longs
    lots: Shapes


def supply(
    ground: Ground, town: Districts, plots: Plots, served: Bools, colonia: Texts, people: int, seed: int, crs: str
) -> Supply:
    """Place units, candidate lots and other providers.

    Parameters
    ----------
    served : (plots,) a street runs along. colonia : (districts,) names. people : in the planned area.

    Units lie on public ground in the better-off and central colonias, so that there is something to
    gain. Lots are other public plots of the planned area; on some stands a sports ground in use.
    """
    chance = stream(seed, "places")
    lots = np.flatnonzero(np.isin(plots.use, (LOT, SQUARE)) & served)
    planned = town.planned[plots.district]
    outline = outlines(ground, town, plots, lots, crs)
    area = np.zeros(len(plots))
    area[lots] = np.round(areas(outline))
    doors = outline.coords.reshape(-1, 9, 2)
    row = np.searchsorted(lots, np.arange(len(plots)))
    inside = lots[planned[lots]]
    units = _units(ground, plots, inside, area, _count(UNITS, LEAST_UNITS, people), people, chance)
    free = inside[~np.isin(inside, units)]
    sites = np.sort(free[pick(chance, area[free], _count(SITES, LEAST_SITES, people))])
    providers, kind = _providers(chance, plots, served, lots, planned, units, sites, people)

    name = colonia[plots.district]
    unit_table = _unit_table(area[units])
    provider_table = _provider_table(kind, name[providers])
    grounds = {
        int(plot): key
        for plot, key, of in zip(providers, provider_table["place_id"], kind, strict=True)
        if of == SPORTS_GROUND
    }
    replaced = [grounds.get(plot, "") for plot in sites.tolist()]
    site_table = _site_table(chance, area[sites], name[sites], replaced)
    owner, lot_kind = (site_table[column].to_numpy(dtype=object) for column in ("owner", "kind"))
    site_table = site_table.join(land_table(ground, plots.x[sites], plots.y[sites], owner, lot_kind, seed))
    modules = [
        unit_modules(chance, unit_table["place_id"]),
        site_modules(site_table["place_id"], area[sites]),
        provider_modules(chance, provider_table["place_id"], kind),
    ]
    others = outlines(ground, town, plots, providers, crs).coords.reshape(-1, 9, 2)
    return Supply(
        units=_placed(unit_table, doors[row[units]], np.maximum(area[units], 8_000.0), "unit"),
        sites=_placed(site_table, doors[row[sites]], area[sites], "site"),
        providers=_placed(provider_table, others, np.zeros(len(providers)), "provider"),
        modules=pd.concat(modules, ignore_index=True),
        facts=facts(unit_table, seed),
        taken=np.concatenate([units, sites]),
        lots=outline.take(row[sites]),
    )


def _count(usual: int, least: int, people: int) -> int:
    return max(least, half_up(usual * people / BASE))


def _units(
    ground: Ground, plots: Plots, inside: Longs, area: Floats, count: int, people: int, chance: np.random.Generator
) -> Longs:
    """Public plots for the units: at most one in each square of the map, the best-off and most central first."""
    x, y = plots.x[inside], plots.y[inside]
    better = 1.15 - ground.need(x, y) + 0.7 * ground.centrality(x, y)
    worth = better * better * np.sqrt(area[inside] / USUAL) * (0.35 + chance.random(len(inside)))
    span = 0.8 * float(np.sqrt(people / DENSITY * 1e6 / count))
    chosen = np.zeros(0, dtype=np.int64)
    while len(chosen) < min(count, len(inside)):
        square = np.floor(x / span).astype(np.int64) * (1 << 20) + np.floor(y / span).astype(np.int64)
        chosen = best_in_each(square, worth, np.ones(len(inside), dtype=bool))[:count]
        span *= 0.7
    return np.sort(inside[chosen])


def _providers(
    chance: np.random.Generator,
    plots: Plots,
    served: Bools,
    lots: Longs,
    planned: Bools,
    units: Longs,
    sites: Longs,
    people: int,
) -> tuple[Longs, Ints]:
    """The plots of the other providers, a part of them in the surroundings, and the kind of each."""
    counts = share_out(_count(PROVIDERS, LEAST_PROVIDERS, people), np.array([kind.share for kind in KINDS]))
    grounds = int(counts[SPORTS_GROUND])
    displaced = min(max(1, half_up(DISPLACED * len(sites))), grounds)
    on_sites = sites[pick(chance, np.ones(len(sites)), displaced)]
    rest = np.setdiff1d(lots, np.concatenate([units, sites]))
    on_lots = rest[pick(chance, np.where(planned[rest], 1.0, 0.45), grounds - displaced)]
    homes = np.flatnonzero((plots.use == HOMES) & served)
    weights = np.where(planned[homes], 1.0, 0.4)
    others = homes[pick(chance, weights, int(counts.sum()) - grounds)]
    kind = np.delete(np.repeat(np.arange(len(KINDS)), counts), np.arange(grounds))
    plot = np.concatenate([on_sites, on_lots, others])
    of = np.concatenate([np.full(len(on_sites) + len(on_lots), SPORTS_GROUND), kind])
    return plot, of.astype(np.int32)


def _unit_table(area: Floats) -> pd.DataFrame:
    """The units: all finished and open, but from the third on one under construction and one suspended."""
    n = len(area)
    table = pd.DataFrame(
        {
            "place_id": _ids("U", n),
            "name": [f"Utopía imaginaria {NOUNS[at % len(NOUNS)]}{_round(at)}" for at in range(n)],
            "aliases": ["La Utopía de mentiras" if at == 0 else "" for at in range(n)],
            "project_status": "finished",
            "opening_status": "open",
            "operating_status": "operating",
            "area_m2": area,
            "cost": np.nan,
            "owner": OWNERS[0],
            "kind": "unit",
            "replaces": "",
        }
    )
    if n > 2:
        statuses = ["project_status", "opening_status", "operating_status"]
        table.loc[n - 1, statuses] = ["under construction", "not open", "not known"]
        if n > 3:
            table.loc[n - 2, statuses] = ["finished", "not open", "suspended"]
    return table


def _site_table(chance: np.random.Generator, area: Floats, colonia: Texts, replaces: list[str]) -> pd.DataFrame:
    """The lots, each with its owner and what opening a unit there would cost."""
    n = len(area)
    # A product of small even chances is close to lognormal, without a logarithm.
    factor = (1.0 + 0.13 * bell(chance, n)) * (1.0 + 0.13 * bell(chance, n)) * np.sqrt(np.sqrt(area / USUAL))
    cost = np.round(COST * factor / 1e5) * 1e5
    cost[chance.random(n) < UNPRICED] = np.nan
    if n and not np.isnan(cost).any():
        cost[n // 2] = np.nan  # every town has a lot of which nobody knows the price
    owner = np.array(OWNERS, dtype=object)[(chance.random(n) * 9).astype(np.int64) // 2]
    kind = np.array(LOT_KINDS, dtype=object)[(chance.random(n) * len(LOT_KINDS)).astype(np.int64)]
    in_use = np.array([bool(provider) for provider in replaces], dtype=bool)
    return pd.DataFrame(
        {
            "place_id": _ids("S", n),
            "name": [f"Predio imaginario {at + 1}, {of}" for at, of in enumerate(colonia.tolist())],
            "aliases": "",
            "project_status": "proposed",
            "opening_status": "not open",
            "operating_status": "not known",
            "area_m2": area,
            "cost": cost,
            "owner": owner,
            "kind": np.where(in_use, KINDS[SPORTS_GROUND].name, kind),
            "replaces": replaces,
        }
    )


def _provider_table(kind: Ints, colonia: Texts) -> pd.DataFrame:
    spanish = [KINDS[k].spanish for k in kind.tolist()]
    return pd.DataFrame(
        {
            "place_id": _ids("P", len(kind)),
            "name": [
                f"{what} imaginario {at + 1}, {of}" for at, (what, of) in enumerate(zip(spanish, colonia, strict=True))
            ],
            "aliases": "",
            "project_status": "finished",
            "opening_status": "open",
            "operating_status": "operating",
            "area_m2": np.nan,
            "cost": np.nan,
            "owner": "",
            "kind": [KINDS[k].name for k in kind.tolist()],
            "replaces": "",
        }
    )


def _placed(table: pd.DataFrame, ring: Floats, area: Floats, role: str) -> Places:
    """Places with their doors: one on the south side, a second from 7,000 m2, four from 15,000 m2."""
    ids = table["place_id"]
    parts = []
    for side, least in ((SOUTH, 7_000.0), (NORTH, 7_000.0), (EAST, 15_000.0), (WEST, 15_000.0)):
        has = area >= least
        parts.append(pd.DataFrame({"place_id": ids[has], "x": ring[has, side, 0], "y": ring[has, side, 1]}))
    return places(
        ids.to_numpy(),
        ring[:, SOUTH, 0],
        ring[:, SOUTH, 1],
        role=role,
        table=table.drop(columns="place_id"),
        entrances=pd.concat(parts, ignore_index=True),
    )


def _ids(letter: str, count: int) -> list[str]:
    width = max(3, len(str(count)))
    return [f"{letter}{at + 1:0{width}d}" for at in range(count)]


def _round(at: int) -> str:
    return "" if at < len(NOUNS) else f" {at // len(NOUNS) + 1}"
