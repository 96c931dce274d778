"""Styles that QGIS finds in a GeoPackage and uses when it opens a layer: the table ``layer_styles``.

A style is QML, the XML in which QGIS keeps a layer's look (docs.qgis.org, "QML"). Written small:
one renderer, one symbol a class, labels where a name helps, in properties that every QGIS 3 reads.
Colours are those of the report: lightness falls along the scale, so that order is seen in grey too,
and places are told apart by their shape. Opened and drawn by QGIS 3.22: ``tests/report/look_in_qgis.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from utopias.territory.qgis_symbol import Label, Symbol, labelling, symbol_xml

INK, SOFT, PAPER = "#1b1f24", "#5b636d", "#ffffff"
REACH = {
    "gained": "#1c4f8f",
    "reached": "#8db6dd",
    "out": "#ead7b5",
    "lost": "#c96f12",
    "no way": "#fefefe",
    "empty": "#fbfbf9",
    "around": "#e6e8ea",
}
EDGED = ("no way", "lost")  # told by an outline too
QUINTILES = {"1": "#f2ecdd", "2": "#ead7b5", "3": "#d9ab6d", "4": "#b3752f", "5": "#74430f", "0": "#e6e8ea"}
# Minutes to the nearest unit, by parts of the limit: blue within it, sand beyond; at 15 min: 5, 10, 15, 30.
MINUTES = ((1 / 3, "#1c4f8f"), (2 / 3, "#5786bf"), (1.0, "#8db6dd"), (2.0, "#ead7b5"))
OVER, UNREACHED = "#d9ab6d", "#b3752f"
NEAR, NEARER = 60_000, 25_000  # largest scale denominators at which small marks, and names, are drawn
SPOT = 1.4  # mm: a block of which only a point is known
# When a style was made, as QGIS wants to know: long ago, so that one that a user saves goes before ours,
# and the same plan gives the same rows.
MADE = "2000-01-01T00:00:00Z"
STATES = {
    "fixed": Symbol(INK, PAPER, 3.2, "square", 0.5),
    "chosen": Symbol(PAPER, INK, 5.4, "circle", 0.6, number="number"),
    "not chosen": Symbol(PAPER, SOFT, 1.8, "circle", 0.35),
    "provider": Symbol(SOFT, PAPER, 1.9, "triangle", 0.3),
}
LOOKS = ("reach", "minutes after", "minutes before", "need")
CLASSES = ("over", "not reached")  # words of the minutes' legend, beside the plain numbers


@dataclass(frozen=True, slots=True)
class Style:
    """One named look of one layer; the default one is used when the layer is opened."""

    layer: str
    name: str
    qml: str
    default: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A class of a rule-based look: which rows (an expression of QGIS; "ELSE": all others), called what, how.

    nearer_than : drawn only at scales of this denominator or smaller; 0 at all.
    """

    rows: str
    label: str
    symbol: Symbol
    nearer_than: int = 0


def plan_styles(
    labels: Mapping[str, str],
    *,
    limit: float = 15.0,
    ends: float = 60.0,
    spots: bool = False,
    found: Collection[str] = tuple(REACH),
) -> list[Style]:
    """The looks of a plan's layers.

    Parameters
    ----------
    labels : what the legend calls a class or a look; its own word where none is given.
    limit : minutes that *within* means; the classes of minutes are parts of it.
    ends : minutes at which the plan's table of times ends.
    spots : the blocks are points, for want of outlines: small squares are drawn, not fills.
    found : the values of ``reach`` that occur; a class that nobody is in would only lengthen the legend.
    """
    said = {name: labels.get(name, name) for name in (*REACH, *STATES, *QUINTILES, *LOOKS, *CLASSES)}
    size = SPOT if spots else 0.0
    fills = {value: _area(value, size) for value in REACH if value in found}
    fifths = {value: Symbol(colour, size=size, shape="square") for value, colour in QUINTILES.items()}
    sites = [
        Rule("\"state\" = 'chosen'", said["chosen"], STATES["chosen"]),
        Rule("ELSE", said["not chosen"], STATES["not chosen"], NEAR),
    ]
    named = Label("name", 8.0, NEARER)
    return [
        Style("blocks", said["reach"], categorised("reach", fills, said)),
        Style("blocks", said["minutes after"], ruled(minutes("minutes_after", limit, ends, said, size)), default=False),
        Style(
            "blocks", said["minutes before"], ruled(minutes("minutes_before", limit, ends, said, size)), default=False
        ),
        Style("blocks", said["need"], categorised("quintile", fifths, said), default=False),
        Style("units", "units", ruled([Rule("ELSE", said["fixed"], STATES["fixed"])], label=named)),
        Style(
            "sites", "sites", ruled(sites, label=Label('CASE WHEN "state" = \'chosen\' THEN "name" END', 8.0, NEARER))
        ),
        Style("providers", "providers", ruled([Rule("ELSE", said["provider"], STATES["provider"], NEAR)])),
    ]


def minutes(column: str, limit: float, ends: float, said: Mapping[str, str], size: float = 0.0) -> list[Rule]:
    """The classes of a column of minutes: up to each part of the limit, over all, not reached, around."""
    edges = [(round(limit * part, 1), colour) for part, colour in MINUTES]
    rules = []
    low = 0.0
    for high, colour in edges:
        rows = f'"planned" AND "{column}" <= {high:g}' + (f' AND "{column}" > {low:g}' if low else "")
        rules.append(Rule(rows, f"{low:g}–{high:g} min", Symbol(colour, size=size, shape="square")))
        low = high
    if ends > low:
        rules.append(
            Rule(
                f'"planned" AND "{column}" > {low:g}',
                f"{said['over']} {low:g} min",
                Symbol(OVER, size=size, shape="square"),
            )
        )
    rules.append(
        Rule(f'"planned" AND "{column}" IS NULL', said["not reached"], Symbol(UNREACHED, size=size, shape="square"))
    )
    rules.append(Rule("ELSE", said["around"], _area("around", size)))
    return rules


def _area(reach: str, size: float) -> Symbol:
    return Symbol(REACH[reach], INK if reach in EDGED else "", size, "square", 0.2)


def style_table(styles: Sequence[Style]) -> pd.DataFrame:
    """The rows of ``layer_styles``, with the columns that QGIS writes itself.

    All of them are needed: QGIS orders by ``update_time`` to find the default, and finds none without it.
    """
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
            "update_time": pd.Timestamp(MADE),
        }
    )


def categorised(column: str, symbols: Mapping[str, Symbol], labels: Mapping[str, str]) -> str:
    """One symbol a value of ``column``."""
    classes = "".join(
        f'<category render="true" symbol="{i}" value={_quoted(value)} label={_quoted(labels.get(value, value))}/>'
        for i, value in enumerate(symbols)
    )
    drawn = "".join(symbol_xml(i, symbol) for i, symbol in enumerate(symbols.values()))
    return _qml(
        f'<renderer-v2 type="categorizedSymbol" attr={_quoted(column)}>'
        f"<categories>{classes}</categories><symbols>{drawn}</symbols></renderer-v2>"
    )


def ruled(rules: Sequence[Rule], *, label: Label | None = None) -> str:
    """One symbol a rule; the legend in the rules' order."""
    classes = "".join(
        f'<rule key="{{r{i}}}" symbol="{i}" filter={_quoted(rule.rows)} label={_quoted(rule.label)}'
        + (f' scalemaxdenom="{rule.nearer_than}" scalemindenom="1"' if rule.nearer_than else "")
        + "/>"
        for i, rule in enumerate(rules)
    )
    drawn = "".join(symbol_xml(i, rule.symbol) for i, rule in enumerate(rules))
    return _qml(
        f'<renderer-v2 type="RuleRenderer"><rules key="{{root}}">{classes}</rules>'
        f"<symbols>{drawn}</symbols></renderer-v2>",
        label,
    )


def _quoted(value: str) -> str:
    return f'"{escape(value)}"'


def _qml(renderer: str, label: Label | None = None) -> str:
    named = ' labelsEnabled="1"' if label else ""
    return (
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">'
        f'<qgis version="3.22" styleCategories="Symbology|Labeling"{named}>'
        f"{renderer}{labelling(label) if label else ''}</qgis>"
    )
