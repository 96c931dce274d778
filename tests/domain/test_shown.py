"""What a notebook shows of a noun: one line of what it is, never its arrays."""

from __future__ import annotations

import utopias as u
from tests.toy import toy_town


def test_every_noun_of_a_session_shows_itself_in_a_line() -> None:
    town = toy_town()
    walking = u.street_network(town, walker="adult")
    times = u.travel_times(walking, town.blocks, town.fixed + town.sites + town.providers, within="30 min")
    plan = u.solve(u.Problem.for_town(town, times, open=1), aim="cover-most", within="15 min")
    assert "people 1,150, blocks 12 and 1 around, units 1, sites 3, providers 1" in repr(town)
    assert "<TravelTimes on foot: 13 origins by 5 destinations" in repr(times)
    assert "<StreetNetwork for adult: " in repr(walking)
    assert repr(plan) == "<Plan cover-most within 15 min: opens b; value 1,000, bound 1,000, gap 0.000%, proven>"
    assert not [noun for noun in (town, times, walking, plan) if "array" in repr(noun) or len(repr(noun)) > 250]
