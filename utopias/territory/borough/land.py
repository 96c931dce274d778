"""What is known of the land of a made-up town's lots: law, owners, dangers, water, and who would have to be asked.

Invented like all else, after common patterns: the clay of the valley floor sinks and floods, cracks open
where it meets a hill, water comes in turns where life is hard, and of some things nobody has a record.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from utopias.domain.arrays import Bools, Floats, Texts
from utopias.territory.borough.chance import field, smooth, stream
from utopias.territory.borough.ground import Ground

STEP = 60.0  # metres over which a slope is measured
UNKNOWN = 0.04  # share of the lots of which one thing or another is not on record
FEW = 20  # lots; with fewer only the last may be excluded
SINKS = 30.0  # cm a year where the clay is worst; said of the worst parts of Iztapalapa
# Share of the lots: the first number that a draw is under decides.
LEGAL = (("injunction", 0.015), ("in dispute", 0.06), ("not regularised", 0.11), ("clear", 1.0))
DUTY = (("indigenous", 0.07), ("ordinary", 0.6), ("none", 1.0))
RESULT = (("agreed", 0.3), ("rejected", 0.33), ("not held", 1.0))  # where somebody has to be asked
COMMUNAL, PRIVATE = "núcleo agrario", "particular"
USES = {  # kind of lot: present use, users at most, former use
    "lot": ("empty", 0, ""),
    "parking": ("parking", 80, ""),
    "market": ("street market", 420, ""),
    "former school": ("empty", 0, "school"),
    "depot": ("storage", 25, "impound lot"),
    "linear park": ("park", 240, "railway strip"),
    "sports ground": ("sports ground", 600, ""),
}


def land_table(ground: Ground, x: Floats, y: Floats, owner: Texts, kind: Texts, seed: int) -> pd.DataFrame:
    """(n,) lots with the land columns of ``sites.csv``; ``x``, ``y`` are local points, as ``Ground`` takes them."""
    n = len(x)
    chance = stream(seed, "land")

    def lost() -> Bools:
        return np.asarray(chance.random(n) < UNKNOWN)

    clay = (1.0 - smooth(ground.steepness(x, y) / 0.12)) * (0.55 + 0.45 * field(seed, "clay", 1_700.0).at(x, y))
    wet = clay * (0.5 + 0.5 * field(seed, "wet", 900.0).at(x, y))
    foot = smooth(ground.steepness(x, y) / 0.05) * (1.0 - smooth(ground.steepness(x, y) / 0.5))
    drawn = chance.random((4, n))
    flood = np.select([wet > 0.62, wet > 0.45, wet > 0.25], ["high", "medium", "low"], "none")
    fracture = np.select(
        [drawn[0] < 0.015 + 0.06 * foot, drawn[0] < 0.05 + 0.22 * foot], ["on the plot", "near"], "none"
    )
    dry = ground.need(x, y) + 0.5 * drawn[1]
    water = np.select([dry > 1.25, dry > 0.85], ["none", "rationed"], "reliable")
    duty = _picked(DUTY, drawn[2])
    use = [USES[str(of)] for of in kind]
    most = np.array([people for _, people, _ in use], dtype=np.float64)
    made = pd.DataFrame(
        {
            "tenure": np.select([owner == COMMUNAL, owner == PRIVATE], ["communal", "private"], "public"),
            "legal_status": _or_unknown(_picked(LEGAL, chance.random(n)), lost()),
            "present_use": [what for what, _, _ in use],
            "present_users": np.where(lost(), np.nan, np.round(most * (0.4 + 0.6 * drawn[3]))),
            "former_use": [what for _, _, what in use],
            "flood": _or_unknown(flood, lost()),
            "subsidence_cm_year": np.where(lost(), np.nan, np.round(SINKS * np.maximum(clay, 0.02), 1)),
            "fracture": _or_unknown(fracture, lost()),
            "slope_percent": _slope(ground, x, y),
            "water": _or_unknown(water, lost()),
            "consultation": duty,
            "consultation_result": np.where(duty == "none", "not held", _picked(RESULT, chance.random(n))),
            "site_group": "",
        }
    )
    return _spared(made, np.arange(n) < (n - 1 if n < FEW else 0))


def _spared(table: pd.DataFrame, spared: Bools) -> pd.DataFrame:
    """The table where these lots have nothing that our rules exclude: a town of six lots must be able to open five."""
    milder = {"injunction": "clear", "in dispute": "clear", "private": "not known", "high": "medium"}
    milder |= {"on the plot": "near", "rejected": "not held"}
    for name in ("tenure", "legal_status", "flood", "fracture", "consultation_result"):
        words = table[name].astype(object)
        table[name] = words.where(~spared, words.replace(milder))
    table["slope_percent"] = np.where(spared, np.minimum(table["slope_percent"], 30.0), table["slope_percent"])
    return table


def _slope(ground: Ground, x: Floats, y: Floats) -> Floats:
    half = STEP / 2
    east = ground.rise(x + half, y) - ground.rise(x - half, y)
    north = ground.rise(x, y + half) - ground.rise(x, y - half)
    slope: Floats = np.round(np.sqrt(east * east + north * north) / STEP * 100.0, 1)
    return slope


def _picked(table: tuple[tuple[str, float], ...], drawn: Floats) -> Texts:
    """(n,) the first word whose number the draw is under."""
    words = np.array([word for word, _ in table], dtype=object)
    picked: Texts = words[
        np.searchsorted(np.array([up for _, up in table]), drawn, side="right").clip(0, len(words) - 1)
    ]
    return picked


def _or_unknown(words: Texts, lost: Bools) -> Texts:
    said: Texts = np.where(lost, "not known", words).astype(object)
    return said
