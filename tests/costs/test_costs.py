"""Money of a plan, small enough to add up by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.costs.test_catalogue import TYPICAL
from utopias.costs import capital_recovery, costs
from utopias.domain.catalogue import Module, Range, read_catalogue
from utopias.domain.errors import ProblemError


def module(service, build=None, equip=None, run=None, staff=None, year=2025):
    return Module(service, "all", 10.0, 100.0, build, equip, run, staff, year, "invented")


POOL = module("pool", Range(50, 100, 200), Range(5, 10, 20), Range(4, 8, 16), Range(1, 2, 4))
HALL = module("hall", Range(10, 20, 30), Range(1, 2, 3), Range(1, 1, 1), Range(1, 1, 1), year=2024)
BARE = module("bare", Range(1, 2, 3), Range(1, 1, 1))  # upkeep and staff not known
SHOP = {"pool": POOL, "hall": HALL, "bare": BARE}


def lots(**cost):
    return pd.DataFrame({"place_id": list(cost), "cost": list(cost.values())})


def spent(sites, modules, *, people=100.0, places=20.0, **options):
    return costs(sites, modules, SHOP, added_people=people, added_places=places, **options)


# --- the annuity ------------------------------------------------------------------------------


def test_without_a_discount_a_peso_is_paid_back_in_even_parts():
    assert capital_recovery(0.0, 4) == 0.25


@given(st.floats(0.001, 0.5), st.integers(1, 60))
def test_the_even_payments_are_worth_one_today(discount, years):
    payment = capital_recovery(discount, years)
    assert sum(payment / (1 + discount) ** year for year in range(1, years + 1)) == pytest.approx(1)


def test_a_discount_or_life_that_makes_no_sense_is_refused():
    with pytest.raises(ProblemError) as error:
        capital_recovery(-0.1, 0)
    assert error.value.codes == ("bad-discount", "bad-life")


# --- sums -------------------------------------------------------------------------------------


def test_modules_add_up_over_sites():
    found = spent(lots(a=np.nan, b=np.nan), {"a": ["pool", "hall"], "b": ["hall", "hall"]})
    assert found.build == Range(80, 160, 290)
    assert found.equip == Range(8, 16, 29)
    assert found.run == Range(7, 11, 19)
    assert found.staff == Range(4, 5, 7)
    assert found.per_site == {"a": Range(66, 132, 253), "b": Range(22, 44, 66)}
    assert found.price_year == 2025
    assert found.unknown == []


def test_the_annual_equivalent_and_what_each_added_person_and_place_costs():
    found = spent(lots(a=np.nan), {"a": ["pool"]}, discount=0.0, life_years=20, equip_life_years=10)
    assert found.annual == Range(50 / 20 + 5 / 10 + 5, 100 / 20 + 1 + 10, 200 / 20 + 2 + 20)
    assert found.per_person.central == pytest.approx(16 / 100)
    assert found.per_place.central == pytest.approx(16 / 20)


def test_the_ratio_is_five_years_of_keeping_over_building():
    assert spent(lots(a=np.nan), {"a": ["pool"]}).ratio == pytest.approx((10 + 5 * (8 + 2)) / 100)
    assert spent(lots(a=np.nan), {"a": ["pool"]}, ratio_years=1).ratio == pytest.approx((10 + 10) / 100)


def test_a_typical_unit_of_the_shipped_catalogue_gives_the_published_figures():
    catalogue = read_catalogue()
    services = TYPICAL
    found = costs(lots(a=np.nan), {"a": services}, catalogue, added_people=1e5, added_places=1e4)
    assert (found.build.low, found.build.central, found.build.high) == (100e6, 180e6, 188e6)
    assert found.ratio == pytest.approx(1.72, abs=0.01)


# --- what is not known ------------------------------------------------------------------------


def test_an_unknown_part_makes_its_sum_unknown_and_is_named():
    found = spent(lots(a=np.nan), {"a": ["pool", "bare"]})
    assert found.build == Range(51, 102, 203)
    assert (found.run, found.staff, found.annual, found.per_person, found.ratio) == (None,) * 5
    assert found.unknown == ["run", "staff", "annual", "per_person", "per_place", "bare"]


def test_a_service_that_the_catalogue_lacks_is_named_and_not_free():
    found = spent(lots(a=np.nan, b=np.nan), {"a": ["aquarium", "pool"], "b": ["pool"]})
    assert found.build is None
    assert found.per_site["a"] is None
    assert found.per_site["b"] == Range(55, 110, 220)
    assert found.unknown[0] == "build"
    assert found.unknown[-1] == "aquarium"


def test_a_site_without_modules_or_cost_is_not_free():
    found = spent(lots(a=np.nan), {})
    assert found.build is None
    assert found.unknown == ["build", "equip", "run", "staff", "annual", "per_person", "per_place", "a"]


def test_nobody_added_has_no_cost_per_person():
    found = spent(lots(a=np.nan), {"a": ["pool"]}, people=0.0, places=None)
    assert (found.per_person, found.per_place) == (None, None)
    assert found.unknown == ["per_person", "per_place"]
    assert found.annual is not None


def test_no_site_costs_nothing():
    found = spent(lots(), {})
    assert found.build == Range(0, 0, 0)
    assert found.annual == Range(0, 0, 0)
    assert found.ratio is None


# --- a lot's own estimate -----------------------------------------------------------------------


def test_a_lots_own_cost_takes_the_place_of_build_and_equip_with_its_range():
    found = spent(lots(a=220.0), {"a": ["pool"]})
    assert found.build.central == pytest.approx(200)
    assert found.equip.central == pytest.approx(20)
    assert found.per_site["a"].low == pytest.approx(176)
    assert found.per_site["a"].high == pytest.approx(264)
    assert found.run == POOL.run


def test_a_lots_own_cost_is_all_building_where_the_catalogue_does_not_know():
    found = spent(lots(a=220.0), {"a": ["aquarium"]})
    assert (found.build.central, found.equip.central) == (220, 0)
    assert found.run is None
    assert found.unknown == ["run", "staff", "annual", "per_person", "per_place", "aquarium"]


# --- bad input --------------------------------------------------------------------------------


def test_all_faults_of_the_costs_are_told_at_once():
    with pytest.raises(ProblemError) as error:
        spent(lots(a=-5.0, b=np.inf), {"z": ["pool"]}, own_cost_range=(1.1, 1.2))
    assert error.value.codes == ("bad-cost", "modules-of-no-site", "bad-range")
    assert error.value.faults[0].count == 2


@given(st.lists(st.sampled_from(["pool", "hall"]), min_size=1, max_size=6), st.floats(0, 0.2))
def test_low_is_never_over_central_nor_central_over_high(services, discount):
    found = spent(lots(a=np.nan), {"a": services}, discount=discount)
    for name in ("build", "equip", "run", "staff", "annual", "per_person", "per_place"):
        part = getattr(found, name)
        assert part.low <= part.central <= part.high
