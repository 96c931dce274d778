"""Styles that QGIS finds in a GeoPackage and uses when it opens a layer: the table ``layer_styles``.

A style is QML, the XML in which QGIS keeps a layer's look (docs.qgis.org, "QML"). Written small:
one renderer, one symbol a class, in properties that every QGIS 3 reads. Colours are those of the
report: lightness falls along the scale, so that order is seen in grey too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

LINE, INK = "#a9a59b", "#1b1f24"
REACH = {
    "gained": "#1c4f8f",
    "reached": "#8db6dd",
    "out": "#ead7b5",
    "lost": "#c96f12",
    "no way": "#ffffff",
    "empty": "#e9e9e6",
    "around": "#f0efec",
}
QUINTILES = {"1": "#f2ecdd", "2": "#ead7b5", "3": "#d9ab6d", "4": "#b3752f", "5": "#74430f", "0": "#ffffff"}
MINUTES = ((0.0, 5.0, "#1c4f8f"), (5.0, 10.0, "#5786bf"), (10.0, 15.0, "#8db6dd"), (15.0, 30.0, "#ead7b5"), (30.0, 1e6, "#f6efe0"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Symbol:
    """A mark of ``size`` mm for points, or a fill for areas (``size`` 0)."""

    colour: str
    outline: str = LINE
    size: float = 0.0
    shape: str = "circle"


@dataclass(frozen=True, slots=True)
class Style:
    """One named look of one layer; the default one is used when the layer is opened."""

    layer: str
    name: str
    qml: str
    default: bool = True


STATES = {
    "chosen": Symbol("#ffffff", INK, 5.0, "star"),
    "not chosen": Symbol("#ffffff", "#5b636d", 1.8, "circle"),
}


def plan_styles(labels: Mapping[str, str]) -> list[Style]:
    """The looks of a plan's layers. ``labels``: what the legend calls a class; its own word where none is given."""
    fills = {value: Symbol(colour) for value, colour in REACH.items()}
    fifths = {value: Symbol(colour) for value, colour in QUINTILES.items()}
    return [
        Style("blocks", "reach", categorised("reach", fills, labels)),
        Style("blocks", "need", categorised("quintile", fifths, labels), default=False),
        Style("blocks", "minutes after", graduated("minutes_after", MINUTES), default=False),
        Style("units", "units", single(Symbol(INK, "#ffffff", 3.2, "square"))),
        Style("sites", "sites", categorised("state", STATES, labels)),
        Style("providers", "providers", single(Symbol("#5b636d", "#ffffff", 1.6, "triangle"))),
    ]


def style_table(styles: Sequence[Style]) -> pd.DataFrame:
    """The rows of ``layer_styles``, with the columns that QGIS writes itself."""
    return pd.DataFrame(
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": [style.layer for style in styles],
            "f_geometry_column": "geom",
            "styleName": [style.name for style in styles],
            "styleQML": [style.qml for style in styles],
            "styleSLD": "",
            "useAsDefault": [style.default for style in styles],
            "description": "",
            "owner": "",
            "ui": "",
        }
    )


def single(symbol: Symbol) -> str:
    """Every feature alike."""
    return _qml(f'<renderer-v2 type="singleSymbol"><symbols>{_symbol(0, symbol)}</symbols></renderer-v2>')


def categorised(column: str, symbols: Mapping[str, Symbol], labels: Mapping[str, str]) -> str:
    """One symbol a value of ``column``."""
    classes = "".join(
        f'<category render="true" symbol="{i}" value={_quoted(value)} label={_quoted(labels.get(value, value))}/>'
        for i, value in enumerate(symbols)
    )
    drawn = "".join(_symbol(i, symbol) for i, symbol in enumerate(symbols.values()))
    return _qml(
        f'<renderer-v2 type="categorizedSymbol" attr={_quoted(column)}>'
        f"<categories>{classes}</categories><symbols>{drawn}</symbols></renderer-v2>"
    )


def graduated(column: str, ranges: Sequence[tuple[float, float, str]]) -> str:
    """One fill a range of ``column``: from, up to, colour. A value on a border is of the lower range."""
    classes = "".join(
        f'<range render="true" symbol="{i}" lower="{low:g}" upper="{high:g}" label="{_span(low, high)}"/>'
        for i, (low, high, _) in enumerate(ranges)
    )
    drawn = "".join(_symbol(i, Symbol(colour)) for i, (_, _, colour) in enumerate(ranges))
    return _qml(
        f'<renderer-v2 type="graduatedSymbol" graduatedMethod="GraduatedColor" attr={_quoted(column)}>'
        f"<ranges>{classes}</ranges><symbols>{drawn}</symbols></renderer-v2>"
    )


def _span(low: float, high: float) -> str:
    return f"&gt; {low:g} min" if high >= 1e6 else f"{low:g} - {high:g} min"


def _symbol(number: int, symbol: Symbol) -> str:
    if symbol.size:
        kind, layer = "marker", "SimpleMarker"
        said = {
            "name": symbol.shape,
            "size": f"{symbol.size:g}",
            "size_unit": "MM",
            "color": _rgba(symbol.colour),
            "outline_color": _rgba(symbol.outline),
            "outline_width": "0.4",
        }
    else:
        kind, layer = "fill", "SimpleFill"
        said = {
            "style": "solid",
            "color": _rgba(symbol.colour),
            "outline_color": _rgba(symbol.outline),
            "outline_style": "solid",
            "outline_width": "0.1",
            "outline_width_unit": "MM",
        }
    properties = "".join(f'<prop k="{key}" v="{value}"/>' for key, value in said.items())
    return f'<symbol type="{kind}" name="{number}" alpha="1"><layer class="{layer}" enabled="1" locked="0" pass="0">{properties}</layer></symbol>'


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


def _quoted(value: str) -> str:
    return f'"{escape(value)}"'


def _qml(renderer: str) -> str:
    return f'<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM"><qgis version="3.22" styleCategories="Symbology">{renderer}</qgis>'
