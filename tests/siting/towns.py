"""A clustered made-up town of any size with straight-line times, for tests that need more than the toy."""

from __future__ import annotations

import numpy as np
import pandas as pd

from utopias.domain.arrays import texts
from utopias.domain.places import places
from utopias.domain.quantities import Minutes
from utopias.domain.town import Blocks, Group, NeedIndicator, Town
from utopias.domain.travel_times import TravelTimes

SIDE = 10_500.0  # metres; the borough has some 113 km2
METRES_A_DECISECOND = 80.0 / 600.0  # an adult, 80 m a minute
CIRCUITY = 1.3


def clustered_town(
    blocks: int, sites: int, *, units: int = 3, seed: int = 1, fractions: bool = False
) -> tuple[Town, TravelTimes]:
    """A town and its times up to 30 min; blocks, sites and units lie in the same forty clusters."""
    random = np.random.default_rng(seed)
    centre, spread = random.uniform(0.1 * SIDE, 0.9 * SIDE, (40, 2)), random.uniform(0.02 * SIDE, 0.12 * SIDE, 40)

    def points(count: int) -> np.ndarray:
        cluster = random.integers(0, 40, count)
        drawn = centre[cluster] + random.standard_normal((count, 2)) * spread[cluster][:, None]
        scattered = random.random(count) < 0.35
        drawn[scattered] = random.uniform(0, SIDE, (int(scattered.sum()), 2))
        return np.clip(drawn, 0, SIDE)

    home, lot, unit = points(blocks), points(sites), points(units)
    people = random.integers(1, 240, blocks).astype(float)
    if fractions:
        people = people * random.random(blocks)
    status = {"project_status": ["finished"] * units, "operating_status": ["operating"] * units}
    town = Town(
        name="Racimos",
        crs="EPSG:32614",
        zone="America/Mexico_City",
        currency="MXN",
        made_up=True,
        blocks=Blocks(
            ids=texts(f"{i:06d}" for i in range(blocks)),
            x=home[:, 0],
            y=home[:, 1],
            people=people,
            groups={"older people": np.floor(people * 0.12)},
            planned=random.random(blocks) < 0.95,
            area_id=texts(f"{int(x // 500):03d}{int(y // 500):03d}" for x, y in home),
            colonia=texts([""] * blocks),
            known_to=np.full(blocks, 5000.0),
            indicators={"poverty": random.random(blocks), "old": random.random(blocks)},
        ),
        units=places([f"u{i}" for i in range(units)], unit[:, 0], unit[:, 1], role="unit", table=pd.DataFrame(status)),
        sites=places(
            [f"s{i:04d}" for i in range(sites)],
            lot[:, 0],
            lot[:, 1],
            role="site",
            table=pd.DataFrame({"cost": random.integers(60, 220, sites) * 1e6, "area_m2": 2000.0}),
        ),
        providers=places([], [], [], role="provider"),
        modules=pd.DataFrame({"place_id": [], "service": []}),
        facts=pd.DataFrame({"place_id": []}),
        streets=None,
        basemap=None,
        groups=(Group("older people", {"es": "personas mayores"}),),
        indicators=(NeedIndicator("poverty", {}, 1.0), NeedIndicator("old", {}, 0.5, from_group="older people")),
        sources=(),
    )
    return town, straight_times(town)


def straight_times(town: Town) -> TravelTimes:
    """Straight lines times the circuity at 80 m a minute, from every block to fixed units and sites, up to 30 min."""
    there = town.fixed + town.sites
    distance = np.hypot(town.blocks.x[:, None] - there.x, town.blocks.y[:, None] - there.y)
    times = np.floor(distance * CIRCUITY / METRES_A_DECISECOND + 0.5).astype(np.int32)
    limit = Minutes(30)
    near = times <= limit.deciseconds
    rows, columns = np.nonzero(near)
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(times)))]).astype(np.int64)
    return TravelTimes(
        origins=town.blocks.ids,
        destinations=there.ids,
        starts=starts,
        columns=columns.astype(np.int32),
        deciseconds=times[near],
        limit=limit,
        origin_status=np.zeros(len(times), dtype=np.int8),
        destination_status=np.zeros(len(there), dtype=np.int8),
        estimated=True,
        notes={"circuity": CIRCUITY, "speed_m_s": 80 / 60},
    )
