"""A hundred units in six years: which, and in which order, beside a bound that no schedule passes."""

from __future__ import annotations

from typing import Any

import numpy as np

import utopias as u
from benchmarks.rounds import Bar, Figure, Outcome
from benchmarks.siting.asked import SAME, asked, number, warm
from benchmarks.siting.instances import Plane, city
from benchmarks.told import seconds as said

YEARS = "2026-2031"
PRICES = (60, 220)  # whole millions of each lot, works and equipment together
SPARE = 1.1  # the years together pay for so many times the mean of all lots


def phased(*, demand: int, sites: int, units: int, seconds: float, bar: Bar) -> Outcome:
    """The gap, in percent, of a schedule of ``units`` openings under equal yearly budgets, after so many seconds."""
    plane = city(demand, sites)
    _question(city(300, 40, density=0.1), 4, 2.0)()
    warm("cover-most")
    run = asked(_question(plane, units, seconds))
    found: Any = run.plan
    wrong = _disagreements(plane, found, units)
    size = f"{demand:,} x {sites:,}, {units} units in {len(found.by_year)} years"
    if wrong:
        return Outcome(wrong=wrong, size=size)
    plan = {
        "value": number(found.value),
        "bound": number(found.bound),
        "proven": "yes" if found.proven else f"no, {found.stopped}",
        "seconds": said(run.seconds),
    }
    figures = [Figure(f"gap in {seconds:g} s", 100 * found.gap, "%", bar)]
    notes = (run.note, f"people within, year by year: {', '.join(number(float(one)) for one in found.by_year)}")
    return Outcome(figures, size=size, equal=("sums over all places, year by year",), plan=plan, notes=notes)


def _question(plane: Plane, units: int, seconds: float) -> Any:
    """The question, ready to be asked: the table is made before the clock runs."""
    prices = np.random.default_rng(1).integers(*PRICES, len(plane.lots)).astype(float)
    problem = u.Problem.from_coverage(plane.covered(), plane.weights, open=units, site_costs=prices)
    yearly = float(np.ceil(SPARE * units * prices.mean() / 6))
    return lambda: u.phase(  # type: ignore[attr-defined]
        problem, budgets=yearly, years=YEARS, within=None, time_limit=f"{seconds:g} s"
    )


def _disagreements(plane: Plane, found: Any, units: int) -> list[str]:
    """What plain sums say of a schedule: works of one year are equipped, and serve, from the next on."""
    wrong = [] if len(found.sites) == units else [f"{len(found.sites)} of {units} units"]
    first = int(YEARS.split("-")[0])
    sums = []
    for year in range(first, first + len(found.by_year)):
        there = [site for site, works in zip(found.sites, found.works, strict=True) if works < year]
        sums.append(float(plane.weights[plane.nearest(there) <= plane.radius].sum()))
    for year, (mine, theirs) in enumerate(zip(sums, found.by_year, strict=True), first):
        if abs(mine - theirs) > SAME * max(1.0, mine):
            wrong.append(f"{year}: says {theirs!r}, its sites come to {mine!r}")
    if abs(found.value - sum(sums)) > SAME * max(1.0, sum(sums)):
        wrong.append(f"says {found.value!r} in all, the years come to {sum(sums)!r}")
    if found.bound < found.value - SAME * found.value:
        wrong.append(f"the value {found.value!r} passes the bound {found.bound!r}")
    if found.certificate is None or not found.certificate.holds:
        wrong.append("its own certificate does not hold")
    return wrong
