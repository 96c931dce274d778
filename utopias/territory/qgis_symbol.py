"""One mark, fill or label in the XML of QGIS: the small change of a style."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

INK, PAPER = "27,31,36,255", "255,255,255,255"
# Families that Windows, macOS and Linux bring; QGIS takes its own where it finds none.
FAMILY = "Noto Sans"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A mark of ``size`` mm for points, or a fill for areas (``size`` 0).

    outline : its colour; empty: none, so that at a city's scale the fills are seen and not their edges.
    width : of the outline, mm. number : column whose text stands in the mark; empty: none.
    shape : of a mark; "line": a line of ``size`` mm. alpha : 1 hides what lies under it, 0 is not seen.
    """

    colour: str
    outline: str = ""
    size: float = 0.0
    shape: str = "circle"
    width: float = 0.1
    number: str = ""
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Label:
    """Names beside marks: an expression of QGIS, points, and the largest scale denominator they are drawn at."""

    text: str
    size: float
    nearer_than: int


def symbol_xml(number: int, symbol: Symbol) -> str:
    """The symbol that a class knows by its number."""
    if symbol.shape == "line":
        width = {"line_color": rgba(symbol.colour), "line_width": f"{symbol.size:g}", "line_width_unit": "MM"}
        return f'<symbol type="line" name="{number}" alpha="{symbol.alpha:g}">{_layer("SimpleLine", width)}</symbol>'
    edge = {
        "outline_color": rgba(symbol.outline) if symbol.outline else INK,
        "outline_style": "solid" if symbol.outline else "no",
        "outline_width": f"{symbol.width:g}",
        "outline_width_unit": "MM",
    }
    if not symbol.size:
        inside = _layer("SimpleFill", {"style": "solid", "color": rgba(symbol.colour), **edge})
        return f'<symbol type="fill" name="{number}" alpha="{symbol.alpha:g}">{inside}</symbol>'
    mark = {"name": symbol.shape, "size": f"{symbol.size:g}", "size_unit": "MM", "color": rgba(symbol.colour)}
    inside = _layer("SimpleMarker", mark | edge)
    if symbol.number:
        text = {"font": FAMILY, "font_style": "Bold", "chr": "", "size": f"{symbol.size * 0.62:g}", "size_unit": "MM", "color": INK}  # fmt: skip
        inside += _layer("FontMarker", text | {"outline_width": "0"}, _from_column("char", symbol.number))
    return f'<symbol type="marker" name="{number}" alpha="{symbol.alpha:g}">{inside}</symbol>'


def labelling(label: Label) -> str:
    """The labels of a layer: dark letters in a white halo, beside their mark, kept off each other."""
    return (
        '<labeling type="simple"><settings>'
        f'<text-style isExpression="1" fieldName="{escape(_expression(label.text))}" fontFamily="{FAMILY}" '
        f'fontSize="{label.size:g}" fontSizeUnit="Point" namedStyle="Bold" fontWeight="75" textColor="{INK}" textOpacity="1" multilineHeight="1">'
        f'<text-buffer bufferDraw="1" bufferSize="0.9" bufferSizeUnits="MM" bufferColor="{PAPER}" bufferOpacity="1" bufferNoFill="1" bufferJoinStyle="128"/>'
        "</text-style>"
        '<text-format wrapChar="" autoWrapLength="22" multilineAlign="0"/>'
        '<placement placement="6" dist="1" distUnits="MM" priority="8" offsetType="1" '
        'predefinedPositionOrder="R,L,TR,BR,TL,BL,T,B"/>'
        f'<rendering drawLabels="1" obstacle="1" scaleVisibility="1" scaleMin="1" scaleMax="{label.nearer_than}"/>'
        "</settings></labeling>"
    )


def rgba(colour: str) -> str:
    """``#rrggbb`` as QGIS says it: red, green, blue, alpha of 255."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


def _expression(text: str) -> str:
    return text if any(sign in text for sign in ' "(') else f'"{text}"'


def _layer(kind: str, said: dict[str, str], more: str = "") -> str:
    properties = "".join(f'<prop k="{key}" v="{value}"/>' for key, value in said.items())
    return f'<layer class="{kind}" enabled="1" locked="0" pass="0">{properties}{more}</layer>'


def _from_column(property: str, column: str) -> str:
    """A property of a symbol that each row says itself (QGIS: data defined; type 2 is a column)."""
    return (
        '<data_defined_properties><Option type="Map"><Option type="QString" name="name" value=""/>'
        f'<Option type="Map" name="properties"><Option type="Map" name="{property}">'
        f'<Option type="bool" name="active" value="true"/><Option type="QString" name="field" value="{column}"/>'
        '<Option type="int" name="type" value="2"/></Option></Option>'
        '<Option type="QString" name="type" value="collection"/></Option></data_defined_properties>'
    )
