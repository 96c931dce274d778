"""What a plan of sites and services counts, by hand: places, ground, money, standards, what every site must have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from utopias.domain.errors import InfeasibleError, ProblemError
from utopias.domain.module_question import ServiceQuestion
from utopias.siting.bundles.explain import explain_services
from utopias.siting.bundles.kernels import best_bundle, serve
from utopias.siting.bundles.problem import ModuleProblem
from utopias.siting.bundles.solve import equip

FAR = np.inf


def pool(**changes: Any) -> ServiceQuestion:
    """100 persons at each of three places, who walk 10; 50 m2, 10 once, 2 a year."""
    said: dict[str, Any] = {
        "name": "pool", "group": "all", "persons": [100.0, 100.0, 100.0], "limit": 10.0, "area": 50.0, "money": 10.0,
        "upkeep": 2.0,
    }  # fmt: skip
    return ServiceQuestion(**said | changes)


def house(**changes: Any) -> ServiceQuestion:
    """20, 30 and 10 persons, who walk 5; 30 m2, 4 once, 3 a year."""
    said: dict[str, Any] = {
        "name": "house", "group": "older", "persons": [20.0, 30.0, 10.0], "limit": 5.0, "area": 30.0, "money": 4.0,
        "upkeep": 3.0,
    }  # fmt: skip
    return ServiceQuestion(**said | changes)


# Site 0 is near places 0 and 1, site 1 near 1 and 2; 1 is 5 from both.
COSTS = np.array([[4.0, FAR], [5.0, 5.0], [FAR, 9.0]])


def asked(*services: ServiceQuestion, **changes: Any) -> ModuleProblem:
    said: dict[str, Any] = {"areas": [80.0, 80.0], "open": 2}
    return ModuleProblem.from_arrays(services or (pool(), house()), COSTS, **said | changes)


def test_each_service_has_its_own_walk_and_a_person_exactly_at_it_is_within() -> None:
    plan = equip(asked())
    # the pool serves all 300; the house 20 + 30 at site 0, and the ten of place 2 walk 9, over its 5
    assert plan.value == 350.0
    assert plan.bundles == {0: (0, 1), 1: (0,)}
    assert plan.proven


def test_a_plot_holds_what_it_holds() -> None:
    plan = equip(asked(areas=[79.0, 40.0]))
    # site 0 takes the pool (200) or the house (50), not both; site 1 only the house: 30 at place 1
    assert plan.by_name == {"0": ["pool"], "1": ["house"]}
    assert plan.value == 230.0


def test_the_purse_and_the_upkeep_each_bind() -> None:
    assert equip(asked(budget=13.9)).value == 200.0  # one pool; a pool and a house cost 14
    assert equip(asked(budget=14.0)).value == 250.0  # exactly
    assert equip(asked(upkeep=2.9)).value == 200.0
    assert equip(asked(upkeep=4.0)).value == 300.0  # two pools


def test_opening_a_site_may_cost_money_whatever_it_offers() -> None:
    plan = equip(asked(budget=24.0, site_costs=[5.0, 5.0]))
    assert plan.value == 250.0  # 5 + 10 + 4 at site 0; a second pool would make 5 + 10 more
    assert plan.spent == 19.0


def test_no_more_are_served_than_there_are_places_and_a_block_may_be_split() -> None:
    plan = equip(asked(pool(capacity=120.0), open=2))
    assert plan.value == 240.0
    assert plan.persons.tolist() == [[120.0], [120.0]]
    assert plan.served.groupby("block")["persons"].sum().max() <= 100.0


def test_a_person_takes_their_share_of_a_place() -> None:
    assert equip(asked(pool(capacity=12.0, share=0.1))).value == 240.0


def test_a_full_place_passes_people_on_to_another_that_they_reach() -> None:
    # Both serve place 1; site 0 has room for 100 and is the only one of place 0: place 1 must go to site 1.
    question = asked(pool(persons=[100.0, 100.0, 0.0], capacity=100.0))
    plan = equip(question)
    assert plan.value == 200.0
    assert plan.persons.ravel().tolist() == [100.0, 100.0]


def test_what_stands_serves_and_who_it_serves_is_no_gain() -> None:
    plan = equip(asked(open=1, fixed={0: {"pool": None}}))
    assert plan.before == 200.0
    assert plan.by_name == {"1": ["pool", "house"]}
    assert plan.value == 330.0  # place 2 for the pool, place 1 for the house


def test_a_standing_unit_that_is_full_leaves_people_to_the_new() -> None:
    plan = equip(asked(pool(), open=1, fixed={0: {"pool": 50.0}}))
    assert (plan.before, plan.value) == (50.0, 250.0)


def test_every_new_site_offers_what_it_must() -> None:
    plan = equip(asked(must_have=["house"], areas=[80.0, 60.0]))
    assert plan.by_name == {"0": ["pool", "house"]}  # a house at site 1 would serve nobody new
    assert plan.value == 250.0
    forced = equip(asked(must_have=["house"], areas=[80.0, 60.0], forced=[1], open=1))
    assert forced.by_name == {"1": ["house"]}


def test_a_forced_site_opens_with_something_and_a_forbidden_one_stays_shut() -> None:
    nobody = pool(persons=[100.0, 0.0, 0.0])
    assert set(equip(asked(nobody, forced=[1])).by_name) == {"0", "1"}
    assert set(equip(asked(forbidden=[0], open=1)).by_name) == {"1"}


def test_importance_changes_what_is_chosen() -> None:
    tight = {"areas": [50.0, 0.0], "open": 1}
    assert equip(asked(**tight)).by_name == {"0": ["pool"]}
    assert equip(asked(pool(), house(importance=5.0), **tight)).by_name == {"0": ["house"]}


def test_people_count_by_their_multiplier() -> None:
    plan = equip(asked(pool(), open=1, multiplier=[0.1, 1.0, 1.0]))
    assert plan.sites == (1,)
    assert plan.value == 200.0


def test_a_number_is_the_most_and_no_site_opens_for_nobody() -> None:
    assert len(equip(asked(pool(persons=[100.0, 100.0, 0.0]), open=2)).sites) == 1


# What cannot be asked, and what cannot be met.


def test_a_must_have_too_large_for_every_plot_is_told_with_the_largest() -> None:
    with pytest.raises(InfeasibleError) as refusal:
        asked(pool(area=500.0), house(), must_have=["pool"])
    assert refusal.value.codes == ("must-have-too-large",)
    assert "500 m2, the largest plot has 80 m2" in str(refusal.value)


def test_a_budget_below_the_cheapest_site_with_any_service_is_refused() -> None:
    with pytest.raises(InfeasibleError) as refusal:
        asked(budget=3.9, upkeep=1.9)
    assert refusal.value.codes == ("budget-below-cheapest-service", "upkeep-below-cheapest-service")
    with pytest.raises(InfeasibleError) as refusal:
        asked(areas=[29.0, 10.0])
    assert refusal.value.codes == ("nothing-fits",)


def test_forced_sites_that_no_money_opens_together_are_refused() -> None:
    with pytest.raises(InfeasibleError) as refusal:
        asked(pool(), forced=[0, 1], budget=15.0)
    assert refusal.value.codes == ("budget-below-forced-services",)
    with pytest.raises(InfeasibleError) as refusal:
        asked(pool(), forced=[1], areas=[80.0, 10.0])
    assert refusal.value.codes == ("forced-plot-too-small",)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ProblemError) as refusal:
        asked(pool(importance=-1.0, share=0.0, area=np.nan), pool(money=-2.0), areas=[np.nan, 1.0], budget=-1.0)
    told = set(refusal.value.codes)
    assert told == {
        "bad-importance", "bad-share", "bad-service-area", "service-twice", "bad-service-money", "bad-budget",
        "area-not-known",
    }  # fmt: skip
    with pytest.raises(ProblemError) as refusal:
        asked(must_have=["sauna"], fixed={0: {"spa": 3.0}})
    assert refusal.value.codes == ("unknown-must-have", "service-not-asked")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"open": 1.5}, "bad-open"),
        ({"areas": ["large", "small"]}, "no-numbers"),
        ({"budget": "600M"}, "bad-budget"),
        ({"forced": ["s1"]}, "bad-site"),
        ({"fixed": [0]}, "bad-fixed"),
        ({"multiplier": "need"}, "no-numbers"),
    ],
)
def test_what_is_no_number_is_refused_with_how_to_mend(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(ProblemError) as refusal:
        asked(**changes)
    assert refusal.value.codes == (code,)
    assert "mend" in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"limit": "10 min"}, "bad-standard"),
        ({"money": None}, "bad-service-money"),
        ({"capacity": "many"}, "bad-capacity"),
        ({"persons": ["a", "b", "c"]}, "no-numbers"),
    ],
)
def test_so_is_what_is_no_number_in_a_service(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(ProblemError) as refusal:
        asked(pool(**changes))
    assert set(refusal.value.codes) == {code}


def test_without_a_number_or_money_there_is_no_question() -> None:
    with pytest.raises(ProblemError):
        asked(open=None)


# Why.


def test_the_loss_of_a_service_is_what_a_recount_without_it_misses() -> None:
    first, second = explain_services(equip(asked()))
    assert [(one.service, one.loss, one.only_here) for one in first.services] == [
        ("pool", 100.0, 100.0),  # place 1 goes to the other pool
        ("house", 50.0, 50.0),
    ]
    assert (first.loss, first.area_used, first.area) == (150.0, 80.0, 80.0)
    assert [(one.service, one.loss) for one in second.services] == [("pool", 100.0)]
    assert [(spare.service, spare.gain, spare.payable) for spare in second.spare] == [("house", 0.0, True)]


# The kernels.


@pytest.mark.parametrize("seed", range(60))
def test_the_best_bundle_of_a_plot_is_the_best_of_all_subsets(seed: int) -> None:
    chance = np.random.default_rng(seed)
    k = int(chance.integers(1, 10))
    profit, area, money = (chance.integers(-2, 12, k).astype(float), *chance.integers(0, 9, (2, k)).astype(float))
    must = chance.random(k) < 0.15
    room, purse = float(chance.integers(4, 25)), float(chance.integers(4, 25)) if chance.random() < 0.5 else 1e300
    taken = np.zeros(k, dtype=bool)
    bound, value = best_bundle(
        np.arange(k), k, profit, area, money, np.zeros(k), must, room, purse, 1e300, 10_000, taken
    )
    sums = [
        profit[list(chosen)].sum()
        for chosen in ([i for i in range(k) if bits >> i & 1] for bits in range(2**k))
        if all(i in chosen for i in np.flatnonzero(must))
        and area[chosen].sum() <= room
        and money[chosen].sum() <= purse
    ]
    if not sums:
        assert value == -np.inf
        assert not taken.any()
        return
    assert value == pytest.approx(max(sums))
    assert profit[taken].sum() == pytest.approx(value)
    assert value <= bound <= value + 1e-6
    few = best_bundle(np.arange(k), k, profit, area, money, np.zeros(k), must, room, purse, 1e300, 1, taken)
    assert few[0] >= value - 1e-9, "a search that is cut short still knows a bound"


def test_without_passing_people_on_a_row_would_stay_unserved() -> None:
    """The twin: greedy filling in order of rows serves 100 of 200 where the way through the other place is shut."""
    starts, columns = np.array([0, 2, 3]), np.array([0, 1, 0], dtype=np.int32)
    pairs = (np.array([0, 2, 3]), np.array([0, 2, 1]), np.array([0, 0, 1]))
    said = (starts, columns, np.array([100.0, 100.0]), np.array([0, 1]), np.array([100.0, 100.0]))
    assert serve(*said, np.array([True, True]), *pairs)[0].tolist() == [100.0, 100.0]
    assert serve(*said, np.array([True, False]), *pairs)[0].tolist() == [100.0, 0.0]
