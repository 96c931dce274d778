"""What a planner waits for, in seconds of the wall clock on two cores: from files to a table, and from a change to its figures.

Each is checked first: times against the program of ``utopias.witness``, which shares nothing with the engine, changes
against making everything anew. Kernels are compiled before the clock runs, as after ``make demo``.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

import utopias as u
from benchmarks.access.equality import unequal
from benchmarks.bench_fresh import warm_environment
from benchmarks.rounds import Bar, Figure, Outcome
from benchmarks.towns import PEOPLE, sao_paulo_words
from cases.porto.__main__ import doors
from cases.spoken import data_folder
from utopias.access.measures import people_within
from utopias.access.on_foot import travel_times
from utopias.domain.arrays import AnyArray, Longs
from utopias.domain.places import Places, places
from utopias.domain.streets import FOOTBRIDGE
from utopias.domain.town import Town
from utopias.domain.travel_times import TravelTimes
from utopias.network.barriers import Barrier
from utopias.network.footbridge import with_footbridge
from utopias.network.street_network import street_network
from utopias.scale import Runner
from utopias.scenario.edits import AddUnit, Remove
from utopias.witness.pace import paces_of
from utopias.witness.town_files import read_raw_town
from utopias.witness.walk import walkable, walking_times

ROOT = Path(__file__).resolve().parents[2]
RUNS = 3
WITHIN = "15 min"
HORIZON = "30 min"
MEXICO_PEOPLE, MEXICO_SITES = 7_810_000, 3_000  # so many people live in some 66,000 blocks
PAIRS = 200  # walked again by the witness
WITNESSED = f"{PAIRS} times walked again by the witness"
ROUNDING = 4  # deciseconds between two programs that round a door's place on its street: see witness.retrace


def porto_files(*, bar: Bar) -> Outcome:
    """Porto has no people in the pack: a person at every door of a hundred-metre grid, twenty of them made units."""

    def inputs(folder: Path) -> list[str]:
        grid = doors()
        rows = pd.DataFrame({"block_id": grid.ids, "people": 1, "x": grid.x, "y": grid.y})
        rows.to_csv(folder / "doors.csv", index=False)
        units = rows.iloc[:: len(rows) // 20].rename(columns={"block_id": "place_id"})[["place_id", "x", "y"]]
        units.assign(project_status="finished", operating_status="operating").to_csv(folder / "units.csv", index=False)
        source = data_folder("en") / "streets" / "porto_portugal.osm.pbf"
        said = ["--blocks", folder / "doors.csv", "--streets", source, "--units", folder / "units.csv"]
        return [str(word) for word in (*said, "--name", "Porto", "--crs", "EPSG:32629", "--zone", "Europe/Lisbon",
                                       "--currency", "EUR")]  # fmt: skip

    return _from_files(inputs, bar)


def sao_paulo_files(*, bar: Bar) -> Outcome:
    """The commands of the manual's page."""
    return _from_files(lambda _: sao_paulo_words(), bar)


def _from_files(inputs: Callable[[Path], list[str]], bar: Bar) -> Outcome:
    """Two commands, each a process: ``utopias build``, ``utopias reach``. The first run warms the caches."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        said, waits = inputs(folder), Waits()

        def both(run: int) -> Any:
            town = folder / f"town-{run}"
            _utopias("build", *said, "--into", str(town))
            return json.loads(_utopias("reach", str(town), "--within", WITHIN, "--json"))["groups"]

        tables = [both(0), *(waits.run(partial(both, run)) for run in range(1, RUNS + 1))]
        back = u.read_town(folder / "town-0")
        size = f"{len(back.blocks):,} blocks, {len(back.streets or ()):,} edges"
        times = travel_times(street_network(back), back.blocks, back.fixed, within=WITHIN)
        wrong = [] if all(table == tables[0] for table in tables) else ["two runs print two tables"]
        wrong += walked_again(folder / "town-0", back, times)
    return waits.outcome(bar, wrong, size=size, equal=WITNESSED)


def add_unit(*, bar: Bar) -> Outcome:
    """A unit in the middle, at a point of one's own: its catchment, and who gains in every group."""
    borough = Borough.made()
    return _answered(borough, lambda to: borough.scenario.add_unit("new", x=to[0], y=to[1]), bar)


def move_unit(*, bar: Bar) -> Outcome:
    """A unit that stands closes, and opens again elsewhere: losses beside gains."""
    borough = Borough.made()
    gone = str(borough.town.fixed.ids[0])
    return _answered(borough, lambda to: borough.scenario.remove(gone).add_unit("new", x=to[0], y=to[1]), bar)


def barrier(*, bar: Bar) -> Outcome:
    """A wall of two kilometres, west to east: every walk and every figure again."""
    borough = Borough.made()
    return _answered(borough, lambda to: borough.scenario.barrier([(to[0] - 1e3, to[1]), (to[0] + 1e3, to[1])]), bar)


def footbridge(*, bar: Bar) -> Outcome:
    """A way between two junctions that were none: every walk and every figure again."""
    borough = Borough.made()
    streets = borough.town.streets
    assert streets is not None

    def between(to: tuple[float, float]) -> Any:
        """From the junction nearest to the point to the nearest one that lies 200 m or more from it."""
        x, y = streets.x, streets.y
        one = int(np.argmin(np.hypot(x - to[0], y - to[1])))
        far = np.hypot(x - x[one], y - y[one])
        other = int(np.argmin(np.where(far < 200, np.inf, far)))
        return borough.scenario.footbridge([(x[one], y[one]), (x[other], y[other])])

    return _answered(borough, between, bar)


def _answered(borough: Borough, changed: Callable[[tuple[float, float]], Any], bar: Bar) -> Outcome:
    """The scenario at a few points of the borough, each once; everything is asked anew for the first."""
    asked = [changed(point) for point in borough.points()]
    first = u.apply(asked[0])
    wrong = [] if len(first.changed) else ["the first change changes nothing: it asks no question"]
    wrong += borough.anew(asked[0], first)
    waits = Waits()
    for scenario in asked:
        waits.run(lambda: u.apply(scenario))  # noqa: B023
    return waits.outcome(bar, wrong, size=borough.size, equal="travel times computed from the start")


@dataclass(frozen=True)
class Borough:
    """The borough of the demonstration, walked today: what every change is asked on."""

    town: Town
    scenario: Any

    @classmethod
    def made(cls) -> Borough:
        town = u.synthetic_town("borough", people=PEOPLE, seed=7)
        scenario = u.Scenario(town, within=WITHIN)
        u.apply(scenario)  # lays out the town as it is walked today, once for all changes
        return cls(town, scenario)

    @property
    def size(self) -> str:
        return f"{len(self.town.blocks):,} blocks, {len(self.town.streets or ()):,} edges, {len(self.town.fixed)} units"

    def points(self) -> list[tuple[float, float]]:
        """Nine places where people live, the first in the middle."""
        where = self.town.blocks.places
        far = np.hypot(where.x - np.median(where.x), where.y - np.median(where.y))
        order = np.argsort(far, kind="stable")[: len(far) // 2]
        drawn = order[np.linspace(0, len(order) - 1, 3 * RUNS).astype(int)]
        return [(float(where.x[k]), float(where.y[k])) for k in drawn]

    def anew(self, scenario: Any, found: Any) -> list[str]:
        """What differs from a network of the changed streets made from nothing and a whole table of walks."""
        streets, standing, new = self.town.streets, self.town.fixed, []
        assert streets is not None
        barriers = []
        for edit in scenario.edits:
            if isinstance(edit, AddUnit):
                new.append(edit)
            elif isinstance(edit, Remove):
                standing = standing.take(standing.ids != edit.id)
            elif edit.role == FOOTBRIDGE:
                streets = with_footbridge(streets, edit.points, name=f"{FOOTBRIDGE} 0")
            else:
                barriers.append(Barrier.of(edit.points))
        network = street_network(streets)
        for wall in barriers:
            network = network.behind(wall)
        for edit in new:
            standing = standing + places([edit.id], [edit.x], [edit.y], role="unit")
        times = travel_times(network, self.town.blocks, standing, within=WITHIN)
        best = np.where(found.best_after > times.limit.deciseconds, -1, found.best_after)
        within = [float(people_within(times, self.town.demand(str(group)), WITHIN)) for group in found.today.groups]
        said = unequal("walks to the nearest unit", best, times.shortest().astype(np.int64))
        apart = np.abs(np.asarray(found.within_after) - within) > 1e-6 * np.maximum(1.0, within)
        return [said] * bool(said) + [f"{int(apart.sum())} of {len(within)} groups differ"] * bool(apart.any())


def mexico_city(*, bar: Bar) -> Outcome:
    """Every block of a made-up city of that size to its units and to 3,000 places, half an hour on foot."""
    town = u.synthetic_town("borough", people=MEXICO_PEOPLE, seed=7)
    network = street_network(town)
    drawn = np.random.default_rng(9).choice(len(town.blocks), MEXICO_SITES, replace=False)
    where = town.blocks.places
    sites = places([f"site {k}" for k in drawn], where.x[drawn], where.y[drawn], role="site")
    there = town.fixed + sites
    travel_times(network, town.blocks, town.fixed, within=HORIZON, runner=Runner.here())  # loads the kernels
    waits = Waits()
    for _ in range(2):
        times = waits.run(lambda: travel_times(network, town.blocks, there, within=HORIZON, runner=Runner.here()))
    with TemporaryDirectory() as made:
        folder = u.write_town(town, Path(made) / "town")
        wrong = walked_again(folder, town, times, there)
    planned = int(town.blocks.planned.sum())
    size = f"{planned:,} blocks, {len(town.blocks) - planned:,} around, {len(there):,} places, {len(times.columns):,} pairs"
    return waits.outcome(bar, wrong, size=size, equal=WITNESSED)


FRESH = """
import sys
import utopias as u
town = u.read_town(sys.argv[1])
times = u.travel_times(u.street_network(town), town.blocks, town.fixed, within="15 min")
print(repr(float(u.people_within(times, town.demand("all"), "15 min"))))
"""


def fresh(*, bar: Bar) -> Outcome:
    """A Python of its own, from its start to its end."""
    town = u.synthetic_town("borough", people=PEOPLE, seed=7)
    times = travel_times(street_network(town), town.blocks, town.fixed, within=WITHIN)
    expected = float(people_within(times, town.demand("all"), WITHIN))
    with TemporaryDirectory() as made:
        folder = u.write_town(town, Path(made) / "town")
        command = [sys.executable, "-c", FRESH, str(folder)]
        environment = warm_environment(Path(made))

        def run() -> float:
            said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=environment)
            return float(said.stdout)

        for _ in range(2):  # the first opening checks the folder, and Python and the kernels keep what they compile
            run()
        waits = Waits()
        found = [waits.run(run) for _ in range(2 * RUNS + 1)][-1]
    wrong = _unlike("people", [found], [expected])
    return waits.outcome(bar, wrong, size=f"{len(town.blocks):,} blocks", equal="the same in this process")


def walked_again(folder: Path, town: Town, times: TravelTimes, there: Places | None = None) -> list[str]:
    """Drawn pairs of the table, and as many it leaves out, walked by the witness; what is not equal."""
    there = there or town.fixed
    raw = read_raw_town(folder)
    if raw.streets is None:
        return ["the town was written without streets"]
    streets = walkable(raw.streets, paces=paces_of(dict(times.notes)), speed=float(times.notes["speed_m_s"]))
    rng = np.random.default_rng(7)
    stored = rng.choice(len(times.columns), PAIRS * 3 // 4)
    block = np.concatenate([times.rows[stored], rng.choice(len(town.blocks), PAIRS // 4)])
    place = np.concatenate([times.columns[stored], rng.choice(len(there), PAIRS // 4)])
    ours = _of(times, block, place)
    at = town.blocks.places
    homes, doors_there = [_doors(at, k) for k in block], [_doors(there, k) for k in place]
    right = walking_times(streets, homes, doors_there, at_most=times.limit.deciseconds)
    wrong = [k for k, answers in enumerate(right) if not _right(int(ours[k]), answers, times.limit.deciseconds)]
    if not wrong:
        return []
    first = wrong[0]
    return [f"{len(wrong)} of {PAIRS} times differ from the witness; the first {ours[first]} against {right[first]}"]


def _right(mine: int, answers: set[int], limit: int) -> bool:
    """Whether a time is one of the right ones but for rounding; none at all counts as just beyond the limit."""
    least = mine if mine >= 0 else limit + 1
    return any(abs(least - answer) <= ROUNDING for answer in (answers or {limit + 1}))


def _of(times: TravelTimes, rows: Longs, columns: Longs) -> Longs:
    """(k,) deciseconds of pairs, -1 where the table has none."""
    key = times.rows.astype(np.int64) * times.shape[1] + times.columns
    asked = rows.astype(np.int64) * times.shape[1] + columns
    at = np.minimum(np.searchsorted(key, asked), len(key) - 1)
    found: Longs = np.where(key[at] == asked, times.deciseconds[at], -1)
    return found


def _doors(where: Places, index: int) -> AnyArray:
    mine = where.entrance_of == index
    return np.stack([where.entrance_x[mine], where.entrance_y[mine]], 1)


def _unlike(what: str, found: list[float], expected: list[float]) -> list[str]:
    wrong = [k for k, (mine, right) in enumerate(zip(found, expected, strict=True)) if mine != right]
    return (
        [f"{len(wrong)} of {len(expected)} {what} differ; the first {found[wrong[0]]} against {expected[wrong[0]]}"]
        if wrong
        else []
    )


@dataclass
class Waits:
    """What each run took: seconds of the wall clock, and of processors, those of ended child processes too."""

    walls: list[float] = field(default_factory=list)
    processors: list[float] = field(default_factory=list)

    def run(self, work: Callable[[], Any]) -> Any:
        wall, processor = time.perf_counter(), _processor_seconds()
        result = work()
        self.walls.append(time.perf_counter() - wall)
        self.processors.append(_processor_seconds() - processor)
        return result

    def outcome(self, bar: Bar, wrong: list[str], *, size: str, equal: str) -> Outcome:
        """The median wall clock under its bar; processor seconds beside it, since a busy machine makes the first long."""
        if wrong:
            return Outcome(wrong=wrong, size=size)
        figures = [
            Figure("wall clock", statistics.median(self.walls), "s", bar),
            Figure("processors", statistics.median(self.processors), "s"),
        ]
        return Outcome(figures, size=size, rounds={"wall": self.walls, "processors": self.processors}, equal=(equal,))


def _processor_seconds() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _utopias(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "utopias.cli", *words], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"utopias {words[0]} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout
