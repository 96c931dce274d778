"""The harness itself: equality before seconds, medians of rounds, names that are their own."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks import told
from benchmarks.access import growth
from benchmarks.access.rows import BENCH as ACCESS
from benchmarks.command import main
from benchmarks.rounds import Bar, Contest, Figure, Outcome, Peer, decide
from benchmarks.rows import LITTLE, Bench, Row, missing
from benchmarks.siting.rows import BENCH as SITING

each_bench = pytest.mark.parametrize("bench", [ACCESS, SITING], ids=lambda bench: bench.name)

EQUAL: Callable[[object, object], str] = lambda ours, theirs: "" if ours == theirs else f"{ours} against {theirs}"  # noqa: E731


def clock_of(*durations: float) -> Callable[[], float]:
    """A clock on which the first timed work takes the first duration, the next the second, and so on."""
    ticks = itertools.chain.from_iterable((0.0, taken) for taken in durations)
    return lambda: next(ticks)


def contest(*durations: float, answer: object = 1, bar: Bar | None = None, **peer: object) -> Contest:
    theirs = Peer(lambda: answer, EQUAL, bar, **peer)  # type: ignore[arg-type]
    return Contest(lambda: 1, {"rival": theirs}, clock=clock_of(*durations))


def test_the_ratio_is_the_median_of_the_rounds_own_ratios() -> None:
    # Rounds of 10/1, 30/2 and 80/2: 10, 15 and 40 times; the middle one, not the ratio of the medians.
    found = decide(contest(1, 10, 2, 30, 2, 80))
    (figure,) = found.figures
    assert (figure.value, figure.ours, figure.theirs) == (15, 2, 30)
    assert found.rounds == {"ours": [1, 2, 2], "rival": [10, 30, 80]}


def test_a_peer_asked_for_a_tenth_counts_ten_times() -> None:
    (figure,) = decide(contest(1, 3, share=0.1), rounds=1).figures
    assert figure.value == pytest.approx(30)


def test_a_peer_timed_once_stands_against_the_median_of_ours() -> None:
    (figure,) = decide(contest(1, 40, 2, 4, once=True)).figures
    assert figure.value == 20


def test_what_is_made_once_is_told_and_not_counted() -> None:
    asked = replace(contest(100, 2, 6), once="the order of the network")
    found = decide(asked, rounds=1)
    assert found.made == {"the order of the network": 100}
    assert found.figures[0].value == 3


def test_a_wrong_answer_has_no_seconds() -> None:
    found = decide(contest(1, 10, answer=2, bar=Bar(5, 8)))
    assert found.wrong == ["rival: 1 against 2"]
    assert not found.figures
    assert not found.rounds
    with pytest.raises(ValueError, match="not equal"):
        Outcome([Figure("rival", 10, "x")], wrong=["rival"])


def test_a_right_answer_has_them() -> None:  # the twin: the same contest, not falsified
    assert decide(contest(1, 10, bar=Bar(5, 8)), rounds=1).figures[0].mark == "aim"


@pytest.mark.parametrize(
    ("value", "bar", "mark"),
    [
        (4.99, Bar(5, 10), "MISSED"),
        (5, Bar(5, 10), "kept"),
        (10, Bar(5, 10), "aim"),
        (1.06, Bar(1.05, 1.02, at_least=False), "MISSED"),
        (1.05, Bar(1.05, 1.02, at_least=False), "kept"),
        (math.nan, Bar(5, 10), "MISSED"),
        (math.nan, Bar(5, 10, at_least=False), "MISSED"),
        (1, None, ""),
        (301, Bar(math.inf, 300, at_least=False), "short"),
        (math.inf, Bar(math.inf, 300, at_least=False), "short"),
        (300, Bar(math.inf, 300, at_least=False), "aim"),
        (11, Bar(-math.inf, 12), "short"),
    ],
)
def test_a_bar_is_kept_at_the_bar_itself_and_never_by_what_is_no_number(value: float, bar: Bar, mark: str) -> None:
    assert Figure("rival", value, "x", bar).mark == mark


@each_bench
def test_every_row_has_a_name_of_its_own_and_a_section(bench: Bench) -> None:
    names = [row.name for row in bench.rows]
    assert len(set(names)) == len(names)
    assert {row.section for row in bench.rows} == set(bench.sections)


@each_bench
def test_rows_of_a_section_stand_together(bench: Bench) -> None:  # else their table would be printed twice
    assert [section for section, _ in itertools.groupby(row.section for row in bench.rows)] == list(bench.sections)


def test_a_name_of_no_row_is_told() -> None:
    with pytest.raises(SystemExit, match=r"porto-12000.*There are: .*porto-1200"):
        ACCESS.named(["porto-1200", "porto-12000"])


@each_bench
def test_the_list_names_every_row(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(bench, ["--list"]) == 0
    printed = capsys.readouterr().out
    assert [line.split()[0] for line in printed.splitlines()] == [row.name for row in bench.rows]


def test_the_exit_code_tells_a_miss_from_a_wrong_answer() -> None:
    missed = result(Figure("rival", 3, "x", Bar(5, 8), 1.0, 3.0))
    assert told.code(result(Figure("rival", 6, "x", Bar(5, 8), 1.0, 6.0))) == 0
    assert told.code(missed) == 1
    assert told.code({"row": "table", "not_run": "no data"}) == 1
    assert told.code({"row": "table", "not_yet": "improve"}) == 1
    assert told.code({"row": "table", "wrong": ["rival: 1 against 2"]}) == 2
    assert told.code({"row": "table", "error": "KeyError"}) == 2


def test_a_little_run_asks_for_equality_alone() -> None:
    assert told.code(result(Figure("rival", 3, "x", Bar(5, 8), 1.0, 3.0)), little=True) == 0
    assert told.code({"row": "table", "not_yet": "improve"}, little=True) == 0
    assert told.code({"row": "table", "not_run": "no data"}, little=True) == 1
    assert told.code({"row": "table", "wrong": ["rival: 1 against 2"]}, little=True) == 2


def test_a_variant_changes_only_the_options_it_names() -> None:
    row = Row("a", "", "", "", options=(("sites", 200), ("open", 15)), variants={LITTLE: (("sites", 20),)})
    assert dict(row.as_asked(LITTLE).options) == {"sites": 20, "open": 15}
    assert dict(row.as_asked("").options) == {"sites": 200, "open": 15}


def test_what_is_missing_is_told_by_name() -> None:
    row = Row(
        "a", "", "", "", needs=("solve", "teleport", "aim cover-most", "aim fly", "Problem.from_costs", "Problem.x")
    )
    assert missing(row) == ["teleport", "aim fly", "Problem.x"]


def test_a_wrong_row_prints_what_differs_and_no_seconds() -> None:
    (row,) = ACCESS.named(["table"])
    wrong = {**result(Figure("rival", 3, "x", Bar(5, 8), 1.25, 3.75)), "wrong": ["rival: 1 of 4 costs differ"]}
    (line,) = told.lines(ACCESS, row, wrong)
    assert "NOT EQUAL: rival: 1 of 4 costs differ" in line
    assert "1.25" not in line
    assert not list(told.notes(ACCESS, row, wrong))


def test_a_row_prints_both_seconds_the_ratio_its_bar_and_its_mark() -> None:
    (row,) = ACCESS.named(["table"])
    (line,) = told.lines(ACCESS, row, result(Figure("rival", 61.2, "x", Bar(60, 200), 0.0413, 2.528)))
    assert cells(line) == ["`table`", row.what, "0.0413 s", "rival 2.53 s", "61.2x", "≥ 60x", "≥ 200x", "kept"]


def test_a_siting_row_prints_value_bound_and_proof_beside_its_seconds() -> None:
    row = SITING.rows[0]
    plan = {"value": "9,502", "bound": "9,502", "proven": "yes", "seconds": "0.004 s"}
    found = {**result(Figure("gap", 0.3, "%", Bar(0.4, 0.2, at_least=False))), "plan": plan}
    (line,) = told.lines(SITING, row, found)
    assert cells(line)[2:] == ["9,502", "9,502", "yes", "0.004 s", "gap", "0.300 %", "≤ 0.4 %", "≤ 0.2 %", "kept"]
    (line,) = told.lines(SITING, row, {**found, "wrong": ["covers 9,501 against 9,502"]})
    assert cells(line)[2:] == [""] * 8 + ["NOT EQUAL: covers 9,501 against 9,502"]


def test_the_exponent_of_doubled_work_for_doubled_nodes_is_one() -> None:
    assert growth.exponent([(20, 1.0), (320, 16.0), (5120, 256.0)]) == pytest.approx(1)
    assert growth.exponent([(10, 1.0), (100, 100.0)]) == pytest.approx(2)


def test_the_crossover_lies_where_the_line_meets_the_level() -> None:
    assert growth.crossover([(100, 1.0), (300, 3.0)], 2.0) == 200
    assert growth.crossover([(100, 1.0)], 0.5) == 50
    assert math.isnan(growth.crossover([(100, 1.0)], 2.0))


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def result(figure: Figure) -> dict:  # type: ignore[type-arg]
    """What a child sends of a row with one figure."""
    bar = figure.bar
    plain = {name: getattr(figure, name) for name in ("label", "value", "unit", "ours", "theirs", "note")}
    said = None if bar is None else {"floor": bar.floor, "aim": bar.aim, "at_least": bar.at_least}
    return {"row": "table", "figures": [{**plain, "bar": said}], "equal": [], "load": 0, "peak_mb": 1, "made": {}}
