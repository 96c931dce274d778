"""``why``, ``alternatives``, ``trade-off`` and ``improve`` at a prompt."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.prompt import Prompt
from utopias.domain.plan import Plan
from utopias.language.values import value_number
from utopias.language.words import Words


def test_why_says_what_each_site_is_worth_and_one_alone_whom_it_serves(prompt: Prompt, plan: Path) -> None:
    opened = Plan.load(plan).site_ids[0]
    said = prompt("why", plan)
    said.must(0)
    assert "By proof: 1 of 1 chosen sites" in said.out
    alone = prompt("why", plan, "--site", opened)
    assert "People whom only this site reaches" in alone.out
    told = json.loads(prompt("why", plan, "--json").out)
    assert [one["id"] for one in told["chosen"]] == [opened]
    assert {one["id"] for one in told["refused"]} == {"a", "b", "c"} - {opened}
    assert told["chosen"][0]["proven_in"] is True


def test_why_of_a_site_that_is_none_is_refused(prompt: Prompt, plan: Path) -> None:
    prompt("why", plan, "--site", "nowhere").must(1, "unknown-site", "--site")
    prompt("why", plan, "--site", "nowhere", language="es").must(1, "no es candidato")


def test_alternatives_say_what_differs(prompt: Prompt, plan: Path) -> None:
    told = json.loads(prompt("alternatives", plan, "--within", "100%", "--json").out)
    assert len(told["choices"]) == 2
    assert all(one["loss"] >= 0 and len(one["taken"]) == 1 for one in told["choices"])
    assert "→" in prompt("alternatives", plan, "--within", "1.0").out
    assert "No other plan within" in prompt("alternatives", plan, "--within", "100%", "--near", "90 km").out


def test_alternatives_refuse_what_makes_no_sense(prompt: Prompt, plan: Path) -> None:
    prompt("alternatives", plan, "--within", "much").must(2, "bad-within", "0.5%")
    prompt("alternatives", plan, "--count", "0").must(2, "bad-count")
    prompt("alternatives", plan, "--near", "far").must(
        2, "unknown-quantity"
    )  # no quantity at all: what was typed is wrong


def test_a_curve_is_drawn_saved_and_put_into_the_report(prompt: Prompt, town: Path, plan: Path, tmp_path: Path) -> None:
    said = prompt("trade-off", town, "--open", "1", "--out", tmp_path / "curve").must(0)
    assert "The longest walk" in said.out
    prompt("trade-off", town, "--open", "1", "--out", tmp_path / "curve").must(1)  # the name is taken
    prompt("report", plan, "--to", tmp_path / "r.html", "--trade-off", tmp_path / "curve").must(0)
    assert "figure-curve" in (tmp_path / "r.html").read_text()
    told = json.loads(prompt("trade-off", town, "--open", "1", "--points", "3", "--json").out)
    assert told["points"][0]["proven"] is True


def test_a_curve_that_makes_no_sense_is_refused_with_a_mend(
    prompt: Prompt, town: Path, plan: Path, tmp_path: Path
) -> None:
    prompt("trade-off", town, "--open", "1", "--between", "cover-most").must(2, "no-pair", "cover-most or least-walk")
    early = prompt("trade-off", town, "--open", "1", "--between", "cover-most,cover-most:nobody").must(
        2, "unknown-group"
    )
    assert "walking times" not in early.err  # heard before anybody walks
    prompt("trade-off", town, "--open", "1", "--points", "1").must(2, "bad-points")
    prompt("report", plan, "--to", tmp_path / "r.html", "--trade-off", plan).must(1, "no-trade-off")


def test_improve_keeps_the_best_and_says_what_it_completed(prompt: Prompt, plan: Path, tmp_path: Path) -> None:
    half = tmp_path / "half"
    shutil.copytree(plan, half)
    said = prompt("improve", half, "--time-limit", "5 s").must(0)
    assert "Plan saved in" in said.out
    assert " s: " in said.err
    better = Plan.load(half)
    assert better.proven
    assert better.value >= Plan.load(plan).value
    assert better.findings is not None


def test_whoever_has_no_way_to_any_place_is_told_beside_the_longest_walk(prompt: Prompt, town: Path) -> None:
    said = prompt("trade-off", town, "--open", "1").must(0).out
    assert "50 people have no way to any site" in said  # the toy's island


def test_the_sites_of_a_curve_are_called_by_name_with_their_id(prompt: Prompt, town: Path) -> None:
    said = prompt("trade-off", town, "--open", "1").must(0).out
    assert "New sites of each point, beside the one above\n1. " in said
    assert "(b)" in said


def test_a_plan_of_any_aim_has_its_report_and_its_alternatives(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    for aim in ("smallest-worst", "worst-first", "cover-twice"):
        prompt("site", town, "--open", "1", "--aim", aim, "--draws", "0", "--out", tmp_path / aim).must(0)
        prompt("report", tmp_path / aim, "--to", tmp_path / f"{aim}.html", language="es").must(0)
        told = prompt("alternatives", tmp_path / aim, "--within", "100%", "--near", "1 m", "--json").must(0)
        assert json.loads(told.out)["choices"]


def test_where_somebody_reaches_no_site_every_plan_is_as_good_and_that_is_said(
    prompt: Prompt, town: Path, tmp_path: Path
) -> None:
    out = tmp_path / "worst"
    asked = ("--open", "1", "--aim", "smallest-worst", "--draws", "0", "--within", "1 min")
    prompt("site", town, *asked, "--out", out).must(0)
    short = Plan.load(out)
    end = short.with_(beyond=short.value * 600.0)  # as a table that ends where the longest walk does
    end.save(out, replace=True)
    prompt("alternatives", out).must(1, "every-plan-as-good", "--within")
    prompt("alternatives", out, language="es").must(1, "worst-first")
    prompt("report", out, "--to", tmp_path / "worst.html").must(0)


def test_a_plan_of_any_aim_is_improved_at_the_prompt(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    for aim in ("smallest-worst", "worst-first", "cover-twice"):
        out = tmp_path / aim
        prompt("site", town, "--open", "1", "--aim", aim, "--draws", "0", "--out", out).must(0)
        before = Plan.load(out)
        said = prompt("improve", out, "--time-limit", "5 s", language="es").must(0)
        assert f"ningún plan es mejor que {value_number(Words('es'), aim, before.value)}" in said.err
        after = Plan.load(out)
        assert (after.aim, after.value, after.proven) == (before.aim, before.value, True)
        prompt("verify", out).must(0)


def test_a_plan_with_rooms_is_reported_and_never_improved_into_one_without(
    prompt: Prompt, town: Path, tmp_path: Path
) -> None:
    out = tmp_path / "rooms"
    asked = ("--open", "1", "--room-of", "pool", "--participation", "0.1", "--draws", "0")
    prompt("site", town, *asked, "--out", out).must(0)
    before = Plan.load(out)
    prompt("improve", out).must(0)
    after = Plan.load(out)
    assert after.flows is not None
    assert (after.value, after.proven) == (before.value, True)
    for language in ("es", "en", "fr"):
        prompt("report", out, "--to", tmp_path / f"{language}.html", language=language).must(0)
    prompt("verify", out).must(0)
    told = json.loads(prompt("alternatives", out, "--within", "100%", "--near", "1 m", "--json").out)["choices"]
    own = Plan.load(out).value
    assert told
    assert all(own + one["gain"] - one["lose"] == pytest.approx(one["value"]) for one in told)  # who finds room
    assert "hay lugar" in prompt("alternatives", out, "--within", "100%", "--near", "1 m", language="es").out


def test_draws_of_aims_over_the_worst_walk_are_told_and_recounted(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    for aim in ("smallest-worst", "worst-first", "cover-twice"):
        out = tmp_path / aim
        prompt("site", town, "--open", "1", "--aim", aim, "--draws", "4", "--out", out).must(0)
        assert Plan.load(out).robustness is not None
        prompt("verify", out).must(0)
        for language in ("es", "en", "fr"):
            prompt("report", out, "--to", tmp_path / f"{aim}-{language}.html", language=language).must(0)


def test_a_plan_with_rooms_is_drawn_and_recounted(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    asked = ("--open", "1", "--room-of", "pool", "--participation", "0.1", "--draws", "4")
    prompt("site", town, *asked, "--out", tmp_path / "rooms").must(0)
    assert Plan.load(tmp_path / "rooms").robustness is not None
    prompt("verify", tmp_path / "rooms").must(0)
    prompt("report", tmp_path / "rooms", "--to", tmp_path / "rooms.html", language="es").must(0)


def test_a_folder_of_another_kind_is_refused_by_its_name(prompt: Prompt, town: Path, tmp_path: Path) -> None:
    prompt("trade-off", town, "--open", "1", "--out", tmp_path / "curve").must(0)
    prompt("why", tmp_path / "curve", language="es").must(1, "no-plan", "es una curva")
    prompt("verify", tmp_path / "curve").must(1, "no-plan", "this is a curve")
    prompt("stand", town, language="es").must(1, "no-plan", "es una ciudad")


def test_a_list_of_ids_stands_with_its_labels_in_the_readers_language(
    prompt: Prompt, town: Path, tmp_path: Path
) -> None:
    asked = ("site", town, "--open", "1", "--for", "mayores", "--out", tmp_path / "no")
    prompt(*asked, language="es").must(2, "unknown-group", "older people (Personas mayores)")
    prompt(*asked).must(2, "There are: all (Everybody), older people")
