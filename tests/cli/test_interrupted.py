"""Stopped by the user, killed by the machine, two at once: a whole plan that verifies, or no plan; never a half."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.prompt import Prompt
from utopias.cli.__main__ import run
from utopias.cli.speech import Speech
from utopias.domain.folders import manifest_faults
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress
from utopias.territory.synthetic import synthetic_town
from utopias.territory.town_folder import write_town
from utopias.witness.verify import verify

CTRL_C = signal.SIGINT


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(synthetic_town("borough", people=200_000, seed=7), tmp_path_factory.mktemp("borough") / "town")


def stop_at(monkeypatch: pytest.MonkeyPatch, stage: str, share: float) -> None:
    """Ctrl-C as it comes while a stage is told, once, from a share of it on."""

    @contextmanager
    def working(_: Speech) -> Iterator[Progress]:
        told = [False]

        def tell(now: str, done: float) -> None:
            if now == stage and done >= share and not told[0]:
                told[0] = True
                raise KeyboardInterrupt

        yield tell

    monkeypatch.setattr(Speech, "working", working)


@pytest.mark.parametrize("stage", ["reading", "streets", "travel-times", "plan"])
def test_stopped_before_there_is_a_plan_nothing_is_left(
    stage: str, prompt: Prompt, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(monkeypatch, stage, 0.0)
    said = prompt("site", town, "--open", "1", "--out", prompt.folder / "plan", language="es")
    said.must(130, "Interrumpido antes de tener un resultado. Nada quedó a medias.")
    assert prompt.leavings() == []


@pytest.mark.parametrize(
    ("share", "draws"), [(0.0, None), (0.05, (1, 200))], ids=["before the first draw", "among them"]
)
def test_stopped_among_the_draws_the_plan_stays_with_what_was_done(
    share: float, draws: tuple[int, int] | None, prompt: Prompt, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(monkeypatch, "robustness", share)
    plan = prompt.folder / "plan"
    said = prompt("site", town, "--open", "1", "--draws", "200", "--out", plan, language="es")
    said.must(130, "Interrumpido", str(plan), "el último plan bueno")
    doubt = Plan.load(plan).robustness
    assert (doubt is None) == (draws is None)
    if doubt is not None and draws is not None:
        assert draws[0] <= doubt.draws < draws[1]
        assert doubt.stopped == "user"
    assert verify(plan).holds
    assert prompt.leavings() == ["plan"]


def test_stopped_in_the_search_the_best_so_far_is_kept(
    prompt: Prompt, borough: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from utopias.siting.median.covering import Covering

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Covering, "stages", stopped)
    plan = prompt.folder / "plan"
    prompt("site", borough, "--open", "5", "--out", plan).must(130, str(plan))
    kept = Plan.load(plan)
    assert (len(kept.sites), kept.stopped, kept.proven, kept.robustness) == (5, "user", False, None)
    assert kept.bound >= kept.value
    assert verify(plan).holds


@pytest.mark.parametrize("at", ["findings", "save"])
def test_stopped_between_search_and_saving_the_plan_is_saved_all_the_same(
    at: str, prompt: Prompt, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import utopias.scenario.answer as answer

    where, name = (answer, "findings") if at == "findings" else (Plan, "save")
    work, called = getattr(where, name), []

    def once(*typed: object, **options: object) -> object:
        called.append(1)
        if len(called) == 1:
            raise KeyboardInterrupt
        return work(*typed, **options)

    monkeypatch.setattr(where, name, once)
    plan = prompt.folder / "plan"
    prompt("site", town, "--open", "1", "--draws", "5", "--out", plan).must(130, str(plan))
    assert len(called) == 2
    assert verify(plan).holds


def test_a_demo_that_is_stopped_says_where_its_plan_is(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_at(monkeypatch, "robustness", 0.0)
    demo = prompt.folder / "demo"
    prompt("demo", "--into", demo, "--people", "7000", "--draws", "50").must(130, str(demo / "plans" / "more"))
    assert verify(demo / "plans" / "more").holds
    monkeypatch.undo()
    prompt("demo", "--into", demo, "--people", "7000", "--draws", "3").must(0)


@contextmanager
def running(*typed: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "utopias.cli", "--language", "en", *map(str, typed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def until(process: subprocess.Popen[str], word: str) -> str:
    """Read what is told until a stage comes."""
    assert process.stderr is not None
    told = ""
    for line in process.stderr:
        told += line
        if word in line:
            return told
    raise AssertionError(f"{word!r} never came:\n{told}")


def test_ctrl_c_among_the_draws_of_a_borough_is_heard_soon_and_keeps_the_plan(borough: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    with running("site", borough, "--open", "5", "--draws", "5000", "--out", plan) as process:
        until(process, "robustness")
        process.send_signal(CTRL_C)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert str(plan) in err
    assert verify(plan).holds
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


@pytest.mark.parametrize("stage", ["the plan", "robustness"])
def test_killed_there_is_no_plan_or_a_whole_one_and_the_next_run_sweeps_up(
    stage: str, borough: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan"
    with running("site", borough, "--open", "5", "--draws", "5000", "--out", plan) as process:
        until(process, stage)
        process.kill()
        process.wait()
    if plan.exists():
        assert manifest_faults(plan) == []
        assert verify(plan).holds
    else:
        assert stage == "the plan", "the first plan is saved before the draws"
    assert run(["site", str(borough), "--open", "2", "--draws", "0", "--out", str(plan), "--replace"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_killed_while_it_writes_nothing_is_half_and_the_next_run_sweeps_up(town: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    program = (
        "import os\n"
        "os.fsync = lambda _: os.kill(os.getpid(), 9)\n"
        "from utopias.cli.__main__ import run\n"
        f"run(['site', {str(town)!r}, '--open', '1', '--out', {str(plan)!r}])\n"
    )
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not plan.exists()
    assert [path.name.startswith(".plan.partial-") for path in tmp_path.iterdir()] == [True]
    assert run(["site", str(town), "--open", "1", "--draws", "0", "--out", str(plan)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_of_two_runs_into_one_name_one_is_whole_and_the_other_says_so(town: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    command = ["site", town, "--draws", "60", "--seed", "3", "--out", plan, "--replace"]
    with running(*command, "--open", "1") as one, running(*command, "--open", "2") as two:
        told = [process.communicate(timeout=60) for process in (one, two)]
    codes = [process.returncode for process in (one, two)]
    for code, (_, err) in zip(codes, told, strict=True):
        assert "Traceback" not in err
        assert code == 0 or "[already-there]" in err, err
    assert 0 in codes
    kept = Plan.load(plan)
    assert verify(plan).holds
    assert kept.robustness is not None
    assert kept.robustness.draws == 60
    winners = {number for number, code in zip((1, 2), codes, strict=True) if code == 0}
    assert len(kept.sites) in winners
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_a_run_that_finds_its_name_taken_meanwhile_leaves_the_other_plan(
    prompt: Prompt, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, save, theirs = prompt.folder / "plan", Plan.save, []

    def slow(self: Plan, folder: Path, **options: bool) -> Path:
        if not theirs:
            theirs.append(save(self.with_(seed=999), folder))  # another run is a moment faster
        return save(self, folder, **options)

    monkeypatch.setattr(Plan, "save", slow)
    prompt("site", town, "--open", "1", "--out", plan).must(1, "[already-there]", "choose another name")
    assert Plan.load(plan).seed == 999
    assert prompt.leavings() == ["plan"]


def test_stopped_among_the_draws_no_worker_is_left_behind(
    prompt: Prompt, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(monkeypatch, "robustness", 0.05)
    before = threading.active_count()
    prompt("site", town, "--open", "1", "--draws", "200", "--out", prompt.folder / "plan").must(130)
    assert threading.active_count() == before
