"""A line in the reader's own words; and every slip of a line told at once, before a town is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from tests.cli.prompt import Prompt
from utopias.cli.app import build_app
from utopias.cli.speech import Speech
from utopias.cli.usage import speak
from utopias.language.words import LANGUAGES, Words


def said_of(plan: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    return found


def test_a_label_stands_for_its_id_and_the_folder_keeps_the_id(prompt: Prompt, town: Path) -> None:
    asked = ("site", town, "--open", "1", "--draws", "0")
    by_id, by_label = prompt.folder / "id", prompt.folder / "label"
    prompt(*asked, "--for", "older people", "--aim", "least-walk", "--out", by_id).must(0)
    prompt(*asked, "--for", "Personas Mayores", "--aim", "caminar menos en total", "--out", by_label).must(0)
    one, other = said_of(by_id), said_of(by_label)
    assert (one["aim"], one["sites"], one["value"]) == (other["aim"], other["sites"], other["value"])
    assert "Personas" not in json.dumps([other["aim"], other["sites"]])


def test_a_service_and_a_cause_are_named_in_spanish(prompt: Prompt, town: Path) -> None:
    out = prompt.folder / "plan"
    asked = ("--room-of", "alberca", "--participation", "0.5", "--closed", "agua 20")
    prompt("site", town, "--open", "1", "--draws", "0", *asked, "--out", out).must(0)
    other = prompt.folder / "other"
    asked = ("--room-of", "pool", "--participation", "0.5", "--closed", "water 20")
    prompt("site", town, "--open", "1", "--draws", "0", *asked, "--out", other).must(0)
    assert said_of(out)["value"] == said_of(other)["value"]


SLIPS = {
    "site": (["--open", "1", "--out", "OUT", "--aim", "cover-mots", "--within", "15", "--for", "personas mayorez", "--walker", "x", "--seed", "-1"], ["unknown-aim", "unknown-quantity", "unknown-group", "unknown-walker", "bad-seed"]),
    "trade-off": (["--open", "1", "--between", "cover-mots,least-cost", "--points", "1", "--budget", "5x"], ["unknown-aim", "bad-points", "unknown-money"]),
    "equip": (["--out", "OUT", "--services", "alverca", "--importance", "pool", "--buildable", "2", "--standard", "pool=far"], ["unknown-service", "bad-service-pair", "bad-buildable", "no-limit", "unknown-quantity"]),
    "share": (["--service", "alverca", "--for", "x", "--method", "y"], ["unknown-service", "unknown-group", "unknown-method"]),
    "reach": (["--walker", "x", "--within", "15", "--after-dark", "0.5"], ["unknown-walker", "unknown-quantity", "bad-after-dark"]),
    "what-if": (["--walker", "x", "--within", "15", "--add", "n@1"], ["unknown-walker", "unknown-quantity", "no-coordinates"]),
    "chain": (["--for", "x", "--stay", "1", "--level", "primari"], ["unknown-group", "unknown-quantity", "unknown-level"]),
}  # fmt: skip


@pytest.mark.parametrize("command", SLIPS)
def test_every_slip_of_a_line_is_told_at_once_and_nothing_is_read(command: str, prompt: Prompt, town: Path) -> None:
    typed, codes = SLIPS[command]
    out = prompt.folder / "plan"
    said = prompt(command, town, *(out if one == "OUT" else one for one in typed))
    said.must(1 if "no-coordinates" in codes else 2, *(f"[{code}]" for code in codes))
    assert " s  " not in said.err  # no stage of work began
    assert prompt.leavings() == []


def test_the_slips_of_a_schedule_are_told_at_once(prompt: Prompt, town: Path) -> None:
    typed = ("--town", town, "--out", prompt.folder / "p", "--years", "soon", "--budget-a-year", "1M", "--aim", "fair-walk", "--within", "15")  # fmt: skip
    prompt("phase", *typed).must(2, "[unknown-years]", "[aim-not-phased]", "[no-number]", "[unknown-quantity]")


def test_an_unknown_name_is_refused_with_ids_labels_and_the_nearest(prompt: Prompt, town: Path) -> None:
    typed = ("site", town, "--open", "1", "--out", prompt.folder / "plan", "--for", "persona mayores")
    said = prompt(*typed, language="es").must(2, "--for", "¿quiso decir older people (Personas mayores)? Hay: all (")
    assert "1 falta" in said.err


def test_a_year_to_come_is_told_by_labels(prompt: Prompt, plan: Path) -> None:
    by_id = prompt("stand", plan, "--later", "2035: older people=1.5", "--json").must(0)
    by_label = prompt("stand", plan, "--later", "2035: personas mayores=1.5", "--judge", "el peor", "--json").must(0)
    assert json.loads(by_id.out) == json.loads(by_label.out)
    prompt("stand", plan, "--later", "2035: older peeple=1.5").must(2, "[unknown-group]", "older people")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_help_is_cut_at_80_columns(language: str) -> None:
    words = Words(language)
    app = typer.main.get_command(build_app(Speech(words)))
    speak(app, words)
    with app.make_context("utopias", ["warm"]) as context:
        context.terminal_width, context.max_content_width = 80, 80
        page = app.get_help(context)
    commands = list(getattr(app, "commands", {}))
    rows = page[page.index(words.say("cli.usage.commands")) :].splitlines()[1:]
    assert [row.split()[0] for row in rows if row.strip()] == commands  # one row each: none folds into the next
    assert all(row.rstrip().endswith(".") and not row.rstrip().endswith("...") for row in rows if row.strip())
    assert max(map(len, rows)) <= 80
