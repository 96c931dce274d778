"""Ten blocks on a line, a minute's walk counted in whole minutes: every answer can be checked by hand.

Block k (0 to 9) stands at minute 5k of one street; places stand at minutes of the same street, and the
table ends at 30 minutes. Each block has 10 * (k + 1) people, a fifth of them older, so 550 in all. Blocks 8
and 9 are surroundings (90 + 100 people); block 7 (80 people) has no way to any place. So 360 are planned for:
10 20 30 40 50 60 70 80. Need rises with k. Block 6 (70) is cut: unknown ground begins 600 m away.

    unit      u   at  0 min   reaches within 15 min: blocks 0 1 2 3          100 people
    site      a   at 25 min   reaches blocks 2 3 4 5 6 (8 is 15 min away)    250; adds 4 5 6: 180
    site      b   at 30 min   reaches blocks 3 4 5 6, and 8, 9 around        220; adds 4 5 6: 180
    site      c   at 10 min   reaches blocks 0 to 5                          210; adds 4 5: 110
    provider  p   at 25 min   workshops for all, 20 a week, stands in by half; its use is taken by a
    provider  q   at 30 min   workshops for all, 10 a week, stands in fully
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from utopias.domain.arrays import texts
from utopias.domain.plan import Plan
from utopias.domain.quantities import Minutes
from utopias.domain.study import Study
from utopias.domain.travel_times import TravelTimes

PEOPLE = np.arange(10.0, 101.0, 10.0)
AT = np.arange(0.0, 50.0, 5.0)
PLACES = {"u": 0.0, "a": 25.0, "b": 30.0, "c": 10.0, "p": 25.0, "q": 30.0}
ROLES = ["fixed", "candidate", "candidate", "candidate", "provider", "provider"]
APART = np.arange(10) == 7
PLANNED = np.arange(10) < 8
U, A, B, C = 0, 1, 2, 3
LABELS = {"es": "personas mayores", "en": "older people", "fr": "personnes âgées"}


def ten_blocks(*, group="all", weighted_by="", need=True, persons=None, **places) -> Study:
    """The study; ``persons`` in place of the group's own, ``places`` other columns of the places."""
    own = PEOPLE if group == "all" else PEOPLE / 5
    counted = own if persons is None else np.asarray(persons, dtype=float)
    index = np.linspace(0, 1, 10) if need else np.full(10, np.nan)
    weight = np.where(PLANNED & ~APART, counted, 0.0) * (index if weighted_by else 1.0)
    return Study(
        blocks=pd.DataFrame(
            {
                "block_id": [f"00{k}" for k in range(10)],
                "area_id": [f"area {k // 5}" for k in range(10)],
                "colonia": ["Abajo"] * 4 + ["Medio"] * 2 + [""] * 2 + ["Lejos"] * 2,
                "planned": PLANNED,
                "x": AT * 80,
                "y": 0.0,
                "people": PEOPLE,
                "older people": PEOPLE / 5,
                "no water": index,
                "need": index,
                "quintile": [1, 2, 3, 4, 4, 5, 5, 5, 5, 5] if need else 0,
                "known_to": np.where(np.arange(10) == 6, 600.0, np.nan),
                "apart": APART,
                "persons": counted,
                "weight": weight,
            }
        ),
        places=pd.DataFrame(
            {
                "place_id": list(PLACES),
                "name": [key.upper() for key in PLACES],
                "role": ROLES,
                "x": [minute * 80 for minute in PLACES.values()],
                "y": 0.0,
                "cost": [np.nan, 120e6, np.nan, 90e6, np.nan, np.nan],
                "area_m2": [np.nan, 5000.0, np.nan, 3000.0, np.nan, np.nan],
                "owner": ["", "ciudad", "ciudad", "", "", ""],
                "kind": "",
                "replaces": ["", "p", "", "", "", ""],
                **places,
            }
        ),
        times=times_of(PLACES),
        modules=pd.DataFrame(
            [
                ("u", "pool", "all", 12.0, "week", 1.0),
                ("a", "pool", "all", 4.0, "week", 1.0),
                ("b", "pool", "all", np.nan, "week", 1.0),
                ("c", "day house", "older people", 1.0, "day", 1.0),
                ("p", "workshops", "all", 20.0, "week", 0.5),
                ("q", "workshops", "all", 10.0, "week", 1.0),
            ],
            columns=["place_id", "service", "group", "capacity", "per", "substitution"],
        ),
        town={
            "name": "Diez",
            "hash": "ten",
            "made_up": True,
            "currency": "MXN",
            "crs": "EPSG:32614",
            "group": group,
            "weighted_by": weighted_by,
            "groups": [{"id": "older people", "labels": LABELS, "estimated": True, "formula": "a fifth", "source": ""}],
            "indicators": [{"id": "no water", "labels": LABELS, "weight": 1.0, "from_group": "", "source": ""}]
            if need
            else [],
            "sources": [{"name": "invented", "address": "", "licence": "Apache-2.0", "date": "2026-11-23"}],
        },
    )


def times_of(at: dict[str, float], *, limit: float = 30) -> TravelTimes:
    """The table from the ten blocks to places at these minutes; block 7 has no way."""
    minutes = np.abs(AT[:, None] - np.array(list(at.values()))[None, :])
    reached = (minutes <= limit) & ~APART[:, None]
    rows, columns = np.nonzero(reached)
    return TravelTimes(
        origins=texts(f"00{k}" for k in range(10)),
        destinations=texts(at),
        starts=np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=10))]).astype(np.int64),
        columns=columns.astype(np.int32),
        deciseconds=(minutes[rows, columns] * 600).astype(np.int32),
        limit=Minutes(limit),
        origin_status=np.where(APART, 2, 0).astype(np.int8),
        destination_status=np.zeros(len(at), dtype=np.int8),
        notes={"walker": "adult", "speed_m_s": 4.8 / 3.6},
    )


def plan_of(study: Study, *sites: int, aim="cover-most", within=15.0, **changes) -> Plan:
    """A plan by hand: the unit u stands, ``sites`` are opened."""
    plan = Plan(
        aim=aim,
        sites=tuple(sites),
        fixed=(U,),
        assignment=np.full(10, -1),
        value=0.0,
        bound=0.0,
        proven=False,
        seconds=0.0,
        stopped="by hand",
        seed=7,
        within=None if within is None else Minutes(within),
        open=len(sites),
        budget=None,
        multipliers=np.zeros(0),
        root_bound=0.0,
        study=study,
    )
    return replace(plan, **changes)
