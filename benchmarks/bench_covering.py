"""Covering at the size of a city and of a country: ours alone, for spopt builds none of these in minutes.

    python benchmarks/bench_covering.py [uniform] [middle] [city]

``uniform``: ten million customers over 100 sites, both drawn evenly from a square of side 30, as Cordeau, Furini &
Ljubic (2019, EJOR 275:882-896) draw theirs; twelve questions, from points to proven plan. ``middle``: 20,000 x
500, each site covers 2 %, 20 to open. ``city``: 66,000 x 3,000, 1 %, 50 to open. Seconds are of the processor, all
threads together, points given, plan returned; the peak is of the process, the points' own memory told beside it.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from time import process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from utopias.siting.problem import Problem
from utopias.siting.solve import solve

SIDE, LIMITS = 30.0, {"middle": "20 s", "city": "15 s"}


def main(asked: tuple[str, ...]) -> int:
    """Print one line a question; 1 where one of the twelve was not proven."""
    _warm()
    missing = 0
    for name in asked:
        if name == "uniform":
            customers, sites, weights = uniform(10_000_000, 100)
            for radius in (5.5, 5.75, 6.0, 6.25):
                for number in (10, 15, 20):
                    missing += not _run(f"R {radius} p {number}", customers, weights, sites, radius, number, "60 s")
        else:
            shape, share, number = {
                "middle": ((20_000, 500), 0.02, 20),
                "city": ((66_000, 3_000), 0.01, 50),
            }[name]
            customers, sites, weights, radius = clusters(*shape, share)
            _run(f"{name} p {number}", customers, weights, sites, radius, number, LIMITS[name])
    return int(missing > 0)


def uniform(customers: int, sites: int, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points of sites, then of customers, and whole weights 1 to 100."""
    random = np.random.default_rng(seed)
    there, here = random.uniform(0, SIDE, (sites, 2)), random.uniform(0, SIDE, (customers, 2))
    return here, there, random.integers(1, 101, customers).astype(np.float64)


def clusters(
    customers: int, sites: int, share: float, *, seed: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Forty clusters and a third scattered; and the radius at which a site covers that share of the customers."""
    random = np.random.default_rng(seed)
    centre = random.uniform(0.1 * SIDE, 0.9 * SIDE, (40, 2))
    spread, part = random.uniform(0.02 * SIDE, 0.12 * SIDE, 40), random.dirichlet(np.ones(40))

    def drawn(count: int) -> np.ndarray:
        cluster = random.choice(40, count, p=part)
        points = centre[cluster] + random.normal(size=(count, 2)) * spread[cluster][:, None]
        scattered = random.random(count) < 0.35
        points[scattered] = random.uniform(0, SIDE, (int(scattered.sum()), 2))
        return np.clip(points, 0, SIDE)

    here, there = drawn(customers), drawn(sites)
    weights = random.integers(1, 101, customers).astype(np.float64)
    some = here[random.choice(customers, min(customers, 2000), replace=False)]
    apart = np.sqrt(((some[:, None, :] - there[None, :, :]) ** 2).sum(axis=2))
    return here, there, weights, float(np.quantile(apart, share))


def _run(name, customers, weights, sites, radius, number, limit):  # type: ignore[no-untyped-def]
    begun = process_time()
    asked = Problem.from_points(customers, weights, sites, within=radius, open=number)
    gathered = process_time() - begun
    plan = solve(asked, time_limit=limit)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    given = (customers.nbytes + weights.nbytes + sites.nbytes) / 2**30
    print(
        f"{name:<14} {len(asked.weights):>6,} sets  {gathered:5.2f} + {process_time() - begun - gathered:6.2f} s  "
        f"{plan.value:>13,.0f}  gap {plan.gap:.3%}  {plan.stopped:<7} peak {peak:.2f} GiB, points {given:.2f}",
        flush=True,
    )
    return plan.proven


def _warm() -> None:
    """Load the machine code before any clock starts."""
    customers, sites, weights = uniform(60_000, 60)
    solve(Problem.from_points(customers, weights, sites, within=4.0, open=8), time_limit="3 s")


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or ("uniform", "middle", "city")))
