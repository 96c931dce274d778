"""The main job as its user waits for it: the made-up borough, five more, a hundred draws, stage by stage."""

from __future__ import annotations

import resource
import tempfile
from pathlib import Path
from time import perf_counter

import utopias as u
from utopias.scale import Runner
from utopias.scenario.answer import walk
from utopias.territory.town_folder import read_town, write_town

PEOPLE = 1_835_000


def main() -> int:
    """Print wall seconds of each stage and the peak memory; 1 where the plan did not verify."""
    with tempfile.TemporaryDirectory() as folder:
        return stages(Path(folder))


def stages(folder: Path) -> int:
    """Every stage once, after a small run that compiles the kernels."""
    small = u.synthetic_town("borough", people=7_000, seed=7)
    question = u.Problem.for_town(small, walk(small), open=1)
    u.robustness(question, u.solve(question, within="15 min"), draws=2)

    clock = Clock()
    town = u.synthetic_town("borough", people=PEOPLE, seed=7)
    clock.told("invent the borough", f"{len(town.blocks):,} blocks, {len(town.streets or ()):,} street edges")
    write_town(town, folder / "town")
    town = read_town(folder / "town")
    clock.told("write and read its folder")
    times = walk(town)
    clock.told("walking times, 30 min", f"{len(times.columns):,} pairs to {len(times.destinations)} places")
    problem = u.Problem.for_town(town, times, open=5)
    plan = u.solve(problem, aim="cover-most", within="15 min")
    clock.told("five more", f"gap {plan.gap:.4%}, {plan.stopped}")
    doubt = u.robustness(problem, plan, draws=100, seed=7, runner=Runner.here())
    clock.told("robustness", f"{doubt.draws} draws, worst gap of a draw {doubt.worst_gap:.2%}")
    plan = plan.with_(robustness=doubt, findings=u.findings(problem, plan, robustness=doubt))
    clock.told("findings")
    plan.save(folder / "plan")
    clock.told("save the plan")
    verified = u.verify(folder / "plan", deep=folder / "town")
    clock.told("verify --deep", f"{len(verified.checks)} checks")
    for ending in ("pdf", "html"):
        u.write_report(plan, to=folder / f"report.{ending}", language="es")
    clock.told("report, PDF and page")
    u.write_geopackage(plan, to=folder / "plan.gpkg")
    clock.told("GeoPackage")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    return 0 if verified.holds else 1


class Clock:
    """Prints the wall seconds since the last word."""

    def __init__(self) -> None:
        self.since = perf_counter()

    def told(self, stage: str, what: str = "") -> None:
        now = perf_counter()
        print(f"{stage:28s} {now - self.since:6.2f} s  {what}".rstrip(), flush=True)
        self.since = now
