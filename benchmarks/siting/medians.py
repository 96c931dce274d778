"""Least walking and the smallest worst walk: published instances to their optima, then a city's size."""

from __future__ import annotations

import statistics
import time

import numpy as np

import utopias as u
from benchmarks.rounds import Bar, Figure, Outcome
from benchmarks.siting import spopt
from benchmarks.siting.asked import Asked, asked, counted, disagreements, gap_figure, nearest_of, one, warm
from benchmarks.siting.covering import together
from benchmarks.siting.instances import MEDIAN, WORST, city, optima, or_library, pack, published, tsplib
from benchmarks.told import seconds as said
from utopias.domain.plan import Plan
from utopias.siting.linear import linear_bound
from utopias.siting.question.problem import Problem

PMED = tuple(f"pmed{k}" for k in range(1, 41, 2))  # those of the data pack
POINTS = ("rl1304", "fl1400")
LIMIT = "60 s"
ROUNDS = 3
# Least weighted cost of 20,000 x 500, p 20, that the first study found in 31 s: a bound may not rule it out.
REACHED = {(20_000, 500, 20): 2_225_286}


def or_library_rows(*, aim: str, file: str, bar: Bar) -> Outcome:
    """Every pmed file of the pack, from its table of shortest paths to the proof."""
    known = optima(pack("siting", "pmed", file))
    tables = {name: or_library(pack("siting", "pmed", f"{name}.txt")) for name in PMED}
    warm(aim)
    runs, wrong = [], []
    for name, (costs, p) in tables.items():
        run = _of_costs(costs, np.ones(len(costs)), p, aim)
        value = counted(aim, nearest_of(costs, run.plan.sites), np.ones(len(costs)))
        wrong += disagreements(run.plan, value, optimum=known[name], whole=True, name=name)
        if run.plan.value != known[name]:
            wrong.append(f"{name}: {run.plan.value:,.0f}, published {known[name]:,.0f}")
        runs.append(run)
    size = (
        f"{len(runs)} graphs of {min(len(c) for c, _ in tables.values())} to {max(len(c) for c, _ in tables.values())}"
    )
    if wrong:
        return Outcome(wrong=wrong, size=size)
    slow = max(range(len(runs)), key=lambda k: runs[k].seconds)
    proven = sum(run.plan.proven for run in runs)
    total = sum(run.seconds for run in runs) if proven == len(runs) else float("inf")
    figures = [Figure("all proven in", total, "s", bar)]
    notes = [f"the slowest is {PMED[slow]}, {said(runs[slow].seconds)}", _open(PMED, runs)]
    return Outcome(
        figures, size=size, equal=("the published optima",), plan=together(runs), notes=list(filter(None, notes))
    )


def p_median(*, demand: int, sites: int, open: int, bar: Bar, peer: float = 0.0) -> Outcome:
    """Proven from the dense table; spopt gets ``peer`` seconds of its solver, where it is asked at all."""
    plane = city(demand, sites)
    costs = plane.costs()
    warm("least-walk")
    runs = [_of_costs(costs, plane.weights, open, "least-walk") for _ in range(ROUNDS)]
    run = sorted(runs, key=lambda run: run.seconds)[ROUNDS // 2]
    value = counted("least-walk", nearest_of(costs, run.plan.sites), plane.weights)
    wrong = disagreements(run.plan, value, optimum=MEDIAN.get((demand, sites, open)))
    figures, notes, equal = [Figure("proven in", run.proven_in, "s", bar)], [], ["sums over the table", "known optimum"]
    if peer:
        spopt.loaded()
        theirs = spopt.median(costs, plane.weights, open, peer)
        if abs(theirs.value - run.plan.value) <= 1e-6 * run.plan.value:
            equal.append("spopt with HiGHS")
            seconds = theirs.build + theirs.solve
            figures.append(Figure("spopt with HiGHS", seconds / run.seconds, "x", ours=run.seconds, theirs=seconds))
        elif theirs.value < run.plan.value or (theirs.solve < peer and not np.isnan(theirs.value)):
            wrong.append(f"{run.plan.value!r} against {theirs.value!r} of spopt ({theirs.status})")
        notes.append(
            f"spopt: model built in {said(theirs.build)}, {_found(theirs)} after {said(theirs.solve)} "
            f'of at most {peer:g}, which it calls "{theirs.status}"'
        )
    found = one(run, wrong, figures, size=f"{demand:,} x {sites:,}, p {open}", equal=equal)
    return (
        found
        if wrong
        else Outcome(found.figures, found.wrong, found.size, equal=equal, plan=found.plan, notes=[*found.notes, *notes])
    )


def _found(theirs: spopt.Theirs) -> str:
    return "no value" if np.isnan(theirs.value) else f"value {theirs.value:,.4f}"


def p_center(*, demand: int, sites: int, open: int, bar: Bar) -> Outcome:
    """The least distance within which so many sites reach everybody."""
    plane = city(demand, sites)
    costs = plane.costs()
    warm("smallest-worst")
    runs = [_of_costs(costs, plane.weights, open, "smallest-worst") for _ in range(ROUNDS)]
    run = sorted(runs, key=lambda run: run.seconds)[ROUNDS // 2]
    value = counted("smallest-worst", nearest_of(costs, run.plan.sites), plane.weights)
    wrong = disagreements(run.plan, value)
    known = WORST.get((demand, sites, open))
    if known is not None and round(run.plan.value, 4) != known:
        wrong.append(f"{run.plan.value!r}, known {known}")
    figures = [Figure("proven in", run.proven_in, "s", bar)]
    return one(run, wrong, figures, size=f"{demand:,} x {sites:,}, p {open}", equal=("the known optimum",))


def p_median_large(*, demand: int, sites: int, open: int, short: float, long: float, bar: Bar, aim_bar: Bar) -> Outcome:
    """The whole table, read and searched within the seconds that are given."""
    plane = city(demand, sites)
    costs = plane.costs()
    warm("least-walk")
    runs = [_of_costs(costs, plane.weights, open, "least-walk", within=limit) for limit in (short, long)]
    reached = REACHED.get((demand, sites, open))
    wrong = []
    for run in runs:
        value = counted("least-walk", nearest_of(costs, run.plan.sites), plane.weights)
        wrong += disagreements(run.plan, value, reached=None if reached is None else reached + 1)
    figures = [
        gap_figure(runs[0], f"gap in {short:g} s", bar),
        Figure("proven in", runs[1].proven_in, "s", aim_bar, note=f"gap at the end {runs[1].plan.gap:.4%}"),
    ]
    return one(runs[1], wrong, figures, size=f"{demand:,} x {sites:,}, p {open}", equal=("sums over the table",))


def points(*, names: tuple[str, ...], limit: float, bound_bar: Bar, proven_bar: Bar) -> Outcome:
    """TSPLIB, nine p each: the relaxation beside the paper's first bound (both rounded up), and how many are proven."""
    file = pack("siting", "tsplib", "published_values.csv")
    tables = {name: tsplib(pack("siting", "tsplib", f"{name}.tsp")) for name in names}
    warm("least-walk")
    runs, wrong, notes, as_good = [], [], [], 0
    for name, costs in tables.items():
        weights = np.ones(len(costs))
        for known in published(file, name):
            run = _of_costs(costs, weights, known.p, "least-walk", within=limit)
            value = counted("least-walk", nearest_of(costs, run.plan.sites), weights)
            wrong += disagreements(run.plan, value, reached=known.best, whole=True, name=f"{name} p {known.p}")
            linear = linear_bound(Problem.from_costs(costs, weights, open=known.p), time_limit=f"{limit:g} s")
            root = float(np.ceil(linear.value * (1 - 1e-9)))
            as_good += linear.exact and root == known.first_bound
            runs.append(run)
            notes.append(_line_of(f"{name} p {known.p}", run, known.best, root, known.first_bound))
    size = f"{len(runs)} questions, {limit:g} s each"
    if wrong:
        return Outcome(wrong=wrong, size=size)
    figures = [
        Figure("LP bound equals the paper's LB1", as_good, f"of {len(runs)}", bound_bar),
        Figure(f"proven in {limit:g} s", sum(run.plan.proven for run in runs), f"of {len(runs)}", proven_bar),
    ]
    return Outcome(figures, size=size, equal=("best known values",), plan=together(runs), notes=notes)


def _line_of(name: str, run: Asked, best: float, root: float, first: float) -> str:
    plan = run.plan
    beside = "" if plan.value == best else f" ({'better than' if plan.value < best else 'best known'} {best:,.0f})"
    bound = "" if root == first else f", LP {root:,.0f} against {first:,.0f}"
    return f"{name} {plan.value:,.0f}{beside}{', proven' if plan.proven else f', gap {plan.gap:.3%}'} in {said(run.seconds)}{bound}"


def fair_beside_median(*, demand: int, sites: int, open: int, bar: Bar) -> Outcome:
    """The Kolm-Pollak walk costs a transformed table: how much longer than the median of the same table."""
    plane = city(demand, sites)
    costs = plane.costs()
    warm("least-walk", "fair-walk")
    fair, median = [], []
    for _ in range(ROUNDS):
        median.append(_of_costs(costs, plane.weights, open, "least-walk"))
        fair.append(_of_costs(costs, plane.weights, open, "fair-walk"))
    run = fair[0]
    value = counted("least-walk", nearest_of(costs, median[0].plan.sites), plane.weights)
    wrong = disagreements(median[0].plan, value, optimum=MEDIAN.get((demand, sites, open)), name="least-walk")
    kappa = float(run.plan.terms["kappa"])  # of the minute or unit that costs are told in
    walks = kappa * nearest_of(costs, run.plan.sites)
    equal = float(walks.max() + np.log(plane.weights @ np.exp(walks - walks.max()) / plane.weights.sum())) / kappa
    wrong += disagreements(run.plan, equal, name="fair-walk")
    if not run.plan.proven:
        wrong.append(f"fair-walk: not proven in {LIMIT}, gap {run.plan.gap:.3%}")
    ratio = statistics.median(a.seconds / b.seconds for a, b in zip(fair, median, strict=True))
    spent = statistics.median(b.seconds for b in median)
    figures = [Figure("times the seconds of least-walk,", ratio, "x", bar, ours=run.seconds, theirs=spent)]
    return one(
        run, wrong, figures, size=f"{demand:,} x {sites:,}, p {open}", equal=("the Kolm-Pollak mean of the table",)
    )


def _of_costs(costs: np.ndarray, weights: np.ndarray, open: int, aim: str, within: float = 60.0) -> Asked:  # type: ignore[type-arg]
    """From the dense table to the plan, in so many seconds together."""

    def question() -> Plan:
        begun = time.monotonic()
        problem = u.Problem.from_costs(costs, weights, open=open)
        left = max(0.05, within - (time.monotonic() - begun))
        return u.solve(problem, aim=aim, within=None, time_limit=f"{left:.3f} s")

    return asked(question)


def _open(names: tuple[str, ...], runs: list[Asked]) -> str:
    left = [f"{name} (gap {run.plan.gap:.3%})" for name, run in zip(names, runs, strict=True) if not run.plan.proven]
    return f"not proven: {', '.join(left)}" if left else ""
