"""The instances: made-up ones, the same to the last digit on every machine, and readers of published ones.

``city`` and ``uniform`` draw in the order of the study that first measured them, so that its values hold here: a
changed draw is another instance. The published files are in the data pack, with where they come from.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import shortest_path
from scipy.spatial import cKDTree

from utopias.domain.arrays import Floats

SIDE = 30.0
CLUSTERS = 40
SCATTERED = 0.35  # so many lie anywhere: there are remote blocks
SAMPLED = 2000  # customers whose distances tell the radius
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"

# Optima that another program proved too: spopt with HiGHS, or the first study of these instances with HiGHS.
COVERED = {(500, 100, 10): 9_502, (5000, 200, 15): 115_295}
MEDIAN = {(500, 100, 10): 72_029.0653, (5000, 200, 15): 637_569.8368}
WORST = {(500, 100, 10): 6.8767}


@dataclass(frozen=True, eq=False)
class Plane:
    """(n, 2) homes and (m, 2) lots in the plane, (n,) whole weights 1 to 100, and a radius."""

    homes: Floats
    lots: Floats
    weights: Floats
    radius: float

    def costs(self) -> Floats:
        """(n, m) straight distances; in portions, so that no table of three dimensions stands in memory."""
        found = np.empty((len(self.homes), len(self.lots)))
        for first in range(0, len(found), 4096):
            near = slice(first, first + 4096)
            found[near] = np.sqrt(((self.homes[near, None, :] - self.lots[None, :, :]) ** 2).sum(2))
        return found

    def covered(self, radius: float | None = None) -> csr_array:
        """(n, m) who is within the radius of what, the same pairs as ``costs() <= radius``."""
        within = self.radius if radius is None else radius
        near = cKDTree(self.homes).sparse_distance_matrix(
            cKDTree(self.lots), within * (1 + 1e-9), output_type="ndarray"
        )
        rows, columns = near["i"], near["j"]
        kept = np.sqrt(((self.homes[rows] - self.lots[columns]) ** 2).sum(1)) <= within
        pairs = (np.ones(int(kept.sum()), dtype=bool), (rows[kept], columns[kept]))
        return coo_array(pairs, shape=(len(self.homes), len(self.lots))).tocsr()

    def nearest(self, sites: list[int]) -> Floats:
        """(n,) distance to the nearest of some lots, found anew from the points; inf without any."""
        found = np.full(len(self.homes), np.inf)
        for first in range(0, len(found), 500_000):
            near = slice(first, first + 500_000)
            x, y, least = self.homes[near, 0].copy(), self.homes[near, 1].copy(), found[near]
            for at_x, at_y in self.lots[sites]:
                np.minimum(least, (x - at_x) ** 2 + (y - at_y) ** 2, out=least)
            np.sqrt(least, out=least)
        return found


def city(demand: int, sites: int, *, density: float = 0.02, seed: int = 1) -> Plane:
    """Homes and lots in the same forty clusters, a third of both anywhere; each lot covers about ``density``."""
    random = np.random.default_rng(seed)
    centre = random.uniform(0.1 * SIDE, 0.9 * SIDE, (CLUSTERS, 2))
    spread = random.uniform(0.02 * SIDE, 0.12 * SIDE, CLUSTERS)
    share = random.dirichlet(np.ones(CLUSTERS))

    def points(count: int) -> Floats:
        cluster = random.choice(CLUSTERS, count, p=share)
        drawn = centre[cluster] + random.normal(size=(count, 2)) * spread[cluster][:, None]
        anywhere = random.random(count) < SCATTERED
        drawn[anywhere] = random.uniform(0, SIDE, (int(anywhere.sum()), 2))
        kept: Floats = np.clip(drawn, 0, SIDE)
        return kept

    homes, lots = points(demand), points(sites)
    weights = random.integers(1, 101, demand).astype(np.float64)
    sample = homes[random.choice(demand, min(demand, SAMPLED), replace=False)]
    apart = np.sqrt(((sample[:, None, :] - lots[None, :, :]) ** 2).sum(2))
    return Plane(homes, lots, weights, float(np.quantile(apart, density)))


def uniform(customers: int, sites: int = 100, *, seed: int = 1) -> Plane:
    """Customers and sites anywhere in a square, demand 1 to 100, as Cordeau, Furini & Ljubic (2019), EJOR 275:882-896."""
    random = np.random.default_rng(seed)
    lots = random.uniform(0, SIDE, (sites, 2))
    homes = random.uniform(0, SIDE, (customers, 2))
    return Plane(homes, lots, random.integers(1, 101, customers).astype(np.float64), np.inf)


def or_library(path: Path) -> tuple[Floats, int]:
    """All-pairs shortest paths and p of a pmed file; an edge listed twice keeps its last weight."""
    numbers = np.array(path.read_text().split(), dtype=np.int64)
    n, edges, p = numbers[:3]
    weight = np.zeros((n, n))
    for a, b, length in numbers[3 : 3 + 3 * edges].reshape(-1, 3):
        weight[a - 1, b - 1] = weight[b - 1, a - 1] = length
    return shortest_path(csr_array(weight), directed=False), int(p)


def optima(path: Path) -> dict[str, float]:
    """Name -> published optimum, of a file of optima of pmed."""
    rows = [line.split() for line in path.read_text().splitlines()]
    return {row[0]: float(row[1]) for row in rows if len(row) == 2 and row[0].startswith("pmed")}


def tsplib(path: Path) -> Floats:
    """(n, n) Euclidean distances rounded DOWN, as the papers on the p-median take them, of a TSPLIB file of points."""
    text = path.read_text().split("NODE_COORD_SECTION", 1)[1].split("EOF", 1)[0]
    points = np.array(text.split(), dtype=np.float64).reshape(-1, 3)[:, 1:]
    floored: Floats = np.floor(np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(2)))
    return floored


@dataclass(frozen=True, slots=True)
class Published:
    """Best known value and the first lower bound (LB1, rounded up) of Duran-Mateluna, Ales & Elloumi (2023), EJOR 308:84-96."""

    name: str
    p: int
    best: float
    first_bound: float


def published(path: Path, name: str) -> list[Published]:
    """What is known of a TSPLIB instance, one line a p."""
    found = []
    for line in path.read_text().splitlines()[1:]:
        cells = line.split(",", 4)
        if cells[0] == name:
            found.append(Published(name, int(cells[2]), float(cells[3]), float(cells[4].split(";")[0])))
    return found


def pack(*parts: str) -> Path:
    """A file of the data pack.

    Raises
    ------
    SystemExit : it is not here, which a bench tells as "not run".
    """
    path = Path(os.environ.get("UTOPIAS_SHARED_DATA") or BESIDE).joinpath(*parts)
    if not path.exists():
        raise SystemExit(f"{'/'.join(parts)} is not here: set UTOPIAS_SHARED_DATA to the data pack")
    return path
