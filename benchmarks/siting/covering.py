"""Covering: most people within reach, beside spopt, at ten million customers, and at the size of a whole city."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import utopias as u
from benchmarks.memory import peak
from benchmarks.rounds import Bar, Contest, Figure, Outcome, Peer, decide
from benchmarks.siting import spopt
from benchmarks.siting.asked import Asked, asked, counted, disagreements, gap_figure, nearest_of, one, warm
from benchmarks.siting.instances import COVERED, Plane, city, uniform
from benchmarks.told import seconds as said
from utopias.domain.plan import Plan

MEBI = 2**20
LIMIT = "60 s"

# Most weight covered, by the first study of these instances: rows merged, then HiGHS on what was left, proven.
UNIFORM = {
    (10_000_000, 5.5, 10): 454_071_889, (10_000_000, 5.5, 15): 501_490_612, (10_000_000, 5.5, 20): 504_560_710,
    (10_000_000, 5.75, 10): 471_106_695, (10_000_000, 5.75, 15): 504_542_504, (10_000_000, 5.75, 20): 504_901_501,
    (10_000_000, 6.0, 10): 484_597_006, (10_000_000, 6.0, 15): 505_089_452, (10_000_000, 6.0, 20): 505_095_663,
    (10_000_000, 6.25, 10): 493_779_262, (10_000_000, 6.25, 15): 505_143_306, (10_000_000, 6.25, 20): 505_143_306,
}  # fmt: skip
# Covered by the first study in 40 s and not proven: a bound may not rule it out.
REACHED = {(20_000, 500, 20): 515_769, (66_000, 3000, 50): 1_900_023}


def beside_spopt(*, demand: int, sites: int, open: int, bar: Bar) -> Outcome:
    """The table of costs to the proven plan, model building on both sides."""
    plane = city(demand, sites)
    costs, known = plane.costs(), COVERED.get((demand, sites, open))

    def ours() -> Plan:
        return u.solve(u.Problem.from_costs(costs, plane.weights, open=open), within=plane.radius, time_limit=LIMIT)

    def differs(plan: Plan, theirs: spopt.Theirs) -> str:
        value = counted("cover-most", nearest_of(costs, plan.sites), plane.weights, plane.radius)
        wrong = disagreements(plan, value, optimum=known, whole=True)
        return _apart(plan, theirs, wrong)

    def theirs() -> spopt.Theirs:
        return spopt.covering(costs, plane.weights, plane.radius, open)

    return _contest(ours, theirs, differs, bar, f"{demand:,} x {sites:,}, 2 %, p {open}", "cover-most")


def fewest_beside_spopt(*, demand: int, sites: int, bar: Bar) -> Outcome:
    """The fewest sites that cover everybody, at a radius two percent over the least that can."""
    plane = city(demand, sites)
    costs = plane.costs()
    radius = float(costs.min(axis=1).max()) * 1.02

    def ours() -> Plan:
        problem = u.Problem.from_costs(costs, plane.weights)
        return u.solve(problem, aim="cover-all", within=radius, time_limit=LIMIT)

    def differs(plan: Plan, theirs: spopt.Theirs) -> str:
        left = int((nearest_of(costs, plan.sites) > radius).sum())
        wrong = [f"{left} places are left out"] if left else []
        return _apart(replace_value(plan, len(plan.sites)), theirs, wrong)

    size = f"{demand:,} x {sites:,}, radius {radius:.4f}"
    return _contest(ours, lambda: spopt.fewest(costs, radius), differs, bar, size, "cover-all")


def replace_value(plan: Plan, value: float) -> Plan:
    """The plan with another count in the place of its value."""
    return plan.with_(value=value)


def _apart(plan: Plan, theirs: spopt.Theirs, wrong: list[str]) -> str:
    if not plan.proven:
        wrong = [*wrong, f"not proven in {LIMIT}: value {plan.value:,}, bound {plan.bound:,}"]
    if abs(plan.value - theirs.value) > 1e-6 * max(1.0, abs(plan.value)):
        wrong = [*wrong, f"{plan.value:,} against {theirs.value:,} ({theirs.status})"]
    return "; ".join(wrong)


def _contest(
    ours: Callable[[], Plan],
    theirs: Callable[[], spopt.Theirs],
    differs: Callable[[Plan, spopt.Theirs], str],
    bar: Bar,
    size: str,
    aim: str,
) -> Outcome:
    """Interleaved rounds; the plan of the first stands in the table, spopt's two parts in a note."""
    spopt.loaded()
    answers: list[Any] = []

    def kept(mine: Plan, other: spopt.Theirs) -> str:
        answers.extend((mine, other))
        return differs(mine, other)

    found = decide(Contest(ours, {"spopt with HiGHS": Peer(theirs, kept, bar)}, warm=lambda: warm(aim), size=size))
    if found.wrong:
        return found
    plan, other = answers
    cells = Asked(plan, found.figures[0].ours or 0.0, 0.0).cells
    parts = f"spopt: model built in {said(other.build)}, solved in {said(other.solve)}"
    return replace(found, plan=cells, notes=(parts,))


def large(
    *, customers: int, radii: Sequence[float], opens: Sequence[int], bar: Bar, aim_bar: Bar, peak_bar: Bar
) -> Outcome:
    """Points, not pairs: customers that the same sites cover are one, found while the points are read."""
    warm("cover-most")
    plane = uniform(customers)
    few = uniform(1000)
    u.solve(u.Problem.from_points(few.homes, few.weights, few.lots, within=radii[0], open=opens[0]))  # type: ignore[attr-defined]
    wrong: list[str] = []
    runs: list[Asked] = []
    notes: list[str] = []
    for radius in radii:
        for open in opens:
            run = asked(lambda: _of_points(plane, radius, open))  # noqa: B023
            value = counted("cover-most", plane.nearest(list(run.plan.sites)), plane.weights, radius)
            name = f"R {radius:g}, p {open}"
            known = UNIFORM.get((customers, radius, open))
            wrong += disagreements(run.plan, value, optimum=known, whole=True, name=name)
            runs.append(run)
            state = "" if run.plan.proven else f", gap {run.plan.gap:.3%}"
            notes.append(f"{name} {run.plan.value:,.0f} in {said(run.seconds)}{state}")
    size = f"{customers:,} x {len(plane.lots)}, {len(runs)} questions"
    if wrong:
        return Outcome(wrong=wrong, size=size)
    figures = [
        Figure("proven within 5 s", sum(run.proven_in <= 5 for run in runs), f"of {len(runs)}", bar),
        Figure("proven within 3 s", sum(run.proven_in <= 3 for run in runs), f"of {len(runs)}", aim_bar),
        Figure("peak", peak() / MEBI, "MiB", peak_bar),
    ]
    return Outcome(
        figures, size=size, equal=("sums over all customers", "known optima"), plan=together(runs), notes=notes
    )


def _of_points(plane: Plane, radius: float, open: int) -> Plan:
    problem = u.Problem.from_points(plane.homes, plane.weights, plane.lots, within=radius, open=open)  # type: ignore[attr-defined]
    return u.solve(problem, within=None, time_limit=LIMIT)


def together(runs: Sequence[Asked]) -> dict[str, str]:
    """The cells of a row of many questions."""
    proven = sum(run.plan.proven for run in runs)
    return {
        "value": f"{len(runs)} plans",
        "bound": "none contradicts",
        "proven": f"{proven} of {len(runs)}",
        "seconds": said(sum(run.seconds for run in runs)),
    }


def hard(*, demand: int, sites: int, open: int, short: float, long: float, bar: Bar, aim_bar: Bar) -> Outcome:
    """A gap after a short search; and whether a long one closes it."""
    warm("cover-most")
    plane = city(demand, sites)
    covered = plane.covered()
    size = f"{demand:,} x {sites:,}, 2 %, p {open}"
    problem = u.Problem.from_coverage(covered, plane.weights, open=open)
    first = asked(lambda: u.solve(problem, within=None, time_limit=f"{short:g} s"))
    last = first if first.plan.proven else asked(lambda: u.solve(problem, within=None, time_limit=f"{long:g} s"))
    wrong = [line for run in {id(run): run for run in (first, last)}.values() for line in _sums(plane, run, open)]
    figures = [
        gap_figure(first, f"gap in {short:g} s", bar),
        Figure("proven in", last.proven_in, "s", aim_bar, note=f"gap at the end {last.plan.gap:.4%}"),
    ]
    return one(last, wrong, figures, size=size, equal=("sums over all places",))


def whole_city(
    *,
    demand: int,
    sites: int,
    open: int,
    plan_bar: Bar,
    bar: Bar,
    aim_bar: Bar,
    peak_bar: Bar,
    short: float,
    long: float,
) -> Outcome:
    """Every block of a large city, thousands of lots: a plan at once, then a gap that falls."""
    warm("cover-most")
    plane = city(demand, sites, density=0.01)
    problem = u.Problem.from_coverage(plane.covered(), plane.weights, open=open)
    limits = (0.25, short, long)
    runs = [asked(lambda: u.solve(problem, within=None, time_limit=f"{limit:g} s")) for limit in limits]  # noqa: B023
    wrong = [line for run in runs for line in _sums(plane, run, open)]
    at_once, soon, late = runs
    figures = [
        Figure("a plan when 0.25 s are given", at_once.seconds, "s", plan_bar, note=f"its gap {at_once.plan.gap:.2%}"),
        gap_figure(soon, f"gap in {short:g} s", bar),
        gap_figure(late, f"gap in {long:g} s", aim_bar),
        Figure("peak", peak() / MEBI, "MiB", peak_bar),
    ]
    size = f"{demand:,} x {sites:,}, each covers 1 %, p {open}"
    return one(late, wrong, figures, size=size, equal=("sums over all places",))


def _sums(plane: Plane, run: Asked, open: int) -> list[str]:
    value = counted("cover-most", plane.nearest(list(run.plan.sites)), plane.weights, plane.radius)
    shape = (len(plane.homes), len(plane.lots), open)
    wrong = disagreements(run.plan, value, reached=REACHED.get(shape), whole=True)
    return wrong if len(run.plan.sites) == open else [*wrong, f"opens {len(run.plan.sites)} of {open}"]
