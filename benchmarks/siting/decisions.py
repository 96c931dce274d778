"""What a planner waits for once a town is walked: a plan with its doubts, a suggestion, the reasons, the alternatives.

The same five questions to the made-up borough of 1.8 million and to the centre of São Paulo, pinned to one core. Every value is
first counted again in a dense table of the town's times, which knows neither the solver nor its kernels.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

import utopias as u
from benchmarks.rounds import Bar, Figure, Outcome
from benchmarks.siting.asked import Asked, asked, counted, disagreements, nearest_of, number, one, warm
from benchmarks.towns import PEOPLE, sao_paulo
from utopias.domain.arrays import Floats
from utopias.domain.plan import Plan
from utopias.domain.quantities import Duration, Minutes
from utopias.scenario.on_what import walk
from utopias.siting.question.problem import Problem

OPEN, WITHIN = 5, "15 min"
ROUNDS = 5
SHARE = 0.005  # alternatives are that near to the plan
SWAPS_TRIED = 8  # refused sites whose best swap is found again
AIMS = ("cover-most", "smallest-worst")
DECISECONDS = 600.0  # a minute
FAR = Minutes(60)


@dataclass(frozen=True, eq=False)
class Ground:
    """A town, walked: the question of five more."""

    name: str
    problem: Problem
    size: str

    @classmethod
    def of(cls, name: str, people: int, *, within: Duration = Minutes(15)) -> Ground:
        """The borough with so many people, or São Paulo; everything small asked once, so that the machine code is there.

        within : the table of walks reaches twice as far, and 30 minutes at least.
        """
        few = u.synthetic_town("borough", people=7_000, seed=7)
        small = u.Problem.for_town(few, walk(few), open=1)
        plan = u.solve(small, within=WITHIN)
        u.robustness(small, plan, draws=2)
        u.explain(small, plan)
        u.alternatives(small, plan)
        warm("cover-most", "least-walk")
        town = u.synthetic_town("borough", people=people, seed=7) if name == "borough" else sao_paulo()
        problem = u.Problem.for_town(town, walk(town, within=within), open=min(OPEN, len(town.sites)))
        blocks, _ = problem.shape
        inhabitants = float(town.blocks.people[town.blocks.planned].sum())
        return cls(name, problem, f"{inhabitants:,.0f} people, {blocks:,} blocks, {len(problem.candidates)} lots")

    @cached_property
    def table(self) -> Floats:
        """(n, m) deciseconds, inf where there is no way within the table."""
        pairs, found = self.problem.pairs, np.full(self.problem.shape, np.inf)
        found[pairs.rows, pairs.columns] = pairs.costs
        return found

    def solved(self) -> Plan:
        return u.solve(self.problem, within=WITHIN)

    def counted(self, sites: Sequence[int]) -> float:
        """People within of these and the fixed sites, from the dense table."""
        limit = float(Duration.of(WITHIN).deciseconds)
        nearest = nearest_of(self.table, [*sites, *self.problem.fixed])
        return counted("cover-most", nearest, self.problem.weights, limit)

    def worst(self, sites: Sequence[int]) -> float:
        """Minutes of the longest walk of anybody whom some site reaches."""
        nearest = nearest_of(self.table, [*sites, *self.problem.fixed])
        counts = (self.problem.weights > 0) & np.isfinite(self.table.min(axis=1))
        return float(nearest[counts].max()) / DECISECONDS

    def disagreements(self, plan: Plan, name: str = "") -> list[str]:
        return disagreements(plan, self.counted(plan.sites), name=name)

    def seconds(self, work: Callable[[], Any]) -> float:
        """Median of the processor's seconds."""
        taken = []
        for _ in range(ROUNDS):
            begun = time.process_time()
            work()
            taken.append(time.process_time() - begun)
        return statistics.median(taken)


def five_more(*, town: str, people: int = PEOPLE, bar: Bar) -> Outcome:
    """Times given: the plan of five more, and a hundred draws of its doubts."""
    ground = Ground.of(town, people)
    doubts = []

    def question() -> Plan:
        plan = ground.solved()
        doubts.append(u.robustness(ground.problem, plan, draws=100, seed=7))
        return plan

    run = asked(question)
    wrong = ground.disagreements(run.plan)
    for row in doubts[0].rows[:5]:  # the regret of a draw is what its own numbers say
        if not np.isclose(row["regret"], max(0.0, row["best"] - row["plan"]) / row["best"]):
            wrong.append(f"a draw's regret is {row['regret']}, its values {row['best']} and {row['plan']}")
    solving = ground.seconds(ground.solved)
    figures = [
        Figure("plan and 100 draws", run.seconds, "s", bar),
        Figure("the plan alone", solving, "s", note=f"worst gap of a draw {doubts[0].worst_gap:.2%}"),
    ]
    return one(run, wrong, figures, size=ground.size, equal=("sums over the town's table",))


def suggestion(*, town: str, people: int = PEOPLE, bar: Bar) -> Outcome:
    """Two sites of the plan and three poor ones stand on the map: the first better choice that is offered."""
    ground = Ground.of(town, people)
    best = ground.solved()
    alone = {int(site): ground.counted([int(site)]) for site in ground.problem.candidates}
    poor = sorted(set(alone) - set(best.sites), key=lambda site: (alone[site], site))[: len(best.sites) - 2]
    start = tuple(sorted([*best.sites[:2], *poor]))
    begun = ground.counted(start)
    wrong: list[str] = []
    wall, processor = time.perf_counter(), time.process_time()
    first = seen = None
    for step in u.improve(ground.problem, start):  # type: ignore[attr-defined]
        if first is None and step.value > begun:
            first = (time.process_time() - processor, time.perf_counter() - wall, step.value)
        if abs(step.value - ground.counted(step.sites)) > 1e-6:
            wrong.append(f"says {step.value!r}, its sites come to {ground.counted(step.sites)!r}")
        if step.bound < best.value - 1e-6 or (seen is not None and step.value < seen):
            wrong.append(f"{step.value!r} under {step.bound!r} after {seen!r}, and {best.value!r} is known")
        seen = step.value
    if first is None:
        wrong.append(f"nothing better than {begun:,.0f} was offered, and {best.value:,.0f} is known")
    if wrong:
        return Outcome(wrong=wrong, size=ground.size)
    assert first is not None
    run = Asked(best, first[0], first[1])
    notes = (f"from {number(begun)} to {number(first[2])} at once, {number(seen or 0.0)} at the end", run.note)
    figures = [Figure("first better choice", first[0], "s", bar)]
    return Outcome(figures, size=ground.size, equal=("sums over the town's table",), plan=run.cells, notes=notes)


def explanation(*, town: str, people: int = PEOPLE, bar: Bar) -> Outcome:
    """Why each chosen site, and what each refused one would cost: a share of the solve."""
    ground = Ground.of(town, people)
    run = asked(ground.solved)
    plan, wrong = run.plan, ground.disagreements(run.plan)
    told = u.explain(ground.problem, plan)
    for chosen in told.chosen:
        lost = plan.value - ground.counted([site for site in plan.sites if site != chosen.site])
        if chosen.loss is None or abs(chosen.loss - lost) > 1e-6:
            wrong.append(f"{chosen.id}: says it is worth {chosen.loss}, without it {lost} are lost")
    for refused in told.refused[:: max(1, len(told.refused) // SWAPS_TRIED)]:
        swapped = [
            ground.counted([refused.site, *plan.sites[:k], *plan.sites[k + 1 :]]) for k in range(len(plan.sites))
        ]
        if refused.loss is None or abs(refused.loss - (plan.value - max(swapped))) > 1e-6:
            wrong.append(f"{refused.id}: says {refused.loss}, its best swap loses {plan.value - max(swapped)}")
    solving = ground.seconds(ground.solved)
    explaining = ground.seconds(lambda: u.explain(ground.problem, plan))
    reading = ground.seconds(lambda: [*told.chosen, *told.refused])
    label = f"all {len(told.chosen) + len(told.refused)} sites, share of the solve,"
    figures = [Figure(label, 100 * explaining / solving, "%", bar, ours=solving, theirs=explaining)]
    note = f"to read every site's reasons one by one takes {1000 * reading:.2f} ms more"
    return one(run, wrong, figures, size=ground.size, equal=("swaps made in the town's table",), note=note)


def ten_others(*, town: str, people: int = PEOPLE, bar: Bar) -> Outcome:
    """Ten plans that are nearly as good, as fast as the one."""
    ground = Ground.of(town, people)
    run = asked(ground.solved)
    plan = run.plan
    others = u.alternatives(ground.problem, plan, within=SHARE, count=10)
    wrong = ground.disagreements(plan)
    for other in others:
        wrong += ground.disagreements(other, name=", ".join(other.site_ids))
        if other.value < plan.value * (1 - SHARE) - 1e-6:
            wrong.append(f"{', '.join(other.site_ids)} has {other.value:,.0f}, more than {SHARE:.1%} under the plan")
    if len({plan.sites, *(other.sites for other in others)}) != len(others) + 1:
        wrong.append("two alternatives are the same")
    solving = ground.seconds(ground.solved)
    finding = ground.seconds(lambda: u.alternatives(ground.problem, plan, within=SHARE, count=10))
    label = f"{len(others)} others, times the solve,"
    figures = [Figure(label, finding / solving, "x", bar, ours=solving, theirs=finding)]
    return one(run, wrong, figures, size=ground.size, equal=("sums over the town's table",))


def trade_off(*, town: str, people: int = PEOPLE, points: int = 7, bar: Bar) -> Outcome:
    """Most people within reach against the worst walk: so many points, none of which another betters in both.

    The table of walks reaches two hours, so that the worst walk of every plan stands in it.
    """
    ground = Ground.of(town, people, within=FAR)
    run = asked(ground.solved)
    wall, processor = time.perf_counter(), time.process_time()
    curve = u.trade_off(ground.problem, aims=AIMS, within=WITHIN, points=points).points  # type: ignore[attr-defined]
    spent, waited = time.process_time() - processor, time.perf_counter() - wall
    wrong = ground.disagreements(run.plan)
    values = [point.values for point in curve]
    for k, point in enumerate(curve):
        within, worst = ground.counted(point.sites), ground.worst(point.sites)
        if abs(point.values[0] - within) > 1e-6 or abs(point.values[1] - worst) > 1e-6:
            wrong.append(f"point {k} says {point.values}, its sites come to {within!r} people and {worst!r} minutes")
        if any(a >= point.values[0] and b <= point.values[1] and (a, b) != point.values for a, b in values):
            wrong.append(f"point {k} is bettered in both by another: {point.values}")
        if point.bound < point.values[0] - 1e-6:
            wrong.append(f"point {k}: {point.values[0]!r} passes its bound {point.bound!r}")
    if values and abs(max(a for a, _ in values) - run.plan.value) > 1e-6:
        wrong.append(f"the most people of the curve are {max(a for a, _ in values)!r}, of the plan {run.plan.value!r}")
    note = f"{sum(point.proven for point in curve)} of {len(curve)} points proven, {waited:.1f} s of the wall clock"
    figures = [Figure(f"{len(curve)} points", spent, "s", bar, note=note)]
    return one(run, wrong, figures, size=ground.size, equal=("sums over the town's table",))


def main_job(*, people: int = PEOPLE) -> Outcome:
    """The whole pipe as its user waits for it, stage by stage, to the pages that are printed."""
    from utopias.territory.town_folder import read_town, write_town

    Ground.of("borough", 7_000)
    laps: list[tuple[str, float]] = []
    since = [time.process_time()]

    def lap(stage: str) -> None:
        now = time.process_time()
        laps.append((stage, now - since[0]))
        since[0] = now

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        town = u.synthetic_town("borough", people=people, seed=7)
        since[0] = time.process_time()
        write_town(town, folder / "town")
        town = read_town(folder / "town")
        lap("write and read its folder")
        times = walk(town)
        lap("walking times, 30 min")
        problem = u.Problem.for_town(town, times, open=OPEN)
        run = asked(lambda: u.solve(problem, within=WITHIN))
        lap("five more")
        doubt = u.robustness(problem, run.plan, draws=100, seed=7)
        lap("100 draws")
        plan = run.plan.with_(robustness=doubt, findings=u.findings(problem, run.plan, robustness=doubt))
        lap("findings")
        plan.save(folder / "plan")
        lap("save the plan")
        verified = u.verify(folder / "plan", deep=folder / "town")
        lap("verify --deep")
        for ending in ("pdf", "html"):
            u.write_report(plan, to=folder / f"report.{ending}", language="es")
        lap("report, PDF and page")
        u.write_geopackage(plan, to=folder / "plan.gpkg")
        lap("GeoPackage")
    wrong = [] if verified.holds else ["the plan does not verify"]
    figures = [Figure(stage, seconds, "s") for stage, seconds in laps]
    figures.append(Figure("all together", sum(seconds for _, seconds in laps), "s"))
    size = f"{len(town.blocks):,} blocks, {len(times.columns):,} pairs to {len(times.destinations)} places"
    return one(run, wrong, figures, size=size, equal=(f"{len(verified.checks)} checks of the witness",))
