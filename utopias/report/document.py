"""From a plan to something to hold: a report as PDF or as one page, and a map as a picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from utopias.domain.choices import Choices
from utopias.domain.closure import Closure
from utopias.domain.comparison import Comparison
from utopias.domain.errors import Fault, ProblemError
from utopias.domain.plan import Plan
from utopias.domain.progress import Progress, silent
from utopias.domain.sentences import Sentence
from utopias.domain.trade_off import TradeOff
from utopias.language.words import Words
from utopias.report.content import content
from utopias.report.first_page import after_sentence, lead, map_credit, map_figure, map_legend
from utopias.report.maps import block_definitions, prepare
from utopias.report.page_writer import page_html
from utopias.report.paper import Document
from utopias.report.print_writer import print_pdf, print_picture
from utopias.report.telling import Telling

KINDS = (".pdf", ".html")
_SHARE = "b"  # the id prefix of the blocks that every map of a page shares


def write_report(
    plan: Plan,
    table: Comparison | None = None,
    *,
    to: str | Path,
    language: str = "es",
    trade_off: TradeOff | None = None,
    choices: Choices | None = None,
    closed: Sequence[Closure] = (),
    progress: Progress = silent,
) -> Path:
    """Write the report of ``plan`` as ``to`` says by its suffix: .pdf (tagged, PDF/UA-1) or .html.

    Parameters
    ----------
    plan : with findings (``u.findings``); with a study too if it is to show maps.
    table : a comparison to print beside those of the findings.
    trade_off, choices : a curve and the plans nearly as good: with either there is a page to choose from.
    closed : each unit closed by itself, as ``u.closures`` gives them: with any there is a section of it.
    to : file; its folder is made where missing. An existing file is replaced, whole or not at all.
    language : es, en or fr.
    progress : stages "map", "report".

    Returns
    -------
    The path written.

    Raises
    ------
    ProblemError : another suffix; no findings; a code in the findings without words in ``language``.
    """
    path = Path(to)
    if path.suffix.lower() not in KINDS:
        raise ProblemError(
            Fault(
                "unknown-report",
                Sentence("{file} is neither .pdf nor .html", file=path.name),
                where="to",
                mend="give one of these suffixes",
            )
        )
    words = Words(language)
    progress("map", 0.0)
    ink = None if plan.study is None else prepare(plan)
    progress("report", 0.3)
    if path.suffix.lower() == ".pdf":
        made = print_pdf(content(plan, table, words, ink=ink, trade_off=trade_off, choices=choices, closed=closed))
    else:
        document = content(
            plan, table, words, ink=ink, share=_SHARE, trade_off=trade_off, choices=choices, closed=closed
        )
        made = page_html(document, shared="" if ink is None else block_definitions(ink, _SHARE)).encode("utf-8")
    written = _whole_file(path, made)
    progress("report", 1.0)
    return written


def write_document(document: Document, *, to: str | Path) -> Path:
    """Write a worded document as ``to`` says by its suffix, .pdf or .html, whole or not at all; give the path."""
    path = Path(to)
    made = print_pdf(document) if path.suffix.lower() == ".pdf" else page_html(document).encode("utf-8")
    return _whole_file(path, made)


def write_map_picture(plan: Plan, *, to: str | Path, language: str = "es", ppi: float = 144.0) -> Path:
    """Write the map after the plan, with its sentence, legend and credit, as a PNG."""
    path = Path(to)
    if path.suffix.lower() != ".png":
        raise ProblemError(
            Fault("unknown-picture", Sentence("{file} is no .png", file=path.name), where="to", mend="name it .png")
        )
    words = Words(language)
    telling, ink = Telling.of(plan, words), prepare(plan)
    made = print_picture(
        language=language,
        lead=lead(telling),
        after=after_sentence(telling),
        mark=words.say("made-up.mark") if telling.findings.made_up else "",
        figure=map_figure(telling, ink, "after", named=True),
        legend=map_legend(telling, ink),
        credit=map_credit(telling),
        ppi=ppi,
    )
    return _whole_file(path, made)


def _whole_file(path: Path, data: bytes) -> Path:
    """Written beside, then renamed: no half report exists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path
