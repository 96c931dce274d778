"""Ten blocks with one unit closed, the people of another year, and whom a new unit draws: checked by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.scenario.ten_blocks import PEOPLE, A, C, U, plan_of, ten_blocks
from utopias.access.diverted import Pull, diverted, fitted, used
from utopias.access.on_foot import travel_times
from utopias.domain.demand import Demand
from utopias.domain.errors import ProblemError, TableError
from utopias.domain.places import places
from utopias.network.straight_lines import straight_lines
from utopias.scenario.closures import closures
from utopias.scenario.drawn import attraction_of, draw_users
from utopias.scenario.later_people import read_world, weights_later
from utopias.territory.counts import read_counts
from utopias.territory.stops import read_stops


def test_whoever_has_a_second_unit_loses_nothing() -> None:
    study = ten_blocks()
    closed = {one.place_id: one for one in closures(plan_of(study, A, C))}
    u, a, c = closed["u"], closed["a"], closed["c"]
    assert (u.within, u.second, u.lose, u.minutes_more) == (100, 100, 0, None)  # c reaches blocks 0 to 3 too
    assert (a.within, a.second, a.lose) == (250, 180, 70)  # block 6 has a alone; 2 to 5 have c
    assert (c.within, c.second, c.lose) == (210, 210, 0)
    assert a.minutes_more == pytest.approx(20 - 5)  # from 5 to 20 minutes: at 30, to c at 10
    assert (u.new, a.new) == (False, True)
    assert a.by_group["older people"] == pytest.approx(14)


def test_without_a_second_unit_all_lose() -> None:
    (only,) = closures(plan_of(ten_blocks()))
    assert (only.lose, only.second) == (100, 0)
    assert only.minutes_more == pytest.approx((10 * 30 + 20 * 25 + 30 * 20 + 40 * 15) / 100)  # to the end of the table


def test_a_world_is_read_and_weighs() -> None:
    assert read_world("2035: older people=1.4, all=0.9") == ("2035", {"older people": 1.4, "all": 0.9})
    study = ten_blocks()
    today = study.blocks["weight"].to_numpy()
    assert weights_later(study, {"all": 0.5}) == pytest.approx(today * 0.5)
    assert weights_later(study, {"older people": 2.0}) == pytest.approx(today * 1.2)  # a fifth of them doubles
    for told in ("2035", "2035: older people", "2035: older people=x", ": all=1", "2035: all=-1"):
        with pytest.raises(ProblemError):
            read_world(told)
    with pytest.raises(ProblemError) as caught:
        weights_later(study, {"unicorns": 1.0, "carers": 1.0})
    assert caught.value.codes == ("unknown-group", "unknown-group")


def test_use_is_the_formula_in_full() -> None:
    study, planned = ten_blocks(), np.arange(10) < 8
    demand = Demand(study.times.origins, PEOPLE, "all", planned)
    pull, attraction = Pull("exponential 10 min", alpha=2.0, home=0.7), np.array([1.0, 3.0, 1.0, 2.0, 1.0, 1.0])
    found = used(study.times, demand, attraction, pull, [U, A])
    expected = np.zeros(6)
    for j in range(8):
        drawn = {}
        for place in (U, A):
            mine = (study.times.rows == j) & (study.times.columns == place)
            if mine.any():
                drawn[place] = attraction[place] ** 2 * np.exp(-study.times.deciseconds[mine][0] / 6000.0)
        for place, value in drawn.items():
            expected[place] += PEOPLE[j] * value / (0.7 + sum(drawn.values()))
    assert found.by_place == pytest.approx(expected)
    assert found.by_block.sum() == pytest.approx(expected.sum())


def test_what_a_new_unit_draws_is_others_or_new() -> None:
    study = ten_blocks()
    demand = Demand(study.times.origins, PEOPLE, "all", np.arange(10) < 8)
    run = diverted(study.times, demand, np.ones(6), Pull(), standing=[U], new=[A])
    assert run.users == pytest.approx(run.from_others + run.newcomers)
    assert run.from_others > 0
    assert run.newcomers > 0
    assert run.after.by_block.sum() - run.before.by_block.sum() == pytest.approx(run.newcomers)
    closer = diverted(study.times, demand, np.ones(6), Pull(theta=-1.0), standing=[U], new=[A])
    assert closer.users != pytest.approx(run.users)


def test_parameters_are_found_again_from_counts_they_made() -> None:
    random = np.random.default_rng(5)
    blocks = places([f"b{k}" for k in range(200)], *random.uniform(0, 3000, (2, 200)), role="block")
    units = places([f"u{k}" for k in range(12)], *random.uniform(0, 3000, (2, 12)), role="unit")
    times = travel_times(straight_lines(), blocks, units, within="60 min")
    demand = Demand(times.origins, random.integers(10, 500, 200).astype(float), "all", np.ones(200, dtype=bool))
    attraction = random.uniform(0.5, 3.0, 12)
    true = Pull("exponential 7 min", alpha=1.3, home=2.0)
    counts = used(times, demand, attraction, true, range(12)).by_place
    pull, explained = fitted(times, demand, attraction, counts, opened=range(12))
    assert explained > 0.999
    assert pull.alpha == pytest.approx(1.3, rel=0.02)
    assert pull.home == pytest.approx(2.0, rel=0.05)
    with pytest.raises(ProblemError, match="3 counted places"):
        fitted(times, demand, attraction, np.where(np.arange(12) < 3, counts, np.nan), opened=range(12))


def test_a_range_is_told_where_nobody_counted() -> None:
    study = ten_blocks()
    found = draw_users(plan_of(study, A))
    assert found.explained is None
    assert len(found.runs) == 3
    users = [run.users for run in found.runs]
    assert users == sorted(users)
    assert [row["place_id"] for row in found.rows()] == ["a", "u"]
    near = attraction_of(study, np.array([[2000.0, 0.0]] * 6))  # six stops at a
    assert near[A] > near[U]


def test_counts_and_stops_that_make_no_sense(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("\ufeffplace_id,users\nu,5\nu,-1\nv,x\n", encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read_counts(tmp_path / "c.csv")
    assert caught.value.codes == ("bad-users", "duplicate-key")
    for text in ("", "a,b\n1,2\n", "lon,lat\n,\n"):
        (tmp_path / "s.csv").write_text(text, encoding="utf-8")
        with pytest.raises(TableError):
            read_stops(tmp_path / "s.csv", "EPSG:32614")
    (tmp_path / "s.csv").write_text("lat,lon\n19.36,-99.09\n", encoding="utf-8")
    assert read_stops(tmp_path / "s.csv", "EPSG:32614") == pytest.approx(np.array([[490551, 2140627]]), abs=100)
    with pytest.raises(ProblemError) as wrong:
        draw_users(plan_of(ten_blocks(), A), counts={"zz": 4.0})
    assert wrong.value.codes == ("unknown-unit",)
