"""A clustered city in the plane: demand and sites in the same forty clusters, a third of both scattered."""

from __future__ import annotations

import numpy as np


def clustered(demand: int, sites: int, *, density: float = 0.02, seed: int = 1) -> tuple[np.ndarray, np.ndarray, float]:
    """(demand, sites) straight distances, whole weights 1 to 100, and the radius that covers ``density`` of the pairs."""
    random = np.random.default_rng(seed)
    side = 30.0
    centre = random.uniform(0.1 * side, 0.9 * side, (40, 2))
    spread = random.uniform(0.02 * side, 0.12 * side, 40)
    share = random.dirichlet(np.ones(40))

    def points(count: int) -> np.ndarray:
        cluster = random.choice(40, count, p=share)
        drawn = centre[cluster] + random.normal(size=(count, 2)) * spread[cluster][:, None]
        scattered = random.random(count) < 0.35
        drawn[scattered] = random.uniform(0, side, (int(scattered.sum()), 2))
        return np.clip(drawn, 0, side)

    home, lot = points(demand), points(sites)
    weights = random.integers(1, 101, demand).astype(np.float64)
    costs = np.hypot(home[:, None, 0] - lot[None, :, 0], home[:, None, 1] - lot[None, :, 1])
    return costs, weights, float(np.quantile(costs, density))
