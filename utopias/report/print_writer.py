"""A worded document as print: tagged PDF, or a picture of one map, set by Typst.

The document goes to the template as JSON and the drawings as files beside it, so that no word of
a town can be taken for an instruction to the typesetter. Only our own fonts are used: the same
document gives the same bytes on any machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import typst

from utopias.domain.errors import Fault, UtopiasError
from utopias.report.paper import Document, Figure, Figures, Swatch

# Paper by language: Mexico and its neighbours print on letter, French-speaking cities on A4.
PAPER = {"es": "us-letter", "en": "us-letter", "fr": "a4"}
_NO_SIGN = "could not be displayed"  # Typst's words when a font lacks a sign and tagging demands it


class PrintError(UtopiasError, RuntimeError):
    """The typesetter refused the document; its own words are in the fault."""


def print_pdf(document: Document) -> bytes:
    """The document as PDF/UA-1: tagged, titled, with words for every drawing, fonts embedded."""
    with TemporaryDirectory(prefix="utopias-report-") as name:
        folder = Path(name)
        data = asdict(document)
        for k, (section, source) in enumerate(zip(data["sections"], document.sections, strict=True)):
            section["blocks"] = [
                {"kind": type(block).__name__, **worded}
                | (_figures(folder, block, f"{k}-{j}") if isinstance(block, Figures) else {})
                for j, (worded, block) in enumerate(zip(section["blocks"], source.blocks, strict=True))
            ]
        return _set(folder, "report.typ", data, {"paper": PAPER[document.language]}, format="pdf")


def print_picture(
    *,
    language: str,
    lead: str,
    after: str,
    mark: str,
    figure: Figure,
    legend: tuple[Swatch, ...],
    credit: str,
    ppi: float,
) -> bytes:
    """One map with its sentences, legend and credit, as PNG."""
    with TemporaryDirectory(prefix="utopias-map-") as name:
        folder = Path(name)
        drawn = _figures(folder, Figures((figure,), legend, credit), "map")
        data = {
            "language": language,
            "title": figure.title,
            "lead": lead,
            "after": after,
            "mark": mark,
            "figure": drawn["figures"][0],
            "legend": drawn["legend"],
            "credit": credit,
        }
        return _set(folder, "picture.typ", data, {}, format="png", ppi=ppi)


def _figures(folder: Path, block: Figures, name: str) -> dict[str, Any]:
    """The drawings written as files, and where they are."""
    figures, legend = [], []
    for i, figure in enumerate(block.figures):
        file = f"{name}-{i}.svg"
        (folder / file).write_text(figure.svg, encoding="utf-8")
        figures.append({"id": figure.id, "title": figure.title, "alt": figure.alt, "file": file})
    for i, swatch in enumerate(block.legend):
        file = f"{name}-legend-{i}.svg"
        (folder / file).write_text(swatch.svg, encoding="utf-8")
        legend.append({"label": swatch.label, "file": file})
    return {"figures": figures, "legend": legend}


def _set(
    folder: Path,
    template: str,
    data: dict[str, Any],
    inputs: dict[str, str],
    *,
    format: Literal["pdf", "png"],
    ppi: float | None = None,
) -> bytes:
    room = resources.files("utopias.report")
    main = folder / "main.typ"
    main.write_text(room.joinpath(f"templates/{template}").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "document.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    with _fonts() as fonts:
        try:
            return _compiled(main, folder, fonts, inputs, format, ppi, only_ours=True)
        except Exception as refused:  # the wheel raises its own kinds, some without a common root
            if _NO_SIGN not in str(refused):
                raise PrintError(Fault("not-printed", str(refused).strip(), where=template)) from refused
        try:  # a sign that our fonts lack: those of the machine may have it
            return _compiled(main, folder, fonts, inputs, format, ppi, only_ours=False)
        except Exception as refused:
            raise PrintError(
                Fault(
                    code="sign-without-font",
                    what=str(refused).strip(),
                    where="names of the town",
                    mend="install a font that has it (Noto covers every script), or write the report as .html",
                )
            ) from refused


def _compiled(
    main: Path,
    folder: Path,
    fonts: Path,
    inputs: dict[str, str],
    format: Literal["pdf", "png"],
    ppi: float | None,
    *,
    only_ours: bool,
) -> bytes:
    made: bytes = typst.compile(
        main,
        root=folder,
        font_paths=[fonts],
        ignore_system_fonts=only_ours,
        format=format,
        ppi=ppi,
        sys_inputs=inputs,
        pdf_standards="ua-1" if format == "pdf" else None,
    )
    return made


@contextmanager
def _fonts() -> Iterator[Path]:
    with resources.as_file(resources.files("utopias.report").joinpath("fonts")) as fonts:
        yield fonts
