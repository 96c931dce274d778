"""The sweep after dark: what it asks, in which order, and that it never brings anybody nearer."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.network.grids import small_places, small_streets, streets_of, with_doors
from tests.toy import toy_town
from utopias.access.on_foot import travel_times
from utopias.domain.arrays import texts
from utopias.domain.errors import ProblemError
from utopias.domain.places import Places
from utopias.domain.streets import StreetFront, Streets
from utopias.network.after_dark import SWEPT, as_if_unlit, sweep_after_dark
from utopias.network.street_network import StreetNetwork


def two_ways(lit: list[str]) -> Streets:
    """A short way of 800 m and a long one of 1,000 m, each lit or not, between the same two corners."""
    streets = streets_of([0, 800], [0, 0], [0, 0], [1, 1], length=[800, 1000])
    unknown = texts(["", ""])
    return replace(streets, front=StreetFront(unknown, unknown, texts(lit), unknown))


def walk(network: StreetNetwork) -> int:
    times = travel_times(network, with_doors("a", [[(0, 0)]]), with_doors("b", [[(800, 0)]]), within="60 min")
    return int(times.deciseconds[0])


def test_people_go_round_an_unlit_street_when_the_way_round_is_shorter() -> None:
    # 10 minutes along the unlit street, 12.5 round it: at 1.5 the round way is taken, and stays.
    assert sweep_after_dark(two_ways(["no", "yes"]), walk) == {1.0: 6000, 1.5: 7500, 2.0: 7500, 3.0: 7500}
    assert sweep_after_dark(two_ways(["no", "no"]), walk) == {1.0: 6000, 1.5: 9000, 2.0: 12000, 3.0: 18000}


def test_light_that_is_not_known_is_not_dark_and_the_other_end_says_what_hangs_on_it() -> None:
    streets = two_ways(["", "yes"])
    assert set(sweep_after_dark(streets, walk).values()) == {6000}
    assert sweep_after_dark(as_if_unlit(streets), walk, factors=[2.0]) == {2.0: 7500}
    assert streets.front.lit.tolist() == ["", "yes"]


def test_factors_come_in_rising_order_each_once() -> None:
    assert list(sweep_after_dark(two_ways(["", ""]), walk, factors=[3, 1.0, 3.0, 1.25])) == [1.0, 1.25, 3.0]
    assert SWEPT == (1.0, 1.5, 2.0, 3.0)


def test_a_bad_factor_is_refused_before_anything_is_asked() -> None:
    asked: list[StreetNetwork] = []
    with pytest.raises(ProblemError) as refusal:
        sweep_after_dark(two_ways(["", ""]), asked.append, factors=[1.0, 0.5])
    assert (refusal.value.codes, asked) == (("bad-after-dark",), [])


def test_a_town_without_streets_has_no_dark_street() -> None:
    with pytest.raises(ProblemError) as refusal:
        sweep_after_dark(replace(toy_town(), streets=None), walk)
    assert refusal.value.codes == ("no-streets",)


ROUNDING = 1  # decisecond: two doors on one street cut it at two places, each rounded on its own


@settings(deadline=None)
@given(small_streets(), small_places("a"), small_places("b"), st.data())
def test_a_greater_factor_never_brings_anybody_nearer(streets: Streets, homes: Places, units: Places, data: st.DataObject) -> None:  # fmt: skip
    e = len(streets)
    lit = data.draw(st.lists(st.sampled_from(["", "yes", "part", "no"]), min_size=e, max_size=e))
    unknown = texts([""] * e)
    streets = replace(streets, front=StreetFront(unknown, unknown, texts(lit), unknown))

    def table(network: StreetNetwork) -> np.ndarray:
        times = travel_times(network, homes, units, within="2 h")
        whole = np.full(times.shape, np.inf)
        whole[times.rows, times.columns] = times.deciseconds
        return whole

    told = list(sweep_after_dark(streets, table).values())
    worst = list(sweep_after_dark(as_if_unlit(streets), table).values())
    for one, other in pairwise(told):
        assert (one <= other + ROUNDING).all()
    assert (told[0] == worst[0]).all()
    for known, unlit in zip(told, worst, strict=True):
        assert (known <= unlit + ROUNDING).all()
