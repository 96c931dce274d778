"""Every single swap against closing and opening sites one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenario.ten_blocks import A, B, C, plan_of, ten_blocks, times_of
from utopias.domain.quantities import Minutes
from utopias.domain.study import Study
from utopias.scenario.worth import worth_of

FIFTEEN = Minutes(15)


def loss_of_closing(study, plan, limit, opened):
    """The aim's loss against the plan when ``opened`` are open instead, by brute force."""
    times = np.full(study.times.shape, np.inf)
    times[study.times.rows, study.times.columns] = study.times.minutes
    weight = study.blocks["weight"].to_numpy()

    def charged(places):
        nearest = times[:, list(places)].min(axis=1)
        if plan.aim == "cover-most":
            return (weight * (nearest > limit.minutes)).sum()
        return (weight * np.minimum(nearest, study.times.limit.minutes)).sum()

    return charged(opened) - charged((*plan.fixed, *plan.sites))


def town_of(at, people, aim, within):
    """Ten blocks with candidate sites at random minutes; the first place is the fixed unit."""
    base = ten_blocks(persons=people)
    places = base.places.iloc[[0] * len(at)].reset_index(drop=True)
    places["place_id"] = [str(k) for k in range(len(at))]
    places["role"] = ["fixed"] + ["candidate"] * (len(at) - 1)
    times = times_of({str(k): minute for k, minute in enumerate(at)})
    study = Study(base.blocks, places, times, base.modules, town=base.town)
    return study, lambda sites: plan_of(study, *sites, aim=aim, within=within)


@given(
    st.lists(st.integers(0, 50).map(float), min_size=4, max_size=8),
    st.lists(st.integers(0, 9).map(float), min_size=10, max_size=10),
    st.integers(1, 3),
    st.sampled_from(["cover-most", "least-walk"]),
    st.integers(1, 25),
)
def test_every_swap_costs_what_closing_and_opening_costs(at, people, number, aim, within):
    study, plan_for = town_of(at, people, aim, float(within))
    plan, limit = plan_for(range(1, 1 + number)), Minutes(within)
    worth = worth_of(study, plan, limit)
    assert worth.others.tolist() == list(range(1 + number, len(at)))
    for k, site in enumerate(plan.sites):
        rest = [0, *(other for other in plan.sites if other != site)]
        assert worth.without[k] == pytest.approx(loss_of_closing(study, plan, limit, rest))
        for r, other in enumerate(worth.others):
            assert worth.swap[r, k] == pytest.approx(loss_of_closing(study, plan, limit, [*rest, other]))


def test_a_tie_with_a_fixed_unit_makes_a_site_worth_nothing():
    study, plan_for = town_of([25.0, 25.0, 0.0], np.full(10, 1.0), "cover-most", 15.0)
    assert worth_of(study, plan_for([1]), FIFTEEN).without.tolist() == [0.0]


def test_no_swap_breaks_the_budget_or_takes_out_a_demanded_site():
    study = ten_blocks()
    study.places.loc[B, "cost"] = 300e6
    tight = plan_of(study, A, budget=130e6)
    assert worth_of(study, tight, FIFTEEN).swap.tolist() == [[np.inf], [70.0]]
    demanded = plan_of(study, A, forced=(A,))
    assert np.isinf(worth_of(study, demanded, FIFTEEN).swap).all()
    ruled_out = plan_of(study, A, forbidden=(B,))
    assert worth_of(study, ruled_out, FIFTEEN).others.tolist() == [C]


def test_a_candidate_may_come_in_beside_the_others_only_where_money_is_left_and_no_number_given():
    study = ten_blocks()
    study.places.loc[B, "cost"] = 10e6
    given = worth_of(study, plan_of(study, A), FIFTEEN)
    assert np.isinf(given.added).all()
    purse = worth_of(study, plan_of(study, A, open=None, budget=150e6), FIFTEEN)
    assert purse.others.tolist() == [B, C]
    assert purse.added.tolist() == [0, np.inf]  # a serves all that b would; c costs 90 M, and 30 M are left
    assert purse.least.tolist() == [0, 70]


def test_whoever_is_not_reached_is_charged_what_the_plan_says():
    study = ten_blocks()
    plan = plan_of(study, C, aim="least-walk", within=None)
    table_end = worth_of(study, plan, FIFTEEN).without[0]
    charged = worth_of(study, plan.with_(beyond=25 * 600.0), FIFTEEN).without[0]
    # without C: 15 20 25 30 minutes for blocks 3 to 6; with it 5 10 15 20, and 10 5 0 saved before
    assert table_end == pytest.approx(20 * 0 + 30 * 10 + 40 * 10 + 50 * 10 + 60 * 10 + 70 * 10)
    assert charged == pytest.approx(30 * 10 + 40 * 10 + 50 * 10 + 60 * 10 + 70 * 5)


def test_a_plan_without_new_sites_has_nothing_to_swap():
    worth = worth_of(ten_blocks(), plan_of(ten_blocks()), FIFTEEN)
    assert worth.without.tolist() == []
    assert worth.swap.shape == (3, 0)
    assert np.isinf(worth.least).all()
