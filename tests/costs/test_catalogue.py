"""The shipped catalogue: published totals come out again, and nothing passes for a fact that is none."""

import pytest

from utopias.domain.catalogue import Range, read_catalogue

TYPICAL = (
    "pool", "gym", "courts", "music school", "auditorium", "workshops", "day house", "rehabilitation",
    "early stimulation", "women's house", "colibri centre", "laundry", "canteen", "child room", "health house",
)  # fmt: skip
CATALOGUE = read_catalogue()
UNIT = [CATALOGUE[service] for service in TYPICAL]


def total(name: str) -> Range:
    parts = [getattr(module, name) for module in UNIT]
    return sum(parts[1:], parts[0])


def test_a_typical_unit_costs_the_published_180_million_between_100_and_188():
    assert total("build") == Range(100e6, 180e6, 188e6)


def test_upkeep_equipment_and_operation_to_2030_are_the_published_1_7_of_building():
    build, equip, run, staff = (total(name) for name in ("build", "equip", "run", "staff"))
    ratios = [
        (getattr(equip, end) + 5 * (getattr(run, end) + getattr(staff, end))) / build.central
        for end in ("low", "central", "high")
    ]
    assert ratios[1] == pytest.approx(6200 / 3600, abs=0.01)
    assert [ratios[0], ratios[2]] == pytest.approx([0.9, 2.6], abs=0.05)  # as the manual prints them


def test_staff_is_the_published_money_shared_over_sixteen_units():
    assert total("staff").central == pytest.approx(163_595_000 / 16, rel=0.01)


def test_the_built_area_is_in_the_published_range():
    built = sum(module.area_m2 for module in UNIT if module.service != "courts")
    assert 7000 <= built <= 8000


def test_published_places_stand_as_published():
    assert CATALOGUE["olympic pool"].places_a_week == 7500
    assert CATALOGUE["pool"].places_a_week == 3000
    assert CATALOGUE["auditorium"].places_a_week == 400
    assert CATALOGUE["canteen"].places_a_week == 130 * 5


def test_what_is_not_known_is_empty_and_not_0():
    assert CATALOGUE["olympic pool"].build is None
    assert CATALOGUE["olympic pool"].area_m2 is None
    assert CATALOGUE["women's house"].places_a_week is None
    assert all(module.places_a_week is None or module.places_a_week > 0 for module in CATALOGUE.values())


@pytest.mark.parametrize("module", CATALOGUE.values(), ids=CATALOGUE)
def test_every_row_says_what_is_published_and_what_assumed(module):
    assert "published:" in module.source
    assert module.service == "olympic pool" or "assumed:" in module.source
    assert module.price_year == 2025
    for name in ("build", "equip", "run", "staff"):
        part = getattr(module, name)
        assert part is None or 0 < part.low < part.central < part.high
