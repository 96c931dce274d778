"""Every kernel gives the same as Python and as machine code; and which of the two a call takes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pytest

from tests.network.any_graphs import big_graph
from tests.network.grids import random_grid, scattered
from tests.siting.towns import clustered_town
from utopias.access.chain_join import least_by_way
from utopias.access.kernels import gather, gather_in_zones, spread, spread_in_zones
from utopias.access.on_foot import travel_times
from utopias.compiled import machine, store, types
from utopias.compiled.kernel import SMALL, TINY, Kernel, always, interruptible, kernel, prepare, turns_of
from utopias.compiled.warm import every_kernel, warm
from utopias.domain.aim import Aim
from utopias.domain.budgets import Budgets
from utopias.domain.progress import silent
from utopias.network.straight_lines import straight_lines
from utopias.network.street_network import StreetNetwork, street_network
from utopias.siting.bundles.explain import explain_services
from utopias.siting.bundles.problem import ModuleProblem
from utopias.siting.bundles.solve import equip
from utopias.siting.choose.explain import explain
from utopias.siting.covers.cover_tree import cover_tree
from utopias.siting.doubt.robustness import robustness
from utopias.siting.lists import transpose
from utopias.siting.median.aims import put
from utopias.siting.median.cover_kernels import cover_shake
from utopias.siting.median.cover_regions import Regions
from utopias.siting.median.dominance import dominated
from utopias.siting.median.merge import merge, restrict
from utopias.siting.median.narrow import narrow
from utopias.siting.median.polish import Polish
from utopias.siting.median.programme import relaxed, solved
from utopias.siting.median.search import Search
from utopias.siting.question.clock import Clock
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve
from utopias.siting.years.phase import phase


def walk_both_ways() -> None:
    streets = random_grid(6, 5, seed=4)
    network = street_network(streets)
    few, many = scattered(3, 400, 320, seed=1), scattered(12, 400, 320, seed=2, role="unit")
    for here, there in ((few, many), (many, few)):
        travel_times(network, here, there, within="12 min")


def plan_a_town() -> None:
    town, times = clustered_town(60, 12)
    for limits in ({"open": 2}, {"budget": 300e6}):
        asked = Problem.for_town(town, times, **limits)
        for aim in ("cover-most", "least-walk"):
            plan = solve(asked, aim=aim, work=3)
            explain(asked, plan)
            robustness(asked, plan, draws=2)
    for name, limits in (("smallest-worst", {"open": 4}), ("cover-twice", {"open": 4}), ("cover-all", {})):
        terms = {"unreachable": "leave-out"} if name == "cover-all" else {}
        solve(Problem.for_town(town, times, **limits), aim=Aim.of(name, **terms), within="15 min")
    covers = np.random.default_rng(3).random((60, 20)) < 0.15
    solve(Problem.from_coverage(covers, np.ones(60)), aim=Aim.of("cover-all", unreachable="leave-out"), within=None)
    starts, columns = (
        np.arange(0, 22, 2),
        np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 0, 0, 2, 1, 3, 2, 4, 3, 0, 4, 1], np.int32),
    )
    site_starts, rows, _ = transpose(starts[:11], columns, np.zeros(20), 5)
    cover_tree(starts[:11], columns, site_starts, rows, np.ones(10), 3, np.zeros(5, dtype=bool), 1000)
    asked = Problem.for_town(town, times, open=2)
    median = merge(put(asked, "least-walk", "15 min").median).median
    assert len(median.costs)
    assert relaxed(median, seconds=20.0) is not None
    solved(median, start=np.arange(len(median.free)) < 2, tolerance=0.0, seconds=20.0, nodes=None)


def plan_with_fees() -> None:
    town, times = clustered_town(60, 12)
    median = put(Problem.for_town(town, times, open=2), "least-walk", "15 min").median
    fees = 50.0 * median.weights.sum() * np.linspace(0.5, 1.5, len(median.free))
    for number in (-1, 3):
        Search(replace(median, fees=fees, number=number), Clock(60.0, work=3), 7, silent).run()
    polish = Polish(median, median.cap / 2)
    for _ in polish.steps(monotonic() + 20):
        pass
    none = np.zeros(len(median.free), dtype=bool)
    narrow(median, none, none, polish.multipliers)


def fill_places() -> None:
    random = np.random.default_rng(8)
    costs, weights = random.integers(1, 60, (40, 9)).astype(float), random.integers(1, 9, 40)
    room = random.integers(10, 60, 9)
    for aim in ("cover-most", "least-walk"):
        solve(Problem.from_costs(costs, weights, open=3, capacities=room, beyond=70), aim=aim, within=30, work=2)


def equip_a_town() -> None:
    town, times = clustered_town(60, 12)
    services = ["pool", "day house", "workshops", "canteen"]
    for limits in ({"open": 3}, {"budget": 250e6, "upkeep": 60e6}):
        asked = ModuleProblem.for_town(town, times, services=services, buildable=0.9, **limits)
        explain_services(equip(asked, work=6))


def build_over_years() -> None:
    """Some schedules of a town, with money carried over and without, and a short walk instead of a covering."""
    town, times = clustered_town(60, 12)
    asked = Problem.for_town(town, times, open=4, forced=[4])
    for carry, aim in ((False, "cover-most"), (True, "least-walk")):
        budgets = Budgets.of("2026-2029", 300e6, works_a_year=2, carry_over=carry)
        phase(asked, budgets=budgets, aim=aim, work=3)


def ask_the_streets() -> None:
    graph = big_graph(2, side=8)
    network, n = graph.network(), len(graph)
    some = np.arange(0, n, 3)
    for limit in (1500, 2**15):
        for values in (np.arange(n), np.arange(n) / 3):
            network.sums(values, limit)
            network.sums(values, limit, some[:2])
        network.rows(some, limit)
        network.nearest(some, 3, limit)


def ask_for_tables() -> None:
    """Of a network as it is, and where some of its edges cost more; and the sums around all its nodes."""
    random = np.random.default_rng(5)
    side, step = 12, 80.0
    x, y = (axis.ravel() * step for axis in np.meshgrid(np.arange(side), np.arange(side)))
    node = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel(), [3]])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel(), [3]])
    kept = random.random(len(tail)) < 0.9
    cost = random.integers(0, 900, int(kept.sum()))
    network = StreetNetwork.from_edges(x, y, tail[kept], head[kept], cost, cost + 5)
    asked = random.integers(0, side * side, 30)
    network.table(asked[:20], asked[10:])
    network.reweigh([40, 41, 90], [7, 0, 2**30]).table(asked, asked)
    chains, rank = network.chains, network.hierarchy.rank
    top = np.argmax(
        np.minimum(rank[chains.tail], rank[chains.head])
    )  # so little lies above it that it alone is weighed
    network.reweigh(np.flatnonzero(network.edges.chain == top)[:1], [2000]).table(asked, asked)
    network.sums(np.arange(side * side), 1500)
    network.sums(np.arange(side * side) / 7, 9_000)
    network.sums(np.arange(side * side), 70_000)
    network.sums(np.arange(side * side) / 7, 70_000)


def share_places_and_walk_chains() -> None:
    random = np.random.default_rng(6)
    blocks, sites = scattered(40, 900, 900, seed=7), scattered(9, 900, 900, seed=8, role="unit")
    times = travel_times(straight_lines(), blocks, sites, within="15 min")
    weight = np.linspace(1.0, 0.0, times.limit.deciseconds + 1)
    pairs = times.starts, times.columns, times.deciseconds
    spread(*pairs, weight, random.random(40), np.zeros(9))
    gather(*pairs, weight, random.random(9), np.zeros(40))
    zone = (np.arange(len(weight)) // 3000).astype(np.uint8)
    spread_in_zones(*pairs, zone, np.array([1.0, 0.68, 0.22, 0.0]), random.random(40), np.zeros(9))
    gather_in_zones(*pairs, zone, np.array([1.0, 0.68, 0.22, 0.0]), random.random(9), np.zeros(40))
    back = travel_times(straight_lines(), sites, scattered(15, 900, 900, seed=9, role="unit"), within="15 min")
    school, home = (random.integers(0, n, 60).astype(np.int32) for n in (40, 15))
    least_by_way(times, back, school, home, limit=9_000, compiled=True)


def cover_points() -> None:
    """Points gathered into rows, and a covering plan over them."""
    random = np.random.default_rng(11)
    asked = Problem.from_points(
        random.random((90, 2)), np.arange(1.0, 91.0), random.random((14, 2)), within=0.2, open=5
    )
    median = merge(put(asked, "cover-most", None).median).median
    idle = dominated(median)
    restrict(median, np.zeros(len(idle), dtype=bool), idle)
    site_starts, demand, _ = median.by_site
    chosen, luck = np.arange(len(idle)) < 5, random.random((3, 18))
    cover_shake(median.starts, median.columns, site_starts, demand, median.weights, chosen, median.free, luck)
    solve(asked, work=2)
    regions = Regions(median, np.full(len(median.weights), 0.5), np.full(len(idle), 5 / 14), random, 2.0)
    for _ in range(8):
        regions.grow(3)


# Whoever declares a kernel adds a job here that runs it, by way of what users call.
JOBS: tuple[Callable[[], None], ...] = (
    walk_both_ways,
    plan_a_town,
    fill_places,
    plan_with_fees,
    equip_a_town,
    build_over_years,
    ask_the_streets,
    ask_for_tables,
    share_places_and_walk_chains,
    cover_points,
)


@pytest.fixture(scope="module")
def compared() -> set[str]:
    """Run all jobs with every call of a kernel made both ways; the names of those that were called."""
    met: set[str] = set()

    def both(one: Kernel, *args: Any) -> Any:
        told = f"{one.__module__}.{one.__name__}"
        met.add(told)
        met.update(_called_by(one))
        with always("python"):
            again = deepcopy(args)
            as_python = one.for_work(0.0)(*again)
        with always("machine"):
            result = one.for_work(0.0)(*args)
        for mine, other in zip((*_parts(result), *args), (*_parts(as_python), *again), strict=True):
            if isinstance(mine, np.ndarray):
                assert mine.dtype == other.dtype, told
            np.testing.assert_array_equal(mine, other, err_msg=told)
        return result

    before = Kernel.__call__
    Kernel.__call__ = both  # type: ignore[assignment, method-assign]
    try:
        for job in JOBS:
            job()
    finally:
        Kernel.__call__ = before  # type: ignore[method-assign]
    return met


def _parts(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


def _called_by(one: Kernel) -> set[str]:
    inner = [one.py_func.__globals__.get(name) for name in one.py_func.__code__.co_names]
    called = {found for found in inner if isinstance(found, Kernel)}
    return {f"{k.__module__}.{k.__name__}" for k in called}.union(*map(_called_by, called))


def test_every_kernel_gives_the_same_as_python_and_as_machine_code(compared: set[str]) -> None:
    known = {f"{one.__module__}.{one.__name__}" for one in every_kernel() if one.__module__.startswith("utopias.")}
    assert known - compared == set(), "give them a job in JOBS"


# Which way a call takes.


@pytest.fixture
def doubling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """A kernel without code on the disk, whose folder is ours."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    with always(""):
        yield fresh()


def fresh() -> Kernel:
    def double(values, out):  # type: ignore[no-untyped-def]
        for k in range(len(values)):
            out[k] = values[k] + values[k]

    return Kernel(double, types.void(types.I4, types.OUT_I4), work=turns_of, compiles_in=1.0, allocates=False)


def doubled(one: Kernel, count: int) -> np.ndarray:
    out = np.zeros(count, dtype=np.int32)
    one(np.arange(count, dtype=np.int32), out)
    return out


def test_tiny_and_small_work_waits_for_no_compiler(doubling: Kernel, tmp_path: Path) -> None:
    assert doubled(doubling, TINY // 4).tolist()[-1] == TINY // 2 - 2
    assert doubled(doubling, SMALL // 4)[1] == 2
    assert list(tmp_path.iterdir()) == []
    assert not doubling.load()


def test_large_work_is_compiled_once_and_kept(doubling: Kernel, tmp_path: Path) -> None:
    assert doubled(doubling, SMALL)[-1] == 2 * (SMALL - 1)
    assert [path.name for path in tmp_path.iterdir()] == [doubling.name]
    another = fresh()
    assert another.load()
    assert another.make() == 0.0
    assert doubled(another, SMALL)[-1] == 2 * (SMALL - 1)


def test_many_tiny_calls_are_one_that_is_not(doubling: Kernel) -> None:
    for _ in range(2 * SMALL // TINY + 2):
        doubled(doubling, TINY // 4)
    assert doubling.kept_in() != []


def test_work_that_nobody_knows_is_compiled(doubling: Kernel) -> None:
    doubling._work = None
    doubled(doubling, 3)
    assert doubling.kept_in() != []


def test_kernels_are_prepared_before_a_clock_starts(doubling: Kernel) -> None:
    prepare([doubling], SMALL / 2)
    assert doubling.kept_in() == []
    prepare([doubling], SMALL * 2)
    assert doubling.kept_in() != []


def test_code_cut_short_on_the_disk_is_made_again(doubling: Kernel, tmp_path: Path) -> None:
    doubling.make()
    kept = tmp_path / doubling.name
    kept.write_bytes(kept.read_bytes()[:-9])
    another = fresh()
    assert not another.load()
    assert another.make() > 0
    assert fresh().load()


def test_a_folder_that_may_not_be_written_costs_time_and_no_answer(
    doubling: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "inside"))
    assert doubled(doubling, SMALL)[1] == 2
    assert doubling.kept_in() == []


def test_a_read_only_package_keeps_its_code_with_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    source = tmp_path / "package" / "kernels.py"
    (tmp_path / "package").write_text("")  # not even a folder: nothing can be written beside the source
    assert store.write(str(source), "name", b"code") == tmp_path / "mine" / "utopias"
    assert store.read(str(source), "name") == b"code"


def test_a_whole_number_that_outgrows_its_type_is_never_another_number(doubling: Kernel) -> None:
    with pytest.raises((FloatingPointError, OverflowError)):
        doubling(np.array([2**30], dtype=np.int32), np.zeros(1, dtype=np.int32))


def test_arrays_of_the_wrong_kind_are_refused_and_strided_ones_taken(doubling: Kernel) -> None:
    doubling.make()
    out = np.zeros(3, dtype=np.int32)
    doubling(np.arange(6, dtype=np.int32)[::2], out)
    assert out.tolist() == [0, 4, 8]
    for wrong in (np.arange(3.0), [0, 1, 2], np.zeros((3, 1), dtype=np.int32)):
        with pytest.raises(TypeError):
            doubling(wrong, out)
    with pytest.raises(TypeError):
        doubling(np.arange(3, dtype=np.int32), np.broadcast_to(np.int32(0), 3))


def test_a_division_by_zero_is_an_error_in_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))

    @kernel(types.int64(types.int64, types.int64))
    def split(a, b):  # type: ignore[no-untyped-def]
        return a // b

    for way in ("python", "machine"):
        with always(way):
            assert split(7, 2) == 3
            with pytest.raises(ArithmeticError):
                split(7, 0)


WIDTH = np.uint64(4)


@kernel()
def _least(row, begin):  # type: ignore[no-untyped-def]
    found = row[begin]
    for k in range(WIDTH):
        found = min(found, row[begin + np.uint64(k)])
    return found


def _of_rows(rows, out):  # type: ignore[no-untyped-def]
    for k in range(len(out)):
        out[k] = _least(rows, np.uint64(k) * WIDTH)


@pytest.mark.parametrize("label", ["uint16", "uint32"])
def test_a_kernel_of_several_types_and_a_part_that_only_kernels_call(
    label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    kind = getattr(types, label)
    least_of_rows = kernel(types.void(types.Array(kind, 1, "C", readonly=True), types.Array(kind, 1, "C")))(_of_rows)
    rows = np.random.default_rng(1).integers(0, 60_000, 40).astype(label)
    for way in ("python", "machine"):
        out = np.zeros(10, dtype=label)
        with always(way):
            least_of_rows(rows, out)
        assert out.tolist() == rows.reshape(10, 4).min(axis=1).tolist()
    kept = (tmp_path / least_of_rows.name).read_bytes()
    assert b"numba" not in kept[:40]  # bare: it needs nothing but itself


def test_the_name_of_code_changes_with_its_source_constants_and_callees() -> None:
    def with_constant(value: int) -> Any:
        def f(x):  # type: ignore[no-untyped-def]
            return x + value

        return f

    assert store.name_of(with_constant(1)) == store.name_of(with_constant(1))
    assert store.name_of(with_constant(1)) != store.name_of(with_constant(2))
    assert store.name_of(with_constant(1), types.I4) != store.name_of(with_constant(1), types.I8)


def test_what_was_read_before_its_file_changed_is_not_kept_as_what_is_there_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_lines", store._lines.__wrapped__)
    source, names = tmp_path / "edited.py", []
    for value in (1, 100):
        source.write_text(f"def f(x):\n    return x + {value}\n")
        read: dict[str, Any] = {"__name__": "edited"}
        exec(compile(source.read_text(), str(source), "exec"), read)
        names.append(read["f"])
    assert store.name_of(names[0]) != store.name_of(names[1])


@pytest.mark.parametrize("allocates", [False, True])
def test_code_is_made_again_when_a_part_in_another_file_changes(allocates: bool, tmp_path: Path) -> None:
    part = "from utopias.compiled.kernel import kernel\n\n@kernel()\ndef step(x):\n    return x + {}\n"
    (tmp_path / "whole.py").write_text(
        "from utopias.compiled import types\nfrom utopias.compiled.kernel import kernel\nfrom part import step\n\n"
        f"@kernel(types.int64(types.int64), allocates={allocates})\ndef walk(x):\n    return step(x)\n"
    )
    told = []
    for value in (1, 100):
        (tmp_path / "part.py").write_text(part.format(value))
        done = subprocess.run(
            [sys.executable, "-c", "from whole import walk; print(walk(0))"],
            env=os.environ
            | {
                "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "NUMBA_CACHE_DIR": str(tmp_path / "kept"),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        told.append(int(done.stdout))
    assert told == [1, 100]


def test_what_numba_calls_by_another_convention_is_left_to_numba(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(machine, "_expected", lambda _: ["ptr"])
    with always("machine"):
        assert doubled(fresh(), 4).tolist() == [0, 2, 4, 6]


def test_warming_makes_everything_once() -> None:
    list(warm())
    assert [one for one in warm() if one.seconds] == []


def test_a_small_town_is_walked_in_a_fresh_process_without_numba(tmp_path: Path) -> None:
    line = (
        "from tests.compiled.test_kernels import walk_both_ways; import sys; "
        "sys.modules.pop('numba', None); walk_both_ways(); print('numba' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", line], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        env=os.environ | {"UTOPIAS_KERNELS": "", "NUMBA_CACHE_DIR": str(tmp_path)},
    ).stdout  # fmt: skip
    assert told.split()[-1] == "False"
    assert list(tmp_path.iterdir()) == []


def test_a_ctrl_c_that_comes_while_machine_code_runs_is_a_ctrl_c_and_no_other_error() -> None:
    def stopped_by(cause: BaseException) -> Callable[..., None]:
        def run() -> None:
            raise SystemError("a function returned a result with an exception set") from cause

        return interruptible(run)

    with pytest.raises(KeyboardInterrupt):
        stopped_by(KeyboardInterrupt())()
    twice = SystemError("of the loop that calls it")
    twice.__context__ = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        stopped_by(twice)()
    with pytest.raises(SystemError):
        stopped_by(ValueError())()
