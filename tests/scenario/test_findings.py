"""All that a report says, on ten blocks; and the laws that tie its numbers together."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenario.ten_blocks import PLANNED, A, B, C, plan_of, ten_blocks
from utopias.domain.errors import MisalignedError, ProblemError
from utopias.domain.findings import Findings, remake
from utopias.domain.plan import Plan
from utopias.domain.robustness import Robustness
from utopias.scenario import compare, findings
from utopias.scenario.assumed import CODES
from utopias.scenario.fairness import ANNEX, MEASURES

ROBUST = Robustness(100, 7, {}, [93], [97], 400.0, 0.01, 0.03, 200.0, 300.0, 0.0)


def of(plan, **options):
    return findings(None, plan, **options)


def measure(found, code, of=""):
    return next(one for one in found.equity if one.code == code and one.of == of)


def assumed(found):
    return {one.code: one.values for one in found.assumptions}


# --- headline --------------------------------------------------------------------------------


def test_the_headline_counts_planned_people_with_the_bounds_of_what_is_cut():
    head = of(plan_of(ten_blocks(), C)).headline
    assert (head.people, head.before, head.after, head.gain, head.loss) == (360, 100, 210, 110, 0)
    assert head.cut_people == 70  # block 6: unknown ground 600 m away, a walk of 15 minutes is 1,200 m
    assert (head.before_low, head.before_high) == (100, 170)
    assert (head.after_low, head.after_high) == (210, 280)
    assert head.apart == 80


def test_a_cut_block_that_is_reached_widens_no_bound():
    head = of(plan_of(ten_blocks(), A)).headline
    assert head.after_low == head.after_high == 280


def test_a_slower_walk_is_cut_by_nearer_ground_only():
    study = ten_blocks()
    study.times.notes["speed_m_s"] = 0.5  # 15 minutes are 450 m
    assert of(plan_of(study, A)).headline.cut_people == 0
    del study.times.notes["speed_m_s"]
    found = of(plan_of(study, A))
    assert found.headline.cut_people == 70
    assert assumed(found)["walking-speed-by-default"]["kilometres_an_hour"] == 4.8


def test_an_estimated_group_is_marked_wherever_it_is_shown():
    found = of(plan_of(ten_blocks(group="older people"), A))
    assert found.headline.estimated_group
    assert [(part.part, part.estimated) for part in found.groups] == [("all", False), ("older people", True)]
    assert assumed(found)["estimated-group"] == {"group": "older people", "formula": "a fifth"}


# --- parts -----------------------------------------------------------------------------------


@given(st.sets(st.sampled_from([A, B, C])), st.sampled_from(["all", "older people"]))
def test_parts_sum_to_the_headline(sites, group):
    found = of(plan_of(ten_blocks(group=group), *sorted(sites)))
    head = found.headline
    for parts in (found.need, found.areas):
        assert sum(part.people for part in parts) == pytest.approx(head.people)
        assert sum(part.within_after for part in parts) == pytest.approx(head.after)
        assert sum(part.gain for part in parts) == pytest.approx(head.gain)
    own = next(part for part in found.groups if part.part == group)
    assert (own.people, own.within_before, own.within_after) == (head.people, head.before, head.after)


def test_parts_are_the_rows_of_the_comparison():
    plan = plan_of(ten_blocks(), A)
    found = of(plan)
    for by, parts in (("need", found.need), ("group", found.groups), ("area", found.areas)):
        frame = compare(None, plan, by=by).frame
        for name in frame.columns:
            assert [getattr(part, name) for part in parts] == frame[name].tolist()


def test_without_a_need_index_there_are_no_fifths_and_no_measures_between_them():
    found = of(plan_of(ten_blocks(need=False), A))
    assert found.need == []
    assert not [one for one in found.equity if one.code.startswith(("quintile", "concentration"))]
    assert "need-index" not in assumed(found)


# --- equity ----------------------------------------------------------------------------------


def test_access_poverty_before_and_after_by_hand():
    found = of(plan_of(ten_blocks(), A))
    assert measure(found, "poverty-people").before == 260
    assert measure(found, "poverty-people").after == 80
    share, gap, squared = (measure(found, f"poverty-{name}") for name in ("share", "gap", "gap-squared"))
    assert share.before == pytest.approx(260 / 360)
    # gaps in limits of 15: 20 -> 1/3, 25 -> 2/3, 30 and not reached -> 1
    assert gap.before == pytest.approx((50 / 3 + 60 * 2 / 3 + 70 + 80) / 360)
    assert squared.before == pytest.approx((50 / 9 + 60 * 4 / 9 + 70 + 80) / 360)
    assert gap.parameters == {"limit_minutes": 15.0, "table_minutes": 30.0}


def test_between_fifths_and_between_groups():
    found = of(plan_of(ten_blocks(), A))
    assert measure(found, "quintile-difference").before == -1
    assert measure(found, "quintile-difference").after == pytest.approx(130 / 210 - 1)
    assert measure(found, "quintile-ratio").after == pytest.approx(130 / 210)
    assert measure(found, "group-difference", "older people").after == pytest.approx(0)
    assert measure(found, "group-ratio", "older people").before == pytest.approx(1)


def test_the_group_that_reached_least_is_in_the_text_and_the_others_in_the_annex():
    study = ten_blocks()
    study.blocks["carers"] = np.where(np.arange(10) == 6, 5.0, 0.0)
    study.town["groups"].append({"id": "carers", "labels": {}, "estimated": False})
    found = of(plan_of(study, A))
    assert not measure(found, "group-difference", "carers").annex
    assert measure(found, "group-difference", "carers").before == pytest.approx(0 - 100 / 360)
    assert measure(found, "group-ratio", "older people").annex


def test_one_kappa_serves_before_and_after():
    equal = measure(of(plan_of(ten_blocks(), A), aversion=2.0), "equal-walk")
    assert equal.parameters["aversion"] == 2
    total = 100 + 300 + 600 + 1000 + 1500 + 2100 + 2400
    squares = 20 * 25 + 30 * 100 + 40 * 225 + 50 * 400 + 60 * 625 + 70 * 900 + 80 * 900
    assert equal.parameters["kappa"] == pytest.approx(2 * total / squares)
    assert equal.after < equal.before


def test_every_measure_has_a_listed_code_and_unit_and_gini_and_palma_stand_in_the_annex():
    found = of(plan_of(ten_blocks(), A))
    assert {one.code for one in found.equity} == set(MEASURES)
    assert all(one.unit == MEASURES[one.code] for one in found.equity)
    assert {one.code for one in found.equity if one.annex} == set(ANNEX)


# --- sites -----------------------------------------------------------------------------------


def test_a_site_says_whom_it_alone_reaches_and_what_it_is_worth():
    a, c = of(plan_of(ten_blocks(), A, C)).sites
    assert (a.id, a.name, a.reached, a.only_here) == ("a", "A", 250, 70)
    assert (c.reached, c.only_here) == (210, 0)
    assert (a.loss, c.loss) == (70, 0)
    assert (a.replacement, a.replacement_loss) == ("b", 0)
    assert (a.cost, a.area_m2, a.owner) == (120e6, 5000, "ciudad")
    assert (a.chosen_in, a.kept_in) == (None, None)


def test_unknown_cost_and_area_are_none():
    (b,) = of(plan_of(ten_blocks(), B)).sites
    assert (b.cost, b.area_m2) == (None, None)


def test_a_site_says_in_how_many_draws_it_stands():
    (site,) = of(plan_of(ten_blocks(), A), robustness=ROBUST).sites
    assert (site.chosen_in, site.kept_in) == (93, 97)
    (site,) = of(plan_of(ten_blocks(), A, robustness=ROBUST)).sites
    assert site.chosen_in == 93


def test_refused_sites_by_what_taking_them_would_lose():
    refused = of(plan_of(ten_blocks(), A)).refused
    assert [(site.id, site.loss) for site in refused] == [("b", 0), ("c", 70)]


def test_with_money_left_and_no_number_a_refused_site_may_come_in_beside_the_others():
    study = ten_blocks(cost=[np.nan, 120e6, 10e6, 90e6, np.nan, np.nan])
    found = of(plan_of(study, A, open=None, budget=150e6))
    # a serves all that b would; c costs 90 M, and 30 M are left: it can only come in a's stead
    assert [(site.id, site.loss) for site in found.refused] == [("b", 0), ("c", 70)]
    assert found.sites[0].replacement == "b"
    demanded = of(plan_of(study, A, forced=(A,)))
    assert (demanded.sites[0].loss, demanded.sites[0].replacement, demanded.refused) == (180, "", [])


def test_a_plan_of_other_tables_is_refused():
    study = ten_blocks()
    with pytest.raises(MisalignedError) as caught:
        of(plan_of(study, A, forbidden=(A,)))
    assert caught.value.codes == ("plan-of-another-problem",)


def test_a_displaced_use_names_who_then_reaches_no_other():
    (a,) = of(plan_of(ten_blocks(), A)).sites
    assert a.displaced == "p"
    # p reaches blocks 2 to 6 and 8; q, which stays, reaches 3 to 6: block 2 is left, 8 is around
    assert a.displaced_people == 30
    (b,) = of(plan_of(ten_blocks(), B)).sites
    assert (b.displaced, b.displaced_people) == ("", None)


def test_nobody_is_displaced_where_the_new_unit_gives_the_service():
    study = ten_blocks()
    study.modules.loc[len(study.modules)] = ["a", "workshops", "all", 5.0, "week", 1.0]
    assert of(plan_of(study, A)).sites[0].displaced_people == 0


def test_who_is_displaced_is_unknown_where_the_provider_tells_no_service():
    study = ten_blocks()
    study = replace(study, modules=study.modules[study.modules["place_id"] != "p"])
    site = of(plan_of(study, A)).sites[0]
    assert (site.displaced, site.displaced_people) == ("p", None)


# --- costs, weighting, assumptions -------------------------------------------------------------


def test_costs_are_of_the_new_sites_and_per_person_who_gains():
    found = of(plan_of(ten_blocks(), A))
    assert found.costs.currency == "MXN"
    assert found.costs.per_site["a"].central == pytest.approx(120e6)
    assert found.costs.per_person.central == pytest.approx(found.costs.annual.central / 180)
    assert found.costs.per_place.central == pytest.approx(found.costs.annual.central / 4)


def test_a_plan_that_opens_nothing_costs_nothing_and_changes_nothing():
    found = of(plan_of(ten_blocks()))
    assert found.costs is None
    assert (found.headline.gain, found.sites, found.refused) == (0, [], [])
    assert measure(found, "equal-walk").before == measure(found, "equal-walk").after


def test_without_weighing_each_person_counts_as_one_and_the_index_is_still_tried():
    plain = of(plan_of(ten_blocks(), A)).weighting
    assert (plain.index, plain.top, plain.bottom) == ("", 1.0, 1.0)
    assert plain.rank_changes == {"no water": 1.0}


def test_weighting_tells_what_a_resident_of_each_end_counts_for():
    assert "count-of-persons" in assumed(of(plan_of(ten_blocks(), A)))
    told = of(plan_of(ten_blocks(weighted_by="need"), A)).weighting
    assert told.index == "need"
    assert told.indicators == {"no water": 1.0}
    assert told.top > 1 > told.bottom
    assert told.rank_changes == {"no water": 1.0}
    assert told.moved_people == {"no water": 0.0}


def test_every_assumption_has_a_listed_code_in_its_order():
    found = of(plan_of(ten_blocks(), A))
    order = [list(CODES).index(one.code) for one in found.assumptions]
    assert order == sorted(order)
    for one in found.assumptions:
        assert set(one.values) == set(filter(None, CODES[one.code].split(", "))), one.code


def test_what_was_assumed_is_said_with_its_values():
    said = assumed(of(plan_of(ten_blocks(), A), robustness=ROBUST))
    assert said["charged-at-table-end"] == {"people_before": 80, "people_after": 80, "minutes": 30}
    assert said["apart"] == {"people": 80, "blocks": 1}
    assert said["cut"] == {"people": 70, "cut_share": pytest.approx(70 / 360), "metres": 1200}
    assert said["surroundings"] == {"people": 190, "blocks": 2}
    assert said["robustness"] == {"draws": 100, "seed": 7, "near_metres": 400}
    assert said["costs"]["discount"] == 0.05
    assert "made-up" in said
    assert "no-robustness" not in said


def test_estimated_times_say_their_circuity_and_a_table_its_source():
    study = ten_blocks()
    object.__setattr__(study.times, "estimated", True)
    study.times.notes["circuity"] = 1.3
    assert assumed(of(plan_of(study, A)))["estimated-times"] == {"circuity": 1.3}
    study.times.notes.clear()
    study.times.notes["source"] = "od.csv"
    assert assumed(of(plan_of(study, A)))["times-from-table"] == {"source": "od.csv"}


def test_a_limit_nobody_chose_is_said():
    said = assumed(of(plan_of(ten_blocks(), A, aim="least-walk", within=None)))
    assert said["limit-by-default"] == {"minutes": 15}


# --- the whole -------------------------------------------------------------------------------


def test_a_plan_read_from_its_folder_has_the_same_findings(tmp_path):
    plan = plan_of(ten_blocks(), A, C)
    made = of(plan)
    plan.with_(findings=made).save(tmp_path / "plan")
    read = Plan.load(tmp_path / "plan")
    assert read.findings == made
    assert of(read) == made


def test_findings_are_fit_for_json_and_come_back():
    found = of(plan_of(ten_blocks(weighted_by="need"), A), robustness=ROBUST)
    text = json.dumps(found.to_json(), allow_nan=False)
    assert remake(Findings, json.loads(text)) == found
    assert {f.name for f in fields(Findings)} == set(json.loads(text))


def test_nobody_to_plan_for_is_no_error_and_no_number_is_invented():
    found = of(plan_of(ten_blocks(persons=np.zeros(10)), A))
    assert (found.headline.people, found.headline.after) == (0, 0)
    assert (found.need, found.areas) == ([], [])
    assert measure(found, "poverty-share").before is None
    assert found.costs.per_person is None
    assert [(site.loss, site.replacement) for site in found.sites] == [(0, "")]
    assert found.refused == []
    json.dumps(found.to_json(), allow_nan=False)


def test_the_surroundings_change_what_can_be_served_and_nothing_else():
    study, crowded = ten_blocks(), ten_blocks()
    crowded.blocks.loc[~PLANNED, ["people", "persons", "older people"]] = 5000.0
    mine, theirs = of(plan_of(study, A)), of(plan_of(crowded, A))
    assert (mine.headline, mine.groups, mine.need, mine.areas, mine.equity, mine.sites, mine.costs) == (
        theirs.headline, theirs.groups, theirs.need, theirs.areas, theirs.equity, theirs.sites, theirs.costs,
    )  # fmt: skip
    assert theirs.supply[0].target_after > mine.supply[0].target_after


def test_labels_and_sources_are_those_of_the_town():
    found = of(plan_of(ten_blocks(), A))
    assert found.labels["older people"]["es"] == "personas mayores"
    assert set(found.labels) == {"older people", "no water"}
    assert (found.town, found.made_up, found.sources[0].name) == ("Diez", True, "invented")


def test_all_faults_of_the_options_are_told_at_once():
    with pytest.raises(ProblemError) as error:
        of(plan_of(ten_blocks(), A), rates=(0.0, 2.0), aversion=-1.0)
    assert error.value.codes == ("bad-rate", "bad-aversion")


def test_slope_and_snapping_are_told_from_the_notes_of_the_times():
    study = ten_blocks()
    assert "slope-ignored" in assumed(of(plan_of(study, A)))
    study.times.notes.update(rise_known=0.75, snap_at_most_m=300.0)
    said = assumed(of(plan_of(study, A)))
    assert said["slope"] == {"rise_known_share": 0.75}
    assert said["snapped"] == {"metres": 300}
    assert "slope-ignored" not in said


def test_ground_known_all_around_and_no_neighbours_are_said_too():
    study = ten_blocks()
    study.blocks["planned"] = True
    study.blocks["known_to"] = 9000.0
    said = assumed(of(plan_of(study, A)))
    assert said["not-cut"] == {"metres": 1200}
    assert said["no-surroundings"] == {}
    assert not {"cut", "surroundings"} & set(said)


def test_people_whose_need_is_unknown_stand_in_their_own_part_and_are_said():
    study = ten_blocks()
    study.blocks.loc[6, ["need", "quintile"]] = [np.nan, 0]
    found = of(plan_of(study, A))
    assert [part.part for part in found.need] == ["1", "2", "3", "4", "5", "0"]
    assert found.need[-1].people == 70
    assert sum(part.people for part in found.need) == found.headline.people
    assert assumed(found)["need-unknown"] == {"people": 70}


def test_a_group_of_nobody_has_no_part_and_no_measure():
    study = ten_blocks()
    study.blocks["older people"] = 0.0
    found = of(plan_of(study, A))
    assert [part.part for part in found.groups] == ["all"]
    assert not [one for one in found.equity if one.of]


def test_what_was_assumed_when_the_town_was_built_is_said_after_all_else():
    study = ten_blocks()
    told = {"code": "built-spread", "values": {"count": 3, "cells": np.int64(60)}}
    study.town.update(assumptions=[told])
    last = of(plan_of(study, A)).assumptions[-1]
    assert (last.code, last.values) == ("built-spread", {"count": 3, "cells": 60})
