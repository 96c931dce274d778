"""A plan for the toy town, made by hand: site B is opened, and 600 people are newly within 15 minutes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.toy import BLOCK_X, PLANNED, toy_town
from utopias.domain.findings import Findings, Headline, Part, RefusedSite, SiteFinding
from utopias.domain.plan import Plan
from utopias.domain.quantities import Minutes
from utopias.domain.study import Study
from utopias.domain.travel_times import Status, TravelTimes

PLACE_X = np.array([200.0, 1000, 2600, 3800, 2600])  # uno, a, b, c, centro


def toy_plan() -> Plan:
    """Unit Uno is fixed, lot B chosen, A and C not; times as in the toy, 80 m a minute along the street."""
    town = toy_town()
    n, m = len(town.blocks), len(PLACE_X)
    walk = np.abs(BLOCK_X[:12, None] - PLACE_X[None, :]) / 80 * 600  # the thirteenth block has no street
    times = TravelTimes(
        origins=town.blocks.ids,
        destinations=(town.units + town.sites + town.providers).ids,
        starts=np.array([*range(0, 12 * m + 1, m), 12 * m], dtype=np.int64),
        columns=np.tile(np.arange(m, dtype=np.int32), 12),
        deciseconds=walk.ravel().astype(np.int32),
        limit=Minutes(60),
        origin_status=np.array([Status.ATTACHED] * 12 + [Status.NO_STREET], dtype=np.int8),
        destination_status=np.full(m, Status.ATTACHED, dtype=np.int8),
    )
    blocks = pd.DataFrame(
        {
            "block_id": town.blocks.ids,
            "area_id": town.blocks.area_id,
            "colonia": town.blocks.colonia,
            "planned": PLANNED,
            "x": town.blocks.x,
            "y": town.blocks.y,
            "people": town.blocks.people,
            "older people": town.blocks.groups["older people"],
            "no water": town.blocks.indicators["no water"],
            "need": np.linspace(0, 1, n),
            "quintile": np.int8(3),
            "known_to": np.where(np.arange(n) == 0, np.inf, town.blocks.known_to),
            "apart": np.arange(n) == 12,
            "persons": town.blocks.people,
            "weight": np.where(PLANNED & (np.arange(n) != 12), town.blocks.people, 0.0),
        }
    )
    everywhere = town.units + town.sites + town.providers
    places = pd.DataFrame(
        {
            "place_id": everywhere.ids,
            "name": everywhere.names,
            "role": ["fixed", "candidate", "candidate", "candidate", "provider"],
            "x": everywhere.x,
            "y": everywhere.y,
            "cost": [np.nan, 120e6, 100e6, np.nan, np.nan],
            "area_m2": [np.nan, 10_000, 12_000, 9_000, np.nan],
            "owner": ["", "ciudad", "ciudad", "ciudad", ""],
            "kind": ["", "", "", "", "community centre"],
            "replaces": ["", "", "centro", "", ""],
        }
    )
    said = {
        "name": town.name,
        "hash": "toy",
        "made_up": True,
        "currency": "MXN",
        "crs": town.crs,
        "groups": [{"id": "older people", "labels": {"en": "older people"}, "estimated": True, "formula": "a fifth"}],
        "indicators": [{"id": "no water", "labels": {"en": "no water"}, "source": "invented"}],
        "sources": [{"name": "invented for the tests", "address": "", "licence": "Apache-2.0", "date": "2026-11-23"}],
        "group": "all",
        "weighted_by": "",
    }
    return Plan(
        aim="cover-most",
        sites=(2,),
        fixed=(0,),
        assignment=np.full(n, 0, dtype=np.int32),
        value=1000.0,
        bound=1000.0,
        proven=True,
        seconds=0.1,
        stopped="proven",
        seed=7,
        within=Minutes(15),
        open=1,
        budget=None,
        multipliers=np.zeros(n),
        root_bound=1000.0,
        study=Study(blocks, places, times, town.modules, town.blocks.shapes, None, said),
        findings=_findings(),
    )


def _findings() -> Findings:
    everybody = Part("all", 1150.0, 400.0, 1000.0, 600.0, 0.0, 150.0, 20.0, 8.0)
    chosen = SiteFinding("b", "Lote B", 502_600.0, 2_140_000.0, 12_000.0, "ciudad", 100e6, 600.0, 600.0, 600.0, "c", 100.0, 90, 95, "centro", 40.0)  # fmt: skip
    headline = Headline("all", False, 15.0, 1150.0, 400.0, 1000.0, 600.0, 0.0, 400.0, 500.0, 1000.0, 1100.0, 100.0, 50.0, False)  # fmt: skip
    return Findings(
        town="Pueblo de juguete",
        made_up=True,
        headline=headline,
        groups=[everybody],
        need=[],
        areas=[],
        equity=[],
        sites=[chosen],
        refused=[RefusedSite("a", "Lote A", 400.0), RefusedSite("c", "Lote C", 100.0)],
        supply=[],
        costs=None,
        weighting=None,
        assumptions=[],
        sources=[],
    )
