"""The schools of a made-up town: as many and as large as Iztapalapa's public ones, where people live, and none of it true.

Drawn from a stream of its own, so that a town with schools is otherwise the town it was.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from utopias.domain.arrays import Bools, Floats, Texts
from utopias.domain.places import Places, places
from utopias.domain.quantities import half_up
from utopias.territory.borough.chance import pick, stream

BASE = 1_835_000  # persons the counts below belong to; a town of another size has as many a person

# Level: public school buildings of Iztapalapa, their mean pupils, a Spanish name. Statistics 911 by building as
# collected in angelitomoxxito/visor-iztapalapa: 497 buildings, 232,695 pupils; early education left out.
LEVELS = (
    ("kindergarten", 144, 189.0, "Jardín de niños imaginario"),
    ("primary", 247, 531.0, "Primaria imaginaria"),
    ("secondary", 93, 780.0, "Secundaria imaginaria"),
    ("other", 10, 165.0, "Centro de atención múltiple imaginario"),
)


def schools(people: Floats, planned: Bools, doors: Floats, colonia: Texts, seed: int) -> Places:
    """Put schools at the doors of blocks, likely as people live there; around the planned area as densely as in it.

    Parameters
    ----------
    people : (n,) persons by block. planned : (n,). doors : (n, 2) metres, a point at the block's street.
    colonia : (n,) names.
    """
    chance = stream(seed, "schools")
    total = float(people[planned].sum())
    level, block = [], []
    for name, usual, _, _ in LEVELS:
        for part in (planned, ~planned):
            here = np.flatnonzero(part & (people > 0))
            count = half_up(usual * float(people[part].sum()) / BASE)
            if part is planned and name != "other":
                count = max(count, 1)
            found = here[pick(chance, people[here], min(count, len(here)))] if len(here) and total else here[:0]
            block.append(np.sort(found))
            level += [name] * len(found)
    at = np.concatenate(block)
    mean = {name: pupils for name, _, pupils, _ in LEVELS}
    called = {name: spanish for name, _, _, spanish in LEVELS}
    size = 0.4 + 1.2 * chance.random(len(at))
    width = max(3, len(str(len(at))))
    table = pd.DataFrame(
        {
            "name": [f"{called[of]} {k + 1}, {colonia[b]}" for k, (of, b) in enumerate(zip(level, at.tolist(), strict=True))],
            "level": level,
            "pupils": np.floor(np.array([mean[of] for of in level]) * size + 0.5),
        }
    )  # fmt: skip
    ids = [f"E{k + 1:0{width}d}" for k in range(len(at))]
    return places(ids, doors[at, 0], doors[at, 1], role="school", table=table)
