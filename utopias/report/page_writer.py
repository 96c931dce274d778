"""A worded document as one self-contained page: no request leaves it, no script runs in it.

Drawings stand in the page as SVG, fonts as data; the blocks of the city are written once and every
map of the page uses them. Words are escaped by the template; only our own SVG is let through.
"""

from __future__ import annotations

import base64
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from utopias.report.paper import Block, Document


def page_html(document: Document, *, shared: str = "") -> str:
    """The page as text. ``shared``: drawing definitions that several maps of the page use."""
    environment = _environment()
    macros = environment.get_template("blocks.html").module

    def draw(block: Block) -> str:
        drawn: str = getattr(macros, type(block).__name__)(block)  # safe: the macro escaped its words
        return drawn

    return environment.get_template("page.html").render(
        doc=document,
        draw=draw,
        shared=_inline(shared),
        style=_read("templates/page.css"),
        faces=_faces(),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("utopias.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawn"] = _inline
    return environment


def _inline(svg: str) -> str:
    """Our own SVG into the page: the namespace is implied there."""
    return svg.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1).replace("Noto Sans,", "Noto Sans Report,")


@cache
def _faces() -> str:
    """The two fonts as data, so that numbers look the same on every machine."""
    faces = []
    for weight, name in ((400, "Regular"), (700, "Bold")):
        data = resources.files("utopias.report").joinpath(f"fonts/NotoSans-{name}.ttf").read_bytes()
        coded = base64.b64encode(data).decode("ascii")
        faces.append(
            f'@font-face {{ font-family: "Noto Sans Report"; font-weight: {weight}; font-display: swap; '
            f'src: url("data:font/ttf;base64,{coded}") format("truetype"); }}'
        )
    return "\n".join(faces)


def _read(name: str) -> str:
    return resources.files("utopias.report").joinpath(name).read_text(encoding="utf-8")
