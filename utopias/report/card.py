"""The card that a noun is shown as: pieces of HTML that need no style sheet and no script.

Notebooks, mail and code hosts strip style sheets; so every piece carries its own style. All words
are escaped here; only our own SVG goes in as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from utopias.report import palette
from utopias.report.map_marks import lot_mark
from utopias.report.maps import swatch

_FONT = "font-family:'Noto Sans',system-ui,sans-serif;font-size:14px;line-height:1.45"
_CELL = f"padding:4px 10px 4px 0;border:0;border-bottom:1px solid {palette.RULE};color:{palette.INK};background:{palette.PAPER}"  # fmt: skip


class Row(tuple[str, ...]):
    """The worded cells of a row, the first its name; ``bar``: shares before, after and lost of the whole, to be drawn."""

    bar: tuple[float, float, float] | None

    def __new__(cls, *cells: str, bar: tuple[float, float, float] | None = None) -> Row:
        made = super().__new__(cls, cells)
        made.bar = bar
        return made


def card(title: str, drawing: str, *pieces: str, below: str = "", mark: str = "", credit: str = "") -> str:
    """A white card: mark, title, the drawing beside the pieces where there is room, what is below both, the credit."""
    parts = []
    if mark:
        parts.append(f'<p style="margin:0 0 4px;font-weight:700;color:#8a4b08">{escape(mark)}</p>')
    parts.append(f'<p style="margin:0 0 8px;font-size:18px;font-weight:700">{escape(title)}</p>')
    if drawing:
        pictured = drawing.replace("<svg ", '<svg style="width:100%;height:auto;display:block" ', 1)
        parts.append('<div style="display:flex;flex-wrap:wrap;gap:16px 24px;align-items:flex-start">')
        parts.append(f'<div style="flex:1 1 320px;max-width:480px">{pictured}</div>')
        parts.append(f'<div style="flex:1 1 320px;max-width:640px;min-width:0">{"".join(pieces)}</div></div>')
    else:
        parts.extend(pieces)
    parts.append(below)
    if credit:
        parts.append(f'<p style="margin:8px 0 0;font-size:12px;color:{palette.SOFT}">{escape(credit)}</p>')
    return (
        f'<div style="{_FONT};color:{palette.INK};background:{palette.PAPER};border:1px solid {palette.RULE};'
        f'border-radius:6px;padding:14px 16px;max-width:1100px">{"".join(parts)}</div>'
    )


def paragraphs(said: Iterable[str]) -> str:
    """Sentences under each other."""
    return "".join(f'<p style="margin:0 0 8px">{escape(one)}</p>' for one in said)


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Name and value, row by row."""
    inside = "".join(
        f'<tr style="background:{palette.PAPER}"><th scope="row" style="{_CELL};text-align:left;font-weight:400;color:{palette.SOFT};vertical-align:top;min-width:170px">{escape(name)}</th>'
        f'<td style="{_CELL};text-align:left">{escape(value)}</td></tr>'
        for name, value in rows
    )
    return f'<table style="border-collapse:collapse;margin:0 0 8px;{_FONT}"><tbody>{inside}</tbody></table>'


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, texts: int = 1) -> str:
    """A table: the first ``texts`` columns to the left, figures to the right; a bar at the end of each row that has one."""
    barred = any(getattr(row, "bar", None) for row in rows)
    cells = [f'<th scope="col" style="{_CELL};text-align:{_side(i, texts)};font-weight:700;vertical-align:bottom">{escape(one)}</th>' for i, one in enumerate(head)]  # fmt: skip
    lines = []
    for row in rows:
        made = [f'<th scope="row" style="{_CELL};text-align:left;font-weight:400">{escape(row[0])}</th>']
        made += [f'<td style="{_CELL};text-align:{_side(i, texts)}">{escape(one)}</td>' for i, one in enumerate(row[1:], start=1)]  # fmt: skip
        bar = getattr(row, "bar", None)
        if barred:
            made.append(f'<td style="{_CELL}">{_bar(*bar) if bar else ""}</td>')
        lines.append(f'<tr style="background:{palette.PAPER}">{"".join(made)}</tr>')
    more = f'<th style="{_CELL}"></th>' if barred else ""
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:0 0 8px;'
        f'font-variant-numeric:tabular-nums;{_FONT}"><thead><tr>{"".join(cells)}{more}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def swatches(*named: tuple[str, str]) -> str:
    """The legend of a drawing: kind of ``maps.swatch`` (or ``lot``) and its words."""
    lot = f'<svg viewBox="0 0 120 100" width="24" height="20" aria-hidden="true">{lot_mark(60, 50, 130)}</svg>'
    inside = "".join(
        f'<li style="display:flex;gap:6px;align-items:center;margin:0">{lot if kind == "lot" else swatch(kind)}<span>{escape(said)}</span></li>'
        for kind, said in named
    )
    return f'<ul style="list-style:none;margin:6px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:2px 16px;font-size:12px">{inside}</ul>'


def _side(column: int, texts: int) -> str:
    return "right" if column >= texts else "left"


def _bar(before: float, after: float, lost: float) -> str:
    """Reached before, gained on top, lost out of it (edged): as in the report, 120 wide."""
    kept = max(0.0, before - lost)
    gained = max(0.0, after - kept)
    pieces = [(0.0, 1.0, palette.TRACK, ""), (0.0, kept, palette.REACHED, ""), (kept, gained, palette.GAIN, "")]
    if lost > 0:
        pieces.append((kept + gained, lost, palette.PAPER, f' stroke="{palette.LOSS}" stroke-dasharray="3 2"'))
    drawn = "".join(
        f'<rect x="{120 * start:.1f}" y="1" width="{120 * max(0.0, min(wide, 1.0 - start)):.1f}" height="12" fill="{fill}"{edge}/>'
        for start, wide, fill, edge in pieces
    )
    return f'<svg viewBox="0 0 120 14" width="120" height="14" aria-hidden="true">{drawn}</svg>'
