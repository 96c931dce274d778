"""The report: the same numbers in print, on the page and in the findings; nothing asked of the outside."""

from __future__ import annotations

import ast
import html
import inspect
import re
import time
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pymupdf
import pytest

from tests.report.example import example_plan
from utopias.domain.comparison import COLUMNS, Comparison
from utopias.domain.errors import ProblemError
from utopias.domain.findings import Assumption
from utopias.domain.plan import Plan
from utopias.domain.quantities import Minutes
from utopias.language.values import read_out, value_unit
from utopias.language.words import LANGUAGES, Words
from utopias.report import print_writer
from utopias.report.content import content
from utopias.report.document import write_map_picture, write_report
from utopias.report.paper import Questions, Table
from utopias.report.print_writer import PrintError
from utopias.territory.tables_out import read_me

PLAN = example_plan(side=24)
ROOT = Path(__file__).parents[2] / "utopias"
TEN = ("who", "who", "costs", "sites", "colonias", "who", "checked", "who", "assumed", "checked")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("reports")
    for language in LANGUAGES:
        write_report(PLAN, to=made / f"{language}.pdf", language=language)
        write_report(PLAN, to=made / f"{language}.html", language=language)
    return made


@cache
def pdf_text(path: Path) -> str:
    with pymupdf.open(path) as pdf:
        inside = [page.rect + pymupdf.Rect(0, 45, 0, -45) for page in pdf]  # without what stands on every page
        return squeezed(" ".join(page.get_text(clip=box) for page, box in zip(pdf, inside, strict=True)))


@cache
def page_text(path: Path) -> str:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.said: list[str] = []
            self.muted = 0

        def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
            self.muted += tag in ("style", "title", "desc")

        def handle_endtag(self, tag: str) -> None:
            self.muted -= tag in ("style", "title", "desc")

        def handle_data(self, data: str) -> None:
            if not self.muted:
                self.said.append(data)

    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return squeezed(" ".join(reader.said))


def squeezed(text: str) -> str:
    """Without blanks, hyphens and ligatures: how a line was broken says nothing."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text.replace("ﬁ", "fi").replace("ﬂ", "fl"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_print_and_page_say_every_number_of_the_findings(folder: Path, language: str) -> None:
    words, found = Words(language), PLAN.findings
    h = found.headline
    numbers = [h.people - h.before, h.gain, h.people - h.after, h.cut_people, h.before_low, h.before_high]
    for part in (*found.groups, *found.need, *found.areas):
        numbers += [part.people, part.within_before, part.within_after, part.gain, part.still_out]
    for site in found.sites:
        numbers += [site.reached, site.only_here, site.loss, site.replacement_loss or 0.0]
    numbers += [refused.loss for refused in found.refused]
    for text in (pdf_text(folder / f"{language}.pdf"), page_text(folder / f"{language}.html")):
        assert not [n for n in numbers if squeezed(words.number(n)) not in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_print_and_page_say_the_same_sentences(folder: Path, language: str) -> None:
    printed, shown = pdf_text(folder / f"{language}.pdf"), page_text(folder / f"{language}.html")
    for section in content(PLAN, None, Words(language)).sections:
        for block in section.blocks:
            if isinstance(block, Table):
                for cell in [cell for row in block.rows for cell in row]:
                    assert squeezed(cell) in shown
                    assert squeezed(cell) in printed
            elif hasattr(block, "text"):
                assert squeezed(block.text) in shown
                assert squeezed(block.text) in printed


def test_the_first_sentence_is_the_headline_and_its_bounds_stand_on_the_same_page(folder: Path) -> None:
    words, h = Words("es"), PLAN.findings.headline
    with pymupdf.open(folder / "es.pdf") as pdf:
        first = squeezed(pdf[0].get_text())
    assert (
        squeezed(f"{words.of_hundred(h.before / h.people)} de cada 100 personas mayores pueden llegar caminando")
        in first
    )
    for figure in (h.cut_people, h.before_low, h.before_high):
        assert words.number(figure) in first
    assert squeezed("TIEMPOS ESTIMADOS") in first
    assert squeezed("Optimalidad") in first
    assert squeezed("Robustez") in first


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_print_is_tagged_titled_and_in_its_language(folder: Path, language: str) -> None:
    with pymupdf.open(folder / f"{language}.pdf") as pdf:
        catalog = pdf.xref_object(pdf.pdf_catalog())
        meta = pdf.get_xml_metadata()
        fonts = {font[3] for page in pdf for font in page.get_fonts()}
        title = pdf.metadata["title"]
    assert "/StructTreeRoot" in catalog
    assert "/Marked true" in catalog
    assert f"/Lang ({language}" in catalog
    assert "pdfuaid:part" in meta
    assert all("NotoSans" in font for font in fonts)
    assert PLAN.findings.town in title


def test_made_up_data_is_marked_on_every_page(folder: Path, tmp_path: Path) -> None:
    mark = squeezed(Words("es").say("made-up.mark"))
    with pymupdf.open(folder / "es.pdf") as pdf:
        assert all(mark in squeezed(page.get_text()) for page in pdf)
    assert mark in page_text(folder / "es.html")
    real = PLAN.with_(
        findings=replace(
            PLAN.findings, made_up=False, assumptions=[a for a in PLAN.findings.assumptions if a.code != "made-up"]
        )
    )
    with pymupdf.open(write_report(real, to=tmp_path / "real.pdf")) as pdf:
        assert not [page for page in pdf if mark in squeezed(page.get_text())]
    assert mark not in page_text(write_report(real, to=tmp_path / "real.html"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_no_outside_host_and_runs_nothing(folder: Path, language: str) -> None:
    page = (folder / f"{language}.html").read_text(encoding="utf-8")
    assert not re.findall(r"https?://", page)
    assert not re.findall(r"(?:src|href|url\()\s*=?\s*[\"']?//", page)
    assert "<script" not in page
    assert "default-src 'none'" in page
    links = set(re.findall(r'href="([^"]*)"', page))
    assert all(link.startswith("#") for link in links)
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links} <= set(ids)


def test_the_page_has_a_language_one_title_and_a_name_for_every_drawing(folder: Path) -> None:
    page = (folder / "es.html").read_text(encoding="utf-8")
    assert '<html lang="es">' in page
    assert page.count("<h1>") == 1
    images = re.findall(r"<svg[^>]*role=\"img\"[^>]*><title>([^<]+)</title><desc>([^<]+)</desc>", page)
    assert len(images) == page.count('role="img"') >= 6
    assert page.count("<svg") - len(images) == page.count('aria-hidden="true"')


def test_the_ten_questions_lead_to_sections_that_exist_and_each_page_is_printed(folder: Path) -> None:
    document = content(PLAN, None, Words("es"))
    asked = next(b for s in document.sections for b in s.blocks if isinstance(b, Questions))
    assert tuple(q.section for q in asked.rows) == TEN
    assert {q.section for q in asked.rows} <= {s.id for s in document.sections}
    assert pdf_text(folder / "es.pdf").count(squeezed("pág.")) >= 10


def test_proven_is_said_only_beside_the_model() -> None:
    proven = PLAN.with_(proven=True, bound=PLAN.value, stopped="proven")
    for language, word, beside in (
        ("es", "emostrado", "dentro del modelo"),
        ("en", "roven", "within the model"),
        ("fr", "émontré", "dans le modèle"),
    ):
        said = content(proven, None, Words(language))
        for text in texts_of(said):
            for sentence in re.split(r"(?<=[.;])\s", text):
                if word in sentence and "no se demuestra" not in sentence and "not proven" not in sentence:
                    assert beside in sentence.lower()
    assert not [t for t in texts_of(content(PLAN, None, Words("es"))) if "Demostrado" in t]


def texts_of(document: object) -> list[str]:
    if isinstance(document, str):
        return [] if document.startswith("<svg") else [document]
    if isinstance(document, tuple):
        return [text for item in document for text in texts_of(item)]
    if hasattr(document, "__dataclass_fields__"):
        return [text for name in document.__dataclass_fields__ for text in texts_of(getattr(document, name))]
    return []


def codes_in(room: str, maker: str) -> set[str]:
    """Every literal first argument of ``maker(...)`` in a room's code."""
    found = set()
    files = sorted((ROOT / room).rglob("*.py")) if (ROOT / room).is_dir() else [ROOT / f"{room}.py"]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and getattr(node.func, "id", "") == maker and node.args
            if named and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_assumption_and_measure_that_the_rooms_make_has_words(language: str) -> None:
    from utopias.scenario.assumed import CODES
    from utopias.scenario.fairness import MEASURES

    words = Words(language)
    assert not [c for c in CODES if f"assumption.{c}" not in words]
    assert not [c for c in codes_in("scenario", "Assumption") if f"assumption.{c}" not in words]
    assert not [c for c in MEASURES if f"measure.{c}" not in words or f"measure.{c}.plain" not in words]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_and_everything_the_draws_move_has_words(language: str) -> None:
    from utopias.siting.doubt import robustness
    from utopias.witness.recount import recount

    words, none = Words(language), np.zeros(0)
    certificate = recount(
        aim="cover-most", starts=np.zeros(2, int), columns=np.zeros(0, int), costs=none, weights=np.ones(1), sites=(), fixed=(), open=None,
        budget=None, site_costs=None, beyond=None, within=None, multipliers=none,
    )  # fmt: skip
    assert certificate.checks
    assert not [name for name in certificate.checks if f"check.{name}" not in words]
    source = ast.parse(inspect.getsource(robustness._varied))
    told = {k.value for d in ast.walk(source) if isinstance(d, ast.Dict) for k in d.keys if isinstance(k, ast.Constant)}
    told |= {
        n.slice.value for n in ast.walk(source) if isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Constant)
    }
    inner = {"block_sd_log", "area_sd_log"}
    assert inner < told
    assert not [name for name in told - inner if f"varied.{name}" not in words]


@pytest.mark.parametrize("suffix", ["pdf", "html"])
def test_an_assumption_without_words_stops_the_report(tmp_path: Path, suffix: str) -> None:
    odd = PLAN.with_(findings=replace(PLAN.findings, assumptions=[Assumption("never-heard-of", {"x": 1})]))
    with pytest.raises(ProblemError, match="never-heard-of") as caught:
        write_report(odd, to=tmp_path / f"r.{suffix}")
    assert caught.value.codes == ("no-words",)
    assert not list(tmp_path.iterdir())


def test_names_of_a_town_are_never_instructions(tmp_path: Path) -> None:
    hostile = 'A #let x = 1 $y$ *b* _c_ <script>alert(1)</script> "q" \\ @ref & [z] {n}'
    findings = replace(PLAN.findings, town=hostile, areas=[replace(PLAN.findings.areas[0], part=hostile)])
    odd = PLAN.with_(findings=findings)
    assert squeezed(hostile) in pdf_text(write_report(odd, to=tmp_path / "odd.pdf"))
    page = write_report(odd, to=tmp_path / "odd.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert html.escape(hostile, quote=False).replace('"', "&#34;") in page


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_sign_our_fonts_lack_is_sought_in_the_machines_else_the_fault_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    def refusing(*_given: object, only_ours: bool) -> bytes:
        if only_ours or not elsewhere:
            raise RuntimeError('PDF/UA-1 error: the text "漢" could not be displayed with font "Noto Sans"')
        return b"%PDF made with the machine's fonts"

    monkeypatch.setattr(print_writer, "_compiled", refusing)
    if elsewhere:
        assert write_report(PLAN, to=tmp_path / "r.pdf").read_bytes().endswith(b"fonts")
        return
    with pytest.raises(PrintError) as caught:
        write_report(PLAN, to=tmp_path / "r.pdf")
    assert caught.value.codes == ("sign-without-font",)
    assert ".html" in caught.value.faults[0].mend
    assert not list(tmp_path.iterdir())


def test_the_same_plan_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for name in ("es.pdf", "es.html"):
        assert write_report(PLAN, to=tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_a_plan_without_findings_or_with_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        write_report(PLAN.with_(findings=None), to=tmp_path / "r.pdf")
    assert caught.value.codes == ("no-findings",)
    with pytest.raises(ProblemError) as caught:
        write_report(PLAN, to=tmp_path / "r.docx")
    assert caught.value.codes == ("unknown-report",)


@pytest.mark.parametrize("suffix", ["pdf", "html"])
def test_what_is_not_known_is_said_and_never_shown_as_zero(tmp_path: Path, suffix: str) -> None:
    bare = PLAN.with_(
        study=None,
        robustness=None,
        certificate=None,
        findings=replace(
            PLAN.findings,
            costs=None,
            supply=[],
            equity=[],
            need=[],
            areas=[],
            refused=[],
            sources=[],
            weighting=None,
            assumptions=[],
        ),
    )
    path = write_report(bare, to=tmp_path / f"bare.{suffix}")
    text = pdf_text(path) if suffix == "pdf" else page_text(path)
    words = Words("es")
    for key in (
        "costs.none",
        "box.robust.none",
        "box.optimal.unchecked",
        "served.none",
        "fair.none",
        "sources.none",
        "colonias.none",
    ):
        assert squeezed(words.say(key)) in text


def served_row(**changes: float) -> tuple[str, ...]:
    """The first row of the table of services, of a pool changed so."""
    pool = replace(PLAN.findings.supply[0], **changes)  # type: ignore[arg-type]
    document = content(PLAN.with_(findings=replace(PLAN.findings, supply=[pool])), None, Words("es"))
    table = next(b for s in document.sections for b in s.blocks if isinstance(b, Table) and b.id == "served")
    assert (Words("es").say("served.note-unknown") in table.note) == bool(changes.get("unknown_after"))
    return table.rows[0]


def test_places_beside_some_that_nobody_knows_are_said_as_at_least_and_gaps_as_at_most() -> None:
    row = served_row(unknown_before=9, unknown_after=9)
    assert row[2:5] == ("≥\u00a039,000", "≥\u00a054,000", "6,000")
    assert row[-1] == "≤\u00a037,000\u00a0→\u00a0≤\u00a041,000"
    assert served_row()[2:5] == ("39,000", "54,000", "6,000")


def test_places_that_nobody_knows_at_all_are_not_known_and_never_0() -> None:
    row = served_row(
        unknown_before=9, unknown_after=9, places_week_before=0.0, substitutes_week=0.0, substitutes_unknown=3
    )
    assert row[2:5] == ("?", "≥\u00a054,000", "?")
    assert row[-1] == "?\u00a0→\u00a0≤\u00a041,000"


def test_costs_of_no_known_year_name_no_year_and_an_unknown_running_cost_is_one_sentence() -> None:
    costs = replace(PLAN.findings.costs, price_year=0, run=None)  # type: ignore[type-var]
    texts = " ".join(texts_of(content(PLAN.with_(findings=replace(PLAN.findings, costs=costs)), None, Words("es"))))
    assert Words("es").say("costs.caption-no-year", currency="MXN") in texts
    assert Words("es").say("ten.answer.run-unknown") in texts
    assert "precios de 0" not in texts


def test_people_in_an_assumption_are_whole_and_a_year_is_no_count() -> None:
    assert read_out(Words("es"), "price_year", 2025) == "2025"
    assert read_out(Words("es"), "people_before", 381_455.78) == "381,456"
    assert read_out(Words("es"), "metres", 0.25) == "0.25"


def test_nobody_to_plan_for_is_said_without_a_share() -> None:
    h = replace(PLAN.findings.headline, people=0.0, before=0.0, after=0.0, gain=0.0, cut_people=0.0)
    empty = PLAN.with_(findings=replace(PLAN.findings, headline=h, groups=[], need=[], areas=[]))
    assert content(empty, None, Words("es")).description.startswith(
        "En Alcaldía Ejemplo no se cuentan personas mayores"
    )


def test_a_comparison_handed_over_is_shown_as_it_came() -> None:
    rows = pd.DataFrame([["North", 1000.0, 417.0, 653.0, 236.0, 0.0, 347.0, 21.5, 12.25]], columns=list(COLUMNS))
    document = content(PLAN, Comparison("area", Minutes(15), rows), Words("en"))
    shown = next(b for s in document.sections for b in s.blocks if isinstance(b, Table) and b.id == "asked-area")
    assert shown.rows[0] == ("North", "1,000", "417 (42%)", "653 (65%)", "+236", "0", "347", "21.5\u00a0→\u00a012.3")


def test_losses_are_never_netted_against_gains(tmp_path: Path) -> None:
    groups = [replace(PLAN.findings.groups[0], gain=12_300.0, loss=4_100.0)]
    text = page_text(write_report(PLAN.with_(findings=replace(PLAN.findings, groups=groups)), to=tmp_path / "r.html"))
    assert "+12,300" in text
    assert "−4,100" in text
    assert "8,200" not in text


def test_the_picture_of_the_map_is_a_png_with_its_sentence(tmp_path: Path) -> None:
    path = write_map_picture(PLAN, to=tmp_path / "map.png")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size > 50_000
    with pytest.raises(ProblemError):
        write_map_picture(PLAN, to=tmp_path / "map.jpg")


def test_a_report_of_a_plan_for_everybody_and_of_one_site_can_be_written(tmp_path: Path) -> None:
    one: Plan = example_plan(side=16, group="all", open=1, made_up=False, estimated=False)
    text = page_text(write_report(one, to=tmp_path / "one.html", language="fr"))
    assert squeezed("Avec une nouvelle unité") in text
    assert squeezed("TEMPS ESTIMÉS") not in text.split(squeezed("Sommaire"))[0]


def test_fifteen_thousand_blocks_are_reported_twice_in_four_seconds(tmp_path: Path) -> None:
    plan = example_plan(side=122)
    started = time.process_time()
    write_report(plan, to=tmp_path / "r.pdf")
    write_report(plan, to=tmp_path / "r.html")
    assert time.process_time() - started < 4.0
    assert (tmp_path / "r.pdf").stat().st_size < 5_000_000
    assert (tmp_path / "r.html").stat().st_size < 2_500_000


def test_only_the_nearest_refused_sites_are_named_and_how_many_there_were_is_said() -> None:
    many = [replace(PLAN.findings.refused[0], id=f"R{k}", name=f"Lot {k}", loss=float(k)) for k in range(200)]
    document = content(PLAN.with_(findings=replace(PLAN.findings, refused=many)), None, Words("en"))
    shown = next(b for s in document.sections for b in s.blocks if isinstance(b, Table) and b.id == "nearly")
    assert len(shown.rows) == 15
    assert "200" in shown.caption


def weighed_plan(index: str) -> Plan:
    """The example as ``--weigh-by`` makes it: its value, losses and gains are of weighted people."""
    assert PLAN.study is not None
    return PLAN.with_(study=replace(PLAN.study, town={**PLAN.study.town, "weighted_by": index}), value=50_796.0)


@pytest.mark.parametrize(
    ("language", "unit"),
    [
        ("es", "personas ponderadas por necesidad"),
        ("en", "people weighted by need"),
        ("fr", "personnes pondérées par le besoin"),
    ],
)
def test_a_weighted_figure_is_never_called_persons(tmp_path: Path, language: str, unit: str) -> None:
    plan, words = weighed_plan("need"), Words(language)
    said = page_text(write_report(plan, to=tmp_path / "p.html", language=language))
    plain = words.say("aim.cover-most.unit")
    findings, certificate = plan.findings, plan.certificate
    assert findings is not None
    assert certificate is not None
    values = {"value": words.number(plan.value), "bound": words.number(plan.bound)}
    again = {"value": words.number(certificate.value), "bound": words.number(certificate.bound)}
    worst = max(findings.sites, key=lambda site: site.loss)
    lost = words.number(worst.loss)
    sentences = [
        ("box.optimal.value", values),
        ("checked.note", again),
        ("sites.falls", {"loss": lost}),
        ("ten.answer.falls", {"number": findings.sites.index(worst) + 1, "site": worst.name, "loss": lost}),
        ("nearly.head.loss", {}),
    ]
    for key, told in sentences:
        assert squeezed(words.say(key, **told, unit=unit)) in said, key
        assert squeezed(words.say(key, **told, unit=plain)) not in said, key
    assert squeezed(f"{words.say('weighting.by-need')} {words.say('weighting.by-need-value')}") in said


def test_a_plan_of_walks_does_not_say_that_its_value_adds_people(tmp_path: Path) -> None:
    plan = weighed_plan("need").with_(aim="least-walk")
    said, words = page_text(write_report(plan, to=tmp_path / "walks.html", language="en")), Words("en")
    assert squeezed(words.say("weighting.by-need")) in said
    assert squeezed(words.say("weighting.by-need-value")) not in said
    assert squeezed("people weighted by need") not in said


def test_the_read_me_of_an_export_says_what_a_weighted_value_counts() -> None:
    told = [
        str(line)
        for plan in (PLAN, weighed_plan("need"))
        for line in read_me(plan, {}, [], spreadsheet="", guarded=0, day="")
    ]
    assert sum("people weighted by need" in line for line in told) == 1


def test_only_the_aim_that_counts_people_changes_its_unit() -> None:
    words = Words("en")
    assert value_unit(words, "cover-most") == "persons"
    assert value_unit(words, "cover-most", "floods") == "people weighted by “floods”"
    assert value_unit(words, "least-walk", "need") == value_unit(words, "least-walk")
