"""A plan folder made by hand: twelve blocks, six places, every number countable on paper.

Minutes to the fixed unit f, the candidates a b c d, and the provider p; a point is no way within 30:

    block  people  older  fifth    f     a     b     c     d    p     cut
    b00     100     20      1      2     .     .     .    20    5     cut
    b01     100     10      1     10     8     .     .     .    .
    b02     100     30      1     15     3     .     .     .    .
    b03      80     20      2     15.1   0     .     .     .    .
    b04     120     60      2     25    15    12     .     .    .
    b05     200     40      3      .    20     4    16     .    6
    b06     100     10      3      .     .    15     9     .    .
    b07      50     50      4      .     .    15.1   5     .    .     cut
    b08     150     30      5      .     .    28    15    14    .
    b09      60     10      5      .     .     .     .     3    .     cut
    b10      40     15      5      no street at all: apart
    b11     300     90             surroundings: b 2, c 2, d 1

Within 15 minutes f reaches b00, b01, b02: 300 of 1,100 people (1,060 of weight: b10 has none). Of the pairs, b
with d adds most: b04, b05, b06 and b08, b09, together 630; 930 reached, 130 of weight are left (b03, b07).
Without b 420 are lost, without d 210; a for b leaves 710, c for b 660, a for d 800, c for d 920.
With v = 1 for all but b06, b01 and the other covered ones count nothing, and the best two
candidates gain at most 320 + 210 of 660: at most 930, so the root bound alone proves b and d.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from utopias.domain.arrays import texts
from utopias.domain.findings import Findings, Headline, Measure, Part, RefusedSite, SiteFinding
from utopias.domain.folders import seal
from utopias.domain.plan import Certificate, Plan
from utopias.domain.quantities import Minutes
from utopias.domain.robustness import Robustness
from utopias.domain.study import Study
from utopias.domain.travel_times import Status, TravelTimes

NO = -1.0
MINUTES = np.array(
    [  # f     a     b     c     d     p
        [2.0, NO, NO, NO, 20.0, 5.0],
        [10.0, 8.0, NO, NO, NO, NO],
        [15.0, 3.0, NO, NO, NO, NO],
        [15.1, 0.0, NO, NO, NO, NO],
        [25.0, 15.0, 12.0, NO, NO, NO],
        [NO, 20.0, 4.0, 16.0, NO, 6.0],
        [NO, NO, 15.0, 9.0, NO, NO],
        [NO, NO, 15.1, 5.0, NO, NO],
        [NO, NO, 28.0, 15.0, 14.0, NO],
        [NO, NO, NO, NO, 3.0, NO],
        [NO, NO, NO, NO, NO, NO],
        [NO, NO, 2.0, 2.0, 1.0, NO],
    ]
)
PEOPLE = np.array([100.0, 100, 100, 80, 120, 200, 100, 50, 150, 60, 40, 300])
OLDER = np.array([20.0, 10, 30, 20, 60, 40, 10, 50, 30, 10, 15, 90])
FIFTH = np.array([1, 1, 1, 2, 2, 3, 3, 4, 5, 5, 5, 5], dtype=np.int8)
NO_WATER = np.array([0, 0, 0, 2, 2, 4, 4, 6, 7, 8, 8, 8]) / 8
KNOWN_TO = np.array([500.0, 1300.0, 5e3, 5e3, 5e3, 5e3, 5e3, 800.0, 5e3, 900.0, 5e3, 100.0])
PLANNED = np.array([True] * 11 + [False])
COSTS = np.array([np.nan, 10e6, 20e6, 30e6, 40e6, np.nan])
SPEED = 4.8 / 3.6  # 15 minutes are 1,200 m: b00, b07 and b09 are nearer than that to unknown ground


def study_by_hand() -> Study:
    """The tables above as a Study; the fifths follow from one indicator, no water."""
    rows, columns = np.nonzero(MINUTES >= 0)
    apart = np.arange(12) == 10
    blocks = pd.DataFrame(
        {
            "block_id": [f"b{i:02d}" for i in range(12)],
            "area_id": [f"0{fifth}" for fifth in FIFTH],
            "colonia": ["Poniente"] * 5 + ["Oriente"] * 7,
            "planned": PLANNED,
            "x": np.arange(12) * 100.0,
            "y": np.zeros(12),
            "people": PEOPLE,
            "older people": OLDER,
            "no water": NO_WATER,
            "need": NO_WATER,
            "quintile": FIFTH,
            "known_to": KNOWN_TO,
            "apart": apart,
            "persons": PEOPLE,
            "weight": np.where(PLANNED & ~apart, PEOPLE, 0.0),
        }
    )
    places = pd.DataFrame(
        {
            "place_id": ["f", "a", "b", "c", "d", "p"],
            "name": ["Uno", "Lote A", "Lote B", "Lote C", "Lote D", "Centro"],
            "role": ["fixed", *["candidate"] * 4, "provider"],
            "x": [0.0, 300.0, 500.0, 700.0, 900.0, 550.0],
            "y": np.zeros(6),
            "cost": COSTS,
            "area_m2": [9e3, 8e3, 7e3, np.nan, 5e3, np.nan],
            "owner": ["ciudad"] * 6,
            "kind": [""] * 6,
            "replaces": [""] * 6,
        }
    )
    times = TravelTimes(
        origins=texts(blocks["block_id"]),
        destinations=texts(places["place_id"]),
        starts=np.concatenate([[0], np.cumsum((MINUTES >= 0).sum(axis=1))]).astype(np.int64),
        columns=columns.astype(np.int32),
        deciseconds=np.round(MINUTES[rows, columns] * 600).astype(np.int32),
        limit=Minutes(30),
        origin_status=np.where(apart, Status.NO_STREET, Status.ATTACHED).astype(np.int8),
        destination_status=np.zeros(6, dtype=np.int8),
        notes={"walker": "adult", "speed_m_s": SPEED},
    )
    return Study(
        blocks=blocks,
        places=places,
        times=times,
        modules=pd.DataFrame({"place_id": ["f"], "service": ["pool"]}),
        town={
            "name": "Doce manzanas",
            "hash": "none",
            "made_up": True,
            "currency": "MXN",
            "crs": "EPSG:32614",
            "groups": [{"id": "older people", "labels": {"es": "personas mayores"}, "estimated": False}],
            "indicators": [{"id": "no water", "labels": {}, "weight": 1.0, "from_group": ""}],
            "sources": [],
            "group": "all",
            "weighted_by": "",
        },
    )


def findings_by_hand() -> Findings:
    """The numbers of the plan b and d, counted on paper."""
    all_before = 2 * 100 + 10 * 100 + 15 * 100 + 15.1 * 80 + 25 * 120 + 30 * (200 + 100 + 50 + 150 + 60 + 40)
    all_after = 200 + 1000 + 1500 + 1208 + 12 * 120 + 4 * 200 + 15 * 100 + 15.1 * 50 + 14 * 150 + 3 * 60 + 30 * 40
    old_before = 2 * 20 + 10 * 10 + 15 * 30 + 15.1 * 20 + 25 * 60 + 30 * (40 + 10 + 50 + 30 + 10 + 15)
    old_after = 40 + 100 + 450 + 302 + 12 * 60 + 4 * 40 + 15 * 10 + 15.1 * 50 + 14 * 30 + 3 * 10 + 30 * 15

    # Shortest first: 100 at 2, 60 at 3, 200 at 4, 80 of 100 at 10; longest: 40 at 30, 70 of the 130 at 15.1.
    palma_after = (40 * 30 + 70 * 15.1) / (200 + 180 + 800 + 800)

    def measure(code: str, before: float, after: float, unit: str, of: str = "") -> Measure:
        return Measure(code=code, before=before, after=after, unit=unit, of=of)

    def part(name: str, people: float, was: float, now: float, minutes_was: float, minutes_now: float) -> Part:
        return Part(name, people, was, now, now - was, 0.0, people - now, minutes_was / people, minutes_now / people)

    return Findings(
        town="Doce manzanas",
        made_up=True,
        headline=Headline(
            group="all",
            estimated_group=False,
            within_minutes=15.0,
            people=1100.0,
            before=300.0,
            after=930.0,
            gain=630.0,
            loss=0.0,
            before_low=300.0,
            before_high=410.0,
            after_low=930.0,
            after_high=980.0,
            cut_people=210.0,
            apart=40.0,
            estimated_times=False,
        ),
        groups=[
            part("all", 1100.0, 300.0, 930.0, all_before, all_after),
            part("older people", 295.0, 60.0, 210.0, old_before, old_after),
        ],
        need=[
            part("1", 300.0, 300.0, 300.0, 2700.0, 2700.0),
            part("2", 200.0, 0.0, 120.0, 1208.0 + 3000.0, 1208.0 + 1440.0),
            part("3", 300.0, 0.0, 300.0, 9000.0, 2300.0),
            part("4", 50.0, 0.0, 0.0, 1500.0, 755.0),
            part("5", 250.0, 0.0, 210.0, 7500.0, 2100.0 + 180.0 + 1200.0),
        ],
        areas=[
            part("Poniente", 500.0, 300.0, 420.0, 6908.0, 5348.0),
            part("Oriente", 600.0, 0.0, 510.0, 18000.0, 6535.0),
        ],
        equity=[
            measure("poverty-share", 800 / 1100, 170 / 1100, "share"),
            measure("poverty-people", 800.0, 170.0, "persons"),
            measure("poverty-gap", (80 / 150 + 80 + 600) / 1100, (80 / 150 + 50 / 150 + 40) / 1100, "limits"),
            measure("quintile-difference", -1.0, 210 / 250 - 1, "share"),
            measure("quintile-ratio", 0.0, 210 / 250, "ratio"),
            measure("group-difference", 60 / 295 - 300 / 1100, 210 / 295 - 930 / 1100, "share", of="older people"),
            measure("mean-walk", all_before / 1100, all_after / 1100, "minutes"),
            # The four tenths with least hold 440 persons' walks, the tenth with most 110's.
            measure("palma-minutes", 110 * 30 / (200 + 1000 + 1500 + 80 * 15.1 + 60 * 25), palma_after, "ratio"),
        ],
        sites=[
            SiteFinding(
                id="b", name="Lote B", x=500.0, y=0.0, area_m2=7e3, owner="ciudad", cost=20e6, reached=420.0,
                only_here=420.0, loss=420.0, replacement="a", replacement_loss=220.0, chosen_in=9, kept_in=10,
                displaced="", displaced_people=None,
            ),
            SiteFinding(
                id="d", name="Lote D", x=900.0, y=0.0, area_m2=5e3, owner="ciudad", cost=40e6, reached=210.0,
                only_here=210.0, loss=210.0, replacement="c", replacement_loss=10.0, chosen_in=7, kept_in=8,
                displaced="", displaced_people=None,
            ),
        ],
        refused=[RefusedSite("c", "Lote C", 10.0), RefusedSite("a", "Lote A", 130.0)],
        supply=[],
        costs=None,
        weighting=None,
        assumptions=[],
        sources=[],
    )  # fmt: skip


def robustness_by_hand() -> Robustness:
    """Ten draws: b chosen in nine and once replaced by c, 200 m off; d in seven. Regret 0, 1 or 2 of 100."""
    chosen = [[2, 4]] * 6 + [[1, 2]] * 2 + [[2, 3], [3, 4]]
    missed = [0.0] * 3 + [1.0] * 4 + [2.0] * 3
    rows = [
        {
            "draw": i,
            "best": 100.0,
            "plan": 100.0 - m,
            "regret": m / 100.0,
            "gap": 0.0,
            "within": 900.0 + 10 * i,
            "sites": s,
        }
        for i, (m, s) in enumerate(zip(missed, chosen, strict=True))
    ]
    return Robustness(
        draws=10,
        seed=7,
        varied={},
        chosen_in=[9, 7],
        kept_in=[10, 8],
        near_metres=200.0,
        regret_median=0.01,
        regret_p90=0.02,
        within_low=904.5,
        within_high=985.5,
        worst_gap=0.0,
        rows=rows,
    )


def plan_by_hand(**changes: Any) -> Plan:
    """The plan that opens b and d, with the multipliers that prove it."""
    multipliers = np.ones(12)
    multipliers[6] = 0.0
    said: dict[str, Any] = {
        "aim": "cover-most",
        "sites": (2, 4),
        "fixed": (0,),
        "assignment": np.array([0, 0, 0, 0, 2, 2, 2, 2, 4, 4, -1, 4]),
        "value": 930.0,
        "bound": 930.0,
        "proven": True,
        "seconds": 0.01,
        "stopped": "proven",
        "seed": 7,
        "within": Minutes(15),
        "open": 2,
        "budget": None,
        "multipliers": multipliers,
        "root_bound": 930.0,
        "certificate": Certificate(930.0, 930.0, {"number": True, "bound": True}),
        "study": study_by_hand(),
        "findings": findings_by_hand(),
        "robustness": robustness_by_hand(),
    }
    return Plan(**{**said, **changes})


def edit_json(folder: Path, name: str, *keys: str | int, value: Any) -> None:
    """Write another ``value`` at ``keys`` of a JSON file, and mend the MANIFEST as a careful cheat would."""
    path = folder / name
    data = json.loads(path.read_text(encoding="utf-8"))
    at = data
    for key in keys[:-1]:
        at = at[key]
    assert at[keys[-1]] != value, "an edit that changes nothing tests nothing"
    at[keys[-1]] = value
    path.write_text(json.dumps(data), encoding="utf-8")
    seal(folder)


def edit_table(folder: Path, name: str, row: int, column: str, value: Any) -> None:
    """Write another cell into a parquet table, and mend the MANIFEST."""
    frame = pd.read_parquet(folder / name)
    assert frame.loc[row, column] != value, "an edit that changes nothing tests nothing"
    frame.loc[row, column] = value
    frame.to_parquet(folder / name, index=False)
    seal(folder)
