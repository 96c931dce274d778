"""Plans with rooms in worlds that could as well be true: against every choice of each world, split by scipy."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from tests.siting.test_robustness import still
from tests.siting.test_rooms import split
from tests.siting.towns import clustered_town
from utopias.domain.errors import MisalignedError
from utopias.domain.plan import Plan
from utopias.scale import Runner
from utopias.siting.doubt import draws as drawing
from utopias.siting.doubt.robustness import _room_ground, robustness
from utopias.siting.question.allowed import allowed
from utopias.siting.question.problem import Problem
from utopias.siting.solve import solve


def town_with_rooms(**given: object) -> tuple[Problem, Plan]:
    town, times = clustered_town(300, 20)
    rooms = dict.fromkeys([*map(str, town.fixed.ids), *map(str, town.sites.ids)], 2500.0)
    asked = Problem.for_town(town, times, capacities=rooms, **given)  # type: ignore[arg-type]
    return asked, solve(asked, aim="cover-most", work=30)


def test_in_an_unmoved_world_the_best_plan_is_chosen_always(monkeypatch: pytest.MonkeyPatch) -> None:
    still(monkeypatch)
    asked, plan = town_with_rooms(open=3)
    found = robustness(asked, plan, draws=2)
    assert found.chosen_in == [2] * 3
    assert found.regret_p90 == 0.0
    assert found.rows[0]["best"] == found.rows[0]["plan"] == pytest.approx(plan.value)


@pytest.mark.parametrize("aim", ["cover-most", "least-walk"])
@pytest.mark.parametrize("seed", range(4))
def test_the_best_and_the_plan_of_a_draw_are_split_as_well_as_can_be(
    aim: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "WITHDRAWN", 0.25)
    random = np.random.default_rng(seed)
    costs, weights = random.integers(1, 30, (10, 8)).astype(float), random.integers(1, 9, 10).astype(float)
    rooms = random.integers(3, 20, 8).astype(float)
    asked = Problem.from_costs(costs, weights, open=3, capacities=rooms, beyond=60.0)
    plan = solve(asked, aim=aim, within=12.0)
    ground = _room_ground(asked, plan, 7)
    for row in robustness(asked, plan, draws=4).rows:
        draw = drawing.draw_of(ground, row["draw"], np.flatnonzero(allowed(asked).free))
        world = {"costs": costs, "weights": weights * draw.people, "rooms": rooms, "within": 12.0, "beyond": 60.0}
        whole = float(world["weights"].sum())  # type: ignore[union-attr]

        def worth(sites: tuple[int, ...], world: dict = world, whole: float = whole) -> float:
            lost = split(world, list(sites), aim)
            return whole - lost if aim == "cover-most" else lost

        left = [i for i in range(8) if i not in draw.withdrawn]
        values = {choice: worth(choice) for choice in combinations(left, 3)}
        best = (max if aim == "cover-most" else min)(values.values())
        assert row["best"] == pytest.approx(best)
        assert values[tuple(row["sites"])] == pytest.approx(best)
        kept = set(plan.sites) - set(draw.withdrawn.tolist())
        if len(kept) == 3:
            assert row["plan"] == pytest.approx(values[plan.sites])
        if row["plan"] == row["best"]:
            assert kept <= set(row["sites"])


def test_the_room_stays_when_the_people_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people in three find room; were the room to grow with them, no draw would differ from the others."""
    still(monkeypatch)
    monkeypatch.setattr(drawing, "BLOCK_NOISE", 0.5)
    asked = Problem.from_costs(np.ones((1, 2)), [15.0], open=1, capacities=[10.0, 4.0])
    plan = solve(asked, aim="cover-most", within=1.0)
    found = robustness(asked, plan, draws=20)
    served = np.array([row["plan"] for row in found.rows])
    assert served.max() == 10.0
    assert served.min() < 10.0


def test_the_same_seed_gives_the_same_statement_with_any_number_of_workers() -> None:
    asked, plan = town_with_rooms(open=3)
    alone, crowd = robustness(asked, plan, draws=5), robustness(asked, plan, draws=5, runner=Runner(2))
    assert alone == crowd
    assert robustness(asked, plan, draws=2).rows == alone.rows[:2]
    assert all(row["regret"] >= 0 and row["gap"] >= 0 for row in alone.rows)


def test_a_forced_site_is_never_withdrawn_and_money_is_kept() -> None:
    asked, plan = town_with_rooms(budget=500e6, forced=["s0007"])
    found = robustness(asked, plan, draws=6)
    assert found.chosen_in[plan.sites.index(asked.forced[0])] == 6
    assert asked.site_costs is not None
    assert all(asked.site_costs[row["sites"]].sum() <= 500e6 for row in found.rows)


def test_where_places_go_as_a_whole_the_draws_keep_that(monkeypatch: pytest.MonkeyPatch) -> None:
    still(monkeypatch)
    asked = Problem.from_costs(np.ones((2, 2)), [3.0, 3.0], open=1, capacities=[5.0, 2.0], single_source=True)
    plan = solve(asked, aim="cover-most", within=1.0)
    assert [row["plan"] for row in robustness(asked, plan, draws=3).rows] == [3.0] * 3  # not five


def test_a_plan_of_other_rooms_is_refused() -> None:
    asked, plan = town_with_rooms(open=3)
    with pytest.raises(MisalignedError):
        robustness(replace(asked, capacities=np.asarray(asked.capacities) / 2), plan)
