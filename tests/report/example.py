"""A made-up borough with a plan, its robustness and its findings, for every test that draws.

About 2,000 blocks (any number by ``side``), 13 units, 60 lots, some providers; five new sites chosen
greedily. Figures are summed from the blocks themselves, so that what the report says is true of the map.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from utopias.domain.arrays import Floats, texts
from utopias.domain.catalogue import Range
from utopias.domain.findings import (
    Assumption,
    Costs,
    Findings,
    Headline,
    Measure,
    Part,
    RefusedSite,
    ServedAtRate,
    SiteFinding,
    Source,
    Supply,
    Weighting,
)
from utopias.domain.plan import Certificate, Plan
from utopias.domain.quantities import Duration, Minutes
from utopias.domain.robustness import Robustness
from utopias.domain.shapes import Basemap, Lines, Shapes
from utopias.domain.study import Study
from utopias.domain.travel_times import TravelTimes

CRS = "EPSG:32614"
LIMIT = Minutes(15)
GROUPS = {
    "children 0-5": 0.07,
    "children 6-14": 0.13,
    "young people": 0.24,
    "older people": 0.13,
    "women": 0.515,
    "people with disability": 0.055,
    "people in poverty": 0.43,
}
COLONIAS = (
    "San Miguel Teotongo", "Santa Cruz Meyehualco", "Lomas de San Lorenzo", "Ejército de Oriente", "Desarrollo Urbano Quetzalcóatl",
    "Barrio San Pablo", "Xalpa", "Los Ángeles Apanoaya", "Leyes de Reforma 3.ª Sección", "Buenavista", "El Vergel", "Año de Juárez",
    "Santa María Aztahuacán", "Unidad Habitacional Vicente Guerrero", "San Andrés Tetepilco", "Sinatel", "Constitución de 1917",
    "Progresista", "Valle del Sur", "Granjas Estrella", "La Polvorilla", "Tenorios", "Citlalli", "Miravalle", "Palmitas",
)  # fmt: skip


def example_plan(
    *,
    side: int = 45,
    seed: int = 7,
    group: str = "older people",
    open: int = 5,
    made_up: bool = True,
    estimated: bool = True,
) -> Plan:
    """The example, with ``side`` x ``side`` planned blocks and a ring of surroundings two blocks deep."""
    rng = np.random.default_rng(seed)
    pitch, ring = 11_000.0 / side, 2
    n_side = side + 2 * ring
    row, column = (a.ravel() for a in np.mgrid[0:n_side, 0:n_side])
    n = len(row)
    x = (column - ring) * pitch + rng.normal(0, pitch * 0.06, n) + 490_000
    y = (row - ring) * pitch + rng.normal(0, pitch * 0.06, n) + 2_140_000
    planned = (row >= ring) & (row < side + ring) & (column >= ring) & (column < side + ring)
    planned &= np.hypot(row - n_side / 2, column - n_side * 0.52) < n_side * (0.46 + 0.05 * np.sin(column / n_side * 9))
    people = np.round(rng.gamma(4, 1_835_000 / (side * side) / 4 / 0.68, n) * (rng.random(n) > 0.04))
    east, north = (x - x.min()) / np.ptp(x), (y - y.min()) / np.ptp(y)
    need = np.clip(0.25 + 0.5 * east + 0.2 * (1 - north) + rng.normal(0, 0.08, n), 0, 1)
    blocks = pd.DataFrame(
        {
            "block_id": texts(f"0900700{i:06d}" for i in range(n)),
            "area_id": texts(f"09007{(r // 5) * 40 + c // 5:04d}" for r, c in zip(row, column, strict=True)),
            "colonia": texts(
                COLONIAS[(r * 5 // n_side) * 5 + c * 5 // n_side] for r, c in zip(row, column, strict=True)
            ),
            "planned": planned,
            "x": x,
            "y": y,
            "people": people,
        }
    )
    for name, share in GROUPS.items():
        tilt = {"people in poverty": 0.4 + 1.2 * need, "older people": 1.5 - need}.get(name, np.ones(n))
        blocks[name] = np.round(people * np.clip(share * tilt, 0, 1))
    blocks["need"] = need
    blocks["quintile"] = _quintiles(need, people, planned)
    blocks["known_to"] = np.minimum.reduce([row, column, n_side - 1 - row, n_side - 1 - column]) * pitch
    blocks["apart"] = rng.random(n) < 0.002
    blocks["persons"] = people if group == "all" else blocks[group]
    blocks["weight"] = np.where(planned & ~blocks["apart"], blocks["persons"], 0.0)

    places = _places(rng)
    times = _times(blocks, places, estimated)
    fixed = tuple(range(13))
    sites, gains = _greedy(times, blocks, fixed, range(13, 73), open)
    study = Study(
        blocks=blocks,
        places=places,
        times=times,
        modules=pd.DataFrame(
            {"place_id": [], "service": [], "group": [], "capacity": [], "per": [], "hours": [], "substitution": []}
        ),
        outlines=_squares(x, y, pitch, rng),
        basemap=_basemap(x[planned], y[planned]),
        town={
            "name": "Borough of Example" if not made_up else "Alcaldía Ejemplo",
            "hash": "0" * 64,
            "made_up": made_up,
            "currency": "MXN",
            "crs": CRS,
            "groups": [],
            "indicators": [],
            "sources": [],
            "group": group,
            "weighted_by": "",
        },
    )
    reached = _within(times, (*fixed, *sites))
    value = float(blocks["weight"][reached].sum())
    checks = (
        "known-sites",
        "number",
        "fixed-apart",
        "forced",
        "forbidden",
        "budget",
        "everyone-served",
        "multipliers",
        "bound",
    )
    plan = Plan(
        aim="cover-most",
        sites=sites,
        fixed=fixed,
        assignment=np.where(reached, 0, -1),
        value=value,
        bound=value * 1.0004,
        proven=False,
        seconds=3.2,
        stopped="gap",
        seed=seed,
        within=LIMIT,
        open=open,
        budget=None,
        multipliers=np.zeros(n),
        root_bound=value * 1.0021,
        certificate=Certificate(value, value * 1.0021, dict.fromkeys(checks, True)),
        study=study,
        robustness=Robustness(
            draws=100,
            seed=seed,
            varied={
                "people": {"block_sd_log": 0.1, "area_sd_log": 0.05},
                "withdrawn_share": 0.1,
                "withdrawn_lots": "replaced by the best single lot",
                "walking_speed": [0.85, 1.15],
                "limit_minutes": [10.0, 12.0, 15.0, 20.0],
                "circuity": [1.2, 1.5],
                "index_weights": [0.5, 1.5],
            },
            chosen_in=[97, 93, 88, 61, 34, 20, 11][: len(sites)],
            kept_in=[100, 96, 95, 82, 47, 31, 20][: len(sites)],
            near_metres=400.0,
            regret_median=0.006,
            regret_p90=0.021,
            within_low=value * 0.83,
            within_high=value * 1.16,
            worst_gap=0.0009,
        ),
    )
    return plan.with_(findings=_findings(plan, gains, made_up, estimated))


def _places(rng: np.random.Generator) -> pd.DataFrame:
    m = 13 + 60 + 12
    angle, far = rng.random(m) * 2 * np.pi, np.sqrt(rng.random(m)) * 5_200
    names = [f"Utopía {name}" for name in (
        "Olini", "Meyehualco", "Teotongo", "Tezontli", "La Cascada", "Quetzalcóatl", "Libertad", "Atzintli", "Ixtapalcalli",
        "Cuauhtlicalli", "Papálotl", "Tecoloxtitlán", "Barco",
    )]  # fmt: skip
    lots = [f"Predio {'Calle' if i % 2 else 'Av.'} {COLONIAS[i % 25]} {10 + 7 * i}" for i in range(60)]
    return pd.DataFrame(
        {
            "place_id": texts(
                [f"U{i + 1:02d}" for i in range(13)]
                + [f"L{i + 1:03d}" for i in range(60)]
                + [f"P{i}" for i in range(12)]
            ),
            "name": texts([*names, *lots, *(f"Deportivo {i + 1}" for i in range(12))]),
            "role": texts(["fixed"] * 13 + ["candidate"] * 60 + ["provider"] * 12),
            "x": 495_500 + far * np.cos(angle),
            "y": 2_145_500 + far * np.sin(angle),
            "cost": np.where(np.arange(m) < 13, np.nan, np.round(rng.uniform(90e6, 240e6, m), -5)),
            "area_m2": np.round(rng.uniform(6_000, 32_000, m)),
            "owner": texts(["alcaldía"] * m),
            "kind": texts(["unit"] * 13 + ["lot"] * 60 + ["sports ground"] * 12),
            "replaces": texts([""] * 13 + ["P3" if i % 4 == 0 else "" for i in range(60)] + [""] * 12),
        }
    )


def _times(blocks: pd.DataFrame, places: pd.DataFrame, estimated: bool) -> TravelTimes:
    limit = Duration.of("30 min")
    starts, columns, stored = [0], [], []
    px, py = places["x"].to_numpy(), places["y"].to_numpy()
    for x, y in zip(blocks["x"].to_numpy(), blocks["y"].to_numpy(), strict=True):
        ds = np.floor(np.hypot(px - x, py - y) * 1.3 / (4.8 / 3.6) * 10 + 0.5).astype(np.int32)
        near = np.flatnonzero(ds <= limit.deciseconds)
        columns.append(near.astype(np.int32))
        stored.append(ds[near])
        starts.append(starts[-1] + len(near))
    return TravelTimes(
        origins=texts(blocks["block_id"]),
        destinations=texts(places["place_id"]),
        starts=np.array(starts, dtype=np.int64),
        columns=np.concatenate(columns),
        deciseconds=np.concatenate(stored),
        limit=limit,
        origin_status=blocks["apart"].to_numpy().astype(np.int8),
        destination_status=np.zeros(len(places), dtype=np.int8),
        estimated=estimated,
        notes={"walker": "adult", "speed_m_s": 4.8 / 3.6, "circuity": 1.3},
    )


def _within(times: TravelTimes, places: tuple[int, ...]) -> np.ndarray:
    return times.select(np.array(places)).within(LIMIT).any_unit()


def _greedy(
    times: TravelTimes, blocks: pd.DataFrame, fixed: tuple[int, ...], lots: range, open: int
) -> tuple[tuple[int, ...], dict]:
    weight = blocks["weight"].to_numpy()
    sites: list[int] = []
    alone = {lot: _within(times, (lot,)) for lot in lots}
    reached = _within(times, fixed)
    for _ in range(open):
        best = max((lot for lot in lots if lot not in sites), key=lambda lot: weight[alone[lot] & ~reached].sum())
        sites.append(best)
        reached = reached | alone[best]
    gains = {lot: float(weight[alone[lot] & ~reached].sum()) for lot in lots}
    return tuple(sorted(sites)), gains


def _findings(plan: Plan, gains: dict, made_up: bool, estimated: bool) -> Findings:
    study = plan.study
    blocks, times, places = study.blocks, study.times, study.places
    planned = blocks["planned"].to_numpy()
    before, after = _within(times, plan.fixed), _within(times, (*plan.fixed, *plan.sites))
    cut = planned & (blocks["known_to"].to_numpy() < LIMIT.seconds * 4.8 / 3.6)
    persons = np.where(planned, blocks["persons"].to_numpy(), 0.0)
    minutes = [
        np.where(t < 0, times.limit.minutes, t / 600.0)
        for t in (times.select(np.array(p)).shortest() for p in (plan.fixed, (*plan.fixed, *plan.sites)))
    ]

    def part(name: str, count: Floats, *, estimated: bool = False) -> Part:
        total = max(float(count.sum()), 1e-9)
        return Part(
            name, float(count.sum()), float(count[before].sum()), float(count[after].sum()), float(count[after & ~before].sum()),
            float(count[before & ~after].sum()), float(count[~after].sum()),
            float((count * minutes[0]).sum() / total), float((count * minutes[1]).sum() / total), estimated,
        )  # fmt: skip

    own = part(study.town["group"], persons)
    everybody = np.where(planned, blocks["people"].to_numpy(), 0.0)
    sites = []
    for k, site in enumerate(plan.sites):
        rest = _within(times, tuple(p for p in (*plan.fixed, *plan.sites) if p != site))
        here = _within(times, (site,))
        only = float(persons[here & ~rest].sum())
        row = places.iloc[site]
        sites.append(
            SiteFinding(
                id=row["place_id"],
                name=row["name"],
                x=row["x"],
                y=row["y"],
                area_m2=row["area_m2"],
                owner=row["owner"],
                cost=None if k == 3 else row["cost"],
                reached=float(persons[here].sum()),
                only_here=only,
                loss=only * 0.8,
                replacement=places.iloc[72 - k]["place_id"] if k != 4 else "",
                replacement_loss=only * 0.3 if k != 4 else None,
                chosen_in=plan.robustness.chosen_in[k],
                kept_in=plan.robustness.kept_in[k],
                displaced="P3" if row["replaces"] else "",
                displaced_people=2310.0 if row["replaces"] else None,
            )
        )
    left = sorted((g for lot, g in gains.items() if lot not in plan.sites), reverse=True)[:6]
    refused = [
        RefusedSite(places.iloc[20 + i]["place_id"], places.iloc[20 + i]["name"], 400.0 + 350 * i)
        for i in range(len(left))
    ]
    rates = [
        ServedAtRate(r, own.within_before * r, own.within_after * r, min(1.0, 0.07 / r), min(1.0, 0.11 / r))
        for r in (0.05, 0.1, 0.2)
    ]
    k = len(plan.sites)
    return Findings(
        town=study.town["name"],
        made_up=made_up,
        headline=Headline(
            group=study.town["group"],
            estimated_group=False,
            within_minutes=15.0,
            people=own.people,
            before=own.within_before,
            after=own.within_after,
            gain=own.gain,
            loss=own.loss,
            before_low=own.within_before,
            before_high=own.within_before + float(persons[cut & ~before].sum()),
            after_low=own.within_after,
            after_high=own.within_after + float(persons[cut & ~after].sum()),
            cut_people=float(persons[cut].sum()),
            apart=float(persons[blocks["apart"].to_numpy()].sum()),
            estimated_times=estimated,
        ),
        groups=[
            part("all", everybody),
            *(
                part(g, np.where(planned, blocks[g].to_numpy(), 0.0), estimated=g == "people in poverty")
                for g in GROUPS
            ),
        ],
        need=[part(str(q), np.where(blocks["quintile"].to_numpy() == q, persons, 0.0)) for q in range(1, 6)],
        areas=[part(c, np.where(blocks["colonia"].to_numpy() == c, persons, 0.0)) for c in COLONIAS],
        equity=_equity(own),
        sites=sites,
        refused=refused,
        supply=[
            Supply(
                "pool",
                "all",
                820_000,
                1_010_000,
                39_000,
                54_000,
                6_000,
                [
                    ServedAtRate(r, 820_000 * r, 1_010_000 * r, min(1, 0.054 / r), min(1, 0.059 / r))
                    for r in (0.05, 0.1, 0.2)
                ],
                37_000,
                41_000,
                False,
            ),
            Supply(
                "day house",
                "older people",
                own.within_before,
                own.within_after,
                600,
                2_100,
                300,
                rates,
                own.within_before * 0.1 - 900,
                own.within_after * 0.1 - 2400,
                False,
            ),
        ],
        costs=Costs(
            currency="MXN",
            price_year=2025,
            build=Range(500e6 * k / 5, 900e6 * k / 5, 940e6 * k / 5),
            equip=Range(90e6, 180e6, 270e6),
            run=Range(111e6, 222e6, 333e6),
            staff=None,
            annual=Range(190e6, 331e6, 455e6),
            per_person=Range(1_800.0, 3_150.0, 4_320.0),
            per_place=Range(2_900, 5_100, 7_000),
            discount=0.06,
            life_years=30,
            ratio=1.7,
            unknown=["staff", "L012: women's house: build"],
            per_site={s.id: Range(100e6, 180e6, 188e6) if i != 3 else None for i, s in enumerate(sites)},
        ),
        weighting=Weighting(
            "need",
            {"people in poverty": 1.0},
            1.32,
            0.71,
            {"people in poverty": 0.994},
            {"people in poverty": 30_211.0},
        ),
        assumptions=_assumed(),
        sources=[
            Source(
                "Censo de Población y Vivienda 2020 (ejemplo)",
                "https://www.inegi.org.mx/programas/ccpv/2020/",
                "libre uso INEGI",
                "2020-03-15",
            ),
            Source("Registro de unidades (ejemplo)", "", "CC BY 4.0", "2026-07-01"),
        ],
        labels={},
    )


def _equity(own: Part) -> list[Measure]:
    out_before, out_after = 1 - own.within_before / own.people, 1 - own.within_after / own.people
    line = {"limit_minutes": 15.0, "table_minutes": 30.0}
    return [
        Measure("poverty-share", out_before, out_after, "share", line),
        Measure("poverty-people", own.people - own.within_before, own.people - own.within_after, "persons", line),
        Measure("poverty-gap", 0.41, 0.27, "limits", line),
        Measure("quintile-difference", -0.112, -0.041, "share"),
        Measure("group-ratio", 0.93, None, "ratio", of="people in poverty"),
        Measure("concentration-reach", 0.083, 0.031, "index"),
        Measure("mean-walk", own.minutes_before, own.minutes_after, "minutes", {"table_minutes": 30.0}),
        Measure(
            "equal-walk",
            own.minutes_before + 2.2,
            own.minutes_after + 2.6,
            "minutes",
            {"aversion": 1.0, "kappa": 0.0612},
        ),
        Measure("gini-minutes", 0.221, 0.254, "index", annex=True),
        Measure("palma-minutes", 0.61, 0.72, "ratio", annex=True),
    ]


def _assumed() -> list[Assumption]:
    return [
        Assumption("made-up"),
        Assumption("walking-speed", {"metres_a_second": 1.33, "kilometres_an_hour": 4.8, "walker": "adult"}),
        Assumption("slope-ignored"),
        Assumption("estimated-times", {"circuity": 1.3}),
        Assumption("charged-at-table-end", {"people_before": 18_120.0, "people_after": 9_004.0, "minutes": 30.0}),
        Assumption("cut", {"people": 9_731.0, "cut_share": 0.041, "metres": 1200.0}),
        Assumption("surroundings", {"people": 21_204.0, "blocks": 412}),
        Assumption("estimated-group", {"group": "people in poverty", "formula": "0.4 + 1.2 × need"}),
        Assumption("need-index", {"weights": {"people in poverty": 1.0, "no-water": 0.5}}),
        Assumption("count-of-persons"),
        Assumption("equal-walk", {"aversion": 1.0, "kappa": 0.0612}),
        Assumption("participation-swept", {"rates": [0.05, 0.1, 0.2], "rate": 0.1}),
        Assumption("substitution", {"low": 0.25, "high": 0.5, "providers": 12}),
        Assumption("robustness", {"draws": 100, "seed": 7, "near_metres": 400.0}),
    ]


def _quintiles(need: Floats, people: Floats, planned: np.ndarray) -> np.ndarray:
    order = np.argsort(np.where(planned, need, -1.0), kind="stable")
    counted = np.where(planned, people, 0.0)[order]
    rank = (np.cumsum(counted) - counted / 2) / counted.sum()
    fifth = np.zeros(len(need), dtype=np.int64)
    fifth[order] = np.clip(np.floor(rank * 5) + 1, 1, 5)
    return np.where(planned, fifth, 0)


def _squares(x: Floats, y: Floats, pitch: float, rng: np.random.Generator) -> Shapes:
    n, half = len(x), pitch * 0.44
    corners = np.array([[-1, -1], [0.1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    ring = np.stack([x, y], axis=1)[:, None, :] + corners + rng.normal(0, pitch * 0.03, (n, 5, 2))
    coords = np.concatenate([ring, ring[:, :1]], axis=1).reshape(-1, 2)
    ones = np.arange(n + 1)
    return Shapes(coords, ones * 6, ones, ones, CRS)


def _basemap(x: Floats, y: Floats) -> Basemap:
    def loop(cx: float, cy: float, rx: float, ry: float, k: int = 60) -> Floats:
        t = np.linspace(0, 2 * np.pi, k + 1)
        return np.stack([cx + rx * np.cos(t), cy + ry * np.sin(t)], axis=1)

    mx, my = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    loops = [
        loop(mx - 2_600, my + 1_500, 500, 260),
        loop(mx + 2_900, my - 2_600, 700, 900),
        loop(mx, my, np.ptp(x) / 2 + 120, np.ptp(y) / 2 + 120),
    ]
    ends = np.concatenate([[0], np.cumsum([len(c) for c in loops])])
    three = np.arange(4)
    polygons = Shapes(np.concatenate(loops), ends, three, three, CRS)
    rail = np.array([[mx - 6_000, my - 900], [mx, my + 300], [mx + 6_000, my + 200]])
    road = np.array([[mx - 6_000, my + 3_000], [mx, my + 900], [mx + 6_000, my - 3_500]])
    canal = np.array([[mx - 1_800, my - 6_000], [mx - 2_400, my], [mx - 1_500, my + 6_000]])
    lines = Lines(np.concatenate([rail, road, canal]), np.array([0, 3, 6, 9]), CRS)
    rng = np.random.default_rng(1)
    return Basemap(
        polygons, texts(["water", "green", "limit"]), lines, texts(["rail", "road", "canal"]),
        texts(COLONIAS), mx + rng.uniform(-4_800, 4_800, 25), my + rng.uniform(-4_800, 4_800, 25),
    )  # fmt: skip
