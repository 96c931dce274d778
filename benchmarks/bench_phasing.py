"""A hundred units over six budget years: 8,000 places by 500 sites, the schedule's gap to the time-expanded bound.

    python -m benchmarks.bench_phasing [SECONDS]

The town is the clustered one of the siting benchmarks; each site reaches two in a hundred of the places and costs a whole
number from 60 to 140, a sixth of it equipment, paid a year after the works. Each year has 1.1 times a sixth of what a
hundred mean sites cost, and begins 20 works at most: the hundred is reached, with little to spare. What a year does not
spend is lost.
"""

from __future__ import annotations

import sys
from time import process_time
from typing import NamedTuple

import numpy as np

from tests.siting.clusters import clustered
from utopias.domain.budgets import Budgets
from utopias.domain.phases import Phases
from utopias.siting.phase import phase
from utopias.siting.problem import Problem

PLACES, SITES, NUMBER, DENSITY = 8_000, 500, 100, 0.02
YEARS, WORKS_A_YEAR, SPARE = "2026-2031", 20, 1.1
SECONDS = 120.0


class Run(NamedTuple):
    """value, bound : person-years. seconds : of the processor. found : the schedule, recounted by the witness."""

    value: float
    bound: float
    seconds: float
    found: Phases


def phasing_instance(
    places: int = PLACES, sites: int = SITES, number: int = NUMBER, *, density: float = DENSITY, seed: int = 1
) -> tuple[Problem, Budgets]:
    """The question and its budgets, the same for the same arguments."""
    costs, weights, radius = clustered(places, sites, density=density, seed=seed)
    prices = np.random.default_rng(seed).integers(60, 141, sites).astype(float)
    problem = Problem.from_coverage(costs <= radius, weights, open=number, site_costs=prices)
    money = float(prices.mean()) * number / 6 * SPARE
    return problem, Budgets.of(YEARS, money, works_a_year=-(-number // 5))


def phasing_row(seconds: float = SECONDS, *, seed: int = 1) -> Run:
    """Solve the instance within ``seconds`` of the clock; compilation is not counted.

    Raises
    ------
    AssertionError : the witness finds a rule broken, or another value or bound.
    """
    small, money = phasing_instance(300, 30, 8)
    phase(small, budgets=money, within=None, work=3)  # kernels compiled and loaded
    problem, budgets = phasing_instance(seed=seed)
    begun = process_time()
    found = phase(problem, budgets=budgets, within=None, time_limit=f"{seconds:g} s")
    spent = process_time() - begun
    certificate = found.certificate
    assert certificate is not None
    assert certificate.holds, certificate
    assert abs(certificate.value - found.value) <= 1e-6 * found.value
    assert found.value <= found.bound <= found.root_bound + 1e-6
    return Run(found.value, found.bound, spent, found)


def main(arguments: list[str]) -> int:
    """Print the row; 1 where the gap is over 3 %."""
    run = phasing_row(float(arguments[0]) if arguments else SECONDS)
    gap, regret = run.bound / run.value - 1, run.found.regret
    print(
        f"phasing {NUMBER} units / 6 years, {PLACES:,} x {SITES}: {run.value:,.0f} person-years, bound {run.bound:,.0f}"
    )
    print(
        f"gap {gap:.2%}, {run.seconds:.1f} s of one core; without looking ahead {regret.myopic:,.0f} ({regret.myopic_sites} units)"
    )
    print(f"end state {regret.end:,.0f} of {regret.best_end:,.0f} (at most {regret.end_bound:,.0f})")
    return int(gap > 0.03)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
