"""Nouns in a notebook: shown as cards in the reader's language, safe, light, and by no import of their own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import utopias
from tests.report.example import example_plan
from tests.territory.toy_plan import toy_plan
from tests.toy import toy_town
from utopias.domain.comparison import COLUMNS, Comparison
from utopias.domain.quantities import Minutes
from utopias.report.map_paths import WIDTH, Frame, cell_paths
from utopias.report.notebook import CARDS, html_of
from utopias.report.small_map import MANY, plan_map
from utopias.siting.question.problem import Problem


@pytest.fixture(autouse=True)
def _in_spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UTOPIAS_LANGUAGE", "es")


def told(html: str) -> str:
    """The words of a card, without its marks and drawings."""
    bare = re.sub(r"<svg.*?</svg>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare)).strip()


def a_comparison(by: str = "need") -> Comparison:
    rows = [["1", 500.0, 100.0, 250.0, 200.0, 50.0, 250.0, 20.0, 9.5], ["5", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    return Comparison(by, Minutes(15), pd.DataFrame(rows, columns=list(COLUMNS)))


def every_noun() -> list[object]:
    town, plan = toy_town(), toy_plan()
    assert plan.study is not None
    problem = Problem.for_town(town, plan.study.times, open=1)
    return [plan, a_comparison(), town, town.demand("older people"), plan.study.times, town.sites, problem]


def test_every_class_named_to_ipython_has_a_card_and_is_where_it_is_said_to_be() -> None:
    assert set(utopias._CLASSES) == set(CARDS)
    nouns = every_noun()
    assert {type(noun).__name__: type(noun).__module__ for noun in nouns} == utopias._CLASSES


@pytest.mark.parametrize("language", ["es", "en", "fr"])
def test_every_noun_is_shown_in_every_language_without_asking_anybody(language: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("UTOPIAS_LANGUAGE", language)
    for noun in every_noun():
        html = html_of(noun)
        assert told(html)
        assert not re.search(r"<script|<link|<style|src=|https?://(?!www\.w3\.org/2000/svg)|@import", html)
        assert html.count("<div") == html.count("</div>")


def test_a_plan_shows_its_sentence_value_bound_gap_proof_and_sites() -> None:
    said = told(html_of(toy_plan()))
    assert "DATOS INVENTADOS" in said
    assert "35 de cada 100 personas pueden llegar caminando a una unidad en 15 minutos; 750 no pueden." in said
    assert "Valor 1,000 personas" in said
    assert "Cota del mejor plan posible 1,000" in said
    assert "Brecha 0.000%" in said
    assert "Demostrado dentro del modelo" in said
    assert "1. Lote B" in said
    assert "entre 35 y 43 de cada 100" in said, "what lies beyond the known map is said beside the headline"


def test_a_plan_without_findings_says_how_to_make_them_and_shows_its_map() -> None:
    html = html_of(toy_plan().with_(findings=None))
    assert "u.findings(problem, plan)" in told(html)
    assert "Lote B" in told(html)
    assert html.count("<title>") == 1


def test_a_plan_of_bare_numbers_is_shown_without_a_map() -> None:
    html = html_of(toy_plan().with_(findings=None, study=None))
    assert "Valor 1,000 personas" in told(html)
    assert "<title>" not in html


def test_a_plan_not_proven_says_its_gap_and_not_proven() -> None:
    said = told(html_of(toy_plan().with_(proven=False, bound=1100.0, stopped="clock")))
    assert "a lo más 10.00% peor" in said
    assert "Demostrado" not in said


def test_gains_and_losses_stand_apart_and_a_part_of_nobody_has_no_bar() -> None:
    html = html_of(a_comparison())
    assert "1 (menor necesidad) 500 100 250 +200 −50 250 20.0 → 9.5" in told(html)
    assert html.count("<svg") == 1


def test_times_say_who_reaches_nothing_and_why() -> None:
    plan = toy_plan()
    assert plan.study is not None
    said = told(html_of(plan.study.times))
    assert "Llegan a algún destino en 60 minutos 12 (92.3%)" in said
    assert "12 unidos a la red de calles y 1 sin calle cerca" in said
    assert "Velocidad" not in said, "these times do not say with which speed"
    assert "Tiempos estimados" in told(html_of(replace(plan.study.times, estimated=True)))


def test_a_name_with_marks_of_html_is_text() -> None:
    town = replace(toy_town(), name='<script>alert("x")</script>')
    html = html_of(town)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_many_places_are_counted_not_listed() -> None:
    plan = example_plan()
    assert plan.study is not None
    said = told(html_of(toy_town().sites))
    assert "3 lugares" in said
    assert "más" not in said


def test_a_cell_takes_the_kind_of_the_nearest_block_and_far_cells_none() -> None:
    step = WIDTH // 250
    frame = Frame(0.0, float(step), 1.0, step)  # one row of 250 cells, 16 m each
    x, y = np.array([8.0, 40.0]), np.array([8.0, 8.0])  # in the first cell and the third
    drawn = cell_paths(x, y, np.array(["out", "gained"], dtype=object), frame, 17.0)
    assert drawn == {"out": f"M0 0h{2 * step}v{step}h-{2 * step}z", "gained": f"M{2 * step} 0h{2 * step}v{step}h-{2 * step}z"}  # fmt: skip


def test_the_map_of_a_whole_borough_is_small_enough_for_a_notebook() -> None:
    plan = example_plan(side=80)
    assert plan.study is not None
    assert len(plan.study.blocks) > MANY
    drawn = plan_map(plan, title="t", description="d", north="N")
    assert len(drawn) < 300_000
    assert drawn.count("<path") < 100


IN_IPYTHON = """
from IPython.core.interactiveshell import InteractiveShell
import json, sys
shell = InteractiveShell.instance()
{how}
loaded = sorted(name for name in sys.modules if name.startswith("utopias."))
from tests.toy import toy_town
data, _ = shell.display_formatter.format(toy_town().demand("all"))
shell.run_line_magic("unload_ext", "utopias")
after, _ = shell.display_formatter.format(toy_town().demand("all"))
print(json.dumps([loaded, sorted(data), sorted(after)]))
"""


@pytest.mark.parametrize("how", ["import utopias", 'shell.run_line_magic("load_ext", "utopias")'])
def test_importing_under_ipython_shows_cards_and_loads_nothing(how: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IN_IPYTHON.format(how=how)],
        capture_output=True, text=True, check=True, cwd=Path(utopias.__file__).parents[1],
    )  # fmt: skip
    loaded, shown, after = json.loads(ran.stdout.splitlines()[-1])
    assert loaded == ["utopias.domain", "utopias.domain.versions"]
    assert shown == ["text/html", "text/plain"]
    assert after == ["text/plain"]


def test_without_ipython_nothing_is_told_to_anybody() -> None:
    line = "import utopias, sys; print('IPython' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True, cwd=Path(utopias.__file__).parents[1])  # fmt: skip
    assert ran.stdout.strip() == "False"


@pytest.mark.parametrize(("language", "said"), [("es", "la escuela"), ("en", "school"), ("fr", "école")])
def test_the_card_of_a_demand_says_where_its_people_set_out_from(
    language: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UTOPIAS_LANGUAGE", language)
    at_home = toy_town().demand("all")
    assert said in told(html_of(replace(at_home, origin="school")))
    assert said not in told(html_of(at_home))
