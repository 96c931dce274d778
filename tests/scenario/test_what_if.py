"""A what-if answers as a town built so from the start would."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import utopias as u
from tests.toy import SOUTH, WEST, toy_town
from utopias.domain.errors import ProblemError, TableError
from utopias.domain.places import places
from utopias.scenario.today import NEVER


def gains(result):
    return result.gain[0], result.loss[0], result.within_after[0]


def test_a_unit_on_a_site_gives_what_the_toy_says():
    toy = u.Scenario(toy_town(), within="15 min")
    assert gains(u.apply(toy)) == (0, 0, 400)
    assert gains(u.apply(toy.add_unit("b"))) == (600, 0, 1000)
    assert gains(u.apply(toy.add_unit("a").add_unit("c"))) == (700, 0, 1100)
    assert gains(u.apply(toy.add_unit("mine", x=WEST + 2600, y=SOUTH))) == (600, 0, 1000)


def test_closing_a_unit_loses_and_both_are_told_together():
    toy = u.Scenario(toy_town(), within="15 min")
    assert gains(u.apply(toy.remove("uno"))) == (0, 400, 0)
    assert gains(u.apply(toy.remove("uno").add_unit("b"))) == (600, 300, 700)
    assert gains(u.apply(toy.add_unit("a").remove("a"))) == (0, 0, 400)


def test_a_unit_that_moves_or_opens_again_keeps_its_name():
    toy = u.Scenario(toy_town(), within="15 min")
    moved = u.apply(toy.remove("uno").add_unit("uno", x=WEST + 2600, y=SOUTH))
    assert gains(moved) == gains(u.apply(toy.remove("uno").add_unit("dos", x=WEST + 2600, y=SOUTH))) == (600, 300, 700)
    told = moved.units[["place_id", "added", "closed"]].to_numpy().tolist()
    assert told == [["uno", True, False], ["uno", False, True]]
    assert gains(u.apply(toy.remove("uno").add_unit("uno"))) == (0, 0, 400)
    assert gains(u.apply(toy.add_unit("a").remove("a").add_unit("a"))) == gains(u.apply(toy.add_unit("a")))


def test_a_copy_that_asks_something_else_is_answered_anew():
    toy = u.Scenario(toy_town(), within="15 min")
    assert gains(u.apply(toy)) == (0, 0, 400)
    assert gains(u.apply(replace(toy, within="1 min"))) == gains(u.apply(u.Scenario(toy_town(), within="1 min")))
    assert toy.add_unit("a").today is toy.today, "what does not change is computed once"


def test_each_group_is_counted_in_the_planned_area():
    table = u.apply(u.Scenario(toy_town()).add_unit("c")).groups.set_index("group")
    assert table.loc["older people", ["people", "within_before", "within_after", "gain"]].tolist() == [
        230,
        80,
        180,
        100,
    ]
    assert table.loc["all", "people"] == 1150, "the block of the surroundings is no denominator"


def test_units_tell_who_has_no_other():
    units = u.apply(u.Scenario(toy_town()).add_unit("a")).units.set_index("place_id")
    assert units.loc["uno", ["added", "people_before", "people_after", "no_other"]].tolist() == [False, 400, 400, 0]
    assert units.loc["a", ["added", "people_before", "people_after", "no_other"]].tolist() == [True, 0, 600, 200]


def test_a_wall_takes_and_a_footbridge_over_it_gives_back():
    toy = u.Scenario(toy_town(), within="15 min")
    wall = [(WEST + 700, SOUTH - 50), (WEST + 700, SOUTH + 50)]
    walled = toy.barrier(wall)
    assert gains(u.apply(walled)) == (0, 200, 200)
    bridge = [(WEST + 650, SOUTH), (WEST + 750, SOUTH)]
    assert gains(u.apply(walled.footbridge(bridge))) == (0, 0, 400)
    assert gains(u.apply(toy.footbridge(bridge).barrier(wall))) == (0, 200, 200), "the wall came later"
    assert gains(u.apply(walled)) == (0, 200, 200), "the scenario before is as it was"


def test_a_closed_unit_stands_in_the_table_with_those_it_had():
    units = u.apply(u.Scenario(toy_town()).remove("uno")).units.set_index("place_id")
    assert units.loc["uno", ["closed", "people_before", "people_after"]].tolist() == [True, 400, 0]


def test_a_barrier_that_crosses_no_street_is_told():
    toy = u.Scenario(toy_town())
    beside = [(WEST + 700, SOUTH + 50), (WEST + 700, SOUTH + 90)]
    across = [(WEST + 700, SOUTH - 50), (WEST + 700, SOUTH + 50)]
    assert u.apply(toy.barrier(beside)).idle == 1
    assert u.apply(toy.barrier(across)).idle == 0
    assert u.apply(toy.barrier(across).barrier(beside)).idle == 1


@pytest.mark.parametrize(
    ("x", "y", "hint"),
    [(-99.05, 19.35, "degrees"), (SOUTH, WEST, "exchanged"), (WEST + 50_000, SOUTH, "give metres")],
)
def test_what_lies_far_from_the_town_is_refused_with_the_likely_reason(x, y, hint):
    toy = u.Scenario(toy_town())
    with pytest.raises(ProblemError) as refused:
        u.apply(toy.add_unit("mine", x=x, y=y).barrier([(x, y), (x + 0.01, y)]))
    assert [fault.code for fault in refused.value.faults] == ["outside-town"] * 2
    assert all(hint in str(fault.mend) for fault in refused.value.faults)


@pytest.mark.parametrize(
    ("id", "at", "code"),
    [
        ("z", {"x": "1", "y": "2"}, "no-coordinates"),
        ("z", {"x": 1.0}, "no-coordinates"),
        ("z", {"x": np.inf, "y": 0.0}, "no-coordinates"),
        ("", {}, "no-name"),
        (" ", {"x": WEST + 1000, "y": SOUTH}, "no-name"),
    ],
)
def test_a_unit_without_a_name_or_a_point_is_refused(id, at, code):
    with pytest.raises(ProblemError) as refused:
        u.apply(u.Scenario(toy_town()).add_unit(id, **at))
    assert [fault.code for fault in refused.value.faults] == [code]


def test_every_fault_of_every_change_is_told_at_once():
    toy = u.Scenario(toy_town())
    bad = toy.add_unit("nowhere").remove("b").add_unit("uno").add_unit("x", x=np.nan, y=1.0).barrier([(0, 0)])
    with pytest.raises(ProblemError) as refused:
        u.apply(bad)
    assert [fault.code for fault in refused.value.faults] == [
        "unknown-place", "unknown-place", "duplicate-key", "no-coordinates", "bad-line",
    ]  # fmt: skip
    with pytest.raises(TableError):
        u.apply(toy.footbridge([(WEST + 1000, SOUTH + 900), (WEST + 1000, SOUTH + 990)]))


def test_a_town_without_streets_has_units_but_no_walls():
    bare = u.Scenario(replace(toy_town(), streets=None), circuity=1.0)
    assert u.apply(bare.add_unit("b")).gain[0] == 600
    with pytest.raises(ProblemError) as refused:
        u.apply(bare.barrier([(0, 0), (1, 1)]))
    assert refused.value.faults[0].code == "no-streets"


def test_a_unit_without_a_street_reaches_nobody_and_says_so():
    units = u.apply(u.Scenario(toy_town()).add_unit("far", x=WEST + 2000, y=SOUTH + 2000)).units.set_index("place_id")
    assert units.loc["far", ["attached", "people_after"]].tolist() == [False, 0]


borough = cache(lambda: u.synthetic_town(people=30_000, seed=5))
shared = cache(lambda: u.Scenario(borough(), within="15 min"))


@st.composite
def histories(draw):
    town = borough()
    known = [str(key) for key in town.sites.ids]
    open_now = [str(key) for key in town.fixed.ids]
    edits = []
    spot = st.integers(0, len(town.blocks) - 1)
    for step in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["site", "point", "remove", "barrier"]))
        free = [key for key in known if key not in open_now]
        if kind == "site" and free:
            edits.append(("add_unit", (draw(st.sampled_from(free)),), {}))
            open_now.append(edits[-1][1][0])
        elif kind == "remove" and open_now:
            edits.append(("remove", (draw(st.sampled_from(open_now)),), {}))
            open_now.remove(edits[-1][1][0])
        elif kind == "barrier":
            ends = [draw(spot) for _ in range(2)]
            line = [(town.blocks.x[k] + 7, town.blocks.y[k] + 3 * i) for i, k in enumerate(ends)]
            edits.append(("barrier", (line,), {}))
        else:
            k = draw(spot)
            edits.append(("add_unit", (f"new {step}",), {"x": float(town.blocks.x[k]), "y": float(town.blocks.y[k])}))
            open_now.append(f"new {step}")
    return edits


@settings(max_examples=40, deadline=None)
@given(histories())
def test_any_history_answers_like_travel_times_computed_anew(edits):
    scenario = shared()
    network = u.street_network(borough())
    from utopias.network.barriers import Barrier

    for name, at, keywords in edits:
        scenario = getattr(scenario, name)(*at, **keywords)
        if name == "barrier":
            network = network.behind(Barrier.of(at[0]))
    result = u.apply(scenario)
    town = borough()
    everywhere = {
        str(key): (x, y)
        for part in (town.fixed, town.sites)
        for key, x, y in zip(part.ids, part.x, part.y, strict=True)
    }
    everywhere |= {at[0]: (keywords["x"], keywords["y"]) for _, at, keywords in edits if keywords}
    open_now = [str(key) for key in result.open_ids]
    doors = {str(key): (part, i) for part in (town.fixed, town.sites) for i, key in enumerate(part.ids)}
    units = None
    for key in open_now:
        one = (
            doors[key][0].take(np.array([doors[key][1]]))
            if key in doors
            else places([key], *np.transpose([everywhere[key]]), role="unit")
        )
        units = one if units is None else units + one
    best = np.full(len(town.blocks), -1)
    if units is not None:
        best = u.travel_times(network, town.blocks, units, within="15 min").shortest()
    assert (np.where(result.best_after == NEVER, -1, result.best_after) == best).all()
    before = shared().today.best < NEVER
    for g, group in enumerate(shared().today.groups):
        demand = town.demand(group)
        persons = np.where(demand.planned, demand.persons, 0.0)
        assert result.gain[g] == pytest.approx(persons[(best >= 0) & ~before].sum())
        assert result.loss[g] == pytest.approx(persons[(best < 0) & before].sum())
        assert result.within_after[g] == pytest.approx(persons[best >= 0].sum())
